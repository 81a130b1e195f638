"""Assessments of patients written as answers."""

from __future__ import annotations

from precollapse.assess import assess_chart
from precollapse.assessment.model import Assessment, TypeFound
from tests.facts.people import AS_OF, KNOWLEDGE, Person, chart_of


def assess(*people: Person) -> list[Assessment]:
    return assess_chart(chart_of(*people), KNOWLEDGE, AS_OF)


def types(person: Person, side: str = "left") -> dict[str, TypeFound]:
    return {found.id: found for found in getattr(assess(person)[0].hips, side).types}
