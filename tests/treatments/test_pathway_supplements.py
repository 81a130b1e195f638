"""Supplements, U01 to U10: for whom there is a reason, and whom each would harm."""

from __future__ import annotations

from typing import Any

import pytest

from tests.treatments.test_pathway_patients import GIVEN, STEROIDS, WEAK_KIDNEYS, told, well

HIGH_CALCIUM = {"calcium": 11.9, "calcium_corrected": 11.9, "calcium_ionised": 1.5, "hypercalcaemia": True}
LITTLE_CALCIUM = {"dairy_intake_low": True, "calcium_intake_mg_per_day": 450}
LOW_VITAMIN_D = {"vitamin_d_25_hydroxy": 12, "vitamin_d_deficiency": True}
WISH = {"wants_supplements": True}


def barred(name: str, word: str, **facts: Any) -> None:
    """Whoever wants it may have it; with these facts it is avoided, and the word says why."""
    assert told(**WISH).state(name) in GIVEN, f"{name} is withheld from everybody"
    found = told(**WISH | facts)
    assert found.state(name) == "avoid", f"{name}: {found.state(name)}"
    assert word in found.why(name), found.why(name)


@pytest.mark.pathway("U01", "U02", "U03", "U04", "U05", "U06", "U07", "U08", "U09", "U10")
def test_supplements_are_shown_to_a_pharmacist_and_none_is_said_to_heal_the_bone() -> None:
    assert "No pill heals dead bone" in told(**WISH).lines["bone-supplement-review"].plain
    assert "bone-supplement-review" not in told().lines
    for name in ("vitamin-k2", "omega-3", "curcumin", "collagen", "magnesium", "vitamins-c-and-e"):
        assert told().state(f"supplement-{name}") is None, "nobody asked for it"
    for name in ("protein", "combined-bone-formula"):
        assert told().state(f"supplement-{name}") is None, "nobody asked for it"


@pytest.mark.pathway("U01", "D13")
def test_calcium_fills_a_gap_in_food_where_bone_is_under_strain() -> None:
    lacking = told(**LITTLE_CALCIUM, **STEROIDS)
    assert lacking.state("supplement-calcium") == "offered"
    assert "1000 to 1200 mg" in lacking.why("supplement-calcium")
    assert "1000 to 1200 mg" in lacking.lines["diet-calcium-steroids"].plain
    assert well(calcium_intake_mg_per_day=1100).state("supplement-calcium") is None


@pytest.mark.pathway("U01")
def test_calcium_is_not_added_to_high_blood_calcium_weak_kidneys_or_too_much_of_it() -> None:
    barred("supplement-calcium", "above the usual range", **HIGH_CALCIUM)
    barred("supplement-calcium", "kidney", **WEAK_KIDNEYS)
    barred("supplement-calcium", "upper level", calcium_supplement=True, calcium_intake_mg_per_day=2700)
    unasked = ("calcium", "calcium_corrected", "calcium_ionised", "hypercalcaemia", "hypocalcaemia")
    waiting = told(unknown=unasked, **WISH)
    assert waiting.state("supplement-calcium") == "held back"
    assert "high blood calcium" in waiting.why("supplement-calcium")


@pytest.mark.pathway("U02", "F02")
def test_vitamin_d_is_replaced_by_level_and_measured_again() -> None:
    low = told(**LOW_VITAMIN_D)
    assert low.state("supplement-vitamin-d3") == "offered"
    assert "level is low" in low.why("supplement-vitamin-d3")
    assert low.dates("bone-vitamin-d-low") == ["2027-02-22"]
    assert told().state("supplement-vitamin-d3") is None


@pytest.mark.pathway("U02")
def test_vitamin_d_is_avoided_with_high_calcium_stones_weak_kidneys_or_too_much_of_it() -> None:
    barred("supplement-vitamin-d3", "calcium", **HIGH_CALCIUM)
    barred("supplement-vitamin-d3", "stones", kidney_stones=True)
    barred("supplement-vitamin-d3", "kidney", **WEAK_KIDNEYS)
    barred("supplement-vitamin-d3", "stop", vitamin_d_25_hydroxy=120)
    stone = told(kidney_stones=True, **LOW_VITAMIN_D)
    assert "bone-vitamin-d-low" not in stone.lines


@pytest.mark.pathway("U03", "F03")
def test_vitamin_k_is_dangerous_with_warfarin_and_not_with_a_direct_anticoagulant() -> None:
    barred("supplement-vitamin-k2", "warfarin", warfarin=True)
    other = told(direct_oral_anticoagulant=True, **WISH)
    assert other.state("supplement-vitamin-k2") in GIVEN
    unasked = told(unknown=("warfarin",), **WISH)
    assert unasked.state("supplement-vitamin-k2") == "only if"
    assert "warfarin" in unasked.asked("supplement-vitamin-k2")


@pytest.mark.pathway("U04", "F04")
def test_omega_3_may_replace_missing_fish_but_not_in_atrial_fibrillation() -> None:
    fishless = told(fish_intake_low=True)
    assert fishless.state("supplement-omega-3") == "worth discussing"
    assert "oily fish" in fishless.why("supplement-omega-3")
    assert "algal oil" in told(fish_or_shellfish_allergy=True, **WISH).warned("supplement-omega-3")
    barred("supplement-omega-3", "atrial fibrillation", atrial_fibrillation=True)
    assert "bleeding" in told(warfarin=True, **WISH).warned("supplement-omega-3")


@pytest.mark.pathway("U05")
def test_curcumin_is_avoided_with_blood_thinners_gallstones_and_a_sick_liver() -> None:
    barred("supplement-curcumin", "inr", warfarin=True)
    barred("supplement-curcumin", "gallstones", gallstones_or_biliary_disease=True)
    barred("supplement-curcumin", "liver", liver_disease=True, active_liver_disease=True)
    barred("supplement-curcumin", "tacrolimus", tacrolimus=True)


@pytest.mark.pathway("U06")
def test_collagen_is_of_modest_effect_and_not_for_whoever_is_allergic_to_its_source() -> None:
    assert "0.1" in told(**WISH).why("supplement-collagen")
    barred("supplement-collagen", "fish", fish_or_shellfish_allergy=True)


@pytest.mark.pathway("U07")
def test_magnesium_replaces_a_low_level_and_is_dangerous_for_weak_kidneys() -> None:
    low = told(magnesium=1.1, magnesium_low=True)
    assert low.state("supplement-magnesium") == "offered"
    assert "level is low" in low.why("supplement-magnesium")
    barred("supplement-magnesium", "30 ml/min", **WEAK_KIDNEYS)
    barred("supplement-magnesium", "heart beat", severe_arrhythmia=True)
    unasked = told(unknown=("egfr", "creatinine", "creatinine_clearance"), **WISH)
    assert unasked.state("supplement-magnesium") == "held back"
    assert "kidney" in unasked.why("supplement-magnesium")


@pytest.mark.pathway("U08", "F03")
def test_vitamins_c_and_e_come_from_food_first_and_not_with_stones_or_blood_thinners() -> None:
    poor = told(fruit_and_vegetable_intake_low=True)
    assert poor.state("supplement-vitamins-c-and-e") == "worth discussing"
    assert "change that first" in poor.why("supplement-vitamins-c-and-e")
    assert "diet-fruit-and-vegetables-low" in poor.lines
    barred("supplement-vitamins-c-and-e", "stones", kidney_stones=True)
    barred("supplement-vitamins-c-and-e", "bleeding", warfarin=True)
    barred("supplement-vitamins-c-and-e", "iron", haemochromatosis=True)
    much = {"vitamin_c_or_e_supplement": True, "vitamin_c_supplement_mg_per_day": 3000}
    barred("supplement-vitamins-c-and-e", "upper level", **much)


@pytest.mark.pathway("U09", "F05")
def test_protein_is_for_those_who_eat_too_little_and_not_for_weak_kidneys_before_dialysis() -> None:
    hungry = told(protein_intake_low=True)
    assert hungry.state("supplement-protein") == "offered"
    assert "per kg a day" in hungry.why("supplement-protein")
    barred("supplement-protein", "protein is limited", **WEAK_KIDNEYS)
    barred("supplement-protein", "milk", milk_allergy=True)
    dialysed = told(**WISH | WEAK_KIDNEYS | {"dialysis": True, "dialysis_now": True})
    assert dialysed.state("supplement-protein") == "worth discussing"
    assert "more protein is needed" in dialysed.warned("supplement-protein")


@pytest.mark.pathway("U10")
def test_a_combined_formula_inherits_what_forbids_each_of_its_parts() -> None:
    barred("supplement-combined-bone-formula", "warfarin", warfarin=True)
    barred("supplement-combined-bone-formula", "calcium", **HIGH_CALCIUM)
    barred("supplement-combined-bone-formula", "stones", kidney_stones=True)
    barred("supplement-combined-bone-formula", "kidney", **WEAK_KIDNEYS)
    barred("supplement-combined-bone-formula", "heart beat", severe_arrhythmia=True)


@pytest.mark.pathway("U10")
def test_two_products_with_the_same_nutrient_are_made_one() -> None:
    doubled = told(bone_formula_supplement=True, vitamin_d_supplement=True, vitamin_d_products=2)
    assert "nutrients are doubled" in doubled.warned("supplement-combined-bone-formula")
    assert "bone-duplicates" in doubled.lines and "bone-duplicates" not in told(**WISH).lines


@pytest.mark.pathway("U01", "U02", "U07")
def test_with_weak_kidneys_nobody_takes_bone_supplements_alone() -> None:
    weak = told(**WEAK_KIDNEYS)
    assert "none of them on your own" in weak.lines["bone-kidney"].plain
    assert "bone-kidney" not in told().lines


@pytest.mark.pathway("U04", "U05", "U08")
def test_supplements_nobody_prescribed_stop_before_an_operation() -> None:
    planned = told(left={"hip_operation_planned": True}, curcumin_supplement=True)
    assert "seven days before" in planned.lines["bone-supplements-before-operation"].says
    assert "bone-supplements-before-operation" not in told(curcumin_supplement=True).lines
