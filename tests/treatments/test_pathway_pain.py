"""Medicines against pain: D01 to D05, D16 and D17."""

from __future__ import annotations

from typing import Any

import pytest

from tests.treatments.test_pathway_patients import (
    GIVEN,
    SOUND,
    STEROIDS,
    WEAK_KIDNEYS,
    WORN,
    barely_known,
    told,
    well,
)

NSAIDS = ("ibuprofen", "naproxen", "celecoxib")
SEVERE = {"hip_pain_severe": True, "pain_vas_mm": 80}
CHRONIC = {"pain_duration_months": 8, "pain_vas_mm": 60}
# Osteoarthritis of a hip in which MRI shows no osteonecrosis.
ARTHRITIS = {
    "mri_hip": "normal",
    "mri_osteonecrosis": False,
    "osteonecrosis_femoral_head": False,
    "mri_lesion_volume_percent": 0,
    "radiograph_hip": "abnormal",
    "radiograph_osteoarthritis": True,
    "hip_osteoarthritis": True,
}


# Ibuprofen, naproxen, celecoxib.
@pytest.mark.pathway("D01", "D02", "D03")
def test_a_painful_hip_may_have_an_anti_inflammatory_and_a_hip_without_pain_none() -> None:
    ill = told()
    assert [ill.state(name) for name in NSAIDS] == ["offered", "offered", "worth discussing"]
    assert "with food" in ill.lines["pain-ibuprofen"].plain
    assert "never both" in ill.lines["pain-naproxen"].plain
    assert [well().state(name) for name in NSAIDS] == [None, None, None]
    assert "pain" not in {line.area for line in well().lines.values()}


@pytest.mark.pathway("D01", "D02", "D03")
@pytest.mark.parametrize(
    ("facts", "word"),
    [
        pytest.param({"nsaid_hypersensitivity": True}, "asthma", id="allergy"),
        pytest.param({"peptic_ulcer_or_bleeding_active": True}, "ulcer or bleeding now", id="active ulcer"),
        pytest.param(WEAK_KIDNEYS, "30 ml/min", id="weak kidneys"),
        pytest.param({"kidney_transplant": (True, 2.0), "organ_transplant": True}, "transplant", id="kidney"),
        pytest.param({"pregnant": True}, "pregnant", id="pregnancy"),
        pytest.param({"ace_inhibitor_or_arb": True, "diuretic": True}, "acute kidney failure", id="triple"),
        pytest.param({"sickle_cell_disease": True, "egfr": 50}, "spare the kidneys", id="sickle kidney"),
    ],
)
def test_none_of_them_is_given_where_stomach_kidney_or_child_would_pay(
    facts: dict[str, Any], word: str
) -> None:
    barred = told(**facts)
    for name in NSAIDS:
        assert barred.state(name) == "avoid", name
        assert word in barred.why(name) or word in barred.warned(name), name
        assert f"pain-{name}" not in barred.lines


@pytest.mark.pathway("D01", "D02", "D03")
def test_of_three_painkillers_none_is_given_before_the_questions_about_ulcer_and_allergy() -> None:
    for name in NSAIDS:
        assert barely_known().state(name) == "only if"
        assert "ulcer" in barely_known().asked(name) and "allergy" in barely_known().asked(name)
        assert f"pain-{name}" not in barely_known().lines


@pytest.mark.pathway("D01", "D02")
def test_a_blood_thinner_forbids_ibuprofen_and_naproxen() -> None:
    thinned = told(warfarin=True, international_normalised_ratio=2.4)
    for name in ("ibuprofen", "naproxen"):
        assert thinned.state(name) == "avoid"
        assert "anticoagulant" in thinned.why(name)


@pytest.mark.pathway("D02")
def test_naproxen_is_not_for_a_nursing_mother_and_ibuprofen_may_be() -> None:
    nursing = told(breastfeeding=True)
    assert nursing.state("naproxen") == "avoid"
    assert "breastfeeding" in nursing.why("naproxen")
    assert nursing.state("ibuprofen") == "worth discussing"


@pytest.mark.pathway("D03")
def test_celecoxib_spares_the_stomach_of_those_with_an_old_ulcer_but_not_a_sick_heart() -> None:
    old_ulcer = told(peptic_ulcer_or_gastrointestinal_bleeding=(True, 6.0))
    assert (old_ulcer.state("ibuprofen"), old_ulcer.state("celecoxib")) == ("avoid", "worth discussing")
    assert "proton pump inhibitor" in old_ulcer.warned("celecoxib")
    heart = told(coronary_heart_disease=True)
    assert heart.state("celecoxib") == "avoid"
    assert "heart" in heart.why("celecoxib")
    assert heart.state("naproxen") == "worth discussing"


@pytest.mark.pathway("D03")
def test_celecoxib_waits_for_the_question_about_sulfonamides() -> None:
    assert told(sulfonamide_allergy=True).state("celecoxib") == "avoid"
    unasked = told(unknown=("sulfonamide_allergy",))
    assert unasked.state("celecoxib") == "only if"
    assert "sulfonamide" in unasked.asked("celecoxib")
    assert unasked.state("ibuprofen") == "offered"


# Paracetamol, tramadol.
@pytest.mark.pathway("D04")
def test_paracetamol_remains_for_those_who_may_not_have_an_anti_inflammatory() -> None:
    for facts in (WEAK_KIDNEYS, {"warfarin": True}, {"pregnant": True}, {"nsaid_hypersensitivity": True}):
        spared = told(**facts)
        assert spared.state("ibuprofen") == "avoid"
        assert spared.state("paracetamol") in GIVEN
        assert "pain-paracetamol" in spared.lines
    assert well().state("paracetamol") is None


@pytest.mark.pathway("D04")
def test_paracetamol_is_not_for_a_failing_liver_nor_twice_at_once() -> None:
    liver = told(liver_disease=True, severe_liver_impairment=True)
    assert liver.state("paracetamol") == "avoid"
    assert "liver" in liver.why("paracetamol")
    assert "pain-paracetamol" not in liver.lines
    twice = told(paracetamol=True, paracetamol_products=2)
    assert twice.state("paracetamol") == "avoid"
    assert "two products" in twice.why("paracetamol")


@pytest.mark.pathway("D05")
def test_a_weak_opioid_is_for_severe_pain_and_ends_within_two_weeks() -> None:
    severe = told(left=SEVERE)
    assert severe.state("tramadol") == "worth discussing"
    assert severe.dates("pain-short-opioid") == ["2026-12-07"]
    assert "no later than two weeks" in severe.lines["pain-short-opioid"].says
    assert told().state("tramadol") is None
    assert "pain-short-opioid" not in told().lines


@pytest.mark.pathway("D05")
@pytest.mark.parametrize(
    ("fact", "word"),
    [
        ("uncontrolled_seizures", "epilepsy"),
        ("mao_inhibitor", "serotonin"),
        ("severe_lung_disease", "lung"),
        ("substance_use_disorder", "addiction"),
    ],
)
def test_tramadol_is_not_given_where_fits_breath_or_dependence_are_at_stake(fact: str, word: str) -> None:
    barred = told(left=SEVERE, **{fact: True})
    assert barred.state("tramadol") == "avoid"
    assert word in barred.why("tramadol")
    assert "pain-short-opioid" not in barred.lines
    unasked = told(left=SEVERE, unknown=(fact,))
    assert unasked.state("tramadol") == "only if"


# Adjuvants.
@pytest.mark.pathway("D16")
def test_duloxetine_may_be_weighed_once_pain_has_lasted_three_months() -> None:
    lasting = told(left=CHRONIC)
    assert lasting.state("duloxetine") == "worth discussing"
    assert "pain-long-lasting" in lasting.lines
    assert told().state("duloxetine") is None, "two months are not chronic"


@pytest.mark.pathway("D16")
@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({"mao_inhibitor": True}, "mao inhibitors"),
        ({"liver_disease": True}, "liver"),
        (WEAK_KIDNEYS, "30 ml/min"),
        ({"hypertension": True, "uncontrolled_hypertension": True}, "blood pressure"),
    ],
)
def test_duloxetine_is_not_given_with_an_mao_inhibitor_or_a_failing_organ(
    facts: dict[str, Any], word: str
) -> None:
    barred = told(left=CHRONIC, **facts)
    assert barred.state("duloxetine") == "avoid"
    assert word in barred.why("duloxetine")
    assert "pain-long-lasting" not in barred.lines


@pytest.mark.pathway("D16")
def test_gabapentin_is_for_pain_like_that_of_nerves_and_not_for_the_joint() -> None:
    burning = told(neuropathic_pain=True)
    assert burning.state("gabapentin") == "worth discussing"
    assert "pain from nerves" in burning.why("gabapentin")
    assert told().state("gabapentin") is None


@pytest.mark.pathway("D16")
def test_gabapentin_is_avoided_in_pregnancy_and_weighed_with_an_opioid() -> None:
    pregnant = told(neuropathic_pain=True, pregnant=True)
    assert pregnant.state("gabapentin") == "avoid"
    assert "pregnant" in pregnant.why("gabapentin")
    drowsy = told(neuropathic_pain=True, opioid=True)
    assert "slowed breathing" in drowsy.warned("gabapentin")
    assert told(neuropathic_pain=True, gabapentin_allergy=True).state("gabapentin") == "avoid"


# Cortisone into the joint.
@pytest.mark.pathway("D17")
def test_cortisone_is_not_injected_into_a_hip_with_osteonecrosis_at_any_stage() -> None:
    for stage in ({}, WORN):
        ill = told(left=stage)
        assert ill.state("intra-articular-corticosteroid") == "avoid"
        assert "osteonecrosis" in ill.why("intra-articular-corticosteroid")
        assert "cortisone shot" in ill.lines["pain-no-cortisone-needle"].plain


@pytest.mark.pathway("D17")
def test_cortisone_may_be_discussed_for_arthritis_once_osteonecrosis_is_ruled_out() -> None:
    worn = told(left=ARTHRITIS, age_years=66)
    assert worn.state("intra-articular-corticosteroid") == "worth discussing"
    assert "pain-no-cortisone-needle" not in worn.lines
    planned = told(left=ARTHRITIS | {"hip_operation_planned": True}, age_years=66)
    assert planned.state("intra-articular-corticosteroid") == "avoid"
    assert "infections of the implant" in planned.why("intra-articular-corticosteroid")
    infected = told(left=ARTHRITIS, age_years=66, active_infection=True)
    assert infected.state("intra-articular-corticosteroid") == "avoid"
    assert "infection" in infected.why("intra-articular-corticosteroid")
    assert told(left=SOUND).state("intra-articular-corticosteroid") is None


@pytest.mark.pathway("D17")
def test_cortisone_waits_for_the_mri_where_osteonecrosis_is_possible() -> None:
    seen = ("mri_hip", "mri_osteonecrosis", "osteonecrosis_femoral_head", "mri_lesion_volume_percent")
    suspected = told(unknown=seen, **STEROIDS)
    assert suspected.state("intra-articular-corticosteroid") == "only if"
    assert "osteonecrosis" in suspected.asked("intra-articular-corticosteroid")


@pytest.mark.pathway("D17", "C06")
def test_an_adolescent_with_osteonecrosis_on_mri_gets_no_cortisone_into_the_hip_either() -> None:
    adolescent = told(age_years=14, weight_kg=50, sickle_cell_disease=True, sickle_cell_genotype="ss")
    assert adolescent.state("intra-articular-corticosteroid") == "avoid"
    assert "avoid-impact" in adolescent.lines
