"""The summary of a screening for the terminal: 80 columns, what to do first, plain when there is none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len

from precollapse.screen.summary_model import Count, ScreeningSummary, Table
from precollapse.views import numbers
from precollapse.views import screen_words as words
from precollapse.views.layout import Line, bullet, heading, show, to_text
from precollapse.views.wording import clean

_MOST_ROWS = 12  # of a table; the page has them all
_MOST_CORRUPT = 5
_LABEL = 36
_BAR = 20
_STYLES = {"emergency": "bold red", "urgent": "bold red", "soon": "bold yellow", "routine": "bold green"}


def render_screening(summary: ScreeningSummary) -> str:
    """Return the summary as plain text."""
    return to_text(_lines(summary))


def print_screening(summary: ScreeningSummary) -> None:
    """Print the summary to standard output, in colour when that is a terminal."""
    show(_lines(summary))


def _lines(summary: ScreeningSummary) -> Iterator[Line]:
    yield Line("precollapse · screening for osteonecrosis of the hip", style="bold")
    yield Line(f"{words.people(summary.patients)}, assessed as of {words.as_of(summary)}")
    if summary.least_cell is not None:
        yield Line(words.hiding(summary))
    yield from heading("What to do first")
    yield from _counts(summary.by_action)
    yield from heading("Urgency")
    yield from _counts(summary.by_urgency)
    first = words.first(summary)
    if first:
        yield Line(first, indent=2)
    yield from heading("Who was found")
    yield from _funnel(summary)
    yield from heading("Risk today")
    yield from _risks(summary)
    tables = (
        ("Cause", summary.by_cause),
        ("Specialty of the prescriber", summary.by_specialty),
        ("Sex", summary.by_sex),
        ("Age in years", summary.by_age),
    )
    for name, table in tables:
        yield from heading(name)
        yield from _table(table, with_risk=table is summary.by_cause)
    yield from heading("What was read and what was not")
    yield from _read(summary)
    yield from heading("Please note")
    yield Line(summary.safety_statement)
    yield Line("")
    foot = f"software {summary.software} · knowledge {summary.knowledge} · as of {words.as_of(summary)}"
    yield Line(foot, style="dim")


def _row(cells: Sequence[tuple[str, int]], style: str = "") -> Line:
    """Return a row of cells: negative widths are set to the right; the row is never broken."""
    made = "".join(_set(clean(text), width) + "  " for text, width in cells).rstrip()
    return Line("", indent=2, mark=made, style=style)


def _set(text: str, width: int) -> str:
    room = abs(width)
    if cell_len(text) > room:
        while cell_len(text) >= room:
            text = text[:-1]
        text = f"{text.rstrip()}…"
    gap = " " * (room - cell_len(text))
    return gap + text if width < 0 else text + gap


def _without(table: Table) -> Iterator[Line]:
    if table.withheld:
        yield Line("Left out: there are too few patients to hide small numbers.", indent=2)
    elif not table.groups:
        yield Line("Nobody.", indent=2)


def _counts(table: Table) -> Iterator[Line]:
    yield from _without(table)
    for one in table.groups:
        style = _STYLES.get(one.id or "", "") if one.patients.value != 0 else ""
        yield _row(((words.count(one.patients), -11), (one.label, _LABEL)), style)


def _bar(count: Count, largest: int) -> str:
    if count.value is None:
        return "?"
    return "#" * (max(1, round(_BAR * count.value / largest)) if count.value else 0)


def _largest(counts: Iterable[Count]) -> int:
    return max([1, *(one.value for one in counts if one.value is not None)])


def _funnel(summary: ScreeningSummary) -> Iterator[Line]:
    first = summary.funnel[0].patients
    for place, one in enumerate(summary.funnel):
        part = words.share_words(one.patients, first) if place else ""
        yield _row(((one.label, 43), (words.count(one.patients), -11), (part, -6)))


def _risks(summary: ScreeningSummary) -> Iterator[Line]:
    histogram = summary.risks.histogram
    yield from _without(histogram)
    if histogram.groups:
        yield _row((("", 17), ("", _BAR), ("patients", -11), ("with an action", -14)), "dim")
    largest = _largest(one.patients for one in histogram.groups)
    for bin_, one in zip(summary.risks.bins, histogram.groups, strict=True):
        counts = (words.count(one.patients), -11), (words.count(one.flagged), -14)
        yield _row(((words.bin_words(bin_), 17), (_bar(one.patients, largest), _BAR), *counts))
    if summary.risks.quantiles:
        said = (
            f"{100 * share:g} % have at most {numbers.percent(risk)}"
            for share, risk in summary.risks.quantiles
        )
        yield Line("; ".join(said) + ".", indent=2)


def _table(table: Table, *, with_risk: bool) -> Iterator[Line]:
    yield from _without(table)
    if not table.groups:
        return
    label = 22 if with_risk else _LABEL
    risk = (("risk in % (quartiles)", 25),) if with_risk else ()
    yield _row((("", label), ("patients", -10), ("with an action", -15), *risk), "dim")
    shown = table.groups if len(table.groups) <= _MOST_ROWS else table.groups[: _MOST_ROWS - 1]
    unknown = table.group(None)
    for one in (*shown, *([unknown] if unknown and unknown not in shown else [])):
        part = words.share_words(one.flagged, one.patients)
        flagged = words.count(one.flagged) + (f" {part:>6}" if part else "")
        risk = ((words.risk_words(one).replace(" %", "").replace("< ", "<"), 25),) if with_risk else ()
        yield _row(((one.label, label), (words.count(one.patients), -10), (flagged, -15), *risk))
    left = len(table.groups) - len(shown) - (unknown is not None and unknown not in shown)
    if left:
        yield Line(f"… and {left} more in report.html", indent=2, style="dim")


def _read(summary: ScreeningSummary) -> Iterator[Line]:
    read = summary.read
    for what, amount in words.read_facts(read):
        yield _row(((what, 46), (amount, -16)))
    if read.corrupt:
        yield Line("Lines that could not be read; what stood in them is missing above:", indent=2)
    for one in read.corrupt[:_MOST_CORRUPT]:
        yield bullet(f"{one.file}, line {one.line:,}: {one.why}", indent=4)
    if read.corrupt_total > _MOST_CORRUPT:
        yield Line(f"… and {read.corrupt_total - _MOST_CORRUPT:,} more", indent=4, style="dim")
    types = words.unused(read)
    if types:
        yield Line("Not used: " + ", ".join(f"{name} ({lines})" for name, lines in types), indent=2, hang=2)
