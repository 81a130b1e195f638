"""How probable each diagnosis is for every hip, once everything found has been weighed. Exact.

The two hips of a patient are one question: their diagnoses are tied by how often a disease affects both
sides, and what is found in the whole patient may come from either. The sum over all pairs of diagnoses
is carried out in full; ``docs/methods/diagnosis.md`` gives the equations, a test holds them against
an independent program.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from precollapse.engine.network import Cells, Layer, Network, network
from precollapse.engine.prior import Prior
from precollapse.engine.program import Truths
from precollapse.engine.risk_model import Array, expit, logit
from precollapse.evidence.fitted import Z_95
from precollapse.facts.table import FALSE, TRUE, UNKNOWN, HipTable
from precollapse.knowledge.bundle import Knowledge

States = npt.NDArray[np.int8]
Rows = npt.NDArray[np.int64]

# Patients weighed at once: enough to be quick, few enough that what is computed on the way stays small.
BLOCK = 4096


@dataclass(frozen=True, slots=True)
class Pairs:
    """Two hips each of M patients, what was found in them and what is believed of them beforehand.

    Attributes
    ----------
    prior, sd
        What is believed before it is asked whether the hips hurt, and its spread; see ``Prior``; (M, 2, K).
    pain
        By how many times pain, or its absence, makes each diagnosis more frequent (M, 2, K). The tie
        between the hips acts on the disease, not on the pain: a silent hip is tied as closely as a sore one.
    both
        Share of those affected who have it on both sides (M, K).
    hip_states
        1 found, -1 looked for and not found, 0 unknown (M, 2, findings of a hip).
    patient_states
        The same for the whole patient (M, findings of a patient).
    """

    prior: Array
    pain: Array
    sd: Array
    both: Array
    hip_states: States
    patient_states: States


@dataclass(frozen=True, slots=True)
class DifferentialResult:
    """Arrays over the rows of the table of hips (N rows, K diagnoses).

    Attributes
    ----------
    p, low, high
        Probability of each diagnosis and the band it moves in when the figures move within their intervals.
    prior
        What was believed before anything was found.
    hip_states, patient_states
        What was found (N, findings); see ``Pairs``.
    applies
        Which hips have a differential at all.
    """

    p: Array
    low: Array
    high: Array
    prior: Prior
    hip_states: States
    patient_states: States
    applies: npt.NDArray[np.bool_]


def compute_differential(
    hips: HipTable, truths: Truths, prior: Prior, knowledge: Knowledge
) -> DifferentialResult:
    """Weigh everything that was found in every hip.

    Parameters
    ----------
    hips
        The facts, one row per hip (N rows).
    truths
        The evaluated conditions of the same rows.
    prior
        What is believed beforehand; see ``precollapse.engine.prior``.
    knowledge
        The loaded knowledge.
    """
    net = network(knowledge)
    hip_states = found(net.hip, truths)
    patient_states = found(net.patient, truths)
    applies = truths.table[:, truths.place["hip:differential"]] != FALSE
    result = np.empty((3, hips.height, len(net.diagnoses)))
    for rows in _pairings(hips):
        pairs = pairs_of(rows, prior, hip_states, patient_states, applies, net)
        p = posterior(net, pairs)
        low, high = band(net, pairs, p)
        for side in (0, 1):
            own = rows[:, side] >= 0
            for part, found_ in zip(result, (p, low, high), strict=True):
                part[rows[own, side]] = found_[own, side]
    p, low, high = result
    return DifferentialResult(p, low, high, prior, hip_states, patient_states, applies)


def found(layer: Layer, truths: Truths) -> States:
    """Return what was found: 1, -1 for looked for and not found, 0 for unknown or not to be counted."""
    states = truths.of([f"finding:{name}" for name in layer.findings]).copy()
    for number, name in enumerate(layer.findings):
        if f"counts:{name}" in truths.place:
            states[truths.table[:, truths.place[f"counts:{name}"]] != TRUE, number] = UNKNOWN
        if f"unless:{name}" in truths.place:
            states[truths.table[:, truths.place[f"unless:{name}"]] == TRUE, number] = UNKNOWN
    for number, whole in layer.included:
        states[(states[:, number] == FALSE) & (states[:, whole] == TRUE), number] = UNKNOWN
    return states


def _pairings(hips: HipTable) -> Iterator[Rows]:
    """Yield blocks of rows of left and right hips, and of hips of unknown side, which stand alone (-1)."""
    left = np.flatnonzero(hips.is_left)
    alone = np.flatnonzero(~hips.is_sided)
    for first, second in ((left, hips.right[left]), (alone, np.full(len(alone), -1))):
        rows = np.column_stack([first, second])
        yield from (rows[start : start + BLOCK] for start in range(0, len(rows), BLOCK))


def pairs_of(
    rows: Rows,
    prior: Prior,
    hip_states: States,
    patient_states: States,
    applies: npt.NDArray[np.bool_],
    net: Network,
) -> Pairs:
    """Gather pairs of hips; a hip that is missing, or has no head, certainly has none of the diagnoses."""
    there = (rows >= 0) & applies[rows]
    nothing = np.eye(len(net.diagnoses))[net.rest]
    before = np.where(there[:, :, None], prior.before_pain[rows], nothing)
    p = np.where(there[:, :, None], prior.p[rows], nothing)
    return Pairs(
        prior=before,
        pain=np.divide(p, before, out=np.ones_like(p), where=before > 0),
        sd=np.where(there[:, :, None], prior.sd[rows], 0.0),
        both=prior.both[rows[:, 0]],
        hip_states=np.where(there[:, :, None], hip_states[rows], np.int8(0)),
        patient_states=patient_states[rows[:, 0]],
    )


def posterior(net: Network, pairs: Pairs) -> Array:
    """Return the probability of each diagnosis of each hip (M, 2, K)."""
    size, count = len(net.diagnoses), len(pairs.both)
    of_hip = log_likelihood(net.hip, pairs.hip_states.reshape(2 * count, -1)).reshape(count, 2, size)
    of_hip = np.exp(of_hip - of_hip.max(axis=2, keepdims=True)) * pairs.pain
    patterns, which = np.unique(pairs.patient_states, axis=0, return_inverse=True)
    of_patient = log_likelihood(net.pair, patterns)
    of_patient = np.exp(of_patient - of_patient.max(axis=1, keepdims=True)).reshape(-1, size, size)
    result = _pair_posterior(_joined(pairs), of_hip, of_patient[which.ravel()])
    return np.asarray(result / result.sum(axis=2, keepdims=True))


@dataclass(frozen=True, slots=True)
class _Joined:
    """The prior of two hips together: ``together`` (M, K) both alike, ``apart`` (M, 2, K) the rest."""

    together: Array
    apart: Array


def _joined(pairs: Pairs) -> _Joined:
    """Tie two hips so that the share with both sides affected is met and neither hip's own prior changes.

    Of the patients affected on either side a share ``both`` is affected on both; never more than the rarer
    side allows, never fewer than chance.
    """
    left, right = pairs.prior[:, 0], pairs.prior[:, 1]
    either = (left + right) / (1 + pairs.both)
    together = np.clip(pairs.both * either, left * right, np.minimum(left, right))
    together = np.where(pairs.both > 0, together, 0.0)
    apart = pairs.prior - together[:, None, :]
    return _Joined(together, apart)


def _pair_posterior(joint: _Joined, mine: Array, of_patient: Array) -> Array:
    """Sum over the diagnosis of the other hip; ``of_patient`` (M, K, K) is what the whole patient shows."""
    together, apart = joint.together, joint.apart
    rest = np.maximum(apart[:, 0].sum(axis=1, keepdims=True), 1e-300)
    both = together * np.diagonal(of_patient, axis1=1, axis2=2)
    of_left, of_right = apart[:, 0] * mine[:, 0], apart[:, 1] * mine[:, 1]
    from_right = (of_patient @ of_right[:, :, None])[:, :, 0]
    from_left = (of_left[:, None, :] @ of_patient)[:, 0]
    left = mine[:, 0] * (both * mine[:, 1] + apart[:, 0] / rest * from_right)
    right = mine[:, 1] * (both * mine[:, 0] + apart[:, 1] / rest * from_left)
    return np.stack([left, right], axis=1)


def log_likelihood(layer: Layer, states: States) -> Array:
    """Return the log probability of what was found under each diagnosis.

    Parameters
    ----------
    layer
        F findings, K columns.
    states
        1 found, -1 not found, 0 unknown (N, F).
    """
    yes, no = (states == 1).astype(float), (states == -1).astype(float)
    direct = layer.sign_of < 0
    total = yes[:, direct] @ layer.given.log_yes[direct] + no[:, direct] @ layer.given.log_no[direct]
    for sign in range(len(layer.signs)):
        seen = _seen(layer, states, sign)
        if len(seen.rows):
            total[seen.rows] += _log_of_sign(layer, seen.patterns, sign)[seen.which]
    return np.asarray(total)


@dataclass(frozen=True, slots=True)
class _Seen:
    """The rows in which something of a sign is known: what is known in each is one of a few patterns."""

    rows: Rows
    patterns: States
    which: Rows


def _seen(layer: Layer, states: States, sign: int) -> _Seen:
    members = layer.members(sign)
    own = states[:, members]
    rows = np.flatnonzero((own != UNKNOWN).any(axis=1))
    own = own[rows]
    code = (own + 1) @ 3 ** np.arange(len(members))
    _, first, which = np.unique(code, return_index=True, return_inverse=True)
    return _Seen(rows, own[first], which)


def _log_of_sign(layer: Layer, patterns: States, sign: int) -> Array:
    """Return the log probability of what is known of a sign under each diagnosis (patterns, K)."""
    present, absent = _of_members(layer, patterns, layer.members(sign))
    p = layer.sign_given.p[sign]
    scale = np.maximum(present, absent)
    mixed = np.exp(present - scale)[:, None] * p + np.exp(absent - scale)[:, None] * (1 - p)
    return np.asarray(np.log(mixed) + scale[:, None])


def of_sign(layer: Layer, states: States, sign: int) -> tuple[Array, Array]:
    """Return the log probability of the findings of one sign (N) where the sign is there, and where not."""
    members = layer.members(sign)
    return _of_members(layer, states[:, members], members)


def _of_members(layer: Layer, states: States, members: Rows) -> tuple[Array, Array]:
    yes, no = (states == 1).astype(float), (states == -1).astype(float)
    with_, without = layer.if_sign.part(members), layer.if_no_sign.part(members)
    return yes @ with_.log_yes + no @ with_.log_no, yes @ without.log_yes + no @ without.log_no


def band(net: Network, pairs: Pairs, p: Array) -> tuple[Array, Array]:
    """Return between what the probabilities lie when the figures behind them move within their intervals.

    First order: the spread of every figure on the scale of log odds, times how strongly the log odds of the
    diagnosis depend on it, added up as squares. Figures are taken as independent of each other.
    """
    size, count = len(net.diagnoses), len(pairs.both)
    flat = pairs.hip_states.reshape(2 * count, -1)
    variance = pairs.sd**2 + _variance(net.hip, flat).reshape(count, 2, size)
    variance += _variance(net.patient, pairs.patient_states)[:, None, :]
    # Each of the other diagnoses weighs with its share among the others.
    of_others = (variance * p**2).sum(axis=2, keepdims=True) - variance * p**2
    total = variance + of_others / np.maximum(1 - p, 1e-9) ** 2
    half = Z_95 * np.sqrt(np.maximum(total, 0.0))
    # Log odds are kept finite, so that the band of the very smallest would lie beside them.
    return np.minimum(expit(logit(p) - half), p), np.maximum(expit(logit(p) + half), p)


def _variance(layer: Layer, states: States) -> Array:
    """Return the variance of the log likelihood under each diagnosis (N, K)."""
    yes, no = (states == 1).astype(float), (states == -1).astype(float)
    direct = layer.sign_of < 0
    given = layer.given.part(direct)
    # The log of a probability moves by (1 - p) times its log odds, that of its opposite by p times.
    total = yes[:, direct] @ ((1 - given.p) * given.sd) ** 2 + no[:, direct] @ (given.p * given.sd) ** 2
    for sign in range(len(layer.signs)):
        seen = _seen(layer, states, sign)
        if len(seen.rows):
            total[seen.rows] += _sign_variance(layer, seen.patterns, sign)[seen.which]
    return np.asarray(total)


def _sign_variance(layer: Layer, seen: States, sign: int) -> Array:
    """Variance through one sign: of how often the sign is there, and of what its findings tell."""
    members = layer.members(sign)
    present, absent = _of_members(layer, seen, members)
    p, sd = layer.sign_given.p[sign], layer.sign_given.sd[sign]
    scale = np.maximum(present, absent)
    with_, without = np.exp(present - scale)[:, None], np.exp(absent - scale)[:, None]
    whole = with_ * p + without * (1 - p)
    of_frequency = p * (1 - p) * (with_ - without) / whole * sd
    weight = with_ * p / whole
    told = _told_variance(layer.if_sign.part(members), seen)[:, None] * weight**2
    told += _told_variance(layer.if_no_sign.part(members), seen)[:, None] * (1 - weight) ** 2
    return np.asarray(of_frequency**2 + told)


def _told_variance(told: Cells, states: States) -> Array:
    """Variance of the log probability of findings whose frequencies are ``told`` (N)."""
    yes, no = (states == 1).astype(float), (states == -1).astype(float)
    return np.asarray(yes @ ((1 - told.p) * told.sd) ** 2 + no @ (told.p * told.sd) ** 2)
