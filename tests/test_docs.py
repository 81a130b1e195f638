"""What the documents name exists."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from precollapse.cli.app import app

TOP = Path(__file__).parents[1]
DOCUMENTS = sorted(
    [*TOP.glob("*.md"), *TOP.glob("docs/**/*.md"), *TOP.glob("safety/*.md"), *TOP.glob("changelog.d/*.md")]
)
EXPLAINED = (TOP / "synthetic" / "README.md", TOP / "phenotype" / "README.md")
MADE = (
    "demo-output/",
    ".venv/",
    "patients/",
    "store/",
    "report.html",
)  # made by the commands, so not in the repository


def without_blocks(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def paths_named(text: str) -> set[str]:
    quoted = re.findall(r"`([\w./-]+)`", without_blocks(text))
    return {
        name
        for name in quoted
        if ("/" in name or re.search(r"\.(py|md|ya?ml|toml|html)$", name)) and name[0] != "/"
    }


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(TOP).as_posix())
def test_every_file_a_document_names_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    named = {name for name in paths_named(text) if not name.startswith(MADE)}
    roots = (TOP, TOP / "src" / "precollapse", TOP / "knowledge", document.parent)
    assert {name for name in named if not any((root / name).exists() for root in roots)} == set()
    links = {link.partition("#")[0] for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link}
    assert {link for link in links if link and not (document.parent / link).exists()} == set()


def test_every_make_target_that_a_document_names_exists() -> None:
    makefile = (TOP / "Makefile").read_text(encoding="utf-8")
    named = {
        target
        for document in DOCUMENTS
        for target in re.findall(r"\bmake ([a-z]+)\b", document.read_text("utf-8"))
    }
    targets = set(re.findall(r"^([a-z]+):", makefile, flags=re.MULTILINE))
    assert {"demo", "test"} <= named & targets
    assert {
        target for target in named if f"`make {target}`" in " ".join(d.read_text("utf-8") for d in DOCUMENTS)
    } <= targets


def test_every_example_of_the_demo_is_there() -> None:
    makefile = (TOP / "Makefile").read_text(encoding="utf-8")
    examples = re.findall(r"examples/[\w.-]+", makefile)
    assert len(set(examples)) == 4
    assert [name for name in examples if not (TOP / name).is_file()] == []


COMMAND = re.compile(r"(?:\.venv/bin/)?precollapse [a-z][^`\n]*")


def commands_named(document: Path) -> list[str]:
    """Commands of a document: lines of blocks, and quoted ones; without what a comment says."""
    text = document.read_text(encoding="utf-8")
    blocks = re.findall(r"^```.*?^```", text, flags=re.MULTILINE | re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    quoted = [" ".join(one.split()) for one in re.findall(r"`([^`]+)`", without_blocks(text))]
    return [one.split(" #")[0] for one in (*lines, *quoted) if COMMAND.match(one)]


def unknown_in(words: list[str]) -> list[str]:
    """Words of a command that no command or option is called by."""
    command: Any = typer.main.get_command(app)
    while words and hasattr(command, "commands"):
        if words[0] in command.commands:
            command = command.commands[words.pop(0)]
        elif "run" in command.commands:  # the first command of a screening needs no name
            command = command.commands["run"]
        else:
            return words[:1]
    known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    return [word for word in words if re.match(r"--?[a-z]", word) and word.partition("=")[0] not in known]


def test_every_command_that_a_document_names_exists_with_its_options() -> None:
    found = {(path.name, one) for path in (*DOCUMENTS, *EXPLAINED) for one in commands_named(path)}
    assert len(found) > 30
    wrong = {
        (name, one): bad for name, one in found if (bad := unknown_in(shlex.split(one.replace("`", ""))[1:]))
    }
    assert wrong == {}


def test_no_document_holds_an_address_of_a_package_registry() -> None:
    forbidden = ("pypi" + ".org", "python" + "hosted")
    texts = [
        path.read_text(encoding="utf-8")
        for path in (*DOCUMENTS, *TOP.glob("requirements*.txt"), TOP / "Makefile")
    ]
    assert not any(word in text for text in texts for word in forbidden)
