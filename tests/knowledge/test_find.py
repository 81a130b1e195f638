"""Entries of the knowledge are found by words and codes, and shown with what refers to them."""

from __future__ import annotations

from pathlib import Path

import pytest

from precollapse.errors import KnowledgeError
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.load import read_folder
from precollapse.knowledge.search import search
from precollapse.knowledge.show import show
from tests.knowledge import small


@pytest.fixture
def knowledge(tmp_path: Path) -> Knowledge:
    return read_folder(small.write(small.files(), tmp_path))


@pytest.mark.parametrize(
    ("text", "first"),
    [("groin pain", "pain"), ("73211009", "pain"), ("HAEMOGLOBIN", "haemoglobin"), ("red flag", "red-flag")],
)
def test_the_best_match_comes_first(knowledge: Knowledge, text: str, first: str) -> None:
    assert first in [found.id for found in search(knowledge, text)[:2]]


def test_words_in_different_fields_are_found_too(knowledge: Knowledge) -> None:
    assert [found.id for found in search(knowledge, "groin trouble it")] == []
    assert "red-flag" in [found.id for found in search(knowledge, "flag anaemia")]


@pytest.mark.parametrize("text", ["", "   ", "xylophone"])
def test_nothing_is_found_for_nothing(knowledge: Knowledge, text: str) -> None:
    assert search(knowledge, text) == []


def test_an_entry_is_shown_with_everything_that_names_it(knowledge: Knowledge) -> None:
    (shown,) = show(knowledge, "pain")
    assert shown.entry["synonyms"] == ["groin pain"]
    assert {"causes/dose", "cohorts/screened", "urgency/red-flag"} <= set(shown.named_by)
    assert "concepts/trouble" not in shown.named_by


def test_a_source_is_shown_with_everything_that_cites_it(knowledge: Knowledge) -> None:
    (shown,) = show(knowledge, "study")
    assert "concepts/pain" in shown.named_by
    assert "cohorts/screened" in shown.named_by


def test_an_unknown_id_is_answered_with_the_nearest_ones(knowledge: Knowledge) -> None:
    with pytest.raises(KnowledgeError, match="there is no entry 'haemoglobn'; did you mean haemoglobin"):
        show(knowledge, "haemoglobn")
