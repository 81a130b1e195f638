"""Which test comes next: one that may change what is done, can be made here, and was not made."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from precollapse.engine.next_test import choices, decide, hip_view
from precollapse.engine.ranking import ORDER, Ranked
from tests.engine.diagnosed import (
    GROIN,
    LUPUS,
    NET,
    PAIN,
    adult,
    evaluated,
    first_imaging,
    lupus,
    of_test,
    probabilities,
    ranked,
)
from tests.facts.people import KNOWLEDGE, Person, days_ago, oral, place

FILM = {"radiograph_hip": "normal"}
BURDENS = {word: figure.value for word, figure in KNOWLEDGE.diagnosis_settings.burdens.items()}
MRI, FILMS, BOTH = "mri_both_hips", "radiographs_both_hips", "radiographs_and_mri"


def at_risk(left: dict[str, Any] | None = None, right: dict[str, Any] | None = None, **more: Any) -> Person:
    """Cortisone, groin pain on the left, normal films of both hips."""
    answers = {"age_years": 45.0, "sex": "female", "systemic_corticosteroid": True} | more
    return Person(answers, left=GROIN | FILM | (left or {}), right=FILM | (right or {}))


def said(one: Ranked) -> str:
    return " ".join(bar.says for bar in one.bars)


@pytest.mark.pathway("I01", "I02", "W03")
@pytest.mark.hazard("film-clears-through-differential")
def test_after_normal_films_of_a_painful_hip_at_risk_mri_of_both_hips_comes_first() -> None:
    film = lupus(FILM)
    for person in (at_risk(), Person(film.answers, left=film.left, right=FILM, doses=film.doses)):
        assert first_imaging(person) == MRI
        assert of_test(person, MRI).hip is None
        assert of_test(person, FILMS).state == "already done"


@pytest.mark.pathway("I01", "W03")
@pytest.mark.parametrize("person", [lupus(), adult(), adult(systemic_corticosteroid=True)])
def test_without_a_film_films_or_films_and_mri_together_come_first(person: Person) -> None:
    assert first_imaging(person) in {FILMS, BOTH, "radiographs_further_planes"}


def test_when_osteonecrosis_is_likely_films_and_mri_are_ordered_together() -> None:
    assert first_imaging(lupus()) == BOTH


@pytest.mark.pathway("I02", "I03")
@pytest.mark.hazard("contraindicated-test")
def test_a_pacemaker_without_proof_of_safety_forbids_mri_and_another_picture_moves_up() -> None:
    person = at_risk(cardiac_pacemaker_or_defibrillator=True)
    mri = of_test(person, MRI)
    assert mri.state == "not possible"
    assert "no MRI" in said(mri)
    assert of_test(person, "ct_hip").state == "worth it"
    assert first_imaging(person) not in {MRI, BOTH}
    assert of_test(at_risk(), "ct_hip").state == "no question for it"
    for name in ("mri_lumbar_spine", "mri_sacroiliac", "mri_dynamic_contrast", BOTH):
        assert all(one.state != "worth it" for one in ranked(person) if one.test == name)


@pytest.mark.hazard("contraindicated-test")
@pytest.mark.parametrize("device", ["cardiac_pacemaker_or_defibrillator", "mri_unsafe_implant"])
def test_a_device_documented_as_safe_leaves_mri_possible_with_a_burden(device: str) -> None:
    person = lupus(FILM, **{device: True, "mr_conditional_device": True})
    mri = of_test(person, MRI)
    assert mri.state == "worth it"
    assert mri.burden == pytest.approx(of_test(lupus(FILM), MRI).burden + BURDENS["heavy"])
    assert not any(bar.forbids for bar in mri.bars)
    assert of_test(lupus(FILM, **{device: True, "mr_conditional_device": False}), MRI).state == "not possible"


@pytest.mark.hazard("contraindicated-test", "unknown-read-as-absent")
def test_a_pacemaker_of_which_nobody_knows_is_asked_for_before_an_mri() -> None:
    unknown, denied = (
        of_test(at_risk(), MRI),
        of_test(at_risk(cardiac_pacemaker_or_defibrillator=False, mri_unsafe_implant=False), MRI),
    )
    assert unknown.state == denied.state == "worth it"
    assert len(unknown.ask_first) == 2
    assert denied.ask_first == ()


@pytest.mark.parametrize(
    ("burdened", "points"), [("claustrophobia", "moderate"), ("cannot_lie_flat", "large")]
)
def test_narrow_spaces_are_a_burden_and_no_ban(burdened: str, points: str) -> None:
    free, mri = of_test(at_risk(), MRI), of_test(at_risk(**{burdened: True}), MRI)
    assert mri.burden == pytest.approx(free.burden + BURDENS[points])
    assert mri.gain == pytest.approx(free.gain)
    assert mri.state != "not possible"


@pytest.mark.pathway("I02")
@pytest.mark.hazard("contraindicated-test")
@pytest.mark.parametrize(
    "reason",
    [{"egfr": 20.0}, {"dialysis": True}, {"pregnant": True}, {"gadolinium_contrast_reaction": True}],
)
def test_gadolinium_is_never_proposed_to_whom_it_may_harm(reason: dict[str, Any]) -> None:
    oedema = Person({"age_years": 30.0} | reason, left=GROIN | {"mri_bone_marrow_oedema": True})
    contrast = of_test(oedema, "mri_dynamic_contrast")
    assert any(bar.forbids for bar in contrast.bars)
    assert contrast.state in {"not possible", "not worth it now"}
    assert any(one.test == MRI and not any(bar.forbids for bar in one.bars) for one in ranked(oedema))


@pytest.mark.hazard("contraindicated-test")
def test_a_healthy_kidney_forbids_no_gadolinium() -> None:
    sound = Person(
        {"egfr": 90.0, "dialysis": False, "pregnant": False}, left={"mri_bone_marrow_oedema": True}
    )
    assert not any(bar.forbids for bar in of_test(sound, "mri_dynamic_contrast").bars)


@pytest.mark.pathway("I02", "I04")
@pytest.mark.hazard("contraindicated-test")
def test_in_pregnancy_radiation_costs_more_and_mri_comes_before_films() -> None:
    pregnant = lupus(pregnant=True)
    for name, word in ((FILMS, "large"), ("ct_hip", "heavy")):
        more = of_test(pregnant, name).burden - of_test(lupus(pregnant=False), name).burden
        assert more == pytest.approx(BURDENS[word])
        assert "Pregnancy" in said(of_test(pregnant, name))
    scan = of_test(lupus(pregnant=True, claustrophobia=True), "bone_scan_spect")
    assert any(bar.forbids for bar in scan.bars)
    assert scan.state != "worth it"
    assert first_imaging(pregnant) == MRI


@pytest.mark.pathway("I02")
@pytest.mark.parametrize("result", [{"mri_hip": "normal"}, {"mri_osteonecrosis": True}])
def test_an_mri_that_was_made_is_not_proposed_again(result: dict[str, Any]) -> None:
    both = at_risk(result, {"mri_hip": "normal"})
    assert of_test(both, MRI).state == "already done"
    assert of_test(both, BOTH).state == "already done"


@pytest.mark.pathway("W03")
@pytest.mark.parametrize("result", [{"mri_hip": "normal"}, {"mri_osteonecrosis": True}])
def test_an_mri_of_one_hip_leaves_only_the_other_to_be_gained(result: dict[str, Any]) -> None:
    mri = of_test(lupus(result), MRI)
    assert set(mri.by_hip) == {1}
    assert mri.gain == pytest.approx(mri.by_hip[1].gain)


def test_a_normal_film_has_answered_what_it_would_have_shown() -> None:
    films = of_test(Person(left=GROIN | FILM), FILMS)
    assert set(films.by_hip) == {1}
    number = NET.hip.findings.index("osteophytes")
    for left, still_open in ((GROIN, True), (GROIN | FILM, False)):
        facts, evaluation = evaluated(Person(left=left))
        row = place(facts, "left")
        view = hip_view(row, evaluation.truths, evaluation.differential, NET)
        assert bool(view.hip_open[number]) is still_open


@pytest.mark.pathway("S14", "W03")
def test_established_osteonecrosis_needs_no_further_picture_for_its_name_but_the_other_hip_does() -> None:
    shown = {"mri_osteonecrosis": True, "radiograph_osteonecrosis": True}
    one = Person(LUPUS, left=GROIN | shown)
    assert set(of_test(one, MRI).by_hip) == {1}
    assert of_test(one, MRI).state == "worth it"
    two = Person(LUPUS, left=GROIN | shown, right=GROIN | shown)
    assert not [r.test for r in ranked(two) if r.state == "worth it" and "mri" in r.test]


@pytest.mark.pathway("N01", "N02")
@pytest.mark.parametrize("test", ["nerve_tests", "mri_lumbar_spine"])
def test_tests_of_nerves_only_while_disease_of_a_nerve_is_alive(test: str) -> None:
    assert of_test(adult(), test).state == "no question for it"
    root = adult({"leg_pain": True, "straight_leg_raise_test": "positive"}, low_back_pain=True)
    assert of_test(root, test).state != "no question for it"


@pytest.mark.pathway("L06")
def test_the_joint_is_aspirated_only_while_infection_is_alive() -> None:
    ill = Person(
        {"age_years": 50.0, "fever": True, "c_reactive_protein_raised": True, "systemically_unwell": True},
        left=GROIN | {"hip_motion_painful": True},
    )
    assert of_test(adult(), "aspiration_hip").state == "no question for it"
    assert of_test(ill, "aspiration_hip").state in {"worth it", "not worth it now"}
    assert best_decision(ill) == "emergency"


@pytest.mark.hazard("child-down-the-adult-path")
@pytest.mark.pathway("Q11", "I01")
def test_a_child_is_proposed_the_films_of_a_child() -> None:
    boy = Person({"age_years": 13.0, "sex": "male", "obesity": True}, left=PAIN | {"knee_pain": True})
    assert first_imaging(boy) == "radiographs_child"
    assert best_decision(boy) == "emergency"
    assert of_test(adult(), "radiographs_child").state == "no question for it"


def points(person: Person) -> dict[str, float]:
    """How good each decision is for the left hip."""
    choice = choices(KNOWLEDGE)
    _, found = decide(np.array(list(probabilities(person).values())), choice)
    return dict(zip(choice.decisions, found.tolist(), strict=True))


def best_decision(person: Person) -> str:
    found = points(person)
    return max(found, key=lambda name: found[name])


@pytest.mark.hazard("low-probability-lowers-urgency")
@pytest.mark.parametrize("setting", ["primary_care", "orthopaedic_clinic"])
def test_infection_counts_for_the_decision_long_before_it_is_the_likeliest(setting: str) -> None:
    ill = adult(
        {"hip_motion_painful": True}, fever=True, c_reactive_protein_raised=True, care_setting=setting
    )
    assert probabilities(ill)["infection"] < 0.3
    sick, calm = points(ill), points(adult(care_setting=setting))
    assert sick["emergency"] - sick["simple_care"] > calm["emergency"] - calm["simple_care"] + 5


PEOPLE = [
    Person(), adult(), lupus(), lupus(FILM), at_risk(), at_risk({"mri_hip": "normal"}),
    at_risk(cardiac_pacemaker_or_defibrillator=True), adult({"mri_bone_marrow_oedema": True}, pregnant=True),
    Person({"age_years": 6.0}, left={"limp": True}), adult(fever=True, c_reactive_protein_raised=True),
    Person({"age_years": 80.0, "fall_or_trauma": True}, left={"can_bear_weight": False}),
    Person(statements=[{"concept": "groin_pain", "status": "present"}]), Person(left={"hip_replaced": True}),
]  # fmt: skip


@pytest.mark.parametrize("person", PEOPLE)
def test_tests_stand_in_the_order_of_their_state_and_of_what_they_add(person: Person) -> None:
    found = ranked(person)
    for one, other in pairwise(found):
        assert ORDER.index(one.state) <= ORDER.index(other.state)
        assert one.state != other.state or one.net >= other.net
    least = BURDENS[KNOWLEDGE.diagnosis_settings.least_gain]
    for one in found:
        assert one.gain >= 0
        assert one.net == pytest.approx(one.gain - one.burden)
        assert (one.state != "worth it") or one.net >= least
        assert (one.state != "worth it") or not any(bar.forbids for bar in one.bars)


@pytest.mark.parametrize("person", PEOPLE)
def test_a_test_whose_results_all_lead_to_the_same_decision_adds_nothing(person: Person) -> None:
    for one in ranked(person):
        for value in one.by_hip.values():
            assert sum(answer.probability for answer in value.answers) == pytest.approx(1)
            assert (len(value.answers) > 1) or value.gain == pytest.approx(0, abs=1e-9)
            for answer in value.answers:
                assert sum(answer.p) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("person", [lupus(), adult(), Person(), lupus(claustrophobia=True, pregnant=True)])
def test_a_bundle_adds_at_least_what_each_part_adds_and_costs_what_all_of_them_cost(person: Person) -> None:
    bundle, film, mri = (of_test(person, name) for name in (BOTH, FILMS, MRI))
    assert bundle.gain >= max(film.gain, mri.gain) - 1e-9
    assert bundle.burden == pytest.approx(film.burden + mri.burden)
    for hip, value in bundle.by_hip.items():
        assert value.gain >= max(film.by_hip[hip].gain, mri.by_hip[hip].gain) - 1e-9


def test_what_the_results_lead_to_averages_to_what_is_believed_now() -> None:
    person = lupus(FILM)
    facts, evaluation = evaluated(person)
    now = evaluation.differential.p[place(facts, "left")]
    answers = of_test(person, MRI).by_hip[0].answers
    later = sum(answer.probability * answer.p for answer in answers)
    assert later == pytest.approx(now, abs=1e-9)


TIMINGS = {
    "first_mri_after_high_dose_corticosteroids": Person(doses=[oral(60, days_ago(60))]),
    "repeat_early_clear_mri": Person(left={"mri_hip": "normal"}, doses=[oral(60, days_ago(60))]),
    "next_mri_after_late_clear_one": Person(
        left={"mri_hip": "normal"}, doses=[oral(20, days_ago(800))]
    ),
    "mri_after_dose_raised_again": Person(
        LUPUS, doses=[oral(10, days_ago(900), days_ago(30)), oral(60, days_ago(29), None, ongoing=True)]
    ),
    "mri_of_the_other_hip": Person(right={"osteonecrosis_femoral_head": True}),
    "mri_for_occult_fracture": Person(
        {"fall_or_trauma": True}, left={"can_bear_weight": False, "radiograph_hip": "normal"}
    ),
    "film_at_once_in_adolescents": Person({"age_years": 12.0}, left={"knee_pain": True}),
}  # fmt: skip


@pytest.mark.pathway("I02")
@pytest.mark.parametrize(("name", "person"), TIMINGS.items(), ids=TIMINGS)
def test_an_mri_is_timed_by_what_happened(name: str, person: Person) -> None:
    facts, evaluation = evaluated(person)
    row = place(facts, "left")
    assert evaluation.truths.at(f"timing:{name}", row) is True
    nobody, silent = evaluated(Person())
    assert silent.truths.at(f"timing:{name}", place(nobody, "left")) is not True
