"""Care without drugs, P01 to P10: who is offered it, from whom it is withheld, and why."""

from __future__ import annotations

import pytest

from tests.treatments.test_pathway_patients import (
    GIVEN,
    ILL,
    SOUND,
    STEROIDS,
    WORN,
    at_risk,
    barely_known,
    on_tablets,
    told,
    well,
)

CRACK = {"mri_subchondral_fracture": True}
CANNOT_STAND = {"can_bear_weight": False, "weight_bearing_lost_suddenly": True}


# Rest and load.
@pytest.mark.pathway("P01")
def test_osteonecrosis_before_collapse_means_no_impact_but_short_walks_go_on() -> None:
    ill = told()
    assert ill.state("activity-modification") == "offered"
    assert "run" in ill.lines["avoid-impact"].plain and ill.lines["avoid-impact"].side == "left"
    assert "10 to 20 minutes" in ill.lines["pace-the-day"].plain
    assert well().state("activity-modification") is None
    assert "avoid-impact" not in well().lines


@pytest.mark.pathway("P01", "W06")
def test_a_leg_that_cannot_be_loaded_is_seen_today_instead_of_being_spared() -> None:
    stuck = told(left=CANNOT_STAND)
    assert stuck.state("activity-modification") != "offered"
    assert "be seen today" in stuck.why("activity-modification")
    assert "warning sign" in stuck.withheld["pace-the-day"]


@pytest.mark.pathway("P01", "P02", "P19", "W06")
@pytest.mark.parametrize("words", ["spread your walks", "going up stairs", "stand up with both legs"])
def test_whoever_must_not_stand_on_the_leg_is_told_nothing_that_needs_it(words: str) -> None:
    stuck = told(left=CANNOT_STAND | {"weight_bearing_pain": True})
    assert "do not stand on this leg" in stuck.words("weight bearing")
    assert words in told(left={"weight_bearing_pain": True}).words()
    assert words not in stuck.words()


@pytest.mark.pathway("P01")
def test_a_large_lesion_is_spared_strictly_and_a_sunken_head_no_longer() -> None:
    large, worn = told(left={"mri_lesion_volume_percent": 45}), told(left=WORN, age_years=66)
    assert "strictly" in large.lines["activity-large-lesion"].plain
    assert "activity-large-lesion" not in told().lines
    assert "lost its shape" in worn.lines["activity-collapsed"].plain
    assert "activity-before-collapse" not in worn.lines


@pytest.mark.pathway("P02", "P07")
def test_painful_walking_is_helped_by_a_stick_in_the_opposite_hand() -> None:
    limping = told(left={"weight_bearing_pain": True, "limp": True})
    assert limping.state("protected-weight-bearing") == "offered"
    assert "opposite hand" in limping.why("protected-weight-bearing")
    assert "other hand" in limping.lines["load-stick-for-pain"].plain
    assert limping.lines["load-stick-for-pain"].side == "left"
    assert well().state("protected-weight-bearing") is None


@pytest.mark.pathway("P02")
def test_a_fresh_crack_below_the_surface_may_only_touch_the_ground() -> None:
    cracked = told(left=CRACK)
    assert cracked.state("protected-weight-bearing") == "offered"
    assert "two crutches" in cracked.why("protected-weight-bearing")
    assert "only touch the ground" in cracked.lines["load-crack"].plain.casefold()
    assert "load-crack" not in told().lines


@pytest.mark.pathway("P02", "W06")
def test_no_stick_makes_up_for_being_seen_today_when_the_leg_does_not_carry() -> None:
    stuck = told(left=CANNOT_STAND | {"weight_bearing_pain": True})
    assert "no loading at all" in stuck.why("protected-weight-bearing")
    assert "load-emergency" in stuck.lines
    assert "warning sign" in stuck.withheld["load-stick-for-pain"]


@pytest.mark.pathway("P02")
def test_with_two_painful_hips_there_is_no_good_side_for_a_stick() -> None:
    both = told(left={"weight_bearing_pain": True}, right=ILL | {"weight_bearing_pain": True})
    assert "two crutches" in both.lines["load-both-hips"].plain
    assert "load-both-hips" not in told().lines
    assert "on the good side" not in both.words("weight bearing")


@pytest.mark.pathway("P02")
def test_a_worn_hip_with_an_old_crescent_is_not_told_two_things_about_its_load() -> None:
    worn = told(left=WORN | {"radiograph_crescent_sign": True}, age_years=66)
    assert "what pain lets you do" in worn.lines["activity-collapsed"].plain
    assert "load-crack" not in worn.lines
    assert "images-collapse-began" not in worn.lines, "it collapsed long ago"


@pytest.mark.pathway("P02", "P20", "O02")
def test_a_week_after_a_bone_graft_nobody_is_told_to_walk() -> None:
    grafted = told(left={"hip_bone_graft_done": (True, 7 / 365.25)})
    course = next(one for one in grafted.document.plan.rehabilitation if one.done)
    assert course.id == "after-bone-graft" and "none" in course.phases[0].weight_bearing
    assert "walk 10 to 20 minutes" not in grafted.words("activity")
    assert "phase-strengthen-before-collapse" not in grafted.lines
    assert grafted.state("protected-weight-bearing") == "offered"


# Exercise.
@pytest.mark.pathway("P03")
def test_physiotherapy_strengthens_a_round_head_and_is_planned_with_dates() -> None:
    ill = told()
    assert ill.state("physiotherapy") == "offered"
    assert "gluteal" in ill.why("physiotherapy")
    names = [one.name for one in ill.lines["phase-strengthen-before-collapse"].exercises]
    assert "Bridge on two legs" in names
    assert len(ill.dates("physiotherapist-visit")) == 3
    assert well().state("physiotherapy") is None


@pytest.mark.pathway("P03")
def test_an_emergency_or_a_crack_stops_the_exercises() -> None:
    for change, word in ((CANNOT_STAND, "seen and imaged today"), (CRACK, "crutches")):
        stopped = told(left=change)
        assert stopped.state("physiotherapy") == "avoid"
        assert word in stopped.why("physiotherapy")
        assert "phase-strengthen-before-collapse" not in stopped.lines


@pytest.mark.pathway("P03", "C06")
def test_with_sickle_cell_disease_exercise_comes_with_rests_drinks_and_warmth() -> None:
    sickle = told(sickle_cell_disease=True, sickle_cell_genotype="ss")
    assert "trial in sickle cell disease" in sickle.why("physiotherapy")
    assert "stay warm" in sickle.lines["exercise-sickle-cell"].plain
    assert "exercise-sickle-cell" not in told().lines


@pytest.mark.pathway("P04")
def test_a_stiff_hip_is_moved_every_day_without_pain() -> None:
    stiff = told(left={"stiffness": True, "reduced_range_of_motion": True})
    assert stiff.state("range-of-motion-exercises") == "offered"
    assert "lost movement" in stiff.why("range-of-motion-exercises")
    assert "stiff-hip-daily" in stiff.lines and "stiff-hip-daily" not in told().lines
    assert well().state("range-of-motion-exercises") is None


@pytest.mark.pathway("P04")
def test_a_hip_with_an_emergency_sign_is_not_moved_about() -> None:
    stuck = told(left=CANNOT_STAND | {"stiffness": True})
    assert stuck.state("range-of-motion-exercises") == "avoid"
    assert "do not move the hip" in stuck.why("range-of-motion-exercises")
    assert "stiff-hip-daily" not in stuck.lines


@pytest.mark.pathway("P05")
def test_the_bicycle_comes_once_the_hip_is_cleared_for_it() -> None:
    assert told().state("low-impact-exercise") == "offered"
    assert "aerobic-plan" in told().lines
    unasked = told(unknown=("exercise_cleared",))
    assert unasked.state("low-impact-exercise") == "only if"
    assert "cleared" in unasked.why("low-impact-exercise")
    assert "aerobic-plan" not in unasked.lines
    assert told(exercise_cleared=False).state("low-impact-exercise") not in GIVEN


@pytest.mark.pathway("P05")
def test_an_unstable_heart_or_a_fresh_operation_keeps_people_off_the_bicycle() -> None:
    heart = told(unstable_angina=True)
    assert heart.state("low-impact-exercise") == "avoid"
    assert "until the heart is stable" in heart.why("low-impact-exercise")
    drilled = told(left={"core_decompression_done": (True, 3 / 52)})
    assert drilled.state("low-impact-exercise") == "avoid"
    assert "six weeks" in drilled.why("low-impact-exercise")
    assert "aerobic-plan" not in drilled.lines


@pytest.mark.pathway("P06")
def test_warm_water_is_for_closed_skin_only() -> None:
    assert told().state("hydrotherapy") == "offered"
    assert well().state("hydrotherapy") is None
    assert "water-plan" in told().lines
    wounded = told(open_wound=True)
    assert wounded.state("hydrotherapy") == "avoid"
    assert "wound" in wounded.why("hydrotherapy")
    assert "water-plan" not in wounded.lines
    assert barely_known().state("hydrotherapy") == "only if"
    assert "wound" in barely_known().asked("hydrotherapy")


@pytest.mark.pathway("P06")
def test_fits_that_go_on_keep_people_out_of_the_pool_and_controlled_ones_do_not() -> None:
    drowning = told(epilepsy=True, uncontrolled_seizures=True)
    assert drowning.state("hydrotherapy") == "avoid"
    assert "drown" in drowning.why("hydrotherapy")
    assert told(epilepsy=True).state("hydrotherapy") in GIVEN
    assert "somebody beside you" in told(epilepsy=True).warned("hydrotherapy")


@pytest.mark.pathway("P06")
def test_a_wound_over_one_hip_keeps_the_patient_out_of_the_pool_whatever_the_other_hip() -> None:
    wounded = told(left={"skin_wound_or_infection_at_hip": True}, right=ILL)
    assert wounded.state("hydrotherapy") == "avoid"
    assert "wound" in wounded.why("hydrotherapy")


@pytest.mark.pathway("P06", "P20")
def test_two_weeks_after_one_hip_was_replaced_the_pool_needs_the_surgeon_also_for_the_other() -> None:
    replaced = SOUND | {"total_hip_replacement_done": (True, 2 / 52)}
    operated = told(left=replaced, right=ILL)
    assert "surgeon's consent" in operated.warned("hydrotherapy")


# Home, weight, habits, medicines.
@pytest.mark.pathway("P07")
def test_trouble_with_shoes_is_met_with_aids_and_nobody_else_gets_them() -> None:
    stiff = told(left={"shoes_socks_difficulty": True})
    assert stiff.state("aids-and-home-changes") == "offered"
    assert "shoe horn" in stiff.lines["dressing-washing"].plain
    assert "dressing-washing" not in told().lines
    assert well().state("aids-and-home-changes") is None


@pytest.mark.pathway("P07", "P17")
def test_aids_are_fitted_by_a_therapist_where_falls_are_likely() -> None:
    unsteady = told(left={"shoes_socks_difficulty": True}, fall_risk=True, fall_risk_level="high")
    assert "tripped over" in unsteady.warned("aids-and-home-changes")
    assert "tripped over" not in told(left={"shoes_socks_difficulty": True}).warned("aids-and-home-changes")


@pytest.mark.pathway("P08", "F10")
def test_overweight_is_lost_slowly_and_never_by_the_underweight_or_the_pregnant() -> None:
    heavy = told(body_mass_index=32, weight_kg=90)
    assert heavy.state("weight-management") == "offered"
    assert "every kilogram" in heavy.why("weight-management")
    assert heavy.dates("weight-lose-slowly")
    assert told().state("weight-management") is None
    pregnant = told(body_mass_index=32, weight_kg=90, pregnant=True)
    assert pregnant.state("weight-management") == "avoid"
    assert "pregnancy" in pregnant.why("weight-management")
    assert "weight-lose-slowly" not in pregnant.lines and "weight-pregnancy" in pregnant.lines
    thin = told(body_mass_index=17, weight_kg=48, underweight=True)
    assert thin.state("weight-management") is None
    assert "weight-too-low" in thin.lines and "weight-lose-slowly" not in thin.lines


@pytest.mark.pathway("P08", "O05")
def test_no_weight_has_to_be_reached_before_a_replacement_that_is_due() -> None:
    heavy = told(left=WORN, age_years=66, body_mass_index=38, weight_kg=107)
    assert heavy.state("total-hip-replacement") == "offered"
    assert "weight-replacement-no-threshold" in heavy.lines


@pytest.mark.pathway("P09")
def test_smokers_and_drinkers_are_helped_to_stop_and_others_are_not_told_to() -> None:
    smoker = told(smoking_status="current")
    assert smoker.state("alcohol-and-tobacco") == "offered"
    assert "smokers" in smoker.why("alcohol-and-tobacco")
    assert smoker.dates("smoking-stop") and "alcohol-much-less" not in smoker.lines
    assert told().state("alcohol-and-tobacco") is None
    assert "alcohol and smoking" not in {line.area for line in told().lines.values()}


@pytest.mark.pathway("P09")
def test_whoever_depends_on_alcohol_never_stops_all_at_once_alone() -> None:
    habit = {"alcohol_use": "regular", "alcohol_g_per_week": 900, "heavy_alcohol_use": True}
    dependent = told(alcohol_use_disorder=True, **habit)
    assert dependent.state("alcohol-and-tobacco") == "offered"
    assert "no sudden stop alone" in dependent.warned("alcohol-and-tobacco")
    first = next(line for line in dependent.lines.values() if line.area == "alcohol and smoking")
    assert first.id == "alcohol-dependence-help" and "do not stop all at once" in first.plain.casefold()
    moderate = told(alcohol_use="regular", alcohol_g_per_week=150)
    assert "alcohol-dependence-help" not in moderate.lines


@pytest.mark.pathway("P10", "V01")
def test_cortisone_is_reviewed_by_the_prescriber_and_never_stopped_alone() -> None:
    treated = told(**STEROIDS)
    assert treated.state("medicine-review") == "offered"
    assert "never stop" in treated.warned("medicine-review")
    first = next(line for line in treated.lines.values() if line.area == "medicines")
    assert first.id == "steroid-never-stop-alone"
    assert treated.dates("steroid-review")[0] == "2026-12-22"
    assert told().state("medicine-review") is None
    assert "steroid-never-stop-alone" not in told().lines


@pytest.mark.pathway("P10", "C14", "C18")
def test_only_the_team_that_gave_them_changes_transplant_and_hiv_medicines() -> None:
    transplanted = told(organ_transplant=True, kidney_transplant=(True, 2.0), **STEROIDS)
    assert "only the transplant team" in transplanted.warned("medicine-review")
    assert "Only your transplant team" in transplanted.lines["transplant-medicines"].plain
    infected = told(hiv_infection=True, tenofovir=True)
    assert infected.state("medicine-review") == "worth discussing"
    assert "never interrupted" in infected.warned("medicine-review")


@pytest.mark.pathway("P10", "V09", "D13")
def test_five_months_of_daily_tablets_are_long_term_cortisone_also_when_nobody_wrote_so() -> None:
    assert "steroid-bone-protection" in at_risk().lines
    assert "steroid-bone-protection" in on_tablets(40.0, 150).lines
