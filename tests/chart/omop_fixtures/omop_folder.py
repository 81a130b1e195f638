"""Writes small OMOP folders for tests from rows given as dictionaries; columns not given are left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from precollapse.chart.model import Chart
from precollapse.chart.omop.read import read_omop
from precollapse.knowledge.load import load

Rows = list[dict[str, Any]]

WOMAN = {
    "person_id": 7, "gender_concept_id": 8532, "year_of_birth": 1985, "month_of_birth": 6, "day_of_birth": 15,
}  # fmt: skip

# id, vocabulary, code, name: the few concepts the tests use.
CONCEPTS = [
    (257628, "SNOMED", "55464009", "Systemic lupus erythematosus"),
    (35208821, "ICD10CM", "M32.9", "Systemic lupus erythematosus, unspecified"),
    (45591853, "ICD10CM", "M87.052", "Idiopathic aseptic necrosis of left femur"),
    (45591852, "ICD10CM", "M87.051", "Idiopathic aseptic necrosis of right femur"),
    (45573197, "ICD10CM", "M87.059", "Idiopathic aseptic necrosis of unspecified femur"),
    (4134121, "SNOMED", "52734007", "Total replacement of hip"),
    (4083236, "SNOMED", "24165007", "Alcoholism counseling"),
    (4300877, "SNOMED", "7771000", "Left"),
    (4300878, "SNOMED", "24028007", "Right"),
    (3027114, "LOINC", "2093-3", "Cholesterol [Mass/volume] in Serum or Plasma"),
    (3025315, "LOINC", "29463-7", "Body weight"),
    (43054909, "LOINC", "72166-2", "Tobacco smoking status"),
    (4310250, "SNOMED", "8517006", "Ex-smoker"),
    (8840, "UCUM", "mg/dL", "milligram per deciliter"),
    (8753, "UCUM", "mmol/L", "millimole per liter"),
    (9529, "UCUM", "kg", "kilogram"),
    (9189, "SNOMED", "260385009", "Negative"),
    (9191, "SNOMED", "10828004", "Positive"),
    (4167217, "SNOMED", "416471007", "Family history of clinical finding"),
    (4214956, "SNOMED", "417662000", "History of clinical finding in subject"),
    (1551192, "RxNorm", "312617", "prednisone 5 MG Oral Tablet"),
    (1551170, "RxNorm", "312615", "prednisone 20 MG Oral Tablet"),
    (1551099, "RxNorm", "8640", "prednisone"),
    (40184084, "RxNorm", "979092", "hydroxychloroquine sulfate 200 MG Oral Tablet"),
    (
        1149380, "RxNorm", "896209",
        "60 ACTUAT fluticasone propionate 0.25 MG/ACTUAT / salmeterol 0.05 MG/ACTUAT Dry Powder Inhaler",
    ),
    (4132161, "SNOMED", "26643006", "Oral"),
    (32899, "Condition Status", "OMOP4976967", "Preliminary diagnosis"),
]  # fmt: skip


def concept_rows(*extra: tuple[int, str, str, str]) -> Rows:
    names = ("concept_id", "vocabulary_id", "concept_code", "concept_name")
    return [dict(zip(names, row, strict=True)) for row in (*CONCEPTS, *extra)]


def write_folder(folder: Path, *, concepts: bool = True, **tables: Rows) -> Path:
    """Write a folder of CSV tables with one woman as the patient unless others are given."""
    tables.setdefault("person", [WOMAN])
    if concepts:
        tables.setdefault("concept", concept_rows())
    for name, rows in tables.items():
        pl.DataFrame(rows, infer_schema_length=None).write_csv(folder / f"{name}.csv")
    return folder


def read_tables(folder: Path, *, concepts: bool = True, **tables: Rows) -> Chart:
    """Write the tables and read them with the real knowledge."""
    return read_omop(write_folder(folder, concepts=concepts, **tables), load())


def condition(concept_id: int = 0, start: str = "2026-03-01", **more: Any) -> dict[str, Any]:
    return {
        "condition_occurrence_id": 1, "person_id": 7, "condition_concept_id": concept_id,
        "condition_start_date": start, **more,
    }  # fmt: skip


def measurement(concept_id: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "measurement_id": 1, "person_id": 7, "measurement_concept_id": concept_id,
        "measurement_date": "2026-11-16", **more,
    }  # fmt: skip


def observation(concept_id: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "observation_id": 1, "person_id": 7, "observation_concept_id": concept_id,
        "observation_date": "2026-11-16", **more,
    }  # fmt: skip


def drug(concept_id: int = 1551192, start: str = "2026-03-01", **more: Any) -> dict[str, Any]:
    return {
        "drug_exposure_id": 1, "person_id": 7, "drug_concept_id": concept_id,
        "drug_exposure_start_date": start, **more,
    }  # fmt: skip


def only(frame: pl.DataFrame) -> dict[str, Any]:
    """Return the one row of a table that must have one."""
    assert frame.height == 1, frame.to_dicts()
    return frame.row(0, named=True)


def of(chart: Chart, concept: str) -> pl.DataFrame:
    return chart.statements.filter(pl.col("concept") == concept)
