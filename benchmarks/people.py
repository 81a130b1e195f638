"""Invented patients for the benchmark of many: a table of hips with random facts, no two patients alike.

Each patient has an age, a sex, a setting, and some three dozen further facts of those that the knowledge asks
for; each fact is recorded as often as chance decides for the whole group, so that pain is common and an image
rare or the other way round. Facts of a hip are drawn for each hip. Nothing is drawn from a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from precollapse.engine.program import program
from precollapse.facts.derive import derive
from precollapse.facts.table import HipTable
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.conditions import Compare, leaves

# Every patient has these; the others share the rest.
ALWAYS = {"age_years": 1.0, "sex": 1.0, "hip_pain": 0.9, "care_setting": 0.6}
RECORDED = (0.02, 0.2)
PRESENT = (0.1, 0.6)


def invented(patients: int, knowledge: Knowledge, seed: int = 20261122) -> HipTable:
    """Return the left and right hips of some patients.

    Parameters
    ----------
    patients
        How many; the table has twice as many rows.
    knowledge
        Which facts are asked for.
    seed
        Of the random numbers: the same seed gives the same patients.
    """
    random = np.random.default_rng(seed)
    number = np.arange(2 * patients)
    left = number - number % 2
    persons = (number // 2).astype(np.uint32)
    table = HipTable(knowledge, persons, np.where(number % 2, "right", "left").astype("U11"), left, left + 1)
    for name in _asked(knowledge):
        _fill(table, name, random)
    derive(table)
    return table


def _asked(knowledge: Knowledge) -> list[str]:
    conditions = program(knowledge).conditions.values()
    return sorted({*ALWAYS, *(leaf.fact for condition in conditions for leaf in leaves(condition))})


def _fill(table: HipTable, name: str, random: np.random.Generator) -> None:
    concept, height = table.knowledge.concepts[name], table.height

    def draw(values: Any) -> Any:
        """Keep one value per hip, or the same for both hips of a patient."""
        return values if concept.level == "hip" else values[table.left]

    share = ALWAYS.get(name, random.uniform(*RECORDED))
    known = draw(random.uniform(size=height) < share)
    if concept.type == "number":
        value = np.where(known, draw(random.choice(_values(table.knowledge, name), size=height)), np.nan)
        table.lows[name], table.highs[name] = value, value.copy()
        return
    table.since[name] = np.where(known, draw(random.uniform(0, 6, size=height)), np.nan)
    if concept.type == "choice":
        place = draw(random.integers(len(concept.choices), size=height))
        table.choices[name] = np.where(known, place, -1).astype(np.int16)
        return
    present = 0.9 if name == "hip_pain" else random.uniform(*PRESENT)
    answer = np.where(draw(random.uniform(size=height) < present), 1, -1)
    table.truths[name] = np.where(known, answer, 0).astype(np.int8)


def _values(knowledge: Knowledge, name: str) -> list[float]:
    """Return numbers on both sides of every limit that is asked for; any age of an adult."""
    if name == "age_years":
        return [float(age) for age in range(18, 90)]
    limits = {
        limit
        for condition in program(knowledge).conditions.values()
        for leaf in leaves(condition)
        if isinstance(leaf, Compare) and leaf.fact == name
        for limit in (leaf.low, leaf.high)
        if limit is not None
    }
    return sorted({max(limit + step, 0.0) for limit in _or_one(limits) for step in (-1.0, 0.0, 1.0)})


def _or_one(limits: set[float]) -> Iterator[float]:
    yield from limits or {1.0}
