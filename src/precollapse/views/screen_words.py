"""How the results of a screening are said, on the page and in the terminal: counts, shares, risks, sizes."""

from __future__ import annotations

from collections.abc import Iterable

from precollapse.screen.summary_model import ROUTINE, Bin, Count, Group, ReadCounts, ScreeningSummary
from precollapse.views import numbers

HIDDEN = "hidden"
_MOST_UNUSED = 30


def count(one: Count) -> str:
    """Return a number of patients, ``<5`` where it is small, ``hidden`` where it has to be."""
    if one.value is not None:
        return f"{one.value:,}"
    return HIDDEN if one.below is None else f"<{one.below}"


def people(one: Count) -> str:
    """Return a number of patients with the word."""
    return f"{count(one)} patient{'' if one.value == 1 else 's'}"


def share(part: Count, whole: Count) -> float | None:
    """Return the part of the whole, from 0 to 1; None where either is hidden or there is nobody."""
    if part.value is None or not whole.value:
        return None
    return part.value / whole.value


def share_words(part: Count, whole: Count) -> str:
    """Return the part of the whole in percent, or nothing where it cannot be said."""
    value = share(part, whole)
    if value is None:
        return ""
    return "100 %" if value == 1 else numbers.percent(value)


def risk_words(group: Group) -> str:
    """Return the middle risk of a group with its quartiles."""
    if group.risk is None:
        return ""
    low, high = (numbers.percent(one) for one in (group.risk.low, group.risk.high))
    return f"{numbers.percent(group.risk.median)} ({low.removesuffix(' %')} to {high})"


def bin_words(one: Bin) -> str:
    """Return the limits of a bin in percent."""
    if one.low is None or one.high is None:
        return "not estimated"
    low, high = (f"{100 * value:g}" for value in (one.low, one.high))
    return f"below {high} %" if one.low == 0 else f"{low} to {high} %"


def first(summary: ScreeningSummary) -> str:
    """Say with whom to begin: the most urgent level above routine that has a patient."""
    for one in summary.by_urgency.groups:
        if one.id in {None, ROUTINE}:
            break
        if one.patients.value != 0:
            return f'Begin with urgency "{one.label.lower()}": {people(one.patients)}.'
    return ""


def as_of(summary: ScreeningSummary) -> str:
    """Return the day of assessment, or the days from the first to the last."""
    if summary.first_as_of is None:
        return "no day: nobody was assessed"
    if summary.first_as_of == summary.last_as_of:
        return summary.first_as_of.isoformat()
    return f"{summary.first_as_of} to {summary.last_as_of}"


def hiding(summary: ScreeningSummary) -> str:
    """Say what is hidden, or nothing."""
    if summary.least_cell is None:
        return ""
    return (
        f"Numbers of patients from 1 to {summary.least_cell - 1} are shown as <{summary.least_cell}. Some"
        " larger ones are hidden so that nobody can work out the small ones, and the table of patients is"
        " left out."
    )


def amount(size: int) -> str:
    """Return a size in bytes as people write it."""
    value, unit = float(size), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{numbers.plain(float(f'{value:.3g}'))} {unit}"


def duration(seconds: float) -> str:
    """Return a time as people say it: ``2 min 5 s``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (rest, "s"))
    return " ".join(f"{value} {unit}" for value, unit in parts if value)


def read_facts(read: ReadCounts) -> Iterable[tuple[str, str]]:
    """Yield what was read, as (what, how much)."""
    yield "Files", f"{read.files:,}"
    if read.files_unchanged:
        yield "Files skipped, unchanged since an earlier run", f"{read.files_unchanged:,}"
    yield "Size", amount(read.bytes)
    yield "Lines", f"{read.lines:,}"
    yield "Lines that could not be read", f"{read.corrupt_total:,}"
    yield "Lines of types not used", f"{sum(read.unused.values()):,}"
    if read.patients is not None:
        yield "Patients", f"{read.patients:,}"
    yield "Time", duration(read.seconds)
    if read.lines_per_second is not None:
        yield "Lines a second", f"{round(read.lines_per_second):,}"


def unused(read: ReadCounts) -> list[tuple[str, str]]:
    """Return the types that were not used with their lines, the most frequent first."""
    ordered = sorted(read.unused.items(), key=lambda one: (-one[1], one[0]))
    said = [(name, f"{lines:,}") for name, lines in ordered[:_MOST_UNUSED]]
    rest = ordered[_MOST_UNUSED:]
    if rest:
        said.append((f"{len(rest)} other types", f"{sum(lines for _, lines in rest):,}"))
    return said
