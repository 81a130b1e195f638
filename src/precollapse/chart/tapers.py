"""Writes out tapers that are described, not listed: "reduce by 5 mg every week", "tapered over two weeks"."""

from __future__ import annotations

from precollapse.chart.dose_step import DoseStep, plain

MOST_STEPS = 120  # a taper of 5 mg by 1 mg a month is 5 steps; more than this is a slip of the pen
DAILY_STEPS_UP_TO_DAYS = 28  # longer straight tapers are written in weeks


def reduced_stepwise(
    start_mg: float, by_mg: float, every_days: int, to_mg: float, first_days: int | None
) -> list[DoseStep] | None:
    """Write out a taper by equal reductions.

    Parameters
    ----------
    start_mg, by_mg, to_mg
        First daily dose, reduction, and the dose at which it ends (0 to stop).
    every_days, first_days
        Days between reductions, and on the first dose when they were said.

    Returns
    -------
    list of DoseStep or None
        None when the numbers do not make a taper.
    """
    if by_mg <= 0 or every_days < 1 or to_mg < 0 or to_mg >= start_mg:
        return None
    count = int((start_mg - to_mg) / by_mg + 1e-9)
    if count > MOST_STEPS or (first_days is not None and first_days < 1):
        return None
    assumed = (f"reduced by {plain(by_mg)} mg every {every_days} days from {plain(start_mg)} mg",)
    steps = [DoseStep(start_mg, first_days or every_days, assumed=assumed)]
    doses = [start_mg - by_mg * number for number in range(1, count + 1)]
    steps += [DoseStep(mg, every_days, assumed=assumed) for mg in doses if mg > to_mg + 1e-9]
    if to_mg > 0:
        steps.append(DoseStep(to_mg, assumed=assumed))
    return steps


def straight_line(start_mg: float, to_mg: float, days: int) -> list[DoseStep]:
    """Write out a taper of which only the beginning, the end and the length are known."""
    length = 1 if days <= DAILY_STEPS_UP_TO_DAYS else max(7, -(-days // MOST_STEPS))
    assumed = (f"steps not said: straight line from {plain(start_mg)} to {plain(to_mg)} mg in {days} days",)
    steps = []
    for first in range(0, days, length):
        span = min(length, days - first)
        share = (first + (span - 1) / 2) / days
        steps.append(DoseStep(start_mg + (to_mg - start_mg) * share, span, assumed=assumed))
    if to_mg > 0:
        steps.append(DoseStep(to_mg, assumed=assumed))
    return steps
