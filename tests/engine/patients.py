"""Random patients over every fact that the risk model asks for, free of contradictions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from precollapse.engine.program import program
from precollapse.knowledge.conditions import Compare, leaves
from tests.engine.cases import narrower_than
from tests.facts.people import KNOWLEDGE, Person, days_ago, oral

OF_RISK = ("cohort:", "effect:", "cause:", "barred:")
ASKED = sorted(
    {
        leaf.fact
        for name, condition in program(KNOWLEDGE).conditions.items()
        if name.startswith(OF_RISK)
        for leaf in leaves(condition)
    }
)
# These tell of the disease or settle the question; knowing less of them may well narrow the rest.
SETTLING = {
    "mri_osteonecrosis", "mri_hip", "imaging_osteonecrosis", "osteonecrosis_femoral_head",
    "osteonecrosis_other_site", "hip_replaced",
}  # fmt: skip
BORDERS: dict[str, list[float]] = {}
for _condition in program(KNOWLEDGE).conditions.values():
    for _leaf in leaves(_condition):
        if isinstance(_leaf, Compare):
            near = [b + d for b in (_leaf.low, _leaf.high) if b is not None for d in (-0.5, 0.0, 0.5)]
            BORDERS.setdefault(_leaf.fact, []).extend(x for x in near if x >= 0)


@st.composite
def people(draw: st.DrawFn, facts: list[str] = ASKED) -> Person:
    """One patient who answered some of the questions, with a course of corticosteroids or not."""
    chosen = draw(st.lists(st.sampled_from(facts), max_size=9, unique=True))
    answers = {fact: draw(answer_of(fact)) for fact in chosen}
    doses = draw(st.sampled_from([[], [], [30.0], [60.0], [5.0], [1000.0]]))
    if doses:
        answers = {f: a for f, a in answers.items() if "corticosteroid" not in f and "prednisone" not in f}
    answers = consistent(answers)
    start = draw(st.sampled_from([3, 14, 60, 150, 400, 2000]))
    at_hip = {f for f in answers if KNOWLEDGE.concepts[f].level == "hip"}
    return Person(
        {f: a for f, a in answers.items() if f not in at_hip},
        left={f: a for f, a in answers.items() if f in at_hip},
        doses=[oral(mg, days_ago(start), days_ago(max(start - 100, 0))) for mg in doses],
    )


def answer_of(fact: str) -> st.SearchStrategy[Any]:
    concept = KNOWLEDGE.concepts[fact]
    if concept.type == "number":
        return st.sampled_from(sorted(set(BORDERS.get(fact, [1.0]))))
    if concept.type == "choice":
        return st.sampled_from(sorted(concept.choices))
    return st.sampled_from([True, (True, 0.1), (True, 0.9), (True, 5.0), False])


def consistent(answers: dict[str, Any]) -> dict[str, Any]:
    """Leave out denials that something narrower contradicts, and doses of those who never took any."""
    true = {f for f, a in answers.items() if a is True or isinstance(a, tuple)}
    kept = {f: a for f, a in answers.items() if a is not False or not narrower_than(f) & true}
    if kept.get("systemic_corticosteroid") is False:
        kept = {f: a for f, a in kept.items() if "prednisone" not in f}
    return kept


def without(person: Person) -> list[tuple[str, Person]]:
    """The same patient with one answer less, once for each answer."""
    less = [(f, replace(person, answers=_but(person.answers, f))) for f in person.answers]
    less += [(f, replace(person, left=_but(person.left, f))) for f in person.left]
    return less + ([("doses", replace(person, doses=[]))] if person.doses else [])


def _but(answers: Mapping[str, Any], fact: str) -> dict[str, Any]:
    return {other: answer for other, answer in answers.items() if other != fact}
