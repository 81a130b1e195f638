"""Network meta-analysis of contrasts under consistency, one tau2 for all comparisons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import chdtrc, ndtr, ndtri, stdtrit

from precollapse.evidence.network.contrasts import Floats, StudyContrasts, components
from precollapse.evidence.network.designs import consistency_design, interaction_design
from precollapse.evidence.network.rows import Method, Rows, estimate_tau_squared, rows_of, solve

Prediction = Literal["z", "t(df-1)"]
PREDICTIONS: tuple[Prediction, ...] = ("z", "t(df-1)")


@dataclass(frozen=True, slots=True)
class ChiSquared:
    """A statistic that is chi-squared under its hypothesis.

    Attributes
    ----------
    statistic, degrees
        Value and degrees of freedom.
    p_value
        None without degrees of freedom: there is nothing to test.
    """

    statistic: float
    degrees: int
    p_value: float | None


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect of one treatment against another.

    Attributes
    ----------
    treatment, versus
        Labels; the effect is that of ``treatment`` less that of ``versus``.
    estimate, standard_error, low, high
        On the scale of the contrasts, with the confidence interval.
    p_value
        Two-sided, of no difference.
    prediction
        Interval for the true effect in a further study; None for ``"fixed"``, and for ``"t(df-1)"`` where the
        total Q has fewer than two degrees of freedom.
    """

    treatment: str
    versus: str
    estimate: float
    standard_error: float
    low: float
    high: float
    p_value: float
    prediction: tuple[float, float] | None


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """A fitted network.

    Attributes
    ----------
    contrasts
        The studies.
    treatments
        The reference first, the others in alphabetical order.
    method, level
        As asked for.
    estimates
        Effect of every treatment against the reference, whose own is 0; shape (treatments,).
    covariance
        Of the estimates, with zeros for the reference; shape (treatments, treatments).
    tau_squared
        Variance between studies of the effect of any comparison.
    log_likelihood
        At the estimates; the restricted one (without its constant of X'X) for ``"REML"``.
    q_total, q_within, q_between
        Cochran's Q at tau2 = 0 of the whole network, its part within designs (heterogeneity) and its part
        between designs (inconsistency); the parts add up (Krahn, Binder and Koenig 2013).
    i_squared
        ``max(0, (Q - df) / Q)`` of the whole network, 0 to 1; None without degrees of freedom.
    """

    contrasts: tuple[StudyContrasts, ...]
    treatments: tuple[str, ...]
    method: Method
    level: float
    estimates: Floats
    covariance: Floats
    tau_squared: float
    log_likelihood: float
    q_total: ChiSquared
    q_within: ChiSquared
    q_between: ChiSquared
    i_squared: float | None

    @property
    def reference(self) -> str:
        """The treatment against which ``estimates`` are given."""
        return self.treatments[0]

    def effect(self, treatment: str, versus: str, *, prediction: Prediction = "z") -> Effect:
        """Return the effect of one treatment against another.

        Parameters
        ----------
        treatment, versus
            Two different treatments of the network.
        prediction
            Quantile of the prediction interval: ``"z"`` as metafor's ``predict``; ``"t(df-1)"`` with the
            degrees of freedom of the total Q less one, as netmeta 1.2; for two treatments this is the t(k-2)
            of Higgins, Thompson and Spiegelhalter (2009). The t is wider where there are few studies.

        Raises
        ------
        ValueError
            If a treatment is not in the network or both are the same.
        """
        one, other = self.place(treatment), self.place(versus)
        if one == other:
            raise ValueError(f"{treatment!r} is compared with itself; name two different treatments")
        estimate = float(self.estimates[one] - self.estimates[other])
        variance = float(
            self.covariance[one, one] + self.covariance[other, other] - 2 * self.covariance[one, other]
        )
        error = float(np.sqrt(variance))
        half = float(ndtri((1 + self.level) / 2)) * error
        wide, spread = self.prediction_quantile(prediction), float(np.sqrt(variance + self.tau_squared))
        return Effect(
            treatment=treatment,
            versus=versus,
            estimate=estimate,
            standard_error=error,
            low=estimate - half,
            high=estimate + half,
            p_value=float(2 * ndtr(-abs(estimate) / error)),
            prediction=None if wide is None else (estimate - wide * spread, estimate + wide * spread),
        )

    def place(self, treatment: str) -> int:
        """Return the place of a treatment in ``treatments``; ValueError if it has none."""
        if treatment not in self.treatments:
            raise ValueError(
                f"the network has no treatment {treatment!r}; it has {', '.join(self.treatments)}"
            )
        return self.treatments.index(treatment)

    def prediction_quantile(self, kind: Prediction) -> float | None:
        """Return the quantile of prediction intervals; None where there is none, see ``Effect``."""
        if kind not in PREDICTIONS:
            raise ValueError(f"prediction is {kind!r}, it must be one of {', '.join(PREDICTIONS)}")
        if self.method == "fixed":
            return None
        if kind == "z":
            return float(ndtri((1 + self.level) / 2))
        degrees = self.q_total.degrees - 1
        return float(stdtrit(degrees, (1 + self.level) / 2)) if degrees > 0 else None


def fit_network(
    contrasts: Iterable[StudyContrasts], *, reference: str, method: Method = "REML", level: float = 0.95
) -> Network:
    """Fit a network meta-analysis under consistency.

    Parameters
    ----------
    contrasts
        The studies: from arms, as reported, or both, all on the same scale.
    reference
        Treatment against which estimates are stored. The choice changes no effect.
    method
        Estimator of the variance between studies, see ``network_rows.estimate_tau_squared``; ``"fixed"``
        assumes none.
    level
        Coverage of all intervals, between 0 and 1.

    Returns
    -------
    Network
        The fitted network.

    Raises
    ------
    ValueError
        If there is no study, a study occurs twice, the reference is not in the network, the network is not
        connected, nothing is left to estimate tau2 from, or an option is unknown.

    Notes
    -----
    The contrast-based model of Salanti, Higgins, Ades and Ioannidis (2008) with homogeneous variances, fitted
    by generalised least squares at the estimated tau2. The uncertainty of tau2 is not carried into the
    intervals. Equal to ``rma.mv`` of metafor with ``random = ~ comp | study, rho = 1/2``.
    """
    studies = _checked(contrasts, reference, level)
    others = sorted({arm for study in studies for arm in study.arms} - {reference})
    treatments = (reference, *others)
    rows, design = rows_of(studies), consistency_design(studies, treatments)
    tau_squared = estimate_tau_squared(rows, design, method)
    solution = solve(rows, design, tau_squared)
    q_total, q_within, q_between = _decompose(rows, design, interaction_design(studies))
    return Network(
        contrasts=studies,
        treatments=treatments,
        method=method,
        level=level,
        estimates=np.concatenate(([0.0], solution.coefficients)),
        covariance=np.pad(solution.covariance, ((1, 0), (1, 0))),
        tau_squared=tau_squared,
        log_likelihood=solution.restricted_log_likelihood if method == "REML" else solution.log_likelihood,
        q_total=q_total,
        q_within=q_within,
        q_between=q_between,
        i_squared=_i_squared(q_total),
    )


def chi_squared(statistic: float, degrees: int) -> ChiSquared:
    """Return a chi-squared statistic with its p-value; exactly 0 without degrees of freedom."""
    if degrees == 0:
        return ChiSquared(0.0, 0, None)
    return ChiSquared(statistic, degrees, float(chdtrc(degrees, statistic)))


def _decompose(rows: Rows, consistent: Floats, free: Floats) -> tuple[ChiSquared, ChiSquared, ChiSquared]:
    count = len(rows.estimates)
    total, within = solve(rows, consistent, 0.0).q, solve(rows, free, 0.0).q
    between = max(0.0, total - within)  # the models are nested: a negative difference is rounding
    return (
        chi_squared(total, count - consistent.shape[1]),
        chi_squared(within, count - free.shape[1]),
        chi_squared(between, free.shape[1] - consistent.shape[1]),
    )


def _i_squared(total: ChiSquared) -> float | None:
    if total.degrees == 0:
        return None
    return max(0.0, 1 - total.degrees / total.statistic) if total.statistic > 0 else 0.0


def _checked(contrasts: Iterable[StudyContrasts], reference: str, level: float) -> tuple[StudyContrasts, ...]:
    studies = tuple(contrasts)
    if not 0 < level < 1:
        raise ValueError(f"level is {level}, it must lie between 0 and 1; 0.95 is usual")
    if not studies:
        raise ValueError("no study compares anything; give one contrast or more")
    _refuse_repeated([study.study for study in studies])
    parts = components(studies)
    if not any(reference in part for part in parts):
        raise ValueError(f"no study has the reference {reference!r}; choose a treatment of the network")
    if len(parts) > 1:
        names = "; ".join(", ".join(part) for part in parts)
        raise ValueError(
            f"the network falls into {len(parts)} parts that no study connects: {names}. Fit the part of the "
            "reference alone, see component_of"
        )
    return studies


def _refuse_repeated(names: Sequence[str]) -> None:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(
            f"studies given more than once: {', '.join(repeated)}; give each with all its arms once"
        )
