"""From dose rows to days: which order counts on which day, and between what bounds its dose lies.

A dose row becomes a stretch of days on one dose of prednisone, or, where its end is not known, as long a
stretch as it is believed and another in which anything is possible. Days on which nothing begins or ends are
kept together as one span: years on one dose cost as much as a day. All patients go through together, as
arrays with one entry per row or per span.
"""

from __future__ import annotations

from calendar import isleap
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from precollapse.facts.resolve import Groups
from precollapse.facts.rows import (
    Columns,
    Flags,
    Floats,
    Numbers,
    Words,
    day_number,
    floats,
    numbered,
    texts,
    words,
)
from precollapse.knowledge.bundle import Knowledge

KIND_ORDER = {"administration": 0, "dispense": 1, "statement": 2, "stated": 2, "request": 3}
OTHER_KIND = 9
KINDS = OTHER_KIND + 1
INFINITE = float("inf")
FEW = 1_000  # rows that are numbered sooner one by one
BEYOND_BELIEF = "an open-ended order of more than a year ago: nobody knows whether it is still taken"


@dataclass(frozen=True, slots=True)
class Stretches(Columns):
    """Stretches of days on one systemic dose, one entry each.

    Attributes
    ----------
    person
        Number of the patient.
    order_start
        First day of the order it belongs to.
    first, last
        Its days.
    ingredient, kind, product
        Numbers; of kinds the one closest to the patient's mouth is the smallest.
    low, high
        Bounds in mg of prednisone a day.
    undated, unknown_length, as_needed
        Whether its begin or its end is not known, and whether it was to be taken as needed only.
    origin, assumed, problem
        Where it stands, what was assumed in reading it, why its dose cannot be known.
    """

    person: Numbers
    order_start: Floats
    first: Floats
    last: Floats
    ingredient: Numbers
    kind: Numbers
    product: Numbers
    low: Floats
    high: Floats
    undated: Flags
    unknown_length: Flags
    as_needed: Flags
    origin: Words
    assumed: Words
    problem: Words


@dataclass(frozen=True, slots=True)
class Daily:
    """Bounds in mg of prednisone a day, patient by patient and span by span: ``days`` from ``day`` on."""

    person: Numbers
    day: Floats
    days: Floats
    low: Floats
    high: Floats


def stretches(doses: pl.DataFrame, knowledge: Knowledge, as_of: date) -> Stretches:
    """Give every systemic dose row a first and last day and bounds in mg of prednisone.

    Parameters
    ----------
    doses
        The chart's ``doses`` table.
    knowledge
        For the equivalence of each drug to prednisone, and how long an open order is believed.
    as_of
        The day of the assessment; what begins later is left out.
    """
    today = day_number(as_of)
    begun = ~(floats(doses["start"]) > today)
    systemic = numbered(doses["route"], lambda route: route == "systemic", none=0) == 1
    rows = doses.filter(pl.Series(systemic & begun))
    mg, start, problem = _possible(rows, knowledge, as_of)
    end, prn, ongoing = floats(rows["end"]), _flags(rows["prn"]), _flags(rows["ongoing"])
    undated = np.isnan(start)
    first = np.where(undated, today, start)
    open_ = (np.isnan(end) | (end < start)) & ongoing
    last = np.where(np.isnan(end) | (end < first), np.where(ongoing, today, first), end)
    # Without a date of its own an order still running is taken today; one that is over was taken some day.
    some_day = undated & ~ongoing
    person = rows["person"].to_numpy().astype(np.int64)
    ordered = Stretches(
        person=person,
        order_start=_first_of_order(person, floats(rows["order"]), first),
        first=first,
        last=np.minimum(last, today),
        ingredient=_numbered(rows["ingredient"]),
        kind=numbered(rows["kind"], lambda kind: KIND_ORDER.get(kind, OTHER_KIND), OTHER_KIND),
        product=_numbered(rows["product"]),
        low=np.where(prn | some_day | np.isnan(mg), 0.0, mg),
        high=np.where(some_day | np.isnan(mg), INFINITE, mg),
        undated=undated,
        unknown_length=undated | ((np.isnan(end) | (end < start)) & ~ongoing),
        as_needed=prn,
        origin=texts(rows["origin"]),
        assumed=texts(rows["assumed"]),
        problem=problem,
    )
    believed = np.fmax(first, floats(rows["written"])) + knowledge.exposure_settings.open_order_believed_days
    return _cut(ordered, open_, believed)


def _cut(rows: Stretches, open_: Flags, believed: Floats) -> Stretches:
    """Cut open orders where they are no longer believed; any dose, or none, was taken after that."""
    beyond = np.flatnonzero(open_ & (rows.last > believed))
    doubted = replace(
        rows.take(beyond),
        first=believed[beyond] + 1,
        low=np.zeros(len(beyond)),
        problem=words([BEYOND_BELIEF] * len(beyond)),
    )
    rows = replace(rows, last=np.where(open_, np.minimum(rows.last, believed), rows.last))
    both = Stretches.concat([rows, doubted])
    return both.take(both.first <= both.last)


def _possible(rows: pl.DataFrame, knowledge: Knowledge, as_of: date) -> tuple[Floats, Floats, Words]:
    """Return mg of prednisone a day, the first day, and why either is not known.

    Doses nobody can take and days before anybody's birth are not known.
    """
    names = sorted(knowledge.corticosteroids)
    factors = [knowledge.corticosteroids[name].prednisone_equivalence.value for name in names]
    place = {name: number for number, name in enumerate(names)}
    least, most = possible_range(knowledge, "prednisone_equivalent_peak_mg_per_day")
    oldest = possible_range(knowledge, "age_years")[1]
    factor = np.array([*factors, np.nan])[numbered(rows["ingredient"], lambda name: place.get(name, -1))]
    mg, start = floats(rows["mg_per_day"]) * factor, floats(rows["start"])
    refused = (mg < least) | (mg > most)
    too_early = start < _years_before(as_of, oldest)
    too_much = f"a dose outside {least:g} to {most:g} mg of prednisone a day"
    too_old = f"begun more than {oldest:g} years ago"
    told = texts(rows["problem"]).copy()
    for row in np.flatnonzero(refused | too_early).tolist():
        reasons = (told[row], too_much if refused[row] else None, too_old if too_early[row] else None)
        told[row] = "; ".join(filter(None, reasons))
    return np.where(refused, np.nan, mg), np.where(too_early, np.nan, start), told


def _years_before(day: date, years: float) -> float:
    """Return the same day so many whole years before; 28 February for a leap day that year has not."""
    year = day.year - round(years)
    leap_day = (day.month, day.day) == (2, 29) and not isleap(year)
    return day_number(day.replace(year=year, day=28) if leap_day else day.replace(year=year))


def possible_range(knowledge: Knowledge, concept: str) -> tuple[float, float]:
    """Return what a number of a concept can be at all; infinite where nothing limits it."""
    ranges = knowledge.concepts[concept].ranges
    least, most = ranges.possible if ranges is not None else (None, None)
    return -INFINITE if least is None else least, INFINITE if most is None else most


def _first_of_order(person: Numbers, order: Floats, first: Floats) -> Floats:
    """Return for each row the first day of its order; rows without an order are one."""
    if not len(person):
        return first
    number = np.where(np.isnan(order), -1, order).astype(np.int64)
    sequence = np.lexsort((number, person))
    groups = Groups(_pairs(person[sequence], number[sequence]))
    found = np.empty_like(first)
    found[sequence] = groups.least(first[sequence])[groups.of]
    return found


def _pairs(one: Numbers, other: Numbers) -> Numbers:
    """Return a number for each pair of numbers, pairs alike standing together."""
    new = np.ones(len(one), dtype=bool)
    new[1:] = (one[1:] != one[:-1]) | (other[1:] != other[:-1])
    return np.cumsum(new)


def _numbered(column: pl.Series) -> Numbers:
    """Return a number for each text, the same for the same; none is one of them."""
    known: dict[str, int] = {}
    if len(column) < FEW:
        return numbered(column, lambda text: known.setdefault(text, len(known)))
    return np.asarray(column.cast(pl.String).rank("dense").fill_null(0).cast(pl.Int64).to_numpy()) - 1


def _flags(column: pl.Series) -> Flags:
    return np.asarray(column.fill_null(False).to_numpy(), dtype=bool)


def daily(taken: Stretches, cuts: tuple[Numbers, Floats]) -> Daily:
    """Give each day to the orders that count on it.

    Parameters
    ----------
    taken
        Any number of stretches of any number of patients, patient by patient.
    cuts
        Patients and days with which a new span has to begin.
    """
    entries = _entries(taken, cuts)
    # Of each drug and kind of entry the order begun last.
    kinds, begun = Groups(entries.of_kind), taken.order_start[entries.stretch]
    entries = entries.take(begun == kinds.most(begun)[kinds.of])
    # The same product twice on one day is a duplicate entry; different products are taken together.
    same = Groups(_pairs(entries.of_kind, taken.product[entries.stretch]))
    low, high = same.most(entries.low), same.most(entries.high)
    entries = replace(entries.take(same.starts), low=low, high=high)
    kinds = Groups(entries.of_kind)
    low, high = kinds.sum(entries.low), kinds.sum(entries.high)
    entries = replace(entries.take(kinds.starts), low=low, high=high)
    # Of each drug the closest kind of entry, one of known dose before any other.
    drugs = Groups(entries.of_kind // KINDS)
    preference = taken.kind[entries.stretch] + KINDS * np.isinf(entries.high)
    entries = entries.take(preference == drugs.least(preference)[drugs.of])
    days = Groups(entries.of_day)
    first = entries.take(days.starts)
    person = taken.person[first.stretch]
    return Daily(person, first.day, first.days, days.sum(entries.low), days.sum(entries.high))


@dataclass(frozen=True, slots=True)
class _Entries(Columns):
    """Spans of stretches, sorted by patient, day, drug, kind of entry and product.

    ``of_day`` and ``of_kind`` are alike where patient and day are, and also drug and kind.
    """

    stretch: Numbers
    day: Floats
    days: Floats
    of_day: Numbers
    of_kind: Numbers
    low: Floats
    high: Floats


def _entries(taken: Stretches, cuts: tuple[Numbers, Floats]) -> _Entries:
    """Cut every stretch into spans in which none of the same patient begins or ends."""
    begin = min(float(taken.first.min()), float(cuts[1].min(initial=np.inf)))
    end = max(float(taken.last.max()) + 1, float(cuts[1].max(initial=-np.inf)))
    width = int(end - begin) + 1

    def place(person: Numbers, day: Floats) -> Numbers:
        """Return a number that orders patients, and days within them."""
        return person * width + (day - begin).astype(np.int64)

    first, after = place(taken.person, taken.first), place(taken.person, taken.last + 1)
    edges = np.unique(np.concatenate([first, after, place(*cuts)]))
    from_, to = np.searchsorted(edges, first), np.searchsorted(edges, after)
    count = to - from_
    stretch = np.repeat(np.arange(len(count)), count)
    of_day = from_[stretch] + np.arange(len(stretch)) - (np.cumsum(count) - count)[stretch]
    day = begin + (edges[of_day] - taken.person[stretch] * width).astype(np.float64)
    days = (edges[of_day + 1] - edges[of_day]).astype(np.float64)
    of_kind = (of_day * (taken.ingredient.max() + 1) + taken.ingredient[stretch]) * KINDS + taken.kind[
        stretch
    ]
    entries = _Entries(stretch, day, days, of_day, of_kind, taken.low[stretch], taken.high[stretch])
    return entries.take(np.lexsort((taken.product[stretch], of_kind)))
