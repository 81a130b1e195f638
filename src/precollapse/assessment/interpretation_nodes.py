"""Values against their usual ranges, and hip scores, as parts of the document."""

from __future__ import annotations

from typing import Literal

from precollapse.assessment.nodes import FactReference, FigureUsed, Interval, Node


class Interpreted(Node, frozen=True, kw_only=True):
    """A measured value against its usual range.

    ``beyond`` is how far it lies outside; ``depends_on`` names what would have to be known to say it.
    ``difference`` is this side less the other side. Without ``sources`` the range is judgement.
    """

    fact: FactReference
    verdict: Literal["below", "within", "above", "cannot be said"]
    usual_low: float | None
    usual_high: float | None
    beyond: Interval | None = None
    meaning: str | None = None
    difference: float | None = None
    depends_on: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


class MissingItem(Node, frozen=True, kw_only=True):
    """A question of a score that nobody answered."""

    concept: str
    name: str
    question: str


class ScoreThreshold(Node, frozen=True, kw_only=True):
    """A number against which a score or its change is held."""

    kind: str
    figure: FigureUsed


class HipScore(Node, frozen=True, kw_only=True):
    """A hip score: the points that are possible, the bands they fall into and what is missing.

    ``points`` come from the answers when any was given and the licence allows to count them, else from the
    recorded total. ``contradiction`` says that the recorded total cannot come from the recorded answers.
    """

    id: str
    name: str
    points: Interval
    scale: Interval
    better: Literal["higher", "lower"]
    computed: bool
    recorded: FactReference | None
    bands: tuple[str, ...]
    missing: tuple[MissingItem, ...]
    contradiction: str | None
    licence: str
    thresholds: tuple[ScoreThreshold, ...]
    note: str | None
    sources: tuple[str, ...]
