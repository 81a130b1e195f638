"""How soon: every rule holds for the patient for whom it matters and not for the nearest one for whom not."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from precollapse.engine.run import Evaluation
from precollapse.engine.urgency import LEVELS
from precollapse.facts.build import Facts
from precollapse.knowledge.conditions import Holds, Leaf
from tests.engine.cases import Case, cases_of, narrower_than
from tests.facts.people import KNOWLEDGE, Person, evaluated, place

RULES = [rule for rule in KNOWLEDGE.urgency.values() if not rule.draft]


@cache
def everybody() -> tuple[list[Case], Facts, Evaluation]:
    """All patients of all rules, evaluated as one batch."""
    cases = [case for rule in RULES for case in cases_of(rule.id, rule.when)]
    facts, evaluation = evaluated(*(case.person() for case in cases))
    return cases, facts, evaluation


def holds(number: int, rule: str) -> bool | None:
    _, facts, evaluation = everybody()
    return evaluation.truths.at(f"urgency:{rule}", place(facts, "left", number))


def of_rule(rule: str) -> list[tuple[int, Case]]:
    return [(number, case) for number, case in enumerate(everybody()[0]) if case.rule == rule]


def level(person: Person) -> str:
    return str(evaluated(person)[1].urgency["urgency"].item())


@pytest.mark.pathway("W01", "W02", "W03", "W04", "W05", "W06", "Q11", "L01", "E01", "E02", "N01")
@pytest.mark.pathway("D01", "D02", "D03", "D07", "D09", "D10", "D15", "P18")
@pytest.mark.parametrize("rule", [rule.id for rule in RULES])
def test_rule_holds_for_every_patient_for_whom_it_matters(rule: str) -> None:
    _, _, evaluation = everybody()
    wanted = LEVELS.index(KNOWLEDGE.urgency[rule].level)
    patients = [(number, case) for number, case in of_rule(rule) if case.lacks is None]
    assert patients
    for number, case in patients:
        assert holds(number, rule) is True, case.term
        assert LEVELS.index(evaluation.urgency["urgency"][number]) >= wanted, case.term


@pytest.mark.pathway("W01", "W02", "W03", "W04", "W05", "W06", "Q11", "L01", "E01", "E02", "N01")
@pytest.mark.parametrize("rule", [rule.id for rule in RULES])
def test_rule_does_not_hold_for_the_nearest_patient_for_whom_it_does_not_matter(rule: str) -> None:
    tried = 0
    for number, case in of_rule(rule):
        if case.lacks is None or implied_anyway(case):
            continue
        tried += 1
        assert holds(number, rule) is False, (case.term, case.lacks)
    assert tried, "no neighbour lacks anything"


def implied_anyway(case: Case) -> bool:
    """Whether another alternative of the rule follows from what the neighbour still has."""
    has = {leaf.fact for leaf, sign in case.term if sign and leaf is not case.lacks}
    also = {fact for fact in KNOWLEDGE.concepts if narrower_than(fact) & has}
    terms = {other.term for _, other in of_rule(case.rule)}
    return any(all(literal_holds(*literal, case, also) for literal in term) for term in terms)


def literal_holds(leaf: Leaf, sign: bool, case: Case, also: set[str]) -> bool:
    kept = (leaf, sign) in case.term and leaf is not case.lacks
    return kept or (sign and isinstance(leaf, Holds) and leaf.fact in also)


@pytest.mark.parametrize("rule", [rule.id for rule in RULES if rule.per == "hip"])
def test_rule_of_a_hip_does_not_hold_for_the_other_hip(rule: str) -> None:
    _, facts, evaluation = everybody()
    for number, case in of_rule(rule):
        if any(KNOWLEDGE.concepts[leaf.fact].level == "hip" for leaf, _ in case.term):
            right = evaluation.truths.at(f"urgency:{rule}", place(facts, "right", number))
            assert right is not True, case.term


@pytest.mark.parametrize("item", ["W01", "W02", "W03", "W04", "W05", "W06"])
def test_every_reason_to_seek_care_has_a_rule(item: str) -> None:
    assert [rule for rule in RULES if item in rule.pathway]


def test_every_red_flag_and_every_symptom_can_raise_the_level() -> None:
    """What is recorded of a symptom of the hip is never without consequence for how soon."""
    in_rules = {leaf.fact for case in everybody()[0] for leaf, _ in case.term}
    for item in ["S01", "S02", "S03", "S04", "S05", "S06", "S07", "S08", "S09", "S10", "S11"]:
        concepts = {c.id for c in KNOWLEDGE.concepts.values() if item in c.pathway and c.type == "yes_no"}
        wider = {w for c in concepts for w in KNOWLEDGE.concepts[c].implies}
        assert (concepts | wider) & in_rules, item


# The levels a clinician would give.
EXPOSED = {"systemic_corticosteroid": True, "systemic_lupus_erythematosus": True}


@pytest.mark.pathway("W01", "W02", "W03", "W04", "W05", "W06", "S01", "S02", "S03", "S04", "S06")
@pytest.mark.pathway("S07", "S08", "S10", "S11", "E01", "C06", "C07", "I01", "I02", "Q11")
@pytest.mark.parametrize(
    ("answers", "left", "expected"),
    [
        ({}, {}, "routine"),
        ({}, {"groin_pain": True}, "routine"),
        ({}, {"groin_pain": True, "weight_bearing_pain": True}, "soon"),
        ({}, {"night_pain": True}, "soon"),
        ({}, {"limp": True}, "soon"),
        ({}, {"stiffness": True}, "soon"),
        ({}, {"stairs_difficulty": True}, "soon"),
        ({}, {"shoes_socks_difficulty": True}, "soon"),
        ({}, {"mechanical_symptoms": True}, "soon"),
        ({}, {"giving_way": True}, "soon"),
        ({"several_joints_painful": True}, {}, "soon"),
        (EXPOSED, {"groin_pain": True}, "urgent"),
        (EXPOSED, {"knee_pain": True}, "soon"),
        (EXPOSED, {}, "routine"),
        ({"sickle_cell_disease": True}, {"hip_pain": True}, "urgent"),
        ({"sickle_cell_disease": True, "temperature": 38.6}, {}, "emergency"),
        ({}, {"mri_osteonecrosis": True}, "urgent"),
        ({}, {"night_and_rest_pain_continuous": True}, "urgent"),
        ({"fever": True}, {"hip_pain": True}, "emergency"),
        ({}, {"can_bear_weight": False}, "emergency"),
        ({}, {"pain_sudden_worsening": True}, "emergency"),
        ({}, {"fracture_suspected_after_minor_fall": True}, "emergency"),
        ({}, {"femoral_neck_fracture": (True, 0.01)}, "emergency"),
        ({"age_years": 12.0}, {"hip_pain": True, "limp": True}, "emergency"),
        ({"age_years": 6.0}, {"limp": True}, "urgent"),
    ],
)
def test_level_of_a_plain_patient(answers: dict[str, Any], left: dict[str, Any], expected: str) -> None:
    assert level(Person(answers, left)) == expected


@pytest.mark.pathway("W05", "S14")
def test_pain_in_both_hips_is_seen_sooner_than_in_one() -> None:
    one = Person(left={"hip_pain": True}, right={"hip_pain": False})
    both = Person(left={"hip_pain": True}, right={"groin_pain": True})
    assert (level(one), level(both)) == ("routine", "soon")
    assert level(Person(EXPOSED | {"both_hips_painful": True})) == "urgent"


def test_pain_without_a_side_counts_like_pain_with_one() -> None:
    unsided = Person(EXPOSED, statements=[{"concept": "hip_pain", "status": "present"}])
    assert level(unsided) == "urgent"


def test_nothing_known_is_routine_but_says_that_an_emergency_is_possible() -> None:
    urgency = evaluated(Person())[1].urgency
    assert urgency["urgency"].item() == "routine"
    assert urgency["urgency_possible"].item() == "emergency"


def test_somebody_who_denies_everything_has_no_reason_and_nothing_open() -> None:
    denied = {}
    for rule in RULES:
        for case in cases_of(rule.id, rule.when):
            for leaf, sign in case.term:
                denied[leaf.fact] = not sign if KNOWLEDGE.concepts[leaf.fact].type == "yes_no" else None
    numbers = {name: 1.0 for name, answer in denied.items() if answer is None}
    numbers |= {"age_years": 40.0, "systolic_blood_pressure": 120.0, "temperature": 36.6, "heart_rate": 60.0}
    answers = {name: numbers.get(name, answer) for name, answer in denied.items()}
    hip = {name for name in answers if KNOWLEDGE.concepts[name].level == "hip"}
    of_hip = {name: answers[name] for name in hip} | {"joint_onset_days": 300.0, "pain_duration_months": 60.0}
    person = Person({n: a for n, a in answers.items() if n not in hip}, left=of_hip, right=of_hip)
    urgency = evaluated(person)[1].urgency
    assert urgency["urgency"].item() == "routine"
    assert urgency["urgency_possible"].item() == "routine"


def test_unknown_never_counts_as_a_reason() -> None:
    for answer in ("provisional", "asked_unknown", "unreadable"):
        statements = [
            {"concept": name, "status": answer} | ({"side": "left"} if c.level == "hip" else {})
            for name, c in KNOWLEDGE.concepts.items()
            if c.type == "yes_no"
        ]
        assert level(Person(statements=statements)) == "routine"
