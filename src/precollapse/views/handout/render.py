"""The handout as one self-contained page and as PDF, in large print."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from precollapse.views.handout.content import Handout
from precollapse.views.pdf import render_pdf
from precollapse.views.wording import clean


def handout_html(content: Handout) -> str:
    """Return the page; everything that came from a record is escaped."""
    return _template().render(h=content)


def handout_pdf(content: Handout) -> bytes:
    """Return the handout as PDF; see ``precollapse.views.pdf`` for errors."""
    return render_pdf("handout.typ", content, content.as_of)


def _clean(value: object) -> object:
    """Take control and direction characters out of plain text; what the page itself made is left alone."""
    return clean(value) if type(value) is str else value


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parents[1] / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=_clean,
    )
    # The drawings are safe as they are: their texts and attributes were escaped where they were written.
    environment.filters["drawing"] = Markup
    return environment.get_template("handout.html")
