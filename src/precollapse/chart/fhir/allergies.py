"""Reads allergies and intolerances: which substance, whether it still counts, and what is denied.

A record names the substance ("Aspirin") as often as the allergy; both are sought with ``Allergens``. An
allergy that was not confirmed counts: the error in the other direction can kill.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Raw

from precollapse.chart.allergens import Allergens, Allergies
from precollapse.chart.codes import Hit
from precollapse.chart.dates import parse_partial
from precollapse.chart.fhir.coding import NO_SITE, Meaning
from precollapse.chart.fhir.datatypes import CodeableConcept, Reaction, listed
from precollapse.chart.fhir.findings import PAST, code_of
from precollapse.chart.fhir.readings import Reading
from precollapse.chart.fhir.record import Record, Times, date_of
from precollapse.chart.fhir.resources import AllergyIntolerance
from precollapse.chart.model import Status

VERIFICATION: dict[str, Status] = {
    "confirmed": "present",
    "unconfirmed": "present",
    "presumed": "present",
    "refuted": "absent",
    "unknown": "present",
}
UNSURE = {"unconfirmed", "presumed"}
INTOLERANCE = "intolerance"


def read_allergy(record: Record, person: int, origin: str, allergy: AllergyIntolerance) -> None:
    """Read one allergy or intolerance, or the statement that there is none."""
    label = _label(record, allergy)
    verification = code_of(allergy.verification_status) or "confirmed"
    if verification == "entered-in-error":
        record.unread(person, origin, "entered in error", label)
        return
    if verification not in VERIFICATION:
        record.unread(person, origin, "not readable", f"verification status {verification[:40]}")
        return
    past = code_of(allergy.clinical_status) in PAST
    found, meaning = _found(record, allergy, label)
    status = VERIFICATION[verification]
    if found.absent and (status == "absent" or verification in UNSURE or past):
        record.unread(person, origin, "rule-out", f"{label}: no longer so, or not confirmed")
        return
    if found.present and status == "absent" and not found.whole >= set(found.present):
        record.unread(person, origin, "rule-out", f"refuted, one of several substances: {label}"[:160])
        return
    times = _times(record, person, allergy)
    _state(record, person, origin, meaning, found.absent, "absent", times)
    _state(
        record,
        person,
        origin,
        meaning,
        found.present,
        "past" if past and status == "present" else status,
        times,
    )
    if not (found.present or found.absent):
        record.unread(person, origin, found.reason, label)


def _state(
    record: Record,
    person: int,
    origin: str,
    meaning: Meaning,
    concepts: Iterable[str],
    status: Status,
    times: Times,
) -> None:
    for concept in concepts:
        record.state(person, origin, Hit(concept), meaning, Reading(status), NO_SITE, times)


def _found(record: Record, allergy: AllergyIntolerance, label: str) -> tuple[Allergies, Meaning]:
    """Return what the code says, by codes or else by words; failing that, what the reactions name."""
    intolerance = code_of(allergy.type) == INTOLERANCE
    reactions = listed(allergy.reaction, Reaction)
    code = record.meanings.of_raw(allergy.code, "medicine")
    note = _note(allergy, reactions)
    found = _of_meaning(record, code, intolerance=intolerance)
    for reaction in reactions:
        if found.present or found.absent or reaction.substance is None:
            continue
        substance = record.meanings.of_concept(reaction.substance, "medicine")
        found = _of_meaning(record, substance, intolerance=intolerance)
    return found, Meaning(label=label, note=note)


def _of_meaning(record: Record, meaning: Meaning, *, intolerance: bool) -> Allergies:
    allergens = Allergens.of(record.knowledge)
    by_words = [allergens.read(words, intolerance=intolerance) for words in meaning.words]
    aside = next((one for one in by_words if one.reason not in {"no concept", "no value"}), None)
    if aside is not None:
        return aside
    named = [one for one in by_words if one.present or one.absent]
    coded = allergens.of_codes(_coded(record, meaning))
    whole = frozenset[str]().union(*(one.whole for one in named))
    if coded.present or coded.absent:
        return coded._replace(whole=whole)
    return named[0]._replace(whole=whole) if named else Allergies()


def _coded(record: Record, meaning: Meaning) -> tuple[Hit, ...]:
    """Return what the codes alone mean."""
    return tuple(hit for system, code in meaning.codes for hit in record.meanings.codes.find(system, code))


def _times(record: Record, person: int, allergy: AllergyIntolerance) -> Times:
    start, note = date_of(allergy.onset_date_time)
    start = start or record.period(allergy.onset_period)[0] or parse_partial(allergy.onset_string)
    start = start or record.at_age(person, allergy.onset_age)
    return Times(start, None, parse_partial(allergy.recorded_date), note)


def _label(record: Record, allergy: AllergyIntolerance) -> str:
    label = record.meanings.of_raw(allergy.code, "medicine").label
    if label:
        return label
    substances = [one.substance for one in listed(allergy.reaction, Reaction) if one.substance is not None]
    words = [word for substance in substances for word in substance.words[:1]]
    return ", ".join(words)[:120]


def _note(allergy: AllergyIntolerance, reactions: list[Reaction]) -> str | None:
    """Return what else the record says: how sure and how grave it is, and what happened."""
    verification, clinical = code_of(allergy.verification_status), code_of(allergy.clinical_status)
    said = [
        f"{verification}: counts all the same" if verification in UNSURE else None,
        f"{clinical}: counts all the same" if clinical in PAST else None,
        "recorded as an intolerance" if code_of(allergy.type) == INTOLERANCE else None,
        f"criticality {allergy.criticality}" if allergy.criticality else None,
        _happened(reactions),
    ]
    return "; ".join(part for part in said if part) or None


def _happened(reactions: list[Reaction]) -> str | None:
    signs = [
        word
        for reaction in reactions
        for raw in listed(reaction.manifestation, Raw)
        for word in _manifestation(raw)[:1]
    ]
    return f"reaction: {', '.join(dict.fromkeys(signs))}"[:120] if signs else None


def _manifestation(raw: Raw) -> tuple[str, ...]:
    """Return the words of a manifestation; later versions of FHIR put the element one level deeper."""
    found = listed(raw, CodeableConcept)
    return found[0].words if found else ()
