"""The forecast part: courses and options of one hip; nothing is computed here but rounding."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from precollapse.assessment.context import Context
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
from precollapse.assessment.nodes import FactReference, Interval
from precollapse.engine.forecast import Curve, Narrowing, OptionCourse, forecast
from precollapse.engine.forecast import HipForecast as Computed
from precollapse.engine.forecast_model import scales_known
from precollapse.engine.forecast_profile import Profile
from precollapse.evidence.fitted import (
    EffectFitted,
    Estimate,
    NetworkFitted,
    Parameters,
    SeriesFitted,
    load_fitted,
)
from precollapse.knowledge.model_forecast import ForecastOption, ForecastSettings

# Cohorts that carried fewer hips are counted but not cited in the document.
CITED_FROM_HIPS = 50
# A smaller difference is shown as none: no number of hips is told that would spare one.
LEAST_SPARED = 0.0005
FULL = ("collapse", "replacement", "revision")
# Of a probability.
DIGITS = 3


def forecast_of_hip(context: Context, row: int) -> HipForecast:
    """Return the forecast of a hip, or why there is none."""
    profiles, place = context.evaluation.profiles, context.rows[row]
    number = profiles.of_hip[place]
    if number < 0:
        child = context.state("forecast:not for", row)
        says = context.knowledge.forecast_settings.not_for_says if child else _NO_HEAD
        return HipForecast(state="not made", says=says)
    profile = profiles.distinct[number]
    settings = context.knowledge.forecast_settings
    if not profiles.shown[place] and profile.lesion[0] < settings.worth_telling:
        # The hip beside an affected one is what its owner asks about next.
        if not any(profiles.shown[one] for one in context.rows):
            return HipForecast(state="not made", says=_UNLIKELY)
        overall = _courses(forecast(profile, context.knowledge), settings, brief=True)
        return HipForecast(state="not made", says=_OTHER_HIP, overall=overall)
    return _made(context, row, profile, confirmed=bool(profiles.shown[place]))


_NO_HEAD = "No forecast: this hip has no femoral head of its own."
_UNLIKELY = "No forecast: osteonecrosis of this hip is unlikely on what is recorded."
_OTHER_HIP = "Osteonecrosis of this hip is unlikely on what is recorded; the other hip has it."
_IF_SHOWN = "If MRI shows osteonecrosis in this hip: the course without treatment, and beside each option."
_SHOWN = "The course without treatment, and beside each option."


def _made(context: Context, row: int, profile: Profile, *, confirmed: bool) -> HipForecast:
    knowledge = context.knowledge
    settings = knowledge.forecast_settings
    found = forecast(profile.confirmed(), knowledge)
    overall = () if confirmed else _courses(forecast(profile, knowledge), settings, brief=True)
    parameters = load_fitted().parameters
    return HipForecast(
        state="forecast" if confirmed else "if confirmed",
        says=_SHOWN if confirmed else _IF_SHOWN,
        times_years=tuple(float(time) for time in found.times_years),
        starts=tuple(
            StartShare(state=name, probability=_three(share))
            for name, share in found.start.items()
            if share > 0
        ),
        rests_on=_rests_on(context, profile),
        facts=_facts(context, row),
        untreated=_courses(found, settings, brief=False),
        overall=overall,
        options=tuple(_option(context, one, found, parameters) for one in found.options),
        narrowed_by=_narrowed(found.narrowing, settings) if found.narrowing else None,
        not_used=tuple(NotUsed(says=one.says, source=one.source) for one in settings.not_used),
        sources=_cohorts(parameters, profile),
    )


# Courses.
def _courses(found: Computed, settings: ForecastSettings, *, brief: bool) -> tuple[CourseOf, ...]:
    return tuple(_course(name, curve, settings, brief=brief) for name, curve in found.untreated.items())


def _course(
    outcome: str, curve: Curve, settings: ForecastSettings, *, brief: bool, inner: bool = True
) -> CourseOf:
    """Return an outcome at the told horizons, and as a curve where a picture is drawn of it."""
    steps = [round(years / settings.step_years) for years in settings.horizons_years]
    whole = np.stack([curve.mean, *curve.bands])
    mean, low, *_, high = np.round(whole[:, steps], DIGITS).tolist()
    at = tuple(
        OutcomeAt(years=years, value=mean[n], interval=Interval(low=low[n], high=high[n]))
        for n, years in enumerate(settings.horizons_years)
    )
    if brief:
        return CourseOf(outcome=outcome, at=at)
    drawn = [tuple(part) for part in np.round(whole, DIGITS).tolist()]
    return CourseOf(
        outcome=outcome,
        at=at,
        curve=drawn[0],
        low=drawn[1],
        high=drawn[4],
        inner_low=drawn[2] if inner else (),
        inner_high=drawn[3] if inner else (),
    )


def _three(value: float | np.floating[Any]) -> float:
    """Three decimals: more than any of these numbers is good for, the same on every machine."""
    return round(float(value), DIGITS)


# Options.
def _option(
    context: Context, course: OptionCourse, found: Computed, parameters: Parameters
) -> OptionForecast:
    option = context.knowledge.forecast_options[course.option]
    settings = context.knowledge.forecast_settings
    network, effect = _effect(option, course.basis, parameters)
    series = _series(option, course.basis, found, parameters)
    return OptionForecast(
        id=option.id,
        name=option.name,
        says=option.says,
        basis=cast("Any", course.basis),
        effect=_effect_used(network, effect) if network and effect else None,
        series=_series_used(course.basis, series) if series else None,
        courses=tuple(
            _course(name, curve, settings, brief=name not in FULL, inner=False)
            for name, curve in course.curves.items()
        ),
        benefits=tuple(
            benefit for name, curve in course.benefit.items() for benefit in _benefits(name, curve, settings)
        ),
        sources=_option_sources(network, effect, series),
    )


def _effect(
    option: ForecastOption, basis: str, parameters: Parameters
) -> tuple[NetworkFitted | None, EffectFitted | None]:
    network = next((one for one in parameters.networks if one.id == basis), None)
    if network is None:
        return None, None
    return network, next(one for one in network.effects if one.treatment == option.treatment)


def _effect_used(network: NetworkFitted, effect: EffectFitted) -> EffectUsed:
    return EffectUsed(
        outcome=network.id,
        ratio=effect.ratio.value,
        interval=_interval(effect.ratio),
        prediction=_interval(effect.prediction),
        studies=effect.studies,
        randomised=effect.randomised,
        certainty=effect.certainty.level,
        reasons=effect.certainty.reasons,
    )


def _series(
    option: ForecastOption, basis: str, found: Computed, parameters: Parameters
) -> SeriesFitted | None:
    if basis not in {"series", "revision"}:
        return None
    before = found.start["before collapse"] == 1.0
    groups = (
        ("collapsed",) if basis == "revision" else ("before collapse" if before else "collapsed", "mixed")
    )
    event = "revision" if basis == "revision" else "replacement"
    fitting = [one for one in parameters.series if one.treatment == option.treatment and one.event == event]
    return next(one for group in groups for one in fitting if one.stage_group == group)


def _series_used(basis: str, series: SeriesFitted) -> SeriesUsed:
    return SeriesUsed(
        outcome="revision" if basis == "revision" else "replacement",
        rate_per_year=series.rate.value,
        interval=_interval(series.rate),
        prediction=_interval(series.prediction),
        studies=series.studies,
        hips=series.hips,
        certainty=series.certainty.level,
        reasons=series.certainty.reasons,
    )


def _interval(estimate: Estimate) -> Interval:
    return Interval(low=estimate.low, high=estimate.high)


def _option_sources(
    network: NetworkFitted | None, effect: EffectFitted | None, series: SeriesFitted | None
) -> tuple[str, ...]:
    """Return the studies that compared the option with anything, or its series."""
    if network and effect:
        own = [one for one in network.contrasts if effect.treatment in {one.treatment, one.versus}]
        return tuple(dict.fromkeys(one.study for one in own))
    return tuple(dict.fromkeys(row.study for row in series.rows)) if series else ()


def _benefits(outcome: str, curve: Curve, settings: ForecastSettings) -> list[Benefit]:
    return [
        _benefit(outcome, years, curve, round(years / settings.step_years))
        for years in settings.horizons_years
    ]


def _benefit(outcome: str, years: float, curve: Curve, step: int) -> Benefit:
    mean, low, high = (float(part[step]) for part in (curve.mean, curve.bands[0], curve.bands[3]))
    sure, spares = low > 0, mean > LEAST_SPARED
    return Benefit(
        outcome=outcome,
        years=years,
        difference=_three(mean),
        interval=Interval(low=_three(low), high=_three(high)),
        treat_to_spare_one=round(1 / mean, 1) if spares else None,
        treat_interval=Interval(low=round(1 / high, 1), high=round(1 / low, 1)) if sure and spares else None,
        may_harm=not sure,
        spared_at_best=round(1 / high, 1) if not sure and high > LEAST_SPARED else None,
        harmed_at_worst=round(-1 / low, 1) if low < -LEAST_SPARED else None,
    )


# What it rests on.
def _rests_on(context: Context, profile: Profile) -> tuple[str, ...]:
    """Say what is known of the hip and what is not, each in a line."""
    settings = context.knowledge.forecast_settings
    classes = list(context.knowledge.forecast_classes.values())
    stage = " or ".join(classes[number].name for number in profile.classes)
    lines = [f"Stage: {stage}" if len(profile.classes) < len(classes) else "Stage: not known"]
    lines.append(_size_line(profile, settings))
    for meaning, truth in zip(settings.covariates, profile.covariates, strict=True):
        lines.append({1: meaning.says_if_true, -1: meaning.says_if_false, 0: meaning.says_if_unknown}[truth])
    return tuple(lines)


def _size_line(profile: Profile, settings: ForecastSettings) -> str:
    names = {size.scale: size.name for size in settings.sizes}
    types = list(load_fitted().parameters.course.scales["jic"].categories)
    known = [f"{names[scale]} about {value:g}" for scale, value in profile.sizes]
    if profile.types:
        known.append(f"{names['jic']} {' or '.join(types[number] for number in profile.types)}")
    if known:
        return f"Size: {', '.join(known)}"
    return "Size: not known (every type counts by how often it is met)"


def _facts(context: Context, row: int) -> tuple[FactReference, ...]:
    """Return the facts that decided the covariates."""
    names = [f"forecast:{one.name}" for one in context.knowledge.forecast_settings.covariates]
    found = [reference for name in names for reference in context.references(name, row)]
    return tuple(reference for reference in found if reference.value is not None)


def _cohorts(parameters: Parameters, profile: Profile) -> tuple[str, ...]:
    """Return the larger cohorts behind the course, and those with the scale on which the hip was measured."""
    scales = {*scales_known(profile), "jic"}
    wanted = {names for scale in scales for names in (parameters.course.scales[scale].categories or {})}
    process = next(one for one in parameters.processes if one.id == "collapse")
    rows = [row for row in process.rows if row.at_risk >= CITED_FROM_HIPS or row.size in wanted]
    studies = (row.arm.rpartition(":")[0] for row in rows)
    return tuple(dict.fromkeys((*studies, parameters.course.shares_source)))


def _narrowed(found: Narrowing, settings: ForecastSettings) -> NarrowedBy:
    jic = next(size for size in settings.sizes if size.fact is None)
    return NarrowedBy(
        question=jic.question,
        years=found.years,
        width_now=_three(found.now),
        width_expected=_three(found.expected),
        widths=tuple(TypeWidth(type=name, width=_three(width)) for name, width in found.then.items()),
        lowest=_three(found.value_low),
        highest=_three(found.value_high),
    )
