"""The types of the knowledge about hip scores: items, points, bands, what a change means, and the licence.

``docs/methods/interpretation.md`` says how points are counted when items are missing.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from precollapse.knowledge.model import Entry, Figure


class ScoreItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """One question of a score: a concept and the points of each of its answers ("yes" and "no" of a fact)."""

    concept: str
    points: dict[str, float]


class Arc(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """A stretch of a movement, in the concept's unit, and what each unit of it is worth."""

    start: float
    end: float
    index: float


class Movement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """A movement that is measured, and the stretches it is counted in."""

    concept: str
    arcs: tuple[Arc, ...]


class Motion(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """Points for range of motion: what the arcs are worth together, times a factor, up to a limit."""

    movements: tuple[Movement, ...]
    factor: float
    limit: float


class Band(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """A name for a stretch of points: from ``start`` up to, but without, the start of the next band."""

    name: str
    start: float


class Threshold(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """A number against which a score or its change is held."""

    kind: Literal["smallest change that matters", "acceptable state", "measurement error"]
    figure: Figure


class Score(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A hip score.

    ``total`` is the concept under which a finished score is recorded. Points are counted from answers only
    where ``may_compute`` says that the licence allows it; ``licence`` says what was found out, and
    ``licence_sources`` where. ``bands_source`` None means that nobody divides the score.
    """

    name: str
    total: str
    low: float
    high: float
    better: Literal["higher", "lower"]
    licence: str
    licence_sources: tuple[str, ...] = ()
    may_compute: bool = False
    items: tuple[ScoreItem, ...] = ()
    motion: Motion | None = None
    bands: tuple[Band, ...] = ()
    bands_source: str | None = None
    thresholds: tuple[Threshold, ...] = ()
