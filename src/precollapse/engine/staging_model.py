"""What staging needs of the knowledge, prepared once: conditions, readings, what a reader's grade means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from precollapse.engine.program import Program
from precollapse.knowledge.bundle import Knowledge, KnowledgeKey
from precollapse.knowledge.conditions import Condition, leaves, parse
from precollapse.knowledge.model import Concept
from precollapse.knowledge.model_staging import Reading, Reported, StagingSystem

Links = dict[str, set[str]]


@dataclass(frozen=True, slots=True)
class ParsedReading:
    """A reading with its condition; ``unless`` turns the condition round (not known to hold)."""

    condition: Condition
    unless: bool
    rule: Reading


@dataclass(frozen=True, slots=True)
class ReportedGrades:
    """For every choice of a concept, and last for none, the grades it may mean."""

    fact: str
    means: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class SidesOf:
    """Which facts the sides of a contradiction rest on, and which go when it holds or is overtaken.

    Attributes
    ----------
    weaker, stronger
        The facts each side reads.
    all_facts
        Both, with everything that follows from them or from their absence.
    overtaken
        What no longer counts when the weaker side is older.
    """

    weaker: tuple[str, ...]
    stronger: tuple[str, ...]
    all_facts: tuple[str, ...]
    overtaken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StagingModel:
    """The systems that are computed or shown, and every condition by name.

    ``grades`` holds ``stage:<system>:<grade>`` and ``barred:<system>``; ``frame`` holds ``applies``,
    ``bar:<number>`` and ``stronger:<contradiction>``; ``weaker`` holds ``weaker:<contradiction>``.
    """

    systems: tuple[StagingSystem, ...]
    grades: Program
    frame: Program
    weaker: Program
    readings: tuple[ParsedReading, ...]
    reported: dict[str, ReportedGrades]
    sides: dict[str, SidesOf]
    facts_of: dict[str, tuple[str, ...]]


def staging_model(knowledge: Knowledge) -> StagingModel:
    """Return what staging needs of this knowledge."""
    return _model(KnowledgeKey(knowledge))


@lru_cache(maxsize=4)
def _model(key: KnowledgeKey) -> StagingModel:
    knowledge = key.knowledge
    systems = tuple(system for system in knowledge.staging_systems.values() if not system.draft)
    grades = dict(condition for system in systems for condition in _conditions(system))
    wider, narrower = _links(knowledge.concepts)
    return StagingModel(
        systems=systems,
        grades=_program(grades.items()),
        frame=_program(_frame(knowledge)),
        weaker=_program(
            (f"weaker:{entry.id}", parse(entry.weaker.when, entry.id))
            for entry in knowledge.contradictions.values()
        ),
        readings=tuple(_reading(rule) for rule in knowledge.staging_settings.readings),
        reported={s.id: _reported(s, s.reported, knowledge) for s in systems if s.reported},
        sides={c: _sides(c, knowledge, wider, narrower) for c in knowledge.contradictions},
        facts_of={s.id: _facts(grades[f"stage:{s.id}:{g.id}"] for g in s.grades) for s in systems},
    )


def _program(conditions: Iterable[tuple[str, Condition]]) -> Program:
    return Program.of(conditions)


def _conditions(system: StagingSystem) -> Iterator[tuple[str, Condition]]:
    for grade in system.grades:
        yield f"stage:{system.id}:{grade.id}", parse(grade.when, f"{system.id} {grade.id}")
    if system.barred_when is not None:
        yield f"barred:{system.id}", parse(system.barred_when, system.id)


def _frame(knowledge: Knowledge) -> Iterator[tuple[str, Condition]]:
    settings = knowledge.staging_settings
    yield "applies", parse(settings.applies_when, "staging settings")
    for number, bar in enumerate(settings.bars):
        yield f"bar:{number}", parse(bar.when, "staging settings")
    for entry in knowledge.contradictions.values():
        yield f"stronger:{entry.id}", parse(entry.stronger.when, entry.id)


def _reading(rule: Reading) -> ParsedReading:
    unless = rule.when is None
    return ParsedReading(parse(rule.unless if unless else rule.when, "staging settings"), unless, rule)


def _reported(system: StagingSystem, reported: Reported, knowledge: Knowledge) -> ReportedGrades:
    choices = knowledge.concepts[reported.fact].choices
    means = np.zeros((len(choices) + 1, len(system.grades)), dtype=np.bool_)
    for row, choice in enumerate(choices):
        named = reported.means.get(choice, ())
        means[row] = [grade.id in named for grade in system.grades]
    return ReportedGrades(reported.fact, means)


def _facts(conditions: Iterable[Condition]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(leaf.fact for condition in conditions for leaf in leaves(condition)))


def _sides(contradiction: str, knowledge: Knowledge, wider: Links, narrower: Links) -> SidesOf:
    entry = knowledge.contradictions[contradiction]
    weaker = _facts([parse(entry.weaker.when, entry.id)])
    stronger = _facts([parse(entry.stronger.when, entry.id)])
    own = {*weaker, *stronger}
    overtaken = {*weaker, *_reached(weaker, narrower)} - {*stronger}
    both = own | _reached(own, narrower) | _reached(own, wider)
    return SidesOf(weaker, stronger, tuple(sorted(both)), tuple(sorted(overtaken)))


def _links(concepts: dict[str, Concept]) -> tuple[Links, Links]:
    """Return for each concept what follows from it, and what it follows from, one step away."""
    wider: Links = {name: set(concept.implies) for name, concept in concepts.items()}
    narrower: Links = {name: set() for name in concepts}
    for name, concept in concepts.items():
        # A concept that is nothing but another one under a wider name follows from it as well.
        if isinstance(concept.derive, str):
            wider[concept.derive].add(name)
    for name, following in wider.items():
        for other in following:
            narrower[other].add(name)
    return wider, narrower


def _reached(facts: Iterable[str], links: Links) -> set[str]:
    """Return everything that is reached from some facts, in any number of steps."""
    found: set[str] = set()
    waiting = list(facts)
    while waiting:
        new = links[waiting.pop()] - found
        found |= new
        waiting += new
    return found
