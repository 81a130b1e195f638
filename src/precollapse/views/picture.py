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
_LOG_FLOOR = 1e-5
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
    logarithmic = any(one.interval is not None and one.interval.low < _LINEAR_FROM for one in shown)
    drawn = [_bar(one, number, logarithmic) for number, one in enumerate(shown)]
    axis_y = TOP + STEP * len(shown)
    marks = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0) if logarithmic else (0.0, 0.25, 0.5, 0.75, 1.0)
    ticks = [Tick(_x(mark, logarithmic), numbers.percent(mark)) for mark in marks]
    return Picture(RIGHT + 30, axis_y + 22, axis_y, "logarithmic" if logarithmic else "linear", ticks, drawn)


def _bar(one: Estimate, number: int, logarithmic: bool) -> Bar:
    low, high = (one.interval.low, one.interval.high) if one.interval else (0.0, 1.0)
    inner = None
    if one.as_recorded is not None:
        inner = (_x(one.as_recorded.low, logarithmic), _x(one.as_recorded.high, logarithmic))
    point = None if one.value is None else _x(one.value, logarithmic)
    words = numbers.estimate(one)
    y = TOP + STEP * number
    return Bar(y, wording.horizon(one), words, _x(low, logarithmic), _x(high, logarithmic), inner, point)


def _x(probability: float, logarithmic: bool) -> float:
    share = min(1.0, max(0.0, probability))
    if logarithmic:
        floor = math.log10(_LOG_FLOOR)
        share = 1 - math.log10(max(share, _LOG_FLOOR)) / floor
    return round(LEFT + share * (RIGHT - LEFT), 1)
