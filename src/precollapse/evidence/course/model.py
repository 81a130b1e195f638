"""Types of the hazard regression: observations, parameters with their priors, draws from the posterior."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

# How far the shares of a row may be from 1 in sum, and counts from each other, by rounding.
CLOSE = 1e-9


class Prior(NamedTuple):
    """Normal prior of one parameter, on the log scale."""

    name: str
    mean: float
    sd: float


@dataclass(frozen=True, slots=True)
class Observations:
    """Rows of events between two times, and the groups each row is made of.

    Attributes
    ----------
    study
        Label of the cohort of each row (rows).
    at_risk, events, start_years, end_years
        Arrays (rows); counts need not be whole, because published survival is turned into them.
    row, weight, design, course
        Arrays over components (m): the row it belongs to, its share there (sum 1 per row), its design
        (m, coefficients) and the number of its time course.

    Raises
    ------
    ValueError
        For events that are negative or more than those at risk, intervals that do not go forward from 0, and
        shares that are not positive or do not sum to 1.
    """

    study: tuple[str, ...]
    at_risk: Array
    events: Array
    start_years: Array
    end_years: Array
    row: Numbers
    weight: Array
    design: Array
    course: Numbers

    def __post_init__(self) -> None:
        for number, study in enumerate(self.study):
            place = f"row {number} ({study})"
            events, at_risk = self.events[number], self.at_risk[number]
            if not 0 <= events <= at_risk + CLOSE:
                raise ValueError(
                    f"{place}: {events:g} events of {at_risk:g}: events lie between 0 and those at risk; "
                    "correct the counts"
                )
            start, end = self.start_years[number], self.end_years[number]
            if not 0 <= start < end:
                raise ValueError(
                    f"{place}: from year {start:g} to year {end:g}: an interval goes forward from 0 or "
                    "later; correct the times"
                )
        shares = np.bincount(self.row, self.weight, minlength=len(self.study))
        if (self.weight <= 0).any() or (np.abs(shares - 1) > CLOSE).any():
            wrong = int(np.abs(shares - 1).argmax())
            raise ValueError(
                f"row {wrong} ({self.study[wrong]}): the shares of its groups sum to {shares[wrong]:g}: "
                "they must be above 0 and sum to 1; divide them by their sum if that is meant"
            )

    def without(self, study: str) -> Observations:
        """Return the rows of all other cohorts."""
        return self.where(np.array([one != study for one in self.study], dtype=np.bool_))

    def of(self, study: str) -> Observations:
        """Return the rows of one cohort."""
        return self.where(np.array([one == study for one in self.study], dtype=np.bool_))

    def where(self, keep: npt.NDArray[np.bool_]) -> Observations:
        """Return the rows that are kept, with their components."""
        number = np.cumsum(keep) - 1
        parts = keep[self.row]
        return Observations(
            study=tuple(one for one, kept in zip(self.study, keep, strict=True) if kept),
            at_risk=self.at_risk[keep],
            events=self.events[keep],
            start_years=self.start_years[keep],
            end_years=self.end_years[keep],
            row=number[self.row[parts]],
            weight=self.weight[parts],
            design=self.design[parts],
            course=self.course[parts],
        )


@dataclass(frozen=True, slots=True)
class Model:
    """What is estimated.

    Attributes
    ----------
    coefficients
        Priors of the log hazards and log hazard ratios, in the order of the columns of ``design``.
    courses
        Priors of the log ratio of the hazard between the two borders to that before the first, by course.
    later
        Prior of the log ratio of the hazard after the second border to that before it, common to all.
    borders_years
        The two borders.
    tau_scale
        Scale of the half-normal prior of the standard deviation between cohorts.
    """

    coefficients: tuple[Prior, ...]
    courses: tuple[Prior, ...]
    later: Prior
    borders_years: tuple[float, float]
    tau_scale: float

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all parameters, in the order of a parameter vector."""
        return (*(prior.name for prior in self.priors), "log tau")

    @property
    def priors(self) -> tuple[Prior, ...]:
        """All normal priors, in the order of a parameter vector."""
        return (*self.coefficients, *self.courses, self.later)


@dataclass(frozen=True, slots=True)
class Posterior:
    """Draws from the posterior.

    Attributes
    ----------
    model
        What was estimated.
    draws
        Array (draws, parameters) in the order of ``model.names``.
    effective_size
        Effective number of the proposals from which the draws were taken.
    proposals
        Number of those proposals.
    """

    model: Model
    draws: Array
    effective_size: float
    proposals: int

    @property
    def tau(self) -> Array:
        """Standard deviation between cohorts (draws)."""
        return np.asarray(np.exp(self.draws[:, -1]))

    def coefficient(self, name: str) -> Array:
        """Draws of one parameter (draws)."""
        return self.draws[:, self.model.names.index(name)]


def operational_time(model: Model, years: Array, log_course: Array, log_later: Array) -> Array:
    """Return ``G(t)``: years, weighted by how fast the hazard runs after each border.

    All arguments after the model broadcast against each other.
    """
    first, second = model.borders_years
    middle = np.clip(years - first, 0.0, second - first)
    after = np.clip(years - second, 0.0, None)
    return np.asarray(np.minimum(years, first) + np.exp(log_course) * (middle + np.exp(log_later) * after))
