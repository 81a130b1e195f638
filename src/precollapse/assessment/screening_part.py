"""What a screening of many patients would say of this one: the same rules, the same words."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, cast

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from precollapse.assessment.nodes import Interval, rounded
from precollapse.assessment.screening_nodes import Screened
from precollapse.engine.run import Evaluation
from precollapse.engine.screening import (
    NONE,
    ScreeningInput,
    ScreeningResult,
    compute_screening,
    rule_of_the_dead,
    rules_of,
)
from precollapse.facts.table import HipTable
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.model_screening import ScreeningAction


def screened(
    hips: HipTable, evaluation: Evaluation, knowledge: Knowledge, as_of: date
) -> dict[int, Screened]:
    """Return what a screening would say of every patient of a table of hips."""
    found = ScreeningInput(evaluation.truths, evaluation.risk, evaluation.differential)
    result = compute_screening(hips, found, knowledge)
    return {
        int(person): _screened(number, result, hips, knowledge, as_of)
        for number, person in enumerate(result.persons.tolist())
    }


def _screened(
    number: int, result: ScreeningResult, hips: HipTable, knowledge: Knowledge, as_of: date
) -> Screened:
    rule = rules_of(knowledge)[int(result.rule[number])]
    says, reason = recommended(result, number, knowledge, as_of)
    when = due_on(result, number, as_of)
    value, low, high = (
        float(part[number]) for part in (result.today.value, result.today.low, result.today.high)
    )
    known = value == value
    return Screened(
        rule=rule.id,
        action=action_of(result, number, knowledge),
        says=says,
        date=when.isoformat() if when else None,
        reason=reason,
        side=cast("Any", side_of(result, number, hips, knowledge)),
        risk=rounded(value) if known else None,
        interval=Interval(low=rounded(low), high=rounded(high)) if known else None,
        grade=rule.grade,
        sources=rule.sources,
    )


def of_the_dead(one: Screened, knowledge: Knowledge) -> Screened:
    """Return what a screening says of a patient who has died."""
    rule = rule_of_the_dead(knowledge)
    return msgspec.structs.replace(
        one, rule=rule.id, action=rule.action, says=rule.does or "", date=None, reason=rule.says or "",
        side=None, grade=rule.grade, sources=rule.sources,
    )  # fmt: skip


def has_died(persons: pl.DataFrame, as_of: date) -> npt.NDArray[np.bool_]:
    """Return who has died by a day; of whom only that is known has."""
    day = persons["deceased_date"]
    said = persons["deceased"].fill_null(False) & day.is_null()
    return np.asarray((said | (day <= as_of).fill_null(False)).to_numpy(), dtype=np.bool_)


def action_of(result: ScreeningResult, number: int, knowledge: Knowledge) -> ScreeningAction:
    """Return what is recommended to a patient; what is not due yet is an image on a date."""
    waiting = bool(result.wait_days[number] > 0)
    return "repeat_mri" if waiting else rules_of(knowledge)[int(result.rule[number])].action


def side_of(result: ScreeningResult, number: int, hips: HipTable, knowledge: Knowledge) -> str | None:
    """Return the hip that decided; none where nothing is recommended."""
    if action_of(result, number, knowledge) == "nothing":
        return None
    return "both" if result.both[number] else str(hips.hips[result.row[number]])


def due_on(result: ScreeningResult, number: int, as_of: date) -> date | None:
    """Return the day on which an image is due that is not due yet."""
    wait = float(result.wait_days[number])
    return as_of + timedelta(days=wait) if wait > 0 else None


def recommended(result: ScreeningResult, number: int, knowledge: Knowledge, as_of: date) -> tuple[str, str]:
    """Return what to do for a patient, and why, in the words of the knowledge."""
    rule = rules_of(knowledge)[int(result.rule[number])]
    place = int(result.reason[number])
    kind, _, name = (result.reasons[place] if place != NONE else "").partition(":")
    urgency = knowledge.urgency[name] if kind == "urgency" else None
    says = knowledge.timings[name].says if kind == "timing" else urgency.says if urgency else ""
    when = due_on(result, number, as_of)
    does = rule.does or (urgency.action if urgency else "")
    if when is not None and rule.later is not None:
        does = rule.later.format(date=when.isoformat())
    return does, rule.says or says
