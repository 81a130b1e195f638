"""What screening would have done, measured against the diagnoses that were recorded afterwards.

Tables in, one document out: no files, no clock, no randomness. Equations, sources and limits are in
docs/methods/screening-evaluation.md. What it cannot say: a recorded diagnosis is not the truth, and who was
imaged decides who was diagnosed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from precollapse.errors import InputError
from precollapse.knowledge.model_screening import IMAGE_ACTIONS
from precollapse.screen import evaluation_statistics as statistics
from precollapse.screen import evaluation_withheld as withheld
from precollapse.screen.evaluation_cohort import Cohort, read_cohort
from precollapse.screen.evaluation_model import (
    Both,
    Estimate,
    Flagging,
    Funnel,
    LeadTime,
    NetBenefit,
    Probabilities,
    RiskColumn,
    RiskGroup,
    ScreeningEvaluation,
    Subgroup,
)
from precollapse.screen.evaluation_statistics import Floats
from precollapse.screen.evaluation_subgroups import DIMENSIONS, Compared, differences, pairs

FLAGGED_ACTIONS: tuple[str, ...] = IMAGE_ACTIONS
AGE_BANDS = (18.0, 40.0, 65.0)
LEAST_CASES = 5
# 0.1 to 1 % by 0.1, to 10 % by 0.5, to 50 % by 2.5: what a reader may weigh an image against.
THRESHOLDS = tuple(
    [n / 1000 for n in range(1, 10)] + [n / 200 for n in range(2, 20)] + [n / 40 for n in range(4, 21)]
)
_RISKS: tuple[RiskColumn, ...] = ("risk", "risk_1_year", "risk_5_years")


@dataclass(frozen=True, slots=True, eq=False)
class _Weights:
    """How much each patient counts: those with known outcome once, and weighted for those lost."""

    counted: Floats
    weighted: Floats | None
    within: Literal["flagged", "everybody"] | None

    def both(self, figure: Callable[[Floats], Estimate]) -> Both:
        """Return a figure in both ways."""
        weighted = None if self.weighted is None else figure(self.weighted)
        return Both(counted=figure(self.counted), weighted=weighted)

    def pair(self, figure: Callable[[Floats], tuple[Estimate, Estimate]]) -> tuple[Both, Both]:
        """Return two figures that are computed together, each in both ways."""
        counted = figure(self.counted)
        weighted = (None, None) if self.weighted is None else figure(self.weighted)
        first, second = (Both(counted=c, weighted=w) for c, w in zip(counted, weighted, strict=True))
        return first, second

    def best(self) -> Floats:
        """Return the weights where there are any, else the counts."""
        return self.counted if self.weighted is None else self.weighted


def evaluate_screening(
    predictions: pl.DataFrame,
    outcomes: pl.DataFrame,
    *,
    horizon_years: float,
    flagged_actions: Sequence[str] = FLAGGED_ACTIONS,
    risk_column: RiskColumn | None = None,
    age_bands: Sequence[float] = AGE_BANDS,
    risk_groups: int = 10,
    least_cell: int | None = None,
    least_cases: int = LEAST_CASES,
) -> ScreeningEvaluation:
    """Compare a screening with the diagnoses recorded after its index date.

    Parameters
    ----------
    predictions
        One row a patient, as the screening writes them: patient, sex, age_years, action, cause, as_of (the
        index date) and the risk that is compared; cause_name if there is one. A null risk is "not
        assessable": counted, left out of what concerns probabilities, never taken as 0.
    outcomes
        One row a patient: patient, diagnosed (first recorded osteonecrosis of the hip), last_seen (end of
        what is recorded), deceased; dates or null.
    horizon_years
        A case is a diagnosis after the index date and not after the same date so many years later.
    flagged_actions
        Actions that count as a flag.
    risk_column
        The probability that is compared with the outcome. None: ``risk_1_year`` for 1 year, ``risk_5_years``
        for 5 years, otherwise ``risk``.
    age_bands
        Ages in years that divide the bands.
    risk_groups
        Into how many groups of equal size the calibration table divides the patients; ties stay together.
    least_cell
        Counts from 1 to below this, and what follows from them, are withheld; None shows all.
    least_cases
        Subgroups with fewer diagnoses are not compared.

    Raises
    ------
    InputError
        For an option out of range, a missing column, a column of another type, a patient named twice or not
        at all, a missing index date, a risk that is no probability or an unknown action.
    """
    _check(risk_column, risk_groups, least_cell, least_cases)
    column = risk_column or _risk_of(horizon_years)
    cohort = read_cohort(
        predictions,
        outcomes,
        horizon_years=horizon_years,
        flagged_actions=flagged_actions,
        risk_column=column,
        age_bands=age_bands,
    )
    weights = _weights(cohort)
    flagging = withheld.withhold_flagging(_flagging(cohort, weights), least_cell)
    flags_shown = flagging.true_positives is not None
    with_risk = cohort.assessed & cohort.known
    cases = int((with_risk & cohort.case).sum())
    probabilities = _probabilities(cohort, weights, risk_groups)
    curve, above = _decision_curve(cohort, weights)
    groups, compared = _subgroups(cohort, least_cell)
    found, few, made = differences(compared, least_cases)
    heaviest = None if weights.weighted is None or not cohort.size else float(weights.weighted.max())
    return ScreeningEvaluation(
        horizon_years=float(horizon_years),
        index_from=cohort.index_from,
        index_to=cohort.index_to,
        flagged_actions=tuple(flagged_actions),
        risk_column=column,
        weighting=weights.within,
        largest_weight=heaviest,
        funnel=withheld.withhold_funnel(_funnel(cohort), least_cell),
        flagging=flagging,
        probabilities=withheld.withhold_probabilities(
            probabilities, cases, int(with_risk.sum()) - cases, least_cell
        ),
        decision_curve=withheld.withhold_curve(curve, above, flags_shown, least_cell),
        lead_time=withheld.withhold_lead_time(_lead_time(cohort), flags_shown, least_cell),
        subgroups=tuple(groups),
        differences=tuple(found),
        too_few=tuple(few),
        comparisons=made,
        least_cell=least_cell,
        least_cases=least_cases,
    )


def _check(risk_column: str | None, risk_groups: int, least_cell: int | None, least_cases: int) -> None:
    if risk_column is not None and risk_column not in _RISKS:
        raise InputError("risk_column", f"is {risk_column!r}; choose from {', '.join(_RISKS)}.")
    if not 1 <= risk_groups <= 100:
        raise InputError("risk_groups", f"is {risk_groups}; it must be from 1 to 100.")
    if least_cell is not None and least_cell < 1:
        raise InputError("least_cell", f"is {least_cell}; it must be at least 1, for example 10.")
    if least_cases < 1:
        raise InputError("least_cases", f"is {least_cases}; it must be at least 1.")


def _risk_of(horizon_years: float) -> RiskColumn:
    of_horizon: dict[float, RiskColumn] = {1.0: "risk_1_year", 5.0: "risk_5_years"}
    return of_horizon.get(float(horizon_years), "risk")


def _weights(cohort: Cohort) -> _Weights:
    """Weight within flagged and not flagged where both were followed to the horizon, else all together."""
    counted = cohort.known.astype(np.float64)
    if not cohort.size:
        return _Weights(counted, counted, None)
    apart = cohort.weights_within(cohort.flagged.astype(np.int64))
    if apart is not None:
        return _Weights(counted, apart, "flagged")
    together = cohort.weights_within(np.zeros(cohort.size, dtype=np.int64))
    return _Weights(counted, together, None if together is None else "everybody")


def _funnel(cohort: Cohort) -> Funnel:
    return Funnel(
        patients=cohort.patients,
        diagnosed_before=cohort.diagnosed_before,
        dead_before=cohort.dead_before,
        evaluated=cohort.size,
        diagnosed=int(cohort.case.sum()),
        died=int(cohort.died.sum()),
        event_free=int(cohort.free.sum()),
        lost=int(cohort.lost.sum()),
        never_followed=int(cohort.never_followed.sum()),
        without_action=int((~cohort.acts).sum()),
        without_risk=int((~cohort.assessed).sum()),
        diagnosed_after_death=int(cohort.contradictory.sum()),
        outcomes_without_prediction=cohort.outcomes_without_prediction,
    )


def _flagging(cohort: Cohort, weights: _Weights) -> Flagging:
    acts, case, flagged = cohort.acts, cohort.case, cohort.flagged
    seen = cohort.known & acts
    hits = statistics.proportion
    predictive = weights.both(lambda w: hits(case, w * flagged))
    found = weights.both(lambda w: hits(case & flagged, w * acts))
    cases = weights.both(lambda w: hits(case, w * acts))
    return Flagging(
        flagged=int(flagged.sum()),
        flagged_lost=int((flagged & cohort.lost).sum()),
        true_positives=int((seen & flagged & case).sum()),
        false_positives=int((seen & flagged & ~case).sum()),
        false_negatives=int((seen & ~flagged & case).sum()),
        true_negatives=int((seen & ~flagged & ~case).sum()),
        flagged_share=hits(flagged, acts.astype(np.float64)),
        sensitivity=weights.both(lambda w: hits(flagged, w * (case & acts))),
        specificity=weights.both(lambda w: hits(~flagged, w * (~case & acts))),
        positive_predictive_value=predictive,
        negative_predictive_value=weights.both(lambda w: hits(~case, w * (~flagged & acts))),
        flagged_per_case=_each(predictive, statistics.reciprocal),
        found_per_1000_screened=_each(found, lambda one: statistics.times(one, 1000.0)),
        cases_per_1000_screened=_each(cases, lambda one: statistics.times(one, 1000.0)),
        cases_per_100_flagged=_each(predictive, lambda one: statistics.times(one, 100.0)),
    )


def _each(both: Both, change: Callable[[Estimate], Estimate]) -> Both:
    return Both(
        counted=change(both.counted), weighted=None if both.weighted is None else change(both.weighted)
    )


def _probabilities(cohort: Cohort, weights: _Weights, risk_groups: int) -> Probabilities:
    assessed, case = cohort.assessed, cohort.case
    risk = np.where(assessed, cohort.risk, 0.5)  # any number: their weight is 0
    area = statistics.auc(risk, case, weights.counted * assessed)
    weighted = None
    if weights.weighted is not None:
        weighted = statistics.auc(risk, case, weights.weighted * assessed).estimate
    score, scaled = weights.pair(lambda w: statistics.brier(risk, case, w * assessed))
    intercept, slope = weights.pair(lambda w: statistics.recalibration(risk, case, w * assessed))
    known = assessed & cohort.known
    return Probabilities(
        n=int(assessed.sum()),
        expected=float(risk[known].sum()) if known.any() else None,
        auc=Both(counted=area.estimate, weighted=weighted),
        auc_method=area.method,
        brier=score,
        scaled_brier=scaled,
        observed_over_expected=weights.both(
            lambda w: statistics.observed_over_expected(case, risk, w * assessed)
        ),
        calibration_in_the_large=weights.both(lambda w: statistics.in_the_large(risk, case, w * assessed)),
        intercept=intercept,
        slope=slope,
        clipped=int((statistics.clip_risk(risk) != risk).sum()),
        groups=_groups(cohort, risk_groups),
    )


def _groups(cohort: Cohort, risk_groups: int) -> tuple[RiskGroup, ...]:
    """Return groups of about equal size by risk; equal risks stay together, so there may be fewer."""
    assessed = cohort.assessed
    if not assessed.any():
        return ()
    ordered = np.sort(cohort.risk[assessed])
    starts = [ordered[(k * ordered.size) // risk_groups] for k in range(1, risk_groups)]
    edges = np.unique(np.asarray(starts, dtype=np.float64))
    place = np.searchsorted(edges, np.where(assessed, cohort.risk, -1.0), side="right")
    place[~assessed] = -1
    groups = (_group(cohort, np.flatnonzero(place == number)) for number in range(edges.size + 1))
    return tuple(one for one in groups if one is not None)


def _group(cohort: Cohort, members: np.ndarray[tuple[int], np.dtype[np.int64]]) -> RiskGroup | None:
    if not members.size:
        return None
    risk, case, known = cohort.risk[members], cohort.case[members], cohort.known[members]
    weighted = statistics.censoring_weights(cohort.time[members], known, np.zeros_like(members))
    return RiskGroup(
        low=float(risk.min()),
        high=float(risk.max()),
        mean_risk=float(risk.mean()),
        n=int(members.size),
        lost=int((~known).sum()),
        cases=int(case.sum()),
        observed=Both(
            counted=statistics.proportion(case, known.astype(np.float64)),
            weighted=None if weighted is None else statistics.proportion(case, weighted),
        ),
    )


def _decision_curve(cohort: Cohort, weights: _Weights) -> tuple[list[NetBenefit], list[withheld.Above]]:
    """Return net benefits of patients with risk and action, and who was above each threshold."""
    used = weights.best() * (cohort.assessed & cohort.acts)
    if not (used > 0).any():
        return [], []
    risk, case = np.where(cohort.assessed, cohort.risk, 0.0), cohort.case
    model = statistics.net_benefit(risk, case, used, THRESHOLDS)
    flags = statistics.net_benefit(cohort.flagged.astype(np.float64), case, used, THRESHOLDS)
    everybody = statistics.net_benefit(np.ones(cohort.size), case, used, THRESHOLDS)
    points, above = [], []
    for k, threshold in enumerate(THRESHOLDS):
        value, half = float(model.value[k]), statistics.Z * float(model.standard_error[k])
        points.append(
            NetBenefit(
                threshold=threshold,
                model=Estimate(value=value, low=value - half, high=value + half),
                flagged=float(flags.value[k]),
                image_all=float(everybody.value[k]),
            )
        )
        cases, others = int(model.cases_above[k]), int(model.others_above[k])
        all_cases, all_others = int(everybody.cases_above[k]), int(everybody.others_above[k])
        above.append(withheld.Above(cases, others, all_cases - cases, all_others - others))
    return points, above


def _lead_time(cohort: Cohort) -> LeadTime:
    days = cohort.lead_days[cohort.case & cohort.flagged]
    if not days.size:
        return LeadTime(n=0, lower_quartile_days=None, median_days=None, upper_quartile_days=None)
    lower, median, upper = (float(q) for q in np.quantile(days, (0.25, 0.5, 0.75)))
    return LeadTime(
        n=int(days.size), lower_quartile_days=lower, median_days=median, upper_quartile_days=upper
    )


def _subgroups(cohort: Cohort, least_cell: int | None) -> tuple[list[Subgroup], list[Compared]]:
    groups: list[Subgroup] = []
    compared: list[Compared] = []
    for dimension in DIMENSIONS:
        found, beside = pairs(cohort, dimension)
        shown = withheld.withhold_subgroups(found, least_cell)
        groups += shown
        instead = {id(one): other for one, other in zip(found, shown, strict=True)}
        for one in beside:
            there = instead.get(id(one.there)) or withheld.withhold_subgroups([one.there], least_cell)[0]
            compared.append(Compared(instead[id(one.here)], there, one.against))
    return groups, compared
