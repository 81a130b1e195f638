"""Looks up a fact of one patient for people: value, unit, date, origin, or why it is unknown."""

from __future__ import annotations

import math
from datetime import date
from typing import Any, cast

import polars as pl

from precollapse.assessment.model import FactReference, UnknownReason
from precollapse.facts.build import Facts
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.model import Concept

FOLLOWS = "follows from other facts"


class PatientFacts:
    """The facts of one patient, by hip and concept."""

    def __init__(self, facts: Facts, knowledge: Knowledge, person: int) -> None:
        self.knowledge = knowledge
        self.wide = facts.wide.filter(pl.col("person") == person)
        self.hips: list[str] = self.wide["hip"].to_list()
        rows = facts.long.filter(pl.col("person") == person).iter_rows(named=True)
        self._recorded = {(row["hip"], row["concept"]): row for row in rows}
        self._values: dict[str, list[Any]] = {}

    @property
    def keys(self) -> set[tuple[str | None, str]]:
        """Return (hip, concept) of everything that was recorded."""
        return set(self._recorded)

    def recorded(self, hip: str | None = None) -> list[str]:
        """Return the concepts recorded for a hip, or for the patient when ``hip`` is None."""
        return [concept for where, concept in self._recorded if where == hip]

    def reference(self, concept_id: str, row: int) -> FactReference:
        """Return one fact as it stands for the hip in the given row."""
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
            concept=concept.id, name=concept.name, value=value, low=low, high=high, unit=concept.unit,
            side=side, date=None, origin=FOLLOWS if known else None,
            why_unknown=cast("UnknownReason", "not asked") if value is None else None,
        )  # fmt: skip

    def _value(self, concept: Concept, row: int) -> tuple[Any, float | None, float | None]:
        """Value and finite bounds of a concept on a hip, from the table the engine used."""
        if concept.type == "number":
            low, high = (self._cell(f"{concept.id}.{end}", row) for end in ("low", "high"))
            if low is not None and low == high:
                return low, None, None
            return None, _finite(low), _finite(high)
        if concept.type == "date":
            recorded = self._recorded.get((None, concept.id))
            return (_iso(recorded["date_value"]) if recorded else None), None, None
        return self._cell(concept.id, row), None, None

    def _cell(self, column: str, row: int) -> Any:
        if column not in self._values:
            self._values[column] = self.wide[column].to_list()
        return self._values[column][row]


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _iso(value: date | None) -> str | None:
    return value.isoformat() if value is not None else None
