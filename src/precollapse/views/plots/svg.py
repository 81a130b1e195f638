"""Small helpers for SVG: escaping, elements, how wide a text is, one picture made of several.

Text widths are estimated on the wide side from classes of letters, so that a label that fits here fits in
the reader's font as well. Nothing loads from elsewhere and there is no script.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from precollapse.views.wording import clean

FONT = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
SIZE = 12.0
# Okabe and Ito's colours, told apart by colour-blind readers (https://jfly.uni-koeln.de/color/).
BLUE, PALE, ORANGE, INK, GREY, RULE = "#0072b2", "#9fc9eb", "#d55e00", "#1a1a1a", "#4a4a4a", "#cccccc"

_NARROW = set("iljftrI.,:;|!'()[] /-")
_WIDE = set("mwMWQOGCDHNU%@&+=<>~—…")


@dataclass(frozen=True, slots=True)
class Drawing:
    """The inside of a picture with its size in pixels and what it says in words."""

    width: float
    height: float
    body: str
    title: str
    words: str


def number(value: float) -> str:
    """Return a coordinate with at most two decimals, always written the same."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def element(tag: str, attributes: dict[str, str | float], content: str = "") -> str:
    """Return an element; ``content`` is already markup, the attributes are escaped here."""
    written = "".join(
        f" {name}={quoteattr(clean(value) if isinstance(value, str) else number(value))}"
        for name, value in attributes.items()
    )
    return f"<{tag}{written}>{content}</{tag}>" if content else f"<{tag}{written}/>"


def text(
    x: float,
    y: float,
    said: str,
    *,
    anchor: str = "start",
    size: float = SIZE,
    weight: str = "normal",
    slant: str = "normal",
    colour: str = INK,
    full: str = "",
    halo: bool = False,
) -> str:
    """Return a line of text.

    ``full`` is the whole of a text that had to be shortened; a ``halo`` keeps it legible across lines.
    """
    style = f"font-size:{number(size)}px;font-weight:{weight};font-style:{slant};fill:{colour}"
    if halo:
        style += ";paint-order:stroke;stroke:#ffffff;stroke-width:4px"
    whole = f"<title>{escape(clean(full))}</title>" if full and full != said else ""
    attributes: dict[str, str | float] = {"x": x, "y": y, "text-anchor": anchor, "style": style}
    return element("text", attributes, whole + escape(clean(said)))


def line(
    x1: float,
    y1: float,
    x2: float,
    y2: float,
    colour: str,
    width: float = 1.0,
    dashes: str = "",
    name: str = "",
) -> str:
    """Return a straight line; ``name`` is its class."""
    attributes: dict[str, str | float] = {"class": name} if name else {}
    attributes |= {"x1": x1, "y1": y1, "x2": x2, "y2": y2, "stroke": colour, "stroke-width": width}
    if dashes:
        attributes["stroke-dasharray"] = dashes
    return element("line", attributes)


def polygon(points: Sequence[tuple[float, float]], fill: str, stroke: str, name: str = "") -> str:
    """Return a filled shape with a line around it."""
    corners = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    attributes: dict[str, str | float] = {"points": corners, "fill": fill, "stroke": stroke}
    return element("polygon", {"class": name, **attributes} if name else attributes)


def width_of(said: str, size: float = SIZE, *, bold: bool = False) -> float:
    """Return about how many pixels a text takes, rather too many than too few."""
    ems = sum(_ems(letter) for letter in said)
    return ems * size * (1.1 if bold else 1.0)


def _ems(letter: str) -> float:
    if letter in _NARROW:
        return 0.4
    if letter in _WIDE:
        return 0.9
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.05
    return 0.0 if unicodedata.combining(letter) else 0.72 if letter.isupper() else 0.63


def shorten(said: str, room: float, size: float = SIZE, *, bold: bool = False) -> str:
    """Return as much of a text as fits, with an ellipsis where it was cut."""
    said = clean(said)
    if width_of(said, size, bold=bold) <= room:
        return said
    kept = said
    while kept and width_of(f"{kept}…", size, bold=bold) > room:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"


def wrapped(said: str, room: float, size: float = SIZE) -> list[str]:
    """Break a text at blanks into lines that fit; a word too long for a line is shortened."""
    lines: list[str] = []
    for word in clean(said).split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, size) <= room:
            lines[-1] = longer
        else:
            lines.append(shorten(word, room, size))
    return lines


def document(drawings: Sequence[Drawing], name: str = "plot", *, alone: bool = True) -> str:
    """Return one SVG of drawings below each other.

    Parameters
    ----------
    drawings
        At least one.
    name
        Start of the ids, unique within a page.
    alone
        Whether it is a file of its own (with a white ground) or part of a page.

    Raises
    ------
    ValueError
        When there is nothing to draw.
    """
    if not drawings:
        raise ValueError("there is nothing to draw; give at least one drawing")
    width, height, parts = max(one.width for one in drawings), 0.0, []
    for one in drawings:
        parts.append(element("g", {"transform": f"translate(0 {number(height)})"}, one.body))
        height += one.height
    ground = [element("rect", {"width": width, "height": height, "fill": "#ffffff"})] if alone else []
    titled = element("title", {"id": f"{name}-title"}, _said("; ".join(one.title for one in drawings)))
    described = element("desc", {"id": f"{name}-desc"}, _said(" ".join(one.words for one in drawings)))
    attributes: dict[str, str | float] = {
        "xmlns": "http://www.w3.org/2000/svg",
        "viewBox": f"0 0 {number(width)} {number(height)}",
        "role": "img",
        "aria-labelledby": f"{name}-title {name}-desc",
        "font-family": FONT,
    }
    if alone:
        attributes |= {"width": width, "height": height}
    return element("svg", attributes, "\n".join(("", titled, described, *ground, *parts, ""))) + "\n"


def _said(words: str) -> str:
    return escape(clean(words)) or " "
