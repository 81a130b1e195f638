"""The figures of the risk knowledge as arrays, prepared once: what ``risk.py`` computes with.

Everything is on the scale of log odds of a single hip. ``docs/methods/risk.md`` gives the equations.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from precollapse.knowledge.bundle import Knowledge, KnowledgeKey
from precollapse.knowledge.model import Figure
from precollapse.knowledge.model_risk import Cohort

Array = npt.NDArray[np.float64]

# Probabilities are kept off 0 and 1 so that log odds exist; one in ten million is below any figure used.
SMALLEST = 1e-7


@dataclass(frozen=True, slots=True)
class Band:
    """A value with a lower and an upper bound, each an array of one shape."""

    value: Array
    low: Array
    high: Array

    def map(self, function: Callable[[Array], Array]) -> Band:
        """Apply an increasing function to all three."""
        return Band(*(function(part) for part in (self.value, self.low, self.high)))


@dataclass(frozen=True, slots=True)
class RiskModel:
    """Arrays over cohorts (C) and effects (E).

    Attributes
    ----------
    cohorts, causes, effects
        Ids, in the order of the arrays.
    cause_of
        For each cohort the number of its cause.
    rank
        For each cohort how closely it describes.
    has_attack, has_future
        Whether a cohort gives a share spread over time; whether it says anything of the time to come.
    today
        Band of log odds (C): share of hips with a lesion on MRI once the onset is over.
    attack
        Band of log odds (C): share of hips to come, as the cohort detected it.
    rate
        Band (C): new cases per hip and year as the cohort detected them.
    late
        Cases per hip and year after the onset curve has ended.
    curve_of, clock_of
        For each cohort the onset curve and the fact that starts its clock, or None.
    ratio
        Band of log ratios (E).
    applies, dependent
        Which effect applies to which cohort (C, E); whether it may only count as the largest.
    symptom
        Which effects tell of today only and are applied after time.
    sign
        Which causes only tell of the disease; when they are unknown they do not widen anything.
    of_hips
        Which causes only repeat what was found in one of the hips: the diagnosis itself, or the other hip.
    bilateral
        For each cause the share of patients with both hips affected.
    """

    cohorts: tuple[str, ...]
    causes: tuple[str, ...]
    effects: tuple[str, ...]
    cause_of: npt.NDArray[np.int64]
    rank: npt.NDArray[np.int64]
    has_attack: npt.NDArray[np.bool_]
    has_future: npt.NDArray[np.bool_]
    today: Band
    attack: Band
    rate: Band
    late: Array
    curve_of: tuple[str | None, ...]
    clock_of: tuple[str | None, ...]
    ratio: Band
    applies: npt.NDArray[np.bool_]
    dependent: npt.NDArray[np.bool_]
    symptom: npt.NDArray[np.bool_]
    sign: npt.NDArray[np.bool_]
    of_hips: npt.NDArray[np.bool_]
    bilateral: Array
    log_limit: float


def logit(p: Array) -> Array:
    """Return log odds, kept finite."""
    p = np.clip(p, SMALLEST, 1 - SMALLEST)
    return np.asarray(np.log(p) - np.log1p(-p))


def expit(x: Array) -> Array:
    """Return the probability of log odds."""
    return np.asarray(1 / (1 + np.exp(-x)))


def risk_model(knowledge: Knowledge) -> RiskModel:
    """Return the arrays of this knowledge."""
    return _risk_model(KnowledgeKey(knowledge))


@lru_cache(maxsize=4)
def _risk_model(key: KnowledgeKey) -> RiskModel:
    knowledge = key.knowledge
    cohorts = [c for c in knowledge.cohorts.values() if not c.draft]
    effects = [e for e in knowledge.effects.values() if not e.draft]
    causes = tuple(knowledge.causes)
    settings = knowledge.risk_settings
    bilateral = np.array(
        [(c.bilateral_share or settings.bilateral_share).value for c in knowledge.causes.values()]
    )
    return RiskModel(
        cohorts=tuple(c.id for c in cohorts),
        causes=causes,
        effects=tuple(e.id for e in effects),
        cause_of=np.array([causes.index(c.cause) for c in cohorts]),
        rank=np.array([c.rank for c in cohorts]),
        has_attack=np.array([c.attack is not None for c in cohorts]),
        has_future=np.array([_has_future(c) for c in cohorts]),
        today=_stack([_today(c, knowledge) for c in cohorts]),
        attack=_stack([_per_hip(_spread(c.attack, c), c, knowledge) for c in cohorts]),
        rate=_stack([_rate(c, knowledge) for c in cohorts]),
        late=np.array([c.late_rate.value if c.late_rate else 0.0 for c in cohorts]),
        curve_of=tuple(c.onset for c in cohorts),
        clock_of=tuple(c.clock for c in cohorts),
        ratio=_stack([_log_band(e.ratio) for e in effects]),
        applies=np.array([[c.id in e.cohorts or c.cause in e.causes for e in effects] for c in cohorts]),
        dependent=np.array([not e.independent for e in effects]),
        symptom=np.array([e.acts_on == ("today",) for e in effects]),
        sign=np.array([cause.sign for cause in knowledge.causes.values()]),
        of_hips=np.array([cause.sign and cause.local for cause in knowledge.causes.values()]),
        bilateral=bilateral,
        log_limit=float(np.log(settings.combined_ratio_limit.value)),
    )


def _has_future(cohort: Cohort) -> bool:
    return any(part is not None for part in (cohort.attack, cohort.rate, cohort.exposed_years))


def _stack(bands: list[tuple[float, float, float]]) -> Band:
    table = np.array(bands, dtype=float)
    return Band(table[:, 0], table[:, 1], table[:, 2])


def _log_band(figure: Figure) -> tuple[float, float, float]:
    low, high = figure.interval or (figure.value, figure.value)
    value, low, high = np.log([figure.value, low, high])
    return float(value), float(low), float(high)


def _as_proportion(figure: Figure) -> tuple[float, float, float]:
    low, high = figure.interval or (figure.value, figure.value)
    return figure.value, low, high


def _spread(figure: Figure | None, cohort: Cohort) -> tuple[float, float, float]:
    """Log odds of a share, widened by what other studies of the same question found.

    The half-widths of the printed interval and 1.96 standard deviations of the log odds of all studies
    are joined as the root of the sum of their squares.
    """
    if figure is None:
        return (float("nan"),) * 3
    value, low, high = logit(np.array(_as_proportion(figure)))
    others = [_log_odds(other) for other in cohort.compared_with if other.unit == "1"]
    between = 1.96 * float(np.std([value, *others], ddof=1)) if others else 0.0
    return (
        float(value),
        float(value - np.hypot(value - low, between)),
        float(value + np.hypot(high - value, between)),
    )


def _log_odds(figure: Figure) -> float:
    """Log odds of another study's share; a count of none or all is moved by half a case."""
    value = figure.value
    if value in (0.0, 1.0) and figure.n:
        value = (value * figure.n + 0.5) / (figure.n + 1)
    return float(logit(np.array(value)))


def _per_hip(
    band: tuple[float, float, float], cohort: Cohort, knowledge: Knowledge
) -> tuple[float, float, float]:
    """Bring a share of patients, or of any bone, to a share of hips."""
    factor = _hip_factor(cohort, knowledge)
    value, low, high = logit(expit(np.array(band)) * factor)
    return float(value), float(low), float(high)


def _hip_factor(cohort: Cohort, knowledge: Knowledge) -> float:
    settings = knowledge.risk_settings
    cause = knowledge.causes[cohort.cause]
    both = (cause.bilateral_share or settings.bilateral_share).value
    per_hip = (1 + both) / 2 if cohort.per == "patient" else 1.0
    at_hip = settings.hip_share.value if cohort.site == "any" else 1.0
    return per_hip * at_hip


def _today(cohort: Cohort, knowledge: Knowledge) -> tuple[float, float, float]:
    """Log odds that MRI shows a lesion, once all lesions of the exposure have appeared."""
    figure = cohort.prevalence or cohort.attack
    band = _spread(figure, cohort) if figure else _accumulated(cohort)
    per_hip = _per_hip(band, cohort, knowledge)
    ratio = _log_band(getattr(knowledge.risk_settings.odds_of_mri, cohort.detection))
    value, low, high = (a + b for a, b in zip(per_hip, ratio, strict=True))
    return value, low, high


def _accumulated(cohort: Cohort) -> tuple[float, float, float]:
    """Log odds of a share that has built up at a constant rate over the usual years of exposure."""
    if cohort.rate is None or cohort.exposed_years is None:
        return (float("nan"),) * 3
    rates, years = _as_proportion(cohort.rate), _as_proportion(cohort.exposed_years)
    value, low, high = logit(-np.expm1(-np.array(rates) * np.array(years)))
    return float(value), float(low), float(high)


def _rate(cohort: Cohort, knowledge: Knowledge) -> tuple[float, float, float]:
    """Return new cases per hip and year."""
    factor = _hip_factor(cohort, knowledge)
    if cohort.rate is not None:
        value, low, high = np.array(_as_proportion(cohort.rate)) * factor
    elif cohort.prevalence is not None and cohort.exposed_years is not None:
        shares = np.clip(np.array(_as_proportion(cohort.prevalence)), 0, 1 - SMALLEST)
        value, low, high = -np.log1p(-shares) / cohort.exposed_years.value * factor
    else:
        return (float("nan"),) * 3
    return float(value), float(low), float(high)
