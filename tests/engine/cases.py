"""From a condition of the knowledge to patients for whom it just holds and just does not.

Every alternative of a rule becomes one patient who fulfils that alternative and nothing else of the rule,
and for each thing it asks for one neighbour who lacks exactly that thing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

from precollapse.knowledge.conditions import (
    AllOf,
    AnyOf,
    AtLeast,
    Compare,
    Condition,
    EitherHip,
    Holds,
    Leaf,
    Not,
    OneOf,
    Since,
    leaves,
    parse,
)
from tests.facts.people import KNOWLEDGE, Person

# A leaf and whether it has to hold.
Literal = tuple[Leaf, bool]
Term = tuple[Literal, ...]


@dataclass(frozen=True)
class Case:
    """One patient of a rule: ``lacks`` is what the neighbour lacks, or None for the patient himself."""

    rule: str
    term: Term
    lacks: Leaf | None
    answers: dict[str, Any]

    def _of_either(self) -> set[str]:
        return {leaf.fact for leaf, _ in self.term if isinstance(leaf, EitherHip)}

    def person(self) -> Person:
        at_hip = {f for f in self.answers if KNOWLEDGE.concepts[f].level == "hip"}
        return Person(
            {f: a for f, a in self.answers.items() if f not in at_hip},
            left={f: a for f, a in self.answers.items() if f in at_hip},
            # What either hip could have is denied of both.
            right={f: False for f in at_hip & self._of_either() if self.answers[f] is False},
        )


def alternatives(condition: Condition, wanted: bool = True) -> Iterator[Term]:
    """Yield the ways in which a condition can hold, each as what it asks for."""
    match condition:
        case Not(part):
            yield from alternatives(part, not wanted)
        case AllOf(parts) | AnyOf(parts) if isinstance(condition, AllOf) is wanted:
            for choice in product(*(list(alternatives(part, wanted)) for part in parts)):
                yield tuple(dict.fromkeys(literal for term in choice for literal in term))
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from alternatives(part, wanted)
        case AtLeast(count, parts):
            assert wanted, "no rule denies a count"
            for some in combinations(parts, count):
                yield from alternatives(AllOf(some), True)
        case _:
            yield ((condition, wanted),)


def polarities(condition: Condition, wanted: bool = True) -> dict[Leaf, bool]:
    """For each leaf the answer that speaks for the condition."""
    match condition:
        case Not(part):
            return polarities(part, not wanted)
        case AllOf(parts) | AnyOf(parts) | AtLeast(_, parts):
            return {leaf: sign for part in parts for leaf, sign in polarities(part, wanted).items()}
        case _:
            return dict.fromkeys(leaves(condition), wanted)


def answer_to(leaf: Leaf, holds: bool) -> Any:
    """An answer for which a comparison holds, or does not."""
    match leaf:
        case Holds() | EitherHip():
            return holds
        case OneOf(fact, choices):
            return (
                choices[0] if holds else next(c for c in KNOWLEDGE.concepts[fact].choices if c not in choices)
            )
        case Since(_, least, most):
            inside = (least or 0.0) + 0.01 if most is None else (least or 0.0) + (most - (least or 0.0)) / 2
            return (True, inside if holds else (most + 0.1 if most is not None else least / 2))
        case Compare(_, least, most, _, _):
            step = 0.01 * max(abs(least or 0.0), abs(most or 0.0), 1.0)
            inside = (least + step) if least is not None else (most - step)
            return inside if holds else ((least - step) if least is not None else (most + step))
    raise AssertionError(f"no rule of urgency asks for {leaf}")


def cases_of(rule: str, raw: Any) -> Iterator[Case]:
    """Yield the patients of a rule and their neighbours."""
    condition = parse(raw, rule)
    silent = {leaf.fact: answer_to(leaf, not sign) for leaf, sign in polarities(condition).items()}
    for term in alternatives(condition):
        asked = {leaf.fact: answer_to(leaf, sign) for leaf, sign in term}
        yield Case(rule, term, None, silent | asked)
        for leaf, sign in term:
            yield Case(rule, term, leaf, silent | asked | {leaf.fact: answer_to(leaf, not sign)})


def narrower_than(fact: str) -> set[str]:
    """Every concept that makes a fact true when it is, in any number of steps."""
    found: set[str] = set()
    open_ = [fact]
    while open_:
        wider = open_.pop()
        new = {c.id for c in KNOWLEDGE.concepts.values() if wider in c.implies} - found
        found |= new
        open_ += new
    return found
