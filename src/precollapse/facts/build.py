"""chart → facts: one row per hip, one column per concept; null means unknown.

``Facts.table`` is what the engine computes on; ``Facts.long`` says of every recorded or computed fact
where it came from or why it is unknown. A third row, "unspecified", stands for a hip whose side the
record does not name; it exists only where something was said without a side.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from precollapse.chart.model import STATEMENTS, Chart
from precollapse.facts.derive import derive
from precollapse.facts.exposure import EXPOSURE_NUMBERS, possible_range, systemic_exposure
from precollapse.facts.resolve import dated_after, resolve
from precollapse.facts.table import HipTable, hip_table
from precollapse.knowledge.bundle import Knowledge

LONG = {
    "person": pl.UInt32,
    "hip": pl.String,
    "concept": pl.String,
    "type": pl.String,
    "truth": pl.Boolean,
    "number": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "choice": pl.String,
    "date_value": pl.Date,
    "since": pl.Date,
    "date": pl.Date,
    "origin": pl.String,
    "note": pl.String,
    "why_unknown": pl.String,
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of each hip on one day.

    Attributes
    ----------
    as_of
        The day of the assessment.
    persons
        One row per person: ``person``, ``key``, ``sex``, ``age_years`` bounds and the record's origin.
    long
        One row per recorded fact; columns ``LONG``.
    table
        One row per person and hip ("left", "right", "unspecified"), columns per concept.
    future
        Statements left out because they are dated after the assessment: person, origin.
    """

    as_of: date
    persons: pl.DataFrame
    long: pl.DataFrame
    table: HipTable
    future: pl.DataFrame


def build_facts(chart: Chart, knowledge: Knowledge, as_of: date) -> Facts:
    """Resolve a chart into facts.

    Parameters
    ----------
    chart
        Any number of patients.
    knowledge
        The loaded knowledge.
    as_of
        The day of the assessment. The clock is never read.
    """
    exposure = systemic_exposure(chart.doses, knowledge, as_of)
    statements = pl.concat([chart.statements, _exposed(exposure)]) if exposure.height else chart.statements
    resolved = resolve(statements, knowledge, as_of).with_columns(pl.lit(None, pl.Date).alias("date_value"))
    persons = _ages(chart.persons, knowledge, as_of)
    computed = [*_exposure_facts(exposure), *_demographics(persons)]
    long = _prefer([*computed, resolved.select(list(LONG)).lazy()])
    table = hip_table(long, persons, knowledge, as_of)
    derive(table)
    return Facts(as_of, persons, long, table, _future(chart, as_of))


def _future(chart: Chart, as_of: date) -> pl.DataFrame:
    """List what is dated after the assessment, so that it can be shown as unread."""
    statements = chart.statements.filter(dated_after(as_of)).select("person", "origin")
    doses = chart.doses.filter(pl.col("start") > as_of).select("person", "origin")
    later = pl.concat([statements, doses])
    return later.unique(maintain_order=True) if later.height else later


def _exposed(exposure: pl.DataFrame) -> pl.DataFrame:
    """Say that a person with systemic doses has had systemic corticosteroids, as a statement."""
    return (
        exposure.select(
            "person",
            pl.lit("systemic_corticosteroid").alias("concept"),
            pl.when("certain").then(pl.lit("present")).otherwise(pl.lit("provisional")).alias("status"),
            pl.col("first_date").alias("start"),
            pl.col("last_date").alias("recorded"),
            "origin",
            pl.when(pl.col("certain")).then(None).otherwise(pl.lit("only as needed")).alias("note"),
        )
        .with_columns(
            pl.lit(None, kind).alias(name)
            for name, kind in STATEMENTS.items()
            if name not in {"person", "concept", "status", "start", "recorded", "origin", "note"}
        )
        .select(list(STATEMENTS))
    )


def _exposure_facts(exposure: pl.DataFrame) -> list[pl.LazyFrame]:
    """Turn the computed exposure into facts: a number when both bounds agree, else bounds."""
    if exposure.is_empty():
        return []
    note = pl.concat_str(
        pl.when(pl.col("assumed") != "").then(pl.concat_str(pl.lit("assumed: "), "assumed")),
        pl.when(pl.col("problem") != "").then(pl.concat_str(pl.lit("cannot be known: "), "problem")),
        separator="; ",
        ignore_nulls=True,
    )
    shared = (
        "person",
        "origin",
        note.alias("note"),
        pl.col("first_date").alias("since"),
        pl.col("last_date").alias("date"),
    )
    exact = pl.col("low") == pl.col("high")
    numbers = (
        exposure.lazy()
        .select(
            *shared,
            pl.lit(list(EXPOSURE_NUMBERS)).alias("concept"),
            pl.concat_list(f"{name}.low" for name in EXPOSURE_NUMBERS).alias("low"),
            pl.concat_list(f"{name}.high" for name in EXPOSURE_NUMBERS).alias("high"),
        )
        .explode("concept", "low", "high")
        .with_columns(
            pl.lit("number").alias("type"),
            pl.when(exact).then("low").alias("number"),
            pl.when(~exact).then(pl.lit("unreadable")).alias("why_unknown"),
        )
    )
    dates = (
        exposure.lazy()
        .select(
            *shared,
            pl.lit(["corticosteroid_first_date", "corticosteroid_last_date"]).alias("concept"),
            pl.concat_list("first_date", "last_date").alias("date_value"),
        )
        .explode("concept", "date_value")
        .with_columns(pl.lit("date").alias("type"))
    )
    return [numbers, dates]


def _ages(persons: pl.DataFrame, knowledge: Knowledge, as_of: date) -> pl.DataFrame:
    """Add bounds of the age in completed years; a partial date of birth leaves a span.

    A date of birth in the future, or before anybody now living was born, gives no age but a problem.
    """
    latest_birth = (
        pl.when(pl.col("birth_precision") == "year")
        .then(pl.col("birth_date").dt.offset_by("1y"))
        .when(pl.col("birth_precision") == "month")
        .then(pl.col("birth_date").dt.offset_by("1mo"))
        .otherwise(pl.col("birth_date").dt.offset_by("1d"))
        .dt.offset_by("-1d")
    )
    aged = persons.with_columns(
        pl.coalesce(_completed_years(latest_birth, as_of), "age_years").alias("age_low"),
        pl.coalesce(_completed_years(pl.col("birth_date"), as_of), "age_years").alias("age_high"),
    )
    least, most = possible_range(knowledge, "age_years")
    impossible = (pl.col("age_high") < least) | (pl.col("age_low") > most)
    problem = f"impossible: the date of birth gives an age outside {least:g} to {most:g} years"
    return aged.with_columns(
        pl.when(~impossible).then(pl.col("age_low").clip(least, most)).alias("age_low"),
        pl.when(~impossible).then(pl.col("age_high").clip(least, most)).alias("age_high"),
        pl.when(impossible).then(pl.lit(problem)).alias("age_problem"),
    )


def _completed_years(birth: pl.Expr, as_of: date) -> pl.Expr:
    # Months and days are eight-bit columns; a hundred times a month does not fit into one.
    day_of_year = birth.dt.month().cast(pl.Int32) * 100 + birth.dt.day()
    not_yet = day_of_year > as_of.month * 100 + as_of.day
    return (as_of.year - birth.dt.year() - not_yet.cast(pl.Int32)).cast(pl.Float64)


def _demographics(persons: pl.DataFrame) -> list[pl.LazyFrame]:
    """Turn age and sex into facts of the patient."""
    rows = persons.lazy()
    age = rows.filter(pl.col("age_low").is_not_null() | pl.col("age_problem").is_not_null()).select(
        "person",
        pl.lit("age_years").alias("concept"),
        pl.lit("number").alias("type"),
        pl.when(pl.col("age_low") == pl.col("age_high")).then("age_low").alias("number"),
        pl.col("age_low").alias("low"),
        pl.col("age_high").alias("high"),
        "origin",
        pl.col("age_problem").alias("note"),
        pl.when(pl.col("age_problem").is_not_null()).then(pl.lit("unreadable")).alias("why_unknown"),
    )
    sex = rows.filter(pl.col("sex").is_not_null()).select(
        "person",
        pl.lit("sex").alias("concept"),
        pl.lit("choice").alias("type"),
        pl.col("sex").alias("choice"),
        "origin",
    )
    return [age, sex]


def _prefer(frames: list[pl.LazyFrame]) -> pl.DataFrame:
    """Where something was both computed and stated, keep the known one; computed wins a tie."""
    key = ["person", "hip", "concept"]
    unknown = pl.col("why_unknown").is_not_null()
    return (
        pl.concat(frames, how="diagonal")
        .select(list(LONG))
        .sort(unknown, maintain_order=True)
        .unique(key, keep="first", maintain_order=True)
        .collect(optimizations=pl.QueryOptFlags.none())
    )
