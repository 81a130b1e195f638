"""Inconsistency is found as metafor and netmeta find it, and by hand in a triangle."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precollapse.evidence.network.checks import (
    DirectEvidence,
    design_by_treatment,
    direct_evidence,
    split_node,
    split_nodes,
    splittable,
)
from precollapse.evidence.network.contrasts import StudyContrasts
from precollapse.evidence.network.model import Network, fit_network
from precollapse.evidence.network.rows import Method
from tests.evidence.network_reference import NETWORKS, matrix, studies_of

# Wald statistics inherit how near metafor comes to the maximum of the likelihood.
SEARCHED = 1e-7
CLOSED = 1e-10


def network_of(name: str, method: Method = "REML") -> Network:
    return fit_network(studies_of(NETWORKS[name]), reference=NETWORKS[name]["reference"], method=method)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_design_by_treatment_interaction_equals_metafor(name: str) -> None:
    reference = NETWORKS[name]["interaction_REML"]
    found = design_by_treatment(network_of(name))
    assert found.tau_squared == pytest.approx(reference["tau_squared"], abs=SEARCHED)
    assert found.test.statistic == pytest.approx(reference["statistic"], rel=SEARCHED, abs=SEARCHED)
    assert found.test.degrees == reference["df"]
    assert found.test.p_value == pytest.approx(reference["p_value"], abs=SEARCHED)


@pytest.mark.parametrize("name", NETWORKS)
def test_without_heterogeneity_the_interaction_is_the_q_between_designs(name: str) -> None:
    reference, network = NETWORKS[name]["interaction_fixed"], network_of(name, "fixed")
    assert network.q_between.statistic == pytest.approx(reference["statistic"], rel=CLOSED)
    assert network.q_within.statistic == pytest.approx(reference["q_within"], rel=CLOSED)
    assert design_by_treatment(network).test == network.q_between


@pytest.mark.parametrize("name", [name for name in NETWORKS if name != "linde2016"])
def test_the_interaction_with_the_moment_estimator_equals_netmeta(name: str) -> None:
    reference = NETWORKS[name]["netmeta"]["interaction"]
    found = design_by_treatment(network_of(name, "DL"))
    assert found.tau_squared == pytest.approx(reference["tau_squared"], abs=CLOSED)
    assert found.test.statistic == pytest.approx(reference["q"], rel=CLOSED)


@pytest.mark.parametrize("name", NETWORKS)
def test_node_splitting_equals_metafor_with_the_split_as_moderator(name: str) -> None:
    reference = {(split["treatment"], split["versus"]): split for split in NETWORKS[name]["splits"]}
    found = split_nodes(network_of(name))
    assert {(split.treatment, split.versus) for split in found} == set(reference)
    for split in found:
        expected = reference[split.treatment, split.versus]
        assert split.tau_squared == pytest.approx(expected["tau_squared"], abs=SEARCHED)
        assert split.indirect == pytest.approx(expected["indirect"], abs=SEARCHED)
        assert split.indirect_error == pytest.approx(expected["indirect_error"], abs=SEARCHED)
        assert split.difference == pytest.approx(expected["difference"], abs=SEARCHED)
        assert split.difference_error == pytest.approx(expected["difference_error"], abs=SEARCHED)
        assert split.direct == pytest.approx(split.indirect + split.difference, abs=1e-12)


# netmeta uses all printed contrasts of a study, the rounding of which differs in linde2016.
@pytest.mark.parametrize(
    ("name", "within"), [(name, 1e-6 if name == "linde2016" else CLOSED) for name in NETWORKS]
)
def test_direct_and_back_calculated_evidence_equal_netmeta(name: str, within: float) -> None:
    reference, network = NETWORKS[name]["netmeta"], network_of(name, "DL")
    column = {treatment: place for place, treatment in enumerate(reference["treatments"])}
    found = direct_evidence(network)
    shares = matrix(reference["share"])
    assert len(found) == np.count_nonzero(np.triu(shares, 1) > 1e-8)
    for evidence in found:
        cell = column[evidence.treatment], column[evidence.versus]
        for mine, theirs in (
            (evidence.share, "share"),
            (evidence.estimate, "direct"),
            (evidence.standard_error, "direct_errors"),
            (evidence.indirect, "indirect"),
            (evidence.indirect_error, "indirect_errors"),
        ):
            expected = matrix(reference[theirs])[cell]
            if mine is None:
                assert shares[cell] == pytest.approx(1.0, abs=1e-8)
            elif np.isfinite(expected):
                assert mine == pytest.approx(expected, abs=within)


def contrast(
    study: str, treatment: str, baseline: str, estimate: float, variance: float = 0.1
) -> StudyContrasts:
    return StudyContrasts(study, baseline, (treatment,), np.array([estimate]), np.array([[variance]]))


def triangle(ab: float, bc: float, ac: float) -> list[StudyContrasts]:
    return [
        contrast("1", "b", "a", ab, 0.1),
        contrast("2", "c", "b", bc, 0.2),
        contrast("3", "c", "a", ac, 0.3),
    ]


@settings(max_examples=30)
@given(effects=st.tuples(*[st.floats(-2, 2)] * 3))
def test_in_a_triangle_all_checks_ask_the_same_question(effects: tuple[float, float, float]) -> None:
    ab, bc, ac = effects
    network = fit_network(triangle(ab, bc, ac), reference="a", method="fixed")
    loop = ab + bc - ac  # Bucher's comparison around the loop, by hand
    error = np.sqrt(0.1 + 0.2 + 0.3)
    assert network.q_between.statistic == pytest.approx((loop / error) ** 2, abs=1e-9)
    split, evidence = split_node(network, "b", "a"), direct_evidence(network)[0]
    assert (split.treatment, split.versus) == (evidence.treatment, evidence.versus)
    assert split.direct == pytest.approx(ab, abs=1e-9)
    assert split.indirect == pytest.approx(ac - bc, abs=1e-9)
    assert split.difference_error == pytest.approx(error)
    assert evidence.indirect == pytest.approx(ac - bc, abs=1e-9)
    assert evidence.difference == pytest.approx(split.difference, abs=1e-9)
    assert evidence.p_value == pytest.approx(split.p_value, abs=1e-9)
    assert evidence.share == pytest.approx(0.5 / 0.6)


def test_a_split_turned_around_changes_its_sign_only() -> None:
    network = network_of("linde2015")
    one, other = split_node(network, "TCA", "SSRI"), split_node(network, "SSRI", "TCA")
    assert one.direct == pytest.approx(-other.direct)
    assert one.indirect == pytest.approx(-other.indirect)
    assert one.difference == pytest.approx(-other.difference)
    assert one.p_value == pytest.approx(other.p_value)


def test_one_study_of_three_arms_cannot_disagree_with_itself() -> None:
    study = StudyContrasts("1", "a", ("b", "c"), np.array([0.1, 0.3]), np.array([[0.3, 0.1], [0.1, 0.4]]))
    network = fit_network([study], reference="a", method="fixed")
    assert splittable(network) == ()
    assert design_by_treatment(network).test.p_value is None
    assert design_by_treatment(network).tau_squared is None
    assert [evidence.share for evidence in direct_evidence(network)] == [1.0, 1.0, 1.0]
    with pytest.raises(ValueError, match="lacks direct or independent indirect evidence"):
        split_node(network, "b", "a")


def test_a_comparison_that_all_is_direct_has_no_indirect_estimate() -> None:
    network = fit_network(
        [contrast("1", "b", "a", 0.3), contrast("2", "c", "b", 0.1)], reference="a", method="fixed"
    )
    first = direct_evidence(network)[0]
    assert first == DirectEvidence("b", "a", 1, first.estimate, first.standard_error, 1.0, *[None] * 5)


def test_where_nothing_is_left_for_the_heterogeneity_it_has_to_be_given() -> None:
    network = fit_network(triangle(0.1, 0.9, 0.2), reference="a")
    for ask in (design_by_treatment, split_nodes):
        with pytest.raises(ValueError, match="give tau_squared"):
            ask(network)
    (split, *_) = split_nodes(network, tau_squared=network.tau_squared)
    assert split.tau_squared == network.tau_squared
    found = design_by_treatment(network, tau_squared=network.tau_squared)
    # One loop, one degree of freedom: splitting and interaction are the same test.
    assert found.test.p_value == pytest.approx(split.p_value)
    with pytest.raises(ValueError, match="it must be 0 or above"):
        design_by_treatment(network, tau_squared=-1.0)
