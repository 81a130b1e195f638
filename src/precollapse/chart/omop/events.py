"""Reads the rows of one table of events that mean something, and sums the rest, in two passes.

The first pass counts each combination of codes; the second reads only rows whose codes mean something.
Rows of unknown persons and rows dated before birth go to the list of what was not read.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from precollapse.chart.omop import unread
from precollapse.chart.omop.meaning import Codes, Interpreter, Meaning
from precollapse.chart.omop.persons import People
from precollapse.chart.omop.schema import CODES, EventTable
from precollapse.chart.omop.tables import UNREADABLE, Tables, collect, place_of


@dataclass
class Counted:
    """A table after the first pass: how often each combination of codes stands in it."""

    table: EventTable
    origin: str
    place: str
    scan: pl.LazyFrame
    combinations: pl.DataFrame  # the code columns, person, count, row


@dataclass
class Read:
    """A table after the second pass: its rows that mean something, with ``meaning`` as a number."""

    origin: str
    rows: pl.DataFrame
    meanings: list[Meaning]
    unread: list[pl.DataFrame]


def count(tables: Tables, table: EventTable, people: People) -> Counted | None:
    """Count the combinations of codes of a table; None when the table is absent."""
    scan = tables.scan(table.name, table.columns())
    if scan is None:
        return None
    origin, place = tables.origin(table.name), place_of(tables, table.name)
    renamed = scan.rename(table.renamed()).join(
        people.numbers.lazy().select("person_id", "person"), on="person_id", how="left"
    )
    known = pl.col("person").is_not_null()
    apart = [pl.col("person")] if people.apart else []
    combinations = collect(
        renamed.group_by(*CODES, known.alias("known"), *apart).agg(
            pl.len().alias("count"), pl.col("row").min()
        ),
        place,
    ).sort("row")
    if not people.apart:
        combinations = combinations.with_columns(pl.lit(None, dtype=pl.UInt32).alias("person"))
    return Counted(table, origin, place, renamed, combinations)


def read(counted: Counted, interpreter: Interpreter, people: People) -> Read:
    """Read the rows whose codes mean something."""
    distinct = counted.combinations.select(CODES).unique(maintain_order=True)
    meanings = [interpreter.meaning(Codes(counted.table.name, *codes)) for codes in distinct.iter_rows()]
    numbered = distinct.with_columns(
        pl.Series("meaning", range(len(meanings)), dtype=pl.UInt32),
        pl.Series("reason", [meaning.reason for meaning in meanings], dtype=pl.String),
        pl.Series("detail", [meaning.label for meaning in meanings], dtype=pl.String),
    )
    joined = counted.combinations.join(
        numbered, on=CODES, how="left", nulls_equal=True, maintain_order="left"
    )
    strangers = joined.filter(~pl.col("known")).with_columns(
        pl.lit("dangling reference").alias("reason"),
        pl.lit("its person_id is not in the person table").alias("detail"),
    )
    nothing = joined.filter(pl.col("known") & pl.col("reason").is_not_null())
    listed = [unread.raw(part, counted.origin, apart=people.apart) for part in (strangers, nothing)]
    wanted = numbered.filter(pl.col("reason").is_null()).select(*CODES, "meaning")
    scan = counted.scan.filter(pl.col("person").is_not_null()).join(
        wanted.lazy(), on=CODES, how="inner", nulls_equal=True
    )
    rows = collect(scan.select(_needed(counted.table)), counted.place).sort("row")
    dated, problems = _dated(rows, people)
    listed += [unread.raw(part, counted.origin, apart=people.apart) for part in problems]
    return Read(counted.origin, dated, meanings, listed)


def _needed(table: EventTable) -> list[pl.Expr]:
    """Join date and time columns into one start and one end, and keep no column that nobody reads."""
    stems = {"start": table.start, **({"end": table.end} if table.end else {})}
    dates = [
        pl.coalesce(f"{stem}_date{suffix}", f"{stem}_datetime{suffix}").alias(f"{name}{kept}")
        for name, stem in stems.items()
        for suffix, kept in (("", ""), (UNREADABLE, "_bad"))
    ]
    numbers = [name + UNREADABLE for name, kind in table.attributes.items() if kind == "number"]
    names = ["row", "person", "meaning", "concept_id", *table.attributes, *numbers]
    return [pl.col(name) for name in names] + dates


def _dated(rows: pl.DataFrame, people: People) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """Set aside rows dated before birth; list dates that cannot be read, whose rows stay without them."""
    born = rows.join(
        people.numbers.select("person", "birth_date"), on="person", how="left", maintain_order="left"
    )
    early = (pl.col("start") < pl.col("birth_date")).fill_null(value=False)
    problems = [_problem(born.filter(early), "impossible", "dated before the patient was born")]
    for name in ("start", "end"):
        if f"{name}_bad" in rows.columns:
            bad = born.filter(pl.col(name).is_null() & pl.col(f"{name}_bad").is_not_null())
            problems.append(
                _problem(bad, "not readable", pl.format(f"the {name} date {{}} is no date", f"{name}_bad"))
            )
    return born.filter(~early), problems


def _problem(rows: pl.DataFrame, reason: str, detail: str | pl.Expr) -> pl.DataFrame:
    words = pl.lit(detail) if isinstance(detail, str) else detail
    return rows.select("person", "row", pl.lit(reason).alias("reason"), words.alias("detail"))
