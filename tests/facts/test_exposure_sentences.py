"""What a clinician expects of summed-up corticosteroids, one sentence a test."""

from __future__ import annotations

from datetime import timedelta
from math import inf
from typing import Any

import pytest

from precollapse.facts.build import Facts
from tests.facts.people import AS_OF, Person, days_ago, facts_of, oral, said, value

pytestmark = pytest.mark.pathway("C03", "T03")

CUMULATIVE = "prednisone_equivalent_cumulative_mg"
CURRENT = "prednisone_equivalent_current_mg_per_day"
PEAK = "prednisone_equivalent_peak_mg_per_day"
MEAN = "prednisone_equivalent_mean_mg_per_day"
ANY_3_MONTHS = "prednisone_equivalent_any_3_months_mg"
FIRST_3_MONTHS = "prednisone_equivalent_first_3_months_mg"


def taking(*doses: dict[str, Any]) -> Facts:
    return facts_of(Person(doses=doses))


def bounds(facts: Facts, name: str) -> tuple[float | None, float | None]:
    return value(facts, f"{name}.low"), value(facts, f"{name}.high")


def test_a_plain_course_adds_up() -> None:
    facts = taking(oral(20, days_ago(29), days_ago(0)))
    assert bounds(facts, CUMULATIVE) == (600, 600)
    assert bounds(facts, CURRENT) == (20, 20)
    assert said(facts, CUMULATIVE)["origin"] == "test"


def test_renewal_replaces_and_is_not_taken_twice() -> None:
    first = oral(20, days_ago(59), days_ago(0), order=1, kind="request")
    renewed = oral(20, days_ago(29), days_ago(0), order=2, kind="request")
    assert bounds(taking(first, renewed), CUMULATIVE) == (1200, 1200)


def test_change_of_dose_replaces_the_old_dose() -> None:
    facts = taking(oral(40, days_ago(59), days_ago(0), order=1), oral(10, days_ago(29), days_ago(0), order=2))
    assert bounds(facts, CURRENT) == (10, 10)
    assert bounds(facts, CUMULATIVE) == (30 * 40 + 30 * 10, 1500)


def test_long_order_resumes_when_a_short_course_ends() -> None:
    facts = taking(oral(5, days_ago(99), days_ago(0), order=1), oral(40, days_ago(49), days_ago(40), order=2))
    assert bounds(facts, CURRENT) == (5, 5)
    assert bounds(facts, CUMULATIVE) == (90 * 5 + 10 * 40, 850)


def test_20_mg_and_5_mg_tablets_begun_together_add_up() -> None:
    twenty = oral(20, days_ago(9), days_ago(0), order=1, product="20 mg tablets")
    five = oral(5, days_ago(9), days_ago(0), order=2, product="5 mg tablets")
    assert bounds(taking(twenty, five), CURRENT) == (25, 25)


def test_same_product_entered_twice_on_one_day_counts_once() -> None:
    twice = [oral(20, days_ago(9), days_ago(0), order=n) for n in (1, 2)]
    assert bounds(taking(*twice), CURRENT) == (20, 20)


def test_taper_ends() -> None:
    start = days_ago(100)
    steps = [
        oral(mg, start + timedelta(days=7 * n), start + timedelta(days=7 * n + 6), order=1)
        for n, mg in enumerate((40, 30, 20, 10, 5))
    ]
    facts = taking(*steps)
    assert bounds(facts, CUMULATIVE) == (7 * 105, 735)
    assert bounds(facts, PEAK) == (40, 40)
    assert bounds(facts, CURRENT) == (0, 0)


def test_mean_is_over_the_days_taken() -> None:
    facts = taking(
        oral(30, days_ago(300), days_ago(291), order=1), oral(10, days_ago(9), days_ago(0), order=2)
    )
    assert bounds(facts, MEAN) == (20, 20)


@pytest.mark.parametrize("route", ["local", "intra_articular_hip", "unknown"])
def test_inhaled_injected_and_unknown_routes_are_not_systemic(route: str) -> None:
    facts = taking(oral(500, days_ago(300), days_ago(0), route=route))
    assert said(facts, CUMULATIVE) == {}
    assert value(facts, "systemic_corticosteroid") is None


def test_methylprednisolone_counts_more_than_prednisone() -> None:
    facts = taking(oral(1000, days_ago(10), days_ago(8), ingredient="methylprednisolone"))
    assert bounds(facts, CUMULATIVE) == (3750, 3750)
    assert value(facts, "corticosteroid_pulse") is True


def test_completed_order_without_an_end_leaves_totals_unbounded() -> None:
    facts = taking(oral(20, days_ago(400), None, ongoing=False))
    assert bounds(facts, CUMULATIVE) == (20, inf)
    assert bounds(facts, ANY_3_MONTHS) == (20, inf)
    assert bounds(facts, PEAK) == (20, 20)
    assert said(facts, CUMULATIVE)["why_unknown"] == "unreadable"


@pytest.mark.parametrize(
    ("closer", "farther"),
    [
        ("administration", "dispense"),
        ("dispense", "statement"),
        ("statement", "request"),
        ("dispense", "request"),
    ],
)
def test_what_is_closer_to_the_mouth_wins(closer: str, farther: str) -> None:
    facts = taking(
        oral(15, days_ago(9), days_ago(0), kind=closer, order=1),
        oral(60, days_ago(5), days_ago(0), kind=farther, order=2),
    )
    assert bounds(facts, PEAK) == (15, 15)


def test_readable_order_beats_a_dispense_without_a_dose() -> None:
    facts = taking(
        oral(None, days_ago(9), days_ago(0), kind="dispense", order=1),
        oral(10, days_ago(9), days_ago(0), kind="request", order=2),
    )
    assert bounds(facts, CURRENT) == (10, 10)


def test_open_order_is_believed_for_a_year_and_unknown_afterwards() -> None:
    recent = taking(oral(10, days_ago(300), None, ongoing=True))
    assert bounds(recent, CURRENT) == (10, 10)
    old = taking(oral(10, days_ago(800), None, ongoing=True))
    assert bounds(old, CURRENT) == (0, 10)
    assert bounds(old, CUMULATIVE) == (366 * 10, 801 * 10)
    assert "nobody knows" in said(old, CURRENT)["note"]


def test_open_order_written_again_is_believed_from_then_on() -> None:
    facts = taking(oral(10, days_ago(800), None, ongoing=True, written=days_ago(100)))
    assert bounds(facts, CURRENT) == (10, 10)


def test_medicine_taken_as_needed_may_never_have_been_taken() -> None:
    facts = taking(oral(10, days_ago(99), days_ago(0), prn=True))
    assert bounds(facts, CUMULATIVE) == (0, 1000)
    assert value(facts, "systemic_corticosteroid") is None
    assert said(facts, "systemic_corticosteroid")["why_unknown"] == "provisional"


def test_dose_nobody_can_read_leaves_the_sum_without_an_upper_bound() -> None:
    problem = "no dose is given"
    facts = taking(
        oral(10, days_ago(99), days_ago(50), order=1),
        oral(None, days_ago(49), None, order=2, problem=problem),
    )
    assert bounds(facts, CUMULATIVE) == (500, inf)
    assert problem in said(facts, CUMULATIVE)["note"]


def test_three_month_window_holds_91_days() -> None:
    facts = taking(oral(10, days_ago(299), days_ago(0)))
    assert bounds(facts, FIRST_3_MONTHS) == (910, 910)
    assert bounds(facts, ANY_3_MONTHS) == (910, 910)


def test_densest_three_months_are_found_wherever_they_lie() -> None:
    facts = taking(
        oral(5, days_ago(900), days_ago(500), order=1), oral(60, days_ago(400), days_ago(370), order=2)
    )
    assert bounds(facts, FIRST_3_MONTHS) == (455, 455)
    assert bounds(facts, ANY_3_MONTHS) == (31 * 60, 1860)


def test_nothing_after_the_assessment_counts() -> None:
    running = oral(10, days_ago(9), days_ago(-90))
    planned = oral(60, days_ago(-1), days_ago(-30), order=2)
    facts = taking(running, planned)
    assert bounds(facts, CUMULATIVE) == (100, 100)
    assert bounds(facts, PEAK) == (10, 10)
    assert facts.future["origin"].to_list() == ["test"]


def test_first_and_last_day_are_facts() -> None:
    facts = taking(oral(10, days_ago(365), days_ago(100)))
    assert said(facts, "corticosteroid_first_date")["date_value"] == days_ago(365)
    assert said(facts, "corticosteroid_last_date")["date_value"] == days_ago(100)
    assert value(facts, "corticosteroid_first_date.years") == pytest.approx(365 / 365.25)


def test_somebody_who_never_had_corticosteroids_has_had_zero_milligrams() -> None:
    facts = facts_of(Person({"systemic_corticosteroid": False}))
    for name in (CUMULATIVE, CURRENT, PEAK, MEAN, ANY_3_MONTHS, FIRST_3_MONTHS):
        assert bounds(facts, name) == (0, 0)


def test_nobody_asked_about_corticosteroids_is_not_zero_milligrams() -> None:
    assert bounds(facts_of(Person()), CUMULATIVE) == (None, None)


def test_computed_dose_stands_before_a_stated_one_and_a_stated_one_before_nothing_readable() -> None:
    stated = {CUMULATIVE: 3000.0}
    readable = facts_of(Person(stated, doses=[oral(10, days_ago(9), days_ago(0))]))
    assert bounds(readable, CUMULATIVE) == (100, 100)
    unreadable = facts_of(Person(stated, doses=[oral(None, days_ago(9), days_ago(0))]))
    assert bounds(unreadable, CUMULATIVE) == (3000, 3000)


def test_assessment_day_itself_counts() -> None:
    assert bounds(taking(oral(25, AS_OF, AS_OF)), CURRENT) == (25, 25)
