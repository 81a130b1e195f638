"""Reads lists of allergies in a text: "allergic to penicillin and aspirin", "Allergies: NSAIDs, nickel".

The words that begin such a list stand once and govern every member. A member that is no known allergy is
set aside: whoever is allergic to a medicine does not take it by that.
"""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

from precollapse.chart.text_phrases import Phrases, Span
from precollapse.chart.text_tokens import BREAKS, normal, phrase
from precollapse.chart.text_words import COORDINATORS
from precollapse.knowledge.model import Concept

T = TypeVar("T")

GROUP = "allergies"  # of the concepts

_LEADS = (phrase("allergic to"), phrase("allergy to"))
_TO = _LEADS[0][-1]
_HEADINGS = frozenset(map(normal, ["allergies", "hypersensitivities", "nka", "nkda"]))
_COLONS = frozenset([":", "=", "-", "–", "—"])
_EXCEPTIONS = tuple(map(phrase, ["except for", "except", "apart from", "other than", "besides"]))
_STOP_WORDS = """
    but takes take taking took on uses use using has have had is was were with without currently now started
    start received receives receiving given therefore so tolerates tolerated medications medication medicines
    drugs history because who which
"""
_STOPS = frozenset(map(normal, _STOP_WORDS.split()))  # what follows is no member of the list
LONGEST_MEMBER = 4
LONGEST_BRACKET = 15
MOST_MEMBERS = 20


def names_all(concept: Concept, said: str) -> bool:
    """Tell whether words name all that an allergy stands for, and not one substance of several.

    Who has no allergy to ibuprofen may have one to aspirin: only words that are the concept's own deny it.
    """
    own = concept.id.rpartition("_")[0].replace("_", " ")
    kind = concept.id.rpartition("_")[2]
    names = {
        phrase(name) for name in (concept.name, own, f"allergy to {own}", f"{own} {kind}", f"{own} allergy")
    }
    spoken = {
        phrase(said),
        phrase(f"allergy to {said}"),
        phrase(said.lower().replace("allergic to", "allergy to")),
    }
    return bool(names & spoken)


class Listed(NamedTuple, Generic[T]):
    """What the lists of a text change.

    ``spans`` are its phrases, with the members in full; ``aside`` says at which tokens phrases begin that a
    list only names; ``leads`` are the words that begin a list: they govern no more than that.
    """

    spans: list[Span[T]]
    aside: frozenset[int] = frozenset()
    leads: tuple[Span[T], ...] = ()


def with_allergies(phrases: Phrases[T], words: tuple[str, ...], found: list[Span[T]]) -> Listed[T]:
    """Return the phrases of a text with the members of its lists of allergies.

    Parameters
    ----------
    phrases
        All known phrases.
    words
        The text.
    found
        The phrases found in it so far.
    """
    members: list[Span[T]] = []
    leads: list[Span[T]] = []
    listed: set[int] = set()
    for position in range(len(words)):
        start = _after_lead(words, position)
        if start is None:
            continue
        if words[start - 1] == _TO:  # "no known allergy to latex" denies no other allergy
            found = [span for span in found if not span.start < position < span.end]
        own, tokens = _members(phrases, words, start)
        if own:
            leads.append(Span(position, start, own[0].meaning))
        members += own
        listed |= tokens
    if not listed:
        return Listed(found)
    taken = {number for span in members for number in range(span.start, span.end)}
    kept = [span for span in found if not taken & set(range(span.start, span.end))]
    aside = frozenset(span.start for span in kept if span.start in listed)
    return Listed([*kept, *members], aside, tuple(leads))


def _after_lead(words: tuple[str, ...], position: int) -> int | None:
    """Return where the first member stands when a list begins here."""
    for lead in _LEADS:
        if words[position : position + len(lead)] == lead:
            return position + len(lead)
    if words[position] not in _HEADINGS:
        return None
    following = position + 1
    if following < len(words) and words[following] in _COLONS:
        return following + 1
    for exception in _EXCEPTIONS:  # "no known allergies except aspirin"
        if words[following : following + len(exception)] == exception:
            return following + len(exception)
    return None


def _members(phrases: Phrases[T], words: tuple[str, ...], start: int) -> tuple[list[Span[T]], set[int]]:
    """Return the known members of one list, and all tokens that the list governs."""
    found: list[Span[T]] = []
    listed: set[int] = set()
    position: int | None = start
    for _ in range(MOST_MEMBERS):
        if position is None:
            break
        end = position
        while end < len(words) and words[end] not in COORDINATORS and words[end] not in BREAKS:
            end += 1
        stop = next((number for number in range(position, end) if words[number] in _STOPS), end)
        if position == start and stop == position:
            stop = end  # "allergies to medications"
        if stop == position or stop - position > LONGEST_MEMBER:
            break
        listed |= set(range(position, stop))
        known = _longest(phrases, words, position, stop)
        if known is not None:
            found.append(known)
        position = _next_member(words, end)
        if stop < end:
            break
    return found, listed


def _next_member(words: tuple[str, ...], end: int) -> int | None:
    """Return where the next member of a list begins; what stands in brackets after one is skipped."""
    if words[end : end + 1] == ("(",) and ")" in words[end : end + LONGEST_BRACKET]:
        end = words.index(")", end) + 1
    following = end
    while following < len(words) and words[following] in COORDINATORS:
        following += 1
    return following if following > end else None


def _longest(phrases: Phrases[T], words: tuple[str, ...], first: int, last: int) -> Span[T] | None:
    """Return the longest known allergy that begins with a member."""
    for end in range(last, first, -1):
        for lead in _LEADS:
            meaning = phrases.table.get((*lead, *words[first:end]))
            if meaning is not None:
                return Span(first, end, meaning)
    return None
