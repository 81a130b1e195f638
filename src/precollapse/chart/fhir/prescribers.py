"""In which specialty the prescriber of an order works, as far as the record says."""

from __future__ import annotations

from precollapse.chart.fhir.datatypes import CodeableConcept, Reference, decoded, listed
from precollapse.chart.fhir.resources import Medicated, MedicationRequest, PractitionerRole

LONGEST = 80


def keep_specialty(specialties: dict[str, str], role: PractitionerRole, full_url: str | None) -> None:
    """Remember the specialty of a role under every reference by which an order may name it."""
    words = [word for one in listed(role.specialty, CodeableConcept) for word in one.words[:1]]
    if not words:
        return
    person = decoded(role.practitioner, Reference)
    names = [f"PractitionerRole/{role.id}" if role.id else None, full_url, person and person.reference]
    for name in names:
        if name:
            specialties[name] = words[0][:LONGEST]


def specialty_of(resource: Medicated, specialties: dict[str, str]) -> str | None:
    """Return the specialty of whoever wrote an order; None when the record does not tell."""
    if not specialties or not isinstance(resource, MedicationRequest):
        return None
    requester = decoded(resource.requester, Reference)
    if requester is None or requester.reference is None:
        return None
    return specialties.get(requester.reference.split("/_history/")[0])
