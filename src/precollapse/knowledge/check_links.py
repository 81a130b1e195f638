"""Checks that whatever an entry names exists, and that nothing rests on a draft or runs in a circle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.conditions import Found, leaves
from precollapse.knowledge.walk import SETTINGS, Problem, cited, conditions_in, conditions_of, entries

# Field of an entry -> part of the knowledge in which its values are ids.
_REFERENCES = {
    "implies": "concepts",
    "ask": "concepts",
    "work_up": "concepts",
    "clock": "concepts",
    "types": "attributions",
    "cause": "causes",
    "causes": "causes",
    "cohorts": "cohorts",
    "onset": "onset_curves",
    "fact": "concepts",
    "excluded_since": "concepts",
    "pathway": "pathway",
    "total": "concepts",
    "combines": "treatments",
    "operation": "treatments",
    "done": "concepts",
    "count_from": "concepts",
}


def references(entry: Any) -> Iterator[tuple[str, str, str]]:
    """Yield field, part and id of everything that an entry names."""
    for field, part in _REFERENCES.items():
        value = getattr(entry, field, None)
        for name in (value,) if isinstance(value, str) else value or ():
            yield field, part, name
    slope = getattr(entry, "slope", None)
    if slope is not None:
        yield "slope.fact", "concepts", slope.fact


def named(kind: str, name: str, entry: Any) -> Iterator[tuple[str, str, str]]:
    """Yield everything that an entry names, in its conditions too."""
    yield from references(entry)
    for _, _, field, condition in conditions_of(kind, name, entry):
        if not isinstance(condition, Problem):
            for leaf in leaves(condition):
                if not isinstance(leaf, Found):
                    yield field, "concepts", leaf.fact


def _carriers(knowledge: Knowledge) -> Iterator[tuple[str, str, Any]]:
    for kind, entry in entries(knowledge):
        yield kind, entry.id, entry
    for kind in SETTINGS:
        yield kind, "settings", getattr(knowledge, kind)


def sources_exist(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that every cited source is described."""
    for kind, entry, source in cited(knowledge):
        if knowledge.sources and source not in knowledge.sources:
            yield Problem(kind, entry, f"there is no source {source}", "describe it in sources/*.yaml")


def references_exist(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that every concept, cause, cohort, curve, type and pathway item that is named exists."""
    for kind, entry, carrier in _carriers(knowledge):
        for field, part, name in named(kind, entry, carrier):
            known = getattr(knowledge, part)  # a part that is missing altogether is one problem, not hundreds
            if known and name not in known:
                yield Problem(
                    kind, entry, f"{field} names {name}, which is not in {part}", "correct the name"
                )


def conditions_readable(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that every condition has one of the known forms."""
    for *_, condition in conditions_in(knowledge):
        if isinstance(condition, Problem):
            yield condition


def drafts_drive_nothing(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that no finished entry reads or names a draft."""
    for kind, entry, carrier in _carriers(knowledge):
        if getattr(carrier, "draft", False):
            continue
        for field, part, name in named(kind, entry, carrier):
            if getattr(getattr(knowledge, part).get(name), "draft", False):
                yield Problem(kind, entry, f"{field} rests on the draft {name}", "finish it or drop the link")


def no_circles(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that no concept is implied by, or derived from, itself."""
    for field in ("implies", "derive"):
        graph = {
            concept.id: {name for where, _, name in named("concepts", concept.id, concept) if where == field}
            for concept in knowledge.concepts.values()
        }
        for start in graph:
            if _reaches(graph, start):
                yield Problem(
                    "concepts", start, f"{field} leads back to the concept itself", "break the circle"
                )


def _reaches(graph: dict[str, set[str]], start: str) -> bool:
    waiting, seen = list(graph[start]), set[str]()
    while waiting:
        name = waiting.pop()
        if name == start:
            return True
        if name not in seen:
            seen.add(name)
            waiting.extend(graph.get(name, ()))
    return False


CHECKS = (sources_exist, references_exist, conditions_readable, drafts_drive_nothing, no_circles)
