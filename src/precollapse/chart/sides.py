"""Finds the side of the body in words and codes.

The words and codes of each side stand in the knowledge (``answers.yaml``, ``sides``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, get_args

from precollapse.chart.codes import plain_code, system_of
from precollapse.chart.compiled import once_per_knowledge
from precollapse.chart.model import Side
from precollapse.knowledge.bundle import Knowledge

LONGEST_TEXT = 2_000  # a display or a site; whole reports are searched elsewhere
SIDES: tuple[Side, ...] = get_args(Side)


class SideWords:
    """The words and codes of the three sides, ready to be looked up."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.words: dict[str, Side] = {}
        self.codes: dict[tuple[str, str], Side] = {}
        for side in SIDES:
            words, codes = _words_and_codes(knowledge.answers["sides"][side])
            self.words.update(dict.fromkeys(words, side))
            self.codes.update(dict.fromkeys(codes, side))
        longest_first = sorted(map(re.escape, self.words), key=len, reverse=True)
        self.pattern = re.compile(
            r"(?<!\w)(?:" + "|".join(longest_first) + r")(?!\w)" if longest_first else r"(?!)"
        )

    def in_text(self, text: str) -> Side | None:
        """Return the side that a short text names; both when it names left and right."""
        found = {self.words[word] for word in self.pattern.findall(text[:LONGEST_TEXT].lower())}
        return joined_side(found)

    def in_code(self, uri: str | None, code: str | None) -> Side | None:
        """Return the side that a code of a site or qualifier stands for."""
        system = system_of(uri)
        if system is None or code is None:
            return None
        return self.codes.get((system, plain_code(system, code)))


def joined_side(found: set[Side]) -> Side | None:
    """Join the sides that one text or one list of codes names."""
    if not found:
        return None
    return next(iter(found)) if len(found) == 1 else "both"


def _words_and_codes(entry: dict[str, Any]) -> tuple[list[str], list[tuple[str, str]]]:
    pairs = [(code["system"], plain_code(code["system"], str(code["code"]))) for code in entry["codes"]]
    return [str(word).lower() for word in entry["words"]], pairs


@once_per_knowledge
def side_words(knowledge: Knowledge) -> SideWords:
    """Return the words and codes of sides of this knowledge, built once."""
    return SideWords(knowledge)


def side_of_text(text: str | None, knowledge: Knowledge) -> Side | None:
    """Return the side named in a short text, or None when none is."""
    return side_words(knowledge).in_text(text) if text else None


def side_of_codings(codings: Iterable[tuple[str | None, str | None]], knowledge: Knowledge) -> Side | None:
    """Return the side named by codes of sites or qualifiers, each a terminology's uri and a code."""
    words = side_words(knowledge)
    found = {side for uri, code in codings if (side := words.in_code(uri, code)) is not None}
    return joined_side(found)
