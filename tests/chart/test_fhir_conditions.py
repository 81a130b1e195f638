"""What conditions, procedures, reports and relatives' diseases become in the chart."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.chart.fhir_fixtures.builders import (
    ICD10CM,
    LEFT_HIP,
    PATIENT,
    SNOMED,
    SUBJECT,
    Json,
    coded,
    condition,
    procedure,
    read,
    reasons,
    statement,
    statements,
    status,
    unread,
    worded,
)

ONFH = coded(ICD10CM, "M87.052", "Idiopathic aseptic necrosis of left femur")
LUPUS = coded(SNOMED, "55464009", "Systemic lupus erythematosus")
GROIN = worded("Groin pain")

MAPPED: dict[str, tuple[Json, str, Json]] = {
    "a confirmed diagnosis is present": (
        condition(LUPUS, verificationStatus=status("confirmed")), "systemic_lupus_erythematosus",
        {"status": "present", "side": None}),
    "a diagnosis without status is present": (
        condition(LUPUS), "systemic_lupus_erythematosus", {"status": "present"}),
    "a refuted diagnosis is absent": (
        condition(LUPUS, verificationStatus=status("refuted")), "systemic_lupus_erythematosus",
        {"status": "absent"}),
    "a provisional diagnosis is provisional": (
        condition(LUPUS, verificationStatus=status("provisional")), "systemic_lupus_erythematosus",
        {"status": "provisional"}),
    "a differential diagnosis is provisional": (
        condition(LUPUS, verificationStatus=status("differential")), "systemic_lupus_erythematosus",
        {"status": "provisional"}),
    "an unconfirmed diagnosis is provisional": (
        condition(LUPUS, verificationStatus=status("unconfirmed")), "systemic_lupus_erythematosus",
        {"status": "provisional"}),
    "a resolved diagnosis was true once": (
        condition(LUPUS, clinicalStatus=status("resolved")), "systemic_lupus_erythematosus",
        {"status": "past"}),
    "remission is past": (
        condition(LUPUS, clinicalStatus=status("remission")), "systemic_lupus_erythematosus",
        {"status": "past"}),
    "recurrence is present": (
        condition(LUPUS, clinicalStatus=status("recurrence")), "systemic_lupus_erythematosus",
        {"status": "present"}),
    "a status of an older FHIR version is a plain code": (
        condition(LUPUS, verificationStatus="provisional"), "systemic_lupus_erythematosus",
        {"status": "provisional"}),
    "the digit of ICD-10-CM gives the side": (
        condition(ONFH), "osteonecrosis_femoral_head", {"side": "left"}),
    "ICD without the dot": (
        condition(coded(ICD10CM, "M87051")), "osteonecrosis_femoral_head", {"side": "right"}),
    "an OID names the terminology too": (
        condition(coded("urn:oid:2.16.840.1.113883.6.90", "M87.051")), "osteonecrosis_femoral_head",
        {"side": "right"}),
    "a site gives the side": (condition(GROIN, bodySite=[LEFT_HIP]), "groin_pain", {"side": "left"}),
    "a qualifier code gives the side": (
        condition(GROIN, bodySite=[coded(SNOMED, "24028007")]), "groin_pain", {"side": "right"}),
    "the author's words give the side": (
        condition(worded("Left groin pain")), "groin_pain", {"side": "left"}),
    "both hips": (condition(worded("Groin pain, bilateral")), "groin_pain", {"side": "both"}),
    "no side said stays open": (condition(GROIN), "groin_pain", {"side": None}),
    "left code and right site disagree": (
        condition(ONFH, bodySite=[worded("right hip")]), "osteonecrosis_femoral_head",
        {"side": None, "note": "sides disagree"}),
    "words without codes are read": (
        condition(worded("avascular necrosis of the right femoral head")), "osteonecrosis_femoral_head",
        {"side": "right", "status": "present"}),
    "possible in the words is provisional": (
        condition(worded("possible avascular necrosis of the left femoral head")),
        "osteonecrosis_femoral_head", {"status": "provisional"}),
    "possible beside a code is provisional": (
        condition({**ONFH, "text": "Possible osteonecrosis of the left femoral head"}),
        "osteonecrosis_femoral_head", {"status": "provisional", "side": "left"}),
    "a local code first, a standard code second": (
        condition({"coding": [{"system": "urn:oid:1.2.840.114350.1.13.0.1.7.2.696871", "code": "42"},
                              {"system": ICD10CM, "code": "M32.9"}]}),
        "systemic_lupus_erythematosus", {"status": "present"}),
    "the year of onset keeps its precision": (
        condition(LUPUS, onsetDateTime="2019"), "systemic_lupus_erythematosus",
        {"start": date(2019, 1, 1), "start_precision": "year"}),
    "the month of onset keeps its precision": (
        condition(LUPUS, onsetDateTime="2019-04"), "systemic_lupus_erythematosus",
        {"start": date(2019, 4, 1), "start_precision": "month"}),
    "the local day of an instant is kept": (
        condition(LUPUS, onsetDateTime="2019-04-30T23:30:00-05:00"), "systemic_lupus_erythematosus",
        {"start": date(2019, 4, 30), "start_precision": "day"}),
    "an onset period begins with its start": (
        condition(LUPUS, onsetPeriod={"start": "2019-04-30", "end": "2019-06-01"}),
        "systemic_lupus_erythematosus", {"start": date(2019, 4, 30)}),
    "onset at an age is a year": (
        condition(LUPUS, onsetAge={"value": 30, "code": "a"}), "systemic_lupus_erythematosus",
        {"start": date(2010, 1, 1), "start_precision": "year"}),
    "an end and a date of writing": (
        condition(LUPUS, abatementDateTime="2020-02", recordedDate="2019-05-01"),
        "systemic_lupus_erythematosus", {"end": date(2020, 2, 29), "recorded": date(2019, 5, 1)}),
    "an unreadable date leaves a note": (
        condition(LUPUS, onsetDateTime="spring"), "systemic_lupus_erythematosus",
        {"start": None, "note": "a date could not be read"}),
    "an artificial hip by its code": (
        condition(coded(ICD10CM, "Z96.642")), "hip_replaced", {"side": "left", "status": "present"}),
    "a procedure that was done": (
        procedure(coded(SNOMED, "52734007", "Total replacement of hip"), bodySite=[worded("Right hip")],
                  performedPeriod={"start": "2020-01-05T08:00:00Z", "end": "2020-01-05T10:00:00Z"}),
        "total_hip_replacement_done", {"side": "right", "start": date(2020, 1, 5), "end": date(2020, 1, 5)}),
    "a kidney transplant as a diagnosis": (
        condition(coded(ICD10CM, "Z94.0", "Kidney transplant status")), "kidney_transplant",
        {"status": "present"}),
    "a smoker by diagnosis code": (
        condition(coded(ICD10CM, "Z87.891")), "smoking_status", {"choice": "former"}),
}  # fmt: skip


@pytest.mark.parametrize(("resource", "concept", "expected"), MAPPED.values(), ids=MAPPED)
def test_a_resource_becomes_a_statement(resource: Json, concept: str, expected: Json) -> None:
    row = statement(read(resource), concept)
    assert {name: row[name] for name in expected} == expected
    assert row["origin"].startswith("record.json: entry[1] ")


REFUSED: dict[str, tuple[Json, str]] = {
    "entered in error": (
        condition(LUPUS, verificationStatus=status("entered-in-error")), "entered in error"),
    "a rule-out in words": (condition(worded("rule out avascular necrosis of the hip")), "rule-out"),
    "a rule-out beside a code": (
        condition({**ONFH, "text": "R/O osteonecrosis of the femoral head"}), "rule-out"),
    "an encounter for suspicion": (condition(coded(ICD10CM, "Z03.89", "Osteonecrosis")), "rule-out"),
    "a screening": (condition(coded(ICD10CM, "Z13.1", "Screening for diabetes mellitus")), "rule-out"),
    "a disease of a relative": (
        condition(coded(ICD10CM, "Z82.61", "Family history of arthritis")), "other person"),
    "a diagnosis that the knowledge does not have": (
        condition(coded(SNOMED, "195662009", "Acute viral pharyngitis")), "no concept"),
    "no code at all": (condition({}), "no concept"),
    "an unknown verification status": (
        condition(LUPUS, verificationStatus=status("perhaps")), "not readable"),
    "a hip finding at the knee": (condition(GROIN, bodySite=[worded("left knee")]), "other site"),
    "a procedure that was not done": (
        procedure(coded(SNOMED, "52734007"), status="not-done"), "cancelled"),
    "a procedure that is planned": (
        procedure(coded(SNOMED, "52734007"), status="preparation"), "cancelled"),
    "a procedure entered in error": (
        procedure(coded(SNOMED, "52734007"), status="entered-in-error"), "entered in error"),
    "another patient's diagnosis": (
        condition(LUPUS, subject={"reference": "Patient/p2"}), "other patient"),
    "a diagnosis of a group": (condition(LUPUS, subject={"reference": "Group/7"}), "other person"),
    "a subject known only by a foreign identifier": (
        condition(LUPUS, subject={"identifier": {"system": "urn:x", "value": "9"}}), "other patient"),
    "the reason of a visit": (
        {"resourceType": "Encounter", "id": "e", "subject": {"reference": "Patient/p1"},
         "reasonCode": [LUPUS]}, "not used"),
    "an allergy to a substance without a concept": (
        {"resourceType": "AllergyIntolerance", "id": "a", "patient": {"reference": "Patient/p1"},
         "code": worded("latex")}, "no concept"),
    "a goal": ({"resourceType": "Goal", "id": "g", "description": worded("walk without pain")}, "not used"),
    "a type that FHIR R4 does not have": (
        {"resourceType": "NutritionIntake", "id": "n", "status": "x"}, "not used"),
    "a field of a wrong type": (
        {"resourceType": "Condition", "id": 5, "subject": {"reference": "Patient/p1"}}, "not readable"),
    "a code of a wrong type": (condition({"coding": "M87"}), "not readable"),
}  # fmt: skip


@pytest.mark.parametrize(("resource", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_used_is_listed_once_with_its_reason(resource: Json, reason: str) -> None:
    chart = read(resource)
    assert statements(chart) == []
    assert reasons(chart) == [reason]


def test_one_bad_entry_does_not_spoil_the_others() -> None:
    chart = read({"resourceType": "Condition", "id": ["x"]}, condition(LUPUS))
    assert statement(chart, "systemic_lupus_erythematosus")["origin"] == "record.json: entry[2] Condition/c1"
    assert "$.id" in unread(chart)[0][1]


def test_codings_that_contradict_one_another_are_both_kept_and_noted() -> None:
    both = {"coding": [*LUPUS["coding"], {"system": ICD10CM, "code": "D57.1"}]}
    chart = read(condition(both))
    assert all("codings disagree" in row["note"] for row in statements(chart))
    assert len(statements(chart)) == 2


def report(**fields: Any) -> Json:
    start = {
        "resourceType": "DiagnosticReport", "id": "r1", "status": "final", "subject": SUBJECT,
        "code": worded("MRI of the hips"), "effectiveDateTime": "2026-04-01",
    }  # fmt: skip
    return {**start, **fields}


def test_the_conclusion_of_a_report_is_read() -> None:
    chart = read(report(conclusion="Osteonecrosis of the left femoral head. No fracture."))
    rows = [row for row in statements(chart) if "osteonecrosis" in row["concept"]]
    assert rows
    assert {(row["status"], row["side"]) for row in rows} == {("present", "left")}
    assert {row["start"] for row in rows} == {date(2026, 4, 1)}


def test_the_coded_conclusion_of_a_report_is_read() -> None:
    chart = read(report(conclusionCode=[ONFH]))
    assert statement(chart, "osteonecrosis_femoral_head")["side"] == "left"


def test_a_report_without_a_conclusion_is_counted() -> None:
    chart = read(report(), report(id="r2"))
    assert chart.unread["origin"].to_list() == ["record.json: DiagnosticReport without conclusion ×2"]


def test_a_report_of_another_joint_says_nothing_of_the_hip() -> None:
    chart = read(report(code=worded("MRI of the left knee"), conclusion="Osteonecrosis."))
    assert all(row["concept"] != "osteonecrosis_femoral_head" for row in statements(chart))


def test_diseases_of_relatives_stay_with_the_relatives() -> None:
    family = {"resourceType": "FamilyMemberHistory", "id": "f", "patient": {"reference": "Patient/p1"}}
    chart = read({**family, "condition": [{"code": worded("sickle cell disease")}]})
    assert [row["concept"] for row in statements(chart)] == ["family_history_sickle_cell_disease"]
    chart = read({**family, "condition": [{"code": worded("lupus")}]})
    assert reasons(chart) == ["other person"]


def test_images_of_the_hip_without_a_report_are_named() -> None:
    series = [{"bodySite": {"system": SNOMED, "code": "24136001", "display": "Hip joint"}}]
    study = {
        "resourceType": "ImagingStudy",
        "id": "i",
        "subject": {"reference": "Patient/p1"},
        "series": series,
    }
    assert unread(read(study))[0][1] == "images without a report: Hip joint"


def test_an_older_version_of_an_entry_is_superseded() -> None:
    old = condition(LUPUS, meta={"versionId": "1"}, verificationStatus=status("provisional"))
    new = condition(LUPUS, meta={"versionId": "2"}, verificationStatus=status("refuted"))
    for order in ((old, new), (new, old)):
        chart = read(*order)
        assert statement(chart, "systemic_lupus_erythematosus")["status"] == "absent"
        assert reasons(chart) == ["superseded"]


def test_an_entry_that_another_replaces_is_superseded() -> None:
    extension = [{"url": "http://hl7.org/fhir/StructureDefinition/replaces",
                  "valueReference": {"reference": "Condition/c1"}}]  # fmt: skip
    newer = condition(LUPUS, id="c2", verificationStatus=status("refuted"), extension=extension)
    chart = read(condition(LUPUS), newer)
    assert statement(chart, "systemic_lupus_erythematosus")["status"] == "absent"
    assert reasons(chart) == ["superseded"]


@pytest.mark.parametrize(
    ("patient", "expected"),
    [
        ({"gender": "male", "birthDate": "1980-05"}, ("male", date(1980, 5, 1), "month")),
        ({"gender": "unknown", "birthDate": "1980"}, (None, date(1980, 1, 1), "year")),
        ({"gender": "other"}, (None, None, None)),
        ({}, (None, None, None)),
    ],
)
def test_the_person_is_as_exact_as_the_record(patient: Json, expected: tuple[Any, ...]) -> None:
    chart = read(patient={"resourceType": "Patient", "id": "p1", **patient})
    row = chart.persons.row(0, named=True)
    assert (row["sex"], row["birth_date"], row["birth_precision"]) == expected


def test_the_sex_assigned_at_birth_stands_in_for_a_gender_that_says_nothing() -> None:
    extension = [
        {"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex", "valueCode": "F"}
    ]
    chart = read(patient={**PATIENT, "gender": "other", "extension": extension})
    assert chart.persons["sex"].to_list() == ["female"]


def test_a_gender_that_names_no_sex_is_listed_as_unread() -> None:
    named = read(patient={**PATIENT, "gender": "other"})
    assert named.persons["sex"].to_list() == [None]
    assert ["gender" in detail for detail in named.unread["detail"]] == [True]
    assert read(patient={**PATIENT, "gender": "unknown"}).unread.is_empty()


def test_the_day_of_death_is_kept() -> None:
    chart = read(patient={**PATIENT, "deceasedDateTime": "2025-03-04T10:00:00Z"})
    assert chart.persons["deceased_date"].to_list() == [date(2025, 3, 4)]
