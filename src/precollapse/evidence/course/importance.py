"""Draws from a density that is known up to a constant: its mode, then importance sampling that adapts itself.

Chosen over a Markov chain because neighbouring data give neighbouring draws, and because the effective number
of proposals says at once whether it has worked (Cappé et al. 2008, Statistics and Computing).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import optimize

Array = npt.NDArray[np.float64]
LogDensity = Callable[[Array], Array]

# Degrees of freedom of the proposals: tails heavier than those of any posterior met here.
FREEDOM = 6.0
# Fewer effective proposals than this are no sample.
FEWEST = 200.0
# Part of the proposals that each round but the last makes do with.
EARLIER = 0.25
# Half the distance over which slopes are taken, as a part of the reach.
STEP = 1e-4


class Sample(NamedTuple):
    """Draws (draws, parameters), and of how many proposals they are worth."""

    draws: Array
    effective_size: float


def mode_and_spread(log_density: LogDensity, start: Array, reach: Array) -> tuple[Array, Array]:
    """Return the mode of a density and the inverse of its curvature there.

    Parameters
    ----------
    log_density
        Takes an array (vectors, parameters) and returns the log density (vectors).
    start, reach
        Where the search begins and how far from there it may go, in each parameter: some standard deviations.
    """
    move = STEP * np.eye(len(start))

    def height(part: Array) -> Array:
        return log_density(start + reach * part)

    def slope(part: Array) -> Array:
        values = height(np.concatenate([part + move, part - move]))
        return np.asarray((values[: len(part)] - values[len(part) :]) / (2 * STEP))

    # In parts of the reach, so that parameters known to a hair and others hardly known are searched alike.
    found = optimize.minimize(
        lambda part: float(-height(part[None])[0]),
        np.zeros(len(start)),
        method="L-BFGS-B",
        jac=lambda part: -slope(part),
        bounds=[(-1.0, 1.0)] * len(start),
        options={"ftol": 1e-14, "gtol": 1e-7, "maxiter": 2000, "maxfun": 200_000},
    )
    mode = start + reach * np.asarray(found.x)
    size, axes = np.linalg.eigh(_curvature(log_density, mode))
    # Where the density is flat or bends the wrong way at the mode, a spread of one is a start.
    return mode, np.asarray((axes / np.maximum(size, 1.0)) @ axes.T)


def _curvature(log_density: LogDensity, at: Array, step: float = 1e-3) -> Array:
    """Return second differences of the negative log density (parameters, parameters)."""
    width = len(at)
    move = step * np.eye(width)
    pairs = [(i, j) for i in range(width) for j in range(i + 1)]
    corners = [at + a * move[i] + b * move[j] for i, j in pairs for a in (1, -1) for b in (1, -1)]
    values = -log_density(np.array(corners)).reshape(len(pairs), 4)
    second = (values[:, 0] - values[:, 1] - values[:, 2] + values[:, 3]) / (4 * step**2)
    curvature = np.zeros((width, width))
    for (i, j), value in zip(pairs, second, strict=True):
        curvature[i, j] = curvature[j, i] = value
    return curvature


def adaptive_importance(
    log_density: LogDensity,
    mean: Array,
    covariance: Array,
    *,
    draws: int,
    seed: int,
    proposals: int,
    rounds: int,
) -> Sample:
    """Draw by importance sampling with a multivariate t that takes on the shape of the last round's sample.

    Parameters
    ----------
    log_density
        Takes an array (vectors, parameters) and returns the log density (vectors).
    mean, covariance
        Of the first round's proposals.
    draws
        How many draws are returned; they are in random order, so any part of them is a sample too.
    seed
        Of the proposals.
    proposals, rounds
        Proposals of the last round (a quarter of them in each round before), and rounds.

    Raises
    ------
    ValueError
        When the last round's proposals are worth fewer than 200.
    """
    random = np.random.default_rng(seed)
    sample, weight = mean[None], np.ones(1)
    for left in reversed(range(rounds)):
        count = round(EARLIER * proposals) if left else proposals
        sample, log_proposal = _propose(random, mean, covariance, count)
        log_weight = log_density(sample) - log_proposal
        weight = np.exp(log_weight - log_weight.max())
        weight /= weight.sum()
        # Cut for the adaptation only: one lucky proposal must not become the whole shape.
        calm = np.minimum(weight, 20.0 / count)
        calm /= calm.sum()
        mean = calm @ sample
        spread = (sample - mean) * calm[:, None]
        covariance = (sample - mean).T @ spread
        # Keeps it positive definite, whatever the scale of a parameter.
        covariance += np.diag(1e-9 * np.diag(covariance) + 1e-18)
    effective = float(1 / np.sum(weight**2))
    if effective < FEWEST:
        raise ValueError(
            f"only {effective:.0f} effective proposals of {proposals}, at least {FEWEST:.0f} are needed; "
            "raise proposals or rounds, or tighten the priors"
        )
    places = (np.arange(draws) + 0.5) / draws
    chosen = np.minimum(np.searchsorted(np.cumsum(weight), places), len(sample) - 1)
    return Sample(sample[chosen[random.permutation(draws)]], effective)


def _propose(
    random: np.random.Generator, mean: Array, covariance: Array, proposals: int
) -> tuple[Array, Array]:
    """Return proposals of a multivariate t and their log density up to a constant."""
    width = len(mean)
    normal = random.standard_normal((proposals, width))
    standard = normal / np.sqrt(random.chisquare(FREEDOM, (proposals, 1)) / FREEDOM)
    log_proposal = -0.5 * (FREEDOM + width) * np.log1p((standard**2).sum(axis=1) / FREEDOM)
    return mean + standard @ np.linalg.cholesky(covariance).T, log_proposal
