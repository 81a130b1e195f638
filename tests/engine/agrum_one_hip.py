"""What a test is worth for one hip, by pyAgrum: every joint result is entered and inferred anew.

The hip stands alone, as it does in ``engine/next_test.py``: what the other hip tells is already in what is
believed of this one, and findings of the whole patient are taken to come from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np
import pyagrum

from precollapse.engine.network import Layer, Network
from precollapse.engine.next_test import Choices, HipView

HIP = "diagnosis"


class OneHip:
    """The network of one hip with what is known entered, and what it infers for one test.

    Parameters
    ----------
    net, view
        The figures of the engine, and the hip.
    of_hip, of_patient
        The findings that the test shows; those that cannot be learned any more are left out.
    """

    def __init__(self, net: Network, view: HipView, of_hip: Any, of_patient: Any) -> None:
        open_hip, open_patient = of_hip[view.hip_open[of_hip]], of_patient[view.patient_open[of_patient]]
        self._view = view
        self._known = _known(net.hip, view.hip_states) | _known(net.patient, view.patient_states)
        self.asked = [net.hip.findings[n] for n in open_hip] + [net.patient.findings[n] for n in open_patient]
        self._bayes = pyagrum.BayesNet()
        size = len(net.diagnoses)
        self._bayes.add(pyagrum.LabelizedVariable(HIP, HIP, size))
        self._bayes.cpt(HIP).fillWith([1 / size] * size)
        _add(self._bayes, net.hip, [*np.flatnonzero(view.hip_states), *open_hip])
        _add(self._bayes, net.patient, [*np.flatnonzero(view.patient_states), *open_patient])
        # The prior with which the known findings lead to what the engine believes of this hip.
        told = self._inference()
        prior = view.p / np.maximum(told.posterior(HIP).toarray(), 1e-300)
        self._bayes.cpt(HIP).fillWith((prior / prior.sum()).tolist())
        self._ready = self._inference()
        self._now = self._ready.posterior(HIP).toarray()
        self._of_known = self._ready.evidenceProbability() if self._known else 1.0
        for name in self.asked:
            self._ready.addEvidence(name, 0)

    def _inference(self) -> Any:
        inference = pyagrum.LazyPropagation(self._bayes)
        inference.setTargets({HIP})
        inference.setEvidence(self._known)
        inference.makeInference()
        return inference

    def gain(self, worth: Any) -> float:
        """Return the expected points of the best decision after the test, less those of the best one now."""
        expected = 0.0
        for probability, p in self.results():
            expected += probability * float((worth @ p).max())
        return expected - float((worth @ self._now).max())

    def gain_at_once(self, worth: Any) -> float:
        """Return the same from one table of the diagnosis and all findings together, inferred once."""
        inference = pyagrum.LazyPropagation(self._bayes)
        inference.setEvidence(self._known)
        inference.setTargets(set())
        inference.addJointTarget({HIP, *self.asked})
        inference.makeInference()
        joint = inference.jointPosterior({HIP, *self.asked})
        of_hip = len(joint.names) - 1 - joint.names.index(HIP)
        table = np.moveaxis(joint.toarray(), of_hip, -1).reshape(-1, len(self._now))
        return float((table @ worth.T).max(axis=1).sum() - (worth @ self._now).max())

    def results(self) -> Iterator[tuple[float, Any]]:
        """Yield the probability of every joint result and what would then be believed.

        Neighbours differ in few findings, so that little has to be passed on again.
        """
        inference, before = self._ready, [None] * len(self.asked)
        for result in product((0, 1), repeat=len(self.asked)):
            for name, state, old in zip(self.asked, result, before, strict=True):
                if state != old:
                    inference.chgEvidence(name, state)
            before = list(result)
            inference.makeInference()
            share = inference.evidenceProbability() / self._of_known
            yield share, inference.posterior(HIP).toarray()


def of_every_test(net: Network, view: HipView, choice: Choices) -> list[OneHip | None]:
    """Return the network of each test; None where the test can show nothing new."""
    networks = [
        OneHip(net, view, of_hip, of_patient)
        for of_hip, of_patient in zip(choice.of_hip, choice.of_patient, strict=True)
    ]
    return [one if one.asked else None for one in networks]


def _known(layer: Layer, states: Any) -> dict[str, int]:
    return {layer.findings[n]: int(states[n] > 0) for n in np.flatnonzero(states)}


def _add(bayes: Any, layer: Layer, findings: Sequence[Any]) -> None:
    signs = sorted({int(layer.sign_of[n]) for n in findings} - {-1})
    for sign in signs:
        _child(bayes, f"sign {layer.signs[sign]}", HIP, layer.sign_given.p[sign])
    for number in findings:
        sign = int(layer.sign_of[number])
        if sign < 0:
            _child(bayes, layer.findings[number], HIP, layer.given.p[number])
        else:
            p = np.array([layer.if_no_sign.p[number], layer.if_sign.p[number]])
            _child(bayes, layer.findings[number], f"sign {layer.signs[sign]}", p)


def _child(bayes: Any, name: str, parent: str, p: Any) -> None:
    bayes.add(pyagrum.LabelizedVariable(name, name, 2))
    bayes.addArc(parent, name)
    bayes.cpt(name)[:] = np.stack([1 - p, p], axis=-1)
