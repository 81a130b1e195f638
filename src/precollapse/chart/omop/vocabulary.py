"""Looks up concept ids in CONCEPT, CONCEPT_ANCESTOR and DRUG_STRENGTH, only those that the record uses.

The vocabulary may hold millions of concepts and is never loaded whole. Any of the three tables may be
missing; what cannot be looked up stays unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import polars as pl

from precollapse.chart.codes import system_of
from precollapse.chart.dose_step import Strength
from precollapse.chart.omop.schema import NO_CONCEPT
from precollapse.chart.omop.tables import Folder, Kind, collect
from precollapse.chart.omop.terms import MILLIGRAMS_PER_UNIT_CONCEPT, MILLILITRES_PER_UNIT_CONCEPT

_CONCEPT: dict[str, Kind] = {
    "concept_id": "id",
    "concept_name": "text",
    "vocabulary_id": "text",
    "concept_code": "text",
}
_ANCESTOR: dict[str, Kind] = {
    "ancestor_concept_id": "id",
    "descendant_concept_id": "id",
    "min_levels_of_separation": "id",
}
_STRENGTH: dict[str, Kind] = {
    "drug_concept_id": "id",
    "ingredient_concept_id": "id",
    "amount_value": "number",
    "amount_unit_concept_id": "id",
    "numerator_value": "number",
    "numerator_unit_concept_id": "id",
    "denominator_value": "number",
    "denominator_unit_concept_id": "id",
}


class Term(NamedTuple):
    """One concept of the vocabulary: its terminology (our short name, if we know it), code and name."""

    system: str | None
    vocabulary: str
    code: str
    name: str

    @property
    def label(self) -> str:
        """Return how people cite it."""
        return f"{self.vocabulary} {self.code} {self.name}".strip()


class Vocabulary:
    """The concepts that a record uses, by id."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._terms: dict[int, Term] = {}
        self._asked: set[int] = {NO_CONCEPT}
        self.present = "concept" in folder

    def learn(self, ids: Iterable[int | None]) -> None:
        """Look up further concept ids, all in one pass over the table."""
        wanted = {number for number in ids if number is not None} - self._asked
        self._asked |= wanted
        scan = self._folder.scan("concept", _CONCEPT) if wanted else None
        if scan is None:
            return
        frame = collect(_only(scan, "concept_id", wanted), self._place("concept"))
        for number, name, vocabulary, code in frame.select(
            "concept_id", "concept_name", "vocabulary_id", "concept_code"
        ).iter_rows():
            vocabulary = vocabulary or ""
            self._terms[number] = Term(system_of(vocabulary), vocabulary, code or "", name or "")

    def term(self, number: int | None) -> Term | None:
        """Return a concept that was learned, or None."""
        return None if number is None else self._terms.get(number)

    def name(self, number: int | None) -> str | None:
        """Return the name of a concept, or None."""
        term = self.term(number)
        return None if term is None else term.name

    def ancestors(self, ids: set[int]) -> dict[int, list[Term]]:
        """Return the wider concepts of each concept, the nearest first."""
        scan = self._folder.scan("concept_ancestor", _ANCESTOR) if ids and self.present else None
        if scan is None:
            return {}
        frame = collect(_only(scan, "descendant_concept_id", ids), self._place("concept_ancestor"))
        frame = frame.filter(pl.col("min_levels_of_separation") > 0).sort("min_levels_of_separation")
        self.learn(frame["ancestor_concept_id"].unique().to_list())
        found: dict[int, list[Term]] = {}
        for child, parent in frame.select("descendant_concept_id", "ancestor_concept_id").iter_rows():
            term = self.term(parent)
            if term is not None:
                found.setdefault(child, []).append(term)
        return found

    def strengths(self, ids: set[int]) -> dict[int, list[tuple[int | None, Strength]]]:
        """Return for each drug its ingredients' concept ids and strengths in mg."""
        scan = self._folder.scan("drug_strength", _STRENGTH) if ids else None
        if scan is None:
            return {}
        frame = collect(_only(scan, "drug_concept_id", ids), self._place("drug_strength"))
        found: dict[int, list[tuple[int | None, Strength]]] = {}
        for row in frame.iter_rows(named=True):
            strength = _strength(row)
            if strength is not None:
                found.setdefault(row["drug_concept_id"], []).append((row["ingredient_concept_id"], strength))
        self.learn(ingredient for rows in found.values() for ingredient, _ in rows)
        return found

    def _place(self, table: str) -> str:
        return f"{self._folder.path.name}/{self._folder.origin(table)}"


def _only(scan: pl.LazyFrame, column: str, ids: set[int]) -> pl.LazyFrame:
    wanted = pl.LazyFrame({column: sorted(ids)}, schema={column: pl.Int64()})
    return scan.join(wanted, on=column, how="semi")


def _strength(row: dict[str, float | int | None]) -> Strength | None:
    amount = _milligrams(row["amount_value"], row["amount_unit_concept_id"])
    if amount is not None:
        return Strength(mg_per_unit=amount)
    numerator = _milligrams(row["numerator_value"], row["numerator_unit_concept_id"])
    millilitres = MILLILITRES_PER_UNIT_CONCEPT.get(int(row["denominator_unit_concept_id"] or 0))
    if numerator is None or millilitres is None:
        return None
    return Strength(mg_per_ml=numerator / (millilitres * (row["denominator_value"] or 1.0)))


def _milligrams(value: float | None, unit_concept: float | None) -> float | None:
    factor = MILLIGRAMS_PER_UNIT_CONCEPT.get(int(unit_concept or 0))
    return None if value is None or factor is None or value <= 0 else value * factor
