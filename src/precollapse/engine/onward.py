"""The same chain as ``multistate.py`` where only its first steps differ from hip to hip and option to option.

Whoever has no lesion, or one before collapse, goes one way: to a lesion, to collapse. What follows collapse
is the same for every hip and option, draw by draw, so its matrices are computed once (``Later``). How many
stand in each later state at the end of a step is then an integral over the moment of collapse, of how many
collapse at that moment times how they go on:

    into state j = ∫ λ p(s) P_j(step - s) ds,    p(s): share of those who stand before collapse at s

Both are exponentials, and Gauss-Legendre quadrature with ``NODES`` nodes is exact to rounding: the largest
hazards a forecast allows leave 1e-14 (the remainder is c**(2n) (n!)**4 / ((2n + 1) (2n)!**3) for exp(c s)).
A test holds the result against ``multistate.occupancy``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from precollapse.engine.multistate import Chain, advance, ends_of_pieces, transition_probabilities

Array = npt.NDArray[np.float64]

NODES = 20
# Steps of Newton's method: three give all digits.
_NEWTON = 5
# The first two states; those from the third on are the later ones.
FIRST, SECOND = 0, 1
EARLY = 2


@dataclass(frozen=True, slots=True)
class Later:
    """What becomes of those who have reached the third state or a later one, draw by draw.

    Attributes
    ----------
    step_years
        Length of a step in years.
    matrix
        From where to where in one step (later states, later states, draws).
    moments
        Moments of a step in years (nodes).
    entered
        Share of those who enter the third state at a moment that stand in each later state at the end of the
        step, times the weight of the moment (nodes, later states, draws).
    """

    step_years: float
    matrix: Array
    moments: Array
    entered: Array


def later_states(chain: Chain, hazards: Array, step_years: float) -> Later:
    """Prepare the later states of a chain.

    Parameters
    ----------
    chain
        S states of which the first leads to the second only, and the second to the third only.
    hazards
        Hazard per year of every transition (T, draws); those of the first two states are not used.
    step_years
        Length of a step in years.
    """
    later, kept = chain.later(EARLY)
    places, weights = _gauss_legendre(NODES)
    moments = places * step_years
    left = np.append(step_years - moments, step_years) / step_years
    # Less time is a smaller hazard over the same time: all moments are one call.
    found = transition_probabilities(later, hazards[kept][:, None] * left[:, None], step_years)
    entered = found[0, :, :-1].transpose(1, 0, 2) * (weights * step_years)[:, None, None]
    return Later(step_years, found[:, :, -1].copy(), moments, np.ascontiguousarray(entered))


def _gauss_legendre(nodes: int) -> tuple[Array, Array]:
    """Return places and weights of the quadrature between 0 and 1, by Newton's method.

    NumPy has the same, but loads for it what would take longer than the forecast itself.
    """
    x = np.cos(np.pi * (np.arange(nodes) + 0.75) / (nodes + 0.5))
    for _ in range(_NEWTON):
        before, value = np.ones(nodes), x
        for degree in range(2, nodes + 1):
            before, value = value, ((2 * degree - 1) * x * value - (degree - 1) * before) / degree
        slope = nodes * (x * value - before) / (x * x - 1)
        x = x - value / slope
    return (x + 1) / 2, 1 / ((1 - x * x) * slope * slope)


def occupancy_before(
    later: Later, start: Array, onset: Array, collapse: Array, breaks_years: Sequence[float], steps: int
) -> Array:
    """Return the probability of being in each state at the start and after every step.

    Parameters
    ----------
    later
        What follows the first two states.
    start
        Probability of the first and of the second state at year 0 (2, draws); nobody stands further on.
    onset
        Hazard of the first transition in every piece of time, per year (pieces, draws).
    collapse
        Hazard of the second (pieces, options, draws).
    breaks_years
        Years since the start at which the next piece begins; see ``multistate.occupancy``.
    steps
        Number of steps N.

    Returns
    -------
    ndarray
        (N + 1, S, options, draws), as ``multistate.occupancy`` gives it.
    """
    states, (options, draws) = EARLY + len(later.matrix), collapse.shape[1:]
    result = np.zeros((steps + 1, states, options * draws))
    result[0, :EARLY] = np.tile(start, options)
    first = FIRST if start[FIRST].any() else SECOND
    matrix = np.zeros((states, states, options, draws))
    matrix[EARLY:, EARLY:] = later.matrix[:, :, None]
    flat = matrix.reshape(states, states, -1)[first:, first:]
    step = 0
    ends = ends_of_pieces(breaks_years, len(collapse), later.step_years, steps)
    for lesion, hazard, end in zip(onset, collapse, ends, strict=True):
        if step < end:
            _fill(matrix, later, lesion if first == FIRST else None, hazard)
            advance(result[step : end + 1, first:], flat)
            step = end
    return result.reshape(steps + 1, states, options, draws)


def _fill(matrix: Array, later: Later, onset: Array | None, collapse: Array) -> None:
    """Write how those in the first two states stand one step on (S, S, options, draws)."""
    years = later.step_years
    moments = later.moments[:, None, None]
    staying = np.exp(-moments * collapse)
    matrix[SECOND, SECOND] = np.exp(-years * collapse)
    np.einsum("kod,kjd->jod", staying * collapse, later.entered, out=matrix[SECOND, EARLY:])
    if onset is not None:
        arrived = onset * moments * staying * _mean_exponential((collapse - onset) * moments)
        matrix[FIRST, FIRST] = np.exp(-years * onset)
        matrix[FIRST, SECOND] = (
            onset * years * matrix[SECOND, SECOND] * _mean_exponential((collapse - onset) * years)
        )
        np.einsum("kod,kjd->jod", arrived * collapse, later.entered, out=matrix[FIRST, EARLY:])


def _mean_exponential(x: Array) -> Array:
    """Return the mean of exp between 0 and x, also where x is 0."""
    whole = np.expm1(x)
    return np.divide(whole, x, out=np.ones_like(x), where=x != 0)
