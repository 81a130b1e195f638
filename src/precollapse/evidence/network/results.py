"""What readers ask of a network: all effects at once, and an order of the treatments with its uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri
from scipy.stats import qmc

from precollapse.evidence.network.contrasts import Floats
from precollapse.evidence.network.model import Network, Prediction


@dataclass(frozen=True, slots=True, eq=False)
class LeagueTable:
    """Every treatment against every other.

    Attributes
    ----------
    treatments
        Labels of the rows and of the columns.
    estimates, standard_errors, low, high
        Effect of the treatment of the row against that of the column, with confidence interval; zero on the
        diagonal; shape (treatments, treatments).
    prediction_low, prediction_high
        Interval of the true effect in a further study, NaN on the diagonal; None where there is none, see
        ``network.Effect``.
    """

    treatments: tuple[str, ...]
    estimates: Floats
    standard_errors: Floats
    low: Floats
    high: Floats
    prediction_low: Floats | None
    prediction_high: Floats | None


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """The order of the treatments, and how sure it is.

    Attributes
    ----------
    treatments
        From the highest P-score to the lowest.
    smaller_is_better
        The direction.
    p_scores
        Mean certainty of being better than another treatment, 0 to 1; shape (treatments,).
    low, high
        Interval of the share of other treatments that are worse, at the level of the network; its mean over
        the distribution of the estimates is the P-score; shape (treatments,).
    probabilities
        Of each treatment (row) having each rank (column), the best first; shape (treatments, treatments).
    """

    treatments: tuple[str, ...]
    smaller_is_better: bool
    p_scores: Floats
    low: Floats
    high: Floats
    probabilities: Floats

    @property
    def best(self) -> Floats:
        """Probability of each treatment being the best; shape (treatments,)."""
        return self.probabilities[:, 0]


def league_table(
    network: Network, order: Sequence[str] | None = None, *, prediction: Prediction = "z"
) -> LeagueTable:
    """Return all effects of a network.

    Parameters
    ----------
    network
        The fitted network.
    order
        Treatments in the wanted order, all or some; None: that of the network.
    prediction
        Quantile of the prediction intervals, see ``Network.effect``.

    Raises
    ------
    ValueError
        If a treatment is not in the network or named twice.
    """
    treatments = network.treatments if order is None else tuple(order)
    if len(set(treatments)) != len(treatments):
        raise ValueError("the order names a treatment twice; name each once")
    places = [network.place(treatment) for treatment in treatments]
    estimates, errors = _differences(network.estimates[places], network.covariance[np.ix_(places, places)])
    quantile = float(ndtri((1 + network.level) / 2))
    spread = np.sqrt(errors**2 + network.tau_squared)
    np.fill_diagonal(spread, np.nan)
    wide = network.prediction_quantile(prediction)
    return LeagueTable(
        treatments=treatments,
        estimates=estimates,
        standard_errors=errors,
        low=estimates - quantile * errors,
        high=estimates + quantile * errors,
        prediction_low=None if wide is None else estimates - wide * spread,
        prediction_high=None if wide is None else estimates + wide * spread,
    )


def p_scores(network: Network, *, smaller_is_better: bool) -> Floats:
    """Return the P-score of every treatment (Ruecker and Schwarzer 2015).

    Parameters
    ----------
    network
        The fitted network.
    smaller_is_better
        Whether a smaller effect is the better one, as for the log odds of a bad event.

    Returns
    -------
    ndarray
        Mean over the other treatments of the one-sided certainty of being better, 0 to 1, in the order of the
        network; shape (treatments,). Their mean is one half.
    """
    estimates, errors = _differences(network.estimates, network.covariance)
    np.fill_diagonal(errors, 1.0)
    certainty = ndtr((-1 if smaller_is_better else 1) * estimates / errors)
    np.fill_diagonal(certainty, 0.0)
    return np.asarray(np.sum(certainty, axis=1) / (len(certainty) - 1), dtype=np.float64)


def rank_treatments(network: Network, *, smaller_is_better: bool, log2_draws: int = 14) -> Ranking:
    """Rank the treatments and say how uncertain the order is.

    Parameters
    ----------
    network
        The fitted network.
    smaller_is_better
        Whether a smaller effect is the better one.
    log2_draws
        Binary logarithm of the number of draws, 8 to 20.

    Returns
    -------
    Ranking
        P-scores are exact. Intervals and probabilities come from a Sobol sequence through the normal
        distribution of the estimates: no randomness, the same result in every run, whatever the reference.

    Raises
    ------
    ValueError
        If the number of draws is out of range.

    Notes
    -----
    Mean effects are ranked, not effects in a further study; tau2 enters through the standard errors only. The
    shares are those of SUCRA (Salanti, Ades and Ioannidis 2011).
    """
    if not 8 <= log2_draws <= 20:
        raise ValueError(f"log2_draws is {log2_draws}, it must lie between 8 and 20; 14 is usual")
    scores = p_scores(network, smaller_is_better=smaller_is_better)
    order = sorted(range(len(scores)), key=lambda place: (-scores[place], network.treatments[place]))
    ranks = _ranks(network, smaller_is_better, log2_draws)[:, order]
    count = len(order)
    worse = (count - 1 - ranks) / (count - 1)
    tail = (1 - network.level) / 2
    low, high = np.quantile(worse, [tail, 1 - tail], axis=0, method="inverted_cdf")
    return Ranking(
        treatments=tuple(network.treatments[place] for place in order),
        smaller_is_better=smaller_is_better,
        p_scores=scores[order],
        low=low,
        high=high,
        probabilities=np.stack([np.mean(ranks == rank, axis=0) for rank in range(count)], axis=1),
    )


def _differences(estimates: Floats, covariance: Floats) -> tuple[Floats, Floats]:
    """Return all differences (row less column) and their standard errors."""
    variances = np.diag(covariance)
    squared = variances[:, None] + variances[None, :] - 2 * covariance
    np.fill_diagonal(squared, 0.0)
    return estimates[:, None] - estimates[None, :], np.sqrt(squared)


def _ranks(network: Network, smaller_is_better: bool, log2_draws: int) -> Floats:
    """Return the rank, 0 the best, of every treatment in every draw; shape (draws, treatments)."""
    # Drawn against the first treatment of the alphabet, so that the reference has no influence.
    alphabetical = np.argsort(np.array(network.treatments))
    first, others = alphabetical[0], alphabetical[1:]
    against = np.eye(len(alphabetical))[others] - np.eye(len(alphabetical))[first]
    root = np.linalg.cholesky(against @ network.covariance @ against.T)
    # The middles of the cells of the sequence: none lies on the border, where the quantile is infinite.
    uniform = qmc.Sobol(len(others), scramble=False).random_base2(log2_draws) + 0.5 / 2**log2_draws
    draws = np.zeros((len(uniform), len(alphabetical)))
    draws[:, others] = against @ network.estimates + ndtri(uniform) @ root.T
    better_first = np.argsort(draws if smaller_is_better else -draws, axis=1)
    ranks: Floats = np.argsort(better_first, axis=1).astype(np.float64)
    return ranks
