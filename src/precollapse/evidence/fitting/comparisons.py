"""Treatments compared: which studies, how far each may be off, their network, and draws for a new patient.

Hardly any two treatments were compared twice, so the spread between studies cannot be estimated comparison by
comparison. It is estimated in a network in which treatments of one kind are joined, and then added to every
study; ``docs/methods/evidence.md`` says why.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from precollapse.evidence.fitted import (
    Z_95,
    ContrastFitted,
    EffectFitted,
    Estimate,
    NetworkFitted,
    Score,
)
from precollapse.evidence.fitting.arms_compared import (
    ArmUsed,
    arms_used,
    by_study,
    contrasts_of,
)
from precollapse.evidence.fitting.bias import Body, certainty, risk_of_bias
from precollapse.evidence.fitting.settings import Comparisons, Outcome
from precollapse.evidence.network import checks as network_checks
from precollapse.evidence.network.contrasts import StudyContrasts, component_of, components
from precollapse.evidence.network.designs import consistency_design
from precollapse.evidence.network.model import Network, fit_network
from precollapse.evidence.network.results import rank_treatments
from precollapse.evidence.network.rows import rows_of, solve
from precollapse.evidence.table.read import StudyTable

Array = npt.NDArray[np.float64]
RANDOM = ("random", "side-to-side random")


@dataclass(frozen=True, slots=True)
class NetworkDraws:
    """A fitted network and what the forecast takes from it.

    Attributes
    ----------
    fitted
        For readers.
    draws
        Log hazard ratio in a new population, by treatment (draws); the reference is not among them.
    """

    fitted: NetworkFitted
    draws: dict[str, Array]


def compare(
    table: StudyTable, name: str, outcome: Outcome, settings: Comparisons, *, draws: int, seed: int
) -> NetworkDraws:
    """Compare all treatments on one outcome.

    Parameters
    ----------
    table
        The study table.
    name, outcome, settings
        Which outcome, and how.
    draws, seed
        Of the effects in a new population.
    """
    arms, left_out = arms_used(table, outcome, settings)
    studies = by_study(arms)
    plain = [contrasts_of(study, found, 0.0) for study, found in studies.items()]
    spread = {study: settings.bias[table.studies[study].allocation].sd for study in studies}
    tau = _tau_of_classes(studies, spread, settings)
    widened = [contrasts_of(study, found, math.hypot(spread[study], tau)) for study, found in studies.items()]
    connected = component_of(widened, settings.reference)
    network = fit_network(connected, reference=settings.reference, method="fixed")
    unwidened = fit_network(
        [one for one in plain if one.study in {kept.study for kept in connected}],
        reference=settings.reference,
        method="fixed",
    )
    weights = _influence(network)
    contrasts = _contrasts_fitted(table, studies, settings, spread, tau, network, weights)
    effects = tuple(
        _effect(table, network, treatment, settings.reference, settings, tau, weights, studies)
        for treatment in network.treatments[1:]
    )
    fitted = NetworkFitted(
        id=name,
        name=outcome.name,
        event=outcome.event,
        reference=settings.reference,
        treatments=network.treatments,
        tau=tau,
        q_heterogeneity=unwidened.q_within.statistic,
        q_heterogeneity_p=unwidened.q_within.p_value,
        q_inconsistency=unwidened.q_between.statistic,
        q_inconsistency_p=unwidened.q_between.p_value,
        contrasts=contrasts,
        effects=effects,
        league=_league(table, network, settings, tau, weights, studies),
        p_scores=_scores(network),
        apart=_apart(widened, settings.reference),
        left_out=tuple(left_out),
    )
    return NetworkDraws(fitted, _draw(network, tau, draws, seed))


def _tau_of_classes(
    studies: dict[str, list[ArmUsed]], spread: dict[str, float], settings: Comparisons
) -> float:
    """Return the standard deviation between studies, estimated with treatments of one kind joined.

    Posterior mean under a half-normal prior and the restricted likelihood, summed over a fine grid.
    """
    joined = []
    for study, arms in studies.items():
        classes = [settings.classes.get(arm.treatment, arm.treatment) for arm in arms]
        if len(set(classes)) == len(classes):
            renamed = [replace(arm, treatment=name) for arm, name in zip(arms, classes, strict=True)]
            joined.append(contrasts_of(study, renamed, spread[study]))
    connected = component_of(joined, settings.reference)
    network = fit_network(connected, reference=settings.reference, method="fixed")
    rows, design = rows_of(connected), consistency_design(connected, network.treatments)
    grid = np.linspace(0.0, 8 * settings.tau_prior.sd, 801)
    height = np.array([solve(rows, design, tau**2).restricted_log_likelihood for tau in grid])
    height -= 0.5 * (grid / settings.tau_prior.sd) ** 2
    weight = np.exp(height - height.max())
    return float(grid @ weight / weight.sum())


# What comes out.
def _influence(network: Network) -> dict[str, dict[str, float]]:
    """Return by treatment how much of its effect against the reference each study carries."""
    design = consistency_design(network.contrasts, network.treatments)
    size = sum(len(one.treatments) for one in network.contrasts)
    precision = np.zeros((size, size))
    at = 0
    labels: list[str] = []
    for one in network.contrasts:
        width = len(one.treatments)
        precision[at : at + width, at : at + width] = np.linalg.inv(one.covariance)
        labels += [one.study] * width
        at += width
    shares = np.abs(np.linalg.solve(design.T @ precision @ design, design.T @ precision))
    return {
        treatment: _sums(labels, shares[number]) for number, treatment in enumerate(network.treatments[1:])
    }


def _sums(labels: list[str], shares: Array) -> dict[str, float]:
    total = float(shares.sum())
    found: dict[str, float] = defaultdict(float)
    for label, share in zip(labels, shares, strict=True):
        found[label] += float(share) / total
    return {label: share for label, share in found.items() if share > 1e-6}


def ratio(estimate: float, standard_error: float) -> Estimate:
    """Return a ratio with its 95 % interval from its logarithm."""
    reach = Z_95 * standard_error
    return Estimate(value=math.exp(estimate), low=math.exp(estimate - reach), high=math.exp(estimate + reach))


def _contrasts_fitted(
    table: StudyTable,
    studies: dict[str, list[ArmUsed]],
    settings: Comparisons,
    spread: dict[str, float],
    tau: float,
    network: Network,
    weights: dict[str, dict[str, float]],
) -> tuple[ContrastFitted, ...]:
    # Read against the treatment that was compared more often, the reference before all.
    often = Counter(arm.treatment for arms in studies.values() for arm in arms)
    often[settings.reference] += len(studies)
    found = []
    for study, (first, *others) in studies.items():
        level, reasons = risk_of_bias(table.studies[study], settings.rules)
        for one in others:
            active, versus = sorted((first, one), key=lambda arm: often[arm.treatment])
            estimate = active.estimate - versus.estimate
            variance = active.variance + versus.variance
            found.append(
                ContrastFitted(
                    study=study,
                    treatment=active.treatment,
                    versus=versus.treatment,
                    events=active.events,
                    n=active.n,
                    versus_events=versus.events,
                    versus_n=versus.n,
                    ratio=ratio(estimate, math.sqrt(variance)),
                    widened=ratio(estimate, math.sqrt(variance + spread[study] ** 2 + tau**2)),
                    weight=max((shares.get(study, 0.0) for shares in weights.values()), default=0.0),
                    allocation=table.studies[study].allocation,
                    risk_of_bias=level,
                    risk_reasons=reasons,
                    bias_sd=spread[study],
                )
            )
    return tuple(found)


def _effect(
    table: StudyTable,
    network: Network,
    treatment: str,
    versus: str,
    settings: Comparisons,
    tau: float,
    weights: dict[str, dict[str, float]],
    studies: dict[str, list[ArmUsed]],
) -> EffectFitted:
    effect = network.effect(treatment, versus)
    direct = next(
        (
            one
            for one in network_checks.direct_evidence(network)
            if {one.treatment, one.versus} == {treatment, versus}
        ),
        None,
    )
    sign = 1.0 if direct is None or direct.treatment == treatment else -1.0
    own = [study for study, arms in studies.items() if {treatment, versus} <= {arm.treatment for arm in arms}]
    shares = _joint(weights, treatment, versus)
    randomised = sum(share for study, share in shares.items() if table.studies[study].allocation in RANDOM)
    events = _events(arm for study in own for arm in studies[study] if arm.treatment in {treatment, versus})
    pooled = ratio(effect.estimate, effect.standard_error)
    inconsistency = direct.p_value if direct is not None else None
    body = Body(
        randomised_share=randomised,
        risks=tuple(risk_of_bias(table.studies[study], settings.rules)[0] for study in shares),
        direct_studies=len(own),
        ratio=pooled.value,
        low=pooled.low,
        high=pooled.high,
        tau=tau,
        inconsistency_p=inconsistency,
        events=events,
    )
    return EffectFitted(
        treatment=treatment,
        versus=versus,
        ratio=pooled,
        prediction=ratio(effect.estimate, math.hypot(effect.standard_error, tau)),
        direct=ratio(sign * direct.estimate, direct.standard_error) if direct else None,
        indirect=ratio(sign * direct.indirect, direct.indirect_error)
        if direct and direct.indirect is not None and direct.indirect_error is not None
        else None,
        direct_share=direct.share if direct else 0.0,
        inconsistency_p=inconsistency,
        studies=len(own),
        randomised=sum(table.studies[study].allocation in RANDOM for study in own),
        events=events,
        certainty=certainty(body, settings.certainty),
    )


def _events(arms: Iterable[ArmUsed]) -> int | None:
    """Return the events of all arms, None where one of them does not print its number."""
    counts = [arm.events for arm in arms]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _joint(weights: dict[str, dict[str, float]], treatment: str, versus: str) -> dict[str, float]:
    """Return the studies behind a comparison of two treatments, each with its share."""
    parts = [weights[one] for one in (treatment, versus) if one in weights]
    return {
        study: sum(part.get(study, 0.0) for part in parts) / len(parts)
        for study in dict.fromkeys(study for part in parts for study in part)
    }


def _league(
    table: StudyTable,
    network: Network,
    settings: Comparisons,
    tau: float,
    weights: dict[str, dict[str, float]],
    studies: dict[str, list[ArmUsed]],
) -> tuple[EffectFitted, ...]:
    names = network.treatments
    return tuple(
        _effect(table, network, one, other, settings, tau, weights, studies)
        for number, one in enumerate(names)
        for other in names[:number]
    )


def _scores(network: Network) -> tuple[Score, ...]:
    ranking = rank_treatments(network, smaller_is_better=True)
    columns = (ranking.p_scores, ranking.low, ranking.high, ranking.best)
    return tuple(
        Score(
            treatment=name,
            score=Estimate(value=float(score), low=float(low), high=float(high)),
            best=float(best),
        )
        for name, score, low, high, best in zip(ranking.treatments, *columns, strict=True)
    )


def _apart(contrasts: list[StudyContrasts], reference: str) -> tuple[str, ...]:
    """Return the treatments that no chain of studies ties to the reference."""
    return tuple(treatment for part in components(contrasts) if reference not in part for treatment in part)


def _draw(network: Network, tau: float, draws: int, seed: int) -> dict[str, Array]:
    """Return log hazard ratios in a new population: pooled effects and the spread between populations."""
    random = np.random.default_rng(seed)
    active = network.treatments[1:]
    covariance = network.covariance[1:, 1:] + tau**2 * np.eye(len(active))
    root = np.linalg.cholesky(covariance)
    normal = stratified_normals(random, draws, len(active))
    values = network.estimates[1:] + normal @ root.T
    return {name: values[:, number] for number, name in enumerate(active)}


def stratified_normals(random: np.random.Generator, draws: int, columns: int) -> Array:
    """Return standard normal numbers that fill every column evenly, in random order (draws, columns)."""
    even = ndtri((np.arange(draws) + 0.5) / draws)
    return np.column_stack([random.permutation(even) for _ in range(columns)])
