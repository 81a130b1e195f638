"""The question of the screening benchmark has one answer, whoever is asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.screening import criteria, readers
from benchmarks.screening.export import TYPES, Exported, export, source_folder
from precollapse.knowledge.load import load

PATIENTS = 60
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
SNOMED = "http://snomed.info/sct"
PREDNISONE, SKIN_CREAM, HYPERLIPIDAEMIA, COLD = "312617", "106258", "55822004", "82272006"


def _about(patient: str, kind: str, number: int, element: str, system: str, code: str) -> dict[str, Any]:
    resource: dict[str, Any] = {
        "resourceType": kind,
        "id": f"{patient}-{number}",
        "subject": {"reference": f"Patient/{patient}"},
        element: {"coding": [{"system": system, "code": code}]},
    }
    return resource


def _order(patient: str, number: int, code: str) -> dict[str, Any]:
    order = _about(patient, "MedicationRequest", number, "medicationCodeableConcept", RXNORM, code)
    return {**order, "status": "active", "intent": "order", "authoredOn": "2020-02-29"}


@pytest.fixture
def invented(tmp_path: Path) -> Path:
    """Write the records of three patients: one on prednisone, one with a cause, one with neither."""
    resources: list[dict[str, Any]] = [
        {"resourceType": "Patient", "id": name, "birthDate": "1960-05-04"} for name in "abc"
    ]
    resources += [
        _order("a", 1, PREDNISONE),
        _about("b", "Condition", 1, "code", SNOMED, HYPERLIPIDAEMIA),
        _order("c", 1, SKIN_CREAM),
        _about("c", "Condition", 2, "code", SNOMED, COLD),
        {**_order("c", 3, ""), "medicationCodeableConcept": {"text": "prednisone 20 mg tablets"}},
    ]
    folder = tmp_path / "source"
    folder.mkdir()
    for kind in TYPES:
        lines = (json.dumps(each) + "\n" for each in resources if each["resourceType"] == kind)
        (folder / f"{kind}.ndjson").write_text("".join(lines), encoding="utf-8")
    return folder


def _answers(folder: Path) -> tuple[criteria.Patients, criteria.Patients]:
    knowledge = load()
    sets = criteria.value_sets(knowledge, folder)
    return criteria.referee(folder, sets), criteria.from_chart(folder, knowledge)


def test_on_the_sample_the_loop_and_the_chart_find_the_same_patients_for_every_part_of_the_question(
    tmp_path: Path,
) -> None:
    if not source_folder().is_dir():
        pytest.skip("there is no sample: neither PRECOLLAPSE_TEST_DATA nor synthetic/sample is a folder")
    export(tmp_path, PATIENTS)
    referee, chart = _answers(tmp_path)
    assert referee == chart
    assert referee["corticosteroids"] and referee["causes"] and referee["mri"]
    assert 0 < len(criteria.positive(referee)) < PATIENTS


def test_prednisone_and_a_cause_count_and_a_skin_cream_does_not(invented: Path, tmp_path: Path) -> None:
    export(tmp_path / "export", 30, source=invented)
    referee, chart = _answers(tmp_path / "export")
    assert referee == chart
    assert [len(referee[name]) for name in ("corticosteroids", "causes")] == [10, 10]
    assert {name.split("-", 1)[1] for name in referee["corticosteroids"]} == {"a"}
    assert criteria.positive(referee) == (referee["corticosteroids"] | referee["causes"]) - referee["mri"]
    assert referee["mri"] & referee["corticosteroids"] | referee["mri"] & referee["causes"]


def test_replicas_have_ids_and_dates_of_their_own_and_keep_their_references(
    invented: Path, tmp_path: Path
) -> None:
    written = export(tmp_path, 300, source=invented)
    patients = list(criteria.resources(tmp_path, "Patient"))
    ids = {patient["id"] for patient in patients}
    assert len(ids) == written.patients == 300
    assert len({patient["birthDate"] for patient in patients}) > 200
    for kind in TYPES[1:]:
        assert {each["subject"]["reference"].removeprefix("Patient/")
                for each in criteria.resources(tmp_path, kind)} <= ids  # fmt: skip


def test_the_same_seed_writes_the_same_bytes(invented: Path, tmp_path: Path) -> None:
    def written(name: str, seed: int) -> tuple[Exported, list[bytes]]:
        exported = export(tmp_path / name, 20, seed=seed, source=invented)
        return exported, [(tmp_path / name / f"{kind}.ndjson").read_bytes() for kind in TYPES]

    assert written("first", 1) == written("second", 1)
    assert written("first", 1) != written("third", 2)


def test_every_reader_sees_the_same_lines_and_orders(invented: Path, tmp_path: Path) -> None:
    export(tmp_path, 40, source=invented)
    wanted = frozenset({(RXNORM, PREDNISONE)})
    seen = readers.json_module(tmp_path, wanted)
    assert seen[1] == 14  # of 40 patients, each third is the one on prednisone
    for reader in (readers.msgspec_typed_by_line, readers.msgspec_typed_all_lines, readers.msgspec_untyped):
        halves = [reader(tmp_path, wanted, (number, 2)) for number in range(2)]
        assert (halves[0][0] + halves[1][0], halves[0][1] + halves[1][1]) == reader(tmp_path, wanted) == seen
    assert readers.polars(tmp_path, wanted) == seen
