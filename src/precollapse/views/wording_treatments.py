"""Words for treatments and the plan, shared by the terminal, the page and the printed reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from precollapse.assessment.forecast_nodes import OptionForecast
from precollapse.assessment.model import Assessment, Hip
from precollapse.assessment.nodes import FactReference
from precollapse.assessment.option_nodes import MonitoringShown, Option
from precollapse.assessment.plan_nodes import PlanLine, RehabilitationWeeks
from precollapse.views import wording_forecast

GIVEN = ("offered", "worth discussing")
# In the order of the document, with what each state means to a reader.
TITLES = {
    "offered": "Offered",
    "worth discussing": "Worth discussing",
    "only if": "Only if",
    "held back": "Held back until something is known",
    "avoid": "Avoid",
}
AREAS = {
    "red flags": "Red flags",
    "activity": "Activity",
    "weight bearing": "Weight bearing",
    "physiotherapy": "Physiotherapy",
    "aids and home": "Aids and home",
    "work": "Work",
    "weight": "Weight",
    "alcohol and smoking": "Alcohol and smoking",
    "medicines": "Medicines",
    "pain": "Pain",
    "bone health": "Bone health",
    "diet": "Food",
    "coping": "Coping",
    "imaging": "Images to come",
    "laboratory": "Laboratory",
    "appointments": "Appointments",
}
BOTH = {"left", "right"}
MOST_DATES = 3


@dataclass(frozen=True, slots=True)
class Shown:
    """A treatment with the hips of which the very same is said."""

    option: Option
    sides: tuple[str, ...]

    @property
    def where(self) -> str:
        """Return the hips in words, or nothing for the whole patient."""
        if not self.sides:
            return ""
        return "both hips" if set(self.sides) >= BOTH else f"{self.sides[0]} hip"


def by_state(assessment: Assessment) -> list[tuple[str, list[Shown]]]:
    """Return the treatments under the title of their state, hips of which the same is said together."""
    found: dict[str, dict[tuple[str, str], Shown]] = {}
    for option in assessment.treatments.options:
        group, key = found.setdefault(option.state, {}), (option.id, option.decided_by)
        sides = (*group[key].sides, *_side(option)) if key in group else _side(option)
        group[key] = Shown(group[key].option if key in group else option, sides)
    return [(TITLES[state], list(found[state].values())) for state in TITLES if state in found]


def _side(option: Option) -> tuple[str, ...]:
    return (option.side,) if option.side else ()


def name(shown: Shown) -> str:
    """Return the name with the hip it is for, and whether the patient has it already."""
    words = f"{shown.option.name}, {shown.where}" if shown.where else shown.option.name
    return f"{words} (has it now)" if shown.option.taken else words


def decisive(option: Option) -> tuple[FactReference, ...]:
    """Return the facts of what forbids a treatment."""
    forbids = [one for one in option.speaks_against if one.effect == "avoid"]
    return forbids[0].facts if forbids else ()


def standing(option: Option) -> str:
    """Return in one line how it is licensed, how well it is shown, and whether guidelines disagree."""
    parts = [] if option.licence == "not a medicine" else [option.licence]
    parts.append(f"evidence {option.evidence.grade}")
    if option.guidelines_disagree:
        parts.append("guidelines disagree")
    if option.recovery is not None:
        parts.append(f"recovery {option.recovery.weeks_low:g} to {option.recovery.weeks_high:g} weeks")
    return " · ".join(parts)


def expected(option: Option, assessment: Assessment) -> str:
    """Return what the forecast of its hip expects of it, or nothing."""
    for hip in _hips(option, assessment):
        found = forecast_of(option, hip)
        if found is not None and hip.forecast is not None:
            return _expected(found, hip)
    return ""


def _expected(found: OptionForecast, hip: Hip) -> str:
    assert hip.forecast is not None
    told = f"{wording_forecast.told_outcome(found)} within {wording_forecast.told_years(found):g} years"
    benefit = wording_forecast.told_benefit(found)
    with_it, without = wording_forecast.with_option(found), wording_forecast.without(found, hip.forecast)
    beside = f" instead of {without}" if without else ""
    return f"{told}: {with_it}{beside}" + (f"; {wording_forecast.benefit(benefit)}" if benefit else "")


def _hips(option: Option, assessment: Assessment) -> list[Hip]:
    hips = assessment.hips
    if option.side is not None:
        return [hip for hip in (getattr(hips, option.side),) if hip is not None]
    return [hips.left, hips.right]


def forecast_of(option: Option, hip: Hip) -> OptionForecast | None:
    """Return the course of a treatment in a hip's forecast."""
    options = hip.forecast.options if hip.forecast is not None else ()
    return next((one for one in options if one.id == option.forecast_option), None)


def check(one: MonitoringShown) -> str:
    """Return what is checked and when."""
    when = "before: " if one.before else ""
    dates = (
        f" ({', '.join(one.dates[:MOST_DATES])}{', …' if len(one.dates) > MOST_DATES else ''})"
        if one.dates
        else ""
    )
    return f"{when}{one.what}, {one.says}{dates}"


def by_area(lines: Sequence[PlanLine]) -> list[tuple[str, list[PlanLine]]]:
    """Return the lines of the plan under the title of their area."""
    found: dict[str, list[PlanLine]] = {}
    for line in lines:
        found.setdefault(line.area, []).append(line)
    return [(AREAS[area], found[area]) for area in AREAS if area in found]


def weeks(one: RehabilitationWeeks) -> str:
    """Return the span of a phase: weeks, and dates where they are known."""
    span = (
        f"week {one.from_week:g} on" if one.to_week is None else f"weeks {one.from_week:g} to {one.to_week:g}"
    )
    if one.from_date is None:
        return span
    return f"{span}, {one.from_date}" + (f" to {one.to_date}" if one.to_date else " on")
