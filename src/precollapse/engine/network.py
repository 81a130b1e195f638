"""The differential as arrays, prepared once: what ``differential.py`` and ``next_test.py`` compute with.

A finding depends on the diagnosis, directly or through one sign. ``docs/methods/diagnosis.md`` draws it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from precollapse.engine.risk_model import Array, logit
from precollapse.evidence.fitted import Z_95
from precollapse.knowledge.bundle import Knowledge, KnowledgeKey
from precollapse.knowledge.model_diagnosis import Cell, Finding, Sign, Word


@dataclass(frozen=True, slots=True)
class Cells:
    """Probabilities with the standard deviation of their log odds, two arrays of one shape."""

    p: Array
    sd: Array

    def part(self, rows: npt.NDArray[Any]) -> Cells:
        """Return some rows."""
        return Cells(self.p[rows], self.sd[rows])

    @property
    def log_yes(self) -> Array:
        """Return the log of the probability."""
        return np.log(self.p)

    @property
    def log_no(self) -> Array:
        """Return the log of the probability of the opposite."""
        return np.log1p(-self.p)


@dataclass(frozen=True, slots=True)
class Layer:
    """The findings of one level, hip or patient: F findings, S signs, K diagnoses.

    Attributes
    ----------
    findings, signs
        Ids, in the order of the arrays.
    sign_of
        For each finding the number of its sign; -1 when it hangs on the diagnosis (F).
    given
        How often a finding is found in each diagnosis (F, K); one half where it has a sign.
    if_sign, if_no_sign
        How often it is found with and without its sign (F); one half where it has none.
    sign_given
        How often a sign is there in each diagnosis (S, K).
    included
        Pairs of findings: the absence of the first tells nothing more where the second was found.
    """

    findings: tuple[str, ...]
    signs: tuple[str, ...]
    sign_of: npt.NDArray[np.int64]
    given: Cells
    if_sign: Cells
    if_no_sign: Cells
    sign_given: Cells
    included: tuple[tuple[int, int], ...] = ()

    def members(self, sign: int) -> npt.NDArray[np.int64]:
        """Return the findings that measure a sign."""
        return np.flatnonzero(self.sign_of == sign)

    def of_both_hips(self) -> Layer:
        """Return the layer over pairs of diagnoses (left, right), in K * K columns.

        What is found in the whole patient comes from the hip in whose diagnosis it is more frequent.
        """
        given, sign_given = _larger(self.given), _larger(self.sign_given)
        return replace(self, given=given, sign_given=sign_given)


def _larger(cells: Cells) -> Cells:
    """Return for every pair of columns the larger probability and its standard deviation."""
    size = cells.p.shape[1]
    left, right = np.divmod(np.arange(size * size), size)
    from_left = cells.p[:, left] >= cells.p[:, right]
    return Cells(
        np.maximum(cells.p[:, left], cells.p[:, right]),
        np.where(from_left, cells.sd[:, left], cells.sd[:, right]),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Everything that does not depend on the patient.

    Attributes
    ----------
    diagnoses
        Ids of the K diagnoses.
    computed, rest
        The number of the diagnosis that the risk engine computes, and of "none of these".
    hip, patient
        The findings of a hip and of a whole patient.
    pair
        The findings of a whole patient over pairs of diagnoses.
    """

    diagnoses: tuple[str, ...]
    computed: int
    rest: int
    hip: Layer
    patient: Layer
    pair: Layer


def network(knowledge: Knowledge) -> Network:
    """Return the arrays of this knowledge."""
    return _network(KnowledgeKey(knowledge))


@lru_cache(maxsize=4)
def _network(key: KnowledgeKey) -> Network:
    knowledge = key.knowledge
    diagnoses = [d for d in knowledge.diagnoses.values() if not d.draft]
    names = tuple(d.id for d in diagnoses)
    hip, patient = (_layer(knowledge, names, level) for level in ("hip", "patient"))
    return Network(
        names,
        [d.from_risk_engine for d in diagnoses].index(True),
        [d.group == "rest" for d in diagnoses].index(True),
        hip,
        patient,
        patient.of_both_hips(),
    )


def _layer(knowledge: Knowledge, diagnoses: Sequence[str], level: str) -> Layer:
    words = knowledge.diagnosis_settings.frequencies
    findings = [f for f in knowledge.findings.values() if f.level == level and not f.draft]
    used = {f.sign for f in findings}
    signs = [s for s in knowledge.signs.values() if s.id in used]
    names = [f.id for f in findings]
    places = {sign.id: number for number, sign in enumerate(signs)}
    return Layer(
        findings=tuple(names),
        signs=tuple(places),
        sign_of=np.array([places[f.sign] if f.sign else -1 for f in findings], dtype=np.int64),
        given=_table(findings, diagnoses, words),
        if_sign=cells([f.if_sign for f in findings], words),
        if_no_sign=cells([f.if_no_sign for f in findings], words),
        sign_given=_table(signs, diagnoses, words),
        included=tuple(
            (number, names.index(f.absence_in)) for number, f in enumerate(findings) if f.absence_in
        ),
    )


def _table(entries: Sequence[Finding | Sign], diagnoses: Sequence[str], words: dict[str, Word]) -> Cells:
    rows = [cells([e.given.get(d, e.otherwise) for d in diagnoses], words) for e in entries]
    empty = np.empty((0, len(diagnoses)))
    return (
        Cells(np.array([row.p for row in rows]), np.array([row.sd for row in rows]))
        if rows
        else Cells(empty, empty)
    )


def cells(written: Iterable[Cell | None], words: dict[str, Word]) -> Cells:
    """Return probabilities as numbers, and the standard deviation of their log odds.

    A cell that is left out tells nothing: one half, without spread.
    """
    triples = [_cell(cell, words) for cell in written]
    table = np.array(triples, dtype=float).reshape(len(triples), 3)
    low, high = logit(table[:, 1:].T)
    return Cells(table[:, 0], (high - low) / (2 * Z_95))


def _cell(cell: Cell | None, words: dict[str, Word]) -> tuple[float, float, float]:
    if cell is None:
        return 0.5, 0.5, 0.5
    known = words[cell] if isinstance(cell, str) else cell
    low, high = known.interval or (known.value, known.value)
    # Nothing is found always or never; a printed 0 or 100 % is kept off the border.
    value, low, high = np.clip([known.value, low, high], 0.0005, 0.9995)
    return float(value), float(low), float(high)
