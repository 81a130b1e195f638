"""Which arms of the table are compared on an outcome, on the complementary log-log scale."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from precollapse.evidence.fitted import Z_95, LeftOut
from precollapse.evidence.fitting.settings import Comparisons, Outcome, Reported
from precollapse.evidence.network.contrasts import StudyContrasts
from precollapse.evidence.pairwise.effects import cloglog_incidence
from precollapse.evidence.table.model import Arm
from precollapse.evidence.table.read import StudyTable


@dataclass(frozen=True, slots=True)
class ArmUsed:
    """One arm as it is compared: on the complementary log-log scale."""

    study: str
    arm: str
    treatment: str
    printed_treatment: str
    events: int | None
    n: int | None
    estimate: float
    variance: float


def arms_used(
    table: StudyTable, outcome: Outcome, settings: Comparisons
) -> tuple[list[ArmUsed], list[LeftOut]]:
    """Return the arms of every study that compares at least two treatments, and what was left out."""
    candidates: dict[str, list[Arm]] = defaultdict(list)
    left_out: list[LeftOut] = []
    for arm in table.arms.values():
        if arm.event != outcome.event or arm.role != "arm":
            continue
        if arm.exclude_pooling:
            left_out.append(LeftOut(row=arm.id, study=arm.study, why="; ".join(arm.exclude_pooling)))
        else:
            candidates[arm.study].append(arm)
    used: list[ArmUsed] = []
    for study, arms in candidates.items():
        if len({_lump(arm.treatment, settings) for arm in arms}) < 2:
            left_out.extend(LeftOut(row=one.id, study=study, why="no comparison") for one in arms)
            continue
        read = [(arm, _arm_used(arm, table, settings)) for arm in arms]
        failed = [arm for arm, found in read if found is None]
        left_out.extend(
            LeftOut(row=one.id, study=study, why="no events in an arm, or all, or counts not seen")
            for one in arms
            if failed
        )
        used.extend(found for _, found in read if found is not None and not failed)
    used.extend(arm for one in outcome.reported for arm in _reported(one, table, settings))
    return used, left_out


def _reported(one: Reported, table: StudyTable, settings: Comparisons) -> tuple[ArmUsed, ArmUsed]:
    """Return a printed ratio as two arms; its standard error follows from the p-value it was printed with."""
    figure = table.figures[one.figure]
    assert figure.value is not None
    estimate = math.log(figure.value)
    error = abs(estimate) / float(ndtri(1 - one.p / 2))
    versus, active = _lump(one.versus, settings), _lump(one.treatment, settings)
    return (
        ArmUsed(one.study, one.figure, versus, one.versus, None, None, 0.0, 0.0),
        ArmUsed(one.study, one.figure, active, one.treatment, None, None, estimate, error**2),
    )


def _arm_used(arm: Arm, table: StudyTable, settings: Comparisons) -> ArmUsed | None:
    """Return an arm on the complementary log-log scale; None where that does not exist."""
    points = [point for point in table.survival_by_row.get(arm.id, ()) if point.low is not None]
    if arm.events is not None and arm.n is not None:
        estimate, variance = cloglog_incidence([arm.events / arm.n], [arm.n])
        value, spread = float(estimate[0]), float(variance[0])
    elif points and points[-1].low is not None and points[-1].high is not None:
        last = points[-1]
        value = math.log(-math.log(last.survival))
        width = math.log(-math.log(points[-1].low)) - math.log(-math.log(points[-1].high))
        spread = (width / (2 * Z_95)) ** 2
    else:
        return None
    if not math.isfinite(value):
        return None
    treatment = _lump(arm.treatment, settings)
    return ArmUsed(arm.study, arm.id, treatment, arm.treatment, arm.events, arm.n, value, spread)


def _lump(treatment: str, settings: Comparisons) -> str:
    return settings.lumped.get(treatment, treatment)


def by_study(arms: list[ArmUsed]) -> dict[str, list[ArmUsed]]:
    """Return the arms of each study."""
    grouped: dict[str, list[ArmUsed]] = defaultdict(list)
    for arm in arms:
        grouped[arm.study].append(arm)
    return dict(grouped)


def contrasts_of(study: str, arms: list[ArmUsed], sd: float) -> StudyContrasts:
    """Return a study's contrasts with a spread added to each; half of it is shared within a study."""
    first, *others = arms
    size = len(others)
    covariance = np.diag([one.variance for one in others]) + first.variance
    covariance = covariance + sd**2 * (np.eye(size) + np.ones((size, size))) / 2
    return StudyContrasts(
        study=study,
        baseline=first.treatment,
        treatments=tuple(one.treatment for one in others),
        estimates=np.array([one.estimate - first.estimate for one in others]),
        covariance=covariance,
    )
