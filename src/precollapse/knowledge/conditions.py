"""The little language in which knowledge says when something holds.

A condition is written in YAML as one of

- ``groin_pain``: the fact is true;
- ``{not: …}``, ``{all: […]}``, ``{any: […]}``, ``{at_least: 2, of: […]}``;
- ``{fact: age_years, from: 10, to: 16}``, with any of ``above``, ``from`` (at least), ``below``,
  ``to`` (at most) for numbers, in the concept's own unit;
- ``{fact: sickle_cell_genotype, is: [ss, sc]}`` for choices;
- ``{below_usual: haemoglobin}``, ``{above_usual: …}`` in the definition of a concept: beyond the usual
  range of that number; written out when the knowledge is loaded (``usual.py``);
- ``{always: true}``: of everybody;
- ``{both_hips: hip_pain}``: true of the left and of the right hip;
- ``{other_hip: osteonecrosis_femoral_head}``: true of the hip on the other side;
- ``{either_hip: mri_sacroiliitis}``: true of any hip of the patient, also of one whose side nobody named;
- ``{fact: femoral_neck_fracture, within_years: 2}``: true, and begun at most that long before the
  date of the assessment; ``after_years: 0.5`` for at least that long before;
- ``{found: standing, is: [before collapse]}``: what the engine has found of the hip is one of these; only
  for advice, which is decided after everything else. What can be asked is in ``FOUND``.

Logic is three-valued (Kleene): what is unknown stays unknown unless the rest decides.
The engine compiles these trees to table expressions; nothing here evaluates them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from precollapse.errors import KnowledgeError


@dataclass(frozen=True, slots=True)
class Always:
    """True of everybody."""


@dataclass(frozen=True, slots=True)
class Holds:
    """The fact is true."""

    fact: str


@dataclass(frozen=True, slots=True)
class Compare:
    """A number lies between bounds; ``None`` leaves a side open, ``open_*`` excludes the bound itself."""

    fact: str
    low: float | None
    high: float | None
    open_low: bool = False
    open_high: bool = False


@dataclass(frozen=True, slots=True)
class OneOf:
    """A choice is one of several."""

    fact: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Since:
    """The fact is true and began between two spans of years before the assessment."""

    fact: str
    min_years: float | None
    max_years: float | None


@dataclass(frozen=True, slots=True)
class BothHips:
    """The fact is true of the left and of the right hip."""

    fact: str


@dataclass(frozen=True, slots=True)
class OtherHip:
    """The fact is true of the hip on the other side."""

    fact: str


@dataclass(frozen=True, slots=True)
class EitherHip:
    """The fact is true of any hip of the patient, also of one whose side nobody named."""

    fact: str


@dataclass(frozen=True, slots=True)
class Found:
    """What the engine found of the hip is one of several."""

    finding: str
    choices: tuple[str, ...]

    @property
    def fact(self) -> str:
        """Return a name for the finding that no fact of a record can have."""
        return f"found:{self.finding}"


@dataclass(frozen=True, slots=True)
class Not:
    """The condition does not hold."""

    part: Condition


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AtLeast:
    """At least ``count`` parts hold."""

    count: int
    parts: tuple[Condition, ...]


Leaf = Holds | Compare | OneOf | Since | BothHips | OtherHip | EitherHip | Found
Condition = Always | Leaf | Not | AllOf | AnyOf | AtLeast

_COMPARE_KEYS = {"above", "from", "below", "to"}
_SINCE_KEYS = {"within_years", "after_years"}


def parse(raw: Any, place: str) -> Condition:
    """Read a condition as YAML gives it.

    Parameters
    ----------
    raw
        String, or mapping as described at the top of this module.
    place
        File and entry, for the message.

    Raises
    ------
    KnowledgeError
        When the shape is not one of the forms above.
    """
    if isinstance(raw, str):
        return Holds(raw)
    if not isinstance(raw, dict) or not raw:
        raise KnowledgeError(f"{place}: a condition is a fact's name or a mapping, not {raw!r}")
    keys = set(raw)
    if raw == {"always": True}:
        return Always()
    if keys == {"at_least", "of"}:
        return AtLeast(int(raw["at_least"]), _parts(raw["of"], place))
    if "fact" in keys:
        return _leaf(raw, keys - {"fact"}, place)
    if keys == {"found", "is"}:
        return Found(raw["found"], _words(raw["is"]))
    if len(keys) == 1:
        return _single(*next(iter(raw.items())), place)
    raise KnowledgeError(f"{place}: unknown form of condition with keys {sorted(keys)}")


def _single(word: str, value: Any, place: str) -> Condition:
    """Read the forms that are one word and what it governs."""
    match word:
        case "not":
            return Not(parse(value, place))
        case "all":
            return AllOf(_parts(value, place))
        case "any":
            return AnyOf(_parts(value, place))
        case "both_hips":
            return BothHips(value)
        case "other_hip":
            return OtherHip(value)
        case "either_hip":
            return EitherHip(value)
    raise KnowledgeError(f"{place}: unknown form of condition: {word}")


def _parts(raw: Any, place: str) -> tuple[Condition, ...]:
    if not isinstance(raw, list) or not raw:
        raise KnowledgeError(f"{place}: 'all', 'any' and 'of' take a list of conditions")
    return tuple(parse(part, place) for part in raw)


def _leaf(raw: dict[str, Any], keys: set[str], place: str) -> Leaf:
    fact = raw["fact"]
    if keys == {"is"}:
        return OneOf(fact, _words(raw["is"]))
    if keys and keys <= _SINCE_KEYS:
        return Since(fact, raw.get("after_years"), raw.get("within_years"))
    if keys and keys <= _COMPARE_KEYS and not ({"above", "from"} <= keys or {"below", "to"} <= keys):
        low, high = raw.get("above", raw.get("from")), raw.get("below", raw.get("to"))
        if low is not None and high is not None and low > high:
            raise KnowledgeError(f"{place}: {fact} can never lie between {low} and {high}")
        return Compare(fact, low, high, "above" in keys, "below" in keys)
    raise KnowledgeError(f"{place}: {fact}: cannot compare with {sorted(keys)}")


def _words(raw: Any) -> tuple[str, ...]:
    return tuple(map(str, raw if isinstance(raw, list) else [raw]))


def leaves(condition: Condition) -> Iterator[Leaf]:
    """Yield every leaf of a condition, left to right."""
    match condition:
        case Not(part):
            yield from leaves(part)
        case AllOf(parts) | AnyOf(parts) | AtLeast(_, parts):
            for part in parts:
                yield from leaves(part)
        case Always():
            return
        case _:
            yield condition
