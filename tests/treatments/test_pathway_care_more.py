"""Care without drugs, P11 to P20: devices, comfort, coping, falls, images with dates, weeks after surgery."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.facts.people import AS_OF
from tests.treatments.test_pathway_patients import ILL, SOUND, WORN, on_tablets, told, well

NO_TUMOUR = {"imaging_tumour": False}
DECOMPRESSED_3_WEEKS_AGO = {"core_decompression_done": (True, 3 / 52)}
DAY_OF_OPERATION = AS_OF - timedelta(days=round(3 / 52 * 365.25))


def after_operation(day: str) -> float:
    """Weeks from the operation three weeks ago."""
    return (date.fromisoformat(day) - DAY_OF_OPERATION).days / 7


# Fields, waves, pressure.
@pytest.mark.pathway("P11")
def test_magnetic_fields_may_be_discussed_before_collapse_and_never_with_a_pacemaker() -> None:
    assert told().state("electromagnetic-fields") == "worth discussing"
    assert well().state("electromagnetic-fields") is None
    paced = told(cardiac_pacemaker_or_defibrillator=True)
    assert paced.state("electromagnetic-fields") == "avoid"
    assert "pacemaker" in paced.why("electromagnetic-fields")
    unasked = told(unknown=("cardiac_pacemaker_or_defibrillator",))
    assert unasked.state("electromagnetic-fields") == "only if"
    assert "ruled out: pacemaker" in unasked.asked("electromagnetic-fields")


@pytest.mark.pathway("P11", "P12")
def test_coils_and_shock_waves_do_not_suit_a_collapsed_head() -> None:
    worn = told(left=WORN | NO_TUMOUR, age_years=66)
    assert (worn.state("electromagnetic-fields"), worn.state("shock-waves")) == ("avoid", "avoid")
    assert "collapsed" in worn.why("electromagnetic-fields")
    assert "deranged" in worn.why("shock-waves")


@pytest.mark.pathway("P12")
def test_shock_waves_may_be_discussed_before_collapse_and_never_in_pregnancy() -> None:
    assert told(left=NO_TUMOUR).state("shock-waves") == "worth discussing"
    pregnant = told(left=NO_TUMOUR, pregnant=True)
    assert pregnant.state("shock-waves") == "avoid"
    assert "pregnant" in pregnant.why("shock-waves")
    unasked = told(left=NO_TUMOUR, unknown=("pregnant",))
    assert unasked.state("shock-waves") == "only if"
    assert "pregnancy" in unasked.asked("shock-waves")
    assert well().state("shock-waves") is None


@pytest.mark.pathway("P13")
def test_hyperbaric_oxygen_may_be_discussed_and_never_with_air_round_the_lung_or_doxorubicin() -> None:
    assert told().state("hyperbaric-oxygen") == "worth discussing"
    for fact, word in (("pneumothorax_untreated", "pneumothorax"), ("doxorubicin", "doxorubicin")):
        barred = told(**{fact: True})
        assert barred.state("hyperbaric-oxygen") == "avoid"
        assert word in barred.why("hyperbaric-oxygen")
        unasked = told(unknown=(fact,))
        assert unasked.state("hyperbaric-oxygen") == "only if"
        assert word in unasked.asked("hyperbaric-oxygen")
    assert well().state("hyperbaric-oxygen") is None


# Work, comfort, coping, falls.
@pytest.mark.pathway("P14")
def test_heavy_work_is_changed_with_occupational_therapy_and_desk_work_goes_on() -> None:
    builder = told(heavy_physical_work=True)
    assert builder.state("occupational-therapy") == "offered"
    assert "50 kg" in builder.why("occupational-therapy")
    assert "work-heavy" in builder.lines and "work-heavy" not in told().lines
    assert told().state("occupational-therapy") is None
    assert "Desk work is fine" in told().lines["work-seated"].plain


@pytest.mark.pathway("P14", "O05")
def test_occupational_therapy_is_no_reason_to_put_off_a_replacement() -> None:
    worn = told(left=WORN, age_years=66)
    assert worn.state("occupational-therapy") == "offered"
    assert "no reason to wait" in worn.warned("occupational-therapy")


@pytest.mark.pathway("P15")
def test_warmth_and_cold_comfort_a_painful_hip_that_can_feel_them() -> None:
    assert told().state("heat-and-cold") == "offered"
    assert "comfort" in told().why("heat-and-cold")
    numb = told(left={"reduced_sensation_at_hip": True})
    assert numb.state("heat-and-cold") == "avoid"
    assert "burns" in numb.why("heat-and-cold")
    assert "heat-cold-use" not in numb.lines
    assert "numb" in numb.withheld["pain-heat-or-cold"]
    assert well().state("heat-and-cold") is None


@pytest.mark.pathway("P15", "C06")
def test_nobody_with_sickle_cell_disease_is_told_to_cool_the_hip() -> None:
    sickle = told(sickle_cell_disease=True, sickle_cell_genotype="ss")
    assert "no cold packs" in sickle.why("heat-and-cold")
    assert "something warm or cold" not in sickle.words("pain")


@pytest.mark.pathway("P15")
@pytest.mark.parametrize(
    ("facts", "word"),
    [
        pytest.param({"peripheral_artery_disease": True}, "circulation", id="poor circulation"),
        pytest.param({"bone_cancer_or_metastases": True, "primary_cancer": True}, "tumour", id="tumour"),
    ],
)
def test_what_forbids_warm_or_cold_packs_forbids_them_in_every_line_of_the_plan(
    facts: dict[str, Any], word: str
) -> None:
    barred = told(**facts)
    assert barred.state("heat-and-cold") == "avoid"
    assert word in barred.why("heat-and-cold")
    assert "something warm or cold" not in barred.words("pain")


@pytest.mark.pathway("P16")
def test_distress_is_treated_beside_the_hip_and_nobody_else_is_sent_to_therapy() -> None:
    low = told(pain_distress=True)
    assert low.state("psychological-support") == "offered"
    assert "distress" in low.why("psychological-support")
    assert "talk-therapy" in low.lines
    assert told().state("psychological-support") is None
    assert "talk-therapy" not in told().lines


@pytest.mark.pathway("P16")
def test_thoughts_of_suicide_are_met_the_same_day_before_anything_else() -> None:
    desperate = told(suicidal_thoughts=True)
    assert "same day" in desperate.warned("psychological-support")
    first = next(line for line in desperate.lines.values() if line.area == "coping")
    assert first.id == "crisis-help"
    assert "crisis-help" not in told().lines


@pytest.mark.pathway("P17")
def test_falls_are_prevented_from_65_years_on_or_where_the_leg_gives_way() -> None:
    for unsteady in (told(age_years=70), told(left={"giving_way": True})):
        assert unsteady.state("fall-prevention") == "offered"
        assert "home hazard" in unsteady.why("fall-prevention")
        assert "rugs" in unsteady.lines["safe-from-falls"].plain
    assert told().state("fall-prevention") is None
    assert "safe-from-falls" not in told().lines


@pytest.mark.pathway("P17", "W06")
def test_after_a_fresh_fall_the_film_comes_before_the_rugs() -> None:
    fallen = told(fall_or_trauma=True, age_years=70)
    assert fallen.document.urgency.level == "urgent"
    assert "first an x-ray" in fallen.warned("fall-prevention")


@pytest.mark.pathway("P17", "P02")
def test_a_crack_below_the_surface_forbids_balance_tasks() -> None:
    cracked = told(left={"mri_subchondral_fracture": True}, age_years=70)
    assert cracked.state("fall-prevention") == "worth discussing"
    assert "no balance tasks" in cracked.why("fall-prevention")


@pytest.mark.pathway("P17", "P02")
def test_a_crack_in_one_hip_forbids_balance_tasks_also_when_the_other_hip_has_none() -> None:
    cracked = told(left={"mri_subchondral_fracture": True}, right=ILL, age_years=70)
    assert "no balance tasks" in cracked.warned("fall-prevention")


# Images.
@pytest.mark.pathway("P18", "I01", "I02")
def test_a_round_head_is_filmed_and_scanned_on_dates_and_the_clear_other_hip_once_more() -> None:
    ill = told()
    assert ill.state("imaging-follow-up") == "offered"
    assert ill.dates("images-before-collapse")[:3] == ["2027-02-22", "2027-05-22", "2027-11-22"]
    assert ill.dates("images-mri") == ["2027-05-22", "2027-11-22"]
    assert "both hips" in ill.lines["images-mri"].plain
    other = ill.lines["images-other-hip-again"]
    assert (other.side, other.dates) == ("right", ("2027-11-22",))
    assert well().state("imaging-follow-up") is None
    assert "imaging" not in {line.area for line in well().lines.values()}


@pytest.mark.pathway("P18", "S14")
def test_the_other_hip_that_was_never_scanned_is_scanned_within_weeks() -> None:
    unseen = told(unknown=("mri_hip", "mri_osteonecrosis", "mri_band_low_t1", "mri_hip_done"), left=ILL)
    line = unseen.lines["images-other-hip-now"]
    assert (line.side, line.dates) == ("right", ("2026-12-07",))


@pytest.mark.pathway("P18")
def test_both_ill_hips_have_their_dates_and_the_larger_lesion_has_more() -> None:
    both = told(right=ILL | {"mri_lesion_volume_percent": 45})
    assert both.lines["images-before-collapse"].side == "both"
    assert both.lines["images-large-lesion"].side == "right"
    assert len(both.dates("images-large-lesion")) == 4
    assert "images-large-lesion" not in told().lines


@pytest.mark.pathway("P18")
def test_no_mri_is_dated_for_whoever_carries_an_implant_that_is_unsafe_in_it() -> None:
    implant = told(mri_unsafe_implant=True)
    assert "ct or spect instead of mri" in implant.warned("imaging-follow-up")
    assert "implant" in implant.withheld["images-mri"]
    assert implant.dates("images-mri") == []


@pytest.mark.pathway("P18")
def test_no_routine_film_of_the_hips_falls_into_a_pregnancy() -> None:
    pregnant = told(pregnant=True)
    assert "radiographs only where they change care" in pregnant.warned("imaging-follow-up")
    soon = (AS_OF + timedelta(days=150)).isoformat()
    assert [day for day in pregnant.dates("images-before-collapse") if day < soon] == []


@pytest.mark.pathway("P18", "V06")
def test_high_doses_bring_one_mri_some_months_after_the_start_and_low_doses_none() -> None:
    begun, due, low = on_tablets(40.0, 20), on_tablets(40.0, 120), on_tablets(5.0, 120)
    assert begun.dates("images-steroid-start") == ["2027-02-22"]
    assert due.dates("images-steroid-due") == ["2026-12-07"]
    assert not {"images-steroid-start", "images-steroid-due"} & set(low.lines)


# Positions and operations.
@pytest.mark.pathway("P19")
def test_deep_bending_and_twisting_are_left_out_by_whoever_hurts_and_by_nobody_else() -> None:
    ill = told()
    assert ill.state("hip-protecting-positions") == "offered"
    assert "deep flexion" in ill.why("hip-protecting-positions")
    assert "Do not cross your legs" in ill.lines["sit-lie-turn"].plain
    assert well().state("hip-protecting-positions") is None
    assert "sit-lie-turn" not in well().lines


@pytest.mark.pathway("P19", "W06")
def test_positions_do_not_help_a_hip_that_has_to_be_seen_today() -> None:
    stuck = told(left={"can_bear_weight": False})
    assert stuck.state("hip-protecting-positions") == "worth discussing"
    assert "be seen today" in stuck.why("hip-protecting-positions")


@pytest.mark.pathway("P20", "O01")
def test_the_weeks_after_a_decompression_become_dates_counted_from_its_day() -> None:
    drilled = told(left=DECOMPRESSED_3_WEEKS_AGO)
    assert drilled.state("rehabilitation-after-surgery") == "offered"
    course = next(one for one in drilled.document.plan.rehabilitation if one.done)
    assert (course.id, course.side) == ("after-core-decompression", "left")
    assert course.phases[0].from_date == DAY_OF_OPERATION.isoformat()
    for phase in course.phases:
        assert phase.from_date and after_operation(phase.from_date) == phase.from_week
    assert "load-after-decompression" in drilled.lines
    assert told().state("rehabilitation-after-surgery") is None


@pytest.mark.pathway("P20", "O05")
def test_without_the_day_of_the_operation_the_weeks_stay_weeks_and_after_a_year_they_end() -> None:
    undated = told(left=SOUND | {"total_hip_replacement_done": True})
    weeks = undated.document.plan.rehabilitation
    assert [one.id for one in weeks] == ["after-total-hip-replacement"]
    assert {phase.from_date for phase in weeks[0].phases} == {None}
    long_ago = told(left=SOUND | {"total_hip_replacement_done": (True, 4.0)})
    assert long_ago.document.plan.rehabilitation == ()
    assert "surgery-images-replaced" in long_ago.lines


@pytest.mark.pathway("P18", "P20")
def test_visits_after_an_operation_are_counted_from_its_day() -> None:
    drilled = told(left=DECOMPRESSED_3_WEEKS_AGO)
    assert "6 weeks, 3 months and 6 months after the operation" in drilled.lines["surgery-first-visits"].plain
    assert 5 <= after_operation(drilled.dates("surgery-first-visits")[0]) <= 7


@pytest.mark.pathway("P20", "W06")
def test_a_warning_sign_after_an_operation_comes_before_its_exercises() -> None:
    worse = told(left=DECOMPRESSED_3_WEEKS_AGO | {"pain_sudden_worsening": True})
    assert worse.document.urgency.level == "emergency"
    assert worse.state("rehabilitation-after-surgery") == "avoid"
    assert "warning sign comes first" in worse.why("rehabilitation-after-surgery")


@pytest.mark.pathway("P20", "D09")
def test_after_a_new_hip_clots_are_prevented_and_their_signs_told() -> None:
    replaced = told(left=SOUND | {"total_hip_replacement_done": (True, 3 / 52)})
    assert "against clots" in replaced.lines["surgery-clot-prevention"].plain
    assert "calf swells" in replaced.lines["flag-after-operation-clot"].plain
    assert not {"surgery-clot-prevention", "flag-after-operation-clot"} & set(told().lines)
    bled = told(left=SOUND | {"total_hip_replacement_done": (True, 3 / 52)}, major_bleeding_now=True)
    assert "bleeding" in bled.withheld["surgery-clot-prevention"]
