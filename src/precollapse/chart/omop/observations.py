"""Reads measurements and observations: code, value, unit, comparator, and whom they are about."""

from __future__ import annotations

from typing import Any

import polars as pl

from precollapse.chart.allergens import Allergens
from precollapse.chart.codes import Hit, Hits
from precollapse.chart.model import Status
from precollapse.chart.omop.answers import AnswerReader, Asked, Value, finite
from precollapse.chart.omop.conditions import asserted
from precollapse.chart.omop.events import Read
from precollapse.chart.omop.meaning import Interpreter, Meaning
from precollapse.chart.omop.pieces import Interpreted, Outcome, Piece, Refusal, interpret
from precollapse.chart.omop.terms import ANSWERS_BY_CONCEPT, COMPARATORS, refusal_in, status_in
from precollapse.chart.quantities import read_number
from precollapse.chart.sides import side_of_text
from precollapse.chart.text import TEST_GROUPS

_TEXTS = ("value_as_number_unreadable", "value_as_string", "value_source_value")
_IDS = ("operator_concept_id", "value_as_concept_id", "unit_concept_id", "qualifier_concept_id")
_OTHERS = ("value_as_number", "unit_source_value", "qualifier_source_value")
LONGEST_DETAIL = 160


def observations(read: Read, interpreter: Interpreter, *, bare_is_yes: bool) -> Interpreted:
    """Give the rows of MEASUREMENT or OBSERVATION their meaning.

    Parameters
    ----------
    read
        The rows whose codes mean something.
    interpreter
        For the codes of answers, units and qualifiers.
    bare_is_yes
        Whether a code without a value asserts what it names; true for observations.
    """
    rows = read.rows
    missing = {name: pl.Int64() for name in _IDS} | {name: pl.String() for name in (*_TEXTS, *_OTHERS)}
    rows = rows.with_columns(
        pl.lit(None, dtype=kind).alias(name) for name, kind in missing.items() if name not in rows.columns
    )
    for name in _IDS:
        interpreter.vocabulary.learn(rows[name].unique().to_list())
    interpreter.look_up_ancestors(rows["value_as_concept_id"].unique().to_list())
    keys = ["meaning", *_IDS, *_TEXTS, *_OTHERS]

    def meaning_of(row: dict[str, Any]) -> Outcome:
        return _Row(row, read.meanings[row["meaning"]], interpreter).outcome(bare_is_yes=bare_is_yes)

    return interpret(rows, keys, meaning_of)


class _Row:
    """One distinct combination of a code and what stands beside it."""

    def __init__(self, row: dict[str, Any], meaning: Meaning, interpreter: Interpreter) -> None:
        self.row, self.meaning, self.interpreter = row, meaning, interpreter
        self.answers = AnswerReader.of(interpreter.knowledge)
        self.value = self._value()

    def outcome(self, *, bare_is_yes: bool) -> Outcome:
        qualifier = self._qualifier()
        if "family" in qualifier:
            return [Refusal("other person", self.meaning.label)]
        if self.meaning.wrapper is not None:
            return self._wrapped()
        if self.meaning.audit and not self.meaning.hits and self.value.code is None:
            return [Refusal("no value", self.meaning.label)]
        refused = refusal_in(qualifier)
        if refused is not None:
            return [Refusal(refused, self.meaning.label)]
        said = status_in(qualifier)
        outcomes = [piece for pieces in self._all(bare_is_yes) for piece in pieces]
        noted = [_with_note(piece, self.meaning.note) for piece in outcomes]
        if said is None:
            return noted
        return [
            piece._replace(status=said) if isinstance(piece, Piece) and piece.status == "present" else piece
            for piece in noted
        ]

    def _all(self, bare_is_yes: bool) -> list[Outcome]:
        found: list[Outcome] = []
        for hit in self.meaning.hits:
            if hit.corticosteroid:
                found.append([Refusal("no concept", self.meaning.label)])
                continue
            bare = bare_is_yes and not self._is_question(hit)
            asked = Asked(hit, self.meaning.label, bare, self.meaning.side)
            found.append(self.answers.read(asked, self.value))
        return found

    def _is_question(self, hit: Hit) -> bool:
        """Tell whether the code asks something: "HIV status" without an answer asserts nothing."""
        tested = self.interpreter.knowledge.concepts[hit.concept].group in TEST_GROUPS
        return tested or any(term.system == "loinc" for term in self.meaning.terms)

    def _wrapped(self) -> Outcome:
        """Read what is framed by "history of", "no history of" or "family history of"."""
        label = f"{self.meaning.label}: {self.value.said or 'nothing said'}"[:LONGEST_DETAIL]
        if self.meaning.wrapper == "family":
            return self._of_family(label)
        if self.meaning.wrapper == "allergy":
            return self._of_allergy(label)
        hits: Hits = self.value.answer
        if not hits:
            names = [self.interpreter.words.free_text(words, "observation") for words in self.value.words]
            hits = next((found.hits for found in names if found.hits), ())
        if not hits:
            return [Refusal("no concept", label)]
        status: Status = "past" if self.meaning.wrapper == "past" else "absent"
        return [asserted(hit, self.meaning, status, None, self.interpreter) for hit in hits]

    def _of_family(self, label: str) -> Outcome:
        for words in self.value.words:
            hits = self.interpreter.words.index.find(f"family history of {words}")
            found = [hit for hit in hits if hit.concept.startswith("family_history")]
            if found:
                return [
                    Piece(hit.concept, "absent" if hit.absent else "present", said=label) for hit in found
                ]
        return [Refusal("other person", label)]

    def _of_allergy(self, label: str) -> Outcome:
        """Read the substance that stands in the value; without one, the allergy itself is what is said."""
        allergens = Allergens.of(self.interpreter.knowledge)
        if self.value.verdict is None and self.value.words:
            found = [allergens.read(words) for words in self.value.words]
        elif self.value.verdict is None and self.value.answer:
            found = [allergens.of_codes(self.value.answer)]
        else:
            found = [allergens.of_codes(self.meaning.hits)]
        if self.value.verdict == "absent":
            found = [each._replace(present=(), absent=each.present) for each in found]
        elif self.value.verdict == "asked_unknown":
            return [Piece(one, "asked_unknown", said=label) for each in found for one in each.present]
        pieces = [Piece(one, "present", said=label) for each in found for one in each.present]
        pieces += [Piece(one, "absent", said=label) for each in found for one in each.absent]
        return list(dict.fromkeys(pieces)) or [Refusal(found[0].reason, label)]

    def _value(self) -> Value:
        vocabulary, row = self.interpreter.vocabulary, self.row
        number = finite(row["value_as_number"])
        texts = [row[column] for column in _TEXTS if row[column]]
        comparator = COMPARATORS.get(row["operator_concept_id"] or 0)
        if comparator is None and number is not None:
            written = [read_number(text) for text in texts]
            comparator = next((w.comparator for w in written if w is not None and w.value == number), None)
        answer_id = row["value_as_concept_id"]
        answer = vocabulary.term(answer_id)
        name = ANSWERS_BY_CONCEPT.get(answer_id or 0) if answer is None else answer.name
        words = tuple(filter(None, [name, *([] if number is not None else texts)]))
        codes = [("omop", str(answer_id))] + ([] if answer is None else [(answer.system or "", answer.code)])
        unit = vocabulary.term(row["unit_concept_id"])
        units = (None if unit is None else unit.code, row["unit_source_value"])
        return Value(
            number,
            comparator,
            tuple(dict.fromkeys(filter(None, units))),
            self.interpreter.of_concept(answer_id),
            None if answer is None else answer.code,
            self.answers.verdict(codes, words),
            side_of_text(words[0], self.interpreter.knowledge) if words else None,
            words,
        )

    def _qualifier(self) -> str:
        name = self.interpreter.vocabulary.name(self.row["qualifier_concept_id"])
        return f"{name or ''} {self.row['qualifier_source_value'] or ''}".strip().lower()


def _with_note(piece: Piece | Refusal, note: str | None) -> Piece | Refusal:
    if note is None or isinstance(piece, Refusal):
        return piece
    return piece._replace(note="; ".join(filter(None, [piece.note, note])))
