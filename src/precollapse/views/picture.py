"""Where the bars, ticks and points of a hip's picture stand; the template draws them.

The scale is logarithmic as soon as an interval begins below one percent, because a linear one would
show nothing of small risks, and linear otherwise. The axis says which.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from precollapse.assessment.model import Estimate
from precollapse.views import numbers, wording

LEFT, RIGHT, TOP, STEP = 120.0, 620.0, 16.0, 34.0
_MOST_DECADES = 5  # down to 0.001 %
_LINEAR_FROM = 0.01


class Tick(NamedTuple):
    """A mark on the axis."""

    x: float
    label: str


class Bar(NamedTuple):
    """One estimate: a wide interval, a narrower one inside it, a point."""

    y: float
    label: str
    words: str
    low: float
    high: float
    inner: tuple[float, float] | None
    point: float | None


class Picture(NamedTuple):
    """Everything the template needs to draw one hip."""

    width: float
    height: float
    axis_y: float
    scale: str
    ticks: list[Tick]
    bars: list[Bar]


def bars(estimates: Sequence[Estimate]) -> Picture | None:
    """Return the picture of some estimates, or None when none of them has an interval."""
    shown = [one for one in estimates if one.interval is not None]
    if not shown:
        return None
    decades = _decades(min(one.interval.low for one in shown if one.interval is not None))
    drawn = [_bar(one, number, decades) for number, one in enumerate(shown)]
    axis_y = TOP + STEP * len(shown)
    marks = [10.0**-power for power in range(decades, -1, -1)] if decades else [0.0, 0.25, 0.5, 0.75, 1.0]
    ticks = [Tick(_x(mark, decades), numbers.percent(mark)) for mark in marks]
    return Picture(RIGHT + 30, axis_y + 22, axis_y, "logarithmic" if decades else "linear", ticks, drawn)


def _decades(lowest: float) -> int:
    """Return how many powers of ten a logarithmic axis needs, or 0 for a linear one."""
    if lowest >= _LINEAR_FROM:
        return 0
    return min(_MOST_DECADES, math.ceil(-math.log10(max(lowest, 1e-9))))


def _bar(one: Estimate, number: int, decades: int) -> Bar:
    low, high = (one.interval.low, one.interval.high) if one.interval else (0.0, 1.0)
    inner = None
    if one.as_recorded is not None:
        inner = (_x(one.as_recorded.low, decades), _x(one.as_recorded.high, decades))
    point = None if one.value is None else _x(one.value, decades)
    words = numbers.estimate(one)
    y = TOP + STEP * number
    return Bar(y, wording.horizon(one), words, _x(low, decades), _x(high, decades), inner, point)


def _x(probability: float, decades: int) -> float:
    share = min(1.0, max(0.0, probability))
    if decades:
        share = 1 + math.log10(max(share, 10.0**-decades)) / decades
    return round(LEFT + share * (RIGHT - LEFT), 1)
