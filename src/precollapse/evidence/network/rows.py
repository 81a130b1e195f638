"""The random-effects regression under a network: contrasts turned into independent rows.

Between studies the contrasts of a study of several arms vary by ``tau2 * G`` with ``G = (I + J) / 2``: the
same variance for every comparison, hence correlation one half. Within the study they vary by ``S``. A change
of coordinates that makes ``G`` the unit matrix and ``S`` diagonal exists for every study, whatever tau2 is.
In these coordinates all rows are independent with variances ``s + tau2``, and the network is an ordinary
random-effects regression: likelihoods need no matrix inverses and are exact for every tau2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.linalg import block_diag, qr, solve_triangular
from scipy.optimize import brentq

from precollapse.evidence.network.contrasts import Floats, StudyContrasts

Method = Literal["REML", "ML", "DL", "fixed"]
METHODS: tuple[Method, ...] = ("REML", "ML", "DL", "fixed")

# Where the likelihood is looked at before its maximum is refined; it is smooth on the scale of log tau2.
_GRID_POINTS = 200
_SMALLEST_STEP = 1e-8


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Contrasts in coordinates in which they are independent.

    Attributes
    ----------
    estimates
        Shape (rows,).
    variances
        Sampling variances; shape (rows,). The variance of a row is this plus tau2.
    log_scale
        Logarithm of the determinant of the change of coordinates, so that likelihoods refer to the contrasts.
    change
        Matrix that turns contrasts into rows; shape (rows, contrasts).
    """

    estimates: Floats
    variances: Floats
    log_scale: float
    change: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Generalised least squares at one tau2.

    Attributes
    ----------
    coefficients, covariance
        Shapes (p,), (p, p).
    q
        Weighted sum of squared residuals.
    trace
        Trace of ``P = W - W X (X' W X)^-1 X' W``; the expectation of dQ by dtau2.
    squares
        ``y' P P y``.
    log_likelihood, restricted_log_likelihood
        Normal log likelihoods of the contrasts; the restricted one without the constant of ``X' X``, so that
        it does not depend on which arm is the baseline.
    """

    coefficients: Floats
    covariance: Floats
    q: float
    trace: float
    squares: float
    log_likelihood: float
    restricted_log_likelihood: float


def rows_of(contrasts: Sequence[StudyContrasts]) -> Rows:
    """Return the contrasts of all studies as independent rows.

    Parameters
    ----------
    contrasts
        The studies.
    """
    changes, variances, log_scale = [], [], 0.0
    for study in contrasts:
        size = len(study.treatments)
        root = np.linalg.cholesky((np.eye(size) + np.ones((size, size))) / 2)
        whitened = solve_triangular(root, solve_triangular(root, study.covariance, lower=True).T, lower=True)
        values, vectors = np.linalg.eigh((whitened + whitened.T) / 2)
        variances.append(values)
        changes.append(solve_triangular(root, vectors, lower=True, trans="T").T)
        log_scale -= float(np.sum(np.log(np.diag(root))))
    change = np.asarray(block_diag(*changes), dtype=np.float64)
    estimates = change @ np.concatenate([study.estimates for study in contrasts])
    return Rows(estimates, np.concatenate(variances), log_scale, change)


def solve(rows: Rows, design: Floats, tau_squared: float) -> Solution:
    """Return the generalised least squares solution at one tau2.

    Parameters
    ----------
    rows
        The contrasts.
    design
        Design matrix of the contrasts (before the change of coordinates), of full rank; shape (contrasts, p).
    tau_squared
        Variance between studies.
    """
    weights = 1 / (rows.variances + tau_squared)
    root = np.sqrt(weights)
    orthogonal, triangle = qr(root[:, None] * (rows.change @ design), mode="economic")
    inverse = solve_triangular(triangle, np.eye(design.shape[1]))
    observed = root * rows.estimates
    projected = orthogonal.T @ observed
    residuals = observed - orthogonal @ projected
    q = float(residuals @ residuals)
    count, parameters = design.shape
    log_likelihood = rows.log_scale - (count * np.log(2 * np.pi) - np.sum(np.log(weights)) + q) / 2
    log_information = float(np.sum(np.log(np.abs(np.diag(triangle)))))
    return Solution(
        coefficients=inverse @ projected,
        covariance=inverse @ inverse.T,
        q=q,
        trace=float(weights @ (1 - np.sum(orthogonal**2, axis=1))),
        squares=float(weights @ residuals**2),
        log_likelihood=float(log_likelihood),
        restricted_log_likelihood=float(
            log_likelihood + parameters / 2 * np.log(2 * np.pi) - log_information
        ),
    )


def estimate_tau_squared(rows: Rows, design: Floats, method: Method) -> float:
    """Return the variance between studies.

    Parameters
    ----------
    rows, design
        As for ``solve``.
    method
        ``"REML"`` or ``"ML"``: the global maximum of the (restricted) likelihood over tau2 >= 0; ``"DL"``:
        the moment estimator ``(Q - df) / trace(P)`` at tau2 = 0, not below 0 (Jackson, White and Riley 2012);
        ``"fixed"``: 0 by assumption.

    Returns
    -------
    float
        tau2, in squared units of the estimates.

    Raises
    ------
    ValueError
        If the method is unknown, or no degree of freedom is left to estimate tau2 from.
    """
    if method not in METHODS:
        raise ValueError(f"method is {method!r}, it must be one of {', '.join(METHODS)}")
    if method == "fixed":
        return 0.0
    degrees = design.shape[0] - design.shape[1]
    if degrees < 1:
        raise ValueError(
            f"{design.shape[0]} contrasts for {design.shape[1]} parameters leave nothing to estimate the "
            "heterogeneity from; use method='fixed', or give tau_squared where the function takes it"
        )
    if method == "DL":
        at_zero = solve(rows, design, 0.0)
        return float(max(0.0, (at_zero.q - degrees) / at_zero.trace))
    return _maximum(rows, design, restricted=method == "REML")


def _maximum(rows: Rows, design: Floats, *, restricted: bool) -> float:
    """Maximise the likelihood: the best of a grid, refined where its derivative is zero."""

    def height(tau_squared: float) -> float:
        solution = solve(rows, design, tau_squared)
        return solution.restricted_log_likelihood if restricted else solution.log_likelihood

    def slope(tau_squared: float) -> float:
        solution = solve(rows, design, tau_squared)
        trace = solution.trace if restricted else float(np.sum(1 / (rows.variances + tau_squared)))
        return solution.squares - trace

    upper = _upper_bound(rows, design)
    grid = np.concatenate(([0.0], np.geomspace(_SMALLEST_STEP * upper, upper, _GRID_POINTS)))
    best = int(np.argmax([height(value) for value in grid]))
    rising = slope(grid[best]) > 0
    if best == 0 and not rising:
        return 0.0
    low, high = (grid[best], grid[best + 1]) if rising else (grid[best - 1], grid[best])
    return float(brentq(slope, low, high, xtol=1e-300, rtol=4 * np.finfo(np.float64).eps, maxiter=1000))


def _upper_bound(rows: Rows, design: Floats) -> float:
    """Return a tau2 beyond which both likelihoods only fall.

    With RSS of ordinary least squares: ``y'PPy <= RSS / (tau2 (tau2 + min s))`` and
    ``trace(P) >= df / (tau2 + max s)``, so the slope is negative from ``RSS / df + max s`` on.
    """
    turned = rows.change @ design
    fitted = turned @ np.linalg.lstsq(turned, rows.estimates, rcond=None)[0]
    squares = np.sum((rows.estimates - fitted) ** 2) / (design.shape[0] - design.shape[1])
    return float(squares + np.max(rows.variances))
