"""Reads the value of a test or an observation for one concept: a number, a choice, or yes and no.

The value may stand as a number, as a coded answer or as text; all are tried in this order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from precollapse.chart.codes import Hit, Hits
from precollapse.chart.compiled import once_per_knowledge
from precollapse.chart.model import Side, Status
from precollapse.chart.omop.pieces import Outcome, Piece, Refusal
from precollapse.chart.quantities import canonical, read_number
from precollapse.chart.text import TextHit, TextIndex
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.model import Concept

LONGEST_SAID = 120

Verdict = Literal["present", "absent", "asked_unknown"]
_VERDICTS: dict[str, Verdict] = {"yes": "present", "no": "absent", "unknown": "asked_unknown"}


class Verdicts:
    """The codes and words of ``answers.yaml`` that say yes, no or unknown."""

    def __init__(self, knowledge: Knowledge) -> None:
        answers = knowledge.answers
        self.codes = {
            (entry["system"], str(entry["code"])): _VERDICTS[entry["means"]]
            for entry in answers.get("codes", ())
        }
        self.words = {
            word: _VERDICTS[means] for means, words in answers.get("words", {}).items() for word in words
        }

    def of_words(self, words: str) -> Verdict | None:
        """Return what an answer of one word or phrase says, or None when it says something else."""
        return self.words.get(words.strip().lower().rstrip("."))


@once_per_knowledge
def verdicts(knowledge: Knowledge) -> Verdicts:
    """Return the answers of this knowledge, built once."""
    return Verdicts(knowledge)


@dataclass(frozen=True, slots=True)
class Value:
    """What a row says beside its code; everything may be missing."""

    number: float | None
    comparator: str | None
    unit: str | None
    answer: Hits  # the concepts that the coded answer means
    verdict: Verdict | None  # what the coded answer or the words say by themselves
    words: tuple[str, ...]  # name of the coded answer, then texts

    @property
    def said(self) -> str | None:
        """Return the record's own words, for people."""
        if self.number is not None:
            comparator = None if self.comparator == "=" else self.comparator
            return " ".join(filter(None, [comparator, f"{self.number:g}", self.unit]))
        return self.words[0][:LONGEST_SAID] if self.words else None

    @property
    def empty(self) -> bool:
        """Whether there is no value of any kind."""
        return self.number is None and not self.answer and self.verdict is None and not self.words


def read_value(
    hit: Hit,
    concept: Concept,
    value: Value,
    text: TextIndex,
    *,
    side: Side | None,
    label: str,
    bare_is_yes: bool,
) -> Outcome:
    """Return what a code with a value says of one concept.

    Parameters
    ----------
    hit, concept
        What the code means.
    value
        What stands beside it.
    text
        For values in words.
    side
        Side said elsewhere in the row.
    label
        How the row is cited when it cannot be read.
    bare_is_yes
        Whether the code alone asserts the concept (an observation does, a test does not).
    """
    if hit.choice is not None and concept.type == "choice":
        outcome: Piece | str = Piece(concept.id, "absent" if hit.absent else "present", choice=hit.choice)
    elif concept.type == "number":
        outcome = _number(concept, value)
    elif concept.type == "choice":
        outcome = _choice(concept, value, text)
    elif concept.type == "yes_no":
        outcome = _yes_no(hit, concept, value, text, bare_is_yes=bare_is_yes)
    else:
        outcome = "no value"
    chosen = (hit.side or side) if concept.level == "hip" else None
    if isinstance(outcome, Piece):
        return [outcome._replace(side=outcome.side or chosen, said=value.said or label)]
    return _refused(outcome, concept, chosen, value, label)


def _refused(problem: str, concept: Concept, side: Side | None, value: Value, label: str) -> Outcome:
    """List what cannot be read; a value that is there but unreadable is also a statement of that."""
    reason, _, why = problem.partition(":")
    detail = f"{label}: {why.strip()}" if why else label
    if reason == "no value":
        return [Refusal(reason, detail)]
    said = Piece(concept.id, "unreadable", side, said=value.said, note=problem)
    return [said, Refusal(reason, detail)]


def _number(concept: Concept, value: Value) -> Piece | str:
    if value.number is not None:
        return _measured(concept, value.number, value.unit, value.comparator)
    for words in value.words:
        written = read_number(words)
        if written is not None:
            return _measured(concept, written.value, written.unit or value.unit, written.comparator)
    if value.verdict == "asked_unknown":
        return Piece(concept.id, "asked_unknown")
    return "no value" if value.empty else "not readable: the value is no number"


def _measured(concept: Concept, number: float, unit: str | None, comparator: str | None) -> Piece | str:
    quantity = canonical(concept, number, unit, comparator)
    if isinstance(quantity, str):
        return quantity
    return Piece(
        concept.id, value=quantity.value, low=quantity.low, high=quantity.high, note=quantity.warning
    )


def _choice(concept: Concept, value: Value, text: TextIndex) -> Piece | str:
    for hit in value.answer:
        if hit.concept == concept.id and hit.choice is not None:
            return Piece(concept.id, "absent" if hit.absent else "present", choice=hit.choice)
    for words in value.words:
        plain = words.lower()
        exact = next((name for name, said in concept.choices.items() if plain in (name, *said)), None)
        if exact is not None:
            return Piece(concept.id, choice=exact)
        found = _from_text(concept, words, text)
        if found is not None and found.choice is not None:
            return Piece(concept.id, _status_of(found), found.side, found.choice)
    if value.number is not None and f"{value.number:g}" in concept.choices:
        return Piece(concept.id, choice=f"{value.number:g}")
    if value.verdict == "asked_unknown":
        return Piece(concept.id, "asked_unknown")
    return "no value" if value.empty else "not readable: the value is none of the known choices"


def _yes_no(hit: Hit, concept: Concept, value: Value, text: TextIndex, *, bare_is_yes: bool) -> Piece | str:
    if value.empty:
        if not bare_is_yes:
            return "no value"
        return Piece(concept.id, "absent" if hit.absent else "present")
    for answer in value.answer:
        if answer.concept == concept.id:
            return Piece(concept.id, _denied_if("present", hit.absent != answer.absent), answer.side)
    if value.verdict is not None:
        return Piece(concept.id, _denied_if(value.verdict, hit.absent))
    for words in value.words:
        found = _from_text(concept, words, text, named_is_present=bare_is_yes)
        if found is not None:
            return Piece(concept.id, _denied_if(_status_of(found), hit.absent), found.side)
    return "not readable: the value is neither yes nor no"


def _denied_if(status: Status, denied: bool) -> Status:
    """Turn yes into no and back for a code that itself denies the concept."""
    if not denied:
        return status
    return {"present": "absent", "absent": "present"}.get(status, status)  # type: ignore[return-value]


def _from_text(
    concept: Concept, words: str, text: TextIndex, *, named_is_present: bool = False
) -> TextHit | None:
    # The name of a concept may already say a result ("HIV test positive"); its first synonym rarely does.
    asked = concept.synonyms[0] if concept.synonyms else concept.name
    reading = text.read(f"{asked}: {words}", named_is_present=named_is_present)
    return next((hit for hit in reading.hits if hit.concept == concept.id), None)


def _status_of(hit: TextHit) -> Status:
    return "provisional" if hit.uncertain else "absent" if hit.absent else "present"


def finite(number: float | None) -> float | None:
    """Return a number, or None for what is not one."""
    return number if number is not None and math.isfinite(number) else None
