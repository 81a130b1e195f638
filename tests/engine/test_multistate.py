"""The chain of states gives the probabilities that the matrix exponential gives, for every set of hazards."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import expm

from precollapse.engine import multistate
from precollapse.engine.multistate import Array, Chain, occupancy, transition_probabilities

# No lesion, before collapse, collapsed up to 2 mm, collapsed further, arthritis, replaced.
HIP = Chain(6, ((0, 1), (1, 2), (2, 3), (3, 4), (1, 5), (2, 5), (3, 5), (4, 5)))
ILLNESS_AND_DEATH = Chain(3, ((0, 1), (0, 2), (1, 2)))
LADDER = Chain(6, tuple((state, state + 1) for state in range(5)))
CLOSE = 1e-12
BEFORE_COLLAPSE = (0, 1, 0, 0, 0, 0)

hazards_of_a_hip = st.lists(
    st.one_of(st.sampled_from([0.0, 0.3, 50.0]), st.floats(1e-9, 60)), min_size=8, max_size=8
).map(np.array)


def generator(chain: Chain, hazards: Array) -> Array:
    """Return the matrix of hazards, written down plainly."""
    matrix = np.zeros((chain.states, chain.states))
    for hazard, (origin, target) in zip(hazards, chain.transitions, strict=True):
        matrix[origin, target] += hazard
        matrix[origin, origin] -= hazard
    return matrix


def plainly(
    chain: Chain, start: Array, hazards: Array, breaks: list[float], step: float, steps: int
) -> Array:
    """Return the probabilities of one set step by step with SciPy's exponential."""
    now = np.array(start, dtype=float)
    rows = [now]
    for number in range(steps):
        piece = sum(year <= number * step + 1e-6 for year in breaks)
        now = now @ expm(generator(chain, hazards[piece]) * step)
        rows.append(now)
    return np.array(rows)


def some_hazards(*shape: int, seed: int = 20260311) -> Array:
    return np.exp(np.random.default_rng(seed).normal(-2, 1.5, shape))


@given(hazards_of_a_hip, st.sampled_from([1 / 12, 0.5, 1.0, 3.0]))
def test_one_step_equals_the_matrix_exponential_of_scipy(hazards: Array, years: float) -> None:
    found = transition_probabilities(HIP, hazards, years)
    np.testing.assert_allclose(found, expm(generator(HIP, hazards) * years), rtol=0, atol=CLOSE)


@given(hazards_of_a_hip, st.sampled_from([1 / 12, 0.5, 3.0]))
def test_no_probability_is_negative_and_every_row_sums_to_one(hazards: Array, years: float) -> None:
    found = transition_probabilities(HIP, hazards, years)
    assert found.min() >= 0
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=0, atol=1e-14)


@pytest.mark.parametrize("hazard", [0.0, 1e-12, 0.25, 50.0, 1e5])
def test_equal_hazards_equal_the_matrix_exponential_of_scipy(hazard: float) -> None:
    """Formulas with differences of hazards below the line fail here; the series does not."""
    hazards = np.full(8, hazard)
    found = transition_probabilities(HIP, hazards, 0.5)
    np.testing.assert_allclose(found, expm(generator(HIP, hazards) * 0.5), rtol=0, atol=CLOSE)


def test_very_slow_and_very_fast_transitions_stand_in_one_chain() -> None:
    hazards = np.array([1e5, 1e-3, 1e5, 0.1, 0, 3, 1e-8, 1e-300])
    found = transition_probabilities(HIP, hazards, 0.5)
    np.testing.assert_allclose(found, expm(generator(HIP, hazards) * 0.5), rtol=0, atol=CLOSE)


def test_a_hip_without_hazards_stays_as_it_is() -> None:
    found = occupancy(HIP, BEFORE_COLLAPSE, np.zeros((1, 8)), (), 0.5, 40)
    np.testing.assert_array_equal(found, np.tile(np.array(BEFORE_COLLAPSE, dtype=float), (41, 1)))


@given(st.floats(1e-6, 50), st.sampled_from([0.25, 0.5, 1.0]))
def test_two_states_follow_the_exponential_law(hazard: float, step: float) -> None:
    found = occupancy(Chain(2, ((0, 1),)), (1, 0), [[hazard]], (), step, 20)
    stays = np.exp(-hazard * step * np.arange(21))
    np.testing.assert_allclose(found, np.stack([stays, 1 - stays], axis=1), rtol=0, atol=CLOSE)


@given(st.floats(0, 2), st.floats(0, 2), st.floats(6, 20))
def test_illness_and_death_follow_the_closed_form(ill: float, dies: float, dies_ill: float) -> None:
    years = 0.5 * np.arange(21)
    found = occupancy(ILLNESS_AND_DEATH, (1, 0, 0), [[ill, dies, dies_ill]], (), 0.5, 20)
    well = np.exp(-(ill + dies) * years)
    sick = ill / (dies_ill - ill - dies) * (well - np.exp(-dies_ill * years))
    expected = np.stack([well, sick, 1 - well - sick], axis=1)
    np.testing.assert_allclose(found, expected, rtol=0, atol=CLOSE)


@pytest.mark.parametrize("expected", [1e-8, 0.01, 0.125, 1.0, 25.0, 400.0])
def test_even_tiny_probabilities_are_right_in_all_their_digits(expected: float) -> None:
    """With equal hazards the number of transitions follows Poisson's law."""
    found = transition_probabilities(LADDER, np.full(5, expected), 1)[0, :5]
    poisson = [math.exp(-expected) * expected**count / math.factorial(count) for count in range(5)]
    np.testing.assert_allclose(found, poisson, rtol=1e-12)


def test_hazards_change_at_the_borders_for_every_set_of_a_batch() -> None:
    hazards = some_hazards(3, 8, 4, 5)
    start = np.random.default_rng(7).dirichlet(np.ones(6), (4, 5)).transpose(2, 0, 1)
    found = occupancy(HIP, start, hazards, (2, 5), 0.5, 40)
    assert found.shape == (41, 6, 4, 5)
    for option, draw in np.ndindex(4, 5):
        expected = plainly(HIP, start[:, option, draw], hazards[:, :, option, draw], [2, 5], 0.5, 40)
        np.testing.assert_allclose(found[:, :, option, draw], expected, rtol=0, atol=CLOSE)


def test_borders_in_tenths_of_a_year_fall_on_steps() -> None:
    hazards = some_hazards(2, 8)
    found = occupancy(HIP, BEFORE_COLLAPSE, hazards, (0.3,), 0.1, 10)
    expected = plainly(HIP, np.array(BEFORE_COLLAPSE), hazards, [0.3], 0.1, 10)
    np.testing.assert_allclose(found, expected, rtol=0, atol=CLOSE)


def test_pieces_after_the_last_step_change_nothing() -> None:
    hazards = some_hazards(3, 8)
    found = occupancy(HIP, BEFORE_COLLAPSE, hazards, (2, 30), 0.5, 8)
    np.testing.assert_array_equal(found, occupancy(HIP, BEFORE_COLLAPSE, hazards[:2], (2,), 0.5, 8))


def test_a_border_between_equal_hazards_changes_nothing() -> None:
    hazards = some_hazards(8)
    found = occupancy(HIP, BEFORE_COLLAPSE, [hazards, hazards], (2,), 0.5, 20)
    whole = occupancy(HIP, BEFORE_COLLAPSE, [hazards], (), 0.5, 20)
    np.testing.assert_allclose(found, whole, rtol=0, atol=CLOSE)


def test_half_years_and_months_agree() -> None:
    hazards = some_hazards(2, 8, 10)
    half_years = occupancy(HIP, BEFORE_COLLAPSE, hazards, (2,), 0.5, 10)
    months = occupancy(HIP, BEFORE_COLLAPSE, hazards, (2,), 1 / 12, 60)
    np.testing.assert_allclose(months[::6], half_years, rtol=0, atol=CLOSE)


def test_an_uncertain_start_is_the_mixture_of_its_certain_starts() -> None:
    hazards, shares = some_hazards(2, 8), np.array([0.1, 0.5, 0.2, 0.1, 0.05, 0.05])
    found = occupancy(HIP, shares, hazards, (2,), 0.5, 20)
    certain = [occupancy(HIP, one, hazards, (2,), 0.5, 20) for one in np.eye(6)]
    parts = np.tensordot(shares, certain, axes=1)
    np.testing.assert_allclose(found, parts, rtol=0, atol=CLOSE)


def test_one_start_for_all_equals_the_same_start_for_each() -> None:
    hazards = some_hazards(1, 8, 3)
    each = np.tile(np.array(BEFORE_COLLAPSE)[:, None], (1, 3))
    np.testing.assert_array_equal(
        occupancy(HIP, BEFORE_COLLAPSE, hazards, (), 0.5, 6),
        occupancy(HIP, each, hazards, (), 0.5, 6),
    )


@given(st.lists(hazards_of_a_hip, min_size=2, max_size=2))
def test_replaced_hips_only_become_more_and_healthy_hips_only_fewer(pieces: list[Array]) -> None:
    found = occupancy(HIP, (0.4, 0.3, 0.1, 0.1, 0.1, 0), pieces, (2,), 0.5, 40)
    assert (np.diff(found[:, 5]) >= -1e-14).all()
    assert (np.diff(found[:, 0]) <= 1e-14).all()
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=0, atol=CLOSE)
    assert found.min() >= 0


def test_a_replaced_hip_stays_replaced() -> None:
    found = occupancy(HIP, (0, 0, 0, 0, 0, 1), some_hazards(1, 8, 20), (), 0.5, 40)
    assert (found[:, 5] == 1).all()
    assert (found[:, :5] == 0).all()


def test_a_chain_may_end_in_several_states() -> None:
    """Competing ends share the leavers as their hazards do."""
    found = occupancy(Chain(3, ((0, 1), (0, 2))), (1, 0, 0), [[0.2, 0.6]], (), 1, 100)
    np.testing.assert_allclose(found[-1], [0, 0.25, 0.75], rtol=0, atol=CLOSE)


def test_every_set_gets_the_same_answer_alone_as_among_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fast and slow neighbours are doubled a different number of times; blocks are cut anywhere."""
    hazards = some_hazards(2, 8, 40) * np.geomspace(1e-4, 1e4, 40)
    hazards = np.minimum(hazards, 1e5)
    together = occupancy(HIP, BEFORE_COLLAPSE, hazards, (2,), 0.5, 12)
    for one in range(40):
        alone = occupancy(HIP, BEFORE_COLLAPSE, hazards[:, :, one], (2,), 0.5, 12)
        np.testing.assert_allclose(together[:, :, one], alone, rtol=0, atol=1e-15)
    monkeypatch.setattr(multistate, "BLOCK", 7)
    blocks = occupancy(HIP, BEFORE_COLLAPSE, hazards, (2,), 0.5, 12)
    np.testing.assert_allclose(blocks, together, rtol=0, atol=1e-15)


def test_batches_of_any_layout_and_size_are_taken() -> None:
    hazards = some_hazards(5, 4, 8, 2).transpose(3, 2, 0, 1)
    found = occupancy(HIP, BEFORE_COLLAPSE, hazards, (1,), 0.5, 4)
    copied = occupancy(HIP, BEFORE_COLLAPSE, np.ascontiguousarray(hazards), (1,), 0.5, 4)
    np.testing.assert_array_equal(found, copied)
    assert occupancy(HIP, BEFORE_COLLAPSE, np.ones((1, 8, 0)), (), 0.5, 4).shape == (5, 6, 0)
    assert transition_probabilities(HIP, np.ones((8, 2, 3)), 0.5).shape == (6, 6, 2, 3)


def test_what_is_given_is_left_as_it_was() -> None:
    hazards, start = some_hazards(2, 8, 3), np.tile(np.eye(6)[1][:, None], (1, 3))
    before = hazards.copy(), start.copy()
    occupancy(HIP, start, hazards, (2,), 0.5, 10)
    np.testing.assert_array_equal(hazards, before[0])
    np.testing.assert_array_equal(start, before[1])


def test_no_steps_give_the_start() -> None:
    found = occupancy(HIP, BEFORE_COLLAPSE, some_hazards(1, 8), (), 0.5, 0)
    np.testing.assert_array_equal(found, [BEFORE_COLLAPSE])


@pytest.mark.parametrize(
    ("states", "transitions", "message"),
    [
        (0, (), "at least 1 state"),
        (3, ((1, 0),), r"transitions\[0\] is \(1, 0\).*higher number"),
        (3, ((0, 1), (2, 2)), r"transitions\[1\] is \(2, 2\)"),
        (3, ((0, 3),), "numbered from 0 to 2"),
        (3, ((0, 1), (0, 1)), "given before"),
    ],
)
def test_a_chain_that_goes_back_or_repeats_itself_is_refused(
    states: int, transitions: tuple[tuple[int, int], ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Chain(states, transitions)


def with_one(value: float) -> Array:
    hazards = np.full((2, 8, 3), 0.1)
    hazards[1, 4, 2] = value
    return hazards


@pytest.mark.parametrize(
    ("hazards", "message"),
    [
        (np.ones((2, 7, 3)), r"shape \(2, 7, 3\).*8 transitions"),
        (np.ones(8), r"shape \(8,\)"),
        (with_one(-0.1), r"hazards\[1, 4, 2\] is -0.1 per year"),
        (with_one(math.nan), r"hazards\[1, 4, 2\] is nan"),
        (with_one(math.inf), r"hazards\[1, 4, 2\] is inf"),
        (with_one(1e9), "check the unit"),
        (np.ones((3, 8, 3)), "1 borders, hazards has 3 pieces"),
    ],
)
def test_hazards_that_are_none_are_refused_with_their_place(hazards: Array, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        occupancy(HIP, BEFORE_COLLAPSE, hazards, (2,), 0.5, 10)


@pytest.mark.parametrize(
    ("start", "message"),
    [
        (np.ones(5) / 5, r"start has shape \(5,\).*\(6, 3\)"),
        (np.ones((6, 2)) / 6, r"start has shape \(6, 2\)"),
        ([0.5, 0.6, -0.1, 0, 0, 0], r"start\[2\] is -0.1"),
        ([math.nan, 1, 0, 0, 0, 0], r"start\[0\] is nan"),
        ([0.5, 0.4, 0, 0, 0, 0], "must sum to 1"),
    ],
)
def test_starts_that_are_no_probabilities_are_refused(start: Array, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        occupancy(HIP, start, with_one(0.1), (2,), 0.5, 10)


@pytest.mark.parametrize("border", [0.0, -1.0, 0.7, 2.0000001, math.nan, math.inf])
def test_borders_that_fall_between_steps_are_refused(border: float) -> None:
    with pytest.raises(ValueError, match=r"breaks_years\[0\].*whole steps of 0.5 years"):
        occupancy(HIP, BEFORE_COLLAPSE, with_one(0.1), (border,), 0.5, 10)


def test_borders_that_do_not_ascend_are_refused() -> None:
    with pytest.raises(ValueError, match=r"breaks_years\[1\] is 2"):
        occupancy(HIP, BEFORE_COLLAPSE, np.ones((3, 8)), (2, 2), 0.5, 10)


@pytest.mark.parametrize("step", [0.0, -0.5, math.nan, math.inf])
def test_steps_without_a_length_are_refused(step: float) -> None:
    with pytest.raises(ValueError, match="finite number above 0"):
        occupancy(HIP, BEFORE_COLLAPSE, np.ones((1, 8)), (), step, 10)


def test_fewer_than_no_steps_are_refused() -> None:
    with pytest.raises(ValueError, match="steps is -1"):
        occupancy(HIP, BEFORE_COLLAPSE, np.ones((1, 8)), (), 0.5, -1)


def test_a_chain_without_transitions_stays_where_it_started() -> None:
    found = occupancy(Chain(2, ()), (0.3, 0.7), np.ones((1, 0, 4)), (), 1, 3)
    np.testing.assert_array_equal(found, np.broadcast_to(np.array([0.3, 0.7])[:, None], (4, 2, 4)))
