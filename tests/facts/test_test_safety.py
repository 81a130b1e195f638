"""What can forbid a test is recognised, and what follows from an operation and what does not."""

from __future__ import annotations

import pytest

from tests.facts.people import Person, facts_of, value


@pytest.mark.pathway("I02")
def test_a_replaced_hip_holds_metal_on_its_own_side() -> None:
    facts = facts_of(Person(left={"hip_replaced": True}))
    assert value(facts, "metal_at_hip", "left") is True
    assert value(facts, "metal_at_hip", "right") is None


def test_a_hip_that_was_never_operated_on_holds_no_implant() -> None:
    assert value(facts_of(Person(left={"hip_operation": False})), "metal_at_hip") is False


def test_an_operation_alone_does_not_say_whether_metal_is_still_there() -> None:
    facts = facts_of(Person(left={"femoral_neck_fracture_fixed": True}))
    assert value(facts, "hip_operation") is True
    assert value(facts, "metal_at_hip") is None


def test_removed_metal_does_not_deny_that_the_hip_was_replaced() -> None:
    assert value(facts_of(Person(left={"metal_at_hip": False})), "hip_replaced") is None


def test_a_pacemaker_says_nothing_about_other_implants_or_its_safety_in_a_scanner() -> None:
    facts = facts_of(Person({"cardiac_pacemaker_or_defibrillator": True}))
    assert value(facts, "mri_unsafe_implant") is None
    assert value(facts, "mr_conditional_device") is None


def test_breastfeeding_tells_of_a_recent_pregnancy_but_not_of_one_now() -> None:
    facts = facts_of(Person({"breastfeeding": True}))
    assert value(facts, "recent_pregnancy") is True
    assert value(facts, "pregnant") is None
