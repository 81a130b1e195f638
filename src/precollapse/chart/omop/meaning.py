"""What the codes of one event mean: concepts of the knowledge, found once per distinct combination of codes.

Codes come first, then the wider concepts of the vocabulary, then the words of names. What cannot be
understood gets the reason for the list of what was not read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from precollapse.chart.alcohol import GRAMS, Alcohol
from precollapse.chart.codes import CodeIndex, Hit, Hits, plain_code
from precollapse.chart.model import Side, Status
from precollapse.chart.omop.guess import Guess, guessed
from precollapse.chart.omop.schema import NO_CONCEPT
from precollapse.chart.omop.terms import WRAPPER_CODES, WRAPPER_CONCEPTS, WRAPPER_NAMES, Wrapper
from precollapse.chart.omop.vocabulary import Term, Vocabulary
from precollapse.chart.omop.words import NameReader
from precollapse.chart.sides import side_of_text
from precollapse.knowledge.bundle import Knowledge

RULE_OUT_CATEGORIES = ("Z03", "Z13")  # encounters for suspicion or screening, ICD-10
LONGEST_DETAIL = 120
MOST_MEANINGS = 100_000  # kept at a time; free text in place of codes has no end


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes of an event as they stand in its three columns."""

    table: str
    concept_id: int | None
    source_concept_id: int | None
    source_value: str | None


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the codes mean; without hits, ``reason`` says why nothing was understood.

    ``status`` is what the words add (in doubt, in the past, denied); ``terms`` are the codes looked up.
    """

    hits: Hits
    label: str
    terms: tuple[Term, ...] = ()
    side: Side | None = None
    status: Status | None = None
    note: str | None = None
    reason: str | None = None
    wrapper: Wrapper | None = None
    audit: Literal["frequency", "quantity"] | None = None  # which question of AUDIT-C it is

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the codes."""
        return tuple(dict.fromkeys(term.name for term in self.terms if term.name))

    @property
    def codings(self) -> tuple[tuple[str, str], ...]:
        """Return vocabulary and code of each concept."""
        return tuple((term.vocabulary, term.code) for term in self.terms)


class Interpreter:
    """Finds the meaning of codes with one knowledge and one vocabulary."""

    def __init__(self, knowledge: Knowledge, vocabulary: Vocabulary) -> None:
        self.knowledge = knowledge
        self.vocabulary = vocabulary
        self.codes = CodeIndex.of(knowledge)
        self.words = NameReader(knowledge)
        self._hierarchical = _codes_with_children(knowledge)
        # Questions that count drinks are no grams by themselves, so the concept does not list their codes.
        self._drinks = frozenset(map(str, knowledge.substances["alcohol"].get("quantity_codes", ())))
        alcohol = Alcohol.of(knowledge)
        self._audit: dict[str, Literal["frequency", "quantity"]] = {
            alcohol.frequency_question: "frequency",
            alcohol.quantity_question: "quantity",
        }
        self._ancestors: dict[int, list[Term]] = {}
        self._ancestors_asked: set[int] = set()
        self._meanings: dict[Codes, Meaning] = {}

    def look_up_ancestors(self, ids: Iterable[int | None]) -> None:
        """Look up the wider concepts of those ids whose own codes mean nothing."""
        wanted = {number for number in ids if number} - self._ancestors_asked
        self._ancestors_asked |= wanted
        unknown = {
            number
            for number in wanted
            if (term := self.vocabulary.term(number)) is not None and not self.of_term(term)
        }
        # Added to what is known: answers are looked up after the codes of other tables.
        self._ancestors |= self.vocabulary.ancestors(unknown, self.of_term)

    def of_term(self, term: Term | None) -> Hits:
        """Return what the code of a concept means by itself."""
        return () if term is None or term.system is None else self.of_code(term.system, term.code)

    def of_code(self, system: str, code: str) -> Hits:
        """Return what a code means by itself."""
        if system == "loinc" and code in self._drinks:
            return (Hit(GRAMS),)
        return self.codes.find(system, code)

    def of_concept(self, number: int | None) -> Hits:
        """Return what a concept means by its code or, failing that, by its nearest known wider concept."""
        hits = self.of_term(self.vocabulary.term(number))
        if hits or number is None:
            return hits
        for term in self._ancestors.get(number, ()):
            wider = self.of_term(term)
            if wider and self._inherits(term, wider):
                return wider
        return ()

    def _inherits(self, term: Term, hits: Hits) -> bool:
        """Tell whether what a wider concept means also holds for the narrower one.

        A product contains its ingredient; elsewhere the knowledge must say so (``children``).
        """
        if term.system in {"rxnorm", "atc"}:
            return all(hit.corticosteroid or self.knowledge.concepts[hit.concept].medicine for hit in hits)
        return (term.system, plain_code(term.system or "", term.code)) in self._hierarchical

    def meaning(self, codes: Codes) -> Meaning:
        """Return the meaning of one combination of codes; batches of patients share most of them."""
        known = self._meanings.get(codes)
        if known is None:
            if len(self._meanings) >= MOST_MEANINGS:
                self._meanings.clear()
            known = self._meanings[codes] = self._meaning(codes)
        return known

    def _meaning(self, codes: Codes) -> Meaning:
        ids = (codes.concept_id, codes.source_concept_id)
        terms = tuple(term for number in ids if (term := self.vocabulary.term(number)) is not None)
        empty = Meaning((), _label(codes, terms), terms)
        wrapper = _wrapper(codes, terms)
        if wrapper is not None and wrapper != "allergy":
            return replace(empty, wrapper=wrapper)
        return replace(self._of_codes(codes, empty), wrapper=wrapper)

    def _of_codes(self, codes: Codes, empty: Meaning) -> Meaning:
        ids, terms = (codes.concept_id, codes.source_concept_id), empty.terms
        found = [self.of_concept(number) for number in ids]
        guess = guessed(codes.table, codes.source_value, {(term.system, term.code) for term in terms})
        notes: list[str] = []
        if guess is not None:
            found.append(self.of_code(guess.system, guess.code))
            if found[-1] and not guess.stated:
                notes.append(f"source value {codes.source_value} read as {guess.name}")
        codings = [(term.system, term.code) for term in terms]
        codings += [(guess.system, guess.code)] if guess is not None else []
        questions = (self._audit.get(code) for system, code in codings if system == "loinc")
        empty = replace(empty, audit=next((question for question in questions if question), None))
        hits, disagreement = self._merged([hits for hits in found if hits])
        if not hits and empty.audit is None:
            return self._from_words(codes, empty, guess)
        side = self._side_of((*empty.names, codes.source_value))
        return replace(empty, hits=hits, side=side, note="; ".join([*notes, *disagreement]) or None)

    def _from_words(self, codes: Codes, empty: Meaning, guess: Guess | None) -> Meaning:
        """Read the names of codes that the knowledge does not list, or what was written instead of a code."""
        text = codes.source_value
        for name in empty.names:
            found = self.words.name(name, codes.table)
            if found.hits:
                note = f"read from the name {name[:LONGEST_DETAIL]}"
                side = self._side_of((*empty.names, text))
                return replace(empty, hits=found.hits, side=side, status=found.status, note=note)
        if guess is not None and (text or "").strip().upper().startswith(RULE_OUT_CATEGORIES):
            return replace(empty, reason="rule-out")
        if text and guess is None and not empty.terms:
            return self._from_source(text, codes.table, empty)
        family = any(name.lower().startswith("family history") for name in empty.names)
        return replace(empty, reason="other person" if family else "no concept")

    def _from_source(self, text: str, table: str, empty: Meaning) -> Meaning:
        found = self.words.free_text(text, table)
        if not found.hits:
            return replace(empty, reason=found.reason or "no concept")
        note = "read from the source's own words"
        return replace(empty, hits=found.hits, side=self._side_of((text,)), status=found.status, note=note)

    def _side_of(self, texts: Iterable[str | None]) -> Side | None:
        """Return the side that texts name; none when they name different ones."""
        sides = {side for text in texts if (side := side_of_text(text, self.knowledge)) is not None}
        return next(iter(sides)) if len(sides) == 1 else None

    def _merged(self, found: list[Hits]) -> tuple[Hits, list[str]]:
        """Join what several codes of one event mean; the more exact of two that agree wins."""
        joined: dict[tuple[str, bool, str | None], Hit] = {}
        sides: dict[tuple[str, bool, str | None], set[Side]] = {}
        for hit in (hit for hits in found for hit in hits):
            key = (hit.concept, hit.absent, hit.choice)
            joined.setdefault(key, hit)
            sides.setdefault(key, set()).update([hit.side] if hit.side else [])
        chosen = {hit.concept for hit in joined.values() if hit.choice}
        hits = tuple(
            replace(hit, side=next(iter(sides[key])) if len(sides[key]) == 1 else None)
            for key, hit in joined.items()
            if hit.choice or hit.concept not in chosen
        )
        notes = ["sides disagree"] if any(len(named) > 1 for named in sides.values()) else []
        sets = [{hit.concept for hit in hits} for hits in found]
        if any(not self._agree(first, second) for first in sets for second in sets):
            notes.append("codings disagree: " + ", ".join(sorted(set().union(*sets))))
        return hits, notes

    def _agree(self, first: set[str], second: set[str]) -> bool:
        wide_first, wide_second = self._with_implied(first), self._with_implied(second)
        return first <= wide_second or second <= wide_first

    def _with_implied(self, concepts: set[str]) -> set[str]:
        done: set[str] = set()
        open_ones = list(concepts)
        while open_ones:
            name = open_ones.pop()
            if name not in done:
                done.add(name)
                concept = self.knowledge.concepts.get(name)
                open_ones += concept.implies if concept is not None else ()
        return done


def _wrapper(codes: Codes, terms: tuple[Term, ...]) -> Wrapper | None:
    if codes.concept_id in WRAPPER_CONCEPTS:
        return WRAPPER_CONCEPTS[codes.concept_id]
    for term in terms:
        found = WRAPPER_CODES.get((term.system or "", term.code)) or WRAPPER_NAMES.get(term.name.lower())
        if found is not None:
            return found
    return None


def _label(codes: Codes, terms: tuple[Term, ...]) -> str:
    """Return how the event is cited to people: terminology, code and name, or what little there is."""
    if terms:
        label = terms[-1].label
    elif codes.source_value:
        label = f"source value {codes.source_value}"
    elif codes.concept_id not in {None, NO_CONCEPT}:
        label = f"concept id {codes.concept_id}, which no CONCEPT table explains"
    else:
        label = "no code"
    return label[:LONGEST_DETAIL]


def _codes_with_children(knowledge: Knowledge) -> frozenset[tuple[str, str]]:
    return frozenset(
        (code.system, plain_code(code.system, code.code))
        for concept in knowledge.concepts.values()
        for code in concept.codes
        if code.children
    )
