"""Conditions, goals and operations that decide on a treatment: recognised, implied, derived, not guessed."""

from __future__ import annotations

from typing import Any

import pytest

from precollapse.facts.build import build_facts
from precollapse.knowledge.load import load
from tests.chart import case_help
from tests.chart.fhir_fixtures.builders import (
    ICD10CM,
    SNOMED,
    Json,
    coded,
    condition,
    procedure,
    read,
    worded,
)
from tests.facts.people import AS_OF, Person, facts_of, value

pytestmark = pytest.mark.pathway(
    "D01", "D02", "D03", "D04", "D05", "D06", "D07", "D08", "D09", "D10", "D11", "D12", "D13", "D15", "D16",
    "D18", "D19", "R01", "R02",
)  # fmt: skip


def icd(code: str) -> Json:
    return condition(coded(ICD10CM, code), recordedDate="2026-11-20")


def said(resource: Json) -> set[str]:
    return set(read(resource).statements["concept"].to_list())


BY_CODE: dict[str, tuple[str, str]] = {
    "a healed ulcer": ("Z87.11", "peptic_ulcer_or_gastrointestinal_bleeding"),
    "a bleeding acute ulcer": ("K25.0", "peptic_ulcer_or_bleeding_active"),
    "a narrowed gullet": ("K22.2", "oesophageal_disorder"),
    "reflux with oesophagitis": ("K21.00", "upper_gastrointestinal_disease_past_year"),
    "an ileus": ("K56.7", "gastrointestinal_obstruction"),
    "a coronary stent": ("Z95.5", "coronary_heart_disease"),
    "an old heart attack": ("I25.2", "myocardial_infarction"),
    "unstable angina": ("I20.0", "unstable_angina"),
    "heart failure by high pressure": ("I11.0", "heart_failure"),
    "a stroke that left nothing": ("Z86.73", "stroke_or_tia"),
    "leg arteries": ("I70.212", "peripheral_artery_disease"),
    "atrial fibrillation": ("I48.91", "atrial_fibrillation"),
    "ventricular tachycardia": ("I47.20", "severe_arrhythmia"),
    "a bypass": ("Z95.1", "coronary_bypass_surgery"),
    "a hypertensive emergency": ("I16.1", "malignant_hypertension"),
    "cirrhosis with ascites": ("K70.31", "severe_liver_impairment"),
    "gallstones": ("K80.20", "gallstones_or_biliary_disease"),
    "a kidney stone": ("N20.0", "kidney_stones"),
    "acute kidney injury": ("N17.9", "acute_kidney_injury"),
    "kidney disease stage 4": ("N18.4", "severe_kidney_impairment"),
    "low calcium": ("E83.51", "hypocalcaemia"),
    "epilepsy": ("G40.909", "epilepsy"),
    "chronic respiratory failure": ("J96.12", "severe_lung_disease"),
    "sleep apnoea": ("G47.33", "sleep_apnoea"),
    "opioid dependence": ("F11.20", "substance_use_disorder"),
    "suicidal thoughts": ("R45.851", "suicidal_thoughts"),
    "angle-closure glaucoma": ("H40.213", "narrow_angle_glaucoma"),
    "sarcoidosis": ("D86.0", "sarcoidosis"),
    "Paget disease of bone": ("M88.9", "paget_disease_of_bone"),
    "bone metastases": ("C79.51", "bone_cancer_or_metastases"),
    "an atypical fracture of the femur": ("M84.751A", "atypical_femur_fracture"),
    "necrosis of the jaw by drugs": ("M87.180", "jaw_osteonecrosis"),
    "immune heparin-induced thrombocytopenia": ("D75.822", "heparin_induced_thrombocytopenia"),
    "haemophilia": ("D66", "bleeding_disorder"),
    "pre-eclampsia": ("O14.93", "preeclampsia"),
    "living alone": ("Z60.2", "lives_alone"),
}


@pytest.mark.parametrize(("code", "concept"), BY_CODE.values(), ids=BY_CODE)
def test_a_coded_condition_is_recognised(code: str, concept: str) -> None:
    assert concept in said(icd(code))


KEPT: dict[str, tuple[str, str]] = {
    "heart failure by high pressure is still high pressure": ("I11.0", "hypertension"),
    "stage 5 is still chronic kidney disease": ("N18.5", "chronic_kidney_disease"),
    "cirrhosis with ascites is still liver disease": ("K70.31", "liver_disease"),
    "alcohol withdrawal is still an alcohol use disorder": ("F10.239", "alcohol_use_disorder"),
    "necrosis of the jaw is still necrosis of another bone": ("M87.180", "osteonecrosis_other_site"),
}


@pytest.mark.parametrize(("code", "concept"), KEPT.values(), ids=KEPT)
def test_a_narrower_condition_hides_no_wider_one(code: str, concept: str) -> None:
    assert concept in said(icd(code))


APART: dict[str, tuple[str, str]] = {
    "clotting too easily is no bleeding disorder": ("D68.51", "bleeding_disorder"),
    "a non-immune fall of platelets is no heparin-induced thrombocytopenia": (
        "D75.821", "heparin_induced_thrombocytopenia"),
    "transient global amnesia is no stroke": ("G45.4", "stroke_or_tia"),
    "an asymptomatic valve is not severe": ("I35.0", "severe_heart_valve_disease"),
    "depression in full remission is over": ("F32.5", "depression"),
    "faecal impaction is no obstruction": ("K56.41", "gastrointestinal_obstruction"),
    "a body mass index up to 19.9 need not be underweight": ("Z68.1", "underweight"),
    "an artificial hip need not be a total one": ("Z96.641", "total_hip_replacement_done"),
    "open-angle glaucoma is another disease": ("H40.1110", "narrow_angle_glaucoma"),
}  # fmt: skip


@pytest.mark.parametrize(("code", "concept"), APART.values(), ids=APART)
def test_a_code_says_no_more_than_it_means(code: str, concept: str) -> None:
    assert concept not in said(icd(code))


def test_what_nobody_recorded_stays_unknown() -> None:
    facts = build_facts(read(icd("I10")), load(), AS_OF)
    for concept in ("peptic_ulcer_or_gastrointestinal_bleeding", "heart_failure", "epilepsy", "drug_allergy"):
        assert value(facts, concept) is None


IMPLIED: dict[str, tuple[dict[str, Any], str, bool | None]] = {
    "a heart attack is coronary disease": ({"myocardial_infarction": True}, "coronary_heart_disease", True),
    "a heart attack is a disease of the arteries": (
        {"myocardial_infarction": True}, "cardiovascular_disease", True),
    "no coronary disease, no heart attack": (
        {"coronary_heart_disease": False}, "myocardial_infarction", False),
    "no heart attack leaves coronary disease open": (
        {"myocardial_infarction": False}, "coronary_heart_disease", None),
    "a bleeding ulcer is an ulcer": (
        {"peptic_ulcer_or_bleeding_active": True}, "peptic_ulcer_or_gastrointestinal_bleeding", True),
    "malignant hypertension is high pressure": ({"malignant_hypertension": True}, "hypertension", True),
    "dependence on alcohol is dependence": ({"alcohol_use_disorder": True}, "substance_use_disorder", True),
    "sarcoidosis makes granulomas": ({"sarcoidosis": True}, "granulomatous_disease", True),
    "sarcoidosis is autoimmune": ({"sarcoidosis": True}, "autoimmune_disease", True),
    "radiotherapy of the pelvis holds bone": ({"pelvic_radiotherapy": True}, "skeletal_radiotherapy", True),
    "suspected sepsis is an infection": ({"sepsis_suspected": True}, "active_infection", True),
    "low platelets bleed": ({"platelet_count": 60.0}, "bleeding_disorder", True),
    "platelets of 120 are no thrombocytopenia": ({"platelet_count": 120.0}, "thrombocytopenia", False),
    "a filtration rate of 25 is severe": ({"egfr": 25.0}, "severe_kidney_impairment", True),
    "a filtration rate of 80 is not": ({"egfr": 80.0}, "severe_kidney_impairment", False),
    "a low clearance is severe whatever the rate": (
        {"egfr": 40.0, "creatinine_clearance": 22.0}, "severe_kidney_impairment", True),
    "dialysis without a transplant is severe": (
        {"dialysis": True, "kidney_transplant": False}, "severe_kidney_impairment", True),
    "dialysis before a transplant that works is not": (
        {"dialysis": True, "kidney_transplant": True, "egfr": 65.0}, "severe_kidney_impairment", False),
    "dialysis leaves it open while nobody knows of a transplant": (
        {"dialysis": True}, "severe_kidney_impairment", None),
    "low corrected calcium": ({"calcium_corrected": 7.9}, "hypocalcaemia", True),
    "high corrected calcium": ({"calcium_corrected": 11.4}, "hypercalcaemia", True),
    "low vitamin D": ({"vitamin_d_25_hydroxy": 14.0}, "vitamin_d_deficiency", True),
    "low magnesium": ({"magnesium": 1.0}, "magnesium_low", True),
    "an index of 27 is overweight": ({"body_mass_index": 27.0, "age_years": 40.0}, "overweight", True),
    "an index of 17 is underweight": ({"body_mass_index": 17.0, "age_years": 40.0}, "underweight", True),
    "obesity is overweight": ({"obesity": True}, "overweight", True),
    "a child is still growing": ({"age_years": 12.0}, "skeletally_immature", True),
    "an adult is not": ({"age_years": 30.0}, "skeletally_immature", False),
    "Paget disease predisposes to bone cancer": (
        {"paget_disease_of_bone": True}, "osteosarcoma_predisposition", True),
    "no known drug allergy denies each of them": ({"drug_allergy": False}, "nsaid_hypersensitivity", False),
    "no known drug allergy says nothing of food": (
        {"drug_allergy": False}, "fish_or_shellfish_allergy", None),
    "no known drug allergy says nothing of pork": ({"drug_allergy": False}, "pork_allergy", None),
    "no known allergy denies metal too": ({"any_allergy": False}, "metal_allergy", False),
    "no known allergy says nothing of milk sugar": ({"any_allergy": False}, "lactose_intolerance", None),
    "pork forbids heparin": ({"pork_allergy": True}, "heparin_allergy", True),
    "fish is a source of collagen": ({"fish_or_shellfish_allergy": True}, "collagen_source_allergy", True),
    "an allergy to penicillin is one to a medicine": ({"other_drug_allergy": True}, "drug_allergy", True),
}  # fmt: skip


@pytest.mark.parametrize(("answers", "concept", "expected"), IMPLIED.values(), ids=IMPLIED)
def test_what_follows_from_what_was_recorded(
    answers: dict[str, Any], concept: str, expected: bool | None
) -> None:
    assert value(facts_of(Person(answers)), concept) is expected


@pytest.mark.pathway("O01", "O02", "O03", "O04", "O05", "P20")
def test_an_operation_implies_what_it_belongs_to() -> None:
    facts = facts_of(
        Person(left={"vascularised_fibula_graft_done": True}, right={"hip_resurfacing_done": True})
    )
    assert value(facts, "hip_bone_graft_done", "left") is True
    assert value(facts, "hip_joint_preserving_surgery", "left") is True
    assert value(facts, "hip_replaced", "right") is True
    assert value(facts, "total_hip_replacement_done", "right") is None


@pytest.mark.pathway("D16")
def test_pain_of_three_months_is_chronic() -> None:
    facts = facts_of(Person(left={"pain_duration_months": 4.0}, right={"pain_duration_months": 1.0}))
    assert value(facts, "chronic_pain", "left") is True
    assert value(facts, "chronic_pain", "right") is False


WORDS: dict[str, tuple[str, dict[str, str]]] = {
    "an operation that was done": (
        "core decompression of the left hip in 2024", {"core_decompression_done": "present"}),
    "an operation that is planned is not done": (
        "awaiting left total hip replacement", {"hip_operation_planned": "present"}),
    "an operation denied": ("no previous core decompression", {"core_decompression_done": "absent"}),
    "a heart attack": ("history of heart attack", {"myocardial_infarction": "present"}),
    "a heart attack of the father": ("father had a heart attack", {}),
    "no stroke": ("no history of stroke", {"stroke_or_tia": "absent"}),
    "a wish": ("wants to avoid surgery", {"goal_avoid_surgery": "present"}),
    "heavy work": ("works in a physically demanding job", {"heavy_physical_work": "present"}),
    "desk work": ("desk job", {"heavy_physical_work": "absent"}),
    "the home": ("lives alone, no lift", {"lives_alone": "present", "home_barriers": "present"}),
    "an aid": ("walks with crutches", {"walking_aid_used": "present"}),
    "a trial": ("enrolled in a clinical trial", {"clinical_trial_participation": "present"}),
    "resolved kidney injury is over": ("resolved acute kidney injury", {}),
}  # fmt: skip


@pytest.mark.pathway("P07", "P14", "P17", "D20", "O01", "O05")
@pytest.mark.parametrize(("words", "expected"), WORDS.values(), ids=WORDS)
def test_words_of_a_case_file(words: str, expected: dict[str, str]) -> None:
    chart = case_help.read({"history": [words]})
    assert {row["concept"]: row["status"] for row in chart.statements.to_dicts()} == expected


@pytest.mark.pathway("O05")
def test_a_procedure_that_was_done_and_words_of_it_mean_the_same() -> None:
    done = coded(SNOMED, "52734007", "Total replacement of hip")
    assert said(procedure(done)) == said(procedure(worded("Total hip replacement")))
