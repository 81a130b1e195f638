"""What every part of the document is made of: its base, facts as they were used, intervals, figures."""

from __future__ import annotations

from typing import Literal

import msgspec

UrgencyName = Literal["emergency", "urgent", "soon", "routine"]
UnknownReason = Literal[
    "not asked", "asked, not known", "stale", "unreadable", "conflicting", "provisional", "side not said"
]


class Node(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Base of every part of the document."""


class FactReference(Node, frozen=True, kw_only=True):
    """One fact as it was used: its value, or why it is unknown, and where it came from."""

    concept: str
    name: str
    value: bool | float | str | None
    low: float | None = None
    high: float | None = None
    unit: str | None = None
    side: Literal["left", "right"] | None = None
    date: str | None = None
    origin: str | None = None
    why_unknown: UnknownReason | None = None
    note: str | None = None


class Interval(Node, frozen=True, kw_only=True):
    """Bounds of a number, most often of a probability."""

    low: float
    high: float


class FigureUsed(Node, frozen=True, kw_only=True):
    """A published number that went into a result."""

    value: float
    interval: Interval | None
    unit: str
    population: str
    source: str
    where: str
    grade: str
    note: str | None = None


def rounded(value: float) -> float:
    """Four significant digits: enough to recompute with, few enough to be the same on every machine."""
    return float(f"{float(value):.4g}")
