"""The command line with spoiled records: a result or one line on stderr, never a traceback, never a name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from precollapse.cli import app
from precollapse.errors import PrecollapseError
from tests.robustness.planted import BUNDLE, CASE, NAME
from tests.robustness.pointers import pointers, replaced, sample

WRONG: list[Any] = [None, 5, "9999-99-99", [], {"x": [1]}]
NAMES = {"bundle.json": BUNDLE, "case.json": CASE}


def called(*arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--as-of", "2026-11-22"])


def is_clean(result: Result) -> bool:
    """Ended by its own decision: an exit status, or the one error which ``main`` prints."""
    assert NAME not in result.output
    assert NAME not in result.stderr
    assert "Traceback" not in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit | PrecollapseError), repr(
        result.exception
    )
    assert len([line for line in result.stderr.splitlines() if line.startswith("precollapse:")]) <= 1
    return result.exit_code == 0


def spoiled(name: str) -> Iterator[bytes]:
    content = NAMES[name]
    for number, pointer in enumerate(sample(list(pointers(content)), 40)):
        yield json.dumps(replaced(content, pointer, WRONG[number % len(WRONG)])).encode()


@pytest.mark.hazard("data-leak")
@pytest.mark.slow
@pytest.mark.parametrize("command", ["assess", "facts"])
@pytest.mark.parametrize("name", NAMES)
def test_spoiled_record_on_the_command_line_is_a_result_or_one_line(
    tmp_path: Path, name: str, command: str
) -> None:
    path = tmp_path / name
    outcomes = []
    for data in spoiled(name):
        path.write_bytes(data)
        result = called(command, str(path), "--format", "json")
        outcomes.append(is_clean(result))
        assert result.exit_code in {0, 2}
        assert not outcomes[-1] or json.loads(result.stdout)
    assert any(outcomes)


@pytest.mark.hazard("data-leak")
@pytest.mark.parametrize("view", ["text", "json", "html"])
@pytest.mark.parametrize("name", NAMES)
def test_name_of_the_patient_stands_in_no_view(tmp_path: Path, name: str, view: str) -> None:
    (tmp_path / name).write_text(json.dumps(NAMES[name]), encoding="utf-8")
    result = called("assess", str(tmp_path / name), "--format", view)
    assert is_clean(result)
    assert len(result.stdout) > 1000


@pytest.mark.hazard("hostile-record")
@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xfe\x00", b'{"resourceType": "Bundle"', b"a: &a [*a]", b"[" * 20_000, bytes(range(256))],
)
@pytest.mark.parametrize("name", ["record.json", "record.yaml", "record.ndjson"])
def test_unusable_file_is_one_line_and_status_two(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    result = called("assess", str(tmp_path / name))
    assert not is_clean(result)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(f"precollapse: {name}")
    assert result.stderr.count("\n") == 1
