"""The forecast as a part of the document: courses with bands, options beside them, what would narrow them."""

from __future__ import annotations

from typing import Literal

from precollapse.assessment.nodes import FactReference, Interval, Node


class OutcomeAt(Node, frozen=True, kw_only=True):
    """Probability that something has happened by a time. Never without its interval."""

    years: float
    value: float
    interval: Interval


class CourseOf(Node, frozen=True, kw_only=True):
    """One outcome over time.

    ``at`` are the told horizons. ``curve``, ``low`` and ``high`` (middle 95 %), ``inner_low`` and
    ``inner_high`` (middle half) have one number for each of ``times_years`` of the forecast.
    """

    outcome: str
    at: tuple[OutcomeAt, ...]
    curve: tuple[float, ...] = ()
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    inner_low: tuple[float, ...] = ()
    inner_high: tuple[float, ...] = ()


class Benefit(Node, frozen=True, kw_only=True):
    """How much less often an outcome happens with an option than without, of 1; below zero it is harm.

    ``treat_to_spare_one`` is the number needed to treat, ``treat_interval`` its interval where all of it is
    benefit. Where ``may_harm`` says that it is not, the interval runs from ``spared_at_best`` (treated to
    spare one) through none at all to ``harmed_at_worst`` (treated to harm one).
    """

    outcome: str
    years: float
    difference: float
    interval: Interval
    treat_to_spare_one: float | None
    treat_interval: Interval | None
    may_harm: bool
    spared_at_best: float | None = None
    harmed_at_worst: float | None = None


class EffectUsed(Node, frozen=True, kw_only=True):
    """The pooled hazard ratio behind an option, how far studies differ, and how far it can be trusted."""

    outcome: str
    ratio: float
    interval: Interval
    prediction: Interval
    studies: int
    randomised: int
    certainty: str
    reasons: tuple[str, ...]


class SeriesUsed(Node, frozen=True, kw_only=True):
    """The series behind an option that was never compared: events per hip and year."""

    outcome: str
    rate_per_year: float
    interval: Interval
    prediction: Interval
    studies: int
    hips: float
    certainty: str
    reasons: tuple[str, ...]


class OptionForecast(Node, frozen=True, kw_only=True):
    """One option beside the course without treatment."""

    id: str
    name: str
    says: str
    basis: Literal["collapse", "replacement", "series", "revision"]
    effect: EffectUsed | None
    series: SeriesUsed | None
    courses: tuple[CourseOf, ...]
    benefits: tuple[Benefit, ...]
    sources: tuple[str, ...]


class StartShare(Node, frozen=True, kw_only=True):
    """Where the hip may stand now, and how likely that is."""

    state: str
    probability: float


class TypeWidth(Node, frozen=True, kw_only=True):
    """How wide the band would be if the hip were known to be of a type."""

    type: str
    width: float


class NarrowedBy(Node, frozen=True, kw_only=True):
    """What a measurement of the size would do to the band of collapse at one horizon."""

    question: str
    years: float
    width_now: float
    width_expected: float
    widths: tuple[TypeWidth, ...]
    lowest: float
    highest: float


class NotUsed(Node, frozen=True, kw_only=True):
    """What does not change the forecast though one may expect it to, and where that was read."""

    says: str
    source: str


class HipForecast(Node, frozen=True, kw_only=True):
    """The forecast of one hip.

    ``state`` is "forecast" where osteonecrosis is shown, "if confirmed" where it is only possible: then
    ``untreated`` and ``options`` hold if MRI shows it, and ``overall`` counts how likely that is. Of a hip
    in which it is unlikely only ``overall`` is told, and only where the other hip is affected.
    """

    state: Literal["forecast", "if confirmed", "not made"]
    says: str
    times_years: tuple[float, ...] = ()
    starts: tuple[StartShare, ...] = ()
    rests_on: tuple[str, ...] = ()
    facts: tuple[FactReference, ...] = ()
    untreated: tuple[CourseOf, ...] = ()
    overall: tuple[CourseOf, ...] = ()
    options: tuple[OptionForecast, ...] = ()
    narrowed_by: NarrowedBy | None = None
    not_used: tuple[NotUsed, ...] = ()
    sources: tuple[str, ...] = ()
