"""What the directions of orders and administrations of corticosteroids come to in mg a day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.chart.fhir_fixtures.builders import (
    LOINC,
    PREDNISONE,
    SNOMED,
    Json,
    coded,
    daily,
    dose,
    doses,
    medicated,
    observation,
    quantity,
    read,
    request,
    worded,
)

pytestmark = pytest.mark.pathway("C03")

ORAL = coded(SNOMED, "26643006", "Oral")
IV = coded(SNOMED, "47625008", "Intravenous")
METHYLPREDNISOLONE_VIAL = worded("1 ML methylprednisolone 40 MG/ML Injection")
SUSPENSION = worded("triamcinolone acetonide 40 MG/ML Injectable Suspension")
ONCE: Json = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}


def timed(value: float, unit: str | None, code: str | None = None, **fields: Any) -> Json:
    """Return a dosage whose timing is a code."""
    amount = quantity(value, unit) if unit else {"value": value}
    timing = {"code": coded("http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation", code)} if code else {}
    return {"doseAndRate": [{"doseQuantity": amount}], "timing": timing, **fields}


DAILY_DOSES: dict[str, tuple[Json, float]] = {
    "mg once a day": (daily(20), 20),
    "mg twice a day": (daily(20, frequency=2), 40),
    "every eight hours": (daily(10, period=8, periodUnit="h"), 30),
    "every other day is averaged": (daily(20, period=2), 10),
    "three times a week": (daily(7, frequency=3, period=1, periodUnit="wk"), 3),
    "on three named days": (daily(7, dayOfWeek=["mon", "wed", "fri"]), 3),
    "on one named day a week": (daily(35, period=1, periodUnit="wk", dayOfWeek=["mon"]), 5),
    "tablets times strength": (daily(2, "{tbl}"), 10),
    "tablets in words": (daily(2, "tablet"), 10),
    "a number without a unit below the strength is tablets": (daily(1, None), 5),
    "grams": (daily(1, "g"), 1000),
    "micrograms": (daily(500, "ug"), 0.5),
    "BID": (timed(10, "mg", "BID"), 20),
    "TID": (timed(10, "mg", "TID"), 30),
    "QOD": (timed(10, "mg", "QOD"), 5),
    "AM": (timed(10, "mg", "AM"), 10),
    "Q8H": (timed(10, "mg", "Q8H"), 30),
    "a timing code in words only": (
        {**timed(10, "mg"), "timing": {"code": worded("twice daily")}}, 20),
    "when it is taken says how often": (
        {**timed(5, "mg"), "timing": {"repeat": {"when": ["MORN", "HS"]}}}, 10),
    "times of day": (
        {**timed(5, "mg"), "timing": {"repeat": {"timeOfDay": ["08:00:00", "12:00:00", "20:00:00"]}}}, 15),
    "the upper end of a dose range": (
        {**daily(0), "doseAndRate": [{"doseRange": {"low": quantity(5, "mg"), "high": quantity(10, "mg")}}]},
        10),
    "the upper end of the frequency": (daily(5, frequency=1, frequencyMax=2), 10),
    "a dose quantity of an older FHIR version": (
        {"doseQuantity": quantity(20, "mg"), "timing": ONCE},
        20),
    "the calculated dose stands in for one per kg": (
        {**daily(0), "doseAndRate": [
            {"doseQuantity": quantity(1, "mg/kg")}, {"doseQuantity": quantity(60, "mg")}]}, 60),
    "the frequency from the text": ({"text": "10 mg three times daily", **timed(10, "mg")}, 30),
    "the whole dose from the text": ({"text": "Take 4 tablets by mouth every morning"}, 20),
    "the text of the patient's instruction": ({"patientInstruction": "2 tablets a day"}, 10),
    "a rate per day": ({"doseAndRate": [{"rateQuantity": quantity(100, "mg/d")}]}, 100),
    "a rate per hour with its duration": (
        {"doseAndRate": [{"rateQuantity": quantity(10, "mg/h")}],
         "timing": {"repeat": {**ONCE["repeat"], "duration": 8, "durationUnit": "h"}}}, 80),
    "a ratio per day": (
        {"doseAndRate": [{"rateRatio": {"numerator": quantity(50, "mg"), "denominator": quantity(1, "d")}}]},
        50),
}  # fmt: skip


@pytest.mark.parametrize(("dosage", "mg"), DAILY_DOSES.values(), ids=DAILY_DOSES)
def test_directions_of_an_order_give_mg_a_day(dosage: Json, mg: float) -> None:
    row = dose(read(request(PREDNISONE, dosage)))
    assert row["problem"] is None
    assert row["mg_per_day"] == pytest.approx(mg)
    assert (row["ingredient"], row["route"], row["kind"]) == ("prednisone", "systemic", "request")


UNKNOWN_DOSES: dict[str, tuple[Json, str]] = {
    "no directions": (request(), "no directions"),
    "as directed": (request(PREDNISONE, {"text": "as directed"}), "as directed"),
    "no frequency": (request(PREDNISONE, timed(20, "mg")), "how often"),
    "no dose": (request(PREDNISONE, {"timing": ONCE}), "no dose"),
    "per kg without a weight": (request(PREDNISONE, daily(1, "mg/kg")), "weight is not known"),
    "per body surface": (request(PREDNISONE, daily(60, "mg/m2")), "body surface"),
    "tablets of unknown strength": (request(worded("prednisone"), daily(2, "tablet")), "strength"),
    "millilitres of unknown concentration": (request(PREDNISONE, daily(5, "mL")), "concentration"),
    "a bare number as large as the strength": (request(PREDNISONE, daily(20, None)), "cannot be told apart"),
    "a rate without a duration": (
        request(PREDNISONE, {**daily(0), "doseAndRate": [{"rateQuantity": quantity(10, "mg/h")}]}), "mg/h"),
    "no date at all": (request(PREDNISONE, daily(20), authoredOn=None), "begun"),
}  # fmt: skip


@pytest.mark.parametrize(("order", "why"), UNKNOWN_DOSES.values(), ids=UNKNOWN_DOSES)
def test_a_dose_that_cannot_be_known_stays_unknown_with_its_reason(order: Json, why: str) -> None:
    row = dose(read(order))
    assert why in row["problem"]
    assert row["mg_per_day"] is None or row["start"] is None


def test_a_taper_of_numbered_steps_is_one_order() -> None:
    def step(number: int, mg: float, days: int) -> Json:
        return {**daily(mg, boundsDuration={"value": days, "code": "d"}), "sequence": number}

    rows = doses(
        read(request(PREDNISONE, step(2, 20, 7), step(1, 40, 7), step(3, 10, 14), authoredOn="2026-01-01"))
    )
    assert [(row["mg_per_day"], row["start"], row["end"]) for row in rows] == [
        (40, date(2026, 1, 1), date(2026, 1, 7)),
        (20, date(2026, 1, 8), date(2026, 1, 14)),
        (10, date(2026, 1, 15), date(2026, 1, 28)),
    ]
    assert len({row["order"] for row in rows}) == 1


def test_unnumbered_steps_with_a_length_follow_one_another() -> None:
    steps = [daily(mg, boundsDuration={"value": 1, "code": "wk"}) for mg in (30, 20, 10)]
    rows = doses(read(request(PREDNISONE, *steps, authoredOn="2026-01-01")))
    assert [row["start"] for row in rows] == [date(2026, 1, 1), date(2026, 1, 8), date(2026, 1, 15)]


def test_a_taper_that_stands_only_in_the_text_is_read() -> None:
    text = "Take 4 tabs daily x 3 days, then 2 tabs daily x 3 days, then 1 tab daily x 3 days"
    rows = doses(read(request(PREDNISONE, {"text": text, "timing": {"code": worded("daily")}})))
    assert [row["mg_per_day"] for row in rows] == [20, 10, 5]
    assert all("free text" in row["assumed"] for row in rows)


def test_doses_of_the_same_days_add_up() -> None:
    row = dose(read(request(PREDNISONE, timed(10, "mg", "AM"), timed(5, "mg", "PM"))))
    assert row["mg_per_day"] == 15


def test_what_the_text_says_otherwise_is_noted() -> None:
    row = dose(read(request(PREDNISONE, {**daily(20), "text": "40 mg daily"})))
    assert row["mg_per_day"] == 20
    assert "free text says 40 mg a day" in row["assumed"]


@pytest.mark.parametrize(
    ("fields", "mg"),
    [
        ({"asNeededBoolean": True}, 20),
        ({"asNeededCodeableConcept": worded("joint pain")}, 20),
        ({"asNeededBoolean": True,
          "maxDosePerPeriod": {"numerator": quantity(15, "mg"), "denominator": quantity(1, "d")}}, 15),
        ({"text": "20 mg daily as needed"}, 20),
    ],
)  # fmt: skip
def test_as_needed_is_only_an_upper_bound(fields: Json, mg: float) -> None:
    row = dose(read(request(PREDNISONE, {**daily(20), **fields})))
    assert (row["prn"], row["mg_per_day"]) == (True, mg)


def test_a_pulse_is_one_day_each() -> None:
    given = [
        medicated("MedicationAdministration", METHYLPREDNISOLONE_VIAL, id=f"a{day}",
                  effectiveDateTime=f"2026-02-0{day}T09:00:00Z",
                  dosage={"dose": quantity(1000, "mg"), "route": IV})
        for day in (1, 2, 3)
    ]  # fmt: skip
    rows = doses(read(*given))
    assert [(row["start"], row["end"], row["mg_per_day"]) for row in rows] == [
        (date(2026, 2, day), date(2026, 2, day), 1000) for day in (1, 2, 3)
    ]
    assert {row["kind"] for row in rows} == {"administration"}


def test_a_pulse_of_three_days_in_the_text() -> None:
    row = dose(read(request(METHYLPREDNISOLONE_VIAL, {"text": "1000 mg IV daily x3", "route": IV})))
    assert (row["mg_per_day"], row["start"], row["end"]) == (1000, date(2026, 3, 1), date(2026, 3, 3))


def test_a_total_given_over_days_is_spread_over_them() -> None:
    given = medicated(
        "MedicationAdministration", METHYLPREDNISOLONE_VIAL,
        effectivePeriod={"start": "2026-02-01", "end": "2026-02-03"},
        dosage={"dose": quantity(1500, "mg"), "route": IV},
    )  # fmt: skip
    row = dose(read(given))
    assert (row["mg_per_day"], row["end"]) == (500, date(2026, 2, 3))
    assert "total over 3 days" in row["assumed"]


def test_a_daily_dose_over_a_period_is_not_divided() -> None:
    given = medicated(
        "MedicationAdministration", METHYLPREDNISOLONE_VIAL,
        effectivePeriod={"start": "2026-02-01", "end": "2026-02-03"},
        dosage={"text": "500 mg daily", "dose": quantity(500, "mg"), "route": IV},
    )  # fmt: skip
    assert dose(read(given))["mg_per_day"] == 500


def test_listed_dates_are_one_day_each() -> None:
    dosage = {"doseAndRate": [{"doseQuantity": quantity(500, "mg")}], "route": IV,
              "timing": {"event": ["2026-03-01", "2026-03-08", "2026-03-08"]}}  # fmt: skip
    rows = doses(read(request(METHYLPREDNISOLONE_VIAL, dosage)))
    assert [(row["start"], row["end"], row["mg_per_day"]) for row in rows] == [
        (date(2026, 3, 1), date(2026, 3, 1), 500),
        (date(2026, 3, 8), date(2026, 3, 8), 1000),
    ]


def test_a_dose_per_kg_uses_a_weight_that_was_valid_then() -> None:
    weight = observation(coded(LOINC, "29463-7"), valueQuantity=quantity(60, "kg"))
    row = dose(read(weight, request(PREDNISONE, daily(1, "mg/kg"))))
    assert row["mg_per_day"] == 60
    assert "weighed on 2026-03-02" in row["assumed"]
    stale = observation(
        coded(LOINC, "29463-7"), valueQuantity=quantity(60, "kg"), effectiveDateTime="2001-01-01"
    )
    assert dose(read(stale, request(PREDNISONE, daily(1, "mg/kg"))))["mg_per_day"] is None
