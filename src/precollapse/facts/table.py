"""The table of hips: one row per hip, columns per concept, unknown wherever nothing is known.

Columns exist only for what somebody recorded; every other concept is one shared column of unknowns. Truth
is kept as 1, -1 and 0 (see ``logic.py``), a number as a lower and an upper bound, a choice as its place
among the concept's choices, and a time as years before the assessment. NaN is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from precollapse.facts.resolve import Groups
from precollapse.facts.rows import (
    CHOICE,
    DATE,
    HIPS,
    NUMBER,
    OF_PATIENT,
    ConceptColumns,
    FactRows,
    concept_columns,
    day_number,
    known,
)
from precollapse.knowledge.bundle import Knowledge

Truth = npt.NDArray[np.int8]
Number = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

FALSE, UNKNOWN, TRUE = -1, 0, 1
DAYS_PER_YEAR = 365.25


@dataclass(slots=True)
class HipTable:
    """Facts of N hips, by concept.

    Attributes
    ----------
    persons, hips
        Person and hip ("left", "right", "unspecified") of each row; the rows of a person stand together.
    left, right
        For each row the rows of the same person's left and right hip.
    overruled
        Where a recorded denial gave way to something narrower that was recorded as present.
    """

    knowledge: Knowledge
    persons: npt.NDArray[np.uint32]
    hips: npt.NDArray[np.str_]
    left: Rows
    right: Rows
    truths: dict[str, Truth] = field(default_factory=dict)
    choices: dict[str, npt.NDArray[np.int16]] = field(default_factory=dict)
    lows: dict[str, Number] = field(default_factory=dict)
    highs: dict[str, Number] = field(default_factory=dict)
    since: dict[str, Number] = field(default_factory=dict)
    overruled: dict[str, npt.NDArray[np.bool_]] = field(default_factory=dict)

    @property
    def height(self) -> int:
        """Return the number of hips."""
        return len(self.persons)

    @property
    def known(self) -> set[str]:
        """Return the concepts of which anything is known of any hip."""
        return {*self.truths, *self.choices, *self.lows, *self.highs, *self.since}

    @property
    def is_left(self) -> npt.NDArray[np.bool_]:
        """Return which rows are left hips."""
        return np.equal(self.left, np.arange(self.height))

    @property
    def is_sided(self) -> npt.NDArray[np.bool_]:
        """Return which rows are of a known side."""
        return np.equal(self.left, np.arange(self.height)) | np.equal(self.right, np.arange(self.height))

    def truth(self, concept: str) -> Truth:
        """Return whether a concept holds; for a date, true where it is known."""
        found = self.truths.get(concept)
        return np.zeros(self.height, dtype=np.int8) if found is None else found

    def low(self, concept: str) -> Number:
        """Return the lower bound of a number, in the concept's unit."""
        return self.lows[concept] if concept in self.lows else self._nothing()

    def high(self, concept: str) -> Number:
        """Return the upper bound of a number, in the concept's unit."""
        return self.highs[concept] if concept in self.highs else self._nothing()

    def years(self, concept: str) -> Number:
        """Return how many years before the assessment something began."""
        return self.since[concept] if concept in self.since else self._nothing()

    def choice(self, concept: str) -> npt.NDArray[np.int16]:
        """Return the place of the answer among the concept's choices; -1 is unknown."""
        found = self.choices.get(concept)
        return np.full(self.height, -1, dtype=np.int16) if found is None else found

    def is_choice(self, concept: str, wanted: tuple[str, ...]) -> Truth:
        """Return whether the answer is one of some choices."""
        names = list(self.knowledge.concepts[concept].choices)
        truth_of = np.array([TRUE if name in wanted else FALSE for name in names] + [UNKNOWN], dtype=np.int8)
        return truth_of[self.choice(concept)]

    def _nothing(self) -> Number:
        return np.full(self.height, np.nan)


def hip_table(rows: FactRows, persons: pl.DataFrame, knowledge: Knowledge, as_of: date) -> HipTable:
    """Spread facts over one row per hip.

    Parameters
    ----------
    rows
        Facts; no two of one person, hip and concept.
    persons
        One row per person.
    knowledge
        The type of each concept.
    as_of
        The day from which years count back.
    """
    table, first = _empty_table(rows, persons, knowledge)
    placed = _placed(rows, first)
    _fill(table, placed, concept_columns(knowledge), day_number(as_of))
    return table


def _empty_table(rows: FactRows, persons: pl.DataFrame, knowledge: Knowledge) -> tuple[HipTable, Rows]:
    """Return left and right of everybody, "unspecified" where something was said without a side.

    The second is the first row of each person, by number of the person, and behind them the end.
    """
    third = np.unique(rows.person[rows.hip == HIPS.index("unspecified")])
    person = np.sort(persons["person"].to_numpy().astype(np.int64))
    count = 2 + np.isin(person, third)
    first = np.zeros(int(person.max(initial=-1)) + 2, dtype=np.int64)
    first[person + 1] = count
    first = np.cumsum(first)
    left = np.repeat(first[person], count)
    number = np.arange(len(left))
    hips = np.array(HIPS)[number - left]
    return HipTable(knowledge, np.repeat(person, count).astype(np.uint32), hips, left, left + 1), first


def _placed(rows: FactRows, first: Rows) -> tuple[FactRows, Rows]:
    """Return facts by concept and the row of each; a fact of the patient belongs to all its rows."""
    begin, end = first[rows.person], first[rows.person + 1]
    of_patient = rows.hip == OF_PATIENT
    count = np.where(of_patient, end - begin, 1)
    number = np.repeat(np.arange(len(count)), count)
    in_turn = np.arange(len(number)) - np.repeat(np.cumsum(count) - count, count)
    row = begin[number] + np.where(of_patient[number], in_turn, rows.hip[number])
    order = np.argsort(rows.concept[number], kind="stable")
    return rows.take(number[order]), row[order]


def _fill(table: HipTable, placed: tuple[FactRows, Rows], concepts: ConceptColumns, today: float) -> None:
    """Put facts into the table."""
    rows, row = placed
    kind = concepts.type[rows.concept]
    since = np.where(np.isnan(rows.date_value), rows.since, rows.date_value)
    place = choice_places(rows, concepts)
    truth = np.where(kind == DATE, np.where(np.isnan(rows.date_value), UNKNOWN, TRUE), rows.truth)
    every, of_number, of_choice = kind >= 0, kind == NUMBER, kind == CHOICE
    for columns, values, unknown, which in (
        (table.since, (today - since) * (1 / DAYS_PER_YEAR), np.nan, every),
        (table.lows, rows.low, np.nan, of_number),
        (table.highs, rows.high, np.nan, of_number),
        (table.choices, place.astype(np.int16), np.int16(-1), of_choice),
        (table.truths, truth.astype(np.int8), np.int8(UNKNOWN), ~(of_number | of_choice)),
    ):
        columns |= _scattered(table.height, unknown, rows.concept[which], row[which], values[which], concepts)


def choice_places(rows: FactRows, concepts: ConceptColumns) -> Rows:
    """Return the place of each fact's answer among the choices of its concept; -1 where there is none."""
    place = np.full(len(rows.concept), -1, dtype=np.int64)
    told = np.flatnonzero(known(rows.choice))
    told = told[np.argsort(rows.concept[told], kind="stable")]
    groups = Groups(rows.concept[told])
    for own in np.split(told, groups.starts[1:]) if len(told) else ():
        concept = int(rows.concept[own[0]])
        places = {name: number for (of, name), number in concepts.choices.items() if of == concept}
        place[own] = [places.get(name, -1) for name in rows.choice[own].tolist()]
    return place


def _scattered(
    height: int,
    unknown: Any,
    concept: npt.NDArray[np.int64],
    row: Rows,
    values: npt.NDArray[Any],
    concepts: ConceptColumns,
) -> dict[str, npt.NDArray[Any]]:
    """Return by concept a column of unknowns with some values in it; concepts stand together."""
    groups = Groups(concept)
    columns = np.full((len(groups.starts), height), unknown)
    columns[groups.of, row] = values
    return dict(zip(concepts.names[concept[groups.starts]].tolist(), columns, strict=True))
