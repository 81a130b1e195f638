"""Writes one person's record as FHIR R4 resources, by type.

What Synthea's format has no field for (specialty of the clinician, words of a report, a diagnosis without a
code) stands in the state of the module that made the entry: ``specialty``, ``conclusion``, ``text``.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from synthetic.dosage import UCUM, instructions, supplied_days
from synthetic.people import Person
from synthetic.practitioners import clinician_of

SYSTEMS: Final = {
    "SNOMED-CT": "http://snomed.info/sct",
    "RxNorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "LOINC": "http://loinc.org",
    "ICD-10-CM": "http://hl7.org/fhir/sid/icd-10-cm",
    "CVX": "http://hl7.org/fhir/sid/cvx",
}
_TERMINOLOGY: Final = "http://terminology.hl7.org/CodeSystem"
_CLASSES: Final = {"inpatient": "IMP", "emergency": "EMER", "home": "HH", "virtual": "VR"}
_SEXES: Final = {"F": "female", "M": "male"}
Resource = dict[str, Any]
States = dict[str, dict[str, Any]]


class RecordWriter:
    """Writes the record of one person.

    Parameters
    ----------
    person
        Who has lived.
    states
        The states of our modules by name.
    as_of
        Last day of the records.
    key
        Id of the patient.
    """

    def __init__(self, person: Person, states: States, as_of: date, key: str) -> None:
        self.life = person.life
        self.record = person.life.record
        self.states = states
        self.as_of = as_of
        self.key = key
        self.subject = {"reference": f"Patient/{key}"}
        self._visits: dict[int, str] = {}
        self._requesters: dict[int, str] = {}

    def resources(self) -> dict[str, list[Resource]]:
        """Return everything, by resource type; visits first, because the others name them."""
        return {
            "Patient": [self._patient()],
            "Encounter": [self._encounter(*each) for each in enumerate(self.record.encounters)],
            "Condition": [self._condition(*each) for each in enumerate(self.record.conditions)],
            "Procedure": [self._procedure(*each) for each in enumerate(self.record.procedures)],
            "Observation": self._observations(),
            "DiagnosticReport": [self._report(*each) for each in enumerate(self.record.reports)],
            "MedicationRequest": self._requests(),
        }

    def _patient(self) -> Resource:
        patient = {
            "resourceType": "Patient",
            "id": self.key,
            "gender": _SEXES.get(self.life.attributes.get("gender"), "unknown"),
            "birthDate": _day(self.life.attributes["birth_date"]),
        }
        death = self.record.death_date
        return patient if death is None else {**patient, "deceasedDateTime": _day(death)}

    def _state(self, entry: Any) -> dict[str, Any]:
        return self.states.get(entry.name or "", {})

    def _base(self, kind: str, letter: str, number: int) -> Resource:
        return {"resourceType": kind, "id": f"{self.key}-{letter}{number}"}

    def _common(self, entry: Any) -> Resource:
        visit = self._visits.get(id(entry.encounter))
        return {"subject": self.subject} | ({"encounter": {"reference": visit}} if visit else {})

    def _encounter(self, number: int, visit: Any) -> Resource:
        state = self._state(visit)
        resource = self._base("Encounter", "e", number)
        self._visits[id(visit)] = f"Encounter/{resource['id']}"
        kind = _CLASSES.get(visit.encounter_class.value, "AMB")
        resource |= {
            "status": "finished",
            "class": {"system": f"{_TERMINOLOGY}/v3-ActCode", "code": kind},
            "subject": self.subject,
            "period": {"start": _day(visit.time), "end": _day(visit.end_time or visit.time)},
        }
        text = state.get("text")
        if text or visit.codes:
            resource["type"] = [coded(visit.codes, text)]
        if "specialty" in state:
            practitioner, requester = clinician_of(self.key, state["specialty"])
            self._requesters[id(visit)] = requester
            resource["participant"] = [{"individual": {"reference": f"Practitioner/{practitioner}"}}]
        return resource

    def _condition(self, number: int, condition: Any) -> Resource:
        status = "active" if condition.end_time is None else "resolved"
        resource = self._base("Condition", "c", number) | {
            "clinicalStatus": _term("condition-clinical", status),
            "verificationStatus": _term("condition-ver-status", "confirmed"),
            "code": coded(condition.codes, self._state(condition).get("text")),
            **self._common(condition),
            "onsetDateTime": _day(condition.time),
        }
        if condition.end_time is not None:
            resource["abatementDateTime"] = _day(condition.end_time)
        seen = condition.encounter.time if condition.encounter is not None else condition.time
        return resource | {"recordedDate": _day(seen)}

    def _procedure(self, number: int, procedure: Any) -> Resource:
        return self._base("Procedure", "p", number) | {
            "status": "completed",
            "code": coded(procedure.codes, self._state(procedure).get("text")),
            **self._common(procedure),
            "performedDateTime": _day(procedure.time),
        }

    def _observations(self) -> list[Resource]:
        found = []
        for number, observation in enumerate(self.record.observations):
            value = _value(observation)
            if value:
                resource = self._base("Observation", "o", number) | {
                    "status": "final",
                    "category": [_term("observation-category", observation.category)],
                    "code": coded(observation.codes),
                    **self._common(observation),
                    "effectiveDateTime": _day(observation.time),
                }
                found.append(resource | value)
        return found

    def _report(self, number: int, report: Any) -> Resource:
        resource = self._base("DiagnosticReport", "r", number) | {
            "status": "final",
            "code": coded(report.codes),
            **self._common(report),
            "effectiveDateTime": _day(report.time),
        }
        conclusion = self._state(report).get("conclusion")
        return resource | {"conclusion": conclusion} if conclusion else resource

    def _requests(self) -> list[Resource]:
        orders = enumerate(self.record.medications)
        return [self._request(number, order) for number, order in orders if not order.administration]

    def _request(self, number: int, order: Any) -> Resource:
        start = order.time.date()
        running = order.end_time is None or order.end_time.date() > self.as_of
        resource = self._base("MedicationRequest", "m", number) | {
            "status": "active" if running else "completed",
            "intent": "order",
            "medicationCodeableConcept": coded(order.codes),
            **self._common(order),
            "authoredOn": start.isoformat(),
        }
        requester = self._requesters.get(id(order.encounter))
        if requester:
            resource["requester"] = {"reference": requester}
        dosage = instructions(order.prescription, start)
        if dosage:
            resource["dosageInstruction"] = dosage
        days = supplied_days(order.prescription)
        if days is not None:
            supply = {"value": days, "unit": "days", "system": UCUM, "code": "d"}
            resource["dispenseRequest"] = {"expectedSupplyDuration": supply}
        return resource


def coded(codes: list[Any], text: str | None = None) -> Resource:
    """Return codes of the engine as a CodeableConcept."""
    coding = [_coding(code.system, code.code, code.display) for code in codes]
    concept: Resource = {"coding": coding} if coding else {}
    return concept | {"text": text} if text else concept


def _coding(system: str, code: str, display: str) -> Resource:
    return {"system": SYSTEMS.get(system, system), "code": str(code), "display": display}


def _term(system: str, code: str) -> Resource:
    return {"coding": [{"system": f"{_TERMINOLOGY}/{system}", "code": code}]}


def _value(observation: Any) -> Resource:
    """Return the value of an observation as the field that holds it; empty when there is none."""
    value, unit = observation.value, observation.unit
    if observation.components:
        parts = [{"code": coded([code]), **_plain(part, of)} for code, part, of in observation.components]
        return {"component": parts}
    return {} if value is None else _plain(value, unit)


def _plain(value: Any, unit: str | None) -> Resource:
    if isinstance(value, bool):
        return {"valueBoolean": value}
    if isinstance(value, int | float):
        number = round(float(value), 2)
        amount = {"value": int(number) if number.is_integer() else number}
        return {"valueQuantity": amount | ({"unit": unit, "system": UCUM, "code": unit} if unit else {})}
    if isinstance(value, dict):
        return {
            "valueCodeableConcept": {"coding": [_coding(value["system"], value["code"], value["display"])]}
        }
    if hasattr(value, "code"):
        return {"valueCodeableConcept": coded([value])}
    return {"valueString": str(value)}


def _day(moment: datetime) -> str:
    return moment.date().isoformat()
