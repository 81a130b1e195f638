"""Treatments made up for tests, and the state the engine gives them."""

from __future__ import annotations

from typing import Any

import msgspec

from precollapse.assessment.build import build_assessments
from precollapse.assessment.model import Assessment
from precollapse.assessment.option_nodes import Option
from precollapse.engine.advice import advise
from precollapse.engine.options import NOT_CONSIDERED, STATES
from precollapse.engine.run import evaluate
from precollapse.facts.build import build_facts
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.model_treatment import Treatment
from tests.facts.people import AS_OF, KNOWLEDGE, Person, chart_of

SHOWN = {"mri_osteonecrosis": True, "mri_hip": "abnormal"}
A_SOURCE = "mpr-reclast"


def treatment(name: str = "made-up", **fields: Any) -> Treatment:
    """A drug that is offered to everybody whose hip hurts, changed as asked."""
    raw: dict[str, Any] = {
        "id": name,
        "name": name,
        "plain_name": name,
        "kind": "drug",
        "per": "patient",
        "goal": "test",
        "says": "Says.",
        "plain": "Plain.",
        "licence": "licensed",
        "licence_says": "Licensed.",
        "considered_when": "hip_pain",
        "offers": [offer()],
        "evidence": {"grade": "low", "says": "Little."},
        "serves": {"keep_own_hip": 0, "back_to_work": 0, "avoid_surgery": 0, "avoid_pain": 0},
    }
    return msgspec.convert(raw | fields, Treatment)


def offer(**fields: Any) -> dict[str, Any]:
    raw = {
        "what": "it fits",
        "when": {"always": True},
        "standing": "offered",
        "says": "Fits.",
        "grade": "low",
    }
    return raw | fields


def against(when: Any, effect: str = "avoid", **fields: Any) -> dict[str, Any]:
    raw = {"what": "something", "about": "condition", "when": when, "effect": effect, "says": "Against."}
    return raw | fields


def knowing(*treatments: Treatment, **parts: Any) -> Knowledge:
    """The knowledge with these treatments and no others; nothing else that names a treatment is kept."""
    empty: dict[str, Any] = {"plan": {}, "rehabilitation": {}}
    return msgspec.structs.replace(
        KNOWLEDGE, treatments={one.id: one for one in treatments}, **(empty | parts)
    )


def states(knowledge: Knowledge, person: Person) -> dict[str, list[str | None]]:
    """The state of each treatment on the patient's left and right hip, or None."""
    facts = build_facts(chart_of(person), knowledge, AS_OF)
    options = advise(facts.table, evaluate(facts, knowledge), knowledge).options
    return {
        one.treatment.id: [None if n == NOT_CONSIDERED else STATES[n] for n in options.state[:, column]]
        for column, one in enumerate(options.arguments)
    }


def state(one: Treatment, person: Person, *others: Treatment) -> str | None:
    """The state of a treatment on the left hip."""
    return states(knowing(one, *others), person)[one.id][0]


def assessed(knowledge: Knowledge, person: Person) -> Assessment:
    chart = chart_of(person)
    facts = build_facts(chart, knowledge, AS_OF)
    return build_assessments(chart, facts, evaluate(facts, knowledge), knowledge)[0]


def options(knowledge: Knowledge, person: Person) -> dict[str, Option]:
    """The options of a patient by id, the first of each."""
    found: dict[str, Option] = {}
    for one in assessed(knowledge, person).treatments.options:
        found.setdefault(one.id, one)
    return found
