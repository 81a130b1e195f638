"""Values of OMOP measurements and observations: numbers with units, answers, and whom they are about."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from tests.chart.omop_fixtures.omop_folder import (
    concept_rows,
    measurement,
    observation,
    of,
    only,
    read_tables,
)

CHOLESTEROL = 3027114
SMOKING = 43054909


@pytest.mark.parametrize(
    ("number", "unit", "expected"),
    [(228.0, {"unit_concept_id": 8840}, 228.0), (5.9, {"unit_source_value": "mmol/L"}, 228.15)],
)
def test_laboratory_values_are_brought_to_one_unit(
    tmp_path: Path, number: float, unit: dict[str, object], expected: float
) -> None:
    row = measurement(CHOLESTEROL, value_as_number=number, **unit)
    said = only(of(read_tables(tmp_path, measurement=[row]), "total_cholesterol"))
    assert said["value"] == pytest.approx(expected, abs=0.01)


def test_below_the_limit_of_detection_is_a_bound_not_a_value(tmp_path: Path) -> None:
    row = measurement(
        CHOLESTEROL, value_as_number=100, operator_concept_id=4171756, unit_source_value="mg/dL"
    )
    said = only(of(read_tables(tmp_path, measurement=[row]), "total_cholesterol"))
    assert said["value"] is None
    assert (said["low"], said["high"]) == (-math.inf, 100)


@pytest.mark.parametrize("text", ["<100", "< 100 mg/dL"])
def test_a_number_that_stands_only_in_the_source_text_is_read(tmp_path: Path, text: str) -> None:
    row = measurement(CHOLESTEROL, value_source_value=text, unit_source_value="mg/dL")
    said = only(of(read_tables(tmp_path, measurement=[row]), "total_cholesterol"))
    assert said["high"] == 100


@pytest.mark.parametrize(
    ("number", "unit", "reason"), [(99999, "mg/dL", "impossible"), (200, "furlong", "unit")]
)
def test_an_impossible_number_or_unit_is_unreadable_and_listed(
    tmp_path: Path, number: float, unit: str, reason: str
) -> None:
    row = measurement(CHOLESTEROL, value_as_number=number, unit_source_value=unit)
    chart = read_tables(tmp_path, measurement=[row])
    assert only(of(chart, "total_cholesterol"))["status"] == "unreadable"
    assert only(chart.unread)["reason"] == reason


def test_a_number_column_that_holds_words_is_not_lost(tmp_path: Path) -> None:
    rows = [measurement(CHOLESTEROL, value_as_number="haemolysed", unit_source_value="mg/dL")]
    chart = read_tables(tmp_path, measurement=rows)
    said = only(of(chart, "total_cholesterol"))
    assert (said["status"], said["said"]) == ("unreadable", "haemolysed")


def test_a_test_without_a_result_says_nothing(tmp_path: Path) -> None:
    chart = read_tables(tmp_path, measurement=[measurement(CHOLESTEROL)])
    assert chart.statements.height == 0
    assert only(chart.unread)["reason"] == "no value"


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ({"value_as_concept_id": 9189}, "absent"),
        ({"value_as_concept_id": 9191}, "present"),
        ({"value_source_value": "Negative"}, "absent"),
        ({"value_source_value": "unknown"}, "asked_unknown"),
        ({"value_source_value": "see letter"}, "unreadable"),
    ],
)
@pytest.mark.parametrize("concepts", [True, False])
def test_a_positive_or_negative_test_is_presence_or_absence(
    tmp_path: Path, value: dict[str, object], status: str, concepts: bool
) -> None:
    row = measurement(0, measurement_source_value="HIV test", **value)
    said = only(of(read_tables(tmp_path, concepts=concepts, measurement=[row]), "hiv_test"))
    assert said["status"] == status


@pytest.mark.parametrize(
    "value",
    [{"value_as_concept_id": 4310250}, {"value_as_string": "ex-smoker"}, {"value_source_value": "Former"}],
)
def test_smoking_status_is_read_from_code_or_words(tmp_path: Path, value: dict[str, object]) -> None:
    chart = read_tables(tmp_path, observation=[observation(SMOKING, **value)])
    assert only(of(chart, "smoking_status"))["choice"] == "former"


def test_an_observation_that_is_itself_the_answer_needs_no_value(tmp_path: Path) -> None:
    chart = read_tables(tmp_path, observation=[observation(4310250)])
    assert only(of(chart, "smoking_status"))["choice"] == "former"


def test_the_disease_of_a_relative_is_never_the_patients(tmp_path: Path) -> None:
    rows = [
        observation(4167217, value_as_concept_id=257628),
        observation(257628, qualifier_source_value="Family history"),
    ]
    chart = read_tables(tmp_path, observation=rows)
    assert of(chart, "systemic_lupus_erythematosus").height == 0
    assert set(chart.unread["reason"]) == {"other person"}


def test_family_history_that_matters_is_kept_as_family_history(tmp_path: Path) -> None:
    row = observation(4167217, value_as_string="osteonecrosis")
    chart = read_tables(tmp_path, observation=[row])
    assert only(chart.statements)["concept"] == "family_history_osteonecrosis"


@pytest.mark.parametrize(("frame", "status"), [(4214956, "past"), (40481925, "absent")])
def test_history_of_a_finding_reads_the_finding_in_its_value(tmp_path: Path, frame: int, status: str) -> None:
    none = (40481925, "SNOMED", "443508001", "No history of clinical finding in subject")
    row = observation(frame, value_as_concept_id=257628)
    chart = read_tables(tmp_path, concept=concept_rows(none), observation=[row])
    assert only(of(chart, "systemic_lupus_erythematosus"))["status"] == status


def test_a_measurement_with_a_code_that_is_not_known_is_not_read_by_its_name(tmp_path: Path) -> None:
    urine = (3024128, "LOINC", "2161-8", "Creatinine [Mass/volume] in Urine")
    row = measurement(3024128, value_as_number=80, unit_source_value="mg/dL")
    chart = read_tables(tmp_path, concept=concept_rows(urine), measurement=[row])
    assert chart.statements.height == 0
    assert only(chart.unread)["reason"] == "no concept"


@pytest.mark.parametrize(
    ("unit", "low", "high"), [("{drinks}/d", 2 * 7 * 8, 2 * 7 * 20), ("US standard drinks/d", 196, 196)]
)
def test_drinks_become_grams_a_week_with_both_ends_when_their_size_is_not_said(
    tmp_path: Path, unit: str, low: float, high: float
) -> None:
    drinks = (40770351, "LOINC", "74013-4", "Alcoholic drinks per day")
    row = observation(40770351, value_as_number=2, unit_source_value=unit)
    chart = read_tables(tmp_path, concept=concept_rows(drinks), observation=[row])
    said = only(of(chart, "alcohol_g_per_week"))
    assert (said["low"], said["high"]) == (low, high)


def test_a_symptom_whose_value_is_a_side_is_present_on_that_side(tmp_path: Path) -> None:
    row = observation(0, observation_source_value="groin pain", value_as_string="Left")
    said = only(of(read_tables(tmp_path, observation=[row]), "groin_pain"))
    assert (said["status"], said["side"]) == ("present", "left")


OFTEN = (40771101, "LOINC", "68518-0", "How often do you have a drink containing alcohol")
MUCH = (40771102, "LOINC", "68519-8", "How many standard drinks on a typical day")
TWICE_A_WEEK = (45882727, "LOINC", "LA18928-4", "2-3 times a week")
THREE_OR_FOUR = (45879676, "LOINC", "LA15695-2", "3 or 4")


def test_two_answers_of_audit_c_on_one_day_bound_the_grams_a_week(tmp_path: Path) -> None:
    rows = [observation(OFTEN[0], value_as_concept_id=TWICE_A_WEEK[0]),
            observation(MUCH[0], value_as_concept_id=THREE_OR_FOUR[0])]  # fmt: skip
    chart = read_tables(
        tmp_path, concept=concept_rows(OFTEN, MUCH, TWICE_A_WEEK, THREE_OR_FOUR), observation=rows
    )
    said = only(of(chart, "alcohol_g_per_week"))
    # 2 to 3 days of 3 to 4 drinks of 10 g
    assert (said["low"], said["high"], said["value"]) == (60, 120, None)
    assert only(of(chart, "alcohol_use"))["choice"] == "regular"
    assert chart.unread.height == 0


def test_how_much_without_how_often_says_nothing_and_is_listed(tmp_path: Path) -> None:
    row = observation(MUCH[0], value_as_concept_id=THREE_OR_FOUR[0])
    chart = read_tables(tmp_path, concept=concept_rows(MUCH, THREE_OR_FOUR), observation=[row])
    assert chart.statements.height == 0
    assert only(chart.unread)["reason"] == "no value"


@pytest.mark.parametrize("coded", [True, False])
def test_a_question_without_an_answer_never_asserts_the_disease(tmp_path: Path, coded: bool) -> None:
    status = (40758406, "LOINC", "55277-8", "HIV status")
    row = observation(40758406) if coded else observation(0, observation_source_value="HIV test")
    chart = read_tables(tmp_path, concept=concept_rows(status), observation=[row])
    assert chart.statements.height == 0
    assert only(chart.unread)["reason"] == "no value"
