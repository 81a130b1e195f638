"""The evidence for the terminal: 80 columns, with forest plots of box characters or of ASCII."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import singledispatch
from itertools import groupby

from rich.cells import cell_len

from precollapse.views.evidence_pages import Block, Bullets, Heading, League, Page, Says, Table
from precollapse.views.layout import WIDTH, Line, bullet, heading, show, to_text
from precollapse.views.plots.league import league_lines
from precollapse.views.plots.model import Forest
from precollapse.views.plots.network import Network
from precollapse.views.plots.text_forest import ASCII, BOX, Glyphs, forest_lines, glyphs_for, legend
from precollapse.views.wording import clean

# What is written instead where the output knows ASCII only.
_PLAIN = str.maketrans({"×": "x", "–": "-", "—": "-", "…": "...", "≥": ">=", "≤": "<=", "→": "->", "·": "-"})


@dataclass(frozen=True, slots=True)
class Row:
    """A line whose blanks matter, already as wide as it may be."""

    text: str


def render_page(page: Page, glyphs: Glyphs = BOX) -> str:
    """Return a page as plain text; with `ASCII` glyphs nothing else is in it."""
    text = "".join(
        to_text([part]) if isinstance(part, Line) else f"{part.text}\n" for part in _parts(page, glyphs)
    )
    return plain(text) if glyphs is ASCII else text


def print_page(page: Page) -> None:
    """Print a page to standard output: with headings in colour to a terminal, plain to anything else."""
    glyphs = glyphs_for(sys.stdout.encoding)
    if glyphs is ASCII or not sys.stdout.isatty():
        sys.stdout.write(render_page(page, glyphs))
        return
    for raw, parts in groupby(_parts(page, glyphs), key=lambda part: isinstance(part, Row)):
        if raw:
            sys.stdout.writelines(f"{part.text}\n" for part in parts if isinstance(part, Row))
        else:
            show([part for part in parts if isinstance(part, Line)])


def plain(text: str) -> str:
    """Return text in ASCII; a letter that has no likeness becomes a question mark."""
    return text.translate(_PLAIN).encode("ascii", "replace").decode()


def table_rows(head: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> list[str]:
    """Return a table as lines of text; the first column gives way when the width does not suffice."""
    cells = [tuple(clean(cell) for cell in row) for row in (head, *rows)]
    widths = [max(cell_len(row[n]) for row in cells) for n in range(len(head))]
    widths[0] = max(8, min(widths[0], WIDTH - sum(widths[1:]) - 2 * (len(widths) - 1)))
    return [
        "  ".join(
            (
                _padded(row[0], widths[0]),
                *(_padded(cell, width) for cell, width in zip(row[1:], widths[1:], strict=True)),
            )
        ).rstrip()
        for row in cells
    ]


def _padded(said: str, width: int) -> str:
    if cell_len(said) > width:
        while said and cell_len(said) > width - 2:
            said = said[:-1]
        said += ".."
    return said + " " * (width - cell_len(said))


def _parts(page: Page, glyphs: Glyphs) -> Iterator[Line | Row]:
    yield Line(page.title, style="bold")
    for block in page.blocks:
        yield from _block(block, glyphs)


@singledispatch
def _block(block: Block, glyphs: Glyphs) -> Iterator[Line | Row]:
    raise TypeError(f"{type(block).__name__} has no form for the terminal")


@_block.register
def _(block: Heading, glyphs: Glyphs) -> Iterator[Line | Row]:
    yield from heading(block.text)


@_block.register
def _(block: Says, glyphs: Glyphs) -> Iterator[Line | Row]:
    yield Line(block.text, indent=2)


@_block.register
def _(block: Bullets, glyphs: Glyphs) -> Iterator[Line | Row]:
    yield Line(block.title, indent=2, style="bold")
    yield from (bullet(item, indent=4) for item in block.items)


@_block.register
def _(block: Table, glyphs: Glyphs) -> Iterator[Line | Row]:
    yield Line("")
    yield Line(block.title, style="bold")
    yield from (Row(row) for row in table_rows(block.head, block.rows))


@_block.register
def _(block: League, glyphs: Glyphs) -> Iterator[Line | Row]:
    lines = league_lines(block.treatments, block.ratios, lambda one: clean(block.labels[one]))
    yield from (Row(line) for line in lines)


@_block.register
def _(block: Forest, glyphs: Glyphs) -> Iterator[Line | Row]:
    yield Line("")
    if len(block.panels) == 1 and block.panels[0].heading:
        yield Line(block.panels[0].heading, style="bold")
    yield from (Row(row) for row in forest_lines(block, glyphs))
    yield Line(f"{block.caption} {legend(block, glyphs)}.", style="dim")
    yield Line("")


@_block.register
def _(block: Network, glyphs: Glyphs) -> Iterator[Line | Row]:
    labels = {node.id: node.label for node in block.nodes}
    rows = tuple(
        (f"{labels[edge.one]} - {labels[edge.other]}", str(edge.randomised), str(edge.others))
        for edge in block.edges
    )
    yield from heading("What was compared")
    yield from (Row(row) for row in table_rows(("treatments", "randomised", "other studies"), rows))
    if block.apart:
        yield Line(f"Not connected: {', '.join(block.apart)}.")
