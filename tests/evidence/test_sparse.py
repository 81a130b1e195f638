"""Sparse events are pooled by their exact likelihood: equal to independent integration and to metafor."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precollapse.evidence.pairwise import sparse_fit
from precollapse.evidence.pairwise.exact import clopper_pearson, exact_poisson
from precollapse.evidence.pairwise.sparse import SparsePooled, pool_odds_ratios, pool_proportions, pool_rates
from precollapse.evidence.pairwise.sparse_likelihood import (
    BinomialCloglog,
    BinomialLogit,
    Hypergeometric,
    PoissonLog,
    StudyLikelihood,
)

ORACLE = json.loads((Path(__file__).parent / "oracle" / "sparse.json").read_text(encoding="utf-8"))
EVENTS, PEOPLE = np.array([0.0, 1, 2, 0, 3, 5]), np.array([12.0, 20, 25, 30, 22, 31])
OTHER_EVENTS = np.array([1.0, 3, 2, 2, 4, 9])
FAMILIES: list[StudyLikelihood] = [
    BinomialLogit(EVENTS, PEOPLE),
    BinomialCloglog(EVENTS, PEOPLE),
    PoissonLog(EVENTS, PEOPLE),
    Hypergeometric.of_tables(EVENTS, PEOPLE, OTHER_EVENTS, PEOPLE),
]
# Independent integration agrees to its own precision; metafor to where its optimisers stop.
EXACT, GLMM = 1e-8, 1e-6


def assert_fit(pooled: SparsePooled, reference: dict[str, Any], tolerance: float) -> None:
    for name in ("estimate", "standard_error", "tau_squared", "log_likelihood"):
        if name in reference:
            assert getattr(pooled, name) == pytest.approx(reference[name], abs=tolerance), name


def tables(data: dict[str, Any]) -> list[list[int]]:
    return [data[name] for name in ("events_1", "n_1", "events_0", "n_0")]


@pytest.mark.parametrize("data", ORACLE["proportions"], ids=lambda one: one["name"])
def test_pooled_proportions_equal_independent_integration_and_metafor(data: dict[str, Any]) -> None:
    pooled = pool_proportions(data["events"], data["n"], interval="wald")
    assert_fit(pooled, data["logit"], EXACT)
    assert_fit(pooled, data["glmm"], GLMM)
    assert (pooled.low, pooled.high) == pytest.approx((data["glmm"]["low"], data["glmm"]["high"]), abs=3e-6)
    assert pooled.prediction == pytest.approx(data["glmm"]["prediction"], abs=5e-6)
    assert pooled.likelihood_ratio_q == pytest.approx(data["glmm"]["q"], abs=1e-8)
    assert pooled.q_p_value == pytest.approx(data["glmm"]["q_p_value"], abs=1e-9)


@pytest.mark.parametrize("data", ORACLE["proportions"], ids=lambda one: one["name"])
def test_proportions_on_the_complementary_log_log_scale_equal_independent_integration_and_lme4(
    data: dict[str, Any],
) -> None:
    pooled = pool_proportions(data["events"], data["n"], link="cloglog", interval="wald")
    assert_fit(pooled, data["cloglog"], EXACT)
    assert_fit(pooled, data["glmer_cloglog"], GLMM)


@pytest.mark.parametrize("data", ORACLE["rates"], ids=lambda one: one["name"])
def test_pooled_rates_equal_independent_integration_and_metafor(data: dict[str, Any]) -> None:
    pooled = pool_rates(data["events"], data["person_time"], interval="wald")
    assert_fit(pooled, data["exact"], EXACT)
    assert_fit(pooled, data["glmm"], GLMM)
    assert pooled.likelihood_ratio_q == pytest.approx(data["glmm"]["q"], abs=1e-8)


@pytest.mark.parametrize("data", ORACLE["odds"], ids=lambda one: one["name"])
def test_pooled_odds_ratios_equal_independent_integration(data: dict[str, Any]) -> None:
    pooled = pool_odds_ratios(*tables(data), interval="wald")
    assert pooled.n_informative == data["n_informative"]
    assert_fit(pooled, data["exact"], EXACT)


@pytest.mark.parametrize("data", ORACLE["odds"], ids=lambda one: one["name"])
def test_pooled_odds_ratios_equal_metafor_as_far_as_its_numerical_hessian_goes(data: dict[str, Any]) -> None:
    if "glmm" in data:
        pooled = pool_odds_ratios(*tables(data), interval="wald")
        assert_fit(pooled, data["glmm"], 2e-4)
        assert pooled.estimate == pytest.approx(data["glmm"]["estimate"], abs=1e-6)
        assert pooled.tau_squared == pytest.approx(data["glmm"]["tau_squared"], abs=1e-5)


def test_a_common_proportion_rate_or_odds_ratio_equals_the_regressions_of_metafor() -> None:
    for data in ORACLE["proportions"]:
        pooled = pool_proportions(data["events"], data["n"], method="fixed", interval="wald")
        assert_fit(pooled, data["fixed"], 1e-8)
    for data in ORACLE["rates"]:
        pooled = pool_rates(data["events"], data["person_time"], method="fixed", interval="wald")
        assert_fit(pooled, data["fixed"], 1e-8)
    for data in ORACLE["odds"]:
        pooled = pool_odds_ratios(*tables(data), method="fixed", interval="wald")
        assert_fit(pooled, data["fixed"], 1e-4)
        assert pooled.estimate == pytest.approx(data["fixed"]["estimate"], abs=1e-6)
        assert pooled.tau_squared == 0 and pooled.prediction is None


def test_the_profile_interval_equals_one_found_by_independent_integration() -> None:
    proportion, odds = ORACLE["proportions"][0], ORACLE["odds"][0]
    first = pool_proportions(proportion["events"], proportion["n"])
    assert (first.low, first.high) == pytest.approx(proportion["profile"], abs=1e-7)
    second = pool_odds_ratios(*tables(odds))
    assert (second.low, second.high) == pytest.approx(odds["profile"], abs=1e-7)


@pytest.mark.parametrize("likelihood", FAMILIES, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("tau_squared", [0.01, 0.7, 2.0])
def test_score_and_information_are_the_derivatives_of_the_likelihood(
    likelihood: StudyLikelihood, tau_squared: float
) -> None:
    def at(mean: float, tau2: float) -> sparse_fit.Marginal:
        return sparse_fit.marginal(likelihood, mean, tau2, 80)

    here, step = at(-0.9, tau_squared), 1e-5
    pairs = [
        (at(-0.9 + step, tau_squared), at(-0.9 - step, tau_squared)),
        (at(-0.9, tau_squared + step), at(-0.9, tau_squared - step)),
    ]
    for place, (above, below) in enumerate(pairs):
        assert here.score[place] == pytest.approx((above.value - below.value) / (2 * step), rel=1e-5)
        np.testing.assert_allclose(here.hessian[place], (above.score - below.score) / (2 * step), rtol=1e-3)


@pytest.mark.parametrize("likelihood", FAMILIES, ids=lambda one: type(one).__name__)
def test_the_likelihood_passes_smoothly_into_that_of_a_common_value(likelihood: StudyLikelihood) -> None:
    common, nearly = (sparse_fit.marginal(likelihood, -1.0, tau2, 50) for tau2 in (0.0, 1e-9))
    assert nearly.value == pytest.approx(common.value, abs=1e-6)
    np.testing.assert_allclose(nearly.score, common.score, rtol=1e-5)


def test_tables_without_or_with_all_events_in_both_arms_do_not_move_the_odds_ratio() -> None:
    plain = pool_odds_ratios([1, 2, 3], [20, 30, 40], [3, 1, 6], [20, 30, 40])
    more = pool_odds_ratios([1, 2, 0, 3, 9], [20, 30, 500, 40, 9], [3, 1, 0, 6, 7], [20, 30, 400, 40, 7])
    assert (plain.k, plain.n_informative, more.k, more.n_informative) == (3, 3, 5, 3)
    assert more.estimate == pytest.approx(plain.estimate, abs=1e-12)
    assert more.p_value == pytest.approx(plain.p_value, abs=1e-9)


def test_studies_without_events_lower_the_pooled_rate() -> None:
    some = pool_rates([2, 3, 4], [100, 120, 150])
    more = pool_rates([2, 3, 4, 0, 0], [100, 120, 150, 80, 90])
    assert more.estimate < some.estimate


def test_the_p_value_and_the_profile_interval_of_the_odds_ratio_agree() -> None:
    table = ([1, 0, 2, 1], [30, 40, 50, 45], [5, 4, 6, 3], [30, 40, 50, 45])
    p_value = pool_odds_ratios(*table).p_value
    assert p_value is not None and p_value < 0.05
    at_limit = pool_odds_ratios(*table, level=1 - p_value)
    assert at_limit.high == pytest.approx(0, abs=1e-6)


def test_one_table_gives_the_conditional_estimate_of_fisher_and_no_heterogeneity() -> None:
    pooled = pool_odds_ratios([7], [20], [3], [22])
    # fisher.test(matrix(c(7, 13, 3, 19), 2))$estimate in R
    assert np.exp(pooled.estimate) == pytest.approx(3.3099872245434616, rel=1e-4)
    assert np.isnan(pooled.tau_squared) and pooled.prediction is None and pooled.tau_squared_interval is None


def test_two_studies_give_no_prediction_interval() -> None:
    assert pool_proportions([1, 8], [20, 30]).prediction is None


def test_the_interval_of_heterogeneity_begins_at_zero_where_none_is_compatible_with_the_counts() -> None:
    alike = pool_proportions([5, 6, 4, 5], [50, 55, 45, 52])
    unlike = pool_proportions([2, 40, 5, 30], [50, 55, 45, 52])
    assert alike.tau_squared == 0 and alike.tau_squared_interval is not None
    assert alike.tau_squared_interval[0] == 0 < alike.tau_squared_interval[1]
    assert unlike.tau_squared_interval is not None
    assert 0 < unlike.tau_squared_interval[0] < unlike.tau_squared < unlike.tau_squared_interval[1]


@settings(max_examples=15)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(7, 60)), min_size=3, max_size=6))
def test_the_order_of_studies_and_the_name_of_the_event_do_not_matter(pairs: list[tuple[int, int]]) -> None:
    x, n = np.array([(1, 15), *pairs]).T
    plain = pool_proportions(x, n, interval="wald")
    turned = pool_proportions(x[::-1], n[::-1], interval="wald")
    failures = pool_proportions(n - x, n, interval="wald")
    assert turned.estimate == pytest.approx(plain.estimate, abs=1e-8)
    assert failures.estimate == pytest.approx(-plain.estimate, abs=1e-7)
    assert failures.tau_squared == pytest.approx(plain.tau_squared, abs=1e-6)


@settings(max_examples=10)
@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(6, 40), st.integers(0, 5), st.integers(6, 40)),
        min_size=2,
        max_size=5,
    )
)
def test_exchanging_the_arms_turns_the_sign_of_the_log_odds_ratio(
    rows: list[tuple[int, int, int, int]],
) -> None:
    x_1, n_1, x_0, n_0 = np.array([(2, 20, 3, 20), *rows]).T
    plain, turned = (
        pool_odds_ratios(*arms, interval="wald") for arms in ((x_1, n_1, x_0, n_0), (x_0, n_0, x_1, n_1))
    )
    assert turned.estimate == pytest.approx(-plain.estimate, abs=1e-7)
    assert turned.standard_error == pytest.approx(plain.standard_error, rel=1e-5)


@pytest.mark.parametrize("data", ORACLE["exact_intervals"], ids=lambda one: f"{one['events']} of {one['n']}")
def test_exact_intervals_equal_those_of_r(data: dict[str, Any]) -> None:
    np.testing.assert_allclose(
        np.array(clopper_pearson(data["events"], data["n"])), data["binomial"], rtol=1e-9, atol=1e-12
    )
    np.testing.assert_allclose(
        np.array(exact_poisson(data["events"], data["n"])), data["poisson"], rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pool_proportions([0, 0], [9, 9]), "0 of 18 people had the event: .*use clopper_pearson"),
        (lambda: pool_proportions([9, 9], [9, 9]), "18 of 18 people had the event"),
        (lambda: pool_proportions([1.5], [9]), "events is 1.5|events.0. is 1.5, it must be a whole number"),
        (lambda: pool_proportions([1, 2], [9, 9], link="probit"), "link is 'probit'"),  # type: ignore[arg-type]
        (lambda: pool_proportions([1, 2], [9, 9], method="DL"), "method is 'DL'"),  # type: ignore[arg-type]
        (lambda: pool_proportions([1, 2], [9, 9], level=95), "level is 95"),
        (lambda: pool_proportions([1, 2], [9, 9], nodes=0), "nodes is 0; it must lie between 1 and 100"),
        (lambda: pool_proportions([], []), r"counts have shape \(0,\)"),
        (lambda: pool_rates([0, 0], [9, 9]), "no event in 18 of person-time: .*use exact_poisson"),
        (lambda: pool_rates([-1, 0], [9, 9]), r"events\[0\] is -1"),
        (lambda: pool_rates([1, 0], [0, 9]), r"person_time\[0\] is 0"),
        (lambda: pool_odds_ratios([0, 9], [9, 9], [0, 9], [9, 9]), "none of 2 studies says anything"),
        (lambda: pool_odds_ratios([0, 0], [9, 9], [1, 2], [9, 9]), "no finite estimate; report the tables"),
        (lambda: pool_proportions([0, 90], [90, 90]), "variance between studies has no estimate below 25"),
        (lambda: clopper_pearson(3, 2), "events is 3, it must not exceed n"),
        (lambda: exact_poisson(3, 0), "person_time is 0"),
        (lambda: exact_poisson(3, 1, level=1), "level is 1"),
    ],
)
def test_counts_that_cannot_be_pooled_are_refused_with_what_to_do(
    call: Callable[[], object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        call()
