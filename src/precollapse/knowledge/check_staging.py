"""Checks of staging: grades that exist, borders between neighbours, stages that MRI alone cannot give."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from precollapse.errors import KnowledgeError
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.conditions import Compare, Condition, leaves, parse
from precollapse.knowledge.model_staging import Border, StageGrade, StagingSystem
from precollapse.knowledge.walk import Problem, conditions_of

_COMPUTED = ("diagnosis", "stage", "size", "type", "location")
_KIND = "staging_systems"


def grades_given(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that a computed system has grades with different ids, and one that is not computed says why."""
    for system in knowledge.staging_systems.values():
        ids = [grade.id for grade in system.grades]
        if (system.kind in _COMPUTED) != bool(ids):
            yield Problem(
                _KIND, system.id, f"grades of a system that is {system.kind}", "give or remove them"
            )
        if len(set(ids)) != len(ids):
            yield Problem(_KIND, system.id, "two grades have the same id", "keep one")
        if system.kind == "not computed" and not (system.note and system.draft):
            yield Problem(_KIND, system.id, "not computed without a reason", "say why in note, set draft")
        if (system.barred_when is None) != (system.barred_says is None):
            yield Problem(_KIND, system.id, "barred_when and barred_says go together", "give both or neither")


def reported_means_grades(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that a reader's grades are choices of a concept and mean grades of the system."""
    for system in knowledge.staging_systems.values():
        if system.reported is None:
            continue
        concept = knowledge.concepts.get(system.reported.fact)
        if concept is None or concept.type != "choice":
            yield Problem(_KIND, system.id, f"reported: {system.reported.fact} is no choice", "correct it")
            continue
        grades = {grade.id for grade in system.grades}
        for choice, means in system.reported.means.items():
            if choice not in concept.choices or not means or set(means) - grades:
                yield Problem(
                    _KIND, system.id, f"reported: {choice} means {', '.join(means)}", "name choice and grades"
                )


def borders_between_neighbours(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that a border stands in the unit of its fact, between neighbours whose criteria name it."""
    for system in knowledge.staging_systems.values():
        neighbours = set(pairwise(grade.id for grade in system.grades))
        for border in system.borders:
            concept = knowledge.concepts.get(border.fact)
            if concept is None or concept.unit != border.unit:
                yield Problem(_KIND, system.id, f"border of {border.fact}: unit {border.unit}", "correct it")
            elif (border.below, border.above) not in neighbours:
                yield Problem(
                    _KIND, system.id, f"border at {border.at:g} is not between neighbours", "correct it"
                )
            elif not all(_names(system, grade, border) for grade in (border.below, border.above)):
                yield Problem(
                    _KIND,
                    system.id,
                    f"criteria beside the border at {border.at:g} do not name it",
                    "correct it",
                )


def _names(system: StagingSystem, grade_id: str, border: Border) -> bool:
    grade = next(grade for grade in system.grades if grade.id == grade_id)
    return any(
        isinstance(leaf, Compare) and leaf.fact == border.fact and border.at in (leaf.low, leaf.high)
        for condition in _criteria(system, grade)
        for leaf in leaves(condition)
    )


def _criteria(system: StagingSystem, grade: StageGrade) -> Iterator[Condition]:
    try:
        yield parse(grade.when, system.id)
    except (KnowledgeError, TypeError, ValueError):
        return  # told of elsewhere


def never_from_holds(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that a grade rests on nothing that a barred method could show, by itself or by what follows."""
    for system in knowledge.staging_systems.values():
        for grade in system.grades:
            facts = {leaf.fact for condition in _criteria(system, grade) for leaf in leaves(condition)}
            for fact in sorted(facts):
                for barred in grade.never_from:
                    found = sorted(name for name in _makers(knowledge, fact) if name.startswith(barred))
                    # What a method may not show it may still deny: CT bars a film's stage by showing more.
                    if found and fact in _asserted(grade.when):
                        yield Problem(
                            _KIND,
                            system.id,
                            f"{grade.id} could rest on {found[0]} by {fact}",
                            "leave it out, or change never_from",
                        )


def _asserted(raw: object) -> set[str]:
    """Return the facts that a condition as YAML asks to be true or within bounds, outside every ``not``."""
    if isinstance(raw, str):
        return {raw}
    if isinstance(raw, list):
        return {fact for part in raw for fact in _asserted(part)}
    if isinstance(raw, dict):
        if "fact" in raw:
            return {str(raw["fact"])}
        return {fact for key, part in raw.items() if key != "not" for fact in _asserted(part)}
    return set()


def _makers(knowledge: Knowledge, fact: str) -> set[str]:
    """Return every concept from which a fact follows, itself included."""
    found, waiting = {fact}, [fact]
    while waiting:
        wanted = waiting.pop()
        new = {c.id for c in knowledge.concepts.values() if wanted in c.implies}
        concept = knowledge.concepts.get(wanted)
        if concept is not None:
            for _, _, field, condition in conditions_of("concepts", wanted, concept):
                if field == "derive" and not isinstance(condition, Problem):
                    new |= {leaf.fact for leaf in leaves(condition)}
        waiting += new - found
        found |= new
    return found


def settings_name_concepts(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that readings fill concepts of the right type, and have one condition each."""
    settings = knowledge.staging_settings
    for number, reading in enumerate(settings.readings if settings is not None else ()):
        place = f"readings[{number}]"
        if (reading.when is None) == (reading.unless is None):
            yield Problem("staging_settings", place, "takes either when or unless", "give one")
        for kind, facts in (("yes_no", (*reading.absent, *reading.shown)), ("number", reading.zero)):
            for fact in facts:
                concept = knowledge.concepts.get(fact)
                if concept is None or concept.type != kind:
                    yield Problem("staging_settings", place, f"{fact} is no {kind} concept", "correct it")


CHECKS = (
    grades_given, reported_means_grades, borders_between_neighbours, never_from_holds, settings_name_concepts,
)  # fmt: skip
