"""Scores and devices in words: what is recognised, and what must not be taken for something else."""

from __future__ import annotations

import pytest

from precollapse.chart.text import TextIndex
from tests.facts.people import KNOWLEDGE

INDEX = TextIndex.of(KNOWLEDGE)


def found(text: str) -> list[str]:
    return [hit.concept for hit in INDEX.find(text) if not hit.absent]


@pytest.mark.pathway("S15")
@pytest.mark.parametrize(
    ("text", "concept", "number"),
    [
        ("Harris hip score 62 on the left.", "harris_hip_score", 62),
        ("Modified Harris hip score 80", "modified_harris_hip_score", 80),
        ("Oxford hip score 21", "oxford_hip_score", 21),
        ("UCLA activity 4", "ucla_activity", 4),
        ("external rotation in extension 20 degrees", "external_rotation_extended_deg", 20),
    ],
)
def test_a_score_in_a_letter_is_read_with_its_number(text: str, concept: str, number: float) -> None:
    assert [(hit.concept, hit.number) for hit in INDEX.find(text)] == [(concept, number)]


def test_a_bare_pain_score_is_not_taken_for_millimetres() -> None:
    assert "pain_vas_mm" not in found("VAS pain 6")


def test_an_mri_conditional_pacemaker_is_a_pacemaker_whose_safety_is_still_to_be_asked() -> None:
    assert found("Known MRI-conditional pacemaker") == ["cardiac_pacemaker_or_defibrillator"]


def test_walking_with_a_crutch_is_no_answer_of_a_score() -> None:
    assert not [name for name in found("walks with one crutch, sits on a high chair") if "harris" in name]
