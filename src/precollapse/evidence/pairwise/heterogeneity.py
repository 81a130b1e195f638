"""Estimators of the variance between studies, and its interval by the Q-profile.

The model is ``y_i ~ Normal(mu, v_i + tau2)`` with known sampling variances ``v_i``. Estimates maximise a
likelihood or solve an equation to machine precision: no iteration limit or tolerance shows in the result.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import chdtri

Floats = npt.NDArray[np.float64]
Method = Literal["REML", "PM", "DL", "ML", "fixed"]
METHODS: tuple[Method, ...] = ("REML", "PM", "DL", "ML", "fixed")

# Where the score of the likelihood is looked at for changes of sign; it is smooth on the scale of log tau2.
_GRID_POINTS = 400
_RELATIVE_TOLERANCE = 4 * np.finfo(np.float64).eps


def estimate_tau_squared(estimates: Floats, variances: Floats, method: Method) -> float:
    """Return the variance between studies.

    Parameters
    ----------
    estimates, variances
        Estimate and sampling variance of each study; shape (studies,), two studies or more.
    method
        ``"REML"`` and ``"ML"`` maximise the (restricted) likelihood over all tau2 >= 0 and return its global
        maximum; ``"PM"`` solves ``Q(tau2) = k - 1`` (Paule and Mandel 1982); ``"DL"`` is the moment estimator
        (DerSimonian and Laird 1986); ``"fixed"`` is 0 by assumption.

    Returns
    -------
    float
        tau2, in squared units of the estimates; 0 where the estimator lies on the boundary.

    Raises
    ------
    ValueError
        If the method is unknown.

    Notes
    -----
    Viechtbauer, Journal of Educational and Behavioral Statistics 2005;30:261-293, compares the estimators.
    """
    centred = estimates - np.median(estimates)
    if method == "fixed":
        return 0.0
    if method == "DL":
        return _dersimonian_laird(centred, variances)
    if method == "PM":
        return _solve_q(centred, variances, len(centred) - 1.0)
    if method in ("REML", "ML"):
        return _maximum_likelihood(centred, variances, restricted=method == "REML")
    raise ValueError(f"method is {method!r}; choose one of {', '.join(METHODS)}")


def generalised_q(estimates: Floats, variances: Floats, tau_squared: float) -> float:
    """Return the weighted sum of squares about the pooled estimate at a given tau2; Cochran's Q at 0.

    Parameters
    ----------
    estimates, variances
        Estimate and sampling variance of each study; shape (studies,).
    tau_squared
        Variance between studies.
    """
    weights = 1 / (variances + tau_squared)
    mean = np.sum(weights * estimates) / np.sum(weights)
    return float(np.sum(weights * (estimates - mean) ** 2))


def q_profile(estimates: Floats, variances: Floats, level: float) -> tuple[float, float]:
    """Return the interval of tau2 on which the generalised Q is compatible with its distribution.

    Parameters
    ----------
    estimates, variances
        Estimate and sampling variance of each study; shape (studies,), two studies or more.
    level
        Coverage, between 0 and 1.

    Returns
    -------
    tuple of float
        Low and high. (0, 0) where the studies agree better than chance lets them and no tau2 is compatible.

    Notes
    -----
    Viechtbauer, Statistics in Medicine 2007;26:37-52.
    """
    freedom, tail = len(estimates) - 1, (1 - level) / 2
    centred = estimates - np.median(estimates)
    low = _solve_q(centred, variances, float(chdtri(freedom, tail)))
    return low, _solve_q(centred, variances, float(chdtri(freedom, 1 - tail)))


def typical_variance(variances: Floats) -> float:
    """Return the typical sampling variance of Higgins and Thompson (2002), by which I2 is defined."""
    weights = 1 / variances
    return float((len(weights) - 1) / (np.sum(weights) - np.sum(weights**2) / np.sum(weights)))


def _dersimonian_laird(estimates: Floats, variances: Floats) -> float:
    weights = 1 / variances
    spread = np.sum(weights) - np.sum(weights**2) / np.sum(weights)
    excess = generalised_q(estimates, variances, 0.0) - (len(estimates) - 1)
    return max(0.0, float(excess / spread))


def _solve_q(estimates: Floats, variances: Floats, target: float) -> float:
    """Return the tau2 at which Q equals the target; 0 where Q is below it already. Q falls in tau2."""
    if generalised_q(estimates, variances, 0.0) <= target:
        return 0.0
    high = float(np.max(variances) + np.ptp(estimates) ** 2)
    while generalised_q(estimates, variances, high) > target:
        high *= 2
    return _root(lambda tau2: generalised_q(estimates, variances, tau2) - target, 0.0, high)


def _maximum_likelihood(estimates: Floats, variances: Floats, *, restricted: bool) -> float:
    """Return the global maximum of the likelihood over tau2 >= 0 by the roots of its derivative.

    From ``max(largest variance, 3 range^2)`` on the derivative is negative: no weight is then more than twice
    another, so that the trace is at least a third of the sum of weights and the squares at most a third.
    """
    highest = float(max(np.max(variances), 3 * np.ptp(estimates) ** 2))
    lowest = 1e-6 * float(np.min(variances))
    grid = np.concatenate([[0.0], np.geomspace(lowest, highest, _GRID_POINTS)])
    scores = _score(estimates, variances, grid, restricted=restricted)
    falls = np.flatnonzero((scores[:-1] > 0) & (scores[1:] <= 0))
    found = [
        _root(
            lambda tau2: float(_score(estimates, variances, np.array([tau2]), restricted=restricted)[0]),
            float(grid[place]),
            float(grid[place + 1]),
        )
        for place in falls
    ]
    if scores[0] <= 0:
        found.insert(0, 0.0)
    return max(found, key=lambda tau2: _log_likelihood(estimates, variances, tau2, restricted=restricted))


def _score(estimates: Floats, variances: Floats, tau_squared: Floats, *, restricted: bool) -> Floats:
    """Return twice the derivative of the log-likelihood at each tau2, mu profiled out."""
    weights = 1 / (variances + tau_squared[:, None])
    total = np.sum(weights, axis=1)
    means = weights @ estimates / total
    squares = np.sum((weights * (estimates - means[:, None])) ** 2, axis=1)
    trace = total - np.sum(weights**2, axis=1) / total if restricted else total
    score: Floats = squares - trace
    return score


def _log_likelihood(estimates: Floats, variances: Floats, tau_squared: float, *, restricted: bool) -> float:
    weights = 1 / (variances + tau_squared)
    fit = np.sum(np.log(weights)) - generalised_q(estimates, variances, tau_squared)
    return float(fit - np.log(np.sum(weights)) if restricted else fit) / 2


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    # An absolute tolerance would tie the precision to the unit of measurement; this one is below any tau2.
    tiny = float(np.finfo(np.float64).tiny)
    return float(brentq(function, low, high, xtol=tiny, rtol=_RELATIVE_TOLERANCE, maxiter=2000))
