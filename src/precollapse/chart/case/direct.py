"""Reads concepts given by their id: ``hips.left.internal_rotation_deg: 10``, ``facts.dialysis: false``.

Here nothing is guessed: an id, a unit or a value that does not fit is an error that names the place.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from precollapse.chart.case.answers import answer, is_answer
from precollapse.chart.case.times import When, when
from precollapse.chart.case.writer import Entry, Writer
from precollapse.chart.dates import parse_partial
from precollapse.chart.model import Side
from precollapse.chart.quantities import Quantity, canonical, read_number
from precollapse.chart.text_tokens import phrase
from precollapse.errors import InputError
from precollapse.knowledge.model import Concept

_WRAPPED = frozenset(["value", "unit", "date", "since", "until", "note"])


def read_facts(writer: Writer, facts: dict[str, Any], place: str, side: Side | None) -> None:
    """Read a mapping from concept ids to values, of the patient or of one hip."""
    for key, value in facts.items():
        concept = _concept(writer, key, place)
        origin = f"{place}.{key}"
        if side is not None and concept.level == "patient":
            raise InputError(origin, "is about the patient, not about one hip; write it under facts")
        _read_fact(writer, concept, value, origin, side)


def _read_fact(writer: Writer, concept: Concept, value: Any, origin: str, side: Side | None) -> None:
    unit, timing, dated = None, When(), False
    if isinstance(value, dict):
        unknown = sorted(set(value) - _WRAPPED)
        if unknown:
            raise InputError(f"{origin}.{unknown[0]}", f"is not one of {', '.join(sorted(_WRAPPED))}")
        unit, dated = _text(value.get("unit"), f"{origin}.unit"), "date" in value
        timing = when(
            as_of=None,
            since=_day(value.get("date", value.get("since")), f"{origin}.date"),
            until=_day(value.get("until"), f"{origin}.until"),
        )
        value = value.get("value", True if concept.type == "yes_no" else None)
    entry = Entry(origin, str(value) if unit is None else f"{value} {unit}", side, timing, dated=dated)
    _write(writer, concept, value, unit, entry)


def _write(writer: Writer, concept: Concept, value: Any, unit: str | None, entry: Entry) -> None:
    choice = _choice(concept, value) if concept.type == "choice" else None
    if choice is not None:
        writer.statement(entry, concept, "present", choice=choice)
    elif is_answer(value) and (
        concept.type in {"yes_no", "choice"} or answer(value) in {None, "asked_unknown"}
    ):
        asked = answer(value)
        if asked is not None and (concept.type == "yes_no" or asked == "asked_unknown"):
            writer.statement(entry, concept, asked)
        elif asked is not None:
            raise InputError(entry.origin, f"{value!r} is not one of: {', '.join(concept.choices)}")
    elif concept.type == "number":
        writer.quantity(entry, concept, [_quantity(concept, value, unit, entry.origin)])
    elif concept.type == "date":
        _write_date(writer, concept, value, entry)
    else:
        allowed = "true, false, unknown or null" if concept.type == "yes_no" else ", ".join(concept.choices)
        raise InputError(entry.origin, f"{str(value)[:40]!r} is not one of: {allowed}")


def _write_date(writer: Writer, concept: Concept, value: Any, entry: Entry) -> None:
    day = _day(value, entry.origin)
    timing = when(as_of=None, since=day)
    writer.statement(Entry(entry.origin, entry.said, entry.side, timing), concept, "present")


def _quantity(concept: Concept, value: Any, unit: str | None, origin: str) -> Quantity:
    comparator = None
    if isinstance(value, str):
        written = read_number(value)
        if written is None:
            raise InputError(
                origin, f"{value[:40]!r} is not a number{f' in {concept.unit}' if concept.unit else ''}"
            )
        value, unit, comparator = written.value, unit or written.unit, written.comparator
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(
            origin, f"{str(value)[:40]} is not a number{f' in {concept.unit}' if concept.unit else ''}"
        )
    quantity = canonical(concept, float(value), concept.unit if unit is None else unit, comparator)
    if isinstance(quantity, str):
        raise InputError(origin, quantity.removeprefix("impossible: ").removeprefix("unit: "))
    return quantity


def _choice(concept: Concept, value: Any) -> str | None:
    if not isinstance(value, str | int) or isinstance(value, bool):
        return None
    said = str(value).strip()
    if said in concept.choices:
        return said
    words = phrase(said)
    for choice, synonyms in concept.choices.items():
        if words and words in {phrase(choice.replace("_", " ")), *map(phrase, synonyms)}:
            return choice
    return None


def _concept(writer: Writer, key: str, place: str) -> Concept:
    concept = writer.knowledge.concepts.get(key)
    if concept is None:
        near = get_close_matches(key, writer.knowledge.concepts, n=1, cutoff=0.6)
        hint = f"; did you mean {near[0]}?" if near else "; precollapse concepts lists the ids"
        raise InputError(f"{place}.{key[:60]}", f"there is no concept of this id{hint}")
    return concept


def _day(value: Any, origin: str) -> str | None:
    if value is None:
        return None
    said = str(value)
    if parse_partial(said) is None:
        raise InputError(origin, f"{said[:40]!r} is not a date; write 2024-05-17, 2024-05 or 2024")
    return said


def _text(value: Any, origin: str) -> str | None:
    if value is not None and not isinstance(value, str):
        raise InputError(origin, f"{str(value)[:40]} is not a unit")
    return value
