"""Forecasts for tests of the views: one with everything, one in brackets, one not made."""

from __future__ import annotations

import math
from typing import Any

import msgspec

from precollapse.assessment.forecast_nodes import (
    Benefit,
    CourseOf,
    EffectUsed,
    HipForecast,
    NarrowedBy,
    NotUsed,
    OptionForecast,
    OutcomeAt,
    SeriesUsed,
    StartShare,
    TypeWidth,
)
from precollapse.assessment.model import Assessment, Hips
from tests.views import factory
from tests.views.factory import interval

TIMES = tuple(step / 2 for step in range(21))
TOLD = (1.0, 2.0, 5.0, 10.0)


def at_time(rate: float, years: float) -> float:
    return round(1 - math.exp(-rate * years), 3)


def course(outcome: str = "collapse", rate: float = 0.2, *, full: bool = True) -> CourseOf:
    """Return a course with a constant hazard a year, its band from a fifth to five times of it."""

    def curve(factor: float) -> tuple[float, ...]:
        return tuple(at_time(rate * factor, time) for time in TIMES) if full else ()

    at = tuple(
        OutcomeAt(
            years=years,
            value=at_time(rate, years),
            interval=interval(at_time(rate / 5, years), at_time(rate * 5, years)),
        )
        for years in TOLD
    )
    return CourseOf(
        outcome=outcome,
        at=at,
        curve=curve(1),
        low=curve(1 / 5),
        high=curve(5),
        inner_low=curve(1 / 2),
        inner_high=curve(2),
    )


def benefit(difference: float = 0.16, low: float = -0.23, high: float = 0.62, **changes: Any) -> Benefit:
    sure = low > 0
    one = Benefit(
        outcome="collapse",
        years=5.0,
        difference=difference,
        interval=interval(low, high),
        treat_to_spare_one=1 / difference if difference > 0 else None,
        treat_interval=interval(1 / high, 1 / low) if sure else None,
        may_harm=not sure,
        spared_at_best=1 / high if high > 0 and not sure else None,
        harmed_at_worst=-1 / low if low < 0 else None,
    )
    return msgspec.structs.replace(one, **changes)


def compared(name: str = "Drug", rate: float = 0.1, **changes: Any) -> OptionForecast:
    effect = EffectUsed(
        outcome="collapse",
        ratio=0.42,
        interval=interval(0.11, 1.5),
        prediction=interval(0.056, 3.1),
        studies=2,
        randomised=1,
        certainty="very low",
        reasons=("few hips", "no blinding"),
    )
    one = OptionForecast(
        id=name.lower(),
        name=name,
        says=f"What {name} is.",
        basis="collapse",
        effect=effect,
        series=None,
        courses=(course("collapse", rate), course("replacement", rate / 2)),
        benefits=(benefit(),),
        sources=("study-a",),
    )
    return msgspec.structs.replace(one, **changes)


def alone(name: str = "Graft", basis: str = "series", **changes: Any) -> OptionForecast:
    outcome = "replacement" if basis == "series" else "revision"
    series = SeriesUsed(
        outcome=outcome,
        rate_per_year=0.02,
        interval=interval(0.01, 0.04),
        prediction=interval(0.005, 0.08),
        studies=3,
        hips=1206.0,
        certainty="very low",
        reasons=("series of chosen hips without a comparison",),
    )
    one = compared(
        name, basis=basis, effect=None, series=series, courses=(course(outcome, 0.02),), benefits=()
    )
    return msgspec.structs.replace(one, **changes)


def forecast(**changes: Any) -> HipForecast:
    """Return the forecast of a hip in which osteonecrosis is shown."""
    outcomes = {
        "collapse": 0.2,
        "collapse beyond 2 mm": 0.1,
        "arthritis": 0.08,
        "replacement": 0.07,
        "pain": 0.3,
    }
    one = HipForecast(
        state="forecast",
        says="The course without treatment, and beside each option.",
        times_years=TIMES,
        starts=(StartShare(state="before collapse", probability=1.0),),
        rests_on=("Stage: seen on MRI only", "Size: not known"),
        facts=(factory.fact("hip_symptoms", True, side="left"),),
        untreated=tuple(course(name, rate) for name, rate in outcomes.items()),
        options=(compared(), compared("Drilling", 0.18), alone(), alone("New joint", "revision")),
        narrowed_by=NarrowedBy(
            question="How large is it?",
            years=5.0,
            width_now=0.99,
            width_expected=0.73,
            widths=(TypeWidth(type="A", width=0.19), TypeWidth(type="C2", width=0.78)),
            lowest=0.02,
            highest=0.8,
        ),
        not_used=(NotUsed(says="Age: no association in one cohort.", source="study-a"),),
        sources=("study-a", "study-b"),
    )
    return msgspec.structs.replace(one, **changes)


def possible(**changes: Any) -> HipForecast:
    """Return the forecast of a hip in which osteonecrosis is only possible."""
    return forecast(
        state="if confirmed", says="If MRI shows it.", overall=(course(rate=0.05, full=False),), **changes
    )


def not_made() -> HipForecast:
    return HipForecast(state="not made", says="No forecast: it is unlikely.")


def assessment(left: HipForecast | None, right: HipForecast | None) -> Assessment:
    """Return a full assessment with these forecasts."""
    full = factory.full()
    hips = Hips(
        left=msgspec.structs.replace(full.hips.left, forecast=left),
        right=msgspec.structs.replace(full.hips.right, forecast=right),
    )
    return msgspec.structs.replace(full, hips=hips)
