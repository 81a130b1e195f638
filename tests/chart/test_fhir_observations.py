"""What observations, their components and the answers of forms become in the chart."""

from __future__ import annotations

import math
from datetime import date

import pytest

from tests.chart.fhir_fixtures.builders import (
    LEFT_HIP,
    LOINC,
    SNOMED,
    Json,
    coded,
    observation,
    quantity,
    read,
    reasons,
    statement,
    statements,
    unread,
    worded,
)

WEIGHT = coded(LOINC, "29463-7", "Body weight")
SMOKING = coded(LOINC, "72166-2", "Tobacco smoking status")
ROTATION = worded("Internal rotation of the hip")
PAIN = worded("Pain on internal rotation")
CHOLESTEROL = coded(LOINC, "2093-3", "Cholesterol [Mass/volume] in Serum or Plasma")
DRINKS_A_DAY = coded(LOINC, "74013-4", "Alcoholic drinks per day")
MISSING = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
FLAGS = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
LUPUS_ANTICOAGULANT = worded("Lupus anticoagulant")

READ: dict[str, tuple[Json, str, Json]] = {
    "a number in the concept's unit": (
        observation(WEIGHT, valueQuantity=quantity(61, "kg")), "weight_kg",
        {"value": 61, "low": 61, "high": 61, "start": date(2026, 3, 2), "said": "Body weight: 61 kg"}),
    "pounds become kilograms": (
        observation(WEIGHT, valueQuantity=quantity(100, "[lb_av]")), "weight_kg", {"value": 45.359237}),
    "mmol/L becomes mg/dL": (
        observation(CHOLESTEROL, valueQuantity=quantity(5, "mmol/L")), "total_cholesterol",
        {"value": 193.35}),
    "the written unit helps when the code does not": (
        observation(WEIGHT, valueQuantity={"value": 61, "unit": "kg", "code": "custom"}), "weight_kg",
        {"value": 61}),
    "an integer": (
        observation(coded(LOINC, "75626-2"), valueInteger=5), "audit_c_score", {"value": 5}),
    "a number in words": (observation(WEIGHT, valueString="61 kg"), "weight_kg", {"value": 61}),
    "less than is a bound": (
        observation(WEIGHT, valueQuantity=quantity(50, "kg", comparator="<")), "weight_kg",
        {"value": None, "low": -math.inf, "high": 50}),
    "at least is a bound": (
        observation(WEIGHT, valueQuantity=quantity(50, "kg", comparator=">=")), "weight_kg",
        {"value": None, "low": 50, "high": math.inf}),
    "a range is two bounds": (
        observation(WEIGHT, valueRange={"low": quantity(60, "kg"), "high": quantity(65, "kg")}), "weight_kg",
        {"value": None, "low": 60, "high": 65}),
    "a period of observation begins with its start": (
        observation(WEIGHT, effectiveDateTime=None, effectivePeriod={"start": "2026-02"},
                    valueQuantity=quantity(61, "kg")), "weight_kg",
        {"start": date(2026, 2, 1), "start_precision": "month"}),
    "when it was issued": (
        observation(WEIGHT, issued="2026-03-04T08:00:00+01:00", valueQuantity=quantity(61, "kg")),
        "weight_kg", {"recorded": date(2026, 3, 4)}),
    "a preliminary result says so": (
        observation(WEIGHT, status="preliminary", valueQuantity=quantity(61, "kg")), "weight_kg",
        {"note": "a preliminary result"}),
    "the site gives the side of a measurement": (
        observation(ROTATION, bodySite=LEFT_HIP, valueQuantity=quantity(20, "deg")), "internal_rotation_deg",
        {"side": "left", "value": 20}),
    "yes as a boolean": (
        observation(PAIN, valueBoolean=True, bodySite=LEFT_HIP), "pain_on_internal_rotation",
        {"status": "present", "side": "left"}),
    "no as a boolean": (
        observation(PAIN, valueBoolean=False), "pain_on_internal_rotation", {"status": "absent"}),
    "yes as a code": (
        observation(PAIN, valueCodeableConcept=coded(SNOMED, "373066001", "Yes")),
        "pain_on_internal_rotation", {"status": "present"}),
    "no as a LOINC answer": (
        observation(PAIN, valueCodeableConcept=coded(LOINC, "LA32-8", "No")), "pain_on_internal_rotation",
        {"status": "absent"}),
    "negative in words": (
        observation(PAIN, valueString="negative"), "pain_on_internal_rotation", {"status": "absent"}),
    "a flag decides when a yes or no has only a number": (
        observation(LUPUS_ANTICOAGULANT, valueQuantity=quantity(1.6, "{ratio}"),
                    interpretation=[coded(FLAGS, "POS")]), "lupus_anticoagulant", {"status": "present"}),
    "a flag alone is a result": (
        observation(LUPUS_ANTICOAGULANT, interpretation=[coded(FLAGS, "NEG")]), "lupus_anticoagulant",
        {"status": "absent"}),
    "a finding that stands in the value": (
        observation(worded("Clinical finding"), bodySite=LEFT_HIP,
                    valueCodeableConcept=coded(SNOMED, "102570003", "Inguinal pain")),
        "groin_pain", {"status": "present", "side": "left"}),
    "asked but unknown is a value": (
        observation(PAIN, dataAbsentReason=coded(MISSING, "asked-unknown")), "pain_on_internal_rotation",
        {"status": "asked_unknown"}),
    "declined to answer": (
        observation(SMOKING, dataAbsentReason=coded(MISSING, "asked-declined")), "smoking_status",
        {"status": "asked_unknown"}),
    "unknown as an answer": (
        observation(PAIN, valueCodeableConcept=coded(SNOMED, "261665006", "Unknown")),
        "pain_on_internal_rotation", {"status": "asked_unknown"}),
    "a smoking status of SNOMED": (
        observation(SMOKING, valueCodeableConcept=coded(SNOMED, "8517006", "Ex-smoker")), "smoking_status",
        {"choice": "former"}),
    "a smoking status as a LOINC answer": (
        observation(SMOKING, valueCodeableConcept=coded(LOINC, "LA18976-3", "Current every day smoker")),
        "smoking_status", {"choice": "current"}),
    "a smoking status in words": (
        observation(SMOKING, valueString="Never smoker"), "smoking_status", {"choice": "never"}),
    "pack-years": (
        observation(coded(LOINC, "8664-5"), valueQuantity=quantity(20, "{PackYears}")), "smoking_pack_years",
        {"value": 20}),
    "grams of alcohol": (
        observation(worded("Alcohol intake per week"), valueQuantity=quantity(20, "g/wk")),
        "alcohol_g_per_week", {"value": 20}),
    "drinks a day become grams between both ends": (
        observation(DRINKS_A_DAY, valueQuantity=quantity(3, "{drinks}/d")), "alcohol_g_per_week",
        {"value": None, "low": 3 * 7 * 8, "high": 3 * 7 * 20}),
    "drinks a day without a unit": (
        observation(DRINKS_A_DAY, valueQuantity={"value": 1}), "alcohol_g_per_week",
        {"value": None, "low": 7 * 8, "high": 7 * 20}),
    "UK units are 8 g each": (
        observation(worded("Alcohol units per week"), valueQuantity=quantity(10, "{units}/wk")),
        "alcohol_g_per_week", {"value": 80}),
    "a normal radiograph": (
        observation(worded("Hip radiograph"), valueCodeableConcept=worded("Normal")), "radiograph_hip",
        {"choice": "normal"}),
    "an examination with a known code took place": (
        observation(coded(LOINC, "26131-3", "XR Hip - left Views"), valueString="Crescent sign."),
        "radiograph_hip_done", {"status": "present", "side": "left", "start": date(2026, 3, 2)}),
    "and its result in words is read": (
        observation(coded(LOINC, "26131-3", "XR Hip - left Views"), valueString="Crescent sign."),
        "radiograph_crescent_sign", {"status": "present", "side": "left"}),
}  # fmt: skip


@pytest.mark.parametrize(("resource", "concept", "expected"), READ.values(), ids=READ)
def test_an_observation_becomes_a_statement(resource: Json, concept: str, expected: Json) -> None:
    row = statement(read(resource), concept)
    for name, value in expected.items():
        assert row[name] == (pytest.approx(value) if isinstance(value, float) else value), name


REFUSED: dict[str, tuple[Json, str, str | None]] = {
    "an impossible number": (
        observation(ROTATION, valueQuantity=quantity(400, "deg")), "impossible", "internal_rotation_deg"),
    "a negative weight": (observation(WEIGHT, valueQuantity=quantity(-5, "kg")), "impossible", "weight_kg"),
    "a unit that does not convert": (
        observation(WEIGHT, valueQuantity=quantity(61, "mm")), "unit", "weight_kg"),
    "an implausible number without a unit": (
        observation(WEIGHT, valueQuantity={"value": 900}), "unit", "weight_kg"),
    "words where a number belongs": (
        observation(WEIGHT, valueString="heavy"), "not readable", "weight_kg"),
    "a value that the record cannot give": (
        observation(WEIGHT, dataAbsentReason=coded(MISSING, "error")), "not readable", "weight_kg"),
    "a number where yes or no belongs": (
        observation(PAIN, valueQuantity=quantity(3, "1")), "not readable", "pain_on_internal_rotation"),
    "no value and no reason": (observation(WEIGHT), "no value", None),
    "not asked": (observation(WEIGHT, dataAbsentReason=coded(MISSING, "not-asked")), "no value", None),
    "entered in error": (
        observation(WEIGHT, status="entered-in-error", valueQuantity=quantity(61, "kg")),
        "entered in error", None),
    "cancelled": (
        observation(WEIGHT, status="cancelled", valueQuantity=quantity(61, "kg")), "cancelled", None),
    "a laboratory code the knowledge does not have is not guessed from its name": (
        observation(coded(LOINC, "2161-8", "Creatinine [Mass/volume] in Urine"),
                    valueQuantity=quantity(90, "mg/dL")), "no concept", None),
    "another patient's observation": (
        observation(WEIGHT, subject={"reference": "Patient/other"}, valueQuantity=quantity(61, "kg")),
        "other patient", None),
    "a value of a wrong type": (
        observation(WEIGHT, valueQuantity={"value": "sixty"}), "not readable", None),
}  # fmt: skip


@pytest.mark.parametrize(("resource", "reason", "unreadable"), REFUSED.values(), ids=REFUSED)
def test_a_value_that_cannot_be_used_is_listed_with_its_reason(
    resource: Json, reason: str, unreadable: str | None
) -> None:
    chart = read(resource)
    assert reasons(chart) == [reason]
    found = [(row["concept"], row["status"]) for row in statements(chart)]
    assert found == ([(unreadable, "unreadable")] if unreadable else [])


def test_every_component_is_read_for_itself() -> None:
    components = [
        {"code": coded(LOINC, "8480-6", "Systolic blood pressure"), "valueQuantity": quantity(120, "mm[Hg]")},
        {"code": WEIGHT, "valueQuantity": quantity(61, "kg")},
    ]
    chart = read(observation(coded(LOINC, "85354-9", "Blood pressure panel"), component=components))
    assert {row["concept"] for row in statements(chart)} == {"systolic_blood_pressure", "weight_kg"}
    assert statement(chart, "weight_kg")["origin"].endswith("component[1]")
    assert reasons(chart) == []


def test_a_panel_of_which_nothing_is_known_is_listed_once() -> None:
    components = [{"code": coded(LOINC, "1-8"), "valueQuantity": quantity(1, "m")}]
    assert reasons(read(observation(coded(LOINC, "85354-9"), component=components))) == ["no concept"]


def audit(question: str, answer: str) -> Json:
    return observation(coded(LOINC, question), id=question, valueCodeableConcept=coded(LOINC, answer))


@pytest.mark.pathway("C04")
def test_two_answers_about_drinking_bound_the_grams_a_week() -> None:
    row = statement(read(audit("68518-0", "LA18928-4"), audit("68519-8", "LA15695-2")), "alcohol_g_per_week")
    assert (row["value"], row["low"], row["high"]) == (None, 2 * 3 * 10, 3 * 4 * 10)


@pytest.mark.pathway("C04")
def test_never_drinking_is_no_alcohol() -> None:
    chart = read(audit("68518-0", "LA6270-8"))
    assert statement(chart, "alcohol_g_per_week")["value"] == 0
    assert statement(chart, "alcohol_use")["choice"] == "never"


def test_how_much_without_how_often_says_nothing() -> None:
    chart = read(audit("68519-8", "LA15695-2"))
    assert statements(chart) == []
    assert unread(chart) == [("no value", "drinks a day, and how often is not known")]


def form(*items: Json) -> Json:
    return {
        "resourceType": "QuestionnaireResponse", "id": "q", "status": "completed", "authored": "2026-03-05",
        "subject": {"reference": "Patient/p1"}, "item": list(items),
    }  # fmt: skip


def test_answers_of_a_form_are_read_by_the_code_of_the_question() -> None:
    answer = {"valueCoding": {"system": LOINC, "code": "LA18976-3", "display": "Current every day smoker"}}
    nested = {"linkId": "1", "item": [{"linkId": "/72166-2", "text": "Smoking", "answer": [answer]}]}
    row = statement(read(form(nested)), "smoking_status")
    assert (row["choice"], row["start"]) == ("current", date(2026, 3, 5))


def test_answers_of_a_form_are_read_by_the_words_of_the_question() -> None:
    item = {"linkId": "a", "text": "Groin pain", "answer": [{"valueBoolean": False}]}
    assert statement(read(form(item)), "groin_pain")["status"] == "absent"


def test_a_form_of_which_nothing_is_known_is_listed() -> None:
    item = {"linkId": "a", "text": "Favourite colour", "answer": [{"valueString": "red"}]}
    assert reasons(read(form(item))) == ["no concept"]
