"""What must hold of the search of free text whatever the text is."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precollapse.chart.text import TextHit, TextIndex
from tests.chart.text_concepts import small_index


@pytest.fixture(scope="module")
def index() -> TextIndex:
    return small_index()


WORDS = [
    "no",
    "not",
    "without",
    "possible",
    "?",
    ",",
    ".",
    ":",
    "and",
    "or",
    "left",
    "both",
    "hip pain",
    "FABER",
    "positive",
    "ESR",
    "12",
    "<",
    "mm/h",
    "-",
    "femoral neck fracture",
    "mother",
    "(",
    ")",
    "internal",
    "rotation",
    "°",
    "\n",
    "/",
    "normal",
]


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=80), st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)))
def test_any_text_can_be_searched_and_gives_the_same_answer_again(index: TextIndex, text: str) -> None:
    first = index.read(text)
    index._remembered.clear()
    assert index.read(text) == first
    assert all(isinstance(hit, TextHit) for hit in first.hits)


_TEMPLATES = [
    "no {}",
    "{}",
    "denies {}",
    "left {}",
    "possible {}",
    "family history of {}",
    "{} absent",
    "hip pain and {}",
]
_NAMES = ["hip pain", "groin pain", "fever", "limping", "sickle cell disease", "femoral neck fracture"]


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(_TEMPLATES), st.sampled_from(_NAMES), st.text("qxzwk", min_size=3, max_size=6))
def test_unknown_words_around_a_sentence_change_nothing(
    index: TextIndex, template: str, name: str, padding: str
) -> None:
    text = template.format(name)
    assert index.find(f"{padding} {text} {padding}") == index.find(text)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(_NAMES),
    st.sampled_from(
        ["no {}", "denies {}", "without {}", "no evidence of {}", "never had {}", "no {} or knee pain"]
    ),
)
def test_a_denied_finding_is_never_present(index: TextIndex, name: str, template: str) -> None:
    assert all(hit.absent for hit in index.find(template.format(name)))


def test_a_long_report_without_a_full_stop_is_searched_at_once(index: TextIndex) -> None:
    text = "left hip pain, no fever and groin pain with limp possible fracture " * 290
    began = time.perf_counter()
    assert index.find(text)
    assert time.perf_counter() - began < 1
