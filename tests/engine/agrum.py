"""The same network in pyAgrum, an independent program, built from the engine's own figures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyagrum

from precollapse.engine.differential import Pairs
from precollapse.engine.network import Layer, Network

SIDES = ("left", "right")


def posterior_of(net: Network, pairs: Pairs, number: int = 0) -> Any:
    """Return the probability of each diagnosis of both hips of one patient (2, K), computed by pyAgrum."""
    bayes = network_of(net, pairs, number)
    inference = pyagrum.LazyPropagation(bayes)
    inference.setEvidence(evidence_of(net, pairs, number))
    for place, side in enumerate(SIDES):
        weights = pairs.pain[number, place]
        inference.addEvidence(side, (weights / weights.max()).tolist())
    inference.makeInference()
    return np.array([inference.posterior(side).toarray() for side in SIDES])


def evidence_of(net: Network, pairs: Pairs, number: int = 0) -> dict[str, int]:
    """Return what was found, by node."""
    evidence = {
        f"{side}:{name}": int(state > 0)
        for place, side in enumerate(SIDES)
        for name, state in zip(net.hip.findings, pairs.hip_states[number, place], strict=True)
        if state
    }
    return evidence | {
        name: int(state > 0)
        for name, state in zip(net.patient.findings, pairs.patient_states[number], strict=True)
        if state
    }


def network_of(net: Network, pairs: Pairs, number: int = 0) -> Any:
    """Build the network of one patient; the two hips are tied by a table of all pairs of diagnoses.

    Findings that nobody looked for are left out: what is not known tells nothing, which is what is tested.
    """
    size = len(net.diagnoses)
    bayes = pyagrum.BayesNet()
    for side in SIDES:
        bayes.add(pyagrum.LabelizedVariable(side, side, size))
    joint = _joint(pairs.prior[number, 0], pairs.prior[number, 1], pairs.both[number])
    left = joint.sum(axis=1)
    bayes.addArc(*SIDES)
    bayes.cpt("left").fillWith(left.tolist())
    given_left = np.where(left[:, None] > 0, joint / np.maximum(left, 1e-300)[:, None], 1 / size)
    bayes.cpt("right")[:] = given_left
    for place, side in enumerate(SIDES):
        _add_layer(bayes, net.hip, (side,), f"{side}:", pairs.hip_states[number, place])
    _add_layer(bayes, net.patient, SIDES, "", pairs.patient_states[number])
    return bayes


def _joint(left: Any, right: Any, both: Any) -> Any:
    """The tie between two hips, written out diagnosis by diagnosis as docs/methods/diagnosis.md gives it."""
    size = len(left)
    together = np.zeros(size)
    for k in range(size):
        if both[k] > 0:
            wanted = both[k] * (left[k] + right[k]) / (1 + both[k])
            together[k] = min(max(wanted, left[k] * right[k]), left[k], right[k])
    alone_left, alone_right = left - together, right - together
    joint = np.outer(alone_left, alone_right) / max(alone_left.sum(), 1e-300)
    return joint + np.diag(together)


def _add_layer(bayes: Any, layer: Layer, parents: tuple[str, ...], prefix: str, states: Any) -> None:
    known = np.flatnonzero(states)
    for number in sorted({int(layer.sign_of[n]) for n in known} - {-1}):
        _add_child(bayes, f"{prefix}sign {layer.signs[number]}", parents, layer.sign_given.p[number])
    for number in known:
        name, sign = f"{prefix}{layer.findings[number]}", int(layer.sign_of[number])
        if sign < 0:
            _add_child(bayes, name, parents, layer.given.p[number])
            continue
        bayes.add(pyagrum.LabelizedVariable(name, name, 2))
        bayes.addArc(f"{prefix}sign {layer.signs[sign]}", name)
        absent, present = layer.if_no_sign.p[number], layer.if_sign.p[number]
        bayes.cpt(name)[:] = [[1 - absent, absent], [1 - present, present]]


def _add_child(bayes: Any, name: str, parents: tuple[str, ...], p: Any) -> None:
    """Add a yes or no that depends on one diagnosis, or on the larger of two."""
    bayes.add(pyagrum.LabelizedVariable(name, name, 2))
    for parent in parents:
        bayes.addArc(parent, name)
    larger = p if len(parents) == 1 else np.maximum(p[:, None], p[None, :])
    bayes.cpt(name)[:] = np.stack([1 - larger, larger], axis=-1)
