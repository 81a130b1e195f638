"""Finds the tables of an OMOP folder, CSV or Parquet in any letter case, and reads the columns asked for.

Every column comes out under its standard lower-case name and in its standard type; a column that is
absent comes out empty. What a cell means is not decided here. Databases (``database``) and batches of
patients (``runs``) offer the same, so that one reader serves all.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Set
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

import polars as pl

from precollapse.errors import InputError

Kind = Literal["id", "number", "date", "text"]

CSV_ENDINGS = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz")
PARQUET_ENDING = ".parquet"
SEPARATORS = (",", "\t", ";", "|")
NULLS = ["", "NULL", "null", "\\N"]
LONGEST_HEADER = 65_536  # bytes; the widest table of the model has 23 columns
UNREADABLE = "_unreadable"  # suffix of the column that keeps a date or number which could not be read
ROW = "row"
CHUNK_ROWS = 250_000  # rows of a table in memory at a time; at most some 150 bytes each

# A damaged Parquet file can make the decoder give up in the middle, which Polars reports as a panic.
UNREADABLE_FILE = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, UnicodeDecodeError)

_TYPES: dict[Kind, pl.DataType] = {
    "id": pl.Int64(),
    "number": pl.Float64(),
    "date": pl.Date(),
    "text": pl.String(),
}


class Table(NamedTuple):
    """One table of the folder: its files and the name by which rows refer to it."""

    name: str
    files: tuple[Path, ...]
    origin: str


class Cited(Protocol):
    """Tables that messages and origins can name."""

    @property
    def name(self) -> str:
        """Return how messages call the whole; never a password in it."""

    def origin(self, name: str) -> str:
        """Return the name by which rows of this table are cited."""


class Tables(Cited, Protocol):
    """What the reader needs of the tables that hold patients' data."""

    def scan(self, name: str, columns: dict[str, Kind]) -> pl.LazyFrame | None:
        """Read some columns of a table, with the number of each row in ``row``; None when it is absent."""


class Source(Cited, Protocol):
    """What reading patients in batches, and looking up words for them, needs of a record of any size."""

    ignored: list[str]  # files that are there but not read, because another holds the same table

    def names(self) -> Set[str]:
        """Return the tables that are there, in lower case."""

    def rows(self, name: str) -> int:
        """Return how many rows a table has."""

    def chunks(self, name: str, columns: dict[str, Kind], work: Path) -> Iterator[pl.DataFrame]:
        """Read some columns of a table piece by piece, as ``scan`` gives them; ``work`` may hold files."""

    def pick(self, name: str, columns: dict[str, Kind], column: str, ids: Set[int]) -> pl.DataFrame | None:
        """Read only the rows that have one of ``ids`` in ``column``; None when the table is absent."""


def place_of(tables: Cited, name: str) -> str:
    """Return how messages call one table."""
    return f"{tables.name}/{tables.origin(name)}"


class Folder:
    """The tables of one folder by their lower-case names."""

    def __init__(self, path: Path) -> None:
        if not path.is_dir():
            raise InputError(path.name, "is not a folder of OMOP tables")
        self.path = path
        self.ignored: list[str] = []
        self.tables = {name: self._choose(name, files) for name, files in _files_of(path).items()}

    def _choose(self, name: str, files: dict[str, list[Path]]) -> Table:
        """Prefer Parquet when a table is there twice; reading both would count every row twice."""
        kind = "parquet" if "parquet" in files else "csv"
        self.ignored.extend(str(path.name) for path in files.get("csv", ()) if kind == "parquet")
        chosen = sorted(files[kind])
        first = chosen[0]
        origin = first.name if first.parent == self.path else first.parent.name
        return Table(name, tuple(chosen), origin.lower())

    @property
    def name(self) -> str:
        """Return how messages call the folder."""
        return self.path.name

    def names(self) -> Set[str]:
        """Return the tables that are there."""
        return self.tables.keys()

    def origin(self, name: str) -> str:
        """Return the name by which rows of this table are cited."""
        return self.tables[name].origin

    def scan(self, name: str, columns: dict[str, Kind]) -> pl.LazyFrame | None:
        """Read some columns of a table, with the number of each row in ``row``; None when it is absent."""
        table = self.tables.get(name)
        if table is None:
            return None
        parts = [self._part(path, columns) for path in table.files]
        frame = parts[0] if len(parts) == 1 else pl.concat(parts)
        return frame.with_row_index(ROW, offset=1)

    def rows(self, name: str) -> int:
        """Return how many rows a table has."""
        counts = [self._raw(path).select(pl.len()) for path in self.tables[name].files]
        return sum(int(collect(count, place_of(self, name)).item()) for count in counts)

    def chunks(self, name: str, columns: dict[str, Kind], work: Path) -> Iterator[pl.DataFrame]:
        """Read some columns of a table piece by piece."""
        del work  # needed by other sources
        first = 1
        # One file after the other: a joint scan of many files reads ahead in all of them at once.
        for path in self.tables[name].files:
            for chunk in chunks_of(self._part(path, columns), path, place_of(self, name)):
                yield chunk.with_row_index(ROW, offset=first)
                first += chunk.height

    def pick(self, name: str, columns: dict[str, Kind], column: str, ids: Set[int]) -> pl.DataFrame | None:
        """Read only the rows that have one of ``ids`` in ``column``."""
        scan = self.scan(name, columns)
        if scan is None:
            return None
        wanted = pl.LazyFrame({column: sorted(ids)}, schema={column: pl.Int64()})
        return collect(scan.join(wanted, on=column, how="semi"), place_of(self, name))

    def _part(self, path: Path, columns: dict[str, Kind]) -> pl.LazyFrame:
        raw = self._raw(path)
        return raw.select(standard(raw.collect_schema(), columns))

    def _raw(self, path: Path) -> pl.LazyFrame:
        """Open a file of either format."""
        place = f"{self.path.name}/{path.name}"
        try:
            raw = scan_parquet(path) if path.name.lower().endswith(PARQUET_ENDING) else scan_csv(path, place)
            raw.collect_schema()
        except UNREADABLE_FILE as error:
            raise InputError(place, f"cannot be read as a table: {first_line(error)}") from error
        return raw


def standard(schema: pl.Schema, columns: dict[str, Kind]) -> list[pl.Expr]:
    """Return the columns asked for, from those that a file or database has, in their standard form."""
    written = {name.strip().strip('"').lower(): name for name in reversed(schema.names())}
    chosen: list[pl.Expr] = []
    for name, kind in columns.items():
        source = written.get(name)
        dtype = pl.String() if source is None else schema[source]
        value = pl.lit(None, dtype=pl.String()) if source is None else pl.col(source)
        chosen.append(typed(value, dtype, kind).alias(name))
        if kind in {"date", "number"}:
            chosen.append(_unreadable(value, dtype, kind).alias(name + UNREADABLE))
    return chosen


def collect(frame: pl.LazyFrame, place: str) -> pl.DataFrame:
    """Read a table now, in batches; a file that breaks half way is one error that names it."""
    try:
        return frame.collect(engine="streaming")
    except UNREADABLE_FILE as error:
        raise InputError(place, f"cannot be read as a table: {first_line(error)}") from error


def chunks_of(frame: pl.LazyFrame, path: Path, place: str) -> Iterator[pl.DataFrame]:
    """Read a file piece by piece; one that breaks half way is one error that names it."""
    if path.name.lower().endswith(PARQUET_ENDING):
        # Slices of Parquet are read by themselves, and nothing is read ahead into memory.
        rows = collect(frame.select(pl.len()), place).item()
        yield from (collect(frame.slice(at, CHUNK_ROWS), place) for at in range(0, rows, CHUNK_ROWS))
        return
    try:
        yield from frame.collect_batches(chunk_size=CHUNK_ROWS, engine="streaming")
    except UNREADABLE_FILE as error:
        raise InputError(place, f"cannot be read as a table: {first_line(error)}") from error


def first_line(error: BaseException) -> str:
    """Return the first line of an error without the record's own content that libraries like to add."""
    return str(error).strip().splitlines()[0][:160] if str(error).strip() else type(error).__name__


def scan_parquet(path: Path) -> pl.LazyFrame:
    """Open a Parquet file."""
    return pl.scan_parquet(path)


def scan_csv(path: Path, place: str) -> pl.LazyFrame:
    """Open a delimited text file with every cell as text, so that one bad cell cannot stop a table."""
    separator = _separator(path, place)
    return pl.scan_csv(
        path,
        separator=separator,
        # The vocabulary download is separated by tabs and holds bare quotation marks.
        quote_char=None if separator == "\t" else '"',
        infer_schema=False,
        null_values=NULLS,
        encoding="utf8-lossy",
        glob=False,
    )


def _separator(path: Path, place: str) -> str:
    with gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb") as handle:
        header = handle.readline(LONGEST_HEADER).decode("utf-8-sig", errors="replace")
    if not header.strip():
        raise InputError(place, "is empty: the first line must name the columns")
    return max(SEPARATORS, key=header.count)


def typed(value: pl.Expr, dtype: pl.DataType, kind: Kind) -> pl.Expr:
    """Bring a column to its standard type; a cell that does not fit becomes empty."""
    if kind == "text":
        text = value if dtype == pl.String else value.cast(pl.String)
        return text.str.strip_chars()
    if kind == "date":
        return _date(value, dtype)
    if dtype == pl.String:
        number = value.str.strip_chars().cast(pl.Float64, strict=False)
        if kind == "number":
            return number
        # Exports through tables that know no empty integer write 4112343.0.
        return value.str.strip_chars().str.replace(r"\.0+$", "").cast(pl.Int64, strict=False)
    return value.cast(_TYPES[kind], strict=False)


def _date(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if dtype != pl.String:
        return value.cast(pl.Date, strict=False)
    text = value.str.strip_chars()
    return pl.coalesce(
        text.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False),
        text.str.slice(0, 8).str.to_date("%Y%m%d", strict=False),
    )


def _unreadable(value: pl.Expr, dtype: pl.DataType, kind: Kind) -> pl.Expr:
    """Keep what stands in a column of dates or numbers when it is none; empty otherwise."""
    if dtype != pl.String:
        return pl.lit(None, dtype=pl.String())
    return pl.when(typed(value, dtype, kind).is_null()).then(value.str.slice(0, 30))


def _files_of(folder: Path) -> dict[str, dict[str, list[Path]]]:
    """Sort the files of a folder by table and format; a subfolder may hold the parts of one table."""
    found: dict[str, dict[str, list[Path]]] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "_")):
            continue
        parts = sorted(path.iterdir()) if path.is_dir() else [path]
        for part in parts:
            kind = _format(part)
            if kind is None or part.name.startswith((".", "_")):
                continue
            name = path.name.lower().split(".", 1)[0]
            found.setdefault(name, {}).setdefault(kind, []).append(part)
    return found


def _format(path: Path) -> str | None:
    name = path.name.lower()
    if name.endswith(PARQUET_ENDING):
        return "parquet"
    return "csv" if name.endswith(CSV_ENDINGS) else None
