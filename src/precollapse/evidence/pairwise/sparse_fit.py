"""Maximum likelihood of a normal distribution of true values over exact study likelihoods.

The marginal likelihood of a study is an integral over its true value, by adaptive Gauss-Hermite quadrature
(Pinheiro and Bates, Journal of Computational and Graphical Statistics 1995;4:12-35). Its derivatives are
moments of the true value given the counts: with ``l`` the study's log-likelihood, ``d/dmu = E[l']`` and,
since the normal density solves the heat equation, ``d/dtau2 = E[l'' + l'^2] / 2``, also at tau2 = 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtri, logsumexp

from precollapse.evidence.pairwise.arms import Floats
from precollapse.evidence.pairwise.sparse_likelihood import StudyLikelihood

# Standard deviations of true log odds or log rates beyond 5 are not considered: nothing is common then.
LARGEST_TAU_SQUARED = 25.0
_GRID = np.concatenate([[0.0], np.geomspace(1e-3, LARGEST_TAU_SQUARED, 14)])
_LARGEST_STEP = 2.0
_ITERATIONS = 200


@dataclass(frozen=True, slots=True, eq=False)
class Marginal:
    """Log-likelihood at mean and variance of the true values; score and Hessian in (mu, tau2).

    At tau2 = 0 only the first entry of the Hessian exists; the others are NaN.
    """

    mean: float
    tau_squared: float
    value: float
    score: Floats
    hessian: Floats

    def standard_error(self) -> float:
        """Return the standard error of the mean by the observed information; tau2 is known if it is 0."""
        if self.tau_squared == 0:
            return float(np.sqrt(-1 / self.hessian[0, 0]))
        return float(np.sqrt(np.linalg.inv(-self.hessian)[0, 0]))


def marginal(likelihood: StudyLikelihood, mean: float, tau_squared: float, nodes: int) -> Marginal:
    """Return the marginal log-likelihood and its derivatives.

    Parameters
    ----------
    likelihood
        Of the studies.
    mean, tau_squared
        Of the normal distribution of true values.
    nodes
        Points of the quadrature per study.
    """
    if tau_squared == 0:
        fit, slope, curvature = likelihood.terms(np.full((likelihood.k, 1), mean))
        score = np.array([np.sum(slope), np.sum(curvature + slope**2) / 2])
        hessian = np.array([[np.sum(curvature), np.nan], [np.nan, np.nan]])
        return Marginal(mean, tau_squared, float(np.sum(fit)), score, hessian)
    points, log_weights = _gauss_hermite(nodes)
    centre, width = _modes(likelihood, mean, tau_squared)
    values = centre + width * points
    fit, slope, curvature = likelihood.terms(values)
    away = values - mean
    joint = fit - away**2 / (2 * tau_squared) + log_weights
    log_total = logsumexp(joint, axis=1, keepdims=True)
    shares = np.exp(joint - log_total)
    derive = _by_counts if tau_squared < 1 else _by_true_values
    score, hessian = derive(shares, slope, curvature + slope**2, away, tau_squared)
    value = float(np.sum(log_total) + np.sum(np.log(width)) - likelihood.k * np.log(tau_squared) / 2)
    return Marginal(mean, tau_squared, value, score, hessian)


def fit_given_tau_squared(
    likelihood: StudyLikelihood, tau_squared: float, nodes: int, start: float
) -> Marginal:
    """Return the maximum over the mean; the likelihood is concave in it, being a convolution of such.

    Parameters
    ----------
    likelihood
        Of the studies.
    tau_squared
        Held fixed.
    nodes
        Points of the quadrature per study.
    start
        Mean to search from.

    Raises
    ------
    ValueError
        If no maximum is found.
    """
    low, high, mean = -np.inf, np.inf, start
    for _ in range(_ITERATIONS):
        here = marginal(likelihood, mean, tau_squared, nodes)
        low, high = (mean, high) if here.score[0] > 0 else (low, mean)
        step = float(np.clip(-here.score[0] / here.hessian[0, 0], -_LARGEST_STEP, _LARGEST_STEP))
        if abs(step) <= 1e-13 * (1 + abs(mean)):
            return here
        mean = mean + step if low < mean + step < high else (low + high) / 2
        if mean in (low, high):
            return here
    raise ValueError(
        f"no mean maximises the likelihood at tau2 = {tau_squared:g} within {_ITERATIONS} steps from "
        f"{start:g}; check the counts for a study of another magnitude"
    )


def fit(likelihood: StudyLikelihood, nodes: int) -> Marginal:
    """Return the global maximum over mean and tau2 from 0 to ``LARGEST_TAU_SQUARED``.

    Parameters
    ----------
    likelihood
        Of the studies; two or more.
    nodes
        Points of the quadrature per study.

    Raises
    ------
    ValueError
        If the likelihood still rises at the largest tau2.
    """
    profile = [fit_given_tau_squared(likelihood, 0.0, nodes, likelihood.start())]
    for tau2 in _GRID[1:]:
        profile.append(fit_given_tau_squared(likelihood, float(tau2), nodes, profile[-1].mean))
    if profile[-1].score[1] > 0:
        raise ValueError(
            f"the variance between studies has no estimate below {LARGEST_TAU_SQUARED:g}: the studies have "
            "little in common; do not pool them, or use method='fixed'"
        )
    found = [profile[0]] if profile[0].score[1] <= 0 else []
    for below, above in pairwise(profile):
        if below.score[1] > 0 >= above.score[1]:
            found.append(_between(likelihood, below, above, nodes))
    return max(found, key=lambda one: one.value)


def fit_given_mean(likelihood: StudyLikelihood, mean: float, nodes: int, start: float) -> Marginal:
    """Return the maximum over tau2 next to the start, uphill from it.

    Parameters
    ----------
    likelihood
        Of the studies.
    mean
        Held fixed.
    nodes
        Points of the quadrature per study.
    start
        tau2 to search from.
    """

    def slope(tau2: float) -> float:
        return float(marginal(likelihood, mean, tau2, nodes).score[1])

    low = high = max(start, float(_GRID[1]))
    if slope(high) > 0:
        while slope(high) > 0:
            if high == LARGEST_TAU_SQUARED:
                return marginal(likelihood, mean, high, nodes)
            low, high = high, min(2 * high, LARGEST_TAU_SQUARED)
    else:
        while slope(low) <= 0:
            if low == 0:
                return marginal(likelihood, mean, 0.0, nodes)
            low, high = (low / 4 if low > _GRID[1] else 0.0), low
    return marginal(likelihood, mean, float(brentq(slope, low, high, xtol=1e-12, rtol=1e-10)), nodes)


def mean_interval(
    likelihood: StudyLikelihood, best: Marginal, nodes: int, level: float, *, random: bool
) -> tuple[float, float]:
    """Return the profile likelihood interval of the mean.

    Parameters
    ----------
    likelihood, nodes
        As fitted.
    best
        The maximum.
    level
        Coverage, between 0 and 1.
    random
        Whether tau2 is estimated anew at each mean, or stays 0.
    """
    drop = float(chdtri(1, 1 - level)) / 2

    def excess(mean: float) -> float:
        return best.value - drop - profile_value(likelihood, best, mean, nodes, random=random)

    limits = []
    for direction in (-1.0, 1.0):
        reach = direction * 2 * best.standard_error()
        while excess(best.mean + reach) < 0:
            reach *= 1.5
        limits.append(float(brentq(excess, best.mean, best.mean + reach, xtol=1e-10)))
    return limits[0], limits[1]


def profile_value(
    likelihood: StudyLikelihood, best: Marginal, mean: float, nodes: int, *, random: bool
) -> float:
    """Return the log-likelihood at a mean, maximised over tau2 if it is random."""
    if not random:
        return marginal(likelihood, mean, 0.0, nodes).value
    return fit_given_mean(likelihood, mean, nodes, best.tau_squared).value


def tau_squared_interval(
    likelihood: StudyLikelihood, best: Marginal, nodes: int, level: float
) -> tuple[float, float]:
    """Return the profile likelihood interval of tau2; high is infinite beyond ``LARGEST_TAU_SQUARED``.

    Parameters
    ----------
    likelihood, nodes
        As fitted.
    best
        The maximum.
    level
        Coverage, between 0 and 1.
    """
    drop = float(chdtri(1, 1 - level)) / 2

    def excess(tau2: float) -> float:
        return best.value - drop - fit_given_tau_squared(likelihood, tau2, nodes, best.mean).value

    low, high, step = 0.0, np.inf, max(2 * best.tau_squared, 0.1)
    if best.tau_squared > 0 and excess(0.0) > 0:
        low = float(brentq(excess, 0.0, best.tau_squared, xtol=1e-10))
    while step < LARGEST_TAU_SQUARED and excess(step) < 0:
        step *= 2
    if excess(min(step, LARGEST_TAU_SQUARED)) > 0:
        high = float(brentq(excess, best.tau_squared, min(step, LARGEST_TAU_SQUARED), xtol=1e-10))
    return low, high


def _between(likelihood: StudyLikelihood, below: Marginal, above: Marginal, nodes: int) -> Marginal:
    """Return the maximum between two values of tau2 at which the profile rises and falls."""

    def slope(tau2: float) -> float:
        return float(fit_given_tau_squared(likelihood, tau2, nodes, above.mean).score[1])

    root = brentq(slope, below.tau_squared, above.tau_squared, xtol=1e-14, rtol=1e-14)
    return fit_given_tau_squared(likelihood, float(root), nodes, above.mean)


def _modes(likelihood: StudyLikelihood, mean: float, tau_squared: float) -> tuple[Floats, Floats]:
    """Return for each study the mode of its true value and the width by the curvature there; (studies, 1).

    The slope is concave's: from the mean the mode lies uphill, no further than tau2 times the slope there.
    """
    value = np.full((likelihood.k, 1), mean)
    _, slope, curvature = likelihood.terms(value)
    low, high = mean + tau_squared * np.minimum(slope, 0), mean + tau_squared * np.maximum(slope, 0)
    for _ in range(_ITERATIONS):
        total = slope - (value - mean) / tau_squared
        low, high = np.where(total > 0, value, low), np.where(total <= 0, value, high)
        following = value - total / (curvature - 1 / tau_squared)
        following = np.where((following >= low) & (following <= high), following, (low + high) / 2)
        following = np.clip(following, value - _LARGEST_STEP, value + _LARGEST_STEP)
        moved = np.max(np.abs(following - value) / (1 + np.abs(value)))
        value = following
        _, slope, curvature = likelihood.terms(value)
        if moved < 1e-9:
            break
    return value, 1 / np.sqrt(1 / tau_squared - curvature)


def _by_counts(
    shares: Floats, slope: Floats, heat: Floats, away: Floats, tau_squared: float
) -> tuple[Floats, Floats]:
    """Return score and Hessian from the studies' derivatives, which keeps its digits as tau2 nears 0."""
    score = np.array([np.sum(shares * slope), np.sum(shares * heat) / 2])
    cross = _covariance(shares, heat, away) / (2 * tau_squared)
    mean_mean = _covariance(shares, slope, away) / tau_squared
    tau_tau = _covariance(shares, heat, away**2) / (4 * tau_squared**2)
    return score, np.array([[mean_mean, cross], [cross, tau_tau]])


def _by_true_values(
    shares: Floats, slope: Floats, heat: Floats, away: Floats, tau_squared: float
) -> tuple[Floats, Floats]:
    """Return score and Hessian from the derivatives of the normal density.

    They are equal to those by counts but for the error of the quadrature, which is smaller here if tau2 is
    large: the slope of a study without events is steep where few points lie.
    """
    k, first, second = len(shares), float(np.sum(shares * away)), float(np.sum(shares * away**2))
    score = np.array([first / tau_squared, (second / tau_squared - k) / (2 * tau_squared)])
    mean_mean = _covariance(shares, away, away) / tau_squared**2 - k / tau_squared
    cross = _covariance(shares, away, away**2) / (2 * tau_squared**3) - first / tau_squared**2
    tau_tau = _covariance(shares, away**2, away**2) / (4 * tau_squared**4)
    tau_tau += k / (2 * tau_squared**2) - second / tau_squared**3
    return score, np.array([[mean_mean, cross], [cross, tau_tau]])


def _covariance(shares: Floats, first: Floats, second: Floats) -> float:
    """Return the covariance over the points of each study, summed over studies."""
    centred = first - np.sum(shares * first, axis=1, keepdims=True)
    return float(np.sum(shares * centred * (second - np.sum(shares * second, axis=1, keepdims=True))))


@lru_cache(maxsize=8)
def _gauss_hermite(nodes: int) -> tuple[Floats, Floats]:
    """Return points and log weights for an integral against no weight, in units of a standard deviation."""
    points, weights = np.polynomial.hermite.hermgauss(nodes)
    return np.sqrt(2) * points, np.log(weights) + points**2 - np.log(np.pi) / 2
