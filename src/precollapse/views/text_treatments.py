"""Treatments and the plan for the terminal: what can be done, what must wait, what to do from tomorrow."""

from __future__ import annotations

from collections.abc import Iterator

from precollapse.assessment.model import Assessment
from precollapse.assessment.option_nodes import Option
from precollapse.assessment.plan_nodes import PlanLine, RehabilitationShown
from precollapse.views import wording
from precollapse.views import wording_treatments as words
from precollapse.views.layout import Line, bullet, heading
from precollapse.views.wording import FEW, SourceNumbers


def treatments_lines(assessment: Assessment, cite: SourceNumbers) -> Iterator[Line]:
    """Yield every treatment under its state; what may be given with what is expected of it."""
    treatments = assessment.treatments
    yield from heading("What can be done")
    yield Line(treatments.says, indent=2)
    if treatments.goals:
        yield Line(f"Goals of the patient: {', '.join(treatments.goals)}.", indent=2)
    elif treatments.options:
        yield Line(f"Not asked what matters most: {', '.join(treatments.goals_unknown)}.", indent=2)
    for title, group in words.by_state(assessment):
        yield Line(title, indent=2, style="bold")
        for shown in group:
            yield from _option(shown, assessment, cite)
    for other in treatments.other_orders:
        yield bullet(f"If only this counted: {other.goal}, then first: {other.first}.", mark="?")


def _option(shown: words.Shown, assessment: Assessment, cite: SourceNumbers) -> Iterator[Line]:
    option = shown.option
    yield bullet(f"{words.name(shown)}: {option.decided_by} {cite(*_decisive(option))}".rstrip(), indent=4)
    if option.state in words.GIVEN:
        yield Line(words.standing(option), indent=6, style="dim")
        expected = words.expected(option, assessment)
        if expected:
            yield Line(f"Expected: {expected}", indent=6)
        for one in option.speaks_against[1:]:
            yield Line(f"{one.effect.capitalize()}: {one.says}", indent=6)
    elif option.state == "avoid" and words.decisive(option):
        facts = "; ".join(wording.brief(fact) for fact in words.decisive(option))
        yield Line(f"Because: {facts}", indent=6, style="dim")


def _decisive(option: Option) -> tuple[str, ...]:
    """Return the sources of what decided."""
    for against in option.speaks_against[:1]:
        if option.decided_by.startswith(against.says):
            return against.sources
    return next((one.sources for one in option.speaks_for if option.state in words.GIVEN), ())


def plan_in_short(assessment: Assessment) -> Iterator[Line]:
    """Yield the names of the lines of the plan by area, what was left out, and the next dates."""
    plan = assessment.plan
    if plan.lines:
        yield from heading("Plan")
        yield Line(
            "How each is done: `precollapse plan`, or the page (--format html).", indent=2, style="dim"
        )
    for title, lines in words.by_area(plan.lines):
        yield bullet("; ".join(line.name for line in lines), mark=f"{title}:")
    if plan.withheld:
        yield bullet("; ".join(one.name for one in plan.withheld), mark="Left out for this patient:")
    for course in plan.rehabilitation:
        side = f", {course.side} hip" if course.side else ""
        yield bullet(f"{course.name}{side}{'' if course.done else ', if it is chosen'}", mark="Weeks:")
    yield from _dates(assessment)


def plan_lines(assessment: Assessment, cite: SourceNumbers) -> Iterator[Line]:
    """Yield the plan by area, what was left out, rehabilitation week by week, and the next dates."""
    plan = assessment.plan
    if plan.lines:
        yield from heading("Plan")
    for title, lines in words.by_area(plan.lines):
        yield Line(title, indent=2, style="bold")
        for line in lines:
            yield from _plan_line(line, cite)
    if plan.withheld:
        yield Line("Left out for this patient", indent=2, style="bold")
    for one in plan.withheld:
        yield bullet(f"{one.name}: {one.because} {cite(*one.sources)}".rstrip(), indent=4)
    for course in plan.rehabilitation:
        yield from _rehabilitation(course, cite)
    yield from _dates(assessment)


def _dates(assessment: Assessment) -> Iterator[Line]:
    dates = assessment.plan.appointments
    if dates:
        yield Line("Next dates", indent=2, style="bold")
    for date in dates[:FEW]:
        yield bullet(f"{date.date}  {date.what}", indent=4)
    left = wording.more(len(dates), FEW)
    if left:
        yield Line(f"… {left}", indent=4, style="dim")


def _plan_line(line: PlanLine, cite: SourceNumbers) -> Iterator[Line]:
    where = f" ({'both hips' if line.side == 'both' else f'{line.side} hip'})" if line.side else ""
    said = f"{line.name}{where}: {line.says} {cite(*line.sources)}".rstrip()
    yield bullet(said, indent=4)
    for label, detail in (("How much", line.dose), ("Stop", line.stop_when), ("Not if", line.not_if)):
        if detail:
            yield Line(f"{label}: {detail}", indent=6)
    if line.exercises:
        yield Line("; ".join(f"{one.name} ({one.dose})" for one in line.exercises), indent=6)


def _rehabilitation(course: RehabilitationShown, cite: SourceNumbers) -> Iterator[Line]:
    side = f", {course.side} hip" if course.side else ""
    when = "" if course.done else ", if it is chosen"
    yield Line(f"{course.name}{side}{when} {cite(*course.sources)}".rstrip(), indent=2, style="bold")
    for phase in course.phases:
        yield bullet(f"{words.weeks(phase)}: {phase.weight_bearing}; {phase.goal}", indent=4)
