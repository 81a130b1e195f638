"""`precollapse assess` and `facts`: where output goes, what status says, how failures are kept apart."""

from __future__ import annotations

import json
import sys
import types
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner, Result

from precollapse.assessment.model import Assessment
from precollapse.cli import app
from precollapse.errors import InputError
from tests.views import factory

Invoke = Callable[..., Result]


def assess_path(path: Path, *, as_of: date | None, today: date) -> list[Assessment]:
    """Stand in for the engine: as many patients as the file says."""
    return assess_bytes(path.read_bytes(), path.name, as_of=as_of, today=today)


def assess_bytes(data: bytes, name: str, *, as_of: date | None, today: date) -> list[Assessment]:
    if not data.strip().isdigit():
        raise InputError(f"{name}: entry[0]", "is no record;\nwrite a number")
    day = (as_of or today).isoformat()
    return [factory.full(as_of=day) for _ in range(int(data))]


def facts_bytes(data: bytes, name: str, *, as_of: date | None, today: date) -> list[dict[str, Any]]:
    return [
        {"patient": one.patient.key, "as_of": one.as_of, "facts": [msgspec.to_builtins(factory.fact())]}
        for one in assess_bytes(data, name, as_of=as_of, today=today)
    ]


def facts_path(path: Path, *, as_of: date | None, today: date) -> list[dict[str, Any]]:
    return facts_bytes(path.read_bytes(), path.name, as_of=as_of, today=today)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Invoke:
    stand_in = types.SimpleNamespace(
        assess_path=assess_path, assess_bytes=assess_bytes, facts_path=facts_path, facts_bytes=facts_bytes
    )
    monkeypatch.setitem(sys.modules, "precollapse.assess", stand_in)
    monkeypatch.chdir(tmp_path)
    for name, content in {"one.json": "1", "two.ndjson": "2", "bad.json": "x", "none.json": "0"}.items():
        (tmp_path / name).write_text(content)

    def invoke(*arguments: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(app, list(arguments), input=stdin, catch_exceptions=True)

    return invoke


def test_one_record_is_shown_as_text(run: Invoke) -> None:
    result = run("assess", "one.json", "--as-of", "2026-01-31")
    assert result.exit_code == 0
    assert "URGENCY: SOON" in result.stdout
    assert "as of 2026-01-31" in result.stdout
    assert result.stderr == ""


def test_todays_date_is_said_when_it_was_used(run: Invoke) -> None:
    result = run("assess", "one.json")
    assert f"as of today, {date.today()}" in result.stderr


def test_standard_input_is_read(run: Invoke) -> None:
    result = run("assess", "-", "--format", "json", "--as-of", "2026-01-31", stdin="1")
    assert json.loads(result.stdout)["as_of"] == "2026-01-31"


def test_one_patient_is_a_json_object_and_several_are_an_array(run: Invoke) -> None:
    assert isinstance(json.loads(run("assess", "one.json", "--format", "json").stdout), dict)
    assert len(json.loads(run("assess", "two.ndjson", "--format", "json").stdout)) == 2
    assert len(json.loads(run("assess", "one.json", "two.ndjson", "--format", "json").stdout)) == 3
    assert json.loads(run("assess", "none.json", "--format", "json").stdout) == []


def test_one_bad_record_never_stops_the_others(run: Invoke) -> None:
    result = run("assess", "bad.json", "one.json", "missing.json", "--format", "json")
    assert result.exit_code == 1
    assert len(json.loads(result.stdout)) == 1
    assert "precollapse: bad.json: entry[0]: is no record; write a number\n" in result.stderr
    assert "precollapse: missing.json: there is no such file or folder\n" in result.stderr


def test_nothing_usable_is_status_2_and_writes_nothing(run: Invoke, tmp_path: Path) -> None:
    result = run("assess", "bad.json", "-o", "out.txt")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert not (tmp_path / "out.txt").exists()


@pytest.mark.parametrize(
    ("view", "begins"), [("json", "{"), ("html", "<!doctype html>"), ("text", "precollapse")]
)
def test_one_patient_is_written_to_the_file_named(
    run: Invoke, tmp_path: Path, view: str, begins: str
) -> None:
    assert run("assess", "one.json", "--format", view, "-o", "deep/out").exit_code == 0
    assert (tmp_path / "deep" / "out").read_text(encoding="utf-8").lstrip().startswith(begins)


def test_several_patients_are_written_to_a_folder_under_the_names_of_their_records(
    run: Invoke, tmp_path: Path
) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "one.yaml").write_text("1")
    assert (
        run("assess", "one.json", "two.ndjson", "more/one.yaml", "--format", "html", "-o", "out").exit_code
        == 0
    )
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["one-2.html", "one.html", "two-00001.html", "two-00002.html"]


def test_file_names_hold_nothing_from_the_record(run: Invoke, tmp_path: Path) -> None:
    run("assess", "two.ndjson", "--format", "json", "-o", "out")
    assert not any("patient-1" in path.name for path in (tmp_path / "out").iterdir())


def test_several_patients_are_not_written_over_a_file(run: Invoke, tmp_path: Path) -> None:
    result = run("assess", "one.json", "two.ndjson", "-o", "bad.json")
    assert result.exit_code != 0
    assert "is a file" in str(result.exception)
    assert (tmp_path / "bad.json").read_text() == "x"


def test_several_pages_are_not_run_together_on_the_terminal(run: Invoke) -> None:
    result = run("assess", "two.ndjson", "--format", "html")
    assert "add -o FOLDER" in str(result.exception)


def test_facts_are_shown_and_written_as_json(run: Invoke) -> None:
    assert "Daily dose: 40" in run("facts", "one.json").stdout
    (patient,) = json.loads(run("facts", "one.json", "--format", "json", "--as-of", "2026-01-31").stdout)
    assert patient["as_of"] == "2026-01-31"
    assert patient["facts"][0]["concept"] == "daily_dose"


def test_facts_of_nothing_usable_is_status_2(run: Invoke) -> None:
    assert run("facts", "bad.json").exit_code == 2


def test_facts_are_read_from_standard_input(run: Invoke) -> None:
    assert run("facts", "-", stdin="1").exit_code == 0
