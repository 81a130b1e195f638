"""The command line starts quickly, explains itself and ends errors in one line."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from precollapse.cli import app, main
from precollapse.errors import KnowledgeError
from precollapse.version import __version__

HEAVY = ("polars", "numpy", "pydantic", "jinja2", "yaml", "scipy", "hypothesis")


def test_help_needs_none_of_the_heavy_packages() -> None:
    code = "import sys, precollapse.cli; print(*[m for m in sys.argv[1:] if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code, *HEAVY], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_the_version_is_printed() -> None:
    assert CliRunner().invoke(app, ["--version"]).output == f"precollapse {__version__}\n"


COMMANDS = [
    [], ["assess"], ["facts"], ["schema"], ["knowledge"], ["knowledge", "check"], ["knowledge", "show"],
    ["knowledge", "search"], ["evidence"], ["evidence", "list"], ["evidence", "show"], ["evidence", "check"],
    ["evidence", "fit"],
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_a_help_text_of_its_own(command: list[str]) -> None:
    result = CliRunner().invoke(app, [*command, "--help"])
    assert result.exit_code == 0
    assert "--help" in result.output
    assert all(len(line) <= 80 for line in result.output.splitlines())
    if command not in (["knowledge"], ["evidence"]):
        assert "Examples:" in result.output


@pytest.mark.parametrize(
    "arguments",
    [["assess"], ["assess", "a.json", "--format", "pdf"], ["assess", "a", "--as-of", "soon"], ["nothing"]],
)
def test_bad_usage_ends_with_status_2(arguments: list[str]) -> None:
    assert CliRunner().invoke(app, arguments).exit_code == 2


def test_an_error_is_one_line_on_stderr_and_status_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise KnowledgeError("causes.yaml: dose:\n  wrong")

    monkeypatch.setattr("precollapse.cli.app", fail)
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    assert capsys.readouterr().err == "precollapse: causes.yaml: dose: wrong\n"
