"""What every page shares: where templates lie, escaping, and plain text without control characters."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from precollapse.views.wording import clean


def environment() -> Environment:
    """Return an environment for the templates of this folder; what came from a record is escaped."""
    return Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=_clean,
    )


def _clean(value: object) -> object:
    """Take control and direction characters out of plain text; what the page itself made is left alone."""
    return clean(value) if type(value) is str else value
