"""Random conditions and hips, and Kleene's logic written down once more in the plainest way.

An oracle for the compiled conditions; nothing here knows how the engine evaluates.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from precollapse.facts.table import HipTable
from precollapse.knowledge.conditions import (
    AllOf,
    Always,
    AnyOf,
    AtLeast,
    BothHips,
    Compare,
    Condition,
    EitherHip,
    Holds,
    Leaf,
    Not,
    OneOf,
    OtherHip,
    Since,
)
from tests.facts.people import KNOWLEDGE

Row = dict[str, Any]
YES_NO = ["hip_pain", "limp", "fever", "mri_osteonecrosis"]
NUMBERS = ["age_years", "c_reactive_protein"]
CHOICE = "smoking_status"
CHOICES = tuple(KNOWLEDGE.concepts[CHOICE].choices)


def conditions() -> st.SearchStrategy[Condition]:
    """Trees of every form the language has."""
    fact, number = st.sampled_from(YES_NO), st.sampled_from(NUMBERS)
    bound = st.sampled_from([None, 1.0, 2.0, 3.0])
    window = st.sampled_from([(1.0, None), (None, 2.0), (1.0, 2.0), (2.0, 3.0), (1.0, 3.0)])
    leaves: st.SearchStrategy[Condition] = st.one_of(
        st.builds(Holds, fact),
        st.builds(
            lambda fact, pair, *open_: Compare(fact, *pair, *open_),
            number,
            window,
            st.booleans(),
            st.booleans(),
        ),
        st.builds(OneOf, st.just(CHOICE), st.lists(st.sampled_from(CHOICES), min_size=1).map(tuple)),
        st.builds(Since, fact, bound, bound),
        st.builds(BothHips, fact),
        st.builds(OtherHip, fact),
        st.builds(EitherHip, fact),
        st.just(Always()),
    )

    def wider(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
        parts = st.lists(inner, min_size=1, max_size=4).map(tuple)
        return st.one_of(
            st.builds(Not, inner), st.builds(AllOf, parts), st.builds(AnyOf, parts),
            st.builds(AtLeast, st.integers(1, 3), parts),
        )  # fmt: skip

    return st.recursive(leaves, wider, max_leaves=12)


@st.composite
def patients(draw: st.DrawFn) -> list[Row]:
    """Hips of one to three people, some with a hip of no named side."""
    rows = []
    for person in range(draw(st.integers(1, 3))):
        for hip in ["left", "right", *draw(st.sampled_from([[], ["unspecified"]]))]:
            row: Row = {"person": person, "hip": hip, CHOICE: draw(st.sampled_from([None, *CHOICES]))}
            for fact in YES_NO:
                row[fact] = draw(st.sampled_from([True, False, None]))
                row[f"{fact}.years"] = draw(st.sampled_from([None, 0.5, 1.0, 2.5]))
            for number in NUMBERS:
                low, high = sorted(draw(st.sampled_from([0.0, 1.0, 2.0, 3.0, 4.0])) for _ in range(2))
                row[number] = draw(st.sampled_from([(low, high), (low, low), None]))
            rows.append(row)
    return rows


def table_of(rows: list[Row]) -> HipTable:
    """The same hips as the engine's arrays."""
    first = {row["person"]: n for n, row in reversed(list(enumerate(rows)))}
    left = np.array([first[row["person"]] for row in rows])
    table = HipTable(
        KNOWLEDGE,
        np.array([row["person"] for row in rows], dtype=np.uint32),
        np.array([row["hip"] for row in rows], dtype="U11"),
        left,
        left + 1,
    )
    for fact in YES_NO:
        signs = {True: 1, False: -1, None: 0}
        table.truths[fact] = np.array([signs[row[fact]] for row in rows], dtype=np.int8)
        table.since[fact] = np.array(
            [np.nan if row[f"{fact}.years"] is None else row[f"{fact}.years"] for row in rows]
        )
    for number in NUMBERS:
        bounds = [row[number] or (np.nan, np.nan) for row in rows]
        table.lows[number], table.highs[number] = (np.array([b[end] for b in bounds]) for end in (0, 1))
    places = [-1 if row[CHOICE] is None else CHOICES.index(row[CHOICE]) for row in rows]
    table.choices[CHOICE] = np.array(places, dtype=np.int16)
    return table


def kleene(condition: Condition, row: Row, rows: list[Row]) -> bool | None:
    """True, false or unknown, straight from the definitions."""
    match condition:
        case Always():
            return True
        case Not(part):
            return negated(kleene(part, row, rows))
        case AllOf(parts):
            return at_least(len(parts), [kleene(part, row, rows) for part in parts])
        case AnyOf(parts):
            return at_least(1, [kleene(part, row, rows) for part in parts])
        case AtLeast(count, parts):
            return at_least(count, [kleene(part, row, rows) for part in parts])
        case _:
            return answer(condition, row, rows)


def answer(leaf: Leaf, row: Row, rows: list[Row]) -> bool | None:
    """What one hip answers to a single comparison."""
    known = row[leaf.fact]
    match leaf:
        case Holds():
            return known
        case OneOf(_, choices):
            return None if known is None else known in choices
        case Since(fact, least, most):
            years = row[f"{fact}.years"]
            return at_least(2, [known, between(years, years, least, most, False, False)])
        case Compare(_, least, most, open_low, open_high):
            return between(*(known or (None, None)), least, most, open_low, open_high)
        case BothHips(fact):
            return at_least(2, [hip[fact] for hip in of_person(row, rows).values()])
        case OtherHip(fact):
            other = {"left": "right", "right": "left"}.get(row["hip"])
            return of_person(row, rows)[other][fact] if other else None
        case EitherHip(fact):
            return at_least(1, [hip[fact] for hip in rows if hip["person"] == row["person"]])


def negated(value: bool | None) -> bool | None:
    return None if value is None else not value


def at_least(count: int, values: list[bool | None]) -> bool | None:
    if values.count(True) >= count:
        return True
    return False if len(values) - values.count(False) < count else None


def between(
    low: float | None,
    high: float | None,
    least: float | None,
    most: float | None,
    open_low: bool,
    open_high: bool,
) -> bool | None:
    """Whether every, no or only some number between low and high lies within the limits."""
    if least is None and most is None:
        return True
    if low is None or high is None:
        return None
    halves = [low + (high - low) * step / 8 for step in range(9)]
    inside = [
        (least is None or x > least or (x == least and not open_low))
        and (most is None or x < most or (x == most and not open_high))
        for x in halves
    ]
    return True if all(inside) else None if any(inside) else False


def of_person(row: Row, rows: list[Row]) -> dict[str, Row]:
    sided = [hip for hip in rows if hip["person"] == row["person"] and hip["hip"] != "unspecified"]
    return {hip["hip"]: hip for hip in sided}
