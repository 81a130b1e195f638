"""The evidence as one self-contained page: no script, nothing loaded from elsewhere, prints on A4."""

from __future__ import annotations

from functools import cache

from jinja2 import Template
from markupsafe import Markup

from precollapse.views.evidence_pages import Block, League, Page
from precollapse.views.pages import environment
from precollapse.views.plots import svg
from precollapse.views.plots.forest import draw_forest
from precollapse.views.plots.league import league_cells
from precollapse.views.plots.model import Forest
from precollapse.views.plots.network import Network, draw_network


def render_evidence(page: Page) -> str:
    """Return the page; everything that came from the table is escaped."""
    return _template().render(page=page)


def drawing(block: Forest | Network) -> svg.Drawing:
    """Return a plot as a drawing."""
    return draw_forest(block) if isinstance(block, Forest) else draw_network(block)


def _kind(block: Block) -> str:
    return "plot" if isinstance(block, Forest | Network) else type(block).__name__.lower()


def _inline(block: Forest | Network, number: int) -> Markup:
    # Safe: every text and attribute of the drawing was escaped where it was written.
    return Markup(svg.document([drawing(block)], f"plot{number}", alone=False))


def _cells(block: League) -> list[list[str]]:
    return league_cells(block.treatments, block.ratios, lambda one: block.labels[one])


@cache
def _template() -> Template:
    made = environment()
    made.filters.update(kind=_kind, inline=_inline, cells=_cells)
    return made.get_template("evidence.html")
