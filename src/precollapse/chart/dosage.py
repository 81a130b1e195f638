"""How much of a medicine a day: frequencies of structured fields and codes, and all that readers need.

Reading words is ``dosage_text``; this module is where readers import everything about doses from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from precollapse.chart.dosage_text import frequency_from_text, steps_from_text
from precollapse.chart.dose_step import (
    Amount,
    DoseStep,
    Milligrams,
    Strength,
    amount_of,
    plain,
    to_milligrams,
)
from precollapse.chart.routes import RouteTable, route_of
from precollapse.chart.strength import strength_from_name

__all__ = [
    "Amount",
    "DoseStep",
    "Frequency",
    "Milligrams",
    "RouteTable",
    "Strength",
    "amount_of",
    "days_of",
    "frequency_from_text",
    "frequency_of_code",
    "frequency_of_repeat",
    "plain",
    "route_of",
    "steps_from_text",
    "strength_from_name",
    "to_milligrams",
]

_DAYS_PER_UNIT = {
    "s": 1 / 86400, "min": 1 / 1440, "h": 1 / 24, "hr": 1 / 24, "d": 1.0, "day": 1.0, "days": 1.0,
    "wk": 7.0, "week": 7.0, "weeks": 7.0, "mo": 30.4375, "month": 30.4375, "months": 30.4375,
    "a": 365.25, "year": 365.25, "years": 365.25,
}  # fmt: skip

# Codes of the FHIR value set timing-abbreviation, as times a day.
_TIMES_OF_CODE = {
    "QD": 1.0, "QDAY": 1.0, "Q24H": 1.0, "BID": 2.0, "TID": 3.0, "QID": 4.0, "AM": 1.0, "PM": 1.0,
    "BED": 1.0, "HS": 1.0, "QHS": 1.0, "QAM": 1.0, "QPM": 1.0, "QOD": 0.5, "Q1H": 24.0, "Q2H": 12.0,
    "Q3H": 8.0, "Q4H": 6.0, "Q6H": 4.0, "Q8H": 3.0, "Q12H": 2.0, "Q48H": 0.5, "WK": 1 / 7, "QW": 1 / 7,
    "QWK": 1 / 7, "MO": 1 / 30.4375,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Frequency:
    """How many doses a day on average, and what was assumed to say so."""

    per_day: float
    assumed: tuple[str, ...] = ()


def days_of(value: float | None, unit: str | None) -> float | None:
    """Return a length of time in days; None when the unit is no time."""
    if value is None or value <= 0 or value > 1e6:
        return None
    factor = _DAYS_PER_UNIT.get((unit or "").strip().lower())
    return None if factor is None else value * factor


def frequency_of_code(code: str | None) -> float | None:
    """Return the doses a day that a timing code stands for: ``BID`` is 2, ``QOD`` 0.5."""
    return None if code is None else _TIMES_OF_CODE.get(code.strip().upper().replace(" ", ""))


def frequency_of_repeat(
    *,
    frequency: float | None = None,
    frequency_max: float | None = None,
    period: float | None = None,
    period_max: float | None = None,
    period_unit: str | None = None,
    days_of_week: Sequence[str] = (),
    times_of_day: int = 0,
) -> Frequency | None:
    """Return the doses a day of a FHIR ``Timing.repeat``; None when it does not say how often.

    ``times_of_day`` counts what ``when`` and ``timeOfDay`` name; it matters only without a frequency.
    """
    assumed: tuple[str, ...] = ()
    count = frequency_max or frequency
    if frequency_max and frequency and frequency_max != frequency:
        assumed += (f"{plain(frequency)} to {plain(frequency_max)} times: upper end taken",)
    weekdays = len(set(days_of_week))
    if count is None and not (period or weekdays or times_of_day):
        return None
    count = count or float(times_of_day or 1)
    span = days_of(period or 1, period_unit or "d")
    if span is None or count <= 0:
        return None
    if period is None and not weekdays:
        assumed += ("no period given: read as per day",)
    if period_max and period and period_max != period:
        assumed += (f"every {plain(period)} to {plain(period_max)} {period_unit}: shorter taken",)
    if not weekdays:
        return Frequency(count / span, assumed)
    if span == 7:
        return Frequency(max(count, weekdays) / 7, assumed)
    return Frequency(count / min(span, 1.0) * weekdays / 7, assumed)
