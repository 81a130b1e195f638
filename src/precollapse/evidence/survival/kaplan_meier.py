"""Kaplan-Meier survival and the Nelson-Aalen cumulative hazard, equal to R ``survival``.

Arrays in, arrays out, vectorised. Times may have any unit; what comes back has the same. Not here: competing
risks (``competing_risks``), tests between groups (``log_rank``), pooling of studies (``pooled_survival``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from precollapse.evidence.survival.influence import incidence_error
from precollapse.evidence.survival.risk_sets import Array, RiskSets, Transform, limits, risk_sets, step_places

HALF_TOLERANCE = float(np.sqrt(np.finfo(np.float64).eps))  # of R: a curve this close to a quantile lies on it


@dataclass(frozen=True, slots=True)
class Interval:
    """One value with its standard error (NaN where none is defined) and interval; NaN: not reached."""

    estimate: float
    standard_error: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class SurvivalAt:
    """Survival read at asked times: arrays of the same length. NaN beyond the last time of anybody."""

    times: Array
    survival: Array
    standard_error: Array
    low: Array
    high: Array


@dataclass(frozen=True, slots=True, eq=False)
class SurvivalCurve:
    """A Kaplan-Meier curve: one entry per distinct time of event or censoring (m).

    ``at_risk``, ``events``, ``censored`` are numbers (sums of weights) at each time; ``survival`` holds from
    that time on. ``standard_error`` is that of the survival; by Greenwood it is NaN where the survival is 0.
    ``low`` and ``high`` are pointwise, not for the curve as a whole.
    """

    times: Array
    at_risk: Array
    events: Array
    censored: Array
    survival: Array
    standard_error: Array
    low: Array
    high: Array
    level: float
    transform: Transform

    def at(self, times: npt.ArrayLike) -> SurvivalAt:
        """Read the curve at given times (k,).

        Before the first time the survival is 1 with standard error 0. Beyond the last time nothing is known
        and all values are NaN, unless the survival has reached 0.
        """
        places, beyond = step_places(self.times, times)
        unknown = beyond & (self.survival[-1] > 0)

        def read(start: float, values: Array) -> Array:
            found = np.concatenate([[start], values])[places]
            found[unknown] = np.nan
            return found

        return SurvivalAt(
            times=np.atleast_1d(np.asarray(times, dtype=np.float64)),
            survival=read(1.0, self.survival),
            standard_error=read(0.0, self.standard_error),
            low=read(1.0, self.low),
            high=read(1.0, self.high),
        )

    def quantile(self, share: float) -> Interval:
        """Return the time by which ``share`` have had the event, with the interval of Brookmeyer and Crowley.

        The limits are the times at which the pointwise limits of the curve cross 1 - ``share``. Where a curve
        runs flat at exactly that height the middle of the flat part is taken, as R does. NaN: not reached.

        Raises
        ------
        ValueError
            If ``share`` is not between 0 and 1.
        """
        if not 0 < share < 1:
            raise ValueError(
                f"share is {share}; it must lie between 0 and 1, for example 0.5 for the median."
            )
        return Interval(
            estimate=_first_below(self.times, self.survival, 1 - share),
            standard_error=float("nan"),
            low=_first_below(self.times, self.low, 1 - share),
            high=_first_below(self.times, self.high, 1 - share),
        )

    def median(self) -> Interval:
        """Return the median survival time with its interval (see ``quantile``)."""
        return self.quantile(0.5)

    def restricted_mean(self, horizon: float) -> Interval:
        """Return the mean time without event up to a horizon: the area below the curve from 0.

        The variance is the sum over event times of (area right of the time)² · d / (Y (Y - d)), as R
        ``survfit`` prints it (Klein and Moeschberger, Survival Analysis, 2nd ed., 4.5); the interval is
        estimate plus or minus z standard errors.

        Raises
        ------
        ValueError
            If the horizon is not above 0, or lies beyond the last time while the survival is above 0.
        """
        if not (np.isfinite(horizon) and horizon > 0):
            raise ValueError(f"horizon is {horizon}; it must be a time above 0.")
        if step_places(self.times, horizon)[1][0] and self.survival[-1] > 0:
            raise ValueError(
                f"horizon is {horizon}, but nobody was followed beyond {self.times[-1]}; take an earlier one."
            )
        kept = self.times <= horizon
        edges = np.concatenate([[0.0], self.times[kept], [horizon]])
        areas = np.diff(edges) * np.concatenate([[1.0], self.survival[kept]])
        beyond = np.cumsum(areas[::-1])[::-1][1:]  # area right of each event time
        variance = float(np.sum(beyond**2 * _greenwood_terms(self.at_risk, self.events, 0.0)[kept]))
        mean, error = float(areas.sum()), float(np.sqrt(variance))
        z = float(ndtri(0.5 + self.level / 2))
        return Interval(mean, error, mean - z * error, mean + z * error)


@dataclass(frozen=True, slots=True, eq=False)
class CumulativeHazard:
    """A Nelson-Aalen curve: one entry per distinct time (m); ``low`` and ``high`` NaN before any event."""

    times: Array
    at_risk: Array
    events: Array
    hazard: Array
    standard_error: Array
    low: Array
    high: Array
    level: float


def kaplan_meier(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    *,
    weights: npt.ArrayLike | None = None,
    entry: npt.ArrayLike | None = None,
    level: float = 0.95,
    transform: Transform = "log",
    variance: Literal["greenwood", "robust"] = "greenwood",
) -> SurvivalCurve:
    """Estimate survival by the product-limit method (Kaplan and Meier 1958).

    Parameters
    ----------
    time
        Time of event or censoring, per person (n,), not below 0.
    event
        True or 1 if the event happened, False or 0 if censored (n,).
    weights
        Positive weights (n,). With ``greenwood`` they are counts of persons like this one; weights of any
        other meaning (inverse probability) need ``robust``.
    entry
        Time from which the person was under observation (n,), before ``time``; None: from 0.
    level
        Of the pointwise interval.
    transform
        Scale of the interval: see ``risk_sets.limits``.
    variance
        ``greenwood`` (Greenwood 1926) or ``robust``, the infinitesimal jackknife with each row a person.

    Returns
    -------
    SurvivalCurve
        Equal to R ``survival::survfit``. Events come before censorings of the same time; times closer than
        1.5e-8 (absolute, or relative to the mean time) are one time.

    Raises
    ------
    ValueError
        If lengths differ, a value is missing or out of range, or a choice is unknown.
    """
    sets = risk_sets(time, binary(event), weights=weights, entry=entry, causes=1)
    survival = sets.event_free()
    if variance == "greenwood":
        error = _greenwood(sets, survival)
    elif variance == "robust":
        error = incidence_error(sets)[:, 0]
    else:
        raise ValueError(f"variance is {variance!r}; it must be 'greenwood' or 'robust'.")
    low, high = limits(survival, error, level, transform)
    events = sets.events[:, 0]
    return SurvivalCurve(
        sets.times, sets.at_risk, events, sets.censored, survival, error, low, high, level, transform
    )


def nelson_aalen(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    *,
    weights: npt.ArrayLike | None = None,
    entry: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> CumulativeHazard:
    """Estimate the cumulative hazard: sum of d / Y; Aalen's variance, sum of d / Y² (Aalen 1978).

    Parameters and errors are those of ``kaplan_meier``. The interval is symmetrical on the log scale. Equal
    to ``cumhaz`` and ``std.chaz`` of R ``survfit``.
    """
    sets = risk_sets(time, binary(event), weights=weights, entry=entry, causes=1)
    events = sets.events[:, 0]
    hazard = np.cumsum(events / sets.at_risk)
    error = np.sqrt(np.cumsum(events / sets.at_risk**2))
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; it must lie between 0 and 1, for example 0.95.")
    factor = np.full_like(hazard, np.nan)
    begun = hazard > 0
    factor[begun] = np.exp(float(ndtri(0.5 + level / 2)) * error[begun] / hazard[begun])
    return CumulativeHazard(
        sets.times, sets.at_risk, events, hazard, error, hazard / factor, hazard * factor, level
    )


def binary(event: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return events as 0 and 1; refuse any other value."""
    values = np.asarray(event, dtype=np.float64)
    bad = (values != 0) & (values != 1)
    if bad.any():
        place = int(np.argmax(bad))
        raise ValueError(f"event[{place}] is {values.flat[place]}; it must be 0 (censored) or 1 (event).")
    return values


def _greenwood_terms(at_risk: Array, events: Array, when_all_fail: float) -> Array:
    """Return d / (Y (Y - d)) at each time; ``when_all_fail`` where nobody is left."""
    terms = np.full_like(at_risk, when_all_fail)
    np.divide(events, at_risk * (at_risk - events), out=terms, where=at_risk > events)
    return terms


def _greenwood(sets: RiskSets, survival: Array) -> Array:
    """Return Greenwood's standard error of the survival; NaN where the survival is 0."""
    alive = survival > 0
    error = np.full_like(survival, np.nan)
    terms = np.zeros_like(survival)
    terms[alive] = sets.events[alive, 0] / (sets.at_risk[alive] * sets.survivors[alive])
    error[alive] = survival[alive] * np.sqrt(np.cumsum(terms)[alive])
    return error


def _first_below(times: Array, curve: Array, height: float) -> float:
    """Return the first time the curve is at or below a height; the middle of a flat part at that height."""
    known = ~np.isnan(curve)
    reached = np.flatnonzero(known & (curve < height + HALF_TOLERANCE))
    if reached.size == 0:
        return float("nan")
    start = reached[0]
    lower = reached[curve[reached] < curve[start]]
    if abs(curve[start] - height) < HALF_TOLERANCE and lower.size:
        return float(times[start] + times[lower[0]]) / 2
    return float(times[start])
