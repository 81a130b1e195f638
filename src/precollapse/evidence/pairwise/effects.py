"""Effect sizes and their sampling variances from what studies report of their arms.

Every function takes arrays with one entry per study (arm 1 is the treated arm, arm 0 its comparator) and
returns two arrays of the same shape: the estimate and its variance. Nothing is corrected in secret: where a
cell of a table is zero and the estimate or its variance does not exist, both are NaN. With ``add`` the given
amount is added to every cell of those tables that have a zero, as ``escalc`` of the R package metafor does
by default with ``add=1/2``; models for sparse events in ``sparse`` need no such correction.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import poch

from precollapse.evidence.pairwise.arms import (
    Effect,
    add_to_zero_tables,
    arrays,
    check_arm,
    continuous_arms,
    existing,
    refuse,
    table_cells,
)


def log_risk_ratio(
    events_1: npt.ArrayLike,
    n_1: npt.ArrayLike,
    events_0: npt.ArrayLike,
    n_0: npt.ArrayLike,
    *,
    add: float | None = None,
) -> Effect:
    """Return the log risk ratio of two arms.

    Parameters
    ----------
    events_1, n_1, events_0, n_0
        Numbers of events and of people; shape (studies,).
    add
        Amount added to all four cells of the tables with a zero cell; None corrects nothing.

    Returns
    -------
    tuple of arrays
        Estimate and variance ``1/a - 1/n_1 + 1/c - 1/n_0``, NaN where no variance above zero exists.

    Raises
    ------
    ValueError
        If a count is negative, not finite or larger than its arm, or an arm is empty.

    Notes
    -----
    Deeks, Higgins, Altman: Cochrane Handbook for Systematic Reviews of Interventions, chapter 10.
    """
    a, b, c, d = table_cells(events_1, n_1, events_0, n_0, add)
    return existing(
        lambda: np.log(a) - np.log(a + b) - np.log(c) + np.log(c + d),
        lambda: 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d),
    )


def log_odds_ratio(
    events_1: npt.ArrayLike,
    n_1: npt.ArrayLike,
    events_0: npt.ArrayLike,
    n_0: npt.ArrayLike,
    *,
    add: float | None = None,
) -> Effect:
    """Return the log odds ratio of two arms with Woolf's variance.

    Parameters
    ----------
    events_1, n_1, events_0, n_0
        Numbers of events and of people; shape (studies,).
    add
        Amount added to all four cells of the tables with a zero cell; None corrects nothing.

    Returns
    -------
    tuple of arrays
        Estimate and variance ``1/a + 1/b + 1/c + 1/d``, NaN where a cell is zero.

    Raises
    ------
    ValueError
        If a count is negative, not finite or larger than its arm, or an arm is empty.

    Notes
    -----
    Woolf, Annals of Human Genetics 1955;19:251-253.
    """
    a, b, c, d = table_cells(events_1, n_1, events_0, n_0, add)
    return existing(
        lambda: np.log(a) - np.log(b) - np.log(c) + np.log(d),
        lambda: 1 / a + 1 / b + 1 / c + 1 / d,
    )


def risk_difference(
    events_1: npt.ArrayLike,
    n_1: npt.ArrayLike,
    events_0: npt.ArrayLike,
    n_0: npt.ArrayLike,
    *,
    add: float | None = None,
) -> Effect:
    """Return the risk difference of two arms.

    Parameters
    ----------
    events_1, n_1, events_0, n_0
        Numbers of events and of people; shape (studies,).
    add
        Amount added to all four cells of the tables with a zero cell; None corrects nothing.

    Returns
    -------
    tuple of arrays
        Estimate and variance ``p(1-p)/n`` summed over the arms. An arm in which none or all had the event
        adds nothing to this variance, which is then too small; where that holds of both arms both are NaN.

    Raises
    ------
    ValueError
        If a count is negative, not finite or larger than its arm, or an arm is empty.
    """
    a, b, c, d = table_cells(events_1, n_1, events_0, n_0, add)
    return existing(
        lambda: a / (a + b) - c / (c + d),
        lambda: a * b / (a + b) ** 3 + c * d / (c + d) ** 3,
    )


def cloglog_incidence(incidence: npt.ArrayLike, n: npt.ArrayLike) -> Effect:
    """Return the complementary log-log of a cumulative incidence, ``log(-log(1 - p))``.

    Parameters
    ----------
    incidence
        Cumulative incidence, between 0 and 1; shape (studies,).
    n
        Number of people, or the effective number where some were lost before the horizon.

    Returns
    -------
    tuple of arrays
        Estimate and delta-method variance ``p / (n (1-p) log(1-p)^2)``, NaN where the incidence is 0 or 1.

    Raises
    ------
    ValueError
        If an incidence lies outside 0 to 1 or a number of people is not above zero.
    """
    p, people = arrays(incidence=incidence, n=n)
    refuse((p < 0) | (p > 1), "incidence", p, "must lie between 0 and 1; give a share, not a percentage")
    refuse(people <= 0, "n", people, "must be above 0; leave empty arms out")
    return existing(
        lambda: np.log(-np.log1p(-p)),
        lambda: p / (people * (1 - p) * np.log1p(-p) ** 2),
    )


def log_hazard_ratio(
    incidence_1: npt.ArrayLike, n_1: npt.ArrayLike, incidence_0: npt.ArrayLike, n_0: npt.ArrayLike
) -> Effect:
    """Return the log hazard ratio of two arms from their cumulative incidences at the same horizon.

    If hazards are proportional, ``log(-log S)`` of the arms differs by the log hazard ratio at every horizon.

    Parameters
    ----------
    incidence_1, incidence_0
        Cumulative incidence of each arm, between 0 and 1; shape (studies,).
    n_1, n_0
        Number of people in each arm, or the effective number where some were lost before the horizon.

    Returns
    -------
    tuple of arrays
        Estimate ``cloglog(p_1) - cloglog(p_0)`` and the sum of the arms' variances, NaN where an incidence is
        0 or 1.

    Raises
    ------
    ValueError
        If an incidence lies outside 0 to 1 or a number of people is not above zero.

    Notes
    -----
    The link is that of NICE DSU Technical Support Document 2 (Dias, Welton, Sutton, Ades 2011) for events by
    a horizon; the variance is that of two binomial shares by the delta method.
    """
    p_1, people_1, p_0, people_0 = arrays(incidence_1=incidence_1, n_1=n_1, incidence_0=incidence_0, n_0=n_0)
    treated, treated_variance = cloglog_incidence(p_1, people_1)
    control, control_variance = cloglog_incidence(p_0, people_0)
    return treated - control, treated_variance + control_variance


def logit_proportion(events: npt.ArrayLike, n: npt.ArrayLike, *, add: float | None = None) -> Effect:
    """Return the log odds of a proportion.

    Parameters
    ----------
    events, n
        Numbers of events and of people; shape (studies,).
    add
        Amount added to events and to non-events where one of them is zero; None corrects nothing.

    Returns
    -------
    tuple of arrays
        Estimate and variance ``1/x + 1/(n-x)``, NaN where none or all had the event.

    Raises
    ------
    ValueError
        If a count is negative, not finite or larger than its arm, or an arm is empty.
    """
    x, people = arrays(events=events, n=n)
    check_arm(x, people, "events", "n")
    x, rest = add_to_zero_tables([x, people - x], add)
    return existing(lambda: np.log(x) - np.log(rest), lambda: 1 / x + 1 / rest)


def log_rate(events: npt.ArrayLike, person_time: npt.ArrayLike, *, add: float | None = None) -> Effect:
    """Return the log of an event rate.

    Parameters
    ----------
    events
        Number of events; shape (studies,).
    person_time
        Time at risk summed over people; the rate is per its unit.
    add
        Amount added to the events where they are zero; None corrects nothing.

    Returns
    -------
    tuple of arrays
        Estimate and variance ``1/x``, NaN without events.

    Raises
    ------
    ValueError
        If events are negative or not finite, or a time is not above zero.
    """
    x, time = arrays(events=events, person_time=person_time)
    refuse(x < 0, "events", x, "must not be negative; check the extraction")
    refuse(time <= 0, "person_time", time, "must be above 0; leave arms without follow-up out")
    (x,) = add_to_zero_tables([x], add)
    return existing(lambda: np.log(x) - np.log(time), lambda: 1 / x)


def mean_difference(
    mean_1: npt.ArrayLike,
    sd_1: npt.ArrayLike,
    n_1: npt.ArrayLike,
    mean_0: npt.ArrayLike,
    sd_0: npt.ArrayLike,
    n_0: npt.ArrayLike,
) -> Effect:
    """Return the difference of two means, variances not assumed equal.

    Parameters
    ----------
    mean_1, sd_1, n_1, mean_0, sd_0, n_0
        Mean, standard deviation and number of people of each arm; shape (studies,). Units of the measurement.

    Returns
    -------
    tuple of arrays
        Estimate and variance ``sd_1^2/n_1 + sd_0^2/n_0``, NaN where both standard deviations are zero.

    Raises
    ------
    ValueError
        If a standard deviation is negative, an arm is empty or a value is not finite.
    """
    m_1, s_1, k_1, m_0, s_0, k_0 = continuous_arms(mean_1, sd_1, n_1, mean_0, sd_0, n_0)
    return existing(lambda: m_1 - m_0, lambda: s_1**2 / k_1 + s_0**2 / k_0)


def standardised_mean_difference(
    mean_1: npt.ArrayLike,
    sd_1: npt.ArrayLike,
    n_1: npt.ArrayLike,
    mean_0: npt.ArrayLike,
    sd_0: npt.ArrayLike,
    n_0: npt.ArrayLike,
) -> Effect:
    """Return Hedges' g, the difference of two means in pooled standard deviations without small-sample bias.

    Parameters
    ----------
    mean_1, sd_1, n_1, mean_0, sd_0, n_0
        Mean, standard deviation and number of people of each arm; shape (studies,).

    Returns
    -------
    tuple of arrays
        Estimate ``J d`` with the exact factor J (gamma functions) and its large-sample variance
        ``1/n_1 + 1/n_0 + g^2 / (2 (n_1 + n_0))``; NaN where no pooled standard deviation above zero exists.

    Raises
    ------
    ValueError
        If a standard deviation is negative, an arm is empty or a value is not finite.

    Notes
    -----
    Hedges, Journal of Educational Statistics 1981;6:107-128; variance as ``escalc(measure="SMD")``.
    """
    m_1, s_1, k_1, m_0, s_0, k_0 = continuous_arms(mean_1, sd_1, n_1, mean_0, sd_0, n_0)
    freedom = k_1 + k_0 - 2
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled_sd = np.sqrt(((k_1 - 1) * s_1**2 + (k_0 - 1) * s_0**2) / freedom)
        unbiased = poch((freedom - 1) / 2, 0.5) / np.sqrt(freedom / 2)
        g = np.where(freedom > 1, unbiased * (m_1 - m_0) / pooled_sd, np.nan)
    return existing(lambda: g, lambda: 1 / k_1 + 1 / k_0 + g**2 / (2 * (k_1 + k_0)))
