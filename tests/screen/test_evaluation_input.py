"""Hostile input to the evaluation of screening, and small counts that are withheld."""

from __future__ import annotations

import json
import math
from datetime import datetime
from typing import Any

import msgspec
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precollapse.errors import InputError
from precollapse.screen.evaluation import evaluate_screening
from precollapse.screen.evaluation_model import Both, Estimate, ScreeningEvaluation
from precollapse.screen.evaluation_withheld import parts_shown
from tests.screen.evaluation_rows import INDEX, evaluated, person, population, tables


def no_number_is_broken(evaluation: ScreeningEvaluation) -> None:
    """JSON has no NaN: it would be written as null, so what comes back must be the same."""
    again = msgspec.json.decode(msgspec.json.encode(evaluation), type=ScreeningEvaluation)
    assert again == evaluation

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            for one in value.values():
                walk(one)
        elif isinstance(value, list | tuple):
            for one in value:
                walk(one)
        elif isinstance(value, float):
            assert math.isfinite(value)

    walk(msgspec.to_builtins(evaluation))
    json.dumps(msgspec.to_builtins(evaluation), default=str)


@pytest.mark.parametrize(
    "people",
    [
        [],
        [person("a")],
        [person("a", flagged=True, diagnosed=3)],
        [person("a", seen=None)],
        [person(f"p{k}", flagged=k < 5) for k in range(50)],
        [person(f"p{k}", flagged=k < 5, risk=k / 50, diagnosed=9) for k in range(50)],
        [person(f"p{k}", flagged=k < 5, risk=None, diagnosed=9 if k % 2 else None) for k in range(50)],
        [person(f"p{k}", risk=k % 2, diagnosed=9 if k % 3 else None) for k in range(50)],
        [person(f"p{k}", action=None, sex=None, age_years=None) for k in range(3)],
    ],
    ids=[
        "nobody",
        "one",
        "one case",
        "one lost",
        "no cases",
        "all cases",
        "no risks",
        "risks of 0 and 1",
        "bare",
    ],
)
@pytest.mark.parametrize("least_cell", [None, 5])
def test_strange_data_give_null_and_no_error(people: list[Any], least_cell: int | None) -> None:
    found = evaluated(*people, least_cell=least_cell)
    no_number_is_broken(found)
    if least_cell is None:
        assert found.funnel.patients == len(people)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.booleans(),
            st.none() | st.sampled_from([0.0, 0.001, 0.1, 0.1, 0.5, 1.0]),
            st.none() | st.integers(-10, 500),
            st.none() | st.integers(-10, 500),
            st.none() | st.integers(-10, 500),
            st.sampled_from(["female", "male", None]),
        ),
        max_size=25,
    ),
    st.sampled_from([None, 3, 10]),
)
def test_whatever_is_recorded_the_parts_add_up_and_no_number_is_broken(rows: Any, least: int | None) -> None:
    people = [
        person(f"p{k}", flagged=f, risk=r, diagnosed=d, seen=s, deceased=x, sex=sex)
        for k, (f, r, d, s, x, sex) in enumerate(rows)
    ]
    found = evaluated(*people).funnel
    parts = found.diagnosed, found.died, found.event_free, found.lost
    assert sum(part or 0 for part in parts) == found.evaluated
    assert (found.evaluated or 0) + (found.diagnosed_before or 0) + (found.dead_before or 0) == len(rows)
    no_number_is_broken(evaluated(*people, least_cell=least))


@pytest.mark.parametrize("column", ["patient", "sex", "age_years", "action", "cause", "as_of", "risk_1_year"])
def test_a_missing_column_of_the_screening_is_named(column: str) -> None:
    predictions, outcomes = tables([person("a")])
    with pytest.raises(InputError, match=rf"predictions: the column '{column}' is missing"):
        evaluate_screening(predictions.drop(column), outcomes, horizon_years=1.0)


@pytest.mark.parametrize("column", ["patient", "diagnosed", "last_seen", "deceased"])
def test_a_missing_column_of_the_outcomes_is_named(column: str) -> None:
    predictions, outcomes = tables([person("a")])
    with pytest.raises(InputError, match=rf"outcomes: the column '{column}' is missing"):
        evaluate_screening(predictions, outcomes.drop(column), horizon_years=1.0)


def test_a_patient_named_twice_is_refused_without_printing_the_id() -> None:
    predictions, outcomes = tables([person("secret-id"), person("secret-id")])
    for left, right, where in (
        (predictions, outcomes.head(1), "predictions"),
        (predictions.head(1), outcomes, "outcomes"),
    ):
        with pytest.raises(InputError, match=f"{where}, column patient: 1 rows repeat an id") as caught:
            evaluate_screening(left, right, horizon_years=1.0)
        assert "secret-id" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"risk_1_year": pl.lit(1.2)}, "risk_1_year: is no probability in 1 rows"),
        ({"risk_1_year": pl.lit(math.nan)}, "risk_1_year: is no probability"),
        ({"risk_1_year": pl.lit("high")}, "risk_1_year: is String; numbers are needed"),
        ({"action": pl.lit("operate")}, "action: holds something else in 1 rows"),
        ({"as_of": pl.lit(None, pl.Date)}, "as_of: is empty in 1 rows"),
        ({"as_of": pl.lit("2018-01-01")}, "as_of: is String; dates are needed"),
        ({"patient": pl.lit(None, pl.String)}, "patient: is empty in 1 rows"),
    ],
)
def test_values_that_mean_nothing_are_refused(change: dict[str, pl.Expr], says: str) -> None:
    predictions, outcomes = tables([person("a")])
    with pytest.raises(InputError, match=says):
        evaluate_screening(predictions.with_columns(**change), outcomes, horizon_years=1.0)


@pytest.mark.parametrize(
    "options",
    [
        {"horizon_years": 0.0},
        {"horizon_years": math.inf},
        {"flagged_actions": ("scan",)},
        {"flagged_actions": ()},
        {"age_bands": (40.0, 18.0)},
        {"risk_column": "age_years"},
        {"risk_groups": 0},
        {"least_cell": 0},
        {"least_cases": 0},
    ],
    ids=str,
)
def test_options_out_of_range_are_refused_by_name(options: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=next(iter(options))):
        evaluate_screening(*tables([person("a")]), **({"horizon_years": 1.0} | options))


def test_times_of_day_and_columns_without_any_date_are_read() -> None:
    predictions, outcomes = tables([person("a", diagnosed=None, seen=None)])
    nothing = outcomes.with_columns(diagnosed=None, last_seen=None, deceased=None)
    timed = predictions.with_columns(as_of=pl.lit(datetime(2018, 1, 1, 13, 30)))
    found = evaluate_screening(timed, nothing, horizon_years=1.0)
    assert found.index_from == found.index_to == INDEX
    assert found.funnel.lost == 1


def test_patients_without_a_row_of_outcomes_are_lost_and_strangers_are_counted() -> None:
    predictions, outcomes = tables([person("a"), person("b")])
    strangers = outcomes.with_columns(patient=pl.col("patient").replace({"b": "z"}))
    found = evaluate_screening(predictions, strangers, horizon_years=1.0).funnel
    assert (found.event_free, found.lost, found.never_followed) == (1, 1, 1)
    assert found.outcomes_without_prediction == 1


def test_small_counts_and_what_gives_them_away_are_withheld() -> None:
    predictions, outcomes = population(1500)
    found = evaluate_screening(predictions, outcomes, horizon_years=1.0, least_cell=15)

    def counts(value: Any) -> list[int]:
        if isinstance(value, msgspec.Struct):
            fields = [
                f for f in value.__struct_fields__ if f not in ("comparisons", "least_cases", "clipped")
            ]
            return [n for name in fields if name != "least_cell" for n in counts(getattr(value, name))]
        if isinstance(value, tuple):
            return [n for one in value for n in counts(one)]
        return [value] if isinstance(value, int) and not isinstance(value, bool) else []

    assert [n for n in counts(found) if 0 < n < 15] == []
    for dimension in ("sex", "age", "cause"):
        for name in ("n", "lost", "cases", "flagged"):
            values = [getattr(one, name) for one in found.subgroups if one.dimension == dimension]
            assert values.count(None) != 1  # a single gap could be worked out from the total


def test_figures_that_rest_on_a_withheld_count_are_withheld_too() -> None:
    people = [
        person(f"p{k}", flagged=k < 40, risk=k / 100, diagnosed=9 if k < 3 else None) for k in range(99)
    ]
    found = evaluated(*people, least_cell=10)
    assert found.flagging.true_positives is None
    assert found.flagging.sensitivity == Both(counted=Estimate(withheld=True))
    assert found.lead_time.n is None and found.lead_time.median_days is None
    assert found.probabilities.auc.counted.value is None
    assert found.decision_curve == ()
    assert found.flagging.flagged == 40


@given(st.lists(st.integers(0, 30), min_size=2, max_size=6), st.integers(2, 10))
def test_a_withheld_part_cannot_be_worked_out_from_the_total(counts: list[int], least: int) -> None:
    shown = parts_shown(counts, least)
    hidden = [count for count, one in zip(counts, shown, strict=True) if not one]
    assert not any(0 < count < least for count, one in zip(counts, shown, strict=True) if one)
    others = [count for count, one in zip(counts, shown, strict=True) if one and count > 0]
    assert not hidden or not others or (len(hidden) > 1 and sum(hidden) >= least)


def test_a_count_that_tells_a_small_one_of_its_subgroup_is_withheld_with_a_second_one() -> None:
    people = [
        person(f"{sex}{k}", sex=sex, flagged=k < flagged, risk=0.1, diagnosed=9 if k < cases else None)
        for sex, flagged, cases in (("female", 40, 43), ("male", 30, 50))
        for k in range(200)
    ]
    women, men = (one for one in evaluated(*people, least_cell=10).subgroups if one.dimension == "sex")
    # 3 women were diagnosed without a flag: found women are withheld, and men, who would give them away.
    assert (women.cases, women.found, men.found) == (43, None, None)
    assert women.sensitivity.counted.withheld and men.sensitivity.counted.withheld
