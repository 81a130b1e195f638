"""Facts that follow from other facts: wider concepts, definitions and zeros nobody needs to write down.

What was recorded always stands; only what is unknown is filled. The definitions themselves are in the
knowledge (``implies``, ``derive``, ``zero_when``, ``absent_when``); here they are put in order and applied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter

import numpy as np

from precollapse.errors import KnowledgeError
from precollapse.facts.logic import evaluate, leaf_truth
from precollapse.facts.table import FALSE, TRUE, UNKNOWN, HipTable, Number, Truth
from precollapse.knowledge.bundle import Knowledge, KnowledgeKey
from precollapse.knowledge.conditions import Condition, leaves, parse
from precollapse.knowledge.model import CockcroftGault, Concept

Step = Callable[[HipTable], None]
# What the clearance of the kidneys is computed from.
NUMBERS = ("creatinine", "age_years", "weight_kg")
FORMULA_FACTS = (*NUMBERS, "sex")
BODY_MASS_INDEX, BODY_MASS = "body_mass_index", ("weight_kg", "height_cm")


def derive(table: HipTable, only: Set[str] | None = None) -> None:
    """Fill unknown facts of a table from definitions, each after the facts it needs.

    ``only`` limits it to some facts; see ``rests_on`` for what must be among them.
    """
    _body_mass_index(table)
    for name, step in _steps(KnowledgeKey(table.knowledge)):
        if only is None or name in only:
            step(table)


def rests_on(names: Iterable[str], knowledge: Knowledge) -> frozenset[str]:
    """Return some facts and every other that can change them: narrower, wider, and of their definitions."""
    concepts, children = knowledge.concepts, _children(knowledge)
    found: set[str] = set()
    open_ = list(names)
    while open_:
        name = open_.pop()
        if name not in found and name in concepts:
            found.add(name)
            concept = concepts[name]
            open_ += [*_needed(concept), *children.get(name, ()), *_deniers(name, concepts), *concept.counts]
            open_ += BODY_MASS if name == BODY_MASS_INDEX else ()
    return frozenset(found)


@lru_cache(maxsize=4)
def _steps(key: KnowledgeKey) -> tuple[tuple[str, Step], ...]:
    """Put the definitions, by name, in an order in which every one finds its facts ready."""
    concepts = key.knowledge.concepts
    children = _children(key.knowledge)
    denials = [(c.id, _denial(c.id, _deniers(c.id, concepts))) for c in concepts.values() if c.implies]
    definitions = [
        (name, step)
        for name in _order(key.knowledge)
        for step in _definitions(concepts[name], children.get(name, []))
    ]
    return (*denials, *definitions)


def _body_mass_index(table: HipTable) -> None:
    """Weight over height squared, from their bounds, where nobody wrote the index itself."""
    weight, height = BODY_MASS
    if weight in table.lows and height in table.lows:
        low = table.low(weight) / (table.high(height) / 100) ** 2
        high = table.high(weight) / (table.low(height) / 100) ** 2
        _fill_number(table, BODY_MASS_INDEX, low, high)


def _fill_number(table: HipTable, name: str, low: Number, high: Number) -> None:
    unknown = np.isnan(table.low(name)) & np.isnan(table.high(name))
    table.lows[name], table.highs[name] = (
        np.where(unknown, low, table.low(name)),
        np.where(unknown, high, table.high(name)),
    )


def _order(knowledge: Knowledge) -> list[str]:
    concepts = knowledge.concepts
    needs = {concept.id: _needed(concept) for concept in concepts.values()}
    for concept in concepts.values():
        for wider in concept.implies:
            # What is itself defined by the wider thing cannot be what makes that thing true.
            if not _rests_on(concept.id, wider, needs):
                needs[wider].add(concept.id)
    try:
        return list(TopologicalSorter(needs).static_order())
    except CycleError as error:
        raise KnowledgeError(f"concepts: definitions run in a circle: {' → '.join(error.args[1])}") from error


def _needed(concept: Concept) -> set[str]:
    formula = concept.cockcroft_gault
    raws = [concept.derive, concept.zero_when, concept.absent_when, formula and formula.not_when]
    facts = {leaf.fact for raw in raws if raw is not None for leaf in leaves(parse(raw, concept.id))}
    return facts | set(FORMULA_FACTS if formula else ())


def _rests_on(name: str, other: str, needs: dict[str, set[str]]) -> bool:
    """Return whether the definition of one concept leads, in any number of steps, to another."""
    open_, seen = [name], {name}
    while open_:
        for needed in needs.get(open_.pop(), ()):
            if needed == other:
                return True
            if needed not in seen:
                seen.add(needed)
                open_.append(needed)
    return False


def _children(knowledge: Knowledge) -> dict[str, list[str]]:
    children: dict[str, list[str]] = {}
    for concept in knowledge.concepts.values():
        for wider in concept.implies:
            children.setdefault(wider, []).append(concept.id)
    return children


def _deniers(name: str, concepts: dict[str, Concept]) -> tuple[str, ...]:
    """Return everything wider than a concept whose absence denies it, in any number of steps."""
    found: dict[str, None] = {}
    open_ = list(concepts[name].implies)
    while open_:
        wider = open_.pop()
        if wider not in found and concepts[wider].denies_narrower:
            found[wider] = None
            open_ += concepts[wider].implies
    return tuple(found)


def _denial(name: str, wider: tuple[str, ...]) -> Step:
    """Whoever does not have the wider thing does not have the narrower one."""

    def step(table: HipTable) -> None:
        for parent in wider:
            if parent in table.truths:
                value = table.truth(name)
                denied = (value == UNKNOWN) & (table.truth(parent) == FALSE)
                table.truths[name] = np.where(denied, FALSE, value).astype(np.int8)

    return step


def _definitions(concept: Concept, narrower: list[str]) -> list[Step]:
    steps = []
    if concept.zero_when is not None:
        steps.append(_zero(concept.id, parse(concept.zero_when, concept.id)))
    if concept.absent_when is not None:
        steps.append(_absence(concept.id, parse(concept.absent_when, concept.id)))
    if concept.cockcroft_gault is not None:
        steps.append(_clearance(concept.id, concept.cockcroft_gault))
    if concept.derive is not None:
        steps.append(_definition(concept.id, parse(concept.derive, concept.id)))
    if narrower:
        steps.append(_implication(concept.id, tuple(narrower)))
    return steps


def _zero(name: str, condition: Condition) -> Step:
    """Set a number to zero under a condition ("never drinks")."""

    def step(table: HipTable) -> None:
        if _anything_known(condition, table):
            zero = np.where(_truth(condition, table) == TRUE, 0.0, np.nan)
            _fill_number(table, name, zero, zero)

    return step


def _clearance(name: str, formula: CockcroftGault) -> Step:
    """Compute the clearance of an adult of known weight, sex and creatinine, from their bounds.

    Where the formula is known to mislead, or nobody knows whether it does, it is an upper bound only.
    """
    barred = parse(formula.not_when, name)

    def step(table: HipTable) -> None:
        if not all(fact in table.lows for fact in NUMBERS):
            return
        factor = np.where(table.is_choice("sex", ("female",)) == TRUE, formula.female, 1.0) / formula.divisor
        known = table.is_choice("sex", ("female", "male")) == TRUE
        adult = table.low("age_years") >= formula.adult_from
        use, fits = known & adult, _truth(barred, table) == FALSE
        low = (
            factor
            * (formula.age_from - table.high("age_years"))
            * table.low("weight_kg")
            / table.high("creatinine")
        )
        high = (
            factor
            * (formula.age_from - table.low("age_years"))
            * table.high("weight_kg")
            / table.low("creatinine")
        )
        _fill_number(
            table, name, np.where(use, np.where(fits, low, 0.0), np.nan), np.where(use, high, np.nan)
        )

    return step


def _absence(name: str, condition: Condition) -> Step:
    """Deny what cannot be of those of whom a condition holds ("pregnant", of a man)."""

    def step(table: HipTable) -> None:
        if _anything_known(condition, table):
            value = table.truth(name)
            denied = (value == UNKNOWN) & (_truth(condition, table) == TRUE)
            if denied.any():
                table.truths[name] = np.where(denied, FALSE, value).astype(np.int8)

    return step


def _definition(name: str, condition: Condition) -> Step:
    def step(table: HipTable) -> None:
        if _anything_known(condition, table):
            value = table.truth(name)
            defined = _truth(condition, table)
            table.truths[name] = np.where(value == UNKNOWN, defined, value).astype(np.int8)

    return step


def _implication(name: str, narrower: tuple[str, ...]) -> Step:
    """Whoever has a narrower thing has the wider one, whatever else was written."""

    def step(table: HipTable) -> None:
        for child in narrower:
            if child in table.truths:
                implied = table.truth(child) == TRUE
                denied = implied & (table.truth(name) == FALSE)
                if denied.any():
                    table.overruled[name] = denied | table.overruled.get(name, False)
                table.truths[name] = np.where(implied, TRUE, table.truth(name)).astype(np.int8)

    return step


def _truth(condition: Condition, table: HipTable) -> Truth:
    return evaluate(condition, lambda leaf: leaf_truth(leaf, table), table.height)


def _anything_known(condition: Condition, table: HipTable) -> bool:
    """Return whether any fact of a condition is in the table at all; else nothing can follow."""
    known = (table.truths, table.lows, table.choices)
    return any(leaf.fact in part for leaf in leaves(condition) for part in known)
