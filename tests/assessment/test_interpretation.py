"""Interpreted values and scores in the document, the terminal and the page."""

from __future__ import annotations

import pytest

from precollapse.assessment.interpretation_nodes import HipScore, Interpreted
from precollapse.assessment.model import Hip
from precollapse.views.html import render_html
from precollapse.views.text import render_text
from tests.assessment.assessed import assess
from tests.facts.people import Person


def patient_value(person: Person, concept: str) -> Interpreted:
    return next(one for one in assess(person)[0].interpretation if one.fact.concept == concept)


def hip_value(hip: Hip, concept: str) -> Interpreted:
    return next(one for one in hip.interpretation if one.fact.concept == concept)


def score(hip: Hip, name: str) -> HipScore | None:
    return next((one for one in hip.scores if one.id == name), None)


@pytest.mark.pathway("L01")
def test_raised_crp_says_that_an_infected_joint_has_to_be_ruled_out() -> None:
    found = patient_value(Person({"c_reactive_protein": 45.0}), "c_reactive_protein")
    assert (found.verdict, found.usual_high) == ("above", 10)
    assert found.beyond is not None
    assert found.beyond.low == 35
    assert "infected hip joint" in str(found.meaning)


def test_the_range_that_counts_is_that_of_the_patients_sex_with_its_source() -> None:
    found = patient_value(Person({"haemoglobin": 12.5, "sex": "male"}), "haemoglobin")
    assert (found.verdict, found.usual_low, found.usual_high) == ("below", 13, 18)
    assert found.sources == ("msd-blood-tests",)


def test_what_the_unknown_sex_decides_is_said_to_depend_on_it() -> None:
    found = patient_value(Person({"haemoglobin": 12.5}), "haemoglobin")
    assert (found.verdict, found.depends_on) == ("cannot be said", ("Sex",))
    assert (found.usual_low, found.usual_high) == (12, 18)


def test_a_stale_value_is_listed_as_one_of_which_nothing_can_be_said() -> None:
    found = patient_value(Person({"c_reactive_protein": (45.0, 5)}), "c_reactive_protein")
    assert (found.verdict, found.fact.why_unknown) == ("cannot be said", "stale")


@pytest.mark.pathway("E04", "S13")
def test_movement_has_its_deficit_and_is_compared_with_the_other_hip() -> None:
    person = Person(left={"internal_rotation_deg": 5.0}, right={"internal_rotation_deg": 35.0})
    left = hip_value(assess(person)[0].hips.left, "internal_rotation_deg")
    assert left.beyond is not None
    assert (left.verdict, left.beyond.low, left.difference) == ("below", 25, -30)
    alone = assess(Person(left={"internal_rotation_deg": 5.0}))[0].hips
    assert hip_value(alone.left, "internal_rotation_deg").difference is None
    assert alone.right.interpretation == ()


def test_steroid_doses_are_exposure_and_no_laboratory_values() -> None:
    person = Person({"prednisone_equivalent_current_mg_per_day": 40.0, "c_reactive_protein": 1.0})
    assert [one.fact.concept for one in assess(person)[0].interpretation] == ["c_reactive_protein"]


@pytest.mark.pathway("S15")
def test_a_harris_score_with_gaps_gives_the_points_still_possible_and_what_is_missing() -> None:
    found = score(assess(Person(left={"harris_pain": "moderate"}))[0].hips.left, "harris")
    assert found is not None
    assert (found.points.low, found.points.high) == (20, 76)
    assert found.bands == ("poor", "fair")
    assert len(found.missing) == 12
    assert found.computed


def test_points_follow_answers_and_total_together_and_a_contradiction_is_said() -> None:
    both = Person(left={"harris_pain": "moderate", "harris_hip_score": 55.0})
    found = score(assess(both)[0].hips.left, "harris")
    assert found is not None
    assert (found.points.low, found.points.high, found.contradiction) == (55, 55, None)
    wrong = Person(left={"harris_pain": "moderate", "harris_hip_score": 95.0})
    found = score(assess(wrong)[0].hips.left, "harris")
    assert found is not None
    assert "20 to 76" in str(found.contradiction)
    assert found.bands == ("poor", "fair")


def test_movement_or_stairs_alone_are_no_reason_to_show_a_score() -> None:
    hips = assess(Person({"harris_stairs": "with_rail"}, left={"flexion_deg": 90.0}))[0].hips
    assert hips.left.scores == hips.right.scores == ()


def test_an_oxford_score_is_read_as_recorded_and_says_that_counting_needs_a_licence() -> None:
    found = score(assess(Person(left={"oxford_hip_score": 22.0}))[0].hips.left, "oxford")
    assert found is not None
    assert (found.computed, found.bands) == (False, ("moderate to severe",))
    assert "licence" in found.licence
    assert found.thresholds


def test_a_womac_total_of_unknown_counting_gets_no_band() -> None:
    found = score(assess(Person(left={"womac_total": 40.0}))[0].hips.left, "womac")
    assert found is not None
    assert found.bands == ()


PERSON = Person(
    {"haemoglobin": 12.5, "c_reactive_protein": 45.0, "creatinine": 1.0, "ucla_activity": 4.0},
    left={"internal_rotation_deg": 5.0, "flexion_deg": 120.0, "harris_pain": "moderate"},
    right={"internal_rotation_deg": 35.0, "oxford_hip_score": 22.0},
)


def test_the_terminal_shows_what_is_outside_first_and_the_rest_on_one_line() -> None:
    text = render_text(assess(PERSON)[0])
    flat = " ".join(text.split())
    values = flat[flat.index("VALUES") :]
    assert values.index(
        "C-reactive protein: 45 mg/L, above the usual range (at most 10) by 35"
    ) < values.index("cannot be said: Haemoglobin: 12.5 g/dL (usual 12 to 18; depends on: Sex)")
    assert "within the usual range: Creatinine: 1 mg/dL (0.6 to 1.2)" in values
    assert "Internal rotation of the hip: 5 °, below the usual range (at least 30) by 25; 30 ° less" in flat
    assert "Harris Hip Score: 23.9 to 76 on a scale of 0 to 100, poor or fair (higher is better)" in flat
    assert "UCLA activity scale: 4 on a scale of 1 to 10, mild activity" in flat
    assert max(map(len, text.splitlines())) <= 80


def test_a_value_is_not_listed_a_second_time_among_the_findings() -> None:
    assert render_text(assess(PERSON)[0]).count("Flexion of the hip: 120") == 1


def test_the_page_says_the_same() -> None:
    page = " ".join(render_html(assess(PERSON)[0]).split())
    assert "C-reactive protein: 45 mg/L, above the usual range (at most 10) by 35" in page
    assert "Harris Hip Score: 23.9 to 76 on a scale of 0 to 100, poor or fair" in page
    assert "Not answered (11)" in page
    assert "Licence: Copyright licence from Oxford University Innovation" in page


def test_every_source_of_a_value_or_score_is_in_the_list_of_sources() -> None:
    assessment = assess(PERSON)[0]
    listed = {source.id for source in assessment.sources}
    hips = (assessment.hips.left, assessment.hips.right)
    values = [*assessment.interpretation, *(one for hip in hips for one in hip.interpretation)]
    scores = [*assessment.scores, *(one for hip in hips for one in hip.scores)]
    assert {name for one in (*values, *scores) for name in one.sources} <= listed
