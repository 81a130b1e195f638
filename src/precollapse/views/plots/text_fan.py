"""A course with its bands as lines of text, a line for each told horizon.

Box characters where the output can hold them, ASCII where it cannot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from precollapse.assessment.forecast_nodes import CourseOf, OutcomeAt
from precollapse.views import wording_forecast as words
from precollapse.views.plots.axis import Axis
from precollapse.views.wording import clean

WIDTH = 76
_MARKS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class FanGlyphs:
    """The characters of the plot."""

    low: str
    high: str
    line: str
    half: str
    mean: str
    axis: str
    tick: str


FAN_BOX = FanGlyphs("├", "┤", "─", "▓", "●", "─", "┴")
FAN_ASCII = FanGlyphs("|", "|", "-", "=", "O", "-", "+")


def fan_glyphs_for(encoding: str | None) -> FanGlyphs:
    """Return the characters an output of this encoding can hold; one that names none takes any text."""
    everything = "".join(getattr(FAN_BOX, name) for name in FAN_BOX.__dataclass_fields__)
    try:
        everything.encode(encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return FAN_ASCII
    return FAN_BOX


def fan_lines(
    course: CourseOf, times: Sequence[float], glyphs: FanGlyphs = FAN_BOX, width: int = WIDTH
) -> list[str]:
    """Return a line per horizon from the lower to the upper end of the band, and the axis under them."""
    if not course.at:
        return []
    labels = [clean(words.years(one.years)) for one in course.at]
    room = max(cell_len(label) for label in labels) + 1
    # The last label of the axis reaches two characters beyond its end.
    axis = Axis(0.0, 1.0, 0.0, width - room - 4, log=False)
    lines = [
        f"{label:{room}}{_bar(one, _half(course, times, one.years), axis, glyphs)}"
        for label, one in zip(labels, course.at, strict=True)
    ]
    return [*lines, " " * room + _rule(axis, glyphs), " " * room + _written(axis)]


def _bar(one: OutcomeAt, half: tuple[float, float] | None, axis: Axis, glyphs: FanGlyphs) -> str:
    cells = [" "] * (int(axis.right) + 1)
    low, high = round(axis.place(one.interval.low)), round(axis.place(one.interval.high))
    cells[low : high + 1] = glyphs.line * (high - low + 1)
    if half is not None:
        first, last = round(axis.place(half[0])), round(axis.place(half[1]))
        cells[first : last + 1] = glyphs.half * (last - first + 1)
    cells[low], cells[high] = glyphs.low, glyphs.high
    cells[round(axis.place(one.value))] = glyphs.mean
    return "".join(cells).rstrip()


def _half(course: CourseOf, times: Sequence[float], years: float) -> tuple[float, float] | None:
    """Return the middle half at a horizon, where the course has one."""
    if not len(times) == len(course.inner_low) == len(course.inner_high) or years not in times:
        return None
    step = list(times).index(years)
    low, high = course.inner_low[step], course.inner_high[step]
    return (low, high) if low <= high else None


def _rule(axis: Axis, glyphs: FanGlyphs) -> str:
    cells = [glyphs.axis] * (int(axis.right) + 1)
    for mark in _MARKS:
        cells[round(axis.place(mark))] = glyphs.tick
    return "".join(cells)


def _written(axis: Axis) -> str:
    cells = [" "] * (int(axis.right) + 5)
    for mark in _MARKS:
        label = f"{100 * mark:.0f}{' %' if mark == 1 else ''}"
        start = max(0, round(axis.place(mark)) - min(1, len(label) - 1))
        cells[start : start + len(label)] = label
    return "".join(cells).rstrip()


def legend(glyphs: FanGlyphs) -> str:
    """Say what the characters mean."""
    return (
        f"{glyphs.mean} probability; {glyphs.half * 3} middle half;"
        f" {glyphs.low}{glyphs.line}{glyphs.high} middle 95 %"
    )
