"""What a test is worth against pyAgrum, which enters every possible result and infers anew."""

from __future__ import annotations

import numpy as np
import pytest

from precollapse.engine.network import Layer, network
from precollapse.engine.next_test import HipView, choices, values
from precollapse.knowledge.load import load

agrum = pytest.importorskip("tests.engine.agrum_one_hip", reason="pyAgrum is not made for this platform")

HIPS = 20
CLOSE = 1e-9
# A test of 15 findings has 32,768 joint results, which keep pyAgrum busy for long; the benchmark does it.
MOST_RESULTS = 64


def random_view(random: np.random.Generator) -> HipView:
    """Invent a hip: anything believed of it, some findings known, some not to be learned any more."""
    net = network(load())

    def states(layer: Layer) -> np.ndarray:
        known = random.uniform(size=len(layer.findings)) < random.uniform(0, 0.4)
        return np.where(known, random.choice([-1, 1], size=len(known)), 0).astype(np.int8)

    hip, patient = states(net.hip), states(net.patient)
    open_ = [(part == 0) & (random.uniform(size=len(part)) < 0.9) for part in (hip, patient)]
    return HipView(random.dirichlet(np.full(len(net.diagnoses), 0.4)), hip, patient, *open_)


def test_expected_gain_of_every_test_agrees_with_an_independent_program() -> None:
    net, choice = network(load()), choices(load())
    random = np.random.default_rng(20261122)
    compared = 0
    for _ in range(HIPS):
        view = random_view(random)
        ours = values(view, choice, net)
        for value, theirs in zip(ours, agrum.of_every_test(net, view, choice), strict=True):
            assert (value is None) == (theirs is None)
            if value is None:
                continue
            assert value.gain == pytest.approx(theirs.gain_at_once(choice.worth), abs=CLOSE)
            if 2 ** len(theirs.asked) <= MOST_RESULTS:
                compared += 1
                assert value.gain == pytest.approx(theirs.gain(choice.worth), abs=CLOSE)
    assert compared > 20 * HIPS


def test_answers_of_a_test_together_are_certain_and_average_to_what_is_believed_now() -> None:
    net, choice = network(load()), choices(load())
    random = np.random.default_rng(11)
    for _ in range(HIPS):
        view = random_view(random)
        for value in values(view, choice, net):
            if value is not None:
                assert sum(a.probability for a in value.answers) == pytest.approx(1)
                mean = sum(a.probability * a.p for a in value.answers)
                np.testing.assert_allclose(mean, view.p, atol=1e-12)
