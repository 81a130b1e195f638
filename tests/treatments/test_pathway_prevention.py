"""Prevention, V01 to V10: who is at risk without being ill is told what to change, in the right order."""

from __future__ import annotations

from typing import Any

import pytest

from tests.treatments.test_pathway_patients import STEROIDS, Told, told, well

GENERAL = "general-prevention"
DRINKS = {"alcohol_use": "regular", "alcohol_g_per_week": 500, "heavy_alcohol_use": True}
FATS = {"total_cholesterol": 285, "ldl_cholesterol": 205, "triglycerides": 210}
HIGH_DOSE = STEROIDS | {"prednisone_equivalent_peak_mg_per_day": 60, "corticosteroid_high_dose_stated": True}


def before(person: Told, *advice: str) -> bool:
    """Whether all of it is told, in this order."""
    places = [person.prevention.index(one) for one in advice]
    return places == sorted(places)


def of_those(advice: str, **facts: Any) -> Told:
    """A person with sound hips who is told this, as nobody without these facts is."""
    assert advice not in well().prevention, f"{advice} is told to everybody"
    found = well(**facts)
    assert advice in found.prevention, f"{advice} is not told to {facts}"
    assert found.document.hips.left.risk.state == "estimated", "the hips are sound"
    return found


@pytest.mark.pathway("V01", "V02", "V03", "V04", "V05", "V06", "V07", "V08", "V09", "V10")
def test_whoever_has_no_risk_is_told_of_general_prevention_last_and_little_else() -> None:
    assert set(well(alcohol_use="never", alcohol_g_per_week=0).prevention) == {GENERAL}
    for facts in (STEROIDS, DRINKS, {"smoking_status": "current"}, {"sickle_cell_disease": True}):
        assert well(**facts).prevention[-1] == GENERAL


@pytest.mark.pathway("V01", "P10")
def test_the_lowest_dose_of_cortisone_is_asked_of_the_prescriber_and_never_cut_alone() -> None:
    treated = of_those("lowest-steroid-dose", **STEROIDS)
    says = next(one.says for one in treated.document.prevention if one.id == "lowest-steroid-dose")
    assert "Never stop or cut cortisone on your own" in says
    assert before(treated, "report-hip-pain-early", "avoid-repeated-steroid-courses", "lowest-steroid-dose")


@pytest.mark.pathway("V02")
def test_drinking_less_comes_right_after_reporting_pain_for_whoever_drinks_much() -> None:
    drinker = of_those("reduce-heavy-alcohol", **DRINKS)
    assert drinker.prevention[:2] == ["report-hip-pain-early", "reduce-heavy-alcohol"]
    assert "keep-alcohol-low" not in drinker.prevention
    says = next(one.says for one in drinker.document.prevention if one.id == "reduce-heavy-alcohol")
    assert "do not stop all at once on your own" in says


@pytest.mark.pathway("V02", "F06")
@pytest.mark.parametrize("reason", ["pregnant", "disulfiram"])
def test_whoever_may_not_drink_at_all_is_not_told_to_keep_it_low(reason: str) -> None:
    abstaining = well(**{reason: True})
    assert "diet-alcohol-none" in abstaining.lines
    assert "keep-alcohol-low" not in abstaining.prevention


@pytest.mark.pathway("V03")
def test_smokers_are_told_to_stop_and_former_smokers_to_stay_free() -> None:
    smoker = of_those("stop-smoking", smoking_status="current", **DRINKS)
    assert before(smoker, "reduce-heavy-alcohol", "stop-smoking", GENERAL)
    former = of_those("stay-smoke-free", smoking_status="former")
    assert "stop-smoking" not in former.prevention


@pytest.mark.pathway("V04")
def test_blood_fats_pressure_and_sugar_are_controlled_where_they_are_high() -> None:
    fat = of_those("control-lipids", **FATS)
    assert "control-blood-pressure-diabetes" not in fat.prevention
    for facts in ({"hypertension": True}, {"diabetes_mellitus": True, "hba1c": 7.4}):
        high = of_those("control-blood-pressure-diabetes", **facts, **STEROIDS)
        assert before(high, "lowest-steroid-dose", "control-blood-pressure-diabetes", GENERAL)


@pytest.mark.pathway("V05", "P17")
def test_hips_are_guarded_from_injury_where_bones_are_thin_or_were_broken() -> None:
    for facts in ({"osteoporosis": True}, {"age_years": 72}, STEROIDS):
        of_those("protect-hip-from-injury", **facts)
    broken = well(left={"femoral_neck_fracture": (True, 1.0)})
    assert "protect-hip-from-injury" in broken.prevention


@pytest.mark.pathway("V06", "I02")
def test_high_doses_bring_regular_checks_and_pain_reported_first() -> None:
    exposed = of_those("checks-on-high-dose-steroid", **HIGH_DOSE)
    assert exposed.prevention[0] == "report-hip-pain-early"
    assert before(exposed, "lowest-steroid-dose", "checks-on-high-dose-steroid", GENERAL)
    low = well(systemic_corticosteroid=True, prednisone_equivalent_peak_mg_per_day=5)
    assert "checks-on-high-dose-steroid" not in low.prevention


@pytest.mark.pathway("V06", "C13")
def test_in_leukaemia_after_the_age_of_ten_the_hips_are_scanned_and_not_before() -> None:
    leukaemia = {"acute_lymphoblastic_leukaemia": True}
    assert "checks-in-childhood-leukaemia" in well(age_years=15, **leukaemia).prevention
    for age in (6, 45):
        assert "checks-in-childhood-leukaemia" not in well(age_years=age, **leukaemia).prevention


@pytest.mark.pathway("V07")
@pytest.mark.parametrize(
    ("facts", "advice"),
    [
        pytest.param({"systemic_lupus_erythematosus": True}, "treat-lupus", id="lupus"),
        pytest.param({"vasculitis": True}, "treat-autoimmune-disease", id="vasculitis"),
        pytest.param({"antiphospholipid_syndrome": True}, "treat-clotting-disorder", id="clotting"),
        pytest.param({"sickle_cell_disease": True}, "treat-sickle-cell-disease", id="sickle cell"),
        pytest.param({"gaucher_disease": True}, "early-gaucher-therapy", id="Gaucher"),
    ],
)
def test_the_disease_behind_the_risk_is_kept_well_treated(facts: dict[str, Any], advice: str) -> None:
    ill = of_those(advice, **facts, smoking_status="current")
    assert before(ill, "stop-smoking", advice, GENERAL), "first what the person can change alone"
    others = {"treat-lupus", "treat-autoimmune-disease", "treat-clotting-disorder", "early-gaucher-therapy"}
    assert not (others - {advice}) & set(ill.prevention)


@pytest.mark.pathway("V08")
def test_a_healthy_weight_is_advice_for_the_overweight_only() -> None:
    heavy = of_those("healthy-weight", body_mass_index=31, weight_kg=88, **DRINKS)
    assert before(heavy, "reduce-heavy-alcohol", "healthy-weight", GENERAL)
    assert "healthy-weight" not in well(body_mass_index=17, weight_kg=48, underweight=True).prevention


@pytest.mark.pathway("V09")
def test_bone_health_is_for_cortisone_age_and_weak_kidneys_and_says_no_pills_alone() -> None:
    for facts in (STEROIDS, {"age_years": 72}, {"chronic_kidney_disease": True, "egfr": 25}):
        found = of_those("bone-health", **facts)
        says = next(one.says for one in found.document.prevention if one.id == "bone-health")
        assert "With weak kidneys take no calcium or vitamin D on your own" in says


@pytest.mark.pathway("V10")
def test_divers_the_injured_and_new_mothers_are_followed_up() -> None:
    bends = of_those("treat-decompression-sickness", decompression_sickness=True)
    assert before(bends, "report-hip-pain-early", "treat-decompression-sickness", "dive-within-rules")
    diver = of_those("dive-within-rules", recreational_diving=True)
    assert "treat-decompression-sickness" not in diver.prevention
    broken = well(left={"hip_dislocation": (True, 0.5)})
    assert before(broken, "report-hip-pain-early", "follow-up-after-hip-injury", GENERAL)
    of_those("follow-up-after-pregnancy", recent_pregnancy=True)


@pytest.mark.pathway("V01", "D17")
def test_whoever_is_ill_already_is_told_to_think_twice_about_a_needle_into_the_hip() -> None:
    assert "avoid-hip-injection" in told().prevention
    assert "avoid-hip-injection" not in well().prevention
