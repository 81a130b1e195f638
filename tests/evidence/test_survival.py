"""Survival, cumulative incidence and the log-rank test equal R; what holds of every curve."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precollapse.evidence.survival.competing_risks import cumulative_incidence
from precollapse.evidence.survival.kaplan_meier import kaplan_meier, nelson_aalen
from precollapse.evidence.survival.log_rank import log_rank

ORACLE: dict[str, Any] = json.loads((Path(__file__).parent / "oracle" / "survival.json").read_text("utf-8"))
CURVES: dict[str, Any] = ORACLE["kaplan_meier"]
INCIDENCES: dict[str, Any] = ORACLE["incidence"]
TESTS: dict[str, Any] = ORACLE["log_rank"]
TRANSFORMS = ("log", "log-log", "plain")


def numbers(values: Any) -> np.ndarray[Any, Any]:
    """Read R numbers: null, NA, NaN and Inf (a standard error where nobody is left) have no value."""
    array = np.array(values, dtype=object)
    missing = np.vectorize(lambda value: not isinstance(value, (int, float)))(array)
    return np.where(missing, np.nan, array).astype(np.float64)


def assert_equal(ours: Any, theirs: Any) -> None:
    np.testing.assert_allclose(ours, numbers(theirs), rtol=1e-10, atol=1e-12)


def fit(case: dict[str, Any], transform: Any = "log") -> Any:
    return kaplan_meier(
        case["time"],
        case["event"],
        weights=case["weights"],
        entry=case["entry"],
        transform=transform,
        variance="robust" if case["robust"] else "greenwood",
    )


@pytest.mark.parametrize("name", CURVES)
def test_the_kaplan_meier_curve_equals_r(name: str) -> None:
    case = CURVES[name]
    curve, rows = fit(case), case["rows"]
    for field in ("times", "at_risk", "events", "censored", "survival", "standard_error"):
        assert_equal(getattr(curve, field)[rows], case[field])


@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("name", CURVES)
def test_the_interval_of_the_curve_equals_r_on_each_scale(name: str, transform: str) -> None:
    case = CURVES[name]
    curve = fit(case, transform)
    assert_equal(curve.low[case["rows"]], case[f"low_{transform}"])
    assert_equal(curve.high[case["rows"]], case[f"high_{transform}"])


@pytest.mark.parametrize("name", CURVES)
def test_quartiles_of_survival_and_their_intervals_equal_r(name: str) -> None:
    case = CURVES[name]
    found = [fit(case).quantile(share) for share in (0.25, 0.5, 0.75)]
    theirs = numbers(case["quantiles"])
    if name == "aml":  # the upper limit rises again at the end: R's quantile says 48, R's print and we say 45
        assert theirs[2, 1] == 48
        theirs[2, 1] = 45
    np.testing.assert_array_equal(
        [[q.estimate for q in found], [q.low for q in found], [q.high for q in found]], theirs
    )


@pytest.mark.parametrize("name", [name for name, case in CURVES.items() if "horizon" in case])
def test_restricted_mean_and_median_equal_those_r_prints(name: str) -> None:
    case = CURVES[name]
    mean, median = fit(case).restricted_mean(case["horizon"]), fit(case).median()
    assert_equal([mean.estimate, mean.standard_error], case["mean"])
    assert_equal([median.estimate, median.low, median.high], case["median"])


@pytest.mark.parametrize("name", [name for name, case in CURVES.items() if not case["robust"]])
def test_the_nelson_aalen_hazard_equals_r(name: str) -> None:
    case = CURVES[name]
    curve = nelson_aalen(case["time"], case["event"], weights=case["weights"], entry=case["entry"])
    assert_equal(curve.hazard[case["rows"]], case["hazard"])
    assert_equal(curve.standard_error[case["rows"]], case["hazard_error"])


@pytest.mark.parametrize("name", INCIDENCES)
def test_cumulative_incidence_and_its_error_equal_r(name: str) -> None:
    case = INCIDENCES[name]
    rows = case["rows"]
    transforms: tuple[Any, ...] = TRANSFORMS
    for transform in transforms:
        curves = cumulative_incidence(
            case["time"], case["cause"], weights=case["weights"], entry=case["entry"], transform=transform
        )
        for field in ("times", "incidence", "survival", "standard_error"):
            assert_equal(getattr(curves, field)[rows], case[field])
        if case["weights"] is None:
            assert_equal(curves.at_risk[rows], case["at_risk"])
        assert_equal(curves.low[rows], case[f"low_{transform}"])
        assert_equal(curves.high[rows], case[f"high_{transform}"])


@pytest.mark.parametrize("name", [name for name, case in INCIDENCES.items() if "gray_times" in case])
def test_cumulative_incidence_equals_cmprsk_and_its_error_nearly_so(name: str) -> None:
    case = INCIDENCES[name]
    read = cumulative_incidence(case["time"], case["cause"]).at(case["gray_times"])
    assert_equal(read.incidence, case["gray_incidence"])
    np.testing.assert_allclose(read.standard_error**2, numbers(case["gray_variance"]), rtol=0.15)


@pytest.mark.parametrize("name", TESTS)
def test_the_log_rank_test_equals_r(name: str) -> None:
    case = TESTS[name]
    result = log_rank(case["time"], case["event"], case["group"])
    ours = [case["groups"].index(name) for name in result.groups]  # R keeps the order of a factor's levels
    assert_equal(result.observed, np.array(case["observed"])[ours])
    assert_equal(result.expected, np.array(case["expected"])[ours])
    assert_equal(result.covariance, np.array(case["covariance"])[np.ix_(ours, ours)])
    assert_equal(result.chi_squared, case["chi_squared"])
    assert_equal(result.p_value, case["p_value"])


PEOPLE = st.lists(
    st.tuples(st.integers(1, 12), st.integers(0, 2), st.integers(1, 4), st.integers(0, 11)),
    min_size=1,
    max_size=40,
).map(lambda rows: [(time, cause, weight, min(entry, time - 1)) for time, cause, weight, entry in rows])


def columns(people: list[tuple[int, int, int, int]]) -> tuple[np.ndarray[Any, Any], ...]:
    return tuple(np.array(column) for column in zip(*people, strict=True))


@given(PEOPLE, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing_to_the_last_bit(people: Any, random: Any) -> None:
    shuffled = people.copy()
    random.shuffle(shuffled)
    results: list[Any] = []
    for time, cause, weight, entry in (columns(people), columns(shuffled)):
        curve = kaplan_meier(time / 7, cause > 0, weights=weight / 3, entry=entry / 7, variance="robust")
        results.append((curve.survival.tolist(), curve.standard_error.tolist()))
    assert results[0] == results[1]


@given(PEOPLE)
def test_counts_as_weights_are_the_same_as_repeated_persons(people: Any) -> None:
    time, cause, weight, entry = columns(people)
    counted = kaplan_meier(time, cause > 0, weights=weight, entry=entry)
    repeated = kaplan_meier(
        np.repeat(time, weight), np.repeat(cause > 0, weight), entry=np.repeat(entry, weight)
    )
    np.testing.assert_array_equal(counted.at_risk, repeated.at_risk)
    np.testing.assert_allclose(counted.survival, repeated.survival, rtol=1e-14)
    np.testing.assert_allclose(counted.standard_error, repeated.standard_error, rtol=1e-12)


@given(PEOPLE)
def test_survival_never_rises_and_with_the_incidences_makes_one(people: Any) -> None:
    time, cause, weight, entry = columns(people)
    if not cause.any():
        cause[0] = 1
    curves = cumulative_incidence(time, cause, weights=weight, entry=entry)
    np.testing.assert_allclose(curves.survival + curves.incidence.sum(axis=1), 1, rtol=1e-12)
    assert (np.diff(curves.survival, prepend=1.0) <= 0).all()
    assert (np.diff(curves.incidence, axis=0) >= 0).all()
    survival = kaplan_meier(time, cause > 0, weights=weight, entry=entry).survival
    np.testing.assert_array_equal(curves.survival, survival)


@given(PEOPLE)
def test_without_competing_risk_the_incidence_is_one_minus_kaplan_meier(people: Any) -> None:
    time, cause, _, _ = columns(people)
    cause[0] = 1
    one = cumulative_incidence(time, cause > 0)
    curve = kaplan_meier(time, cause > 0)
    np.testing.assert_allclose(one.incidence[:, 0], 1 - curve.survival, rtol=1e-12, atol=1e-15)
    alive = curve.survival > 0
    np.testing.assert_allclose(one.standard_error[alive, 0], curve.standard_error[alive], atol=1e-12)


@given(PEOPLE)
def test_a_person_cut_in_two_at_some_time_leaves_the_curve_as_it_is(people: Any) -> None:
    time, cause, _, _ = columns(people)
    long = time > 5
    cut = kaplan_meier(
        np.concatenate([np.minimum(time, 5), time[long]]),
        np.concatenate([(cause > 0) & ~long, cause[long] > 0]),
        entry=np.concatenate([np.zeros(time.size), np.full(long.sum(), 5)]),
    )
    whole = kaplan_meier(time, cause > 0)
    np.testing.assert_allclose(cut.at(whole.times).survival, whole.survival, rtol=1e-14)
    np.testing.assert_allclose(cut.at(whole.times).standard_error, whole.standard_error, rtol=1e-12)


@given(PEOPLE, st.sampled_from([0.1, 12.0, 365.25]))
def test_another_unit_of_time_changes_only_the_times(people: Any, unit: float) -> None:
    time, cause, _, entry = columns(people)
    first, second = (kaplan_meier(time * u, cause > 0, entry=entry * u) for u in (1.0, unit))
    np.testing.assert_array_equal(first.survival, second.survival)
    np.testing.assert_allclose(first.times * unit, second.times, rtol=1e-12)


def test_times_that_differ_by_rounding_are_one_time() -> None:
    curve = kaplan_meier([0.1 + 0.2, 0.3, 1.0], [1, 1, 1])
    assert curve.times.tolist() == [0.3, 1.0]
    assert curve.events.tolist() == [2, 1]
    assert curve.at(0.1 * 3).survival.tolist() == [pytest.approx(1 / 3)]


def test_a_curve_says_one_before_and_nothing_beyond_the_follow_up() -> None:
    curve = kaplan_meier([2, 4, 6], [1, 0, 0])
    read = curve.at([0, 1, 2, 6, 6.5])
    np.testing.assert_array_equal(read.survival, [1, 1, 2 / 3, 2 / 3, np.nan])
    np.testing.assert_array_equal(read.low[[0, 4]], [1, np.nan])
    assert kaplan_meier([2, 4], [1, 1]).at(9).survival.tolist() == [0]
    incidence = cumulative_incidence([2, 4, 6], [1, 2, 0]).at([1, 4, 7]).incidence
    np.testing.assert_allclose(incidence, [[0.0, 0.0], [1 / 3, 1 / 3], [np.nan, np.nan]])


def test_where_nobody_is_left_greenwood_gives_no_error_but_the_jackknife_does() -> None:
    assert np.isnan(kaplan_meier([1, 2], [1, 1]).standard_error[-1])
    assert kaplan_meier([1, 2], [1, 1], variance="robust").standard_error[-1] == 0


def test_a_mean_beyond_the_follow_up_is_refused() -> None:
    curve = kaplan_meier([2, 4, 6], [1, 0, 0])
    assert curve.restricted_mean(6).estimate == pytest.approx(2 + 4 * 2 / 3)
    with pytest.raises(ValueError, match="nobody was followed beyond 6"):
        curve.restricted_mean(7)


def test_the_median_of_a_curve_flat_at_one_half_is_the_middle() -> None:
    assert kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1]).median().estimate == 2.5
    assert np.isnan(kaplan_meier([1, 2, 3], [1, 0, 0]).median().estimate)


def test_equal_groups_differ_by_nothing_and_names_do_not_matter() -> None:
    time, event = [1, 2, 2, 5] * 2, [1, 1, 0, 1] * 2
    result = log_rank(time, event, ["a"] * 4 + ["b"] * 4)
    assert result.chi_squared == pytest.approx(0, abs=1e-20)
    assert result.p_value == pytest.approx(1)
    case = TESTS["veteran_cell"]
    renamed = [{"squamous": 3, "smallcell": 1, "adeno": 0, "large": 2}[name] for name in case["group"]]
    again = log_rank(case["time"], case["event"], renamed)
    assert again.chi_squared == pytest.approx(case["chi_squared"], rel=1e-10)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"time": [1, 2], "event": [1]}, "event has 1 values"),
        ({"time": [], "event": []}, "at least one value"),
        ({"time": [-1, 2], "event": [1, 0]}, r"time\[0\] is -1"),
        ({"time": [1, np.nan], "event": [1, 0]}, r"time\[1\] is nan"),
        ({"time": [1, 2], "event": [1, 2]}, r"event\[1\] is 2"),
        ({"time": [1, 2], "event": [1, 0], "weights": [1, 0]}, r"weights\[1\] is 0"),
        ({"time": [1, 2], "event": [1, 0], "entry": [0, 2]}, "entry must be before time"),
        ({"time": [1, 2], "event": [1, 0], "level": 95}, "level is 95"),
        ({"time": [1, 2], "event": [1, 0], "transform": "arcsin"}, "must be 'log', 'log-log' or 'plain'"),
        ({"time": [1, 2], "event": [1, 0], "variance": "exact"}, "must be 'greenwood' or 'robust'"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        kaplan_meier(**arguments)


def test_causes_and_groups_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match=r"cause\[1\] is 1.5"):
        cumulative_incidence([1, 2], [1, 1.5])
    with pytest.raises(ValueError, match="no event"):
        cumulative_incidence([1, 2], [0, 0])
    with pytest.raises(ValueError, match="at least two groups"):
        log_rank([1, 2], [1, 1], ["a", "a"])
    with pytest.raises(ValueError, match="cannot be compared"):
        log_rank([1, 1, 2], [0, 0, 1], ["a", "a", "b"])
