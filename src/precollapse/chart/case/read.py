"""Reads a case file into the chart."""

from __future__ import annotations

import re
from datetime import date
from pathlib import PurePath
from typing import Any

from precollapse.chart.case.allergies import read_allergy
from precollapse.chart.case.decode import decode
from precollapse.chart.case.direct import read_facts
from precollapse.chart.case.entries import read_exam, read_history, read_lab, read_symptom
from precollapse.chart.case.imaging import read_imaging
from precollapse.chart.case.medicines import read_medication
from precollapse.chart.case.schema import IGNORED_KEYS, CaseFile, Patient, checked
from precollapse.chart.case.writer import Entry, Writer
from precollapse.chart.dates import parse_partial
from precollapse.chart.model import ChartBuilder
from precollapse.chart.quantities import Quantity, canonical
from precollapse.errors import InputError
from precollapse.knowledge.bundle import Knowledge

_DECADE = re.compile(r"\b([1-9])0'?s\b")
_SPAN = re.compile(r"\b(\d{1,3})\s*(?:-|–|to)\s*(\d{1,3})\b")
_SEXES = {"f": "female", "female": "female", "m": "male", "male": "male"}


def read_case(
    data: bytes, place: str, knowledge: Knowledge, builder: ChartBuilder, as_of: date | None = None
) -> None:
    """Read one case file, or a list of cases in one file.

    Parameters
    ----------
    data
        The file as it is.
    place
        Its name, for origins and messages.
    knowledge
        Whose concepts are looked for.
    builder
        Takes the rows.
    as_of
        Date of the assessment, from which spans are counted back when the case names no date itself.

    Raises
    ------
    InputError
        Naming the place, the value and what is allowed.
    """
    raw = decode(data, place)
    if isinstance(raw, list):
        for number, one in enumerate(raw):
            _read_one(
                one, f"{place}: [{number}]", f"{PurePath(place).stem}-{number}", knowledge, builder, as_of
            )
    else:
        _read_one(raw, place, PurePath(place).stem, knowledge, builder, as_of)


def _read_one(
    raw: Any, place: str, name: str, knowledge: Knowledge, builder: ChartBuilder, as_of: date | None
) -> None:
    if not isinstance(raw, dict):
        raise InputError(place, f"a case file is a mapping of sections, not {type(raw).__name__}")
    odd = next((key for key in raw if not isinstance(key, str)), None)
    if odd is not None:
        raise InputError(place, f"the key {odd!r} is not text")
    case = checked(
        {key: value for key, value in raw.items() if key not in IGNORED_KEYS and value is not None}, place
    )
    stated = parse_partial(case.as_of) if case.as_of else None
    own = stated.last if stated is not None else None
    person = builder.person(case.id or name, place, index_date=own)
    writer = Writer(builder, person, knowledge, own or as_of)
    ignored = sorted(IGNORED_KEYS & set(raw))
    if ignored:
        writer.unread(place, "not used", f"not read as input: {', '.join(ignored)}")
    writer.extra_keys(place, case.model_extra)
    _read_patient(writer, case.patient, f"{place}: patient")
    _read_sections(writer, case, place)


def _read_sections(writer: Writer, case: CaseFile, place: str) -> None:
    for number, history in enumerate(case.history):
        read_history(writer, history, f"{place}: history[{number}]")
    for number, medication in enumerate(case.medications):
        read_medication(writer, medication, f"{place}: medications[{number}]")
    for number, allergy in enumerate(case.allergies):
        read_allergy(writer, allergy, f"{place}: allergies[{number}]")
    for number, symptom in enumerate(case.symptoms):
        read_symptom(writer, symptom, f"{place}: symptoms[{number}]")
    for number, exam in enumerate(case.exam):
        read_exam(writer, exam, f"{place}: exam[{number}]")
    for number, lab in enumerate(case.labs):
        read_lab(writer, lab, f"{place}: labs[{number}]")
    for number, study in enumerate(case.imaging):
        read_imaging(writer, study, f"{place}: imaging[{number}]")
    for side, facts in case.hips.items():
        read_facts(writer, facts or {}, f"{place}: hips.{side}", side)
    read_facts(writer, case.facts, f"{place}: facts", None)


def _read_patient(writer: Writer, patient: Patient, place: str) -> None:
    writer.extra_keys(place, patient.model_extra)
    born = parse_partial(patient.birth_date) if patient.birth_date else None
    if born is not None and writer.as_of is not None and born.first > writer.as_of:
        raise InputError(
            f"{place}.birth_date", f"{patient.birth_date} is after the assessment ({writer.as_of})"
        )
    age = _measure(writer, "age_years", patient.age_years, f"{place}.age_years")
    writer.builder.update_person(
        writer.person,
        sex=_SEXES.get(patient.sex or ""),
        birth_date=born.first if born else None,
        birth_precision=born.precision if born else None,
        age_years=age,
    )
    if patient.sex is not None and patient.sex not in _SEXES:
        writer.unread(f"{place}.sex", "no concept", patient.sex)
    writer.weight_kg = _measure(writer, "weight_kg", patient.weight_kg, f"{place}.weight_kg", write=True)
    _measure(writer, "height_cm", patient.height_cm, f"{place}.height_cm", write=True)
    _read_notes(writer, patient, place)


def _measure(
    writer: Writer, concept_id: str, value: float | None, place: str, *, write: bool = False
) -> float | None:
    """Check a number of the patient against what is possible, and write it as a statement if it is one."""
    concept = writer.knowledge.concepts.get(concept_id)
    if value is None or concept is None:
        return value
    quantity = canonical(concept, value, concept.unit)
    if isinstance(quantity, str):
        raise InputError(place, quantity.removeprefix("impossible: "))
    if write:
        writer.quantity(Entry(place, f"{value:g} {concept.unit}"), concept, [quantity])
    return quantity.value


def _read_notes(writer: Writer, patient: Patient, place: str) -> None:
    if patient.age_note:
        _read_age_note(writer, patient.age_note, f"{place}.age_note")
    for field in ("bmi_note", "sex_note"):
        note = getattr(patient, field)
        if note:
            entry = Entry(f"{place}.{field}", note)
            reading = writer.index.read(note)
            if not writer.hits(entry, reading.hits):
                writer.nothing_found(entry, reading)


def _read_age_note(writer: Writer, note: str, place: str) -> None:
    """Read "in his 20s" or "20-29" as bounds of the age; words such as "adolescent" are listed."""
    concept, span = writer.knowledge.concepts.get("age_years"), _years(note)
    if concept is None or span is None:
        writer.unread(place, "no concept", note)
        return
    low, high = span
    ends = [canonical(concept, float(end), concept.unit) for end in (low, high)]
    bounds = [end for end in ends if isinstance(end, Quantity)]
    if len(bounds) < 2 or low > high:
        raise InputError(place, f"{note[:40]!r} is not a possible age")
    writer.quantity(Entry(place, note), concept, bounds)


def _years(note: str) -> tuple[int, int] | None:
    span, decade = _SPAN.search(note), _DECADE.search(note)
    if span is not None:
        return int(span[1]), int(span[2])
    return None if decade is None else (int(decade[1]) * 10, int(decade[1]) * 10 + 9)
