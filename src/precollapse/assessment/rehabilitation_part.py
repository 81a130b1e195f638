"""Week by week after an operation: with dates where it was done, with weeks where it is an option."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, cast

from precollapse.assessment.context import Context
from precollapse.assessment.dates import after_weeks
from precollapse.assessment.option_nodes import Treatments
from precollapse.assessment.plan_nodes import RehabilitationShown, RehabilitationWeeks
from precollapse.knowledge.model_plan import Rehabilitation, RehabilitationPhase

GIVEN = ("offered", "worth discussing")
# After this many weeks an operation is no longer recovered from, and its weeks are not shown.
OVER_AFTER_WEEKS = 53


def rehabilitation_shown(
    context: Context, treatments: Treatments, as_of: date
) -> tuple[RehabilitationShown, ...]:
    """Return the weeks after every operation that was done lately or is an option, for each hip."""
    return tuple(
        shown
        for course in context.knowledge.rehabilitation.values()
        for shown in _of(context, course, treatments, as_of)
    )


def _of(
    context: Context, course: Rehabilitation, treatments: Treatments, as_of: date
) -> Iterator[RehabilitationShown]:
    done = {hip: day for hip, day in _operated(context, course) if day is None or _lately(day, as_of)}
    for hip, day in done.items():
        yield _shown(course, hip, day, done=True)
    for option in treatments.options:
        if option.id == course.operation and option.state in GIVEN and option.side not in done:
            yield _shown(course, option.side, None, done=False)


def _operated(context: Context, course: Rehabilitation) -> Iterator[tuple[str, date | None]]:
    """Yield each hip that was operated on, with the day where the record names it."""
    for row, hip in enumerate(context.facts.hips):
        if context.state(f"rehabilitation:{course.id}", row):
            told = context.facts.reference(course.done, row).date
            yield hip, date.fromisoformat(told) if told else None


def _lately(day: date, as_of: date) -> bool:
    return as_of - day <= timedelta(weeks=OVER_AFTER_WEEKS)


def _shown(course: Rehabilitation, hip: str | None, day: date | None, *, done: bool) -> RehabilitationShown:
    return RehabilitationShown(
        id=course.id,
        name=course.name,
        side=cast("Any", hip),
        done=done,
        phases=tuple(_weeks(phase, day) for phase in course.phases),
        grade=course.grade,
        sources=course.sources,
    )


def _weeks(phase: RehabilitationPhase, day: date | None) -> RehabilitationWeeks:
    return RehabilitationWeeks(
        from_week=phase.from_week,
        to_week=phase.to_week,
        from_date=after_weeks(day, phase.from_week).isoformat() if day else None,
        to_date=after_weeks(day, phase.to_week).isoformat() if day and phase.to_week is not None else None,
        goal=phase.goal,
        weight_bearing=phase.weight_bearing,
        do=phase.do,
        avoid=phase.avoid,
        plain=phase.plain,
        stop_when=phase.stop_when,
        sources=phase.sources,
    )
