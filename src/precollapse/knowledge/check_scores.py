"""Checks of hip scores: every answer has points, points add up to the range, the licence allows counting."""

from __future__ import annotations

from collections.abc import Iterator

from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.model import Concept
from precollapse.knowledge.model_scores import Motion, Score, ScoreItem
from precollapse.knowledge.walk import Problem

_YES_NO = ("yes", "no")


def scores_complete(knowledge: Knowledge) -> Iterator[Problem]:
    """Check every score against its concepts, its range and its licence."""
    for score in knowledge.scores.values():
        for what in _wrong(score, knowledge.concepts):
            yield Problem("scores", score.id, what, "correct the score or the concept")


def _wrong(score: Score, concepts: dict[str, Concept]) -> Iterator[str]:
    total = concepts.get(score.total)
    if total is None or total.type != "number":
        yield f"the total {score.total} is not a number"
    for item in score.items:
        yield from _wrong_item(item, concepts)
    for movement in score.motion.movements if score.motion else ():
        concept = concepts.get(movement.concept)
        if concept is None or concept.type != "number":
            yield f"the movement {movement.concept} is not a number"
    if (score.items or score.motion) and not score.may_compute:
        yield "points are given, but the licence does not allow to count them"
    if score.may_compute and _range(score) != (score.low, score.high):
        yield f"points reach from {_range(score)[0]:g} to {_range(score)[1]:g}, not the range that is given"
    starts = [band.start for band in score.bands]
    if starts and (starts != sorted(set(starts)) or starts[0] != score.low):
        yield "bands do not begin at the lowest score and rise from there"
    if score.bands and not score.bands_source:
        yield "bands have no source"


def _wrong_item(item: ScoreItem, concepts: dict[str, Concept]) -> Iterator[str]:
    concept = concepts.get(item.concept)
    if concept is None or concept.type not in {"choice", "yes_no"}:
        yield f"the item {item.concept} is neither a choice nor a yes or no"
        return
    answers = tuple(concept.choices) if concept.type == "choice" else _YES_NO
    if set(answers) != set(item.points):
        yield f"{item.concept}: points are not given for each of {', '.join(answers)}"


def _range(score: Score) -> tuple[float, float]:
    low = sum(min(item.points.values(), default=0.0) for item in score.items)
    high = sum(max(item.points.values(), default=0.0) for item in score.items)
    return low, high + (_most(score.motion) if score.motion else 0.0)


def _most(motion: Motion) -> float:
    worth = sum((arc.end - arc.start) * arc.index for m in motion.movements for arc in m.arcs)
    return min(motion.limit, motion.factor * worth)


CHECKS = (scores_complete,)
