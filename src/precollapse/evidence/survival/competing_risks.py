"""Cumulative incidence with competing risks (Aalen-Johansen), equal to the multi-state fit of R ``survival``.

One minus Kaplan-Meier of one cause treats the other causes as censoring and is too high; this is not. Tests
and regression between groups are not here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from precollapse.evidence.survival.influence import incidence_error
from precollapse.evidence.survival.risk_sets import Array, Transform, limits, risk_sets, step_places


@dataclass(frozen=True, slots=True, eq=False)
class IncidenceAt:
    """Incidence of every cause at asked times: arrays (k, causes). NaN beyond the last time of anybody."""

    times: Array
    incidence: Array
    standard_error: Array
    low: Array
    high: Array


@dataclass(frozen=True, slots=True, eq=False)
class CumulativeIncidence:
    """Incidence of each cause: one row per distinct time (m), one column per cause (k).

    ``survival`` (m,) is the share without any event; it and the incidences sum to 1. ``low`` and ``high`` (m,
    k) are pointwise and NaN where the transform has no value (``log`` before the first event of the cause).
    """

    times: Array
    at_risk: Array
    events: Array
    censored: Array
    survival: Array
    incidence: Array
    standard_error: Array
    low: Array
    high: Array
    causes: tuple[int, ...]
    level: float
    transform: Transform

    def at(self, times: npt.ArrayLike) -> IncidenceAt:
        """Read the curves at given times (k,): 0 before the first time, NaN beyond the last one.

        Beyond the last time the values are known only if nobody was left without event.
        """
        places, beyond = step_places(self.times, times)
        unknown = beyond & (self.survival[-1] > 0)

        def read(values: Array) -> Array:
            found = np.concatenate([np.zeros((1, values.shape[1])), values])[places]
            found[unknown] = np.nan
            return found

        asked = np.atleast_1d(np.asarray(times, dtype=np.float64))
        return IncidenceAt(
            asked, read(self.incidence), read(self.standard_error), read(self.low), read(self.high)
        )


def cumulative_incidence(
    time: npt.ArrayLike,
    cause: npt.ArrayLike,
    *,
    weights: npt.ArrayLike | None = None,
    entry: npt.ArrayLike | None = None,
    level: float = 0.95,
    transform: Transform = "log",
) -> CumulativeIncidence:
    """Estimate the cumulative incidence of each cause (Aalen and Johansen 1978).

    Parameters
    ----------
    time
        Time of the first event or of censoring, per person (n,), not below 0.
    cause
        0 for censored, otherwise a whole number above 0 that names the cause (n,).
    weights
        Positive weights (n,), of any meaning: the standard error is robust.
    entry
        Time from which the person was under observation (n,), before ``time``; None: from 0.
    level, transform
        Of the pointwise interval: see ``risk_sets.limits``.

    Returns
    -------
    CumulativeIncidence
        Columns in rising order of the causes' numbers. The standard error is the infinitesimal jackknife,
        each row a person: ``std.err`` of R ``survfit`` for multi-state data. For whole
        persons without late entry it equals the Greenwood-type variance of Andersen, Borgan, Gill and Keiding
        (1993); that of ``cmprsk`` is another. ``at_risk`` and ``events`` are sums of weights.

    Raises
    ------
    ValueError
        If lengths differ, a value is missing or out of range, or nobody had an event.
    """
    codes = np.asarray(cause, dtype=np.float64)
    bad = ~np.isfinite(codes) | (codes < 0) | (codes != np.floor(codes))
    if bad.any():
        place = int(np.argmax(bad))
        raise ValueError(
            f"cause[{place}] is {codes.flat[place]}; it must be 0 (censored) or a whole number above 0."
        )
    names = np.unique(codes[codes > 0])
    if names.size == 0:
        raise ValueError("cause holds no event; incidences cannot be told apart. At least one is needed.")
    numbers = np.where(codes > 0, np.searchsorted(names, codes) + 1, 0)
    sets = risk_sets(time, numbers, weights=weights, entry=entry, causes=names.size)
    incidence = sets.incidence()
    error = incidence_error(sets)
    low, high = limits(incidence, error, level, transform)
    return CumulativeIncidence(
        times=sets.times,
        at_risk=sets.at_risk,
        events=sets.events,
        censored=sets.censored,
        survival=sets.event_free(),
        incidence=incidence,
        standard_error=error,
        low=low,
        high=high,
        causes=tuple(int(name) for name in names),
        level=level,
        transform=transform,
    )
