"""Staging in the document: every system side by side, what would decide, borders, readers, contradictions."""

from __future__ import annotations

from typing import Any

import pytest

from precollapse.assessment.staging_nodes import Staging, SystemStage
from tests.assessment.assessed import assess
from tests.facts.people import KNOWLEDGE, Person

ROUND: dict[str, Any] = {
    "mri_osteonecrosis": True,
    "radiograph_sclerosis": True,
    "radiograph_crescent_sign": False,
    "radiograph_head_flattening": False,
    "radiograph_joint_space_narrowing": False,
}
FLAT = ROUND | {"radiograph_head_flattening": True}


def staged(patient: dict[str, Any] | None = None, **left: Any) -> Staging:
    person = Person({"age_years": 40.0} | (patient or {}), left=left)
    return assess(person)[0].hips.left.staging


def system(found: Staging, name: str) -> SystemStage:
    return next(one for one in found.systems if one.id == name)


@pytest.mark.pathway("I01", "I02", "I03")
def test_one_hip_is_staged_in_every_system_at_once() -> None:
    found = staged(**FLAT, head_depression_mm=2.5, modified_kerboul_angle_deg=210.0)
    stages = {one.id: one.possible for one in found.systems if one.state == "staged"}
    assert stages["arco_2019"] == ("IIIB",)
    assert stages["arco_1994"] == ("IIIB",)
    assert stages["ficat_1985"] == stages["ficat_split"] == ("III",)
    assert stages["jic_stage"] == ("3A",)
    assert stages["modified_kerboul"] == ("2",)


@pytest.mark.hazard("stage-letters-mapped")
def test_the_same_letter_of_two_editions_is_computed_twice_and_may_differ() -> None:
    found = staged(**FLAT, head_depression_mm=2.0)
    assert system(found, "arco_2019").possible == ("IIIA",)
    assert system(found, "arco_1994").possible == ("IIIB",)


@pytest.mark.hazard("stage-letters-mapped")
def test_a_stage_whose_edition_is_not_named_is_put_into_neither_edition() -> None:
    found = staged(arco_stage_edition_unknown="3a")
    assert found.applicable
    assert [one.id for one in found.systems] == ["arco_edition_unknown"]
    assert system(found, "arco_edition_unknown").state == "as reported"


@pytest.mark.hazard("child-staged-as-adult")
def test_a_child_is_not_staged_as_an_adult_and_is_sent_to_paediatric_orthopaedics() -> None:
    found = staged({"age_years": 9.0}, **FLAT, head_depression_mm=3.0, modified_kerboul_angle_deg=250.0)
    assert not found.applicable
    assert "paediatric orthopaedic" in (found.says or "")
    assert not [one for one in found.systems if one.kind != "diagnosis"]


@pytest.mark.hazard("child-staged-as-adult")
def test_an_unknown_age_is_said_beside_the_stages() -> None:
    found = assess(Person(left=FLAT))[0].hips.left.staging
    assert found.applicable
    assert "age is not known" in (found.says or "")


def test_a_hip_without_shown_osteonecrosis_is_not_staged_and_says_so() -> None:
    found = staged(hip_pain=True)
    assert (found.applicable, found.systems, found.contradictions) == (False, (), ())
    assert found.says == KNOWLEDGE.staging_settings.not_shown_says
    assert "replaced" in (staged(**ROUND, hip_replaced=True).says or "")


@pytest.mark.pathway("I02")
def test_what_would_decide_is_asked_in_plain_words() -> None:
    arco = system(staged(mri_osteonecrosis=True), "arco_2019")
    assert arco.state == "possible"
    assert arco.possible == ("I", "II", "IIIA", "IIIB", "IV")
    assert "radiograph_crescent_sign" in {fact.concept for fact in arco.decided_by}
    assert all(fact.question.endswith("?") and fact.why_unknown == "not asked" for fact in arco.decided_by)


def test_answering_what_would_decide_narrows_the_grades() -> None:
    before = {k: v for k, v in ROUND.items() if k != "radiograph_crescent_sign"}
    arco = system(staged(**before), "arco_2019")
    assert arco.possible == ("II", "IIIA")
    assert [fact.concept for fact in arco.decided_by] == ["radiograph_crescent_sign"]
    for answer, stage in ((True, "IIIA"), (False, "II")):
        assert system(staged(**before, radiograph_crescent_sign=answer), "arco_2019").possible == (stage,)


@pytest.mark.pathway("I03")
def test_ct_that_was_not_made_is_named_as_what_could_change_the_stage() -> None:
    arco = system(staged(**ROUND), "arco_2019")
    assert (arco.state, arco.possible) == ("staged", ("II",))
    assert "ct_subchondral_fracture" in {fact.concept for fact in arco.could_change}
    made = system(staged(**ROUND, ct_hip="normal"), "arco_2019")
    assert made.could_change == ()


def test_nearest_border_is_given_with_distance_and_both_neighbours() -> None:
    (border,) = system(staged(**FLAT, head_depression_mm=2.5), "arco_2019").borders
    assert (border.border, border.distance, border.unit) == (2.0, 0.5, "mm")
    assert (border.below, border.above) == ("IIIA", "IIIB")
    (below,) = system(staged(**ROUND, modified_kerboul_angle_deg=240.0), "modified_kerboul").borders
    assert (below.border, below.distance) == (250.0, -10.0)


def test_a_reader_who_disagrees_with_the_findings_is_a_contradiction_with_both_sides() -> None:
    arco = system(staged(**ROUND, arco_2019_stage="3b"), "arco_2019")
    assert (arco.state, arco.disagrees, arco.possible) == ("contradiction", True, ("II",))
    assert arco.reported is not None
    assert arco.reported.value == "3b"
    assert {fact.concept for fact in arco.facts} >= {"radiograph_crescent_sign", "radiograph_head_flattening"}


def test_a_contradiction_names_both_sides_and_nothing_is_staged_on_it() -> None:
    found = staged(mri_osteonecrosis=True, radiograph_hip="normal", radiograph_crescent_sign=True)
    (contradiction,) = found.contradictions
    weaker, stronger = contradiction.sides
    assert [fact.concept for fact in weaker.facts] == ["radiograph_hip"]
    assert [fact.concept for fact in stronger.facts] == ["radiograph_crescent_sign"]
    arco = system(found, "arco_2019")
    assert (arco.state, len(arco.possible)) == ("contradiction", 5)


def test_a_denial_overruled_by_something_narrower_is_shown_as_the_denial_it_was() -> None:
    found = staged(mri_osteonecrosis=True, mri_band_low_t1=False, mri_double_line_sign=True)
    (contradiction,) = found.contradictions
    assert [fact.value for side in contradiction.sides for fact in side.facts] == [False, True]


def test_systems_say_how_well_readers_agree_and_what_is_judgement() -> None:
    found = staged(**FLAT, head_depression_mm=3.0)
    assert system(found, "ficat_1985").reliability
    assert system(found, "jic_stage").grade == "judgement"
    assert system(found, "arco_2019").reliability == ()


def test_a_pattern_that_no_grade_names_is_not_forced_into_one() -> None:
    pillars = {"pillar_medial_necrotic": "none", "pillar_central_necrotic": "whole"}
    cjfh = system(staged(**ROUND, **pillars, pillar_lateral_necrotic="whole"), "cjfh")
    assert (cjfh.state, cjfh.possible) == ("none fits", ())


def test_a_system_that_does_not_apply_to_a_stage_says_why() -> None:
    worn = FLAT | {"radiograph_joint_space_narrowing": True}
    size = system(staged(**worn), "steinberg_size")
    assert size.state == "not applicable"
    assert "V" in size.says


def test_every_source_of_staging_is_listed() -> None:
    document = assess(Person({"age_years": 40.0}, left=FLAT))[0]
    listed = {source.id for source in document.sources}
    staging = document.hips.left.staging
    assert {source for one in staging.systems for source in one.sources} <= listed
    assert {figure.source for one in staging.systems for figure in one.reliability} <= listed


def test_what_would_decide_a_stage_is_among_the_unknowns() -> None:
    document = assess(Person({"age_years": 40.0}, left={"mri_osteonecrosis": True}))[0]
    matters = {(u.concept, u.side): u.matters_for for u in document.unknown}
    assert "staging" in matters["radiograph_crescent_sign", "left"]


def test_systems_that_are_not_computed_say_why_and_stage_nobody() -> None:
    left_out = [s for s in KNOWLEDGE.staging_systems.values() if s.kind == "not computed"]
    assert {s.id for s in left_out} >= {"marcus_enneking", "niinimaki", "ponte_di_legno", "koo_kim_index"}
    assert all(s.note and s.draft and not s.grades for s in left_out)
    shown = {one.id for one in staged(**FLAT, head_depression_mm=3.0).systems}
    assert not shown & {s.id for s in left_out}
