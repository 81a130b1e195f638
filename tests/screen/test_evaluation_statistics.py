"""The statistics equal published examples and R; what holds of every data set."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precollapse.evidence.survival.competing_risks import cumulative_incidence
from precollapse.screen import evaluation_statistics as statistics
from precollapse.screen.evaluation_model import Estimate

ORACLE: dict[str, Any] = json.loads((Path(__file__).parent / "oracle" / "evaluation.json").read_text("utf-8"))
DCA = {name: np.asarray(values) for name, values in ORACLE["dca"].items()}
CANCER, RISK = DCA["cancer"] == 1, DCA["risk"].astype(float)
ONES = np.ones(CANCER.size)
HEAVY = 1 + (np.arange(1, CANCER.size + 1) % 7) / 5
SKEWED = 1 / (1 + np.exp(-(1.6 * np.log(np.clip(RISK, 1e-6, 1 - 1e-6) / np.clip(1 - RISK, 1e-6, 1)) + 0.5)))

# Of risks whose logits are normal with mean -3 and standard deviation 1: mean, and area of right forecasts.
_NODES, _MASS = np.polynomial.hermite_e.hermegauss(80)
_LOGITS, _WEIGHTS = _NODES - 3.0, _MASS / _MASS.sum()
_RISKS = 1 / (1 + np.exp(-_LOGITS))
INCIDENCE = float(np.dot(_WEIGHTS, _RISKS))


def exact_area() -> float:
    """Chance that a case has a higher logit than a patient who is none, on a fine grid."""
    grid = np.linspace(-11, 5, 20_001)
    density, risk = np.exp(-((grid + 3) ** 2) / 2), 1 / (1 + np.exp(-grid))
    cases, others = density * risk, density * (1 - risk)
    below = np.cumsum(others) - others / 2
    return float(np.dot(cases, below) / cases.sum() / others.sum())


AREA = exact_area()

shares = st.floats(min_value=0.0, max_value=1.0)
outcomes = st.lists(st.tuples(shares, st.booleans()), min_size=2, max_size=40)


def arrays(rows: list[tuple[float, bool]]) -> tuple[Any, Any, Any]:
    return np.array([p for p, _ in rows]), np.array([y for _, y in rows]), np.ones(len(rows))


def wald(estimate: Estimate, value: float, error: float) -> None:
    expected = [value, value - statistics.Z * error, value + statistics.Z * error]
    np.testing.assert_allclose([estimate.value, estimate.low, estimate.high], expected, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("case", ORACLE["wilson"], ids=lambda one: f"{one['hits']}-of-{one['n']}")
def test_the_wilson_interval_equals_r(case: dict[str, float]) -> None:
    n = int(case["n"])
    found = statistics.proportion(np.arange(n) < case["hits"], np.ones(n))
    np.testing.assert_allclose([found.low, found.high], [case["low"], case["high"]], rtol=1e-10, atol=1e-15)


def test_the_wilson_interval_is_the_published_one() -> None:
    # Newcombe 1998, Statistics in Medicine 17:857, table I, method 3.
    for hits, n, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (1, 29, 0.0061, 0.1718)):
        assert [round(end, 4) for end in statistics.wilson(hits / n, n)] == [low, high]


@pytest.mark.parametrize("case", ORACLE["poisson"], ids=lambda one: str(one["observed"]))
def test_observed_over_expected_has_the_exact_poisson_interval_of_r(case: dict[str, float]) -> None:
    n = 1000
    risk = np.full(n, case["expected"] / n)
    found = statistics.observed_over_expected(np.arange(n) < case["observed"], risk, np.ones(n))
    expected = [case["observed"] / case["expected"], case["low"], case["high"]]
    np.testing.assert_allclose([found.value, found.low, found.high], expected, rtol=1e-10)


@pytest.mark.parametrize("case", ORACLE["auc"], ids=lambda one: str(one["marker"]))
def test_the_area_and_its_standard_error_equal_those_of_r(case: dict[str, Any]) -> None:
    score, poor = np.asarray(case["score"], float), np.asarray(case["case"]) == 1
    found = statistics.auc(score, poor, np.ones(score.size))
    np.testing.assert_allclose(
        [found.estimate.value, found.estimate.value, found.standard_error],
        [case["area"], case["wilcoxon"], case["standard_error"]],
        rtol=1e-12,
    )


def test_the_area_of_a_marker_with_ties_equals_the_interval_that_proc_prints() -> None:
    # The tests of pROC have these for ci.auc of ndka in aSAH (DeLong, symmetrical).
    case = next(one for one in ORACLE["auc"] if one["marker"] == "ndka")
    found = statistics.auc(np.asarray(case["score"]), np.asarray(case["case"]) == 1, np.ones(113))
    assert found.estimate.value is not None and found.standard_error is not None
    half = statistics.Z * found.standard_error
    np.testing.assert_allclose(
        [found.estimate.value - half, found.estimate.value, found.estimate.value + half],
        [0.501244999271703, 0.611957994579946, 0.722670989888189],
        rtol=1e-12,
    )


def test_an_area_of_1_still_has_an_interval() -> None:
    found = statistics.auc(np.arange(10.0), np.arange(10) > 6, np.ones(10))
    assert found.estimate.value == 1 and found.estimate.high == 1
    assert found.estimate.low is not None and 0.4 < found.estimate.low < 0.9
    assert found.method.startswith("Newcombe")


@pytest.mark.parametrize(("area", "m", "n"), [(0.5, 3, 8), (0.9, 1, 40), (0.2, 20, 20)])
def test_newcombes_interval_solves_its_equation(area: float, m: int, n: int) -> None:
    for theta in statistics.newcombe(area, m, n):
        spread = 1 + ((m + n) / 2 - 1) * ((1 - theta) / (2 - theta) + theta / (1 + theta))
        assert abs(area - theta) == pytest.approx(
            statistics.Z * np.sqrt(theta * (1 - theta) * spread / (m * n)), rel=1e-6
        )


def test_logistic_recalibration_equals_glm() -> None:
    expected = ORACLE["logistic"]
    for name, weights in (("plain", ONES), ("heavy", HEAVY)):
        found = statistics.recalibration(SKEWED, CANCER, weights)
        for one, value, error in zip(
            found, expected[name]["coefficients"], expected[name]["errors"], strict=True
        ):
            wald(one, value, error)
    for name, weights in (("large", ONES), ("heavy_large", HEAVY)):
        one = expected[name]
        wald(statistics.in_the_large(SKEWED, CANCER, weights), one["coefficients"], one["errors"])


def test_the_net_benefit_is_that_of_the_definition_and_of_dcurves() -> None:
    found = statistics.net_benefit(RISK, CANCER, ONES, ORACLE["thresholds"])
    np.testing.assert_allclose(found.value, ORACLE["net_benefit"], atol=1e-14)
    # The tests of dcurves have -0.1466667 for treating all and 0.0640000 for the model at 0.25.
    everybody = statistics.net_benefit(ONES, CANCER, ONES, [0.25])
    at = found.value[ORACLE["thresholds"].index(0.25)]
    assert [round(float(everybody.value[0]), 7), round(float(at), 7)] == [-0.1466667, 0.064]


def test_with_loss_to_follow_up_the_net_benefit_is_that_of_dcurves() -> None:
    # dcurves, dca(Surv(ttcancer, cancer) ~ cancerpredmarker, time = 1) at 0.25: -0.13695058 and 0.05695371.
    within = DCA["years"] <= 1
    case, known = CANCER & within, CANCER | ~within
    time = np.minimum(DCA["years"].astype(float), 1.0)
    together = statistics.censoring_weights(time, known, np.zeros(CANCER.size, dtype=np.int64))
    apart = statistics.censoring_weights(time, known, (RISK >= 0.25).astype(np.int64))
    assert together is not None and apart is not None
    everybody = statistics.net_benefit(ONES, case, together, [0.25]).value[0]
    model = statistics.net_benefit(RISK, case, apart, [0.25]).value[0]
    np.testing.assert_allclose([everybody, model], [-0.13695058, 0.05695371], atol=5e-9)


def test_the_brier_score_equals_its_definition() -> None:
    score, scaled = statistics.brier(RISK, CANCER, ONES)
    np.testing.assert_allclose(
        [score.value, scaled.value], [ORACLE["brier"]["score"], ORACLE["brier"]["scaled"]], rtol=1e-12
    )


@pytest.mark.parametrize("case", ORACLE["incidence"], ids=lambda one: str(one["who"]))
def test_the_weighted_share_is_the_aalen_johansen_incidence_of_r(case: dict[str, Any]) -> None:
    high = RISK >= 0.25
    here = {"high": high, "low": ~high, "all": high | ~high}[case["who"]]
    within = DCA["years"][here] <= 1
    sick, known = (DCA["status"][here] == 1) & within, (DCA["status"][here] > 0) | ~within
    weights = statistics.censoring_weights(
        np.minimum(DCA["years"][here].astype(float), 1.0), known, np.zeros(int(here.sum()), dtype=np.int64)
    )
    assert weights is not None
    found = statistics.proportion(sick, weights)
    assert found.value == pytest.approx(case["incidence"], rel=1e-12)
    assert weights.sum() == pytest.approx(case["n"], rel=1e-12)
    # The weights are taken as known, which is on the wide side, but not by much.
    assert found.value is not None and found.low is not None and found.high is not None
    width = (found.high - found.low) / (2 * statistics.Z * case["standard_error"])
    assert 0.98 < width < 1.25


def test_who_stays_longest_and_is_lost_leaves_the_rest_of_time_unknown() -> None:
    none = np.zeros(2, dtype=np.int64)
    assert statistics.censoring_weights(np.array([0.2, 0.7]), np.array([True, False]), none) is None
    kept = statistics.censoring_weights(np.array([0.2, 1.0]), np.array([False, True]), none)
    np.testing.assert_array_equal(kept, [0.0, 2.0])


@given(st.lists(st.tuples(st.integers(1, 20), st.sampled_from([0, 0, 1, 2])), min_size=1, max_size=30))
def test_weighted_shares_equal_the_aalen_johansen_estimate(rows: list[tuple[int, int]]) -> None:
    """Also with ties between diagnoses, deaths and losses, and whatever the order."""
    time = np.array([*(t for t, _ in rows), 21.0, 3.0])
    cause = np.array([*(c for _, c in rows), 3, 1])  # one reaches the horizon, one is diagnosed
    weights = statistics.censoring_weights(time / 21, cause > 0, np.zeros(time.size, dtype=np.int64))
    assert weights is not None
    curve = cumulative_incidence(time, cause)
    found = statistics.proportion(cause == 1, weights).value
    assert found == pytest.approx(curve.incidence[-1, curve.causes.index(1)], rel=1e-9)


@given(outcomes)
def test_the_area_does_not_change_when_the_scores_are_stretched(rows: list[tuple[float, bool]]) -> None:
    score, case, ones = arrays(rows)
    rounded = np.round(score, 2)
    assert statistics.auc(rounded, case, ones) == statistics.auc(np.exp(3 * rounded) - 7, case, ones)


@given(outcomes)
def test_the_area_of_the_turned_scores_is_the_rest_to_1(rows: list[tuple[float, bool]]) -> None:
    score, case, ones = arrays(rows)
    forth, back = (statistics.auc(np.round(one, 1), case, ones).estimate.value for one in (score, -score))
    assert (forth is None) == (back is None)
    if forth is not None and back is not None:
        assert forth + back == pytest.approx(1)


@given(outcomes, st.floats(min_value=0.001, max_value=0.5))
def test_the_net_benefit_of_imaging_all_equals_its_formula(
    rows: list[tuple[float, bool]], threshold: float
) -> None:
    score, case, ones = arrays(rows)
    share = case.mean()
    found = statistics.net_benefit(np.ones_like(score), case, ones, [threshold]).value[0]
    assert found == pytest.approx(share - (1 - share) * threshold / (1 - threshold), abs=1e-12)
    assert statistics.net_benefit(score, case, ones, [0.0]).value[0] == pytest.approx(share)


@given(outcomes)
def test_recalibration_of_any_data_is_finite_or_not_given(rows: list[tuple[float, bool]]) -> None:
    risk, case, ones = arrays(rows)
    for one in (*statistics.recalibration(risk, case, ones), statistics.in_the_large(risk, case, ones)):
        ends = [one.value, one.low, one.high]
        assert ends == [None] * 3 or all(end is not None and np.isfinite(end) for end in ends)


@given(st.integers(0, 60), st.integers(1, 60), st.floats(min_value=0.1, max_value=9.0))
def test_equal_weights_change_no_interval(hits: int, n: int, weight: float) -> None:
    hit = np.arange(n) < hits
    one, other = (statistics.proportion(hit, np.full(n, w)) for w in (1.0, weight))
    np.testing.assert_allclose(
        [one.value, one.low, one.high], [other.value, other.low, other.high], rtol=1e-9, atol=1e-12
    )
    assert one.value is not None and one.low is not None and one.high is not None
    assert 0 <= one.low <= one.value <= one.high <= 1


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """1,000 seeded samples of 400 patients, a third of them lost: incidence, observed / expected and AUC."""
    draw = np.random.default_rng(20)
    none, held, repeats = np.zeros(400, dtype=np.int64), np.zeros(3), 1000
    for _ in range(repeats):
        logit = draw.normal(-3.0, 1.0, 400)
        risk = 1 / (1 + np.exp(-logit))
        sick_at = np.where(draw.random(400) < risk, draw.random(400), 2.0)
        gone_at = np.where(draw.random(400) < 1 / 3, draw.random(400), 2.0)
        case, known = sick_at <= np.minimum(gone_at, 1), np.minimum(sick_at, 1) <= gone_at
        weights = statistics.censoring_weights(np.minimum(np.minimum(sick_at, gone_at), 1.0), known, none)
        assert weights is not None
        found = (
            (statistics.proportion(case, weights), INCIDENCE),
            (statistics.observed_over_expected(case, risk, weights), 1.0),
            (statistics.auc(risk, case, weights).estimate, AREA),
        )
        held += [one.low is not None and one.low <= truth <= (one.high or 0) for one, truth in found]
    np.testing.assert_array_less(0.935, held / repeats)
    np.testing.assert_array_less(held / repeats, 0.985)
