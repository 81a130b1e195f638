"""Finds the passages that answer a question: words weighed by how rare they are, and an honest "not known".

A question is answered only by passages that hold most of what it asks for, by weight. A word that no passage
holds weighs most, so that a question about something else is not answered by the nearest wrong thing.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

# Words that carry a question but not its matter.
_STOP_WORDS = """
    a about after all also am an and any are as at be because been but by can come comes could
    day did difference do does doing ever for from get getting go going good had happens has
    have having he her here him his how i if in into is it its just made make me more most my
    no not now of on one or our out over page please put really s she should so some something
    such take tell than that the their them then there these they thing things this those to
    too until up us very was we were what when where which while who why will with would you
    your
"""
_STOP = frozenset(_STOP_WORDS.split())
_ENDINGS = ("ations", "ation", "ings", "ing", "ies", "ied", "ness", "edly", "ed", "es", "s", "ly")
_SHORTEST_STEM = 3


@dataclass(frozen=True, slots=True)
class Passage:
    """Something that can answer: the words it is found by, and what it belongs to.

    Attributes
    ----------
    key
        Names the passage.
    title
        Words that count more: a question, a name.
    text
        The rest.
    """

    key: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found; ``covers`` is the share of the question it holds, by weight."""

    passage: Passage
    score: float
    covers: float


class Index:
    """Passages, ready to be searched (Okapi BM25; Robertson and Zaragoza 2009, doi 10.1561/1500000019)."""

    def __init__(
        self, passages: Sequence[Passage], *, k: float = 1.2, b: float = 0.6, title_counts: int = 3
    ) -> None:
        self.passages = list(passages)
        self._k, self._b = k, b
        self._counts = [
            Counter({word: title_counts * n for word, n in Counter(stems(one.title)).items()})
            + Counter(stems(one.text))
            for one in self.passages
        ]
        lengths = [counts.total() for counts in self._counts]
        mean = sum(lengths) / max(len(lengths), 1) or 1.0
        self._length = [length / mean for length in lengths]
        self._held_by = Counter(word for counts in self._counts for word in counts)

    def weight(self, word: str) -> float:
        """Return how much a stem says: the rarer among the passages, the more."""
        held = self._held_by[word]
        return math.log(1 + (len(self.passages) - held + 0.5) / (held + 0.5))

    def search(self, question: str) -> list[Hit]:
        """Return every passage that holds a word of the question, best first."""
        words = list(dict.fromkeys(stems(question)))
        asked = sum(self.weight(word) for word in words)
        hits = []
        for number, counts in enumerate(self._counts):
            held = [word for word in words if word in counts]
            if held:
                covers = sum(self.weight(word) for word in held) / asked
                hits.append(
                    Hit(self.passages[number], sum(self._score(word, number) for word in held), covers)
                )
        return sorted(hits, key=lambda hit: (-hit.score * hit.covers, hit.passage.key))

    def _score(self, word: str, number: int) -> float:
        count = self._counts[number][word]
        return (
            self.weight(word)
            * count
            * (self._k + 1)
            / (count + self._k * (1 - self._b + self._b * self._length[number]))
        )


def stems(text: str) -> list[str]:
    """Return the words of a text that carry matter, without their endings."""
    return [_stem(word) for word in re.findall(r"[^\W_]+", text.casefold()) if word not in _STOP]


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            word = word.removesuffix(ending)
            break
    if len(word) > _SHORTEST_STEM and word[-1] == word[-2] and word[-1] not in "sl":
        word = word[:-1]
    return word.removesuffix("e") if len(word) > _SHORTEST_STEM else word
