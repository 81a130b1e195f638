"""The plan part: what to do from tomorrow, what is left out and why, weeks after operations, appointments."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, cast, get_args

from precollapse.assessment.context import Context
from precollapse.assessment.dates import due
from precollapse.assessment.nodes import FactReference
from precollapse.assessment.option_nodes import Treatments
from precollapse.assessment.plan_nodes import Appointment, ExerciseShown, Plan, PlanLine, Withheld
from precollapse.assessment.rehabilitation_part import rehabilitation_shown
from precollapse.knowledge.model_plan import Area, PlanItem

# Repeated appointments without an end of their own are given dates this far ahead.
UNTIL_MONTHS = 24.0
GIVEN = ("offered", "worth discussing")
SIDES = ("left", "right")
AREAS: tuple[str, ...] = get_args(Area)


def plan_part(context: Context, treatments: Treatments, as_of: date) -> Plan:
    """Put together what one patient can do.

    Parameters
    ----------
    context
        The patient.
    treatments
        What was argued: a line that belongs to a treatment is told only where that one is an option.
    as_of
        The day from which dates are counted.
    """
    given = {option.id for option in treatments.options if option.state in GIVEN}
    lines, withheld = [], []
    for item in _in_order(context):
        rows = [row for row in range(len(context.rows)) if context.state(f"plan:{item.id}", row)]
        if item.draft or not rows or (item.treatment is not None and item.treatment not in given):
            continue
        barred = [row for row in rows if _barred(context, item, row)]
        if barred:
            withheld.append(_withheld(context, item, barred[0]))
        if len(barred) < len(rows):
            lines.append(_line(context, item, [row for row in rows if row not in barred], as_of))
    return Plan(
        lines=tuple(lines),
        withheld=tuple(withheld),
        rehabilitation=rehabilitation_shown(context, treatments, as_of),
        appointments=tuple(sorted(_appointments(lines, treatments), key=lambda one: (one.date, one.what))),
    )


def _in_order(context: Context) -> list[PlanItem]:
    """Return the lines of the plan by area, in the order of the areas in the model, and by priority."""
    return sorted(context.knowledge.plan.values(), key=lambda item: (AREAS.index(item.area), item.priority))


def _barred(context: Context, item: PlanItem, row: int) -> bool:
    return item.unless is not None and context.state(f"plan-unless:{item.id}", row) is True


def _withheld(context: Context, item: PlanItem, row: int) -> Withheld:
    return Withheld(
        id=item.id,
        name=item.name,
        because=item.unless_says or "Something recorded speaks against it.",
        facts=context.references(f"plan-unless:{item.id}", row),
        sources=item.sources,
    )


def _line(context: Context, item: PlanItem, rows: list[int], as_of: date) -> PlanLine:
    unsure = item.unless is not None and any(
        context.state(f"plan-unless:{item.id}", row) is None for row in rows
    )
    facts: dict[FactReference, None] = {}
    for row in rows:
        facts |= dict.fromkeys(context.references(f"plan:{item.id}", row))
    return PlanLine(
        id=item.id,
        name=item.name,
        area=item.area,
        side=_side(context, item, rows),
        says=item.says,
        plain=item.plain,
        goal=item.goal,
        dose=item.dose,
        stop_when=item.stop_when,
        not_if=item.unless_says if unsure else None,
        favour=item.favour,
        limit=item.limit,
        phase=item.phase,
        exercises=tuple(
            ExerciseShown(name=one.name, how=one.how, dose=one.dose, stop_when=one.stop_when)
            for one in item.exercises
        ),
        dates=_dates(context, item, rows, as_of),
        every_months=item.every_months,
        who=item.who,
        facts=tuple(facts),
        grade=item.grade,
        sources=item.sources,
    )


def _dates(context: Context, item: PlanItem, rows: list[int], as_of: date) -> tuple[str, ...]:
    """Return the days to come on which a line is due, counted from the assessment or from a dated fact."""
    until = item.until_months or UNTIL_MONTHS
    told = (context.facts.reference(fact, row).date for fact in item.count_from for row in rows)
    start = next((date.fromisoformat(day) for day in told if day is not None), as_of)
    return tuple(
        day.isoformat() for day in due(start, item.at_months, item.every_months, until) if day >= as_of
    )


def _side(context: Context, item: PlanItem, rows: list[int]) -> Any:
    if item.per == "patient":
        return None
    hips = [context.facts.hips[row] for row in rows]
    sided = [hip for hip in hips if hip in SIDES]
    return "both" if len(sided) == len(SIDES) else cast("Any", next(iter(sided), None))


def _appointments(lines: list[PlanLine], treatments: Treatments) -> Iterator[Appointment]:
    """Yield every dated line of the plan, and the checks of what the patient takes already."""
    for line in lines:
        for day in line.dates:
            yield Appointment(date=day, what=line.name, why=line.goal or line.says, line=line.id)
    for option in treatments.options:
        if option.taken and option.state != "avoid":
            for check in option.monitoring:
                for day in check.dates:
                    yield Appointment(
                        date=day, what=f"{option.name}: {check.what}", why=check.says, line=option.id
                    )
