"""The words for the forecast that the terminal and the page share.

No number is shown without its band, and nothing is ranked: options keep the order of the document.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from precollapse.assessment.forecast_nodes import (
    Benefit,
    CourseOf,
    EffectUsed,
    HipForecast,
    NarrowedBy,
    OptionForecast,
    OutcomeAt,
    SeriesUsed,
)
from precollapse.assessment.model import Assessment, Hip
from precollapse.assessment.nodes import Interval
from precollapse.views import numbers, wording
from precollapse.views.wording import Side

TOLD_YEARS = 5.0  # the horizon of the summary and of the options
REVISION_YEARS = 10.0
# The document gives probabilities to a thousandth; a smaller one was rounded to nothing.
_LEAST = 0.0005

_OUTCOMES = {
    "collapse": "collapse",
    "collapse beyond 2 mm": "collapse beyond 2 mm or replaced",
    "arthritis": "arthritis or replaced",
    "replacement": "replaced",
    "pain": "first pain of this silent hip",
    "revision": "revised",
}
_COMPARED = ("collapse", "replacement")
NO_ADVICE = "None of this is advice for or against an option: that comes with rules of its own."
ORDER = "The order is that of the list, not of benefit."
ONLY_SERIES = (
    "Only series of chosen hips, no comparison: these cannot be set against the course without treatment."
)
FORECAST, EVIDENCE, SERIES, LEFT_OUT = (
    "forecast",
    "evidence behind the options",
    "series of chosen hips",
    "what the forecast left out",
)


# Numbers.
def percent(probability: float) -> str:
    """Return a probability of a forecast: ``38 %``, ``< 0.1 %``, ``> 99 %``; nothing is ever certain."""
    if probability < _LEAST:
        return "< 0.1 %"
    return "> 99 %" if probability >= numbers.LARGEST else numbers.percent(probability)


def span(interval: Interval) -> str:
    """Return a band: ``0.4 to > 99 %``."""
    return f"{percent(interval.low).removesuffix(' %')} to {percent(interval.high)}"


def probability(one: OutcomeAt) -> str:
    """Return a probability with its band: ``49 % (1 to 98 %)``."""
    return f"{percent(one.value)} ({span(one.interval)})"


def points(share: float) -> str:
    """Return a share as points of 100: ``16``, ``0.5``."""
    return numbers.plain(float(f"{100 * abs(share):.2g}"))


def years(number: float) -> str:
    """Return ``1 year`` or ``5 years``."""
    said = numbers.plain(number)
    return f"{said} year{'' if said == '1' else 's'}"


def within(number: float) -> str:
    """Return ``within 5 years``."""
    return f"within {years(number)}"


# The course without treatment.
def outcome(name: str) -> str:
    """Return an outcome in the words of a sentence."""
    return _OUTCOMES.get(name, name)


def at(course: CourseOf | None, number: float) -> OutcomeAt | None:
    """Return a course at one of its told horizons."""
    told = course.at if course else ()
    return next((one for one in told if one.years == number), None)


def course_of(courses: Sequence[CourseOf], name: str) -> CourseOf | None:
    """Return the course of an outcome."""
    return next((one for one in courses if one.outcome == name), None)


def main(courses: Sequence[CourseOf]) -> CourseOf | None:
    """Return the course that stands for all: collapse, or replacement where the head has collapsed."""
    found = [course_of(courses, name) for name in _COMPARED]
    return next((one for one in found if one), courses[0] if courses else None)


def headline(courses: Sequence[CourseOf]) -> str:
    """Return ``collapse within 5 years 26 % (0.4 to 72 %)``, or nothing."""
    course = main(courses)
    found = at(course, TOLD_YEARS)
    if course is None or found is None:
        return ""
    return f"{outcome(course.outcome)} {within(TOLD_YEARS)} {probability(found)}"


def in_short(hip: Hip) -> str:
    """Return the hip in a line, with what is to be expected of it where osteonecrosis is shown."""
    said, forecast = wording.in_short(hip), hip.forecast
    if forecast is None or forecast.state != "forecast":
        return said
    expected = headline(forecast.untreated)
    return f"{said}; without treatment {expected}" if expected else said


def overall(forecast: HipForecast) -> str:
    """Return what is to be expected while osteonecrosis is only possible, or nothing."""
    said = headline(forecast.overall)
    return f"As things stand, with osteonecrosis not shown yet: {said}." if said else ""


def starts(forecast: HipForecast) -> str:
    """Say where the hip may stand now, when that is not known."""
    if len(forecast.starts) < 2:
        return ""
    said = ", ".join(f"{one.state} {numbers.share(one.probability)}" for one in forecast.starts)
    return f"Where it may stand now: {said}. Each outcome counts what may have happened already."


def horizons(courses: Sequence[CourseOf]) -> list[float]:
    """Return every told horizon of some courses."""
    return sorted({one.years for course in courses for one in course.at})


def narrowed(one: NarrowedBy) -> str:
    """Say what a measurement of the size would do to the band."""
    widths = ", ".join(f"{width.type} {points(width.width)}" for width in one.widths)
    by_type = f" (by type: {widths})" if widths else ""
    return (
        f"Knowing the size would narrow the {numbers.plain(one.years)}-year band of collapse from"
        f" {points(one.width_now)} points to about {points(one.width_expected)} on average{by_type};"
        f" the probability itself would be from {percent(one.lowest).removesuffix(' %')} to"
        f" {percent(one.highest)}, by type."
    )


# Options.
def compared(forecast: HipForecast) -> tuple[OptionForecast, ...]:
    """Return the options that were compared with no treatment."""
    return tuple(one for one in forecast.options if one.basis in _COMPARED)


def alone(forecast: HipForecast) -> tuple[OptionForecast, ...]:
    """Return the options of which there are only series."""
    return tuple(one for one in forecast.options if one.basis not in _COMPARED)


def told_years(option: OptionForecast) -> float:
    """Return the horizon at which an option is told."""
    return REVISION_YEARS if option.basis == "revision" else TOLD_YEARS


def told_outcome(option: OptionForecast) -> str:
    """Return the outcome on which an option was studied."""
    return "replacement" if option.basis == "series" else option.basis


def with_option(option: OptionForecast) -> str:
    """Return the probability with an option: ``35 % (0.4 to > 99 %)``."""
    found = at(course_of(option.courses, told_outcome(option)), told_years(option))
    return probability(found) if found else "not given"


def without(option: OptionForecast, forecast: HipForecast) -> str:
    """Return the probability of the same without treatment."""
    found = at(course_of(forecast.untreated, told_outcome(option)), told_years(option))
    return probability(found) if found else "not given"


def untreated_beside(forecast: HipForecast) -> str:
    """Return the course without treatment on every outcome that options were compared on."""
    names = dict.fromkeys(told_outcome(one) for one in compared(forecast))
    found = [(name, at(course_of(forecast.untreated, name), TOLD_YEARS)) for name in names]
    return ", ".join(f"{outcome(name)} {probability(one)}" for name, one in found if one)


def told_benefit(option: OptionForecast) -> Benefit | None:
    """Return the difference from no treatment on the outcome on which an option was studied."""
    wanted = told_outcome(option), told_years(option)
    return next((one for one in option.benefits if (one.outcome, one.years) == wanted), None)


def benefit(one: Benefit) -> str:
    """Return ``16 points better (23 worse to 62 better), may do harm``, or the number needed to treat."""
    low, high = one.interval.low, one.interval.high
    way = "worse" if one.difference < 0 else "better"
    if low >= 0:
        band = f"{points(low)} to {points(high)} better"
    elif high <= 0:
        band = f"{points(low)} to {points(high)} worse"
    else:
        band = f"{points(low)} worse to {points(high)} better"
    return f"{points(one.difference)} points {way} ({band}){_treat(one)}"


def _treat(one: Benefit) -> str:
    if one.may_harm:
        return _treat_or_harm(one)
    if one.treat_to_spare_one is None or one.treat_interval is None:
        return ""
    low, high = _two(one.treat_interval.low), _two(one.treat_interval.high)
    return f", treat {_two(one.treat_to_spare_one)} ({low} to {high}) to spare one"


def _treat_or_harm(one: Benefit) -> str:
    """Return the number needed to treat with an interval that runs through "none at all" into harm."""
    best, worst = one.spared_at_best, one.harmed_at_worst
    if one.treat_to_spare_one is None or best is None or worst is None:
        return ", may do harm"
    spared, ends = _two(one.treat_to_spare_one), f"{_two(best)} to spare one to {_two(worst)} to harm one"
    return f", treat {spared} to spare one (from {ends})"


def _two(value: float) -> str:
    return numbers.plain(float(f"{value:.2g}"))


def ratio(effect: EffectUsed) -> str:
    """Return ``× 0.42 (0.11 to 1.5; further population 0.056 to 3.1)``."""
    said = numbers.ratio(effect.ratio, effect.interval).removesuffix(")")
    return f"{said}; further population {_two(effect.prediction.low)} to {_two(effect.prediction.high)})"


def studied(option: OptionForecast) -> str:
    """Return how often an option was studied."""
    if option.effect is not None:
        return _compared_in(option.effect)
    return _seen_in(option.series) if option.series else "not studied"


def _compared_in(effect: EffectUsed) -> str:
    if effect.studies == 0:
        return "indirect comparison only"
    return f"{effect.studies} stud{'y' if effect.studies == 1 else 'ies'}, {effect.randomised} randomised"


def _seen_in(series: SeriesUsed) -> str:
    return f"{series.studies} series, {series.hips:,.0f} hips"


def certainty(option: OptionForecast) -> str:
    """Return how far the evidence of an option can be trusted, in words."""
    found = option.effect or option.series
    return f"certainty {found.certainty}" if found else "certainty not judged"


def reasons(option: OptionForecast) -> tuple[str, ...]:
    """Return why the certainty is no higher."""
    found = option.effect or option.series
    return found.reasons if found else ()


class ReasonOf(NamedTuple):
    """A reason against certainty, and the numbers of the options it holds for."""

    reason: str
    options: tuple[int, ...]


def shared_reasons(numbered: Sequence[tuple[int, OptionForecast]]) -> list[ReasonOf]:
    """Return every reason once, with the numbers of the options it holds for."""
    found: dict[str, list[int]] = {}
    for number, option in numbered:
        for reason in dict.fromkeys(reasons(option)):
            found.setdefault(reason, []).append(number)
    return [ReasonOf(reason, tuple(options)) for reason, options in found.items()]


def ranges(wanted: Sequence[int]) -> str:
    """Return rising numbers in few characters: ``1 to 3, 5``."""
    runs: list[list[int]] = []
    for number in wanted:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    said = [f"{run[0]} to {run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs]
    return ", ".join(said)


# What two hips have in common.
def sides(assessment: Assessment) -> list[Side]:
    """Return the hips as `wording.hips` does, with the parts of the forecast that only repeat."""
    first, *others = wording.hips(assessment)
    return [first, *(_with_repeats(first, one) if one.other else one for one in others)]


def _with_repeats(first: Side, second: Side) -> Side:
    one, other = first.hip.forecast, second.hip.forecast
    if one is None or other is None:
        return second
    # The facts behind them name their side; that alone is no difference.
    if msgspec.structs.replace(one, facts=()) == msgspec.structs.replace(other, facts=()):
        return second._replace(repeats=(*second.repeats, FORECAST))
    found: list[str] = []
    if one.options and _evidence(one) == _evidence(other):
        found.append(EVIDENCE)
    if alone(one) and alone(one) == alone(other):
        found.append(SERIES)
    if one.not_used and (one.not_used, one.sources) == (other.not_used, other.sources):
        found.append(LEFT_OUT)
    return second._replace(repeats=(*second.repeats, *found))


def _evidence(forecast: HipForecast) -> list[tuple[str, EffectUsed | None, SeriesUsed | None]]:
    return [(one.id, one.effect, one.series) for one in forecast.options]
