"""When to seek care, W01 to W06: a sign raises the urgency at any probability, and the plan names it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.treatments.test_pathway_patients import SOUND, STEROIDS, Told, told, well

# Pain that nothing else goes with, in somebody without any risk.
PAIN = {"hip_pain": True, "pain_duration_months": 1}
URGENCY = ("routine", "soon", "urgent", "emergency")


def low(**left: Any) -> Told:
    """Somebody without a risk whose left hip hurts like this and is not ill by all that was seen."""
    person = well(left=PAIN | left)
    chance = person.document.hips.left.risk.mri_today.value
    assert chance is not None and chance < 0.05, "the probability is low"
    return person


def raised(person: Told, level: str, rule: str) -> bool:
    """Whether this rule, and none above it, decides how soon the person is seen."""
    reasons = {one.rule: one.level for one in person.document.urgency.reasons}
    return person.document.urgency.level == level and reasons.get(rule) == level


def flags(person: Told) -> str:
    return person.words("red flags")


@pytest.mark.pathway("S01")
def test_pain_with_nothing_else_is_routine() -> None:
    assert low().document.urgency.level == "routine"


@pytest.mark.pathway("W01")
def test_pain_worse_on_walking_and_better_at_rest_is_seen_soon_at_any_probability() -> None:
    walking = low(weight_bearing_pain=True, pain_relieved_by_rest=True)
    assert raised(walking, "soon", "load-related-pain")
    assert "flag-pain-on-walking" in walking.lines
    assert "two weeks" in walking.lines["flag-pain-on-walking"].plain


@pytest.mark.pathway("W02")
@pytest.mark.parametrize("sign", ["stiffness", "limp", "shoes_socks_difficulty", "stairs_difficulty"])
def test_stiffness_a_limp_socks_and_stairs_are_seen_soon_at_any_probability(sign: str) -> None:
    stiff = low(**{sign: True})
    assert raised(stiff, "soon", "stiff-limping-hip")
    assert "socks" in stiff.lines["flag-stiff-limp"].plain


@pytest.mark.pathway("W03")
def test_a_known_cause_and_then_pain_means_an_mri_and_not_a_film_alone() -> None:
    exposed = well(left=PAIN, **STEROIDS)
    assert raised(exposed, "urgent", "exposed-hip-pain")
    action = next(one.action for one in exposed.document.urgency.reasons if one.rule == "exposed-hip-pain")
    assert "MRI of both hips" in action
    assert "A normal X-ray is not enough" in exposed.lines["flag-known-risk-pain"].plain
    assert low().document.urgency.level == "routine"
    assert well(**STEROIDS).document.urgency.level == "routine", "without pain nothing hurries"


@pytest.mark.pathway("W03", "W06")
def test_known_osteonecrosis_that_begins_to_hurt_is_urgent_and_told_so() -> None:
    assert told().document.urgency.level == "urgent"
    assert "within days" in told().lines["flag-known-osteonecrosis-change"].plain
    assert "flag-known-osteonecrosis-change" not in low().lines


@pytest.mark.pathway("W04")
@pytest.mark.parametrize("sign", ["mechanical_symptoms", "giving_way"])
def test_grinding_catching_or_giving_way_is_seen_soon_at_any_probability(sign: str) -> None:
    catching = low(**{sign: True})
    assert raised(catching, "soon", "mechanical-hip")
    assert "grinds" in catching.lines["flag-grinding"].plain


@pytest.mark.pathway("W05")
def test_pain_in_both_hips_or_several_joints_is_seen_soon_at_any_probability() -> None:
    both = told(left=SOUND | PAIN, right={"hip_pain": True})
    assert raised(both, "soon", "both-hips-or-several-joints")
    several = well(left=PAIN, several_joints_painful=True)
    assert raised(several, "soon", "both-hips-or-several-joints")
    assert "Both hips hurt" in several.lines["flag-several-joints"].plain


@pytest.mark.pathway("W06")
@pytest.mark.parametrize(
    ("sign", "rule", "word"),
    [
        ({"pain_sudden_worsening": True}, "sudden-worsening", "suddenly much worse"),
        ({"can_bear_weight": False}, "cannot-bear-weight", "cannot put weight on the leg"),
        ({"weight_bearing_lost_suddenly": True}, "cannot-bear-weight", "cannot put weight on the leg"),
        ({"fracture_suspected_after_minor_fall": True}, "fracture-suspected", "shorter or turned out"),
        ({"leg_length_changed_suddenly": True}, "leg-length-changed", "shorter or longer"),
        ({"can_move_hip": False}, "cannot-move-hip", "cannot move the hip"),
        ({"neurovascular_compromise": True}, "neurovascular", "cold and pale"),
    ],
)
def test_sudden_pain_lost_load_or_a_suspected_break_is_an_emergency_at_any_probability(
    sign: dict[str, Any], rule: str, word: str
) -> None:
    stricken = low(**sign)
    assert raised(stricken, "emergency", rule)
    assert word in flags(stricken)
    assert next(iter(stricken.lines.values())).area == "red flags", "the red flags come first"


@pytest.mark.pathway("W06", "P02")
@pytest.mark.parametrize("sign", ["pain_sudden_worsening", "fracture_suspected_after_minor_fall"])
def test_a_leg_that_may_be_broken_is_not_stood_on_and_not_exercised(sign: str) -> None:
    stricken = low(**{sign: True})
    assert "Do not stand on this leg" in stricken.lines["load-emergency"].plain
    assert "phase-protect" not in stricken.lines
    assert "load-emergency" not in low().lines


@pytest.mark.pathway("W06", "L01")
def test_fever_with_a_painful_hip_is_an_emergency_and_fever_alone_is_not() -> None:
    feverish = well(left=PAIN, temperature=38.9, fever=True)
    assert raised(feverish, "emergency", "hip-pain-with-fever")
    assert "may be infected" in flags(feverish)
    assert well(temperature=38.9, fever=True).document.urgency.level != "emergency"


@pytest.mark.pathway("W06", "C01")
def test_a_fall_and_then_pain_on_a_leg_that_still_walks_is_filmed_the_same_day() -> None:
    fallen = well(left=PAIN, fall_or_trauma=True)
    assert raised(fallen, "urgent", "injury-with-hip-pain")
    action = next(one.action for one in fallen.document.urgency.reasons if one.rule == "injury-with-hip-pain")
    assert "today" in action


@pytest.mark.pathway("W06", "Q11")
def test_a_limping_adolescent_with_knee_pain_is_an_emergency_and_an_adult_is_not() -> None:
    sign = {"limp": True, "knee_pain": True}
    young = well(left=sign, age_years=13, weight_kg=60)
    assert raised(young, "emergency", "slipped-epiphysis-suspected")
    assert "10 to 16" in young.lines["flag-child-limp"].plain
    grown = well(left=sign)
    assert grown.document.urgency.level == "soon"
    assert "flag-child-limp" not in grown.lines


@pytest.mark.pathway("W01", "W02", "W04", "W05", "W06")
def test_an_emergency_sign_outranks_every_lesser_one() -> None:
    everything = low(
        stiffness=True, weight_bearing_pain=True, mechanical_symptoms=True, can_bear_weight=False
    )
    reasons = [URGENCY.index(one.level) for one in everything.document.urgency.reasons]
    assert everything.document.urgency.level == "emergency"
    assert reasons == sorted(reasons, reverse=True) and len(set(reasons)) > 1


@pytest.mark.pathway("W06")
def test_everybody_is_told_the_emergency_signs_before_they_come() -> None:
    for person in (well(), told()):
        assert {"flag-cannot-bear-weight", "flag-fracture-after-fall", "flag-fever"} <= set(person.lines)
