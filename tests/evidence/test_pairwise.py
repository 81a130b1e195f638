"""Pooled effects equal metafor on published meta-analyses and keep the laws of weighted means."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from precollapse.evidence.pairwise.heterogeneity import Method, estimate_tau_squared
from precollapse.evidence.pairwise.pool import Pooled, Test, leave_one_out, pool

ORACLE = json.loads((Path(__file__).parent / "oracle" / "pairwise.json").read_text(encoding="utf-8"))[
    "pooled"
]
METHODS: dict[str, Method] = {"REML": "REML", "PM": "PM", "DL": "DL", "ML": "ML", "FE": "fixed"}
TESTS: dict[str, Test] = {"z": "z", "knha": "knapp-hartung"}
NUMBERS = (
    "estimate", "standard_error", "low", "high", "p_value", "tau_squared", "q", "q_p_value",
    "i_squared", "h_squared", "weights",
)  # fmt: skip

methods = st.sampled_from(get_args(Method))
studies = st.lists(
    st.tuples(st.floats(-3, 3).map(lambda y: round(y, 3)), st.floats(0.01, 2)), min_size=3, max_size=12
)


def assert_close(found: object, reference: object, name: str = "") -> None:
    one, other = np.asarray(found, dtype=float), np.asarray(reference, dtype=float)
    np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-10, err_msg=name)


def split(pairs: list[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    table = np.array(pairs)
    return table[:, 0], table[:, 1]


@pytest.mark.parametrize("fit", range(10))
@pytest.mark.parametrize("data", ORACLE, ids=lambda one: one["name"])
def test_the_pooled_effect_equals_metafor(data: dict[str, Any], fit: int) -> None:
    reference = data["fits"][fit]
    method, test = METHODS[reference["method"]], TESTS[reference["test"]]
    pooled = pool(data["yi"], data["vi"], method=method, test=test)
    for name in NUMBERS:
        assert_close(getattr(pooled, name), reference[name], name)
    if method == "fixed":
        assert pooled.tau_squared_interval is None and pooled.prediction is None
        return
    assert_close(pooled.tau_squared_interval, reference["tau_squared_interval"])
    assert_close(pooled.prediction, reference["prediction"])
    cochrane = pool(data["yi"], data["vi"], method=method, test=test, prediction="t(k-2)")
    assert_close(cochrane.prediction, reference["prediction_k2"])


@pytest.mark.parametrize("data", ORACLE, ids=lambda one: one["name"])
def test_leaving_each_study_out_equals_metafor(data: dict[str, Any]) -> None:
    left = leave_one_out(data["yi"], data["vi"])
    assert_close([one.estimate for one in left], data["leave_one_out"]["estimate"])
    assert_close([one.tau_squared for one in left], data["leave_one_out"]["tau_squared"])


@given(studies, methods, st.integers(-50, 50))
def test_shifting_all_studies_shifts_the_pool_and_nothing_else(
    pairs: list[tuple[float, float]], method: Method, shift: int
) -> None:
    y, v = split(pairs)
    plain, shifted = pool(y, v, method=method), pool(y + shift, v, method=method)
    assert shifted.estimate == pytest.approx(plain.estimate + shift, abs=1e-8)
    assert shifted.standard_error == pytest.approx(plain.standard_error, rel=1e-7)
    assert shifted.tau_squared == pytest.approx(plain.tau_squared, abs=1e-8)


@given(studies, methods, st.sampled_from([1e-3, 0.5, 10, 1e3]))
def test_another_unit_of_measurement_scales_the_pool(
    pairs: list[tuple[float, float]], method: Method, unit: float
) -> None:
    y, v = split(pairs)
    plain, scaled = pool(y, v, method=method), pool(unit * y, unit**2 * v, method=method)
    assert scaled.estimate == pytest.approx(unit * plain.estimate, rel=1e-7, abs=1e-9 * unit)
    assert scaled.standard_error == pytest.approx(unit * plain.standard_error, rel=1e-7)
    assert scaled.tau_squared == pytest.approx(unit**2 * plain.tau_squared, rel=1e-6, abs=1e-8 * unit**2)
    assert scaled.i_squared == pytest.approx(plain.i_squared, abs=1e-7)


@given(studies.flatmap(lambda pairs: st.tuples(st.just(pairs), st.permutations(pairs))), methods)
def test_the_order_of_studies_does_not_matter(
    orders: tuple[list[tuple[float, float]], list[tuple[float, float]]], method: Method
) -> None:
    first, second = (pool(*split(pairs), method=method) for pairs in orders)
    assert second.estimate == pytest.approx(first.estimate, abs=1e-9)
    assert second.tau_squared == pytest.approx(first.tau_squared, abs=1e-9)


@given(studies, methods)
def test_heterogeneity_never_narrows_the_interval(pairs: list[tuple[float, float]], method: Method) -> None:
    y, v = split(pairs)
    random, fixed = pool(y, v, method=method), pool(y, v, method="fixed")
    assert random.standard_error >= fixed.standard_error * (1 - 1e-12)
    assert min(y) - 1e-9 <= random.estimate <= max(y) + 1e-9
    assert sum(random.weights) == pytest.approx(1)
    if random.prediction is not None:
        assert random.prediction[0] <= random.low <= random.high <= random.prediction[1]


@given(st.lists(st.floats(0.01, 2), min_size=3, max_size=9), methods)
def test_studies_that_agree_are_pooled_as_with_a_common_effect(
    variances: list[float], method: Method
) -> None:
    same = pool([0.4] * len(variances), variances, method=method)
    common = pool([0.4] * len(variances), variances, method="fixed")
    assert same.tau_squared == 0 and same.i_squared == 0
    assert (same.estimate, same.low, same.high) == (common.estimate, common.low, common.high)


@given(studies)
def test_reml_is_the_highest_point_of_the_restricted_likelihood(pairs: list[tuple[float, float]]) -> None:
    y, v = split(pairs)

    def height(tau2: float) -> float:
        w = 1 / (v + tau2)
        mean = np.sum(w * y) / np.sum(w)
        return float(np.sum(np.log(w)) - np.sum(w * (y - mean) ** 2) - np.log(np.sum(w)))

    best = height(estimate_tau_squared(y, v, "REML"))
    assert all(height(tau2) <= best + 1e-9 for tau2 in [0, *np.geomspace(1e-5, 50, 300)])


@given(studies, st.floats(0.5, 0.99))
def test_paule_mandel_lies_within_every_q_profile_interval_that_reaches_the_mean_of_chi_squared(
    pairs: list[tuple[float, float]], level: float
) -> None:
    pooled = pool(*split(pairs), method="PM", level=level)
    assert pooled.tau_squared_interval is not None
    low, high = pooled.tau_squared_interval
    assume(low > 0)
    assert low <= pooled.tau_squared <= high


def test_equal_variances_give_knapp_hartung_the_ordinary_t_interval() -> None:
    y = np.array([0.1, 0.5, -0.2, 0.9, 0.3])
    pooled = pool(y, np.full(5, 0.01), test="knapp-hartung")
    assert pooled.standard_error == pytest.approx(np.std(y, ddof=1) / np.sqrt(5))
    assert pooled.high - pooled.estimate == pytest.approx(2.7764451052 * pooled.standard_error)


@pytest.mark.parametrize("method", ["REML", "PM", "DL", "ML"])
def test_one_study_is_returned_as_it_is_and_its_heterogeneity_is_unknown(method: Method) -> None:
    pooled = pool([0.5], [0.04], method=method)
    assert (pooled.estimate, pooled.k, pooled.weights.tolist()) == (0.5, 1, [1.0])
    assert pooled.standard_error == pytest.approx(0.2)
    assert np.isnan(pooled.tau_squared) and np.isnan(pooled.i_squared)
    assert pooled.prediction is None and pooled.tau_squared_interval is None


def test_one_study_under_a_common_effect_has_no_heterogeneity_by_assumption() -> None:
    assert pool([0.5], [0.04], method="fixed").tau_squared == 0


def test_two_studies_give_no_prediction_interval() -> None:
    assert pool([0.1, 2.0], [0.1, 0.1]).prediction is None


def test_studies_that_agree_too_well_leave_no_compatible_variance() -> None:
    assert pool([0.1] * 9, [0.1] * 9).tau_squared_interval == (0.0, 0.0)


def test_a_wider_level_widens_every_interval() -> None:
    data = ORACLE[0]
    narrow, wide = (pool(data["yi"], data["vi"], level=level) for level in (0.8, 0.99))

    def bounds(pooled: Pooled) -> list[tuple[float, float]]:
        assert pooled.prediction is not None and pooled.tau_squared_interval is not None
        return [(pooled.low, pooled.high), pooled.prediction, pooled.tau_squared_interval]

    for inner, outer in zip(bounds(narrow), bounds(wide), strict=True):
        assert outer[0] < inner[0] < inner[1] < outer[1]


@pytest.mark.parametrize(
    ("estimates", "variances", "options", "message"),
    [
        ([0.1, np.nan], [1, 1], {}, "study 1 has estimate nan and variance 1; .*Leave the study out"),
        ([0.1, 0.2], [1, 0], {}, "study 1 has estimate 0.2 and variance 0"),
        ([0.1, 0.2], [1], {}, r"estimates have shape \(2,\) and variances \(1,\)"),
        ([], [], {}, r"shape \(0,\)"),
        ([0.1, 0.2], [1, 1], {"method": "HE"}, "method is 'HE'; choose one of REML, PM"),
        ([0.1, 0.2], [1, 1], {"test": "t"}, "test is 't'; choose one of z, knapp-hartung"),
        ([0.1, 0.2], [1, 1], {"prediction": "t"}, "prediction is 't'"),
        ([0.1, 0.2], [1, 1], {"level": 95}, "level is 95; it must lie between 0 and 1"),
        ([0.1], [1], {"test": "knapp-hartung"}, "there is 1 study; Knapp-Hartung needs at least 2"),
        ([0.2, 0.2], [1, 1], {"test": "knapp-hartung"}, "estimates are all 0.2: .*use test='z'"),
    ],
)
def test_what_cannot_be_pooled_is_refused(
    estimates: list[float], variances: list[float], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        pool(estimates, variances, **options)


def test_leaving_one_out_of_one_study_is_refused() -> None:
    with pytest.raises(ValueError, match="leaving one out needs at least 2"):
        leave_one_out([0.1], [1])


def test_an_unknown_estimator_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="method is 'EB'"):
        estimate_tau_squared(np.array([0.1, 0.2]), np.array([1.0, 1.0]), "EB")  # type: ignore[arg-type]
