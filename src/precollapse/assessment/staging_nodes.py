"""Stages and sizes in every system as parts of the document."""

from __future__ import annotations

from typing import Literal

from precollapse.assessment.nodes import FactReference, FigureUsed, Node, UnknownReason


class DecidingFact(Node, frozen=True, kw_only=True):
    """An unknown fact whose answer would decide between grades."""

    concept: str
    question: str
    why_unknown: UnknownReason


class BorderDistance(Node, frozen=True, kw_only=True):
    """How far a measured value lies from a border between two grades; negative is below it."""

    fact: FactReference
    border: float
    unit: str
    distance: float
    below: str
    above: str


class SystemStage(Node, frozen=True, kw_only=True):
    """What one staging system says of a hip.

    ``possible`` holds the grades that are proven or still possible, lowest first; one alone is proven when
    ``state`` is "staged". ``decided_by`` are the facts whose answer would narrow them, ``could_change``
    those of an examination that was not made and that a proven grade does not ask for.
    """

    id: str
    name: str
    kind: Literal["diagnosis", "stage", "size", "type", "location", "recorded"]
    state: Literal[
        "not applicable", "nothing known", "as reported", "possible", "staged", "none fits", "contradiction"
    ]
    says: str
    possible: tuple[str, ...]
    facts: tuple[FactReference, ...]
    decided_by: tuple[DecidingFact, ...]
    could_change: tuple[DecidingFact, ...]
    borders: tuple[BorderDistance, ...]
    reported: FactReference | None
    disagrees: bool
    reliability: tuple[FigureUsed, ...]
    grade: str
    note: str | None
    sources: tuple[str, ...]


class ContradictionSide(Node, frozen=True, kw_only=True):
    """One of two findings that cannot both be true, with the facts it rests on."""

    says: str
    facts: tuple[FactReference, ...]


class ContradictionFound(Node, frozen=True, kw_only=True):
    """Two findings of a hip that cannot both be true at one time; neither is used."""

    id: str
    name: str
    sides: tuple[ContradictionSide, ...]
    grade: str
    sources: tuple[str, ...]


class Staging(Node, frozen=True, kw_only=True):
    """Every staging system side by side for one hip, and what contradicts itself."""

    applicable: bool
    says: str | None
    systems: tuple[SystemStage, ...]
    contradictions: tuple[ContradictionFound, ...]
