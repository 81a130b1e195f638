"""The words in which the terminal and the page show staging: a stage, a border, a contradiction."""

from __future__ import annotations

from collections.abc import Sequence

from precollapse.assessment.nodes import FigureUsed
from precollapse.assessment.staging_nodes import (
    BorderDistance,
    ContradictionFound,
    DecidingFact,
    Staging,
    SystemStage,
)
from precollapse.views import numbers, wording

MOST_QUESTIONS = 3


def shown(staging: Staging) -> tuple[SystemStage, ...]:
    """Return the systems worth a line: all where osteonecrosis is shown, else a diagnosis begun or made."""
    if staging.applicable:
        return staging.systems
    return tuple(one for one in staging.systems if one.kind == "recorded" or any_criterion(one))


def any_criterion(system: SystemStage) -> bool:
    """Tell whether a diagnosis is made, or has a criterion that holds."""
    return system.kind == "diagnosis" and system.state != "staged" and bool(system.facts)


def stage(system: SystemStage) -> str:
    """Return the stage, or the set of stages still possible, in a few words."""
    judged = " (judgement)" if system.grade == "judgement" and system.state == "staged" else ""
    match system.state:
        case "staged":
            return f"{one_of(system.possible)}{judged}"
        case "possible" if system.kind == "diagnosis":
            return "open: neither met nor ruled out"
        case "possible" if len(system.possible) == 1:
            return f"{system.possible[0]} if anything; not proven"
        case "possible":
            return f"{one_of(system.possible)}: open"
        case "contradiction" if system.disagrees:
            return f"contradiction: the findings give {one_of(system.possible)}, {reader(system)}"
        case "contradiction":
            return f"contradiction; if neither side counts, {one_of(system.possible)}"
        case "as reported":
            return reader(system)
        case "none fits":
            return "no grade fits the findings"
        case "not applicable":
            return system.says
    return system.state


def one_of(names: Sequence[str]) -> str:
    """Return names as a choice: ``II, IIIA or IV``."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} or {names[-1]}"


def reader(system: SystemStage) -> str:
    """Return what a reader stated, with its day."""
    if system.reported is None:
        return ""
    day = f", {system.reported.date}" if system.reported.date else ""
    return f"a reader stated {wording.value_of(system.reported).upper()}{day}"


def border(one: BorderDistance) -> str:
    """Return how far a value lies from a border, and what lies on its two sides."""
    unit = numbers.unit(one.unit)
    where = f"the border of {numbers.plain(one.border)} {unit} between {one.below} and {one.above}"
    if one.distance == 0:
        return f"{wording.brief(one.fact)}, exactly on {where}"
    side = "above" if one.distance > 0 else "below"
    return f"{wording.brief(one.fact)}, {numbers.plain(abs(one.distance))} {unit} {side} {where}"


def sides(one: ContradictionFound) -> str:
    """Return both sides of a contradiction, each with its facts."""
    return ", but ".join(
        f"{side.says} ({wording.facts(side.facts, origin=True)})" if side.facts else side.says
        for side in one.sides
    )


def reliability(figures: Sequence[FigureUsed]) -> str:
    """Return how well readers agree, where that was measured."""
    said = [f"{numbers.figure(one.value, one.interval, one.unit)}, {one.population}" for one in figures]
    return "; ".join(said)


def decided_by(facts: Sequence[DecidingFact]) -> str:
    """Return the questions that would decide, the most deciding first."""
    more = len(facts) - MOST_QUESTIONS
    said = " ".join(fact.question for fact in facts[:MOST_QUESTIONS])
    return f"{said} (and {more} more)" if more > 0 else said
