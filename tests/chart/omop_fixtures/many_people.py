"""Writes an invented OMOP folder of any number of persons with about twenty events each, from a seed."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl

from tests.chart.omop_fixtures.omop_folder import concept_rows

Form = Literal["csv", "parquet"]
CHUNK = 50_000  # persons written at a time

# Events of a person: table, mean number, concepts that mean something, and those that mean nothing here.
_CONDITIONS = [257628, 45591853, 45591852]
_DRUGS = [1551192, 1551170, 40184084, 1149380]
_TESTS = [3027114, 3025315]
_SIGS = [
    f"Take {tablets} tablet{'s' if tablets > 1 else ''} by mouth {often}{long}"
    for tablets in (1, 2, 3, 4)
    for often in ("daily", "twice a day", "every morning", "every other day")
    for long in ("", " for 7 days", " for 10 days", " for 2 weeks", " for 30 days")
]
_IRRELEVANT = 400  # further concepts, which no knowledge lists


def irrelevant() -> list[tuple[int, str, str, str]]:
    """Return concepts of no bearing on the hip."""
    return [(2_000_000_000 + i, "Local", f"L{i}", f"local finding number {i}") for i in range(_IRRELEVANT)]


def write_people(folder: Path, persons: int, form: Form = "parquet", seed: int = 1) -> Path:
    """Write the tables; the same seed gives the same rows in both forms."""
    folder.mkdir(parents=True, exist_ok=True)
    pl.DataFrame(concept_rows(*irrelevant())).write_csv(folder / "concept.csv")
    pl.DataFrame(
        {"provider_id": [1, 2, 3], "specialty_concept_id": [0, 0, 0],
         "specialty_source_value": ["rheumatology", "neurology", None]}
    ).write_csv(folder / "provider.csv")  # fmt: skip
    random = np.random.default_rng(seed)
    for first in range(0, persons, CHUNK):
        # Parts of a table stand in one folder, as larger exports write them.
        for name, frame in _tables(random, first, min(CHUNK, persons - first)).items():
            (folder / name).mkdir(exist_ok=True)
            path = folder / name / f"part-{first:09}.{form}"
            frame.write_csv(path) if form == "csv" else frame.write_parquet(path)
    return folder


def _tables(random: np.random.Generator, first: int, count: int) -> dict[str, pl.DataFrame]:
    ids = np.arange(first + 1, first + count + 1)
    people = {
        "person_id": ids,
        "gender_concept_id": random.choice([8507, 8532], count),
        "year_of_birth": random.integers(1930, 2005, count),
        "month_of_birth": random.integers(1, 13, count),
        "day_of_birth": random.integers(1, 29, count),
    }
    conditions = _rows(random, ids, 3, _CONDITIONS, 0.1)
    tests = _rows(random, ids, 8, _TESTS, 0.4)
    observations = _rows(random, ids, 3, [], 0.0)
    procedures = _rows(random, ids, 3, [4134121], 0.02)
    drugs = _rows(random, ids, 3, _DRUGS, 0.3)
    values = np.round(random.uniform(40, 300, tests.height), 2)
    weight = pl.col("measurement_concept_id") == _TESTS[1]
    steroid = pl.col("concept").is_in(_DRUGS[:2])
    return {
        "person": pl.DataFrame(people),
        "condition_occurrence": _named(conditions, "condition", "condition_start_date"),
        "measurement": _named(tests, "measurement", "measurement_date").with_columns(
            pl.Series("value_as_number", values),
            pl.when(weight).then(9529).otherwise(8840).alias("unit_concept_id"),
            pl.when(weight).then(pl.lit("kg")).otherwise(pl.lit("mg/dL")).alias("unit_source_value"),
            pl.Series("value_source_value", [f"{value:g}" for value in values]),
        ),
        "observation": _named(observations, "observation", "observation_date").with_columns(
            pl.lit("said by the patient").alias("value_as_string")
        ),
        "procedure_occurrence": _named(procedures, "procedure", "procedure_date"),
        "drug_exposure": _named(
            drugs.with_columns(
                pl.Series("quantity", random.integers(10, 91, drugs.height)),
                pl.lit(30).alias("days_supply"),
                pl.lit(32838).alias("drug_type_concept_id"),
                pl.Series("provider_id", random.integers(1, 4, drugs.height)),
                pl.when(steroid).then(pl.Series(random.choice(_SIGS, drugs.height))).alias("sig"),
            ),
            "drug",
            "drug_exposure_start_date",
        ),
    }


def _rows(
    random: np.random.Generator, ids: np.ndarray, mean: float, known: list[int], share: float
) -> pl.DataFrame:
    """Draw events: whose, what and when, in the order of time as a source system writes them."""
    whose = np.repeat(ids, random.poisson(mean, len(ids)))
    random.shuffle(whose)
    what = random.integers(2_000_000_000, 2_000_000_000 + _IRRELEVANT, len(whose))
    if known:
        what = np.where(random.random(len(whose)) < share, random.choice(known, len(whose)), what)
    days = np.sort(random.integers(0, 3650, len(whose)))
    when = np.datetime64(date(2015, 1, 1)) + days.astype("timedelta64[D]")
    return pl.DataFrame({"person_id": whose, "concept": what, "when": when}).with_columns(
        pl.col("when").cast(pl.Date)
    )


def _named(rows: pl.DataFrame, stem: str, day: str) -> pl.DataFrame:
    return rows.rename({"concept": f"{stem}_concept_id", "when": day}).with_columns(
        pl.col(f"{stem}_concept_id").cast(pl.String).alias(f"{stem}_source_value"),
        pl.lit(0).alias(f"{stem}_source_concept_id"),
    )


if __name__ == "__main__":
    write_people(Path(sys.argv[1]), int(sys.argv[2]), "csv" if sys.argv[3] == "csv" else "parquet")
