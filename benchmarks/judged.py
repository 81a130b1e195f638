"""Every judged number of the differential, one by one, and the knowledge with it half or twice as large.

A probability is moved on the scale of odds; what is counted in points or is a ratio is multiplied. Points of
a decision that are negative stay so: half means half as bad. Numbers that are zero have nothing to halve and
are left out, as is what decides nothing here (doses of radiation, months until a test is due).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.model import Figure
from precollapse.knowledge.model_diagnosis import Word

PARTS = ("diagnoses", "signs", "findings")
SINGLE = ("painless", "women", "bilateral", "other_ages", "otherwise", "if_sign", "if_no_sign")
SEVERAL = ("frequency", "ages", "given")
SCALES = ("worths", "burdens")
HALF, DOUBLE = 0.5, 2.0


@dataclass(frozen=True, slots=True)
class Judged:
    """One judged number: where it stands and what it is.

    ``part`` is a part of the knowledge or "settings"; ``key`` names one cell of ``field``; ``odds`` is true
    for a probability.
    """

    part: str
    entry: str
    field: str
    key: str | None
    written: str
    value: float
    odds: bool

    @property
    def name(self) -> str:
        """Return the path, as it would be looked up in the files."""
        return ".".join(part for part in (self.part, self.entry, self.field, self.key) if part)

    def times(self, factor: float) -> float:
        """Return the number half or twice as large."""
        if not self.odds:
            return self.value * factor
        odds = self.value / (1 - self.value) * factor
        return odds / (1 + odds)


def judged_numbers(knowledge: Knowledge) -> list[Judged]:
    """Return every judged number of the differential and of what follows from it."""
    return [*_cells(knowledge), *_of_settings(knowledge)]


def _cells(knowledge: Knowledge) -> Iterator[Judged]:
    words = knowledge.diagnosis_settings.frequencies
    for part in PARTS:
        for entry in getattr(knowledge, part).values():
            for field, key, cell in _written(entry):
                if _is_judged(cell) and not entry.draft:
                    written = cell if isinstance(cell, str) else "number"
                    value = words[cell].value if isinstance(cell, str) else cell.value
                    yield Judged(part, entry.id, field, key, written, value, odds=True)


def _written(entry: Any) -> Iterator[tuple[str, str | None, Any]]:
    yield from ((field, None, getattr(entry, field, None)) for field in SINGLE)
    for field in SEVERAL:
        yield from ((field, key, cell) for key, cell in getattr(entry, field, {}).items())


def _is_judged(cell: Any) -> bool:
    return isinstance(cell, str) or (isinstance(cell, Figure) and cell.grade == "judgement")


def _of_settings(knowledge: Knowledge) -> Iterator[Judged]:
    settings = knowledge.diagnosis_settings
    pain = settings.pain_if_not_recorded
    if isinstance(pain, str):
        value = settings.frequencies[pain].value
        yield Judged("settings", "", "pain_if_not_recorded", None, pain, value, odds=True)
    for name, figure in settings.setting_odds.items():
        if _is_judged(figure):
            yield Judged("settings", "", "setting_odds", name, "number", figure.value, odds=False)
    for scale in SCALES:
        for name, word in getattr(settings, scale).items():
            if word.value:
                yield Judged("settings", "", scale, name, "word", word.value, odds=False)


def changed(knowledge: Knowledge, number: Judged, factor: float) -> Knowledge:
    """Return the knowledge with one number half or twice as large; its interval does not matter here."""
    value = number.times(factor)
    if number.part == "settings":
        settings = _replaced(knowledge.diagnosis_settings, number, value)
        return msgspec.structs.replace(knowledge, diagnosis_settings=settings)
    part = dict(getattr(knowledge, number.part))
    part[number.entry] = _replaced(part[number.entry], number, value)
    return msgspec.structs.replace(knowledge, **{number.part: part})


def _replaced(owner: Any, number: Judged, value: float) -> Any:
    old = getattr(owner, number.field)
    cell = old if number.key is None else old[number.key]
    new: Any = Word(value=value, interval=(value, value))
    if isinstance(cell, Figure):
        new = msgspec.structs.replace(cell, value=value, interval=(value, value))
    return msgspec.structs.replace(
        owner, **{number.field: new if number.key is None else old | {number.key: new}}
    )
