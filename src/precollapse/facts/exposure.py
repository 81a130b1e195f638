"""Systemic corticosteroid exposure: from dose rows of any number of patients to daily totals.

Each day is given to one order of a drug: the one begun last, so that a renewal or a change of dose
replaces what ran before, and what ran before resumes when a short course ends. Orders of one drug begun
on the same day add up (20 mg and 5 mg tablets together). Where several kinds of entry tell of the same
drug on the same day, the one closest to the patient's mouth counts: given, dispensed, stated, ordered.
Different drugs add up after conversion. What cannot be known stays a bound, never a guess.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import polars as pl

from precollapse.facts.doses import INFINITE, Daily, Stretches, daily, stretches
from precollapse.facts.resolve import Groups
from precollapse.facts.rows import floats, of_days, of_numbers, words
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
    summary = _summary(_frame(daily(taken)), knowledge, as_of)
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


def _summary(daily: pl.DataFrame, knowledge: Knowledge, as_of: date) -> pl.DataFrame:
    """Bounds of every number of a person, from the daily bounds."""
    window_days = knowledge.exposure_settings.three_months_days
    marked, rolling, numbers = _steps(window_days, as_of)
    return (
        daily.with_columns(marked).with_columns(rolling).group_by("person", maintain_order=True).agg(numbers)
    )


# Kept because to write expressions takes as long as to compute them for one patient.
@lru_cache(maxsize=8)
def _steps(window_days: int, as_of: date) -> tuple[list[pl.Expr], list[pl.Expr], list[pl.Expr]]:
    """Return what is computed of the days, one step after the other."""
    early = pl.col("day") < pl.col("day").min().over("person") + pl.duration(days=window_days)
    finite = pl.when(pl.col("high").is_finite()).then(pl.col("high")).otherwise(0.0)
    rolling = [
        pl.col(bound).rolling_sum_by("day", f"{window_days}d").over("person").alias(f"{bound}_rolling")
        for bound in ("low", "finite")
    ]
    limitless = pl.col("high").is_infinite().any()
    any_low = pl.col("low_rolling").max()
    any_high = pl.when(limitless).then(INFINITE).otherwise(pl.col("finite_rolling").max())
    later_low = _if_continued("low", any_low, window_days, as_of)
    later_finite = _if_continued("finite", any_high, window_days, as_of)
    later_high = pl.when(limitless).then(INFINITE).otherwise(later_finite)
    numbers = [
        *_named("low", _five_numbers("low", as_of), any_low, later_low),
        *_named("high", _five_numbers("high", as_of), any_high, later_high),
        pl.col("day").min().alias("first_date"),
        pl.col("day").max().alias("last_date"),
    ]
    return [early.alias("early"), finite.alias("finite")], rolling, numbers


def _five_numbers(bound: str, as_of: date) -> tuple[pl.Expr, ...]:
    dose = pl.col(bound)
    today, early = dose.filter(pl.col("day") == as_of), dose.filter(pl.col("early"))
    return today.sum(), dose.mean(), dose.max(), dose.sum(), early.sum()


def _if_continued(bound: str, so_far: pl.Expr, window_days: int, as_of: date) -> pl.Expr:
    """Return the most of any three months, some past and the rest to come on the dose of today."""
    dose, day = pl.col(bound), pl.col("day")
    now = dose.filter(day == as_of).sum()
    recent = day > as_of - timedelta(days=window_days)
    taken = dose.filter(recent).cum_sum(reverse=True)
    still_to_come = window_days - (pl.lit(as_of) - day.filter(recent)).dt.total_days() - 1
    begun = (taken + now * still_to_come).max().fill_null(0.0)
    return pl.max_horizontal(so_far, begun, now * window_days)


def _named(bound: str, numbers: tuple[pl.Expr, ...], *more: pl.Expr) -> list[pl.Expr]:
    pairs = zip(EXPOSURE_NUMBERS, (*numbers, *more), strict=True)
    return [number.alias(f"{name}.{bound}") for name, number in pairs]


def _frame(taken: Daily) -> pl.DataFrame:
    """Return days as a table, each patient's in their order."""
    return pl.DataFrame(
        [
            pl.Series("person", taken.person, dtype=pl.UInt32).set_sorted(),
            of_days("day", taken.day),
            of_numbers("low", taken.low),
            of_numbers("high", taken.high),
        ]
    )


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
