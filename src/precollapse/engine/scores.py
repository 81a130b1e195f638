"""Points of hip scores: from the answers that are known to the points that are still possible.

An answer nobody gave is never assumed: it leaves every number of points open that it could bring.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from precollapse.facts.table import FALSE, TRUE, HipTable, Number
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.model_scores import Motion, Movement, Score, ScoreItem

YES, NO = "yes", "no"
_ROUNDING = 0.5  # totals are written down as whole points


@dataclass(frozen=True, slots=True)
class ScorePoints:
    """The points of one score on every hip.

    Attributes
    ----------
    low, high
        Least and most points that the known answers allow.
    missing
        Array (hips, parts): which parts are not fully known.
    parts
        The concepts of the parts: items first, then movements.
    contradicted
        Where a total was recorded that the answers rule out.
    """

    low: Number
    high: Number
    missing: npt.NDArray[np.bool_]
    parts: tuple[str, ...]
    contradicted: npt.NDArray[np.bool_]


def score_points(table: HipTable, knowledge: Knowledge) -> dict[str, ScorePoints]:
    """Count the points of every score of which an answer or a total is known.

    Parameters
    ----------
    table
        The facts, one row per hip.
    knowledge
        The loaded knowledge.
    """
    held = table.truths.keys() | table.choices.keys() | table.lows.keys()
    return {
        score.id: _points(score, table)
        for score in knowledge.scores.values()
        if not score.draft and held & {score.total, *parts_of(score)}
    }


def parts_of(score: Score) -> tuple[str, ...]:
    """Return the concepts a score is counted from."""
    movements = score.motion.movements if score.motion else ()
    return (*(item.concept for item in score.items), *(movement.concept for movement in movements))


def _points(score: Score, table: HipTable) -> ScorePoints:
    """Add the bounds of all parts; a score that may not be counted has its whole range."""
    if not score.may_compute:
        low, high = np.full(table.height, score.low), np.full(table.height, score.high)
        missing = np.zeros((table.height, 0), dtype=np.bool_)
    else:
        items = [_item(item, table) for item in score.items]
        motion_low, motion_high, unmeasured = _motion(score.motion, table)
        low = np.sum([bounds[0] for bounds in items], axis=0) + motion_low
        high = np.sum([bounds[1] for bounds in items], axis=0) + motion_high
        unanswered = [item_low != item_high for item_low, item_high in items]
        missing = np.column_stack([*unanswered, *unmeasured])
    recorded_low, recorded_high = table.low(score.total), table.high(score.total)
    contradicted = (recorded_high < low - _ROUNDING) | (recorded_low > high + _ROUNDING)
    return ScorePoints(low, high, missing, parts_of(score), contradicted)


def _item(item: ScoreItem, table: HipTable) -> tuple[Number, Number]:
    """Return least and most points of one answer on every hip."""
    concept = table.knowledge.concepts[item.concept]
    least, most = min(item.points.values()), max(item.points.values())
    if concept.type == "choice":
        known = [item.points[choice] for choice in concept.choices]
        place = table.choice(item.concept)
        return np.array([*known, least])[place], np.array([*known, most])[place]
    truth = table.truth(item.concept)
    yes, no = item.points[YES], item.points[NO]
    answers = [truth == TRUE, truth == FALSE]
    return np.select(answers, [yes, no], least), np.select(answers, [yes, no], most)


def _motion(motion: Motion | None, table: HipTable) -> tuple[Number, Number, list[npt.NDArray[np.bool_]]]:
    """Return least and most points of motion, and where each movement is not fully known."""
    zero = np.zeros(table.height)
    if motion is None:
        return zero, zero, []
    low, high, unmeasured = zero, zero, []
    for movement in motion.movements:
        lowest, highest = table.low(movement.concept), table.high(movement.concept)
        least = _worth(movement, np.where(np.isnan(lowest), -np.inf, lowest))
        most = _worth(movement, np.where(np.isnan(highest), np.inf, highest))
        low, high = low + least, high + most
        unmeasured.append(least != most)
    return (
        np.minimum(motion.limit, motion.factor * low),
        np.minimum(motion.limit, motion.factor * high),
        unmeasured,
    )


def _worth(movement: Movement, degrees: Number) -> Number:
    """Return what a movement is worth: its degrees in each arc, each times the index of the arc."""
    worth = np.zeros_like(degrees)
    for arc in movement.arcs:
        worth = worth + (np.clip(degrees, arc.start, arc.end) - arc.start) * arc.index
    return worth
