"""Writes the cohort definitions with the concept ids of a given OMOP vocabulary, ready for ATLAS.

    python phenotype/fill.py duckdb:///cdm.duckdb filled/

The definitions in ``cohorts`` hold a concept id only where it was seen in a public source; the others are
null until they are looked up here, by vocabulary and code, in the CONCEPT table of a folder or a database.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import polars as pl

from precollapse.chart.omop.batches import opened
from precollapse.chart.omop.tables import Kind
from precollapse.errors import InputError

COHORTS = Path(__file__).parent / "cohorts"
_COLUMNS: dict[str, Kind] = {
    "concept_id": "id",
    "concept_name": "text",
    "vocabulary_id": "text",
    "concept_code": "text",
    "standard_concept": "text",
    "domain_id": "text",
    "concept_class_id": "text",
    "invalid_reason": "text",
}
_CAPTIONS = {"S": "Standard", "C": "Classification"}

Vocabulary = dict[tuple[str, str], dict[str, Any]]


def vocabulary_of(source: Path | str, definitions: list[dict[str, Any]], work: Path) -> Vocabulary:
    """Look up the codes of the definitions; those that the vocabulary does not hold are absent."""
    wanted = {(concept["VOCABULARY_ID"], concept["CONCEPT_CODE"]) for concept in _concepts(definitions)}
    codes = pl.DataFrame(sorted(wanted), schema=["vocabulary_id", "concept_code"], orient="row")
    with opened(source) as record:
        if "concept" not in record.names():
            raise InputError(record.name, "there is no concept table, in which concept ids are looked up")
        found = [
            chunk.join(codes, on=codes.columns, how="semi")
            for chunk in record.chunks("concept", _COLUMNS, work)
        ]
    return {
        (row["vocabulary_id"], row["concept_code"]): row for row in pl.concat(found).iter_rows(named=True)
    }


def filled(definition: dict[str, Any], vocabulary: Vocabulary) -> tuple[dict[str, Any], list[str]]:
    """Return a definition with the ids of this vocabulary, and the codes left out because it lacks them.

    Raises
    ------
    InputError
        When a concept set would be left empty, so that its criterion could never hold.
    """
    result = json.loads(json.dumps(definition))
    missing: list[str] = []
    for concept_set in result["ConceptSets"]:
        items = concept_set["expression"]["items"]
        kept = [item for item in items if _key(item) in vocabulary]
        missing += [" ".join(_key(item)) for item in items if _key(item) not in vocabulary]
        if not kept:
            raise InputError(concept_set["name"], "the CONCEPT table holds none of its codes")
        for item in kept:
            item["concept"] = _atlas(vocabulary[_key(item)])
        concept_set["expression"]["items"] = kept
    return result, missing


def _key(item: dict[str, Any]) -> tuple[str, str]:
    return item["concept"]["VOCABULARY_ID"], item["concept"]["CONCEPT_CODE"]


def _concepts(definitions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    sets = [concept_set for definition in definitions for concept_set in definition["ConceptSets"]]
    return [item["concept"] for concept_set in sets for item in concept_set["expression"]["items"]]


def _atlas(row: dict[str, Any]) -> dict[str, Any]:
    """Return a concept as ATLAS writes it."""
    return {
        "CONCEPT_ID": row["concept_id"],
        "CONCEPT_NAME": row["concept_name"],
        "STANDARD_CONCEPT": row["standard_concept"] or "N",
        "STANDARD_CONCEPT_CAPTION": _CAPTIONS.get(row["standard_concept"] or "", "Non-Standard"),
        "INVALID_REASON": row["invalid_reason"] or "V",
        "INVALID_REASON_CAPTION": "Invalid" if row["invalid_reason"] else "Valid",
        "CONCEPT_CODE": row["concept_code"],
        "DOMAIN_ID": row["domain_id"],
        "VOCABULARY_ID": row["vocabulary_id"],
        "CONCEPT_CLASS_ID": row["concept_class_id"],
    }


def main(source: str, target: Path) -> None:
    """Fill every definition and list the codes that the vocabulary lacks."""
    definitions = {path.name: json.loads(path.read_text()) for path in sorted(COHORTS.glob("*.json"))}
    target.mkdir(parents=True, exist_ok=True)
    vocabulary = vocabulary_of(source, list(definitions.values()), target)
    for name, definition in definitions.items():
        result, missing = filled(definition, vocabulary)
        (target / name).write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
        said = f"; not in this vocabulary, left out: {', '.join(missing)}" if missing else ""
        sys.stdout.write(f"{target / name}{said}\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python phenotype/fill.py CDM FOLDER")
    try:
        main(sys.argv[1], Path(sys.argv[2]))
    except InputError as error:
        sys.exit(f"error: {error}")
