"""The bars of a hip's picture."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from precollapse.views import picture
from tests.views.factory import estimate


def test_small_risks_are_drawn_on_a_logarithmic_scale_that_says_so() -> None:
    drawn = picture.bars([estimate(0.0001, (0.00002, 0.03))])
    assert drawn is not None
    assert drawn.scale == "logarithmic"
    assert drawn.ticks[0].label == "0.001 %"


def test_the_axis_begins_where_the_smallest_bound_needs_it() -> None:
    drawn = picture.bars([estimate(0.1, (0.004, 0.3))])
    assert drawn is not None
    assert [tick.label for tick in drawn.ticks] == ["0.1 %", "1 %", "10 %", "100 %"]


def test_large_risks_are_drawn_on_a_linear_scale() -> None:
    drawn = picture.bars([estimate(0.3, (0.1, 0.5))])
    assert drawn is not None
    assert drawn.scale == "linear"
    assert drawn.bars[0].point == pytest.approx(picture.LEFT + 0.3 * (picture.RIGHT - picture.LEFT))


def test_nothing_is_drawn_without_an_interval() -> None:
    assert picture.bars([estimate(0.3, None, None)]) is None


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_bars_stay_on_the_axis_and_in_order(one: float, two: float, three: float) -> None:
    low, middle, high = sorted((one, two, three))
    drawn = picture.bars([estimate(middle, (low, high), (low, middle))])
    assert drawn is not None
    bar = drawn.bars[0]
    assert bar.point is not None
    assert picture.LEFT <= bar.low <= bar.point <= bar.high <= picture.RIGHT
