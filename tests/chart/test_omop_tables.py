"""Finding and reading the tables of an OMOP folder: formats, letter case, what is missing or broken."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from precollapse.chart.omop.read import read_omop
from precollapse.errors import InputError
from precollapse.knowledge.load import load
from tests.chart.omop_fixtures.omop_folder import WOMAN, condition, only, read_tables, write_folder

LUPUS = condition(257628, condition_source_value="M32.9")


@pytest.mark.parametrize("form", ["upper case", "parquet", "tabs", "gzip", "parts"])
def test_every_form_of_the_same_tables_gives_the_same_statements(tmp_path: Path, form: str) -> None:
    plain, other = tmp_path / "plain", tmp_path / "other"
    plain.mkdir()
    other.mkdir()
    expected = read_omop(write_folder(plain, condition_occurrence=[LUPUS]), load())
    for path in sorted(plain.glob("*.csv")):
        _rewrite(path, other, form)
    chart = read_omop(other, load())
    assert expected.statements.height == 1
    assert_frame_equal(chart.statements.drop("origin"), expected.statements.drop("origin"))
    assert_frame_equal(chart.persons.drop("origin"), expected.persons.drop("origin"))


def _rewrite(path: Path, folder: Path, form: str) -> None:
    frame = pl.read_csv(path)
    match form:
        case "upper case":
            upper = frame.rename({name: name.upper() for name in frame.columns})
            upper.write_csv(folder / f"{path.stem.upper()}.CSV")
        case "parquet":
            frame.write_parquet(folder / f"{path.stem}.parquet")
        case "tabs":
            frame.write_csv(folder / path.name, separator="\t")
        case "gzip":
            (folder / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
        case _:
            (folder / path.stem).mkdir()
            frame.write_parquet(folder / path.stem / "part-0.parquet")


def test_a_folder_without_a_person_table_is_one_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="person table"):
        read_omop(tmp_path, load())


def test_a_file_instead_of_a_folder_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "person.csv"
    file.write_text("person_id\n1\n")
    with pytest.raises(InputError, match="folder"):
        read_omop(file, load())


@pytest.mark.parametrize("content", [b"", b"PAR1 broken", b"\x00\xff\xfe\n\x00,\x00\n", b"name\nx\n"])
def test_a_broken_person_table_is_one_error_that_names_the_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "person.csv").write_bytes(content)
    with pytest.raises(InputError, match=r"person\.csv"):
        read_omop(tmp_path, load())


def test_a_truncated_parquet_file_is_one_error_that_names_the_file(tmp_path: Path) -> None:
    write_folder(tmp_path)
    (tmp_path / "measurement.parquet").write_bytes(b"PAR1\x00\x01")
    with pytest.raises(InputError, match=r"measurement\.parquet"):
        read_omop(tmp_path, load())


def test_a_row_with_too_many_cells_is_an_error_and_shifts_no_columns(tmp_path: Path) -> None:
    write_folder(tmp_path)
    (tmp_path / "condition_occurrence.csv").write_text("person_id,condition_concept_id\n7,257628,9,9\n")
    with pytest.raises(InputError, match=r"condition_occurrence\.csv"):
        read_omop(tmp_path, load())


def test_a_person_table_alone_gives_a_chart_without_statements(tmp_path: Path) -> None:
    chart = read_tables(tmp_path, concepts=False)
    assert chart.persons.height == 1
    assert chart.statements.height == chart.doses.height == chart.unread.height == 0


def test_byte_order_mark_and_windows_line_ends_are_read_through(tmp_path: Path) -> None:
    (tmp_path / "person.csv").write_bytes(b"\xef\xbb\xbfperson_id,gender_concept_id\r\n7,8532\r\n")
    row = only(read_omop(tmp_path, load()).persons)
    assert (row["key"], row["sex"]) == ("7", "female")


def test_integers_written_with_a_decimal_point_are_still_ids(tmp_path: Path) -> None:
    row = {**WOMAN, "person_id": "7.0", "gender_concept_id": "8532.0", "year_of_birth": "1985.0"}
    person = only(read_tables(tmp_path, person=[row]).persons)
    assert (person["key"], person["sex"], person["birth_date"]) == ("7", "female", date(1985, 6, 15))


def test_tables_that_are_not_used_are_listed_once_with_their_number_of_rows(tmp_path: Path) -> None:
    notes = [{"note_id": i, "person_id": 7, "note_text": "left hip pain"} for i in range(3)]
    chart = read_tables(
        tmp_path, note=notes, condition_era=[{"person_id": 7, "condition_concept_id": 257628}]
    )
    assert chart.statements.height == 0
    assert set(chart.unread["origin"]) == {"note.csv ×3", "condition_era.csv: row 1"}
    assert set(chart.unread["reason"]) == {"not used"}


def test_a_table_that_is_there_twice_is_read_once_and_the_other_file_listed(tmp_path: Path) -> None:
    write_folder(tmp_path, condition_occurrence=[LUPUS])
    pl.read_csv(tmp_path / "condition_occurrence.csv").write_parquet(
        tmp_path / "condition_occurrence.parquet"
    )
    chart = read_omop(tmp_path, load())
    assert chart.statements.height == 1
    assert only(chart.unread)["reason"] == "superseded"


# --- persons ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "birth", "precision"),
    [
        ({}, date(1985, 6, 15), "day"),
        ({"day_of_birth": None}, date(1985, 6, 1), "month"),
        ({"day_of_birth": None, "month_of_birth": None}, date(1985, 1, 1), "year"),
        ({"day_of_birth": None, "birth_datetime": "1985-06-20 00:00:00"}, date(1985, 6, 20), "day"),
        (
            {"day_of_birth": None, "month_of_birth": None, "birth_datetime": "1985-01-01 00:00:00"},
            date(1985, 1, 1),
            "year",
        ),
        ({"year_of_birth": None, "birth_datetime": "1985-06-20"}, date(1985, 6, 20), "day"),
    ],
)
def test_the_date_of_birth_is_as_exact_as_it_was_written(
    tmp_path: Path, changes: dict[str, object], birth: date, precision: str
) -> None:
    person = only(read_tables(tmp_path, person=[{**WOMAN, **changes}]).persons)
    assert (person["birth_date"], person["birth_precision"]) == (birth, precision)


def test_a_date_of_birth_that_is_none_is_listed_and_the_patient_kept(tmp_path: Path) -> None:
    chart = read_tables(tmp_path, person=[{**WOMAN, "month_of_birth": 2, "day_of_birth": 30}])
    assert only(chart.persons)["birth_date"] is None
    assert only(chart.unread)["reason"] == "not readable"


@pytest.mark.parametrize(
    ("concept", "letter", "sex"), [(8507, None, "male"), (0, "F", "female"), (8551, "U", None)]
)
def test_sex_is_read_from_concept_or_letter_and_else_unknown(
    tmp_path: Path, concept: int, letter: str | None, sex: str | None
) -> None:
    row = {**WOMAN, "gender_concept_id": concept, "gender_source_value": letter}
    assert only(read_tables(tmp_path, person=[row]).persons)["sex"] == sex


def test_a_person_listed_twice_is_one_patient_and_the_second_row_is_listed(tmp_path: Path) -> None:
    chart = read_tables(tmp_path, person=[WOMAN, {**WOMAN, "year_of_birth": 1990}])
    assert only(chart.persons)["birth_date"].year == 1985
    assert only(chart.unread)["reason"] == "superseded"


def test_death_gives_the_patient_a_date_of_death_and_strangers_are_listed(tmp_path: Path) -> None:
    deaths = [{"person_id": 7, "death_date": "2025-04-01"}, {"person_id": 8, "death_date": "2020-01-01"}]
    chart = read_tables(tmp_path, death=deaths)
    assert only(chart.persons)["deceased_date"] == date(2025, 4, 1)
    assert only(chart.unread)["reason"] == "dangling reference"
