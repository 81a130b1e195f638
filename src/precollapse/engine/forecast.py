"""The course of a hip: without treatment, and under each option, with bands.

Every number is a mean over draws and the middle 95 % of them. Draws carry what is uncertain: the fitted
hazards, how far populations differ, what is unknown of this hip, and how much a treatment does.
``docs/methods/forecast.md`` gives the equations and their limits.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from precollapse.engine.forecast_model import (
    ARTHRITIS,
    BEFORE,
    CHAIN,
    COLLAPSE,
    DEEP,
    MOST_HAZARD,
    ONSET,
    REPLACED,
    SHALLOW,
    STATES,
    Course,
    ForecastModel,
    forecast_model,
    scales_known,
)
from precollapse.engine.forecast_profile import Profile, Profiles, compute_profiles
from precollapse.engine.multistate import occupancy
from precollapse.engine.onward import occupancy_before
from precollapse.knowledge.bundle import Knowledge, KnowledgeKey
from precollapse.knowledge.model_forecast import ForecastOption

__all__ = [
    "Curve", "HipForecast", "OptionCourse", "Profiles", "compute_profiles", "forecast", "forecast_with",
]  # fmt: skip

Array = npt.NDArray[np.float64]

# What is told of the course: the first state in which it has happened.
OUTCOMES = {
    "collapse": SHALLOW,
    "collapse beyond 2 mm": DEEP,
    "arthritis": ARTHRITIS,
    "replacement": REPLACED,
}
PAIN = "pain"
# Of a replaced hip: how often the replacement is done again.
REVISION = "revision"
# Middle 95 % and, for the fan, the middle half.
QUANTILES = (0.025, 0.25, 0.75, 0.975)


@dataclass(frozen=True, slots=True)
class Curve:
    """Probability that something has happened, at each step: mean, and the four ``QUANTILES``.

    Attributes
    ----------
    mean
        Array (steps + 1).
    bands
        Array (4, steps + 1).
    """

    mean: Array
    bands: Array


@dataclass(frozen=True, slots=True)
class OptionCourse:
    """One option.

    Attributes
    ----------
    option
        Its id.
    basis
        "collapse" or "replacement": a pooled comparison on that outcome; "series": it was never compared;
        "revision": the hip is replaced, and what is told is how often that is done again.
    curves
        By outcome.
    benefit
        By outcome: how much less often than without treatment, as a curve; below zero it is harm.
    """

    option: str
    basis: str
    curves: dict[str, Curve]
    benefit: dict[str, Curve]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a measurement of the size would do to the band of collapse at one horizon.

    Attributes
    ----------
    years
        The horizon.
    now
        Width of the band as it is.
    then
        Width by type, and its mean in the shares of the types.
    value_low, value_high
        Probability for the most favourable and the least favourable type.
    """

    years: float
    now: float
    then: dict[str, float]
    expected: float
    value_low: float
    value_high: float


@dataclass(frozen=True, slots=True)
class HipForecast:
    """The forecast of one profile.

    Attributes
    ----------
    times_years
        Array (steps + 1).
    start
        Probability of each state now, by name.
    untreated
        Curves by outcome, and "pain" for a silent hip.
    options
        In the order of the knowledge.
    narrowing
        None where the size is known.
    """

    times_years: Array
    start: dict[str, float]
    untreated: dict[str, Curve]
    options: tuple[OptionCourse, ...]
    narrowing: Narrowing | None


def forecast(profile: Profile, knowledge: Knowledge) -> HipForecast:
    """Forecast one profile.

    Parameters
    ----------
    profile
        What is known of the hip.
    knowledge
        The loaded knowledge.
    """
    return _forecast(profile, KnowledgeKey(knowledge))


@lru_cache(maxsize=512)
def _forecast(profile: Profile, key: KnowledgeKey) -> HipForecast:
    return forecast_with(forecast_model(key.knowledge), profile)


def forget_forecasts() -> None:
    """Forget the forecasts kept for further hips of the same profile; for measurements."""
    _forecast.cache_clear()


def forecast_with(model: ForecastModel, profile: Profile) -> HipForecast:
    """Forecast one profile with a model of one's own: other draws, or other knowledge.

    Parameters
    ----------
    model
        Fitted draws and settings.
    profile
        What is known of the hip.
    """
    course = model.without_treatment(profile)
    asked = _options(model, profile) if profile.lesion[0] == 1.0 else []
    chained = [option for option in asked if _basis(model, option, profile) in {"collapse", "replacement"}]
    states = _states(model, profile, course, chained)
    happened = _happened(states, _outcomes(course))
    curves = {name: curves_of(values) for name, values in happened.items()}
    benefits = {name: curves_of(values[:, :1] - values[:, 1:]) for name, values in happened.items()}
    untreated = {name: found[0] for name, found in curves.items()}
    if course.pain is not None:
        untreated[PAIN] = curve(-np.expm1(-course.pain))
    courses = {
        option.id: OptionCourse(
            option.id,
            _basis(model, option, profile),
            {name: found[number + 1] for name, found in curves.items()},
            {name: found[number] for name, found in benefits.items()},
        )
        for number, option in enumerate(chained)
    }
    return HipForecast(
        times_years=model.times,
        start={name: float(course.start[number].mean()) for number, name in enumerate(STATES)},
        untreated=untreated,
        options=tuple(courses.get(one.id) or _series(model, one, profile) for one in asked),
        narrowing=_narrowing(model, profile, untreated) if "collapse" in untreated else None,
    )


def _happened(states: Array, outcomes: list[str]) -> dict[str, Array]:
    """Return by outcome the probability of its state or a later one (steps + 1, options, draws)."""
    found, total = {}, np.zeros_like(states[:, 0])
    for state in range(states.shape[1] - 1, 0, -1):
        total = total + states[:, state]
        found[state] = total
    return {name: found[OUTCOMES[name]] for name in outcomes}


def curve(values: Array) -> Curve:
    """Return mean and bands of draws (steps + 1, draws)."""
    return curves_of(values[:, None])[0]


def curves_of(values: Array) -> list[Curve]:
    """Return mean and bands of draws (steps + 1, options, draws), for each option."""
    places = np.rint(np.array(QUANTILES) * (values.shape[2] - 1)).astype(np.int64)
    means, bands = values.mean(axis=2), np.sort(values, axis=2)[:, :, places]
    return [Curve(means[:, one], bands[:, one].T) for one in range(values.shape[1])]


def _states(model: ForecastModel, profile: Profile, course: Course, options: list[ForecastOption]) -> Array:
    """Return the probability of each state (steps + 1, states, 1 + options, draws), untreated first."""
    settings, breaks = model.settings, course.breaks_years
    ratios = np.stack([np.ones(model.draws), *(_ratio(model, one, profile) for one in options)])
    if model.is_before(profile):
        # An option acts on the step that the hip stands before: what follows is the same for all of them.
        onset, collapse = course.hazards[:, ONSET], course.hazards[:, COLLAPSE, None] * ratios
        bounded = np.minimum(onset, MOST_HAZARD), np.minimum(collapse, MOST_HAZARD)
        return occupancy_before(model.later, course.start[:SHALLOW], *bounded, breaks, settings.steps)
    hazards = np.repeat(course.hazards[:, :, None], len(ratios), axis=2)
    hazards[:, COLLAPSE:] *= ratios
    start = np.repeat(course.start[:, None], len(ratios), axis=1)
    bounded_ = np.minimum(hazards, MOST_HAZARD)
    return occupancy(CHAIN, start, bounded_, breaks, settings.step_years, settings.steps)


def _outcomes(course: Course) -> list[str]:
    """Return the outcomes that have not happened already in every draw."""
    # Draw by draw: a mean over draws may miss 1 by rounding.
    return [name for name, state in OUTCOMES.items() if (course.start[state:].sum(axis=0) < 1.0).any()]


def _options(model: ForecastModel, profile: Profile) -> list[ForecastOption]:
    """Return the options considered in any state the hip may be in, of which something was estimated."""
    states = {model.classes[number].state for number in profile.classes}
    return [
        option
        for option in model.knowledge.forecast_options.values()
        if not option.draft and states & set(option.states) and _basis(model, option, profile) != "none"
    ]


def _basis(model: ForecastModel, option: ForecastOption, profile: Profile) -> str:
    """Return what the option's course rests on: the comparison nearest to the hip's state, else a series."""
    before = model.is_before(profile)
    if f"revision: collapsed: {option.treatment}" in model.fitted:
        return REVISION
    for outcome in ("collapse", "replacement") if before else ("replacement",):
        if f"effect: {outcome}: {option.treatment}" in model.fitted:
            return outcome
    return "series" if _series_name(model, option, profile) is not None else "none"


def _ratio(model: ForecastModel, option: ForecastOption, profile: Profile) -> Array:
    """Return by how much an option multiplies the hazard it acts on (draws)."""
    return np.exp(model.column(f"effect: {_basis(model, option, profile)}: {option.treatment}"))


def _series(model: ForecastModel, option: ForecastOption, profile: Profile) -> OptionCourse:
    """Return the course of an option that was never compared: its event at the rate of its series."""
    basis = _basis(model, option, profile)
    if basis == REVISION:
        rate, name = np.exp(model.column(f"revision: collapsed: {option.treatment}")), REVISION
    else:
        rate, name = _rate(model, option, profile), "replacement"
    happened = -np.expm1(-model.times[:, None] * rate)
    return OptionCourse(option.id, basis, {name: curve(happened)}, {})


def _series_name(model: ForecastModel, option: ForecastOption, profile: Profile) -> str | None:
    """Return the name of the series nearest to the hip's state."""
    before = model.is_before(profile)
    groups = ("before collapse" if before else "collapsed", "mixed")
    names = (f"series: {group}: {option.treatment}" for group in groups)
    return next((name for name in names if name in model.fitted), None)


def _rate(model: ForecastModel, option: ForecastOption, profile: Profile) -> Array:
    """Return the yearly rate of replacement in that series (draws)."""
    name = _series_name(model, option, profile)
    assert name is not None
    return np.asarray(np.exp(model.column(name)))


def _collapsed(course: Course, years: float) -> Array:
    """Return the probability of collapse by some years of a hip that surely has a lesion (draws)."""
    begins, ends = (0.0, *course.breaks_years), (*course.breaks_years, years)
    lengths = np.clip(ends, None, years) - np.clip(begins, None, years)
    passed = lengths @ np.minimum(course.hazards[:, COLLAPSE], MOST_HAZARD)
    return np.asarray(course.start[SHALLOW:].sum(axis=0) - course.start[BEFORE] * np.expm1(-passed))


def _narrowing(model: ForecastModel, profile: Profile, untreated: dict[str, Curve]) -> Narrowing | None:
    """Return what knowing the type would do to the band of collapse; None where the size is known."""
    if any(True for _ in scales_known(profile)) or profile.lesion[0] < 1.0:
        return None
    years = sorted(model.settings.horizons_years)[-2]
    step = round(years / model.settings.step_years)
    now = untreated["collapse"].bands[:, step]
    names = list(model.course.scales["jic"].categories)
    typed = [model.without_treatment(replace(profile, types=(number,))) for number in range(len(names))]
    found = curve(np.stack([_collapsed(one, years) for one in typed]))
    widths = dict(zip(names, (found.bands[3] - found.bands[0]).tolist(), strict=True))
    expected = sum(model.course.shares[name] * width for name, width in widths.items())
    values = found.mean
    return Narrowing(
        years, float(now[3] - now[0]), widths, expected, float(values.min()), float(values.max())
    )
