"""Puts an OMOP folder of CSV files into DuckDB and PostgreSQL; starts a private PostgreSQL server."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SERVER_USER = "postgres"  # a server refuses to be run by root
GUARDED, PASSWORD = "guarded", "correct-horse"
_HBA = f"host all {GUARDED} 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n"


_TEXT_IDS = {
    "vocabulary_id", "domain_id", "concept_class_id", "relationship_id", "reverse_relationship_id",
    "unique_device_id", "production_id",
}  # fmt: skip


def _type(column: str) -> str:
    """Return the type that the model's own table definitions give a column."""
    if column in _TEXT_IDS:
        return "VARCHAR"
    if column.endswith("_datetime"):
        return "TIMESTAMP"
    if column.endswith("_date"):
        return "DATE"
    if column.endswith(("_id", "_of_birth")) or column == "refills" or column == "days_supply":
        return "BIGINT"
    return "NUMERIC(18,4)" if column in {"value_as_number", "quantity"} else "VARCHAR"


def _tables(folder: Path) -> Iterator[tuple[str, Path, str]]:
    """Yield each table, its file and its columns with types."""
    for path in sorted(folder.glob("*.csv")):
        with path.open() as handle:
            names = handle.readline().strip().replace('"', "").lower().split(",")
        yield path.stem.lower(), path, ", ".join(f'"{name}" {_type(name)}' for name in names)


def duckdb_of(folder: Path, file: Path) -> str:
    """Write the tables of a folder into a DuckDB file; return its URL."""
    import duckdb

    with duckdb.connect(str(file)) as connection:
        for name, path, columns in _tables(folder):
            connection.execute(f"CREATE TABLE {name} ({columns})")
            connection.execute(f"COPY {name} FROM '{path}' (FORMAT csv, HEADER, STRICT_MODE false)")
    return f"duckdb://{file}"


def postgres_of(folder: Path, server: str, schema: str) -> str:
    """Write the tables of a folder into a schema of its own; return its URL."""
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}".encode())
        for name, path, columns in _tables(folder):
            connection.execute(f"CREATE TABLE {schema}.{name} ({columns})".encode())
            copy = f"COPY {schema}.{name} FROM STDIN (FORMAT csv, HEADER)".encode()
            with connection.cursor() as cursor, cursor.copy(copy) as target:
                target.write(path.read_bytes())
    return f"{server}?schema={schema}"


@contextmanager
def postgres_server() -> Iterator[str]:
    """Run a server on a free port of this machine and yield its URL, or skip the test."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="precollapse-postgres-"))
    data = folder / "data"
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, SERVER_USER)
        _run(binaries / "initdb", "-D", data, "-U", "owner", "-A", "trust", "-E", "UTF8", "--no-sync")
        (data / "pg_hba.conf").write_text(_HBA)
        port = _free_port()
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c fsync=off -k {folder}"
        _run(binaries / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
        try:
            yield f"postgresql://owner@127.0.0.1:{port}/postgres"
        finally:
            _run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path:
    on_path = shutil.which("initdb")
    found = [Path(on_path).parent] if on_path else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not found or not (found[-1] / "postgres").exists():
        pytest.skip("PostgreSQL's initdb and postgres are not installed")
    if os.geteuid() == 0 and shutil.which("runuser") is None:
        pytest.skip("a PostgreSQL server cannot be run by root and there is no runuser")
    return found[-1]


def _run(*command: str | Path) -> None:
    as_user = ["runuser", "-u", SERVER_USER, "--"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*as_user, *map(str, command)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
        check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.skip(f"a private PostgreSQL server could not be run: {Path(command[0]).name} failed")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
