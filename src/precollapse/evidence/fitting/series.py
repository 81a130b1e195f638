"""What series without a comparison say: replacements, or revisions, per hip and year after one treatment.

They tell how often, in hips that surgeons chose; they cannot tell what would have happened otherwise. Their
spread is widened by a judged amount for that.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from precollapse.evidence.fitted import Z_95, Certainty, Estimate, LeftOut, SeriesFitted, SeriesRow
from precollapse.evidence.fitting.comparisons import stratified_normals
from precollapse.evidence.fitting.settings import CertaintyRules, SeriesSettings
from precollapse.evidence.pairwise.exact import exact_poisson
from precollapse.evidence.pairwise.sparse import pool_rates
from precollapse.evidence.table.model import Arm
from precollapse.evidence.table.read import StudyTable

Array = npt.NDArray[np.float64]


class _Series(NamedTuple):
    """The rows of one treatment, outcome and group of stages."""

    treatment: str
    event: str
    group: str
    rows: list[SeriesRow]
    left_out: list[LeftOut]


class SeriesDraws:
    """A pooled rate and its draws on the log scale in a new population (draws)."""

    __slots__ = ("draws", "fitted")

    def __init__(self, fitted: SeriesFitted, draws: Array) -> None:
        self.fitted, self.draws = fitted, draws


def pool_series(
    table: StudyTable,
    settings: SeriesSettings,
    certainty: CertaintyRules,
    untreated: tuple[str, ...],
    *,
    draws: int,
    seed: int,
) -> dict[str, SeriesDraws]:
    """Pool the series of every treatment, stage group and outcome.

    Parameters
    ----------
    table
        The study table.
    settings, certainty
        Which rows, and how it is said that they are only series.
    untreated
        Treatments that count as none; their course is estimated elsewhere.
    draws, seed
        Of the rates in a new population.

    Returns
    -------
    dict
        By "series: group: treatment" or "revision: group: treatment".
    """
    found: dict[str, SeriesDraws] = {}
    for outcome, events in settings.events.items():
        for group, stages in settings.groups.items():
            for treatment, (rows, left_out) in _rows(table, events, stages, untreated).items():
                key = f"{'series' if outcome == 'replacement' else outcome}: {group}: {treatment}"
                if rows:
                    number = seed + len(found)
                    found[key] = _pooled(
                        _Series(treatment, outcome, group, rows, left_out), settings, certainty, draws, number
                    )
    return found


def _rows(
    table: StudyTable, events: tuple[str, ...], stages: tuple[str, ...], untreated: tuple[str, ...]
) -> dict[str, tuple[list[SeriesRow], list[LeftOut]]]:
    """Return the rows of every treatment; of one cohort and treatment only one row counts the same hips."""
    chosen: dict[str, list[Arm]] = defaultdict(list)
    for arm in table.arms.values():
        fits = arm.event in events and arm.stage_group in stages and arm.treatment not in untreated
        if fits and arm.role in {"arm", "stratum"}:
            chosen[arm.treatment].append(arm)
    return {treatment: _of_treatment(table, arms, events) for treatment, arms in chosen.items()}


def _of_treatment(
    table: StudyTable, arms: list[Arm], events: tuple[str, ...]
) -> tuple[list[SeriesRow], list[LeftOut]]:
    rows: list[SeriesRow] = []
    left_out: list[LeftOut] = []
    taken: set[str] = set()
    # Whole arms before strata, and the first outcome named before the next.
    order = sorted(arms, key=lambda arm: (arm.role == "stratum", events.index(arm.event)))
    for arm in order:
        cohort = table.studies[arm.study].cohort or arm.study
        why = _unusable(arm, table)
        if why is None and cohort in taken:
            why = "same hips"
        row = None if why else _row(arm, table)
        if row is None:
            left_out.append(LeftOut(row=arm.id, study=arm.study, why=why or "events or follow-up not seen"))
            continue
        taken.add(cohort)
        rows.append(row)
    return rows, left_out


def _unusable(arm: Arm, table: StudyTable) -> str | None:
    reasons = [
        one
        for one in (*arm.exclude_forecast, *arm.exclude_pooling)
        if one not in {"no controlled comparison", "number not seen", "events not seen", "follow-up not seen"}
    ]
    return "; ".join(dict.fromkeys(reasons)) or None


def _row(arm: Arm, table: StudyTable) -> SeriesRow | None:
    """Return events and hip-years: counted, or from the last survival point."""
    if arm.n is None:
        return None
    points = table.survival_by_row.get(arm.id, ())
    if points and points[-1].low and points[-1].high and points[-1].high < 1:
        last = points[-1]
        # As many events as would give the printed interval: most hips were not followed to the end.
        events = float(max(1, round(1 / _error(last.low, last.high) ** 2)))
        hip_years = events * last.years / -math.log(last.survival)
    elif arm.events is not None and arm.follow_up_years is not None:
        events, hip_years = float(arm.events), arm.n * arm.follow_up_years
    elif points and points[-1].survival > 0:
        last = points[-1]
        events = float(round(arm.n * (1 - last.survival)))
        # The time at risk that gives the printed survival at a constant rate.
        hip_years = events * last.years / -math.log(last.survival) if events else arm.n * last.years
    else:
        return None
    low, high = exact_poisson([events], [hip_years])
    rate = Estimate(value=events / hip_years, low=float(low[0]), high=float(high[0]))
    return SeriesRow(
        arm=arm.id, study=arm.study, events=events, hips=float(arm.n), hip_years=hip_years, rate=rate
    )


def _error(low: float | None, high: float | None) -> float:
    """Return the standard error of the log cumulative hazard from the interval of survival."""
    assert low is not None and high is not None
    return (math.log(-math.log(low)) - math.log(-math.log(high))) / (2 * Z_95)


def _pooled(
    series: _Series, settings: SeriesSettings, certainty: CertaintyRules, draws: int, seed: int
) -> SeriesDraws:
    rows = series.rows
    mean, error, tau = _mean(rows, settings)
    spread = math.sqrt(error**2 + tau**2 + settings.bias.sd**2)
    fitted = SeriesFitted(
        treatment=series.treatment,
        event=series.event,
        stage_group=series.group,
        studies=len(rows),
        hips=sum(row.hips for row in rows),
        events=sum(row.events for row in rows),
        rate=_rate(mean, error),
        prediction=_rate(mean, spread),
        rows=tuple(rows),
        left_out=tuple(series.left_out),
        certainty=Certainty(
            level=certainty.levels[0],
            reasons=(certainty.says["series"], certainty.says["not_assessable"]),
        ),
    )
    return SeriesDraws(
        fitted, mean + spread * stratified_normals(np.random.default_rng(seed), draws, 1)[:, 0]
    )


def _mean(rows: list[SeriesRow], settings: SeriesSettings) -> tuple[float, float, float]:
    """Return log rate, its standard error, and the standard deviation between series."""
    events = np.array([row.events for row in rows])
    time = np.array([row.hip_years for row in rows])
    if events.sum() == 0:
        # No event at all: mean of Jeffreys' posterior, Gamma(1/2, time), and its coefficient of variation as
        # spread of the logarithm, which reaches higher than that posterior itself.
        return math.log(0.5 / time.sum()), math.sqrt(2.0), settings.lone_study.sd
    if len(rows) < 3:
        total = float(events.sum())
        return math.log(total / time.sum()), 1 / math.sqrt(total), settings.lone_study.sd
    pooled = pool_rates(events, time, interval="wald")
    return pooled.estimate, pooled.standard_error, math.sqrt(pooled.tau_squared)


def _rate(mean: float, sd: float) -> Estimate:
    return Estimate(value=math.exp(mean), low=math.exp(mean - Z_95 * sd), high=math.exp(mean + Z_95 * sd))
