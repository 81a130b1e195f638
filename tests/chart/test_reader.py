"""One door for all records: what a file or folder is, and errors that stop only the record they belong to."""

from __future__ import annotations

import io
import sys
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from precollapse.chart.model import Chart
from precollapse.chart.reader import kind_of_bytes, kind_of_folder, read, read_bytes, read_many
from precollapse.errors import InputError
from precollapse.knowledge.load import load

EXAMPLES = Path(__file__).parents[2] / "examples"
AS_OF = date(2026, 1, 31)


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        ("a.json", b'{"resourceType": "Bundle"', "fhir"),
        ("a.json", b'\xef\xbb\xbf\r\n {"type": "collection", "resourceType": "Bundle"', "fhir"),
        ("stdin", b'{"resourceType": "Patient"', "fhir"),
        ("a.ndjson", b"", "fhir"),
        ("Patient.JSONL", b"{", "fhir"),
        ("a.json", b'{"patient": {"age_years": 4}}', "case"),
        ("a.yaml", b"symptoms: []", "case"),
        ("a.yml", b'note: {"resourceType": 1}', "case"),
        ("stdin", b"symptoms: []", "case"),
    ],
)
def test_kind_is_told_from_name_and_first_bytes(name: str, head: bytes, kind: str) -> None:
    assert kind_of_bytes(head, name) == kind


@pytest.mark.parametrize(
    ("name", "head", "says"),
    [
        ("a.zip", b"PK\x03\x04", "ZIP"),
        ("a.json.gz", b"\x1f\x8b\x08", "gzip"),
        ("letter.pdf", b"%PDF-1.7", "PDF"),
        ("person.csv", b"person_id,year_of_birth", "folder of OMOP tables"),
    ],
)
def test_other_files_are_refused_with_what_to_give_instead(name: str, head: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says):
        kind_of_bytes(head, name)


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (["PERSON.csv", "MEASUREMENT.csv"], "omop"),
        (["person.parquet"], "omop"),
        (["Patient.ndjson", "Condition.ndjson"], "fhir"),
        (["a.yaml", "b.json"], None),
    ],
)
def test_folder_is_told_from_the_names_in_it(tmp_path: Path, names: list[str], kind: str | None) -> None:
    for name in names:
        (tmp_path / name).touch()
    assert kind_of_folder(tmp_path) == kind


def test_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "holiday.png").touch()
    with pytest.raises(InputError, match="holds neither"):
        read(tmp_path, load())


def test_missing_file_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.yaml: there is no such file"):
        read(tmp_path / "nowhere.yaml", load())


def test_example_cases_are_read_without_a_word_lost() -> None:
    for name in ("sickle-cell.yaml", "trauma.yaml"):
        chart = read(EXAMPLES / name, load(), AS_OF)
        assert chart.persons.height == 1
        assert set(chart.unread["reason"]) <= {"no concept", "not used"}
        assert all("medications" in origin or "imaging" in origin for origin in chart.unread["origin"])


def test_folder_of_case_files_becomes_one_chart(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("symptoms: [limp]")
    (tmp_path / "b.json").write_text('{"symptoms": ["limp"]}')
    chart = read(tmp_path, load(), AS_OF)
    assert chart.persons["key"].to_list() == ["a", "b"]
    assert chart.statements["person"].to_list() == [0, 1]


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"symptoms: [limp]")))
    chart = read("-", load(), AS_OF)
    assert chart.statements["origin"].to_list() == ["stdin: symptoms[0]"]


def test_bytes_of_an_omop_table_are_refused() -> None:
    with pytest.raises(InputError, match="give the folder"):
        read_bytes(b"symptoms: []", "a.yaml", load(), kind="omop")


def test_one_unusable_record_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("patient: [")
    (tmp_path / "good.yaml").write_text("symptoms: [limp]")
    results = list(
        read_many([tmp_path / "bad.yaml", tmp_path / "good.yaml", tmp_path / "none.yaml"], load(), AS_OF)
    )
    kinds = [type(result) for _, result in results]
    assert kinds == [InputError, Chart, InputError]
