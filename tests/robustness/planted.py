"""Records in which a name stands everywhere a name, an address or a contact may stand."""

from __future__ import annotations

from typing import Any

NAME = "ZZNAMEZZ"
HUMAN = [{"text": NAME, "family": NAME, "given": [NAME]}]
ADDRESS = [{"text": NAME, "line": [NAME], "city": NAME, "postalCode": NAME}]
TELECOM = [{"system": "phone", "value": NAME}]
TEXT = {"status": "generated", "div": f"<div>{NAME}</div>"}
SUBJECT = {"reference": "Patient/p", "display": NAME}
DOCTOR = {"reference": "Practitioner/d", "display": NAME}
LOINC, SNOMED, RXNORM = (
    "http://loinc.org",
    "http://snomed.info/sct",
    "http://www.nlm.nih.gov/research/umls/rxnorm",
)
EXTENSION = [{"url": "https://example.org/mother", "valueString": NAME}]


def _coded(system: str, code: str, display: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": display}]}


def _resource(kind: str, number: int, **fields: Any) -> dict[str, Any]:
    common = {"resourceType": kind, "id": f"{kind.lower()}-{number}", "text": TEXT, "extension": EXTENSION}
    return common | {"subject": SUBJECT} | fields


PATIENT = {
    "resourceType": "Patient",
    "id": "p",
    "text": TEXT,
    "name": HUMAN,
    "address": ADDRESS,
    "telecom": TELECOM,
    "contact": [{"name": HUMAN[0], "address": ADDRESS[0]}],
    "identifier": [{"system": "https://example.org/number", "value": NAME}],
    "gender": "female",
    "birthDate": "1980-02-03",
    "managingOrganization": {"display": NAME},
    "extension": EXTENSION,
}
RESOURCES: list[dict[str, Any]] = [
    PATIENT,
    {"resourceType": "Practitioner", "id": "d", "name": HUMAN, "address": ADDRESS},
    {"resourceType": "RelatedPerson", "id": "r", "name": HUMAN, "patient": SUBJECT},
    _resource(
        "Condition",
        1,
        code=_coded(SNOMED, "55464009", "Systemic lupus erythematosus"),
        clinicalStatus={"coding": [{"code": "active"}]},
        onsetDateTime="2021-05-01",
        recorder=DOCTOR,
        asserter=DOCTOR,
        note=[{"authorString": NAME, "text": NAME}],
    ),
    _resource(
        "Condition",
        2,
        code={"text": "groin pain of the left hip"},
        onsetDateTime="2026-09-01",
        recorder=DOCTOR,
    ),
    _resource(
        "Observation",
        1,
        status="final",
        code=_coded(LOINC, "1988-5", "C reactive protein"),
        effectiveDateTime="2026-11-20",
        valueQuantity={"value": 4.2, "unit": "mg/L", "system": "http://unitsofmeasure.org", "code": "mg/L"},
        performer=[DOCTOR],
    ),
    _resource(
        "Observation",
        2,
        status="final",
        code=_coded(LOINC, "72166-2", "Tobacco smoking status"),
        effectiveDateTime="2026-11-20",
        valueCodeableConcept=_coded(SNOMED, "266919005", "Never smoked"),
    ),
    _resource(
        "MedicationRequest",
        1,
        status="active",
        intent="order",
        authoredOn="2026-03-01",
        requester=DOCTOR,
        medicationCodeableConcept=_coded(RXNORM, "312617", "prednisone 5 MG Oral Tablet"),
        dosageInstruction=[
            {
                "text": "4 tablets daily",
                "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
                "doseAndRate": [{"doseQuantity": {"value": 4, "unit": "tablet"}}],
            }
        ],
    ),
    _resource(
        "Procedure",
        1,
        status="completed",
        code=_coded(SNOMED, "52734007", "Total replacement of hip"),
        bodySite=[_coded(SNOMED, "287679003", "Left hip")],
        performedDateTime="2018-01-01",
        performer=[{"actor": DOCTOR}],
    ),
    _resource(
        "FamilyMemberHistory",
        1,
        patient=SUBJECT,
        name=NAME,
        status="completed",
        relationship={"text": "mother"},
        condition=[{"code": {"text": "osteonecrosis"}}],
    ),
    _resource(
        "DiagnosticReport",
        1,
        status="final",
        code=_coded(LOINC, "36022-2", "MR Hip - right"),
        effectiveDateTime="2026-10-01",
        conclusion="No fracture.",
        performer=[DOCTOR],
        resultsInterpreter=[DOCTOR],
    ),
    _resource("Encounter", 1, status="finished", participant=[{"individual": DOCTOR}]),
]
BUNDLE = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in RESOURCES]}

CASE: dict[str, Any] = {
    "id": "case-1",
    "name": NAME,
    "address": NAME,
    "source": NAME,
    "as_of": "2026-11-22",
    "patient": {"age_years": 44, "sex": "female", "weight_kg": 70, "name": NAME, "address": {"line": NAME}},
    "history": [
        {"factor": "systemic lupus erythematosus", "since": "2021", "doctor": NAME},
        {"factor": "alcohol", "present": False},
    ],
    "medications": [
        {"name": "prednisolone", "dose": "20 mg", "frequency": "once daily", "start": "2026-03-01"},
        {"name": "prednisone", "route": "oral", "steps": [{"dose": "10 mg/day", "days": 7}]},
    ],
    "symptoms": [{"symptom": "groin pain", "side": "left", "duration_months": 3, "night_pain": True}],
    "exam": [{"test": "internal rotation", "side": "left", "value": 15, "unit": "deg", "date": "2026-11-16"}],
    "labs": [{"test": "CRP", "value": "< 5", "unit": "mg/L", "date": "2026-11-20"}],
    "imaging": [{"modality": "MRI", "side": "right", "findings": ["effusion"], "date": "2026-10-01"}],
    "hips": {"left": {"limp": True}},
    "facts": {"hiv_infection": False},
}
