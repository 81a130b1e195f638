"""Looks up a fact of one patient for people: value, unit, date, origin, or why it is unknown."""

from __future__ import annotations

import math
from datetime import date
from functools import lru_cache
from typing import Any, cast

import numpy as np
import polars as pl

from precollapse.assessment.nodes import FactReference
from precollapse.facts.build import Facts
from precollapse.facts.table import TRUE, UNKNOWN
from precollapse.knowledge.bundle import Knowledge, KnowledgeKey
from precollapse.knowledge.model import Concept

FOLLOWS = "follows from other facts"


class PatientFacts:
    """The facts of one patient, by hip and concept."""

    def __init__(self, facts: Facts, knowledge: Knowledge, person: int) -> None:
        self.knowledge = knowledge
        self.rows = np.flatnonzero(facts.table.persons == person)
        self.hips: list[str] = facts.table.hips[self.rows].tolist()
        self._table = facts.table
        rows = facts.long.filter(pl.col("person") == person).iter_rows(named=True)
        self._recorded = {(row["hip"], row["concept"]): row for row in rows}
        self._known: dict[tuple[str, int], FactReference] = {}

    @property
    def keys(self) -> set[tuple[str | None, str]]:
        """Return (hip, concept) of everything that was recorded."""
        return set(self._recorded)

    def recorded(self, hip: str | None = None) -> list[str]:
        """Return the concepts recorded for a hip, or for the patient when ``hip`` is None.

        They stand in the order of the knowledge: the order of the record means nothing.
        """
        found = [concept for where, concept in self._recorded if where == hip]
        return sorted(found, key=_places(KnowledgeKey(self.knowledge)).__getitem__)

    def reference(self, concept_id: str, row: int) -> FactReference:
        """Return one fact as it stands for the hip in the given row."""
        known = self._known.get((concept_id, row))
        if known is None:
            known = self._known[concept_id, row] = self._reference(concept_id, row)
        return known

    def _reference(self, concept_id: str, row: int) -> FactReference:
        concept = self.knowledge.concepts[concept_id]
        hip = self.hips[row] if concept.level == "hip" else None
        recorded = self._recorded.get((hip, concept_id))
        side = cast("Any", hip) if hip in {"left", "right"} else None
        value, low, high = self._value(concept, row)
        if recorded is None or (value is None and low is None and recorded["why_unknown"] is None):
            return self._unrecorded(concept, side, value, low, high)
        return FactReference(
            concept=concept_id,
            name=concept.name,
            value=value,
            low=low,
            high=high,
            unit=concept.unit,
            side=side,
            date=_iso(recorded["since"] if concept.type == "yes_no" else recorded["date"]),
            origin=recorded["origin"],
            why_unknown=recorded["why_unknown"] if value is None else None,
            note=recorded["note"],
        )

    def _unrecorded(
        self, concept: Concept, side: Any, value: Any, low: float | None, high: float | None
    ) -> FactReference:
        known = value is not None or low is not None or high is not None
        return FactReference(
            concept=concept.id,
            name=concept.name,
            value=value,
            low=low,
            high=high,
            unit=concept.unit,
            side=side,
            date=None,
            origin=FOLLOWS if known else None,
            why_unknown="not asked" if value is None else None,
        )

    def _value(self, concept: Concept, row: int) -> tuple[Any, float | None, float | None]:
        """Value and finite bounds of a concept on a hip, from the table the engine used."""
        place = self.rows[row]
        if concept.type == "number":
            low, high = float(self._table.low(concept.id)[place]), float(self._table.high(concept.id)[place])
            if low == high:
                return low, None, None
            return None, _finite(low), _finite(high)
        if concept.type == "date":
            recorded = self._recorded.get((None, concept.id))
            return (_iso(recorded["date_value"]) if recorded else None), None, None
        if concept.type == "choice":
            number = int(self._table.choice(concept.id)[place])
            return (list(concept.choices)[number] if number >= 0 else None), None, None
        truth = int(self._table.truth(concept.id)[place])
        return (None if truth == UNKNOWN else truth == TRUE), None, None


@lru_cache(maxsize=4)
def _places(key: KnowledgeKey) -> dict[str, int]:
    return {concept: place for place, concept in enumerate(key.knowledge.concepts)}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _iso(value: date | None) -> str | None:
    return value.isoformat() if value is not None else None
