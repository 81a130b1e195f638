"""Sides of the body in words and codes, and sites that are or are not the hip."""

from __future__ import annotations

from typing import Any

import pytest

from precollapse.chart.dosage import route_of
from precollapse.chart.routes import is_hip
from precollapse.chart.sides import side_of_codings, side_of_text
from precollapse.knowledge.load import load

SNOMED = "http://snomed.info/sct"


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("Left hip region structure", "left"),
        ("pain in right hip", "right"),
        ("both hips", "both"),
        ("right and left hip", "both"),
        ("Bilateral osteonecrosis", "both"),
        ("hip pain", None),
        ("bright light", None),
        ("", None),
        (None, None),
    ],
)
def test_the_side_is_read_from_words(text: str | None, side: str | None) -> None:
    assert side_of_text(text, load()) == side


def test_the_side_is_read_from_codes() -> None:
    assert side_of_codings([(SNOMED, "7771000")], load()) == "left"
    assert side_of_codings([(SNOMED, "7771000"), (SNOMED, "24028007")], load()) == "both"
    assert side_of_codings([(SNOMED, "1"), (None, None)], load()) is None


@pytest.mark.parametrize(
    ("site", "hip"),
    [("left hip joint", True), ("femoral head", True), ("right knee", False), ("left", None), (None, None)],
)
def test_a_site_is_the_hip_another_part_or_unknown(site: str | None, hip: bool | None) -> None:
    assert is_hip(site) is hip


ROUTES = {
    "a route code": ({"codings": [(SNOMED, "47625008")]}, "systemic"),
    "route in words": ({"route_words": "Oral"}, "systemic"),
    "oral tablet in the name": ({"name": "predniSONE 5 MG Oral Tablet"}, "systemic"),
    "inhaler in the name": ({"name": "fluticasone 0.25 MG/ACTUAT Dry Powder Inhaler"}, "local"),
    "cream in the name": ({"name": "Hydrocortisone 10 MG/ML Topical Cream"}, "local"),
    "eye drops": ({"name": "prednisolone acetate 10 MG/ML Ophthalmic Suspension"}, "local"),
    "oral rinse is local": ({"name": "dexamethasone oral rinse"}, "local"),
    "by mouth in the directions": ({"sig": "5 mg by mouth daily"}, "systemic"),
    "the route stands above the name": (
        {"route_words": "topical", "name": "prednisone 5 MG Oral Tablet"},
        "local",
    ),
    "into the hip joint": (
        {"route_words": "intra-articular", "site": "Left hip joint"},
        "intra_articular_hip",
    ),
    "into the knee is local": ({"route_words": "intra-articular", "site": "right knee"}, "local"),
    "into a joint that is not named": ({"route_words": "intra-articular"}, "unknown"),
    "ATC class of systemic steroids": (
        {"product_codings": [("http://www.whocc.no/atc", "H02AB07")]},
        "systemic",
    ),
    "ATC class of inhaled steroids": ({"product_codings": [("http://www.whocc.no/atc", "R03BA05")]}, "local"),
    "never systemic": ({"name": "ciclesonide", "never_systemic": True}, "local"),
    "nothing said stays unknown": ({"name": "hydrocortisone"}, "unknown"),
}


@pytest.mark.pathway("C03")
@pytest.mark.parametrize(("said", "route"), ROUTES.values(), ids=ROUTES)
def test_only_what_is_said_to_be_systemic_is_systemic(said: dict[str, Any], route: str) -> None:
    assert route_of(load(), **said) == route
