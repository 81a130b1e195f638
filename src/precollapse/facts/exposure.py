"""Systemic corticosteroid exposure: from dose rows of any number of patients to daily totals.

Each day is given to one order of a drug: the one begun last, so that a renewal or a change of dose
replaces what ran before, and what ran before resumes when a short course ends. Orders of one drug begun
on the same day add up (20 mg and 5 mg tablets together). Where several kinds of entry tell of the same
drug on the same day, the one closest to the patient's mouth counts: given, dispensed, stated, ordered.
Different drugs add up after conversion. What cannot be known stays a bound, never a guess.
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from precollapse.knowledge.bundle import Knowledge

KIND_ORDER = {"administration": 0, "dispense": 1, "statement": 2, "stated": 2, "request": 3}
INFINITE = float("inf")

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
    stretches = _stretches(doses, knowledge, as_of)
    if stretches.is_empty():
        return pl.DataFrame(schema=_result_schema())
    summary = _summary(_daily(stretches), knowledge, as_of).join(_texts(stretches), on="person", how="left")
    return summary.with_columns(
        *(_without_bound(name) for name in EXPOSURE_NUMBERS[1:]),
        pl.when(~pl.col("undated")).then("first_date").alias("first_date"),
        pl.when(~pl.col("undated") | (pl.col(f"{EXPOSURE_NUMBERS[0]}.low") > 0))
        .then("last_date")
        .alias("last_date"),
    ).drop("unknown_length", "undated")


def _without_bound(name: str) -> pl.Expr:
    """Take the upper bound off a number that an order without length, or without any date, may raise."""
    high = pl.col(f"{name}.high")
    raised = pl.col("undated") | pl.col("unknown_length") if name in SUMS else pl.col("undated")
    return pl.when(raised).then(INFINITE).otherwise(high).alias(f"{name}.high")


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


def _stretches(doses: pl.DataFrame, knowledge: Knowledge, as_of: date) -> pl.DataFrame:
    """Give every systemic dose row a first and last day, bounds in mg of prednisone, and a rank."""
    believed_days = knowledge.exposure_settings.open_order_believed_days
    believed_until = pl.max_horizontal("start", "written").dt.offset_by(f"{believed_days}d")
    mg = pl.col("mg_of_prednisone")
    as_of_day = pl.lit(as_of, dtype=pl.Date)
    systemic = _possible(
        doses.filter(pl.col("route") == "systemic", pl.col("start").fill_null(as_of) <= as_of_day),
        knowledge,
        as_of,
    )
    endless = pl.col("end").is_null() | (pl.col("end") < pl.col("start"))
    ongoing = pl.col("ongoing").fill_null(False)
    # Without a date of its own an order still running is taken today; one that is over was taken some day.
    some_day = pl.col("undated") & ~ongoing
    known = systemic.with_columns(
        pl.col("start").is_null().alias("undated"),
        pl.col("start").fill_null(as_of).alias("start"),
        (endless & ongoing).alias("open"),
        ((endless & ~ongoing) | pl.col("start").is_null()).alias("unknown_length"),
    ).with_columns(
        pl.min_horizontal(
            pl.when(~endless).then("end").when(ongoing).then(as_of_day).otherwise("start"), as_of_day
        ).alias("last"),
        believed_until.alias("believed"),
        pl.when(pl.col("prn").fill_null(False) | some_day)
        .then(0.0)
        .otherwise(mg.fill_null(0.0))
        .alias("low"),
        pl.when(some_day).then(INFINITE).otherwise(mg.fill_null(INFINITE)).alias("high"),
        pl.col("start").min().over("person", "order").alias("order_start"),
        pl.col("kind").replace_strict(KIND_ORDER, default=9, return_dtype=pl.Int8).alias("kind_rank"),
    )
    return pl.concat([_believed(known), _beyond_belief(known)]).filter(pl.col("start") <= pl.col("last"))


def _possible(doses: pl.DataFrame, knowledge: Knowledge, as_of: date) -> pl.DataFrame:
    """Add mg of prednisone a day; doses nobody can take and days before anybody's birth are not known."""
    factors = {d.id: d.prednisone_equivalence.value for d in knowledge.corticosteroids.values()}
    factor = pl.col("ingredient").replace_strict(factors, default=None, return_dtype=pl.Float64)
    least, most = possible_range(knowledge, "prednisone_equivalent_peak_mg_per_day")
    oldest = possible_range(knowledge, "age_years")[1]
    mg = pl.col("mg_per_day") * factor
    refused = ~mg.is_between(least, most)
    too_early = pl.col("start") < pl.lit(as_of, dtype=pl.Date).dt.offset_by(f"-{oldest:.0f}y")
    why = pl.concat_str(
        pl.col("problem"),
        pl.when(refused).then(pl.lit(f"a dose outside {least:g} to {most:g} mg of prednisone a day")),
        pl.when(too_early).then(pl.lit(f"begun more than {oldest:g} years ago")),
        separator="; ",
        ignore_nulls=True,
    )
    return doses.with_columns(
        pl.when(~refused).then(mg).alias("mg_of_prednisone"),
        pl.when(~too_early).then("start").alias("start"),
        pl.when(why != "").then(why).alias("problem"),
    )


def possible_range(knowledge: Knowledge, concept: str) -> tuple[float, float]:
    """Return what a number of a concept can be at all; infinite where nothing limits it."""
    ranges = knowledge.concepts[concept].ranges
    least, most = ranges.possible if ranges is not None else (None, None)
    return -INFINITE if least is None else least, INFINITE if most is None else most


def _believed(rows: pl.DataFrame) -> pl.DataFrame:
    cut = pl.when(pl.col("open")).then(pl.min_horizontal("last", "believed")).otherwise("last")
    return rows.with_columns(cut.alias("last"))


def _beyond_belief(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the days of open-ended orders past the time they are believed: any dose, or none."""
    day_after = pl.col("believed").dt.offset_by("1d")
    return rows.filter(pl.col("open") & (pl.col("last") > pl.col("believed"))).with_columns(
        day_after.alias("start"),
        pl.lit(0.0).alias("low"),
        pl.lit("an open-ended order of more than a year ago: nobody knows whether it is still taken").alias(
            "problem"
        ),
    )


def _daily(stretches: pl.DataFrame) -> pl.DataFrame:
    """One row per person and day with bounds in mg of prednisone."""
    days = stretches.select(
        "person",
        "ingredient",
        "kind_rank",
        "order",
        "order_start",
        "product",
        "low",
        "high",
        pl.date_ranges("start", "last").alias("day"),
    ).explode("day")
    drug_day = ["person", "ingredient", "day"]
    newest = days.filter(pl.col("order_start") == pl.col("order_start").max().over([*drug_day, "kind_rank"]))
    # The same product twice on one day is a duplicate entry; different products are taken together.
    products = newest.group_by([*drug_day, "kind_rank", "product"]).agg(
        pl.col("low").max(), pl.col("high").max()
    )
    kinds = products.group_by([*drug_day, "kind_rank"]).agg(pl.col("low").sum(), pl.col("high").sum())
    unknown_last = pl.col("kind_rank") + 10 * pl.col("high").is_infinite().cast(pl.Int8)
    best = kinds.with_columns(unknown_last.alias("preference")).filter(
        pl.col("preference") == pl.col("preference").min().over(drug_day)
    )
    return best.group_by("person", "day").agg(pl.col("low").sum(), pl.col("high").sum()).sort("person", "day")


def _summary(daily: pl.DataFrame, knowledge: Knowledge, as_of: date) -> pl.DataFrame:
    """Bounds of every number of a person, from the daily bounds."""
    window_days = knowledge.exposure_settings.three_months_days
    early = pl.col("day") < pl.col("day").min().over("person") + pl.duration(days=window_days)
    finite = pl.when(pl.col("high").is_finite()).then(pl.col("high")).otherwise(0.0)
    rolled = daily.with_columns(early.alias("early"), finite.alias("finite")).with_columns(
        pl.col(bound).rolling_sum_by("day", f"{window_days}d").over("person").alias(f"{bound}_rolling")
        for bound in ("low", "finite")
    )
    limitless = pl.col("high").is_infinite().any()
    any_low = pl.col("low_rolling").max()
    any_high = pl.when(limitless).then(INFINITE).otherwise(pl.col("finite_rolling").max())
    later_low = _if_continued("low", any_low, window_days, as_of)
    later_finite = _if_continued("finite", any_high, window_days, as_of)
    later_high = pl.when(limitless).then(INFINITE).otherwise(later_finite)
    numbers = [
        *_named("low", _five_numbers("low", as_of), any_low, later_low),
        *_named("high", _five_numbers("high", as_of), any_high, later_high),
    ]
    return rolled.group_by("person", maintain_order=True).agg(
        *numbers, pl.col("day").min().alias("first_date"), pl.col("day").max().alias("last_date")
    )


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


def _texts(stretches: pl.DataFrame) -> pl.DataFrame:
    """Tell in words what the numbers rest on, what was assumed and why something cannot be known."""
    problem = pl.concat_str(pl.col("origin"), pl.lit(": "), pl.col("problem"))
    return stretches.group_by("person").agg(
        (~pl.col("prn").fill_null(False)).any().alias("certain"),
        pl.col("unknown_length").any(),
        pl.col("undated").any(),
        _joined(pl.col("origin"), " | ").alias("origin"),
        _joined(pl.col("assumed"), "; ").alias("assumed"),
        _joined(problem, "; ").alias("problem"),
    )


def _joined(texts: pl.Expr, separator: str) -> pl.Expr:
    return texts.drop_nulls().unique(maintain_order=True).str.join(separator)
