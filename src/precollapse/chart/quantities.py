"""Brings a recorded number to its concept's own unit, or says why it cannot be read.

What is outside the possible range is refused, what is outside the plausible range is passed on with a
warning. Nothing is corrected.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import NamedTuple

import msgspec

from precollapse.knowledge.model import Concept, UnitRule

LONGEST_NUMBER = 80  # "between 1.25 and 2.5 x 10^9 cells per litre" and some room
NO_UNIT = {"", "1", "{score}", "score", "{count}", "{number}", "{#}", "#", "[score]", "points", "{points}"}


class Quantity(msgspec.Struct, frozen=True, gc=False):
    """A number in the concept's unit; bounds differ from the value when a comparator said so."""

    value: float | None
    low: float
    high: float
    warning: str | None = None


def canonical(
    concept: Concept, value: float, unit: str | None, comparator: str | None = None
) -> Quantity | str:
    """Convert a recorded number to the unit of its concept.

    Parameters
    ----------
    concept
        A concept of type number.
    value, unit, comparator
        As recorded; the unit may be missing, the comparator is one of ``<``, ``<=``, ``>``, ``>=``.

    Returns
    -------
    Quantity or str
        A string is the reason why the number is unreadable. It begins with ``not readable``,
        ``impossible`` or ``unit``, which are reasons of unread rows.
    """
    factor = concept.units.get(unit) if unit is not None and comparator is None else None
    if type(factor) is float or type(factor) is int:  # most numbers: a known unit, a plausible value
        number = value if factor == 1 else value * factor
        if concept.ranges is not None and _within(number, concept.ranges.plausible):
            return Quantity(number, number, number)
    if not math.isfinite(value):
        return "not readable: not a finite number"
    rule = _rule(concept, unit)
    if isinstance(rule, str):
        return rule
    number = _converted(value, rule)
    checked = _ranged(concept, number, unitless=rule is None)
    if isinstance(checked, str):
        return checked
    return _bounded(number, comparator, checked.warning)


class _Checked(NamedTuple):
    warning: str | None


def _ranged(concept: Concept, number: float, *, unitless: bool) -> _Checked | str:
    """Hold a converted number against the ranges of its concept."""
    unit = concept.unit or ""
    warning = f"no unit given: read as {unit}" if unitless and unit not in NO_UNIT else None
    if concept.ranges is None:
        return _Checked(warning)
    possible, plausible = concept.ranges.possible, concept.ranges.plausible
    if warning and _fits_other_unit(concept, number):
        return f"unit: {_plain(number)} without a unit could be {unit} or another unit of it"
    if _within(number, plausible):
        return _Checked(warning)
    if unitless:
        return f"unit: {_plain(number)} without a unit is outside {_span(plausible)} {unit}".rstrip()
    if not _within(number, possible):
        return " ".join(f"impossible: {_plain(number)} {unit} is outside {_span(possible)}".split())
    return _Checked(f"implausible: {_plain(number)} is outside {_span(plausible)} {unit}".rstrip())


def _fits_other_unit(concept: Concept, number: float) -> bool:
    """Return whether a bare number would be usual in another unit but not in the concept's own."""
    if concept.ranges is None or _within(number, concept.ranges.usual):
        return False
    others = {rule for rule in concept.units.values() if isinstance(rule, int | float) and rule != 1}
    return any(_within(number * factor, concept.ranges.usual) for factor in others)


def _converted(value: float, rule: float | UnitRule | None) -> float:
    if rule is None:
        return value
    if isinstance(rule, UnitRule):
        return value * rule.factor + rule.offset
    # Multiplying by one is skipped so that a number in the concept's own unit stays what was written.
    return value if rule == 1 else value * rule


def _bounded(number: float, comparator: str | None, warning: str | None) -> Quantity | str:
    if comparator is None or comparator in {"", "="}:
        return Quantity(number, number, number, warning)
    if comparator in {"<", "<="}:
        return Quantity(None, -math.inf, number, warning)
    if comparator in {">", ">="}:
        return Quantity(None, number, math.inf, warning)
    return f"not readable: the comparator {comparator[:20]!r} is not one of <, <=, >, >="


def _within(number: float, span: tuple[float | None, float | None]) -> bool:
    low, high = span
    return (low is None or number >= low) and (high is None or number <= high)


def _span(span: tuple[float | None, float | None]) -> str:
    low, high = ("any" if bound is None else _plain(bound) for bound in span)
    return f"{low} to {high}"


def _plain(number: float) -> str:
    return f"{number:.6g}"


def _rule(concept: Concept, unit: str | None) -> float | UnitRule | str | None:
    """Return the factor of a unit; None when there is no unit, a reason when it does not convert."""
    rule = concept.units.get(unit) if unit is not None else None
    if rule is not None:
        return rule
    written = "" if unit is None else unit.strip()
    if written.lower() in NO_UNIT:
        return 1.0 if (concept.unit or "") in NO_UNIT else None
    if written == concept.unit:
        return 1.0
    rule = _spellings(tuple(sorted(concept.units.items(), key=str))).get(_spelled(written))
    if rule is None:
        return f"unit: {written[:30]} does not convert to {concept.unit or 'a number without a unit'}"
    return rule


@lru_cache(maxsize=1024)
def _spellings(units: tuple[tuple[str, float | UnitRule], ...]) -> dict[str, float | UnitRule | None]:
    """Map units as loosely spelled to their rule; None where two different units would be confused."""
    found: dict[str, float | UnitRule | None] = {}
    for unit, rule in units:
        key = _spelled(unit)
        found[key] = rule if found.get(key, rule) == rule else None
    return found


_ANNOTATION = re.compile(r"\{[^}]*\}")


def _spelled(unit: str) -> str:
    plain = _ANNOTATION.sub("", unit).replace("µ", "u").replace("μ", "u").replace(" ", "")
    return plain.replace("^", "*").replace("**", "*").lower().rstrip(".")


_NUMBER = re.compile(
    r"\s*(?P<comparator><=|>=|=<|=>|[<>≤≥]|less than|more than|greater than|at least|up to|under|over)?\s*"
    r"(?P<number>[-+]?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?|\.\d+)(?:[eE][-+]?\d{1,3})?)\s*"
    r"(?P<unit>[^\d\s<>=][^<>=]{0,30})?\s*"
)
_SECOND_NUMBER = re.compile(r"^/\d|(?<!x)\s\d")  # "120/80" and "5 to 10" are two numbers, "4 x 10*9/L" is one
_COMPARATORS = {
    "=<": "<=", "≤": "<=", "=>": ">=", "≥": ">=", "less than": "<", "under": "<", "up to": "<=",
    "more than": ">", "greater than": ">", "over": ">", "at least": ">=",
}  # fmt: skip


class WrittenNumber(msgspec.Struct, frozen=True, gc=False):
    """A number found in text, as it was written."""

    value: float
    unit: str | None
    comparator: str | None


def read_number(text: str) -> WrittenNumber | None:
    """Read text that is one number with an optional comparator and unit: ``< 5 mg/L``, ``1,234``, ``7,5``.

    Returns
    -------
    WrittenNumber or None
        None when the text is anything else, for example two numbers or words.
    """
    if len(text) > LONGEST_NUMBER:
        return None
    match = _NUMBER.fullmatch(text.lower() if text[:1].isalpha() else text)
    if match is None:
        return None
    value = _number(match["number"])
    comparator = match["comparator"]
    unit = match["unit"]
    if unit and _SECOND_NUMBER.search(unit):
        return None
    return WrittenNumber(value, unit.strip() if unit else None, _COMPARATORS.get(comparator, comparator))


def _number(text: str) -> float:
    if "," in text and "." not in text and not re.fullmatch(r"[-+]?\d{1,3}(?:,\d{3})+", text):
        return float(text.replace(",", "."))
    return float(text.replace(",", ""))
