"""Effect sizes equal ``escalc`` of metafor; studies without events are not corrected in secret."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precollapse.evidence.pairwise import effects
from precollapse.evidence.pairwise.arms import Effect

ORACLE = json.loads((Path(__file__).parent / "oracle" / "pairwise.json").read_text(encoding="utf-8"))
TWO_ARMS: dict[str, Callable[..., Effect]] = {
    "RR": effects.log_risk_ratio,
    "OR": effects.log_odds_ratio,
    "RD": effects.risk_difference,
}
ONE_ARM: dict[str, Callable[..., Effect]] = {
    "PLO": effects.logit_proportion,
    "IRLN": effects.log_rate,
}
arm = st.integers(2, 500).flatmap(lambda n: st.tuples(st.integers(1, n - 1), st.just(n)))


def assert_equal(found: Effect, reference: dict[str, Any]) -> None:
    for values, name in zip(found, ("yi", "vi"), strict=True):
        np.testing.assert_allclose(values, np.array(reference[name], dtype=float), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("data", ORACLE["effects"], ids=lambda one: one["name"])
@pytest.mark.parametrize("measure", TWO_ARMS)
def test_the_effect_of_two_arms_equals_metafor_with_half_an_event_added(
    data: dict[str, Any], measure: str
) -> None:
    arms = [data[name] for name in ("events_1", "n_1", "events_0", "n_0")]
    assert_equal(TWO_ARMS[measure](*arms, add=0.5), data[f"{measure}_added"])


@pytest.mark.parametrize("data", ORACLE["effects"], ids=lambda one: one["name"])
@pytest.mark.parametrize("measure", ["RR", "OR"])
def test_without_a_correction_studies_without_events_have_no_ratio(
    data: dict[str, Any], measure: str
) -> None:
    arms = [data[name] for name in ("events_1", "n_1", "events_0", "n_0")]
    assert_equal(TWO_ARMS[measure](*arms), data[measure])


@pytest.mark.parametrize("data", ORACLE["effects"], ids=lambda one: one["name"])
@pytest.mark.parametrize("measure", ONE_ARM)
@pytest.mark.parametrize("add", [None, 0.5])
def test_the_proportion_and_rate_of_one_arm_equal_metafor(
    data: dict[str, Any], measure: str, add: float | None
) -> None:
    reference = data[measure if add is None else f"{measure}_added"]
    assert_equal(ONE_ARM[measure](data["events_1"], data["n_1"], add=add), reference)


@pytest.mark.parametrize(
    ("measure", "compute"),
    [("MD", effects.mean_difference), ("SMD", effects.standardised_mean_difference)],
)
def test_the_difference_of_means_equals_metafor(measure: str, compute: Callable[..., Effect]) -> None:
    means = ORACLE["means"]
    arms = [means[name] for name in ("mean_1", "sd_1", "n_1", "mean_0", "sd_0", "n_0")]
    assert_equal(compute(*arms), means[measure])


def test_a_risk_difference_without_an_event_in_either_arm_has_no_variance_and_is_not_given() -> None:
    estimate, variance = effects.risk_difference([0, 3], [40, 40], [0, 5], [42, 42])
    assert np.isnan(estimate[0]) and np.isnan(variance[0])
    assert estimate[1] == pytest.approx(3 / 40 - 5 / 42)


def test_a_known_hazard_ratio_is_found_again_at_any_horizon() -> None:
    survival = np.array([0.95, 0.8, 0.5, 0.1])
    estimate, _ = effects.log_hazard_ratio(1 - survival**0.6, 100, 1 - survival, 100)
    np.testing.assert_allclose(np.exp(estimate), 0.6, rtol=1e-12)


def test_the_variance_of_the_complementary_log_log_is_that_of_the_delta_method() -> None:
    share, people, step = 0.3, 50, 1e-6
    slope = (
        effects.cloglog_incidence(share + step, people)[0]
        - effects.cloglog_incidence(share - step, people)[0]
    ) / (2 * step)
    expected = slope**2 * share * (1 - share) / people
    assert effects.cloglog_incidence(share, people)[1] == pytest.approx(expected, rel=1e-8)


def test_a_hazard_ratio_needs_events_and_survivors_in_both_arms() -> None:
    estimate, variance = effects.log_hazard_ratio([0, 0.2, 0.2], 30, [0.1, 1, 0.4], 30)
    assert np.isnan(estimate).tolist() == np.isnan(variance).tolist() == [True, True, False]


def test_hedges_g_of_three_people_has_no_small_sample_factor_and_is_not_given() -> None:
    estimate, _ = effects.standardised_mean_difference(3, 1, 2, 1, 0, 1)
    assert np.isnan(estimate)


@given(arm, arm)
def test_exchanging_the_arms_turns_the_sign_and_keeps_the_variance(
    treated: tuple[int, int], control: tuple[int, int]
) -> None:
    for compute in TWO_ARMS.values():
        estimate, variance = compute(*treated, *control)
        turned, same = compute(*control, *treated)
        assert turned == pytest.approx(-estimate, abs=1e-12)
        assert same == pytest.approx(variance)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: effects.log_odds_ratio([1, 12], [9, 10], [1, 1], [9, 9]),
            r"events_1\[1\] is 12, .*exceed n_1",
        ),
        (lambda: effects.log_risk_ratio(-1, 10, 1, 10), "events_1 is -1, it must not be negative"),
        (lambda: effects.logit_proportion([1, 2], [0, 5]), r"n\[0\] is 0, it must be above 0"),
        (lambda: effects.log_rate([1, 2], [1, 2, 3]), r"shapes differ \(events \(2,\), person_time \(3,\)\)"),
        (lambda: effects.log_rate([1], [0]), r"person_time\[0\] is 0"),
        (lambda: effects.log_odds_ratio(0, 9, 1, 9, add=-0.5), "add is -0.5, it must be a number above 0"),
        (lambda: effects.cloglog_incidence(30, 10), "incidence is 30, it must lie between 0 and 1"),
        (lambda: effects.mean_difference(1, -1, 9, 1, 1, 9), "sd_1 is -1"),
        (lambda: effects.mean_difference(np.nan, 1, 9, 1, 1, 9), "mean_1 is nan, it must be a finite number"),
    ],
)
def test_an_impossible_report_is_refused_with_its_place(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
