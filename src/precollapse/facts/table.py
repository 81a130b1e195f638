"""The wide table of facts: one row per hip, columns per concept, filled from the long one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import polars as pl

from precollapse.knowledge.bundle import Knowledge

DAYS_PER_YEAR = 365.25


def wide_table(long: pl.DataFrame, persons: pl.DataFrame, knowledge: Knowledge, as_of: date) -> pl.DataFrame:
    """Spread the long table over one row per person and hip.

    Parameters
    ----------
    long
        Facts as rows; ``hip`` null means both hips share the fact.
    persons
        One row per person, in the order the rows shall have.
    knowledge
        Which concepts exist and of which type; a concept nobody recorded becomes a column of nulls.
    as_of
        The day from which ``id.years`` counts back.
    """
    rows = _rows(long, persons)
    placed = _placed(long, rows)
    columns: list[pl.Series] = []
    parts = placed.partition_by("concept", as_dict=True, include_key=False)
    for concept in knowledge.concepts.values():
        part = parts.get((concept.id,))
        columns += _columns(concept.id, concept.type, part, rows.height, as_of)
    return rows.drop("row").hstack(columns)


def _rows(long: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """Left and right for everybody; "unspecified" where something was said without a side."""
    two = persons.select("person").join(pl.DataFrame({"hip": ["left", "right"]}), how="cross")
    third = long.filter(pl.col("hip") == "unspecified").select("person", "hip").unique()
    return (
        pl.concat([two, third])
        .sort("person", "hip", maintain_order=True)
        .with_row_index("row")
    )  # fmt: skip


def _placed(long: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Give every fact the numbers of the rows it belongs to."""
    of_hip = long.filter(pl.col("hip").is_not_null()).join(rows, on=["person", "hip"], how="inner")
    of_patient = long.filter(pl.col("hip").is_null()).drop("hip").join(rows, on="person", how="inner")
    return pl.concat([of_hip, of_patient.select(of_hip.columns)])


_TYPES = {"yes_no": pl.Boolean, "choice": pl.String, "date": pl.Date}
_VALUES = {"yes_no": "truth", "choice": "choice", "date": "date_value"}


def _columns(
    name: str, kind: str, part: pl.DataFrame | None, height: int, as_of: date
) -> Iterable[pl.Series]:
    if kind == "number":
        yield _scatter(f"{name}.low", pl.Float64, part, "low", height)
        yield _scatter(f"{name}.high", pl.Float64, part, "high", height)
        return
    yield _scatter(name, _TYPES[kind], part, _VALUES[kind], height)
    if part is not None:
        since = "date_value" if kind == "date" else "since"
        part = part.with_columns(
            ((pl.lit(as_of) - pl.col(since)).dt.total_days() / DAYS_PER_YEAR).alias("years")
        )
    yield _scatter(f"{name}.years", pl.Float64, part, "years", height)


def _scatter(
    name: str, kind: type[pl.DataType], part: pl.DataFrame | None, column: str, height: int
) -> pl.Series:
    """Put a column's values at the numbers of their rows; all other rows stay unknown."""
    empty = pl.Series(name, [None], dtype=kind).new_from_index(0, height)
    if part is None:
        return empty
    known = part.filter(pl.col(column).is_not_null())
    return empty.scatter(known["row"], known[column]) if known.height else empty
