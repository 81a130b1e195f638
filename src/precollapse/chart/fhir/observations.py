"""Reads observations, their components and the answers of forms."""

from __future__ import annotations

from collections.abc import Iterator

from precollapse.chart.codes import Hit
from precollapse.chart.dates import PartialDate, parse_partial
from precollapse.chart.fhir.coding import NO_SITE, Meaning, Site
from precollapse.chart.fhir.datatypes import (
    NOTHING,
    Answer,
    CodeableConcept,
    Coding,
    Component,
    Item,
    listed,
)
from precollapse.chart.fhir.findings import read_text
from precollapse.chart.fhir.readings import Reading
from precollapse.chart.fhir.record import DONE, UNREADABLE_REASONS, Record, Times, date_of
from precollapse.chart.fhir.resources import Observation, QuestionnaireResponse
from precollapse.chart.fhir.values import Value, number_fields, value_of_quantity

LOINC = "http://loinc.org"
WEIGHT = "weight_kg"
REMEMBERED_TIMES = 1_000
WITHDRAWN = {"entered-in-error": "entered in error", "cancelled": "cancelled"}
UNANSWERED_FORMS = {"entered-in-error": "entered in error", "stopped": "cancelled"}


def read_observation(record: Record, person: int, origin: str, observation: Observation) -> None:
    """Read a finding or measurement; one row or one unread row at least comes of it."""
    meaning = record.meanings.of_raw(observation.code, "finding")
    if observation.status in WITHDRAWN:
        record.unread(person, origin, WITHDRAWN[observation.status], meaning.label)
        return
    components = observation.component is not NOTHING
    coded_value = observation.value_codeable_concept is not NOTHING
    if not (meaning.hits or components or coded_value or meaning.question):
        record.unread(person, origin, meaning.reason, meaning.label)
        return
    times = _remembered_times(record, observation)
    site = record.meanings.site(observation.body_site)
    value = record.values.value_of(observation)
    said = 0
    if not (components and value.empty and value.absence is None):
        said = read_value(record, person, origin, meaning, value, times, site, quiet=components)
    if components:
        said += _components(record, person, origin, observation, times, site)
        if not said:
            record.unread(person, origin, meaning.reason if not meaning.hits else "no concept", meaning.label)


def _components(
    record: Record, person: int, origin: str, observation: Observation, times: Times, site: Site
) -> int:
    said = 0
    for number, component in enumerate(listed(observation.component, Component)):
        meaning = record.meanings.of_raw(component.code, "finding")
        place = f"{origin} component[{number}]"
        value = record.values.value_of(component)
        said += read_value(record, person, place, meaning, value, times, site, quiet=True)
    return said


def _remembered_times(record: Record, observation: Observation) -> Times:
    """Return the times of an observation; all results of one visit have the same."""
    if observation.effective_period is not NOTHING:
        return _times(record, observation)
    written = observation.effective_date_time or observation.effective_instant
    key = (written, observation.issued, observation.status)
    times = record.times.get(key)
    if times is None:
        if len(record.times) > REMEMBERED_TIMES:
            record.times.clear()
        times = record.times[key] = _times(record, observation)
    return times


def _times(record: Record, observation: Observation) -> Times:
    start, note = date_of(observation.effective_date_time or observation.effective_instant)
    end: PartialDate | None = None
    if start is None and observation.effective_period is not NOTHING:
        start, end = record.period(observation.effective_period)
    if observation.status in {"preliminary", "registered"}:
        note = "; ".join(filter(None, (note, "a preliminary result")))
    return Times(start, end, parse_partial(observation.issued), note)


def read_value(
    record: Record,
    person: int,
    origin: str,
    meaning: Meaning,
    value: Value,
    times: Times,
    site: Site,
    *,
    quiet: bool = False,
) -> int:
    """Read what a value says of each concept of its code, and return how many rows came of it.

    ``quiet`` leaves it to the caller to list an entry of which nothing was understood.
    """
    said = int(_keep_audit(record, person, origin, meaning, value, times))
    hits = meaning.hits or _found_in_value(record, meaning, value)
    problem = meaning.reason if not meaning.hits else "no value"
    for hit in hits:
        if hit.corticosteroid or hit.concept not in record.knowledge.concepts:
            continue
        if hit.concept.endswith(DONE):
            said += _examined(record, person, origin, hit, meaning, value, times, site)
            continue
        outcome = _of_value(hit, value) if not meaning.hits else record.values.read(hit, value, meaning.label)
        if isinstance(outcome, str):
            reason, _, why = outcome.partition(":")
            problem = reason
            said += _refuse(record, person, origin, hit, meaning, value, reason, why.strip(), times, site)
            continue
        said += 1
        stated = record.state(person, origin, hit, meaning, outcome, site, times, _label(meaning, value))
        if stated and hit.concept == WEIGHT:
            _keep_weight(record, person, outcome, times)
    if not hits and not meaning.codes and value.words:
        said += read_text(record, person, origin, f"{meaning.label}: {value.words[0]}", times, site)
    if not said and not quiet:
        record.unread(person, origin, problem, _label(meaning, value))
        said = 1
    return said


def _examined(
    record: Record,
    person: int,
    origin: str,
    hit: Hit,
    meaning: Meaning,
    value: Value,
    times: Times,
    site: Site,
) -> int:
    """State that an examination took place, and what its result in words says."""
    if value.empty and value.absence is not None:
        return 0
    record.state(person, origin, hit, meaning, Reading("present"), site, times)
    if value.words:
        read_text(record, person, origin, f"{meaning.label}: {value.words[0]}", times, site)
    return 1


def _label(meaning: Meaning, value: Value) -> str:
    """Put the record's own words together: name and value."""
    return f"{meaning.label}: {value.said}" if value.said else meaning.label


def _found_in_value(record: Record, meaning: Meaning, value: Value) -> tuple[Hit, ...]:
    """Return the findings that stand in the value, when the code only asks for one ("clinical finding")."""
    if value.answer is not None:
        return ()
    found = []
    for hit in value.hits:
        concept = record.knowledge.concepts.get(hit.concept)
        if concept is not None and (concept.type == "yes_no" or hit.choice is not None):
            found.append(hit)
    return tuple(found)


def _of_value(hit: Hit, value: Value) -> Reading:
    return Reading("absent" if hit.absent else "present", choice=hit.choice, side=value.side)


def _refuse(
    record: Record,
    person: int,
    origin: str,
    hit: Hit,
    meaning: Meaning,
    value: Value,
    reason: str,
    why: str,
    times: Times,
    site: Site,
) -> int:
    """List a value that cannot be read; one that is there is also a statement that it is unreadable."""
    if reason not in UNREADABLE_REASONS:
        return 0
    concept = record.knowledge.concepts[hit.concept]
    side = (site.side or hit.side) if concept.level == "hip" else None
    label = _label(meaning, value)
    record.state_unreadable(person, origin, hit.concept, side, label, f"{reason}: {why}", times)
    record.unread(person, origin, reason, f"{label}: {why}")
    return 1


def _keep_weight(record: Record, person: int, reading: Reading, times: Times) -> None:
    if reading.value is not None and times.start is not None and reading.status == "present":
        record.weights.setdefault(person, []).append((times.start.first, reading.value))


def _keep_audit(
    record: Record, person: int, origin: str, meaning: Meaning, value: Value, times: Times
) -> bool:
    """Keep the answers about how often and how much is drunk; together they bound the grams a week."""
    if meaning.question is None or not value.codes:
        return False
    day = times.start.first if times.start else None
    record.audit.setdefault((person, day), {})[meaning.question] = (value.codes[0], origin)
    return True


def conclude_audit(record: Record) -> None:
    """State the bounds on alcohol that pairs of answers give."""
    alcohol = record.values.alcohol
    for (person, day), answers in record.audit.items():
        frequency, origin = answers.get(alcohol.frequency_question, (None, None))
        quantity, second = answers.get(alcohol.quantity_question, (None, None))
        bounds = alcohol.audit_bounds(frequency, quantity)
        place = origin or second or ""
        if bounds is None:
            if second is not None:
                record.unread(person, second, "no value", "drinks a day, and how often is not known")
            continue
        low, high = bounds
        record.builder.statement(
            person,
            "alcohol_g_per_week",
            place,
            value=low if low == high else None,
            low=low,
            high=high,
            start=day,
            start_precision="day" if day else None,
            said=f"AUDIT-C answers {frequency} and {quantity or 'none'}",
            note="bounds from how often and how much is drunk, as answered",
        )
    record.audit.clear()


def read_form(record: Record, person: int, origin: str, form: QuestionnaireResponse) -> None:
    """Read the answers of a form whose questions carry LOINC codes or known words."""
    if form.status in UNANSWERED_FORMS:
        record.unread(person, origin, UNANSWERED_FORMS[form.status])
        return
    times = Times(parse_partial(form.authored), None, parse_partial(form.authored))
    said = 0
    for item in _all_items(listed(form.item, Item)):
        meaning = record.meanings.of_concept(_question(item), "finding")
        for answer in item.answer or ():
            value = _value_of_answer(record, answer)
            place = f"{origin} item {item.link_id or ''}".rstrip()
            said += read_value(record, person, place, meaning, value, times, NO_SITE, quiet=True)
    if not said:
        record.unread(person, origin, "no concept", "none of its questions is known")


def _all_items(items: list[Item]) -> Iterator[Item]:
    for item in items:
        yield item
        yield from _all_items(item.item or [])
        for answer in item.answer or ():
            yield from _all_items(answer.item or [])


def _question(item: Item) -> CodeableConcept:
    """Return the question as codes and words; LOINC codes stand in the link or in the definition."""
    links = [
        (item.link_id or "").strip("/").split("/")[-1],
        (item.definition or "").rstrip("/").split("/")[-1],
    ]
    codings = [Coding(system=LOINC, code=link) for link in links if _like_loinc(link)]
    return CodeableConcept(coding=codings, text=item.text)


def _like_loinc(code: str) -> bool:
    number, _, check = code.rpartition("-")
    return number.isdigit() and len(check) == 1 and check.isdigit()


def _value_of_answer(record: Record, answer: Answer) -> Value:
    values = record.values
    if answer.value_coding is not None:
        concept = CodeableConcept(coding=[answer.value_coding])
        return Value(**values.concept_fields(record.meanings.of_concept(concept, "value")))
    if answer.value_quantity is not None and answer.value_quantity.value is not None:
        return value_of_quantity(answer.value_quantity)
    if answer.value_boolean is not None:
        said = "true" if answer.value_boolean else "false"
        return Value(answer="yes" if answer.value_boolean else "no", said=said)
    number = answer.value_decimal if answer.value_decimal is not None else answer.value_integer
    if number is not None:
        return Value(**number_fields(float(number)))
    written = answer.value_date_time or answer.value_date
    if written is not None:
        return Value(date=written, said=written)
    return Value(**values.text_fields(answer.value_string or ""))
