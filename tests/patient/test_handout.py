"""The handout: readable, complete, honest about what it does not know, for everybody of the cases."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from precollapse.assessment.model import Assessment
from precollapse.assessment.own_values import own_values
from precollapse.knowledge.own_values import OWN_VALUES
from precollapse.views.handout.content import Handout, _texts, handout_of
from precollapse.views.handout.render import handout_html, handout_pdf
from precollapse.views.plots.hip_drawing import hip_drawing
from precollapse.views.plots.icon_array import icon_array
from tests.facts.people import KNOWLEDGE, Person
from tests.patient.everybody import PATHS, handout
from tests.patient.readability import grade
from tests.treatments.made_up import SHOWN, assessed
from tests.views.factory import empty, full

MOST_GRADE = 8.0
PURPOSE = "what we know and what you can do"


def _all_text(told: Handout) -> str:
    return " ".join(
        part if part.rstrip().endswith((".", "!", "?")) else f"{part}." for part in _texts(told) if part
    )


@pytest.mark.parametrize("name", sorted(PATHS))
def test_every_handout_is_readable_at_grade_8(name: str) -> None:
    assert grade(_all_text(handout(name))) <= MOST_GRADE


# PEMAT-P (Agency for Healthcare Research and Quality): understandability and actionability, each item as
# what can be seen in the handout. Items 19, 24 and 25 do not apply: there are no tables, no calculations and
# no chart to act by.
def _pemat(told: Handout, page: str) -> dict[str, bool]:
    text = _all_text(told)
    sentences = [one for one in re.split(r"(?<=[.!?])\s+", text) if one]
    headings = re.findall(r"<h2[^>]*>(.*?)</h2>", page)
    return {
        "1 purpose is evident": PURPOSE in told.title,
        "2 no distraction": "http" not in text,
        "3 everyday language": grade(text) <= MOST_GRADE,
        "4 medical terms are explained": len(told.glossary) >= 5 or len(text) < 1500,
        "5 active voice": _passive(sentences) < 0.2,
        "6 numbers are clear": not re.search(r"\d+\.\d{2,}|\d e-|odds ratio|hazard ratio", text),
        "7 no calculation is asked": "multiply" not in text and "calculate" not in text,
        "8 short sections": all(len(section.lines) <= 30 for section in told.sections),
        "9 informative headers": len(headings) >= 5 and all(1 <= len(one.split()) <= 8 for one in headings),
        "10 logical order": headings.index("In short") < headings.index("Your hips") < len(headings),
        "11 summary": len(told.in_short) >= 2,
        "12 visual cues": 'class="flags"' in page and "<strong>" in page,
        "15 visual aids where they help": len(told.hips) == 2,
        "16 visual aids reinforce": all(one.says for one in (*told.hips, *told.frequencies)),
        "17 visual aids have captions": page.count("<figcaption>") == len(told.hips) + len(told.frequencies),
        "18 drawings are uncluttered": all(
            one.svg.count("<text") == 0 for one in (*told.hips, *told.frequencies)
        ),
        "20 an action is named": bool(told.checklist) and bool(told.red_flags),
        "21 speaks to the reader": len(re.findall(r"\byou[r]?\b", text.lower())) >= 10,
        "22 steps are explicit": any(item.more for section in told.sections for item in section.lines)
        or not told.sections,
        "23 a tool to use": 'class="ticks"' in page,
        "26 visual aids for acting": 'class="flags"' in page,
    }


def _passive(sentences: list[str]) -> float:
    """The share of sentences with a form of "be" and a participle: a rough count, rather too many."""
    found = [
        one for one in sentences if re.search(r"\b(is|are|was|were|be|been|being)\s+(\w+ly\s+)?\w+ed\b", one)
    ]
    return len(found) / max(len(sentences), 1)


@pytest.mark.parametrize("name", sorted(PATHS))
def test_every_handout_meets_the_pemat_items_that_apply(name: str) -> None:
    told = handout(name)
    items = _pemat(told, handout_html(told))
    missed = [item for item, met in items.items() if not met]
    assert 1 - len(missed) / len(items) >= 0.8, missed
    assert not missed, "more than demanded, but what is met stays met"


class _Parsed(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_red_flags_come_first_and_nothing_is_loaded_from_elsewhere() -> None:
    page = handout_html(handout("lupus-prednisolone"))
    assert page.index("Warning signs") < page.index("In short")
    tags = _Parsed(page).tags
    assert not [tag for tag, _ in tags if tag in {"script", "link", "img", "iframe"}]
    assert not [
        value for _, given in tags for name, value in given.items() if name in {"src", "href"} and value
    ]


@pytest.mark.hazard("handout-misread")
def test_the_own_stage_and_forecast_are_told_in_natural_frequencies_of_this_hip() -> None:
    person = Person({"age_years": 40.0}, left=SHOWN | {"hip_pain": True, "radiograph_hip": "normal"})
    document = assessed(KNOWLEDGE, person)
    told = handout_of(document, KNOWLEDGE)
    assert document.hips.left.forecast is not None
    course = next(c for c in document.hips.left.forecast.untreated if c.outcome == "collapse")
    at = next(one for one in course.at if one.years == 2)
    said = [part for one in told.frequencies for part in one.says]
    assert any(f"within 2 years in about {at.value * 100:.0f} " in one for one in said)
    left = next(one for one in told.hips if "left" in one.title)
    assert "still round" in " ".join(left.says)


def test_a_hip_without_a_case_gets_no_frequency_to_frighten() -> None:
    told = handout_of(assessed(KNOWLEDGE, Person({"age_years": 30.0, "sex": "female"})), KNOWLEDGE)
    assert told.frequencies == ()


@pytest.mark.hazard("handout-stops-medicine")
def test_what_to_avoid_never_tells_a_patient_to_stop_a_medicine_alone() -> None:
    for name in PATHS:
        for section in handout(name).sections:
            if section.title == "Not for you right now":
                assert "Do not stop a medicine without your doctor" in section.lead


@pytest.mark.parametrize("make", [full, empty], ids=["full", "empty"])
def test_the_page_and_the_pdf_are_made_of_any_document(make: Callable[[], Assessment]) -> None:
    told = handout_of(make(), KNOWLEDGE)
    assert handout_html(told).startswith("<!doctype html>")
    assert handout_pdf(told).startswith(b"%PDF")
    assert handout_pdf(told) == handout_pdf(told), "the same content gives the same bytes"


def test_markup_in_a_record_is_text_in_the_handout() -> None:
    told = handout_of(full(), KNOWLEDGE)
    import msgspec

    evil = msgspec.structs.replace(told, title="<script>alert(1)</script>#set page(fill: red)")
    assert "<script>" not in handout_html(evil)
    assert handout_pdf(evil).startswith(b"%PDF")


@pytest.mark.parametrize("proof", ["shown", "possible", "unlikely", "no femoral head"])
@pytest.mark.parametrize("side", ["left", "right"])
def test_hips_are_told_apart_without_colour(proof: str, side: str) -> None:
    drawn = {
        one: hip_drawing(side, one, None, "x") for one in ("shown", "possible", "unlikely", "no femoral head")
    }
    shapes = {one: re.sub(r"#[0-9a-f]{6}", "", svg) for one, svg in drawn.items()}
    assert sum(shape == shapes[proof] for shape in shapes.values()) == 1


def test_an_icon_array_counts_right_and_marks_by_shape() -> None:
    from precollapse.assessment.nodes import Interval

    svg = icon_array(0.36, Interval(low=0.12, high=0.71), "x", "title")
    assert svg.count("<circle") == 100
    assert svg.count("url(#x-hatched)") == 35
    assert svg.count('stroke="#ffffff"') == 36


def test_every_value_that_answers_may_quote_is_known_by_name() -> None:
    from precollapse.assessment.context import Context
    from precollapse.assessment.own_values import Own
    from precollapse.engine.advice import advise
    from tests.facts.people import evaluated

    person = Person({"age_years": 40.0}, left=SHOWN | {"hip_pain": True, "radiograph_hip": "normal"})
    facts, evaluation = evaluated(person)
    context = Context.of(0, facts, evaluation, advise(facts.table, evaluation, KNOWLEDGE), KNOWLEDGE)
    document = assessed(KNOWLEDGE, person)
    own = Own.of(context, document.hips, document.urgency, document.next_tests, document.treatments)
    known = own_values(context, own).keys()
    assert {name for name in known if "_years_" not in name} <= OWN_VALUES.keys()
    assert {"collapse_2_years_of_100", "standing_words", "hip"} <= known
