"""The fan of a course as SVG: probability over the years, its middle half and its middle 95 %.

The told horizons are written under the axis. Every whole year can be pointed at or reached by keyboard and
then shows its numbers; that is left to the style sheet of the page, so there is no script.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from xml.sax.saxutils import escape

from precollapse.assessment.forecast_nodes import CourseOf, OutcomeAt
from precollapse.assessment.nodes import Interval
from precollapse.views import numbers
from precollapse.views import wording_forecast as words
from precollapse.views.plots import svg
from precollapse.views.plots.axis import Axis
from precollapse.views.wording import clean

WIDTH, HEIGHT = 760.0, 344.0
LEFT, RIGHT, TOP, BOTTOM = 62.0, 706.0, 50.0, 250.0
HALF = "#5aa5d8"
_SMALL = 11.0
_MARKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_MOST_YEARS = 15

Attributes = dict[str, str | float]


def has_curve(course: CourseOf, times: Sequence[float]) -> bool:
    """Return whether a course can be drawn: one number for each of the times, the times rising."""
    lines = (course.curve, course.low, course.high)
    rising = len(times) > 1 and times[0] >= 0 and all(one < other for one, other in pairwise(times))
    return rising and all(len(line) == len(times) for line in lines)


def fan_picture(
    course: CourseOf, times: Sequence[float], name: str, title: str, *, still: bool = False
) -> str:
    """Return the picture of one course.

    Parameters
    ----------
    course
        With a curve; see `has_curve`.
    times
        Years from now, rising.
    name
        Start of the ids, unique within the page.
    title
        What is shown, of which hip.
    still
        For paper: without the parts that show only where one points.
    """
    across, up = axes(times)
    told = [one for one in course.at if one.years <= times[-1]]
    body = [
        svg.text(
            LEFT, 18, svg.shorten(title, RIGHT - LEFT, 13, bold=True), size=13, weight="bold", full=title
        ),
        *grid(across, up),
        *_bands(course, times, across, up),
        *_horizons(told, across, up),
        *(_hit(one, course, across, up, title) for one in (() if still else _years(course, times))),
        *_legend(),
    ]
    said = "; ".join(f"{words.within(one.years)} {words.probability(one)}" for one in told)
    return interactive(name, title, f"{title}: {said}.", "\n".join(body), HEIGHT)


def axes(times: Sequence[float]) -> tuple[Axis, Axis]:
    """Return the axis of the years and that of the probability, which runs upwards."""
    return Axis(0.0, times[-1], LEFT, RIGHT, log=False), Axis(0.0, 1.0, BOTTOM, TOP, log=False)


def interactive(name: str, title: str, said: str, body: str, height: float) -> str:
    """Return a picture with parts that can be reached one by one, so that it is a group and not one image."""
    head = svg.element("title", {"id": f"{name}-title"}, escaped(title))
    head += svg.element("desc", {"id": f"{name}-desc"}, escaped(said))
    attributes: Attributes = {
        "xmlns": "http://www.w3.org/2000/svg",
        "viewBox": f"0 0 {svg.number(WIDTH)} {svg.number(height)}",
        "role": "group",
        "aria-labelledby": f"{name}-title {name}-desc",
        "font-family": svg.FONT,
    }
    return svg.element("svg", attributes, f"{head}\n{body}\n") + "\n"


def escaped(said: str) -> str:
    """Return words as the content of an element; an empty title would be no title."""
    return escape(clean(said)) or " "


def grid(across: Axis, up: Axis) -> Iterator[str]:
    """Yield the lines behind the curves, and the labels of both axes."""
    for mark in _MARKS:
        y = up.place(mark)
        yield svg.line(across.left, y, across.right, y, svg.RULE)
        yield svg.text(
            across.left - 8, y + 4, f"{100 * mark:.0f} %", anchor="end", size=_SMALL, colour=svg.GREY
        )
    for year in across.ticks(numbers.plain, lambda said: svg.width_of(said, _SMALL), 8.0):
        x = across.place(year)
        yield svg.line(x, up.left, x, up.left + 4, svg.INK)
        yield svg.text(x, up.left + 16, numbers.plain(year), anchor="middle", size=_SMALL, colour=svg.GREY)
    yield svg.line(across.left, up.left, across.right, up.left, svg.INK)
    yield svg.text(across.left - 8, up.left + 16, "years", anchor="end", size=_SMALL, colour=svg.GREY)


def points(
    times: Sequence[float], values: Sequence[float], across: Axis, up: Axis
) -> list[tuple[float, float]]:
    """Return where a curve passes."""
    return [(across.place(time), up.place(value)) for time, value in zip(times, values, strict=True)]


def curve(passed: Iterable[tuple[float, float]], colour: str, width: float, dashes: str = "") -> str:
    """Return a line through points."""
    way = " L ".join(f"{svg.number(x)} {svg.number(y)}" for x, y in passed)
    attributes: Attributes = {"class": "curve", "d": f"M {way}", "fill": "none", "stroke": colour}
    attributes |= {"stroke-width": width, "stroke-linejoin": "round"}
    if dashes:
        attributes["stroke-dasharray"] = dashes
    return svg.element("path", attributes)


def _bands(course: CourseOf, times: Sequence[float], across: Axis, up: Axis) -> Iterator[str]:
    bands = [(course.low, course.high, svg.PALE, "wide"), (course.inner_low, course.inner_high, HALF, "half")]
    for low, high, colour, name in bands:
        if len(low) == len(high) == len(times):
            there, back = points(times, low, across, up), points(times, high, across, up)
            yield svg.polygon([*there, *reversed(back)], colour, svg.BLUE if name == "wide" else colour, name)
    yield curve(points(times, course.curve, across, up), svg.INK, 2.5)


def _horizons(told: Sequence[OutcomeAt], across: Axis, up: Axis) -> Iterator[str]:
    """Yield a mark on the curve for every told horizon, and its numbers under the axis."""
    lines = [
        (words.years(one.years), words.percent(one.value), f"({words.span(one.interval)})") for one in told
    ]
    rooms = [max(svg.width_of(said, _SMALL) for said in three) + 8 for three in lines]
    wanted = [across.place(one.years) for one in told]
    for one, three, x, middle in zip(told, lines, wanted, spread(wanted, rooms, 4.0, WIDTH - 4), strict=True):
        mark: Attributes = {"class": "told", "cx": x, "cy": up.place(one.value), "r": 4.0}
        yield svg.element("circle", mark | {"fill": "#ffffff", "stroke": svg.INK, "stroke-width": 2.0})
        yield svg.line(x, up.left + 20, middle, up.left + 27, svg.GREY)
        for row, said in enumerate(three):
            weight = "bold" if row == 1 else "normal"
            yield svg.text(middle, up.left + 38 + 13 * row, said, anchor="middle", size=_SMALL, weight=weight)


def spread(wanted: Sequence[float], rooms: Sequence[float], least: float, most: float) -> list[float]:
    """Move middles apart as little as needed, so that pieces as long as ``rooms`` do not touch.

    The order is kept. Pieces that need more room than there is overlap at the far end.
    """
    order = sorted(range(len(wanted)), key=lambda n: (wanted[n], n))
    placed = list(wanted)
    edge = least
    for n in order:
        placed[n] = max(wanted[n], edge + rooms[n] / 2)
        edge = placed[n] + rooms[n] / 2
    edge = most
    for n in reversed(order):
        placed[n] = min(placed[n], edge - rooms[n] / 2)
        edge = placed[n] - rooms[n] / 2
    return [max(least + room / 2, one) for one, room in zip(placed, rooms, strict=True)]


def _years(course: CourseOf, times: Sequence[float]) -> list[tuple[int, float]]:
    """Return the steps that can be pointed at: every whole year, or the told ones if those are many."""
    whole = [(step, time) for step, time in enumerate(times) if time > 0 and time == int(time)]
    if len(whole) <= _MOST_YEARS:
        return whole
    told = {one.years for one in course.at}
    return [(step, time) for step, time in whole if time in told]


def _hit(which: tuple[int, float], course: CourseOf, across: Axis, up: Axis, title: str) -> str:
    """Return a year that shows its numbers when it is pointed at or reached by keyboard."""
    step, year = which
    here = OutcomeAt(
        years=year, value=course.curve[step], interval=Interval(low=course.low[step], high=course.high[step])
    )
    said = f"{words.within(year)}: {words.probability(here)}{_half(course, step)}"
    x, wide = across.place(year), (across.right - across.left) / across.high
    area: Attributes = {"x": x - wide / 2, "y": up.right, "width": wide, "height": up.left - up.right}
    mark: Attributes = {"cx": x, "cy": up.place(here.value), "r": 5.0, "fill": svg.ORANGE}
    shown = [
        svg.line(x, up.right, x, up.left, svg.ORANGE, 1.5),
        svg.element("circle", mark),
        svg.text(across.right, 40, said, anchor="end", size=12, weight="bold"),
    ]
    attributes: Attributes = {
        "class": "hit",
        "tabindex": "0",
        "role": "img",
        "aria-label": f"{title}, {said}",
    }
    inside = svg.element("title", {}, escaped(said)) + svg.element("rect", area | {"fill": "transparent"})
    return svg.element("g", attributes, inside + svg.element("g", {"class": "shown"}, "".join(shown)))


def _half(course: CourseOf, step: int) -> str:
    if not len(course.curve) == len(course.inner_low) == len(course.inner_high):
        return ""
    return f", middle half {words.span(Interval(low=course.inner_low[step], high=course.inner_high[step]))}"


def _legend() -> Iterator[str]:
    """Yield what the line and the two bands are."""
    y, x = HEIGHT - 12, LEFT
    box: Attributes = {"y": y - 9, "width": 22.0, "height": 10.0}
    for said in ("probability", "middle half", "middle 95 %"):
        if said == "probability":
            yield svg.line(x, y - 4, x + 22, y - 4, svg.INK, 2.5)
        elif said == "middle half":
            yield svg.element("rect", {"x": x, **box, "fill": HALF})
        else:
            yield svg.element("rect", {"x": x, **box, "fill": svg.PALE, "stroke": svg.BLUE})
        yield svg.text(x + 28, y, said, size=_SMALL, colour=svg.GREY)
        x += 28 + svg.width_of(said, _SMALL) + 20
