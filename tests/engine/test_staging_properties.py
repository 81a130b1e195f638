"""What must hold of staging whatever is found: of random findings, sides, and what is learned."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precollapse.engine.run import Evaluation
from precollapse.engine.staging import STATES
from tests.facts.people import KNOWLEDGE, Person, evaluated, place

FACTS = sorted(
    {
        "head_depression_mm", "crescent_length_percent", "mri_lesion_volume_percent",
        "surface_collapsed_percent",
        "modified_kerboul_angle_deg", "radiograph_kerboul_angle_deg", "lesion_weight_bearing_share_percent",
        "radiograph_hip", "ct_hip", "mri_hip", "bone_scan_hip", "radiograph_sclerosis", "radiograph_cysts",
        "radiograph_crescent_sign", "radiograph_head_flattening", "radiograph_head_collapse",
        "radiograph_joint_space_narrowing", "radiograph_osteoarthritis", "radiograph_acetabular_change",
        "radiograph_advanced_degeneration", "radiograph_demarcating_sclerosis", "ct_subchondral_fracture",
        "ct_head_collapse", "mri_osteonecrosis", "mri_band_low_t1", "mri_lesion_reaches_acetabular_edge",
        "bone_scan_cold_in_hot", "pillar_lateral_necrotic", "pillar_central_necrotic", "hip_symptoms",
        "radiograph_head_density_change",
    }
)  # fmt: skip
CUTS = [0.0, 1.0, 2.0, 2.5, 3.0, 4.0, 5.0, 10.0, 15.0, 30.0, 40.0, 66.0, 90.0]


def answers_to(fact: str) -> st.SearchStrategy[Any]:
    concept = KNOWLEDGE.concepts[fact]
    if concept.type == "number":
        angles = [150.0, 190.0, 200.0, 250.0, 300.0]
        cuts = angles if concept.unit == "deg" else [c for c in CUTS if concept.unit != "mm" or c <= 10]
        return st.sampled_from(cuts)
    return st.sampled_from(list(concept.choices)) if concept.type == "choice" else st.booleans()


@st.composite
def findings(draw: st.DrawFn) -> dict[str, Any]:
    chosen = draw(st.lists(st.sampled_from(FACTS), unique=True, max_size=14))
    return {fact: draw(answers_to(fact)) for fact in chosen}


SURE = {"osteonecrosis_femoral_head": True, "ct_osteonecrosis": True}  # osteonecrosis shown, CT was made
ADULT = {"age_years": 40.0}


def grades(evaluation: Evaluation, row: int) -> dict[str, list[int]]:
    return {name: found.grades[row].tolist() for name, found in evaluation.staging.systems.items()}


def flagged(evaluation: Evaluation, row: int) -> set[str]:
    return {name for name, where in evaluation.staging.contradictions.items() if where[row]}


@settings(max_examples=60, deadline=None)
@given(findings(), st.sampled_from(FACTS), st.data())
def test_learning_a_finding_never_enlarges_what_is_possible(
    known: dict[str, Any], new: str, data: st.DataObject
) -> None:
    """Unless it contradicts what was known: then neither is believed and the set opens again."""
    before = {fact: answer for fact, answer in known.items() if fact != new}
    after = before | {new: data.draw(answers_to(new))}
    facts, evaluation = evaluated(Person(ADULT, left=SURE | before), Person(ADULT, left=SURE | after))
    rows = place(facts, "left", 0), place(facts, "left", 1)
    if flagged(evaluation, rows[1]) or flagged(evaluation, rows[0]):
        return
    old, now = grades(evaluation, rows[0]), grades(evaluation, rows[1])
    for system, signs in now.items():
        for sign, was in zip(signs, old[system], strict=True):
            assert was in (0, sign), (system, before, new, after[new])


@settings(max_examples=40, deadline=None)
@given(findings(), findings())
def test_left_and_right_are_staged_alike(one: dict[str, Any], other: dict[str, Any]) -> None:
    facts, evaluation = evaluated(
        Person(ADULT, left=SURE | one, right=SURE | other), Person(ADULT, left=SURE | other, right=SURE | one)
    )
    for left, right in ((0, 1), (1, 0)):
        here, there = place(facts, "left", left), place(facts, "right", right)
        assert grades(evaluation, here) == grades(evaluation, there)
        assert flagged(evaluation, here) == flagged(evaluation, there)


@settings(max_examples=60, deadline=None)
@given(findings())
def test_at_most_one_grade_is_proven_and_then_no_other_is_possible(known: dict[str, Any]) -> None:
    facts, evaluation = evaluated(Person(ADULT, left=SURE | known))
    for system, signs in grades(evaluation, place(facts, "left")).items():
        if 1 in signs:
            assert sorted(signs)[:-1] == [-1] * (len(signs) - 1), system


@settings(max_examples=40, deadline=None)
@given(findings())
def test_a_system_is_staged_only_where_a_grade_is_proven_and_nothing_contradicts_it(
    known: dict[str, Any],
) -> None:
    facts, evaluation = evaluated(Person(ADULT, left=SURE | known))
    row = place(facts, "left")
    for system, found in evaluation.staging.systems.items():
        state = STATES[found.state[row]]
        if state == "staged":
            assert 1 in found.grades[row], system
        if state == "none fits":
            assert set(found.grades[row].tolist()) == {-1}, system


@pytest.mark.pathway("I01")
def test_no_grade_comes_from_nothing() -> None:
    facts, evaluation = evaluated(Person(), Person(ADULT, left={"osteonecrosis_femoral_head": True}))
    for number in range(2):
        row = place(facts, "left", number)
        for system, signs in grades(evaluation, row).items():
            assert 1 not in signs, system
            assert -1 not in signs, system
            state = STATES[evaluation.staging.systems[system].state[row]]
            assert state in {"not applicable", "nothing known"}, system


def test_a_patient_is_staged_alike_alone_and_among_others() -> None:
    people = [Person(ADULT, left=SURE | {"head_depression_mm": float(n)}) for n in range(5)]
    people.append(Person(ADULT, left=SURE | {"radiograph_hip": "normal", "radiograph_crescent_sign": True}))
    _, together = evaluated(*people)
    for number, person in enumerate(people):
        _, alone = evaluated(person)
        for name, found in alone.staging.systems.items():
            among = together.staging.systems[name]
            assert np.array_equal(found.grades, among.grades[2 * number : 2 * number + 2])
            assert np.array_equal(found.state, among.state[2 * number : 2 * number + 2])
