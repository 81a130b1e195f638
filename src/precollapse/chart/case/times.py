"""Turns the spans and partial dates of a case file into dates, counted back from its own date."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from precollapse.chart.dates import DAYS_PER_MONTH, add_days, parse_partial


class When(NamedTuple):
    """When something began and ended, as far as the file says."""

    start: date | None = None
    precision: str | None = None
    end: date | None = None
    note: str | None = None


def when(
    *,
    as_of: date | None,
    since: str | None = None,
    until: str | None = None,
    months_ago: float | None = None,
    days_ago: float | None = None,
) -> When:
    """Return the beginning and end of something.

    Parameters
    ----------
    as_of
        Date of the assessment; without it a span cannot become a date, and the note says so.
    since, until
        Dates as exact as they are known; they go before spans.
    months_ago, days_ago
        How long before the assessment it began.
    """
    last = parse_partial(until) if until else None
    end = last.last if last else None
    first = parse_partial(since) if since else None
    if first is not None:
        return When(first.first, first.precision, end, first.note)
    days = days_ago if days_ago is not None else None if months_ago is None else months_ago * DAYS_PER_MONTH
    if days is None:
        return When(end=end)
    span = f"{months_ago:g} months" if days_ago is None else f"{days_ago:g} days"
    if as_of is None:
        return When(end=end, note=f"began {span} before the assessment, whose date is not given")
    start = add_days(as_of, -round(days))
    precision = "day" if days < DAYS_PER_MONTH / 2 else "month" if days < 24 * DAYS_PER_MONTH else "year"
    return When(start, precision, end, f"counted back {span} from {as_of.isoformat()}")
