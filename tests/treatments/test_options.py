"""How the state of a treatment comes about: what forbids, what must be asked, what is only to be weighed."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precollapse.engine.options import STATES
from tests.facts.people import KNOWLEDGE, Person
from tests.treatments.made_up import SHOWN, against, knowing, offer, options, state, states, treatment

PAIN = {"hip_pain": True}
LOW = next(name for name, source in KNOWLEDGE.sources.items() if source.reliability == "low")
HIGH = next(name for name, source in KNOWLEDGE.sources.items() if source.reliability == "high")


def hurting(**answers: Any) -> Person:
    return Person(answers, left=PAIN, right={"hip_pain": False})


@pytest.mark.hazard("treatment-not-considered")
def test_nothing_is_said_of_a_treatment_nobody_would_consider() -> None:
    one = treatment(against=[against("pregnant")])
    assert states(knowing(one), hurting(pregnant=True))[one.id] == ["avoid", None]
    assert state(one, Person({"pregnant": True}, left={"hip_pain": False})) is None
    assert state(one, Person({"pregnant": True})) is None, "unknown pain is no reason to speak of painkillers"


@pytest.mark.hazard("contraindication-missed")
def test_what_a_label_forbids_is_avoided_whatever_speaks_for_it() -> None:
    one = treatment(against=[against("warfarin"), against("pregnant", "caution")])
    assert state(one, hurting(warfarin=True, pregnant=False)) == "avoid"
    assert state(one, hurting(warfarin=False, pregnant=False)) == "offered"


@pytest.mark.hazard("unknown-taken-as-safe")
def test_an_unknown_contraindication_is_asked_for_and_never_taken_as_safe() -> None:
    one = treatment(against=[against("warfarin", about="medicine")])
    assert state(one, hurting()) == "only if"
    found = options(knowing(one), hurting())[one.id]
    assert [point.must for point in found.open_points] == ["be ruled out"]
    assert found.open_points[0].questions == (KNOWLEDGE.concepts["warfarin"].question,)
    assert found.decided_by == "Only if there is no something."


@pytest.mark.hazard("unknown-taken-as-safe")
def test_a_laboratory_value_that_is_not_known_holds_a_treatment_back_until_it_is() -> None:
    one = treatment(against=[against({"fact": "egfr", "below": 30}, about="laboratory", what="a low eGFR")])
    assert state(one, hurting()) == "held back"
    assert state(one, hurting(egfr=29.9)) == "avoid"
    assert state(one, hurting(egfr=30.0)) == "offered"
    assert (
        options(knowing(one), hurting())[one.id].decided_by
        == "Until it is known whether there is a low eGFR."
    )


def test_a_caution_makes_it_a_matter_for_discussion_and_a_dose_or_a_time_does_not() -> None:
    for effect, expected in (("caution", "worth discussing"), ("dose", "offered"), ("timing", "offered")):
        one = treatment(against=[against("warfarin", effect)])
        assert state(one, hurting(warfarin=True)) == expected
        assert state(one, hurting()) == "offered", "an unknown caution holds nothing back"
        told = options(knowing(one), hurting(warfarin=True))[one.id].speaks_against
        assert [argument.effect for argument in told] == [effect]


@pytest.mark.hazard("low-reliability-rule")
def test_a_source_of_low_reliability_neither_forbids_nor_permits_by_itself() -> None:
    forbids = treatment(against=[against("warfarin", sources=[LOW])])
    assert state(forbids, hurting(warfarin=True)) == "held back"
    assert "low reliability" in options(knowing(forbids), hurting(warfarin=True))[forbids.id].decided_by
    assert (
        state(treatment(against=[against("warfarin", sources=[LOW, HIGH])]), hurting(warfarin=True))
        == "avoid"
    )
    assert state(treatment(offers=[offer(sources=[LOW])]), hurting()) == "worth discussing"


def test_an_exception_lifts_what_forbids() -> None:
    one = treatment(against=[against("warfarin", unless="denosumab")])
    assert state(one, hurting(warfarin=True, denosumab=True)) == "offered"
    assert state(one, hurting(warfarin=True, denosumab=False)) == "avoid"
    assert state(one, hurting(warfarin=True)) == "only if"


@pytest.mark.hazard("combination-forgets-a-part")
def test_a_combination_is_forbidden_by_what_forbids_one_of_its_parts() -> None:
    part = treatment("part", against=[against("warfarin"), against("pregnant", what="pregnancy")])
    both = treatment(
        "both", kind="combination", combines=["part"], against=[against("pregnant", what="pregnancy")]
    )
    assert state(both, hurting(warfarin=True, pregnant=False), part) == "avoid"
    assert state(both, hurting(warfarin=False, pregnant=False), part) == "offered"
    asked = options(knowing(both, part), hurting(warfarin=False))["both"].open_points
    assert [point.what for point in asked] == ["pregnancy"], "what both say is asked once"


def test_a_trial_is_never_offered_as_care() -> None:
    one = treatment(offers=[offer(standing="trials only")])
    assert state(one, hurting()) == "only if"
    assert options(knowing(one), hurting())[one.id].decided_by.startswith("Only within a clinical trial.")


@pytest.mark.hazard("treatment-without-diagnosis")
def test_what_needs_proof_waits_for_the_mri() -> None:
    proof = {"found": "proof", "is": "shown"}
    one = treatment(
        per="hip",
        considered_when={"found": "proof", "is": ["shown", "possible"]},
        offers=[offer(when=proof, what="MRI shows osteonecrosis")],
    )
    suspected = Person({"systemic_lupus_erythematosus": True}, left=PAIN | {"weight_bearing_pain": True})
    assert state(one, suspected) == "only if"
    assert state(one, Person(left=PAIN | SHOWN)) == "offered"
    found = options(knowing(one), suspected)[one.id]
    assert found.decided_by == "Only if MRI shows osteonecrosis."


def test_what_suits_one_stage_is_not_offered_in_another() -> None:
    early = treatment(
        per="hip",
        considered_when={"found": "proof", "is": "shown"},
        offers=[offer(when={"found": "standing", "is": "before collapse"}, what="the head is still round")],
        against=[against({"found": "standing", "is": ["collapsed beyond 2 mm", "arthritis"]}, about="hip")],
    )
    round_head = SHOWN | {"radiograph_hip": "normal"}
    collapsed = SHOWN | {"radiograph_head_collapse": True, "head_depression_mm": 4.0}
    person = Person(left=PAIN | round_head, right=PAIN | collapsed)
    assert states(knowing(early), person)[early.id] == ["offered", "avoid"]
    assert state(early, Person(left=PAIN | {"mri_osteonecrosis": True})) == "only if", "the stage is open"


def test_the_goals_of_the_patient_order_what_may_be_given_and_nothing_jumps_its_state() -> None:
    points = {"keep_own_hip": 0, "back_to_work": 0, "avoid_surgery": 0, "avoid_pain": 0}
    saves = treatment("saves", serves=points | {"keep_own_hip": 2})
    eases = treatment("eases", serves=points | {"avoid_pain": 1})
    barred = treatment("barred", serves=dict.fromkeys(points, 2), against=[against("warfarin")])
    known = knowing(eases, saves, barred)

    def order(**goals: bool) -> list[str]:
        return list(options(known, hurting(warfarin=True, **goals)))

    assert order() == ["saves", "eases", "barred"]
    assert order(goal_avoid_pain=True) == ["eases", "saves", "barred"]
    found = [one.goal for one in _treatments(known, hurting(warfarin=True)).other_orders]
    assert found == ["have less pain"], "what would change the order is said"


def _treatments(known: Any, person: Person) -> Any:
    from tests.treatments.made_up import assessed

    return assessed(known, person).treatments


@given(st.lists(st.sampled_from([True, False, None]), min_size=3, max_size=3))
def test_an_answer_never_makes_a_held_back_treatment_safer_than_the_answer_allows(
    answers: list[bool | None],
) -> None:
    """With something unknown the state lies between what the answers could bring."""
    names = ("warfarin", "pregnant", "denosumab")
    one = treatment(
        against=[
            against("warfarin"),
            against("pregnant", what="pregnancy"),
            against("denosumab", "caution", what="c"),
        ]
    )
    known = {name: answer for name, answer in zip(names, answers, strict=True) if answer is not None}
    now = STATES.index(state(one, hurting(**known)) or "")
    for name in names:
        if name not in known:
            outcomes = [
                STATES.index(state(one, hurting(**known, **{name: value})) or "") for value in (True, False)
            ]
            assert min(outcomes) <= now <= max(outcomes)


def test_a_draft_is_never_shown() -> None:
    one = msgspec.structs.replace(treatment(), draft=True)
    assert states(knowing(one), hurting()) == {}
