"""The type of osteonecrosis: published rules at both sides of each border, idiopathic last of all."""

from __future__ import annotations

from typing import Any

import pytest

from tests.assessment.assessed import assess, types
from tests.facts.people import KNOWLEDGE, Person, days_ago, oral

MEETS = "meets the rule"
WORK_UP = KNOWLEDGE.attributions["T06"].work_up


def course(grams: float, ended_days_ago: int = 30) -> list[dict[str, Any]]:
    """A dose of so many grams within fifty days."""
    return [oral(grams * 1000 / 50, days_ago(ended_days_ago + 49), days_ago(ended_days_ago))]


def denied() -> dict[str, Any]:
    """Every question of the work-up asked and answered with no."""
    return {f: 0.0 if KNOWLEDGE.concepts[f].type == "number" else False for f in WORK_UP}


@pytest.mark.pathway("T03", "C03")
@pytest.mark.parametrize(
    ("grams", "ended_days_ago", "state"),
    [
        (2.001, 30, MEETS),
        (2.0, 30, "possible"),
        (1.5, 30, "possible"),
        (2.5, 730, MEETS),
        (2.5, 740, "possible"),
    ],
)
def test_corticosteroid_rule_asks_for_more_than_2_g_in_three_months_and_two_years(
    grams: float, ended_days_ago: int, state: str
) -> None:
    assert types(Person(doses=course(grams, ended_days_ago)))["T03"].state == state


@pytest.mark.pathway("T03")
def test_two_grams_over_half_a_year_do_not_meet_the_corticosteroid_rule() -> None:
    slow = [oral(12, days_ago(199), days_ago(0))]
    assert types(Person(doses=slow))["T03"].state == "possible"


@pytest.mark.pathway("T04", "C04")
@pytest.mark.parametrize(
    ("grams", "years", "stopped", "state"),
    [
        (321.0, 0.5, 0.0, MEETS),
        (320.0, 0.5, 0.0, "possible"),
        (321.0, 0.4, 0.0, "possible"),
        (321.0, 5.0, 1.0, MEETS),
        (321.0, 5.0, 1.1, "possible"),
    ],
)
def test_alcohol_rule_asks_for_320_g_a_week_half_a_year_and_within_a_year(
    grams: float, years: float, stopped: float, state: str
) -> None:
    answers = {"alcohol_g_per_week": grams, "alcohol_duration_years": years, "alcohol_stopped_years": stopped}
    assert types(Person(answers | {"alcohol_use": "former"}))["T04"].state == state


@pytest.mark.pathway("T04")
def test_alcohol_of_unknown_duration_says_what_is_missing() -> None:
    found = types(Person({"alcohol_g_per_week": 500.0, "alcohol_use": "regular"}))["T04"]
    assert found.state == "possible"
    assert "alcohol_duration_years" in found.missing


@pytest.mark.pathway("T01", "C01", "C02")
@pytest.mark.parametrize("injury", ["femoral_neck_fracture", "hip_dislocation"])
def test_injury_names_the_injured_hip_traumatic_and_not_the_other(injury: str) -> None:
    person = Person(left={injury: (True, 2.0)})
    assert types(person, "left")["T01"].state == MEETS
    assert "T01" not in types(person, "right")


@pytest.mark.pathway("T01")
def test_fracture_of_long_ago_is_only_possible() -> None:
    assert types(Person(left={"femoral_neck_fracture": (True, 12.0)}))["T01"].state == "possible"


@pytest.mark.pathway("T05", "C06", "C07", "C08", "C11", "C18")
@pytest.mark.parametrize(
    "disease",
    [
        "sickle_cell_disease",
        "systemic_lupus_erythematosus",
        "antiphospholipid_syndrome",
        "gaucher_disease",
        "hiv_infection",
    ],
)
def test_blood_and_immune_disease_names_the_type(disease: str) -> None:
    found = types(Person({disease: True}))
    assert found["T05"].state == MEETS
    assert found["T02"].state == MEETS
    assert found["T05"].sources


@pytest.mark.pathway("T06", "C20")
def test_idiopathic_is_named_only_when_everything_was_asked() -> None:
    complete = types(Person(denied()))
    assert complete["T06"].state == MEETS
    assert complete["T06"].missing == ()


@pytest.mark.pathway("T06", "C20")
@pytest.mark.parametrize("missing", WORK_UP)
def test_one_question_not_asked_leaves_the_type_undetermined_and_is_named(missing: str) -> None:
    answers = {fact: answer for fact, answer in denied().items() if fact != missing}
    found = types(Person(answers))
    # Denying something wider may answer the narrower question; then nothing is missing.
    if found["T06"].missing:
        assert found["T06"].state == "undetermined"
        assert found["T06"].missing == (missing,)
    else:
        assert any(wider in answers for wider in KNOWLEDGE.concepts[missing].implies)


@pytest.mark.pathway("T06")
def test_nothing_known_is_undetermined_and_lists_the_whole_work_up() -> None:
    found = types(Person())
    assert list(found) == ["T06"]
    assert found["T06"].missing == WORK_UP


@pytest.mark.pathway("T02", "T03", "T05")
def test_corticosteroids_dominate_lupus_that_is_treated_with_them() -> None:
    person = Person({"systemic_lupus_erythematosus": True, "age_years": 34.0}, doses=course(3.0, 120))
    found = types(person)
    assert found["T03"].dominant
    assert not found["T02"].dominant
    assert (found["T03"].share or 0) > (found["T05"].share or 0)


def test_shares_of_the_causes_present_add_up_to_one() -> None:
    person = Person(
        {"systemic_lupus_erythematosus": True, "sickle_cell_disease": True, "kidney_transplant": (True, 3.0)},
        doses=course(3.0, 120),
    )
    causes = assess(person)[0].hips.left.risk.causes
    assert sum(cause.share or 0.0 for cause in causes) == pytest.approx(1.0, abs=0.005)
    assert all(cause.share is None for cause in causes if cause.state == "possible")
