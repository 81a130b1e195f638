"""Who was at risk and what happened at each time: the counts below every survival estimator of this library.

Not for users: ``survival``, ``competing_risks`` and ``log_rank`` call it. All of it is sorting and cumulative
sums; no loop over persons.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Transform = Literal["log", "log-log", "plain"]

TIE_TOLERANCE = float(np.sqrt(np.finfo(np.float64).eps))
"""Times closer than this (absolute, or relative to the mean time) are one time: ``timefix`` of R."""


@dataclass(frozen=True, slots=True, eq=False)
class RiskSets:
    """Counts at each of m distinct times of leaving, and where each of n persons comes and goes.

    ``at_risk``, ``censored`` (m,) and ``events`` (m, causes) are sums of weights. ``survivors`` (m,) is who
    is left of those at risk when the events of that time have happened; it is exactly 0 when nobody is. Per
    person, in sorted order: ``first`` and ``last``, the first and last of the m times at which the person is
    at risk; ``cause``, 0 for censored; ``weights``.
    """

    times: Array
    at_risk: Array
    events: Array
    censored: Array
    survivors: Array
    first: Indices
    last: Indices
    cause: Indices
    weights: Array

    def event_free(self) -> Array:
        """Return the product-limit share without any event from each time on (m,)."""
        return np.asarray(np.cumprod(self.survivors / self.at_risk), dtype=np.float64)

    def incidence(self) -> Array:
        """Return the Aalen-Johansen incidence of each cause from each time on (m, causes)."""
        before = np.concatenate([[1.0], self.event_free()[:-1]])
        return np.asarray(np.cumsum(before[:, None] * self.events / self.at_risk[:, None], axis=0))


def risk_sets(
    time: npt.ArrayLike,
    cause: npt.ArrayLike,
    *,
    weights: npt.ArrayLike | None,
    entry: npt.ArrayLike | None,
    causes: int,
) -> RiskSets:
    """Count who was at risk, who had an event and who was censored, at each distinct time.

    Persons are at risk after their entry, up to and including their time. Events come before censorings at
    the same time. The persons are sorted first, so the answer is the same to the last bit in any order of
    rows.

    Parameters
    ----------
    time, cause
        Time of leaving (n,), in any unit; 0 for censored or the number of the cause, 1 to ``causes`` (n,).
    weights, entry
        Positive weights (n,) and times of entry (n,), or None.
    causes
        How many causes there are.

    Raises
    ------
    ValueError
        For empty or unequal lengths, values that are not finite, negative times, weights that are not
        positive, and an entry that is not before its time.
    """
    exits = checked("time", time, None)
    codes = checked("event", cause, exits.size).astype(np.int64)
    weight = np.ones(exits.size) if weights is None else checked("weights", weights, exits.size)
    if (weight <= 0).any():
        place = int(np.argmax(weight <= 0))
        raise ValueError(f"weights[{place}] is {weight[place]}; a weight is above 0. Leave the person out.")
    entries = None if entry is None else checked("entry", entry, exits.size)
    exits, entries = merge_close_times(exits, entries)
    order = np.lexsort((weight, codes, exits) if entries is None else (entries, weight, codes, exits))
    exits, codes, weight = exits[order], codes[order], weight[order]
    times, last = np.unique(exits, return_inverse=True)
    first = np.zeros(exits.size, dtype=np.int64)
    if entries is not None:
        first = np.searchsorted(times, entries[order], side="right").astype(np.int64)
    last = last.astype(np.int64)
    m = times.size
    events = np.stack([_sums(last, weight * (codes == code), m) for code in range(1, causes + 1)], axis=1)
    censored = _sums(last, weight * (codes == 0), m)
    at_risk = _present(first, last, weight, m)
    failed = _sums(last, (codes > 0).astype(np.float64), m)
    left = _present(first, last, np.ones(exits.size), m) - failed  # whole numbers: exact
    survivors = np.where(left > 0, at_risk - events.sum(axis=1), 0.0)
    return RiskSets(times, at_risk, events, censored, survivors, first, last, codes, weight)


def checked(name: str, values: npt.ArrayLike, size: int | None) -> Array:
    """Return ``values`` as a float array (n,); refuse other shapes, no values, NaN, infinity and below 0."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"{name} has shape {array.shape}; one list with at least one value is needed.")
    if size is not None and array.size != size:
        raise ValueError(f"{name} has {array.size} values, time has {size}; give one per person.")
    bad = ~np.isfinite(array) | (array < 0)
    if bad.any():
        place = int(np.argmax(bad))
        raise ValueError(f"{name}[{place}] is {array[place]}; it must be finite and not below 0.")
    return array


def merge_close_times(exits: Array, entries: Array | None) -> tuple[Array, Array | None]:
    """Make times that differ only by rounding the same time, the smallest of each run (``aeqSurv`` of R)."""
    values = np.unique(exits if entries is None else np.concatenate([exits, entries]))
    apart = np.diff(values) > TIE_TOLERANCE * max(1.0, float(values.mean()))
    starts = values[np.concatenate([[True], apart])]
    merged = starts[np.searchsorted(starts, exits, side="right") - 1]
    if entries is None:
        return merged, None
    merged_entries = starts[np.searchsorted(starts, entries, side="right") - 1]
    if (merged_entries >= merged).any():
        place = int(np.argmax(merged_entries >= merged))
        raise ValueError(
            f"entry[{place}] is {entries[place]}, time[{place}] {exits[place]}; entry must be before time."
        )
    return merged, merged_entries


def step_places(times: Array, asked: npt.ArrayLike) -> tuple[Indices, npt.NDArray[np.bool_]]:
    """Return the number of times up to each asked time (0: before the first), and which lie beyond the last.

    An asked time that differs from a time by rounding is taken as that time.
    """
    wanted = np.atleast_1d(np.asarray(asked, dtype=np.float64))
    if wanted.ndim != 1 or not np.isfinite(wanted).all() or (wanted < 0).any():
        raise ValueError("times asked for must be one list of finite times, none below 0.")
    slack = TIE_TOLERANCE * max(1.0, float(times.mean()))
    places = np.searchsorted(times, wanted + slack, side="right")
    return places.astype(np.int64), wanted > times[-1] + slack


def limits(estimate: Array, standard_error: Array, level: float, transform: Transform) -> tuple[Array, Array]:
    """Return the pointwise interval of a probability, by the definitions of R ``survfit`` (``conf.type``).

    ``plain`` is the estimate plus or minus z standard errors, cut at 0 and 1; ``log`` is symmetrical on the
    log scale, cut at 1; ``log-log`` is symmetrical in log(-log p). Where a scale has no value (p = 0; for
    ``log-log`` also p = 1) the limits are NaN.

    Raises
    ------
    ValueError
        For a level outside 0 to 1 or an unknown transform.
    """
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; it must lie between 0 and 1, for example 0.95.")
    z = float(ndtri(0.5 + level / 2))
    if transform == "plain":
        return np.maximum(estimate - z * standard_error, 0.0), np.minimum(estimate + z * standard_error, 1.0)
    low, high = np.full_like(estimate, np.nan), np.full_like(estimate, np.nan)
    usable = estimate > 0
    if transform == "log":
        p, half = estimate[usable], z * standard_error[usable] / estimate[usable]
        low[usable], high[usable] = p * np.exp(-half), np.minimum(p * np.exp(half), 1.0)
    elif transform == "log-log":
        usable &= estimate < 1
        p, log_p = estimate[usable], np.log(estimate[usable])
        half = z * standard_error[usable] / (p * np.abs(log_p))
        low[usable], high[usable] = np.exp(log_p * np.exp(half)), np.exp(log_p * np.exp(-half))
    else:
        raise ValueError(f"transform is {transform!r}; it must be 'log', 'log-log' or 'plain'.")
    return low, high


def _sums(places: Indices, values: Array, m: int) -> Array:
    """Sum the values at each of m places."""
    return np.bincount(places, weights=values, minlength=m).astype(np.float64)


def _present(first: Indices, last: Indices, weight: Array, m: int) -> Array:
    """Return the weight at risk at each of m times: not yet gone, less not yet come."""
    leaving = np.cumsum(_sums(last, weight, m)[::-1])[::-1]
    coming = np.cumsum(_sums(first, weight, m + 1)[::-1])[::-1]
    return leaving - coming[1:]
