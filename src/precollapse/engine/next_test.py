"""Which test would improve the decision most: its expected gain, less what it costs the patient.

A decision is worth more or less for each diagnosis (points of 100, judged). A test is worth the
points it is expected to add: over all its possible results, the best decision after each, less the best
decision now. From that its burden, cost and delay are taken. Never entropy: a test that only satisfies
curiosity gains nothing. ``docs/methods/next-test.md`` gives the equations.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from precollapse.engine.differential import DifferentialResult, of_sign
from precollapse.engine.network import Layer, Network, network
from precollapse.engine.program import Truths
from precollapse.engine.risk_model import Array
from precollapse.facts.table import TRUE, UNKNOWN
from precollapse.knowledge.bundle import Knowledge, KnowledgeKey

Numbers = npt.NDArray[np.int64]

# Rows of results multiplied at once; larger products are put on several threads, which costs more than
# it saves, most of all where something else uses the other cores. A power of two, as the results are.
BLOCK = 32
# Points are rounded, so that the last bit of a sum never decides which of two tests stands first.
DIGITS = 9
# The sign of a finding that has none.
ALONE = -1


@dataclass(frozen=True, slots=True)
class Choices:
    """Everything about decisions and tests that does not depend on the patient.

    Attributes
    ----------
    decisions
        Ids of the A decisions.
    worth
        Points of each decision for each diagnosis (A, K).
    tests
        Ids of the T tests.
    of_hip, of_patient
        For each test the findings of a hip, and of the whole patient, that it shows.
    burden
        Points each test costs: burden, cost and delay together (T).
    """

    decisions: tuple[str, ...]
    worth: Array
    tests: tuple[str, ...]
    of_hip: tuple[Numbers, ...]
    of_patient: tuple[Numbers, ...]
    burden: Array


@dataclass(frozen=True, slots=True)
class Answer:
    """A group of results of a test that lead to one decision.

    ``probability`` is how likely such a result is, ``p`` what would then be believed (K).
    """

    decision: int
    probability: float
    p: Array


@dataclass(frozen=True, slots=True)
class Value:
    """What one test is worth for one hip: points gained, and what its results would lead to."""

    gain: float
    answers: tuple[Answer, ...]


def choices(knowledge: Knowledge) -> Choices:
    """Return decisions and tests as arrays."""
    return _choices(KnowledgeKey(knowledge))


@lru_cache(maxsize=4)
def _choices(key: KnowledgeKey) -> Choices:
    knowledge = key.knowledge
    net, settings = network(knowledge), knowledge.diagnosis_settings
    decisions = sorted((d for d in knowledge.decisions.values() if not d.draft), key=lambda d: d.order)
    worth = [
        [settings.worths[d.given.get(name, d.otherwise)].value for name in net.diagnoses] for d in decisions
    ]
    tests = [t for t in knowledge.tests.values() if not t.draft]
    shown = {t.id: frozenset(t.reveals) for t in tests}
    reveals = [frozenset(t.reveals).union(*(shown[part] for part in t.parts)) for t in tests]
    burden = {t.id: sum(settings.burdens[w].value for w in (t.burden, t.cost, t.delay)) for t in tests}
    burdens = [burden[t.id] + sum(burden[part] for part in t.parts) for t in tests]
    return Choices(
        tuple(d.id for d in decisions),
        np.array(worth, dtype=float),
        tuple(t.id for t in tests),
        tuple(_places(net.hip, names) for names in reveals),
        tuple(_places(net.patient, names) for names in reveals),
        np.array(burdens, dtype=float),
    )


def _places(layer: Layer, names: frozenset[str]) -> Numbers:
    return np.array([n for n, name in enumerate(layer.findings) if name in names], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class HipView:
    """One hip as the tests see it: what is believed of it, and which findings are still open."""

    p: Array
    hip_states: npt.NDArray[np.int8]
    patient_states: npt.NDArray[np.int8]
    hip_open: npt.NDArray[np.bool_]
    patient_open: npt.NDArray[np.bool_]


def hip_view(row: int, truths: Truths, found: DifferentialResult, net: Network) -> HipView:
    """Return one row of the table of hips as the tests see it."""
    hip, patient = found.hip_states[row], found.patient_states[row]
    return HipView(
        found.p[row], hip, patient, _open(net.hip, row, truths, hip), _open(net.patient, row, truths, patient)
    )


def _open(layer: Layer, row: int, truths: Truths, states: npt.NDArray[np.int8]) -> npt.NDArray[np.bool_]:
    """Return which findings could still be learned: not known, and not ruled out from counting."""
    place, table = truths.place, truths.table[row]
    still = states == UNKNOWN
    for number, name in enumerate(layer.findings):
        counts, unless = place.get(f"counts:{name}"), place.get(f"unless:{name}")
        if counts is not None and table[counts] != TRUE:
            still[number] = False
        if unless is not None and table[unless] == TRUE:
            still[number] = False
    for number, whole in layer.included:
        # A normal picture has answered this already, without anybody writing it down.
        if states[whole] == TRUE:
            still[number] = False
    return np.asarray(still)


def decide(p: Array, choice: Choices) -> tuple[int, Array]:
    """Return the best decision for what is believed now, and the points of each decision."""
    points = choice.worth @ p
    return int(np.argmax(points)), points


def values(
    view: HipView, choice: Choices, net: Network, wanted: Container[str] | None = None
) -> list[Value | None]:
    """Return what each test is worth for one hip; None where it can show nothing new, or is not wanted."""
    tables = _Tables(view, net)
    alike: dict[tuple[int, int], dict[int, Results]] = {}
    tests = enumerate(zip(choice.tests, choice.of_hip, choice.of_patient, strict=True))
    for number, (name, hip, patient) in tests:
        if wanted is None or name in wanted:
            found = tables.results(hip, patient)
            if found is not None:
                alike.setdefault((len(found.one), len(found.other)), {})[number] = found
    worth: list[Value | None] = [None] * len(choice.tests)
    for tables_of in alike.values():
        computed = _values(view.p, list(tables_of.values()), choice.worth)
        for number, value in zip(tables_of, computed, strict=True):
            worth[number] = value
    return worth


@dataclass(frozen=True, slots=True)
class Results:
    """Every joint result of a test, as two halves that are independent under each diagnosis.

    The probability of a result is that of a row of ``one`` (N, K) times that of a row of ``other`` (M, K):
    the N * M results are never written out over the diagnoses, which a test of 15 findings would make slow.
    """

    one: Array
    other: Array


class _Tables:
    """How likely each result of the open findings is under each diagnosis, given what is known by now."""

    def __init__(self, view: HipView, net: Network) -> None:
        self._layers = (
            (net.hip, view.hip_states, view.hip_open),
            (net.patient, view.patient_states, view.patient_open),
        )
        self._signs = [_sign_now(layer, states) for layer, states, _ in self._layers]
        self._size = len(net.diagnoses)
        self._net = net
        # Many tests show the same findings.
        self._known: dict[tuple[int, tuple[int, ...]], Array] = {}

    def results(self, of_hip: Numbers, of_patient: Numbers) -> Results | None:
        """Return how likely every joint result of some findings is; None where nothing can be learned."""
        parts = []
        for number, wanted in enumerate((of_hip, of_patient)):
            layer, _, open_ = self._layers[number]
            if wanted.size:
                groups = _groups(layer, wanted[open_[wanted]])
                parts += [self._of_group(number, group) for group in groups]
        return _in_two_halves(parts, self._size) if parts else None

    def _of_group(self, number: int, group: tuple[int, ...]) -> Array:
        """Return the joint results of findings that share a sign, or of a single one (2 ** findings, K)."""
        found = self._known.get((number, group))
        if found is None:
            found = _given(self._net, number, group)
            sign = int(self._layers[number][0].sign_of[group[0]])
            if sign != ALONE:
                there = self._signs[number][sign]
                found = found[0][:, None] * there + found[1][:, None] * (1 - there)
            self._known[number, group] = found
        return found


@lru_cache(maxsize=1024)
def _given(net: Network, number: int, group: tuple[int, ...]) -> Array:
    """Return what of the joint results of some findings does not depend on the patient.

    For a single finding they are themselves (2, K); for those of a sign how likely they are with the sign
    and without it (2, 2 ** findings).
    """
    layer, rows = (net.hip, net.patient)[number], list(group)
    if layer.sign_of[group[0]] == ALONE:
        p = layer.given.p[group[0]]
        return np.stack([p, 1 - p])
    return np.stack([_both_ways(layer.if_sign.p[rows]), _both_ways(layer.if_no_sign.p[rows])])


def _sign_now(layer: Layer, states: npt.NDArray[np.int8]) -> Array:
    """Return how likely each sign is under each diagnosis, given its findings that are known (S, K)."""
    now = layer.sign_given.p.copy()
    for sign in {int(sign) for sign in layer.sign_of[states != UNKNOWN]} - {-1}:
        present, absent = (float(part[0]) for part in of_sign(layer, states[None, :], sign))
        if present != absent:
            with_ = now[sign] * np.exp(present - max(present, absent))
            without = (1 - now[sign]) * np.exp(absent - max(present, absent))
            now[sign] = with_ / (with_ + without)
    return now


def _groups(layer: Layer, findings: Numbers) -> list[tuple[int, ...]]:
    """Put findings of one sign together; the others stand alone."""
    by_sign: dict[int, list[int]] = {}
    for finding, sign in zip(findings.tolist(), layer.sign_of[findings].tolist(), strict=True):
        by_sign.setdefault(sign, []).append(finding)
    alone = [(finding,) for finding in by_sign.pop(ALONE, [])]
    return alone + [tuple(by_sign[sign]) for sign in sorted(by_sign)]


def _both_ways(p: Array) -> Array:
    """Probability of every combination of independent yes and no (2 ** len(p))."""
    table = np.ones(1)
    for one in p:
        table = np.concatenate([table * one, table * (1 - one)])
    return table


def _in_two_halves(parts: list[Array], size: int) -> Results:
    """Multiply the results of groups of findings into two tables of about the same length."""
    first, *rest = sorted(parts, key=len, reverse=True)
    one, other = first, np.ones((1, size))
    for part in rest:
        if len(one) > len(other):
            one, other = other, one
        one = (one[:, None, :] * part[None, :, :]).reshape(-1, size)
    return Results(one, other)


def _values(p: Array, tests: list[Results], worth: Array) -> list[Value]:
    """Compare the best decision after each result with the best decision now, for tests of one size."""
    rows, size = min(len(tests[0].one), BLOCK), len(p)
    one = np.stack([test.one for test in tests]).reshape(len(tests), -1, rows, size) * p
    other = np.stack([test.other for test in tests])[:, None]
    points = (one * worth[:, None, None, None, :]) @ other.swapaxes(2, 3)
    top = points.max(axis=0)
    gains = top.sum(axis=(1, 2, 3)) - (worth @ p).max()
    answers: list[list[Answer]] = [[] for _ in tests]
    undecided = np.ones(top.shape, dtype=bool)
    for decision, of_decision in enumerate(points):
        best = undecided & (of_decision == top)
        undecided &= ~best
        masses = (one * (best.astype(float) @ other)).sum(axis=(1, 2))
        for number in np.flatnonzero(best.any(axis=(1, 2, 3))):
            mass, total = masses[number], float(masses[number].sum())
            answers[number].append(Answer(decision, total, mass / max(total, 1e-12)))
    return [
        Value(round(max(gain, 0.0), DIGITS), tuple(sorted(found, key=lambda answer: -answer.probability)))
        for gain, found in zip(gains.tolist(), answers, strict=True)
    ]
