"""How probable each state of an illness is as the years pass, for very many sets of hazards at once.

A progressive Markov chain in continuous time: states are numbered in the order in which they can follow
each other, nobody goes back, and hazards are constant between given years (Kalbfleisch JD, Lawless JF. The
analysis of panel data under a Markov assumption. J Am Stat Assoc 1985;80:863-871). Which state may follow
which is told by the caller; nothing here knows of any joint or treatment.

The matrix exponential of every set is exact to rounding. It is summed by uniformisation (Jensen A. Markoff
chains as an aid in the study of Markoff processes. Skand Aktuarietidskr 1953;36:87-91), a series without a
single negative term, over a small part of the step, and that part is then doubled, with the diagonal written
anew from its own exponential each time: in a triangular matrix this stops errors from doubling with it
(Al-Mohy AH, Higham NJ. A new scaling and squaring algorithm for the matrix exponential. SIAM J Matrix Anal
Appl 2009;31:970-989). The sets lie along the last axis, so that every sum is one pass over long rows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

# Terms of the series, and how many transitions are expected at most in the part of a step it is summed over:
# what is left out of the probability of one transition is below 0.125**10 / 10! = 3e-16 of it.
TERMS = 10
EXPECTED = 0.125
# More transitions expected in one step than this are a mistake of unit, not an illness.
MOST_PER_STEP = 1e6
# Sets computed at once, the quickest of those tried: long rows, yet matrices that stay near the core.
BLOCK = 6000
# How far a start may be from 1 in sum, and a border from a whole number of steps.
CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class Chain:
    """Which states there are and which may follow which.

    Attributes
    ----------
    states
        Number of states S, in the order in which they can follow each other.
    transitions
        Pairs (from, to) with from < to, in the order in which hazards are given.

    Raises
    ------
    ValueError
        For a transition that goes back, stays, names no state, or is given twice.
    """

    states: int
    transitions: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        if self.states < 1:
            raise ValueError(f"states is {self.states}: a chain has at least 1 state")
        for place, (origin, target) in enumerate(self.transitions):
            if not 0 <= origin < target < self.states:
                raise ValueError(
                    f"transitions[{place}] is ({origin}, {target}): states are numbered from 0 to "
                    f"{self.states - 1} and a transition goes to a higher number; number the states in the "
                    "order in which they follow each other"
                )
            if (origin, target) in self.transitions[:place]:
                raise ValueError(f"transitions[{place}] is ({origin}, {target}), given before: give it once")

    @property
    def origins(self) -> tuple[tuple[slice, ...], ...]:
        """Return for every state from where it is reached at once, neighbours together."""
        return tuple(
            _neighbours([origin for origin, to in self.transitions if to == state])
            for state in range(self.states)
        )

    def later(self, first: int) -> tuple[Chain, list[int]]:
        """Return the chain of the states from one on, and the numbers of the transitions between them."""
        kept = [number for number, (origin, _) in enumerate(self.transitions) if origin >= first]
        moved = tuple((self.transitions[one][0] - first, self.transitions[one][1] - first) for one in kept)
        return Chain(self.states - first, moved), kept


def occupancy(
    chain: Chain,
    start: npt.ArrayLike,
    hazards: npt.ArrayLike,
    breaks_years: Sequence[float],
    step_years: float,
    steps: int,
) -> Array:
    """Return the probability of being in each state at the start and after every step.

    Parameters
    ----------
    chain
        S states and T transitions.
    start
        Probability of each state at year 0, the same for all sets (S,) or one per set (S, *batch).
    hazards
        Hazard of every transition in every piece of time, per year (pieces, T, *batch).
    breaks_years
        Years since the start at which the next piece begins: one fewer than pieces, ascending, each a whole
        number of steps. Pieces that begin after the last step are not used.
    step_years
        Length of a step in years.
    steps
        Number of steps N, 0 or more.

    Returns
    -------
    ndarray
        (N + 1, S, *batch); every column of states sums to 1, and nothing is negative. A set's answer is the
        same, to rounding, whatever sets it is computed among.

    Raises
    ------
    ValueError
        For shapes that do not fit, hazards that are negative, not finite or so high that a million
        transitions could be expected in one step, starts that are no probabilities, and borders that do not
        fall on steps.
    """
    rates = _rates(chain, hazards, step_years, "(pieces, transitions, *batch)", 1)
    if steps < 0:
        raise ValueError(f"steps is {steps}: at least 0")
    ends = ends_of_pieces(breaks_years, len(rates), step_years, steps)
    batch = rates.shape[2:]
    at_first = _start(chain, start, batch)
    sets = math.prod(batch)
    rates = rates.reshape(*rates.shape[:2], sets)
    result = np.zeros((steps + 1, chain.states, sets))
    result[0] = at_first.reshape(chain.states, -1)
    # Nobody goes back: states before the first in which anybody starts stay empty.
    first = int(np.argmax(at_first.reshape(chain.states, -1).any(axis=1)))
    later, kept = chain.later(first)
    rates = np.ascontiguousarray(rates[:, kept])
    room = _room(later, sets)
    for begin in range(0, sets, BLOCK):
        block, step = slice(begin, begin + BLOCK), 0
        for piece, end in zip(rates, ends, strict=True):
            if step < end:
                matrix = _exponential(later, piece[:, block], step_years, room)
                advance(result[step : end + 1, first:, block], matrix)
                step = end
    return result.reshape(steps + 1, chain.states, *batch)


def transition_probabilities(chain: Chain, hazards: npt.ArrayLike, years: float) -> Array:
    """Return the probability of being in each state some years after each state, with constant hazards.

    Parameters
    ----------
    chain
        S states and T transitions.
    hazards
        Hazard of every transition per year (T, *batch).
    years
        Time between the two.

    Returns
    -------
    ndarray
        (S, S, *batch): from, to. Every row sums to 1, and nothing is negative.

    Raises
    ------
    ValueError
        As ``occupancy`` does.
    """
    rates = _rates(chain, hazards, years, "(transitions, *batch)", 0)
    batch = rates.shape[1:]
    flat = rates.reshape(len(rates), math.prod(batch))
    result = np.empty((chain.states, chain.states, flat.shape[1]))
    room = _room(chain, flat.shape[1])
    for begin in range(0, flat.shape[1], BLOCK):
        block = slice(begin, begin + BLOCK)
        result[:, :, block] = _exponential(chain, flat[:, block], years, room)
    return result.reshape(chain.states, chain.states, *batch)


def _room(chain: Chain, sets: int) -> Array:
    """Return room for four matrices of every set of a block, used again for all blocks and pieces of time.

    Asking for it anew each time costs a good part of the time of the sums.
    """
    return np.zeros((4, chain.states, chain.states, min(BLOCK, sets)))


def _exponential(chain: Chain, rates: Array, years: float, room: Array) -> Array:
    """Return the matrix exponential (S, S, n) of every set of hazards per year (T, n), in that room."""
    jumps, scratch, matrix, square = room[..., : rates.shape[1]]
    leaving = np.zeros(matrix.shape[1:])
    for rate, (origin, _) in zip(rates, chain.transitions, strict=True):
        leaving[origin] += rate
    leaving *= years
    doublings = max(0, math.frexp(leaving.max() / EXPECTED)[1])
    part = 0.5**doublings
    for rate, (origin, target) in zip(rates, chain.transitions, strict=True):
        np.multiply(rate, years * part, out=jumps[origin, target])
    _series(chain, jumps, leaving * part, matrix, scratch)
    for _ in range(doublings):
        part *= 2
        _multiply(matrix, matrix, square)
        _diagonal(square)[...] = np.exp(-part * leaving)
        matrix, square = square, matrix
    found: Array = matrix
    return found


def _series(chain: Chain, jumps: Array, leaving: Array, matrix: Array, scratch: Array) -> None:
    """Write the exponential over a short time by uniformisation, from the last term inwards.

    The series is that of the matrix of jumps with what is left to the fastest state on the diagonal; the
    diagonal of ``jumps`` itself stays zero.
    """
    fastest, origins = leaving.max(axis=0), chain.origins
    staying = fastest - leaving
    weights = [1 / math.factorial(term) for term in range(TERMS + 1)]
    np.multiply(jumps, weights[TERMS], out=matrix)
    diagonal = _diagonal(matrix)
    diagonal[...] = staying * weights[TERMS] + weights[TERMS - 1]
    for weight in reversed(weights[: TERMS - 1]):
        # From the first state to the last: its row is multiplied once all that need the old row have had it.
        for state in range(chain.states):
            row = matrix[state, state:]
            for earlier in origins[state]:
                added = scratch[earlier, state:]
                np.multiply(jumps[earlier, state, None], row, out=added)
                matrix[earlier, state:] += added
            row *= staying[state]
        diagonal += weight
    matrix *= np.exp(-fastest)
    diagonal[...] = np.exp(-leaving)


def _multiply(left: Array, right: Array, result: Array) -> None:
    """Write what lies above the diagonal of a product of triangular matrices (S, S, n)."""
    for column in range(1, len(left)):
        np.einsum(
            "ikn,kn->in",
            left[:column, : column + 1],
            right[: column + 1, column],
            out=result[:column, column],
        )


def advance(result: Array, matrix: Array) -> None:
    """Fill all but the first of the probabilities (steps + 1, S, n) by the matrix of one step (S, S, n)."""
    columns = [(slice(state + 1), matrix[: state + 1, state]) for state in range(len(matrix))]
    for now, after in pairwise(result):
        for state, (before, column) in enumerate(columns):
            np.einsum("in,in->n", now[before], column, out=after[state])


def _neighbours(states: list[int]) -> tuple[slice, ...]:
    """Return ascending states as few slices."""
    slices: list[slice] = []
    for state in sorted(states):
        if slices and slices[-1].stop == state:
            slices[-1] = slice(slices[-1].start, state + 1)
        else:
            slices.append(slice(state, state + 1))
    return tuple(slices)


def _diagonal(matrix: Array) -> Array:
    """Return the diagonals (S, n) of matrices (S, S, n), to be read and written."""
    view: Array = np.einsum("iin->in", matrix)
    return view


def _rates(chain: Chain, hazards: npt.ArrayLike, years: float, shape: str, axis: int) -> Array:
    """Return the hazards as an array if they fit the chain and the length of time."""
    rates = np.asarray(hazards, dtype=np.float64, order="C")
    if rates.ndim <= axis or rates.shape[axis] != len(chain.transitions):
        raise ValueError(
            f"hazards has shape {rates.shape}: it must be {shape} with {len(chain.transitions)} transitions"
        )
    if not (math.isfinite(years) and years > 0):
        raise ValueError(f"the length of time is {years} years: give a finite number above 0")
    limit = MOST_PER_STEP / years / chain.states
    wrong = ~((rates >= 0) & (rates <= limit))
    if wrong.any():
        place = _first(wrong)
        raise ValueError(
            f"hazards{list(place)} is {rates[place]} per year: a hazard lies between 0 and {limit:g} per "
            f"year for {years:g} years at a time; check the unit"
        )
    return rates


def _start(chain: Chain, start: npt.ArrayLike, batch: tuple[int, ...]) -> Array:
    """Return the probabilities at the start if they are such."""
    first = np.asarray(start, dtype=np.float64)
    if first.shape not in ((chain.states,), (chain.states, *batch)):
        raise ValueError(
            f"start has shape {first.shape}: with these hazards it must be {(chain.states,)}, or "
            f"{(chain.states, *batch)} for one start per set"
        )
    wrong = ~((first >= 0) & (first <= 1 + CLOSE))
    if wrong.any():
        place = _first(wrong)
        raise ValueError(f"start{list(place)} is {first[place]}: a probability lies between 0 and 1")
    off = np.abs(first.sum(axis=0) - 1)
    if (off > CLOSE).any():
        raise ValueError(
            f"start sums to 1 only within {off.max():g}: every start must sum to 1 within {CLOSE:g}; "
            "divide each by its sum if that is meant"
        )
    return first


def ends_of_pieces(breaks_years: Sequence[float], pieces: int, step_years: float, steps: int) -> list[int]:
    """Return the step at which each piece ends, the last with the last step."""
    if len(breaks_years) != pieces - 1:
        raise ValueError(
            f"breaks_years has {len(breaks_years)} borders, hazards has {pieces} pieces: give one border "
            "between every two pieces"
        )
    ends = []
    before = 0
    for place, year in enumerate(breaks_years):
        count = year / step_years
        whole = round(count) if math.isfinite(count) else 0
        if whole <= before or abs(count - whole) > CLOSE * whole:
            raise ValueError(
                f"breaks_years[{place}] is {year}: borders ascend from above 0 and fall on whole steps of "
                f"{step_years:g} years; choose a step that divides them"
            )
        before = whole
        ends.append(min(whole, steps))
    return [*ends, steps]


def _first(wrong: npt.NDArray[np.bool_]) -> tuple[int, ...]:
    """Return the first place that is wrong."""
    return tuple(int(number) for number in np.argwhere(wrong)[0])
