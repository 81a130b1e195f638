"""Systemic corticosteroid exposure: from dose rows of any number of patients to daily totals.

Each day is given to one order of a drug: the one begun last, so that a renewal or a change of dose
replaces what ran before, and what ran before resumes when a short course ends. Orders of one drug begun
on the same day add up (20 mg and 5 mg tablets together). Where several kinds of entry tell of the same
drug on the same day, the one closest to the patient's mouth counts: given, dispensed, stated, ordered.
Different drugs add up after conversion. What cannot be known stays a bound, never a guess.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from precollapse.facts.doses import INFINITE, Daily, Stretches, daily, stretches
from precollapse.facts.resolve import Groups
from precollapse.facts.rows import Floats, Numbers, day_number, floats, of_days, of_numbers, words
from precollapse.knowledge.bundle import Knowledge

EXPOSURE_NUMBERS = (
    "prednisone_equivalent_current_mg_per_day",
    "prednisone_equivalent_mean_mg_per_day",
    "prednisone_equivalent_peak_mg_per_day",
    "prednisone_equivalent_cumulative_mg",
    "prednisone_equivalent_first_3_months_mg",
    "prednisone_equivalent_any_3_months_mg",
    "prednisone_equivalent_3_months_if_continued_mg",
)

PARTS_PER_MG = 1e7  # far below any dose, and ten million patients still add up
# These grow with every day taken, so an order whose end nobody wrote leaves them without an upper bound.
SUMS = EXPOSURE_NUMBERS[3:]


def systemic_exposure(doses: pl.DataFrame, knowledge: Knowledge, as_of: date) -> pl.DataFrame:
    """Sum up systemic corticosteroids.

    Parameters
    ----------
    doses
        The chart's ``doses`` table.
    knowledge
        For the equivalence of each drug to prednisone.
    as_of
        The day of the assessment; nothing after it counts.

    Returns
    -------
    DataFrame
        One row per exposed person: ``person``; for each name in ``EXPOSURE_NUMBERS`` a ``.low`` and a
        ``.high`` column in mg or mg/day of prednisone; ``first_date``, ``last_date``; ``certain`` (false
        when everything was only to be taken as needed); ``origin``, ``assumed`` and ``problem``, texts.
    """
    taken = stretches(doses, knowledge, as_of)
    if not len(taken.person):
        return pl.DataFrame(schema=_result_schema())
    taken = taken.take(np.argsort(taken.person, kind="stable"))
    groups = Groups(taken.person)
    window = float(knowledge.exposure_settings.three_months_days)
    summary = _summary(daily(taken, _cuts(taken, groups, window, as_of)), window, day_number(as_of))
    return summary.with_columns(*_bounds(summary, taken, groups), *_texts(taken, groups))


def _bounds(summary: pl.DataFrame, taken: Stretches, groups: Groups) -> list[pl.Series]:
    """Take the upper bound off what an order without length, or without any date, may raise; and its days."""
    undated = groups.any(taken.undated)
    endless = undated | groups.any(taken.unknown_length)
    highs = [
        of_numbers(name, np.where(endless if of_sum else undated, INFINITE, summary[name].to_numpy()))
        for name, of_sum in ((f"{name}.high", name in SUMS) for name in EXPOSURE_NUMBERS[1:])
    ]
    taken_today = summary[f"{EXPOSURE_NUMBERS[0]}.low"].to_numpy() > 0
    first, last = floats(summary["first_date"]), floats(summary["last_date"])
    return [
        *highs,
        of_days("first_date", np.where(undated, np.nan, first)),
        of_days("last_date", np.where(undated & ~taken_today, np.nan, last)),
    ]


def _result_schema() -> dict[str, pl.DataType | type[pl.DataType]]:
    numbers = {f"{name}.{end}": pl.Float64 for name in EXPOSURE_NUMBERS for end in ("low", "high")}
    return {
        "person": pl.UInt32,
        **numbers,
        "first_date": pl.Date,
        "last_date": pl.Date,
        "certain": pl.Boolean,
        "origin": pl.String,
        "assumed": pl.String,
        "problem": pl.String,
    }


def _cuts(taken: Stretches, groups: Groups, window: float, as_of: date) -> tuple[Numbers, Floats]:
    """Return where spans have to begin: after the first three months, within the last three, and today."""
    person, today = taken.person[groups.starts], day_number(as_of)
    after_early = groups.least(taken.first) + window
    days = (after_early, np.full(len(person), today - window + 1), np.full(len(person), today))
    return np.tile(person, len(days)), np.concatenate(days)


def _summary(taken: Daily, window: float, today: float) -> pl.DataFrame:
    """Bounds of every number of a person, from the bounds of the spans of days."""
    groups = Groups(taken.person)
    limitless = groups.any(np.isinf(taken.high))
    finite = np.where(np.isinf(taken.high), 0.0, taken.high)
    columns: dict[str, Floats] = {}
    for name, dose, counted in (("low", taken.low, taken.low), ("high", taken.high, finite)):
        sums = _Sums(taken, groups, counted)
        # Three months of a dose without limit have none; the other numbers say so by themselves.
        endless = limitless & (name == "high")
        months = (np.where(endless, INFINITE, number) for number in sums.three_months(window, today))
        numbers = (*_five_numbers(taken, groups, dose, window, today), *months)
        columns |= {f"{what}.{name}": n for what, n in zip(EXPOSURE_NUMBERS, numbers, strict=True)}
    return pl.DataFrame(
        [
            pl.Series("person", taken.person[groups.starts], dtype=pl.UInt32),
            *(pl.Series(name, values, dtype=pl.Float64) for name, values in columns.items()),
            of_days("first_date", groups.least(taken.day)),
            of_days("last_date", groups.most(taken.day + taken.days - 1)),
        ]
    )


def _five_numbers(
    taken: Daily, groups: Groups, dose: Floats, window: float, today: float
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Return the dose of today, the mean, the peak, the sum, and the sum of the first three months."""
    whole = dose * taken.days
    early = taken.day < (groups.least(taken.day) + window)[groups.of]
    total = groups.sum(whole)
    return (
        groups.sum(np.where(taken.day == today, dose, 0.0)),
        total / groups.sum(taken.days),
        groups.most(dose),
        total,
        groups.sum(np.where(early, whole, 0.0)),
    )


class _Sums:
    """Sums of a dose over spans of days, which lie between sums from the first day on.

    They are added up as whole numbers of the smallest part of a milligram: the difference of two sums is then
    exact, and the same whoever else stands in the same arrays.
    """

    def __init__(self, taken: Daily, groups: Groups, dose: Floats) -> None:
        self._taken, self._groups = taken, groups
        self._dose = np.rint(dose * PARTS_PER_MG).astype(np.int64)
        self._days = taken.days.astype(np.int64)
        whole = self._dose * self._days
        total = np.cumsum(whole)
        self._before = total - whole - (total - whole)[groups.starts][groups.of]
        self._begin = float(taken.day.min())
        self._width = int(float((taken.day + taken.days).max()) - self._begin) + 1
        self._places = self._place(groups.of, taken.day)

    def _place(self, of: Numbers, day: Floats) -> Numbers:
        inside = np.clip(day - self._begin, 0, self._width - 1)
        return of * self._width + inside.astype(np.int64)

    def until(self, day: Floats) -> Numbers:
        """Return what the person of each span has taken until a day and on it, in parts of a milligram."""
        of = self._groups.of
        span = np.searchsorted(self._places, self._place(of, day), side="right") - 1
        begun = (span >= self._groups.starts[of]) & (day >= self._begin)
        span = np.maximum(span, 0)
        days = np.clip((day - self._taken.day[span]).astype(np.int64) + 1, 0, self._days[span])
        return np.where(begun, self._before[span] + self._dose[span] * days, 0)

    def three_months(self, window: float, today: float) -> tuple[Floats, Floats]:
        """Return the most of any three months so far, and of any that end later if today's dose goes on.

        The most is reached where three months begin with a span or end with one.
        """
        taken, groups = self._taken, self._groups
        first, last = taken.day, taken.day + taken.days - 1
        ending = self.until(last) - self.until(last - window)
        beginning = self.until(first + window - 1) - self.until(first - 1)
        so_far = groups.most(np.maximum(ending, beginning) / PARTS_PER_MG)
        now = groups.sum(np.where(first == today, self._dose, 0) / PARTS_PER_MG)
        whole = self.until(np.full(len(first), today))
        begun = [
            (whole - self.until(day - 1)) / PARTS_PER_MG + now[groups.of] * (window - (today - day) - 1)
            for day in (first, last)
        ]
        recent = np.where(first > today - window, np.maximum(*begun), 0.0)
        return so_far, np.maximum.reduce([so_far, groups.most(recent), now * window])


def _texts(taken: Stretches, groups: Groups) -> list[pl.Series]:
    """Tell in words, patient by patient, what the numbers rest on, what was assumed, what cannot be known."""
    problem = words(
        f"{origin}: {text}" if origin is not None and text is not None else None
        for origin, text in zip(taken.origin, taken.problem, strict=True)
    )
    return [
        pl.Series("certain", groups.any(~taken.as_needed)),
        *(
            pl.Series(name, groups.joined(texts, separator).tolist(), dtype=pl.String)
            for name, texts, separator in (
                ("origin", taken.origin, " | "),
                ("assumed", taken.assumed, "; "),
                ("problem", problem, "; "),
            )
        ),
    ]
