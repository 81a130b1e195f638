"""Checks that every condition can be decided: facts of the right type, bounds that can be met."""

from __future__ import annotations

import math
from collections.abc import Iterator

from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.conditions import (
    AllOf,
    AnyOf,
    AtLeast,
    BothHips,
    Compare,
    Condition,
    EitherHip,
    Holds,
    Leaf,
    Not,
    OneOf,
    OtherHip,
    Since,
    leaves,
)
from precollapse.knowledge.model import Concept
from precollapse.knowledge.walk import Problem, conditions_in

# Type of the concept that a leaf can be asked of; every other leaf asks whether something is true.
_FITS: dict[type[Leaf], str] = {Compare: "number", OneOf: "choice"}


def facts_fit(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that a fact is asked for what its type can answer, within what is possible."""
    for kind, name, field, condition in conditions_in(knowledge):
        for leaf in () if isinstance(condition, Problem) else leaves(condition):
            concept = knowledge.concepts.get(leaf.fact)
            what = concept and _misfit(leaf, concept)
            if what:
                yield Problem(kind, name, f"{field}: {what}", "correct the condition or the concept")


def _misfit(leaf: Leaf, concept: Concept) -> str | None:
    wanted = _FITS.get(type(leaf), "yes_no")
    a_date = isinstance(leaf, Since) and concept.type == "date"
    if concept.type != wanted and not a_date:
        return f"{leaf.fact} is of type {concept.type}, but is read as {wanted}"
    match leaf:
        case OneOf(fact, choices):
            unknown = [choice for choice in choices if choice not in concept.choices]
            return f"{fact} has no choice {', '.join(unknown)}" if unknown else None
        case BothHips(fact) | OtherHip(fact) | EitherHip(fact):
            return None if concept.level == "hip" else f"{fact} is not recorded per hip"
        case Compare():
            return _out_of_reach(leaf, concept)
        case Since(fact, low, high) if low is not None and high is not None and low > high:
            return f"{fact} cannot have begun both after {low} and within {high} years"
    return None


def _out_of_reach(leaf: Compare, concept: Concept) -> str | None:
    if concept.ranges is None:
        return None
    lowest, highest = _bounds(*concept.ranges.possible)
    for bound in (leaf.low, leaf.high):
        if bound is not None and not lowest <= bound <= highest:
            return f"{leaf.fact}: {bound:g} is outside the possible {lowest:g} to {highest:g}"
    above_all = leaf.low == highest and leaf.open_low
    below_all = leaf.high == lowest and leaf.open_high
    return f"{leaf.fact} can never lie there" if above_all or below_all else None


def _bounds(low: float | None, high: float | None) -> tuple[float, float]:
    return -math.inf if low is None else low, math.inf if high is None else high


def can_hold(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that no condition contradicts itself."""
    for kind, name, field, condition in conditions_in(knowledge):
        if not isinstance(condition, Problem):
            for what in _contradictions(condition):
                yield Problem(kind, name, f"{field} can never hold: {what}", "correct the condition")


def _contradictions(condition: Condition) -> Iterator[str]:
    match condition:
        case AllOf():
            parts = list(_flat(condition))
            yield from _clashes(parts)
            for part in parts:
                yield from _contradictions(part)
        case AnyOf(parts):
            for part in parts:
                yield from _contradictions(part)
        case AtLeast(count, parts):
            if not 1 <= count <= len(parts):
                yield f"at least {count} of {len(parts)}"
            for part in parts:
                yield from _contradictions(part)


def _flat(condition: AllOf) -> Iterator[Condition]:
    for part in condition.parts:
        if isinstance(part, AllOf):
            yield from _flat(part)
        else:
            yield part


def _clashes(parts: list[Condition]) -> Iterator[str]:
    """Compare what the parts of one "all" ask of the same fact."""
    holds = {part.fact for part in parts if isinstance(part, Holds | Since)}
    yield from (
        f"{part.part.fact} both true and not true"
        for part in parts
        if isinstance(part, Not) and isinstance(part.part, Holds) and part.part.fact in holds
    )
    ranges: dict[str, Compare] = {}
    choices: dict[str, set[str]] = {}
    for part in parts:
        if isinstance(part, Compare):
            ranges[part.fact] = both = _narrowed(ranges.get(part.fact), part)
            if _is_empty(both):
                yield f"{part.fact} between {both.low:g} and {both.high:g}"
        elif isinstance(part, OneOf):
            left = choices.get(part.fact, set(part.choices)) & set(part.choices)
            choices[part.fact] = left
            if not left:
                yield f"no choice of {part.fact} is left"


def _narrowed(one: Compare | None, other: Compare) -> Compare:
    if one is None:
        return other
    # A higher lower bound is narrower; of two equal ones, the one that excludes the bound itself.
    low, open_low = max(_low(one), _low(other))
    high, closed_high = min(_high(one), _high(other))
    return Compare(one.fact, low, high, open_low, not closed_high)


def _low(part: Compare) -> tuple[float, bool]:
    return -math.inf if part.low is None else part.low, part.open_low


def _high(part: Compare) -> tuple[float, bool]:
    return math.inf if part.high is None else part.high, not part.open_high


def _is_empty(part: Compare) -> bool:
    low, high = _bounds(part.low, part.high)
    return low > high or (low == high and (part.open_low or part.open_high))


CHECKS = (facts_fit, can_hold)
