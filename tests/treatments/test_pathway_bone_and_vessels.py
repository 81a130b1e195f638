"""Medicines for bone, blood and vessels: D06 to D15 and D18 to D20."""

from __future__ import annotations

from typing import Any

import pytest

from tests.treatments.test_pathway_patients import (
    GIVEN,
    STEROIDS,
    SUNK,
    WEAK_KIDNEYS,
    WORN,
    at_risk,
    told,
    well,
)

THIN_BONES = {"age_years": 62, "osteoporosis": True, "bone_density_t_score": -3.1}
LOW_CALCIUM = {"calcium": 7.6, "calcium_corrected": 7.6, "calcium_ionised": 1.0, "hypocalcaemia": True}
HIGH_CALCIUM = {"calcium": 11.9, "calcium_corrected": 11.9, "calcium_ionised": 1.5, "hypercalcaemia": True}
CALCIUM_UNASKED = ("calcium", "calcium_corrected", "calcium_ionised", "hypocalcaemia", "hypercalcaemia")
FATS = {"total_cholesterol": 285, "ldl_cholesterol": 205, "triglycerides": 210}
CLOTTING = {"factor_v_leiden_test": "heterozygous", "inherited_thrombophilia": True}
SYNDROME = {"antiphospholipid_syndrome": True, "venous_thromboembolism": (True, 2.0)}
OEDEMA = {"mri_bone_marrow_oedema": True}


# Bone.
@pytest.mark.pathway("D06")
def test_alendronate_is_licensed_for_thin_bones_and_only_weighed_for_the_hip() -> None:
    thin = told(**THIN_BONES)
    assert thin.state("alendronate") == "offered"
    assert "licensed" in thin.why("alendronate")
    assert told().state("alendronate") == "worth discussing"
    assert "pooled trials" in told().why("alendronate")
    assert well().state("alendronate") is None


@pytest.mark.pathway("D06")
@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({"oesophageal_disorder": True}, "gullet"),
        ({"cannot_sit_upright_30_minutes": True}, "upright"),
        (LOW_CALCIUM, "calcium"),
        (WEAK_KIDNEYS, "35 ml/min"),
        ({"pregnant": True}, "pregnancy"),
        ({"jaw_osteonecrosis": True}, "jaw"),
        ({"zoledronic_acid": True}, "zoledronic"),
    ],
)
def test_alendronate_is_avoided_by_whom_it_would_burn_or_rob_of_calcium(
    facts: dict[str, Any], word: str
) -> None:
    barred = told(**THIN_BONES | facts)
    assert barred.state("alendronate") == "avoid"
    assert word in barred.why("alendronate")


@pytest.mark.pathway("D06", "D07", "D15")
def test_no_drug_against_bone_loss_starts_before_calcium_is_known() -> None:
    unasked = told(unknown=CALCIUM_UNASKED)
    for name in ("alendronate", "zoledronic-acid", "denosumab"):
        assert unasked.state(name) == "held back", name
        assert "low blood calcium" in unasked.why(name)
        assert told(**LOW_CALCIUM).state(name) == "avoid"


@pytest.mark.pathway("D06", "D07", "D08", "D15")
def test_a_collapsed_head_is_not_promised_anything_by_a_drug_for_bones() -> None:
    worn = told(left=WORN, age_years=45)
    for name in ("alendronate", "zoledronic-acid", "teriparatide", "denosumab"):
        assert told(left=SUNK).state(name) in GIVEN, name
        assert worn.state(name) not in GIVEN, name


@pytest.mark.pathway("D07")
def test_the_infusion_is_not_for_weak_or_failing_kidneys() -> None:
    assert told().state("zoledronic-acid") == "worth discussing"
    assert "did not help in its trial" in told().why("zoledronic-acid")
    weak = told(**WEAK_KIDNEYS)
    assert weak.state("zoledronic-acid") == "avoid"
    assert "35 ml/min" in weak.why("zoledronic-acid")
    unasked = told(unknown=("creatinine_clearance", "egfr", "creatinine"))
    assert unasked.state("zoledronic-acid") == "held back"


@pytest.mark.pathway("D08")
@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({"skeletal_radiotherapy": True}, "radiation"),
        ({"bone_cancer_or_metastases": True, "primary_cancer": True}, "cancer"),
        ({"hyperparathyroidism": True}, "hyperparathyroidism"),
        (HIGH_CALCIUM, "calcium"),
        ({"teriparatide": True, "teriparatide_lifetime_months": 24}, "24 months"),
    ],
)
def test_teriparatide_is_forbidden_where_bone_cancer_or_calcium_is_feared(
    facts: dict[str, Any], word: str
) -> None:
    assert told(**THIN_BONES).state("teriparatide") == "worth discussing"
    assert "licensed" in told(**THIN_BONES).why("teriparatide")
    barred = told(**THIN_BONES | facts)
    assert barred.state("teriparatide") == "avoid"
    assert word in barred.why("teriparatide")


@pytest.mark.pathway("D15")
def test_denosumab_needs_calcium_kidneys_and_a_plan_for_what_follows() -> None:
    assert told().state("denosumab") == "worth discussing"
    assert "follow-on drug" in told().warned("denosumab")
    weak = told(**WEAK_KIDNEYS)
    assert weak.state("denosumab") == "avoid"
    assert "lack of calcium" in weak.why("denosumab")
    with_thin_bones = told(**THIN_BONES, **WEAK_KIDNEYS)
    assert with_thin_bones.state("denosumab") == "worth discussing"
    assert "specialist" in with_thin_bones.warned("denosumab")


@pytest.mark.pathway("D13", "V09")
def test_calcium_and_vitamin_d_go_with_months_of_cortisone_unless_calcium_is_high() -> None:
    treated = told(**STEROIDS)
    assert treated.state("calcium-vitamin-d") == "offered"
    assert "three months" in treated.why("calcium-vitamin-d")
    assert "bone-long-term-steroids" in treated.lines
    assert told().state("calcium-vitamin-d") is None
    high = told(**STEROIDS, **HIGH_CALCIUM)
    assert high.state("calcium-vitamin-d") == "avoid"
    assert "contraindicated" in high.why("calcium-vitamin-d")
    assert "calcium" in high.withheld["bone-long-term-steroids"]
    assert at_risk().state("calcium-vitamin-d") == "held back"
    assert "high blood calcium" in at_risk().why("calcium-vitamin-d")


# Blood.
@pytest.mark.pathway("D09")
def test_enoxaparin_may_be_discussed_for_a_clotting_disorder_before_collapse() -> None:
    clotting = told(**CLOTTING)
    assert clotting.state("enoxaparin") == "worth discussing"
    assert "thrombophilia" in clotting.why("enoxaparin")
    assert told().state("enoxaparin") is None


@pytest.mark.pathway("D09")
@pytest.mark.parametrize(
    ("facts", "word"),
    [
        (STEROIDS, "corticosteroids"),
        ({"heparin_antibodies_recent": True}, "thrombocytopenia"),
        ({"major_bleeding_now": True}, "bleeding"),
        ({"platelet_count": 60}, "platelets"),
        ({"warfarin": True}, "oral anticoagulant"),
    ],
)
def test_enoxaparin_is_avoided_after_cortisone_and_where_blood_would_flow(
    facts: dict[str, Any], word: str
) -> None:
    barred = told(**CLOTTING | facts)
    assert barred.state("enoxaparin") == "avoid"
    assert word in barred.why("enoxaparin")


@pytest.mark.pathway("D09", "P20")
def test_who_is_to_have_injections_against_clots_after_a_new_hip_is_not_told_to_avoid_them() -> None:
    planned = told(left=WORN | {"hip_operation_planned": True}, age_years=66)
    assert "surgery-clot-prevention" in planned.lines
    assert planned.state("enoxaparin") != "avoid"


@pytest.mark.pathway("D10")
def test_after_a_clot_the_antiphospholipid_syndrome_needs_warfarin_and_no_direct_anticoagulant() -> None:
    clotted = told(**SYNDROME)
    assert clotted.state("oral-anticoagulants") == "offered"
    assert "inr of 2 to 3" in clotted.why("oral-anticoagulants")
    assert clotted.state("direct-oral-anticoagulants") == "avoid"
    assert "antiphospholipid" in clotted.why("direct-oral-anticoagulants")
    assert told(venous_thromboembolism=(True, 2.0)).state("direct-oral-anticoagulants") == "worth discussing"
    for name in ("oral-anticoagulants", "direct-oral-anticoagulants"):
        assert told().state(name) is None, "the hip alone calls for no anticoagulant"


@pytest.mark.pathway("D10")
@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({"pregnant": True}, "pregnant"),
        ({"bleeding_disorder": True}, "bleeding"),
        ({"poor_adherence_unsupervised": True}, "unsupervised"),
    ],
)
def test_warfarin_is_avoided_in_pregnancy_in_bleeders_and_without_supervision(
    facts: dict[str, Any], word: str
) -> None:
    barred = told(**SYNDROME | facts)
    assert barred.state("oral-anticoagulants") == "avoid"
    assert word in barred.why("oral-anticoagulants")


@pytest.mark.pathway("D10", "W06")
def test_whoever_takes_a_blood_thinner_is_told_the_signs_of_bleeding() -> None:
    thinned = told(warfarin=True, atrial_fibrillation=True)
    warfarin = thinned.option("oral-anticoagulants")
    assert warfarin is not None and warfarin.taken is True
    assert "blow to the head" in thinned.lines["flag-bleeding-anticoagulant"].plain
    assert "flag-bleeding-anticoagulant" not in told().lines


# Vessels.
@pytest.mark.pathway("D11")
def test_a_statin_is_given_for_the_vessels_and_not_for_the_hip_alone() -> None:
    assert told(**FATS).state("statins") == "offered"
    assert "190 mg/dl" in told(**FATS).why("statins")
    assert told(coronary_heart_disease=True).state("statins") == "offered"
    assert told().state("statins") is None


@pytest.mark.pathway("D11")
@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({"pregnant": True}, "pregnant"),
        ({"liver_disease": True, "active_liver_disease": True}, "liver"),
        ({"muscle_disease_on_statin": True}, "myopathy"),
        ({"gemfibrozil": True}, "gemfibrozil"),
        ({"simvastatin": True, "statin": True, "ciclosporin": True}, "simvastatin"),
    ],
)
def test_a_statin_is_avoided_where_muscle_liver_or_child_would_suffer(
    facts: dict[str, Any], word: str
) -> None:
    barred = told(**FATS | facts)
    assert barred.state("statins") == "avoid"
    assert word in barred.why("statins")


@pytest.mark.pathway("D12")
def test_iloprost_suits_early_disease_with_marrow_oedema() -> None:
    swollen = told(left=OEDEMA)
    assert swollen.state("iloprost") == "worth discussing"
    assert "oedema" in swollen.why("iloprost")
    assert well().state("iloprost") is None


@pytest.mark.pathway("D12")
@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({"pregnant": True}, "pregnan"),
        ({"unstable_angina": True}, "angina"),
        ({"bleeding_disorder": True}, "bleed"),
        ({"systolic_blood_pressure": 80}, "85 mmhg"),
        ({"myocardial_infarction": (True, 0.2), "coronary_heart_disease": True}, "six months"),
    ],
)
def test_iloprost_is_avoided_where_pressure_or_bleeding_would_harm(facts: dict[str, Any], word: str) -> None:
    barred = told(left=OEDEMA, **facts)
    assert barred.state("iloprost") == "avoid"
    assert word in barred.why("iloprost")


@pytest.mark.pathway("D12", "R05")
def test_iloprost_has_nothing_to_offer_a_worn_joint() -> None:
    worn = told(left=WORN, age_years=45)
    assert worn.state("iloprost") == "avoid"
    assert "advanced disease" in worn.why("iloprost")
    assert worn.state("iloprost-microcirculation") is None


@pytest.mark.pathway("D14", "V04")
def test_high_pressure_is_treated_whatever_the_hip_and_normal_pressure_is_not() -> None:
    high = told(hypertension=True, systolic_blood_pressure=152)
    assert high.state("lipid-and-blood-pressure-medicines") == "offered"
    assert "140/90" in high.why("lipid-and-blood-pressure-medicines")
    assert told().state("lipid-and-blood-pressure-medicines") is None


@pytest.mark.pathway("D14")
def test_in_pregnancy_an_ace_inhibitor_is_changed_at_once() -> None:
    high = {"hypertension": True, "systolic_blood_pressure": 152}
    expecting = told(pregnant=True, ace_inhibitor_or_arb=True, antihypertensive_medicine=True, **high)
    assert expecting.state("lipid-and-blood-pressure-medicines") == "worth discussing"
    assert "stop at once" in expecting.why("lipid-and-blood-pressure-medicines")


# Combinations and trials.
@pytest.mark.pathway("D18", "R02")
@pytest.mark.parametrize(
    ("facts", "word"),
    [
        (LOW_CALCIUM, "calcium"),
        ({"oesophageal_disorder": True}, "gullet"),
        ({"active_infection": True}, "infect"),
    ],
)
def test_decompression_with_alendronate_is_forbidden_by_what_forbids_either(
    facts: dict[str, Any], word: str
) -> None:
    assert told().state("bisphosphonate-with-decompression") == "worth discussing"
    assert well().state("bisphosphonate-with-decompression") is None
    barred = told(**facts)
    assert barred.state("bisphosphonate-with-decompression") == "avoid"
    assert word in barred.why("bisphosphonate-with-decompression")


@pytest.mark.pathway("D18")
def test_a_collapsed_head_is_too_late_for_decompression_with_alendronate() -> None:
    worn = told(left=WORN, age_years=45)
    assert worn.state("bisphosphonate-with-decompression") == "avoid"
    assert "collapsed" in worn.why("bisphosphonate-with-decompression")


@pytest.mark.pathway("D19")
def test_a_statin_with_enoxaparin_belongs_in_a_trial_even_where_both_have_a_reason() -> None:
    both = told(**FATS, **CLOTTING)
    assert both.state("statin-with-anticoagulant") == "only if"
    assert "only within a clinical trial" in both.why("statin-with-anticoagulant")
    assert told(**FATS).state("statin-with-anticoagulant") is None
    for facts, word in (
        ({"muscle_disease_on_statin": True}, "myopathy"),
        ({"heparin_antibodies_recent": True}, "thrombocytopenia"),
        ({"treatment_offered_for_payment_outside_trial": True}, "payment"),
    ):
        barred = told(**FATS, **CLOTTING, **facts)
        assert barred.state("statin-with-anticoagulant") == "avoid"
        assert word in barred.why("statin-with-anticoagulant")


@pytest.mark.pathway("D20")
def test_experimental_agents_are_for_registered_trials_and_never_for_payment_or_in_pregnancy() -> None:
    volunteer = told(clinical_trial_participation=True)
    assert volunteer.state("experimental-agents") == "only if"
    assert "only within a clinical trial" in volunteer.why("experimental-agents")
    assert told().state("experimental-agents") is None
    sold = told(treatment_offered_for_payment_outside_trial=True)
    assert sold.state("experimental-agents") == "avoid"
    assert "payment" in sold.why("experimental-agents")
    expecting = told(clinical_trial_participation=True, pregnant=True)
    assert expecting.state("experimental-agents") == "avoid"
    assert "pregnant" in expecting.why("experimental-agents")
