"""Reads the tables of an OMOP CDM in a DuckDB file or a PostgreSQL database; never writes to either.

PostgreSQL is read with psycopg 3 and COPY TO STDOUT as CSV: one sequential pass over a table, streamed by
the server, in which every type arrives as the text that a CSV export would hold, so that the rules for
CSV files apply unchanged. DuckDB writes the columns asked for to a Parquet file, which needs no further
package to read. Messages name host, database and schema, never a user or a password, and repeat nothing of
what the server says, which may hold data.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Set
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import polars as pl

from precollapse.chart.omop.tables import CHUNK_ROWS, NULLS, Kind, chunks_of, standard
from precollapse.errors import InputError

if TYPE_CHECKING:
    import duckdb
    import psycopg

INSTALL = 'pip install "precollapse[database]"'
SCHEMES = ("duckdb", "postgresql", "postgres")
VOCABULARY = frozenset(["concept", "concept_ancestor", "drug_strength"])
DUCKDB_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "256MB",
    "autoinstall_known_extensions": False,  # never reaches for the network
}
CONNECT_SECONDS = "10"
CHUNK_BYTES = 64_000_000  # of text in memory at a time

_COLUMNS = "SELECT table_schema, table_name, column_name FROM information_schema.columns"
# The catalogue lists also what this user may not read: a table must fail aloud rather than seem absent.
_PG_COLUMNS = """
    SELECT n.nspname, c.relname, a.attname FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
    WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
"""


class Address:
    """A database's URL, taken apart: what goes to the driver, and what may be shown."""

    def __init__(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            self.scheme, self.host, self.port = parts.scheme.lower(), parts.hostname or "", parts.port
        except ValueError:
            raise InputError("database URL", "host or port cannot be read") from None
        if self.scheme not in SCHEMES:
            raise InputError("database URL", "must begin with duckdb:// or postgresql://")
        query = parse_qsl(parts.query, keep_blank_values=True)
        ours = {name: value for name, value in query if name in {"schema", "vocabulary_schema"}}
        self.schema = ours.get("schema")
        self.vocabulary_schema = ours.get("vocabulary_schema", self.schema)
        self.path = unquote(parts.path)
        kept = [("connect_timeout", CONNECT_SECONDS)] + [pair for pair in query if pair[0] not in ours]
        self.driver_url = parts._replace(scheme="postgresql", query=urlencode(dict(kept))).geturl()

    @property
    def shown(self) -> str:
        """Return the address without user and password."""
        if self.scheme == "duckdb":
            return Path(self.path).name
        port = f":{self.port}" if self.port else ""
        return f"{self.host or 'local server'}{port}{self.path}"


@contextmanager
def connected(url: str) -> Iterator[Database]:
    """Connect to the database of a URL for reading.

    Parameters
    ----------
    url
        ``duckdb:///path/file.db`` or ``postgresql://user@host:5432/database``, with ``?schema=cdm`` when
        the tables are not in the default schema, and ``vocabulary_schema=...`` when CONCEPT and what
        belongs to it stand in another. A password is best left to PGPASSWORD or ~/.pgpass.

    Raises
    ------
    InputError
        When the driver is not installed, the database cannot be opened, or it has no person table.
    """
    address = Address(url)
    database: Database = (DuckDb if address.scheme == "duckdb" else Postgres)(address)
    try:
        database.find_tables(address)
        yield database
    finally:
        database.close()


class Database:
    """The OMOP tables of one schema by their lower-case names; a ``Source`` of tables."""

    def __init__(self, address: Address) -> None:
        self.name = address.shown
        self.ignored: list[str] = []
        self._tables: dict[str, tuple[str, dict[str, str]]] = {}  # quoted name, and columns by standard name

    def find_tables(self, address: Address) -> None:
        """List the tables and their columns."""
        listed, default = self._listed()
        schema = (address.schema or default).lower()
        of_words = (address.vocabulary_schema or default).lower()
        for where, table, column in sorted(listed):
            name = table.lower()
            if where.lower() == (of_words if name in VOCABULARY else schema):
                _, columns = self._tables.setdefault(name, (f"{_quoted(where)}.{_quoted(table)}", {}))
                columns.setdefault(column.lower(), column)
        self.name = f"{self.name}/{schema}"
        if "person" not in self._tables:
            raise InputError(
                self.name, "this schema has no person table; name the schema of the CDM with ?schema=..."
            )

    def names(self) -> Set[str]:
        """Return the tables that are there."""
        return self._tables.keys()

    def origin(self, name: str) -> str:
        """Return the name by which rows of this table are cited; their number is their primary key."""
        return name

    def rows(self, name: str) -> int:
        """Return how many rows a table has."""
        frames = self._frames(f"SELECT count(*) AS total FROM {self._tables[name][0]}", name)
        return int(pl.concat(frames).item())

    def chunks(self, name: str, columns: dict[str, Kind], work: Path) -> Iterator[pl.DataFrame]:
        """Read some columns of a table piece by piece, with its primary key as the number of each row."""
        key = "person_id" if name == "death" else f"{name}_id"
        wanted = {**columns, key: columns.get(key, "id")}
        first = 1
        for raw in self._streamed(self._select(name, wanted), name, work):
            counted = pl.int_range(first, first + pl.len(), dtype=pl.Int64)
            frame = raw.select(standard(raw.schema, wanted))
            # A view may have no key; then rows are counted.
            yield frame.with_columns(pl.coalesce(key, counted).alias("row")).drop(
                [] if key in columns else key
            )
            first += raw.height

    def pick(self, name: str, columns: dict[str, Kind], column: str, ids: Set[int]) -> pl.DataFrame | None:
        """Read only the rows that have one of ``ids`` in ``column``."""
        if name not in self._tables or column not in self._tables[name][1]:
            return None
        select = self._select(name, columns)
        where = f"{select} WHERE {_quoted(self._tables[name][1][column])}"
        frames = [frame.select(standard(frame.schema, columns)) for frame in self._of_ids(where, name, ids)]
        return pl.concat(frames)

    def _select(self, name: str, columns: dict[str, Kind]) -> str:
        table, there = self._tables[name]
        chosen = [f"{_quoted(there[column])} AS {column}" for column in columns if column in there]
        return f"SELECT {', '.join(chosen) or 'NULL AS nothing'} FROM {table}"

    def _of_ids(self, where: str, name: str, ids: Set[int]) -> Iterator[pl.DataFrame]:
        listed = ",".join(str(number) for number in sorted(ids))
        return self._frames(f"{where} = ANY ({self._array(listed)})", name)

    @abstractmethod
    def _array(self, listed: str) -> str:
        """Return an array of integers in the words of this database."""

    @abstractmethod
    def _listed(self) -> tuple[list[tuple[str, str, str]], str]:
        """Return schema, table and column of every column, and the default schema."""

    @abstractmethod
    def _frames(self, query: str, name: str) -> Iterator[pl.DataFrame]:
        """Run a query whose answer may be kept in memory; at least one frame."""

    @abstractmethod
    def _streamed(self, query: str, name: str, work: Path) -> Iterator[pl.DataFrame]:
        """Run a query of any size."""

    @abstractmethod
    def close(self) -> None:
        """Close the connection."""


class DuckDb(Database):
    """A DuckDB file, opened for reading only."""

    def __init__(self, address: Address) -> None:
        super().__init__(address)
        try:
            import duckdb
        except ModuleNotFoundError:
            raise InputError(self.name, f"reading DuckDB files needs another package: {INSTALL}") from None
        # Other tools write relative paths with three strokes too.
        paths = [path for path in (Path(address.path), Path(address.path.lstrip("/"))) if path.is_file()]
        if not paths:
            raise InputError(self.name, "there is no such file; write duckdb:///folder/file.db")
        self._error = duckdb.Error
        try:
            self._connection: duckdb.DuckDBPyConnection = duckdb.connect(
                str(paths[0]), read_only=True, config=DUCKDB_SETTINGS
            )
        except duckdb.Error:
            problem = "cannot be opened: it is no DuckDB file, of another version, or open for writing"
            raise InputError(self.name, f"{problem} elsewhere") from None

    def _array(self, listed: str) -> str:
        return f"[{listed}]::BIGINT[]"

    def _listed(self) -> tuple[list[tuple[str, str, str]], str]:
        query = f"{_COLUMNS} WHERE table_catalog = current_database()"
        default = self._connection.execute("SELECT current_schema()").fetchall()[0][0]
        return self._connection.execute(query).fetchall(), default

    def _frames(self, query: str, name: str) -> Iterator[pl.DataFrame]:
        with TemporaryDirectory(prefix="precollapse-") as folder:
            yield from self._streamed(query, name, Path(folder))

    def _streamed(self, query: str, name: str, work: Path) -> Iterator[pl.DataFrame]:
        path = work / f"{name}-export.parquet"
        target = str(path).replace("'", "''")
        try:
            self._connection.execute(f"COPY ({query}) TO '{target}' (FORMAT parquet)")
        except self._error as error:
            raise _unread(self, name, error) from None
        exported = pl.scan_parquet(path)
        yield exported.head(0).collect()  # the columns, also of a table without rows
        yield from chunks_of(exported, path, f"{self.name}/{name}")
        path.unlink()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


class Postgres(Database):
    """A PostgreSQL database, read in one transaction, so that all tables are of one moment."""

    def __init__(self, address: Address) -> None:
        super().__init__(address)
        try:
            import psycopg
        except ImportError:  # also when the system's libpq is missing
            raise InputError(self.name, f"reading PostgreSQL needs another package: {INSTALL}") from None
        self._error = psycopg.Error
        try:
            self._connection: psycopg.Connection = psycopg.connect(address.driver_url, client_encoding="utf8")
            self._connection.read_only = True
            self._connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            # A role may have another way of writing dates as its default.
            self._connection.execute("SET LOCAL datestyle TO ISO")
        except psycopg.Error as error:
            raise InputError(self.name, _why_not_connected(error)) from None

    def _array(self, listed: str) -> str:
        return f"'{{{listed}}}'::bigint[]"

    def _listed(self) -> tuple[list[tuple[str, str, str]], str]:
        default = self._connection.execute("SELECT current_schema()").fetchall()[0][0]
        return self._connection.execute(_PG_COLUMNS).fetchall(), default or "public"

    def _frames(self, query: str, name: str) -> Iterator[pl.DataFrame]:
        copy = f"COPY ({query}) TO STDOUT (FORMAT csv, HEADER)".encode()
        try:
            with self._connection.cursor() as cursor, cursor.copy(copy) as lines:
                header = bytes(lines.read())
                content, rows = bytearray(header), 0
                # The server sends each row as one message.
                for line in lines:
                    content += line
                    rows += 1
                    if rows == CHUNK_ROWS or len(content) > CHUNK_BYTES:
                        yield _from_csv(content)
                        content, rows = bytearray(header), 0
                yield _from_csv(content)
        except self._error as error:
            raise _unread(self, name, error) from None

    def _streamed(self, query: str, name: str, work: Path) -> Iterator[pl.DataFrame]:
        del work  # rows stay in memory
        return self._frames(query, name)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _from_csv(content: bytearray) -> pl.DataFrame:
    return pl.read_csv(BytesIO(content), infer_schema=False, null_values=NULLS, encoding="utf8-lossy")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _unread(database: Database, table: str, error: Exception) -> InputError:
    return InputError(f"{database.name}/{table}", f"cannot be read: {type(error).__name__}")


def _why_not_connected(error: Exception) -> str:
    """Tell why a connection failed without the server's words, which name the user."""
    words = str(error).lower()
    if "password" in words or "authentication" in words:
        return "the server refused user or password; set PGPASSWORD or ~/.pgpass"
    if "does not exist" in words:
        return "the server has no such database or user"
    return "the server cannot be reached; check host, port and network"
