"""What the codes of one event mean: concepts of the knowledge, found once per distinct combination of codes.

Codes come first, then the wider concepts of the vocabulary, then the words of names. What cannot be
understood gets the reason for the list of what was not read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from precollapse.chart.codes import CodeIndex, Hit, Hits, plain_code
from precollapse.chart.model import Side, Status
from precollapse.chart.omop.guess import guessed
from precollapse.chart.omop.schema import NO_CONCEPT
from precollapse.chart.omop.terms import WRAPPER_CODES, WRAPPER_CONCEPTS, WRAPPER_NAMES, Wrapper
from precollapse.chart.omop.vocabulary import Term, Vocabulary
from precollapse.chart.omop.words import NameReader
from precollapse.chart.sides import side_of_text
from precollapse.knowledge.bundle import Knowledge

RULE_OUT_CATEGORIES = ("Z03", "Z13")  # encounters for suspicion or screening, ICD-10
LONGEST_DETAIL = 120


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

    ``status`` is what the words add (in doubt, in the past, denied); ``names`` are the names of the codes.
    """

    hits: Hits
    label: str
    names: tuple[str, ...] = ()
    side: Side | None = None
    status: Status | None = None
    note: str | None = None
    reason: str | None = None
    wrapper: Wrapper | None = None


class Interpreter:
    """Finds the meaning of codes with one knowledge and one vocabulary."""

    def __init__(self, knowledge: Knowledge, vocabulary: Vocabulary) -> None:
        self.knowledge = knowledge
        self.vocabulary = vocabulary
        self.codes = CodeIndex.of(knowledge)
        self.words = NameReader(knowledge)
        self._hierarchical = _codes_with_children(knowledge)
        self._ancestors: dict[int, list[Term]] = {}

    def look_up_ancestors(self, ids: Iterable[int | None]) -> None:
        """Look up the wider concepts of those ids whose own codes mean nothing."""
        unknown = {
            number
            for number in ids
            if number and (term := self.vocabulary.term(number)) is not None and not self.of_term(term)
        }
        self._ancestors = self.vocabulary.ancestors(unknown)

    def of_term(self, term: Term | None) -> Hits:
        """Return what the code of a concept means by itself."""
        return () if term is None or term.system is None else self.codes.find(term.system, term.code)

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
        """Return the meaning of one combination of codes."""
        terms = [
            term
            for number in (codes.concept_id, codes.source_concept_id)
            if (term := self.vocabulary.term(number)) is not None
        ]
        found = [self.of_concept(codes.concept_id), self.of_concept(codes.source_concept_id)]
        guess = guessed(codes.table, codes.source_value, {(term.system, term.code) for term in terms})
        assumed: list[str] = []
        if guess is not None:
            from_source = self.codes.find(guess.system, guess.code)
            if from_source and not guess.stated:
                assumed.append(f"source value {codes.source_value} read as {guess.name}")
            found.append(from_source)
        label, names = _label(codes, terms), tuple(dict.fromkeys(term.name for term in terms if term.name))
        wrapper = _wrapper(codes, terms)
        if wrapper is not None:
            return Meaning((), label, names, wrapper=wrapper)
        hits, disagreement = self._merged([hits for hits in found if hits])
        if not hits:
            return self._from_words(codes, label, names, guess is not None)
        side = self._side_of_names(names, codes.source_value)
        note = "; ".join([*assumed, *disagreement]) or None
        return Meaning(hits, label, names, side=side, note=note)

    def _from_words(self, codes: Codes, label: str, names: tuple[str, ...], guessed_code: bool) -> Meaning:
        if _is_rule_out(codes.source_value) and guessed_code:
            return Meaning((), label, names, reason="rule-out")
        text = codes.source_value
        coded = bool(names) or guessed_code
        for name in names:
            found = self.words.name(name, codes.table)
            if found.hits:
                note = f"read from the name {name[:LONGEST_DETAIL]}"
                return Meaning(found.hits, label, names, self._side_of_names(names, text), found.status, note)
        if text and not coded:
            found = self.words.free_text(text, codes.table)
            if found.hits:
                note = "read from the source's own words"
                return Meaning(found.hits, label, names, None, found.status, note)
            if found.reason:
                return Meaning((), label, names, reason=found.reason)
        family = any(name.lower().startswith("family history") for name in names)
        return Meaning((), label, names, reason="other person" if family else "no concept")

    def _side_of_names(self, names: tuple[str, ...], source_value: str | None) -> Side | None:
        texts = [*names, source_value or ""]
        sides = {side for text in texts if (side := side_of_text(text, self.knowledge)) is not None}
        return next(iter(sides)) if len(sides) == 1 else None

    def _merged(self, found: list[Hits]) -> tuple[Hits, list[str]]:
        """Join what several codes of one event mean; the more exact of two that agree wins."""
        joined: dict[tuple[str, bool, str | None], Hit] = {}
        notes: list[str] = []
        for hit in (hit for hits in found for hit in hits):
            key = (hit.concept, hit.absent, hit.choice)
            known = joined.get(key, hit)
            side = hit.side or known.side
            if known.side and hit.side and known.side != hit.side:
                side = None
                notes.append("sides disagree")
            joined[key] = replace(hit, side=side)
        chosen = {hit.concept for hit in joined.values() if hit.choice}
        hits = tuple(hit for hit in joined.values() if hit.choice or hit.concept not in chosen)
        sets = [{hit.concept for hit in hits} for hits in found]
        if any(not self._agree(first, second) for first in sets for second in sets):
            notes.append("codings disagree: " + ", ".join(sorted(set().union(*sets))))
        return hits, list(dict.fromkeys(notes))

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


def _wrapper(codes: Codes, terms: list[Term]) -> Wrapper | None:
    if codes.concept_id in WRAPPER_CONCEPTS:
        return WRAPPER_CONCEPTS[codes.concept_id]
    for term in terms:
        found = WRAPPER_CODES.get((term.system or "", term.code)) or WRAPPER_NAMES.get(term.name.lower())
        if found is not None:
            return found
    return None


def _label(codes: Codes, terms: list[Term]) -> str:
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


def _is_rule_out(source_value: str | None) -> bool:
    return source_value is not None and source_value.strip().upper().startswith(RULE_OUT_CATEGORIES)


def _codes_with_children(knowledge: Knowledge) -> frozenset[tuple[str, str]]:
    return frozenset(
        (code.system, plain_code(code.system, code.code))
        for concept in knowledge.concepts.values()
        for code in concept.codes
        if code.children
    )
