"""The patients of the pathway tests, and what is told to those whom nothing ails.

One ordinary patient (``baseline.py``) of whom everything is asked and denied: a woman of 40 whose left hip
hurts and shows osteonecrosis on MRI before collapse. A test changes what it is about and nothing else.
``SOUND`` takes the disease away, ``SUNK`` and ``WORN`` let it go on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import pytest

from precollapse.assessment.model import Assessment
from precollapse.assessment.option_nodes import Option
from precollapse.assessment.plan_nodes import PlanLine
from tests.facts.people import AS_OF, KNOWLEDGE, Person, days_ago, oral
from tests.treatments.baseline import person_of
from tests.treatments.made_up import assessed

GIVEN = ("offered", "worth discussing")
SOUND: dict[str, Any] = {
    "hip_pain": False,
    "groin_pain": False,
    "pain_duration_months": 0,
    "mri_hip": "normal",
    "mri_osteonecrosis": False,
    "mri_lesion_volume_percent": 0,
    "osteonecrosis_femoral_head": False,
}
SUNK: dict[str, Any] = {
    "radiograph_hip": "abnormal",
    "radiograph_head_collapse": True,
    "head_depression_mm": 1.5,
    "mri_head_flattening": True,
    "mri_head_depression_mm": 1.5,
}
WORN: dict[str, Any] = SUNK | {
    "head_depression_mm": 5,
    "mri_head_depression_mm": 5,
    "radiograph_joint_space_narrowing": True,
    "radiograph_acetabular_change": True,
    "radiograph_osteoarthritis": True,
    "pain_duration_months": 14,
    "activity_limitation": True,
}
# The other hip ill as well.
ILL: dict[str, Any] = {
    "hip_pain": True,
    "mri_hip": "abnormal",
    "mri_osteonecrosis": True,
    "osteonecrosis_femoral_head": True,
    "mri_band_low_t1": True,
    "mri_lesion_volume_percent": 20,
}
STEROIDS: dict[str, Any] = {
    "systemic_corticosteroid": True,
    "long_term_corticosteroid": True,
    "prednisone_equivalent_current_mg_per_day": 15,
}
WEAK_KIDNEYS: dict[str, Any] = {
    "egfr": 18,
    "creatinine": 3.6,
    "creatinine_clearance": 18,
    "chronic_kidney_disease": True,
}


@dataclass(frozen=True)
class Told:
    """What one patient is told."""

    document: Assessment

    @cached_property
    def lines(self) -> dict[str, PlanLine]:
        """The lines of the plan by id."""
        return {line.id: line for line in self.document.plan.lines}

    @cached_property
    def withheld(self) -> dict[str, str]:
        """The lines left out, each with its reason."""
        return {line.id: line.because for line in self.document.plan.withheld}

    @cached_property
    def prevention(self) -> list[str]:
        """What the person can do to prevent it, in the order shown."""
        return [advice.id for advice in self.document.prevention]

    def option(self, name: str, side: str = "left") -> Option | None:
        """A treatment for one hip, or for the patient as a whole."""
        fits = (
            one for one in self.document.treatments.options if one.id == name and one.side in (side, None)
        )
        return next(fits, None)

    def state(self, name: str, side: str = "left") -> str | None:
        """The state of a treatment, or None where nobody would think of it."""
        found = self.option(name, side)
        return None if found is None else found.state

    def why(self, name: str, side: str = "left") -> str:
        """The sentence that explains the state, in small letters."""
        found = self.option(name, side)
        assert found is not None, f"{name} is not mentioned"
        return found.decided_by.casefold()

    def warned(self, name: str, side: str = "left") -> str:
        """Everything that holds against a treatment, in small letters."""
        found = self.option(name, side)
        assert found is not None, f"{name} is not mentioned"
        return " / ".join(f"{one.effect}: {one.what} {one.says}" for one in found.speaks_against).casefold()

    def asked(self, name: str, side: str = "left") -> str:
        """What must be known before a treatment, in small letters."""
        found = self.option(name, side)
        assert found is not None, f"{name} is not mentioned"
        return " / ".join(f"{one.must}: {one.what}" for one in found.open_points).casefold()

    def dates(self, line: str) -> list[str]:
        """The days of the appointments of one line."""
        return [one.date for one in self.document.plan.appointments if one.line == line]

    def words(self, *areas: str) -> str:
        """What the plan says to the patient in some areas, in small letters."""
        shown = (line for line in self.document.plan.lines if not areas or line.area in areas)
        return " / ".join(line.plain for line in shown).casefold()


def told(
    *,
    left: Mapping[str, Any] | None = None,
    right: Mapping[str, Any] | None = None,
    unknown: tuple[str, ...] = (),
    **facts: Any,
) -> Told:
    """The ordinary patient with other facts; of ``unknown`` nothing was asked."""
    return _told(_fixed(left or {}), _fixed(right or {}), unknown, _fixed(facts))


def well(left: Mapping[str, Any] | None = None, **facts: Any) -> Told:
    """The same with two sound hips."""
    return told(left=SOUND | dict(left or {}), **facts)


def _fixed(facts: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted(facts.items()))


@cache
def _told(left: Any, right: Any, unknown: tuple[str, ...], facts: Any) -> Told:
    probe = {"treatment": "", "left": dict(left), "right": dict(right), "facts": dict(facts)}
    return Told(assessed(KNOWLEDGE, person_of(probe | {"unknown": unknown})))


@cache
def barely_known() -> Told:
    """A man of 45 with a painful hip, of whom nothing else was asked."""
    return Told(assessed(KNOWLEDGE, Person({"age_years": 45, "sex": "male"}, left={"hip_pain": True})))


@cache
def at_risk() -> Told:
    """A man of 45 on high doses of cortisone whose hips do not hurt and were never imaged."""
    answers = STEROIDS | {"age_years": 45, "sex": "male", "corticosteroid_high_dose_stated": True}
    return Told(assessed(KNOWLEDGE, Person(answers, left={"hip_pain": False}, right={"hip_pain": False})))


@cache
def on_tablets(mg_per_day: float, days: int) -> Told:
    """A man of 45 without pain, known only from the prednisone he was given every day for so many days."""
    doses = [oral(mg_per_day, days_ago(days), AS_OF, ongoing=True)]
    hips = {"hip_pain": False}
    person = Person({"age_years": 45, "sex": "male"}, left=hips, right=hips, doses=doses)
    return Told(assessed(KNOWLEDGE, person))


def test_the_ordinary_patient_has_what_the_tests_build_on() -> None:
    ill, sound = told(), well()
    assert ill.document.hips.left.risk.state == "established"
    assert sound.document.hips.left.risk.state == "estimated"
    assert (ill.document.urgency.level, sound.document.urgency.level) == ("urgent", "routine")


def test_whoever_has_two_sound_hips_is_told_of_no_treatment_of_a_hip() -> None:
    assert [one.id for one in well().document.treatments.options if one.side] == []
    assert {line.area for line in well().document.plan.lines} == {"red flags", "diet"}


@pytest.mark.pathway("W03", "V06")
def test_nobody_without_a_known_cause_is_told_that_a_cause_is_known() -> None:
    assert "known cause" in told(**STEROIDS).lines["flag-known-risk-pain"].plain
    assert "flag-known-risk-pain" not in well().lines


@pytest.mark.pathway("W03", "L01", "C20")
def test_a_painful_hip_without_any_cause_is_not_taken_for_one_at_risk() -> None:
    pain = {"hip_pain": True, "pain_duration_months": 1}
    assert "lab-first-values" in well(left=pain, **STEROIDS).lines
    assert "lab-first-values" not in well(left=pain).lines


@pytest.mark.pathway("P16", "P18")
def test_nobody_is_told_to_learn_the_stage_of_a_disease_that_was_never_shown() -> None:
    assert "know-your-hip" in told().lines
    assert "know-your-hip" not in at_risk().lines
