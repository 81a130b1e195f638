"""What the differential and the ranking of tests say of patients written as answers."""

from __future__ import annotations

from typing import Any

import numpy as np

from precollapse.engine.influence import Moved, moved_by_findings
from precollapse.engine.network import network
from precollapse.engine.ranking import Ranked, rank_tests
from precollapse.engine.run import Evaluation
from precollapse.facts.build import Facts
from tests.facts.people import KNOWLEDGE, Person, days_ago, evaluated, oral, place

NET = network(KNOWLEDGE)

PAIN = {"hip_pain": True}
GROIN = PAIN | {"groin_pain": True}
LUPUS = {"systemic_lupus_erythematosus": True, "age_years": 35.0, "sex": "female"}
HIGH_DOSE = [oral(60, days_ago(400), days_ago(200))]


def probabilities(person: Person, hip: str = "left") -> dict[str, float]:
    facts, evaluation = evaluated(person)
    return dict(zip(NET.diagnoses, evaluation.differential.p[place(facts, hip)].tolist(), strict=True))


def bands(person: Person, hip: str = "left") -> dict[str, tuple[float, float]]:
    facts, evaluation = evaluated(person)
    row, found = place(facts, hip), evaluation.differential
    return {name: (found.low[row, k], found.high[row, k]) for k, name in enumerate(NET.diagnoses)}


def odds(p: float) -> float:
    return p / (1 - p)


def times(more: Person, less: Person, diagnosis: str, hip: str = "left") -> float:
    """By how many times the odds of a diagnosis are higher in one patient than in another."""
    one, other = (probabilities(person, hip)[diagnosis] for person in (more, less))
    return odds(one) / odds(other)


def adult(left: dict[str, Any] | None = None, **answers: Any) -> Person:
    """A woman of 45 whose left groin hurts, unless said otherwise."""
    return Person({"age_years": 45.0, "sex": "female"} | answers, left=GROIN | (left or {}))


def lupus(left: dict[str, Any] | None = None, **answers: Any) -> Person:
    """A woman with lupus who took 60 mg a day for 200 days, and whose left groin hurts."""
    return Person(LUPUS | answers, left=GROIN | (left or {}), doses=HIGH_DOSE)


def likeliest(person: Person, hip: str = "left") -> list[str]:
    """Diagnoses by probability, without the rest that nobody named."""
    found = probabilities(person, hip)
    return [name for name in sorted(found, key=lambda d: -found[d]) if name != "none_of_these"]


def moved(person: Person) -> list[Moved]:
    facts, evaluation = evaluated(person)
    rows = np.array([[place(facts, "left"), place(facts, "right")]])
    return moved_by_findings(rows, evaluation.differential, NET)


def counted(person: Person, hip: str = "left") -> dict[str, int]:
    """Findings that are weighed: 1 found, -1 not found."""
    facts, evaluation = evaluated(person)
    row, found = place(facts, hip), evaluation.differential
    layers = ((NET.hip, found.hip_states), (NET.patient, found.patient_states))
    return {
        name: int(states[row, n])
        for layer, states in layers
        for n, name in enumerate(layer.findings)
        if states[row, n]
    }


def ranked(person: Person) -> list[Ranked]:
    return ranking(*evaluated(person))


def ranking(facts: Facts, evaluation: Evaluation, person: int = 0) -> list[Ranked]:
    table = facts.table
    rows = [row for row in range(table.height) if table.persons[row] == person]
    hips = [str(table.hips[row]) for row in rows]
    return rank_tests(rows, hips, evaluation.truths, evaluation.differential, KNOWLEDGE)


def of_test(person: Person, test: str) -> Ranked:
    return next(one for one in ranked(person) if one.test == test)


def first_imaging(person: Person) -> str:
    return next(
        one.test
        for one in ranked(person)
        if one.state == "worth it" and KNOWLEDGE.tests[one.test].kind == "imaging"
    )
