"""A patient gets the same differential among many as among few."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.people import invented
from benchmarks.published import stacked
from precollapse.engine import differential
from precollapse.engine.differential import DifferentialResult, compute_differential
from precollapse.engine.prior import compute_prior
from precollapse.engine.program import program
from precollapse.engine.risk import compute_risk
from precollapse.facts.table import HipTable
from tests.facts.people import KNOWLEDGE

PATIENTS = 12
CLOSE = 1e-12


def differential_of(hips: HipTable) -> DifferentialResult:
    truths = program(KNOWLEDGE).run(hips)
    risk = compute_risk(hips, truths, KNOWLEDGE, (1.0,))
    return compute_differential(hips, truths, compute_prior(hips, truths, risk, KNOWLEDGE), KNOWLEDGE)


def test_blocks_of_patients_do_not_change_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    hips = invented(PATIENTS, KNOWLEDGE)
    whole = differential_of(hips)
    monkeypatch.setattr(differential, "BLOCK", 5)
    blocks = differential_of(hips)
    for part in ("p", "low", "high"):
        np.testing.assert_allclose(getattr(blocks, part), getattr(whole, part), rtol=0, atol=CLOSE)


def test_other_patients_do_not_change_the_answer() -> None:
    """What is known of a sign is worked out once for all who share it; the patients stay separate."""
    one, other = invented(PATIENTS, KNOWLEDGE, seed=1), invented(PATIENTS, KNOWLEDGE, seed=2)
    alone, together = differential_of(one), differential_of(stacked([one, other]))
    for part in ("p", "low", "high"):
        found = getattr(together, part)[: one.height]
        np.testing.assert_allclose(found, getattr(alone, part), rtol=0, atol=CLOSE)
