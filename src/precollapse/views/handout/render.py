"""The handout as one self-contained page and as PDF, in large print."""

from __future__ import annotations

from functools import cache

from jinja2 import Template
from markupsafe import Markup

from precollapse.views.handout.content import Handout
from precollapse.views.pages import environment
from precollapse.views.pdf import render_pdf


def handout_html(content: Handout) -> str:
    """Return the page; everything that came from a record is escaped."""
    return _template().render(h=content)


def handout_pdf(content: Handout) -> bytes:
    """Return the handout as PDF; see ``precollapse.views.pdf`` for errors."""
    return render_pdf("handout.typ", content, content.as_of)


@cache
def _template() -> Template:
    made = environment()
    # The drawings are safe as they are: their texts and attributes were escaped where they were written.
    made.filters["drawing"] = Markup
    return made.get_template("handout.html")
