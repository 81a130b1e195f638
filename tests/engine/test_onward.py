"""The early states advanced by quadrature against the whole chain advanced by matrix exponentials."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precollapse.engine.forecast_model import CHAIN, MOST_HAZARD
from precollapse.engine.multistate import Array, occupancy
from precollapse.engine.onward import later_states, occupancy_before

STEP, STEPS = 0.5, 20
DRAWS, OPTIONS = 5, 3
TRANSITIONS = len(CHAIN.transitions)
ONSET, COLLAPSE, AFTER = 0, 1, 2
# Sums of twenty products in each of twenty steps.
CLOSE = 1e-12


def both_ways(hazards: Array, start: Array, breaks: tuple[float, ...]) -> tuple[Array, Array]:
    """States by both methods; hazards (pieces, transitions, options, draws), the same ones after collapse."""
    whole_start = np.zeros((CHAIN.states, OPTIONS, DRAWS))
    whole_start[:2] = start[:, None]
    whole = occupancy(CHAIN, whole_start, hazards, breaks, STEP, STEPS)
    later = later_states(CHAIN, hazards[0, :, 0], STEP)
    early = occupancy_before(later, start, hazards[:, ONSET, 0], hazards[:, COLLAPSE], breaks, STEPS)
    return early, whole


def shared_after_collapse(hazards: Array) -> Array:
    """The same hazards, all but that of collapse alike for all options, those after it also for all time."""
    hazards[:, ONSET] = hazards[:, ONSET, :1]
    hazards[:, AFTER:] = hazards[:1, AFTER:, :1]
    return hazards


@given(st.integers(0, 10**6), st.sampled_from([(), (2.0, 5.0), (1.0, 2.0, 5.0), (2.0, 15.0)]))
def test_every_state_is_that_of_the_whole_chain(seed: int, breaks: tuple[float, ...]) -> None:
    random = np.random.default_rng(seed)
    shape = (len(breaks) + 1, TRANSITIONS, OPTIONS, DRAWS)
    hazards = shared_after_collapse(np.minimum(np.exp(random.normal(-1, 2, shape)), MOST_HAZARD))
    lesion = random.uniform(size=DRAWS)
    early, whole = both_ways(hazards, np.stack([1 - lesion, lesion]), breaks)
    np.testing.assert_allclose(early, whole, rtol=0, atol=CLOSE)


@pytest.mark.parametrize("hazard", [0.0, 1e-9, 0.3, MOST_HAZARD])
@pytest.mark.parametrize("other", [0.0, 1e-9, 0.3, MOST_HAZARD])
@pytest.mark.parametrize("lesion", [0.0, 0.4, 1.0])
def test_hazards_alike_none_and_the_largest_are_no_exception(
    hazard: float, other: float, lesion: float
) -> None:
    hazards = np.full((1, TRANSITIONS, OPTIONS, DRAWS), other)
    hazards[:, :AFTER] = hazard
    start = np.repeat([[1 - lesion], [lesion]], DRAWS, axis=1)
    early, whole = both_ways(hazards, start, ())
    np.testing.assert_allclose(early, whole, rtol=0, atol=CLOSE)


def test_without_onset_and_lesion_nobody_goes_on() -> None:
    hazards = np.ones((1, TRANSITIONS, OPTIONS, DRAWS))
    hazards[:, ONSET] = 0.0
    early, _ = both_ways(hazards, np.repeat([[1.0], [0.0]], DRAWS, axis=1), ())
    assert (early[:, 0] == 1).all()
    assert not early[:, 1:].any()
