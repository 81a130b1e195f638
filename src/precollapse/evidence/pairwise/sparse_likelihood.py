"""Likelihood of one study's counts given its own true value, for models of sparse events.

Each family gives, for any true values of the studies, the log-likelihood and its first two derivatives. All
are concave in the true value, which ``sparse_fit`` relies on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, gammaln, xlogy

from precollapse.evidence.pairwise.arms import Floats

Terms = tuple[Floats, Floats, Floats]


class StudyLikelihood(Protocol):
    """What a family of study likelihoods offers."""

    @property
    def k(self) -> int:
        """Number of studies."""

    def terms(self, value: Floats) -> Terms:
        """Return log-likelihood, first and second derivative at true values of shape (studies, points)."""

    def start(self) -> float:
        """Return the value to search from."""

    def saturated(self) -> float:
        """Return the largest log-likelihood when every study has its own value."""


@dataclass(frozen=True, slots=True)
class BinomialLogit:
    """Events among people, true value on the logit scale; both of shape (studies,)."""

    events: Floats
    people: Floats

    @property
    def k(self) -> int:
        """Number of studies."""
        return len(self.events)

    def terms(self, value: Floats) -> Terms:
        """See ``StudyLikelihood``."""
        x, n = self.events[:, None], self.people[:, None]
        share = expit(value)
        fit = _log_choose(n, x) + x * value - n * np.logaddexp(0, value)
        return fit, x - n * share, -n * share * expit(-value)

    def start(self) -> float:
        """See ``StudyLikelihood``."""
        share = float(np.sum(self.events) / np.sum(self.people))
        return float(np.log(share) - np.log1p(-share))

    def saturated(self) -> float:
        """See ``StudyLikelihood``."""
        return _saturated_binomial(self.events, self.people)


@dataclass(frozen=True, slots=True)
class BinomialCloglog:
    """Events among people, true value on the complementary log-log scale; both of shape (studies,)."""

    events: Floats
    people: Floats

    @property
    def k(self) -> int:
        """Number of studies."""
        return len(self.events)

    def terms(self, value: Floats) -> Terms:
        """See ``StudyLikelihood``."""
        x, n = self.events[:, None], self.people[:, None]
        hazard = np.exp(value)
        incidence = -np.expm1(-hazard)
        odds_slope = hazard * np.exp(-hazard) / incidence
        fit = _log_choose(n, x) + xlogy(x, incidence) - (n - x) * hazard
        slope = x * odds_slope - (n - x) * hazard
        return fit, slope, x * odds_slope * (1 - hazard / incidence) - (n - x) * hazard

    def start(self) -> float:
        """See ``StudyLikelihood``."""
        return float(np.log(-np.log1p(-np.sum(self.events) / np.sum(self.people))))

    def saturated(self) -> float:
        """See ``StudyLikelihood``."""
        return _saturated_binomial(self.events, self.people)


@dataclass(frozen=True, slots=True)
class PoissonLog:
    """Events in person-time, true value the log rate; both of shape (studies,)."""

    events: Floats
    time: Floats

    @property
    def k(self) -> int:
        """Number of studies."""
        return len(self.events)

    def terms(self, value: Floats) -> Terms:
        """See ``StudyLikelihood``."""
        x, time = self.events[:, None], self.time[:, None]
        expected = time * np.exp(value)
        return x * (value + np.log(time)) - expected - gammaln(x + 1), x - expected, -expected

    def start(self) -> float:
        """See ``StudyLikelihood``."""
        return float(np.log(np.sum(self.events) / np.sum(self.time)))

    def saturated(self) -> float:
        """See ``StudyLikelihood``."""
        return float(np.sum(xlogy(self.events, self.events) - self.events - gammaln(self.events + 1)))


@dataclass(frozen=True, slots=True)
class Hypergeometric:
    """Tables of two by two given their margins, true value the log odds ratio.

    Fisher's noncentral hypergeometric distribution; the risks themselves fall out of the likelihood.

    Attributes
    ----------
    steps
        For each study the possible numbers of events in arm 1, less the number observed, filled up with 0;
        shape (studies, possible numbers).
    log_weights
        The log number of ways to each, less that of the number observed; minus infinity where filled up.
    """

    steps: Floats
    log_weights: Floats

    @classmethod
    def of_tables(cls, events_1: Floats, n_1: Floats, events_0: Floats, n_0: Floats) -> Hypergeometric:
        """Return the likelihood of tables; shape (studies,) each."""
        supports = [_support(*table) for table in zip(events_1, n_1, events_0, n_0, strict=True)]
        shape = len(supports), max(len(steps) for steps, _ in supports)
        all_steps, all_weights = np.zeros(shape), np.full(shape, -np.inf)
        for row, (steps, weights) in enumerate(supports):
            all_steps[row, : len(steps)] = steps
            all_weights[row, : len(steps)] = weights
        return cls(all_steps, all_weights)

    @property
    def k(self) -> int:
        """Number of studies."""
        return len(self.steps)

    def terms(self, value: Floats) -> Terms:
        """See ``StudyLikelihood``."""
        steps = self.steps[:, None, :]
        tilted = self.log_weights[:, None, :] + value[:, :, None] * steps
        largest = np.max(tilted, axis=2, keepdims=True)
        shares = np.exp(tilted - largest)
        total = np.sum(shares, axis=2)
        mean = np.sum(shares * steps, axis=2) / total
        spread = np.sum(shares * (steps - mean[:, :, None]) ** 2, axis=2) / total
        return -largest[:, :, 0] - np.log(total), -mean, -spread

    def start(self) -> float:
        """See ``StudyLikelihood``."""
        return 0.0

    def saturated(self) -> float:
        """See ``StudyLikelihood``."""
        return sum(self._only(row).best() for row in range(self.k))

    def at_lowest(self) -> bool:
        """Return whether no study could have had fewer events in arm 1, given its margins."""
        return bool(np.all(self.steps >= 0))

    def at_highest(self) -> bool:
        """Return whether no study could have had more events in arm 1, given its margins."""
        return bool(np.all(self.steps <= 0))

    def best(self) -> float:
        """Return the largest log-likelihood with one value for all."""
        if self.at_lowest() or self.at_highest():
            return 0.0  # with an odds ratio of zero or infinity what was observed is certain

        def slope(value: float) -> float:
            return float(np.sum(self.terms(np.full((self.k, 1), value))[1]))

        value = brentq(slope, -50.0, 50.0, xtol=1e-12)
        return float(np.sum(self.terms(np.full((self.k, 1), value))[0]))

    def _only(self, row: int) -> Hypergeometric:
        return Hypergeometric(self.steps[row : row + 1], self.log_weights[row : row + 1])


def _log_choose(n: Floats, x: Floats) -> Floats:
    ways: Floats = gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)
    return ways


def _saturated_binomial(events: Floats, people: Floats) -> float:
    rest = people - events
    return float(
        np.sum(_log_choose(people, events) + xlogy(events, events / people) + xlogy(rest, rest / people))
    )


def _support(events_1: float, n_1: float, events_0: float, n_0: float) -> tuple[Floats, Floats]:
    """Return steps and log weights of one table, by ratios of neighbours, which keeps all digits."""
    total = events_1 + events_0
    possible = np.arange(max(0.0, total - n_0), min(total, n_1) + 1)
    below = possible[:-1]
    ratios = np.log((n_1 - below) * (total - below)) - np.log((below + 1) * (n_0 - total + below + 1))
    weights = np.concatenate([[0.0], np.cumsum(ratios)])
    return possible - events_1, weights - weights[np.flatnonzero(possible == events_1)[0]]
