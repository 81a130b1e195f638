"""How far probabilities can be relied on: bins, parts of the Brier score, a line through log odds, a plot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.measure import table
from precollapse.engine.risk_model import expit, logit

Array = npt.NDArray[np.float64]
EDGES = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
Z_95 = 1.959964


@dataclass(frozen=True, slots=True)
class Bin:
    """Hips of about the same probability: what was said, what was found, with its 95 % interval (Wilson)."""

    start: float
    end: float
    count: int
    said: float
    found: float
    low: float
    high: float


def bins(p: Array, y: Array) -> list[Bin]:
    """Put hips of about the same probability together; empty bins are left out."""
    last = np.clip(np.searchsorted(EDGES, p, side="right") - 1, 0, len(EDGES) - 2)
    found = []
    for number, (start, end) in enumerate(pairwise(EDGES)):
        own = last == number
        if own.any():
            share, count = float(y[own].mean()), int(own.sum())
            low, high = _wilson(share, count)
            found.append(Bin(start, end, count, float(p[own].mean()), share, low, high))
    return found


def _wilson(share: float, count: int) -> tuple[float, float]:
    square = Z_95**2
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = Z_95 / (1 + square / count) * (share * (1 - share) / count + square / (4 * count**2)) ** 0.5
    return max(middle - half, 0.0), min(middle + half, 1.0)


def line(p: Array, y: Array) -> tuple[float, float]:
    """Return intercept and slope of the log odds of what was found on those of what was said.

    Zero and one would be perfect. A slope below one means that the probabilities are too extreme; a positive
    intercept that they are too low. Newton's method on the logistic likelihood.
    """
    columns = np.column_stack([np.ones_like(p), logit(p)])
    beta = np.zeros(2)
    for _ in range(100):
        fitted = expit(columns @ beta)
        weight = fitted * (1 - fitted)
        step = np.linalg.solve(columns.T @ (columns * weight[:, None]), columns.T @ (y - fitted))
        beta += step
        if np.abs(step).max() < 1e-10:
            break
    return float(beta[0]), float(beta[1])


def brier_parts(p: Array, y: Array) -> dict[str, float]:
    """Return the Brier score and its parts (Murphy): reliability less resolution plus uncertainty.

    The parts are those of the bins; what the bins hide is the small rest.
    """
    base, parts = float(y.mean()), bins(p, y)
    return {
        "Brier score": float(np.mean((p - y) ** 2)),
        "reliability": sum(b.count * (b.said - b.found) ** 2 for b in parts) / len(p),
        "resolution": sum(b.count * (b.found - base) ** 2 for b in parts) / len(p),
        "uncertainty": base * (1 - base),
    }


def section(seen: Mapping[str, tuple[Array, Array]]) -> str:
    """Return tables of the calibration of each view, in Markdown."""
    rows = []
    for view, (p, y) in seen.items():
        parts, (intercept, slope) = brier_parts(p, y), line(p, y)
        rows.append(
            (view, *(f"{value:.3f}" for value in parts.values()), f"{intercept:+.2f}", f"{slope:.2f}")
        )
    header = ("", "Brier score", "reliability", "resolution", "uncertainty", "intercept", "slope")
    of_bins = [
        (
            view,
            f"{b.start:.1f} to {b.end:.1f}",
            str(b.count),
            f"{b.said:.2f}",
            f"{b.found:.2f} ({b.low:.2f} to {b.high:.2f})",
        )
        for view, (p, y) in seen.items()
        for b in bins(p, y)
    ]
    names = ("", "said", "hips", "said on average", "found (95 % interval)")
    return (
        "The Brier score is about reliability less resolution plus uncertainty: reliability is how far what "
        "was said lies from what was found (0 is best), resolution how far apart it sets the hips, "
        "uncertainty what saying the share of these cases of every hip would score: a score above it is "
        "worse than that. Intercept and slope are of a logistic regression on the log odds that were said; "
        "0 and 1 are best. Of these patients more than half have osteonecrosis, of ordinary painful hips "
        "one in hundreds, so that even right probabilities would be too low here (a positive intercept); a "
        "slope below one means that they lie too far apart. The two hips of a patient count as two, which "
        "makes the intervals too narrow.\n\n" + table(header, rows) + "\n" + table(names, of_bins)
    )


# One frame per view, side by side; all in points of the picture.
SIDE, LEFT, TOP, STEP = 220, 60, 50, 290
STYLE = "font-family='sans-serif' font-size='12' fill='#222'"


def picture(seen: Mapping[str, tuple[Array, Array]], what: str) -> str:
    """Return the reliability plot as SVG: the same bytes for the same numbers."""
    width, height = LEFT + STEP * len(seen), TOP + SIDE + 55
    spoken = "; ".join(
        f"{view}: " + ", ".join(f"said {b.said:.2f}, found {b.found:.2f} of {b.count}" for b in bins(*values))
        for view, values in seen.items()
    )
    frames = [_frame(number, view, *values) for number, (view, values) in enumerate(seen.items())]
    return "\n".join(
        [
            f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' width='{width}' "
            f"height='{height}' role='img' aria-labelledby='title desc'>",
            f"<title id='title'>Reliability: how often {what} was found against how probable it was said "
            "to be</title>",
            f"<desc id='desc'>{spoken}. Points on the diagonal would be perfect.</desc>",
            f"<rect width='{width}' height='{height}' fill='#fff'/>",
            *frames,
            "</svg>\n",
        ]
    )


def _frame(number: int, view: str, p: Array, y: Array) -> str:
    x0 = LEFT + number * STEP

    def at(said: float, found: float) -> tuple[str, str]:
        return f"{x0 + said * SIDE:.1f}", f"{TOP + (1 - found) * SIDE:.1f}"

    left, bottom = at(0, 0)
    right, top = at(1, 1)
    parts = [
        f"<rect x='{x0}' y='{TOP}' width='{SIDE}' height='{SIDE}' fill='none' stroke='#888'/>",
        f"<line x1='{left}' y1='{bottom}' x2='{right}' y2='{top}' stroke='#888' stroke-dasharray='4 4'/>",
        *_title(view, x0),
        f"<text x='{x0 + SIDE / 2:.1f}' y='{TOP + SIDE + 40}' text-anchor='middle' {STYLE}>said</text>",
        f"<text x='{x0 - 8}' y='{TOP + SIDE / 4:.1f}' text-anchor='end' {STYLE}>found</text>",
    ]
    for tick in (0.0, 0.5, 1.0):
        x, y_ = at(tick, tick)
        parts.append(f"<text x='{x}' y='{TOP + SIDE + 18}' text-anchor='middle' {STYLE}>{tick:g}</text>")
        parts.append(f"<text x='{x0 - 8}' y='{float(y_) + 4:.1f}' text-anchor='end' {STYLE}>{tick:g}</text>")
    for b in bins(p, y):
        x, middle = at(b.said, b.found)
        _, low = at(b.said, b.low)
        _, high = at(b.said, b.high)
        radius = 2 + b.count**0.5
        ends = f"x1='{x}' y1='{low}' x2='{x}' y2='{high}'"
        parts.append(f"<line {ends} stroke='#1f5f8b' stroke-width='2'/>")
        parts.append(
            f"<circle cx='{x}' cy='{middle}' r='{radius:.1f}' fill='#1f5f8b' fill-opacity='0.75'>"
            f"<title>{b.count} hips: said {b.said:.2f}, found {b.found:.2f}</title></circle>"
        )
    return "\n".join(parts)


def _title(view: str, x0: int) -> list[str]:
    """Write the name of a view in one line, or in two where it has a comma."""
    lines: list[Any] = view.split(", ")
    first = TOP - 10 - 15 * (len(lines) - 1)
    return [
        f"<text x='{x0 + SIDE / 2:.1f}' y='{first + 15 * n}' text-anchor='middle' {STYLE}>{text}</text>"
        for n, text in enumerate(lines)
    ]
