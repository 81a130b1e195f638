"""Values against their usual ranges, on every hip at once.

A verdict is three-valued logic like everything else: a value is below when that is sure whatever the
unknown sex or age may be, and nothing is said when its bounds straddle the limit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from precollapse.engine.scores import ScorePoints, score_points
from precollapse.facts.logic import LeafTruth, evaluate
from precollapse.facts.table import FALSE, TRUE, HipTable, Truth
from precollapse.knowledge.bundle import Knowledge, KnowledgeKey
from precollapse.knowledge.conditions import Condition, parse
from precollapse.knowledge.model import Concept
from precollapse.knowledge.usual import above_usual, applies, below_usual

Verdicts = npt.NDArray[np.int8]

# What is said of a value. NOT_KNOWN: there is no value; OPEN: there is one, and it cannot be said.
NOT_KNOWN, OPEN, BELOW, WITHIN, ABOVE = range(5)
GENERAL = -1  # the usual range of everybody counts, or nobody knows which of the special ones does


@dataclass(frozen=True, slots=True)
class Interpretation:
    """What is said of every value and score.

    Attributes
    ----------
    verdicts
        By concept, one verdict per hip; only concepts of which the table holds a value.
    cases
        By concept that has usual ranges by sex or age, which of them counts on each hip, or GENERAL.
    scores
        By score, its points on every hip; see ``precollapse.engine.scores``.
    """

    verdicts: dict[str, Verdicts] = field(default_factory=dict)
    cases: dict[str, npt.NDArray[np.int8]] = field(default_factory=dict)
    scores: dict[str, ScorePoints] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Limits:
    """The conditions of one number: below and above its usual range, and when each special range counts."""

    below: Condition | None
    above: Condition | None
    cases: tuple[Condition, ...]


def interpret(table: HipTable, leaves: LeafTruth, knowledge: Knowledge) -> Interpretation:
    """Hold every recorded number against its usual range and count the points of every score.

    Parameters
    ----------
    table
        The facts, one row per hip.
    leaves
        The truth of single comparisons on that table, shared with the other conditions.
    knowledge
        The loaded knowledge.
    """
    verdicts, cases = {}, {}
    for name, limits in _limits(KnowledgeKey(knowledge)).items():
        if name not in table.lows:
            continue

        def truth(condition: Condition | None) -> Truth:
            if condition is None:
                return np.full(table.height, FALSE, dtype=np.int8)
            return evaluate(condition, leaves, table.height)

        verdicts[name] = _verdicts(table, name, truth(limits.below), truth(limits.above))
        if limits.cases:
            cases[name] = _case(limits.cases, truth, table.height)
    return Interpretation(verdicts, cases, score_points(table, knowledge))


def _verdicts(table: HipTable, name: str, below: Truth, above: Truth) -> Verdicts:
    known = ~(np.isnan(table.low(name)) & np.isnan(table.high(name)))
    found = np.full(table.height, OPEN, dtype=np.int8)
    found[(below == FALSE) & (above == FALSE)] = WITHIN
    found[below == TRUE] = BELOW
    found[above == TRUE] = ABOVE
    found[~known] = NOT_KNOWN
    return found


def _case(
    conditions: tuple[Condition, ...], truth: Callable[[Condition], Truth], height: int
) -> npt.NDArray[np.int8]:
    found = np.full(height, GENERAL, dtype=np.int8)
    for number, condition in enumerate(conditions):
        found[truth(condition) == TRUE] = number
    return found


@lru_cache(maxsize=4)
def _limits(key: KnowledgeKey) -> dict[str, _Limits]:
    """Parse the limits of every number that has a usual range."""
    concepts = key.knowledge.concepts.values()
    return {concept.id: _of(concept) for concept in concepts if has_usual(concept)}


def has_usual(concept: Concept) -> bool:
    """Tell whether a concept is a number with a usual range.

    The size of a lesion or a depression is usually nought; what it means is told by the stages.
    """
    return concept.ranges is not None and concept.ranges.usual[0] != concept.ranges.usual[1]


def _of(concept: Concept) -> _Limits:
    below, above = below_usual(concept), above_usual(concept)
    count = len(concept.ranges.usual_when) if concept.ranges else 0
    return _Limits(
        None if below is None else parse(below, concept.id),
        None if above is None else parse(above, concept.id),
        tuple(parse(applies(concept, number), concept.id) for number in range(count)),
    )
