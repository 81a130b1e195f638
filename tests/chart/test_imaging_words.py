"""What reports of special MRI sequences and of ultrasound are read as."""

from __future__ import annotations

import pytest

from precollapse.chart.text import TextIndex
from precollapse.knowledge.load import load
from tests.chart.case_help import read, row_of

INDEX = TextIndex.of(load())


def _found(text: str) -> set[str]:
    return {
        ("-" if hit.absent else "") + hit.concept + (f"={hit.choice}" if hit.choice else "")
        for hit in INDEX.find(text)
    }


@pytest.mark.pathway("I02")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sparing of the medial femoral head", {"mri_medial_head_spared"}),
        ("DCE MRI: no subchondral flow inside a rim of high flow", {"mri_perfusion_pattern=no_flow_core"}),
        ("DCE MRI shows a subchondral high-flow stripe", {"mri_perfusion_pattern=high_flow_stripe"}),
        ("gradient echo blooming of the lining", {"mri_haemosiderin_blooming"}),
        ("no haemosiderin deposition", {"-mri_haemosiderin_blooming"}),
        ("erosions of the femoral head and acetabulum", {"imaging_erosions_both_sides"}),
    ],
)
def test_an_mri_report_names_what_tells_osteonecrosis_from_its_likenesses(
    text: str, expected: set[str]
) -> None:
    assert _found(text) == expected


@pytest.mark.pathway("I03")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("inguinal hernia on ultrasound", {"ultrasound_groin_hernia"}),
        ("no inguinal hernia on ultrasound", {"-ultrasound_groin_hernia"}),
        ("trochanteric bursitis on ultrasound", {"ultrasound_gluteal_or_bursal_change"}),
    ],
)
def test_an_ultrasound_names_causes_outside_the_joint(text: str, expected: set[str]) -> None:
    assert _found(text) == expected


@pytest.mark.pathway("I02")
def test_the_depth_of_the_band_is_kept_in_millimetres() -> None:
    chart = read({"hips": {"left": {"mri_band_depth_mm": "1.5 cm"}}})
    assert row_of(chart, "mri_band_depth_mm")["value"] == pytest.approx(15.0)
