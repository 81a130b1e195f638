"""What cannot be true of anybody is not known: it never becomes a number of the assessment."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import pytest

from precollapse.assess import assess_bytes
from precollapse.assessment.model import Assessment
from precollapse.errors import InputError
from tests.robustness.records import DAY, encoded

PATIENT = {"resourceType": "Patient", "id": "p"}
SUBJECT = {"reference": "Patient/p"}


def assessed(*resources: dict[str, Any]) -> Assessment:
    bundle = {"resourceType": "Bundle", "entry": [{"resource": one} for one in (PATIENT, *resources)]}
    (assessment,) = assess_bytes(encoded(bundle), "bundle.json", today=DAY)
    return assessment


def prednisone(value: float, *, start: str = "2026-05-01", **repeat: Any) -> dict[str, Any]:
    timing = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"} | repeat}
    return {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "subject": SUBJECT,
        "authoredOn": start,
        "medicationCodeableConcept": {"text": "prednisone 20 MG Oral Tablet"},
        "dosageInstruction": [
            {"timing": timing, "doseAndRate": [{"doseQuantity": {"value": value, "unit": "mg"}}]}
        ],
    }


def exposure(assessment: Assessment, name: str) -> Any:
    return next(fact for fact in assessment.risk.exposure if fact.concept == f"prednisone_equivalent_{name}")


def test_possible_dose_is_a_number() -> None:
    assert exposure(assessed(prednisone(20)), "peak_mg_per_day").value == 20


@pytest.mark.parametrize(
    "order",
    [
        prednisone(-20),
        prednisone(1e6),
        prednisone(1e300),
        prednisone(1e300, frequency=1_000_000_000),
        prednisone(20, start="0001-01-01"),
        prednisone(20, start="1700-01-01"),
    ],
    ids=["negative", "a kilogram", "beyond all numbers", "infinite", "in the year 1", "of the year 1700"],
)
def test_impossible_order_leaves_the_dose_unknown_and_says_why(order: dict[str, Any]) -> None:
    began = time.perf_counter()
    assessment = assessed(order)
    assert time.perf_counter() - began < 1
    for name in ("peak_mg_per_day", "cumulative_mg"):
        fact = exposure(assessment, name)
        assert fact.value is None
        assert fact.high is None
        assert fact.why_unknown == "unreadable"
        assert "outside 0 to" in fact.note or "years ago" in fact.note


def test_many_orders_of_the_year_1_do_not_take_longer() -> None:
    began = time.perf_counter()
    assessed(*(prednisone(20, start="0001-01-01") for _ in range(30)))
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize("birth", ["2031-01-01", "9999-12-31", "1600-01-01", "0001-01-01", "1600"])
def test_birth_that_cannot_be_leaves_the_age_unknown(birth: str) -> None:
    bundle = {"resourceType": "Bundle", "entry": [{"resource": PATIENT | {"birthDate": birth}}]}
    (assessment,) = assess_bytes(encoded(bundle), "bundle.json", today=DAY)
    assert assessment.patient.age_years is None
    (age,) = [row for row in assessment.unknown if row.concept == "age_years"]
    assert age.why == "unreadable"
    assert age.note is not None
    assert "impossible" in age.note


def test_birth_in_the_year_of_the_assessment_gives_no_negative_age() -> None:
    bundle = {"resourceType": "Bundle", "entry": [{"resource": PATIENT | {"birthDate": str(DAY.year)}}]}
    (assessment,) = assess_bytes(encoded(bundle), "bundle.json", today=DAY)
    assert assessment.patient.age_years == 0


@pytest.mark.parametrize("birth", ["2031-01-01", "1600-01-01", "2026-13-45"])
def test_birth_that_cannot_be_in_a_case_file_is_unknown_or_an_error(birth: str) -> None:
    try:
        (assessment,) = assess_bytes(encoded({"patient": {"birth_date": birth}}), "case.yaml", today=DAY)
    except InputError as error:
        assert str(error).startswith("case.yaml: patient.birth_date")
    else:
        assert assessment.patient.age_years is None


@pytest.mark.parametrize("day", [date(1900, 1, 1), date(2300, 1, 1)])
def test_day_of_assessment_may_lie_anywhere(day: date) -> None:
    (assessment,) = assess_bytes(encoded({"patient": {"age_years": 40}}), "case.yaml", as_of=day, today=DAY)
    assert assessment.as_of == day.isoformat()
