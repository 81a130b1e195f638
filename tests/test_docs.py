"""What the documents name exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TOP = Path(__file__).parents[1]
DOCUMENTS = sorted(
    [*TOP.glob("*.md"), *TOP.glob("docs/**/*.md"), *TOP.glob("safety/*.md"), *TOP.glob("changelog.d/*.md")]
)
MADE = ("demo-output/", ".venv/")  # made by the commands, so not in the repository


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


def test_no_document_holds_an_address_of_a_package_registry() -> None:
    forbidden = ("pypi" + ".org", "python" + "hosted")
    texts = [
        path.read_text(encoding="utf-8")
        for path in (*DOCUMENTS, *TOP.glob("requirements*.txt"), TOP / "Makefile")
    ]
    assert not any(word in text for text in texts for word in forbidden)
