"""Copies the tables of a record, each once, into files sorted by person, so that batches read only theirs.

A record comes in any order and may be many times larger than the memory. Reading a table anew for each
batch would cost the whole table each time, so every table is read once, in chunks; each chunk is sorted
by ``person_id`` and written as one Parquet file (a "run", as in a merge sort). A batch is a stretch of
``person_id``; of each run it reads only the row groups whose statistics overlap it. Sorting chunks needs
memory for one chunk, whatever the size; dividing rows over one file per batch would need a buffer for
each batch. The same serves CSV, Parquet and databases, and a database is asked only once per table.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import polars as pl

from precollapse.chart.omop.persons import NO_PERSON_TABLE, NOBODY
from precollapse.chart.omop.schema import DEATH_COLUMNS, EVENTS, PERSON_COLUMNS
from precollapse.chart.omop.tables import CHUNK_ROWS, UNREADABLE, Kind, Source, place_of
from precollapse.errors import InputError

TABLES: dict[str, dict[str, Kind]] = {
    "person": PERSON_COLUMNS,
    "death": DEATH_COLUMNS,
    **{table.name: table.columns() for table in EVENTS},
}
ROW_GROUP = 25_000  # rows; the least that a batch reads of a run
ROWS_PER_BATCH = 1_500_000  # of all tables, on average; a person of a hospital has some hundreds
MOST_BUCKETS = 1_000_000
LOOKED_UP = "_concept_id"
PROVIDER = "provider_id"


class Stretch(NamedTuple):
    """Persons from ``first`` to before ``end``; None is open. Rows without a person are in the first."""

    first: int | None
    end: int | None


class Runs:
    """The tables of a record as sorted files in a work folder."""

    def __init__(self, source: Source, work: Path) -> None:
        self.name = source.name
        self.ids: dict[str, set[int]] = {}  # concept and provider ids in use, by column
        self.patients = 0
        self._rows = 0
        self._origins: dict[str, str] = {}
        self._files: dict[str, list[Path]] = {}
        for table, columns in TABLES.items():
            if table in source.names():
                self._origins[table] = source.origin(table)
                self._files[table] = list(self._written(source, table, columns, work))

    def _written(self, source: Source, table: str, columns: dict[str, Kind], work: Path) -> Iterator[Path]:
        looked_up = [name for name in columns if name.endswith(LOOKED_UP) or name == PROVIDER]
        for number, chunk in enumerate(_gathered(source.chunks(table, columns, work))):
            self._rows += chunk.height
            for name in looked_up:
                self.ids.setdefault(name, set()).update(chunk[name].drop_nulls().unique().to_list())
            path = work / f"{table}-{number:06}.parquet"
            try:
                # lz4 because the files are read back at once and then deleted.
                chunk.sort("person_id").write_parquet(path, compression="lz4", row_group_size=ROW_GROUP)
            except OSError as error:
                problem = f"cannot be written: {error.strerror or 'system error'}; name another work folder"
                raise InputError(f"{work.name}/{path.name}", problem) from None
            yield path

    def origin(self, name: str) -> str:
        """Return the name by which rows of this table are cited."""
        return self._origins[name]

    def stretches(self, persons_per_batch: int) -> list[Stretch]:
        """Divide the persons into stretches of at most ``persons_per_batch``, and count them.

        Where patients have many events a stretch has fewer persons, because rows are what fills memory.
        """
        if "person" not in self._files:
            raise InputError(self.name, NO_PERSON_TABLE)
        files = self._files["person"]
        ids = pl.scan_parquet(files).select(pl.col("person_id").drop_nulls()) if files else None
        self.patients = 0 if ids is None else ids.select(pl.len()).collect(engine="streaming").item()
        if ids is None or self.patients == 0:
            raise InputError(place_of(self, "person"), NOBODY)
        affordable = max(1, ROWS_PER_BATCH * self.patients // self._rows)
        starts = list(_starts(ids, min(persons_per_batch, affordable)))
        return [
            Stretch(first, end) for first, end in zip([None, *starts[1:]], [*starts[1:], None], strict=True)
        ]

    def of(self, stretch: Stretch) -> Part:
        """Return the tables with the rows of these persons only."""
        return Part(self, stretch)

    def scan(self, name: str, columns: dict[str, Kind], stretch: Stretch) -> pl.LazyFrame | None:
        """Read some columns of the rows of a stretch of persons."""
        files = self._files.get(name)
        if not files:
            return None
        kept = ["row", *columns]
        kept += [name + UNREADABLE for name, kind in columns.items() if kind in {"date", "number"}]
        return pl.scan_parquet(files).select(kept).filter(_within(stretch))


class Part:
    """The rows of one stretch of persons, for the reader."""

    def __init__(self, runs: Runs, stretch: Stretch) -> None:
        self.name = runs.name
        self._runs = runs
        self._stretch = stretch

    def origin(self, name: str) -> str:
        """Return the name by which rows of this table are cited."""
        return self._runs.origin(name)

    def scan(self, name: str, columns: dict[str, Kind]) -> pl.LazyFrame | None:
        """Read some columns of a table; None when it is absent."""
        return self._runs.scan(name, columns, self._stretch)


def _gathered(chunks: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Join small chunks, so that a table of many small files does not become as many runs."""
    kept: list[pl.DataFrame] = []
    for chunk in chunks:
        kept.append(chunk)
        if sum(part.height for part in kept) >= CHUNK_ROWS:
            yield pl.concat(kept)
            kept = []
    if kept:
        yield pl.concat(kept)


def _within(stretch: Stretch) -> pl.Expr:
    person = pl.col("person_id")
    before = pl.lit(True) if stretch.end is None else person < stretch.end
    if stretch.first is None:
        return before | person.is_null()
    return before & (person >= stretch.first)


def _starts(ids: pl.LazyFrame, limit: int) -> Iterator[int]:
    """Yield the first person_id of every batch.

    Counts persons in equal buckets of ids instead of sorting them, which bounds the memory; a bucket
    that alone holds more than a batch is divided again.
    """
    person = pl.col("person_id")
    low, high = ids.select(person.min().alias("low"), person.max().alias("high")).collect().row(0)
    # Python's integers: the span of ids made by hashing can be wider than 64 bits hold.
    width = max(1, -(-(high - low + 1) // MOST_BUCKETS))
    bucket = (person // width).alias("bucket")
    counts = ids.group_by(bucket).agg(pl.len()).collect(engine="streaming").sort("bucket")
    in_batch = 0
    for number, persons in counts.iter_rows():
        first, last = max(number * width, low), min((number + 1) * width - 1, high)
        if persons > limit and width > 1:
            yield from _starts(ids.filter(person.is_between(first, last)), limit)
            in_batch = limit
        elif in_batch == 0 or in_batch + persons > limit:
            yield first
            in_batch = persons
        else:
            in_batch += persons
