"""How probabilities and other numbers are printed."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from precollapse.assessment.nodes import Interval
from precollapse.views import numbers
from tests.views.factory import estimate, interval


@pytest.mark.parametrize(
    ("probability", "printed"),
    [
        (0.3812, "38 %"),
        (0.0312, "3.1 %"),
        (0.1, "10 %"),
        (0.00009, "0.009 %"),
        (0.0000042, "< 0.001 %"),
        (0.0, "0 %"),
        (1.0, "100 %"),
        (0.9996, "> 99 %"),
        (0.9949, "99 %"),
        (math.nan, "unknown"),
    ],
)
def test_percent_has_no_false_precision(probability: float, printed: str) -> None:
    assert numbers.percent(probability) == printed


@given(st.floats(0, 1))
def test_percent_never_has_more_than_two_significant_figures(probability: float) -> None:
    digits = re.sub(r"\D", "", numbers.percent(probability).removeprefix("< 0.001").removeprefix("100"))
    assert len(digits.strip("0")) <= 2


@given(st.floats(1e-5, 0.99))
def test_percent_stays_within_a_rounding_of_the_probability(probability: float) -> None:
    printed = float(numbers.percent(probability).removesuffix(" %")) / 100
    assert printed == pytest.approx(probability, rel=0.5)


@pytest.mark.parametrize(
    ("probability", "printed"), [(0.00009, "1 in 11,000"), (0.004, "1 in 250"), (0.2, None), (0.0, None)]
)
def test_small_probabilities_are_also_said_as_one_in_so_many(probability: float, printed: str | None) -> None:
    assert numbers.one_in(probability) == printed


def test_an_estimate_without_an_interval_prints_no_value() -> None:
    assert numbers.estimate(estimate(0.38, None, None)) == "not estimated"


def test_an_estimate_prints_its_interval_beside_it() -> None:
    assert numbers.estimate(estimate(0.38, (0.02, 0.9), (0.12, 0.7))) == "38 % (12 to 70 %)"


def test_an_interval_without_a_value_is_still_shown() -> None:
    assert numbers.estimate(estimate(None, (0.001, 0.7))) == "between 0.1 and 70 %"


@given(st.none() | st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_every_printed_estimate_names_both_bounds(value: float | None, one: float, other: float) -> None:
    low, high = sorted((one, other))
    said = numbers.estimate(estimate(value, (low, high), (low, high)))
    assert numbers.span(interval(low, high)).replace(" to ", " and ") in said.replace(" to ", " and ")


def test_the_wider_interval_is_left_out_when_it_says_nothing_new() -> None:
    assert numbers.while_open(estimate(0.1, (0.05, 0.2), (0.05, 0.2))) is None
    assert numbers.while_open(estimate(0.1, (0.05, 0.2), (0.08, 0.12))) == "5 to 20 %"


@pytest.mark.parametrize(
    ("number", "printed"),
    [
        (40.0, "40"),
        (12345.678, "12,346"),
        (0.5, "0.5"),
        (1.25, "1.25"),
        (-3.0, "-3"),
        (math.inf, "unknown"),
        (0.0, "0"),
    ],
)
def test_measured_numbers_are_printed_as_people_write_them(number: float, printed: str) -> None:
    assert numbers.plain(number) == printed


def test_a_ratio_prints_its_interval_or_says_that_there_is_none() -> None:
    assert numbers.ratio(2.13, interval(1.31, 3.4)) == "× 2.1 (1.3 to 3.4)"
    assert numbers.ratio(2.0, None) == "× 2 (no interval given)"


def test_published_shares_and_yearly_rates_are_printed_in_percent() -> None:
    assert numbers.figure(0.093, interval(0.05, 0.15), "1") == "9.3 % (5 to 15 %)"
    assert numbers.figure(0.0005, interval(0.0001, 0.002), "/a") == "0.05 % a year (0.01 to 0.2 %)"
    assert numbers.figure(1.2, None, "ratio") == "1.2 ratio (no interval given)"


@pytest.mark.parametrize(
    ("ucum", "said"),
    [
        ("a", "years"),
        ("mg/d", "mg/day"),
        ("deg", "°"),
        ("1", ""),
        ("{score}", "score"),
        ("mL/min/{1.73_m2}", "mL/min/1.73 m²"),
        ("[GPL'U]/mL", "GPL/mL"),
        ("g/dL", "g/dL"),
        ("10*9/L", "10*9/L"),
    ],
)
def test_units_are_written_as_people_write_them(ucum: str, said: str) -> None:
    assert numbers.unit(ucum) == said


@pytest.mark.parametrize(("share", "printed"), [(None, ""), (0.83, "about 85 %"), (0.01, "less than 5 %")])
def test_shares_among_causes_are_rounded_because_they_are_no_measurement(
    share: float | None, printed: str
) -> None:
    assert numbers.share(share) == printed


def test_a_bound_of_an_open_interval_is_never_certain() -> None:
    assert numbers.span(interval(0.0, 1.0)) == "< 0.001 to > 99 %"
    assert numbers.span(interval(1.0, 1.0)) == "100 to 100 %"


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_span_is_one_percentage(one: float, other: float) -> None:
    said = numbers.span(Interval(low=min(one, other), high=max(one, other)))
    assert said.endswith(" %")
    assert " to " in said
