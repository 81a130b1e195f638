"""Reads names and free text of OMOP rows through the text index, with more caution for names of codes.

A code that the knowledge does not list has usually another meaning than a word inside its name:
"alcoholism counselling" is no alcoholism. So the name of a code must be the phrase and nothing else.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from precollapse.chart.codes import Hit, Hits
from precollapse.chart.model import Status
from precollapse.chart.text import Reading, TextHit, TextIndex
from precollapse.knowledge.bundle import Knowledge

_SEMANTIC_TAG = re.compile(r"\s*\([^()]*\)\s*$")
_WORD = re.compile(r"[^\W_]+")
# Words of a name that change neither the concept nor whether it holds.
_HARMLESS = {"of", "the", "in", "at", "on", "left", "right", "bilateral", "both", "side"} | {
    "hip", "hips", "joint", "structure", "region",
}  # fmt: skip
# Tables whose rows assert that what they name is so; a test or a procedure only names it.
_ASSERTING = {"condition_occurrence", "observation"}
_DRUGS = "drug_exposure"


class Found(NamedTuple):
    """What words mean, how sure they are, and why they mean nothing."""

    hits: Hits
    status: Status | None = None
    reason: str | None = None


class NameReader:
    """The text index, asked about names of codes and about free text."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.index = TextIndex.of(knowledge)

    def whole_name(self, name: str) -> Found:
        """Read the name of a code: only when one phrase of the knowledge is all that it says."""
        plain = _SEMANTIC_TAG.sub("", name)
        reading = self.index.read(plain, named_is_present=True)
        words = set(_WORD.findall(plain.lower()))
        for hit in (*reading.hits, *_asked(reading)):
            if words - set(_WORD.findall(hit.words.lower())) <= _HARMLESS:
                return _found([hit])
        return Found(())

    def product(self, name: str) -> Found:
        """Read the name of a medicine: every ingredient that it names is in it."""
        concepts = self.index.concepts
        return _found(
            [
                hit
                for hit in self.index.read(name, in_list=True).hits
                if hit.corticosteroid or (concepts[hit.concept].medicine and not hit.absent)
            ]
        )

    def name(self, name: str, table: str) -> Found:
        """Read the name of a code that stands in this table."""
        return self.product(name) if table == _DRUGS else self.whole_name(name)

    def free_text(self, text: str, table: str) -> Found:
        """Read what somebody wrote instead of a code."""
        if table not in _ASSERTING:
            return self.name(text, table)
        reading = self.index.read(text, named_is_present=True)
        hits = [*reading.hits, *_asked(reading)]
        return _found(hits) if hits else Found((), reason=_reason(reading))


def _found(hits: list[TextHit]) -> Found:
    status: Status | None = "provisional" if any(hit.uncertain for hit in hits) else None
    meant = (Hit(hit.concept, hit.side, hit.choice, hit.absent, hit.corticosteroid) for hit in hits)
    return Found(tuple(dict.fromkeys(meant)), status)


def _asked(reading: Reading) -> list[TextHit]:
    """Return what a text names without its value, which stands in other columns of the row."""
    return [
        TextHit(aside.concept, words=aside.words)
        for aside in reading.set_aside
        if aside.concept is not None and aside.reason == "no value"
    ]


def _reason(reading: Reading) -> str | None:
    return next((aside.reason for aside in reading.set_aside), None)
