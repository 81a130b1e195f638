"""The value of a test against plain loops over every sign and every result, on small invented networks."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from precollapse.engine.network import Cells, Layer, Network
from precollapse.engine.next_test import Choices, HipView, Value, values

DISEASES = 3
P = st.integers(1, 99).map(lambda percent: percent / 100)


def cells(values_: Any) -> Cells:
    table = np.array(values_, dtype=float)
    return Cells(table, np.zeros_like(table))


@st.composite
def layers(draw: st.DrawFn, prefix: str) -> Layer:
    """Up to three findings and two signs; a finding hangs on a sign or on the disease."""
    signs, findings = draw(st.integers(0, 2)), draw(st.integers(0, 3))
    # Mostly of the first sign, so that what is known of it and what is open often meet.
    usual = [-1, *range(signs), *([0] * 3 if signs else [])]
    sign_of = [draw(st.sampled_from(usual)) for _ in range(findings)]
    row = st.lists(P, min_size=DISEASES, max_size=DISEASES)
    return Layer(
        findings=tuple(f"{prefix}{n}" for n in range(findings)),
        signs=tuple(f"{prefix}sign{n}" for n in range(signs)),
        sign_of=np.array(sign_of, dtype=np.int64),
        given=cells([draw(row) if sign < 0 else [0.5] * DISEASES for sign in sign_of]).part(
            np.arange(findings)
        )
        if findings
        else cells(np.empty((0, DISEASES))),
        if_sign=cells([draw(P) for _ in sign_of]),
        if_no_sign=cells([draw(P) for _ in sign_of]),
        sign_given=cells([draw(row) for _ in range(signs)] if signs else np.empty((0, DISEASES))),
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[Network, HipView, Choices]:
    hip, patient = draw(layers("h")), draw(layers("p"))
    net = Network(("a", "b", "c"), 0, 2, hip, patient, patient.of_both_hips())
    weights = np.array([draw(st.integers(1, 20)) for _ in range(DISEASES)], dtype=float)
    known = [[draw(st.sampled_from([-1, 0, 0, 1])) for _ in layer.findings] for layer in (hip, patient)]
    states = [np.array(one, dtype=np.int8) for one in known]
    shown = [
        np.array([n for n in range(len(layer.findings)) if draw(st.booleans())], dtype=np.int64)
        for layer in (hip, patient)
    ]
    count = draw(st.integers(1, 4))
    anything = [[draw(st.integers(-100, 100)) for _ in range(DISEASES)] for _ in range(count)]
    # To name the likeliest disease is the decision that depends on every result.
    worth = np.array(anything, dtype=float) if draw(st.booleans()) else 100 * np.eye(DISEASES)
    count = len(worth)
    everything = tuple(np.arange(len(layer.findings)) for layer in (hip, patient))
    choice = Choices(
        tuple(f"decision {n}" for n in range(count)),
        worth,
        ("some", "all"),
        (shown[0], everything[0]),
        (shown[1], everything[1]),
        np.zeros(2),
    )
    view = HipView(weights / weights.sum(), states[0], states[1], states[0] == 0, states[1] == 0)
    return net, view, choice


def chance(layer: Layer, disease: int, states: list[int]) -> float:
    """Probability of what was found in one disease, summed over every state of every sign."""
    total = 0.0
    for signs in product((True, False), repeat=len(layer.signs)):
        one = 1.0
        for sign, there in enumerate(signs):
            p = float(layer.sign_given.p[sign, disease])
            one *= p if there else 1 - p
        for number, state in enumerate(states):
            sign = int(layer.sign_of[number])
            if state == 0:
                continue
            if sign < 0:
                p = float(layer.given.p[number, disease])
            else:
                p = float((layer.if_sign if signs[sign] else layer.if_no_sign).p[number])
            one *= p if state > 0 else 1 - p
        total += one
    return total


def brute_force(net: Network, view: HipView, choice: Choices, number: int) -> tuple[float, int]:
    """The gain of a test, and how many findings it would still answer."""
    layers_ = (
        (net.hip, view.hip_states, choice.of_hip[number]),
        (net.patient, view.patient_states, choice.of_patient[number]),
    )
    open_ = [
        (part, int(n)) for part, (_, states, shown) in enumerate(layers_) for n in shown if states[n] == 0
    ]
    now = max(sum(float(w) * float(p) for w, p in zip(row, view.p, strict=True)) for row in choice.worth)
    later = 0.0
    for results in product((1, -1), repeat=len(open_)):
        after = [list(map(int, states)) for _, states, _ in layers_]
        for (part, n), result in zip(open_, results, strict=True):
            after[part][n] = result
        joint = []
        for disease in range(DISEASES):
            likely = float(view.p[disease])
            for part, (layer, states, _) in enumerate(layers_):
                likely *= chance(layer, disease, after[part]) / chance(layer, disease, list(map(int, states)))
            joint.append(likely)
        later += max(sum(float(w) * p for w, p in zip(row, joint, strict=True)) for row in choice.worth)
    return later - now, len(open_)


@settings(max_examples=300, deadline=None)
@given(case=cases())
def test_the_gain_of_a_test_is_what_plain_loops_over_all_its_results_find(
    case: tuple[Network, HipView, Choices],
) -> None:
    net, view, choice = case
    for number, value in enumerate(values(view, choice, net)):
        gain, open_ = brute_force(net, view, choice, number)
        if value is None:
            assert open_ == 0
            continue
        assert open_ > 0
        assert value.gain == pytest.approx(gain, abs=1e-9)
        assert value.gain >= 0


@settings(max_examples=100, deadline=None)
@given(case=cases())
def test_a_test_that_shows_more_is_never_worth_less(case: tuple[Network, HipView, Choices]) -> None:
    net, view, choice = case
    some, everything = values(view, choice, net)
    assume(some is not None)
    assert isinstance(some, Value)
    assert isinstance(everything, Value)
    assert everything.gain >= some.gain - 1e-9


@settings(max_examples=100, deadline=None)
@given(case=cases())
def test_where_one_decision_is_best_whatever_the_result_nothing_is_gained(
    case: tuple[Network, HipView, Choices],
) -> None:
    net, view, choice = case
    best = np.vstack([choice.worth, choice.worth.max(axis=0) + 1])
    sure = Choices(
        (*choice.decisions, "always"), best, choice.tests, choice.of_hip, choice.of_patient, choice.burden
    )
    for value in values(view, sure, net):
        assert value is None or value.gain == pytest.approx(0, abs=1e-9)
        assert value is None or [answer.decision for answer in value.answers] == [len(choice.worth)]
