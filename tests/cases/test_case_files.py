"""All published cases are read: nothing is lost, nothing denied becomes present, most is understood."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from precollapse.chart.model import UNREAD_REASONS, Chart
from precollapse.chart.reader import read
from precollapse.knowledge.load import load

FOLDER = Path(__file__).parent
FILES = sorted((FOLDER / "files").glob("*.yaml"))
AS_OF = date(2026, 1, 31)
ENOUGH = 0.85


@cache
def _chart(path: Path) -> Chart:
    return read(path, load(), AS_OF)


@cache
def _raw(path: Path) -> dict[str, Any]:
    raw: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return raw


@cache
def _reported() -> dict[str, Any]:
    reported: dict[str, Any] = yaml.safe_load((FOLDER / "reported.yaml").read_text("utf-8"))
    return reported


def _entries(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield every entry of a file with the origin that the reader gives it."""
    raw = _raw(path)
    for field in ("age_note", "bmi_note", "sex_note"):
        if field in raw.get("patient", {}):
            yield f"{path.name}: patient.{field}", raw["patient"][field]
    for section in ("history", "medications", "symptoms", "exam", "labs"):
        for number, entry in enumerate(raw.get(section, [])):
            yield f"{path.name}: {section}[{number}]", entry
    for number, study in enumerate(raw.get("imaging", [])):
        for finding_number, finding in enumerate(study["findings"]):
            yield f"{path.name}: imaging[{number}].findings[{finding_number}]", finding


def _understood(chart: Chart) -> set[str]:
    return {*chart.statements["origin"].to_list(), *chart.doses["origin"].to_list()}


def test_there_are_64_cases_with_a_reported_outcome_each() -> None:
    assert len(FILES) == 64
    assert {path.stem for path in FILES} == set(_reported())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_entry_is_understood_or_listed_with_a_reason(path: Path) -> None:
    chart = _chart(path)
    assert chart.persons["key"].to_list() == [path.stem]
    accounted = _understood(chart) | set(chart.unread["origin"].to_list())
    assert [origin for origin, _ in _entries(path) if origin not in accounted] == []
    assert set(chart.unread["reason"]) <= set(UNREAD_REASONS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_a_case_denies_is_never_read_as_present(path: Path) -> None:
    chart = _chart(path)
    denied = {
        origin
        for origin, entry in _entries(path)
        if isinstance(entry, dict) and entry.get("present") is False
    }
    rows = [row for row in chart.statements.iter_rows(named=True) if row["origin"] in denied]
    claims = [row for row in rows if row["status"] not in {"absent"}]
    # A habit is denied by the choice "never"; "no risk factors" is a statement of its own.
    assert [
        row for row in claims if row["choice"] != "never" and not row["concept"].endswith("_denied")
    ] == []


def test_most_of_what_matters_for_the_hip_is_understood() -> None:
    not_relevant: dict[str, dict[str, str]] = yaml.safe_load(
        (FOLDER / "not-relevant.yaml").read_text("utf-8")
    )
    total, missed = 0, []
    for path in FILES:
        understood = _understood(_chart(path))
        ignored = {f"{path.name}: {origin}" for origin in not_relevant.get(path.stem, {})}
        relevant = [(origin, entry) for origin, entry in _entries(path) if origin not in ignored]
        total += len(relevant)
        missed += [f"{origin}: {entry}" for origin, entry in relevant if origin not in understood]
    share = 1 - len(missed) / total
    assert share >= ENOUGH, f"{share:.1%} of {total} entries understood; not:\n" + "\n".join(missed)


def test_no_file_gives_away_what_was_concluded() -> None:
    for path in FILES:
        assert not {"reported", "source", "emergency"} & set(_raw(path))
        names = any(study.get("names_diagnosis") for study in _raw(path).get("imaging", []))
        assert names == _reported()[path.stem]["imaging_names_diagnosis"], path.stem


def test_imaging_that_names_the_diagnosis_is_marked_in_the_chart() -> None:
    path = FOLDER / "files" / "cr-044.yaml"
    notes = [
        row["note"] or ""
        for row in _chart(path).statements.iter_rows(named=True)
        if "imaging" in row["origin"]
    ]
    assert notes
    assert all("names the diagnosis" in note for note in notes)


def test_pulse_followed_by_a_taper_becomes_two_stretches_of_doses() -> None:
    doses = _chart(FOLDER / "files" / "cr-044.yaml").doses
    first = doses.row(0, named=True)
    assert first["ingredient"] == "methylprednisolone"
    assert first["mg_per_day"] == 1000
    assert (first["end"] - first["start"]).days == 4
    assert doses["ingredient"].to_list()[1] == "prednisolone"
    assert doses["order"].n_unique() == 1


def test_injection_into_the_hip_is_no_systemic_exposure() -> None:
    concepts = _chart(FOLDER / "files" / "cr-020.yaml").statements["concept"].to_list()
    assert "intra_articular_hip_corticosteroid" in concepts
    assert "systemic_corticosteroid" not in concepts


def test_decade_of_life_becomes_bounds_of_the_age() -> None:
    (row,) = [
        row for row in _chart(FOLDER / "files" / "cr-049.yaml").statements.iter_rows(named=True)
        if row["concept"] == "age_years"
    ]  # fmt: skip
    assert (row["value"], row["low"], row["high"]) == (None, 20, 29)
