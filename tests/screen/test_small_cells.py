"""Small counts cannot be worked out from what is shown, whatever the numbers are.

The attacker here knows all totals, what is shown, that "<k" is 1 to k - 1 and that any other hidden number
is at least k. The range left for a number is exact: what the total leaves when the others are at their ends.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from precollapse.screen.small_cells import hidden_groups, hidden_splits, shown
from precollapse.screen.summary_model import Count

NUMBERS = st.lists(st.integers(0, 40) | st.integers(0, 6), min_size=1, max_size=9)
LEAST = st.integers(2, 12)


def left(known: Sequence[tuple[float, float]], total: int, place: int) -> tuple[float, float]:
    """Return the range of one number when the others lie in their ranges and all sum to the total."""
    others = [one for number, one in enumerate(known) if number != place]
    low, high = known[place]
    return (
        max(low, total - sum(high for _, high in others)),
        min(high, total - sum(low for low, _ in others)),
    )


@given(NUMBERS, LEAST)
def test_a_small_group_could_still_be_of_any_small_size(numbers: list[int], least: int) -> None:
    hidden = hidden_groups(numbers, least)
    if hidden is None:
        return
    known: list[tuple[float, float]] = []
    for place, number in enumerate(numbers):
        one = shown(number, least, hide=place in hidden)
        known.append(
            (number, number) if one.value is not None else (1, least - 1) if one.below else (least, math.inf)
        )
    for place, number in enumerate(numbers):
        if 1 <= number < least:
            assert left(known, sum(numbers), place) == (1, least - 1)


@given(st.data(), NUMBERS, LEAST)
def test_few_with_or_without_an_action_could_still_be_any_few(
    data: st.DataObject, numbers: list[int], least: int
) -> None:
    flagged = [data.draw(st.integers(0, number)) for number in numbers]
    hidden = hidden_groups(numbers, least)
    split = None if hidden is None else hidden_splits(flagged, numbers, hidden, least)
    if hidden is None or split is None:
        return
    known: list[tuple[float, float]] = []
    for place, (number, all_) in enumerate(zip(flagged, numbers, strict=True)):
        one = shown(number, least, hide=place in split)
        small = (1, min(all_, least - 1))
        # Of the hidden groups this attacker knows everything.
        known.append(
            (number, number)
            if one.value is not None or place in hidden
            else small
            if one.below
            else (least, all_)
        )
    for place, (number, all_) in enumerate(zip(flagged, numbers, strict=True)):
        if place in hidden:
            continue
        low, high = left(known, sum(flagged), place)
        if 1 <= number < least:
            assert (low, high) == (1, least - 1)
        elif 1 <= all_ - number < least:
            assert low <= max(least, all_ - least + 1)
            assert high >= all_ - 1


@given(st.data(), NUMBERS, LEAST)
def test_those_of_the_hidden_groups_together_are_never_few(
    data: st.DataObject, numbers: list[int], least: int
) -> None:
    flagged = [data.draw(st.integers(0, number)) for number in numbers]
    hidden = hidden_groups(numbers, least)
    split = None if hidden is None else hidden_splits(flagged, numbers, hidden, least)
    if hidden is None or split is None:
        return
    for part in (flagged, [all_ - one for all_, one in zip(numbers, flagged, strict=True)]):
        assert not 1 <= sum(part[place] for place in hidden | split) < least


def test_nothing_is_hidden_when_nothing_is_small() -> None:
    assert hidden_groups([0, 5, 80], 5) == set()
    assert hidden_groups([1, 2, 3], None) == set()
    assert hidden_splits([5, 0, 20], [10, 7, 20], set(), 5) == set()


@pytest.mark.parametrize(("numbers", "hidden"), [([3, 70, 8, 900], {0, 2}), ([3, 5, 900, 9], {0, 1, 3})])
def test_as_few_and_as_small_numbers_as_possible_are_hidden_with_it(
    numbers: list[int], hidden: set[int]
) -> None:
    assert hidden_groups(numbers, 5) == hidden


def test_a_table_that_cannot_be_made_safe_is_withheld() -> None:
    assert hidden_groups([3, 5], 5) is None
    assert hidden_splits([3, 0], [50, 60], set(), 5) is None


def test_the_count_on_which_others_rest_is_hidden_last() -> None:
    assert hidden_groups([2, 20, 30], 5, spare=[1]) == {0, 2}


def test_a_hidden_count_holds_no_number() -> None:
    assert shown(4, 5) == Count(None, 5)
    assert shown(400, 5, hide=True) == Count(None, None)
    assert shown(0, 5) == Count(0)
