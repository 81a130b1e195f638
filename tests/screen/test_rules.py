"""Each rule of screening, shown on a patient for whom it decides."""

from __future__ import annotations

from datetime import timedelta

import pytest

from precollapse.assessment.screening_part import action_of, due_on, recommended
from precollapse.engine.screening import compute_screening, evaluate_for_screening, rules_of
from precollapse.facts.build import build_facts
from precollapse.screen.scope import scope
from tests.facts.people import AS_OF, KNOWLEDGE, Person, chart_of, days_ago, oral

ADULT = {"sex": "female", "age_years": 40.0}
CHILD = {"sex": "male", "age_years": 14.0}
SICKLE = {"sickle_cell_disease": True}


def high_dose(since_days: int) -> list[dict[str, object]]:
    return [oral(60.0, days_ago(since_days), None, ongoing=True, written=days_ago(since_days))]


def ago(days: float) -> tuple[bool, float]:
    return True, days / 365.25


VAGUE = {"mri_hip": ("abnormal", 20 / 365.25), "mri_osteonecrosis": False, "mri_hip_done": ago(20)}
PATIENTS = {
    "emergency": ("see_doctor", Person({"fever": True}, left={"hip_pain": True}, fields=ADULT)),
    "known-osteonecrosis": (
        "see_doctor", Person(SICKLE, left={"osteonecrosis_femoral_head": True}, fields=ADULT)),
    "painful-hip-normal-film": (
        "mri_now", Person(SICKLE, left={"hip_pain": True, "radiograph_hip": "normal"}, fields=ADULT)),
    "painful-hip-exposed": ("radiograph_and_mri", Person(SICKLE, left={"hip_pain": True}, fields=ADULT)),
    "urgent": ("see_doctor", Person({"primary_cancer": True}, left={"hip_pain": True}, fields=ADULT)),
    "first-mri-after-high-dose": ("repeat_mri", Person(doses=high_dose(40), fields=ADULT)),
    "repeat-early-clear-mri": (
        "repeat_mri",
        Person(doses=high_dose(100), left={"mri_hip": ("normal", 30 / 365.25), "mri_hip_done": ago(30)},
               right={"mri_hip": ("normal", 30 / 365.25), "mri_hip_done": ago(30)}, fields=ADULT)),
    "after-dislocation": ("repeat_mri", Person(left={"hip_dislocation": ago(20)}, fields=ADULT)),
    "childhood-leukaemia": ("repeat_mri", Person({"acute_lymphoblastic_leukaemia": ago(60)}, fields=CHILD)),
    "vague-signal-in-childhood-leukaemia": (
        "repeat_mri",
        Person({"acute_lymphoblastic_leukaemia": ago(900)},
               left=VAGUE, right=VAGUE, fields=CHILD)),
    "young-lupus": (
        "repeat_mri",
        Person({"systemic_lupus_erythematosus": True}, doses=[oral(10.0, days_ago(60), days_ago(1))],
               fields={"sex": "female", "age_years": 16.0})),
    "after-kidney-transplant": ("repeat_mri", Person({"kidney_transplant": ago(60)}, fields=ADULT)),
    "marrow-oedema": ("repeat_mri", Person(
        left={"mri_bone_marrow_oedema": ago(20), "mri_band_low_t1": (False, 20 / 365.25)}, fields=ADULT)),
    "painful-hip-likely": (
        "radiograph_and_mri",
        Person({"systemic_lupus_erythematosus": True}, left={"hip_pain": True}, fields=ADULT)),
    "silent-hip-likely": ("mri_now", Person(SICKLE, fields=ADULT)),
    "soon": ("see_doctor", Person(left={"limp": True}, fields=ADULT)),
    "nothing": ("nothing", Person(fields=ADULT)),
}  # fmt: skip


def decided(*people: Person) -> list[tuple[str, str, str, object]]:
    """Rule, action, what to do and the date for each patient."""
    facts = build_facts(chart_of(*people), KNOWLEDGE, AS_OF)
    result = compute_screening(facts.table, evaluate_for_screening(facts.table, KNOWLEDGE), KNOWLEDGE)
    return [
        (
            rules_of(KNOWLEDGE)[int(result.rule[number])].id,
            action_of(result, number, KNOWLEDGE),
            recommended(result, number, KNOWLEDGE, AS_OF)[0],
            due_on(result, number, AS_OF),
        )
        for number in range(len(people))
    ]


def test_every_rule_has_a_patient_here() -> None:
    assert set(PATIENTS) == {rule.id for rule in rules_of(KNOWLEDGE)}


@pytest.mark.parametrize("rule", PATIENTS)
def test_the_rule_decides_for_its_patient(rule: str) -> None:
    action, person = PATIENTS[rule]
    found, does, says, when = decided(person)[0]
    assert (found, does) == (rule, action)
    assert (when is not None) == (action == "repeat_mri")
    assert says and (when is None or str(when) in says)


def test_a_lupus_patient_in_pain_with_a_normal_film_gets_an_mri_now() -> None:
    lupus = {"systemic_lupus_erythematosus": True}
    person = Person(
        lupus, left={"hip_pain": True, "radiograph_hip": "normal"}, doses=high_dose(240), fields=ADULT
    )
    assert decided(person)[0][1] == "mri_now"


def test_the_first_mri_after_a_high_dose_is_due_four_months_after_the_start() -> None:
    early, late = decided(
        Person(doses=high_dose(40), fields=ADULT), Person(doses=high_dose(150), fields=ADULT)
    )
    assert early[1] == "repeat_mri"
    assert early[3] == AS_OF + timedelta(days=122 - 40)
    assert late[1:] == ("mri_now", late[2], None)


def test_a_recent_mri_is_not_asked_for_again() -> None:
    done = {"mri_hip": ("normal", 0.05), "mri_hip_done": ago(20)}
    assert decided(Person(SICKLE, left=done, right=done, fields=ADULT))[0][1] == "nothing"


def test_a_replaced_hip_is_not_sent_to_an_mri() -> None:
    both = {"total_hip_replacement_done": True}
    assert decided(Person(SICKLE, left=both, right=both, fields=ADULT))[0][1] == "nothing"


def test_an_emergency_is_never_turned_into_an_appointment_for_an_image() -> None:
    person = Person(SICKLE, left={"hip_pain": True, "radiograph_hip": "normal"}, fields=ADULT)
    feverish = Person({**SICKLE, "fever": True}, left=person.left, fields=ADULT)
    assert [one[1] for one in decided(person, feverish)] == ["mri_now", "see_doctor"]


def test_what_the_scope_leaves_out_cannot_change_an_answer() -> None:
    inside = frozenset(scope(KNOWLEDGE).concepts)
    outside = [c for c in KNOWLEDGE.concepts.values() if c.id not in inside and c.level == "patient"]
    assert len(outside) > 100
    loud = {c.id: True for c in outside if c.type == "yes_no"}
    plain, with_all = decided(Person(SICKLE, fields=ADULT), Person({**SICKLE, **loud}, fields=ADULT))
    assert plain == with_all
