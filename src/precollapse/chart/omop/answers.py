"""Reads the value of a test or an observation for one concept: a number, a choice, or yes and no.

The value may stand as a number, as a coded answer or as text; all are tried in this order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from precollapse.chart.alcohol import GRAMS, Alcohol, status_answers
from precollapse.chart.codes import Hit, Hits
from precollapse.chart.compiled import once_per_knowledge
from precollapse.chart.model import Side, Status
from precollapse.chart.omop.pieces import Outcome, Piece, Refusal
from precollapse.chart.quantities import Quantity, canonical, read_number
from precollapse.chart.text import TextHit, TextIndex
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.model import Concept

LONGEST_SAID = 120

Verdict = Literal["present", "absent", "asked_unknown"]
_VERDICTS: dict[str, Verdict] = {"yes": "present", "no": "absent", "unknown": "asked_unknown"}
_OPPOSITE: dict[Status, Status] = {"present": "absent", "absent": "present"}


@dataclass(frozen=True, slots=True)
class Value:
    """What a row says beside its code; everything may be missing."""

    number: float | None = None
    comparator: str | None = None
    units: tuple[str, ...] = ()  # all spellings of the unit
    answer: Hits = ()  # the concepts that the coded answer means
    code: str | None = None  # of the coded answer
    verdict: Verdict | None = None  # what the coded answer or the words say by themselves
    side: Side | None = None
    words: tuple[str, ...] = ()  # name of the coded answer, then texts

    @property
    def said(self) -> str | None:
        """Return the record's own words, for people."""
        if self.number is not None:
            comparator = None if self.comparator == "=" else self.comparator
            return " ".join(filter(None, [comparator, f"{self.number:g}", *self.units[:1]]))
        return self.words[0][:LONGEST_SAID] if self.words else None

    @property
    def empty(self) -> bool:
        """Whether there is no value of any kind."""
        return self.number is None and not self.answer and self.verdict is None and not self.words


@dataclass(frozen=True, slots=True)
class Asked:
    """What a value is the answer to.

    ``label`` is how the row is cited; ``bare_is_yes`` says whether the code alone asserts the concept (an
    observation does, a test does not); ``side`` is what else in the row says.
    """

    hit: Hit
    label: str
    bare_is_yes: bool
    side: Side | None = None


class AnswerReader:
    """Reads values with one knowledge. Use ``AnswerReader.of(knowledge)``."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.concepts = knowledge.concepts
        self.text = TextIndex.of(knowledge)
        self.alcohol = Alcohol.of(knowledge)
        self.status_answers = status_answers(knowledge)
        coded = knowledge.answers.get("codes", ())
        self._codes = {(entry["system"], str(entry["code"])): _VERDICTS[entry["means"]] for entry in coded}
        worded = knowledge.answers.get("words", {})
        self._words = {word: _VERDICTS[means] for means, words in worded.items() for word in words}

    @staticmethod
    def of(knowledge: Knowledge) -> AnswerReader:
        """Return the reader of a knowledge, built once."""
        return _reader(knowledge)

    def verdict(self, codes: list[tuple[str, str]], words: tuple[str, ...]) -> Verdict | None:
        """Return what a coded or worded answer says by itself: yes, no or unknown."""
        by_code = next((self._codes[code] for code in codes if code in self._codes), None)
        plain = (text.strip().lower().rstrip(".") for text in words)
        return by_code or next((self._words[text] for text in plain if text in self._words), None)

    def read(self, asked: Asked, value: Value) -> Outcome:
        """Return what a value says of the concept it was asked about."""
        concept, hit = self.concepts[asked.hit.concept], asked.hit
        side = (hit.side or asked.side) if concept.level == "hip" else None
        outcome = self._outcome(asked, concept, value)
        if isinstance(outcome, Piece):
            return [outcome._replace(side=outcome.side or side, said=value.said or asked.label)]
        return _refused(outcome, concept, side, value, asked.label)

    def _outcome(self, asked: Asked, concept: Concept, value: Value) -> Piece | str:
        hit = asked.hit
        if hit.choice is not None and concept.type == "choice":
            return Piece(concept.id, "absent" if hit.absent else "present", choice=hit.choice)
        if value.empty:
            bare = asked.bare_is_yes and concept.type == "yes_no"
            return Piece(concept.id, "absent" if hit.absent else "present") if bare else "no value"
        if value.verdict == "asked_unknown":
            return Piece(concept.id, "asked_unknown")
        match concept.type:
            case "number":
                return self._number(concept, value, asked.label)
            case "choice":
                return self._choice(concept, value)
            case "yes_no":
                return self._yes_no(asked, concept, value)
            case _:
                return "not readable: dates as values are not read"

    def _number(self, concept: Concept, value: Value, label: str) -> Piece | str:
        if value.number is not None:
            return self._measured(concept, value.number, value.units, value.comparator, label)
        for words in value.words:
            written = read_number(words)
            if written is not None:
                units = (written.unit,) if written.unit else value.units
                return self._measured(concept, written.value, units, written.comparator, label)
        return "not readable: the value is no number"

    def _measured(
        self, concept: Concept, number: float, units: tuple[str, ...], comparator: str | None, label: str
    ) -> Piece | str:
        found: Quantity | str = "unit: none given"
        for unit in units or (None,):
            found = canonical(concept, number, unit, comparator)
            if isinstance(found, Quantity):
                break
        if concept.id == GRAMS and (isinstance(found, str) or not units):
            found = self.alcohol.grams_per_week(number, units[0] if units else None, label) or found
        if isinstance(found, str):
            return found
        return Piece(concept.id, value=found.value, low=found.low, high=found.high, note=found.warning)

    def _choice(self, concept: Concept, value: Value) -> Piece | str:
        for hit in value.answer:
            if hit.concept == concept.id and hit.choice is not None:
                return Piece(concept.id, "absent" if hit.absent else "present", choice=hit.choice)
        by_code = self.status_answers.get(concept.id, {}).get(value.code or "")
        if by_code is not None:
            return Piece(concept.id, choice=by_code)
        number = [] if value.number is None else [f"{value.number:g}"]
        for words in (*value.words, *number):
            plain = words.lower()
            for name, said in concept.choices.items():
                if plain == name.replace("_", " ") or plain in said:
                    return Piece(concept.id, choice=name)
            found = self._from_text(concept, words)
            if found is not None and found.choice is not None:
                return Piece(concept.id, _status_of(found), found.side, found.choice)
        return "not readable: the value is none of the known choices"

    def _yes_no(self, asked: Asked, concept: Concept, value: Value) -> Piece | str:
        denied = asked.hit.absent
        for answer in value.answer:
            if answer.concept == concept.id:
                return Piece(concept.id, _turned("present", denied != answer.absent), answer.side)
        if value.verdict is not None:
            return Piece(concept.id, _turned(value.verdict, denied))
        if value.side is not None and value.number is None:
            return Piece(concept.id, _turned("present", denied), value.side)
        for words in value.words:
            found = self._from_text(concept, words, named_is_present=asked.bare_is_yes)
            if found is not None:
                return Piece(concept.id, _turned(_status_of(found), denied), found.side)
        return "not readable: the value is neither yes nor no"

    def _from_text(self, concept: Concept, words: str, *, named_is_present: bool = False) -> TextHit | None:
        # The name of a concept may already say a result ("HIV test positive"); its first synonym rarely does.
        question = concept.synonyms[0] if concept.synonyms else concept.name
        reading = self.text.read(f"{question}: {words}", named_is_present=named_is_present)
        return next((hit for hit in reading.hits if hit.concept == concept.id), None)


@once_per_knowledge
def _reader(knowledge: Knowledge) -> AnswerReader:
    return AnswerReader(knowledge)


def _refused(problem: str, concept: Concept, side: Side | None, value: Value, label: str) -> Outcome:
    """List what cannot be read; a value that is there but unreadable is also a statement of that."""
    reason, _, why = problem.partition(":")
    detail = f"{label}: {why.strip()}" if why else label
    if reason == "no value":
        return [Refusal(reason, detail)]
    said = Piece(concept.id, "unreadable", side, said=value.said, note=problem)
    return [said, Refusal(reason, detail)]


def _turned(status: Status, denied: bool) -> Status:
    """Turn yes into no and back for a code that itself denies the concept."""
    return _OPPOSITE.get(status, status) if denied else status


def _status_of(hit: TextHit) -> Status:
    return "provisional" if hit.uncertain else "absent" if hit.absent else "present"


def finite(number: float | None) -> float | None:
    """Return a number, or None for what is not one."""
    return number if number is not None and math.isfinite(number) else None
