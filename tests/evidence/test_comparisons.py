"""Treatments compared: hazard ratios by hand, wider where studies were not randomised, nothing filled in."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from precollapse.evidence.fitted import EffectFitted, NetworkFitted
from precollapse.evidence.fitting.arms_compared import arms_used
from precollapse.evidence.fitting.comparisons import NetworkDraws, compare, stratified_normals
from precollapse.evidence.pairwise.effects import cloglog_incidence
from precollapse.evidence.table.model import Arm, SurvivalPoint
from precollapse.evidence.table.read import StudyTable, load
from tests.evidence.made_up import BASE, MODELS, arm, table, trial

SETTINGS = MODELS.comparisons
COLLAPSE = SETTINGS.outcomes["collapse"]
Z_95 = 1.959963984540054
DRAWS = 400
NONE, DRILL, DRUG = "no_treatment", "core_decompression", "bisphosphonate"


def compared(found: StudyTable) -> NetworkDraws:
    return compare(found, "collapse", COLLAPSE, SETTINGS, draws=DRAWS, seed=1)


def effect(network: NetworkFitted, treatment: str) -> EffectFitted:
    return next(one for one in network.effects if one.treatment == treatment)


def log_width(found: Any) -> float:
    return math.log(found.high / found.low)


def by_hand(events: int, n: int, versus_events: int, versus_n: int) -> tuple[float, float]:
    """Log hazard ratio from the events of two arms, and its variance by the delta method."""
    value, variance = 0.0, 0.0
    for count, size, sign in ((events, n, 1), (versus_events, versus_n, -1)):
        free = 1 - count / size
        value += sign * math.log(-math.log(free))
        variance += (1 - free) / (size * free * math.log(free) ** 2)
    return value, variance


TWO = (*trial("first", (NONE, 20, 40), (DRUG, 10, 40)), *trial("second", (NONE, 30, 60), (DRUG, 20, 58)))


def test_a_trial_gives_the_hazard_ratio_of_its_counts() -> None:
    (first, _) = compared(table(*TWO)).fitted.contrasts
    value, variance = by_hand(10, 40, 20, 40)
    assert (first.treatment, first.versus) == (DRUG, NONE)
    assert math.log(first.ratio.value) == pytest.approx(value)
    assert log_width(first.ratio) == pytest.approx(2 * Z_95 * math.sqrt(variance))


def test_two_trials_are_pooled_by_their_widened_variances() -> None:
    network = compared(table(*TWO)).fitted
    bias = SETTINGS.bias["random"].sd
    rows = [by_hand(10, 40, 20, 40), by_hand(20, 58, 30, 60)]
    weights = np.array([1 / (variance + bias**2 + network.tau**2) for _, variance in rows])
    expected = float(weights @ [value for value, _ in rows] / weights.sum())
    found = effect(network, DRUG)
    assert math.log(found.ratio.value) == pytest.approx(expected)
    assert log_width(found.ratio) == pytest.approx(2 * Z_95 / math.sqrt(weights.sum()))
    error = math.hypot(1 / math.sqrt(weights.sum()), network.tau)
    assert log_width(found.prediction) == pytest.approx(2 * Z_95 * error)


@pytest.mark.hazard("forecast-too-sure")
@pytest.mark.parametrize("allocation", ["alternate", "matched", "not allocated", "historical control"])
def test_what_was_not_randomised_is_wider_with_the_same_counts(allocation: str) -> None:
    told = {name: {"allocation": allocation} for name in ("first", "second")}
    random, other = compared(table(*TWO)), compared(table(*TWO, studies=told))
    for one, wider in zip(random.fitted.contrasts, other.fitted.contrasts, strict=True):
        assert one.ratio == wider.ratio
        assert wider.bias_sd > one.bias_sd
    for kind in ("ratio", "prediction"):
        parts = [getattr(effect(each.fitted, DRUG), kind) for each in (random, other)]
        assert log_width(parts[1]) > log_width(parts[0])
    assert other.draws[DRUG].std() > random.draws[DRUG].std()


def test_an_indirect_comparison_is_the_difference_of_two_direct_ones() -> None:
    network = compared(
        table(
            *trial("first", (NONE, 20, 40), (DRUG, 10, 40)), *trial("second", (NONE, 30, 60), (DRILL, 20, 58))
        )
    ).fitted
    between = next(one for one in network.league if {one.treatment, one.versus} == {DRUG, DRILL})
    sign = 1 if between.treatment == DRUG else -1
    expected = by_hand(10, 40, 20, 40)[0] - by_hand(20, 58, 30, 60)[0]
    assert math.log(between.ratio.value) == pytest.approx(sign * expected)
    assert between.studies == 0
    assert SETTINGS.certainty.says["indirect"] in between.certainty.reasons


def test_the_order_of_the_arms_changes_nothing() -> None:
    arms = {one.id: one for one in TWO}
    turned = [arms[name] for name in ("second:2", "second:1", "first:2", "first:1")]
    one, other = (effect(compared(table(*rows)).fitted, DRUG) for rows in (TWO, turned))
    assert other.ratio.value == pytest.approx(one.ratio.value, rel=1e-9)
    assert other.ratio.low == pytest.approx(one.ratio.low, rel=1e-9)


def test_trials_that_disagree_widen_what_the_next_patient_may_expect() -> None:
    alike = (
        *trial("first", (NONE, 100, 200), (DRUG, 60, 200)),
        *trial("second", (NONE, 100, 200), (DRUG, 60, 200)),
    )
    apart = (
        *trial("first", (NONE, 100, 200), (DRUG, 20, 200)),
        *trial("second", (NONE, 100, 200), (DRUG, 110, 200)),
    )
    one, other = (compared(table(*rows)).fitted for rows in (alike, apart))
    assert other.tau > one.tau > 0
    assert log_width(effect(other, DRUG).prediction) > log_width(effect(one, DRUG).prediction)


def test_names_of_one_treatment_are_counted_as_one() -> None:
    named = (
        *trial("first", ("placebo", 20, 40), ("alendronate", 10, 40)),
        *trial("second", ("nonoperative", 30, 60), ("zoledronate", 20, 58)),
    )
    network = compared(table(*named)).fitted
    assert network.treatments == (NONE, DRUG)
    assert effect(network, DRUG).ratio == effect(compared(table(*TWO)).fitted, DRUG).ratio


def test_a_study_of_one_treatment_under_two_names_compares_nothing() -> None:
    rows = (*TWO, *trial("third", ("placebo", 5, 20), ("nonoperative", 6, 20)))
    left = compared(table(*rows)).fitted.left_out
    assert {(one.row, one.why) for one in left} == {
        ("third:1", "no comparison"),
        ("third:2", "no comparison"),
    }


def test_treatments_that_no_chain_of_studies_ties_to_the_reference_are_named_and_not_ranked() -> None:
    rows = (*TWO, *trial("third", ("tantalum_rod", 8, 30), ("shock_waves", 5, 30)))
    network = compared(table(*rows)).fitted
    assert set(network.apart) == {"tantalum_rod", "shock_waves"}
    assert network.treatments == (NONE, DRUG)
    assert {one.study for one in network.contrasts} == {"first", "second", "third"}


# What is not used.
def used(*arms: Arm, survival: tuple[SurvivalPoint, ...] = ()) -> tuple[list[str], dict[str, str]]:
    kept, left = arms_used(table(*arms, survival=survival), COLLAPSE, SETTINGS)
    return [one.arm for one in kept], {one.row: one.why for one in left}


@pytest.mark.parametrize(("events", "n"), [(0, 20), (20, 20), (None, 20)])
def test_an_arm_without_events_or_with_events_only_is_left_out_and_not_corrected(
    events: int | None, n: int
) -> None:
    kept, left = used(arm("first:1", NONE, 8, 20), arm("first:2", DRUG, events, n))
    assert kept == []
    assert set(left) == {"first:1", "first:2"}
    assert set(left.values()) == {"no events in an arm, or all, or counts not seen"}


def test_an_excluded_row_is_left_out_with_its_reasons() -> None:
    excluded = arm("first:3", DRILL, 5, 20, exclude_pooling=("same hips", "endpoint unclear"))
    kept, left = used(*TWO[:2], excluded)
    assert kept == ["first:1", "first:2"]
    assert left == {"first:3": "same hips; endpoint unclear"}


def test_strata_and_other_outcomes_are_not_compared() -> None:
    rows = (
        *TWO[:2],
        arm("first:3", DRILL, 5, 20, role="stratum"),
        arm("first:4", DRILL, 5, 20, event="pain"),
    )
    assert used(*rows) == (["first:1", "first:2"], {})


@pytest.mark.hazard("series-taken-for-comparison")
def test_a_series_without_another_arm_is_no_comparison() -> None:
    kept, left = used(*TWO[:2], arm("alone:1", DRUG, 3, 90))
    assert kept == ["first:1", "first:2"]
    assert left == {"alone:1": "no comparison"}


def test_survival_with_its_limits_stands_in_for_counts() -> None:
    arms = (arm("first:1", NONE, 20, 40), arm("first:2", DRUG, None, 40))
    low, free, high = 0.5, 0.7, 0.83
    point = SurvivalPoint(row="first:2", years=2.0, survival=free, low=low, high=high, kind="kaplan-meier")
    kept, _ = arms_used(table(*arms, survival=(point,)), COLLAPSE, SETTINGS)
    found = next(one for one in kept if one.arm == "first:2")
    error = (math.log(-math.log(low)) - math.log(-math.log(high))) / (2 * Z_95)
    assert found.estimate == pytest.approx(math.log(-math.log(free)))
    assert found.variance == pytest.approx(error**2)
    assert used(*arms)[0] == []


# Draws.
def test_draws_have_the_mean_of_the_effect_and_the_spread_of_the_next_population() -> None:
    found = compared(table(*TWO))
    pooled = effect(found.fitted, DRUG)
    assert found.draws[DRUG].mean() == pytest.approx(math.log(pooled.ratio.value), abs=1e-9)
    spread = log_width(pooled.prediction) / (2 * Z_95)
    assert found.draws[DRUG].std() == pytest.approx(spread, rel=0.02)


def test_even_normals_fill_each_column_in_an_order_of_their_own() -> None:
    values = stratified_normals(np.random.default_rng(3), 1000, 2)
    assert np.array_equal(np.sort(values[:, 0]), np.sort(values[:, 1]))
    assert abs(np.corrcoef(values.T)[0, 1]) < 0.1
    assert values.std(axis=0) == pytest.approx([1.0, 1.0], abs=0.01)


@pytest.mark.hazard("unrepeatable")
def test_the_same_table_and_seed_give_the_same_draws() -> None:
    one, other = (compared(table(*TWO)) for _ in range(2))
    assert np.array_equal(one.draws[DRUG], other.draws[DRUG])
    assert one.fitted == other.fitted


# The table of the package.
@pytest.mark.parametrize("outcome", ["collapse", "replacement"])
def test_every_study_of_the_table_is_compared_or_left_out_with_a_reason(outcome: str) -> None:
    settings = SETTINGS.outcomes[outcome]
    network = compare(BASE, outcome, settings, SETTINGS, draws=DRAWS, seed=1).fitted
    rows = {
        one.id: one.study for one in BASE.arms.values() if one.event == settings.event and one.role == "arm"
    }
    compared_studies = {one.study for one in network.contrasts}
    left = {one.row for one in network.left_out}
    assert all(one.why for one in network.left_out)
    assert [row for row, study in rows.items() if row not in left and study not in compared_studies] == []
    for one in network.effects:
        assert one.ratio.low < one.ratio.value < one.ratio.high
        assert one.prediction.low < one.ratio.low
        assert one.certainty.reasons


def test_an_incidence_is_put_on_the_scale_of_hazards() -> None:
    estimate, variance = cloglog_incidence([0.25], [40])
    assert float(estimate[0]) == pytest.approx(math.log(-math.log(0.75)))
    assert float(variance[0]) == pytest.approx(0.25 / (40 * 0.75 * math.log(0.75) ** 2))


def test_a_ratio_printed_without_counts_enters_with_the_error_its_p_value_tells() -> None:
    outcome = SETTINGS.outcomes["replacement"]
    found = compare(load(), "replacement", outcome, SETTINGS, draws=DRAWS, seed=1).fitted
    (printed,) = [one for one in found.contrasts if one.study == outcome.reported[0].study]
    assert (printed.treatment, printed.versus) == ("decompression_cells", DRILL)
    assert (printed.events, printed.n) == (None, None)
    assert printed.ratio.value == pytest.approx(0.332)
    error = log_width(printed.ratio) / (2 * Z_95)
    assert 2 * norm.sf(abs(math.log(printed.ratio.value)) / error) == pytest.approx(0.042)
