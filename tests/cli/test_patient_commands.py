"""The commands of a consultation: each shows and writes what it promises, and fails in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from precollapse.cli import app

ROOT = Path(__file__).parents[2]
LUPUS, SICKLE = (
    str(ROOT / "examples" / "lupus-prednisolone.json"),
    str(ROOT / "examples" / "sickle-cell.yaml"),
)
DAY = ("--as-of", "2026-11-22")


def run(*arguments: str) -> tuple[int, str, bytes]:
    result = CliRunner().invoke(app, [*arguments, *DAY])
    return result.exit_code, result.stderr, result.stdout_bytes


def test_options_are_shown_in_eighty_columns_and_as_data() -> None:
    status, _, out = run("options", LUPUS)
    assert status == 0
    assert all(len(line) <= 80 for line in out.decode().splitlines())
    assert b"Core decompression" in out
    data = json.loads(run("options", LUPUS, "--format", "json")[2])
    assert {"options", "goals", "other_orders"} <= data.keys()


def test_one_treatment_is_argued_in_full_by_its_id_or_its_name() -> None:
    by_id, by_name = run("options", LUPUS, "core-decompression"), run("options", LUPUS, "Core decompression")
    assert by_id == by_name
    assert b"WHAT IS KNOWN" in by_id[2] or b"What is known" in by_id[2]
    assert b"[" in by_id[2], "sources are cited"


def test_a_treatment_that_is_not_considered_is_said_with_those_that_are() -> None:
    result = CliRunner().invoke(app, ["options", LUPUS, "leeches", *DAY])
    assert "leeches is not considered" in str(result.exception)
    assert "core-decompression" in str(result.exception)


@pytest.mark.parametrize(
    ("view", "start"), [("text", b"34 years"), ("json", b"{"), ("fhir", b"{"), ("ics", b"BEGIN:VCAL")]
)
def test_the_plan_is_shown_in_every_form(view: str, start: bytes, tmp_path: Path) -> None:
    status, _, out = run("plan", LUPUS, "--format", view)
    assert status == 0
    assert out.startswith(start)
    target = tmp_path / "plan"
    assert run("plan", LUPUS, "--format", view, "-o", str(target))[0] == 0
    assert target.read_bytes() == out


def test_a_handout_is_what_the_name_of_its_file_says(tmp_path: Path) -> None:
    assert run("handout", LUPUS, "-o", str(tmp_path / "a.html"))[0] == 0
    assert run("handout", LUPUS, "-o", str(tmp_path / "a.pdf"))[0] == 0
    assert (tmp_path / "a.html").read_bytes().startswith(b"<!doctype html>")
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
    result = CliRunner().invoke(app, ["handout", LUPUS, "-o", str(tmp_path / "a.docx"), *DAY])
    assert "choose .html or .pdf" in str(result.exception)


def test_several_handouts_go_to_a_folder(tmp_path: Path) -> None:
    assert run("handout", LUPUS, SICKLE, "--format", "pdf", "-o", str(tmp_path / "all"))[0] == 0
    assert sorted(path.name for path in (tmp_path / "all").iterdir()) == [
        "lupus-prednisolone.pdf",
        "sickle-cell.pdf",
    ]


def test_report_and_letter_are_written(tmp_path: Path) -> None:
    assert run("report", LUPUS, "-o", str(tmp_path / "r.pdf"))[0] == 0
    assert run("letter", LUPUS, "-o", str(tmp_path / "l.pdf"))[0] == 0
    status, _, out = run("letter", LUPUS)
    assert status == 0
    assert out.startswith(b"Referral")
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "l.pdf").read_bytes().startswith(b"%PDF")


def test_a_question_is_answered_or_said_to_be_unknown() -> None:
    status, _, out = run("ask", LUPUS, "Can it heal on its own?")
    assert status == 0
    assert b"SOURCES" in out
    assert (
        json.loads(run("ask", LUPUS, "Who painted the Mona Lisa?", "--format", "json")[2])["known"] is False
    )


@pytest.mark.parametrize("command", ["options", "plan", "handout", "letter"])
def test_a_record_that_is_not_there_is_one_line_and_status_2(command: str) -> None:
    status, error, out = run(command, "nowhere.json")
    assert (status, out) == (2, b"")
    assert error.count("\n") == 1
