"""Exact confidence intervals of a single proportion and a single rate."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv, gammainccinv, gammaincinv

from precollapse.evidence.pairwise.arms import Floats, arrays, check_arm, refuse


def clopper_pearson(events: npt.ArrayLike, n: npt.ArrayLike, *, level: float = 0.95) -> tuple[Floats, Floats]:
    """Return the exact binomial interval, which covers at least as often as it says.

    Parameters
    ----------
    events, n
        Numbers of events and of people; any one shape.
    level
        Coverage, between 0 and 1.

    Returns
    -------
    tuple of arrays
        Low and high as shares; low is 0 without events, high is 1 if all had the event.

    Raises
    ------
    ValueError
        If a count is negative or larger than the number of people, or the level is not between 0 and 1.

    Notes
    -----
    Clopper and Pearson, Biometrika 1934;26:404-413, by quantiles of the beta distribution.
    """
    x, people = arrays(events=events, n=n)
    check_arm(x, people, "events", "n")
    tail = _tail(level)
    rest = people - x
    some, left = np.maximum(x, 1), np.maximum(rest, 1)
    low = np.where(x > 0, betaincinv(some, rest + 1, tail), 0.0)
    high = np.where(rest > 0, betaincinv(x + 1, left, 1 - tail), 1.0)
    return low, high


def exact_poisson(
    events: npt.ArrayLike, person_time: npt.ArrayLike, *, level: float = 0.95
) -> tuple[Floats, Floats]:
    """Return the exact interval of a Poisson rate, which covers at least as often as it says.

    Parameters
    ----------
    events
        Number of events; any one shape.
    person_time
        Time at risk; the rate is per its unit.
    level
        Coverage, between 0 and 1.

    Returns
    -------
    tuple of arrays
        Low and high; low is 0 without events.

    Raises
    ------
    ValueError
        If events are negative, a time is not above zero, or the level is not between 0 and 1.

    Notes
    -----
    Garwood, Biometrika 1936;28:437-442, by quantiles of the gamma distribution.
    """
    x, time = arrays(events=events, person_time=person_time)
    refuse(x < 0, "events", x, "must not be negative; check the extraction")
    refuse(time <= 0, "person_time", time, "must be above 0; leave arms without follow-up out")
    tail = _tail(level)
    low = np.where(x > 0, gammaincinv(np.maximum(x, 1), tail), 0.0)
    return low / time, gammainccinv(x + 1, tail) / time


def _tail(level: float) -> float:
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; it must lie between 0 and 1, such as 0.95")
    return (1 - level) / 2
