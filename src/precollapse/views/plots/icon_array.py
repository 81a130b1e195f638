"""A hundred hips as a picture: those of which something is expected filled, those it could also be hatched.

Filled, hatched and open differ in shape, so that no colour is needed to tell them apart.
"""

from __future__ import annotations

from precollapse.assessment.nodes import Interval
from precollapse.views.plots.svg import BLUE, INK, Drawing, document, element, number

COUNT, ROW = 100, 20
STEP, RADIUS, MARGIN = 22.0, 8.0, 6.0
_HATCH = "hatched"


def icon_array(value: float, interval: Interval | None, name: str, title: str) -> str:
    """Return the picture of a probability as an SVG document.

    Parameters
    ----------
    value, interval
        The probability and what it could also be, from 0 to 1.
    name
        Start of the ids, unique within a page.
    title
        What the filled hips stand for.
    """
    filled, possible = round(value * COUNT), round((interval.high if interval else value) * COUNT)
    words = f"{filled} of {COUNT} filled, up to {max(filled, possible)} filled or hatched."
    rows = COUNT // ROW
    body = _pattern(name) + "".join(_icon(place, filled, possible, name) for place in range(COUNT))
    drawing = Drawing(ROW * STEP + 2 * MARGIN, rows * STEP + 2 * MARGIN, body, title, words)
    return document([drawing], name, alone=False)


def _pattern(name: str) -> str:
    stripe = element(
        "path", {"d": "M0 4 L4 0 M-1 1 L1 -1 M3 5 L5 3", "stroke": BLUE, "stroke-width": 1.2, "fill": "none"}
    )
    pattern: dict[str, str | float] = {
        "id": f"{name}-{_HATCH}",
        "width": 4.0,
        "height": 4.0,
        "patternUnits": "userSpaceOnUse",
    }
    return element("defs", {}, element("pattern", pattern, stripe))


def _icon(place: int, filled: int, possible: int, name: str) -> str:
    row, column = divmod(place, ROW)
    x, y = MARGIN + STEP * (column + 0.5), MARGIN + STEP * (row + 0.5)
    fill = BLUE if place < filled else f"url(#{name}-{_HATCH})" if place < possible else "#ffffff"
    circle = element(
        "circle", {"cx": x, "cy": y, "r": RADIUS, "fill": fill, "stroke": INK, "stroke-width": 1.0}
    )
    return circle + (_cross(x, y) if place < filled else "")


def _cross(x: float, y: float) -> str:
    arm = RADIUS / 2
    corners = ((x - arm, y - arm, x + arm, y + arm), (x - arm, y + arm, x + arm, y - arm))
    drawn = " ".join(f"M{number(a)} {number(b)} L{number(c)} {number(d)}" for a, b, c, d in corners)
    return element("path", {"d": drawn, "stroke": "#ffffff", "stroke-width": 2.0, "fill": "none"})
