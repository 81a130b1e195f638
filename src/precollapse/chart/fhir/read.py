"""Reads FHIR R4 into the chart: a bundle of any type, a resource, a list, NDJSON, or a folder of these.

A record of one patient stays that patient's; several patients and bulk exports give a person for every
subject. Everything that is not understood is listed as unread.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from precollapse.chart.fhir.allergies import read_allergy
from precollapse.chart.fhir.coding import Meanings
from precollapse.chart.fhir.decode import (
    Content,
    Item,
    Place,
    Unreadable,
    is_ndjson,
    items_of,
    items_of_lines,
    place_text,
)
from precollapse.chart.fhir.findings import (
    read_condition,
    read_encounter,
    read_family,
    read_imaging,
    read_procedure,
    read_report,
)
from precollapse.chart.fhir.medicines import read_medicine
from precollapse.chart.fhir.observations import conclude_audit, read_form, read_observation
from precollapse.chart.fhir.people import People, Refused
from precollapse.chart.fhir.prescribers import keep_specialty
from precollapse.chart.fhir.readings import ValueReader
from precollapse.chart.fhir.record import Record, Waiting
from precollapse.chart.fhir.resources import (
    TYPE_NAMES,
    AllergyIntolerance,
    Condition,
    DiagnosticReport,
    Encounter,
    FamilyMemberHistory,
    ImagingStudy,
    Medication,
    MedicationAdministration,
    MedicationDispense,
    MedicationRequest,
    MedicationStatement,
    Observation,
    Patient,
    PractitionerRole,
    Procedure,
    QuestionnaireResponse,
)
from precollapse.chart.fhir.versions import superseded
from precollapse.chart.model import ChartBuilder
from precollapse.errors import InputError
from precollapse.knowledge.bundle import Knowledge

LINES = {".ndjson", ".jsonl"}
FILES = {".json", *LINES}

_READERS: dict[type, Callable[..., None]] = {
    Condition: read_condition,
    Observation: read_observation,
    Procedure: read_procedure,
    DiagnosticReport: read_report,
    FamilyMemberHistory: read_family,
    AllergyIntolerance: read_allergy,
    QuestionnaireResponse: read_form,
    Encounter: read_encounter,
    ImagingStudy: read_imaging,
}
_OTHERS = {Patient, Medication, PractitionerRole, Unreadable}
_MEDICINES = {MedicationRequest, MedicationStatement, MedicationDispense, MedicationAdministration}


def read_fhir(
    source: Path | bytes, knowledge: Knowledge, builder: ChartBuilder, *, name: str | None = None
) -> None:
    """Read a FHIR record into a chart.

    Parameters
    ----------
    source
        A file, a folder of JSON or NDJSON files, or the bytes of a file.
    knowledge
        What codes and words mean.
    builder
        Takes the rows.
    name
        How the record is called in origins and messages; the name of the file by default.

    Raises
    ------
    InputError
        When the record as a whole cannot be used.
    """
    if isinstance(source, bytes):
        _read_file(source, name or "record.json", knowledge, builder)
    elif source.is_dir():
        _read_folder(source, knowledge, builder)
    else:
        _read_file(_content(source), name or source.name, knowledge, builder, lines=source.suffix in LINES)


def read_resources(items: Iterable[Item], name: str, knowledge: Knowledge, builder: ChartBuilder) -> None:
    """Read resources of any number of patients that were decoded before, as one record.

    Parameters
    ----------
    items
        Place, full url and content of each; patients first.
    name
        How the record is called in origins and messages.
    knowledge, builder
        As for ``read_fhir``.
    """
    record = _record(knowledge, builder, closed=False)
    _read_items(record, name, items)
    _conclude(record, name)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(path.name, f"cannot be read: {error.strerror}") from error


def _record(knowledge: Knowledge, builder: ChartBuilder, *, closed: bool) -> Record:
    people = People(builder, closed=closed)
    return Record(builder, knowledge, people, Meanings.of(knowledge), ValueReader(knowledge))


def _read_file(
    data: bytes, name: str, knowledge: Knowledge, builder: ChartBuilder, *, lines: bool = False
) -> None:
    if lines or is_ndjson(data):
        record = _record(knowledge, builder, closed=False)
        _read_items(record, name, items_of_lines(data, name))
    else:
        items = items_of(data, name)
        patients = sum(type(content) is Patient for _, _, content in items)
        record = _record(knowledge, builder, closed=patients == 1)

        def set_aside(item: Item, detail: str) -> None:
            record.unread(_only_person(record), _origin(name, item[0], item[2]), "superseded", detail)

        _read_items(record, name, superseded(items, data, set_aside))
    _conclude(record, name)


def _read_folder(folder: Path, knowledge: Knowledge, builder: ChartBuilder) -> None:
    """Read a bulk export: all files together are one record of many patients."""
    paths = sorted(path for path in folder.iterdir() if path.suffix in FILES and path.is_file())
    if not paths:
        raise InputError(folder.name, "holds no .json or .ndjson file")
    # Patients and products first, so that references find them; other files stand in any order.
    paths.sort(key=lambda path: not path.name.startswith(("Patient", "Medication.")))
    record = _record(knowledge, builder, closed=False)
    for path in paths:
        data = _content(path)
        lines = path.suffix in LINES or is_ndjson(data)
        items = items_of_lines(data, path.name) if lines else items_of(data, path.name)
        _read_items(record, path.name, items)
    _conclude(record, folder.name)


def _read_items(record: Record, name: str, items: Iterable[Item]) -> None:
    """Read resources; patients before the rest when all are at hand."""
    if isinstance(items, list):
        for place, full_url, content in items:
            if type(content) is Patient:
                record.people.add(content, full_url, _origin(name, place, content))
        items = [item for item in items if type(item[2]) is not Patient]
    unused: Counter[type] = Counter()
    for place, full_url, content in items:
        kind = type(content)
        reader = _READERS.get(kind)
        if reader is not None:
            _read(record, reader, name, place, content)
        elif kind in _MEDICINES:
            _keep(record, name, place, content)
        elif kind in _OTHERS:
            _take_other(record, name, place, full_url, content)
        else:
            unused[kind] += 1
    for kind, count in unused.items():
        record.count_unused(_only_person(record), name, TYPE_NAMES.get(kind, "entry without resource"), count)


def _take_other(record: Record, name: str, place: Place, full_url: str | None, content: Content) -> None:
    """Take what is no statement about a patient: products, patients and unreadable entries."""
    match content:
        case Medication():
            _keep_product(record, content, full_url)
        case PractitionerRole():
            try:
                keep_specialty(record.specialties, content, full_url)
            except msgspec.DecodeError as error:
                record.unread(None, _origin(name, place, content), "not readable", str(error)[:200])
        case Patient():
            record.people.add(content, full_url, _origin(name, place, content))
        case Unreadable():
            _unreadable(record, name, place, content)


def _origin(name: str, place: Place, content: Any) -> str:
    kind = TYPE_NAMES[type(content)]
    identity = f"{kind}/{content.id}" if content.id else kind
    if type(place) is int:
        return f"{name}: entry[{place}] {identity}"
    return f"{name}: {place} {identity}" if place else f"{name}: {identity}"


def _read(record: Record, reader: Callable[..., None], name: str, place: Place, content: Any) -> None:
    origin = _origin(name, place, content)
    try:
        person = record.people.of(content.subject, name)
        if type(person) is Refused:
            record.unread(_only_person(record), origin, person.reason, person.detail)
        else:
            reader(record, person, origin, content)
    except msgspec.DecodeError as error:
        record.unread(_only_person(record), origin, "not readable", str(error)[:200])


def _keep(record: Record, name: str, place: Place, content: Any) -> None:
    origin = _origin(name, place, content)
    try:
        person = record.people.of(content.subject, name)
    except msgspec.DecodeError as error:
        person = Refused("not readable", str(error)[:200])
    if isinstance(person, Refused):
        record.unread(_only_person(record), origin, person.reason, person.detail)
    else:
        record.waiting.append(Waiting(person, origin, content))


def _keep_product(record: Record, medication: Medication, full_url: str | None) -> None:
    if medication.id:
        record.medications[f"Medication/{medication.id}"] = medication
        record.medications[f"urn:uuid:{medication.id}"] = medication
    if full_url:
        record.medications[full_url] = medication


def _unreadable(record: Record, name: str, place: Place, content: Unreadable) -> None:
    identity = f"{content.kind}/{content.id}" if content.id else content.kind
    record.unread(
        _only_person(record), f"{name}: {place_text(place)} {identity}", content.reason, content.detail
    )


def _only_person(record: Record) -> int | None:
    persons = record.people.persons
    return persons[0] if len(persons) == 1 else None


def _conclude(record: Record, name: str) -> None:
    """Read what waited for the whole record, and check that it was about somebody."""
    for waiting in record.waiting:
        try:
            read_medicine(record, waiting)
        except msgspec.DecodeError as error:
            record.unread(waiting.person, waiting.origin, "not readable", str(error)[:200])
    record.waiting.clear()
    conclude_audit(record)
    record.list_unused()
    if not record.people.persons:
        raise InputError(name, "names no patient: neither a Patient resource nor a subject is in it")
