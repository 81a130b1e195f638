"""Reading OMOP records in batches of patients: the same charts from every source, in bounded memory."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from precollapse.chart.omop.batches import count_persons, omop_batches
from precollapse.chart.omop.read import read_omop
from precollapse.chart.omop.tables import Folder
from precollapse.errors import InputError
from precollapse.knowledge.load import load
from tests.chart.omop_fixtures.five_people import PEOPLE, batches_of, invented_people, keyed
from tests.chart.omop_fixtures.many_people import write_people
from tests.chart.omop_fixtures.omop_databases import duckdb_of, postgres_of, postgres_server
from tests.chart.omop_fixtures.omop_folder import (
    only,
    write_folder,
)
from tests.chart.omop_fixtures.same_charts import assert_same

SIZES = (1, 7, 1000)
SOURCES = ("folder", "duckdb", "postgresql")
MOST_MEMORY_MB = 1024


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return invented_people(tmp_path_factory.mktemp("omop") / "five")


def _source(kind: str, folder: Path, place: Path, request: pytest.FixtureRequest) -> Path | str:
    if kind == "folder":
        return folder
    if kind == "duckdb":
        pytest.importorskip("duckdb", reason="duckdb is not installed")
        return duckdb_of(folder, place / "cdm.duckdb")
    return postgres_of(folder, request.getfixturevalue("server"), f"cdm_{folder.name}")


# --- the same charts from every source -------------------------------------------------------------------


@pytest.mark.parametrize("kind", SOURCES)
def test_every_source_and_batch_size_gives_the_rows_of_the_whole_folder(
    kind: str, invented: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    source = _source(kind, invented, tmp_path, request)
    whole = read_omop(invented, load())
    expected = whole if kind == "folder" else keyed(whole)
    assert whole.statements.height > 15
    assert whole.doses.height == 17
    for size in SIZES:
        charts = batches_of(source, size)
        assert all(chart.persons.height <= size for chart in charts)
        assert_same(charts, expected)
    assert count_persons(source) == len(PEOPLE)


@pytest.mark.parametrize("kind", SOURCES)
def test_synthea_patients_are_the_same_from_folder_duckdb_and_postgresql(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    folder = _synthea(tmp_path)
    source = _source(kind, folder, tmp_path, request)
    expected = read_omop(folder, load())
    assert expected.persons.height == 28
    assert expected.statements.height > 1000
    for size in SIZES:
        assert_same(batches_of(source, size), expected, ignoring=("origin",))


def _synthea(place: Path) -> Path:
    """Unpack the sample that is kept outside of the repository, or skip the test."""
    variable, name = "PRECOLLAPSE_TEST_DATA", "Synthea27Nj.zip"
    data = os.environ.get(variable)
    if not data:
        pytest.skip(f"set {variable} to a folder that holds, or stands beside one that holds, {name}")
    found = [*Path(data).glob(f"**/{name}"), *Path(data).parent.glob(f"*/{name}")]
    if not found:
        pytest.skip(f"{name} is neither in the folder that {variable} names nor beside it")
    folder = place / "synthea"
    folder.mkdir()
    with zipfile.ZipFile(found[0]) as archive:
        for entry in archive.namelist():
            if "/" not in entry:
                (folder / entry.lower()).write_bytes(archive.read(entry))
    return folder


def test_parquet_and_csv_of_the_same_patients_give_the_same_charts(tmp_path: Path) -> None:
    for form in ("csv", "parquet"):
        write_people(tmp_path / form, 300, form)
    expected = read_omop(tmp_path / "csv", load())
    assert expected.statements.height > 500
    assert_same(batches_of(tmp_path / "parquet", 70), expected)


# --- who and what is in a batch --------------------------------------------------------------------------


def test_every_patient_is_in_exactly_one_batch_and_one_without_events_too(invented: Path) -> None:
    for size in SIZES:
        keys = [key for chart in batches_of(invented, size) for key in chart.persons["key"]]
        assert sorted(keys) == sorted(map(str, PEOPLE))


def test_patients_come_in_ascending_order_of_their_ids(invented: Path) -> None:
    keys = [int(key) for chart in batches_of(invented, 1) for key in chart.persons["key"]]
    assert keys == sorted(PEOPLE)


def test_events_of_unknown_persons_are_listed_once_as_unread(invented: Path) -> None:
    for size in SIZES:
        unread = pl.concat(chart.unread for chart in batches_of(invented, size))
        strangers = unread.filter(pl.col("reason") == "dangling reference")
        assert sorted(strangers["origin"]) == ["condition_occurrence.csv: row 6", "measurement.csv: row 13"]


def test_malformed_rows_are_named_in_batches_as_in_the_whole(tmp_path: Path) -> None:
    (tmp_path / "person.csv").write_text(
        "person_id,year_of_birth\n7,1985\nseven,1985\n8,1990\n7,1999\n9,nineteen\n,1950\n"
    )
    (tmp_path / "condition_occurrence.csv").write_text(
        "person_id,condition_concept_id,condition_start_date,condition_source_value\n"
        "7,0,2026-13-45,M87.051\n8,0,2020-01-01,M87.051\n9,0,1800-01-01,M87.051\nx,0,2020-01-01,M87.051\n"
    )
    expected = read_omop(tmp_path, load())
    assert expected.unread.height == 4
    for size in SIZES:
        assert_same(batches_of(tmp_path, size), expected)


def test_a_table_with_broken_lines_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    write_folder(tmp_path)
    (tmp_path / "condition_occurrence.csv").write_text("person_id,condition_concept_id\n7,257628,9,9\n")
    with pytest.raises(InputError, match=r"condition_occurrence\.csv"):
        batches_of(tmp_path)


@pytest.mark.parametrize("content", ["", "person_id\n", "person_id\nx\n"])
def test_a_record_of_nobody_is_an_error(tmp_path: Path, content: str) -> None:
    (tmp_path / "person.csv").write_text(content)
    with pytest.raises(InputError, match=r"person\.csv"):
        batches_of(tmp_path)


def test_a_folder_without_a_person_table_is_an_error(tmp_path: Path) -> None:
    for use in (batches_of, count_persons):
        with pytest.raises(InputError, match="person table"):
            use(tmp_path)


def test_ids_as_far_apart_as_numbers_can_be_are_divided_into_batches(tmp_path: Path) -> None:
    ids = [-(2**63), -(2**63) + 1, -1, 0, 5, 6, 2**63 - 2, 2**63 - 1]
    (tmp_path / "person.csv").write_text("\n".join(["person_id", *map(str, reversed(ids))]))
    for size in (1, 2, 3):
        batches = [chart.persons["key"].to_list() for chart in batches_of(tmp_path, size)]
        assert max(map(len, batches)) <= size
        assert sorted(int(key) for keys in batches for key in keys) == ids


def test_batches_of_no_patients_are_refused(invented: Path) -> None:
    with pytest.raises(InputError, match="1 or more"):
        batches_of(invented, 0)


def test_no_patient_data_stays_in_the_work_folder(invented: Path, tmp_path: Path) -> None:
    batches = omop_batches(invented, load(), persons_per_batch=1, work=tmp_path)
    next(batches)
    (folder,) = tmp_path.iterdir()
    assert folder.stat().st_mode & 0o077 == 0
    batches.close()  # type: ignore[attr-defined]
    assert list(tmp_path.iterdir()) == []


def test_the_vocabulary_is_searched_no_more_often_for_morebatches_of(
    invented: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    pick = Folder.pick

    def counted(self: Folder, name: str, *rest: Any) -> pl.DataFrame | None:
        asked.append(name)
        return pick(self, name, *rest)

    monkeypatch.setattr(Folder, "pick", counted)
    assert len(batches_of(invented, 1000)) == 1
    once, asked[:] = sorted(asked), []
    assert len(batches_of(invented, 1)) == len(PEOPLE)
    assert sorted(asked) == once
    assert asked.count("concept_ancestor") == 1


# --- the prescriber, and a product known only by what it contains ------------------------------------------


def test_the_prescribers_specialty_is_the_name_of_its_concept_or_else_the_sources_word(
    invented: Path,
) -> None:
    doses = read_omop(invented, load()).doses
    january = (
        doses.filter(pl.col("start").dt.month() <= 4).group_by(pl.col("start").dt.month()).agg("prescriber")
    )
    said = {month: set(words) for month, words in january.iter_rows()}
    assert said[1] == {"Rheumatology"}
    assert said[2] == {"GENERAL PRACTICE"}
    assert said[4] == {None}


def test_a_product_is_known_by_its_ingredient_also_when_answers_were_looked_up_before(invented: Path) -> None:
    doses = read_omop(invented, load()).doses
    boxed = only(doses.filter(pl.col("product").str.contains("a box of something")))
    assert (boxed["ingredient"], boxed["mg_per_day"]) == ("prednisone", 10.0)


# --- size ------------------------------------------------------------------------------------------------

_MEASURED = """
import json, resource, sys
from pathlib import Path
from precollapse.chart.omop.batches import omop_batches
from precollapse.knowledge.load import load

persons = sum(chart.persons.height for chart in omop_batches(Path(sys.argv[1]), load()))
print(json.dumps([persons, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""


def _peak_megabytes(folder: Path) -> tuple[int, float]:
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, str(folder)], capture_output=True, text=True, check=True
    )
    persons, peak = json.loads(done.stdout)
    return persons, peak


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss counts kilobytes on Linux only")
@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_two_hundred_thousand_patients_are_read_in_less_than_a_gigabyte(tmp_path: Path, form: str) -> None:
    folder = write_people(tmp_path / form, 200_000, form)  # type: ignore[arg-type]
    persons, peak = _peak_megabytes(folder)
    shutil.rmtree(folder)
    assert persons == 200_000
    assert peak < MOST_MEMORY_MB
