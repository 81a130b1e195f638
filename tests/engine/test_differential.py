"""What a clinician expects of the differential: which finding speaks for what, and what says nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.diagnosed import (
    GROIN,
    LUPUS,
    NET,
    PAIN,
    adult,
    bands,
    counted,
    likeliest,
    lupus,
    odds,
    probabilities,
    times,
)
from tests.facts.people import KNOWLEDGE, Person, evaluated, place

HURTS = Person(left=PAIN)

# Found at the left hip, found in the whole patient, the diagnosis, by how many times at least its odds rise.
SPEAKS_FOR = {
    "tenderness over the trochanter: the tendons there":
        ("E02", {"trochanteric_tenderness": True}, {}, "trochanteric_pain", 2.0),
    "pain at the outer side: the tendons there":
        ("E02", {"lateral_hip_pain": True}, {}, "trochanteric_pain", 2.0),
    "a straight leg raise: the nerve root":
        ("M05", {"straight_leg_raise_test": "positive"}, {}, "lumbar_radiculopathy", 2.0),
    "an EMG of a root: the nerve root":
        ("N01", {}, {"electromyography": "radiculopathy"}, "lumbar_radiculopathy", 3.0),
    "numbness of a root: the nerve root":
        ("N02", {"dermatomal_numbness_or_reflex_loss": True}, {}, "lumbar_radiculopathy", 2.0),
    "fever and a raised CRP: infection":
        ("L01", {}, {"fever": True, "c_reactive_protein_raised": True}, "infection", 10.0),
    "an infected aspirate: infection":
        ("L06", {"joint_aspirate_infection": True}, {}, "infection", 100.0),
    "HLA-B27: inflammatory arthritis":
        ("L04", {}, {"hla_b27": True}, "inflammatory_arthritis", 3.0),
    "stiffness of two hours: inflammatory arthritis":
        ("S06", {"morning_stiffness_minutes": 120.0}, {}, "inflammatory_arthritis", 5.0),
    "a band on T1: osteonecrosis":
        ("I02", {"mri_band_low_t1": True}, {}, "osteonecrosis", 10.0),
    "a double line: osteonecrosis":
        ("I02", {"mri_double_line_sign": True}, {}, "osteonecrosis", 80.0),
    "a concave band: osteonecrosis, beyond the band":
        ("I02", {"mri_band_low_t1": True, "mri_band_shape": "concave"}, {}, "osteonecrosis", 25.0),
    "a crescent: osteonecrosis":
        ("I01", {"radiograph_crescent_sign": True}, {}, "osteonecrosis", 3.0),
    "diffuse oedema: transient osteoporosis":
        ("I02", {"mri_bone_marrow_oedema": True}, {}, "transient_osteoporosis", 5.0),
    "osteoporosis: insufficiency fracture":
        ("I05", {}, {"osteoporosis": True}, "insufficiency_fracture", 2.0),
    "a cold defect: osteonecrosis":
        ("I04", {"bone_scan_cold_defect": True}, {}, "osteonecrosis", 5.0),
    "a fracture line on CT: insufficiency fracture":
        ("I03", {"ct_subchondral_fracture": True}, {}, "insufficiency_fracture", 10.0),
    "FADIR: impingement":
        ("M03", {"fadir_test": "positive"}, {}, "impingement_or_labral_tear", 1.3),
    "FABER: a disease of the joint":
        ("M02", {"faber_test": "positive"}, {}, "hip_osteoarthritis", 1.1),
    "the log roll: a disease of the joint":
        ("M04", {"log_roll_test": "positive"}, {}, "osteonecrosis", 1.2),
    "Trendelenburg: the abductors":
        ("M01", {"trendelenburg_test": "positive"}, {}, "trochanteric_pain", 1.5),
    "Thomas: a disease of the joint":
        ("M06", {"thomas_test": "positive"}, {}, "hip_osteoarthritis", 1.2),
    "less internal rotation: a disease of the joint":
        ("E04", {"internal_rotation_reduced": True}, {}, "osteonecrosis", 1.2),
    "a Trendelenburg gait: the abductors":
        ("E03", {"gait_trendelenburg": True}, {}, "trochanteric_pain", 1.5),
    "a snap: the iliopsoas":
        ("S10", {"snapping_hip": True}, {}, "iliopsoas", 3.0),
    "a short leg turned out: fracture":
        ("S13", {"leg_short_and_externally_rotated": True}, {}, "femoral_neck_fracture", 20.0),
    "groin pain: osteonecrosis":
        ("S01", {"groin_pain": True}, {}, "osteonecrosis", 1.2),
    "pain on weight bearing: osteonecrosis":
        ("S02", {"weight_bearing_pain": True}, {}, "osteonecrosis", 1.2),
    "pain at night: inflammatory arthritis":
        ("S03", {"night_pain": True}, {}, "inflammatory_arthritis", 1.2),
    "a limp: a disease of the joint":
        ("S04", {"limp": True}, {}, "osteonecrosis", 1.1),
    "trouble with shoes: a disease of the joint":
        ("S09", {"shoes_socks_difficulty": True}, {}, "hip_osteoarthritis", 1.3),
    "pain for years: dysplasia":
        ("S15", {"pain_duration_months": 60.0}, {}, "dysplasia", 1.1),
    "pain down the leg: the nerve root":
        ("S07", {"leg_pain": True}, {}, "lumbar_radiculopathy", 1.5),
}  # fmt: skip

SPEAKS_AGAINST = {
    "groin pain: the tendons at the outer side": ({"groin_pain": True}, {}, "trochanteric_pain", 2.0),
    "a normal CRP: infection": ({}, {"c_reactive_protein_raised": False}, "infection", 3.0),
    "a normal film: osteonecrosis, a little": ({"radiograph_hip": "normal"}, {}, "osteonecrosis", 1.5),
    "no trouble bearing weight: fracture": ({"can_bear_weight": True}, {}, "femoral_neck_fracture", 1.5),
    "a year of pain: infection": ({"pain_duration_months": 24.0}, {}, "infection", 5.0),
}  # fmt: skip


def marked() -> list[Any]:
    return [
        pytest.param(*rest, id=name, marks=pytest.mark.pathway(item))
        for name, (item, *rest) in SPEAKS_FOR.items()
    ]


@pytest.mark.parametrize(("left", "answers", "diagnosis", "least"), marked())
def test_a_finding_speaks_for(
    left: dict[str, Any], answers: dict[str, Any], diagnosis: str, least: float
) -> None:
    assert times(Person(answers, left=PAIN | left), HURTS, diagnosis) >= least


@pytest.mark.parametrize(
    ("left", "answers", "diagnosis", "least"), SPEAKS_AGAINST.values(), ids=SPEAKS_AGAINST
)
def test_a_finding_speaks_against(
    left: dict[str, Any], answers: dict[str, Any], diagnosis: str, least: float
) -> None:
    assert times(HURTS, Person(answers, left=PAIN | left), diagnosis) >= least


@pytest.mark.pathway("I02")
def test_the_shape_of_the_band_tells_osteonecrosis_from_an_insufficiency_fracture() -> None:
    shapes = {
        shape: probabilities(adult({"mri_band_low_t1": True, "mri_band_shape": shape}))
        for shape in ("concave", "convex")
    }
    for shape, first, second in (
        ("concave", "osteonecrosis", "insufficiency_fracture"),
        ("convex", "insufficiency_fracture", "osteonecrosis"),
    ):
        assert shapes[shape][first] > 5 * shapes[shape][second]


@pytest.mark.pathway("I02")
def test_diffuse_oedema_without_a_band_is_rather_transient_osteoporosis_than_osteonecrosis() -> None:
    man = Person({"age_years": 42.0, "sex": "male"}, left=GROIN | {"mri_bone_marrow_oedema": True})
    no_band = Person(man.answers, left={**man.left, "mri_band_low_t1": False})
    found = probabilities(no_band)
    assert found["transient_osteoporosis"] > 10 * found["osteonecrosis"]
    assert found["osteonecrosis"] < probabilities(man)["osteonecrosis"]


@pytest.mark.pathway("I01")
def test_a_narrow_joint_with_osteophytes_is_osteoarthritis() -> None:
    found = adult({"joint_space_narrowing": True, "radiograph_osteophytes": True}, age_years=65.0)
    assert likeliest(found)[0] == "hip_osteoarthritis"
    assert probabilities(found)["hip_osteoarthritis"] > 0.8


@pytest.mark.pathway("I01", "W03")
@pytest.mark.hazard("film-clears-through-differential")
@pytest.mark.parametrize("setting", [None, "primary_care", "emergency_department", "orthopaedic_clinic"])
def test_a_normal_film_does_not_clear_a_hip(setting: str | None) -> None:
    seen = {"care_setting": setting} if setting else {}
    cleared = lupus({"radiograph_hip": "normal"}, **seen)
    assert probabilities(cleared)["osteonecrosis"] > 0.2
    assert likeliest(cleared)[0] == "osteonecrosis"
    dose_unknown = Person(LUPUS | seen, left=GROIN | {"radiograph_hip": "normal"})
    assert bands(dose_unknown)["osteonecrosis"][1] > 0.2


@pytest.mark.pathway("I02")
def test_an_mri_clears_more_than_a_film() -> None:
    film, mri = lupus({"radiograph_hip": "normal"}), lupus({"mri_hip": "normal"})
    assert odds(probabilities(film)["osteonecrosis"]) > 3 * odds(probabilities(mri)["osteonecrosis"])
    assert times(lupus(), mri, "osteonecrosis") > 10


CIRCULAR = {
    "an MRI that names it": {"mri_osteonecrosis": True},
    "a diagnosis in the record": {"osteonecrosis_femoral_head": True},
    "a clear MRI of last month": {"mri_hip": ("normal", 0.1)},
}


@pytest.mark.hazard("evidence-counted-twice")
@pytest.mark.parametrize("seen", CIRCULAR.values(), ids=CIRCULAR)
def test_what_is_believed_beforehand_does_not_rest_on_what_was_found(seen: dict[str, Any]) -> None:
    assert before(lupus(seen)) == pytest.approx(before(lupus()))
    # Whose hip was in a scanner has been referred; that much the prior may know.
    referred = {"care_setting": "orthopaedic_clinic"}
    assert before(adult(seen, **referred)) == pytest.approx(before(adult(**referred)))


@pytest.mark.pathway("I02")
def test_a_clear_mri_speaks_against_osteonecrosis() -> None:
    clinic = {"care_setting": "orthopaedic_clinic"}
    before_, after = Person(clinic, left=PAIN), Person(clinic, left=PAIN | {"mri_hip": "normal"})
    assert times(before_, after, "osteonecrosis") >= 9.0


def before(person: Person) -> float:
    facts, evaluation = evaluated(person)
    return float(evaluation.differential.prior.p[place(facts, "left"), NET.computed])


@pytest.mark.pathway("I02")
def test_after_an_undated_clear_mri_osteonecrosis_is_unlikely_even_in_lupus() -> None:
    assert probabilities(lupus({"mri_hip": "normal"}))["osteonecrosis"] < 0.2


@pytest.mark.hazard("anchoring-on-osteonecrosis")
def test_a_report_of_osteonecrosis_does_not_hide_the_insufficiency_fracture_of_an_old_woman() -> None:
    seen = {"mri_osteonecrosis": True, "mri_band_shape": "convex", "mri_subchondral_fracture": True}
    woman = Person({"age_years": 75.0, "sex": "female", "osteoporosis": True}, left=GROIN | seen)
    assert probabilities(woman)["insufficiency_fracture"] > 0.2


@pytest.mark.pathway("Q11")
@pytest.mark.hazard("child-down-the-adult-path")
def test_a_limping_child_of_six_has_perthes_disease_first() -> None:
    child = Person({"age_years": 6.0, "sex": "male"}, left={"limp": True})
    assert likeliest(child)[0] == "perthes"
    assert likeliest(Person(child.answers, left={"limp": True} | PAIN))[0] == "perthes"


@pytest.mark.pathway("P08", "S07", "Q11")
@pytest.mark.hazard("child-down-the-adult-path")
def test_knee_pain_of_an_obese_adolescent_may_be_a_slipped_epiphysis() -> None:
    boy = Person({"age_years": 13.0, "sex": "male", "obesity": True}, left={"knee_pain": True})
    assert likeliest(boy)[0] == "slipped_epiphysis"
    assert probabilities(boy)["slipped_epiphysis"] > 0.3
    assert probabilities(boy)["osteonecrosis"] < 0.01


@pytest.mark.hazard("child-down-the-adult-path")
def test_diseases_of_children_are_not_found_in_grown_people_nor_wear_in_children() -> None:
    grown, child = adult(), Person({"age_years": 6.0}, left=PAIN | {"limp": True})
    assert all(probabilities(grown)[name] < 0.002 for name in ("perthes", "slipped_epiphysis"))
    assert all(probabilities(child)[name] < 0.01 for name in ("hip_osteoarthritis", "trochanteric_pain"))


@pytest.mark.pathway("P08")
def test_the_weight_of_a_child_that_nobody_recorded_is_not_counted_as_lean() -> None:
    assert "child_obese" not in counted(Person({"age_years": 12.0}, left={"knee_pain": True}))


@pytest.mark.pathway("W01")
@pytest.mark.hazard("unknown-read-as-absent")
def test_of_a_patient_of_whom_nothing_is_known_nothing_is_said_with_confidence() -> None:
    found, between = probabilities(Person()), bands(Person())
    assert likeliest(Person())[0] == "hip_osteoarthritis"
    for name in set(found) - {"none_of_these"}:
        assert found[name] < 0.1
        low, high = between[name]
        assert high > 5 * low
    low, high = between["none_of_these"]
    assert high - low > 0.3
    assert between["osteonecrosis"][1] > 30 * found["osteonecrosis"]


TESTS_DONE = (
    "straight_leg_raise_test", "faber_test", "fadir_test", "log_roll_test", "thomas_test",
    "trendelenburg_test", "femoral_nerve_stretch_test",
    "resisted_straight_leg_raise_test",
)  # fmt: skip


@pytest.mark.pathway("M01", "M02", "M03", "M04", "M05", "M06")
@pytest.mark.parametrize("test", TESTS_DONE)
def test_a_test_that_was_not_done_says_nothing_and_a_negative_one_does(test: str) -> None:
    before = probabilities(adult())
    assert probabilities(adult({test: "not_done"})) == before
    assert probabilities(adult({test: "negative"})) != before


def test_a_needle_test_without_a_result_says_nothing() -> None:
    assert probabilities(adult(electromyography="not_diagnostic")) == probabilities(adult())


@pytest.mark.hazard("replaced-hip-staged")
def test_a_replaced_hip_has_no_differential_and_does_not_disturb_the_other() -> None:
    facts, evaluation = evaluated(Person(left={"hip_replaced": True}, right=GROIN))
    applies = evaluation.differential.applies
    assert not applies[place(facts, "left")]
    assert applies[place(facts, "right")]
    assert sum(evaluation.differential.p[place(facts, "right")]) == pytest.approx(1)


def test_pain_whose_side_nobody_wrote_down_stands_for_a_hip_of_its_own() -> None:
    spoken = [{"concept": name, "status": "present"} for name in ("hip_pain", "groin_pain")]
    loose = Person({"age_years": 45.0}, statements=spoken)
    known = probabilities(Person({"age_years": 45.0}, left=GROIN))
    found = probabilities(loose, "unspecified")
    assert sum(found.values()) == pytest.approx(1)
    assert found["hip_osteoarthritis"] == pytest.approx(known["hip_osteoarthritis"], rel=0.15)
    for hip in ("left", "right"):
        assert counted(loose, hip) == {}


@pytest.mark.pathway("S14", "W03")
def test_osteonecrosis_shown_on_the_left_raises_the_right() -> None:
    assert times(adult({"mri_osteonecrosis": True}), adult(), "osteonecrosis", "right") > 100
    assert times(adult({"mri_band_low_t1": True}), adult(), "osteonecrosis", "right") > 3


def test_a_slip_on_one_side_raises_the_other() -> None:
    boy = {"age_years": 13.0, "sex": "male"}
    shown = Person(boy, left={"radiograph_slip": True, "hip_pain": True})
    assert times(shown, Person(boy, left=PAIN), "slipped_epiphysis", "right") > 3


@pytest.mark.pathway("W01")
def test_where_a_patient_is_seen_changes_what_is_believed_beforehand() -> None:
    settings = ("primary_care", "orthopaedic_clinic", "emergency_department")
    practice, clinic, emergency = (probabilities(adult(care_setting=setting)) for setting in settings)
    unknown = probabilities(adult())["osteonecrosis"]
    assert practice["osteonecrosis"] < unknown < clinic["osteonecrosis"]
    assert emergency["femoral_neck_fracture"] > 20 * practice["femoral_neck_fracture"]
    assert emergency["infection"] > practice["infection"]
    assert practice["trochanteric_pain"] > clinic["trochanteric_pain"]


def test_age_and_sex_move_what_is_believed_beforehand() -> None:
    old, young = (Person({"age_years": age}, left=PAIN) for age in (72.0, 22.0))
    assert times(old, young, "hip_osteoarthritis") > 10
    assert times(young, old, "impingement_or_labral_tear") > 2
    woman, man = (Person({"sex": sex, "age_years": 55.0}, left=PAIN) for sex in ("female", "male"))
    assert times(woman, man, "trochanteric_pain") > 1.5
    assert times(man, woman, "inguinal_hernia") > 3


def test_every_diagnosis_that_is_kept_is_weighed() -> None:
    assert set(NET.diagnoses) == {name for name, entry in KNOWLEDGE.diagnoses.items() if not entry.draft}
