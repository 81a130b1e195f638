"""The marks of one row of a forest plot.

Whether a study was randomised shows in its heading and in the filling of its square, never in colour alone.
An interval that leaves the axis ends in an arrow.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from precollapse.evidence.fitted import Estimate
from precollapse.views.plots import svg
from precollapse.views.plots.axis import Axis
from precollapse.views.plots.model import Row

MOST_SIDE, INDENT = 14.0, 8.0
_LEAST_SIDE, _ALIKE, _HALF = 2.5, 8.0, 7.0


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the columns stand, in pixels.

    Attributes
    ----------
    left, label
        Start of the labels and the room for them.
    cells
        Right end of every column.
    axis
        The plot itself.
    value, letter
        Start of the words after the plot, and right end of the letters.
    """

    left: float
    label: float
    cells: tuple[float, ...]
    axis: Axis
    value: float
    letter: float


def row_marks(row: Row, y: float, layout: Layout, heaviest: float) -> list[str]:
    """Return the words and marks of a row whose text stands on ``y``; ``heaviest`` is the largest weight."""
    weight = "bold" if row.kind == "pooled" else "normal"
    left, room = (
        (layout.left, layout.label) if row.kind == "pooled" else (layout.left + INDENT, layout.label - INDENT)
    )
    label = svg.shorten(row.label, room, bold=row.kind == "pooled")
    parts = [svg.text(left, y, label, weight=weight, full=row.label)]
    parts += [svg.text(x, y, said, anchor="end") for said, x in zip(row.cells, layout.cells, strict=False)]
    if row.estimate is not None:
        parts += _estimate(row, row.estimate, y - 4, layout.axis, heaviest)
    if row.observed is not None:
        at = {"cx": layout.axis.place(row.observed), "cy": y - 4, "r": 4.5, "stroke-width": 1.8}
        parts.append(svg.element("circle", {"class": "observed", **at, "fill": "#ffffff", "stroke": svg.INK}))
    parts.append(svg.text(layout.value, y, row.value, weight=weight))
    if row.letter:
        parts.append(svg.text(layout.letter, y, row.letter, anchor="end", weight="bold"))
    return parts


def _estimate(row: Row, estimate: Estimate, y: float, axis: Axis, heaviest: float) -> Iterator[str]:
    if row.wide is not None:
        yield from _wide(row.wide, y, axis)
    if row.kind in {"pooled", "part"}:
        yield from _diamond(estimate, y, axis, filled=row.kind == "pooled")
        return
    colour = svg.ORANGE if row.hollow else svg.BLUE
    yield from _interval(estimate, y, axis, colour)
    x = axis.place(estimate.value)
    if row.kind == "course":
        yield svg.line(x, y - 6, x, y + 6, colour, 2.5)
        return
    side = _side(row.weight, heaviest)
    box: dict[str, str | float] = {"class": "weight", "x": x - side / 2, "y": y - side / 2}
    box |= {"width": side, "height": side, "fill": "#ffffff" if row.hollow else colour, "stroke": colour}
    yield svg.element("rect", box)


def _side(weight: float | None, heaviest: float) -> float:
    """Return the side of a square whose area is proportional to the weight, but large enough to be seen."""
    if weight is None or heaviest <= 0:
        return _ALIKE
    return max(_LEAST_SIDE, MOST_SIDE * math.sqrt(weight / heaviest))


def _wide(wide: Estimate, y: float, axis: Axis) -> Iterator[str]:
    """Yield the pale bar behind, with arrows where it goes on."""
    span = axis.span(wide.low, wide.high)
    box: dict[str, str | float] = {"class": "wide", "x": span.start, "y": y - 4}
    box |= {"width": max(1.0, span.end - span.start), "height": 8.0, "fill": svg.PALE, "stroke": svg.BLUE}
    yield svg.element("rect", box | {"stroke-width": 0.6})
    yield from _arrows(wide, y, axis, svg.BLUE)


def _interval(estimate: Estimate, y: float, axis: Axis, colour: str) -> Iterator[str]:
    span = axis.span(estimate.low, estimate.high)
    yield svg.line(span.start, y, span.end, y, colour, 1.8)
    yield from _arrows(estimate, y, axis, colour)


def _arrows(estimate: Estimate, y: float, axis: Axis, colour: str) -> Iterator[str]:
    span = axis.span(estimate.low, estimate.high)
    if span.goes_on_left:
        tip = axis.left - 3
        yield svg.polygon([(tip, y), (tip + 8, y - 4.5), (tip + 8, y + 4.5)], colour, colour, "arrow left")
    if span.goes_on_right:
        tip = axis.right + 3
        yield svg.polygon([(tip, y), (tip - 8, y - 4.5), (tip - 8, y + 4.5)], colour, colour, "arrow right")


def _diamond(estimate: Estimate, y: float, axis: Axis, *, filled: bool) -> Iterator[str]:
    """Yield the diamond from limit to limit; hollow when it is a part of the whole only."""
    span = axis.span(estimate.low, estimate.high)
    x = axis.place(estimate.value)
    half = _HALF if filled else _HALF - 2
    corners = [(span.start, y), (x, y - half), (span.end, y), (x, y + half)]
    yield svg.polygon(corners, svg.INK if filled else "#ffffff", svg.INK, "pooled" if filled else "part")
    yield from _arrows(estimate, y, axis, svg.INK)
