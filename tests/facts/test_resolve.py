"""Several statements become one fact, or an unknown that says why."""

from __future__ import annotations

from typing import Any

import pytest

from precollapse.facts.build import Facts
from tests.facts.people import AS_OF, Person, days_ago, facts_of, said, value


def facts(*statements: dict[str, Any]) -> Facts:
    return facts_of(Person(statements=statements))


def heard(concept: str, days: float, status: str = "present", **more: Any) -> dict[str, Any]:
    return {"concept": concept, "status": status, "recorded": days_ago(days)} | more


def why(found: Facts, concept: str, hip: str | None = None) -> str | None:
    reason = said(found, concept, hip)["why_unknown"]
    assert reason is None or isinstance(reason, str)
    return reason


# A disease once had stays in the history.
def test_disease_present_long_ago_is_still_known() -> None:
    found = facts(heard("systemic_lupus_erythematosus", 5000))
    assert value(found, "systemic_lupus_erythematosus") is True
    assert said(found, "systemic_lupus_erythematosus")["origin"] == "test"


def test_resolved_disease_counts_as_had() -> None:
    assert value(facts(heard("hiv_infection", 5000, "past")), "hiv_infection") is True


def test_denial_before_the_diagnosis_does_not_conflict() -> None:
    found = facts(heard("sickle_cell_disease", 900, "absent"), heard("sickle_cell_disease", 100))
    assert value(found, "sickle_cell_disease") is True


def test_denial_after_the_diagnosis_conflicts() -> None:
    found = facts(heard("sickle_cell_disease", 900), heard("sickle_cell_disease", 100, "absent"))
    assert value(found, "sickle_cell_disease") is None
    assert why(found, "sickle_cell_disease") == "conflicting"


def test_fact_begins_with_its_earliest_start() -> None:
    found = facts(
        heard("kidney_transplant", 10, start=days_ago(10)),
        heard("kidney_transplant", 900, start=days_ago(1000)),
    )
    assert said(found, "kidney_transplant")["since"] == days_ago(1000)


# A symptom is what it was when last asked about.
def test_latest_answer_about_pain_counts() -> None:
    found = facts(heard("hip_pain", 30, side="left"), heard("hip_pain", 3, "absent", side="left"))
    assert value(found, "hip_pain") is False


def test_pain_of_half_a_year_ago_is_stale_and_neither_present_nor_absent() -> None:
    for status in ("present", "absent"):
        found = facts(heard("hip_pain", 200, status, side="left"))
        assert value(found, "hip_pain") is None
        assert why(found, "hip_pain", "left") == "stale"


def test_fresh_answer_is_preferred_to_a_stale_one() -> None:
    found = facts(heard("hip_pain", 200, side="left"), heard("hip_pain", 10, "absent", side="left"))
    assert value(found, "hip_pain") is False


def test_yes_and_no_on_the_same_day_conflict() -> None:
    found = facts(heard("limp", 5, side="left"), heard("limp", 5, "absent", side="left"))
    assert why(found, "limp", "left") == "conflicting"


# Numbers.
def test_latest_number_counts() -> None:
    found = facts(heard("c_reactive_protein", 20, value=90.0), heard("c_reactive_protein", 2, value=4.0))
    assert (value(found, "c_reactive_protein.low"), value(found, "c_reactive_protein.high")) == (4, 4)


def test_two_different_numbers_of_one_day_conflict_and_keep_their_span() -> None:
    found = facts(heard("c_reactive_protein", 2, value=90.0), heard("c_reactive_protein", 2, value=4.0))
    assert why(found, "c_reactive_protein") == "conflicting"
    assert (value(found, "c_reactive_protein.low"), value(found, "c_reactive_protein.high")) == (4, 90)


def test_largest_dose_ever_and_smallest_cd4_count_ever_count() -> None:
    found = facts(
        heard("pelvic_radiotherapy_dose", 900, value=50.0),
        heard("pelvic_radiotherapy_dose", 100, value=20.0),
        heard("cd4_nadir", 900, value=40.0),
        heard("cd4_nadir", 100, value=400.0),
    )
    assert value(found, "pelvic_radiotherapy_dose.low") == 50
    assert value(found, "cd4_nadir.high") == 40


def test_number_with_a_comparator_is_a_bound() -> None:
    found = facts(heard("c_reactive_protein", 2, low=0.0, high=5.0))
    assert value(found, "c_reactive_protein.low") == 0
    assert value(found, "c_reactive_protein.high") == 5
    assert value(found, "c_reactive_protein_raised") is False


# Reasons.
@pytest.mark.parametrize(
    ("status", "reason"),
    [("provisional", "provisional"), ("unreadable", "unreadable"), ("asked_unknown", "asked, not known")],
)
def test_indefinite_answers_say_why_nothing_is_known(status: str, reason: str) -> None:
    found = facts(heard("hiv_infection", 2, status))
    assert value(found, "hiv_infection") is None
    assert why(found, "hiv_infection") == reason


def test_definite_answer_stands_beside_an_indefinite_one() -> None:
    found = facts(heard("hiv_infection", 2), heard("hiv_infection", 2, "asked_unknown"))
    assert value(found, "hiv_infection") is True


def test_refuted_suspicion_is_absent() -> None:
    found = facts(
        heard("systemic_lupus_erythematosus", 90, "provisional"),
        heard("systemic_lupus_erythematosus", 9, "absent"),
    )
    assert value(found, "systemic_lupus_erythematosus") is False


def test_suspicion_after_a_denial_is_no_longer_absent() -> None:
    found = facts(
        heard("femoral_neck_fracture", 9, "absent", side="left"),
        heard("femoral_neck_fracture", 1, "provisional", side="left"),
    )
    assert value(found, "femoral_neck_fracture") is None
    assert why(found, "femoral_neck_fracture", "left") == "provisional"


def test_suspicion_after_a_diagnosis_takes_nothing_away() -> None:
    found = facts(heard("hiv_infection", 90), heard("hiv_infection", 9, "provisional"))
    assert value(found, "hiv_infection") is True


def test_choices_that_differ_on_one_day_conflict() -> None:
    found = facts(heard("smoking_status", 5, choice="current"), heard("smoking_status", 5, choice="never"))
    assert why(found, "smoking_status") == "conflicting"


def test_result_without_a_value_is_unreadable_not_normal() -> None:
    found = facts(heard("c_reactive_protein", 2))
    assert why(found, "c_reactive_protein") == "unreadable"
    assert value(found, "c_reactive_protein.low") is None


# Sides.
def test_both_means_left_and_right() -> None:
    found = facts(heard("hip_pain", 2, side="both"))
    assert [value(found, "hip_pain", hip) for hip in ("left", "right")] == [True, True]


def test_denial_without_a_side_is_of_both_hips() -> None:
    found = facts(heard("hip_pain", 2, "absent"))
    assert [value(found, "hip_pain", hip) for hip in ("left", "right")] == [False, False]


def test_presence_without_a_side_is_of_neither_hip_but_of_a_third_row() -> None:
    found = facts(heard("hip_pain", 2))
    assert [value(found, "hip_pain", hip) for hip in ("left", "right", "unspecified")] == [None, None, True]
    assert why(found, "hip_pain", "left") == "side not said"


def test_side_that_is_named_is_known_beside_one_that_is_not() -> None:
    found = facts(heard("hip_pain", 2), heard("hip_pain", 2, side="right"))
    assert value(found, "hip_pain", "right") is True
    assert value(found, "hip_pain", "left") is None


def test_there_is_no_third_row_when_every_side_was_named() -> None:
    found = facts(heard("hip_pain", 2, side="left"))
    assert found.table.hips.tolist() == ["left", "right"]


def test_left_says_nothing_about_right() -> None:
    found = facts(heard("hip_dislocation", 2, side="left"))
    assert value(found, "hip_dislocation", "right") is None


# Medicines.
def test_medicine_that_was_stopped_is_no_longer_taken() -> None:
    found = facts(heard("warfarin", 400, start=days_ago(800), end=days_ago(30)))
    assert value(found, "warfarin") is False


def test_medicine_still_running_does_not_go_stale() -> None:
    found = facts(heard("tenofovir", 900, start=days_ago(900)))
    assert value(found, "tenofovir") is True
    assert value(found, "tenofovir_over_1_year") is True


# Time.
def test_statement_dated_after_the_assessment_is_left_out_and_listed() -> None:
    found = facts(heard("hip_pain", -1, side="left", origin="entry 7"))
    assert said(found, "hip_pain", "left") == {}
    assert found.future["origin"].to_list() == ["entry 7"]


def test_same_record_seen_earlier_knows_less() -> None:
    person = Person(statements=[heard("hiv_infection", 10)])
    assert value(facts_of(person, as_of=days_ago(20)), "hiv_infection") is None
    assert value(facts_of(person, as_of=AS_OF), "hiv_infection") is True


@pytest.mark.parametrize(
    ("birth", "precision", "low", "high"),
    [
        ((1990, 11, 22), "day", 36, 36),
        ((1990, 11, 23), "day", 35, 35),
        ((1990, 1, 1), "year", 35, 36),
        ((1990, 11, 1), "month", 35, 36),
        ((1990, 12, 1), "month", 35, 35),
    ],
)
def test_age_is_completed_years_and_a_partial_birth_date_leaves_a_span(
    birth: tuple[int, int, int], precision: str, low: float, high: float
) -> None:
    born = AS_OF.replace(*birth)
    found = facts_of(Person(fields={"birth_date": born, "birth_precision": precision}))
    assert (value(found, "age_years.low"), value(found, "age_years.high")) == (low, high)
