"""Points of the Harris Hip Score, counted by hand, and what unanswered questions leave open."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precollapse.engine.scores import ScorePoints, parts_of
from tests.facts.people import KNOWLEDGE, Person, evaluated, place

HARRIS = KNOWLEDGE.scores["harris"]
BEST: dict[str, Any] = {
    "harris_pain": "none",
    "harris_limp": "none",
    "harris_support": "none",
    "harris_walking_distance": "unlimited",
    "harris_stairs": "without_rail",
    "harris_shoes_socks": "easy",
    "harris_sitting": "any_chair_one_hour",
    "harris_public_transport": True,
    "harris_deformity_absent": True,
    "flexion_deg": 120.0,
    "abduction_deg": 40.0,
    "external_rotation_extended_deg": 30.0,
    "adduction_deg": 25.0,
}
WORST: dict[str, Any] = {
    "harris_pain": "disabled",
    "harris_limp": "severe",
    "harris_support": "unable",
    "harris_walking_distance": "bed_and_chair",
    "harris_stairs": "unable",
    "harris_shoes_socks": "unable",
    "harris_sitting": "unable",
    "harris_public_transport": False,
    "harris_deformity_absent": False,
    "flexion_deg": 0.0,
    "abduction_deg": -10.0,
    "external_rotation_extended_deg": 0.0,
    "adduction_deg": 0.0,
}


def person(answers: dict[str, Any]) -> Person:
    """Put each answer where it belongs: with the patient or with the left hip."""
    of_hip = {name for name in answers if KNOWLEDGE.concepts[name].level == "hip"}
    return Person(
        {name: answer for name, answer in answers.items() if name not in of_hip},
        left={name: answers[name] for name in of_hip},
    )


def points(answers: dict[str, Any]) -> tuple[ScorePoints, int]:
    facts, evaluation = evaluated(person(answers))
    return evaluation.interpretation.scores["harris"], place(facts, "left")


def bounds(answers: dict[str, Any]) -> tuple[float, float]:
    found, row = points(answers)
    return round(float(found.low[row]), 6), round(float(found.high[row]), 6)


def test_a_sound_hip_has_100_points_44_and_47_and_4_and_5() -> None:
    assert bounds(BEST) == (100, 100)


def test_the_worst_hip_has_no_points() -> None:
    assert bounds(WORST) == (0, 0)


@pytest.mark.pathway("S15")
def test_a_painful_stiff_hip_counted_by_hand() -> None:
    """Pain 20; limp 5, cane 5, two blocks 5, rail 2, shoes 2, high chair 3, bus 1; deformity 4; motion.

    Motion: flexion 80 is 45 + 35 * 0.6 = 66, abduction 18 is 12 + 0.9, rotation 10 is 4, adduction 10 is 2:
    84.9 times 0.05 is 4.245.
    """
    answers = {
        "harris_pain": "moderate",
        "harris_limp": "moderate",
        "harris_support": "cane_most",
        "harris_walking_distance": "two_or_three_blocks",
        "harris_stairs": "with_rail",
        "harris_shoes_socks": "difficult",
        "harris_sitting": "high_chair_half_hour",
        "harris_public_transport": True,
        "thomas_contracture_deg": 20.0,
        "fixed_adduction_deg": 0.0,
        "fixed_internal_rotation_deg": 0.0,
        "leg_shortening_mm": 15.0,
        "flexion_deg": 80.0,
        "abduction_deg": 18.0,
        "external_rotation_extended_deg": 10.0,
        "adduction_deg": 10.0,
    }
    assert bounds(answers) == (51.245, 51.245)


@pytest.mark.parametrize(
    ("finding", "degrees"),
    [
        ("thomas_contracture_deg", 30.0),
        ("fixed_adduction_deg", 10.0),
        ("fixed_internal_rotation_deg", 10.0),
        ("leg_shortening_mm", 32.0),
    ],
)
def test_one_deformity_alone_takes_all_four_points(finding: str, degrees: float) -> None:
    answers = {name: answer for name, answer in BEST.items() if name != "harris_deformity_absent"}
    assert bounds(answers) == (96, 100)
    assert bounds({**answers, finding: degrees}) == (96, 96)


def test_a_missing_answer_leaves_open_all_that_it_could_bring() -> None:
    answers = {name: answer for name, answer in BEST.items() if name != "harris_pain"}
    found, row = points(answers)
    assert bounds(answers) == (56, 100)
    assert [part for part, open_ in zip(found.parts, found.missing[row], strict=True) if open_] == [
        "harris_pain"
    ]


def test_external_rotation_of_the_bent_hip_does_not_count_for_the_outstretched_one() -> None:
    answers = {name: answer for name, answer in BEST.items() if name != "external_rotation_extended_deg"}
    low, high = bounds({**answers, "external_rotation_deg": 45.0})
    assert low == pytest.approx(95 + 0.05 * 94.5)
    assert high == 100


def test_a_recorded_total_that_the_answers_rule_out_is_a_contradiction() -> None:
    found, row = points({**BEST, "harris_hip_score": 60.0})
    assert bool(found.contradicted[row])
    found, row = points({**BEST, "harris_hip_score": 100.0})
    assert not bool(found.contradicted[row])
    found, row = points({"harris_limp": "none", "harris_hip_score": 60.0})
    assert not bool(found.contradicted[row])


def test_a_score_that_needs_a_licence_is_never_counted() -> None:
    for score in KNOWLEDGE.scores.values():
        assert score.may_compute == (score.id == "harris")
        assert bool(parts_of(score)) == score.may_compute


def _answer(name: str) -> st.SearchStrategy[Any]:
    concept = KNOWLEDGE.concepts[name]
    if concept.type == "choice":
        return st.sampled_from(list(concept.choices))
    if concept.type == "number":
        assert concept.ranges is not None
        low, high = concept.ranges.plausible
        return st.floats(low or 0, high or 0, allow_nan=False)
    return st.booleans()


PARTS = parts_of(HARRIS)
ANSWERS = st.fixed_dictionaries({}, optional={name: _answer(name) for name in PARTS})


@settings(max_examples=40, deadline=None)
@given(ANSWERS.filter(bool), st.data())
def test_knowing_one_answer_more_never_widens_the_points(answers: dict[str, Any], data: Any) -> None:
    name = data.draw(st.sampled_from(PARTS))
    low, high = bounds(
        {key: answer for key, answer in answers.items() if key != name} or {"harris_hip_score": 1.0}
    )
    more = bounds({**answers, name: answers[name] if name in answers else data.draw(_answer(name))})
    assert low - 1e-6 <= more[0] <= more[1] <= high + 1e-6
    assert 0 <= low <= high <= 100
