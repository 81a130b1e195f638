"""Warnings are rare, each is told once, and only about what somebody would think of for this patient."""

from __future__ import annotations

from collections import Counter

import pytest

from precollapse.assessment.model import Assessment
from tests.facts.people import KNOWLEDGE, Person
from tests.patient.everybody import PATHS, assessment
from tests.treatments.made_up import assessed


def _warnings(document: Assessment) -> list[tuple[str, str | None, str, str]]:
    """Every line that says "avoid" or "caution", by treatment, hip and words."""
    return [
        (option.id, option.side, against.effect, against.says)
        for option in document.treatments.options
        for against in option.speaks_against
        if against.effect in {"avoid", "caution"}
    ]


@pytest.mark.hazard("treatment-not-considered")
@pytest.mark.parametrize("name", sorted(PATHS))
def test_no_warning_is_told_twice_or_about_what_nobody_would_consider(name: str) -> None:
    document = assessment(name)
    twice = [warning for warning, count in Counter(_warnings(document)).items() if count > 1]
    assert not twice
    shown = Counter((option.id, option.side) for option in document.treatments.options)
    assert max(shown.values(), default=1) == 1, "each treatment is argued once for a hip"
    for option in document.treatments.options:
        considered = KNOWLEDGE.treatments[option.id]
        assert considered.per == "hip" or option.side is None


@pytest.mark.hazard("treatment-not-considered")
def test_a_patient_without_a_hip_problem_gets_no_warning() -> None:
    healthy = Person(
        {"age_years": 45.0, "sex": "male", "warfarin": True, "kidney_stones": True, "pregnant": False}
    )
    document = assessed(KNOWLEDGE, healthy)
    assert _warnings(document) == []
    assert [
        one for one in document.treatments.options if one.kind in {"drug", "operation", "combination"}
    ] == []
