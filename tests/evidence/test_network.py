"""Networks equal metafor and netmeta on published data and keep the laws of consistency."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precollapse.evidence.network.contrasts import (
    ArmEstimates,
    StudyContrasts,
    component_of,
    components,
    contrasts_of_arms,
    reported_contrasts,
    shared_variance,
)
from precollapse.evidence.network.model import Network, fit_network
from precollapse.evidence.network.rows import METHODS, Method, rows_of
from precollapse.evidence.pairwise.pool import pool
from tests.evidence.network_reference import NETWORKS, ORACLE, arms_of, matrix, studies_of

# How near metafor comes to the maximum of the likelihood; where tau2 needs no search both agree to rounding.
SEARCHED = 1e-7
LIKELIHOOD = 1e-8
CLOSED = 1e-12


def network_of(name: str, method: Method = "REML") -> Network:
    published = NETWORKS[name]
    return fit_network(studies_of(published), reference=published["reference"], method=method)


@pytest.mark.parametrize("method", ["REML", "ML", "fixed"])
@pytest.mark.parametrize("name", NETWORKS)
def test_a_published_network_equals_metafor(name: str, method: Method) -> None:
    published = NETWORKS[name]
    network, reference = network_of(name, method), published[method]
    within = CLOSED if method == "fixed" else SEARCHED
    assert network.tau_squared == pytest.approx(reference["tau_squared"], abs=within)
    assert network.log_likelihood == pytest.approx(reference["log_likelihood"], abs=LIKELIHOOD)
    assert network.estimates[1:] == pytest.approx(np.array(reference["estimates"]), abs=within)
    expected = matrix(reference["covariance"])
    errors = np.sqrt(np.diag(network.covariance)[1:])
    assert errors == pytest.approx(np.sqrt(np.diag(expected)), abs=within)
    assert network.covariance[1:, 1:] == pytest.approx(expected, abs=within)
    assert network.q_total.statistic == pytest.approx(reference["q"], rel=CLOSED)
    assert network.q_total.degrees == reference["df"]


@pytest.mark.parametrize("name", NETWORKS)
def test_the_prediction_interval_of_a_published_network_equals_metafor(name: str) -> None:
    network = network_of(name)
    expected = matrix(NETWORKS[name]["REML"]["predictions"])
    for treatment, interval in zip(network.treatments[1:], expected, strict=True):
        assert network.effect(treatment, network.reference).prediction == pytest.approx(
            interval, abs=SEARCHED
        )


@pytest.mark.parametrize("name", [name for name in NETWORKS if name != "linde2016"])
def test_the_moment_estimate_and_the_parts_of_q_equal_netmeta(name: str) -> None:
    network, reference = network_of(name, "DL"), NETWORKS[name]["netmeta"]
    assert network.tau_squared == pytest.approx(reference["tau_squared"], abs=CLOSED)
    for mine, part in ((network.q_total, ""), (network.q_within, "_within"), (network.q_between, "_between")):
        assert mine.statistic == pytest.approx(reference[f"q{part}"], rel=1e-10, abs=1e-10)
        assert mine.degrees == reference[f"df{part}"]
    if reference["i_squared"] is not None:
        assert network.i_squared == pytest.approx(reference["i_squared"], abs=CLOSED)
    low, high = matrix(reference["predict_low"]), matrix(reference["predict_high"])
    names = reference["treatments"]
    for place, treatment in enumerate(names[1:], start=1):
        found = network.effect(treatment, names[0], prediction="t(df-1)")
        if network.q_total.degrees > 1:
            assert found.prediction == pytest.approx((low[place, 0], high[place, 0]), abs=1e-10)
        else:
            assert found.prediction is None


@pytest.mark.parametrize("method", METHODS)
def test_a_network_of_two_treatments_is_a_pairwise_meta_analysis(method: Method) -> None:
    published = ORACLE["pair"]
    studies = studies_of(published)
    network = fit_network(studies, reference=published["reference"], method=method)
    pooled = pool(
        np.concatenate([study.estimates for study in studies])
        * np.array([1 if study.baseline == network.reference else -1 for study in studies]),
        [study.covariance[0, 0] for study in studies],
        method=method,
    )
    found = network.effect(network.treatments[1], network.reference)
    assert found.estimate == pytest.approx(pooled.estimate, abs=CLOSED)
    assert found.standard_error == pytest.approx(pooled.standard_error, abs=CLOSED)
    assert found.p_value == pytest.approx(pooled.p_value, abs=CLOSED)
    assert (found.low, found.high) == pytest.approx((pooled.low, pooled.high), abs=CLOSED)
    assert found.prediction == (None if method == "fixed" else pytest.approx(pooled.prediction, abs=CLOSED))
    assert network.tau_squared == pytest.approx(pooled.tau_squared, abs=CLOSED)
    assert network.q_total.statistic == pytest.approx(pooled.q, rel=CLOSED)


def test_the_independent_rows_have_the_covariance_of_the_contrasts_at_every_tau2() -> None:
    studies = studies_of(NETWORKS["linde2016"])
    rows = rows_of(studies)
    place = 0
    for study in studies:
        size = len(study.treatments)
        part = slice(place, place + size)
        back = np.linalg.inv(rows.change[part, part])
        for tau2 in (0.0, 0.3, 40.0):
            between = tau2 * (np.eye(size) + np.ones((size, size))) / 2
            rebuilt = back @ np.diag(rows.variances[part] + tau2) @ back.T
            assert rebuilt == pytest.approx(study.covariance + between, rel=1e-10)
        place += size


# Networks of random numbers: a chain of two-arm studies that connects all, and a study of several arms.
numbers = st.floats(-3, 3, allow_nan=False)
spreads = st.floats(0.01, 4)


@st.composite
def arm_networks(draw: st.DrawFn) -> ArmEstimates:
    names = [f"T{place}" for place in range(draw(st.integers(3, 5)))]
    sets = [tuple(pair) for pair in pairwise(names)]
    sets += [tuple(draw(st.permutations(names))[: draw(st.integers(2, len(names)))]) for _ in range(3)]
    arms = [(f"study {place}", arm) for place, chosen in enumerate(sets) for arm in chosen]
    estimates = draw(st.lists(numbers, min_size=len(arms), max_size=len(arms)))
    variances = draw(st.lists(spreads, min_size=len(arms), max_size=len(arms)))
    return ArmEstimates([arm[0] for arm in arms], [arm[1] for arm in arms], estimates, variances)


@settings(max_examples=25)
@given(arms=arm_networks(), method=st.sampled_from(METHODS))
def test_effects_are_consistent_around_every_loop(arms: ArmEstimates, method: Method) -> None:
    network = fit_network(contrasts_of_arms(arms), reference="T0", method=method)
    one, two, three = network.treatments[:3]
    forth, back = network.effect(one, two), network.effect(two, one)
    assert forth.estimate == -back.estimate
    assert (forth.low, forth.high) == pytest.approx((-back.high, -back.low))
    around = network.effect(one, two).estimate + network.effect(two, three).estimate
    assert network.effect(one, three).estimate == pytest.approx(around, abs=1e-12)


@settings(max_examples=25)
@given(arms=arm_networks(), method=st.sampled_from(METHODS))
def test_reference_and_order_of_arms_and_studies_change_nothing(arms: ArmEstimates, method: Method) -> None:
    backwards = ArmEstimates(
        arms.studies[::-1],
        arms.treatments[::-1],
        np.asarray(arms.estimates)[::-1],
        np.asarray(arms.variances)[::-1],
    )
    first = fit_network(contrasts_of_arms(arms), reference="T0", method=method)
    second = fit_network(contrasts_of_arms(backwards), reference="T2", method=method)
    # The likelihood may be so flat that rounding moves its maximum; its height does not move.
    assert second.log_likelihood == pytest.approx(first.log_likelihood, abs=1e-9)
    assert second.tau_squared == pytest.approx(first.tau_squared, rel=1e-6, abs=1e-9)
    assert second.q_between.statistic == pytest.approx(first.q_between.statistic, abs=1e-9)
    for treatment, versus in (("T1", "T0"), ("T2", "T1")):
        one, other = first.effect(treatment, versus), second.effect(treatment, versus)
        assert one.estimate == pytest.approx(other.estimate, abs=1e-7)
        assert one.standard_error == pytest.approx(other.standard_error, abs=1e-7)


@settings(max_examples=25)
@given(arms=arm_networks(), factor=st.floats(0.01, 100))
def test_a_change_of_unit_changes_the_unit_only(arms: ArmEstimates, factor: float) -> None:
    scaled = replace(
        arms,
        estimates=factor * np.asarray(arms.estimates),
        variances=factor**2 * np.asarray(arms.variances),
    )
    one = fit_network(contrasts_of_arms(arms), reference="T0", method="DL")
    other = fit_network(contrasts_of_arms(scaled), reference="T0", method="DL")
    assert other.tau_squared == pytest.approx(factor**2 * one.tau_squared, rel=1e-8, abs=1e-9 * factor**2)
    assert other.estimates == pytest.approx(factor * one.estimates, rel=1e-8, abs=1e-9 * factor)


def test_arms_and_reported_contrasts_of_the_same_studies_give_the_same_network() -> None:
    arms = NETWORKS["senn2013"]["arms"]
    whole = contrasts_of_arms(arms_of(arms))
    half = len(whole) // 2
    reported = [study for study in whole if study not in whole[:half]]
    rows = [(study, place) for study in reported for place in range(len(study.treatments))]
    again = reported_contrasts(
        [study.study for study, _ in rows],
        [study.treatments[place] for study, place in rows],
        [study.baseline for study, _ in rows],
        [study.estimates[place] for study, place in rows],
        [study.covariance[place, place] for study, place in rows],
        shared_variances={
            study.study: study.covariance[0, 1] for study in reported if len(study.treatments) > 1
        },
    )
    mixed = fit_network([*whole[:half], *again], reference="placebo")
    assert mixed.estimates == pytest.approx(fit_network(whole, reference="placebo").estimates, abs=1e-12)


def test_the_shared_variance_of_three_printed_contrasts_is_that_of_the_common_arm() -> None:
    assert shared_variance(0.1 + 0.2, 0.1 + 0.4, 0.2 + 0.4) == pytest.approx(0.1)
    with pytest.raises(ValueError, match="must be above 0"):
        shared_variance(0.1, 0.1, 0.5)


def contrast(study: str, treatment: str, baseline: str, estimate: float = 0.0) -> StudyContrasts:
    return StudyContrasts(study, baseline, (treatment,), np.array([estimate]), np.array([[0.1]]))


def test_a_disconnected_network_is_refused_and_its_parts_are_named() -> None:
    studies = [contrast("1", "b", "a"), contrast("2", "c", "b"), contrast("3", "y", "x")]
    assert components(studies) == (("a", "b", "c"), ("x", "y"))
    with pytest.raises(ValueError, match="2 parts that no study connects: a, b, c; x, y"):
        fit_network(studies, reference="a")
    assert [study.study for study in component_of(studies, "x")] == ["3"]
    network = fit_network(component_of(studies, "x"), reference="x", method="fixed")
    assert network.treatments == ("x", "y")


def test_one_study_alone_leaves_no_heterogeneity_to_estimate() -> None:
    with pytest.raises(
        ValueError, match="leave nothing to estimate the heterogeneity from; use method='fixed'"
    ):
        fit_network([contrast("1", "b", "a", 0.4)], reference="a")
    network = fit_network([contrast("1", "b", "a", 0.4)], reference="a", method="fixed")
    assert network.q_total.p_value is None
    assert network.i_squared is None
    assert network.effect("b", "a").prediction is None
    assert network.effect("b", "a").estimate == pytest.approx(0.4)


def test_studies_without_any_difference_have_no_heterogeneity() -> None:
    network = fit_network([contrast(str(place), "b", "a", 0.4) for place in range(3)], reference="a")
    assert network.tau_squared == 0.0
    assert network.i_squared == 0.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"treatments": ["a", "a"]}, "names a treatment twice; combine"),
        ({"studies": ["1", "2"]}, "one arm only"),
        ({"estimates": [0.0, np.nan]}, "arm 2, study '1': estimate nan"),
        ({"variances": [0.0, 1.0]}, "arm 1, study '1': estimate 0.0, variance 0.0"),
        ({"variances": [1.0]}, "one value per arm"),
    ],
)
def test_arms_that_cannot_be_used_are_refused_with_their_place(changes: dict[str, Any], message: str) -> None:
    arms = ArmEstimates(["1", "1"], ["a", "b"], [0.0, 1.0], [0.5, 1.0])
    with pytest.raises(ValueError, match=message):
        contrasts_of_arms(replace(arms, **changes))


@pytest.mark.parametrize(
    ("treatments", "baselines", "shared", "message"),
    [
        (["b", "c"], ["a", "b"], None, "several baselines"),
        (["b", "c"], ["a", "a"], None, "has 3 arms; give its shared variance"),
        (["b", "c"], ["a", "a"], {"1": 0.5}, "determine each other"),
    ],
)
def test_reported_contrasts_without_a_usable_covariance_are_refused(
    treatments: list[str], baselines: list[str], shared: dict[str, float] | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        reported_contrasts(["1", "1"], treatments, baselines, [0.1, 0.2], [0.5, 0.5], shared_variances=shared)


@pytest.mark.parametrize(
    ("estimates", "covariance", "message"),
    [
        ([np.inf], [[1.0]], "estimate that is not finite"),
        ([0.0, 1.0], [[1.0]], "square covariance"),
        ([0.0], [[np.nan]], "not finite and symmetric"),
        ([0.0], [[-1.0]], "it must be above 0"),
    ],
)
def test_a_study_with_unusable_numbers_is_refused(
    estimates: list[float], covariance: list[list[float]], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        StudyContrasts("1", "a", ("b",), np.array(estimates), np.array(covariance))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"reference": "z"}, "no study has the reference 'z'"),
        ({"level": 1.0}, "level is 1.0"),
        ({"method": "PM"}, "method is 'PM'"),
    ],
)
def test_a_fit_names_the_option_it_refuses(options: dict[str, Any], message: str) -> None:
    studies = [contrast("1", "b", "a"), contrast("2", "b", "a")]
    with pytest.raises(ValueError, match=message):
        fit_network(studies, **{"reference": "a", **options})


def test_what_cannot_be_asked_of_a_network_is_refused() -> None:
    network = fit_network([contrast("1", "b", "a"), contrast("2", "b", "a")], reference="a")
    with pytest.raises(ValueError, match="studies given more than once: 1"):
        fit_network([contrast("1", "b", "a"), contrast("1", "b", "a")], reference="a")
    with pytest.raises(ValueError, match="no study compares anything"):
        fit_network([], reference="a")
    with pytest.raises(ValueError, match="compared with itself"):
        network.effect("a", "a")
    with pytest.raises(ValueError, match="no treatment 'z'"):
        network.effect("z", "a")
    with pytest.raises(ValueError, match="prediction is 't'"):
        network.effect("b", "a", prediction="t")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no study has the treatment"):
        component_of(network.contrasts, "z")
