"""Which facts decided a condition: read from the engine's own truth values, never computed again.

The engine evaluates the leaves of a condition; here the tree is only walked to see which of them carried
the result. A test holds the walk against the engine's result on random trees.
"""

from __future__ import annotations

from collections.abc import Callable

from precollapse.knowledge.conditions import (
    AllOf,
    Always,
    AnyOf,
    AtLeast,
    Condition,
    Leaf,
    Not,
)

Truth = bool | None
Verdict = tuple[Truth, tuple[str, ...]]


def deciding_facts(condition: Condition, truth: Callable[[Leaf], Truth]) -> Verdict:
    """Return the truth of a condition and the facts that carry it.

    Parameters
    ----------
    condition
        The condition.
    truth
        The engine's truth of each leaf: true, false or None for unknown.
    """
    match condition:
        case Always():
            return True, ()
        case Not(part):
            value, facts = deciding_facts(part, truth)
            return (None if value is None else not value), facts
        case AllOf(parts):
            return _joined([deciding_facts(part, truth) for part in parts], decisive=False)
        case AnyOf(parts):
            return _joined([deciding_facts(part, truth) for part in parts], decisive=True)
        case AtLeast(count, parts):
            return _counted(count, [deciding_facts(part, truth) for part in parts])
        case _:
            return truth(condition), (condition.fact,)


def _joined(verdicts: list[Verdict], *, decisive: bool) -> Verdict:
    """One decisive part decides; otherwise an unknown part leaves it open; otherwise all parts carry it."""
    values = [value for value, _ in verdicts]
    result: Truth = decisive if decisive in values else None if None in values else not decisive
    return result, _facts(verdicts, result)


def _counted(count: int, verdicts: list[Verdict]) -> Verdict:
    true = sum(value is True for value, _ in verdicts)
    possible = sum(value is not False for value, _ in verdicts)
    result: Truth = True if true >= count else False if possible < count else None
    return result, _facts(verdicts, result)


def _facts(verdicts: list[Verdict], result: Truth) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fact for value, facts in verdicts if value is result for fact in facts))
