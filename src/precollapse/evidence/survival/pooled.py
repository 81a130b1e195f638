"""One survival curve from the published points of several studies.

After Combescure, Foucher and Jackson (Statistics in Medicine 2014;33:2521): survival between two neighbouring
horizons, given survival to the first, is pooled by random effects; the curve is the product. So it never
rises, and a study that stops early does not bend the later part. What differs from their method: see
``pool_survival``.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri, stdtrit

from precollapse.evidence.pairwise.heterogeneity import Method
from precollapse.evidence.pairwise.pool import Pooled, Test, pool
from precollapse.evidence.survival.conditional import Stretch, conditional_survival
from precollapse.evidence.survival.risk_sets import Array

Scale = Literal["arcsine", "log-log"]


@dataclass(frozen=True, slots=True, eq=False)
class PooledSurvival:
    """A pooled curve at h horizons: arrays (h,).

    ``low`` to ``high`` is the interval of the mean curve, ``prediction_low`` to ``prediction_high`` that of
    the true curve of a further study; it is NaN from the first stretch on that has fewer than three studies,
    and for ``fixed``. ``stretches`` and ``pooled`` (h) are the input and the result for each stretch, on the
    chosen scale. ``unused`` names the points that entered nothing: the study has no point at the beginning of
    that stretch, or the horizon is not among ``horizons``.
    """

    horizons: Array
    survival: Array
    low: Array
    high: Array
    prediction_low: Array
    prediction_high: Array
    stretches: tuple[Stretch, ...]
    pooled: tuple[Pooled, ...]
    unused: tuple[tuple[Hashable, float], ...]
    level: float


def pool_survival(
    study: Sequence[Hashable],
    horizon: npt.ArrayLike,
    survival: npt.ArrayLike,
    *,
    horizons: Sequence[float],
    correlation: float,
    seed: int,
    standard_error: npt.ArrayLike | None = None,
    effective_number: npt.ArrayLike | None = None,
    scale: Scale = "arcsine",
    method: Method = "REML",
    test: Test = "z",
    level: float = 0.95,
    draws: int = 16_384,
) -> PooledSurvival:
    """Pool published survival points of several studies into one curve.

    Parameters
    ----------
    study, horizon, survival
        One entry per published point (p,): which study, at what time, survival 0 to 1.
    horizons
        Ends of the stretches, rising, above 0. A study enters a stretch if it has a point at both its ends
        (at 0 survival is 1). Nothing is interpolated.
    correlation
        How far a study that is better than the others in one stretch is better in all: 0, not at all, to 1,
        wholly. No data of this kind say it well, so it has no default; try both. 1 gives the wider intervals
        at later horizons.
    seed
        Of the draws that make the intervals; the same seed gives the same result.
    standard_error, effective_number
        How precise each point is (p,), NaN where unknown: see ``conditional_survival``.
    scale
        ``arcsine``: arcsin √q, variance 1 / 4n, also where nobody or everybody had the event. ``log-log``:
        ln(-ln q), variance (1 - q) / (n q ln² q); refuses stretches without events.
    method, test
        Of ``pairwise.pool``.
    level
        Of all intervals.
    draws
        Number of draws, at least 1,000.

    Returns
    -------
    PooledSurvival
        The curve with its intervals.

    Raises
    ------
    ValueError
        If input is out of range or contradicts itself, or a stretch has no study.

    Notes
    -----
    Differences from Combescure and others: each stretch is pooled by itself (REML by default) instead of all
    together (DerSimonian and Laird), and the covariance of the study effects between stretches is
    ``correlation`` times the product of the two standard deviations instead of being estimated; no continuity
    correction is added; intervals are quantiles of draws (stratified normal, or t with Knapp-Hartung) instead
    of delta method and bootstrap. Draws beyond the ends of the arcsine scale count as q = 0 or 1.
    """
    ends = _rising(horizons)
    _check_options(correlation, scale, level, draws)
    stretches, unused = conditional_survival(
        study, horizon, survival, ends, standard_error=standard_error, effective_number=effective_number
    )
    moved = [_to_scale(stretch, scale) for stretch in stretches]
    pooled = tuple(pool(y, v, method=method, test=test, level=level) for y, v in moved)
    means = np.array([result.estimate for result in pooled])
    freedom = None if test == "z" else np.array([result.k - 1.0 for result in pooled])
    of_mean, of_further = _covariances(stretches, pooled, [v for _, v in moved], correlation)
    normals = _stratified_normals(draws, ends.size, seed)
    low, high = _bands(means, of_mean, freedom, scale, level, normals)
    further_low, further_high = _bands(means, of_further, freedom, scale, level, normals)
    unknown = np.cumsum([result.prediction is None for result in pooled]) > 0
    further_low[unknown] = further_high[unknown] = np.nan
    return PooledSurvival(
        horizons=ends,
        survival=np.asarray(np.cumprod(_from_scale(means, scale)), dtype=np.float64),
        low=low,
        high=high,
        prediction_low=further_low,
        prediction_high=further_high,
        stretches=stretches,
        pooled=pooled,
        unused=unused,
        level=level,
    )


def _rising(horizons: Sequence[float]) -> Array:
    """Return the horizons as an array; refuse an order that does not rise from above 0."""
    ends = np.asarray(horizons, dtype=np.float64)
    if ends.ndim != 1 or ends.size == 0 or not (np.diff(ends, prepend=0) > 0).all() or ends[-1] == np.inf:
        raise ValueError(f"horizons are {list(horizons)}; give at least one, rising, all above 0.")
    return ends


def _check_options(correlation: float, scale: str, level: float, draws: int) -> None:
    """Refuse options out of range."""
    if not 0 <= correlation <= 1:
        raise ValueError(f"correlation is {correlation}; it must lie from 0 to 1.")
    if scale not in ("arcsine", "log-log"):
        raise ValueError(f"scale is {scale!r}; it must be 'arcsine' or 'log-log'.")
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; it must lie between 0 and 1, for example 0.95.")
    if draws < 1000:
        raise ValueError(f"draws is {draws}; the ends of an interval need at least 1000.")


def _to_scale(stretch: Stretch, scale: Scale) -> tuple[Array, Array]:
    """Return the studies' conditional survival and its variance on the scale of pooling."""
    q, n = stretch.survival, stretch.persons
    if scale == "arcsine":
        return np.arcsin(np.sqrt(q)), 1 / (4 * n)
    edge = (q == 0) | (q == 1)
    if edge.any():
        name = stretch.studies[int(np.argmax(edge))]
        raise ValueError(
            f"study {name!r}: nobody or everybody had the event from {stretch.start:g} to {stretch.end:g}; "
            "the log-log scale has no value there. Use scale='arcsine'."
        )
    return np.log(-np.log(q)), (1 - q) / (n * q * np.log(q) ** 2)


def _from_scale(values: Array, scale: Scale) -> Array:
    """Return survival from the scale of pooling; beyond its ends the arcsine scale stays at 0 or 1."""
    if scale == "log-log":
        with np.errstate(over="ignore"):  # a hazard beyond all bounds is survival 0
            return np.exp(-np.exp(values))
    return np.sin(np.minimum(np.maximum(values, 0.0), np.pi / 2)) ** 2


def _covariances(
    stretches: Sequence[Stretch], pooled: Sequence[Pooled], variances: Sequence[Array], correlation: float
) -> tuple[Array, Array]:
    """Return the covariance (h, h) of the pooled means, and of the true values of a further study.

    Pooled means of two stretches depend on each other through the effects of the studies in both: the
    covariance is correlation · tau · tau' · the sum over those studies of the products of their two weights.
    """
    names = sorted({name for stretch in stretches for name in stretch.studies}, key=repr)
    weights = np.zeros((len(stretches), len(names)))
    for row, (stretch, result) in enumerate(zip(stretches, pooled, strict=True)):
        weights[row, [names.index(name) for name in stretch.studies]] = result.weights
    # One study alone says nothing of tau: its stretch shares no effect with others.
    tau = np.sqrt([0.0 if result.k == 1 else result.tau_squared for result in pooled])
    shared = correlation * np.outer(tau, tau)
    np.fill_diagonal(shared, tau**2)
    by_model = shared * (weights @ weights.T)
    sampling = [result.weights**2 @ v for result, v in zip(pooled, variances, strict=True)]
    by_model[np.diag_indices_from(by_model)] += sampling
    model_error = np.sqrt(np.diag(by_model))
    error = np.array([result.standard_error for result in pooled])  # Knapp-Hartung: not that of the model
    of_mean = by_model * np.outer(error / model_error, error / model_error)
    return of_mean, of_mean + shared


def _stratified_normals(draws: int, columns: int, seed: int) -> Array:
    """Return normal draws (draws, columns), each column evenly spread (Latin hypercube)."""
    even = ndtri((np.arange(draws) + 0.5) / draws)
    generator = np.random.default_rng(seed)
    return np.stack([generator.permutation(even) for _ in range(columns)], axis=1)


def _bands(
    means: Array, covariance: Array, freedom: Array | None, scale: Scale, level: float, normals: Array
) -> tuple[Array, Array]:
    """Return the limits (h,) of the product over stretches when their values vary with the covariance."""
    error = np.sqrt(np.diag(covariance))
    root = np.linalg.cholesky(covariance / np.outer(error, error))
    deviates = normals @ root.T
    if freedom is not None:
        deviates = stdtrit(freedom, ndtr(deviates))
    curves = np.cumprod(_from_scale(means + error * deviates, scale), axis=1)
    # hazen: the plotting positions at which the draws were spread
    low, high = np.quantile(curves, [0.5 - level / 2, 0.5 + level / 2], axis=0, method="hazen")
    return low, high
