"""Regenerative treatment and operations: R01 to R06 and O01 to O05."""

from __future__ import annotations

from typing import Any

import pytest

from tests.treatments.test_pathway_patients import GIVEN, STEROIDS, SUNK, WEAK_KIDNEYS, WORN, told, well

TRIAL = {"clinical_trial_participation": True}
SOLD = {"treatment_offered_for_payment_outside_trial": True}
KEEP = {"goal_keep_own_hip": True}
PLANNED = {"hip_operation_planned": True}
YOUNG_MAN = {"age_years": 42, "sex": "male"}
LARGE_SOCKET = WORN | {"planned_resurfacing_head_mm": 52}
SOUND_SURFACE = {"lesion_intact_posterior_percent": 50, "lesion_intact_coverage_percent": 50}
HEAD_KEEPING = ("core-decompression", "marrow-concentrate", "bone-grafting", "osteotomy")


# Regenerative.
@pytest.mark.pathway("R01")
def test_teriparatide_may_build_bone_after_an_osteotomy_but_not_in_radiated_bone() -> None:
    cut = {"hip_osteotomy_done": (True, 0.2)}
    healing = told(left=cut)
    assert healing.state("teriparatide-bone-former") == "worth discussing"
    irradiated = told(left=cut, skeletal_radiotherapy=True)
    assert irradiated.state("teriparatide-bone-former") == "avoid"
    assert "radiation" in irradiated.why("teriparatide-bone-former")
    used_up = told(left=cut, teriparatide=True, teriparatide_lifetime_months=24)
    assert used_up.state("teriparatide-bone-former") == "avoid"
    assert told().state("teriparatide-bone-former") is None


@pytest.mark.pathway("R02")
def test_a_bisphosphonate_may_buy_time_beside_an_operation_that_keeps_the_head() -> None:
    planned = told(left=PLANNED)
    assert planned.state("bisphosphonate-structure-protector") == "worth discussing"
    assert "40 of 44" in planned.why("bisphosphonate-structure-protector")
    for facts, word in (({"oesophageal_disorder": True}, "gullet"), (WEAK_KIDNEYS, "35 ml/min")):
        barred = told(left=PLANNED, **facts)
        assert barred.state("bisphosphonate-structure-protector") == "avoid"
        assert word in barred.warned("bisphosphonate-structure-protector")
    assert told(left=WORN | PLANNED, age_years=45).state("bisphosphonate-structure-protector") not in GIVEN


@pytest.mark.pathway("R03")
def test_marrow_concentrate_goes_with_a_decompression_before_collapse_only() -> None:
    assert told().state("marrow-concentrate") == "worth discussing"
    sunk = told(left=SUNK)
    assert sunk.state("marrow-concentrate") == "avoid"
    assert "collapse has begun" in sunk.why("marrow-concentrate")
    infected = told(active_infection=True)
    assert infected.state("marrow-concentrate") == "avoid", "what forbids the decompression forbids the cells"
    assert "infection" in infected.why("marrow-concentrate")
    assert well().state("marrow-concentrate") is None


@pytest.mark.pathway("R03")
def test_marrow_cells_do_worse_under_cortisone_and_are_not_bought_unasked() -> None:
    assert "4.15 times" in told(**STEROIDS).warned("marrow-concentrate")
    assert "who regulates it" in told(**SOLD).warned("marrow-concentrate")


@pytest.mark.pathway("R04")
def test_cultured_cells_are_shown_as_what_they_are_a_trial() -> None:
    for ill in (told(), told(**TRIAL)):
        assert ill.state("cultured-cells-and-scaffolds") == "only if"
        assert "only within a clinical trial" in ill.why("cultured-cells-and-scaffolds")
    assert well().state("cultured-cells-and-scaffolds") is None


@pytest.mark.pathway("R04", "R06", "D20")
@pytest.mark.parametrize("name", ["cultured-cells-and-scaffolds", "statin-ppar-gamma", "experimental-agents"])
def test_nothing_untested_is_bought_and_none_is_tried_in_pregnancy(name: str) -> None:
    for facts, word in (
        (SOLD, "payment"),
        (SOLD | TRIAL, "payment"),
        (TRIAL | {"pregnant": True}, "pregnan"),
    ):
        barred = told(**facts)
        assert barred.state(name) == "avoid"
        assert word in barred.why(name)


@pytest.mark.pathway("R05")
def test_iloprost_for_the_microcirculation_is_for_early_disease() -> None:
    assert told().state("iloprost-microcirculation") == "worth discussing"
    assert "before collapse only" in told().why("iloprost-microcirculation")
    sunk = told(left=SUNK)
    assert sunk.state("iloprost-microcirculation") == "avoid"
    assert "begun to collapse" in sunk.why("iloprost-microcirculation")
    weak = told(heart_failure=True, heart_failure_nyha_class=3)
    assert weak.state("iloprost-microcirculation") == "avoid"
    assert "heart failure" in weak.why("iloprost-microcirculation")


@pytest.mark.pathway("R06")
def test_a_statin_with_ppar_gamma_blockade_is_animal_work_and_needs_a_trial() -> None:
    volunteer = told(**TRIAL)
    assert volunteer.state("statin-ppar-gamma") == "only if"
    assert "no trial in people" in volunteer.why("statin-ppar-gamma")
    assert told().state("statin-ppar-gamma") is None


# Operations that keep the head.
@pytest.mark.pathway("O01")
def test_a_small_lesion_before_collapse_may_be_decompressed_and_a_sound_hip_never() -> None:
    ill = told()
    assert ill.state("core-decompression") == "offered"
    assert "below 30 %" in ill.why("core-decompression")
    assert told(left={"mri_lesion_volume_percent": 45}).state("core-decompression") == "worth discussing"
    assert ill.state("core-decompression", "right") is None
    assert "after-core-decompression" in {one.id for one in ill.document.plan.rehabilitation}


@pytest.mark.pathway("O01")
def test_a_collapsed_head_is_not_drilled() -> None:
    worn = told(left=WORN, age_years=66)
    assert worn.state("core-decompression") == "avoid"
    assert "no longer helps" in worn.why("core-decompression")
    assert "after-core-decompression" not in {one.id for one in worn.document.plan.rehabilitation}


@pytest.mark.pathway("O01", "C06")
def test_in_sickle_cell_disease_drilling_was_no_better_than_exercise() -> None:
    sickle = told(sickle_cell_disease=True, sickle_cell_genotype="ss")
    assert sickle.state("core-decompression") == "worth discussing"
    assert "physiotherapy alone" in sickle.why("core-decompression")


@pytest.mark.pathway("O01", "O02", "O03", "R03")
def test_no_operation_that_can_wait_is_done_through_an_infection() -> None:
    surface = SOUND_SURFACE | {"mri_lesion_volume_percent": 35}
    infected = told(left=surface, age_years=36, active_infection=True)
    unasked = told(left=surface, age_years=36, unknown=("active_infection",))
    for name in HEAD_KEEPING:
        assert told(left=surface, age_years=36).state(name) in GIVEN, name
        assert infected.state(name) == "avoid" and "infection" in infected.why(name), name
        assert unasked.state(name) == "only if" and "infection" in unasked.asked(name), name


@pytest.mark.pathway("O01", "O02", "O03")
@pytest.mark.parametrize("done", ["hip_bone_graft_done", "hip_osteotomy_done"])
def test_a_hip_operated_on_a_week_ago_is_not_offered_the_drill(done: str) -> None:
    assert told(left={done: (True, 7 / 365.25)}).state("core-decompression") != "offered"


@pytest.mark.pathway("O02")
def test_bone_grafting_is_for_younger_people_whose_head_can_still_be_propped() -> None:
    young = told(left={"mri_lesion_volume_percent": 40}, age_years=36)
    assert young.state("bone-grafting") == "worth discussing"
    assert told(age_years=62).state("bone-grafting") is None
    assert told(left=WORN, age_years=36).state("bone-grafting") is None
    assert "after collapse" in told(left=SUNK, age_years=36).warned("bone-grafting")


@pytest.mark.pathway("O02")
def test_diseased_leg_arteries_and_cortisone_speak_against_a_graft_with_its_vessels() -> None:
    assert "fibula may not be taken" in told(peripheral_artery_disease=True).warned("bone-grafting")
    assert "68 of 100" in told(**STEROIDS).warned("bone-grafting")


@pytest.mark.pathway("O03")
def test_an_osteotomy_needs_sound_bone_to_turn_under_the_load() -> None:
    fits = told(left=SOUND_SURFACE, age_years=36)
    assert fits.state("osteotomy") == "worth discussing"
    assert "36 %" in fits.why("osteotomy")
    unmeasured = told(age_years=36)
    assert unmeasured.state("osteotomy") == "only if"
    assert "intact" in unmeasured.why("osteotomy")
    little = {"lesion_intact_posterior_percent": 20, "lesion_intact_coverage_percent": 20}
    barred = told(left=little, age_years=36)
    assert barred.state("osteotomy") == "avoid"
    assert "sound surface" in barred.why("osteotomy")
    assert told(left=SOUND_SURFACE, age_years=62).state("osteotomy") is None


# Operations that replace it.
@pytest.mark.pathway("O04")
def test_resurfacing_is_for_a_young_man_with_a_large_head_and_nobody_else() -> None:
    man = told(left=LARGE_SOCKET, **YOUNG_MAN)
    assert man.state("hip-resurfacing") == "worth discussing"
    assert "metal debris" in man.warned("hip-resurfacing")
    assert told(left=LARGE_SOCKET, age_years=42).state("hip-resurfacing") not in GIVEN, "a woman"
    small = told(left=WORN | {"planned_resurfacing_head_mm": 44}, **YOUNG_MAN)
    assert small.state("hip-resurfacing") not in GIVEN
    assert told(**YOUNG_MAN).state("hip-resurfacing") is None, "the head is still round"


@pytest.mark.pathway("O04")
@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({"metal_allergy": True}, "nickel"),
        ({"egfr": 50}, "kidney"),
        (STEROIDS | {"prednisone_equivalent_current_mg_per_day": 30}, "corticosteroids"),
        ({"immunosuppressed": True}, "immune"),
        ({"active_infection": True}, "infection"),
    ],
)
def test_metal_is_not_put_where_kidney_skin_or_defence_cannot_bear_it(
    facts: dict[str, Any], word: str
) -> None:
    barred = told(left=LARGE_SOCKET, **YOUNG_MAN | facts)
    assert barred.state("hip-resurfacing") == "avoid"
    assert word in barred.why("hip-resurfacing")


@pytest.mark.pathway("O04")
def test_resurfacing_waits_for_the_question_about_nickel() -> None:
    unasked = told(left=LARGE_SOCKET, unknown=("metal_allergy",), **YOUNG_MAN)
    assert unasked.state("hip-resurfacing") == "only if"
    assert "metal allergy" in unasked.asked("hip-resurfacing")


@pytest.mark.pathway("O05")
def test_a_worn_painful_hip_is_offered_a_replacement_and_a_round_head_is_not() -> None:
    worn = told(left=WORN, age_years=66)
    assert worn.state("total-hip-replacement") == "offered"
    assert "arthritis with pain" in worn.why("total-hip-replacement")
    assert "after-total-hip-replacement" in {one.id for one in worn.document.plan.rehabilitation}
    assert told().state("total-hip-replacement") is None
    assert well().state("total-hip-replacement") is None


@pytest.mark.pathway("O05")
def test_below_fifty_the_wear_of_a_replacement_is_weighed_and_an_infection_forbids_it() -> None:
    young = told(left=WORN, age_years=36)
    assert young.state("total-hip-replacement") == "worth discussing"
    assert "revision" in young.why("total-hip-replacement")
    infected = told(left=WORN, age_years=66, active_infection=True)
    assert infected.state("total-hip-replacement") == "avoid"
    assert "infection" in infected.why("total-hip-replacement")


@pytest.mark.pathway("O05", "D17", "P09")
def test_before_a_replacement_cortisone_in_the_joint_and_nicotine_are_told_to_wait() -> None:
    smoker = told(left=WORN | {"intra_articular_hip_corticosteroid": (True, 0.1)}, smoking_status="current")
    assert "three months" in smoker.warned("total-hip-replacement")
    assert "nicotine" in smoker.warned("total-hip-replacement")
    assert "smoking-before-operation" in smoker.lines


@pytest.mark.pathway("O01", "O05")
def test_the_goal_of_the_patient_puts_what_serves_it_first_and_changes_no_state() -> None:
    keeping, working = told(left=SUNK, **KEEP), told(left=SUNK, goal_back_to_work=True)
    names = ("core-decompression", "total-hip-replacement")
    assert [keeping.state(name) for name in names] == [working.state(name) for name in names]
    orders = [[one.id for one in person.document.treatments.options] for person in (keeping, working)]
    places = [[order.index(name) for name in names] for order in orders]
    assert places[0][0] < places[0][1], "who wants to keep the hip sees first what keeps it"
    assert places[1][1] < places[1][0], "who wants to work again sees the replacement first"
