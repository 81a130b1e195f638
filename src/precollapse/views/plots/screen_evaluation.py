"""Decision curve and calibration plot of an evaluation of screening, as SVG."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby

from precollapse.screen.evaluation_model import NetBenefit, RiskGroup
from precollapse.views import numbers
from precollapse.views.plots import svg
from precollapse.views.plots.axis import Axis
from precollapse.views.plots.fan import curve

WIDTH, HEIGHT = 760.0, 340.0
LEFT, RIGHT, TOP, BOTTOM = 72.0, 740.0, 40.0, 270.0
_SMALL = 11.0
_LEAST_RISK = 1e-5  # below, a point stands at the edge of the calibration plot
_SQUARE = 300.0

Points = list[tuple[float, float]]


def decision_curve(points: Sequence[NetBenefit], horizon: str) -> svg.Drawing | None:
    """Return net benefit per 1,000 patients over the threshold, or None when there is nothing to draw."""
    shown = [one for one in points if one.model.value is not None]
    if len(shown) < 2:
        return None
    up = _benefit_axis(points)
    across = Axis(points[0].threshold, points[-1].threshold, LEFT, RIGHT, log=True)
    everybody = [(one.threshold, one.image_all) for one in points]
    flags = [(one.threshold, one.flagged) for one in points]
    model = [(one.threshold, one.model.value) for one in points]
    body = [
        svg.text(LEFT, 18, "Net benefit per 1,000 patients", size=13, weight="bold"),
        *_benefit_grid(across, up),
        *_band(points, across, up),
        *_line(everybody, across, up, svg.GREY, "7 4"),
        *_line(flags, across, up, svg.ORANGE, "2 3"),
        *_line(model, across, up, svg.BLUE, ""),
        svg.text((LEFT + RIGHT) / 2, BOTTOM + 34, _THRESHOLD, anchor="middle", size=_SMALL),
        *_legend(),
    ]
    return svg.Drawing(
        WIDTH, HEIGHT, "\n".join(body), f"Decision curve, diagnoses within {horizon}", _words(shown)
    )


_THRESHOLD = "threshold: image who is at least so likely to be a case (logarithmic)"


def _words(shown: Sequence[NetBenefit]) -> str:
    best = max(shown, key=lambda one: (one.model.value or 0.0) - max(0.0, one.image_all or 0.0))
    return (
        f"Net benefit over thresholds from {numbers.percent(shown[0].threshold)} to"
        f" {numbers.percent(shown[-1].threshold)}; imaging by risk gains most at"
        f" {numbers.percent(best.threshold)}."
    )


def _benefit_axis(points: Sequence[NetBenefit]) -> Axis:
    values = [v for one in points for v in (one.model.value, one.model.high, one.flagged, one.image_all) if v]
    most = max([1e-6, *values])
    step = _step(1000 * most / 4)
    top = step * math.ceil(1000 * most / step) / 1000
    return Axis(-top / 4, top, BOTTOM, TOP, log=False)


def _step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(digit * power for digit in (1.0, 2.0, 2.5, 5.0, 10.0) if digit * power >= least * (1 - 1e-9))


def _benefit_grid(across: Axis, up: Axis) -> Iterator[str]:
    step = _step(1000 * up.high / 4)
    for k in range(-4, 6):
        value = k * step / 1000
        if up.low - 1e-12 <= value <= up.high + 1e-12:
            y = up.place(value)
            yield svg.line(LEFT, y, RIGHT, y, svg.INK if k == 0 else svg.RULE)
            said = f"{k * step:g}" if k >= 0 else f"-{-k * step:g}"
            yield svg.text(LEFT - 8, y + 4, said, anchor="end", size=_SMALL, colour=svg.GREY)
    yield from _percent_ticks(across, BOTTOM)


def _percent_ticks(across: Axis, y: float) -> Iterator[str]:
    for value in across.ticks(numbers.percent, lambda said: svg.width_of(said, _SMALL), 8.0):
        x = across.place(value)
        yield svg.line(x, y, x, y + 4, svg.INK)
        yield svg.text(x, y + 16, numbers.percent(value), anchor="middle", size=_SMALL, colour=svg.GREY)


def _band(points: Sequence[NetBenefit], across: Axis, up: Axis) -> Iterator[str]:
    """Yield the interval of the curve, cut at the edges of the plot and where points are withheld."""
    for known, run in groupby(
        points, key=lambda one: one.model.low is not None and one.model.high is not None
    ):
        some = list(run)
        if known and len(some) > 1:
            there = [(across.place(one.threshold), up.place(one.model.high or 0.0)) for one in some]
            back = [(across.place(one.threshold), up.place(one.model.low or 0.0)) for one in reversed(some)]
            yield svg.polygon([*there, *back], svg.PALE, "none", "interval")


def _line(
    values: Sequence[tuple[float, float | None]], across: Axis, up: Axis, colour: str, dashes: str
) -> Iterator[str]:
    for run in _visible(values, up.low):
        placed = [(across.place(x), up.place(y)) for x, y in run]
        if len(placed) > 1:
            yield curve(placed, colour, 2.0, dashes)


def _visible(values: Sequence[tuple[float, float | None]], floor: float) -> Iterator[Points]:
    """Yield the runs of a curve above the floor; a run ends where the straight line meets it."""
    run: Points = []
    last: tuple[float, float] | None = None
    for x, y in values:
        if y is None:
            yield run
            run, last = [], None
            continue
        if last is not None and (last[1] < floor) != (y < floor):
            share = (floor - last[1]) / (y - last[1])
            run.append((last[0] + share * (x - last[0]), floor))
        if y >= floor:
            run.append((x, y))
        elif run:
            yield run
            run = []
        last = (x, y)
    yield run


def _legend() -> Iterator[str]:
    y, x = HEIGHT - 12, LEFT
    marks = (
        ("by risk, with interval", svg.BLUE, ""),
        ("the flags as they are", svg.ORANGE, "2 3"),
        ("image all", svg.GREY, "7 4"),
        ("image none", svg.INK, ""),
    )
    for said, colour, dashes in marks:
        yield svg.line(x, y - 4, x + 26, y - 4, colour, 1.0 if said == "image none" else 2.0, dashes)
        yield svg.text(x + 32, y, said, size=_SMALL, colour=svg.GREY)
        x += 32 + svg.width_of(said, _SMALL) + 20


def calibration(groups: Sequence[RiskGroup]) -> svg.Drawing | None:
    """Return observed shares over mean risks, both logarithmic; None when there is nothing to draw."""
    shown = [one for one in groups if one.observed.best.value is not None]
    if not shown:
        return None
    low, high = _range(shown)
    left, bottom, top = LEFT, 30 + _SQUARE, 30.0
    across = Axis(low, high, left, left + _SQUARE, log=True)
    up = Axis(low, high, bottom, top, log=True)
    body = [
        svg.text(left, 18, "Diagnosed, against what was expected", size=13, weight="bold"),
        svg.line(across.left, up.left, across.right, up.right, svg.GREY, 1.0, "7 4"),
        svg.line(left, bottom, left + _SQUARE, bottom, svg.INK),
        svg.line(left, bottom, left, top, svg.INK),
        *_percent_ticks(across, bottom),
        *_risk_ticks(up, left),
        *(mark for one in shown for mark in _mark(one, across, up)),
        svg.text(left + _SQUARE / 2, bottom + 34, "mean risk (logarithmic)", anchor="middle", size=_SMALL),
        *_key(left + _SQUARE + 40),
    ]
    said = "; ".join(
        f"risk {numbers.percent(one.mean_risk)}, diagnosed {numbers.percent(one.observed.best.value or 0.0)}"
        for one in shown
    )
    return svg.Drawing(WIDTH, bottom + 48, "\n".join(body), "Calibration by groups of risk", f"{said}.")


def _range(groups: Sequence[RiskGroup]) -> tuple[float, float]:
    """Return full decades that hold the mean risks and observed shares, and at most 1."""
    values = [v for one in groups for v in (one.mean_risk, one.observed.best.value) if v]
    highs = [one.observed.best.high or 0.0 for one in groups]
    low = max(_LEAST_RISK, min([*values, 0.1]))
    high = min(1.0, max([*values, *highs, 10 * low]))
    return 10.0 ** math.floor(math.log10(low) + 1e-9), 10.0 ** math.ceil(math.log10(high) - 1e-9)


def _risk_ticks(up: Axis, left: float) -> Iterator[str]:
    for power in range(round(math.log10(up.low)), round(math.log10(up.high)) + 1):
        y = up.place(10.0**power)
        yield svg.line(left - 4, y, left, y, svg.INK)
        yield svg.text(
            left - 8, y + 4, numbers.percent(10.0**power), anchor="end", size=_SMALL, colour=svg.GREY
        )


def _mark(one: RiskGroup, across: Axis, up: Axis) -> Iterator[str]:
    """Yield a point with its interval; hollow at the bottom when none was diagnosed."""
    best = one.observed.best
    x, value = across.place(one.mean_risk), best.value or 0.0
    if best.low is not None and best.high is not None:
        yield svg.line(x, up.place(best.low), x, up.place(best.high), svg.BLUE, 1.5)
    fill = svg.BLUE if value > 0 else "#ffffff"
    mark: dict[str, str | float] = {"class": "group", "cx": x, "cy": up.place(value), "r": 4.5}
    yield svg.element("circle", mark | {"fill": fill, "stroke": svg.BLUE, "stroke-width": 1.5})


def _key(x: float) -> Iterator[str]:
    said = (
        "Each point is a group of patients of similar risk,",
        "the line its 95 % interval (Wilson).",
        "Hollow, at the bottom: none was diagnosed.",
        "Dashed: as many as expected.",
        "Above it the risks are too low, below too high.",
    )
    for row, one in enumerate(said):
        yield svg.text(x, 60 + 18 * row, one, size=_SMALL, colour=svg.GREY)
