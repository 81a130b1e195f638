"""Finds known phrases in a row of tokens: whole words only, the longest phrase first.

Shared heads and beginnings are completed: "hip and groin pain" holds "hip pain", "pain in hip or thigh"
holds "pain in thigh".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Generic, NamedTuple, TypeVar

from precollapse.chart.text_tokens import BREAKS, Token, phrase
from precollapse.chart.text_words import COORDINATORS

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

LONGEST_CONJUNCT = 3  # "low back, hip and knee pain": words that may stand for one member of a list
MOST_CONJUNCTS = 6


class Span(NamedTuple, Generic[T_co]):
    """A phrase found: from which token to which, and what it stands for."""

    start: int
    end: int
    meaning: T_co


class Phrases(Generic[T]):
    """A table of phrases, each with what it stands for."""

    def __init__(self, entries: Iterable[tuple[tuple[str, ...], T]]) -> None:
        self.table: dict[tuple[str, ...], T] = {words: meaning for words, meaning in entries if words}
        self._lengths: dict[str, tuple[int, ...]] = {}
        lengths: dict[str, set[int]] = {}
        for words in self.table:
            lengths.setdefault(words[0], set()).add(len(words))
        for first, found in lengths.items():
            self._lengths[first] = tuple(sorted(found, reverse=True))

    @classmethod
    def of(cls, entries: Mapping[str, T]) -> Phrases[T]:
        """Build from phrases as people write them."""
        return cls((phrase(words), meaning) for words, meaning in entries.items())

    def at(self, words: tuple[str, ...], start: int, stop: int | None = None) -> Span[T] | None:
        """Return the longest phrase that begins at one token and ends before another."""
        limit = len(words) if stop is None else stop
        for length in self._lengths.get(words[start], ()):
            if start + length <= limit:
                meaning = self.table.get(words[start : start + length])
                if meaning is not None:
                    return Span(start, start + length, meaning)
        return None

    def ending(self, words: tuple[str, ...], end: int, longest: int = 4) -> Span[T] | None:
        """Return the longest phrase that ends just before one token."""
        for length in range(min(longest, end), 0, -1):
            meaning = self.table.get(words[end - length : end])
            if meaning is not None:
                return Span(end - length, end, meaning)
        return None

    def all(self, words: tuple[str, ...], taken: frozenset[int] = frozenset()) -> list[Span[T]]:
        """Return all phrases from left to right, without overlap and outside the tokens taken."""
        found: list[Span[T]] = []
        position = 0
        while position < len(words):
            stop = next(
                (number for number in range(position, min(position + 8, len(words))) if number in taken), None
            )
            span = None if position in taken else self.at(words, position, stop)
            if span is not None:
                found.append(span)
            position = span.end if span is not None else position + 1
        return found

    def completed(self, words: tuple[str, ...], found: list[Span[T]]) -> list[Span[T]]:
        """Return the members of lists that share a word with a phrase found."""
        taken = {number for span in found for number in range(span.start, span.end)}
        extra: list[Span[T]] = []
        for span in found:
            said = words[span.start : span.end]
            extra += self._shared_head(words, span, said, taken)
            extra += self._shared_beginning(words, span, said, taken)
        return extra

    def parts(self, words: tuple[str, ...], span: Span[T]) -> list[Span[T]]:
        """Return the phrases within a phrase that joins several, such as "groin pain and stiffness"."""
        joints = [n for n in range(span.start, span.end) if words[n] in COORDINATORS or words[n] == "with"]
        if not joints:
            return []
        edges = [span.start - 1, *joints, span.end]
        pieces = [(first + 1, last) for first, last in pairwise(edges)]
        return [part for first, last in pieces for part in self._within(words, first, last)]

    def _within(self, words: tuple[str, ...], first: int, last: int) -> list[Span[T]]:
        return [
            span for start in range(first, last) if (span := self.at(words, start, last)) and span.end == last
        ][:1]

    def _shared_head(
        self, words: tuple[str, ...], span: Span[T], said: tuple[str, ...], taken: set[int]
    ) -> list[Span[T]]:
        extra: list[Span[T]] = []
        position = span.start
        for _ in range(MOST_CONJUNCTS):
            end = position
            while end > 0 and words[end - 1] in COORDINATORS:
                end -= 1
            if end == position or end == 0 or (end - 1) in taken:
                break
            start = max(0, end - LONGEST_CONJUNCT)
            hit = self._first(
                words,
                [(first, end) for first in range(start, end)],
                [((), said[k:]) for k in range(1, len(said))],
            )
            if hit is None:
                break
            extra.append(hit)
            position = hit.start
        return extra

    def _shared_beginning(
        self, words: tuple[str, ...], span: Span[T], said: tuple[str, ...], taken: set[int]
    ) -> list[Span[T]]:
        extra: list[Span[T]] = []
        position = span.end
        for _ in range(MOST_CONJUNCTS):
            start = position
            while start < len(words) and words[start] in COORDINATORS:
                start += 1
            if start == position or start >= len(words) or start in taken:
                break
            stop = min(len(words), start + LONGEST_CONJUNCT)
            places = [(start, last) for last in range(stop, start, -1)]
            hit = self._first(words, places, [(said[:k], ()) for k in range(len(said) - 1, 0, -1)])
            if hit is None:
                break
            extra.append(hit)
            position = hit.end
        return extra

    def _first(
        self,
        words: tuple[str, ...],
        places: list[tuple[int, int]],
        frames: list[tuple[tuple[str, ...], tuple[str, ...]]],
    ) -> Span[T] | None:
        for first, last in places:
            middle = words[first:last]
            if not middle or any(word in COORDINATORS or word in BREAKS for word in middle):
                continue
            for before, after in frames:
                meaning = self.table.get((*before, *middle, *after))
                if meaning is not None:
                    return Span(first, last, meaning)
        return None


def words_of(tokens: tuple[Token, ...]) -> tuple[str, ...]:
    """Return the normal words of tokens."""
    return tuple(token.word for token in tokens)
