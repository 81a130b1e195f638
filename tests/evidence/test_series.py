"""Series without a comparison: events per hip and year, each hip counted once, never said to be certain."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precollapse.evidence.fitted import SeriesFitted
from precollapse.evidence.fitting.series import SeriesDraws, pool_series
from precollapse.evidence.pairwise.exact import exact_poisson
from precollapse.evidence.pairwise.sparse import pool_rates
from precollapse.evidence.table.model import Arm, SurvivalPoint
from tests.evidence.made_up import BASE, MODELS, arm, table

UNTREATED = MODELS.natural_history.untreated
DRILL = "core_decompression"
BEFORE = f"series: before collapse: {DRILL}"
Z_95 = 1.959963984540054


def pooled(*arms: Arm, draws: int = 400, **more: Any) -> dict[str, SeriesDraws]:
    found = table(*arms, **more)
    return pool_series(found, MODELS.series, MODELS.comparisons.certainty, UNTREATED, draws=draws, seed=1)


def series(name: str, events: int | None, n: int, years: float = 5.0, **fields: Any) -> Arm:
    given = {"event": "replacement", "follow_up_years": years} | fields
    return arm(name, given.pop("treatment", DRILL), events, n, **given)


def fitted(*arms: Arm, name: str = BEFORE, **more: Any) -> SeriesFitted:
    return pooled(*arms, **more)[name].fitted


FOUR = (series("a:1", 10, 40), series("b:1", 6, 30), series("c:1", 20, 50), series("d:1", 3, 25))


def test_one_series_has_the_rate_of_its_events_and_hip_years() -> None:
    found = fitted(series("a:1", 10, 40, 5.0))
    assert found.rate.value == pytest.approx(10 / 200)
    assert math.log(found.rate.high / found.rate.low) == pytest.approx(2 * Z_95 / math.sqrt(10))
    (row,) = found.rows
    low, high = exact_poisson([10.0], [200.0])
    assert (row.rate.low, row.rate.high) == (float(low[0]), float(high[0]))


def test_two_series_are_added_and_three_or_more_are_pooled_by_random_effects() -> None:
    two = fitted(*FOUR[:2])
    assert two.rate.value == pytest.approx(16 / 350)
    four = fitted(*FOUR)
    expected = pool_rates(np.array([10.0, 6, 20, 3]), np.array([200.0, 150, 250, 125]), interval="wald")
    assert math.log(four.rate.value) == pytest.approx(expected.estimate)
    assert (four.studies, four.hips, four.events) == (4, 145.0, 39.0)


@pytest.mark.hazard("forecast-too-sure")
def test_the_next_population_is_wider_than_the_pooled_rate() -> None:
    for rows in (FOUR[:1], FOUR):
        found = fitted(*rows)
        assert found.prediction.low < found.rate.low
        assert found.rate.high < found.prediction.high
        spread = math.log(found.prediction.high / found.prediction.low) / (2 * Z_95)
        assert spread > MODELS.series.bias.sd
        draws = pooled(*rows)[BEFORE].draws
        assert draws.std() == pytest.approx(spread, rel=0.02)
        assert draws.mean() == pytest.approx(math.log(found.rate.value), abs=1e-9)


@pytest.mark.hazard("forecast-too-sure")
def test_a_series_without_an_event_has_no_rate_of_zero_and_reaches_above_its_exact_limit() -> None:
    found = fitted(series("a:1", 0, 40, 5.0))
    _, exact = exact_poisson([0.0], [200.0])
    assert 0 < found.rate.low < found.rate.value < float(exact[0]) < found.rate.high
    assert found.events == 0


@pytest.mark.hazard("series-taken-for-comparison")
@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(30, 200)), min_size=1, max_size=5))
def test_however_many_series_there_are_certainty_stays_very_low(counts: list[tuple[int, int]]) -> None:
    found = fitted(*(series(f"s{number}:1", *count) for number, count in enumerate(counts)))
    assert found.certainty.level == "very low"
    assert MODELS.comparisons.certainty.says["series"] in found.certainty.reasons
    assert found.rate.low < found.rate.value < found.rate.high


# Which rows.
def test_the_same_hips_are_counted_once_and_the_other_row_is_named() -> None:
    told = {"a": {"cohort": "one"}, "b": {"cohort": "one"}}
    found = fitted(series("a:1", 10, 40), series("b:1", 12, 44), studies=told)
    assert [row.arm for row in found.rows] == ["a:1"]
    assert [(one.row, one.why) for one in found.left_out] == [("b:1", "same hips")]


def test_a_whole_arm_stands_before_its_strata_and_replacement_before_surgery() -> None:
    whole = fitted(series("a:1", 4, 15, role="stratum"), series("a:2", 10, 40))
    assert [row.arm for row in whole.rows] == ["a:2"]
    first = fitted(series("a:1", 14, 40, event="surgery"), series("a:2", 10, 40))
    assert [row.arm for row in first.rows] == ["a:2"]


def test_untreated_hips_are_no_series_of_a_treatment() -> None:
    assert pooled(series("a:1", 10, 40, treatment="no_treatment")) == {}


def test_stages_are_kept_apart_and_together_only_in_the_mixed_group() -> None:
    found = pooled(series("a:1", 10, 40), series("b:1", 20, 40, stage_group="collapsed"))
    studies = {name: {row.study for row in one.fitted.rows} for name, one in found.items()}
    assert studies == {
        BEFORE: {"a"},
        f"series: collapsed: {DRILL}": {"b"},
        f"series: mixed: {DRILL}": {"a", "b"},
    }


def test_a_row_that_must_not_be_pooled_is_left_out_with_its_reason() -> None:
    found = fitted(FOUR[0], series("b:1", 6, 30, exclude_pooling=("selected survivors",)))
    assert [(one.row, one.why) for one in found.left_out] == [("b:1", "selected survivors")]
    alone = fitted(series("a:1", 10, 40, exclude_pooling=("no controlled comparison",)))
    assert alone.studies == 1


def test_a_row_without_follow_up_is_left_out_and_no_time_is_made_up() -> None:
    missing = series("b:1", 6, 30, follow_up_years=None, follow_up_kind="unknown")
    assert [(one.row, one.why) for one in fitted(FOUR[0], missing).left_out] == [
        ("b:1", "events or follow-up not seen")
    ]


def test_survival_with_its_limits_gives_the_rate_and_the_events_its_interval_is_worth() -> None:
    point = SurvivalPoint(row="a:1", years=10.0, survival=0.8, low=0.65, high=0.89, kind="kaplan-meier", n=60)
    (row,) = fitted(series("a:1", None, 60), survival=(point,)).rows
    error = (math.log(-math.log(0.65)) - math.log(-math.log(0.89))) / (2 * Z_95)
    assert row.events == round(1 / error**2)
    assert row.rate.value == pytest.approx(-math.log(0.8) / 10)


def test_survival_without_limits_counts_its_events_at_a_constant_rate() -> None:
    point = SurvivalPoint(row="a:1", years=10.0, survival=0.8, kind="crude", n=60)
    (row,) = fitted(series("a:1", None, 60), survival=(point,)).rows
    assert row.events == 12
    assert row.rate.value == pytest.approx(-math.log(0.8) / 10)


def test_revisions_are_a_series_of_their_own() -> None:
    found = pooled(
        series("a:1", 4, 100, event="revision", treatment="total_hip_arthroplasty", stage_group="end stage")
    )
    assert "revision: collapsed: total_hip_arthroplasty" in found


def test_no_series_of_the_table_counts_a_cohort_twice() -> None:
    found = pool_series(BASE, MODELS.series, MODELS.comparisons.certainty, UNTREATED, draws=50, seed=1)
    assert len(found) > 30
    for name, one in found.items():
        cohorts = [BASE.studies[row.study].cohort or row.study for row in one.fitted.rows]
        assert len(cohorts) == len(set(cohorts)), name
        assert all(row.hip_years > 0 and math.isfinite(row.rate.high) for row in one.fitted.rows)
        assert np.isfinite(one.draws).all()
