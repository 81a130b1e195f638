"""How many persons a published survival probability is worth: effective numbers at risk and of events.

For pooling studies of which only points of the curve are printed. The number is never guessed: it comes from
a standard error, an interval, the number at risk, or a number of persons with a stated share of them
followed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import logit, ndtri

from precollapse.evidence.survival.risk_sets import Array

IntervalScale = Literal["plain", "log", "log-log", "logit"]


@dataclass(frozen=True, slots=True, eq=False)
class EffectiveNumbers:
    """What each of k published points is worth: arrays (k,).

    ``persons`` persons without censoring, ``events`` of whom had the event by the horizon, would give the
    survival with this ``standard_error``. Neither number is whole. ``more_than_n`` marks points that claim
    more persons than the study had (beyond one hundredth): a misprint, much rounding, or an interval of
    another kind.
    """

    survival: Array
    persons: Array
    events: Array
    standard_error: Array
    more_than_n: npt.NDArray[np.bool_]


def numbers_from_survival(
    survival_points: npt.ArrayLike,
    n: npt.ArrayLike | None = None,
    *,
    standard_error: npt.ArrayLike | None = None,
    at_risk: npt.ArrayLike | None = None,
    followed: npt.ArrayLike | None = None,
) -> EffectiveNumbers:
    """Return the effective numbers behind published survival probabilities.

    Exactly one of three things says how precise a point is:

    - ``standard_error``: persons = S (1 - S) / SE², the effective sample size of Cutler and Ederer (1958).
    - ``at_risk``, the number still under observation at the horizon: persons = at_risk / S, which gives the
      standard error S √((1 - S) / at_risk) of Peto and others (1977). Cautious.
    - ``followed`` with ``n``: persons = n · followed. ``followed`` is the share of the n persons who were
      followed until the event or the horizon. 1 says that nobody was lost before: an upper bound for what the
      study is worth, hence the narrowest interval.

    Parameters
    ----------
    survival_points
        Survival probabilities S, 0 to 1, shape (k,).
    n
        Persons at the start, (k,) or one number. Needed with ``followed``; otherwise only for
        ``more_than_n``.
    standard_error, at_risk, followed
        As above, (k,) or one number.

    Returns
    -------
    EffectiveNumbers
        Persons, events = persons · (1 - S), and the standard error √(S (1 - S) / persons).

    Raises
    ------
    ValueError
        If not exactly one of the three is given, a value is out of range, or the formula has no value: a
        standard error at S of 0 or 1, a number at risk at S = 0.
    """
    survival = _within("survival_points", survival_points, None, 0.0, 1.0)
    total = None if n is None else _within("n", n, survival.shape, 0.0, np.inf)
    given = {"standard_error": standard_error, "at_risk": at_risk, "followed": followed}
    names = [name for name, value in given.items() if value is not None]
    if len(names) != 1:
        raise ValueError(
            f"given: {', '.join(names) or 'nothing'}; how precise is the survival? "
            f"give exactly one of {', '.join(given)}."
        )
    if standard_error is not None:
        error = _within("standard_error", standard_error, survival.shape, 0.0, 1.0)
        _refuse_edges(survival, ((survival == 0) | (survival == 1)), "standard_error", "n and followed")
        _refuse_edges(error, error == 0, "standard_error", "n and followed")
        persons = survival * (1 - survival) / error**2
    elif at_risk is not None:
        left = _within("at_risk", at_risk, survival.shape, 0.0, np.inf)
        _refuse_edges(survival, survival == 0, "at_risk", "n and followed")
        _refuse_edges(left, left == 0, "at_risk", "n and followed")
        persons = left / survival
    else:
        share = _within("followed", followed, survival.shape, 0.0, 1.0)
        _refuse_edges(share, share == 0, "followed", "a share above 0")
        if total is None:
            raise ValueError("followed is a share of n; give n as well.")
        persons = total * share
    if (persons <= 0).any():
        raise ValueError("n must be above 0 at every point; leave points without persons out.")
    return EffectiveNumbers(
        survival=survival,
        persons=persons,
        events=persons * (1 - survival),
        standard_error=np.sqrt(survival * (1 - survival) / persons),
        more_than_n=np.zeros(survival.shape, dtype=bool) if total is None else persons > 1.01 * total,
    )


def standard_error_from_interval(
    survival_points: npt.ArrayLike,
    low: npt.ArrayLike,
    high: npt.ArrayLike,
    *,
    scale: IntervalScale,
    level: float = 0.95,
) -> Array:
    """Return the standard error (k,) of survival from its published interval.

    The half-width is taken on the scale on which the interval was made, and brought back by the delta method:
    with z the normal quantile of ``level``,

    - ``plain``: (high - low) / 2z
    - ``log``: S · (ln high - ln low) / 2z, the default of R
    - ``log-log``: S |ln S| · (ln(-ln low) - ln(-ln high)) / 2z, the default of Stata and SAS
    - ``logit``: S (1 - S) · (logit high - logit low) / 2z

    Limits read to two digits can move the result by a tenth or more where the interval is narrow.

    Raises
    ------
    ValueError
        Unless 0 < low < high < 1 and low <= S <= high: a limit at 0 or 1 may have been cut there, and then
        the width says nothing. Give the standard error of the other side by hand, or another measure of
        precision.
    """
    survival = _within("survival_points", survival_points, None, 0.0, 1.0)
    lower = _within("low", low, survival.shape, 0.0, 1.0)
    upper = _within("high", high, survival.shape, 0.0, 1.0)
    wrong = ~((lower > 0) & (lower < upper) & (upper < 1) & (lower <= survival) & (survival <= upper))
    if wrong.any():
        i = int(np.argmax(wrong))
        raise ValueError(
            f"survival_points[{i}] is {survival[i]} with interval {lower[i]} to {upper[i]}; needed is "
            "0 < low <= survival <= high < 1. A limit at 0 or 1 may be cut: use n and followed, or at_risk."
        )
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; it must lie between 0 and 1, for example 0.95.")
    z = float(ndtri(0.5 + level / 2))
    if scale == "plain":
        width = upper - lower
    elif scale == "log":
        width = survival * np.log(upper / lower)
    elif scale == "log-log":
        width = -survival * np.log(survival) * np.log(np.log(lower) / np.log(upper))
    elif scale == "logit":
        width = survival * (1 - survival) * (logit(upper) - logit(lower))
    else:
        raise ValueError(f"scale is {scale!r}; it must be 'plain', 'log', 'log-log' or 'logit'.")
    return np.asarray(width / (2 * z), dtype=np.float64)


def _within(
    name: str, values: npt.ArrayLike | None, shape: tuple[int, ...] | None, least: float, most: float
) -> Array:
    """Return values as an array of the shape (k,), all finite and within the limits."""
    array = np.atleast_1d(np.asarray(values, dtype=np.float64))
    if shape is not None and array.shape not in ((1,), shape):
        raise ValueError(f"{name} has shape {array.shape}; give one number, or one per point {shape}.")
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"{name} has shape {array.shape}; give at least one number, in one list.")
    bad = ~np.isfinite(array) | (array < least) | (array > most)
    if bad.any():
        i = int(np.argmax(bad))
        raise ValueError(f"{name}[{i}] is {array[i]}; it must be finite and from {least:g} to {most:g}.")
    return array if shape is None else np.broadcast_to(array, shape).copy()


def _refuse_edges(values: Array, bad: npt.NDArray[np.bool_], given: str, instead: str) -> None:
    """Refuse points at which the formula has no value."""
    if bad.any():
        i = int(np.argmax(bad))
        raise ValueError(f"point {i}: {given} says nothing where the value is {values[i]}; give {instead}.")
