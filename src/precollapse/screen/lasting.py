"""Until when a patient's pattern stays the same, so that it need not be found again every day.

A pattern changes with the calendar when an answer grows stale, something planned or written for later begins
or ends, a span of years is passed, or a birthday. For everybody the next such day is known in advance. Who
takes corticosteroids, or stands within the months in which a lesion appears, may change any day.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from precollapse.chart.model import Chart
from precollapse.engine.prior import AGE
from precollapse.engine.risk_model import Array
from precollapse.facts.build import months_later
from precollapse.facts.doses import possible_range
from precollapse.facts.rows import FactRows, Numbers, concept_columns, day_number, floats, numbered
from precollapse.facts.table import DAYS_PER_YEAR
from precollapse.knowledge.bundle import Knowledge
from precollapse.screen.scope import scope

NEVER = np.inf


class _Until:
    """The last day on which nothing has changed, of each of some persons, as a number of days since 1970."""

    def __init__(self, count: int, today: float) -> None:
        self.today = today
        self.days = np.full(count, NEVER)

    def changes(self, person: Numbers, day: Array) -> None:
        """Note that something changes on a day; days that have passed, and unknown ones, say nothing."""
        later = day > self.today
        np.minimum.at(self.days, person[later], day[later] - 1)

    def moves(self, person: Numbers) -> None:
        """Note that something may change any day."""
        self.days[person] = self.today


def lasts_until(chart: Chart, rows: FactRows, knowledge: Knowledge, as_of: date) -> Array:
    """Return the last day on which each patient's pattern is surely what it is today.

    Parameters
    ----------
    chart
        Patients numbered from zero on.
    rows
        Their facts today.
    knowledge, as_of
        As for ``build_facts``.

    Returns
    -------
    Array
        Days since 1970, today at least; infinite where nothing will ever change by itself.
    """
    until = _Until(chart.persons.height, day_number(as_of))
    _statements(chart.statements, knowledge, until)
    _spans(rows, knowledge, until)
    _doses(chart.doses, rows, knowledge, until)
    _birthdays(chart.persons, knowledge, as_of, until)
    return until.days


def _statements(statements: pl.DataFrame, knowledge: Knowledge, until: _Until) -> None:
    """Note when what is dated later begins, what has an end ends, and what is fresh grows stale."""
    concepts = concept_columns(knowledge)
    person = statements["person"].to_numpy().astype(np.int64)
    concept = numbered(statements["concept"], lambda name: concepts.place.get(name, -1))
    start, recorded, end = (floats(statements[name]) for name in ("start", "recorded", "end"))
    written = np.fmax(start, recorded)
    until.changes(person, written)
    until.changes(person, end + 1)
    # As new as something that is always of today; from tomorrow on it will be older.
    until.moves(person[written == until.today])
    ended = np.fmax(written, np.where(end <= until.today, end, np.nan))
    heard = np.where(concepts.event[concept], np.where(np.isnan(start), recorded, start), ended)
    until.changes(person, heard + concepts.valid_days[concept] + 1)


def _spans(rows: FactRows, knowledge: Knowledge, until: _Until) -> None:
    """Note when a number of years since a beginning is passed; clocks that still run move every day."""
    inside, concepts = scope(knowledge), concept_columns(knowledge)
    names = concepts.names.tolist()
    since = np.where(np.isnan(rows.date_value), rows.since, rows.date_value)
    dated = ~np.isnan(since)
    images = np.array([name in inside.images for name in names])
    until.moves(rows.person[dated & images[rows.concept]])
    ends = np.array([inside.clocks.get(name, -NEVER) for name in names])
    until.moves(rows.person[dated & (since + ends[rows.concept] * DAYS_PER_YEAR >= until.today - 1)])
    for name, limits in inside.years.items():
        own = dated & (rows.concept == concepts.place[name])
        for limit in limits.tolist():
            passed = since[own] + limit * DAYS_PER_YEAR
            # On the day itself rounding decides.
            near = (passed >= until.today - 1) & (passed <= until.today + 1)
            until.moves(rows.person[own][near])
            until.changes(rows.person[own], np.floor(passed))


def _doses(doses: pl.DataFrame, rows: FactRows, knowledge: Knowledge, until: _Until) -> None:
    """Note who takes corticosteroids, or did in the last three months, or on days that nobody wrote down."""
    person, start = doses["person"].to_numpy().astype(np.int64), floats(doses["start"])
    until.changes(person, start)
    taken = rows.concept == concept_columns(knowledge).place["corticosteroid_last_date"]
    last, window = rows.date_value[taken], knowledge.exposure_settings.three_months_days
    until.moves(rows.person[taken][np.isnan(last) | (last >= until.today - window)])


def _birthdays(persons: pl.DataFrame, knowledge: Knowledge, as_of: date, until: _Until) -> None:
    """Note when an age is reached at which something changes; of partial dates the span of ages shifts."""
    person = persons["person"].to_numpy().astype(np.int64)
    birth = persons["birth_date"].to_numpy().astype("datetime64[D]")
    precision = persons["birth_precision"].cast(pl.String).to_numpy()
    partial = (precision == "month") | (precision == "year")
    # Of a partial date both ends of the span grow older on their day of the year.
    latest = months_later(birth, np.where(precision == "year", 12, 1)) - 1
    for end in (birth[partial], latest[partial]):
        year = as_of.year - 1970 - end.astype("datetime64[Y]").astype(np.int64)
        for ahead in (0, 1):
            until.changes(person[partial], _birthday(end, year + ahead))
    known = ~np.isnat(birth) & ~partial
    limits = [
        *scope(knowledge).limits[AGE].tolist(),
        *(x for x in possible_range(knowledge, AGE) if abs(x) < 200),
    ]
    # At a limit and above it are two different things.
    ages = np.array([*sorted({np.ceil(x) for x in limits} | {np.floor(x) + 1 for x in limits}), 10000.0])
    born = birth[known]
    age = np.floor((until.today - born.astype(np.int64)) / DAYS_PER_YEAR).astype(np.int64)
    # The division may be a year off at a birthday: the limits of the years around it are looked at.
    for near in (age - 1, age, age + 1):
        ahead = ages[np.searchsorted(ages, near, side="right")].astype(np.int64)
        until.changes(person[known], _birthday(born, ahead))


def _birthday(birth: npt.NDArray[np.datetime64], age: int | Numbers) -> Array:
    """Return the day on which somebody turns an age; born on 29 February, on 1 March where there is none."""
    month = birth.astype("datetime64[M]")
    day = (month + 12 * age).astype("datetime64[D]") + (birth - month.astype("datetime64[D]"))
    return np.where(np.isnat(day), np.nan, day.astype(np.int64))
