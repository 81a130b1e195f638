"""What the tests of the synthetic cohort share: the sample, its chart and its truth."""

from __future__ import annotations

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from precollapse.chart.model import Chart
from precollapse.chart.reader import read
from precollapse.knowledge.load import load

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "synthetic" / "sample"
MODULES = ROOT / "synthetic" / "modules"


@cache
def sample_chart() -> Chart:
    return read(SAMPLE, load())


def truth(folder: Path = SAMPLE) -> list[dict[str, str]]:
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def lines(kind: str, folder: Path = SAMPLE) -> list[dict[str, Any]]:
    text = (folder / f"{kind}.ndjson").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def patients_with(chart: Chart, concept: str, status: str = "present") -> set[str]:
    """Return the ids of the patients of whom a concept is stated."""
    found = chart.statements.filter((pl.col("concept") == concept) & (pl.col("status") == status))
    return set(found.join(chart.persons.select("person", "key"), on="person")["key"])
