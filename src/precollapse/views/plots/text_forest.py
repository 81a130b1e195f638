"""Forest plots as lines of text, at most 80 columns wide.

Line and box characters where the output can hold them, ASCII where it cannot.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from precollapse.evidence.fitted import Estimate
from precollapse.views.plots.axis import Axis, linear_axis, ratio_axis
from precollapse.views.plots.model import Forest, Row
from precollapse.views.plots.words import tick_label
from precollapse.views.wording import clean

WIDTH = 80
_LEAST_PLOT = 18
_MOST_LABEL = 28
_MOST_BRIEF, _MOST_VALUE = 16, 30


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The characters of a plot."""

    study: str
    hollow: str
    pooled: str
    part: str
    model: str
    observed: str
    line: str
    wide: str
    null: str
    axis: str
    tick: str
    left: str
    right: str
    cut: str


BOX = Glyphs("■", "□", "◆", "◇", "┃", "○", "─", "┄", "│", "─", "┴", "◄", "►", "…")
ASCII = Glyphs("#", "o", "*", "+", "!", "O", "-", ".", "|", "-", "+", "<", ">", "~")


def glyphs_for(encoding: str | None) -> Glyphs:
    """Return the characters an output of this encoding can hold."""
    everything = "".join(getattr(BOX, name) for name in BOX.__dataclass_fields__)
    try:
        everything.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return BOX


def forest_lines(forest: Forest, glyphs: Glyphs = BOX, width: int = WIDTH) -> list[str]:
    """Return the plot without its title and notes; no line is wider than ``width``.

    Raises
    ------
    ValueError
        When a ratio is not positive, or a rate or probability is negative.
    """
    columns = _columns(forest, width)
    axis = _axis(forest, columns.plot)
    lines: list[str] = []
    for panel in forest.panels:
        if panel.heading and len(forest.panels) > 1:
            lines += [*([""] if lines else []), _fit(panel.heading, width, glyphs)]
        for group in panel.groups:
            if group.heading:
                lines.append(_fit(f"  {group.heading}", width, glyphs))
            lines += [_line(row, columns, axis, forest, glyphs) for row in group.rows]
        lines += [_line(row, columns, axis, forest, glyphs) for row in panel.pooled]
    start = columns.label + columns.brief + 2
    lines += [" " * start + said for said in _axis_lines(forest, axis, columns.plot, glyphs)]
    if forest.favours is not None:
        lines.append(_favours(forest.favours, start + round(axis.place(1.0)), width, glyphs))
    return [line.rstrip() for line in lines]


def legend(forest: Forest, glyphs: Glyphs = BOX) -> str:
    """Say what the characters of this plot mean, those that occur in it."""
    rows = forest.rows
    kinds = {row.kind for row in rows}
    said = {
        f"{glyphs.study} {forest.squares[0]}": any(row.kind == "study" and not row.hollow for row in rows)
        and any(row.hollow for row in rows),
        f"{glyphs.hollow} {forest.squares[1]}": any(row.hollow for row in rows),
        f"{glyphs.pooled} pooled": "pooled" in kinds,
        f"{glyphs.part} direct or indirect only": "part" in kinds,
        f"{glyphs.model} model": "course" in kinds,
        f"{glyphs.observed} seen": any(row.observed is not None for row in rows),
        f"{glyphs.wide} wider interval": any(row.wide is not None for row in rows),
        f"{glyphs.left} {glyphs.right} goes on": True,
    }
    return "; ".join(words for words, occurs in said.items() if occurs)


@dataclass(frozen=True, slots=True)
class _Columns:
    label: int
    brief: int
    plot: int
    value: int
    letter: int


def _columns(forest: Forest, width: int) -> _Columns:
    rows = forest.rows
    brief = min(_MOST_BRIEF, max((cell_len(row.brief) for row in rows), default=0))
    letter = max((cell_len(row.letter) for row in rows), default=0)
    value = min(_MOST_VALUE, max((cell_len(row.value) for row in rows), default=0))
    wanted = max((cell_len(clean(row.label)) for row in rows), default=0)
    room = width - brief - value - letter - 4 - _LEAST_PLOT
    label = max(8, min(wanted, _MOST_LABEL, room))
    plot = width - label - brief - value - letter - 4
    return _Columns(label, brief, plot, value, letter)


def _axis(forest: Forest, plot: int) -> Axis:
    shown = [one for row in forest.rows for one in (row.estimate, row.wide) if one is not None]
    if forest.scale == "ratio":
        return ratio_axis(shown, 0, plot - 1)
    observed = [row.observed for row in forest.rows if row.observed is not None]
    return linear_axis(
        shown, 0, plot - 1, most=1.0 if forest.scale == "probability" else math.inf, also=observed
    )


def _line(row: Row, columns: _Columns, axis: Axis, forest: Forest, glyphs: Glyphs) -> str:
    plot = [" "] * columns.plot
    if forest.scale == "ratio":
        plot[round(axis.place(1.0))] = glyphs.null
    if row.wide is not None:
        _draw(plot, row.wide, axis, glyphs.wide, glyphs)
    if row.estimate is not None:
        _draw(plot, row.estimate, axis, glyphs.line, glyphs)
        plot[round(axis.place(row.estimate.value))] = _mark(row, glyphs)
    if row.observed is not None:
        plot[round(axis.place(row.observed))] = glyphs.observed
    return _row_text(columns, row.label, row.brief, "".join(plot), row.value, row.letter, glyphs)


def _draw(plot: list[str], estimate: Estimate, axis: Axis, line: str, glyphs: Glyphs) -> None:
    span = axis.span(estimate.low, estimate.high)
    first, last = round(span.start), round(span.end)
    plot[first : last + 1] = line * (last - first + 1)
    if span.goes_on_left:
        plot[0] = glyphs.left
    if span.goes_on_right:
        plot[-1] = glyphs.right


def _mark(row: Row, glyphs: Glyphs) -> str:
    if row.kind == "study":
        return glyphs.hollow if row.hollow else glyphs.study
    return {"pooled": glyphs.pooled, "part": glyphs.part, "course": glyphs.model}[row.kind]


def _row_text(
    columns: _Columns, label: str, brief: str, plot: str, value: str, letter: str, glyphs: Glyphs
) -> str:
    parts = (
        _fit(label, columns.label, glyphs),
        _fit(brief, columns.brief, glyphs, right=True),
        plot,
        _fit(value, columns.value, glyphs),
        letter,
    )
    return " ".join(parts)


def _fit(said: str, width: int, glyphs: Glyphs, *, right: bool = False) -> str:
    """Return text of exactly this width, with a mark where it was cut."""
    indent = said[: len(said) - len(said.lstrip(" "))]
    said = indent + clean(said)
    if cell_len(said) > width:
        return set_cell_size(said, width - 1) + glyphs.cut if width else ""
    blanks = " " * (width - cell_len(said))
    return blanks + said if right else said + blanks


def _axis_lines(forest: Forest, axis: Axis, plot: int, glyphs: Glyphs) -> Iterator[str]:
    rule, labels = [glyphs.axis] * plot, [" "] * (plot + 6)
    for value in axis.ticks(lambda v: tick_label(v, forest.scale), len, 2.6):
        x, label = round(axis.place(value)), tick_label(value, forest.scale)
        rule[x] = glyphs.tick
        start = max(0, x - len(label) // 2)
        labels[start : start + len(label)] = label
    yield "".join(rule)
    yield "".join(labels)


def _favours(favours: tuple[str, str], middle: int, width: int, glyphs: Glyphs) -> str:
    left = f"favours {clean(favours[0])} {glyphs.left}"
    right = f"{glyphs.right} favours {clean(favours[1])}"
    if cell_len(left) > middle:
        left = _fit(f"favours {favours[0]}", max(2, middle - 2), glyphs) + f" {glyphs.left}"
    return " " * max(0, middle - cell_len(left)) + left + " " + _fit(right, width - middle - 1, glyphs)
