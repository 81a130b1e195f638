"""Case files with imaging findings in words: read, staged, shown."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import yaml

from precollapse.assess import assess_bytes
from precollapse.assessment.staging_nodes import Staging
from precollapse.views.text import render_text

DAY = date(2026, 11, 22)


def record(*studies: dict[str, Any]) -> bytes:
    imaging = [{"date": "2026-11-01", "side": "left", "region": "hip"} | study for study in studies]
    case = {"as_of": DAY.isoformat(), "patient": {"age_years": 45, "sex": "female"}, "imaging": imaging}
    return yaml.safe_dump(case).encode()


def left(*studies: dict[str, Any]) -> Staging:
    (assessment,) = assess_bytes(record(*studies), "case.yaml", today=DAY)
    assert "STAGE" in render_text(assessment).upper()
    return assessment.hips.left.staging


def stages(found: Staging) -> dict[str, tuple[str, ...]]:
    return {one.id: one.possible for one in found.systems}


FILM = {
    "modality": "radiograph",
    "findings": ["crescent sign", "no flattening of the femoral head", "joint space preserved"],
}


@pytest.mark.pathway("I01", "I02")
def test_findings_in_words_are_staged() -> None:
    mri = {"modality": "MRI", "findings": ["osteonecrosis", "modified Kerboul angle 210 degrees"]}
    found = stages(left(FILM, mri))
    assert found["arco_2019"] == ("IIIA",)
    assert found["ficat_1985"] == ("III",)
    assert found["ficat_split"] == ("IIB",)
    assert found["modified_kerboul"] == ("2",)


@pytest.mark.hazard("stage-from-mri-alone")
def test_a_depth_written_under_mri_stages_no_collapse() -> None:
    mri = {"modality": "MRI", "findings": ["osteonecrosis", "head depression 5 mm", "collapse"]}
    found = stages(left(mri))
    assert found["arco_2019"] == ("I", "II", "IIIA", "IIIB", "IV")
    film = {"modality": "radiograph", "findings": ["head depression 5 mm", "joint space preserved"]}
    assert stages(left(film, mri))["arco_2019"] == ("IIIB",)


def test_words_for_size_and_pillars_are_read() -> None:
    mri = {
        "modality": "MRI",
        "findings": [
            "osteonecrosis",
            "lateral pillar: none",
            "central pillar: part",
            "medial pillar: whole",
            "lesion location: medial",
            "share of the weight-bearing portion 50 %",
        ],
    }
    found = stages(left(mri))
    assert found["cjfh"] == ("C",)
    assert found["arco_1994_location"] == ("medial",)
    assert found["jic_type"] == ("B",)


def test_demarcating_sclerosis_and_cold_in_hot_are_two_of_the_five_criteria() -> None:
    film = {
        "modality": "radiograph",
        "findings": ["demarcating sclerosis", "joint space preserved", "no acetabular change"],
    }
    scan = {"modality": "bone scan", "findings": ["cold in hot"]}
    assert stages(left(film, scan))["jic_diagnosis"] == ("met",)
