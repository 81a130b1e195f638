"""Tells a medicine from what only sounds like one: its level in blood, or the salt of another medicine."""

from __future__ import annotations

import re

from precollapse.chart.text_phrases import Span
from precollapse.chart.text_tokens import Tokens
from precollapse.chart.text_words import COORDINATORS

LONGEST_UNIT = 12
LEVEL_REACH = 4  # tokens between a name and the number that is its level: "level : was 0.8"

# An amount in a volume of blood. Strengths of solutions are written in mg/mL, and are none of these.
_LEVEL = re.compile(
    r"\s*(?:[mµμunp]mol|m?eq|[np]g)\s*/\s*(?:d?l|ml)\b|\s*(?:[µμu]g|mcg)\s*/\s*d?l\b|\s*mg\s*/\s*d?l\b",
    re.IGNORECASE,
)
_BEFORE_LEVEL = frozenset(
    [":", "=", "<", ">", "level", "serum", "trough", "concentration", "was", "is", "of", "at"]
)
_BEFORE_SUBSTANCE = COORDINATORS | {"with", "of", "on", "+", "(", ")", ":", ";", ".", "|", "\n"}


def is_a_level(tokens: Tokens, span: Span[object]) -> bool:
    """Tell whether a phrase is followed by a number with the unit of a level in blood."""
    for token in tokens.words[span.end : span.end + LEVEL_REACH]:
        if token.number is not None:
            return _LEVEL.match(tokens.text, token.end, token.end + LONGEST_UNIT) is not None
        if token.word not in _BEFORE_LEVEL:
            return False
    return False


def is_a_salt(tokens: Tokens, span: Span[object]) -> bool:
    """Tell whether a word names a salt: "atorvastatin calcium", not "500 mg calcium"."""
    if span.end - span.start > 1 or span.start == 0:
        return False
    before = tokens.words[span.start - 1]
    if before.number is not None or before.word in _BEFORE_SUBSTANCE:
        return False
    is_unit = span.start > 1 and tokens.words[span.start - 2].number is not None
    return not is_unit
