"""Reads conditions, procedures, reports, family histories and other statements that stand without a value."""

from __future__ import annotations

from msgspec import Raw

from precollapse.chart.codes import Hit
from precollapse.chart.dates import PartialDate, parse_partial
from precollapse.chart.fhir.coding import NO_SITE, Meaning, Site
from precollapse.chart.fhir.datatypes import (
    CodeableConcept,
    RelativeCondition,
    Series,
    decoded,
    listed,
)
from precollapse.chart.fhir.readings import Reading
from precollapse.chart.fhir.record import Record, Times, date_of
from precollapse.chart.fhir.resources import (
    Condition,
    DiagnosticReport,
    Encounter,
    FamilyMemberHistory,
    ImagingStudy,
    Procedure,
)
from precollapse.chart.model import Status
from precollapse.chart.routes import is_hip
from precollapse.chart.text import TextHit

RELATIVES = "family_history_"

VERIFICATION: dict[str, Status] = {
    "confirmed": "present",
    "refuted": "absent",
    "unconfirmed": "provisional",
    "provisional": "provisional",
    "differential": "provisional",
    "unknown": "present",
}
PAST = {"inactive", "resolved", "remission"}
WITHDRAWN = {"entered-in-error": "entered in error", "cancelled": "cancelled", "not-done": "cancelled"}
NOT_DONE = {"preparation", "on-hold", "stopped", "not-done"}


def code_of(raw: Raw) -> str | None:
    """Return the code of a status that is a CodeableConcept in R4 and was a plain code before."""
    if bytes(raw) == b"null":
        return None
    if bytes(raw)[:1] == b'"':
        return decoded(raw, str)
    concept = decoded(raw, CodeableConcept)
    if concept is None:
        return None
    code = concept.first_code or concept.text
    return code.strip().lower() if code else None


def read_condition(record: Record, person: int, origin: str, condition: Condition) -> None:
    """Read a diagnosis or complaint."""
    verification = code_of(condition.verification_status)
    meaning = record.meanings.of_raw(condition.code, "diagnosis")
    if verification == "entered-in-error":
        record.unread(person, origin, "entered in error", meaning.label)
        return
    if verification is not None and verification not in VERIFICATION:
        record.unread(person, origin, "not readable", f"verification status {verification[:40]}")
        return
    status = VERIFICATION.get(verification or "confirmed", "present")
    if status == "present" and code_of(condition.clinical_status) in PAST:
        status = "past"
    times = _condition_times(record, person, condition)
    site = record.meanings.site(condition.body_site)
    record.assert_hits(person, origin, meaning, status, times, site)


def _condition_times(record: Record, person: int, condition: Condition) -> Times:
    start, problem = date_of(condition.onset_date_time)
    note = problem
    if start is None:
        start = record.period(condition.onset_period)[0] or parse_partial(condition.onset_string)
    if start is None and condition.onset_string:
        note = f"onset said as {condition.onset_string[:60]!r}"
    if start is None:
        start = record.at_age(person, condition.onset_age)
        note = "onset computed from an age" if start else note
    end, unreadable_end = date_of(condition.abatement_date_time)
    if end is None:
        start_of_end, end_of_end = record.period(condition.abatement_period)
        end = end_of_end or start_of_end or record.at_age(person, condition.abatement_age)
    return Times(start, end, parse_partial(condition.recorded_date), note or unreadable_end)


def read_procedure(record: Record, person: int, origin: str, procedure: Procedure) -> None:
    """Read something done to the patient; what was only planned is listed as cancelled."""
    meaning = record.meanings.of_raw(procedure.code, "procedure")
    status = procedure.status or "completed"
    if status in WITHDRAWN or status in NOT_DONE:
        record.unread(person, origin, WITHDRAWN.get(status, "cancelled"), f"{meaning.label}: {status}")
        return
    start, note = date_of(procedure.performed_date_time)
    end: PartialDate | None = None
    if start is None:
        start, end = record.period(procedure.performed_period)
        start = start or record.at_age(person, procedure.performed_age)
    site = record.meanings.site(procedure.body_site)
    record.assert_hits(person, origin, meaning, "present", Times(start, end, None, note), site, done=True)


def read_report(record: Record, person: int, origin: str, report: DiagnosticReport) -> None:
    """Read the conclusion of a report; its results stand as observations of their own."""
    meaning = record.meanings.of_raw(report.code, "value")
    if report.status in WITHDRAWN:
        record.unread(person, origin, WITHDRAWN[report.status], meaning.label)
        return
    start, note = date_of(report.effective_date_time)
    if start is None:
        start = record.period(report.effective_period)[0]
    times = Times(start, None, parse_partial(report.issued), note)
    coded = [record.meanings.of_raw(raw, "diagnosis") for raw in listed(report.conclusion_code, Raw)]
    site = NO_SITE if is_hip(meaning.label) is not False else Site(None, False, meaning.label)
    stated = 0
    if meaning.codes:
        stated += record.assert_hits(person, origin, meaning, "present", times, site, done=True, quiet=True)
    for conclusion in coded:
        stated += record.assert_hits(person, origin, conclusion, "present", times, site, quiet=True)
    if report.conclusion:
        stated += read_text(record, person, origin, f"{meaning.label}. {report.conclusion}", times, site)
    if not stated and (report.conclusion or coded):
        record.unread(person, origin, "no concept", meaning.label)
    elif not stated:
        record.count_unused(person, origin.split(":")[0], "DiagnosticReport without conclusion")


def read_text(record: Record, person: int, origin: str, text: str, times: Times, site: Site) -> int:
    """Read free text and return the number of statements that came of it."""
    reading = record.meanings.text.read(text)
    stated = sum(_text_hit(record, person, origin, hit, times, site) for hit in reading.hits)
    for aside in reading.set_aside:
        if aside.reason in {"rule-out", "other person", "other site"}:
            record.unread(person, origin, aside.reason, aside.words[:120])
    return stated


def _text_hit(record: Record, person: int, origin: str, hit: TextHit, times: Times, site: Site) -> bool:
    if hit.corticosteroid:
        return False
    status: Status = "absent" if hit.absent else "provisional" if hit.uncertain else "present"
    reading = Reading(status, choice=hit.choice, side=hit.side)
    concept = record.knowledge.concepts[hit.concept]
    if concept.type == "number":
        value = record.values.value_of_text(hit)
        outcome = record.values.read(as_hit(hit), value, hit.words)
        if isinstance(outcome, str):
            reason = outcome.partition(":")[0]
            record.unread(person, origin, reason, f"{hit.words[:80]}: {outcome}")
            return False
        reading = outcome
    meaning = Meaning(label=hit.words[:120], note="read from its words")
    return record.state(person, origin, as_hit(hit), meaning, reading, site, times)


def as_hit(hit: TextHit) -> Hit:
    """Return a hit in a text in the shape of a hit of a code."""
    return Hit(hit.concept, hit.side, hit.choice)


def read_family(record: Record, person: int, origin: str, family: FamilyMemberHistory) -> None:
    """Read diseases of a relative; only those that bear on the patient by inheritance are concepts."""
    if family.status in WITHDRAWN:
        record.unread(person, origin, WITHDRAWN[family.status])
        return
    times = Times(None, None, parse_partial(family.date))
    stated = 0
    labels: list[str] = []
    for condition in listed(family.condition, RelativeCondition):
        for words in (condition.code or CodeableConcept()).words:
            labels.append(words)
            hits = record.meanings.text.find(f"family history of {words}")
            relevant = [hit for hit in hits if hit.concept.startswith(RELATIVES)]
            stated += sum(_text_hit(record, person, origin, hit, times, NO_SITE) for hit in relevant)
            if relevant:
                break
    if not stated:
        record.unread(person, origin, "other person", ", ".join(labels)[:120])


def read_encounter(record: Record, person: int, origin: str, encounter: Encounter) -> None:
    """List the reason of a visit when it means something: a reason is a complaint or suspicion."""
    meanings = [record.meanings.of_raw(raw, "diagnosis") for raw in listed(encounter.reason_code, Raw)]
    labels = [meaning.label for meaning in meanings if meaning.hits]
    if labels:
        detail = f"reason of a visit, no diagnosis: {', '.join(labels)}"
        record.unread(person, origin, "not used", detail[:160])
    else:
        record.count_unused(person, origin.split(":")[0], "Encounter")


def read_imaging(record: Record, person: int, origin: str, study: ImagingStudy) -> None:
    """List images of the hip as such: what they show stands in a report."""
    sites = [series.body_site for series in listed(study.series, Series) if series.body_site]
    words = " ".join(filter(None, (study.description, *(site.display for site in sites))))
    times = Times(parse_partial(study.started))
    meanings = [record.meanings.of_raw(raw, "procedure") for raw in listed(study.procedure_code, Raw)]
    stated = [
        record.assert_hits(person, origin, meaning, "present", times, NO_SITE, done=True, quiet=True)
        for meaning in meanings
    ]
    if any(stated):
        return
    if is_hip(words):
        record.unread(person, origin, "not used", f"images without a report: {words}"[:160])
    else:
        record.count_unused(person, origin.split(":")[0], "ImagingStudy")
