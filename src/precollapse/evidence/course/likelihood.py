"""Likelihood of the hazard regression, for many parameter vectors at once.

The effect of each cohort is integrated out by the trapezoidal rule around its own peak, which for a smooth
integrand that vanishes at both ends is exact to rounding once a step is no wider than its spread (Trefethen
LN, Weideman JAC. The exponentially convergent trapezoidal rule. SIAM Review 2014;56:385-458). Fixed
Gauss-Hermite nodes would not do: a large cohort is so sharp that its peak falls between two of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import xlogy

from precollapse.evidence.course.model import Array, Model, Numbers, Observations, operational_time

# Where the peak of a standardised cohort effect is first looked for; the prior leaves 2e-9 outside.
COARSE = np.arange(-6.0, 6.5)
# Newton steps from there at most; how far each may go and which move is near enough to stop, in spreads.
REFINEMENTS = 20
FARTHEST = 5.0
NEAR = 0.1
# The rule around the peak found, in spreads of the peak. The hyperbolic sine puts points where the peak is
# sharp and reaches far beyond it: a cohort without an event has a steep side and one as flat as the prior.
STEP = 0.28
_EVEN = STEP * np.arange(-14, 15)
FINE = np.sinh(_EVEN)
LOG_WIDTH = np.log(STEP * np.cosh(_EVEN) / np.sqrt(2 * np.pi))
# Least curvature that is believed in; the prior alone has 1.
FLATTEST = 0.5
# Log hazards and cohort effects beyond this are as good as infinite, but would be no numbers.
MOST_LOG = 300.0
TINY = float(np.finfo(float).tiny)
# Parameter vectors evaluated at once; keeps the arrays within the processor's cache.
BLOCK = 64


class Mixture(NamedTuple):
    """Rows of several groups: numbers, components, where those of a row begin, which row each is of."""

    rows: Numbers
    parts: Numbers
    begins: Numbers
    place: Numbers
    weight: Array


class Quadrature(NamedTuple):
    """Cohort effects and the log of likelihood times prior times width there (vectors, studies, nodes)."""

    effects: Array
    log_mass: Array


class Likelihood:
    """The likelihood of the rows for many parameter vectors at once.

    Attributes
    ----------
    studies
        The cohorts, in the order of their first row.
    number
        For each row the number of its cohort (rows).
    """

    def __init__(self, observations: Observations, model: Model) -> None:
        self.model, self.observations = model, observations
        self.studies = list(dict.fromkeys(observations.study))
        self.number = np.array([self.studies.index(one) for one in observations.study], dtype=np.int64)
        self.of_study = (np.arange(len(self.studies))[:, None] == self.number).astype(float)
        parts = np.bincount(observations.row, minlength=len(self.number))
        self._single_rows = np.flatnonzero(parts == 1)
        order = np.argsort(observations.row, kind="stable")
        self._single_parts = order[parts[observations.row[order]] == 1]
        self._ends = _mixture(observations, parts > 1)
        self._starts = _mixture(observations, (parts > 1) & (observations.start_years > 0))
        self._mean = np.array([prior.mean for prior in model.priors])
        self._sd = np.array([prior.sd for prior in model.priors])

    def log_survival(self, parameters: Array, effects: Array) -> Array:
        """Return the log probability of no event in each row.

        Parameters
        ----------
        parameters
            Array (vectors, parameters).
        effects
            Cohort effects (vectors, studies, nodes).

        Returns
        -------
        Array
            (vectors, rows, nodes); in logarithms, probabilities near 0 and 1 keep their digits.
        """
        return self._log_survival(*self._hazards(parameters), effects)

    def log_likelihood(self, parameters: Array, effects: Array) -> Array:
        """Return the log likelihood of each cohort (vectors, studies, nodes) at its effects of that shape."""
        return self._log_likelihood(*self._hazards(parameters), effects)

    def quadrature(self, parameters: Array) -> Quadrature:
        """Return for each cohort the effects it may have had, and how much of its likelihood each carries."""
        hazards = self._hazards(parameters)
        tau = np.exp(parameters[:, -1])[:, None, None]

        def height(z: Array) -> Array:
            effects = np.broadcast_to(tau * z, (len(parameters), len(self.studies), z.shape[-1]))
            return np.asarray(self._log_likelihood(*hazards, effects) - 0.5 * z**2)

        centre, spread = _peak(height)
        z = centre + spread * FINE
        return Quadrature(tau * z, height(z) + np.log(spread) + LOG_WIDTH)

    def log_posterior(self, parameters: Array) -> Array:
        """Return the log posterior density (vectors), up to a constant."""
        blocks = [self._block(parameters[at : at + BLOCK]) for at in range(0, len(parameters), BLOCK)]
        return np.concatenate(blocks)

    def log_prior(self, parameters: Array) -> Array:
        """Return the log prior density of the parameters (vectors), up to a constant."""
        normal = -0.5 * (((parameters[:, :-1] - self._mean) / self._sd) ** 2).sum(axis=1)
        # Half-normal density of tau, with the Jacobian of its logarithm.
        spread = -0.5 * (np.exp(parameters[:, -1]) / self.model.tau_scale) ** 2 + parameters[:, -1]
        return np.asarray(normal + spread)

    def _block(self, parameters: Array) -> Array:
        mass = self.quadrature(parameters).log_mass
        most = mass.max(axis=2)
        likelihood = most + np.log(np.exp(mass - most[:, :, None]).sum(axis=2))
        return np.asarray(likelihood.sum(axis=1) + self.log_prior(parameters))

    def _hazards(self, parameters: Array) -> tuple[Array, Array]:
        """Return cumulative hazards of components at start and end (vectors, m), without cohort effect."""
        seen, count = self.observations, len(self.model.coefficients)
        log_hazard = np.clip(parameters[:, :count] @ seen.design.T, -MOST_LOG, MOST_LOG)
        log_course = parameters[:, count : count + len(self.model.courses)][:, seen.course]
        log_later = parameters[:, -2][:, None]
        hazard = np.exp(log_hazard)
        start = operational_time(self.model, seen.start_years[seen.row], log_course, log_later)
        end = operational_time(self.model, seen.end_years[seen.row], log_course, log_later)
        return hazard * start, hazard * end

    def _log_survival(self, start: Array, end: Array, effects: Array) -> Array:
        factor = np.exp(np.clip(effects, -MOST_LOG, MOST_LOG))[:, self.number]
        result = np.empty(factor.shape)
        increase = (end - start)[:, self._single_parts, None]
        result[:, self._single_rows] = -increase * factor[:, self._single_rows]
        if len(self._ends.rows):
            result[:, self._ends.rows] = _mixed(self._ends, end, factor)
        if len(self._starts.rows):
            result[:, self._starts.rows] -= _mixed(self._starts, start, factor)
        return result

    def _log_likelihood(self, start: Array, end: Array, effects: Array) -> Array:
        seen = self.observations
        free = self._log_survival(start, end, effects)
        part = xlogy(seen.events[:, None], np.maximum(-np.expm1(free), TINY))
        part += (seen.at_risk - seen.events)[:, None] * free
        return np.asarray(self.of_study @ part)


def _mixture(observations: Observations, chosen: npt.NDArray[np.bool_]) -> Mixture:
    """Gather the components of some rows, row by row."""
    order = np.argsort(observations.row, kind="stable")
    parts = order[chosen[observations.row[order]]]
    rows, begins, place = np.unique(observations.row[parts], return_index=True, return_inverse=True)
    return Mixture(rows, parts, begins, place, observations.weight[parts])


def _mixed(mixture: Mixture, hazard: Array, factor: Array) -> Array:
    """Return log survival of mixed rows (vectors, rows of the mixture, nodes).

    The least hazard is taken out first, so that neither a very small nor a very large one loses its digits.
    """
    mine = hazard[:, mixture.parts]
    least = np.minimum.reduceat(mine, mixture.begins, axis=1)
    beyond = (mine - least[:, mixture.place])[:, :, None]
    times = factor[:, mixture.rows]
    lost = mixture.weight[:, None] * np.expm1(-beyond * times[:, mixture.place])
    return np.asarray(np.log1p(np.add.reduceat(lost, mixture.begins, axis=1)) - least[:, :, None] * times)


def _peak(height: Callable[[Array], Array]) -> tuple[Array, Array]:
    """Return place and spread of the peak of functions of a standardised effect (vectors, studies, 1).

    ``height`` takes effects (vectors, studies, nodes), or (1, 1, nodes) for all alike.
    """
    coarse = height(COARSE[None, None])
    best = np.clip(coarse.argmax(axis=2), 1, len(COARSE) - 2)[:, :, None]
    around = np.take_along_axis(coarse, best + np.array([-1, 0, 1]), axis=2)
    middle = COARSE[best]
    centre, spread = _newton(middle, np.ones(best.shape), around)
    for _ in range(REFINEMENTS):
        around = height(centre + spread * np.array([-1.0, 0.0, 1.0]))
        top, spread = _newton(centre, spread, around)
        # The peak lies between the neighbours of the best coarse point; a step beyond would lose it.
        top = np.clip(top, middle - 1, middle + 1)
        near = bool((np.abs(top - centre) < NEAR * spread).all())
        centre = top
        if near:
            break
    return centre, spread


def _newton(centre: Array, step: Array, around: Array) -> tuple[Array, Array]:
    """Return top and spread of parabolas through three heights a step apart."""
    before, here, after = around[..., :1], around[..., 1:2], around[..., 2:]
    curvature = np.maximum((2 * here - before - after) / step**2, FLATTEST)
    move = (after - before) / (2 * step) / curvature
    return centre + np.clip(move, -FARTHEST * step, FARTHEST * step), 1 / np.sqrt(curvature)
