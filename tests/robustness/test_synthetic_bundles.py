"""Whole synthetic records: every entry is accounted for, and nothing is read into them.

The bundles are Synthea's published R4 samples; they stay outside of the repository.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from precollapse.assess import assess_chart
from precollapse.chart.model import UNREAD_REASONS, Chart
from precollapse.chart.reader import read
from tests.robustness.records import DAY, KNOWLEDGE, chart_of, content_of, synthetic_bundles, together

PREDNISONE_5_MG_TABLET = "312617"
COUNTED = re.compile(r" ×(\d+)$")
VALUES = ("value", "component", "dataAbsentReason", "interpretation")
ENTRY = re.compile(r"entry\[(\d+)\]")
INHALED_NASAL_OR_SKIN = re.compile(r"fluticasone|budesonide|hydrocortisone", re.IGNORECASE)


@cache
def charts() -> dict[Path, Chart]:
    return {path: read(path, KNOWLEDGE, DAY) for path in synthetic_bundles()}


def resources(path: Path, kind: str | None = None) -> list[dict[str, Any]]:
    found = [entry["resource"] for entry in content_of(path)["entry"]]
    return [one for one in found if kind in {None, one["resourceType"]}]


def of_medicines(path: Path) -> str:
    requests = resources(path, "MedicationRequest")
    return " ".join(f"{r.get('medicationCodeableConcept')}" for r in requests)


@pytest.mark.slow
def test_every_bundle_is_assessed() -> None:
    paths = list(charts())
    assessments = assess_chart(together(charts().values()), KNOWLEDGE, DAY)
    assert [assessment.patient.record for assessment in assessments] == [path.name for path in paths]


@pytest.mark.slow
def test_every_entry_became_something_or_is_listed_as_unread() -> None:
    for path, chart in charts().items():
        origins = [o for t in (chart.statements, chart.doses, chart.unread) for o in t["origin"].to_list()]
        named = {int(number) for origin in origins for number in ENTRY.findall(origin)}
        counted = [int(n) for origin in chart.unread["origin"] for n in COUNTED.findall(origin)]
        patients = len(resources(path, "Patient"))
        assert len(named) + sum(counted) + patients == len(resources(path)), path.name
        assert set(chart.unread["reason"]) <= set(UNREAD_REASONS)


@pytest.mark.hazard("inhaled-as-systemic")
def test_oral_prednisone_is_found_in_exactly_the_records_that_hold_it() -> None:
    holding = {p for p in charts() if f"'{PREDNISONE_5_MG_TABLET}'" in of_medicines(p)}
    found = {p for p, c in charts().items() if "systemic" in c.doses["route"].to_list()}
    assert found == holding
    assert len(found) == 5
    for path in found:
        doses = charts()[path].doses
        assert set(doses["ingredient"]) == {"prednisone"}
        assert set(doses["mg_per_day"]) == {5.0}


@pytest.mark.hazard("inhaled-as-systemic")
def test_inhaled_nasal_and_skin_corticosteroids_are_never_systemic() -> None:
    local = [p for p in charts() if INHALED_NASAL_OR_SKIN.search(of_medicines(p))]
    assert len(local) >= 5
    assert any("fluticasone" in of_medicines(p).lower() for p in local)
    for path in local:
        if PREDNISONE_5_MG_TABLET in of_medicines(path):
            continue
        (assessment,) = assess_chart(charts()[path], KNOWLEDGE, DAY)
        assert assessment.risk.exposure == (), path.name
        assert "systemic_corticosteroid" not in charts()[path].statements["concept"].to_list()


@pytest.mark.slow
def test_observation_without_its_value_asserts_nothing() -> None:
    stripped = 0
    for path in charts():
        entries = [
            entry | {"resource": without_value(entry["resource"])} for entry in content_of(path)["entry"]
        ]
        statements = chart_of(content_of(path) | {"entry": entries}, path.name).statements
        said = {int(number) for origin in statements["origin"] for number in ENTRY.findall(origin)}
        for number, resource in enumerate(resources(path)):
            if resource["resourceType"] == "Observation":
                stripped += 1
                assert number not in said, (path.name, number, resource["code"])
    assert stripped > 1000


def without_value(resource: dict[str, Any]) -> dict[str, Any]:
    if resource["resourceType"] != "Observation":
        return resource
    return {key: value for key, value in resource.items() if not key.startswith(VALUES)}
