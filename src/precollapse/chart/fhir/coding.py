"""What a coded element of a resource means: concepts, side, words; each distinct element is worked out once.

Codes come first, words only where no code is known to the knowledge. Observations with a laboratory code
that the knowledge does not have are never guessed from their name: "creatinine" in urine is another test.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from msgspec import Raw

from precollapse.chart.alcohol import GRAMS, Alcohol
from precollapse.chart.codes import CodeIndex, Hit, Hits, plain_code
from precollapse.chart.compiled import once_per_knowledge
from precollapse.chart.fhir.datatypes import NOTHING, CodeableConcept, Coding, decoded, listed
from precollapse.chart.model import Side
from precollapse.chart.routes import is_hip
from precollapse.chart.sides import joined_side, side_words
from precollapse.chart.text import TextHit, TextIndex
from precollapse.knowledge.bundle import Knowledge

T = TypeVar("T")
Use = Literal["diagnosis", "finding", "procedure", "medicine", "value"]

LONGEST_LABEL = 120
LONGEST_REMEMBERED = 4_000  # bytes of one element; longer ones do not repeat
MOST_REMEMBERED = 30_000

# Categories of ICD-10 that are no diagnosis: encounters for suspicion or screening, diseases of relatives.
RULE_OUT_CATEGORIES = ("Z03", "Z13")
RELATIVES_CATEGORIES = ("Z80", "Z81", "Z82", "Z83", "Z84")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an element means; without hits, ``reason`` says why (see UNREAD_REASONS).

    ``doubtful`` names the concepts of which its words say "possible". ``codes`` are system and code by our
    short names, ``words`` the author's text and the displays.
    """

    hits: Hits = ()
    label: str = ""
    side: Side | None = None
    note: str | None = None
    reason: str = "no concept"
    doubtful: frozenset[str] = frozenset()
    codes: tuple[tuple[str, str], ...] = ()
    words: tuple[str, ...] = ()
    question: str | None = None  # the question of AUDIT-C that it is
    codings: tuple[tuple[str | None, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    """A part of the body: its side, and whether it is the hip (None when it cannot be told)."""

    side: Side | None = None
    hip: bool | None = None
    words: str = ""


NO_SITE = Site()


class Meanings:
    """Finds and remembers meanings with one knowledge. Use ``Meanings.of(knowledge)``."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.codes = CodeIndex.of(knowledge)
        self.text = TextIndex.of(knowledge)
        self.sides = side_words(knowledge)
        self.alcohol = Alcohol.of(knowledge)
        self._remembered: dict[Use, dict[bytes, Meaning]] = {}
        self._sites: dict[bytes, Site] = {}

    @staticmethod
    def of(knowledge: Knowledge) -> Meanings:
        """Return the meanings of a knowledge, remembered from earlier records."""
        return _meanings(knowledge)

    def known(self, use: Use) -> dict[bytes, Meaning]:
        """Return what is remembered for one use, for loops that look up before they ask."""
        return self._remembered.setdefault(use, {})

    def of_raw(self, raw: Raw, use: Use) -> Meaning:
        """Return the meaning of an undecoded element."""
        data = bytes(raw)
        known = self.known(use)
        meaning = known.get(data)
        if meaning is None:
            concept = decoded(raw, CodeableConcept)
            meaning = Meaning(reason="no value") if concept is None else self.of_concept(concept, use)
            _remember(known, data, meaning)
        return meaning

    def of_concept(self, concept: CodeableConcept, use: Use) -> Meaning:
        """Return the meaning of a decoded element."""
        codings = concept.coding or []
        words = concept.words
        codes = tuple(
            (table.system, plain_code(table.system, coding.code))
            for coding in codings
            if coding.code and (table := self.codes.table_of(coding.system)) is not None
        )
        base = Meaning(
            label=_label(words, codings),
            codes=codes,
            words=words,
            question=next((code for _, code in codes if code in self.alcohol.questions), None),
            codings=tuple((coding.system, coding.code) for coding in codings),
        )
        if _in_category(codes, RULE_OUT_CATEGORIES):
            return replace(base, reason="rule-out")
        hits, notes = self._merged([self.codes.find(system, code) for system, code in codes])
        if not hits and _in_category(codes, RELATIVES_CATEGORIES):
            return replace(base, reason="other person")
        if not hits and use == "finding" and self._counts_drinks(base):
            return replace(base, hits=(Hit(GRAMS),))
        if not hits:
            return self._from_words(base, use, coded=bool(codes))
        return self._with_words(base, hits, notes, concept.text, in_list=use == "medicine")

    def _counts_drinks(self, base: Meaning) -> bool:
        if base.codes:
            return any(code in self.alcohol.counts for system, code in base.codes if system == "loinc")
        return self.alcohol.is_count(base.label)

    def _with_words(
        self, base: Meaning, hits: Hits, notes: list[str], text: str | None, *, in_list: bool
    ) -> Meaning:
        """Add to coded hits what the words say: the side, doubt, or that it is only to be ruled out."""
        sides = {side for words in base.words if (side := self.sides.in_text(words)) is not None}
        side = joined_side(sides)
        doubtful: set[str] = set()
        if text:
            reading = self.text.read(text, named_is_present=True, in_list=in_list)
            concepts = {hit.concept for hit in hits}
            aside = {found.reason for found in reading.set_aside if found.concept in concepts}
            aside &= {"rule-out", "other person"}
            if aside and not any(hit.concept in concepts for hit in reading.hits):
                return replace(base, reason=aside.pop())
            doubtful = {hit.concept for hit in reading.hits if hit.uncertain} & concepts
        note = "; ".join(notes) or None
        return replace(base, hits=hits, side=side, note=note, doubtful=frozenset(doubtful))

    def _from_words(self, base: Meaning, use: Use, *, coded: bool) -> Meaning:
        if use == "finding" and coded:
            return base
        reason = base.reason
        for words in base.words:
            reading = self.text.read(words, named_is_present=use == "diagnosis", in_list=use == "medicine")
            hits = _hits(reading.hits)
            if use == "finding":
                bare = (aside.concept for aside in reading.set_aside if aside.reason == "no value")
                hits += tuple(Hit(concept) for concept in bare if concept is not None)
            hits = self._merged([hits])[0]
            if hits:
                doubtful = frozenset(hit.concept for hit in reading.hits if hit.uncertain)
                side = self.sides.in_text(words)
                return replace(base, hits=hits, side=side, doubtful=doubtful, note="read from its words")
            reasons = [aside.reason for aside in reading.set_aside]
            reason = next((found for found in reasons if found != "no value"), reason)
        return replace(base, reason=reason)

    def _merged(self, found: list[Hits]) -> tuple[Hits, list[str]]:
        """Join what several codes of one element mean."""
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
        sets = [{hit.concept for hit in hits} for hits in found if hits]
        if any(not self._agree(first, second) for first in sets for second in sets):
            notes.append("codings disagree: " + ", ".join(sorted(set().union(*sets))))
        return hits, list(dict.fromkeys(notes))

    def _agree(self, first: set[str], second: set[str]) -> bool:
        return first <= self._implied(second) or second <= self._implied(first)

    def _implied(self, concepts: Iterable[str]) -> set[str]:
        wide: set[str] = set()
        pending = list(concepts)
        while pending:
            name = pending.pop()
            if name not in wide:
                wide.add(name)
                concept = self.knowledge.concepts.get(name)
                pending.extend(concept.implies if concept is not None else ())
        return wide

    def site(self, raw: Raw) -> Site:
        """Return the part of the body that ``bodySite`` names."""
        if raw is NOTHING:
            return NO_SITE
        data = bytes(raw)
        site = self._sites.get(data)
        if site is None:
            site = self.site_of(listed(raw, CodeableConcept))
            _remember(self._sites, data, site)
        return site

    def site_of(self, concepts: list[CodeableConcept]) -> Site:
        """Return the part of the body that decoded elements name."""
        words = " ".join(word for concept in concepts for word in concept.words)
        found = {
            side
            for concept in concepts
            for coding in concept.coding or ()
            if (side := self.sides.in_code(coding.system, coding.code)) is not None
        }
        in_words = self.sides.in_text(words)
        if in_words is not None:
            found.add(in_words)
        return Site(joined_side(found), is_hip(words), words)


def _remember(memory: dict[bytes, T], data: bytes, value: T) -> None:
    if len(data) <= LONGEST_REMEMBERED and len(memory) < MOST_REMEMBERED:
        memory[data] = value


def _label(words: tuple[str, ...], codings: list[Coding]) -> str:
    if words:
        return words[0][:LONGEST_LABEL]
    return next((coding.code[:LONGEST_LABEL] for coding in codings if coding.code), "")


def _in_category(codes: tuple[tuple[str, str], ...], categories: tuple[str, ...]) -> bool:
    return any(system.startswith("icd10") and code.startswith(categories) for system, code in codes)


def _hits(found: tuple[TextHit, ...]) -> Hits:
    return tuple(Hit(hit.concept, hit.side, hit.choice, hit.absent, hit.corticosteroid) for hit in found)


@once_per_knowledge
def _meanings(knowledge: Knowledge) -> Meanings:
    return Meanings(knowledge)
