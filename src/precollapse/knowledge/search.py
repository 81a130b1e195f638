"""Finds entries of the knowledge by name, wording, synonym or code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.walk import ENTRY_KINDS


class Found(NamedTuple):
    """An entry that matched, the better the higher the score."""

    kind: str
    id: str
    name: str
    why: str
    score: int


# How much a match in each field says about the entry, best first.
_FIELDS = (
    ("id", 60),
    ("name", 50),
    ("title", 50),
    ("codes", 45),
    ("synonyms", 40),
    ("includes", 25),
    ("question", 20),
    ("says", 20),
    ("citation", 15),
    ("knows", 15),
    ("authors", 15),
    ("note", 5),
    ("explain", 5),
)
_EXACT, _START = 40, 15


def search(knowledge: Knowledge, text: str) -> list[Found]:
    """Return the entries that hold every word of a text, best first."""
    words = _words(text)
    found: list[Found] = []
    if words:
        for kind in (*ENTRY_KINDS, "sources", "pathway"):
            for entry in getattr(knowledge, kind).values():
                score, why = _score(entry, words, text.strip().casefold())
                if score:
                    found.append(
                        Found(
                            kind,
                            entry.id,
                            str(getattr(entry, "name", None) or getattr(entry, "title", "")),
                            why,
                            score,
                        )
                    )
    return sorted(found, key=lambda one: (-one.score, one.kind, one.id))


def _words(text: str) -> list[str]:
    return re.findall(r"[\w.]+", text.casefold())


def _score(entry: Any, words: list[str], phrase: str) -> tuple[int, str]:
    best, why = 0, ""
    everything: list[str] = []
    for field, weight in _FIELDS:
        for text in _texts(getattr(entry, field, None)):
            folded = text.casefold()
            everything.append(folded)
            if all(word in folded for word in words):
                score = weight + _EXACT * (folded == phrase) + _START * folded.startswith(phrase)
                if score > best:
                    best, why = score, field
    if not best and all(any(word in text for text in everything) for word in words):
        best, why = 3, "several fields"
    return best, why


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        if "_" in value:
            yield value.replace("_", " ")
    elif isinstance(value, tuple):
        for part in value:
            yield part if isinstance(part, str) else getattr(part, "code", "")
