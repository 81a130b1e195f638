"""Guesses the terminology of a source value from its form, only where one alone fits.

A terminology without a check digit or a form of its own (RxNorm, NDC, local numbers) is never guessed.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from precollapse.chart.codes import system_of

LONGEST_CODE = 60


class Guess(NamedTuple):
    """A terminology and a code; ``stated`` when the source value names the terminology itself."""

    system: str
    code: str
    name: str
    stated: bool


_PREFIXED = re.compile(
    r"(?P<vocabulary>[A-Za-z][A-Za-z0-9 _-]{1,14})\s*[:|/]\s*(?P<code>[A-Za-z0-9][\w.-]{1,17})"
)
_ICD10 = re.compile(r"[A-TV-Z]\d[0-9AB](?:\.?[0-9A-Z]{1,4})?", re.IGNORECASE)
_ICD9 = re.compile(r"(?:\d{3}|V\d{2}|E\d{3})\.\d{1,2}", re.IGNORECASE)
_LOINC = re.compile(r"\d{1,6}-\d")
_SNOMED = re.compile(r"\d{6,18}")
_ATC = re.compile(r"[A-DGHJL-NPRSV]\d{2}[A-Z]{2}\d{2}", re.IGNORECASE)

_CLINICAL = {"condition_occurrence", "procedure_occurrence", "observation"}
_TESTS = {"measurement", "observation"}
_DRUGS = {"drug_exposure"}


def guessed(table: str, source_value: str | None, known: set[tuple[str | None, str]]) -> Guess | None:
    """Return the only terminology that a source value of this table can be a code of, or None.

    ``known`` are the codes already looked up; a source value that repeats one of them adds nothing.
    """
    if source_value is None or len(source_value) > LONGEST_CODE:
        return None
    text = source_value.strip()
    prefixed = _PREFIXED.fullmatch(text)
    if prefixed is not None:
        system = system_of(prefixed["vocabulary"].strip())
        return None if system is None else Guess(system, prefixed["code"], prefixed["vocabulary"], True)
    found = [guess for guess in _fitting(table, text) if (guess.system, guess.code) not in known]
    return found[0] if len(found) == 1 else None


def _fitting(table: str, text: str) -> list[Guess]:
    fitting: list[Guess] = []
    if table in _CLINICAL and _ICD10.fullmatch(text):
        fitting.append(Guess("icd10cm", text, "ICD-10", False))
    if table in _CLINICAL and _ICD9.fullmatch(text):
        fitting.append(Guess("icd9cm", text, "ICD-9-CM", False))
    if table in _TESTS and _LOINC.fullmatch(text) and _loinc_digit_fits(text):
        fitting.append(Guess("loinc", text, "LOINC", False))
    if table in _CLINICAL | _TESTS and _SNOMED.fullmatch(text) and _is_snomed_concept(text):
        fitting.append(Guess("snomed", text, "SNOMED CT", False))
    if table in _DRUGS and _ATC.fullmatch(text):
        fitting.append(Guess("atc", text, "ATC", False))
    return fitting


def _loinc_digit_fits(text: str) -> bool:
    """Check the last digit, which is computed modulo 10 from the others."""
    number, digit = text.split("-")
    total = 0
    for place, character in enumerate(reversed(number)):
        doubled = int(character) * (2 if place % 2 == 0 else 1)
        total += doubled // 10 + doubled % 10
    return (10 - total % 10) % 10 == int(digit)


_DIHEDRAL = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 3, 4, 0, 6, 7, 8, 9, 5), (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7), (4, 0, 1, 2, 3, 9, 5, 6, 7, 8), (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2), (7, 6, 5, 9, 8, 2, 1, 0, 4, 3), (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)  # fmt: skip
_PERMUTED = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 5, 7, 6, 2, 8, 3, 0, 9, 4), (5, 8, 0, 3, 7, 9, 6, 1, 4, 2),
    (8, 9, 1, 6, 0, 4, 3, 5, 2, 7), (9, 4, 5, 3, 1, 2, 6, 8, 7, 0), (4, 2, 8, 6, 5, 7, 3, 9, 0, 1),
    (2, 7, 9, 3, 8, 0, 6, 4, 1, 5), (7, 0, 4, 6, 9, 1, 3, 2, 5, 8),
)  # fmt: skip
_CONCEPT_PARTITIONS = {"00", "10"}  # digits before the last: 00 and 10 are concepts


def _is_snomed_concept(text: str) -> bool:
    """Check partition and Verhoeff digit of a SNOMED CT identifier."""
    if text[-3:-1] not in _CONCEPT_PARTITIONS:
        return False
    check = 0
    for place, character in enumerate(reversed(text)):
        check = _DIHEDRAL[check][_PERMUTED[place % 8][int(character)]]
    return check == 0
