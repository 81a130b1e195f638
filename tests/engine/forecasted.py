"""Hips written as what matters to their forecast, and what is told of them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from precollapse.engine.forecast import HipForecast, forecast
from precollapse.engine.forecast_model import MOST_HAZARD, SILENT, ForecastModel, forecast_model
from precollapse.engine.forecast_profile import Profile
from precollapse.evidence.fitted import Fitted
from tests.facts.people import KNOWLEDGE

Array = npt.NDArray[np.float64]
MODEL = forecast_model(KNOWLEDGE)
SETTINGS = KNOWLEDGE.forecast_settings
CLASSES = list(KNOWLEDGE.forecast_classes)
COVARIATES = [one.name for one in SETTINGS.covariates]
TYPES = list(MODEL.course.scales["jic"].categories)
BEFORE = ("mri_only", "radiographic")
COLLAPSED = ("shallow", "deep", "arthritis")
VOLUME, KERBOUL = "head-volume-percent", "modified-kerboul-angle"
SURE = (1.0, 1.0, 1.0)


def hip(
    *classes: str,
    types: Iterable[str] = (),
    sizes: tuple[tuple[str, float], ...] = (),
    silent: int = 0,
    sickle: int = 0,
    lesion: tuple[float, float, float] = SURE,
    onset: tuple[tuple[float, float, float, float], ...] = (),
) -> Profile:
    """A hip of which nothing is known but what is said; its lesion is shown unless said otherwise."""
    known = {SILENT: silent, "sickle cell": sickle}
    return Profile(
        classes=tuple(sorted(CLASSES.index(name) for name in classes or CLASSES)),
        types=tuple(sorted(TYPES.index(name) for name in types)),
        sizes=sizes,
        covariates=tuple(known[name] for name in COVARIATES),
        lesion=lesion,
        onset=onset,
    )


def forecast_of(*classes: str, **known: object) -> HipForecast:
    return forecast(hip(*classes, **known), KNOWLEDGE)  # type: ignore[arg-type]


def step(years: float) -> int:
    return round(years / SETTINGS.step_years)


def mean(found: HipForecast, years: float, outcome: str = "collapse") -> float:
    return float(found.untreated[outcome].mean[step(years)])


def width(found: HipForecast, years: float, outcome: str = "collapse") -> float:
    bands = found.untreated[outcome].bands[:, step(years)]
    return float(bands[3] - bands[0])


def with_columns(**columns: float | Array) -> ForecastModel:
    """The model with some fitted columns put at other values; spaces in names are given as they are."""
    fitted = MODEL.fitted
    draws = fitted.draws.copy()
    for name, values in columns.items():
        draws[:, fitted.parameters.names.index(name)] = values
    return ForecastModel(KNOWLEDGE, Fitted(fitted.parameters, draws))


def collapsed(profile: Profile, ratio: float | Array = 1.0) -> Array:
    """Probability of collapse by hazards alone: one step, so that no chain is needed (steps + 1, draws)."""
    course = MODEL.without_treatment(profile)
    edges = [0.0, *course.breaks_years, np.inf]
    pieces = enumerate(pairwise(edges))
    total = sum(
        np.clip(MODEL.times - start, 0.0, end - start)[:, None]
        * np.minimum(course.hazards[number, 1] * ratio, MOST_HAZARD)
        for number, (start, end) in pieces
    )
    return np.asarray(-np.expm1(-total))


@st.composite
def profiles(draw: st.DrawFn, shown: bool = True) -> Profile:
    """Any profile: some start classes, some types, some measured sizes, covariates known or not."""
    classes = draw(st.sets(st.sampled_from(CLASSES if shown else BEFORE), min_size=1))
    types = draw(st.sets(st.sampled_from(TYPES), max_size=3))
    volume, angle = (
        draw(st.sampled_from([None, 5.0, 30.0, 55.0])),
        draw(st.sampled_from([None, 160.0, 300.0])),
    )
    sizes = tuple((scale, one) for scale, one in ((VOLUME, volume), (KERBOUL, angle)) if one is not None)
    silent, sickle = (draw(st.sampled_from([-1, 0, 1])) for _ in range(2))
    lesion, onset = SURE, ()
    if not shown:
        lesion = draw(
            st.sampled_from([(0.0, 0.0, 0.0), (0.001, 1e-05, 0.1), (0.4, 0.1, 0.9), (0.98, 0.5, 0.999)])
        )
        first = draw(st.sampled_from([(0.0, 0.0, 0.0), (2e-05, 1e-05, 3e-05), (0.02, 0.002, 0.15)]))
        onset = ((1.0, *first), (5.0, *(min(3 * one, 0.5) for one in first)))
    return hip(*classes, types=types, sizes=sizes, silent=silent, sickle=sickle, lesion=lesion, onset=onset)
