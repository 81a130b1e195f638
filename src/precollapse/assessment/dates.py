"""Days of the calendar counted in months and weeks from another day."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta

DAYS_PER_MONTH = 365.25 / 12


def after_months(start: date, months: float) -> date:
    """Return the same day some months later, or the last of a shorter month; parts of a month in days."""
    whole = int(months)
    year, month = divmod(start.year * 12 + start.month - 1 + whole, 12)
    day = min(start.day, monthrange(year, month + 1)[1])
    return date(year, month + 1, day) + timedelta(days=round((months - whole) * DAYS_PER_MONTH))


def after_weeks(start: date, weeks: float) -> date:
    """Return the day some weeks later."""
    return start + timedelta(days=round(weeks * 7))


def due(
    start: date, at_months: Iterable[float], every_months: float | None, until_months: float
) -> list[date]:
    """Return the days on which something is due, each once, in order."""
    found = {after_months(start, months) for months in at_months}
    if every_months:
        count = int(until_months / every_months + 1e-9)
        found |= {after_months(start, every_months * number) for number in range(1, count + 1)}
    return sorted(found)
