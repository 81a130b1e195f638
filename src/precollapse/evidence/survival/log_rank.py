"""The log-rank test of two or more groups, equal to R ``survival::survdiff``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2

from precollapse.evidence.survival.kaplan_meier import binary
from precollapse.evidence.survival.risk_sets import Array, checked, merge_close_times


@dataclass(frozen=True, slots=True, eq=False)
class LogRank:
    """Observed and expected events of each group (g,), the covariance of the differences (g, g), the test.

    ``groups`` names the groups in sorted order. ``degrees_of_freedom`` is one less than the groups that had
    anybody at risk when an event happened; the others say nothing and are left out, as in R.
    """

    groups: tuple[Any, ...]
    observed: Array
    expected: Array
    covariance: Array
    chi_squared: float
    degrees_of_freedom: int
    p_value: float


def log_rank(time: npt.ArrayLike, event: npt.ArrayLike, group: npt.ArrayLike) -> LogRank:
    """Test whether the hazards of all groups are the same (Mantel 1966; hypergeometric variance).

    Parameters
    ----------
    time, event
        As in ``kaplan_meier`` (n,); no weights, no late entry.
    group
        The group of each person (n,), numbers or text; at least two groups.

    Returns
    -------
    LogRank
        Observed and expected events, their covariance, the chi-squared statistic and its p value.

    Raises
    ------
    ValueError
        If lengths differ, a value is missing, there are fewer than two groups, nobody had an event, or the
        groups were never at risk at the same time.
    """
    exits = checked("time", time, None)
    events = checked("event", binary(event), exits.size)
    labels = np.asarray(group)
    if labels.shape != exits.shape:
        raise ValueError(f"group has shape {labels.shape}, time has {exits.shape}; give one per person.")
    names, column = np.unique(labels, return_inverse=True)
    if names.size < 2:
        raise ValueError(f"group holds only {names.tolist()}; the test needs at least two groups.")
    if not events.any():
        raise ValueError("event holds no event; there is nothing to compare.")
    exits, _ = merge_close_times(exits, None)
    at_risk, failed = _tables(exits, events, column, names.size)
    total, deaths = at_risk.sum(axis=1), failed.sum(axis=1)
    share = at_risk / total[:, None]
    expected = (share * deaths[:, None]).sum(axis=0)
    spread = np.zeros_like(total)  # with one person left the outcome of the group is certain
    np.divide(deaths * (total - deaths), total - 1, out=spread, where=total > 1)
    covariance = np.diag((spread[:, None] * share).sum(axis=0)) - share.T @ (spread[:, None] * share)
    observed = failed.sum(axis=0)
    used = np.flatnonzero(expected > 0)[1:]
    chi_squared = _statistic((observed - expected)[used], covariance[np.ix_(used, used)])
    return LogRank(
        groups=tuple(names.tolist()),
        observed=observed,
        expected=expected,
        covariance=covariance,
        chi_squared=chi_squared,
        degrees_of_freedom=used.size,
        p_value=float(chi2.sf(chi_squared, used.size)),
    )


def _tables(exits: Array, events: Array, column: npt.NDArray[np.int64], groups: int) -> tuple[Array, Array]:
    """Count at risk and events per time with an event (rows) and group (columns)."""
    times, place = np.unique(exits, return_inverse=True)
    cell = place * groups + column
    size = times.size * groups
    leaving = np.bincount(cell, minlength=size).reshape(times.size, groups)
    failed = np.bincount(cell, weights=events, minlength=size).reshape(times.size, groups)
    at_risk = np.cumsum(leaving[::-1], axis=0)[::-1].astype(np.float64)
    kept = failed.sum(axis=1) > 0
    return at_risk[kept], failed[kept]


def _statistic(difference: Array, covariance: Array) -> float:
    """Return difference' covariance⁻¹ difference; refuse a covariance without inverse."""
    if difference.size == 0 or np.linalg.matrix_rank(covariance) < difference.size:
        raise ValueError(
            "group: no event happened while different groups were at risk; they cannot be compared."
        )
    return float(difference @ np.linalg.solve(covariance, difference))
