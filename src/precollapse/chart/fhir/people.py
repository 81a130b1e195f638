"""Whose resource it is: finds the patient to whom a reference points.

A record of one patient refuses what belongs to another; a bulk export makes a person of every subject.
"""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import Raw

from precollapse.chart.dates import parse_partial
from precollapse.chart.fhir.datatypes import Extension, Identifier, Reference, decoded, listed
from precollapse.chart.fhir.resources import Patient
from precollapse.chart.model import ChartBuilder

SEXES = {"male": "male", "female": "female", "M": "male", "F": "female"}
BIRTH_SEX = "us-core-birthsex"


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a resource belongs to no patient of this record."""

    reason: str
    detail: str


class People:
    """The patients of one input and the names under which references know them."""

    def __init__(self, builder: ChartBuilder, *, closed: bool) -> None:
        self.builder = builder
        self.closed = closed  # only patients that have a Patient resource
        self.persons: list[int] = []
        self.birth_dates: dict[int, str] = {}
        self._by_key: dict[str, int] = {}
        self._identified: list[tuple[int, Raw]] = []
        self._remembered: dict[bytes, int | Refused] = {}
        self._described: dict[int, tuple[str | None, str | None]] = {}

    def add(self, patient: Patient, full_url: str | None, origin: str) -> int:
        """Take a Patient resource; the same patient twice is one person."""
        key = patient.id or patient_key(full_url) or origin
        known = self._by_key.get(key)
        person = known if known is not None else self._new(key, origin)
        self._by_key[f"urn:uuid:{key}"] = person
        if full_url is not None and (url_key := patient_key(full_url)) is not None:
            self._by_key.setdefault(url_key, person)
        self._identified.append((person, patient.identifier))
        self._remembered.clear()
        self._describe(person, patient, origin)
        return person

    def _new(self, key: str, origin: str) -> int:
        person = self.builder.person(key, origin)
        self.persons.append(person)
        self._by_key[key] = person
        return person

    def _describe(self, person: int, patient: Patient, origin: str) -> None:
        birth = parse_partial(patient.birth_date)
        sex = SEXES.get(patient.gender or "") or _birth_sex(patient.extension)
        described = (patient.birth_date, sex)
        if self._described.setdefault(person, described) != described:
            detail = "a second Patient of the same id has another date of birth or sex; the first one counts"
            self.builder.unread(person, origin, "other patient", detail)
            return
        death = parse_partial(patient.deceased_date_time)
        if patient.birth_date is not None and birth is None:
            self.builder.unread(person, origin, "not readable", "the date of birth is no date")
        if birth is not None and patient.birth_date is not None:
            self.birth_dates[person] = patient.birth_date
        if sex is None and patient.gender not in {None, "unknown"}:
            detail = "the gender is neither female nor male, and no sex at birth is given"
            self.builder.unread(person, origin, "not readable", detail)
        self.builder.update_person(
            person,
            sex=sex,
            birth_date=birth.first if birth else None,
            birth_precision=birth.precision if birth else None,
            deceased_date=death.first if death else None,
            deceased=True if death or patient.deceased_boolean else None,
        )

    def of(self, subject: Raw, origin: str) -> int | Refused:
        """Return the person to whom a reference points, or why there is none."""
        data = bytes(subject)
        found = self._remembered.get(data)
        if found is None:
            found = self._find(decoded(subject, Reference), origin)
            self._remembered[data] = found
        return found

    def _find(self, reference: Reference | None, origin: str) -> int | Refused:
        if reference is None or (reference.reference is None and reference.identifier is None):
            if len(self.persons) == 1:
                return self.persons[0]
            return Refused("dangling reference", "it names no patient")
        if reference.reference is None:
            return self._by_identifier(reference.identifier)
        key = patient_key(reference.reference)
        if key is None:
            return Refused("other person", f"about {reference.reference[:60]}, which is no patient")
        known = self._by_key.get(key)
        if known is not None:
            return known
        if key.startswith("#") and len(self.persons) == 1:
            return self.persons[0]
        if self.closed:
            return Refused("other patient", "its subject is another patient than the record's")
        return self._new(key, origin)

    def _by_identifier(self, identifier: Identifier | None) -> int | Refused:
        for person, raw in self._identified:
            for own in listed(raw, Identifier):
                if identifier and own.value == identifier.value and own.system == identifier.system:
                    return person
        return Refused("other patient", "its subject's identifier is not that of a patient of this record")


def _birth_sex(raw: Raw) -> str | None:
    for extension in listed(raw, Extension):
        if (extension.url or "").endswith(BIRTH_SEX):
            return SEXES.get(extension.value_code or "")
    return None


def patient_key(reference: str | None) -> str | None:
    """Return the bare id of a patient reference; None when it points to something else than a patient."""
    if not reference:
        return None
    if reference.startswith(("urn:", "#")):
        return reference
    parts = reference.split("/_history/")[0].rstrip("/").split("/")
    if len(parts) == 1:
        return parts[0]
    return parts[-1] if parts[-2] == "Patient" else None
