"""The network of comparisons as SVG: a circle per treatment, a line per pair that was compared.

Circles grow with the number of hips, lines with the number of studies; a line is solid for randomised studies
and dashed for others, and a pair with both has both.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from precollapse.views.plots import svg

WIDTH = 760.0
_TOP, _RING, _LINE, _MARGIN = 44.0, 140.0, 17.0, 8.0
_LEAST, _MOST, _HALF_LETTER = 5.0, 26.0, 9.0


@dataclass(frozen=True, slots=True)
class Node:
    """A treatment; ``hips`` is None where no study printed how many."""

    id: str
    label: str
    hips: int | None


@dataclass(frozen=True, slots=True)
class Edge:
    """Two treatments that were compared, and in how many studies."""

    one: str
    other: str
    randomised: int
    others: int


@dataclass(frozen=True, slots=True)
class Network:
    """Everything the plot shows; ``apart`` are the names of treatments without a way to the others."""

    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    apart: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle in pixels."""

    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True)
class Placed:
    """A node with its circle and where its label begins or, at the left, ends."""

    node: Node
    circle: Circle
    label_x: float
    label_y: float
    anchor: str


def draw_network(network: Network) -> svg.Drawing:
    """Return the plot, 760 pixels wide.

    Raises
    ------
    ValueError
        When an edge names a treatment that has no node.
    """
    placed, bottom = place(network.nodes)
    known = {one.node.id: one for one in placed}
    for edge in network.edges:
        for end in (edge.one, edge.other):
            if end not in known:
                raise ValueError(f"{network.title}: {end} is compared but is no treatment of the network")
    title = svg.shorten(network.title, WIDTH - 2 * _MARGIN, 14, bold=True)
    body = [svg.text(_MARGIN, 20, title, size=14, weight="bold", full=network.title)]
    for edge in network.edges:
        body += _edge(edge, known[edge.one].circle, known[edge.other].circle)
    for one in placed:
        body += _node(one)
    foot, bottom = _foot(network, bottom)
    return svg.Drawing(WIDTH, bottom, "\n".join((*body, *foot)), network.title, _words(network))


def place(nodes: Sequence[Node]) -> tuple[list[Placed], float]:
    """Return where circles and labels stand, and the lower end; no label meets another one or a circle."""
    reach = max(_RING + _MOST + 4, (len(nodes) + 1) // 2 * _LINE / 2)
    middle = WIDTH / 2, _TOP + reach
    turns = [2 * math.pi * (number + 0.5) / len(nodes) - math.pi / 2 for number in range(len(nodes))]
    circles = [
        Circle(middle[0] + _RING * math.cos(turn), middle[1] + _RING * math.sin(turn), radius)
        for turn, radius in zip(turns, _radii(nodes), strict=True)
    ]
    found: list[Placed] = []
    for side in (1, -1):
        own = [n for n, turn in enumerate(turns) if (math.cos(turn) >= 0) == (side > 0)]
        own.sort(key=lambda n: circles[n].y)
        heights = _spread([circles[n].y for n in own])
        for n, height in zip(own, heights, strict=True):
            others = [circles[other] for other in own if other != n]
            x = _label_x(circles[n], height, others, middle, side)
            found.append(Placed(nodes[n], circles[n], x, height, "start" if side > 0 else "end"))
    return found, middle[1] + reach + 16


def _label_x(
    circle: Circle, height: float, others: Sequence[Circle], middle: tuple[float, float], side: int
) -> float:
    """Return where a label begins: beside its circle where that is free, else outside the ring."""
    free = all(abs(other.y - height) > other.radius + _HALF_LETTER for other in others)
    if free and abs(height - circle.y) < 1:
        return circle.x + side * (circle.radius + 8)
    up = max(0.0, abs(height - middle[1]) - _HALF_LETTER)
    return middle[0] + side * max(10.0, math.sqrt(max(0.0, (_RING + _MOST + 6) ** 2 - up**2)))


def _radii(nodes: Sequence[Node]) -> list[float]:
    """Return radii so that areas are proportional to hips, but can be seen and do not meet on the ring."""
    largest = max((node.hips or 0 for node in nodes), default=0)
    most = _MOST if len(nodes) < 3 else min(_MOST, _RING * math.sin(math.pi / len(nodes)) - 2)
    shares = [(node.hips or 0) / largest if largest else 0.0 for node in nodes]
    return [max(min(_LEAST, most), most * math.sqrt(share)) for share in shares]


def _spread(heights: list[float]) -> list[float]:
    """Move labels, sorted from the top, apart by as little as puts a line between each two."""
    blocks: list[list[float]] = []  # each the wished places of its first line
    for height in heights:
        blocks.append([height])
        while len(blocks) > 1 and _end(blocks[-2]) > _mean(blocks[-1]):
            last = blocks.pop()
            shift = _LINE * len(blocks[-1])
            blocks[-1] += [wish - shift for wish in last]
    return [_mean(block) + _LINE * number for block in blocks for number in range(len(block))]


def _mean(block: list[float]) -> float:
    return sum(block) / len(block)


def _end(block: list[float]) -> float:
    return _mean(block) + _LINE * len(block)


def _edge(edge: Edge, one: Circle, other: Circle) -> Iterator[str]:
    """Yield a solid line for randomised studies and a dashed one for the others, side by side."""
    length = math.hypot(other.x - one.x, other.y - one.y) or 1.0
    across = (-(other.y - one.y) / length, (other.x - one.x) / length)
    widths = [_thick(edge.randomised), _thick(edge.others)]
    apart = (sum(widths) / 2 + 2) / 2 if edge.randomised and edge.others else 0.0
    for count, width, colour, dashes, side in (
        (edge.randomised, widths[0], svg.BLUE, "", -1),
        (edge.others, widths[1], svg.ORANGE, "7 5", 1),
    ):
        if count:
            dx, dy = (side * apart * part for part in across)
            yield svg.line(one.x + dx, one.y + dy, other.x + dx, other.y + dy, colour, width, dashes, "edge")


def _thick(studies: int) -> float:
    return min(12.0, 1.0 + 1.2 * studies)


def _node(placed: Placed) -> Iterator[str]:
    one, x, y = placed.circle, placed.label_x, placed.label_y
    circle: dict[str, str | float] = {"class": "node", "cx": one.x, "cy": one.y, "r": one.radius}
    yield svg.element("circle", circle | {"fill": "#ffffff", "stroke": svg.INK, "stroke-width": 2.0})
    hips = ", hips unknown" if placed.node.hips is None else f", {placed.node.hips:,} hips"
    room = (WIDTH - _MARGIN - x if placed.anchor == "start" else x - _MARGIN) - svg.width_of(hips)
    said = svg.shorten(placed.node.label, room) + hips
    yield svg.text(x, y + 4, said, anchor=placed.anchor, full=placed.node.label + hips)
    inner = x - 3 if placed.anchor == "start" else x + 3
    gap = math.hypot(inner - one.x, y - one.y)
    if gap > one.radius + 20:
        share = (one.radius + 1) / gap
        yield svg.line(one.x + share * (inner - one.x), one.y + share * (y - one.y), inner, y, svg.GREY, 0.6)


def _foot(network: Network, y: float) -> tuple[list[str], float]:
    parts = [svg.line(_MARGIN, y, 44, y, svg.BLUE, _thick(1))]
    parts.append(svg.text(50, y + 4, "randomised", size=11))
    parts.append(svg.line(136, y, 180, y, svg.ORANGE, _thick(1), "7 5"))
    parts.append(svg.text(186, y + 4, "not randomised", size=11))
    most = max((max(edge.randomised, edge.others) for edge in network.edges), default=0)
    parts.append(svg.line(300, y, 344, y, svg.BLUE, _thick(most)))
    parts.append(svg.text(350, y + 4, f"{most} {'study' if most == 1 else 'studies'}", size=11))
    y += 8
    notes = ["The area of a circle is the number of hips; the thinnest lines are one study."]
    if network.apart:
        notes.append(f"Not connected: {', '.join(network.apart)}.")
    for said in (said for note in notes for said in svg.wrapped(note, WIDTH - 2 * _MARGIN, 11)):
        y += 15
        parts.append(svg.text(_MARGIN, y, said, size=11, colour=svg.GREY))
    return parts, y + 14


def _words(network: Network) -> str:
    labels = {node.id: node.label for node in network.nodes}
    said = [
        f"{labels[edge.one]} and {labels[edge.other]}: {edge.randomised} randomised, {edge.others} other."
        for edge in network.edges
    ]
    apart = f" Not connected: {', '.join(network.apart)}." if network.apart else ""
    return " ".join(said) + apart
