"""Facts, sources and lists in words."""

from __future__ import annotations

import math

import msgspec
import pytest

from precollapse.assessment.model import Unread
from precollapse.assessment.nodes import FactReference
from precollapse.views import wording
from precollapse.views.facts import render_facts
from precollapse.views.json import json_array
from tests.views.factory import empty, fact, full


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        (fact(value=True, side="left", date="2026-05-01"), "Daily dose: yes (left; 2026-05-01)"),
        (fact(value=False), "Daily dose: no"),
        (fact(value=40.0, unit="mg/d"), "Daily dose: 40 mg/day"),
        (fact(value=None, low=20.0, high=40.0, unit="mg/d"), "Daily dose: 20 to 40 mg/day"),
        (fact(value=None, low=20.0, high=math.inf, unit="mg/d"), "Daily dose: at least 20 mg/day"),
        (fact(value=None, low=-math.inf, high=5.0, unit="mg/d"), "Daily dose: at most 5 mg/day"),
        (fact(value="sickle_cell_anaemia"), "Daily dose: sickle cell anaemia"),
        (fact(value=None), "Daily dose: unknown"),
        (
            fact(value=None, why_unknown="stale", note="two years old"),
            "Daily dose: unknown (stale) (two years old)",
        ),
    ],
)
def test_a_fact_says_its_value_or_why_it_is_unknown(reference: FactReference, said: str) -> None:
    assert wording.fact(reference) == said


def test_the_origin_is_shown_where_the_reader_may_want_to_look_it_up() -> None:
    assert (
        wording.fact(fact(value=True, origin="a.json: entry[3]"), origin=True)
        == "Daily dose: yes (a.json: entry[3])"
    )


def test_several_origins_in_one_file_name_the_file_once() -> None:
    said = wording.fact(
        fact(value=True, origin="a.json: entry[3] | a.json: entry[4] | b.json: entry[1]"), origin=True
    )
    assert said == "Daily dose: yes (a.json: entry[3], entry[4], b.json: entry[1])"


def test_parts_that_repeat_the_other_hip_are_named_and_not_shown_again() -> None:
    right, left = wording.hips(full())
    assert right.repeats == ()
    assert left.repeats == ("anchored on", "adjusted for", "causes", "type")


def test_types_of_the_patient_are_left_out_where_a_hip_has_the_same() -> None:
    assessment = full()
    same = msgspec.structs.replace(assessment.risk, types=assessment.hips.left.types)
    assert wording.types_of_either(full(risk=same)) == ()
    other = (msgspec.structs.replace(assessment.hips.left.types[0], id="T04"),)
    assert wording.types_of_either(full(risk=msgspec.structs.replace(same, types=other))) == other


def test_a_question_open_for_both_hips_is_asked_once() -> None:
    left = msgspec.structs.replace(full().urgency.open_questions[0], side="left")
    both = wording.questions([left, msgspec.structs.replace(left, side="right")])
    assert both == [("left and right hips: Have you had a fever?", "not asked; could become emergency")]


def test_a_note_of_several_facts_is_said_once() -> None:
    assert wording.notes([fact(note="assumed: a"), fact(note="assumed: a"), fact()]) == "assumed: a"


def test_age_is_said_in_completed_years() -> None:
    assert wording.patient(full().patient, "2026-11-22").startswith("34 years · female")
    assert wording.patient(empty().patient, "2026-11-22").startswith("age unknown · sex unknown")


def test_unused_entries_are_summed_by_reason_most_frequent_first() -> None:
    rows = [Unread(origin=f"r: {n}", reason="not used" if n else "unit", detail="d") for n in range(4)]
    assert [(one.reason, one.number, one.example) for one in wording.unread(rows)] == [
        ("not used", 3, "r: 1: d"),
        ("unit", 1, "r: 0: d"),
    ]


def test_several_assessments_are_one_json_array_with_a_line_each() -> None:
    text = json_array([full(), empty()])
    assert [one["as_of"] for one in msgspec.json.decode(text)] == ["2026-11-22", "2026-11-22"]
    assert len(text.splitlines()) == 4
    assert msgspec.json.decode(json_array([])) == []


def test_facts_are_listed_by_side_with_those_that_could_not_be_used() -> None:
    rows = [
        {
            "concept": "lupus",
            "name": "Lupus",
            "value": True,
            "side": None,
            "since": "2026-02",
            "origin": "a: 1",
        },
        {"concept": "pain", "name": "Groin pain", "value": True, "side": "left"},
        {"concept": "mri", "name": "MRI", "value": None, "why_unknown": "stale", "side": "right"},
        {"concept": "fever", "name": "Fever", "value": None, "why_unknown": "not asked"},
    ]
    text = render_facts({"patient": "p1", "as_of": "2026-11-22", "facts": rows})
    assert "Lupus: yes (a: 1), since 2026-02" in text
    assert text.index("LEFT HIP (1)") < text.index("NOT USABLE (1)")
    assert "MRI: unknown (stale) (right)" in text
    assert "nothing of 1 further facts" in text
