"""Standard errors of cumulative incidence by the infinitesimal jackknife, in cumulative sums.

The influence of person i on the incidence F of a cause at time t is the derivative of F(t) in the weight of i
(Efron 1982; Therneau, Crowson and Atkinson 2024, Multi-state models in R ``survival``). The variance is the
sum of the squares of weight times influence. Not for users: ``survival`` and ``competing_risks`` call it.
"""

from __future__ import annotations

import numpy as np

from precollapse.evidence.survival.risk_sets import Array, Indices, RiskSets


def incidence_error(sets: RiskSets) -> Array:
    """Return the standard error (m, causes) of the Aalen-Johansen incidence of every cause.

    With S the event-free survival just before u, Y those at risk, d all events and dM the person's own event
    less its expectation (1/Y of the events of that time), the influence of a person at t is

        sum over u <= t of  S/Y · dM_cause(u) - (F(t) - F(u)) / (Y - d) · dM_any(u)

    which is P(t) - F(t)·Q(t) with P and Q running sums that stop when the person leaves. The sum of squares
    over persons is then made of cumulative sums of P², P·Q and Q² of those gone, and of the common running
    sums of those at risk: the cost is linear in persons and times.
    """
    before = np.concatenate([[1.0], sets.event_free()[:-1]])
    incidence = sets.incidence()
    errors = [_one_cause(sets, before, incidence[:, k], k) for k in range(incidence.shape[1])]
    return np.stack(errors, axis=1)


def _one_cause(sets: RiskSets, before: Array, incidence: Array, cause: int) -> Array:
    """Return the standard error (m,) of the incidence of one cause."""
    direct = before / sets.at_risk
    others = np.zeros_like(direct)  # nobody left: every dM of that time is 0, and so is what follows
    np.divide(1.0, sets.survivors, out=others, where=sets.survivors > 0)
    hazard = sets.events[:, cause] / sets.at_risk
    any_hazard = sets.events.sum(axis=1) / sets.at_risk
    p_falls = np.concatenate([[0.0], np.cumsum(direct * hazard + incidence * others * any_hazard)])
    q_falls = np.concatenate([[0.0], np.cumsum(others * any_hazard)])
    jump = (sets.cause == cause + 1) * direct[sets.last]
    any_jump = (sets.cause > 0) * others[sets.last]
    came_p, came_q = p_falls[sets.first], q_falls[sets.first]
    gone_p = jump + incidence[sets.last] * any_jump - (p_falls[sets.last + 1] - came_p)
    gone_q = any_jump - (q_falls[sets.last + 1] - came_q)
    squares, m = sets.weights**2, incidence.size
    total = _running(squares * gone_p**2, sets.last, m)
    total -= 2 * incidence * _running(squares * gone_p * gone_q, sets.last, m)
    total += incidence**2 * _running(squares * gone_q**2, sets.last, m)
    total += _at_risk_squares(sets, squares, p_falls[1:] - incidence * q_falls[1:], came_p, came_q, incidence)
    return np.sqrt(np.maximum(total, 0.0))  # rounding alone can make an exact 0 negative


def _at_risk_squares(
    sets: RiskSets, squares: Array, common: Array, came_p: Array, came_q: Array, incidence: Array
) -> Array:
    """Return the sum of weight² · influence² over persons still under observation after each time (m,)."""
    m = incidence.size

    def present(values: Array) -> Array:
        """Sum over persons who came before or at this time and leave later."""
        came = np.cumsum(np.bincount(sets.first, weights=values, minlength=m + 1)[: m + 1])[:m]
        return came - _running(values, sets.last, m)

    # The influence of each is -(common - came_p + F·came_q).
    mass = present(squares)
    first = present(squares * came_p) - incidence * present(squares * came_q)
    second = (
        present(squares * came_p**2)
        - 2 * incidence * present(squares * came_p * came_q)
        + incidence**2 * present(squares * came_q**2)
    )
    return common**2 * mass - 2 * common * first + second


def _running(values: Array, places: Indices, m: int) -> Array:
    """Return the sum of the values at all places up to each of m places."""
    return np.cumsum(np.bincount(places, weights=values, minlength=m)).astype(np.float64)
