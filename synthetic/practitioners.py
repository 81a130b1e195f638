"""The invented clinicians: a few of each specialty; of every fourth the specialty is not known."""

from __future__ import annotations

import zlib
from typing import Any, Final

PER_SPECIALTY: Final = 4


def slug(specialty: str) -> str:
    """Return a specialty as part of an identifier."""
    return specialty.lower().replace(" ", "-")


def clinician_of(patient: str, specialty: str) -> tuple[str, str]:
    """Return which practitioner of a specialty sees a patient, and the reference an order names.

    Half the orders name the practitioner, half the role; the last of each specialty has no role.
    """
    number = zlib.crc32(f"{patient}|{specialty}".encode()) % PER_SPECIALTY + 1
    practitioner = f"{slug(specialty)}-{number}"
    named_by_role = number % 2 == 0 and number < PER_SPECIALTY
    return practitioner, f"{'PractitionerRole' if named_by_role else 'Practitioner'}/{practitioner}"


def clinicians(states: dict[str, dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return all practitioners and their roles, by resource type."""
    specialties = sorted({state["specialty"] for state in states.values() if "specialty" in state})
    people, roles = [], []
    for specialty in specialties:
        for number in range(1, PER_SPECIALTY + 1):
            name = f"{slug(specialty)}-{number}"
            people.append(
                {"resourceType": "Practitioner", "id": name, "name": [{"text": f"Clinician {name}"}]}
            )
            if number < PER_SPECIALTY:
                roles.append(
                    {
                        "resourceType": "PractitionerRole",
                        "id": name,
                        "practitioner": {"reference": f"Practitioner/{name}"},
                        "specialty": [{"text": specialty}],
                    }
                )
    return {"Practitioner": people, "PractitionerRole": roles}
