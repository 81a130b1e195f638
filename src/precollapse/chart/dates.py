"""Reads the dates of records, which may be partial, without inventing what was not written.

A time is cut to the calendar date that was written, in the zone in which it was written: 23:30 on the
17th in New York stays the 17th. Whether a date makes sense for the patient is decided elsewhere.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple

Precision = Literal["day", "month", "year"]

DAYS_PER_MONTH = 30.4375  # of the Julian year
LONGEST_INSTANT = 40  # "2015-02-07T13:28:17.239000000+02:00" and some room


class PartialDate(NamedTuple):
    """A date as exact as it was written: the first and the last day it can mean."""

    first: date
    last: date
    precision: Precision
    note: str | None = None


def parse_partial(text: str | None) -> PartialDate | None:
    """Read ``2024``, ``2024-05``, ``2024-05-17``, ``20240517`` or an instant.

    Returns
    -------
    PartialDate or None
        None when the text is not a date of one of these forms; nothing is guessed.
    """
    if text is None:
        return None
    length = len(text)
    if length == 10:
        return _written(text)
    if length > LONGEST_INSTANT:
        return None
    if length > 10 and text[10] in "Tt ":
        return _written(text[:10])
    return _written(text.strip())


@lru_cache(maxsize=65536)
def _written(text: str) -> PartialDate | None:
    if not text.isascii():
        return None
    try:
        return _BY_LENGTH[len(text)](text)
    except (KeyError, ValueError):
        return None


def _day(text: str) -> PartialDate:
    if text[4] != "-" or text[7] != "-":
        raise ValueError(text)
    day = date.fromisoformat(text)
    return PartialDate(day, day, "day")


def _compact_day(text: str) -> PartialDate:
    if not text.isdigit():
        raise ValueError(text)
    day = date(int(text[:4]), int(text[4:6]), int(text[6:]))
    return PartialDate(day, day, "day")


def _month(text: str) -> PartialDate:
    if text[4] != "-" or not (text[:4] + text[5:]).isdigit():
        raise ValueError(text)
    year, month = int(text[:4]), int(text[5:])
    first = date(year, month, 1)
    last = date(year, month, monthrange(year, month)[1])
    return PartialDate(first, last, "month", "only the month is known")


def _year(text: str) -> PartialDate:
    if not text.isdigit():
        raise ValueError(text)
    year = int(text)
    return PartialDate(date(year, 1, 1), date(year, 12, 31), "year", "only the year is known")


_BY_LENGTH = {10: _day, 8: _compact_day, 7: _month, 4: _year}


def add_days(day: date, days: float) -> date | None:
    """Return the date so many days later, or None beyond the calendar."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return None
