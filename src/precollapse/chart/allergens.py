"""Finds which allergy is meant where only the substance is named: "aspirin", "fish", "no known allergies".

The words stand in the knowledge: a concept that can be called "allergy to …" or "intolerance to …" is an
allergy. A medicine that none of them names is sought by its other names and by the classes it belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from precollapse.chart.codes import Hits
from precollapse.chart.compiled import once_per_knowledge
from precollapse.chart.text import TextIndex
from precollapse.chart.text_allergies import names_all
from precollapse.chart.text_tokens import phrase
from precollapse.knowledge.bundle import Knowledge

ALLERGY, INTOLERANCE = "allergy to", "intolerance to"
LONGEST_SUBSTANCE = 200
_TAG = re.compile(r"\s*\([a-z /]+\)\s*$")  # the kind that SNOMED CT appends: "Fish (substance)"
_NONE = frozenset(map(phrase, ["none", "no", "nil", "none known", "nil known", "not known to have any"]))
NO_ALLERGY = "no known allergies"


class Allergies(NamedTuple):
    """The allergies that an entry names.

    ``whole`` holds those of which the entry names all, not one substance of several: who has no allergy to
    ibuprofen may have one to aspirin. ``reason`` says why there are none (see UNREAD_REASONS).
    """

    present: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    whole: frozenset[str] = frozenset()
    reason: str = "no concept"


class Allergens:
    """The allergies of one knowledge, ready to be sought. Use ``Allergens.of(knowledge)``."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.text = TextIndex.of(knowledge)
        self._named: dict[tuple[str, ...], str] = {
            phrase(said): concept.id
            for concept in knowledge.concepts.values()
            for said in concept.synonyms
            if said.startswith((ALLERGY, INTOLERANCE))
        }
        self.concepts = frozenset(self._named.values())

    @staticmethod
    def of(knowledge: Knowledge) -> Allergens:
        """Return the allergies of a knowledge, built once."""
        return _allergens(knowledge)

    def read(self, words: str, *, intolerance: bool = False) -> Allergies:
        """Return the allergies that the name of a substance, or a statement about allergies, stands for.

        Parameters
        ----------
        words
            "Aspirin", "allergy to peanut", "no known drug allergies".
        intolerance
            The record calls it an intolerance: "milk" is then sought as such first.
        """
        plain = _TAG.sub("", words[:LONGEST_SUBSTANCE]).strip()
        if phrase(plain) in _NONE:
            plain = NO_ALLERGY
        stated = self._stated(plain)
        if stated.present or stated.absent or stated.reason != "no concept":
            return stated
        leads = (INTOLERANCE, ALLERGY) if intolerance else (ALLERGY, INTOLERANCE)
        for lead in leads:
            found = [
                hit.concept for hit in self.text.find(f"{lead} {plain}") if self._is_allergy(hit.concept)
            ]
            found += self._of_names(lead, self._substances(plain))
            if found:
                return self._allergies(found, plain)
        return Allergies()

    def of_any(self) -> Allergies:
        """Return the allergy of any kind: the one that is denied by saying that there is none."""
        return Allergies(self._stated(NO_ALLERGY).absent)

    def of_codes(self, hits: Hits) -> Allergies:
        """Return the allergies that codes stand for: their own, or those of a medicine."""
        own = [hit for hit in hits if self._is_allergy(hit.concept)]
        present = [hit.concept for hit in own if not hit.absent]
        absent = [hit.concept for hit in own if hit.absent]
        if not own:
            present = self._of_names(ALLERGY, ((hit.concept, hit.corticosteroid) for hit in hits))
        return Allergies(tuple(dict.fromkeys(present)), tuple(dict.fromkeys(absent)))

    def _stated(self, words: str) -> Allergies:
        """Read words that speak of an allergy themselves."""
        reading = self.text.read(words, named_is_present=True)
        hits = [hit for hit in reading.hits if self._is_allergy(hit.concept)]
        if not hits:
            reasons = {aside.reason for aside in reading.set_aside if self._is_allergy(aside.concept)}
            reasons |= {aside.reason for aside in reading.set_aside} & {"other person"}
            return Allergies(reason=next(iter(sorted(reasons)), "no concept"))
        found = self._allergies([hit.concept for hit in hits if not hit.absent], words)
        return found._replace(absent=tuple(dict.fromkeys(hit.concept for hit in hits if hit.absent)))

    def _allergies(self, found: Iterable[str], words: str) -> Allergies:
        present = tuple(dict.fromkeys(found))
        whole = frozenset(one for one in present if names_all(self.knowledge.concepts[one], words))
        return Allergies(present, (), whole)

    def _is_allergy(self, concept: str | None) -> bool:
        return concept in self.concepts

    def _substances(self, words: str) -> Iterable[tuple[str, bool]]:
        """Return the medicines that words name, each with whether it is a corticosteroid."""
        return [(hit.concept, hit.corticosteroid) for hit in self.text.read(words, in_list=True).hits]

    def _of_names(self, lead: str, substances: Iterable[tuple[str, bool]]) -> list[str]:
        """Return the allergies that the other names of medicines and of their classes lead to."""
        found = []
        for substance, corticosteroid in substances:
            for names in self._names(substance, corticosteroid=corticosteroid):
                allergy = next(
                    filter(None, (self._named.get(phrase(f"{lead} {name}")) for name in names)), None
                )
                if allergy is not None:
                    found.append(allergy)
                    break
        return found

    def _names(self, substance: str, *, corticosteroid: bool) -> Iterable[tuple[str, ...]]:
        """Yield the names of a medicine, then those of each wider class."""
        if corticosteroid:
            ingredient = self.knowledge.corticosteroids[substance]
            yield (ingredient.name, *ingredient.synonyms)
            return
        todo, seen = [substance], set[str]()
        while todo:
            concept = self.knowledge.concepts.get(todo.pop(0))
            if concept is None or concept.id in seen or not concept.medicine:
                continue
            seen.add(concept.id)
            yield (concept.name, *concept.synonyms)
            todo += concept.implies


@once_per_knowledge
def _allergens(knowledge: Knowledge) -> Allergens:
    return Allergens(knowledge)
