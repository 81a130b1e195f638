"""Stored charts screened on another day: what is taken over is what would be found again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from precollapse.chart.model import Chart
from precollapse.screen.answers import Screener
from precollapse.screen.charts import from_store, to_store
from tests.facts.people import AS_OF, KNOWLEDGE, Person, chart_of, days_ago, oral
from tests.screen.people import alike, crowd

FOR_LIFE = {"concept": "sickle_cell_disease", "start": days_ago(3_000), "recorded": days_ago(3_000)}


def on_a_later_day(chart: Chart, days: int) -> int:
    """Compare both ways of answering; return how many patterns were taken over."""
    stored = from_store(to_store(chart, KNOWLEDGE, AS_OF))
    _, kept = Screener(KNOWLEDGE, AS_OF).screen_kept(stored, None)
    later = AS_OF + timedelta(days=days)
    taken_over, found = Screener(KNOWLEDGE, later).screen_kept(stored, kept)
    afresh, _ = Screener(KNOWLEDGE, later).screen_kept(stored, None)
    assert_frame_equal(taken_over, afresh)
    return int((found["found"] == kept["found"]).sum())


@settings(max_examples=12, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10_000), days=st.sampled_from((0, 1, 2, 13, 38, 91, 200, 365, 731)))
def test_a_later_day_gives_the_answers_that_would_be_found_anew(seed: int, days: int) -> None:
    on_a_later_day(crowd(40, seed), days)


@pytest.mark.slow
@pytest.mark.parametrize("days", [1, 30, 120, 400])
def test_thousands_of_patients_answer_alike_on_a_later_day(days: int) -> None:
    taken_over = on_a_later_day(alike(60, 20, seed=11), days)
    assert taken_over > 100, "something must be taken over, or nothing is shown"


@pytest.mark.parametrize(
    ("person", "days", "lasts"),
    [
        (Person(statements=[FOR_LIFE], fields={"sex": "female", "birth_date": days_ago(34 * 366)}), 30, True),
        (Person(doses=[oral(40.0, days_ago(30), None, ongoing=True)]), 1, False),
        (Person(left={"hip_dislocation": (True, 0.05)}), 1, False),
    ],
    ids=["a disease for life", "corticosteroids being taken", "within weeks of a dislocation"],
)
def test_a_pattern_lasts_where_nothing_moves(person: Person, days: int, lasts: bool) -> None:
    assert on_a_later_day(chart_of(person), days) == int(lasts)
