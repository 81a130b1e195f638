"""The records that robustness is tried on, and short ways to send many of them through at once."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from precollapse.chart.model import Chart
from precollapse.chart.reader import read_bytes
from precollapse.knowledge.load import load

TOP = Path(__file__).parents[2]
CASES = tuple(sorted((TOP / "tests" / "cases" / "files").glob("*.yaml")))
EXAMPLES = tuple(sorted((TOP / "examples").iterdir()))
SAME_PATIENT = TOP / "tests" / "same_patient"
BUNDLE = SAME_PATIENT / "fhir.json"
RECORDS = (*CASES, *EXAMPLES, BUNDLE)

DAY = date(2026, 11, 22)
KNOWLEDGE = load()

DATA_VARIABLE = "PRECOLLAPSE_TEST_DATA"


@cache
def content_of(path: Path) -> Any:
    """Return what a record holds, as plain data; callers must not change it."""
    data = path.read_bytes()
    return json.loads(data) if path.suffix == ".json" else yaml.safe_load(data)


def encoded(content: Any) -> bytes:
    """Write plain data as JSON, which both kinds of record accept."""
    return json.dumps(content, default=str).encode()


def chart_of(content: Any, name: str) -> Chart:
    """Read plain data as if it stood in a file."""
    return read_bytes(encoded(content), name, KNOWLEDGE, DAY)


def synthetic_bundles() -> list[Path]:
    """Return the synthetic bundles that are kept outside of the repository, or skip the test."""
    folder = os.environ.get(DATA_VARIABLE)
    if not folder:
        pytest.skip(f"set {DATA_VARIABLE} to a folder of Synthea's R4 sample bundles")
    found = sorted(Path(folder).glob("*.json")) or sorted(Path(folder).glob("synthea*/*.json"))
    if not found:
        pytest.skip(f"{DATA_VARIABLE} names a folder without bundles (*.json)")
    return found


def together(charts: Iterable[Chart]) -> Chart:
    """Put charts into one."""
    return Chart.concat(list(charts))
