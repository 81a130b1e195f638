"""What each phrase of the knowledge stands for, and which meaning is taken when several share a phrase."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from precollapse.chart.text_phrases import Phrases
from precollapse.chart.text_tokens import phrase
from precollapse.chart.text_words import ANY_METHOD, IMAGING_METHODS
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.model import Concept

METHOD_PREFIXES = tuple(dict.fromkeys(IMAGING_METHODS.values()))


class Meaning(NamedTuple):
    """One thing a phrase can stand for."""

    concept: str
    absent: bool = False
    choice: str | None = None
    corticosteroid: bool = False
    medicine: bool = False
    listed: bool = False  # means it only where medicines are listed

    @property
    def method(self) -> str | None:
        """The prefix of the imaging method whose finding this is, if it is one."""
        return next((prefix for prefix in METHOD_PREFIXES if self.concept.startswith(prefix)), None)


_METHODS = Phrases.of(IMAGING_METHODS)


def method_named(words: tuple[str, ...]) -> str | None:
    """Return the prefix of the one imaging method a text names, if it names exactly one."""
    found = {span.meaning for span in _METHODS.all(words)}
    return found.pop() if len(found) == 1 else None


def choose(meanings: tuple[Meaning, ...], prefer: str | None, concepts: Collection[str]) -> Meaning | None:
    """Pick the meaning that fits the imaging method, if there is one.

    A finding of another method never fits. Without a method, what is no imaging finding comes first, then
    a finding of whatever method, then one that only a single method can show.
    """
    fitting = [meaning for meaning in meanings if prefer and meaning.concept.startswith(prefer)]
    if fitting:
        return fitting[0]
    siblings = [meaning for meaning in meanings if prefer and _sibling(meaning, prefer) in concepts]
    if siblings and prefer:
        return siblings[0]._replace(concept=_sibling(siblings[0], prefer))
    general = [meaning for meaning in meanings if meaning.method is None]
    if general:
        any_method = [meaning for meaning in general if meaning.concept.startswith(ANY_METHOD)]
        others = [meaning for meaning in general if meaning not in any_method]
        return ((any_method if prefer in METHOD_PREFIXES else []) + others + any_method)[0]
    methods = {meaning.method for meaning in meanings}
    return meanings[0] if prefer not in METHOD_PREFIXES and len(methods) == 1 else None


def choose_all(
    meanings: tuple[Meaning, ...], prefer: str | None, concepts: Collection[str], *, in_list: bool
) -> tuple[Meaning, ...]:
    """Pick what a phrase means: one thing, or every class that a medicine belongs to.

    In a list of medicines a medicine is meant; elsewhere what only lists call so is not.
    """
    medicines = tuple(each for each in meanings if each.medicine and (in_list or not each.listed))
    if in_list and medicines:
        return medicines
    chosen = choose(tuple(each for each in meanings if not each.listed), prefer, concepts)
    if chosen is None:
        return ()
    return medicines if chosen in medicines else (chosen,)


def _sibling(meaning: Meaning, prefer: str) -> str:
    return prefer + meaning.concept.removeprefix(meaning.method) if meaning.method else ""


def table_of(
    knowledge: Knowledge, test_groups: Collection[str], *, keep_both: bool
) -> Mapping[tuple[str, ...], tuple[Meaning, ...]]:
    """Put all phrases under their normal words; phrases with "both" are kept apart from the others."""
    table: dict[tuple[str, ...], tuple[Meaning, ...]] = {}
    for said, meaning in _entries(knowledge, test_groups):
        key = phrase(said, keep_both=keep_both)
        has_both = len(phrase(said, keep_both=True)) != len(phrase(said))
        if not key or has_both != keep_both:
            continue
        known = table.get(key, ())
        if all(other.concept != meaning.concept for other in known):
            table[key] = (*known, meaning)
    return table


def _entries(knowledge: Knowledge, test_groups: Collection[str]) -> Iterable[tuple[str, Meaning]]:
    """List every phrase with what it stands for, concepts before corticosteroids."""
    concepts = knowledge.concepts.values()
    for concept in concepts:
        yield from ((said, Meaning(concept.id, absent=True)) for said in concept.synonyms_absent)
        chosen = {phrase(said): choice for choice, words in concept.choices.items() for said in words}
        yield from (
            (said, Meaning(concept.id, choice=chosen.get(phrase(said)), medicine=concept.medicine))
            for said in concept.synonyms
        )
        yield concept.name, Meaning(concept.id, medicine=concept.medicine)
        listed = Meaning(concept.id, medicine=True, listed=True)
        yield from ((said, listed) for said in concept.synonyms_in_lists)
    yield from _standalone_choices([concept for concept in concepts if concept.group not in test_groups])
    for steroid in knowledge.corticosteroids.values():
        for said in (steroid.name, *steroid.synonyms):
            yield said, Meaning(steroid.id, corticosteroid=True, medicine=True)


def _standalone_choices(concepts: Iterable[Concept]) -> Iterable[tuple[str, Meaning]]:
    """List the words of choices that can only mean one concept: several words, and of one concept only."""
    owners: dict[tuple[str, ...], set[str]] = {}
    found: list[tuple[str, Meaning]] = []
    for concept in concepts:
        for choice, words in concept.choices.items():
            for said in words:
                owners.setdefault(phrase(said), set()).add(concept.id)
                found.append((said, Meaning(concept.id, choice=choice)))
    return [
        (said, meaning) for said, meaning in found if len(phrase(said)) > 1 and len(owners[phrase(said)]) == 1
    ]
