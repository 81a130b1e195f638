"""The statistics of an evaluation: arrays in, estimates with 95 % intervals out.

Everywhere ``weights`` (n,) are at least 0; 0 leaves a patient out, 1 counts one. The equations and sources
are in docs/methods/screening-evaluation.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from precollapse.evidence.survival.risk_sets import risk_sets, step_places
from precollapse.screen.evaluation_model import NOTHING, Estimate

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Z = 1.959963984540054  # half the width of a 95 % interval in standard deviations
TAIL = 0.025
LEAST_RISK = 1e-6  # logits of 0 and 1 do not exist


def wilson(share: float, n: float) -> tuple[float, float]:
    """Return Wilson's score interval of a share of ``n`` people, which may be an effective number."""
    spread = Z * Z / n
    centre = (share + spread / 2) / (1 + spread)
    half = Z / (1 + spread) * np.sqrt(share * (1 - share) / n + spread / (4 * n))
    # Without or with nothing but hits one end is exact; rounding would leave it a hair beside.
    low = 0.0 if share == 0 else max(0.0, float(centre - half))
    return low, 1.0 if share == 1 else min(1.0, float(centre + half))


def proportion(hit: Flags, weights: Floats) -> Estimate:
    """Return the weighted share of hits with Wilson's interval at the effective number of people.

    The effective number is share (1 - share) / variance of the weighted share (Korn and Graubard 1998), with
    unit weights the number of people; where all or none are hits, Kish's (sum w)² / sum w².
    """
    used = weights > 0
    w, y = weights[used], hit[used].astype(np.float64)
    if not w.size:
        return NOTHING
    total = float(w.sum())
    share = float(np.dot(w, y)) / total
    if y.all() or not y.any():
        share, effective = float(y[0]), total**2 / float(np.dot(w, w))
    else:
        effective = share * (1 - share) * total**2 / float(np.dot(w**2, (y - share) ** 2))
    low, high = wilson(share, effective)
    return Estimate(value=share, low=low, high=high)


def reciprocal(share: Estimate) -> Estimate:
    """Return how many are needed for one: 1 / share; no upper end when the share may be 0."""
    if share.value is None or share.low is None or share.high is None:
        return NOTHING
    return Estimate(
        value=1 / share.value if share.value else None,
        low=1 / share.high,
        high=1 / share.low if share.low else None,
    )


def times(share: Estimate, factor: float) -> Estimate:
    """Return an estimate per ``factor`` people."""

    def scaled(value: float | None) -> float | None:
        return None if value is None else factor * value

    return Estimate(value=scaled(share.value), low=scaled(share.low), high=scaled(share.high))


def observed_over_expected(case: Flags, risk: Floats, weights: Floats) -> Estimate:
    """Return the weighted cases over the weighted sum of risks, by the gamma method of Fay and Feuer (1997).

    With unit weights the interval is the exact one of a Poisson count (Garwood 1936).
    """
    from scipy.special import gammainccinv, gammaincinv

    expected = float(np.dot(weights, risk))
    if expected <= 0:
        return NOTHING
    share = weights / expected
    observed, variance = float(share[case].sum()), float(np.dot(share[case], share[case]))
    largest = float(share.max())
    low = variance / observed * float(gammaincinv(observed**2 / variance, TAIL)) if observed else 0.0
    above, spread = observed + largest, variance + largest**2
    high = spread / above * float(gammainccinv(above**2 / spread, TAIL))
    return Estimate(value=observed, low=low, high=high)


def censoring_weights(time: Floats, known: Flags, strata: npt.NDArray[np.int64]) -> Floats | None:
    """Return inverse probabilities of not being lost before the own time, 0 for the lost.

    Parameters
    ----------
    time
        When the outcome was known (diagnosis, death, horizon) or the patient was lost (n,).
    known
        Whether the outcome is known (n,).
    strata
        Within which the loss is estimated by Kaplan and Meier (n,).

    Returns
    -------
    array or None
        They sum to n, and the weighted share of an outcome is its Aalen-Johansen incidence in each stratum.
        None when in a stratum the last one was lost: what came later nobody saw.
    """
    weights = np.zeros(time.size)
    for stratum in np.unique(strata):
        here = strata == stratum
        sets = risk_sets(time[here], known[here], weights=None, entry=None, causes=1)
        stay = np.ones(sets.times.size)
        np.divide(sets.survivors - sets.censored, sets.survivors, out=stay, where=sets.survivors > 0)
        before = np.concatenate([[1.0], np.cumprod(stay)[:-1]])
        if sets.censored[-1] > 0:
            return None
        places = step_places(sets.times, time[here])[0] - 1
        weights[here] = np.where(known[here], 1 / before[places], 0.0)
    return weights


@dataclass(frozen=True, slots=True)
class Auc:
    """Area under the receiver operating characteristic with the standard error of DeLong (1988)."""

    estimate: Estimate
    standard_error: float | None
    method: str


def auc(score: Floats, case: Flags, weights: Floats) -> Auc:
    """Return the chance that a case has a higher score than a patient who is none; a tie counts half.

    The interval is DeLong's on the logit scale. Where DeLong's variance is 0 or does not exist (complete
    separation, a single case), it is Newcombe's of 2006, method 5.
    """
    used = weights > 0
    w, y = weights[used], case[used]
    m, n = int(y.sum()), int((~y).sum())
    if m == 0 or n == 0:
        return Auc(NOTHING, None, "none")
    levels, place = np.unique(score[used], return_inverse=True)
    ones = np.bincount(place, weights=w * y, minlength=levels.size)
    zeros = np.bincount(place, weights=w * ~y, minlength=levels.size)
    below = (np.cumsum(zeros) - zeros / 2)[place] / zeros.sum()  # of a case: share of non-cases below it
    above = 1 - (np.cumsum(ones) - ones / 2)[place] / ones.sum()  # of a non-case: share of cases above it
    area = min(1.0, max(0.0, float(np.dot(w * y, below) / np.dot(w, y))))
    variance = _spread(below[y], w[y], area) + _spread(above[~y], w[~y], area)
    if not (np.isfinite(variance) and variance > 1e-18 and 0 < area < 1):
        low, high = newcombe(area, m, n)
        return Auc(Estimate(value=area, low=low, high=high), None, "Newcombe 2006, method 5")
    error = float(np.sqrt(variance))
    half = Z * error / (area * (1 - area))
    centre = np.log(area / (1 - area))
    low, high = (float(1 / (1 + np.exp(-(centre + sign * half)))) for sign in (-1, 1))
    return Auc(Estimate(value=area, low=low, high=high), error, "DeLong 1988, on the logit scale")


def _spread(placements: Floats, weights: Floats, mean: float) -> float:
    """Return the variance of a weighted mean of placements; with unit weights that of DeLong."""
    k = placements.size
    if k < 2:
        return float("nan")
    squares = float(np.dot(weights**2, (placements - mean) ** 2))
    return squares / float(weights.sum()) ** 2 * k / (k - 1)


def newcombe(area: float, m: int, n: int) -> tuple[float, float]:
    """Return the score-type interval of an area from ``m`` cases and ``n`` others (Newcombe's method 5)."""
    from scipy.optimize import brentq

    half = (m + n) / 2 - 1

    def distance(theta: float, sign: float) -> float:
        tails = half * ((1 - theta) / (2 - theta) + theta / (1 + theta))
        return sign * (area - theta) - Z * float(np.sqrt(theta * (1 - theta) * (1 + tails) / (m * n)))

    # 0 and 1 solve the equation of an area of 0 or 1 too, so the search stops short of them.
    low = 0.0 if area <= 0 else float(brentq(distance, 1e-15, min(area, 1 - 1e-9), args=(1.0,)))
    high = 1.0 if area >= 1 else float(brentq(distance, max(area, 1e-9), 1 - 1e-15, args=(-1.0,)))
    return low, high


def brier(risk: Floats, case: Flags, weights: Floats) -> tuple[Estimate, Estimate]:
    """Return the mean squared error and its share gained over everybody having the mean (scaled Brier)."""
    used = weights > 0
    w, y, p = weights[used], case[used].astype(np.float64), risk[used]
    if not w.size:
        return NOTHING, NOTHING
    errors, total = (p - y) ** 2, float(w.sum())
    mean, share = float(np.dot(w, errors)) / total, float(np.dot(w, y)) / total
    score = Estimate(value=mean)
    if w.size > 1:
        half = Z * float(np.sqrt(np.dot(w**2, (errors - mean) ** 2) * w.size / (w.size - 1))) / total
        score = Estimate(value=mean, low=max(0.0, mean - half), high=min(1.0, mean + half))
    if not 0 < y.mean() < 1:
        return score, NOTHING
    return score, Estimate(value=1 - mean / (share * (1 - share)))


def clip_risk(risk: Floats) -> Floats:
    """Return risks that have a logit."""
    return np.clip(risk, LEAST_RISK, 1 - LEAST_RISK)


def in_the_large(risk: Floats, case: Flags, weights: Floats) -> Estimate:
    """Return the intercept of logistic recalibration with slope 1 (Wald; robust when weighted)."""
    used = weights > 0
    w, y, logit = weights[used], case[used], _logit(risk[used])
    if not (y.any() and (~y).any()):
        return NOTHING
    return _logistic(np.ones((y.size, 1)), y, w, logit)[0]


def recalibration(risk: Floats, case: Flags, weights: Floats) -> tuple[Estimate, Estimate]:
    """Return intercept and slope of the logistic regression of the outcome on the logit of the risk.

    Nothing where no finite slope exists: no cases, only cases, one risk for all, or risks that separate the
    cases from the others.
    """
    used = weights > 0
    w, y, logit = weights[used], case[used], _logit(risk[used])
    if not (y.any() and (~y).any()):
        return NOTHING, NOTHING
    ones, zeros = logit[y], logit[~y]
    if ones.min() >= zeros.max() or ones.max() <= zeros.min():
        return NOTHING, NOTHING
    first, second = _logistic(np.column_stack([np.ones(y.size), logit]), y, w, np.zeros(y.size))
    return first, second


def _logit(risk: Floats) -> Floats:
    clipped = clip_risk(risk)
    return np.asarray(np.log(clipped / (1 - clipped)), dtype=np.float64)


def _logistic(design: Floats, case: Flags, weights: Floats, offset: Floats) -> list[Estimate]:
    """Fit a logistic regression by Newton's method with step halving, from the mean outcome."""
    y = case.astype(np.float64)
    beta = np.zeros(design.shape[1])
    share = float(np.dot(weights, y) / weights.sum())
    beta[0] = np.log(share / (1 - share)) - float(np.dot(weights, offset) / weights.sum())

    def loss(at: Floats) -> float:
        eta = offset + design @ at
        return float(np.dot(weights, np.logaddexp(0.0, eta) - y * eta))

    now = loss(beta)
    for _ in range(200):
        fitted = _expit(offset + design @ beta)
        score = design.T @ (weights * (y - fitted))
        information = (design * (weights * fitted * (1 - fitted))[:, None]).T @ design
        try:
            step = np.linalg.solve(information, score)
            inverse = np.linalg.inv(information)
        except np.linalg.LinAlgError:  # risks so extreme that nothing is left to learn from
            return [NOTHING] * design.shape[1]
        after = loss(beta + step)
        while after > now + 1e-12 * abs(now) and np.abs(step).max() > 1e-12:
            step = step / 2
            after = loss(beta + step)
        beta, now = beta + step, after
        if np.abs(step).max() < 1e-11:
            break
    else:
        return [NOTHING] * design.shape[1]
    if (weights != 1).any():  # weights that are no counts: the robust (sandwich) variance
        residual = design * (weights * (y - fitted))[:, None]
        inverse = inverse @ (residual.T @ residual) @ inverse
    errors = np.sqrt(np.diag(inverse))
    return [
        Estimate(value=float(b), low=float(b - Z * e), high=float(b + Z * e))
        for b, e in zip(beta, errors, strict=True)
    ]


def _expit(values: Floats) -> Floats:
    return np.asarray(np.exp(-np.logaddexp(0.0, -values)), dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Net benefit per patient at each threshold (k,), its standard error, cases and others above it."""

    value: Floats
    standard_error: Floats
    cases_above: npt.NDArray[np.int64]
    others_above: npt.NDArray[np.int64]


def net_benefit(score: Floats, case: Flags, weights: Floats, thresholds: Sequence[float]) -> Curve:
    """Return the net benefit of imaging who scores at least the threshold (Vickers and Elkin 2006).

    True positives less false positives times threshold / (1 - threshold), per patient. The standard error is
    that of a weighted mean.

    Raises
    ------
    ValueError
        When nobody has a weight.
    """
    used = weights > 0
    if not used.any():
        raise ValueError("nobody has a weight above 0; give at least one patient with known outcome")
    order = np.argsort(score[used], kind="stable")
    sorted_score, w, y = score[used][order], weights[used][order], case[used][order]
    t = np.asarray(thresholds, dtype=np.float64)
    first = np.searchsorted(sorted_score, t, side="left")

    def above(values: Floats) -> Floats:
        return np.asarray(np.concatenate([np.cumsum(values[::-1])[::-1], [0.0]])[first], dtype=np.float64)

    harm, total = t / (1 - t), float(w.sum())
    value = (above(w * y) - harm * above(w * ~y)) / total
    squares, linear = above(w**2 * y) + harm**2 * above(w**2 * ~y), above(w**2 * y) - harm * above(w**2 * ~y)
    variance = squares - 2 * value * linear + value**2 * float(np.dot(w, w))
    counts = [above(flag.astype(np.float64)).astype(np.int64) for flag in (y, ~y)]
    return Curve(value, np.sqrt(np.maximum(variance, 0.0)) / total, counts[0], counts[1])
