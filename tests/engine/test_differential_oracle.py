"""The posterior against pyAgrum, which was written by others and knows nothing of this engine."""

from __future__ import annotations

import numpy as np
import pytest

from precollapse.engine.differential import Pairs, posterior
from precollapse.engine.network import Network, network
from precollapse.knowledge.load import load

agrum = pytest.importorskip("tests.engine.agrum", reason="pyAgrum is not made for this platform")

CASES = 520
CLOSE = 1e-9


def random_pairs(net: Network, count: int, seed: int) -> Pairs:
    """Invent patients: any prior, any tie between the hips, any handful of findings."""
    random = np.random.default_rng(seed)
    size = len(net.diagnoses)
    both = random.uniform(0, 0.9, (count, size))
    both[:, net.rest] = 0.0
    share = random.uniform(0, 0.3, (count, 1, 1))

    def states(*shape: int) -> np.ndarray:
        known = random.uniform(size=shape) < share.reshape(count, *[1] * (len(shape) - 1))
        return np.where(known, random.choice([-1, 1], size=shape), 0).astype(np.int8)

    return Pairs(
        prior=random.dirichlet(np.full(size, 0.4), (count, 2)),
        pain=random.uniform(0.05, 20, (count, 2, size)),
        sd=np.zeros((count, 2, size)),
        both=both,
        hip_states=states(count, 2, len(net.hip.findings)),
        patient_states=states(count, len(net.patient.findings)),
    )


def test_the_posterior_of_both_hips_agrees_with_an_independent_program() -> None:
    net = network(load())
    pairs = random_pairs(net, CASES, seed=20261122)
    ours = posterior(net, pairs)
    worst = max(np.abs(ours[n] - agrum.posterior_of(net, pairs, n)).max() for n in range(CASES))
    assert worst < CLOSE
