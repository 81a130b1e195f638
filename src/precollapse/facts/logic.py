"""Three-valued logic over a table of hips: true, false and unknown as 1, -1 and 0.

With these numbers "and" is the minimum, "or" the maximum and "not" the sign, so that Kleene's logic is
three array operations, the same for one patient and for ten million. A number is a pair of bounds:
"below 10" is true when the upper bound is below 10, false when the lower bound is not, else unknown.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from precollapse.facts.table import FALSE, TRUE, UNKNOWN, HipTable, Truth
from precollapse.knowledge.conditions import (
    AllOf,
    Always,
    AnyOf,
    AtLeast,
    BothHips,
    Compare,
    Condition,
    EitherHip,
    Found,
    Holds,
    Leaf,
    Not,
    OneOf,
    OtherHip,
    Since,
)

LeafTruth = Callable[[Leaf], Truth]


def evaluate(condition: Condition, leaf_truth: LeafTruth, height: int) -> Truth:
    """Return the truth of a condition on every hip.

    Parameters
    ----------
    condition
        What is asked.
    leaf_truth
        Gives the truth of a single comparison; see ``Leaves``.
    height
        The number of hips.
    """
    match condition:
        case AllOf(parts):
            return _fold(np.minimum, parts, leaf_truth, height)
        case AnyOf(parts):
            return _fold(np.maximum, parts, leaf_truth, height)
        case Not(part):
            return np.negative(evaluate(part, leaf_truth, height))
        case Always():
            return np.full(height, TRUE, dtype=np.int8)
        case AtLeast(count, parts):
            return _at_least(count, [evaluate(part, leaf_truth, height) for part in parts])
        case _:
            return leaf_truth(condition)


def _fold(operation: np.ufunc, parts: tuple[Condition, ...], leaf_truth: LeafTruth, height: int) -> Truth:
    result = evaluate(parts[0], leaf_truth, height)
    for part in parts[1:]:
        result = operation(result, evaluate(part, leaf_truth, height))
    return result


def _at_least(count: int, parts: list[Truth]) -> Truth:
    stacked = np.stack(parts)
    surely = (stacked == TRUE).sum(axis=0) >= count
    possibly = (stacked != FALSE).sum(axis=0) >= count
    return _ternary(surely, ~possibly)


class Leaves:
    """The truth of single comparisons on a table, each computed once."""

    def __init__(self, table: HipTable) -> None:
        self._table = table
        self._known: dict[Leaf, Truth] = {}

    def __call__(self, leaf: Leaf) -> Truth:
        """Return the truth of a comparison on every hip."""
        found = self._known.get(leaf)
        if found is None:
            found = self._known[leaf] = leaf_truth(leaf, self._table)
        return found


def leaf_truth(leaf: Leaf, table: HipTable) -> Truth:
    """Compute the truth of a single comparison on every hip."""
    match leaf:
        case Holds(fact):
            return table.truth(fact)
        case Compare():
            return _compare(leaf, table)
        case OneOf(fact, choices):
            return table.is_choice(fact, choices)
        case Since(fact, min_years, max_years):
            began = _between(table.years(fact), table.years(fact), min_years, max_years)
            return np.minimum(table.truth(fact), began)
        case BothHips(fact):
            truth = table.truth(fact)
            return np.minimum(truth[table.left], truth[table.right])
        case OtherHip(fact):
            other = np.where(table.is_left, table.right, table.left)
            return np.where(table.is_sided, table.truth(fact)[other], UNKNOWN).astype(np.int8)
        case EitherHip(fact):
            return of_any_hip(table.truth(fact), table)
        case Found():
            raise TypeError(f"{leaf.fact} is found by the engine; a table of facts cannot answer it")


def of_any_hip(truth: Truth, table: HipTable) -> Truth:
    """Return the largest truth among the hips of each patient, whose rows stand together.

    Of one condition (hips,) or of many (hips, conditions).
    """
    if not table.height:
        return truth
    starts = np.flatnonzero(np.diff(table.persons.astype(np.int64), prepend=-1) != 0)
    return np.repeat(np.maximum.reduceat(truth, starts), np.diff(starts, append=table.height), axis=0)


def _compare(leaf: Compare, table: HipTable) -> Truth:
    low, high = table.low(leaf.fact), table.high(leaf.fact)
    result = np.full(table.height, TRUE, dtype=np.int8)
    if leaf.low is not None:
        surely = low > leaf.low if leaf.open_low else low >= leaf.low
        never = high <= leaf.low if leaf.open_low else high < leaf.low
        result = np.minimum(result, _ternary(surely, never))
    if leaf.high is not None:
        surely = high < leaf.high if leaf.open_high else high <= leaf.high
        never = low >= leaf.high if leaf.open_high else low > leaf.high
        result = np.minimum(result, _ternary(surely, never))
    return result


def _between(
    low: npt.NDArray[np.float64], high: npt.NDArray[np.float64], least: float | None, most: float | None
) -> Truth:
    result = np.full(low.shape, TRUE, dtype=np.int8)
    if least is not None:
        result = np.minimum(result, _ternary(low >= least, high < least))
    if most is not None:
        result = np.minimum(result, _ternary(high <= most, low > most))
    return result


def _ternary(surely: npt.NDArray[np.bool_], never: npt.NDArray[np.bool_]) -> Truth:
    """Comparisons with an unknown bound (NaN) are false both ways, which leaves unknown."""
    return surely.astype(np.int8) - never.astype(np.int8)
