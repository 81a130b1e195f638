"""Looks up ids in CONCEPT, CONCEPT_ANCESTOR, DRUG_STRENGTH and PROVIDER, only those that the record uses.

The vocabulary may hold millions of concepts and is never loaded whole; each id is looked up once. Any of
the four tables may be missing; what cannot be looked up stays unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import polars as pl

from precollapse.chart.codes import system_of
from precollapse.chart.dose_step import Strength
from precollapse.chart.omop.schema import NO_CONCEPT
from precollapse.chart.omop.tables import Kind, Source
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
_PROVIDER: dict[str, Kind] = {
    "provider_id": "id",
    "specialty_concept_id": "id",
    "specialty_source_value": "text",
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

    def __init__(self, source: Source) -> None:
        self._source = source
        self._terms: dict[int, Term] = {}
        self._asked: set[int] = {NO_CONCEPT}
        self._strengths: dict[int, list[tuple[int | None, Strength]]] = {}
        self._strengths_asked: set[int] = set()
        self._specialties: dict[int, str] = {}
        self._providers_asked: set[int] = set()
        self.present = "concept" in source.names()

    def learn(self, ids: Iterable[int | None]) -> None:
        """Look up further concept ids, all in one pass over the table."""
        frame = self._new("concept", _CONCEPT, ids, self._asked)
        if frame is None:
            return
        for number, name, vocabulary, code in frame.select(
            "concept_id", "concept_name", "vocabulary_id", "concept_code"
        ).iter_rows():
            vocabulary = vocabulary or ""
            self._terms[number] = Term(system_of(vocabulary), vocabulary, code or "", name or "")

    def _new(
        self, table: str, columns: dict[str, Kind], ids: Iterable[int | None], asked: set[int]
    ) -> pl.DataFrame | None:
        """Read the rows of those ids, in the first of the columns, that nobody asked for before."""
        wanted = {number for number in ids if number is not None} - asked
        asked |= wanted
        return self._source.pick(table, columns, next(iter(columns)), wanted) if wanted else None

    def term(self, number: int | None) -> Term | None:
        """Return a concept that was learned, or None."""
        return None if number is None else self._terms.get(number)

    def name(self, number: int | None) -> str | None:
        """Return the name of a concept, or None."""
        term = self.term(number)
        return None if term is None else term.name

    def ancestors(self, ids: set[int], useful: Callable[[Term], object]) -> dict[int, list[Term]]:
        """Return those wider concepts of each concept that are ``useful``, the nearest first."""
        if not ids or not self.present:
            return {}
        frame = self._source.pick("concept_ancestor", _ANCESTOR, "descendant_concept_id", ids)
        if frame is None:
            return {}
        frame = frame.filter(pl.col("min_levels_of_separation") > 0)
        wider = frame["ancestor_concept_id"].unique().to_list()
        self.learn(wider)
        kept = [number for number in wider if (term := self.term(number)) is not None and useful(term)]
        # Most of a concept's many ancestors mean nothing here; they must not become Python objects.
        frame = frame.filter(pl.col("ancestor_concept_id").is_in(kept))
        found: dict[int, list[Term]] = {}
        for child, parent in (
            frame.sort("min_levels_of_separation", "ancestor_concept_id")
            .select("descendant_concept_id", "ancestor_concept_id")
            .iter_rows()
        ):
            found.setdefault(child, []).append(self._terms[parent])
        return found

    def strengths(self, ids: Iterable[int | None]) -> dict[int, list[tuple[int | None, Strength]]]:
        """Return for each drug its ingredients' concept ids and strengths in mg."""
        frame = self._new("drug_strength", _STRENGTH, ids, self._strengths_asked)
        if frame is not None:
            for row in frame.sort("ingredient_concept_id").iter_rows(named=True):
                strength = _strength(row)
                if strength is not None:
                    listed = self._strengths.setdefault(row["drug_concept_id"], [])
                    listed.append((row["ingredient_concept_id"], strength))
            self.learn(ingredient for rows in self._strengths.values() for ingredient, _ in rows)
        return self._strengths

    def specialties(self, ids: Iterable[int | None]) -> dict[int, str]:
        """Return for each provider the specialty: the name of its concept, or else the source's word."""
        frame = self._new("provider", _PROVIDER, ids, self._providers_asked)
        if frame is not None:
            self.learn(frame["specialty_concept_id"].unique().to_list())
            for provider, concept, word in frame.select(*_PROVIDER).iter_rows():
                said = self.name(concept) or word
                if said:
                    self._specialties.setdefault(provider, said)
        return self._specialties


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
