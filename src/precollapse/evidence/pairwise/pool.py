"""Pairwise meta-analysis of study estimates by inverse variance, with random or common effects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, ndtr, ndtri, stdtr, stdtrit

from precollapse.evidence.pairwise.heterogeneity import (
    METHODS,
    Floats,
    Method,
    estimate_tau_squared,
    generalised_q,
    q_profile,
    typical_variance,
)

Test = Literal["z", "knapp-hartung"]
Prediction = Literal["as test", "t(k-2)"]


@dataclass(frozen=True, slots=True, eq=False)
class Pooled:
    """The pooled estimate of several studies.

    Attributes
    ----------
    k
        Number of studies.
    method, test, level
        As asked for.
    estimate, standard_error, low, high
        On the scale of the studies' estimates, with the confidence interval.
    p_value
        Two-sided, of the estimate being zero.
    tau_squared
        Variance between studies; NaN where one study alone cannot tell and the method does not assume 0.
    tau_squared_interval
        Q-profile interval; None for ``"fixed"`` and for one study. (0, 0): no tau2 is compatible.
    q, q_p_value
        Cochran's Q and its p-value on k - 1 degrees of freedom.
    i_squared
        Share of the variance that lies between studies, 0 to 1; NaN for one study.
    h_squared
        Total by sampling variance; NaN for one study.
    prediction
        Interval for the true effect of a further study; None for ``"fixed"`` and for one or two studies.
    weights
        Share of each study in the estimate; shape (studies,), sums to 1.
    """

    k: int
    method: Method
    test: Test
    estimate: float
    standard_error: float
    low: float
    high: float
    p_value: float
    tau_squared: float
    tau_squared_interval: tuple[float, float] | None
    q: float
    q_p_value: float
    i_squared: float
    h_squared: float
    prediction: tuple[float, float] | None
    weights: Floats
    level: float


def pool(
    estimates: npt.ArrayLike,
    variances: npt.ArrayLike,
    *,
    method: Method = "REML",
    test: Test = "z",
    level: float = 0.95,
    prediction: Prediction = "as test",
) -> Pooled:
    """Pool the estimates of several studies.

    Parameters
    ----------
    estimates, variances
        Estimate and sampling variance of each study, on a scale on which estimates are about normal
        (log ratios, logits, differences); shape (studies,).
    method
        Estimator of the variance between studies, see ``heterogeneity.estimate_tau_squared``; ``"fixed"``
        assumes one common effect.
    test
        ``"z"``, or ``"knapp-hartung"``: t with k - 1 degrees of freedom and the weighted residual variance
        (Hartung 1999; Knapp and Hartung 2003), without the variant that keeps it from being narrower than z.
    level
        Coverage of all intervals, between 0 and 1.
    prediction
        ``"as test"``: the quantile of the test, z or t(k-1), as metafor's ``predict``; ``"t(k-2)"``: that of
        Higgins, Thompson and Spiegelhalter (2009), as in the Cochrane Handbook.

    Returns
    -------
    Pooled
        The pooled estimate.

    Raises
    ------
    ValueError
        If a study has no finite estimate or no variance above zero, or an option is unknown, or Knapp-Hartung
        is asked of one study or of studies without any difference.

    Notes
    -----
    Equal to ``rma`` of the R package metafor (Viechtbauer, Journal of Statistical Software 2010;36(3)). One
    study is returned as it is; its heterogeneity is unknown, not zero.
    """
    y, v = _checked(estimates, variances)
    _check_options(method, test, level, prediction)
    k = len(y)
    tau2 = estimate_tau_squared(y, v, method) if k > 1 else 0.0
    weights = 1 / (v + tau2)
    shares = weights / np.sum(weights)
    mean = float(shares @ y)
    error = _standard_error(y, weights, mean, test)
    crit, p_value = _quantile(test, k, level), _p_value(mean / error, test, k)
    i2, h2 = _inconsistency(y, v, tau2, method)
    q = generalised_q(y, v, 0.0)
    return Pooled(
        k=k, method=method, test=test, estimate=mean, standard_error=error,
        low=mean - crit * error, high=mean + crit * error, p_value=p_value,
        tau_squared=tau2 if k > 1 or method == "fixed" else np.nan,
        tau_squared_interval=q_profile(y, v, level) if k > 1 and method != "fixed" else None,
        q=q, q_p_value=float(chdtrc(k - 1, q)) if k > 1 else 1.0, i_squared=i2, h_squared=h2,
        prediction=(
            _prediction(mean, error, tau2, _quantile(test, k, level, prediction))
            if k > 2 and method != "fixed" else None
        ),
        weights=shares, level=level,
    )  # fmt: skip


def leave_one_out(
    estimates: npt.ArrayLike,
    variances: npt.ArrayLike,
    *,
    method: Method = "REML",
    test: Test = "z",
    level: float = 0.95,
    prediction: Prediction = "as test",
) -> tuple[Pooled, ...]:
    """Pool once without each study, in the order of the studies.

    Parameters
    ----------
    estimates, variances, method, test, level, prediction
        As of ``pool``; two studies or more.

    Returns
    -------
    tuple of Pooled
        One per study left out.

    Raises
    ------
    ValueError
        As ``pool``, and if there is one study only.
    """
    y, v = _checked(estimates, variances)
    if len(y) < 2:
        raise ValueError("there is 1 study; leaving one out needs at least 2")
    return tuple(
        pool(
            np.delete(y, place), np.delete(v, place),
            method=method, test=test, level=level, prediction=prediction,
        )
        for place in range(len(y))
    )  # fmt: skip


def _prediction(mean: float, error: float, tau_squared: float, quantile: float) -> tuple[float, float]:
    reach = quantile * float(np.hypot(error, np.sqrt(tau_squared)))
    return mean - reach, mean + reach


def _standard_error(y: Floats, weights: Floats, mean: float, test: Test) -> float:
    plain = 1 / np.sum(weights)
    if test == "z":
        return float(np.sqrt(plain))
    if len(y) == 1:
        raise ValueError("there is 1 study; Knapp-Hartung needs at least 2, use test='z'")
    residual = np.sum(weights * (y - mean) ** 2) / (len(y) - 1)
    if residual <= np.finfo(np.float64).eps:
        raise ValueError(
            f"the {len(y)} estimates are all {mean:g}: Knapp-Hartung would give an interval without width; "
            "use test='z'"
        )
    return float(np.sqrt(residual * plain))


def _quantile(test: Test, k: int, level: float, prediction: Prediction = "as test") -> float:
    upper = (1 + level) / 2
    if prediction == "t(k-2)":
        return float(stdtrit(max(k - 2, 1), upper))
    return float(ndtri(upper) if test == "z" else stdtrit(k - 1, upper))


def _p_value(ratio: float, test: Test, k: int) -> float:
    tail = ndtr(-abs(ratio)) if test == "z" else stdtr(k - 1, -abs(ratio))
    return float(2 * tail)


def _inconsistency(y: Floats, v: Floats, tau_squared: float, method: Method) -> tuple[float, float]:
    """Return I2 and H2: from tau2 under random effects, from Q under a common effect."""
    freedom = len(y) - 1
    if freedom == 0:
        return np.nan, np.nan
    if method == "fixed":
        q = generalised_q(y, v, 0.0)
        return (1 - freedom / q if q > freedom else 0.0), q / freedom
    typical = typical_variance(v)
    return tau_squared / (typical + tau_squared), tau_squared / typical + 1


def _checked(estimates: npt.ArrayLike, variances: npt.ArrayLike) -> tuple[Floats, Floats]:
    y, v = np.array(estimates, dtype=np.float64), np.array(variances, dtype=np.float64)
    if y.ndim != 1 or y.shape != v.shape or len(y) == 0:
        raise ValueError(
            f"estimates have shape {y.shape} and variances {v.shape}; give one of each for every study, "
            "at least 1 study"
        )
    wrong = np.flatnonzero(~np.isfinite(y) | ~np.isfinite(v) | (v <= 0))
    if len(wrong):
        place = wrong[0]
        raise ValueError(
            f"study {place} has estimate {y[place]:g} and variance {v[place]:g}; both must be finite and the "
            "variance above 0. Leave the study out and say so, or use a model for sparse events"
        )
    return y, v


def _check_options(method: str, test: str, level: float, prediction: str) -> None:
    for name, value, known in (
        ("method", method, METHODS),
        ("test", test, ("z", "knapp-hartung")),
        ("prediction", prediction, ("as test", "t(k-2)")),
    ):
        if value not in known:
            raise ValueError(f"{name} is {value!r}; choose one of {', '.join(known)}")
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; it must lie between 0 and 1, such as 0.95")
