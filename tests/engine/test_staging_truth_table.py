"""Findings and the grades they give, against a table written from the published criteria."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from precollapse.engine.run import Evaluation
from precollapse.engine.staging import STATES
from precollapse.facts.build import Facts
from tests.facts.people import KNOWLEDGE, Person, evaluated, place

TABLE = yaml.safe_load(Path(__file__).with_name("staging-truth-table.yaml").read_text("utf-8"))
CASES: list[dict[str, Any]] = TABLE["cases"]


def answers(*parts: dict[str, Any]) -> dict[str, Any]:
    merged = {fact: answer for part in parts for fact, answer in part.items()}
    return {fact: tuple(answer) if isinstance(answer, list) else answer for fact, answer in merged.items()}


def person_of(case: dict[str, Any]) -> Person:
    left = answers(*case["given"])
    patient = {fact: left.pop(fact) for fact in list(left) if KNOWLEDGE.concepts[fact].level == "patient"}
    if "age_years" not in patient:
        patient.setdefault("child", False)
    return Person(patient, left=left, right=case.get("right", {}))


@cache
def table_evaluated() -> tuple[Facts, Evaluation]:
    return evaluated(*map(person_of, CASES))


def outcome(evaluation: Evaluation, system: str, row: int) -> str:
    """The result of one system on one hip, in the words of the table."""
    found = evaluation.staging.systems[system]
    grades = KNOWLEDGE.staging_systems[system].grades
    left = "/".join(g.name for g, sign in zip(grades, found.grades[row], strict=True) if sign >= 0)
    state = STATES[found.state[row]]
    known = {"not applicable": "n/a", "nothing known": "?", "as reported": "r", "none fits": "none"}
    if state in known:
        return known[state]
    return f"!{left}" if state == "contradiction" else left


def proven(evaluation: Evaluation, system: str, row: int) -> list[str]:
    found = evaluation.staging.systems[system]
    grades = KNOWLEDGE.staging_systems[system].grades
    return [g.name for g, sign in zip(grades, found.grades[row], strict=True) if sign == 1]


def test_table_has_at_least_a_hundred_and_fifty_finding_sets() -> None:
    assert len(CASES) >= 150
    assert len({str(case["given"]) + str(case.get("right")) for case in CASES}) == len(CASES)


@pytest.mark.pathway("I01", "I02", "I03", "I04")
@pytest.mark.parametrize("number", range(len(CASES)))
def test_findings_give_the_grades_of_the_published_criteria(number: int) -> None:
    case = CASES[number]
    facts, evaluation = table_evaluated()
    row = place(facts, "left", number)
    short = TABLE["systems"]
    wanted = {name: str(case[name]) for name in short if name in case}
    found = {name: outcome(evaluation, short[name], row) for name in wanted}
    assert found == wanted, case["given"]
    for name, said in found.items():
        if said in {"n/a", "?", "r", "none"} or said.startswith("!"):
            continue
        single = "/" not in said and name not in case.get("open", [])
        assert bool(proven(evaluation, short[name], row)) == single, (name, case["given"])
    flagged = {name for name, where in evaluation.staging.contradictions.items() if where[row]}
    assert flagged == set(case.get("contradictions", [])), case["given"]


def test_every_contradiction_of_the_knowledge_is_in_the_table() -> None:
    shown = {name for case in CASES for name in case.get("contradictions", [])}
    assert shown == set(KNOWLEDGE.contradictions)


def test_every_grade_of_the_knowledge_is_reached_by_the_table() -> None:
    _, evaluation = table_evaluated()
    missed = [
        f"{system.id} {grade.id}"
        for system in evaluation.staging.model.systems
        for number, grade in enumerate(system.grades)
        if not (evaluation.staging.systems[system.id].grades[:, number] == 1).any()
    ]
    assert missed == []


@pytest.mark.pathway("I02")
@pytest.mark.hazard("stage-from-mri-alone")
def test_no_collapsed_stage_is_called_from_mri_alone() -> None:
    everything = {
        c.id: True for c in KNOWLEDGE.concepts.values() if c.id.startswith("mri_") and c.type == "yes_no"
    }
    everything.pop("mri_femoral_head_spared")
    film = {"radiograph_hip": "normal"}
    facts, evaluation = evaluated(
        Person({"child": False}, left={**everything, "mri_head_depression_mm": 5.0}),
        Person({"child": False}, left={**everything, "mri_head_depression_mm": 5.0, **film}),
    )
    collapsed = {"IIIA", "IIIB", "IIIC", "III", "IIB", "IV", "V", "VI", "3A", "3B", "4"}
    for number in range(2):
        row = place(facts, "left", number)
        for system in evaluation.staging.model.systems:
            if system.kind == "stage":
                assert not collapsed & set(proven(evaluation, system.id, row)), system.id
