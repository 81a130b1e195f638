"""What of a hip matters to its forecast, for any number of hips at once: few distinct profiles.

A profile says where the hip may stand, how large its lesion may be, which covariates hold, and how likely
it is that there is a lesion at all. Unknown stays a set of possibilities; nothing is filled in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from precollapse.engine.differential import DifferentialResult
from precollapse.engine.network import network
from precollapse.engine.program import Truths
from precollapse.engine.risk import RiskResult
from precollapse.engine.staging import STATES, StagingResult, SystemResult
from precollapse.evidence.fitted import load_fitted
from precollapse.facts.table import FALSE, TRUE, HipTable
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.model_forecast import SizeMeaning, StageMeaning

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
OSTEONECROSIS = "osteonecrosis"
_SAYS_SOMETHING = [STATES.index(name) for name in ("possible", "staged")]
_REPORTED = STATES.index("as reported")


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of hip.

    Attributes
    ----------
    classes
        Start classes the hip may belong to, by number; all of them when nothing is known.
    types
        JIC types it may be, by number; empty when nothing is known of the type.
    sizes
        Measured sizes by scale, in the scale's unit.
    covariates
        1 holds, -1 does not, 0 unknown, in the order of the settings.
    lesion
        Probability that there is a lesion at all, and its band; (1, 1, 1) when it is shown.
    onset
        Each horizon of the risk engine in years, and the probability of a new lesion by then with its band;
        empty when it is shown.
    """

    classes: tuple[int, ...]
    types: tuple[int, ...]
    sizes: tuple[tuple[str, float], ...]
    covariates: tuple[int, ...]
    lesion: tuple[float, float, float]
    onset: tuple[tuple[float, float, float, float], ...]

    def confirmed(self) -> Profile:
        """Return the same hip with its lesion shown."""
        return Profile(self.classes, self.types, self.sizes, self.covariates, (1.0, 1.0, 1.0), ())


@dataclass(frozen=True, slots=True)
class Profiles:
    """Profiles of N hips.

    Attributes
    ----------
    distinct
        Every profile that occurs, once.
    of_hip
        For each hip its place in ``distinct``; -1 where no forecast is made.
    shown
        Where osteonecrosis is shown by imaging or biopsy.
    """

    distinct: tuple[Profile, ...]
    of_hip: npt.NDArray[np.int64]
    shown: Flags


def compute_profiles(
    hips: HipTable,
    truths: Truths,
    risk: RiskResult,
    differential: DifferentialResult,
    staging: StagingResult,
    knowledge: Knowledge,
) -> Profiles:
    """Return what matters to the forecast of every hip.

    Parameters
    ----------
    hips
        The facts, one row per hip (N rows).
    truths, risk, differential, staging
        What the engine found on the same rows.
    knowledge
        The loaded knowledge.
    """
    settings = knowledge.forecast_settings
    shown = truths.of(["hip:established"])[:, 0] == TRUE
    barred = (truths.of(["hip:no head", "forecast:not for"]) == TRUE).any(axis=1)
    columns = [
        _classes(hips.height, truths, shown, staging, knowledge),
        _types(hips.height, staging, settings.sizes),
        *(_measured(hips, staging, size) for size in settings.sizes if size.fact is not None),
        *(truths.of([f"forecast:{one.name}"])[:, 0] for one in settings.covariates),
        *_lesion(shown, differential, knowledge),
        *_onset(shown, risk),
    ]
    table = np.column_stack([np.asarray(column, dtype=float) for column in columns])
    keys, place = np.unique(table[~barred], axis=0, return_inverse=True)
    of_hip = np.full(hips.height, -1, dtype=np.int64)
    of_hip[~barred] = place.reshape(-1)
    read = _Reader(knowledge, risk)
    return Profiles(tuple(read.profile(key) for key in keys), of_hip, shown)


class _Reader:
    """Reads a row of numbers back into a profile."""

    def __init__(self, knowledge: Knowledge, risk: RiskResult) -> None:
        settings = knowledge.forecast_settings
        self.horizons = sorted(risk.future)
        self.scales = [size.scale for size in settings.sizes if size.fact is not None]
        self.covariates = len(settings.covariates)

    def profile(self, key: Array) -> Profile:
        parts = iter(key.tolist())
        classes, types = _members(int(next(parts))), _members(int(next(parts)))
        measured = [(scale, next(parts)) for scale in self.scales]
        covariates = tuple(int(next(parts)) for _ in range(self.covariates))
        lesion = (next(parts), next(parts), next(parts))
        rest = [value for value in parts if value >= 0]
        onset = tuple(
            (years, *rest[3 * number : 3 * number + 3]) for number, years in enumerate(self.horizons) if rest
        )
        sizes = tuple((scale, value) for scale, value in measured if value >= 0)
        return Profile(classes, types, sizes, covariates, lesion, onset)


def _members(mask: int) -> tuple[int, ...]:
    return tuple(number for number in range(mask.bit_length()) if mask >> number & 1)


def _mask(possible: Flags) -> npt.NDArray[np.int64]:
    return possible @ (1 << np.arange(possible.shape[1], dtype=np.int64))


def _classes(
    height: int, truths: Truths, shown: Flags, staging: StagingResult, knowledge: Knowledge
) -> npt.NDArray[np.int64]:
    """Return the start classes that every staging system allows, as a mask.

    A system that allows none of those left by the systems before it is passed over. A hip without proof of
    osteonecrosis is forecast as it would be found: before collapse.
    """
    names = list(knowledge.forecast_classes)
    unconfirmed = np.array([name in knowledge.forecast_settings.unconfirmed for name in names])
    possible = np.where(shown[:, None], True, unconfirmed) & np.ones((height, 1), dtype=bool)
    for number, rule in enumerate(knowledge.forecast_settings.narrowed):
        holds = (truths.of([f"forecast:narrowed:{number}"])[:, 0] == TRUE) & ~shown
        possible[holds] = [name in rule.classes for name in names]
    for meaning in knowledge.forecast_settings.stages:
        allowed, says = _allowed(staging, meaning, names)
        narrower = possible & allowed
        use = says & narrower.any(axis=1)
        possible[use] = narrower[use]
    return _mask(possible)


def _allowed(staging: StagingResult, meaning: StageMeaning, names: Sequence[str]) -> tuple[Flags, Flags]:
    result = staging.systems[meaning.system]
    grades = [grade.id for grade in _system(staging, meaning.system).grades]
    means = np.array([[name in meaning.grades.get(grade, ()) for name in names] for grade in grades])
    possible, says = possible_grades(result)
    return possible @ means, says


def possible_grades(result: SystemResult) -> tuple[Flags, Flags]:
    """Return which grades a hip may have, by findings or a reader's word, and where either says anything."""
    found = np.isin(result.state, _SAYS_SOMETHING)
    reported = result.state == _REPORTED
    possible = np.where(found[:, None], result.grades != FALSE, result.reported)
    return possible, found | (reported & result.reported.any(axis=1))


def _system(staging: StagingResult, name: str) -> Any:
    return next(system for system in staging.model.systems if system.id == name)


def _types(height: int, staging: StagingResult, sizes: Sequence[SizeMeaning]) -> npt.NDArray[np.int64]:
    """Return the types a hip may be as a mask; 0 where nothing is known."""
    meaning = next(size for size in sizes if size.fact is None)
    (name,) = meaning.systems
    possible, says = possible_grades(staging.systems[name])
    narrower = says & ~possible.all(axis=1)
    return np.where(narrower, _mask(possible), np.zeros(height, dtype=np.int64))


def _measured(hips: HipTable, staging: StagingResult, size: SizeMeaning) -> Array:
    """Return a size: measured, else the number a grade stands for; -1 where nothing is known.

    A range counts by its middle; where one end is open it goes to the end of the scale, as in the cohorts.
    """
    assert size.fact is not None
    low, high = hips.low(size.fact), hips.high(size.fact)
    least, most = load_fitted().parameters.course.scales[size.scale].ends
    from_low = np.where(np.isnan(low), np.fmin(least, high), low)
    to_high = np.where(np.isnan(high), np.fmax(most, low), high)
    value = np.where(np.isnan(low) & np.isnan(high), np.nan, (from_low + to_high) / 2)
    for name, numbers in size.systems.items():
        grades = [grade.id for grade in _system(staging, name).grades]
        means = np.array([float(numbers[grade]) for grade in grades])
        possible, says = possible_grades(staging.systems[name])
        share = possible / np.maximum(possible.sum(axis=1), 1)[:, None]
        take = np.isnan(value) & says & ~possible.all(axis=1) & possible.any(axis=1)
        value = np.where(take, share @ means, value)
    return np.where(np.isnan(value), -1.0, np.round(value / size.step) * size.step)


def _lesion(shown: Flags, differential: DifferentialResult, knowledge: Knowledge) -> list[Array]:
    """Return the probability of a lesion and its band, in two digits so that hips alike share a profile."""
    number = network(knowledge).diagnoses.index(OSTEONECROSIS)
    parts = (differential.p, differential.low, differential.high)
    return [np.where(shown, 1.0, _two_digits(np.nan_to_num(part[:, number]))) for part in parts]


def _onset(shown: Flags, risk: RiskResult) -> list[Array]:
    """Return the risk of a new lesion by each of the risk engine's horizons, -1 where one is shown."""
    quantities = [risk.future[years] for years in sorted(risk.future)]
    parts = [part for one in quantities for part in (one.value, one.recorded_low, one.recorded_high)]
    return [np.where(shown, -1.0, _two_digits(np.nan_to_num(part))) for part in parts]


def _two_digits(values: Array) -> Array:
    """Round probabilities to two digits of what is nearer: of them, or of what they lack to 1.

    So nothing is rounded to certainty.
    """
    return np.where(values > 0.5, 1.0 - _rounded(1.0 - values), _rounded(values))


def _rounded(values: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = 10.0 ** (1 - np.floor(np.log10(np.where(values > 0, values, 1.0))))
    return np.asarray(np.round(values * scale) / scale)
