"""The grade of a text after Flesch and Kincaid (1975), by a syllable rule that errs on the side of more.

The grade is 0.39 × words per sentence + 11.8 × syllables per word − 15.59. English has no rule for syllables
without exceptions; where the rule below is unsure it counts one more: a text is called harder, not easier.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*|\d+(?:[.,]\d+)*")
# A full stop, a question mark or an exclamation mark ends a sentence; a colon or a dash does not.
_END = re.compile(r"[.!?]+(?=[\s\"')\]]|$)")
_VOWELS = re.compile(r"[aeiouy]+")
# Vowels that stand together and are spoken apart; "ia" and "io" are not, after "t", "c", "s" and the like.
_APART = re.compile(
    r"(?<![tcsgx])i[aou]|[tcsgx]io(?!n|u)|eo(?!u)|uid|aiv|ii|uo|[aeou]ing|y[aio]|ua(?!r)|iet|ie[nr][ct]|eal(?:ity|ize)|oe[ms]"
)
_UNITS = {"mg": 3, "kg": 3, "g": 1, "mm": 4, "cm": 4, "ml": 4, "vs": 3, "iu": 2}
# Zero to nineteen, and the tens from twenty on.
_ONES = (2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 3, 1, 2, 2, 2, 2, 3, 2, 2)
_TENS = {2: 2, 3: 2, 4: 2, 5: 2, 6: 2, 7: 3, 8: 2, 9: 2}
_IRREGULAR = {
    "area": 3, "being": 2, "create": 2, "does": 1, "doesn't": 2, "don't": 1, "eye": 1, "eyes": 1, "heart": 1,
    "people": 2, "science": 2, "shoe": 1, "shoes": 1, "toe": 1, "toes": 1, "two": 1, "whole": 1,
    "minute": 2, "minutes": 2, "someone": 2, "something": 2, "sometimes": 2, "everyone": 3, "clothes": 1,
    "board": 1, "real": 1, "ideal": 3, "fewer": 2, "safely": 2, "careful": 2, "useful": 2, "lifestyle": 2,
    "whereas": 2, "therefore": 2, "moment": 2, "serious": 3, "year": 1, "years": 1, "people's": 2,
    "you": 1, "your": 1, "youth": 1, "young": 1, "source": 1, "sources": 2, "course": 1, "courses": 2,
    "patient": 2, "patients": 2, "surgeon": 2, "surgeons": 2, "idea": 3, "nausea": 3, "perthes": 2,
    "yes": 1, "yet": 1, "yourself": 2, "ideas": 3, "guard": 1, "stays": 1, "says": 1,
    "eyed": 1, "lose": 1, "move": 1, "moved": 1,
}  # fmt: skip


def grade(text: str) -> float:
    """Return the grade of a text; a text without words has grade 0."""
    words = words_of(text)
    if not words:
        return 0.0
    spoken = sum(map(syllables, words))
    return 0.39 * len(words) / sentences(text) + 11.8 * spoken / len(words) - 15.59


def sentences(text: str) -> int:
    """Return the number of sentences; what has no end of its own is one."""
    rest = _END.split(text)
    return max(sum(1 for part in rest if _WORD.search(part)), 1)


def words_of(text: str) -> list[str]:
    """Return the words and numbers of a text; words joined by a hyphen are one long word."""
    return _WORD.findall(text)


def syllables(word: str) -> int:
    """Return how many syllables a word or a number has, at least one; words in capitals are spelled out."""
    if word[0].isdigit():
        return _of_number(word)
    if word.casefold() in _IRREGULAR:
        return _IRREGULAR[word.casefold()]
    return sum(_of_part(part) for part in re.split(r"[-]", word))


def _of_part(part: str) -> int:
    low = part.casefold()
    if low in _IRREGULAR:
        return _IRREGULAR[low]
    if low in _UNITS:
        return _UNITS[low]
    if part.isupper() and len(part) > 1:
        return sum(3 if letter == "W" else 1 for letter in part)
    return _by_vowels(re.sub(r"['’]\w+$", "", low))


def _of_number(word: str) -> int:
    """Count a number as it is spoken; what follows a point is spoken digit by digit."""
    whole, *digits = re.split(r"[.,]", word)
    thousands, below = divmod(int(whole), 1000)
    hundreds, rest = divmod(below, 100)
    spoken = _ONES[rest] if rest < len(_ONES) else _TENS[rest // 10] + (_ONES[rest % 10] if rest % 10 else 0)
    spoken = 0 if rest == 0 and int(whole) else spoken
    spoken += _ONES[hundreds] + 2 if hundreds else 0
    spoken += _of_number(str(thousands)) + 2 if thousands else 0
    return spoken + sum(1 + sum(_ONES[int(digit)] for digit in part) for part in digits)


def _by_vowels(word: str) -> int:
    count = len(_VOWELS.findall(word)) + len(_APART.findall(word))
    silent_e = re.search(r"[^aeiouyl]e$|[aeiouy]le$|[^aeioul]e(?:ly|ness|ful|less|ment)s?$", word)
    silent_es = re.search(r"[^aeiouy]es$", word) and not re.search(r"(?:[sxzcg]|ch|sh|[^aeiouy]l)es$", word)
    silent_ed = re.search(r"[^aeioutd]ed$", word) and not re.search(r"[^aeiou]led$", word)
    if silent_e or silent_es or silent_ed:
        count -= 1
    if re.search(r"[^aeiouy]sm$|thms?$", word):
        count += 1
    return max(count, 1)
