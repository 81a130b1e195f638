"""The fitted draws as arrays for one profile: hazards of every transition, by piece of time, option and draw.

What is unknown of a hip is spread over the draws: if its type may be C1 or C2, some draws are of each, in the
shares of the settings. The equations are in ``docs/methods/forecast.md``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise, product
from typing import get_args

import numpy as np
import numpy.typing as npt

from precollapse.engine.forecast_profile import Profile
from precollapse.engine.multistate import Chain
from precollapse.engine.onward import Later, later_states
from precollapse.engine.risk_model import expit, logit
from precollapse.evidence.fitted import Z_95, Fitted, ScaleUsed, load_fitted
from precollapse.knowledge.bundle import Knowledge, KnowledgeKey
from precollapse.knowledge.model_forecast import State

Array = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]
STATES: tuple[str, ...] = get_args(State)
NO_LESION, BEFORE, SHALLOW, DEEP, ARTHRITIS, REPLACED = range(len(STATES))
CHAIN = Chain(
    len(STATES),
    (
        (NO_LESION, BEFORE),
        (BEFORE, SHALLOW),
        (SHALLOW, DEEP),
        (DEEP, ARTHRITIS),
        (SHALLOW, REPLACED),
        (DEEP, REPLACED),
        (ARTHRITIS, REPLACED),
    ),
)
ONSET, COLLAPSE = 0, 1
AFTER_COLLAPSE = slice(2, None)
OTHER = "other"
# The covariate of a hip that may yet begin to hurt.
SILENT = "asymptomatic"
# Groups rarer than this are left out of a mixture: fewer than one draw would be of them.
RAREST = 5e-4
# Per year. One hip in a million would be left after a half-year; draws beyond it would only cost time.
MOST_HAZARD = 28.0


@dataclass(frozen=True, slots=True)
class Part:
    """A group of the mixture that a hip may belong to, and its share of the draws.

    Attributes
    ----------
    share
        Of all draws.
    start
        Number of the start class.
    coefficients
        Multipliers of the fitted log hazards, by name.
    course
        Name of the time course.
    """

    share: float
    start: int
    coefficients: dict[str, float]
    course: str


@dataclass(frozen=True, slots=True)
class Course:
    """One profile without treatment.

    Attributes
    ----------
    start
        Probability of each state at the start (states, draws).
    hazards
        Per year (pieces, transitions, draws).
    breaks_years
        Where one piece of time ends and the next begins.
    pain
        Cumulative hazard of first pain of a silent hip before collapse at each step (steps + 1, draws); None
        for a hip that hurts or has collapsed.
    """

    start: Array
    hazards: Array
    breaks_years: tuple[float, ...]
    pain: Array | None


class ForecastModel:
    """Everything that is the same for all hips."""

    def __init__(self, knowledge: Knowledge, fitted: Fitted) -> None:
        self.knowledge, self.fitted = knowledge, fitted
        self.settings = knowledge.forecast_settings
        self.classes = list(knowledge.forecast_classes.values())
        self.state_of = np.array([STATES.index(one.state) for one in self.classes])
        self.draws = self.settings.draws
        self.course = fitted.parameters.course
        self.times: Array = np.arange(self.settings.steps + 1, dtype=float) * self.settings.step_years
        self._columns = np.ascontiguousarray(fitted.draws[: self.draws].T)
        self._place = {name: number for number, name in enumerate(fitted.parameters.names)}

    def column(self, name: str) -> Array:
        """Return the first draws of a fitted parameter (draws)."""
        return np.asarray(self._columns[self._place[name]])

    def is_before(self, profile: Profile) -> bool:
        """Return whether the hip surely has not collapsed."""
        return all(self.state_of[number] == BEFORE for number in profile.classes)

    @cached_property
    def later(self) -> Later:
        """Return what follows collapse for a hip that has not collapsed yet: the same for all of them."""
        before = np.zeros((AFTER_COLLAPSE.start, self.draws))
        (after,) = self._after_collapse(BEFORE, (0.0,))
        hazards = np.minimum(np.concatenate([before, after]), MOST_HAZARD)
        return later_states(CHAIN, hazards, self.settings.step_years)

    def parts(self, profile: Profile) -> list[Part]:
        """Return the groups a hip may belong to, with the coefficients of each."""
        shares = np.array([self.classes[number].share.value for number in profile.classes])
        starts = [
            (float(share), number)
            for share, number in zip(shares / shares.sum(), profile.classes, strict=True)
        ]
        found = [
            Part(
                start_share * size_share * math.prod(share for share, _, _ in held),
                start,
                size | dict(self.classes[start].covariates) | {name: value for _, name, value in held},
                course,
            )
            for (start_share, start), (size_share, size, course), held in product(
                starts, self._sizes(profile), self._covariates(profile)
            )
        ]
        kept = [part for part in found if part.share > RAREST]
        total = sum(part.share for part in kept)
        return [Part(part.share / total, part.start, part.coefficients, part.course) for part in kept]

    def _sizes(self, profile: Profile) -> list[tuple[float, dict[str, float], str]]:
        """Return share, coefficients and course by what is known of the size; known scales count alike."""
        known = [self.sizes_of(scale, value) for scale, value in profile.sizes]
        if profile.types or not known:
            known.append(self.types(profile.types))
        return [(share / len(known), names, course) for one in known for share, names, course in one]

    def types(self, types: tuple[int, ...] = ()) -> list[tuple[float, dict[str, float], str]]:
        """Return some types, or all, in their shares."""
        names = list(self.course.scales["jic"].categories)
        chosen = [names[number] for number in types] or names
        total = sum(self.course.shares[name] for name in chosen)
        categories = self.course.scales["jic"].categories
        return [
            (self.course.shares[name] / total, {categories[name]: 1.0}, categories[name]) for name in chosen
        ]

    def sizes_of(self, scale: str, value: float) -> list[tuple[float, dict[str, float], str]]:
        """Return the coefficients of a measured size; beyond the ends of the scale it is not followed."""
        used: ScaleUsed = self.course.scales[scale]
        assert used.intercept is not None and used.slope is not None
        within = min(max(value, used.ends[0]), used.ends[1])
        return [(1.0, {used.intercept: 1.0, used.slope: (within - used.centre) / used.per}, OTHER)]

    def _covariates(self, profile: Profile) -> list[tuple[tuple[float, str, float], ...]]:
        """Return every combination of what the covariates may be: share, name and value of each."""
        choices = []
        for meaning, truth in zip(self.settings.covariates, profile.covariates, strict=True):
            share = 1.0 if truth > 0 else 0.0 if truth < 0 else meaning.share_if_unknown.value
            choices.append(
                [(one, meaning.name, value) for one, value in ((share, 1.0), (1 - share, 0.0)) if one > 0]
            )
        return list(product(*choices))

    def without_treatment(self, profile: Profile) -> Course:
        """Return start and hazards of a profile, each draw of one of the groups it may belong to."""
        parts = self.parts(profile)
        groups = _spread([part.share for part in parts], self.draws)
        breaks = self._breaks(profile)
        begins = (0.0, *breaks)
        collapse, ratios = self._course("collapse", parts, groups, begins)
        hazards = np.zeros((len(begins), len(CHAIN.transitions), self.draws))
        hazards[:, ONSET] = self._onset(profile, begins)
        hazards[:, COLLAPSE] = collapse * ratios
        hazards[:, AFTER_COLLAPSE] = self._after_collapse(min(self.state_of[list(profile.classes)]), begins)
        start = self._start(profile, np.array([part.start for part in parts])[groups])
        return Course(start, hazards, breaks, self._pain(profile, parts, groups, begins))

    def _breaks(self, profile: Profile) -> tuple[float, ...]:
        """Return the borders between pieces; new lesions add the risk engine's horizons but the last."""
        borders = set(self.course.borders_years)
        borders |= {years for years, *_ in profile.onset[:-1]}
        return tuple(sorted(borders))

    def _course(
        self, process: str, parts: list[Part], groups: Numbers, begins: tuple[float, ...]
    ) -> tuple[Array, Array]:
        """Return hazard in the first piece (draws), and how it runs later (pieces, draws)."""
        log_hazard, log_course = np.empty(self.draws), np.empty(self.draws)
        for number, part in enumerate(parts):
            own = groups == number
            log_hazard[own] = self._log_hazard(process, part)[own]
            log_course[own] = self.column(f"{process}: course of {part.course}")[own]
        return np.exp(log_hazard + self._population(process)), self._ratios(process, log_course, begins)

    def _log_hazard(self, process: str, part: Part) -> Array:
        total = np.zeros(self.draws)
        for name, multiplier in part.coefficients.items():
            if f"{process}: {name}" in self.fitted and multiplier:
                total += multiplier * self.column(f"{process}: {name}")
        return total

    def _population(self, process: str) -> Array:
        """Return the effect of a population not studied yet (draws): this hip's own."""
        return np.exp(self.column(f"{process}: log tau")) * self.column(f"{process}: new population")

    def _ratios(self, process: str, log_course: Array, begins: tuple[float, ...]) -> Array:
        """Return the hazard of each piece relative to the first (pieces, draws)."""
        first, second = self.course.borders_years
        ratios = np.ones((len(begins), self.draws))
        middle = np.exp(log_course)
        last = np.exp(log_course + self.column(f"{process}: later"))
        for row, at in zip(ratios, begins, strict=True):
            if at >= first:
                row[:] = last if at >= second else middle
        return ratios

    def _after_collapse(self, state: int, begins: tuple[float, ...]) -> Array:
        """Return the hazards after collapse (pieces, transitions, draws).

        They fall with time for a hip that has collapsed already; one that will collapse later always meets
        those of the first years.
        """
        course = np.ones((len(begins), self.draws))
        rows = []
        for process, base, ratio in self._bases_after_collapse:
            if state > BEFORE:
                course = self._ratios(process, self.column(f"{process}: course of {OTHER}"), begins)
            rows.append(base * course * ratio)
        return np.stack(rows, axis=1)

    @cached_property
    def _bases_after_collapse(self) -> list[tuple[str, Array, Array | float]]:
        """Return for each transition after collapse its process, first hazard and judged ratio (draws)."""
        ratio = {
            name: self._judged(figure.value, figure.interval)
            for name, figure in self.settings.ratio_of_replacement.items()
        }
        return [
            (process, np.exp(self.column(f"{process}: {process}") + self._population(process)), judged)
            for process, judged in (
                ("worsening", 1.0),
                ("arthritis", 1.0),
                ("replacement", ratio[STATES[SHALLOW]]),
                ("replacement", ratio[STATES[DEEP]]),
                ("replacement", ratio[STATES[ARTHRITIS]]),
            )
        ]

    def _judged(self, value: float, interval: tuple[float, float] | None) -> Array:
        """Return draws of a judged ratio, normal on the log scale, the interval taken as 95 %."""
        low, high = interval or (value, value)
        return np.asarray(
            value * np.exp(self.column("normal: replacement") * math.log(high / low) / (2 * Z_95))
        )

    def _onset(self, profile: Profile, begins: tuple[float, ...]) -> Array:
        """Return the hazard of a new lesion (pieces, draws); it stays as it is after the last horizon."""
        if not profile.onset:
            return np.zeros((len(begins), self.draws))
        before, happened, pieces = 0.0, np.zeros(self.draws), []
        for years, *band in profile.onset:
            by_then = self._cumulative(*band)
            pieces.append((years, np.maximum(by_then - happened, 0.0) / (years - before)))
            before, happened = years, by_then
        last = pieces[-1][1]
        return np.array([next((one for end, one in pieces if begin < end), last) for begin in begins])

    def _cumulative(self, value: float, low: float, high: float) -> Array:
        """Return draws of the cumulative hazard of a probability with its band."""
        return np.asarray(-np.log1p(-self._probability(value, low, high, "normal: onset")))

    def _probability(self, value: float, low: float, high: float, normal: str) -> Array:
        """Return draws of a probability, normal in log odds with the band as 95 %; 0 and 1 are sure."""
        if value <= 0.0 or value >= 1.0:
            return np.full(self.draws, value)
        bounds = np.clip([value, low, high], 1e-9, 1 - 1e-9)
        centre, bottom, top = logit(bounds)
        return np.asarray(expit(centre + self.column(normal) * (top - bottom) / (2 * Z_95)))

    def _start(self, profile: Profile, classes: npt.NDArray[np.int64]) -> Array:
        lesion = self._probability(*profile.lesion, "normal: lesion")
        start = np.zeros((len(STATES), self.draws))
        start[self.state_of[classes], np.arange(self.draws)] = lesion
        start[NO_LESION] += 1 - lesion
        return start

    def _pain(
        self, profile: Profile, parts: list[Part], groups: Numbers, begins: tuple[float, ...]
    ) -> Array | None:
        """Return the cumulative hazard of first pain, for a silent hip before collapse."""
        names = [one.name for one in self.settings.covariates]
        silent = profile.covariates[names.index(SILENT)] > 0 and profile.lesion[0] == 1.0
        if not silent or any(self.state_of[number] != BEFORE for number in profile.classes):
            return None
        hazard, ratios = self._course("pain", parts, groups, begins)
        edges = (*begins, math.inf)
        lengths = np.array([np.clip(self.times, begin, end) - begin for begin, end in pairwise(edges)])
        return np.asarray(np.einsum("pt,pd->td", lengths, ratios) * hazard)


def _spread(shares: list[float], draws: int) -> npt.NDArray[np.int64]:
    """Return to which group each draw belongs: blocks in the groups' shares. Draws are in random order."""
    places = (np.arange(draws) + 0.5) / draws
    return np.minimum(np.searchsorted(np.cumsum(shares), places), len(shares) - 1)


def forecast_model(knowledge: Knowledge) -> ForecastModel:
    """Return the model of this knowledge and of what was fitted."""
    return _model(KnowledgeKey(knowledge))


@lru_cache(maxsize=4)
def _model(key: KnowledgeKey) -> ForecastModel:
    return ForecastModel(key.knowledge, load_fitted())


def scales_known(profile: Profile) -> Iterator[str]:
    """Yield the scales on which the size of a lesion is known."""
    yield from (scale for scale, _ in profile.sizes)
    if profile.types:
        yield "jic"
