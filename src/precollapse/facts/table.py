"""The wide table of facts: one row per hip, columns per concept, filled from the long one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

import polars as pl

from precollapse.knowledge.bundle import Knowledge, KnowledgeKey

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
        The day from which ``id.years`` counts back. A date becomes ``id``, true where it is known, and
        ``id.years``.
    """
    rows = _rows(long, persons)
    parts = _placed(long, rows).partition_by("concept", as_dict=True, include_key=False)
    known = [
        column
        for (concept,), part in parts.items()
        for column in _columns(str(concept), knowledge.concepts[str(concept)].type, part, rows.height, as_of)
    ]
    # Columns that the rows do not have are filled up with nulls: unknown.
    unknown = _empty(KnowledgeKey(knowledge))
    return pl.concat([rows.drop("row"), unknown], how="diagonal").with_columns(known)


@lru_cache(maxsize=4)
def _empty(key: KnowledgeKey) -> pl.DataFrame:
    """Return the columns of all concepts, without rows."""
    schema: dict[str, type[pl.DataType]] = {}
    for concept in key.knowledge.concepts.values():
        if concept.type == "number":
            schema |= {f"{concept.id}.low": pl.Float64, f"{concept.id}.high": pl.Float64}
        else:
            schema |= {concept.id: _TYPES[concept.type], f"{concept.id}.years": pl.Float64}
    return pl.DataFrame(schema=schema)


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


_TYPES = {"yes_no": pl.Boolean, "choice": pl.String, "date": pl.Boolean}
_VALUES = {"yes_no": "truth", "choice": "choice", "date": "known"}


def _columns(
    name: str, kind: str, part: pl.DataFrame, height: int, as_of: date
) -> Iterable[pl.Series]:
    if kind == "number":
        yield _scatter(f"{name}.low", pl.Float64, part, "low", height)
        yield _scatter(f"{name}.high", pl.Float64, part, "high", height)
        return
    since = pl.col("date_value" if kind == "date" else "since")
    years = (pl.lit(as_of) - since).dt.total_days() / DAYS_PER_YEAR
    part = part.with_columns(years.alias("years"), pl.when(since.is_not_null()).then(True).alias("known"))
    yield _scatter(name, _TYPES[kind], part, _VALUES[kind], height)
    yield _scatter(f"{name}.years", pl.Float64, part, "years", height)


def _scatter(name: str, kind: type[pl.DataType], part: pl.DataFrame, column: str, height: int) -> pl.Series:
    """Put a column's values at the numbers of their rows; all other rows stay unknown."""
    empty = pl.Series(name, [None], dtype=kind).new_from_index(0, height)
    return empty.scatter(part["row"], part[column])
