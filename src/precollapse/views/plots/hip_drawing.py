"""A hip joint drawn as it stands: socket, ball and neck; a hatched zone where bone may be or is dead.

The drawing is a sketch, the same for everybody in the same state: it is not made from the patient's images.
"""

from __future__ import annotations

from precollapse.views.plots.svg import GREY, INK, ORANGE, Drawing, document, element

WIDTH, HEIGHT = 220.0, 240.0
# Ball: centre and radius; its top, which sinks in as the bone gives way.
X, Y, R = 100.0, 105.0, 58.0
_NECK = "M62 150 L120 235 L190 235 L190 200 L150 132"
_SOCKET = "M28 108 A74 74 0 0 1 172 88"
_HATCH = "dead"
# How far the top has sunk in the sketch, in pixels: enough to be seen, not to scale.
SUNK = {"before collapse": 0.0, "collapsed up to 2 mm": 9.0, "collapsed beyond 2 mm": 20.0, "arthritis": 24.0}
WORDS = {
    "shown": "a part of the ball is hatched: bone that has died",
    "possible": "a part of the ball is outlined with a question mark: bone that may have died",
    "unlikely": "a round ball without a marked zone",
    "no femoral head": "an artificial joint: a ball on a stem",
}


def hip_drawing(side: str, proof: str, standing: str | None, name: str) -> str:
    """Return the sketch of a hip as an SVG document.

    Parameters
    ----------
    side
        "left" or "right"; the right hip is the mirror image.
    proof
        "shown", "possible", "unlikely" or "no femoral head".
    standing
        Where a hip with osteonecrosis stands, where that is certain.
    name
        Start of the ids, unique within a page.
    """
    body = (
        _artificial() if proof == "no femoral head" else _natural(proof, SUNK.get(standing or "", 0.0), name)
    )
    if standing == "arthritis":
        body += _spurs()
    if side == "right":
        body = element("g", {"transform": f"translate({WIDTH:g} 0) scale(-1 1)"}, body)
    sunk = "; the top has sunk in" if SUNK.get(standing or "", 0.0) else ""
    words = f"Sketch of the {side} hip: {WORDS[proof]}{sunk}."
    return document([Drawing(WIDTH, HEIGHT, body, f"Your {side} hip", words)], name, alone=False)


def _line(path: str, width: float = 3.0, fill: str = "none", colour: str = INK) -> str:
    return element(
        "path", {"d": path, "fill": fill, "stroke": colour, "stroke-width": width, "stroke-linejoin": "round"}
    )


def _natural(proof: str, sunk: float, name: str) -> str:
    parts = [
        _line(_SOCKET, 7.0, colour=GREY),
        _line(_NECK, 3.0, "#ffffff"),
        _line(_ball(sunk), 3.0, "#ffffff"),
    ]
    if proof == "shown":
        parts += [_pattern(name), _line(_zone(sunk), 2.5, f"url(#{name}-{_HATCH})", ORANGE)]
    elif proof == "possible":
        style: dict[str, str | float] = {
            "d": _zone(0.0),
            "fill": "none",
            "stroke": ORANGE,
            "stroke-width": 2.5,
        }
        parts += [element("path", {**style, "stroke-dasharray": "5 4"}), _question_mark()]
    return "".join(parts)


def _ball(sunk: float) -> str:
    top = Y - R + sunk
    return (
        f"M{X - 42:g} {Y - 40:g} Q{X - 8:g} {top - (6 if sunk else 18):g} {X + 42:g} {Y - 40:g} "
        f"A{R:g} {R:g} 0 1 1 {X - 42:g} {Y - 40:g} Z"
    )


def _zone(sunk: float) -> str:
    top = Y - R + sunk
    return (
        f"M{X - 34:g} {Y - 42:g} Q{X - 8:g} {top - (4 if sunk else 12):g} {X + 34:g} {Y - 42:g} "
        f"Q{X + 14:g} {Y + 2:g} {X - 34:g} {Y - 42:g} Z"
    )


def _pattern(name: str) -> str:
    stripe = element("path", {"d": "M0 6 L6 0", "stroke": ORANGE, "stroke-width": 1.6, "fill": "none"})
    pattern: dict[str, str | float] = {
        "id": f"{name}-{_HATCH}",
        "width": 6.0,
        "height": 6.0,
        "patternUnits": "userSpaceOnUse",
    }
    return element("defs", {}, element("pattern", pattern, stripe))


def _question_mark() -> str:
    """Return a question mark drawn as lines, so that it needs no font."""
    arc = f"M{X - 7:g} {Y - 36:g} A7 7 0 1 1 {X + 2:g} {Y - 29:g} L{X + 2:g} {Y - 23:g}"
    dot = element("circle", {"cx": X + 2, "cy": Y - 17, "r": 2.2, "fill": INK})
    return _line(arc, 2.5) + dot


def _spurs() -> str:
    return _line("M34 118 L26 128 L40 126", 3.0) + _line("M166 100 L178 108 L163 112", 3.0)


def _artificial() -> str:
    cup = _line(_SOCKET, 7.0, colour=GREY)
    ball = element(
        "circle", {"cx": X, "cy": Y, "r": 40.0, "fill": "#ffffff", "stroke": INK, "stroke-width": 3.0}
    )
    stem = _line("M120 140 L138 132 L176 235 L150 235 Z", 3.0, "#ffffff")
    return cup + stem + ball
