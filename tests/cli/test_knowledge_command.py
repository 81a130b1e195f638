"""`precollapse knowledge` and `schema` on the product's own knowledge."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import msgspec
import pytest
from hypothesis import given, settings
from typer.testing import CliRunner, Result

from precollapse.assessment.model import Assessment, to_json
from precollapse.cli import app
from precollapse.knowledge import check
from tests.knowledge import small
from tests.views import documents


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), catch_exceptions=True)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    written = small.write(small.files(), tmp_path)
    monkeypatch.setattr(check, "knowledge_folder", lambda: written)
    return written


def test_check_counts_and_says_when_nothing_is_wrong(folder: Path) -> None:
    result = run("knowledge", "check")
    assert result.exit_code == 0
    assert result.output.splitlines()[-1] == "No problems."
    assert "Pathway: 0 of 1 items" in result.output
    assert "There is no tests folder here" in result.output


def test_check_names_problems_and_ends_with_status_1(folder: Path) -> None:
    (folder / "pathway.yaml").unlink()
    result = run("knowledge", "check")
    assert result.exit_code == 1
    assert result.output.startswith("pathway: pathway.yaml: nothing was found")


def test_check_lists_items_with_the_tests_that_show_them(folder: Path) -> None:
    tests = folder.parent / "tests"
    tests.mkdir()
    (tests / "test_a.py").write_text('@pytest.mark.pathway("S01")\ndef test_pain(): pass\n')
    result = run("knowledge", "check", "--items")
    assert "Pathway: 1 of 1 items" in result.output
    assert "S01  covered   Deep groin pain (1 entries)\n      tests/test_a.py::test_pain" in result.output


def test_check_as_json_holds_the_same(folder: Path) -> None:
    document = json.loads(run("knowledge", "check", "--format", "json").output)
    assert document["problems"] == []
    assert document["pathway"][0] == {
        "id": "S01", "name": "Deep groin pain", "covered": False, "entries": ["concepts/pain"], "tests": [],
    }  # fmt: skip


def test_an_entry_is_found_and_shown() -> None:
    found = json.loads(run("knowledge", "search", "groin pain", "--format", "json").output)
    assert any(one["id"] == "groin_pain" for one in found)
    assert "groin_pain" in run("knowledge", "search", "groin pain").output
    shown = run("knowledge", "show", "groin_pain")
    assert "id: groin_pain" in shown.output
    assert "# named by: " in shown.output
    assert (
        json.loads(run("knowledge", "show", "groin_pain", "--format", "json").output)[0]["kind"] == "concepts"
    )


def test_an_unknown_id_is_answered_with_near_ones() -> None:
    assert "did you mean" in str(run("knowledge", "show", "groin_pian").exception)


def test_nothing_found_is_status_1() -> None:
    assert run("knowledge", "search", "xylophone").exit_code == 1


@pytest.mark.parametrize("document", ["case", "assessment"])
def test_schemas_are_valid_json_schemas(document: str) -> None:
    schema = json.loads(run("schema", document).output)
    jsonschema.Draft202012Validator.check_schema(schema)


@settings(max_examples=15, deadline=None)
@given(documents.assessments())
def test_every_assessment_obeys_the_published_schema(assessment: Assessment) -> None:
    schema = json.loads(run("schema", "assessment").output)
    jsonschema.Draft202012Validator(schema).validate(msgspec.json.decode(to_json(assessment)))
