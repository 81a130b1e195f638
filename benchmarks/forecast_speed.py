"""The forecast of the states of a hip, beside SciPy's matrix exponential doing the same job in three ways.

The job: every option, every draw of the hazards, every half-year of twenty years, with hazards that change
at two and at five years. SciPy is asked as it is usually written, one exponential per option, draw and
half-year; with thrift, one per option, draw and piece of time; and at its best, one call for all of them
stacked, with the half-years multiplied for all sets at once. The two loops are timed on some sets and scaled
up to all. All give the same probabilities first.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import expm

from benchmarks.measure import Timing, in_turn, table
from precollapse.engine.multistate import Array, Chain, occupancy

# No lesion, before collapse, collapsed up to 2 mm, collapsed further, arthritis, replaced.
CHAIN = Chain(6, ((0, 1), (1, 2), (2, 3), (3, 4), (1, 5), (2, 5), (3, 5), (4, 5)))
START = np.array([0.0, 1.0, 0.0, 0.0, 0.0, 0.0])
OPTIONS, DRAWS = 12, 2_000
BREAKS_YEARS = (2.0, 5.0)
STEP_YEARS, STEPS = 0.5, 40
LOOP_SETS, THRIFTY_SETS = 120, 1_200
CLOSE = 1e-9
LIMIT_SECONDS, GOAL_RATIO = 0.25, 500
# Median hazard of each transition per year, and how far draws and options spread around it (log scale).
MEDIANS = (0.02, 0.15, 0.4, 0.3, 0.02, 0.1, 0.2, 0.15)
SPREAD = 0.7


def main() -> str:
    """Measure and return the report."""
    hazards = invented(seed=20260402)
    flat = hazards.reshape(*hazards.shape[:2], -1)
    sets = flat.shape[2]
    # Every so-manyth set, so that all options are among those timed.
    few, some = flat[:, :, :: sets // LOOP_SETS], flat[:, :, :: sets // THRIFTY_SETS]
    difference = max(
        float(np.abs(theirs(given) - ours(given)).max())
        for theirs, given in ((every_step, few), (every_piece, some), (stacked, flat))
    )
    assert difference < CLOSE, difference
    mine, loop, thrifty, at_once = in_turn(
        lambda: ours(hazards),
        lambda: every_step(few),
        lambda: every_piece(some),
        lambda: stacked(flat),
    )
    loop, thrifty = _scaled(loop, sets / LOOP_SETS), _scaled(thrifty, sets / THRIFTY_SETS)
    named = (
        ("SciPy, an exponential per option, draw and half-year", LOOP_SETS, loop),
        ("SciPy, an exponential per option, draw and piece of time", THRIFTY_SETS, thrifty),
        ("SciPy, all exponentials in one call, half-years of all sets at once", sets, at_once),
    )
    rows: list[tuple[str, ...]] = [("precollapse", "all", str(mine), "")]
    for name, timed, timing in named:
        part = "all" if timed == sets else f"{timed:,} of {sets:,}, scaled up"
        rows.append((name, part, str(timing), f"{timing.median / mine.median:,.0f}×"))
    ratio = loop.median / mine.median
    slow = ", MISSED" if mine.median > LIMIT_SECONDS else ""
    small = ", MISSED" if ratio < GOAL_RATIO else ""
    return (
        "## The forecast of the states\n\n"
        f"{OPTIONS} options × {DRAWS:,} draws × {STEPS} half-years, {CHAIN.states} states, "
        f"{len(CHAIN.transitions)} transitions, {len(BREAKS_YEARS) + 1} pieces of time, invented hazards: "
        f"{mine.median:.3f} s (limit {LIMIT_SECONDS} s{slow}), {ratio:,.0f} times as fast as the plain loop "
        f"over SciPy (goal {GOAL_RATIO}{small}). Probabilities differ from SciPy's by at most "
        f"{difference:.1e}.\n\n"
        + table(("job", "sets timed", "median (fastest to slowest)", "SciPy / precollapse"), rows)
    )


def invented(seed: int) -> Array:
    """Return hazards per year (pieces, transitions, options, draws), all different."""
    shape = (len(BREAKS_YEARS) + 1, len(MEDIANS), OPTIONS, DRAWS)
    around = np.random.default_rng(seed).normal(0, SPREAD, shape)
    return np.asarray(np.array(MEDIANS)[:, None, None] * np.exp(around))


def ours(hazards: Array) -> Array:
    """Return the probabilities (steps + 1, states, *sets) by precollapse."""
    return occupancy(CHAIN, START, hazards, BREAKS_YEARS, STEP_YEARS, STEPS)


def every_step(hazards: Array) -> Array:
    """Return the same by a loop with an exponential per set (last axis) and half-year."""
    result = np.empty((STEPS + 1, CHAIN.states, hazards.shape[2]))
    result[0] = START[:, None]
    for one in range(hazards.shape[2]):
        generators = _generators(hazards[:, :, one])
        for step in range(STEPS):
            matrix = expm(generators[_piece(step)] * STEP_YEARS)
            result[step + 1, :, one] = result[step, :, one] @ matrix
    return result


def every_piece(hazards: Array) -> Array:
    """Return the same by a loop with an exponential per set and piece of time."""
    result = np.empty((STEPS + 1, CHAIN.states, hazards.shape[2]))
    result[0] = START[:, None]
    for one in range(hazards.shape[2]):
        matrices = [expm(generator * STEP_YEARS) for generator in _generators(hazards[:, :, one])]
        for step in range(STEPS):
            result[step + 1, :, one] = result[step, :, one] @ matrices[_piece(step)]
    return result


def stacked(hazards: Array) -> Array:
    """Return the same with all exponentials asked for at once."""
    matrices = expm(_generators(hazards) * STEP_YEARS)
    now = np.tile(START, (hazards.shape[2], 1, 1))
    rows = [now]
    for step in range(STEPS):
        now = now @ matrices[_piece(step)]
        rows.append(now)
    return np.stack(rows)[:, :, 0].transpose(0, 2, 1)


def _generators(hazards: Array) -> Array:
    """Return the matrices (pieces, *sets, states, states) of hazards (pieces, transitions, *sets)."""
    result = np.zeros((len(hazards), *hazards.shape[2:], CHAIN.states, CHAIN.states))
    for number, (origin, target) in enumerate(CHAIN.transitions):
        result[..., origin, target] = hazards[:, number]
        result[..., origin, origin] -= hazards[:, number]
    return result


def _piece(step: int) -> int:
    """Return in which piece of time a step lies."""
    return sum(year <= step * STEP_YEARS for year in BREAKS_YEARS)


def _scaled(part: Timing, times: float) -> Timing:
    """Return the time of all sets from that of some."""
    return Timing(part.median * times, part.fastest * times, part.slowest * times)


if __name__ == "__main__":
    print(main())
