"""Forest plots as SVG: the layout; the marks themselves are drawn in ``forest_marks.py``.

After the usual layout of meta-analyses (Lewis and Clarke, BMJ 2001;322:1479-1480): a line per study, a square
whose area is its weight, a diamond for what was pooled.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from precollapse.views.plots import svg
from precollapse.views.plots.axis import Axis, linear_axis, ratio_axis
from precollapse.views.plots.forest_marks import INDENT, Layout, row_marks
from precollapse.views.plots.model import Forest, Panel, Row
from precollapse.views.plots.words import tick_label

WIDTH = 760.0
_MARGIN, _GAP, _STEP = 8.0, 14.0, 22.0
_TITLE, _RULE = 20.0, 64.0
_LEAST_PLOT, _LEAST_LABEL, _MOST_LABEL = 200.0, 110.0, 230.0
_SMALL = 11.0


def draw_forest(forest: Forest) -> svg.Drawing:
    """Return the plot, 760 pixels wide.

    Raises
    ------
    ValueError
        When a ratio is not positive, or a rate or probability is negative.
    """
    layout = _layout(forest)
    heaviest = max((row.weight or 0.0 for row in forest.rows), default=0.0)
    marks: list[str] = []
    y = _RULE
    for panel in forest.panels:
        y += 6
        for said in _lines(panel):
            y += _STEP
            marks += row_marks(said, y, layout, heaviest) if isinstance(said, Row) else [_heading(said, y)]
    y += 14
    foot, bottom = _foot(forest, layout.axis, y)
    body = [*_head(forest, layout), *_grid(forest, layout.axis, y), *marks, *foot]
    return svg.Drawing(WIDTH, bottom, "\n".join(body), forest.title, _words(forest))


def _lines(panel: Panel) -> Iterator[Row | tuple[str, bool]]:
    """Yield headings (with whether they are main ones) and rows from top to bottom."""
    if panel.heading:
        yield panel.heading, True
    for group in panel.groups:
        if group.heading:
            yield group.heading, False
        yield from group.rows
    yield from panel.pooled


def _layout(forest: Forest) -> Layout:
    rows = forest.rows
    widths = [
        max(svg.width_of(said, size) for said, size in _column(forest, number))
        for number in range(len(forest.columns))
    ]
    headings = [svg.width_of(said, _SMALL) for said in forest.value_heading.split("|")]
    value = max(headings + [svg.width_of(row.value, bold=row.kind == "pooled") for row in rows])
    letter = svg.width_of(forest.letter_heading, _SMALL) + _GAP if forest.letter_heading else 0.0
    wanted = INDENT + max((svg.width_of(row.label, bold=row.kind == "pooled") for row in rows), default=0.0)
    room = WIDTH - 2 * _MARGIN - sum(widths) - _GAP * (len(widths) + 2) - value - letter - _LEAST_PLOT
    label = max(_LEAST_LABEL, min(wanted, _MOST_LABEL, room))
    x, ends = _MARGIN + label, []
    for width in widths:
        x += _GAP + width
        ends.append(x)
    right = WIDTH - _MARGIN - letter - value - _GAP
    axis = _axis(forest, x + _GAP, right)
    return Layout(_MARGIN, label, tuple(ends), axis, right + _GAP, WIDTH - _MARGIN)


def _column(forest: Forest, number: int) -> Iterator[tuple[str, float]]:
    yield from ((word, _SMALL) for word in forest.columns[number].split("|"))
    yield from ((row.cells[number], svg.SIZE) for row in forest.rows if row.cells)


def _axis(forest: Forest, left: float, right: float) -> Axis:
    shown = [one for row in forest.rows for one in (row.estimate, row.wide) if one is not None]
    if forest.scale == "ratio":
        return ratio_axis(shown, left, right)
    observed = [row.observed for row in forest.rows if row.observed is not None]
    most = 1.0 if forest.scale == "probability" else math.inf
    return linear_axis(shown, left, right, most=most, also=observed)


def _head(forest: Forest, layout: Layout) -> Iterator[str]:
    """Yield the title, the headings of the columns (| starts a line) and the rule under them."""
    title = svg.shorten(forest.title, WIDTH - 2 * _MARGIN, 14, bold=True)
    yield svg.text(_MARGIN, _TITLE, title, size=14, weight="bold", full=forest.title)
    for heading, x in zip(forest.columns, layout.cells, strict=True):
        yield from _stacked(x, heading.split("|"), "end")
    yield from _stacked(layout.value, forest.value_heading.split("|"), "start")
    if forest.letter_heading:
        yield from _stacked(layout.letter, [forest.letter_heading], "end")
    yield svg.line(_MARGIN, _RULE, WIDTH - _MARGIN, _RULE, svg.INK)


def _stacked(x: float, lines: list[str], anchor: str) -> Iterator[str]:
    for number, said in enumerate(reversed(lines)):
        yield svg.text(x, _RULE - 6 - 12 * number, said, anchor=anchor, size=_SMALL, colour=svg.GREY)


def _heading(heading: tuple[str, bool], y: float) -> str:
    said, main = heading
    left = _MARGIN if main else _MARGIN + INDENT
    short = svg.shorten(said, WIDTH - left - _MARGIN, bold=main)
    if main:
        return svg.text(left, y, short, full=said, weight="bold", halo=True)
    return svg.text(left, y, short, full=said, slant="italic", colour=svg.GREY, halo=True)


def _grid(forest: Forest, axis: Axis, bottom: float) -> Iterator[str]:
    """Yield the lines behind the marks, the axis and its labels."""
    for value in _ticks(forest, axis):
        x = axis.place(value)
        yield svg.line(x, _RULE, x, bottom, svg.RULE)
        label = tick_label(value, forest.scale)
        yield svg.text(x, bottom + 14, label, anchor="middle", size=_SMALL, colour=svg.GREY)
    if forest.scale == "ratio":
        yield svg.line(axis.place(1.0), _RULE, axis.place(1.0), bottom, svg.INK, dashes="4 3")
    yield svg.line(axis.left, bottom, axis.right, bottom, svg.INK)


def _ticks(forest: Forest, axis: Axis) -> list[float]:
    return axis.ticks(
        lambda value: tick_label(value, forest.scale), lambda said: svg.width_of(said, _SMALL), 6.0
    )


def _foot(forest: Forest, axis: Axis, y: float) -> tuple[list[str], float]:
    """Return whom the sides favour and the notes, and where the plot ends."""
    parts: list[str] = []
    y += 14
    if forest.favours is not None:
        y += 17
        middle = axis.place(1.0)
        left = svg.shorten(f"← favours {forest.favours[0]}", middle - 8 - _MARGIN)
        right = svg.shorten(f"favours {forest.favours[1]} →", WIDTH - _MARGIN - middle - 8)
        parts.append(svg.text(middle - 8, y, left, anchor="end"))
        parts.append(svg.text(middle + 8, y, right))
    y += 6
    for note in forest.notes:
        for said in svg.wrapped(note, WIDTH - 2 * _MARGIN, _SMALL):
            y += 15
            parts.append(svg.text(_MARGIN, y, said, size=_SMALL, colour=svg.GREY))
    return parts, y + 14


def _words(forest: Forest) -> str:
    """Say every row, for those who cannot see the picture."""
    said = [
        f"{panel.heading}: {_rows(panel)}." if panel.heading else f"{_rows(panel)}."
        for panel in forest.panels
    ]
    return " ".join(said)


def _rows(panel: Panel) -> str:
    return "; ".join(f"{row.label} {row.value}" for row in panel.rows)
