"""The two quantities of risk for every hip: a lesion on MRI today, and osteonecrosis in years to come.

Vectorised over hips: one patient is two rows, ten million are twenty million. The equations and their
limits are in ``docs/methods/risk.md``. Each quantity is computed twice: "open", where an unknown fact may
be either, and "recorded", where what nobody recorded is absent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from precollapse.engine.program import Truths
from precollapse.engine.risk_model import Array, Band, RiskModel, expit, logit, risk_model
from precollapse.facts.table import TRUE, UNKNOWN, HipTable
from precollapse.knowledge.bundle import Knowledge

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class States:
    """Which condition is true and which unknown, per hip: arrays (hips, conditions)."""

    true: Flags
    unknown: Flags

    def only(self, which: Flags) -> States:
        """Return the same states with all other conditions taken as absent."""
        return States(self.true & which, self.unknown & which)

    def closed(self) -> States:
        """Return the same states with everything unknown taken as absent."""
        return States(self.true, np.zeros_like(self.unknown))


@dataclass(frozen=True, slots=True)
class Quantity:
    """One probability per hip: best value, open bounds, bounds as recorded; and what it came from.

    ``by_cause`` (hips, causes) is the value under each cause alone, NaN where the cause is not present;
    ``cohort`` (hips, causes) the number of the cohort taken, -1 for none; ``cause`` the decisive one.
    """

    value: Array
    low: Array
    high: Array
    recorded_low: Array
    recorded_high: Array
    by_cause: Array
    cohort: npt.NDArray[np.int64]
    cause: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RiskResult:
    """All quantities of all hips, with the states of cohorts and effects for the explanation.

    ``by_cohort`` (hips, cohorts) is what each cohort alone would say of today. ``from_causes`` is today's
    probability of each hip from its causes alone: no symptom, no image, no clear MRI, no diagnosis of either
    hip (bounds as recorded); ``cause_before`` is the cause that decided it.
    """

    today: Quantity
    future: dict[float, Quantity]
    cohorts: States
    effects: States
    log_ratios: Band
    by_cohort: Band
    from_causes: Band
    cause_before: npt.NDArray[np.int64]


def compute_risk(
    hips: HipTable, truths: Truths, knowledge: Knowledge, horizons_years: tuple[float, ...]
) -> RiskResult:
    """Compute the risk of every hip.

    Parameters
    ----------
    hips
        The facts, one row per hip (N rows).
    truths
        The evaluated conditions, in the same order of rows.
    knowledge
        The loaded knowledge.
    horizons_years
        How far to look ahead, in years.

    Returns
    -------
    RiskResult
        Arrays of N rows; probabilities between 0 and 1.
    """
    model = risk_model(knowledge)
    cohorts = _states(truths, [f"cohort:{name}" for name in model.cohorts])
    effects = _states(truths, [f"effect:{name}" for name in model.effects])
    excluded = _states(truths, ["hip:excluded"])
    ratios = _log_ratios(hips, model, knowledge)
    time = _Time(hips, model, knowledge)
    open_ = _Bands(model, effects, ratios, time, excluded)
    closed = _Bands(model, effects.closed(), ratios, time, excluded.closed())
    by_cohort = open_.today()
    today = _select(model, _closest(model, cohorts), by_cohort, closed.today())
    closest = _closest(model, cohorts.only(model.has_future))
    future = {
        years: _select(model, closest, open_.future(years), closed.future(years)) for years in horizons_years
    }
    cause_before, from_causes = _before_findings(model, today, closed.from_causes())
    return RiskResult(today, future, cohorts, effects, ratios, by_cohort, from_causes, cause_before)


def _states(truths: Truths, names: list[str]) -> States:
    table = truths.of(names)
    return States(table == TRUE, table == UNKNOWN)


def _log_ratios(hips: HipTable, model: RiskModel, knowledge: Knowledge) -> Band:
    """Log ratios (hips, effects); a dose response depends on the hip, the others are constant."""
    shape = (hips.height, len(model.effects))
    value, low, high = (np.broadcast_to(part, shape).copy() for part in _parts(model.ratio))
    for number, name in enumerate(model.effects):
        slope = knowledge.effects[name].slope
        if slope is None:
            continue
        bounds = hips.low(slope.fact), hips.high(slope.fact)
        known_low = np.clip(np.nan_to_num(bounds[0], nan=slope.limits[0]), *slope.limits)
        known_high = np.clip(np.nan_to_num(bounds[1], nan=slope.limits[1], posinf=np.inf), *slope.limits)
        steps_low = (known_low - slope.reference) / slope.step
        steps_high = (known_high - slope.reference) / slope.step
        per_step = model.ratio.low[number], model.ratio.high[number]
        ends = [steps * ratio for steps in (steps_low, steps_high) for ratio in per_step]
        value[:, number] = steps_low * model.ratio.value[number]
        low[:, number] = np.minimum.reduce([*ends, value[:, number]])
        high[:, number] = np.maximum.reduce([*ends, value[:, number]])
    return Band(value, low, high)


def _parts(band: Band) -> tuple[Array, Array, Array]:
    return band.value, band.low, band.high


class _Time:
    """Where each hip stands on the onset curve of each cohort."""

    def __init__(self, hips: HipTable, model: RiskModel, knowledge: Knowledge) -> None:
        self._curves = {
            name: np.array(curve.points, dtype=float).T for name, curve in knowledge.onset_curves.items()
        }
        self._model = model
        none = np.full(hips.height, np.nan)
        clocks = {name: hips.years(name) for name in set(model.clock_of) if name}
        self.years = np.column_stack([clocks[name] if name else none for name in model.clock_of])
        since = [hips.years(name) for name in knowledge.risk_settings.excluded_since]
        self.years_since_mri = np.fmin.reduce(since)
        self.unknown = np.isnan(self.years) & model.has_attack
        self._later: dict[float, Array] = {}

    def later(self, years: float) -> Array:
        """Return the share that has come some years from now; see ``fraction``."""
        if years not in self._later:
            self._later[years] = self.fraction(self.years + years)
        return self._later[years]

    def fraction(self, years: Array) -> Array:
        """Share of the coming cases that have come after so many years (hips, cohorts).

        Cohorts without a curve, and hips whose clock is unknown, count as complete.
        """
        done = np.ones_like(years)
        # Cohorts of one clock and one curve stand at the same place.
        known: dict[tuple[str | None, str], Array] = {}
        for number, (clock, name) in enumerate(zip(self._model.clock_of, self._model.curve_of, strict=True)):
            if name is not None:
                if (clock, name) not in known:
                    times, shares = self._curves[name]
                    known[clock, name] = np.interp(years[:, number], times, shares, left=0.0)
                done[:, number] = known[clock, name]
        return np.where(np.isnan(years), 1.0, done)


class _Bands:
    """Bands (hips, cohorts) of both quantities under one reading of the unknown."""

    def __init__(
        self, model: RiskModel, effects: States, ratios: Band, time: _Time, excluded: States
    ) -> None:
        self._model, self._time = model, time
        self._excluded = excluded
        causal = effects.true[:, ~model.symptom], effects.unknown[:, ~model.symptom]
        self._shift = _combine(model, *causal, _columns(ratios, ~model.symptom), ~model.symptom)
        symptom = effects.true[:, model.symptom], effects.unknown[:, model.symptom]
        self._symptom = _combine(model, *symptom, _columns(ratios, model.symptom), model.symptom, limit=False)

    def from_causes(self) -> Band:
        """Probability of a lesion today from the causes alone, before any symptom or image."""
        complete = self._complete()
        done = self._time.later(0.0)
        done_low = np.where(self._time.unknown, 0.0, done)
        return Band(complete.value * done, complete.low * done_low, complete.high * done)

    def _complete(self) -> Band:
        pairs = zip(_parts(self._model.today), _parts(self._shift), strict=True)
        return Band(*(expit(a + b) for a, b in pairs))

    def today(self) -> Band:
        """Probability that MRI shows a lesion today."""
        share = self._after_clear_mri(self.from_causes(), self._complete())
        pairs = zip(_parts(share), _parts(self._symptom), strict=True)
        return Band(*(_odds_times(p, ratio) for p, ratio in pairs))

    def _after_clear_mri(self, share: Band, complete: Band) -> Band:
        """Where an MRI was clear, only what has come since can be there."""
        since = self._time.years_since_mri[:, None]
        clear = self._excluded.true
        if not clear.any():
            return share
        now = self._time.later(0.0)
        then = self._time.fraction(np.maximum(self._time.years - since, 0.0))
        new = Band(
            *(
                np.where(
                    self._model.has_attack,
                    _still_to_come(p, now, then),
                    -np.expm1(-rate * np.exp(shift) * since),
                )
                for p, rate, shift in zip(
                    _parts(complete), _parts(self._model.rate), _parts(self._shift), strict=True
                )
            )
        )
        undated = np.isnan(since)
        low = np.where(undated, 0.0, new.low)
        value, high = (np.where(undated, a, b) for a, b in ((share.value, new.value), (share.high, new.high)))
        pairs = zip((value, low, high), _parts(share), strict=True)
        return Band(*(np.where(clear, np.nan_to_num(fresh), old) for fresh, old in pairs))

    def future(self, years: float) -> Band:
        """Probability that a hip without a lesion today has osteonecrosis within so many years."""
        now, then = self._time.later(0.0), self._time.later(years)
        late = -np.expm1(-self._model.late * years)
        shares = (expit(a + b) for a, b in zip(_parts(self._model.attack), _parts(self._shift), strict=True))
        value, low, high = (_either(_still_to_come(p, then, now), late) for p in shares)
        unknown = self._time.unknown
        all_to_come = _either(expit(self._model.attack.high + self._shift.high), late)
        attack = Band(value, np.where(unknown, late, low), np.where(unknown, all_to_come, high))
        rates = zip(_parts(self._model.rate), _parts(self._shift), strict=True)
        steady = Band(*(-np.expm1(-rate * np.exp(shift) * years) for rate, shift in rates))
        pairs = zip(_parts(attack), _parts(steady), strict=True)
        return Band(*(np.where(self._model.has_attack, a, s) for a, s in pairs))


def _before_findings(
    model: RiskModel, today: Quantity, by_cohort: Band
) -> tuple[npt.NDArray[np.int64], Band]:
    """Return the decisive cause of each hip apart from what was found in the hips, and what it says."""
    rows = np.arange(len(today.cause))
    each = by_cohort.value[rows[:, None], np.maximum(today.cohort, 0)]
    value = np.where(model.of_hips | (today.cohort < 0), -1.0, each)
    cause = np.argmax(value, axis=1)
    cohort = np.where(value[rows, cause] >= 0, today.cohort[rows, cause], -1)
    return cause, by_cohort.map(lambda part: np.where(cohort >= 0, part[rows, np.maximum(cohort, 0)], 0.0))


def _columns(band: Band, keep: Flags) -> Band:
    return Band(*(part[:, keep] for part in _parts(band)))


def _still_to_come(share: Array, then: Array, now: Array) -> Array:
    """Share that comes between two points of the onset curve, among hips without a lesion at the first."""
    return np.asarray(share * (then - now) / np.maximum(1 - share * now, 1e-9))


def _either(a: Array, b: Array) -> Array:
    return np.asarray(1 - (1 - a) * (1 - b))


def _odds_times(p: Array, log_ratio: Array) -> Array:
    """Multiply odds; a probability of exactly zero stays zero."""
    return np.where(p > 0, expit(logit(p) + log_ratio), 0.0)


def _combine(
    model: RiskModel, true: Flags, unknown: Flags, ratio: Band, which: Flags, *, limit: bool = True
) -> Band:
    """Add up the log ratios that apply to each cohort (hips, cohorts).

    True effects add their value, and the half-widths of their intervals as the root of the sum of
    squares; an unknown effect only stretches the bounds over "absent" and "present". Of effects that are
    not independent of one another only the largest counts. The sum is kept within the stated limit.
    """
    applies = model.applies[:, which]
    single = ~model.dependent[which]
    to_cohorts = applies[:, single].T.astype(float)
    t, u = true[:, single], unknown[:, single]
    v, lo, hi = ratio.value[:, single], ratio.low[:, single], ratio.high[:, single]
    value = (t * v) @ to_cohorts
    low = value - np.sqrt((t * (v - lo) ** 2) @ to_cohorts) + (u * np.minimum(lo, 0)) @ to_cohorts
    high = value + np.sqrt((t * (hi - v) ** 2) @ to_cohorts) + (u * np.maximum(hi, 0)) @ to_cohorts
    largest = _largest(true, unknown, ratio, applies, ~single)
    total = Band(value + largest.value, low + largest.low, high + largest.high)
    return total.map(lambda x: np.clip(x, -model.log_limit, model.log_limit)) if limit else total


def _largest(true: Flags, unknown: Flags, ratio: Band, applies: Flags, which: Flags) -> Band:
    """Return the largest of the effects that do not multiply, for each cohort."""
    shape = (true.shape[0], applies.shape[0])
    value, low, high = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    # An effect that is known to be absent everywhere changes nothing.
    for number in np.flatnonzero(which & (true | unknown).any(axis=0)):
        here = applies[:, number]
        t, u = true[:, [number]], unknown[:, [number]]
        value[:, here] = np.maximum(value[:, here], t * ratio.value[:, [number]])
        low[:, here] = np.maximum(low[:, here], t * np.maximum(ratio.low[:, [number]], 0))
        high[:, here] = np.maximum(high[:, here], (t | u) * ratio.high[:, [number]])
    return Band(value, low, high)


@dataclass(frozen=True, slots=True)
class _Closest:
    """The closest cohort a hip surely belongs to, by cause; and all it may belong to instead.

    ``cohort`` (hips, causes) is -1 where there is none; ``possible`` is (hips, cohorts).
    """

    cohort: npt.NDArray[np.int64]
    possible: Flags


def _closest(model: RiskModel, cohorts: States) -> _Closest:
    """Choose the closest cohort of every cause; of those alike the first."""
    number, count = np.arange(len(model.cohorts)), len(model.cohorts)
    place = model.rank * count + (count - 1 - number)
    best = _of_causes(model, np.maximum, np.where(cohorts.true, place, -1), -1)
    cohort = np.where(best >= 0, count - 1 - best % count, -1)
    rank = best // count
    possible = cohorts.unknown & (model.rank >= rank[:, model.cause_of])
    possible |= cohorts.true & (number == cohort[:, model.cause_of])
    return _Closest(cohort, possible)


def _of_causes(model: RiskModel, operation: np.ufunc, values: npt.NDArray[Any], empty: float) -> Any:
    """Return what an operation makes of the cohorts (hips, cohorts) of each cause (hips, causes)."""
    order = np.argsort(model.cause_of, kind="stable")
    causes, starts = np.unique(model.cause_of[order], return_index=True)
    found = np.full((len(model.causes), len(values)), empty, dtype=values.dtype)
    # Hips along the last axis: long rows are quick.
    found[causes] = operation.reduceat(values.T[order], starts, axis=0)
    return found.T


def _select(model: RiskModel, closest: _Closest, open_: Band, closed: Band) -> Quantity:
    """Take the closest cohort of every cause, and the cause with the highest value.

    Bounds span the cohorts a hip may belong to instead.
    """
    chosen, possible = closest.cohort, closest.possible
    present = chosen >= 0

    def of_chosen(values: Array, without: float) -> Array:
        taken = np.take_along_axis(values, np.maximum(chosen, 0), axis=1)
        return np.where(present, taken, without)

    value = of_chosen(open_.value, np.nan)
    low = _of_causes(model, np.minimum, np.where(possible, open_.low, np.inf), np.inf)
    high = _of_causes(model, np.maximum, np.where(possible, open_.high, 0.0), 0.0)
    anything = present.any(axis=1)
    decisive = np.where(anything, np.argmax(np.where(present, value, -1.0), axis=1), -1)
    countable = np.where(present | ~model.sign, 1.0, 0.0)
    return Quantity(
        value=np.where(anything, np.max(np.where(present, value, -1.0), axis=1), np.nan),
        low=np.max(np.where(present, low, 0.0), axis=1),
        high=np.max(high * countable, axis=1),
        recorded_low=np.max(of_chosen(closed.low, 0.0), axis=1),
        recorded_high=np.max(of_chosen(closed.high, 0.0), axis=1),
        by_cause=value,
        cohort=chosen,
        cause=decisive,
    )
