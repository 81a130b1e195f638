"""Cuts text into words and brings spellings together, so that "Oedema of both heads" meets "edema of head".

Offsets into the original text are kept: units are read from the original, not from the normalised words.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from precollapse.chart.text_words import BODY_WORDS, DETERMINERS, SIDE_LETTERS, SIDE_WORDS, VERB_LEFT_BEFORE

BREAKS = frozenset([".", ";", "\n", "(", ")", "!", "|"])
_PATTERN = re.compile(
    r"\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:[.,]\d+)?"
    r"|[wr]/o\b"
    r"|[^\W\d_]+(?:[^\W_]|['’](?=[^\W\d_]))*"
    r"|\s[-–—]\s|[.;\n()!|:,?/=<>≤≥+&]",
    re.IGNORECASE,
)
_KEEP_PLURAL = frozenset(["aids", "hives", "rickets", "lens", "us", "ms", "ss", "as", "yes", "gas", "bends"])
_RESPELL = (
    (re.compile(r"ae|æ"), "e"),
    (re.compile(r"oe|œ"), "e"),
    (re.compile(r"our$|our(?=s$)"), "or"),
    (re.compile(r"is(?=(?:e|ed|es|ing|ation)$)(?<=[a-z]{4})"), "iz"),
    (re.compile(r"(?<=[a-z]{2}[nt])tre$"), "ter"),
    (re.compile(r"(?<=[a-z]{2})bre$"), "ber"),
)


class Token(NamedTuple):
    """A word, number or punctuation mark: its normal form and where it stands in the original."""

    word: str
    start: int
    end: int
    number: float | None = None


class Tokens(NamedTuple):
    """A text as a row of tokens without determiners and sides; the sides stand apart with their place."""

    words: tuple[Token, ...]
    sides: tuple[tuple[int, str], ...]
    text: str


@lru_cache(maxsize=50_000)
def normal(word: str) -> str:
    """Return a word without case, accent, possessive, plural and regional spelling."""
    word = unicodedata.normalize("NFKD", word.casefold()).replace("’", "'")
    word = "".join(letter for letter in word if not unicodedata.combining(letter))
    word = word[:-2] if word.endswith("'s") else word.replace("'", "")
    for pattern, replacement in _RESPELL:
        word = pattern.sub(replacement, word)
    return _singular(word)


def _singular(word: str) -> str:
    if len(word) <= 3 or word in _KEEP_PLURAL or not word.endswith("s"):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    return word if word.endswith(("ss", "us", "is")) else word[:-1]


def tokenise(text: str, *, keep_both: bool = False) -> Tokens:
    """Cut a text into tokens.

    Parameters
    ----------
    text
        Any text.
    keep_both
        Leave "both" and "bilateral" among the words, for phrases that contain them.
    """
    raw = _merge_non([_token(match) for match in _PATTERN.finditer(text)])
    words: list[Token] = []
    sides: list[tuple[int, str]] = []
    for number, token in enumerate(raw):
        following = raw[number + 1].word if number + 1 < len(raw) else ""
        side = _side(token.word, following)
        if side is not None:
            sides.append((len(words), side))
        if token.word in DETERMINERS or (side is not None and not (keep_both and side == "both")):
            continue
        words.append(token)
    return Tokens(tuple(words), tuple(sides), text)


@lru_cache(maxsize=50_000)
def phrase(text: str, *, keep_both: bool = False) -> tuple[str, ...]:
    """Return a phrase as the row of normal words by which it is looked up."""
    return tuple(token.word for token in tokenise(text, keep_both=keep_both).words)


def _token(match: re.Match[str]) -> Token:
    said = match.group()
    if said[0].isdigit():
        return Token(said, match.start(), match.end(), _number(said))
    if said[0].isspace() and said != "\n":
        return Token(":", match.start(), match.end())
    word = normal(said) if said[0].isalpha() else said
    return Token(word or said, match.start(), match.end())


def _number(said: str) -> float | None:
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", said):
        said = said.replace(",", "")
    try:
        return float(said.replace(",", "."))
    except (ValueError, OverflowError):  # digits of other scripts, or far too many of them
        return None


def _merge_non(raw: list[Token]) -> list[Token]:
    """Join "non" to the word it denies: "non-displaced fracture" is a fracture all the same."""
    merged: list[Token] = []
    for token in raw:
        if merged and merged[-1].word == "non" and token.word.isalpha():
            merged[-1] = Token("non" + token.word, merged[-1].start, token.end)
        else:
            merged.append(token)
    return merged


def _side(word: str, following: str) -> str | None:
    if word in SIDE_LETTERS:
        return SIDE_LETTERS[word] if following in BODY_WORDS else None
    if word == "left" and following in VERB_LEFT_BEFORE:
        return None
    return SIDE_WORDS.get(word)
