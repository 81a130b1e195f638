"""How much each finding moved each diagnosis: the same inference with one finding left out at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from precollapse.engine.differential import DifferentialResult, Pairs, Rows, pairs_of, posterior
from precollapse.engine.network import Network
from precollapse.engine.risk_model import Array, logit


@dataclass(frozen=True, slots=True)
class Moved:
    """One finding and by how much it moved the log odds of every diagnosis.

    Attributes
    ----------
    finding
        Its id.
    side
        Which of the two hips it was found in; None for the whole patient.
    found
        Whether it was found, or looked for and not found.
    log_odds
        With it less without it, for each hip and diagnosis (2, K).
    """

    finding: str
    side: int | None
    found: bool
    log_odds: Array


def moved_by_findings(rows: Rows, result: DifferentialResult, net: Network) -> list[Moved]:
    """Return the influence of every finding of one patient.

    Parameters
    ----------
    rows
        The two rows of the patient (1, 2); -1 for a hip that is missing.
    result
        What the engine found.
    net
        The arrays of the knowledge.
    """
    whole = pairs_of(rows, result.prior, result.hip_states, result.patient_states, result.applies, net)
    of_hip = [(side, int(n)) for side in (0, 1) for n in np.flatnonzero(whole.hip_states[0, side])]
    of_patient = [int(n) for n in np.flatnonzero(whole.patient_states[0])]
    if not of_hip and not of_patient:
        return []
    count = 1 + len(of_hip) + len(of_patient)
    hip_states = np.repeat(whole.hip_states, count, axis=0)
    patient_states = np.repeat(whole.patient_states, count, axis=0)
    for place, (side, number) in enumerate(of_hip, start=1):
        hip_states[place, side, number] = 0
    for place, number in enumerate(of_patient, start=1 + len(of_hip)):
        patient_states[place, number] = 0
    same = (whole.prior, whole.pain, whole.sd, whole.both)
    prior, pain, sd, both = (np.repeat(part, count, axis=0) for part in same)
    log_odds = logit(posterior(net, Pairs(prior, pain, sd, both, hip_states, patient_states)))
    difference = log_odds[0] - log_odds[1:]
    moved = [
        Moved(net.hip.findings[number], side, bool(whole.hip_states[0, side, number] > 0), change)
        for (side, number), change in zip(of_hip, difference, strict=False)
    ]
    return moved + [
        Moved(net.patient.findings[number], None, bool(whole.patient_states[0, number] > 0), change)
        for number, change in zip(of_patient, difference[len(of_hip) :], strict=True)
    ]
