"""Does the network agree with itself? Direct evidence, node splitting, design-by-treatment interaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.special import ndtr

from precollapse.evidence.network.contrasts import Floats, StudyContrasts, components
from precollapse.evidence.network.designs import (
    consistency_design,
    has_both,
    interaction_design,
    side_split_column,
)
from precollapse.evidence.network.model import ChiSquared, Network, chi_squared
from precollapse.evidence.network.rows import Method, Rows, estimate_tau_squared, rows_of, solve

# A share of direct evidence this near to one leaves no indirect evidence but rounding.
_ALL_DIRECT = 1e-9


@dataclass(frozen=True, slots=True)
class Interaction:
    """The design-by-treatment interaction as a test of consistency.

    Attributes
    ----------
    test
        Wald test that all designs agree; without degrees of freedom no two designs can disagree.
    tau_squared
        Variance between studies within designs; None where nothing was to be tested.
    """

    test: ChiSquared
    tau_squared: float | None


@dataclass(frozen=True, slots=True)
class DirectEvidence:
    """What studies of both treatments say, beside the network.

    Attributes
    ----------
    treatment, versus
        The comparison.
    studies
        Number of studies of both.
    estimate, standard_error
        Pooled over these studies with the tau2 of the network.
    share
        Variance of the network estimate by that of the direct one, 0 to 1: the share of the direct evidence.
    indirect, indirect_error
        What remains when the direct estimate is taken out of the network estimate; None where all is direct.
    difference, difference_error, p_value
        Direct less indirect, with its two-sided p-value; None where all is direct.
    """

    treatment: str
    versus: str
    studies: int
    estimate: float
    standard_error: float
    share: float
    indirect: float | None
    indirect_error: float | None
    difference: float | None
    difference_error: float | None
    p_value: float | None


@dataclass(frozen=True, slots=True)
class Split:
    """A comparison split into its direct and its indirect effect.

    Attributes
    ----------
    treatment, versus
        The comparison.
    direct, direct_error, indirect, indirect_error
        The effect in studies of both treatments, and in the rest of the network.
    difference, difference_error, p_value
        Direct less indirect, with its two-sided p-value.
    tau_squared
        Variance between studies of the split model.
    """

    treatment: str
    versus: str
    direct: float
    direct_error: float
    indirect: float
    indirect_error: float
    difference: float
    difference_error: float
    p_value: float
    tau_squared: float


def design_by_treatment(
    network: Network, *, method: Method | None = None, tau_squared: float | None = None
) -> Interaction:
    """Test whether designs of study agree (Higgins et al. 2012; White et al. 2012).

    Parameters
    ----------
    network
        The fitted network.
    method
        Estimator of tau2 in the interaction model; None: that of the network.
    tau_squared
        A tau2 to be used instead of an estimate, for example that of the network where no design was
        repeated.

    Returns
    -------
    Interaction
        Wald test of all inconsistency parameters being zero; the same however they are written.

    Raises
    ------
    ValueError
        If the interaction model leaves nothing to estimate tau2 from and none is given.
    """
    rows = rows_of(network.contrasts)
    free, consistent = interaction_design(network.contrasts), _consistent(network)
    degrees = free.shape[1] - consistent.shape[1]
    if degrees == 0:
        return Interaction(chi_squared(0.0, 0), None)
    tau2 = _tau_squared(rows, free, method or network.method, tau_squared)
    statistic = solve(rows, consistent, tau2).q - solve(rows, free, tau2).q
    return Interaction(chi_squared(max(0.0, statistic), degrees), tau2)


def direct_evidence(network: Network) -> tuple[DirectEvidence, ...]:
    """Return the direct evidence of every comparison that a study has made.

    Parameters
    ----------
    network
        The fitted network.

    Returns
    -------
    tuple of DirectEvidence
        In the order of the treatments of the network, each against an earlier one.

    Notes
    -----
    Indirect estimates are back-calculated (Dias et al. 2010; Koenig, Krahn and Binder 2013): the network
    estimate is taken as the weighted mean of the direct and the indirect. This is exact where studies have
    two arms. A study of several arms speaks on both sides; ``split_node`` treats it coherently.
    """
    return tuple(
        _direct(network, studies, treatment, versus)
        for versus, treatment in combinations(network.treatments, 2)
        if (studies := [study for study in network.contrasts if has_both(study, treatment, versus)])
    )


def splittable(network: Network) -> tuple[tuple[str, str], ...]:
    """Return the comparisons with direct and independent indirect evidence, as (treatment, versus).

    Parameters
    ----------
    network
        The fitted network.

    Notes
    -----
    The rule of van Valkenhoef, Dias, Ades and Welton (2016): without the studies of both treatments there is
    still a path between the two. Within one study there is no inconsistency.
    """
    return tuple(
        (treatment, versus)
        for versus, treatment in combinations(network.treatments, 2)
        if _can_be_split(network.contrasts, treatment, versus)
    )


def split_node(
    network: Network,
    treatment: str,
    versus: str,
    *,
    method: Method | None = None,
    tau_squared: float | None = None,
) -> Split:
    """Split a comparison into direct and indirect effect within one model.

    Parameters
    ----------
    network
        The fitted network.
    treatment, versus
        The comparison.
    method
        Estimator of tau2 in the split model; None: that of the network.
    tau_squared
        A tau2 to be used instead of an estimate.

    Returns
    -------
    Split
        Side-splitting (Dias et al. 2010), the disagreement of studies of several arms shared by both sides
        (White 2015, symmetric): which of the two comes first changes the sign only.

    Raises
    ------
    ValueError
        If the comparison has no direct or no independent indirect evidence, or nothing is left to estimate
        tau2 from and none is given.
    """
    one, other = network.place(treatment), network.place(versus)
    if not _can_be_split(network.contrasts, treatment, versus):
        raise ValueError(
            f"{treatment!r} against {versus!r} lacks direct or independent indirect evidence; see splittable"
        )
    rows = rows_of(network.contrasts)
    column = side_split_column(network.contrasts, treatment, versus)
    design = np.column_stack((_consistent(network), column))
    tau2 = _tau_squared(rows, design, method or network.method, tau_squared)
    solution = solve(rows, design, tau2)
    contrast = np.zeros(len(network.treatments) + 1)
    contrast[one], contrast[other] = 1.0, -1.0
    indirect = contrast[1:]  # the reference has no column
    difference = np.zeros(len(indirect))
    difference[-1] = 1.0
    effects = [float(part @ solution.coefficients) for part in (indirect + difference, indirect, difference)]
    errors = [_error(part, solution.covariance) for part in (indirect + difference, indirect, difference)]
    return Split(
        treatment, versus, effects[0], errors[0], effects[1], errors[1], effects[2], errors[2],
        _p_value(effects[2], errors[2]), tau2,
    )  # fmt: skip


def split_nodes(
    network: Network, *, method: Method | None = None, tau_squared: float | None = None
) -> tuple[Split, ...]:
    """Split every comparison that can be split; see ``split_node``.

    Parameters
    ----------
    network, method, tau_squared
        As for ``split_node``.
    """
    return tuple(
        split_node(network, treatment, versus, method=method, tau_squared=tau_squared)
        for treatment, versus in splittable(network)
    )


def _consistent(network: Network) -> Floats:
    return consistency_design(network.contrasts, network.treatments)


def _tau_squared(rows: Rows, design: Floats, method: Method, given: float | None) -> float:
    if given is None:
        return estimate_tau_squared(rows, design, method)
    if not (np.isfinite(given) and given >= 0):
        raise ValueError(f"tau_squared is {given}, it must be 0 or above; leave it out to have it estimated")
    return given


def _direct(
    network: Network, studies: Sequence[StudyContrasts], treatment: str, versus: str
) -> DirectEvidence:
    pairs = [_contrast(study, treatment, versus) for study in studies]
    weights = np.array([1 / (variance + network.tau_squared) for _, variance in pairs])
    variance = float(1 / np.sum(weights))
    estimate = float(weights @ np.array([value for value, _ in pairs])) * variance
    whole = network.effect(treatment, versus)
    share = whole.standard_error**2 / variance
    found = (treatment, versus, len(studies), estimate, float(np.sqrt(variance)))
    if share > 1 - _ALL_DIRECT:
        return DirectEvidence(*found, 1.0, None, None, None, None, None)
    indirect = (whole.estimate - share * estimate) / (1 - share)
    indirect_error = whole.standard_error / float(np.sqrt(1 - share))
    difference, error = estimate - indirect, float(np.hypot(found[-1], indirect_error))
    p_value = _p_value(difference, error)
    return DirectEvidence(*found, share, indirect, indirect_error, difference, error, p_value)


def _contrast(study: StudyContrasts, treatment: str, versus: str) -> tuple[float, float]:
    """Return effect and sampling variance of one comparison within one study."""
    weights = np.array([float(arm == treatment) - float(arm == versus) for arm in study.treatments])
    return float(weights @ study.estimates), float(weights @ study.covariance @ weights)


def _can_be_split(contrasts: Sequence[StudyContrasts], treatment: str, versus: str) -> bool:
    rest = [study for study in contrasts if not has_both(study, treatment, versus)]
    if len(rest) == len(contrasts):
        return False
    return any(treatment in part and versus in part for part in components(rest))


def _error(weights: Floats, covariance: Floats) -> float:
    return float(np.sqrt(weights @ covariance @ weights))


def _p_value(value: float, error: float) -> float:
    return float(2 * ndtr(-abs(value) / error))
