"""Finds patients of whom the same is known, so that each pattern is assessed once.

Of ten million patients most share what is known of them with thousands of others, as far as it can change
the answer (see ``scope.py``). Each fact is turned into two numbers of 64 bits in two independent ways; a
patient is the two sums of such numbers, which do not depend on the order of the facts. That any two among a
million different facts agree in both has a probability of about 10^-27.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

from precollapse.engine.prior import AGE
from precollapse.engine.risk_model import Array
from precollapse.facts.derive import derive
from precollapse.facts.rows import (
    HIPS,
    NUMBER,
    FactRows,
    Flags,
    Numbers,
    concept_columns,
    day_number,
)
from precollapse.facts.table import DAYS_PER_YEAR, choice_places, hip_table
from precollapse.knowledge.bundle import Knowledge, KnowledgeKey
from precollapse.screen.scope import COMPUTED, scope

Hashes = npt.NDArray[np.uint64]

# Multipliers of SplitMix64, which spreads close numbers over all 64 bits.
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_STEP = np.uint64(0x9E3779B97F4A7C15)
_SEEDS = (np.uint64(0x243F6A8885A308D3), np.uint64(0x452821E638D01377))  # digits of pi


@dataclass(frozen=True, slots=True)
class _Ways:
    """How each concept counts, by its place: as a number within limits, exactly, or by its beginning."""

    used: Flags
    compared: Flags
    exact: Flags
    least: Array
    most: Array
    years: Flags
    clock: Flags
    clock_end: Array
    image: Flags


def pattern_keys(
    rows: FactRows, persons: pl.DataFrame, knowledge: Knowledge, as_of: date
) -> tuple[Hashes, Hashes]:
    """Return two numbers for each of N patients; who has the same two has the same pattern.

    Parameters
    ----------
    rows
        Facts of the patients; no two of one person, hip and concept.
    persons
        One row a patient, numbered from zero on.
    knowledge, as_of
        As for ``build_facts``.
    """
    today = day_number(as_of)
    used = _ways(KnowledgeKey(knowledge)).used[rows.concept] | (rows.hip == HIPS.index("unspecified"))
    of_number = _of_computed(rows, persons, knowledge, as_of)
    rows = rows.take(used)
    said = _said(rows, knowledge, today)
    order = np.argsort(rows.person, kind="stable")
    person = rows.person[order]
    first = np.flatnonzero(np.diff(person, prepend=-1))
    key, check = (_folded(of_number, seed) for seed in _SEEDS)
    for sums, seed in ((key, _SEEDS[0]), (check, _SEEDS[1])):
        if len(first):
            sums[person[first]] += np.add.reduceat(_folded(said, seed)[order], first)
    return key, check


@lru_cache(maxsize=4)
def _ways(key: KnowledgeKey) -> _Ways:
    knowledge = key.knowledge
    inside, concepts = scope(knowledge), concept_columns(knowledge)
    names = concepts.names.tolist()

    def flags(chosen: Container[str]) -> Flags:
        return np.array([name in chosen for name in names], dtype=np.bool_)

    within = frozenset(inside.concepts)
    number = concepts.type == NUMBER
    # What only decides a computed number counts through that number.
    inputs = flags(frozenset(inside.computed) - frozenset(inside.limits)) & number
    return _Ways(
        used=flags(within) & ~inputs & ~flags(COMPUTED),
        compared=flags(inside.limits) & number,
        exact=flags(inside.exact),
        least=np.array([inside.exact.get(name, (-np.inf, np.inf))[0] for name in names]),
        most=np.array([inside.exact.get(name, (-np.inf, np.inf))[1] for name in names]),
        years=flags(inside.years),
        clock=flags(inside.clocks),
        clock_end=np.array([inside.clocks.get(name, np.inf) for name in names]),
        image=flags(inside.images),
    )


def _said(rows: FactRows, knowledge: Knowledge, today: float) -> list[Hashes]:
    """Return what each fact says, as some numbers that are alike for facts which say the same."""
    ways, inside = _ways(KnowledgeKey(knowledge)), scope(knowledge)
    concept, dated = rows.concept, np.isnan(rows.date_value)
    choice = choice_places(rows, concept_columns(knowledge))
    years = (today - np.where(dated, rows.since, rows.date_value)) * (1 / DAYS_PER_YEAR)
    said = [
        _whole((concept << 8) + rows.hip + 1),
        _whole(((rows.truth + 1) * 65_536 + choice + 1) * 2 + dated),
    ]
    for bound in (rows.low, rows.high):
        said.append(_whole(_places(bound, concept, inside.limits, ways.compared, knowledge)))
        within = np.clip(bound, ways.least[concept], ways.most[concept])
        said.append(_bits(np.where(ways.exact[concept], within, np.nan)))
    said.append(_whole(_places(years, concept, inside.years, ways.years, knowledge)))
    whole = np.isin(rows.person, rows.person[ways.image[concept]])
    counted = np.where(whole, years, np.minimum(years, ways.clock_end[concept]))
    return [*said, _bits(np.where(ways.clock[concept], counted, np.nan))]


def _places(
    values: Array, concept: Numbers, limits: dict[str, Array], which: Flags, knowledge: Knowledge
) -> Numbers:
    """Return where values lie among the limits of their concepts: below, at or above each; 0 for unknown."""
    place = np.zeros(len(values), dtype=np.int64)
    rows = np.flatnonzero(which[concept])
    rows = rows[np.argsort(concept[rows], kind="stable")]
    names, first = concept_columns(knowledge).names, np.flatnonzero(np.diff(concept[rows], prepend=-1))
    for begin, end in pairwise([*first.tolist(), len(rows)] if len(rows) else []):
        own = rows[begin:end]
        place[own] = _place(values[own], limits[names[concept[own[0]]]])
    return place


def _place(values: Array, limits: Array) -> Numbers:
    below, not_above = np.searchsorted(limits, values, "left"), np.searchsorted(limits, values, "right")
    return np.where(np.isnan(values), 0, 1 + below + not_above)


def _of_computed(rows: FactRows, persons: pl.DataFrame, knowledge: Knowledge, as_of: date) -> list[Hashes]:
    """Return some numbers for what is computed of each patient, and for an age known within bounds only."""
    inside, concepts = scope(knowledge), concept_columns(knowledge)
    wanted = np.array([name in inside.computed for name in concepts.names.tolist()], dtype=bool)
    table = hip_table(rows.take(wanted[rows.concept] & (rows.hip < 0)), persons, knowledge, as_of)
    derive(table, inside.computed)
    left = np.flatnonzero(table.is_left)
    said = [
        _whole(_place(bound[left], inside.limits.get(name, np.empty(0))))
        for name in COMPUTED
        for bound in (table.low(name), table.high(name))
    ]
    low, high = table.low(AGE)[left], table.high(AGE)[left]
    span = np.where(low != high, 1.0, np.nan)
    return [*said, _bits(low * span), _bits(high * span)]


def _whole(values: Numbers) -> Hashes:
    return np.asarray(values).astype(np.uint64)


def _bits(values: Array) -> Hashes:
    """Let numbers count to the last digit; unknown is one value, and minus zero is zero."""
    plain = np.where(np.isnan(values), np.nan, values + 0.0)
    return np.ascontiguousarray(plain).view(np.uint64)


def _folded(said: Sequence[Hashes], seed: np.uint64) -> Hashes:
    """Return one number for what is said, different for every seed."""
    hashed = np.full(len(said[0]), seed)
    for values in said:
        hashed = _mixed(hashed * _STEP + values)
    return hashed


def _mixed(values: Hashes) -> Hashes:
    values = (values ^ (values >> np.uint64(30))) * _FIRST
    values = (values ^ (values >> np.uint64(27))) * _SECOND
    return np.asarray(values ^ (values >> np.uint64(31)))
