"""The pictures of the report of a screening: the funnel, and how the risk is spread.

Colours come from the page by class, so that they suit a light and a dark ground; a hidden number is a hatched
stub whose length says nothing. No style attributes, which a strict content security policy would not apply.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape

from precollapse.screen.summary_model import Bin, Count, Step, Table
from precollapse.views import screen_words as words
from precollapse.views.plots.svg import Drawing, document, element
from precollapse.views.wording import clean

WIDTH = 460.0
_STUB = 36.0
_LEAST_WIDTH = 1.0  # somebody is never drawn as nobody
_DECADES = 5  # of the small axis of risks: 0.001 % to 100 %


def funnel(steps: Sequence[Step]) -> str:
    """Return the funnel: a bar for each step, all measured against the largest."""
    name, step_height, bar_height = "funnel", 42.0, 16.0
    scale = _scale([one.patients for one in steps], WIDTH)
    body, said = [_hatch(name)], []
    for place, one in enumerate(steps):
        top = place * step_height
        part = words.share_words(one.patients, steps[0].patients) if place else ""
        counted = words.count(one.patients) + (f" ({part})" if part else "")
        body.append(_text(0, top + 14, one.label, "label"))
        body.append(_text(WIDTH, top + 14, counted, "figure"))
        body.append(_bar(0, top + 19, bar_height, one.patients, scale, "fill", name))
        said.append(f"{one.label}: {counted}.")
    title = "From all patients to those with an action"
    return document([_drawing(len(steps) * step_height, body, title, said)], name, alone=False)


def histogram(bins: Sequence[Bin], table: Table) -> str:
    """Return how many patients have which risk: a bar for each bin, the part with an action dark."""
    name, row, height, left, right = "histogram", 22.0, 14.0, 128.0, 116.0
    scale = _scale([one.patients for one in table.groups], WIDTH - left - right)
    body, said = [_hatch(name)], []
    for place, (bin_, group) in enumerate(zip(bins, table.groups, strict=True)):
        top = place * row
        label = words.bin_words(bin_)
        counted = f"{words.count(group.patients)} ({words.count(group.flagged)})"
        body.append(_text(0, top + 14, label, "label"))
        body.append(_bar(left, top + 3, height, group.patients, scale, "pale", name))
        if group.patients.value and group.flagged.value:
            body.append(_bar(left, top + 3, height, group.flagged, scale, "fill", name))
        body.append(_text(WIDTH, top + 14, counted, "figure"))
        said.append(f"{label}: {words.count(group.patients)}, {words.count(group.flagged)} with an action.")
    title = "Patients by their risk today, on a logarithmic scale"
    return document([_drawing(len(bins) * row, body, title, said)], name, alone=False)


def share_bar(share: float | None) -> str:
    """Return a small bar for a cell that says the share in words; empty where it is hidden."""
    if share is None:
        return ""
    track = element("rect", {"class": "track", "width": 60.0, "height": 10.0})
    width = max(_LEAST_WIDTH, 60 * share) if share else 0.0
    return _small(60, track + element("rect", {"class": "fill", "width": width, "height": 10.0}))


def risk_line(low: float, median: float, high: float) -> str:
    """Return a small line from quartile to quartile with the median, logarithmic from 0.001 % to 100 %."""
    places = [
        92 * (1 + math.log10(min(1.0, max(one, 10.0**-_DECADES))) / _DECADES) + 4
        for one in (low, median, high)
    ]
    axis = element("line", {"class": "track", "x1": 4.0, "x2": 96.0, "y1": 5.0, "y2": 5.0})
    line = element(
        "rect",
        {"class": "fill", "x": places[0], "y": 3.5, "width": places[2] - places[0] + 0.5, "height": 3.0},
    )
    point = element("circle", {"class": "point", "cx": places[1], "cy": 5.0, "r": 3.5})
    return _small(100, axis + line + point)


def _small(width: int, body: str) -> str:
    # The cell says the same in words, so a screen reader skips the picture.
    attributes: dict[str, str | float] = {
        "class": "small",
        "viewBox": f"0 0 {width} 10",
        "aria-hidden": "true",
    }
    return element("svg", attributes | {"width": float(width), "height": 10.0}, body)


def _scale(counts: Sequence[Count], room: float) -> Callable[[int], float]:
    largest = max([1, *(one.value for one in counts if one.value is not None)])
    return lambda value: max(_LEAST_WIDTH, room * value / largest) if value else 0.0


def _bar(
    x: float, y: float, height: float, count: Count, scale: Callable[[int], float], kind: str, name: str
) -> str:
    where: dict[str, str | float] = {"x": x, "y": y, "height": height}
    if count.value is None:
        return element("rect", where | {"class": "hidden", "width": _STUB, "fill": f"url(#{name}-hatch)"})
    width = scale(count.value)
    return element("rect", where | {"class": kind, "width": width}) if width else ""


def _hatch(name: str) -> str:
    stripe = element("path", {"class": "stripe", "d": "M0 6 L6 0 M-1 1 L1 -1 M5 7 L7 5"})
    pattern: dict[str, str | float] = {"id": f"{name}-hatch", "width": 6.0, "height": 6.0}
    return element("defs", {}, element("pattern", pattern | {"patternUnits": "userSpaceOnUse"}, stripe))


def _text(x: float, y: float, said: str, kind: str) -> str:
    anchor = "end" if kind == "figure" else "start"
    return element("text", {"class": kind, "x": x, "y": y, "text-anchor": anchor}, escape(clean(said)))


def _drawing(height: float, body: Sequence[str], title: str, said: Sequence[str]) -> Drawing:
    return Drawing(WIDTH, height + 4, "".join(body), title, " ".join(said))
