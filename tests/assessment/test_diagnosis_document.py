"""The differential and the next tests as the document holds them: whole, consistent, with their limits."""

from __future__ import annotations

import pytest

from precollapse.assessment import diagnosis_nodes as nodes
from precollapse.assessment.model import Assessment
from precollapse.assessment.next_tests_part import EMERGENCY_FIRST
from tests.assessment.assessed import assess
from tests.engine.diagnosed import GROIN, NET, PAIN, adult, lupus
from tests.facts.people import KNOWLEDGE, Person

FILM = {"radiograph_hip": "normal"}
SEPTIC = Person({"fever": True, "age_years": 45.0}, left=GROIN | {"hip_motion_painful": True})


def document(person: Person) -> Assessment:
    (assessment,) = assess(person)
    return assessment


def left(person: Person) -> nodes.Differential:
    return document(person).hips.left.differential


def weighed(person: Person, name: str) -> nodes.DiagnosisWeighed:
    return next(one for one in left(person).diagnoses if one.id == name)


def in_list(person: Person, name: str) -> nodes.TestRanked:
    return next(one for one in document(person).next_tests.tests if one.id == name)


@pytest.mark.hazard("judgement-taken-for-evidence")
@pytest.mark.parametrize("person", [Person(), adult(), lupus(FILM), SEPTIC])
def test_all_explanations_are_there_the_likeliest_first_each_within_its_band(person: Person) -> None:
    found = left(person)
    assert {one.id for one in found.diagnoses} == set(NET.diagnoses)
    chances = [one.probability for one in found.diagnoses]
    assert chances == sorted(chances, reverse=True)
    assert sum(chances) == pytest.approx(1, abs=0.002)
    for one in found.diagnoses:
        assert one.band.low <= one.probability <= one.band.high
        assert one.band.high > one.band.low


@pytest.mark.hazard("judgement-taken-for-evidence")
def test_it_counts_how_many_of_the_figures_are_judgement() -> None:
    found = left(lupus(FILM))
    assert 0 < found.judged <= found.figures
    assert (left(Person()).figures, left(Person()).judged) == (0, 0)
    assert set(found.sources) <= set(KNOWLEDGE.sources)
    assert "lee-2019-xr" in found.sources


def test_each_finding_says_by_how_much_it_moved_the_odds_and_where_it_was_found() -> None:
    one = weighed(lupus(FILM | {"trochanteric_tenderness": True}), "osteonecrosis")
    assert [f.id for f in one.for_it] == ["groin_pain"]
    assert {f.id for f in one.against_it} == {"radiograph_normal", "trochanteric_tenderness"}
    for finding in (*one.for_it, *one.against_it):
        assert finding.of == "this hip"
        assert finding.facts != ()
        assert all(fact.value is not None for fact in finding.facts)
    assert all(f.factor > 1 for f in one.for_it)
    assert all(f.factor < 1 for f in one.against_it)


def test_before_any_finding_and_after_are_both_said() -> None:
    one = weighed(lupus(FILM), "osteonecrosis")
    assert one.before != one.probability
    assert weighed(lupus(), "osteonecrosis").before == one.before


@pytest.mark.hazard("anchoring-on-osteonecrosis")
def test_what_is_rare_in_the_likeliest_diagnosis_is_said_not_to_fit() -> None:
    found = left(lupus({"mri_band_low_t1": True, "morning_stiffness_minutes": 120.0}))
    assert found.diagnoses[0].id == "osteonecrosis"
    assert [one.id for one in found.does_not_fit] == ["long_morning_stiffness"]
    assert left(lupus({"mri_band_low_t1": True})).does_not_fit == ()


@pytest.mark.hazard("anchoring-on-osteonecrosis")
def test_mimics_are_named_with_what_they_could_do_even_when_osteonecrosis_is_likeliest() -> None:
    found = {one.id: one for one in left(lupus()).diagnoses}
    for name in ("infection", "femoral_neck_fracture", "insufficiency_fracture", "transient_osteoporosis"):
        assert found[name].probability > 0
    for name in ("infection", "femoral_neck_fracture"):
        assert found[name].red_flag


def test_the_other_hip_is_named_as_such() -> None:
    right = document(adult({"mri_band_low_t1": True})).hips.right.differential
    osteonecrosis = next(one for one in right.diagnoses if one.id == "osteonecrosis")
    assert "other hip" in {finding.of for finding in osteonecrosis.for_it}


def test_what_is_said_of_the_whole_patient_is_named_as_such() -> None:
    (finding,) = weighed(adult(hla_b27=True), "inflammatory_arthritis").for_it[:1]
    assert (finding.id, finding.of) == ("hla_b27", "patient")


def test_of_a_hip_of_which_nothing_is_recorded_it_says_so() -> None:
    for hip in (document(Person()).hips.left, document(Person()).hips.right):
        assert hip.differential.state == "nothing recorded"
        assert "Nothing was recorded" in hip.differential.says
    assert left(Person(left=PAIN)).state == "weighed"


@pytest.mark.hazard("replaced-hip-staged")
def test_a_replaced_hip_has_no_differential_and_no_decision() -> None:
    assessment = document(Person(left={"hip_replaced": True}, right=GROIN))
    assert assessment.hips.left.differential.state == "no femoral head"
    assert assessment.hips.left.differential.diagnoses == ()
    assert {one.side for one in assessment.next_tests.decisions} == {"right"}
    assert all(hip.side == "right" for one in assessment.next_tests.tests for hip in one.hips)


@pytest.mark.pathway("Q11")
@pytest.mark.hazard("child-down-the-adult-path")
@pytest.mark.parametrize(
    "child",
    [
        Person({"age_years": 6.0, "sex": "male"}, left={"limp": True}),
        Person({"age_years": 13.0, "sex": "male", "obesity": True}, left={"knee_pain": True}),
    ],
)
def test_a_child_is_said_to_belong_to_paediatric_orthopaedics(child: Person) -> None:
    said = left(child).for_children
    assert said is not None
    assert "paediatric orthopaedics" in said
    assert left(adult()).for_children is None
    assert left(Person(child.answers, left={"hip_pain": False})).for_children is None


@pytest.mark.hazard("low-probability-lowers-urgency")
def test_a_low_probability_lowers_no_urgency() -> None:
    assessment = document(SEPTIC)
    infection = next(one for one in assessment.hips.left.differential.diagnoses if one.id == "infection")
    assert infection.probability < 0.2
    assert assessment.urgency.level == "emergency"


@pytest.mark.hazard("low-probability-lowers-urgency")
def test_in_an_emergency_the_tests_say_first_that_none_may_delay_it() -> None:
    assert document(SEPTIC).next_tests.says == EMERGENCY_FIRST
    assert document(adult()).next_tests.says != EMERGENCY_FIRST


@pytest.mark.hazard("low-probability-lowers-urgency")
def test_in_an_emergency_no_decision_says_less_than_hospital_for_the_hip_that_hurts() -> None:
    decisions = document(SEPTIC).next_tests.decisions
    assert [one.id for one in decisions] == ["emergency"]


@pytest.mark.pathway("I02", "W03")
def test_a_proposed_test_says_what_each_result_would_change() -> None:
    mri = in_list(lupus(FILM), "mri_both_hips")
    assert mri.state == "worth it"
    assert {hip.side for hip in mri.hips} == {"left", "right"}
    for hip in mri.hips:
        assert sum(result.probability for result in hip.results) == pytest.approx(1, abs=0.002)
        assert all(result.decision in KNOWLEDGE.decisions for result in hip.results)
    right = next(hip for hip in mri.hips if hip.side == "right")
    assert {"osteonecrosis_care"} < {result.decision for result in right.results}
    chances = [result.osteonecrosis for result in right.results]
    assert max(chances) > 0.9
    assert min(chances) < 0.2


@pytest.mark.hazard("contraindicated-test")
def test_a_forbidden_test_is_kept_with_its_reason_and_source() -> None:
    mri = in_list(lupus(FILM, cardiac_pacemaker_or_defibrillator=True), "mri_both_hips")
    assert mri.state == "not possible"
    assert any("no MRI" in bar for bar in mri.bars)
    assert "ferreira-2014" in mri.sources


@pytest.mark.hazard("contraindicated-test", "unknown-read-as-absent")
def test_what_may_forbid_a_test_is_asked_in_the_words_of_its_question() -> None:
    asked = in_list(lupus(FILM), "mri_both_hips").ask_first
    assert KNOWLEDGE.concepts["cardiac_pacemaker_or_defibrillator"].question in asked
    assert KNOWLEDGE.concepts["mri_unsafe_implant"].question in asked


def test_tests_without_a_question_are_left_out() -> None:
    states = {one.state for one in document(adult()).next_tests.tests}
    assert states <= {"worth it", "not possible", "not worth it now"}


@pytest.mark.pathway("I02")
def test_a_timing_names_its_test_its_grade_and_its_facts() -> None:
    (timing,) = (one for one in document(lupus(FILM)).next_tests.timings if one.id == "mri_not_another_film")
    assert "MRI" in timing.test
    assert timing.grade == "moderate"
    assert timing.facts != ()


def test_everything_the_differential_and_the_tests_cite_is_listed() -> None:
    assessment = document(lupus(FILM))
    listed = {source.id for source in assessment.sources}
    for one in assessment.next_tests.tests:
        assert set(one.sources) <= listed
    assert {s for one in assessment.next_tests.timings for s in one.sources} <= listed


def test_a_hip_that_the_other_one_moved_is_not_said_to_be_as_any_hip() -> None:
    right = document(adult({"mri_osteonecrosis": True})).hips.right.differential
    moved = [one for one in right.diagnoses if one.probability != one.before]
    assert moved == [] or right.state != "nothing recorded"
