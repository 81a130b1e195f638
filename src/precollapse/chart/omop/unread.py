"""Sums what was not read: one row per table, reason and detail instead of one per record.

Kept apart per patient as long as people can read the list; beyond that it is summed over all of them.
"""

from __future__ import annotations

import polars as pl

from precollapse.chart.model import UNREAD

PATIENTS_LISTED_APART = 1_000

_KEY = ["person", "table", "reason", "detail"]
RAW = {
    "person": pl.UInt32(),
    "table": pl.String(),
    "reason": pl.String(),
    "detail": pl.String(),
    "count": pl.UInt32(),
    "row": pl.Int64(),  # a database cites rows by their key, which may be large
}


def raw(frame: pl.DataFrame, table: str, *, apart: bool) -> pl.DataFrame:
    """Sum rows that carry ``person``, ``reason``, ``detail`` and ``row``; ``count`` is optional."""
    count = pl.col("count") if "count" in frame.columns else pl.lit(1)
    person = pl.col("person") if apart else pl.lit(None)
    return (
        frame.lazy()
        .select(
            person.cast(pl.UInt32).alias("person"),
            pl.lit(table).alias("table"),
            pl.col("reason").cast(pl.String),
            pl.col("detail").cast(pl.String),
            count.cast(pl.UInt32).alias("count"),
            pl.col("row").cast(pl.Int64),
        )
        .group_by(_KEY, maintain_order=True)
        .agg(pl.col("count").sum(), pl.col("row").min())
        .select(list(RAW))
        .collect()
    )


def one(table: str, reason: str, detail: str, count: int) -> pl.DataFrame:
    """Return one row for a whole table that is not used."""
    return pl.DataFrame([(None, table, reason, detail, count, 1)], schema=RAW, orient="row")


def finished(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Return the chart's table of what was not read."""
    joined = pl.concat([part for part in parts if part.height] or [pl.DataFrame(schema=RAW)])
    summed = joined.group_by(_KEY, maintain_order=True).agg(pl.col("count").sum(), pl.col("row").min())
    origin = (
        pl.when(pl.col("count") == 1)
        .then(pl.format("{}: row {}", pl.col("table"), pl.col("row")))
        .otherwise(pl.format("{} ×{}", pl.col("table"), pl.col("count")))
    )
    return summed.with_columns(origin.alias("origin")).select(
        pl.col(name).cast(dtype) for name, dtype in UNREAD.items()
    )
