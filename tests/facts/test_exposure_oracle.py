"""Sums of corticosteroid exposure against a plain loop over days, on orders nobody would think of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from math import inf
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precollapse.facts.exposure import EXPOSURE_NUMBERS, systemic_exposure
from tests.facts.people import AS_OF, KNOWLEDGE, Person, chart_of

DAY = timedelta(days=1)
RANKS = {"administration": 0, "dispense": 1, "statement": 2, "stated": 2, "request": 3}


def stretches(doses: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Rows that count, each with its first and last day and its bounds in mg of prednisone."""
    counted = [d for d in doses if d["route"] == "systemic" and d["start"] <= AS_OF]
    for dose in counted:
        factor = KNOWLEDGE.corticosteroids[dose["ingredient"]].prednisone_equivalence.value
        mg = None if dose["mg_per_day"] is None else dose["mg_per_day"] * factor
        open_ended = dose["end"] is None and dose["ongoing"]
        last = dose["end"] or (AS_OF if open_ended else dose["start"])
        believed = max(d for d in (dose["start"], dose["written"]) if d) + 365 * DAY
        yield {
            **dose,
            "last": min(last, AS_OF),
            "begun": min(d["start"] for d in counted if d["order"] == dose["order"]),
            "low": 0.0 if dose["prn"] or mg is None else mg,
            "high": inf if mg is None else mg,
            "lengthless": dose["end"] is None and not dose["ongoing"],
            "believed": believed if open_ended else date.max,
        }


def one_day(rows: Iterable[dict[str, Any]], day: date) -> tuple[float, float]:
    """Bounds of one day's dose: the order begun last of each drug and kind, the closest kind, all drugs."""
    drugs: dict[str, dict[int, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        low = row["low"] if day <= row["believed"] else 0.0
        drugs[row["ingredient"]][RANKS[row["kind"]]].append({**row, "low": low})
    total_low = total_high = 0.0
    for kinds in drugs.values():
        candidates = []
        for rank, entries in kinds.items():
            newest = max(entry["begun"] for entry in entries)
            products: dict[str, list[dict[str, Any]]] = defaultdict(list)
            for entry in entries:
                if entry["begun"] == newest:
                    products[entry["product"]].append(entry)
            low = sum(max(e["low"] for e in same) for same in products.values())
            high = sum(max(e["high"] for e in same) for same in products.values())
            candidates.append((rank + 10 * (high == inf), low, high))
        _, low, high = min(candidates)
        total_low, total_high = total_low + low, total_high + high
    return total_low, total_high


def by_hand(doses: list[dict[str, Any]]) -> dict[str, tuple[float, float]]:
    """Every number of the exposure from a loop over days."""
    rows = list(stretches(doses))
    taken: dict[date, tuple[float, float]] = {}
    for day in (date(2023, 1, 1) + n * DAY for n in range(1600)):
        here = [row for row in rows if row["start"] <= day <= row["last"]]
        if here:
            taken[day] = one_day(here, day)
    if not taken:
        return {}
    first = min(taken)
    # A window is fullest where the dose changes at one of its two ends.
    changes = [row["start"] - DAY for row in rows] + [row["last"] for row in rows]
    changes += [row["believed"] for row in rows if row["believed"] < AS_OF]
    window_ends = {day + n * DAY for day in changes for n in (0, 1, 91)} & set(taken)
    bounds = []
    for end in (0, 1):
        dose = {day: pair[end] for day, pair in taken.items()}
        today = dose.get(AS_OF, 0.0)
        going_on = dose | {AS_OF + n * DAY: today for n in range(1, 92)}
        continued = [
            sum(going_on.get(AS_OF + (ahead - n) * DAY, 0.0) for n in range(91)) for ahead in range(92)
        ]
        windows = [sum(dose.get(day - n * DAY, 0.0) for n in range(91)) for day in window_ends]
        bounds.append(
            [
                dose.get(AS_OF, 0.0),
                sum(dose.values()) / len(dose),
                max(dose.values()),
                sum(dose.values()),
                sum(mg for day, mg in dose.items() if day < first + 91 * DAY),
                max(windows),
                max([*windows, *continued]),
            ]
        )
    if any(row["lengthless"] for row in rows):
        bounds[1][3:] = [inf] * 4
    elif inf in bounds[1]:
        bounds[1][5:] = [inf] * 2
    return {name: pair for name, *pair in zip(EXPOSURE_NUMBERS, *bounds, strict=True)}


DAYS = st.integers(0, 1200).map(lambda n: date(2023, 8, 1) + n * DAY)


@st.composite
def orders(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Orders that overlap, renew, stay open, are taken as needed, pulse, or have no readable dose."""
    rows = []
    for order in range(1, draw(st.integers(1, 5)) + 1):
        ingredient = draw(st.sampled_from(["prednisone", "methylprednisolone", "dexamethasone"]))
        kind = draw(st.sampled_from(list(RANKS)))
        start = draw(DAYS)
        for _ in range(draw(st.integers(1, 3))):
            length = draw(st.sampled_from([1, 3, 30, 120, 400]))
            end = draw(st.sampled_from([start + (length - 1) * DAY] * 3 + [None]))
            rows.append(
                {
                    "ingredient": ingredient,
                    "kind": kind,
                    "order": order,
                    "route": draw(
                        st.sampled_from(["systemic"] * 5 + ["local", "unknown", "intra_articular_hip"])
                    ),
                    "product": draw(st.sampled_from(["5 mg", "20 mg"])),
                    "start": start,
                    "end": end,
                    "ongoing": draw(st.booleans()),
                    "written": draw(st.sampled_from([None, start, start - 10 * DAY, start + 60 * DAY])),
                    "mg_per_day": draw(st.sampled_from([None, 5.0, 7.5, 20.0, 1000.0])),
                    "prn": draw(st.sampled_from([False, False, True])),
                }
            )
            start = start + length * DAY
    return rows


@given(orders())
@settings(deadline=None, max_examples=80, derandomize=True)
@pytest.mark.pathway("C03", "T03")
def test_exposure_equals_a_plain_loop_over_days(doses: list[dict[str, Any]]) -> None:
    found = systemic_exposure(chart_of(Person(doses=doses)).doses, KNOWLEDGE, AS_OF)
    expected = by_hand(doses)
    assert found.height == (1 if expected else 0)
    for name, (low, high) in expected.items():
        assert found[f"{name}.low"].item() == pytest.approx(low, abs=1e-6), name
        assert found[f"{name}.high"].item() == pytest.approx(high, abs=1e-6), name


@given(orders(), orders())
@settings(deadline=None, max_examples=15, derandomize=True)
def test_one_patient_has_the_same_exposure_beside_others(
    mine: list[dict[str, Any]], others: list[dict[str, Any]]
) -> None:
    alone = systemic_exposure(chart_of(Person(doses=mine)).doses, KNOWLEDGE, AS_OF)
    distinct = [row | {"order": row["order"] + 100} for row in mine]
    together = chart_of(Person(doses=others), Person(doses=distinct)).doses
    beside = systemic_exposure(together, KNOWLEDGE, AS_OF)
    assert beside.filter(beside["person"] == 1).drop("person").equals(alone.drop("person"))
