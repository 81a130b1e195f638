"""OMOP records in DuckDB and PostgreSQL: what cannot be read is said without user, password or data."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from precollapse.chart.model import Chart
from precollapse.chart.omop.read import read_omop
from precollapse.errors import InputError
from precollapse.knowledge.load import load
from tests.chart.omop_fixtures.five_people import batches_of, invented_people, keyed
from tests.chart.omop_fixtures.omop_databases import duckdb_of, postgres_of, postgres_server
from tests.chart.omop_fixtures.same_charts import assert_same


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return invented_people(tmp_path_factory.mktemp("omop") / "five")


@pytest.mark.parametrize(
    ("module", "url"),
    [("duckdb", "duckdb:///x.duckdb"), ("psycopg", "postgresql://someone:secret@127.0.0.1/cdm")],
)
def test_a_missing_driver_is_an_error_that_says_what_to_install(
    module: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(InputError, match=r"precollapse\[database\]") as error:
        batches_of(url)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://someone:secret@127.0.0.1/cdm", "duckdb:// or postgresql://"),
        ("postgresql://someone:secret@127.0.0.1:notaport/cdm", "port"),
        ("postgresql://someone:secret@127.0.0.1:1/cdm", "cannot be reached"),
        ("postgresql://someone:secret@127.0.0.1:1/cdm?nonsense=1", "cannot be reached"),
        ("duckdb:///nowhere/cdm.duckdb", "no such file"),
    ],
)
def test_a_database_that_cannot_be_opened_is_an_error_without_the_password(url: str, says: str) -> None:
    pytest.importorskip("duckdb" if url.startswith("duckdb") else "psycopg", reason="the driver is missing")
    with pytest.raises(InputError) as error:
        batches_of(url)
    assert says in str(error.value)
    assert "secret" not in str(error.value)
    assert "someone" not in str(error.value)
    assert error.value.__context__ is None or error.value.__suppress_context__


def test_a_refused_password_is_an_error_that_shows_neither_user_nor_password(server: str) -> None:
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE ROLE guarded LOGIN PASSWORD 'correct-horse'")
    url = server.replace("owner@", "guarded:wrong-secret@")
    with pytest.raises(InputError, match="refused user or password") as error:
        batches_of(url)
    assert "wrong-secret" not in str(error.value)
    assert "guarded" not in str(error.value)


def test_a_schema_without_a_person_table_is_an_error_that_names_schema_and_server(server: str) -> None:
    with pytest.raises(InputError, match=r"127\.0\.0\.1:\d+/postgres/nothing: .*no person table"):
        batches_of(f"{server}?schema=nothing")


def test_a_table_that_may_not_be_read_is_an_error_and_does_not_seem_absent(
    server: str, invented: Path
) -> None:
    import psycopg

    url = postgres_of(invented, server, "private")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE ROLE nosy LOGIN")
        connection.execute("GRANT USAGE ON SCHEMA private TO nosy")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA private TO nosy")
        connection.execute("REVOKE SELECT ON private.measurement FROM nosy")
    with pytest.raises(InputError, match=r"measurement: cannot be read: InsufficientPrivilege"):
        batches_of(url.replace("owner@", "nosy@"))


def test_a_vocabulary_in_another_schema_is_found(server: str, invented: Path) -> None:
    import psycopg

    url = postgres_of(invented, server, "patients")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA words")
        for table in ("concept", "concept_ancestor", "drug_strength"):
            connection.execute(f"ALTER TABLE patients.{table} SET SCHEMA words".encode())
    expected = keyed(read_omop(invented, load()))
    assert_same(batches_of(f"{url}&vocabulary_schema=words"), expected)


def test_a_duckdb_file_is_not_changed_and_views_are_read_like_tables(invented: Path, tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
    url = duckdb_of(invented, tmp_path / "cdm.duckdb")
    with duckdb.connect(str(tmp_path / "cdm.duckdb")) as connection:
        connection.execute("CREATE SCHEMA seen")
        connection.execute("CREATE VIEW seen.PERSON AS SELECT person_id AS PERSON_ID FROM main.person")
        connection.execute(
            "CREATE VIEW seen.condition_occurrence AS "
            "SELECT * EXCLUDE (condition_occurrence_id) FROM main.condition_occurrence"
        )
    before = (tmp_path / "cdm.duckdb").read_bytes()
    chart = only_chart(batches_of(f"{url}?schema=seen&vocabulary_schema=main"))
    assert chart.statements.height == 5
    assert chart.statements["origin"][0].startswith("condition_occurrence: row 1")
    assert (tmp_path / "cdm.duckdb").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cdm.duckdb"]


def only_chart(charts: list[Chart]) -> Chart:
    assert len(charts) == 1
    return charts[0]


def test_a_file_that_is_no_duckdb_database_is_an_error(tmp_path: Path) -> None:
    pytest.importorskip("duckdb", reason="duckdb is not installed")
    (tmp_path / "cdm.duckdb").write_text("not a database")
    with pytest.raises(InputError, match=r"cdm\.duckdb: cannot be opened"):
        batches_of(f"duckdb://{tmp_path}/cdm.duckdb")
