"""Small FHIR resources for tests, and short ways to look at what became of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from precollapse.chart.fhir.read import read_fhir
from precollapse.chart.model import Chart, ChartBuilder
from precollapse.knowledge.load import load

Json = dict[str, Any]

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
UCUM = "http://unitsofmeasure.org"
PATIENT: Json = {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1980-05-17"}
SUBJECT: Json = {"reference": "Patient/p1"}
LEFT_HIP: Json = {"coding": [{"system": SNOMED, "code": "287679003", "display": "Left hip region structure"}]}

PREDNISONE: Json = {
    "coding": [{"system": RXNORM, "code": "312617", "display": "predniSONE 5 MG Oral Tablet"}]
}


def coded(system: str, code: str, display: str | None = None, text: str | None = None) -> Json:
    coding = {"system": system, "code": code, **({"display": display} if display else {})}
    return {"coding": [coding], **({"text": text} if text else {})}


def worded(text: str) -> Json:
    return {"text": text}


LEFT_HIP = coded(SNOMED, "287679003", "Left hip region structure")
PREDNISONE = coded(RXNORM, "312617", "predniSONE 5 MG Oral Tablet")


def quantity(value: float, unit: str, **more: Any) -> Json:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit, **more}


def condition(code: Json, **fields: Any) -> Json:
    return {"resourceType": "Condition", "id": "c1", "subject": SUBJECT, "code": code, **fields}


def status(code: str) -> Json:
    return {"coding": [{"code": code}]}


def observation(code: Json, **fields: Any) -> Json:
    start = {"resourceType": "Observation", "id": "o1", "status": "final", "subject": SUBJECT, "code": code}
    return {**start, "effectiveDateTime": "2026-03-02", **fields}


def procedure(code: Json, **fields: Any) -> Json:
    start = {
        "resourceType": "Procedure",
        "id": "pr1",
        "status": "completed",
        "subject": SUBJECT,
        "code": code,
    }
    return {**start, **fields}


def request(medicine: Json = PREDNISONE, *dosages: Json, **fields: Any) -> Json:
    start = {
        "resourceType": "MedicationRequest", "id": "m1", "status": "active", "intent": "order",
        "subject": SUBJECT, "authoredOn": "2026-03-01", "medicationCodeableConcept": medicine,
    }  # fmt: skip
    return {**start, **({"dosageInstruction": list(dosages)} if dosages else {}), **fields}


def medicated(kind: str, medicine: Json = PREDNISONE, **fields: Any) -> Json:
    start = {"resourceType": kind, "id": "m1", "status": "completed", "subject": SUBJECT}
    return {**start, "medicationCodeableConcept": medicine, **fields}


def daily(value: float, unit: str | None = "mg", **repeat: Any) -> Json:
    """Return a dosage of one dose a day, or as ``repeat`` says."""
    dose = quantity(value, unit) if unit else {"value": value}
    timing = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", **repeat}}
    return {"doseAndRate": [{"doseQuantity": dose}], "timing": timing}


def bundle(*resources: Json, kind: str = "collection") -> Json:
    return {"resourceType": "Bundle", "type": kind, "entry": [{"resource": each} for each in resources]}


def read(*resources: Json, patient: Json = PATIENT) -> Chart:
    """Read a bundle of a patient and some resources."""
    return read_json(bundle(patient, *resources))


def read_json(content: Any, name: str = "record.json") -> Chart:
    return read_bytes(json.dumps(content).encode(), name)


def read_bytes(data: bytes, name: str = "record.json") -> Chart:
    builder = ChartBuilder()
    read_fhir(data, load(), builder, name=name)
    return builder.build()


def read_path(path: Path) -> Chart:
    builder = ChartBuilder()
    read_fhir(path, load(), builder)
    return builder.build()


def statements(chart: Chart, concept: str | None = None) -> list[Json]:
    rows = chart.statements.iter_rows(named=True)
    return [row for row in rows if concept is None or row["concept"] == concept]


def statement(chart: Chart, concept: str) -> Json:
    (row,) = statements(chart, concept)
    return row


def doses(chart: Chart) -> list[Json]:
    return list(chart.doses.iter_rows(named=True))


def dose(chart: Chart) -> Json:
    (row,) = doses(chart)
    return row


def unread(chart: Chart) -> list[tuple[str, str]]:
    return list(zip(chart.unread["reason"], chart.unread["detail"], strict=True))


def reasons(chart: Chart) -> list[str]:
    return chart.unread["reason"].to_list()
