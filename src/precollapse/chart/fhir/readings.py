"""Reads what a value says of one concept: a number in its unit, a choice, a date, or yes and no."""

from __future__ import annotations

import math

import msgspec

from precollapse.chart.alcohol import GRAMS, Alcohol, status_answers
from precollapse.chart.codes import Hit
from precollapse.chart.dates import parse_partial
from precollapse.chart.fhir.values import Value, ValueDecoder
from precollapse.chart.model import Side, Status
from precollapse.chart.quantities import Quantity, WrittenNumber, canonical
from precollapse.chart.text import TextHit
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.model import Concept


class Reading(msgspec.Struct, frozen=True):
    """What a value says of one concept."""

    status: Status = "present"
    value: float | None = None
    low: float | None = None
    high: float | None = None
    choice: str | None = None
    side: Side | None = None
    date: str | None = None
    note: str | None = None


class ValueReader(ValueDecoder):
    """Decodes values and reads them for concepts."""

    def __init__(self, knowledge: Knowledge) -> None:
        super().__init__(knowledge)
        self.alcohol = Alcohol.of(knowledge)
        self.status_answers = status_answers(knowledge)

    def read(self, hit: Hit, value: Value, label: str) -> Reading | str:
        """Return what a value says of a concept; a string is the reason why nothing, as in unread rows."""
        concept = self.knowledge.concepts[hit.concept]
        if value.empty:
            return self._missing(hit, concept, value)
        if value.answer == "unknown" or (value.flag == "unknown" and _only_flag(value)):
            return Reading("asked_unknown")
        match concept.type:
            case "number":
                return self._number(concept, value, label)
            case "choice":
                return self._choice(hit, concept, value)
            case "date":
                return _dated(value)
            case _:
                return self._yes_no(hit, concept, value)

    def _missing(self, hit: Hit, concept: Concept, value: Value) -> Reading | str:
        if value.absence == "asked_unknown":
            return Reading("asked_unknown")
        if value.absence == "unreadable":
            return "not readable: the record says that the value cannot be given"
        if value.absence is None and hit.choice is not None and concept.type == "choice":
            return Reading(choice=hit.choice)
        return "no value"

    def _number(self, concept: Concept, value: Value, label: str) -> Reading | str:
        if not value.numbers:
            return "not readable: the value is no number"
        if len(value.numbers) == 2:
            return _interval(concept, value)
        number = value.numbers[0]
        outcome = _canonical(concept, number, value.units)
        if concept.id == GRAMS and (isinstance(outcome, str) or not value.units):
            unit = value.units[0] if value.units else None
            outcome = self.alcohol.grams_per_week(number.value, unit, label) or outcome
        if isinstance(outcome, str):
            return outcome
        return Reading("present", outcome.value, outcome.low, outcome.high, note=outcome.warning)

    def _choice(self, hit: Hit, concept: Concept, value: Value) -> Reading | str:
        for found in value.hits:
            if found.concept == concept.id and found.choice is not None:
                return Reading("absent" if found.absent else "present", choice=found.choice, side=value.side)
        chosen = self._listed_choice(concept, value)
        if chosen is not None:
            return Reading(choice=chosen, side=value.side)
        for words in value.words:
            text = self._in_text(concept, words)
            if text is not None and text.choice is not None:
                return Reading(_status_of(text), choice=text.choice, side=text.side)
        return "not readable: the value is none of the known choices"

    def _listed_choice(self, concept: Concept, value: Value) -> str | None:
        by_code = self.status_answers.get(concept.id, {})
        for code in value.codes:
            if code in by_code:
                return by_code[code]
        numbers = [f"{number.value:g}" for number in value.numbers]
        for words in (*value.words, *numbers, *value.flag_words, value.answer or ""):
            plain = words.strip().lower()
            for choice, said in concept.choices.items():
                if plain == choice.replace("_", " ") or plain in said:
                    return choice
        return None

    def _yes_no(self, hit: Hit, concept: Concept, value: Value) -> Reading | str:
        for found in value.hits:
            if found.concept == concept.id:
                return Reading(_status(found.absent == hit.absent), side=found.side or value.side)
        answer = value.answer or (value.flag if value.flag in {"yes", "no"} else None)
        if answer in {"yes", "no"}:
            return Reading(_status((answer == "yes") != hit.absent), side=value.side)
        if value.side is not None and not value.numbers:
            return Reading(_status(not hit.absent), side=value.side)
        for words in value.words:
            text = self._in_text(concept, words)
            if text is not None:
                status = _status_of(text)
                if hit.absent and status in {"present", "absent"}:
                    status = _status(status == "absent")
                return Reading(status, side=text.side)
        return "not readable: the value is neither yes nor no"

    def _in_text(self, concept: Concept, words: str) -> TextHit | None:
        reading = self.meanings.text.read(f"{concept.name}: {words}")
        return next((hit for hit in reading.hits if hit.concept == concept.id), None)


def _canonical(concept: Concept, number: WrittenNumber, units: tuple[str, ...]) -> Quantity | str:
    """Convert with the first spelling of the unit that is known."""
    outcome = canonical(concept, number.value, units[0] if units else None, number.comparator)
    if type(outcome) is Quantity:
        return outcome
    for unit in units[1:]:
        if not isinstance(outcome, str):
            break
        second = canonical(concept, number.value, unit, number.comparator)
        if not isinstance(second, str):
            outcome = second
    return outcome


def _interval(concept: Concept, value: Value) -> Reading | str:
    ends = []
    for number in value.numbers:
        if math.isinf(number.value):
            ends.append(number.value)
            continue
        outcome = _canonical(concept, number, value.units)
        if isinstance(outcome, str):
            return outcome
        ends.append(outcome.low)
    return Reading("present", None, min(ends), max(ends))


def _only_flag(value: Value) -> bool:
    return not (value.numbers or value.codes or value.words or value.answer)


def _dated(value: Value) -> Reading | str:
    written = value.date or (value.words[0] if value.words else None)
    if written is None or parse_partial(written) is None:
        return "not readable: the value is no date"
    return Reading(date=written)


def _status(present: bool) -> Status:
    return "present" if present else "absent"


def _status_of(hit: TextHit) -> Status:
    return "provisional" if hit.uncertain else "absent" if hit.absent else "present"
