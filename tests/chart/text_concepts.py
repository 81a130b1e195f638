"""A small table of concepts for the tests of free text, independent of the knowledge."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from precollapse.chart.text import TextIndex
from precollapse.knowledge.model import Concept


def _concept(name: str, group: str, *synonyms: str, **fields: Any) -> Concept:
    fields.setdefault("type", "yes_no")
    fields.setdefault("level", "hip")
    return Concept(
        id=name,
        name=name.replace("_", " "),
        group=group,
        includes=(),
        question="?",
        synonyms=synonyms,
        **fields,
    )


_DEGREES = {"type": "number", "unit": "deg", "units": {"deg": 1.0, "degrees": 1.0, "°": 1.0}}
_RESULTS = {"positive": ("positive", "painful"), "negative": ("negative", "no pain", "normal")}
CONCEPTS = [
    _concept("hip_pain", "symptoms", "pain in the hip", "coxalgia"),
    _concept("groin_pain", "symptoms", "pain in the groin", synonyms_absent=("groin pain free",)),
    _concept("knee_pain", "symptoms"),
    _concept("thigh_pain", "symptoms", "pain in the thigh"),
    _concept("stiffness", "function", "groin pain and stiffness"),
    _concept("limp", "function", "limping"),
    _concept("fever", "red flags", "febrile", synonyms_absent=("afebrile",), level="patient"),
    _concept("weight_loss", "red flags", level="patient"),
    _concept("can_bear_weight", "function", synonyms_absent=("cannot bear weight",)),
    _concept("trauma", "causes", "injury", level="patient"),
    _concept("fall", "causes", level="patient"),
    _concept("sickle_cell_disease", "causes", level="patient"),
    _concept("family_history_sickle", "causes", "family history of sickle cell disease", level="patient"),
    _concept(
        "femoral_neck_fracture",
        "causes",
        "fracture of the femoral neck",
        "fractured neck of femur",
        resolve="ever",
    ),
    _concept("both_hips_painful", "symptoms", "bilateral hip pain"),
    _concept("faber_test", "manual tests", "FABER", "Patrick's test", type="choice", choices=_RESULTS),
    _concept("fadir_test", "manual tests", "FADIR", type="choice", choices=_RESULTS),
    _concept("lupus_anticoagulant", "laboratory", level="patient"),
    _concept(
        "smoking_status",
        "causes",
        "smoking",
        "smoker",
        type="choice",
        level="patient",
        choices={
            "current": ("current", "current smoker"),
            "former": ("former smoker", "ex-smoker"),
            "never": ("never",),
        },
    ),
    _concept("internal_rotation_deg", "examination", "internal rotation", **_DEGREES),
    _concept("external_rotation_deg", "examination", "external rotation", **_DEGREES),
    _concept(
        "haemoglobin",
        "laboratory",
        "Hb",
        type="number",
        unit="g/dL",
        units={"g/dL": 1.0, "g/L": 0.1},
        level="patient",
    ),
    _concept(
        "esr",
        "laboratory",
        "ESR",
        type="number",
        unit="mm/h",
        units={"mm/h": 1.0, "mm/hr": 1.0},
        level="patient",
    ),
    _concept("radiograph_collapse", "imaging", "collapse", "femoral head collapse"),
    _concept("mri_collapse", "imaging", "collapse"),
    _concept("mri_marrow_oedema", "imaging", "bone marrow oedema"),
    _concept("imaging_fracture", "imaging", "fracture"),
    _concept("imaging_tumour", "imaging", "tumour", "mass"),
]


def small_index() -> TextIndex:
    """Return a text index of these concepts only."""
    knowledge = SimpleNamespace(concepts={concept.id: concept for concept in CONCEPTS}, corticosteroids={})
    return TextIndex(cast(Any, knowledge))
