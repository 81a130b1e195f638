"""What the answer of a screening can depend on: which concepts, and of numbers and dates how exactly.

It is read off the compiled conditions, so that it can never fall behind the knowledge. Whatever is not in
the scope cannot change an answer, and two patients alike within it have the same one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from precollapse.engine.prior import AGE, SEX
from precollapse.engine.risk_model import Array, risk_model
from precollapse.engine.screening import MONTHS_PER_YEAR, screening_program
from precollapse.facts.derive import rests_on
from precollapse.knowledge.bundle import Knowledge, KnowledgeKey
from precollapse.knowledge.conditions import Compare, Condition, Leaf, Since, leaves, parse
from precollapse.knowledge.model import Concept

# Numbers that are computed from other numbers: these decide, not what they are computed from.
COMPUTED = ("body_mass_index", "creatinine_clearance")


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of a record that screening can rest on.

    Attributes
    ----------
    concepts
        Their ids, in the order of the alphabet.
    limits
        By number: the values with which anything compares it, in order.
    exact
        Numbers that enter a formula and therefore count to the last digit, between two limits.
    years
        By concept: the years before the assessment with which its beginning is compared.
    clocks
        Concepts of which the very day counts, up to so many years before the assessment.
    images
        Concepts after whose day all clocks count in full: what came since a clear image is computed from it.
    computed
        The computed numbers, and everything that decides them.
    """

    concepts: tuple[str, ...]
    limits: dict[str, Array]
    exact: dict[str, tuple[float, float]]
    years: dict[str, Array]
    clocks: dict[str, float]
    images: frozenset[str]
    computed: frozenset[str]


def scope(knowledge: Knowledge) -> Scope:
    """Return what screening with this knowledge can depend on."""
    return _scope(KnowledgeKey(knowledge))


@lru_cache(maxsize=4)
def _scope(key: KnowledgeKey) -> Scope:
    knowledge = key.knowledge
    asked = [
        leaf for condition in screening_program(knowledge).conditions.values() for leaf in leaves(condition)
    ]
    model = risk_model(knowledge)
    slopes = [slope for name in model.effects if (slope := knowledge.effects[name].slope) is not None]
    clocks, images = _clocks(knowledge), frozenset(knowledge.risk_settings.excluded_since)
    exact = {slope.fact: (float(slope.limits[0]), float(slope.limits[1])) for slope in slopes}
    setting = knowledge.diagnosis_settings.setting
    named = {leaf.fact for leaf in asked} | {*clocks, *images, *exact, AGE, SEX, setting}
    concepts = rests_on(named, knowledge)
    everything = [*asked, *_of_definitions(knowledge.concepts[name] for name in concepts)]
    ages = [end for band in knowledge.diagnosis_settings.age_bands.values() for end in band]
    return Scope(
        concepts=tuple(sorted(concepts)),
        limits=_limits(everything, {AGE: ages}),
        exact=exact,
        years=_years(everything),
        clocks=clocks,
        images=images,
        computed=rests_on(COMPUTED, knowledge),
    )


def _clocks(knowledge: Knowledge) -> dict[str, float]:
    """Return until when the day of each clock matters: its curves have ended, and no image is due later."""
    model = risk_model(knowledge)
    ends = dict.fromkeys(knowledge.risk_settings.excluded_since, float("inf"))
    for clock, curve in zip(model.clock_of, model.curve_of, strict=True):
        if clock is not None:
            end = float(knowledge.onset_curves[curve].points[-1][0]) if curve is not None else 0.0
            ends[clock] = max(ends.get(clock, 0.0), end)
    for rule in knowledge.screening.values():
        if rule.clock is not None and rule.due is not None:
            ends[rule.clock] = max(ends.get(rule.clock, 0.0), rule.due.value / MONTHS_PER_YEAR)
    return ends


def _of_definitions(concepts: Iterable[Concept]) -> Iterable[Leaf]:
    for concept in concepts:
        formula = concept.cockcroft_gault
        raws = [concept.derive, concept.zero_when, concept.absent_when, formula and formula.not_when]
        conditions: list[Condition] = [parse(raw, concept.id) for raw in raws if raw is not None]
        for condition in conditions:
            yield from leaves(condition)
        if formula is not None:
            yield Compare(AGE, formula.adult_from, None)


def _limits(asked: Iterable[Leaf], more: dict[str, list[float]]) -> dict[str, Array]:
    found = {name: set(values) for name, values in more.items()}
    for leaf in asked:
        if isinstance(leaf, Compare):
            found.setdefault(leaf.fact, set()).update(x for x in (leaf.low, leaf.high) if x is not None)
    return {name: np.array(sorted(values), dtype=np.float64) for name, values in found.items()}


def _years(asked: Iterable[Leaf]) -> dict[str, Array]:
    found: dict[str, set[float]] = {}
    for leaf in asked:
        if isinstance(leaf, Since):
            ends = (leaf.min_years, leaf.max_years)
            found.setdefault(leaf.fact, set()).update(x for x in ends if x is not None)
    return {name: np.array(sorted(values), dtype=np.float64) for name, values in found.items()}
