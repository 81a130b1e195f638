"""Hazard regression of published proportions: what many cohorts together say of an event over time.

Cohorts print how many of their hips had an event by some time, for groups that differ in size of the lesion,
symptoms or cause, and the same group fares differently from cohort to cohort. One model holds all of them:

    H(t) = exp(x'b + u) G(t),      u ~ Normal(0, tau^2) for each cohort,

where ``G`` is time itself up to the first border and runs faster or slower after it. A row that is a mixture
of groups, because nobody measured the size, has the survival ``S(t) = sum w_j exp(-H_j(t))``.
Events between two times are binomial with probability ``1 - S(t1) / S(t0)``, also when there are none.

The posterior is found by its mode and adaptive importance sampling; the cohort effects are integrated out
around their peaks. ``docs/methods/forecast.md`` gives the equations and what rests on judgement.
"""

from __future__ import annotations

import numpy as np

from precollapse.evidence.course.importance import adaptive_importance, mode_and_spread
from precollapse.evidence.course.likelihood import Likelihood
from precollapse.evidence.course.model import (
    Array,
    Model,
    Numbers,
    Observations,
    Posterior,
    Prior,
    operational_time,
)

__all__ = [
    "Array",
    "Likelihood",
    "Model",
    "Numbers",
    "Observations",
    "Posterior",
    "Prior",
    "cohort_effects",
    "fit",
    "operational_time",
    "predict",
    "within",
    "within_draws",
]


def fit(
    observations: Observations,
    model: Model,
    *,
    draws: int,
    seed: int,
    proposals: int = 20_000,
    rounds: int = 6,
) -> Posterior:
    """Estimate the model and draw from its posterior.

    Parameters
    ----------
    observations
        The rows.
    model
        Parameters and priors; as many coefficients as columns of the design.
    draws
        How many draws are returned.
    seed
        Of the proposals: same data, same seed, same draws.
    proposals, rounds
        Proposals of the last round of importance sampling, and rounds in which the proposal adapts itself.

    Raises
    ------
    ValueError
        When there is no row, design and coefficients do not fit each other, or the sampler has too few
        effective proposals.
    """
    if observations.design.shape[1] != len(model.coefficients):
        raise ValueError(
            f"the design has {observations.design.shape[1]} columns but the model {len(model.coefficients)} "
            "coefficients; give one prior for each column"
        )
    if not observations.study:
        raise ValueError("there is no row to fit the model to; give at least one")
    likelihood = Likelihood(observations, model)
    start = np.array([*(prior.mean for prior in model.priors), np.log(model.tau_scale)])
    reach = np.array([*(6 * prior.sd for prior in model.priors), 4.0])
    mode, spread = mode_and_spread(likelihood.log_posterior, start, reach)
    sample = adaptive_importance(
        likelihood.log_posterior, mode, spread, draws=draws, seed=seed, proposals=proposals, rounds=rounds
    )
    return Posterior(model, sample.draws, sample.effective_size, proposals)


def predict(posterior: Posterior, observations: Observations, effects: Array) -> Array:
    """Return the probability of an event in each row under given cohort effects.

    Parameters
    ----------
    posterior
        The fitted model.
    observations
        Rows to predict; their counts are not used.
    effects
        The effect of the cohort, one for each draw; for a cohort not seen yet, ``tau`` times standard normal
        numbers.

    Returns
    -------
    Array
        (draws, rows).
    """
    likelihood = Likelihood(observations, posterior.model)
    same = np.broadcast_to(effects[:, None, None], (len(effects), len(likelihood.studies), 1))
    return np.asarray(-np.expm1(likelihood.log_survival(posterior.draws, same)[:, :, 0]))


def within(posterior: Posterior, observations: Observations) -> Array:
    """Return what the model says of the rows of its own cohorts (draws, rows), each with its own effect.

    The effect is averaged out in every draw: means over draws are right, but their spread leaves out what is
    unknown of the effect itself. ``within_draws`` has both.
    """
    likelihood = Likelihood(observations, posterior.model)
    effects, share = _effects(posterior, likelihood)
    probability = -np.expm1(likelihood.log_survival(posterior.draws, effects))
    return np.asarray((probability * share[:, likelihood.number]).sum(axis=2))


def within_draws(posterior: Posterior, observations: Observations, *, seed: int) -> Array:
    """Return draws of the probability of an event in the rows of the model's own cohorts (draws, rows)."""
    likelihood = Likelihood(observations, posterior.model)
    effects = cohort_effects(posterior, observations, seed=seed)
    return np.asarray(-np.expm1(likelihood.log_survival(posterior.draws, effects[:, :, None])[:, :, 0]))


def cohort_effects(posterior: Posterior, observations: Observations, *, seed: int) -> Array:
    """Return draws of the cohorts' own effects given their rows (draws, cohorts by their first row)."""
    effects, share = _effects(posterior, Likelihood(observations, posterior.model))
    chance = np.random.default_rng(seed).random((*share.shape[:2], 1))
    below = np.cumsum(share, axis=2) - share / 2
    after = np.clip((below < chance).sum(axis=2, keepdims=True), 1, share.shape[2] - 1)
    low, high = (np.take_along_axis(below, place, axis=2) for place in (after - 1, after))
    left, right = (np.take_along_axis(effects, place, axis=2) for place in (after - 1, after))
    part = np.clip((chance - low) / np.maximum(high - low, 1e-300), 0.0, 1.0)
    return np.asarray((left + part * (right - left))[:, :, 0])


def _effects(posterior: Posterior, likelihood: Likelihood) -> tuple[Array, Array]:
    """Return effects each cohort may have had, and how probable each is (draws, cohorts, nodes)."""
    effects, log_mass = likelihood.quadrature(posterior.draws)
    share = np.exp(log_mass - log_mass.max(axis=2, keepdims=True))
    return effects, share / share.sum(axis=2, keepdims=True)
