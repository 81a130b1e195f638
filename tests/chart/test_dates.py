"""Dates of records: as exact as they were written, and never guessed."""

from __future__ import annotations

from datetime import date

import pytest

from precollapse.chart.dates import add_days, parse_partial


@pytest.mark.parametrize(
    ("text", "first", "last", "precision"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31), "year"),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), "month"),
        ("2024-05-17", date(2024, 5, 17), date(2024, 5, 17), "day"),
        ("20240517", date(2024, 5, 17), date(2024, 5, 17), "day"),
        ("2024-05-17T23:30:00-04:00", date(2024, 5, 17), date(2024, 5, 17), "day"),
        ("2024-05-17T00:30:00.123456789+02:00", date(2024, 5, 17), date(2024, 5, 17), "day"),
        ("2024-05-17 08:00", date(2024, 5, 17), date(2024, 5, 17), "day"),
        (" 2024-05 ", date(2024, 5, 1), date(2024, 5, 31), "month"),
    ],
)
def test_a_date_is_as_exact_as_it_was_written(text: str, first: date, last: date, precision: str) -> None:
    found = parse_partial(text)
    assert found is not None
    assert (found.first, found.last, found.precision) == (first, last, precision)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "17/05/2024",
        "2024-13",
        "2024-02-30",
        "0000",
        "yesterday",
        "2024-5-1",
        "٢٠٢٤",
        "2024-05-17Q",
        "x" * 500,
    ],
)
def test_what_is_no_date_is_not_guessed(text: str | None) -> None:
    assert parse_partial(text) is None


def test_days_beyond_the_calendar_are_none() -> None:
    assert add_days(date(9999, 12, 1), 60) is None
