"""Values of the patient's own assessment, as words that answers and the handout quote."""

from __future__ import annotations

from dataclasses import dataclass

from precollapse.assessment.context import Context
from precollapse.assessment.diagnosis_nodes import NextTests
from precollapse.assessment.forecast_nodes import CourseOf, HipForecast
from precollapse.assessment.model import Hip, Hips, Urgency
from precollapse.assessment.nodes import Interval
from precollapse.assessment.option_nodes import Treatments

SIDES = ("left", "right")
GIVEN = ("offered", "worth discussing")
OSTEONECROSIS = "osteonecrosis"
# A natural frequency between two whole numbers of 100 is told as less than 1, or as more than 99.
_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Own:
    """What answers may quote, and the hip they are about.

    ``row`` is the place of that hip among the patient's rows; ``hip`` and ``other`` are its part of the
    document and that of the other side.
    """

    row: int
    side: str
    hip: Hip
    other: Hip
    urgency: Urgency
    next_tests: NextTests
    treatments: Treatments

    @staticmethod
    def of(
        context: Context, hips: Hips, urgency: Urgency, next_tests: NextTests, treatments: Treatments
    ) -> Own:
        """Choose the hip that answers are about: the one with the stronger case for osteonecrosis."""
        left, right = (_case(context, hip, getattr(hips, hip)) for hip in SIDES)
        side = "right" if right > left else "left"
        other = "left" if side == "right" else "right"
        return Own(
            row=context.row_of(side),
            side=side,
            hip=getattr(hips, side),
            other=getattr(hips, other),
            urgency=urgency,
            next_tests=next_tests,
            treatments=treatments,
        )


def _case(context: Context, side: str, hip: Hip) -> tuple[bool, bool, float, int]:
    """Return how strong the case of a hip is: shown, possible, how likely, how much is recorded."""
    proof = context.found("proof", context.row_of(side))
    return (
        "possible" not in proof and "shown" in proof,
        "shown" in proof,
        hip.risk.mri_today.value or 0.0,
        len(hip.findings),
    )


def own_values(context: Context, own: Own) -> dict[str, str]:
    """Return every value that is known, by its name in braces (``precollapse.knowledge.own_values``)."""
    other = "left" if own.side == "right" else "right"
    found = {
        "hip": f"{own.side} hip",
        "other_hip": f"{other} hip",
        "standing_words": words_of(context, "standing", own.row),
        "urgency_words": words_of(context, "urgency", own.row),
        "risk_today_of_100": _of_estimate(own.hip),
        "other_hip_of_100": _of_estimate(own.other),
        "next_test": next((test.name for test in own.next_tests.tests if test.state == "worth it"), None),
        "offered_operations": _offered(own.treatments, ("operation", "regenerative")),
        "offered_medicines": _offered(own.treatments, ("drug", "combination")),
        **_courses(own.hip.forecast),
    }
    return {name: value for name, value in found.items() if value}


def words_of(context: Context, finding: str, row: int) -> str | None:
    """Return the plain words of a finding; of one that may yet be shown, the words for "possible"."""
    possible = context.found(finding, row)
    if finding == "proof" and "possible" in possible:
        possible = ("possible",)
    words = context.knowledge.plain_words.values()
    said = [one.says for one in words if one.finding == finding and (one.value,) == possible]
    return said[0] if said else None


def _of_estimate(hip: Hip) -> str | None:
    today = chance_today(hip)
    return of_100(*today) if today is not None else None


def chance_today(hip: Hip) -> tuple[float, Interval | None] | None:
    """Return how likely osteonecrosis of a hip is today, with its band, as the clinician is told it first.

    That is the differential, which weighs every finding; without findings it is the risk from causes.
    """
    weighed = hip.differential.diagnoses if hip.differential.state == "weighed" else ()
    found = next((one for one in weighed if one.id == OSTEONECROSIS), None)
    if found is not None:
        return found.probability, found.band
    today = hip.risk.mri_today
    return (
        (today.value, today.interval) if hip.risk.state == "estimated" and today.value is not None else None
    )


def _courses(forecast: HipForecast | None) -> dict[str, str]:
    if forecast is None:
        return {}
    return {
        f"{outcome}_{years:g}_years_of_100": of_100(at.value, at.interval)
        for outcome, course in (
            ("collapse", course_told(forecast, "collapse")),
            ("replacement", course_told(forecast, "replacement")),
        )
        if course is not None
        for at in course.at
        for years in (at.years,)
    }


def course_told(forecast: HipForecast, outcome: str) -> CourseOf | None:
    """Return the course of a hip without treatment for one outcome."""
    return next((course for course in forecast.untreated if course.outcome == outcome), None)


def of_100(value: float, interval: Interval | None) -> str:
    """Return a probability as a natural frequency: "about 40 (it could be 12 to 71)"."""
    count = _count(value)
    told = count if count.startswith(("less", "more")) else f"about {count}"
    if interval is None:
        return told
    return f"{told} (it could be {_count(interval.low)} to {_count(interval.high)})"


def _count(value: float) -> str:
    """Return how many of 100; nothing is told as none or all that is not."""
    number = value * _PERCENT
    if 0 < number < 1:
        return "less than 1"
    if _PERCENT - 1 < number < _PERCENT:
        return "more than 99"
    return f"{number:.0f}"


def _offered(treatments: Treatments, kinds: tuple[str, ...]) -> str | None:
    names = [one.plain_name for one in treatments.options if one.state in GIVEN and one.kind in kinds]
    return ", ".join(dict.fromkeys(names)) or None
