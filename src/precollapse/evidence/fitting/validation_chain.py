"""Predicts replacement of untreated hips before collapse by the whole chain: collapse, then replacement.

Neither process is fitted to replacements of hips that had not collapsed, so that these are a test of both
together. States: before collapse, collapsed, replaced; a hip is replaced only after collapse. The hazard of
collapse changes at the borders of the model. That of replacement is the one of the first years after
collapse, because the chain does not remember when a hip collapsed; the engine does the same.
"""

from __future__ import annotations

import numpy as np

from precollapse.engine.multistate import Chain, transition_probabilities
from precollapse.evidence.course.model import Array, Posterior
from precollapse.evidence.fitting import natural_history as course
from precollapse.evidence.fitting.settings import NaturalHistory
from precollapse.evidence.fitting.validation import FEWEST_UNITS, Fits, RowPredicted, predictive
from precollapse.evidence.table.model import Arm

CHAIN = Chain(3, ((0, 1), (1, 2)))
COLLAPSE, REPLACEMENT = "collapse", "replacement"
EVENT = "replacement"

Group = tuple[float, tuple[float, ...], int]


def replaced_rows(fits: Fits) -> tuple[RowPredicted, ...]:
    """Predict every count of replacements among at least 20 untreated units that had not collapsed.

    The cohort is left out of both fits.
    """
    process = fits.settings.processes[COLLAPSE]
    return tuple(
        _predicted(fits, arm, events, at_risk, years)
        for arm in fits.table.arms.values()
        if arm.treatment in fits.settings.untreated and arm.event == EVENT
        if arm.stage_group in process.stage_groups and arm.role in {"arm", "stratum"}
        for events, at_risk, years in _counts(fits, arm)
        if at_risk >= FEWEST_UNITS
    )


def _counts(fits: Fits, arm: Arm) -> list[tuple[float, float, float]]:
    """Return replacements, units at the start and years: by printed survival, or else as counted."""
    count = course.group_size(fits.settings, arm)
    if count is None:
        return []
    points = fits.table.survival_by_row.get(arm.id, ())
    if points:
        return [(count * (1 - point.survival), count, point.years) for point in points]
    if arm.events is None or arm.follow_up_years is None:
        return []
    return [(arm.events, count, arm.follow_up_years)]


def _predicted(fits: Fits, arm: Arm, events: float, at_risk: float, years: float) -> RowPredicted:
    cohort = course.cohort_of(arm, fits.table)
    posteriors = tuple(fits.without(name, cohort) for name in (COLLAPSE, REPLACEMENT))
    first, second = (
        course.groups_of(arm, fits.settings.processes[name], fits.settings)
        for name in (COLLAPSE, REPLACEMENT)
    )
    chance = np.random.default_rng(fits.seed)
    effects = [one.tau * chance.standard_normal(len(one.draws)) for one in posteriors]
    first_years = hazards(posteriors[1], second[0], effects[1])[0]
    after = np.broadcast_to(first_years, (3, len(first_years)))
    replaced = np.zeros(len(effects[0]))
    for group in first:
        pieces = np.stack([hazards(posteriors[0], group, effects[0]), after], axis=1)
        replaced += group[0] * replaced_by(pieces, fits.settings, years)
    return RowPredicted(
        REPLACEMENT,
        arm.id,
        cohort,
        arm.size_category or arm.size or "not measured",
        at_risk,
        events,
        0.0,
        years,
        predictive(events, at_risk, replaced),
        arm.exclude_forecast,
    )


def hazards(posterior: Posterior, group: Group, effects: Array) -> Array:
    """Return the hazards per year of a group before, between and after the borders (3, draws)."""
    model, draws = posterior.model, posterior.draws
    count = len(model.coefficients)
    before = draws[:, :count] @ np.array(group[1]) + effects
    between = before + draws[:, count + group[2]]
    return np.asarray(np.exp(np.stack([before, between, between + draws[:, -2]])))


def replaced_by(pieces: Array, settings: NaturalHistory, years: float) -> Array:
    """Return the probability of replacement by some year (draws) with hazards (3, transitions, draws)."""
    borders = np.minimum([0.0, *settings.borders_years, np.inf], years)
    state = np.zeros((CHAIN.states, pieces.shape[2]))
    state[0] = 1.0
    for piece, length in zip(pieces, np.diff(borders), strict=True):
        if length > 0:
            state = np.einsum("sn,stn->tn", state, transition_probabilities(CHAIN, piece, float(length)))
    return np.asarray(state[-1])
