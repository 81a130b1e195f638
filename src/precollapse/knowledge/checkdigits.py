"""Whether a code of a terminology is well formed: check digits and patterns, nothing about its meaning."""

from __future__ import annotations

import re

# Dihedral group of order ten and the permutation of Verhoeff (1969), as SNOMED CT identifiers use them.
_MULTIPLY = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 2, 3, 4, 0, 6, 7, 8, 9, 5),
    (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7),
    (4, 0, 1, 2, 3, 9, 5, 6, 7, 8),
    (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2),
    (7, 6, 5, 9, 8, 2, 1, 0, 4, 3),
    (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)
_PERMUTE = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 5, 7, 6, 2, 8, 3, 0, 9, 4),
    (5, 8, 0, 3, 7, 9, 6, 1, 4, 2),
    (8, 9, 1, 6, 0, 4, 3, 5, 2, 7),
    (9, 4, 5, 3, 1, 2, 6, 8, 7, 0),
    (4, 2, 8, 6, 5, 7, 3, 9, 0, 1),
    (2, 7, 9, 3, 8, 0, 6, 4, 1, 5),
    (7, 0, 4, 6, 9, 1, 3, 2, 5, 8),
)

_PATTERNS = {
    "icd10cm": (
        r"[A-Z]\d[0-9A-Z](\.?[0-9A-Z]{1,4})?",
        "a letter, two characters, then up to four after a dot",
    ),
    "icd10": (r"[A-Z]\d\d(\.?\d{1,2})?", "a letter, two digits, then up to two after a dot"),
    "icd9cm": (r"(\d{2,3}|V\d\d|E\d{3})(\.\d{1,2})?", "two or three digits, then up to two after a dot"),
    "rxnorm": (r"[1-9]\d{0,7}", "a number of up to eight digits"),
    "cvx": (r"\d{1,3}", "a number of up to three digits"),
    "atc": (r"[A-Z](\d\d([A-Z]([A-Z](\d\d)?)?)?)?", "one of the five ATC levels, such as H02AB06"),
    "ucum": (r"\S+", "a unit without blanks"),
}


def verhoeff_holds(code: str) -> bool:
    """Tell whether the last digit of a SNOMED CT identifier is right."""
    if not re.fullmatch(r"[1-9]\d{5,17}", code):
        return False
    check = 0
    for place, digit in enumerate(reversed(code)):
        check = _MULTIPLY[check][_PERMUTE[place % 8][int(digit)]]
    return check == 0


def mod10_holds(code: str) -> bool:
    """Tell whether the digit after the hyphen of a LOINC code, part or answer is right (Luhn, mod 10)."""
    match = re.fullmatch(r"((?:LA|LP)?\d{1,7})-(\d)", code)
    if not match:
        return False
    total = 0
    for place, character in enumerate(reversed(match[1])):
        number = ord(character) - ord("0")  # letters count on from the digits, in the order of ASCII
        total += 2 * number - number // 5 * 9 if place % 2 == 0 else number
    return (10 - total % 10) % 10 == int(match[2])


def what_is_wrong(system: str, code: str) -> str | None:
    """Return what is wrong with the form of a code, or None."""
    if system == "snomed":
        return None if verhoeff_holds(code) else "its SNOMED CT check digit (Verhoeff) is wrong"
    if system in {"loinc", "answer"}:
        return None if mod10_holds(code) else "its LOINC check digit (mod 10) is wrong"
    pattern = _PATTERNS.get(system)
    if pattern and not re.fullmatch(pattern[0], code):
        return f"a code of {system} is {pattern[1]}"
    return None
