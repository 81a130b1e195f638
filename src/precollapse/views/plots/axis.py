"""Axes: where a value stands, which part of an interval fits, and which values are written under the axis."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from precollapse.evidence.fitted import Estimate

# A ratio beyond these is shown by an arrow, unless an estimate itself lies further out.
_LEAST_RATIO, _MOST_RATIO = 0.05, 20.0
# A linear axis reaches at most so many times the largest estimate.
_REACH = 2.5


@dataclass(frozen=True, slots=True)
class Span:
    """A drawn interval: its ends on the axis, and whether it goes on beyond them."""

    start: float
    end: float
    goes_on_left: bool
    goes_on_right: bool


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis from value ``low`` at ``left`` to ``high`` at ``right``, logarithmic or linear."""

    low: float
    high: float
    left: float
    right: float
    log: bool

    def place(self, value: float) -> float:
        """Return where a value stands; one beyond the axis stands at its end."""
        inside = min(self.high, max(self.low, value))
        if self.log:
            share = math.log(inside / self.low) / math.log(self.high / self.low)
        else:
            share = (inside - self.low) / (self.high - self.low)
        return self.left + share * (self.right - self.left)

    def span(self, low: float, high: float) -> Span:
        """Return the part of an interval that fits."""
        tolerance = 1e-9 * (self.high - self.low)
        return Span(
            self.place(low), self.place(high), low < self.low - tolerance, high > self.high + tolerance
        )

    def ticks(
        self, written: Callable[[float], str], width: Callable[[str], float], gap: float
    ) -> list[float]:
        """Return the finest regular values whose labels, ``gap`` apart, do not touch."""
        for values in self._candidates():
            ends = [
                (self.place(v) - width(written(v)) / 2, self.place(v) + width(written(v)) / 2) for v in values
            ]
            if all(later[0] - earlier[1] >= gap for earlier, later in pairwise(ends)):
                return values
        return [1.0] if self.log else [self.low, self.high]

    def _candidates(self) -> Iterator[list[float]]:
        if self.log:
            first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
            for every, digits in ((1, (1, 2, 5)), (1, (1,)), (2, (1,)), (4, (1,))):
                powers = [p for p in range(first, last + 1) if p % every == 0]
                yield self._inside(d * 10.0**p for p in powers for d in digits)
            return
        for step in _steps(self.high / 8):
            yield self._inside(step * n for n in range(math.floor(self.high / step + 1e-9) + 1))

    def _inside(self, values: Iterable[float]) -> list[float]:
        return [v for v in values if self.low * (1 - 1e-9) <= v <= self.high * (1 + 1e-9)]


def ratio_axis(estimates: Sequence[Estimate], left: float, right: float) -> Axis:
    """Return a logarithmic axis around 1: all estimates are on it, and as much of the intervals as fits.

    Raises
    ------
    ValueError
        When an estimate is not a positive number.
    """
    for one in estimates:
        if not (math.isfinite(one.value) and one.value > 0):
            raise ValueError(f"ratio {one.value}: only positive numbers have a place on a logarithmic axis")
    least = min([_LEAST_RATIO, *(one.value / 1.5 for one in estimates)])
    most = max([_MOST_RATIO, *(one.value * 1.5 for one in estimates)])
    low = max(least, min([0.5, *(one.low for one in estimates)]))
    high = min(most, max([2.0, *(one.high for one in estimates)]))
    return Axis(_round_ratio(low, down=True), _round_ratio(high, down=False), left, right, log=True)


def linear_axis(
    estimates: Sequence[Estimate],
    left: float,
    right: float,
    *,
    most: float = math.inf,
    also: Sequence[float] = (),
) -> Axis:
    """Return a linear axis from 0 that holds every estimate and the values of ``also``, at most to ``most``.

    Raises
    ------
    ValueError
        When an estimate is negative or not a number.
    """
    values = [*(one.value for one in estimates), *also]
    for value in values:
        if not (math.isfinite(value) and value >= 0):
            raise ValueError(f"{value}: only numbers from 0 have a place on an axis that starts at 0")
    largest = max(values, default=0.0)
    highest = max([largest, *(one.high for one in estimates)])
    wanted = min(highest, most, _REACH * largest) if largest > 0 else min(highest, most)
    if not (wanted > 0 and math.isfinite(wanted)):
        wanted = min(1.0, most)
    step = next(step for step in _steps(wanted / 20) if wanted / step <= 8)
    return Axis(0.0, min(most, step * math.ceil(wanted / step - 1e-9)), left, right, log=False)


def _round_ratio(value: float, *, down: bool) -> float:
    """Return the next number of the series 1, 2, 5, 10 … below or above."""
    power = math.floor(math.log10(value))
    series = [digit * 10.0**p for p in (power - 1, power, power + 1) for digit in (1, 2, 5)]
    if down:
        return max(v for v in series if v <= value * (1 + 1e-9))
    return min(v for v in series if v >= value * (1 - 1e-9))


def _steps(smallest: float) -> Iterator[float]:
    """Yield round steps from about ``smallest`` upwards."""
    power = math.floor(math.log10(smallest))
    for exponent in range(power, power + 4):
        for digit in (1.0, 2.0, 2.5, 5.0):
            if digit * 10.0**exponent >= smallest * (1 - 1e-9):
                yield digit * 10.0**exponent
