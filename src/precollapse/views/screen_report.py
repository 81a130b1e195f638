"""The report of a screening as one self-contained page: nothing is loaded from elsewhere, and it prints.

Its one script sorts, filters and opens the table of patients. The page carries a content security policy that
allows exactly that script and its style sheet, by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

import polars as pl
from jinja2 import Template
from markupsafe import Markup

from precollapse.screen.summary_model import NOTHING, Bin, Group, ScreeningSummary, Step, Table
from precollapse.views import numbers, screen_pictures, screen_table
from precollapse.views import screen_words as words
from precollapse.views.pages import environment


def render_screen_report(summary: ScreeningSummary, rows: pl.LazyFrame) -> str:
    """Return the page; everything that came from a record is escaped.

    Parameters
    ----------
    summary
        Of the same rows.
    rows
        One row a patient, as the run writes them. With ``summary.least_cell`` they are not even read, because
        the table of patients is left out.
    """
    style, script = _asset("screen_report.css"), _asset("screen_report.js")
    listed = None
    if summary.least_cell is None:
        listed = screen_table.patients(screen_table.most_pressing(rows))
    return _template().render(
        s=summary,
        listed=listed,
        data=Markup(listed.data) if listed else "",
        listed_in_all=_listed_in_all(summary),
        first=words.first(summary),
        age_rows=_age_rows(summary),
        style=Markup(style),
        script=Markup(script),
        policy=f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)};"
        " base-uri 'none'; form-action 'none'",
        w=words,
    )


def _listed_in_all(summary: ScreeningSummary) -> int:
    return sum(one.patients.value or 0 for one in summary.by_action.groups if one.id != NOTHING)


def _age_rows(summary: ScreeningSummary) -> list[tuple[Group, list[Group | None]]]:
    """Return each age band with its groups in the order of the sexes; None where there is nobody."""
    if summary.by_age_and_sex is None:
        return []
    pairs = {(age, sex): group for age, sex, group in summary.by_age_and_sex}
    sexes = [one.label for one in summary.by_sex.groups]
    return [(age, [pairs.get((age.label, sex)) for sex in sexes]) for age in summary.by_age.groups]


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _asset(name: str) -> str:
    return Path(__file__).with_name("templates").joinpath(name).read_text(encoding="utf-8")


# The pictures are safe to set as they are: their texts and attributes were escaped where they were written.
def _funnel(steps: tuple[Step, ...]) -> Markup:
    return Markup(screen_pictures.funnel(steps))


def _histogram(bins: tuple[Bin, ...], table: Table) -> Markup:
    return Markup(screen_pictures.histogram(bins, table))


def _share_bar(group: Group) -> Markup:
    return Markup(screen_pictures.share_bar(words.share(group.flagged, group.patients)))


def _risk_line(group: Group) -> Markup:
    if group.risk is None:
        return Markup("")
    return Markup(screen_pictures.risk_line(group.risk.low, group.risk.median, group.risk.high))


@cache
def _template() -> Template:
    made = environment()
    made.filters.update(
        count=words.count,
        risk=words.risk_words,
        percent=numbers.percent,
        share_bar=_share_bar,
        risk_line=_risk_line,
    )
    made.globals.update(funnel=_funnel, histogram=_histogram)
    return made.get_template("screen_report.html")
