"""Leaves each cohort out, predicts what it saw, and says how often the prediction held.

Every cohort is predicted as one not seen yet: from the parameters fitted to all others, with an effect of its
own drawn from the spread between cohorts, and binomial chance for its count (leave-one-group-out predictive
checks; Gelman et al., Bayesian Data Analysis, 3rd ed. 2013, chapters 6 and 7). Rows that are not fitted are
predicted as well and kept apart. Rows of one cohort are not independent of each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

import numpy as np
from scipy.special import bdtr

from precollapse.evidence.course import hazard
from precollapse.evidence.course.model import Array, Observations, Posterior
from precollapse.evidence.fitting import natural_history as course
from precollapse.evidence.fitting.natural_history import CourseRow
from precollapse.evidence.fitting.settings import NaturalHistory
from precollapse.evidence.table.read import StudyTable

LEVEL = 0.9
# Smaller groups say too little of a prediction.
FEWEST_UNITS = 20
# A process of fewer cohorts has nothing left to predict from.
FEWEST_COHORTS = 2
DRAWS, PROPOSALS, ROUNDS = 2_000, 8_000, 5

Progress = Callable[[str], None]


class Predicted(NamedTuple):
    """What is expected of a count.

    Attributes
    ----------
    mean, low, high
        Share with an event: mean and central 90 % interval.
    inside
        Whether the count seen lies in the interval.
    pit
        Probability integral transform: probability of fewer events plus half that of just as many.
    """

    mean: float
    low: float
    high: float
    inside: bool
    pit: float


@dataclass(frozen=True, slots=True)
class RowPredicted:
    """One row of the table beside its prediction; ``reasons`` say why it is not fitted, if it is not.

    ``events`` of ``at_risk`` were seen from ``start_years`` to ``end_years``; ``observed`` is their share.
    """

    process: str
    arm: str
    cohort: str
    size: str
    at_risk: float
    events: float
    start_years: float
    end_years: float
    predicted: Predicted
    reasons: tuple[str, ...] = ()

    @property
    def observed(self) -> float:
        """Share that had the event."""
        return self.events / self.at_risk


@dataclass(frozen=True, slots=True)
class Summary:
    """How well a group of rows was predicted.

    ``mean_error`` is observed minus predicted share, ``absolute_error`` its mean size; ``quarters`` counts
    the transforms below a quarter, a half, three quarters and above: equal when predictions are right.
    """

    name: str
    rows: int
    cohorts: int
    inside: int
    mean_error: float
    absolute_error: float
    mean_pit: float
    quarters: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Cumulated:
    """Share of a fitted arm with the event by some year: printed, and said by the model of this cohort."""

    arm: str
    size: str
    years: float
    observed: float
    mean: float
    median: float
    low: float
    high: float


class Fits:
    """Fits of the processes without one cohort, each made once.

    Attributes
    ----------
    table, settings, seed
        What is fitted, and the seed of all draws.
    rows
        The fitted rows of each process.
    """

    def __init__(
        self, table: StudyTable, settings: NaturalHistory, seed: int, progress: Progress | None = None
    ) -> None:
        self.table, self.settings, self.seed = table, settings, seed
        self.rows = {
            name: course.course_rows(table, process, settings) for name, process in settings.processes.items()
        }
        self._progress = progress
        self._made: dict[tuple[str, str | None], Posterior] = {}

    def cohorts(self, process: str) -> tuple[str, ...]:
        """Return the cohorts a process is fitted to, in the order of the table."""
        return tuple(dict.fromkeys(row.study for row in self.rows[process]))

    def without(self, process: str, cohort: str | None) -> Posterior:
        """Return the fit of a process to all other cohorts; to all when the cohort is not among them."""
        left = cohort if cohort in self.cohorts(process) else None
        if (process, left) not in self._made:
            if self._progress:
                self._progress(f"{process} without {left}" if left else f"{process}, all cohorts")
            rows = tuple(row for row in self.rows[process] if row.study != left)
            model = course.model_of(self.settings.processes[process], self.settings)
            self._made[process, left] = hazard.fit(
                course.observations(rows),
                model,
                draws=DRAWS,
                seed=self.seed,
                proposals=PROPOSALS,
                rounds=ROUNDS,
            )
        return self._made[process, left]


def predicted_rows(fits: Fits) -> tuple[RowPredicted, ...]:
    """Predict every fitted row of at least 20 units from the other cohorts."""
    return tuple(
        _predicted(fits, name, row, ())
        for name in validated(fits)
        for row in fits.rows[name]
        if row.at_risk >= FEWEST_UNITS
    )


def left_out_rows(fits: Fits) -> tuple[RowPredicted, ...]:
    """Predict every row of at least 20 units that is not fitted, with the reasons why it is not."""
    return tuple(
        _predicted(fits, name, row, reasons)
        for name in validated(fits)
        for row, reasons in course.left_out(fits.table, fits.settings.processes[name], fits.settings)
        if row.at_risk >= FEWEST_UNITS
    )


def validated(fits: Fits) -> tuple[str, ...]:
    """Return the processes with enough cohorts to leave one out."""
    return tuple(name for name in fits.rows if len(fits.cohorts(name)) >= FEWEST_COHORTS)


def _predicted(fits: Fits, process: str, row: CourseRow, reasons: tuple[str, ...]) -> RowPredicted:
    posterior = fits.without(process, row.study)
    effects = posterior.tau * np.random.default_rng(fits.seed).standard_normal(len(posterior.draws))
    probability = hazard.predict(posterior, course.observations((row,)), effects)[:, 0]
    return RowPredicted(
        process,
        row.arm,
        row.study,
        row.size,
        row.at_risk,
        row.events,
        row.start_years,
        row.end_years,
        predictive(row.events, row.at_risk, probability),
        reasons,
    )


def predictive(events: float, at_risk: float, probability: Array) -> Predicted:
    """Return what is expected of a binomial count whose probability is known by draws.

    The binomial part is summed exactly, so that only the draws of the probability are left to chance.

    Parameters
    ----------
    events, at_risk
        The count seen; both are rounded, because counts worked out from printed survival are not whole.
    probability
        Draws of the probability of an event (draws).
    """
    count, seen = round(at_risk), round(events)
    below = bdtr(np.arange(count + 1, dtype=float), count, probability[:, None]).mean(axis=0)
    # Rounding may leave the last sum a little below the level.
    low, high = np.minimum(np.searchsorted(below, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]), count)
    fewer = float(below[seen - 1]) if seen else 0.0
    return Predicted(
        mean=float(probability.mean()),
        low=float(low / count),
        high=float(high / count),
        inside=bool(low <= seen <= high),
        pit=(fewer + float(below[seen])) / 2,
    )


def summary(name: str, rows: Iterable[RowPredicted]) -> Summary:
    """Say how well rows were predicted."""
    chosen = tuple(rows)
    if not chosen:
        raise ValueError(f"{name}: there is no row to say anything of; leave the summary out")
    errors = np.array([row.observed - row.predicted.mean for row in chosen])
    pit = np.array([row.predicted.pit for row in chosen])
    quarters = np.bincount(np.minimum((pit * 4).astype(int), 3), minlength=4)
    return Summary(
        name=name,
        rows=len(chosen),
        cohorts=len({row.cohort for row in chosen}),
        inside=sum(row.predicted.inside for row in chosen),
        mean_error=float(errors.mean()),
        absolute_error=float(np.abs(errors).mean()),
        mean_pit=float(pit.mean()),
        quarters=(int(quarters[0]), int(quarters[1]), int(quarters[2]), int(quarters[3])),
    )


def within_cohort(fits: Fits, process: str, cohort: str) -> tuple[Cumulated, ...]:
    """Return, for the arms of one fitted cohort, what was printed and what the model says of this cohort."""
    posterior = fits.without(process, None)
    rows = tuple(row for row in fits.rows[process] if row.study == cohort)
    if not rows:
        raise ValueError(f"{process}: no row of {cohort} is fitted; name one of {fits.cohorts(process)}")
    seen: Observations = course.observations(rows)
    free = 1 - hazard.within_draws(posterior, seen, seed=fits.seed)
    found: list[Cumulated] = []
    for _, places in groupby(range(len(rows)), key=lambda place: rows[place].arm):
        said, printed = np.ones(len(free)), 1.0
        for place in places:
            row = rows[place]
            said, printed = said * free[:, place], printed * (1 - row.events / row.at_risk)
            low, median, high = np.quantile(1 - said, [(1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2])
            mean = float(1 - said.mean())
            found.append(
                Cumulated(
                    row.arm,
                    row.size,
                    row.end_years,
                    1 - printed,
                    mean,
                    float(median),
                    float(low),
                    float(high),
                )
            )
    return tuple(found)
