"""What screening would have done, measured against recorded diagnoses: who counts, and how."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from precollapse.screen.evaluation import THRESHOLDS, evaluate_screening
from precollapse.screen.evaluation_model import Both
from tests.screen.evaluation_rows import evaluated, person, population, tables


def everything(*people: Any) -> list[Any]:
    """Two flagged, one of them diagnosed; two not flagged, one of them diagnosed; and who else is given."""
    return [
        person("a", flagged=True, risk=0.2, diagnosed=100),
        person("b", flagged=True, risk=0.1),
        person("c", risk=0.05, diagnosed=300),
        person("d", risk=0.01),
        *people,
    ]


def test_each_patient_is_counted_in_one_place() -> None:
    found = evaluated(
        *everything(
            person("known already", flagged=True, diagnosed=0),
            person("known for years", diagnosed=-900),
            person("dead already", seen=-5, deceased=-3),
            person("dead later", deceased=200),
            person("lost", seen=150),
            person("never seen again", seen=-20),
            person("no end of records", seen=None),
            person("diagnosed after the horizon", diagnosed=366, seen=None),
        )
    ).funnel
    assert found.patients == 12
    assert (found.diagnosed_before, found.dead_before, found.evaluated) == (2, 1, 9)
    assert (found.diagnosed, found.died, found.event_free, found.lost) == (2, 1, 3, 3)
    assert found.never_followed == 2


@pytest.mark.parametrize(("days", "counts"), [(1, True), (365, True), (366, False)])
def test_a_case_is_diagnosed_after_the_index_date_and_up_to_the_horizon(days: int, counts: bool) -> None:
    assert evaluated(person("a", diagnosed=days)).funnel.diagnosed == int(counts)


def test_a_year_is_a_calendar_year_in_a_leap_year_too() -> None:
    one = {"as_of": date(2020, 1, 1)}
    rows = [
        (person("a", **one)[0], {"patient": "a", "diagnosed": date(2021, 1, 1), "last_seen": None}),
        (person("b", **one)[0], {"patient": "b", "diagnosed": None, "last_seen": date(2021, 1, 1)}),
        (person("c", **one)[0], {"patient": "c", "diagnosed": None, "last_seen": date(2020, 12, 31)}),
    ]
    found = evaluate_screening(*tables(rows), horizon_years=1.0).funnel
    assert (found.diagnosed, found.event_free, found.lost) == (1, 1, 1)


def test_a_flag_is_an_image_now_unless_the_user_says_otherwise() -> None:
    people = [
        person("a", action="mri_now"),
        person("b", action="radiograph_and_mri"),
        person("c", action="repeat_mri"),
        person("d", action="see_doctor"),
        person("e", action=None),
    ]
    assert evaluated(*people).flagging.flagged == 2
    wider = evaluated(*people, flagged_actions=("mri_now", "radiograph_and_mri", "repeat_mri"))
    assert wider.flagging.flagged == 3
    assert wider.funnel.without_action == 1
    assert wider.flagging.flagged_share.value == 0.75  # who has no action is not taken as not flagged


def test_sensitivity_predictive_value_and_numbers_needed_follow_from_the_four_cells() -> None:
    found = evaluated(*everything()).flagging
    cells = found.true_positives, found.false_positives, found.false_negatives, found.true_negatives
    assert cells == (1, 1, 1, 1)
    assert found.sensitivity.counted.value == found.specificity.counted.value == 0.5
    assert found.flagged_per_case.counted.value == 2
    assert found.cases_per_100_flagged.counted.value == 50
    assert found.cases_per_1000_screened.counted.value == 500
    assert found.found_per_1000_screened.counted.value == 250
    predictive, needed = found.positive_predictive_value.counted, found.flagged_per_case.counted
    assert predictive.low and predictive.high
    assert (needed.low, needed.high) == (1 / predictive.high, 1 / predictive.low)


def test_no_case_among_the_flagged_leaves_the_number_needed_open_above() -> None:
    needed = evaluated(*(person(f"p{k}", flagged=True) for k in range(30))).flagging.flagged_per_case.counted
    assert needed.value is None and needed.high is None
    assert needed.low is not None and 5 < needed.low < 30


def test_lost_patients_are_neither_cases_nor_free_of_disease() -> None:
    lost = [person(f"l{k}", flagged=True, seen=50) for k in range(2)]
    found = evaluated(*everything(*lost))
    predictive = found.flagging.positive_predictive_value
    assert predictive.counted.value == 0.5  # as if the two had not been there
    # Both left before the diagnosis of one of the two who stayed: the same share of four.
    assert predictive.weighted is not None and predictive.weighted.value == pytest.approx(0.5)
    late = [person(f"l{k}", flagged=True, seen=200) for k in range(2)]
    predictive = evaluated(*everything(*late)).flagging.positive_predictive_value
    # Both were still without diagnosis when one of four was diagnosed: a quarter.
    assert predictive.counted.value == 0.5
    assert predictive.weighted is not None and predictive.weighted.value == pytest.approx(0.25)


def test_who_died_without_a_diagnosis_can_no_longer_get_one() -> None:
    dead = [person(f"x{k}", flagged=True, deceased=50) for k in range(2)]
    predictive = evaluated(*everything(*dead)).flagging.positive_predictive_value
    assert predictive.counted.value == 0.25
    assert predictive.weighted is not None and predictive.weighted.value == pytest.approx(0.25)


def test_a_horizon_beyond_all_records_gives_no_weighted_figures() -> None:
    found = evaluated(
        person("a", diagnosed=100), person("b", seen=200), person("c", seen=300), horizon_years=5
    )
    assert found.weighting is None
    assert found.flagging.cases_per_1000_screened.weighted is None
    assert found.flagging.cases_per_1000_screened.counted.value == 1000


def test_a_patient_who_cannot_be_assessed_is_counted_and_never_taken_as_risk_0() -> None:
    found = evaluated(*everything(person("e", risk=None, diagnosed=10), person("f", risk=None)))
    assert found.funnel.without_risk == 2
    assert found.probabilities.n == 4
    assert found.probabilities == evaluated(*everything()).probabilities
    assert found.flagging.false_negatives == 2  # screening did not flag them, which is known


def test_the_risk_of_the_horizon_is_compared_unless_the_user_names_another() -> None:
    chosen = [evaluated(person("a"), horizon_years=years).risk_column for years in (1, 2.5, 5)]
    assert chosen == ["risk_1_year", "risk", "risk_5_years"]
    assert evaluated(person("a"), risk_column="risk_5_years").risk_column == "risk_5_years"


def test_lead_time_is_that_of_flagged_cases_only() -> None:
    days = [(f"p{k}", d) for k, d in enumerate((10, 20, 30, 40, 100))]
    found = evaluated(
        *(person(name, flagged=True, diagnosed=d) for name, d in days), person("missed", diagnosed=300)
    ).lead_time
    assert (found.n, found.lower_quartile_days, found.median_days, found.upper_quartile_days) == (
        5,
        20,
        30,
        40,
    )


def test_a_rule_that_flags_women_less_often_is_named() -> None:
    found = evaluate_screening(*population(bias=True), horizon_years=1.0)
    said = {(one.dimension, one.level, one.against, one.measure): one.higher for one in found.differences}
    assert said[("sex", "female", "male", "flagged_share")] is False
    assert said[("sex", "female", "male", "sensitivity")] is False
    assert all(one.here.value is not None and one.there.value is not None for one in found.differences)


def test_a_rule_that_treats_both_sexes_alike_names_no_difference() -> None:
    found = evaluate_screening(*population(), horizon_years=1.0)
    assert [one for one in found.differences if one.dimension == "sex"] == []
    assert found.comparisons > 10


def test_of_a_subgroup_with_fewer_than_5_cases_nothing_is_said() -> None:
    men = [person(f"m{k}", sex="male", flagged=True, diagnosed=5) for k in range(4)]
    women = [person(f"w{k}", diagnosed=5) for k in range(200)]
    found = evaluated(*men, *women)
    assert found.differences == ()
    assert "female" in {one.level for one in found.too_few}


def test_a_sex_that_is_not_recorded_is_a_group_of_its_own() -> None:
    levels = [one.level for one in evaluate_screening(*population(), horizon_years=1.0).subgroups]
    assert levels[:3] == ["female", "male", None]


def test_subgroups_of_one_kind_add_up_to_all() -> None:
    found = evaluate_screening(*population(), horizon_years=1.0)
    for dimension in ("sex", "age", "cause"):
        groups = [one for one in found.subgroups if one.dimension == dimension]
        assert sum(one.n or 0 for one in groups) == found.funnel.evaluated
        assert sum(one.cases or 0 for one in groups) == found.funnel.diagnosed
        assert sum(one.found or 0 for one in groups) == found.flagging.true_positives
    assert sum(one.n or 0 for one in found.probabilities.groups) == found.probabilities.n


def test_other_names_of_subgroups_change_no_total() -> None:
    predictions, outcomes = population(1500)
    turned = predictions.with_columns(
        pl.col("sex").replace({"female": "male", "male": "female"}), cause=pl.col("cause") + "_renamed"
    )
    one, other = (evaluate_screening(table, outcomes, horizon_years=1.0) for table in (predictions, turned))
    for part in ("funnel", "flagging", "probabilities", "decision_curve", "lead_time"):
        assert getattr(one, part) == getattr(other, part)


def test_the_order_of_the_rows_does_not_matter() -> None:
    predictions, outcomes = population(1500)
    one = evaluate_screening(predictions, outcomes, horizon_years=1.0)
    other = evaluate_screening(
        predictions.reverse(), outcomes.sample(fraction=1.0, shuffle=True, seed=3), horizon_years=1.0
    )
    assert one.funnel == other.funnel
    assert one.flagging.true_positives == other.flagging.true_positives
    assert one.probabilities.auc.counted.value == pytest.approx(other.probabilities.auc.counted.value)
    assert [g.cases for g in one.subgroups] == [g.cases for g in other.subgroups]


def test_risks_that_are_right_are_found_calibrated_although_a_quarter_was_lost() -> None:
    found = evaluate_screening(*population(20_000), horizon_years=1.0).probabilities
    weighted, counted = found.observed_over_expected.weighted, found.observed_over_expected.counted
    assert weighted is not None and weighted.low is not None and weighted.high is not None
    assert weighted.low < 1 < weighted.high
    assert counted.value is not None and weighted.value is not None and counted.value > weighted.value
    slope = found.slope.weighted
    assert slope is not None and slope.low is not None and slope.high is not None
    assert slope.low < 1 < slope.high


def test_without_loss_both_ways_of_counting_agree() -> None:
    predictions, outcomes = population(1500)
    all_seen = outcomes.with_columns(last_seen=pl.lit(date(2030, 1, 1)))
    found = evaluate_screening(predictions, all_seen, horizon_years=1.0)
    assert found.largest_weight == 1
    for name in ("sensitivity", "positive_predictive_value", "specificity"):
        pair: Both = getattr(found.flagging, name)
        assert pair.counted == pair.weighted


def test_the_decision_curve_reaches_from_a_tenth_of_a_percent_to_a_half() -> None:
    found = evaluate_screening(*population(1500), horizon_years=1.0).decision_curve
    assert (THRESHOLDS[0], THRESHOLDS[-1]) == (0.001, 0.5)
    assert list(THRESHOLDS) == sorted(set(THRESHOLDS))
    assert [one.threshold for one in found] == list(THRESHOLDS)
    lowest = found[0]
    assert lowest.model.value == pytest.approx(lowest.image_all, abs=2e-4)  # nearly all are above 0.1 %


def test_dates_that_contradict_each_other_are_counted() -> None:
    assert evaluated(person("a", diagnosed=200, deceased=100)).funnel.diagnosed_after_death == 1


def test_half_a_year_and_odd_spans_are_horizons_too() -> None:
    assert evaluated(person("a", diagnosed=181), horizon_years=0.5).funnel.diagnosed == 1
    assert evaluated(person("a", diagnosed=182), horizon_years=0.5).funnel.diagnosed == 0
    assert evaluated(person("a", diagnosed=110), horizon_years=0.3).funnel.diagnosed == 1
    assert evaluated(person("a", diagnosed=111), horizon_years=0.3).funnel.diagnosed == 0


def test_every_age_falls_into_the_band_that_its_name_says() -> None:
    ages = [17.9, 18.0, 39.9, 40.0, 64.9, 65.0]
    found = evaluated(*(person(f"p{k}", age_years=age) for k, age in enumerate(ages)))
    bands = {one.name: one.n for one in found.subgroups if one.dimension == "age"}
    assert bands == {"under 18": 1, "18 to under 40": 2, "40 to under 65": 2, "65 and over": 1}


def test_a_subgroup_of_everybody_has_the_figures_of_all() -> None:
    predictions, outcomes = population(1500)
    found = evaluate_screening(predictions.with_columns(sex=pl.lit("male")), outcomes, horizon_years=1.0)
    men = next(one for one in found.subgroups if one.dimension == "sex")
    assert men.sensitivity.counted == found.flagging.sensitivity.counted
    assert men.positive_predictive_value.counted == found.flagging.positive_predictive_value.counted
    assert men.observed_over_expected.counted == found.probabilities.observed_over_expected.counted
    assert men.flagged_share == found.flagging.flagged_share


def test_who_has_exactly_the_risk_of_the_threshold_is_imaged() -> None:
    found = evaluated(person("a", risk=0.05, diagnosed=9), person("b", risk=0.001)).decision_curve
    at = {one.threshold: one.model.value for one in found}
    assert (at[0.05], at[0.055]) == (0.5, 0.0)
