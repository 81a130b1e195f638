"""Brings the directions of a prescription to one spelling: number words, fractions, dots, dashes."""

from __future__ import annotations

import re
from collections.abc import Callable

_NUMBER_WORDS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7",
    "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12", "fourteen": "14",
    "twenty": "20", "thirty": "30",
}  # fmt: skip


def _mixed(match: re.Match[str]) -> str:
    return f"{int(match[1]) + int(match[2]) / int(match[3]):.4g}"


_STEPS: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"[‐-―−]", "-"),
    ("[×✕]", "x"),
    (r"\s*½", " 1/2"),
    (r"\s*¼", " 1/4"),
    (r"\s*¾", " 3/4"),
    (r"\bone[ -]and[ -]a[ -]half\b", "1.5"),
    (r"\b(" + "|".join(_NUMBER_WORDS) + r")\b(?!-half)", lambda m: _NUMBER_WORDS[m[1]]),
    (r"\b(?:1[ -])?half(?: of)?(?: an?\b)?", "1/2"),
    (r"\b(\d)\s*(?:-|and|&|\s)\s*([1-3])/([2-4])(?![\d/])", _mixed),
    (r"(?<![\d./])([1-3])/([2-4])(?![\d/])", lambda m: f"{int(m[1]) / int(m[2]):.4g}"),
    (r"\b(\d+(?:\.\d+)?)\s*\(\s*\1\s*\)", r"\1"),
    (r"(\d)-(?=mg|mcg|g\b|gm\b|ml|tab|cap|day|week|month|hour|dose|step)", r"\1 "),
    (r"\b([a-z])\.\s?([a-z])\.\s?(?:([a-z])\.)?", lambda m: m[1] + m[2] + (m[3] or "") + " "),
    (r"\bq\.?\s+(?=\d)", "q"),
    (r"(?<=\bfor )an? (?=day|week|month|year)", "1 "),
    (r"(?<=\bover )an? (?=day|week|month|year)", "1 "),
    (r"(\d),(\d{3})(?!\d)", r"\1\2"),
    # Only zeros: "2 500 mg" may be two tablets.
    (r"(\d) 000(?=\s*(?:mg|milligram|mcg|microgram))", r"\g<1>000"),
    (r"(\d),(\d{1,2})(?=\s*(?:mg|g\b|ml))", r"\1.\2"),
)
_COMPILED = tuple((re.compile(pattern), replacement) for pattern, replacement in _STEPS)


def cleaned(sig: str) -> str:
    """Return directions in lower case and in one spelling."""
    text = " ".join(sig.lower().split())
    for pattern, replacement in _COMPILED:
        text = pattern.sub(replacement, text)
    return text
