"""Reads the sections of a case file that are in words: history, symptoms, examination, laboratory."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from precollapse.chart.case.answers import Asked, answer
from precollapse.chart.case.schema import Exam, History, Lab, Symptom
from precollapse.chart.case.steroids import Course, is_about_corticosteroids, read_course
from precollapse.chart.case.times import When, when
from precollapse.chart.case.writer import Entry, Writer
from precollapse.chart.model import Side
from precollapse.chart.quantities import Quantity, canonical
from precollapse.chart.text import Reading, TextHit

# The flags of a symptom and the concepts they stand for.
SYMPTOM_FLAGS = {
    "weight_bearing_worse": "weight_bearing_pain",
    "rest_pain": "rest_pain",
    "night_pain": "night_pain",
}
PAIN = "hip_pain"
PAIN_DURATION = "pain_duration_months"
_TEMPERATURE = re.compile(r"(?<![\w.])(\d{2,3}(?:[.,]\d)?)\s*°?\s*([CF])\b")
_FEW_WORDS = 4


def read_history(writer: Writer, item: History | str, origin: str) -> None:
    """Read an earlier illness, exposure, injury or operation."""
    item = History(factor=item) if isinstance(item, str) else item
    asked = answer(item.present)
    said = _joined(item.factor, item.detail)
    entry = Entry(origin, said, _side(item.side), _when(writer, item))
    writer.extra_keys(origin, item.model_extra)
    if asked is None:
        writer.unread(origin, "no value", f"{item.factor}: not asked")
    elif asked == "absent":
        _deny(writer, entry, item.factor)
        _detail_alone(writer, entry, item.detail)
    elif asked == "asked_unknown":
        _not_known(writer, entry, item.factor)
    elif is_about_corticosteroids(writer, item.factor):
        read_course(writer, entry, Course(item.factor, item.detail, item.prednisone_equiv_mg_per_day))
    else:
        _history_present(writer, entry, item)


def _history_present(writer: Writer, entry: Entry, item: History) -> None:
    direct = writer.knowledge.concepts.get(item.factor)
    if direct is not None and direct.type == "yes_no":
        writer.statement(entry, direct, "present")
        _detail_alone(writer, entry, item.detail)
        return
    whole = writer.index.read(entry.said, named_is_present=True)
    alone = writer.index.read(item.factor, named_is_present=True)
    hits = [*merged(whole, alone), *_with_last_word(writer, item.factor, item.detail)]
    if not writer.hits(entry, hits):
        writer.nothing_found(entry, whole, alone)


def _with_last_word(writer: Writer, factor: str, detail: str | None) -> list[TextHit]:
    """Find what a name and a short detail say together: "alcohol", "prolonged abuse" is alcohol abuse."""
    words = detail.split() if detail else []
    if not 0 < len(words) <= _FEW_WORDS:
        return []
    together = f"{factor} {words[-1]}"
    return [hit for hit in writer.index.find(together) if hit.words == together and not hit.absent]


def read_symptom(writer: Writer, item: Symptom | str, origin: str) -> None:
    """Read a complaint with its side, span and flags."""
    item = Symptom(symptom=item) if isinstance(item, str) else item
    asked = answer(item.present)
    timing = _when(writer, item)
    entry = Entry(origin, _joined(item.symptom, item.detail), _side(item.side), timing)
    writer.extra_keys(origin, item.model_extra)
    if asked is None:
        writer.unread(origin, "no value", f"{item.symptom}: not asked")
        return
    found = _flags(writer, entry, item)
    if asked == "absent":
        found += _deny(writer, entry, item.symptom, quiet=True)
    elif asked == "asked_unknown":
        found += _not_known(writer, entry, item.symptom, quiet=True)
    else:
        reading = writer.index.read(item.symptom)
        found += writer.hits(entry, reading.hits)
        _pain_duration(writer, entry, reading.hits, item.duration_months)
    found += _detail_alone(writer, entry, item.detail)
    if not found:
        writer.nothing_found(entry, writer.index.read(entry.said))


def _flags(writer: Writer, entry: Entry, item: Symptom) -> int:
    found = 0
    for flag, concept_id in SYMPTOM_FLAGS.items():
        asked = answer(getattr(item, flag))
        concept = writer.knowledge.concepts.get(concept_id)
        if asked is None:
            continue
        if concept is None:
            writer.unread(f"{entry.origin}.{flag}", "no concept", flag)
        else:
            found += writer.statement(entry, concept, asked)
    return found


def _pain_duration(writer: Writer, entry: Entry, hits: Iterable[TextHit], months: float | None) -> None:
    """Write how long a pain of the hip has lasted, beside the day on which it began."""
    concept = writer.knowledge.concepts.get(PAIN_DURATION)
    pains = [hit for hit in hits if not hit.absent and _implies_pain(writer, hit.concept)]
    if months is None or concept is None or not pains:
        return
    quantity = canonical(concept, months, "mo")
    if isinstance(quantity, Quantity):
        writer.quantity(entry, concept, [quantity], pains[0].side)


def _implies_pain(writer: Writer, concept_id: str) -> bool:
    todo, seen = [concept_id], set()
    while todo:
        this = todo.pop()
        if this == PAIN:
            return True
        seen.add(this)
        concept = writer.knowledge.concepts.get(this)
        todo += [wider for wider in (concept.implies if concept is not None else ()) if wider not in seen]
    return False


def read_exam(writer: Writer, item: Exam | str, origin: str) -> None:
    """Read a sign or a test: the name with its finding, the finding alone, and both turned round."""
    item = Exam(test=item) if isinstance(item, str) else item
    found = _said_value(item.value, item.unit)
    outcome = " ".join(part for part in (item.finding, item.result, found) if part)
    said = f"{item.test}: {outcome}" if outcome else item.test
    entry = Entry(origin, said, _side(item.side), _dated(item.date), dated=True)
    writer.extra_keys(origin, item.model_extra)
    texts = [f"{item.test} {outcome}" if outcome else item.test]
    if outcome:
        texts += [said, _with_temperature(outcome)]
    if outcome and len(outcome.split()) <= _FEW_WORDS:
        texts.append(f"{outcome} {item.test}")
    readings = [writer.index.read(text) for text in texts]
    if not writer.hits(entry, merged(*readings)):
        writer.nothing_found(entry, *readings)


def read_lab(writer: Writer, item: Lab | str, origin: str) -> None:
    """Read a laboratory result: a number with its unit, or words."""
    item = Lab(test=item) if isinstance(item, str) else item
    value = _said_value(item.value, item.unit)
    entry = Entry(
        origin, f"{item.test}: {value}" if value else item.test, None, _dated(item.date), dated=True
    )
    writer.extra_keys(origin, item.model_extra)
    readings = [writer.index.read(f"{item.test} {value}"), writer.index.read(entry.said)]
    hits = [_with_unit(writer, hit, item) for hit in merged(*readings)]
    if not writer.hits(entry, hits):
        writer.nothing_found(entry, *readings)


def _with_unit(writer: Writer, hit: TextHit, item: Lab) -> TextHit:
    """Take the unit from its own field: it need not be one that is recognised in running text."""
    if item.unit is None or hit.number is None or writer.knowledge.concepts[hit.concept].type != "number":
        return hit
    return TextHit(hit.concept, number=hit.number, unit=item.unit, comparator=hit.comparator, words=hit.words)


def merged(*readings: Reading) -> list[TextHit]:
    """Join the hits of several readings of one entry; what an earlier one says of a concept is kept."""
    hits: list[TextHit] = []
    for reading in readings:
        known = {hit.concept for hit in hits}
        hits += [hit for hit in reading.hits if hit.concept not in known]
    return hits


def _deny(writer: Writer, entry: Entry, factor: str, *, quiet: bool = False) -> int:
    """Write that something was asked for and is absent; a list is denied to its end."""
    direct = writer.knowledge.concepts.get(factor)
    if direct is not None and direct.type == "yes_no":
        return int(writer.statement(entry, direct, "absent"))
    plain, to_its_end = writer.index.read(f"no {factor}"), writer.index.read(f"denies {factor}")
    sure = [hit for hit in plain.hits if hit.absent or hit.choice or hit.words.lower().startswith("no ")]
    hits = merged(Reading(tuple(sure), ()), to_its_end)
    found = writer.hits(entry, hits)
    if not found and not quiet:
        writer.nothing_found(entry, plain, to_its_end)
    return found


def _not_known(writer: Writer, entry: Entry, factor: str, *, quiet: bool = False) -> int:
    reading = writer.index.read(factor, named_is_present=True)
    concepts = dict.fromkeys([hit.concept for hit in reading.hits if not hit.corticosteroid])
    concepts |= dict.fromkeys([aside.concept for aside in reading.set_aside if aside.concept])
    asked: Asked = "asked_unknown"
    found = sum(writer.statement(entry, writer.knowledge.concepts[one], asked) for one in concepts if one)
    if not found and not quiet:
        writer.nothing_found(entry, reading)
    return found


def _detail_alone(writer: Writer, entry: Entry, detail: str | None) -> int:
    """Read the detail of an entry; the entry's own date is not that of the illnesses it mentions."""
    if not detail:
        return 0
    undated = replace(entry, when=When())
    hits = writer.index.read(detail).hits
    found = 0
    for hit in hits:
        concept = writer.knowledge.concepts.get(hit.concept)
        of_hip = concept is not None and concept.level == "hip"
        found += writer.hits(entry if of_hip else undated, [hit])
    return found


def _when(writer: Writer, item: History | Symptom) -> When:
    months = (
        item.time_since_start_months if item.time_since_start_months is not None else item.duration_months
    )
    return when(as_of=writer.as_of, since=item.since, until=item.until, months_ago=months)


def _dated(day: str | None) -> When:
    return when(as_of=None, since=day)


def _joined(name: str, detail: str | None) -> str:
    return f"{name}: {detail}" if detail else name


def _said_value(value: Any, unit: str | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "positive" if value else "negative"
    said = f"{value:.10g}" if isinstance(value, float) else str(value)
    return f"{said} {unit}" if unit else said


def _with_temperature(outcome: str) -> str:
    """Name the temperature in "38.0 C, pulse 110": its unit says what it is."""
    return outcome if "temp" in outcome.lower() else _TEMPERATURE.sub(r"temperature \1 \2", outcome, count=1)


def _side(side: str | None) -> Side | None:
    return (
        None
        if side is None
        else "both"
        if side in {"both", "bilateral"}
        else "left"
        if side == "left"
        else "right"
    )
