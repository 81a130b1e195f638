"""Stage, size and type of every hip in every system at once, three-valued from finding to grade.

Of the grades of a system the highest whose criteria hold is taken: a grade is proven when its criteria
hold and those of all higher ones are known not to; it is excluded when its criteria cannot hold or a higher
one is proven; otherwise it stays possible. Findings that contradict each other are not believed; what they
leave open is computed as if neither had been written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from precollapse.engine.program import Truths
from precollapse.engine.staging_model import ParsedReading, SidesOf, StagingModel, staging_model
from precollapse.facts.logic import evaluate, leaf_truth
from precollapse.facts.table import DAYS_PER_YEAR, FALSE, TRUE, UNKNOWN, HipTable
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.model_staging import StagingSystem

Flags = npt.NDArray[np.bool_]
Signs = npt.NDArray[np.int8]
Masks = dict[str, Flags]

# What can be said of a hip in a system; the number of a state is its place in this list.
STATES = (
    "not applicable", "nothing known", "as reported", "possible", "staged", "none fits", "contradiction",
)  # fmt: skip
# Kinds that are worth showing while every grade is still possible: each hip with osteonecrosis has a stage.
OPEN_KINDS = ("stage", "diagnosis")
_NUMBER = {name: number for number, name in enumerate(STATES)}


@dataclass(frozen=True, slots=True)
class SystemResult:
    """One system on every hip.

    Attributes
    ----------
    grades
        Array (hips, grades) of 1 proven, 0 possible and -1 excluded, lowest grade first.
    state
        For each hip the place in ``STATES``.
    reported
        Array (hips, grades): whether a reader's own grade may mean this one.
    disagrees
        Where the reader's grade is none of those that the findings allow.
    """

    grades: Signs
    state: Signs
    reported: Flags
    disagrees: Flags


@dataclass(frozen=True, slots=True)
class StagingResult:
    """Staging of every hip, with what is needed to explain it.

    Attributes
    ----------
    systems
        By id of the system.
    contradictions
        By id of the contradiction, where it holds.
    frame, weaker
        To which hips staging applies, and the two sides of every contradiction.
    believed, doubted
        The criteria of all grades on the findings as read, and without those that contradict each other.
    overruled
        Where a denial gave way to something narrower; see ``HipTable``.
    """

    model: StagingModel
    systems: dict[str, SystemResult]
    contradictions: dict[str, Flags]
    frame: Truths
    weaker: Truths
    believed: Truths
    doubted: Truths
    overruled: dict[str, Flags]


def compute_staging(hips: HipTable, knowledge: Knowledge) -> StagingResult:
    """Stage every hip in every system.

    Parameters
    ----------
    hips
        The facts, one row per hip.
    knowledge
        The loaded knowledge.
    """
    model = staging_model(knowledge)
    framed = _read(hips, [one for one in model.readings if one.unless])
    frame, weaker = model.frame.run(framed), model.weaker.run(_as_written(framed))
    tolerance = knowledge.staging_settings.same_time_days / DAYS_PER_YEAR
    holds, overtaken = _sort(hips, frame, weaker, model, tolerance)
    current = _without(hips, _masks(overtaken, model, lambda sides: sides.overtaken))
    believed = model.grades.run(_read(current, model.readings))
    doubted = believed
    if any(flags.any() for flags in holds.values()):
        doubtful = _without(current, _masks(holds, model, lambda sides: sides.all_facts))
        doubted = model.grades.run(_read(doubtful, model.readings))
    told = _read(current, [one for one in model.readings if not one.unless])
    applies = _applies(frame, len(knowledge.staging_settings.bars))
    systems = {
        system.id: _system(system, told, model, believed, doubted, applies, tolerance)
        for system in model.systems
    }
    return StagingResult(model, systems, holds, frame, weaker, believed, doubted, hips.overruled)


def _applies(frame: Truths, bars: int) -> Flags:
    """Return where osteonecrosis is shown and nothing bars the systems."""
    barred = frame.of([f"bar:{number}" for number in range(bars)]) == TRUE
    return np.asarray((frame.of(["applies"])[:, 0] == TRUE) & ~barred.any(axis=1))


# What findings say of others.
def _read(hips: HipTable, readings: Iterable[ParsedReading]) -> HipTable:
    """Return a table in which what nobody wrote is filled from what was written."""
    table = replace(hips, truths=dict(hips.truths), lows=dict(hips.lows), highs=dict(hips.highs))
    for reading in readings:
        truth = evaluate(reading.condition, lambda leaf: leaf_truth(leaf, table), table.height)
        where = truth != TRUE if reading.unless else truth == TRUE
        if where.any():
            _fill(table, reading, where)
    return table


def _as_written(hips: HipTable) -> HipTable:
    """Return a table in which denials stand that something narrower has overruled."""
    if not hips.overruled:
        return hips
    table = replace(hips, truths=dict(hips.truths))
    for fact, flags in hips.overruled.items():
        table.truths[fact] = np.where(flags, FALSE, table.truth(fact)).astype(np.int8)
    return table


def _fill(table: HipTable, reading: ParsedReading, where: Flags) -> None:
    for facts, value in ((reading.rule.absent, FALSE), (reading.rule.shown, TRUE)):
        for fact in facts:
            known = table.truth(fact)
            table.truths[fact] = np.where((known == UNKNOWN) & where, value, known).astype(np.int8)
    for fact in reading.rule.zero:
        low, high = table.low(fact), table.high(fact)
        unknown = np.isnan(low) & np.isnan(high) & where
        table.lows[fact], table.highs[fact] = np.where(unknown, 0.0, low), np.where(unknown, 0.0, high)


# Contradictions.
def _sort(
    hips: HipTable, frame: Truths, weaker: Truths, model: StagingModel, tolerance: float
) -> tuple[dict[str, Flags], dict[str, Flags]]:
    """Tell contradictions from changes: where the weaker side is surely older, the hip has changed."""
    holds, overtaken = {}, {}
    for name, sides in model.sides.items():
        both = (weaker.of([f"weaker:{name}"]) == TRUE)[:, 0]
        both &= (frame.of([f"stronger:{name}"]) == TRUE)[:, 0]
        older = np.zeros_like(both)
        if both.any():
            older = _newest(hips, sides.weaker) > _newest(hips, sides.stronger) + tolerance
        holds[name], overtaken[name] = both & ~older, both & older
    return holds, overtaken


def _newest(hips: HipTable, facts: Sequence[str]) -> npt.NDArray[np.float64]:
    """Return how many years ago the newest of some facts was seen; NaN where no date is known."""
    newest = np.full(hips.height, np.nan)
    for fact in facts:
        if fact in hips.since:
            newest = np.fmin(newest, hips.since[fact])
    return newest


def _masks(
    where: dict[str, Flags], model: StagingModel, facts_of: Callable[[SidesOf], tuple[str, ...]]
) -> Masks:
    """Return for each fact the hips on which it is not to be believed."""
    masks: Masks = {}
    for name, flags in where.items():
        if flags.any():
            for fact in facts_of(model.sides[name]):
                masks[fact] = masks[fact] | flags if fact in masks else flags
    return masks


def _without(hips: HipTable, masks: Masks) -> HipTable:
    """Return a table in which some facts of some hips are unknown."""
    if not masks:
        return hips
    table = replace(
        hips,
        truths=dict(hips.truths),
        choices=dict(hips.choices),
        lows=dict(hips.lows),
        highs=dict(hips.highs),
    )
    kinds: tuple[tuple[dict[str, Any], Any], ...] = (
        (table.truths, np.int8(UNKNOWN)),
        (table.choices, np.int16(-1)),
        (table.lows, np.nan),
        (table.highs, np.nan),
    )
    for columns, unknown in kinds:
        for fact in masks.keys() & columns.keys():
            columns[fact] = np.where(masks[fact], unknown, columns[fact])
    return table


# One system.
def _system(
    system: StagingSystem,
    hips: HipTable,
    model: StagingModel,
    believed: Truths,
    doubted: Truths,
    applies: Flags,
    tolerance: float,
) -> SystemResult:
    names = [f"stage:{system.id}:{grade.id}" for grade in system.grades]
    grades = _highest(believed.of(names))
    cautious = grades if doubted is believed else _highest(doubted.of(names))
    known = _anything_known(hips, model.facts_of[system.id])
    stated, reported = _stated(system, hips, model)
    newest = _newest(hips, model.facts_of[system.id])
    earlier = _reported_years(system, hips) > newest + tolerance
    disagrees = known & _disagrees(system, cautious, reported, earlier)
    contradicted = disagrees | (grades != cautious).any(axis=1)
    barred = ~applies & (not system.always)
    if system.barred_when is not None:
        barred |= believed.of([f"barred:{system.id}"])[:, 0] == TRUE
    state = _state(system, cautious, known, barred, contradicted, stated)
    return SystemResult(cautious, state, reported, disagrees)


def _disagrees(system: StagingSystem, grades: Signs, reported: Flags, earlier: Flags) -> Flags:
    """Return where a reader's grade is none of those that the findings allow.

    An earlier grade may have been right in its day; an earlier stage only if it is lower, because heads
    do not recover.
    """
    allowed = grades != FALSE
    against = reported.any(axis=1) & allowed.any(axis=1) & ~(reported & allowed).any(axis=1)
    excused = earlier
    if system.kind == "stage" and system.grades:
        last_reported = reported.shape[1] - 1 - reported[:, ::-1].argmax(axis=1)
        excused = earlier & (last_reported < allowed.argmax(axis=1))
    return np.asarray(against & ~excused)


def _state(
    system: StagingSystem,
    grades: Signs,
    known: Flags,
    barred: Flags,
    contradicted: Flags,
    stated: Flags,
) -> Signs:
    """Return the number of the state of each hip; the first that holds is taken."""
    wide_open = (grades == UNKNOWN).all(axis=1)
    if system.kind not in OPEN_KINDS:
        known = known & ~wide_open
    cases = {
        "not applicable": barred,
        "contradiction": contradicted,
        "staged": (grades == TRUE).any(axis=1),
        "as reported": stated & (wide_open | ~known),
        "nothing known": ~known,
        "none fits": (grades == FALSE).all(axis=1),
    }
    numbers = [_NUMBER[name] for name in cases]
    return np.select(list(cases.values()), numbers, _NUMBER["possible"]).astype(np.int8)


def _highest(criteria: Signs) -> Signs:
    """Return which grades are proven, possible and excluded when the highest that holds is taken."""
    result = criteria.copy()
    above = np.full(len(criteria), FALSE, dtype=np.int8)
    for place in range(criteria.shape[1] - 1, -1, -1):
        result[:, place] = np.minimum(criteria[:, place], -above)
        above = np.maximum(above, criteria[:, place])
    return result


def _anything_known(hips: HipTable, facts: Sequence[str]) -> Flags:
    """Return where any of the facts of a system was recorded or follows from what was."""
    known = np.zeros(hips.height, dtype=np.bool_)
    for fact in facts:
        for columns, unknown in ((hips.truths, UNKNOWN), (hips.choices, -1)):
            if fact in columns:
                known |= columns[fact] != unknown
        for bounds in (hips.lows, hips.highs):
            if fact in bounds:
                known |= ~np.isnan(bounds[fact])
    return known


def _stated(system: StagingSystem, hips: HipTable, model: StagingModel) -> tuple[Flags, Flags]:
    """Return where a reader stated a grade, and which grades it may mean."""
    if system.id not in model.reported:
        return np.zeros(hips.height, dtype=np.bool_), np.zeros(
            (hips.height, len(system.grades)), dtype=np.bool_
        )
    reported = model.reported[system.id]
    choice = hips.choice(reported.fact)
    means = reported.means[choice]
    return (choice >= 0) & (means.any(axis=1) | (not system.grades)), means


def _reported_years(system: StagingSystem, hips: HipTable) -> npt.NDArray[np.float64]:
    return hips.years(system.reported.fact) if system.reported else np.full(hips.height, np.nan)
