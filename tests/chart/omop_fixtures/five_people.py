"""Five invented patients in an OMOP folder: one without events; some events are of nobody; ids far apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from precollapse.chart.model import Chart
from precollapse.chart.omop.batches import omop_batches
from precollapse.knowledge.load import load
from tests.chart.omop_fixtures.omop_folder import (
    WOMAN,
    Rows,
    concept_rows,
    condition,
    drug,
    measurement,
    observation,
    write_folder,
)
from tests.chart.omop_fixtures.same_charts import without_file_endings

PEOPLE = (3, 7, 8, 900_719_925_474_099, -4)
SILENT, STRANGER = 3, 77
WEIGHTS = [50.5, 71.0, 88.25]


def _numbered(key: str, rows: Rows) -> Rows:
    return [{**row, key: number} for number, row in enumerate(rows, start=1)]


def invented_people(folder: Path) -> Path:
    """Write five patients: one has no events, some events are of nobody, ids are far apart."""
    folder.mkdir()
    eventful = [person for person in PEOPLE if person != SILENT]
    provider: Rows = [
        {"provider_id": 1, "specialty_concept_id": 38004491, "specialty_source_value": "rheum"},
        {"provider_id": 2, "specialty_concept_id": 0, "specialty_source_value": "GENERAL PRACTICE"},
        {"provider_id": 3, "specialty_concept_id": None, "specialty_source_value": None},
    ]
    conditions = [condition(257628, person_id=p, condition_source_value="M32.9") for p in eventful]
    conditions += [condition(45591853, person_id=8), condition(999, person_id=STRANGER)]
    tests = [measurement(3025315, person_id=p, value_as_number=w, unit_concept_id=9529)
             for p in eventful for w in WEIGHTS]  # fmt: skip
    tests += [measurement(3027114, person_id=STRANGER, value_as_number=200, unit_concept_id=8840)]
    answers = [observation(43054909, person_id=7, value_as_concept_id=4310250)]
    drugs = [
        drug(1551192, f"2026-0{month}-01", person_id=p, sig="Take 2 tablets daily", days_supply=10,
             quantity=20, provider_id=month)
        for p in eventful for month in (1, 2, 3, 4)
    ]  # fmt: skip
    drugs += [drug(900001, person_id=-4, days_supply=10, quantity=20)]
    return write_folder(
        folder,
        person=[{**WOMAN, "person_id": person} for person in PEOPLE],
        concept=concept_rows(
            (38004491, "Medicare Specialty", "66", "Rheumatology"),
            (900001, "RxNorm Extension", "OMOP1", "a box of something"),
        ),
        concept_ancestor=[_ancestor(1551099, 900001, 2), _ancestor(900001, 900001, 0)],
        drug_strength=[{"drug_concept_id": 900001, "ingredient_concept_id": 1551099, "amount_value": 5.0,
                        "amount_unit_concept_id": 8576}],
        provider=provider,
        condition_occurrence=_numbered("condition_occurrence_id", conditions),
        measurement=_numbered("measurement_id", tests),
        observation=_numbered("observation_id", answers),
        drug_exposure=_numbered("drug_exposure_id", drugs),
        death=[{"person_id": 8, "death_date": "2026-11-01"}],
        visit_occurrence=[{"visit_occurrence_id": 1, "person_id": 7}],
    )  # fmt: skip


def _ancestor(wider: int, narrower: int, levels: int) -> dict[str, Any]:
    return {
        "ancestor_concept_id": wider, "descendant_concept_id": narrower, "min_levels_of_separation": levels,
        "max_levels_of_separation": levels,
    }  # fmt: skip


def keyed(chart: Chart) -> Chart:
    """Cite persons by their key, as databases do; the other keys equal the number of the row."""
    plain = without_file_endings(chart)
    by_key = pl.format("person: row {}", "key")
    return Chart(
        plain.persons.with_columns(by_key.alias("origin")), plain.statements, plain.doses, plain.unread
    )


def batches_of(source: Path | str, size: int = 1000) -> list[Chart]:
    return list(omop_batches(source, load(), persons_per_batch=size))
