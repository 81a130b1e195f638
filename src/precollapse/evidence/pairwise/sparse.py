"""Meta-analysis of sparse events from the counts themselves, without continuity corrections.

The counts of each study have their exact distribution given the study's true value; the true values are
normal. Studies without events then need no correction: they say what they say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, ndtr, ndtri

from precollapse.evidence.pairwise import sparse_fit
from precollapse.evidence.pairwise.arms import Floats, arrays, check_arm, refuse
from precollapse.evidence.pairwise.sparse_likelihood import (
    BinomialCloglog,
    BinomialLogit,
    Hypergeometric,
    PoissonLog,
    StudyLikelihood,
)

SparseMethod = Literal["ML", "fixed"]
Interval = Literal["profile", "wald"]
Link = Literal["logit", "cloglog"]


@dataclass(frozen=True, slots=True)
class SparsePooled:
    """Pooled value of several studies with sparse events.

    Attributes
    ----------
    k, n_informative
        Number of studies, and of those whose counts say anything of the value. A table in which none or all
        of both arms had the event says nothing of the odds ratio.
    method, interval, level
        As asked for.
    estimate, standard_error, low, high
        Mean of the true values on the scale of the link (logit, complementary log-log, log rate, log odds
        ratio), its standard error by the observed information, and its confidence interval.
    p_value
        Two-sided, of a log odds ratio of zero, by the likelihood ratio or Wald test as the interval; None for
        proportions and rates, where zero means nothing.
    tau_squared
        Variance of the true values; NaN if a single informative study cannot tell.
    tau_squared_interval
        Profile likelihood interval, low 0 where that is compatible; None for ``"fixed"`` and for one study.
    likelihood_ratio_q, q_p_value
        Likelihood ratio test of heterogeneity, each study with its own value against one common value, on
        ``n_informative - 1`` degrees of freedom. Its chi-squared distribution is rough when events are few.
    prediction
        Interval for the true value of a further study, ``estimate -+ z sqrt(tau2 + se^2)``; None for
        ``"fixed"`` and for fewer than three informative studies.
    log_likelihood
        At the maximum, with all constants.
    """

    k: int
    n_informative: int
    method: SparseMethod
    interval: Interval
    level: float
    estimate: float
    standard_error: float
    low: float
    high: float
    p_value: float | None
    tau_squared: float
    tau_squared_interval: tuple[float, float] | None
    likelihood_ratio_q: float
    q_p_value: float
    prediction: tuple[float, float] | None
    log_likelihood: float


@dataclass(frozen=True, slots=True)
class _Options:
    method: SparseMethod
    interval: Interval
    level: float
    nodes: int

    def check(self) -> None:
        for name, value, known in (
            ("method", self.method, ("ML", "fixed")),
            ("interval", self.interval, ("profile", "wald")),
        ):
            if value not in known:
                raise ValueError(f"{name} is {value!r}; choose one of {', '.join(known)}")
        if not 0 < self.level < 1:
            raise ValueError(f"level is {self.level}; it must lie between 0 and 1, such as 0.95")
        if not 1 <= self.nodes <= 100:
            raise ValueError(f"nodes is {self.nodes}; it must lie between 1 and 100, and 50 does well")


def pool_proportions(
    events: npt.ArrayLike,
    n: npt.ArrayLike,
    *,
    link: Link = "logit",
    method: SparseMethod = "ML",
    interval: Interval = "profile",
    level: float = 0.95,
    nodes: int = 50,
) -> SparsePooled:
    """Pool proportions by the binomial-normal model.

    Parameters
    ----------
    events, n
        Whole numbers of events and of people; shape (studies,).
    link
        Scale on which true values are normal: ``"logit"``, or ``"cloglog"`` for events by a horizon.
    method
        ``"ML"``: random intercept by maximum likelihood; ``"fixed"``: one common proportion.
    interval
        ``"profile"`` likelihood or ``"wald"`` for the confidence interval.
    level
        Coverage of all intervals, between 0 and 1.
    nodes
        Points of the adaptive Gauss-Hermite quadrature, 1 to 100.

    Returns
    -------
    SparsePooled
        On the scale of the link.

    Raises
    ------
    ValueError
        If counts are impossible, no study or every person had the event, or tau2 has no finite estimate.

    Notes
    -----
    Hamza, van Houwelingen, Stijnen, Journal of Clinical Epidemiology 2008;61:41-51;
    ``rma.glmm(measure="PLO")`` of metafor.
    """
    options = _Options(method, interval, level, nodes)
    x, people = _counts(events=events, n=n)
    check_arm(x, people, "events", "n")
    total = float(np.sum(x))
    if total == 0 or total == np.sum(people):
        raise ValueError(
            f"{total:g} of {np.sum(people):g} people had the event: the mean has no finite estimate; "
            "use clopper_pearson on the sums"
        )
    if link not in ("logit", "cloglog"):
        raise ValueError(f"link is {link!r}; choose one of logit, cloglog")
    family = BinomialLogit if link == "logit" else BinomialCloglog
    return _pool(family(x, people), len(x), options, tests_zero=False)


def pool_rates(
    events: npt.ArrayLike,
    person_time: npt.ArrayLike,
    *,
    method: SparseMethod = "ML",
    interval: Interval = "profile",
    level: float = 0.95,
    nodes: int = 50,
) -> SparsePooled:
    """Pool event rates by the Poisson-normal model.

    Parameters
    ----------
    events
        Whole numbers of events; shape (studies,).
    person_time
        Time at risk; rates are per its unit.
    method, interval, level, nodes
        As of ``pool_proportions``.

    Returns
    -------
    SparsePooled
        On the scale of the log rate.

    Raises
    ------
    ValueError
        If counts or times are impossible, no study had an event, or tau2 has no finite estimate.

    Notes
    -----
    Stijnen, Hamza, Ozdemir, Statistics in Medicine 2010;29:3046-3067;
    ``rma.glmm(measure="IRLN")`` of metafor.
    """
    options = _Options(method, interval, level, nodes)
    x, time = arrays(events=events, person_time=person_time)
    (x,) = _counts(events=x)
    refuse(x < 0, "events", x, "must not be negative; check the extraction")
    refuse(time <= 0, "person_time", time, "must be above 0; leave arms without follow-up out")
    if np.sum(x) == 0:
        raise ValueError(
            f"there is no event in {np.sum(time):g} of person-time: the mean has no finite estimate; "
            "use exact_poisson on the sums"
        )
    return _pool(PoissonLog(x, np.atleast_1d(time)), len(x), options, tests_zero=False)


def pool_odds_ratios(
    events_1: npt.ArrayLike,
    n_1: npt.ArrayLike,
    events_0: npt.ArrayLike,
    n_0: npt.ArrayLike,
    *,
    method: SparseMethod = "ML",
    interval: Interval = "profile",
    level: float = 0.95,
    nodes: int = 50,
) -> SparsePooled:
    """Pool odds ratios of sparse tables by the exact conditional (noncentral hypergeometric-normal) model.

    Parameters
    ----------
    events_1, n_1, events_0, n_0
        Whole numbers of events and of people in the treated and the comparator arm; shape (studies,).
    method, interval, level, nodes
        As of ``pool_proportions``; ``"fixed"`` is conditional logistic regression.

    Returns
    -------
    SparsePooled
        On the scale of the log odds ratio of arm 1 against arm 0.

    Raises
    ------
    ValueError
        If counts are impossible, no table is informative, every table points without limit to the same side,
        or tau2 has no finite estimate.

    Notes
    -----
    van Houwelingen, Zwinderman, Stijnen, Statistics in Medicine 1993;12:2273-2284; Stijnen, Hamza, Ozdemir
    2010; ``rma.glmm(measure="OR", model="CM.EL")`` of metafor. Time grows with the number of events.
    """
    options = _Options(method, interval, level, nodes)
    x_1, k_1, x_0, k_0 = _counts(events_1=events_1, n_1=n_1, events_0=events_0, n_0=n_0)
    check_arm(x_1, k_1, "events_1", "n_1")
    check_arm(x_0, k_0, "events_0", "n_0")
    total = x_1 + x_0
    informative = (total > 0) & (total < k_1 + k_0)
    if not np.any(informative):
        raise ValueError(
            f"none of {len(x_1)} studies says anything of the odds ratio: none or all had the event; "
            "pool the proportions, or a risk difference"
        )
    tables = [column[informative] for column in (x_1, k_1, x_0, k_0)]
    likelihood = Hypergeometric.of_tables(*tables)
    if likelihood.at_lowest() or likelihood.at_highest():
        raise ValueError(
            "every informative study has its events as far to one side as its margins allow: the odds ratio "
            "has no finite estimate; report the tables"
        )
    return _pool(likelihood, len(x_1), options, tests_zero=True)


def _pool(likelihood: StudyLikelihood, k: int, options: _Options, *, tests_zero: bool) -> SparsePooled:
    options.check()
    random = options.method == "ML" and likelihood.k > 1
    common = sparse_fit.fit_given_tau_squared(likelihood, 0.0, options.nodes, likelihood.start())
    best = sparse_fit.fit(likelihood, options.nodes) if random else common
    error, z = best.standard_error(), float(ndtri((1 + options.level) / 2))
    low, high = best.mean - z * error, best.mean + z * error
    if options.interval == "profile":
        low, high = sparse_fit.mean_interval(likelihood, best, options.nodes, options.level, random=random)
    reach = z * float(np.sqrt(best.tau_squared + error**2))
    freedom, q = likelihood.k - 1, max(0.0, 2 * (likelihood.saturated() - common.value))
    return SparsePooled(
        k=k, n_informative=likelihood.k,
        method=options.method, interval=options.interval, level=options.level,
        estimate=best.mean, standard_error=error, low=low, high=high,
        p_value=_p_value(likelihood, best, options, random=random) if tests_zero else None,
        tau_squared=best.tau_squared if random or options.method == "fixed" else np.nan,
        tau_squared_interval=(
            sparse_fit.tau_squared_interval(likelihood, best, options.nodes, options.level)
            if random else None
        ),
        likelihood_ratio_q=q, q_p_value=float(chdtrc(freedom, q)) if freedom > 0 else 1.0,
        prediction=(best.mean - reach, best.mean + reach) if random and likelihood.k > 2 else None,
        log_likelihood=best.value,
    )  # fmt: skip


def _p_value(
    likelihood: StudyLikelihood, best: sparse_fit.Marginal, options: _Options, *, random: bool
) -> float:
    if options.interval == "wald":
        return float(2 * ndtr(-abs(best.mean / best.standard_error())))
    null = sparse_fit.profile_value(likelihood, best, 0.0, options.nodes, random=random)
    return float(chdtrc(1, max(0.0, 2 * (best.value - null))))


def _counts(**named: npt.ArrayLike) -> list[Floats]:
    """Return whole numbers as one-dimensional float arrays of one length."""
    counts = [np.atleast_1d(one) for one in arrays(**named)]
    if counts[0].ndim != 1 or len(counts[0]) == 0:
        raise ValueError(f"counts have shape {counts[0].shape}; give one per study, for 1 study or more")
    for name, one in zip(named, counts, strict=True):
        refuse(one != np.floor(one), name, one, "must be a whole number; counts are not to be adjusted here")
    return counts
