"""What a clinician reads of staging, in the terminal and on the page."""

from __future__ import annotations

from typing import Any

import pytest

from precollapse.assessment.model import Hips
from precollapse.assessment.staging_nodes import Staging
from precollapse.views import staging_words as words
from precollapse.views.html import render_html
from precollapse.views.layout import to_text
from precollapse.views.text import render_text
from precollapse.views.text_staging import staging_lines
from precollapse.views.wording import SourceNumbers
from tests.views import factory


def lines(staging: Staging) -> str:
    return " ".join(to_text(staging_lines(staging, SourceNumbers(factory.full().sources))).split())


def test_systems_stand_side_by_side_with_what_is_still_possible_and_what_would_decide() -> None:
    said = lines(factory.staging())
    assert "ARCO 2019 IIIB [1]" in said
    assert "FICAT 1985 II or III: open" in said
    assert "? Was there a crescent? (FICAT 1985)" in said


def test_distance_to_the_nearest_border_is_shown_with_the_grades_on_both_sides() -> None:
    assert "2.5 mm, 0.5 mm above the border of 2 mm between IIIA and IIIB" in lines(factory.staging())


def test_a_value_on_the_border_says_so() -> None:
    border = factory.system().borders[0]
    on = factory.msgspec.structs.replace(border, distance=0.0)
    assert "exactly on the border of 2 mm" in words.border(on)
    below = factory.msgspec.structs.replace(border, distance=-0.3)
    assert "0.3 mm below the border" in words.border(below)


def test_both_sides_of_a_contradiction_are_named_with_their_facts() -> None:
    said = lines(factory.staging())
    assert "The film was read as normal (Radiograph: normal), but a crescent was seen on the film" in said


def test_a_hip_without_shown_osteonecrosis_gets_one_line() -> None:
    nothing = Staging(applicable=False, says="Not staged: not shown.", systems=(), contradictions=())
    assert to_text(staging_lines(nothing, SourceNumbers(()))) == "  Not staged: not shown.\n"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"state": "staged", "grade": "judgement"}, "IIIB (judgement)"),
        ({"state": "possible", "kind": "diagnosis"}, "open: neither met nor ruled out"),
        ({"state": "possible", "possible": ("I",)}, "I if anything; not proven"),
        ({"state": "possible", "possible": ("I", "II", "III")}, "I, II or III: open"),
        (
            {"state": "contradiction", "possible": ("I", "II")},
            "contradiction; if neither side counts, I or II",
        ),
        ({"state": "none fits", "possible": ()}, "no grade fits the findings"),
        ({"state": "not applicable", "says": "No letter in V."}, "No letter in V."),
        ({"state": "nothing known"}, "nothing known"),
    ],
)
def test_every_state_has_its_words(changes: dict[str, Any], said: str) -> None:
    assert words.stage(factory.system(**changes)) == said


def test_a_stage_of_a_reader_is_shown_as_the_readers() -> None:
    stated = factory.fact("arco_2019_stage", "3a", date="2026-05-01")
    reported = factory.system(state="as reported", reported=stated)
    assert words.stage(reported) == "a reader stated 3A, 2026-05-01"
    against = factory.system(state="contradiction", reported=stated, disagrees=True, possible=("II",))
    assert words.stage(against) == "contradiction: the findings give II, a reader stated 3A, 2026-05-01"
    agreeing = factory.system(possible=("IIIA",), reported=stated)
    assert "IIIA; a reader stated 3A, 2026-05-01" in lines(factory.staging(systems=(agreeing,)))


def test_page_and_terminal_say_the_same_of_staging() -> None:
    page, text = render_html(factory.full()), " ".join(render_text(factory.full()).split())
    for said in ("Stage, size and type", "II or III: open", "Was there a crescent?", "a crescent was seen"):
        assert said in page
        assert said.lower() in text.lower()
    assert "How well readers agree" in page


def test_a_hip_that_is_not_staged_says_so_on_the_page() -> None:
    nothing = Staging(applicable=False, says="Not staged: <b>.", systems=(), contradictions=())
    hip = factory.msgspec.structs.replace(factory.hip(), staging=nothing)
    page = render_html(factory.full(hips=Hips(left=hip, right=hip)))
    assert "Not staged: &lt;b&gt;." in page
    assert "Stage, size and type" not in page


def test_long_lists_of_questions_are_cut_and_counted() -> None:
    ask = factory.staging().systems[1].decided_by[0]
    assert words.decided_by((ask,) * 5).endswith("(and 2 more)")
    questions = tuple(factory.msgspec.structs.replace(ask, question=f"Question {n}?") for n in range(9))
    many = factory.system(state="possible", decided_by=questions)
    assert "and 3 more" in lines(factory.staging(systems=(many,)))
