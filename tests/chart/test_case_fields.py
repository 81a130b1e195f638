"""What each part of a case file becomes in the chart."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import pytest

from precollapse.chart.case.schema import case_schema
from tests.chart.case_help import read, row_of, rows_of, unread_of


def test_an_empty_case_says_nothing_of_anything() -> None:
    chart = read("id: empty\n")
    assert chart.persons.height == 1
    assert chart.statements.height == chart.doses.height == chart.unread.height == 0


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("true", "present"),
        ("yes", "present"),
        ("false", "absent"),
        ("no", "absent"),
        ("none", "absent"),
        ("unknown", "asked_unknown"),
    ],
)
def test_yes_no_and_unknown_are_three_answers(written: str, status: str) -> None:
    chart = read(f"facts: {{hiv_infection: {written}}}\nhips: {{left: {{groin_pain: {written}}}}}")
    assert row_of(chart, "hiv_infection")["status"] == status
    assert (row_of(chart, "groin_pain")["status"], row_of(chart, "groin_pain")["side"]) == (status, "left")


@pytest.mark.parametrize("written", ["null", "not asked", "not_asked", "~"])
def test_what_was_not_asked_makes_no_statement(written: str) -> None:
    assert read(f"facts: {{hiv_infection: {written}}}").statements.height == 0


def test_denied_history_is_absent_and_unknown_history_is_asked() -> None:
    chart = read(
        {
            "history": [
                {"factor": "HIV", "present": False},
                {"factor": "sickle cell disease", "present": "unknown"},
                {"factor": "systemic lupus erythematosus"},
                {"factor": "gout", "present": None},
            ]
        }
    )
    assert row_of(chart, "hiv_infection")["status"] == "absent"
    assert row_of(chart, "sickle_cell_disease")["status"] == "asked_unknown"
    assert row_of(chart, "systemic_lupus_erythematosus")["status"] == "present"
    assert ("history[3]", "no value") in unread_of(chart)


def test_value_with_unit_is_converted_and_keeps_its_own_words() -> None:
    chart = read({"labs": [{"test": "Hb", "value": 91, "unit": "g/L", "date": "2026-01-20"}]})
    row = row_of(chart, "haemoglobin")
    assert row["value"] == pytest.approx(9.1)
    assert row["said"] == "Hb: 91 g/L"
    assert (row["start"], row["recorded"]) == (date(2026, 1, 20), None)


@pytest.mark.parametrize(
    ("value", "low", "high"), [("< 5", -math.inf, 5), ("> 200", 200, math.inf), ("high", 10, math.inf)]
)
def test_comparators_and_words_become_bounds_not_values(value: str, low: float, high: float) -> None:
    row = row_of(
        read({"labs": [{"test": "CRP", "value": value, "unit": None if value == "high" else "mg/L"}]}),
        "c_reactive_protein",
    )
    assert row["value"] is None
    assert (row["low"], row["high"]) == (low, high)


def test_impossible_laboratory_value_is_unreadable_and_listed() -> None:
    chart = read({"labs": [{"test": "haemoglobin", "value": 900, "unit": "g/dL"}]})
    assert row_of(chart, "haemoglobin")["status"] == "unreadable"
    assert unread_of(chart) == [("labs[0]", "impossible")]


def test_unit_that_does_not_convert_is_unreadable_and_listed() -> None:
    chart = read({"labs": [{"test": "haemoglobin", "value": 9, "unit": "mm"}]})
    assert row_of(chart, "haemoglobin")["status"] == "unreadable"
    assert unread_of(chart) == [("labs[0]", "unit")]


@pytest.mark.parametrize(
    ("exam", "concept", "field", "expected"),
    [
        ({"test": "FABER positive"}, "faber_test", "choice", "positive"),
        ({"test": "Patrick's test", "result": "negative"}, "faber_test", "choice", "negative"),
        ({"test": "internal rotation 10°"}, "internal_rotation_deg", "value", 10),
        ({"test": "internal rotation", "finding": "10 degrees"}, "internal_rotation_deg", "value", 10),
        ({"test": "internal rotation", "value": 10, "unit": "deg"}, "internal_rotation_deg", "value", 10),
        ({"test": "flexion", "finding": "110 degrees"}, "flexion_deg", "value", 110),
        (
            {"test": "internal rotation", "finding": "decreased"},
            "internal_rotation_reduced",
            "status",
            "present",
        ),
        ({"test": "vital signs", "finding": "afebrile"}, "fever", "status", "absent"),
        ({"test": "vital signs", "finding": "38.0 C (100.4 F), pulse 110"}, "temperature", "value", 38),
        ({"test": "vital signs", "finding": "38.0 C (100.4 F), pulse 110"}, "heart_rate", "value", 110),
        ({"test": "gait", "finding": "antalgic"}, "gait_antalgic", "status", "present"),
        ({"test": "range of motion", "finding": "full"}, "reduced_range_of_motion", "status", "absent"),
    ],
)
def test_examination_in_the_words_clinicians_use(
    exam: dict[str, Any], concept: str, field: str, expected: object
) -> None:
    assert row_of(read({"exam": [{"side": "left", **exam}]}), concept)[field] == expected


def test_a_plain_word_stands_for_an_entry() -> None:
    chart = read(
        "symptoms: [left groin pain]\nhistory: [sickle cell disease]\nexam: [FADIR positive on the right]"
    )
    assert row_of(chart, "groin_pain")["side"] == "left"
    assert row_of(chart, "sickle_cell_disease")["status"] == "present"
    assert row_of(chart, "fadir_test")["side"] == "right"


def test_symptom_of_several_words_yields_several_statements() -> None:
    chart = read(
        {
            "symptoms": [
                {
                    "symptom": "hip pain with limp",
                    "side": "bilateral",
                    "duration_months": 6,
                    "weight_bearing_worse": True,
                    "rest_pain": False,
                }
            ]
        }
    )
    assert {row["side"] for row in chart.statements.iter_rows(named=True)} == {"both"}
    assert row_of(chart, "limp")["status"] == "present"
    assert row_of(chart, "weight_bearing_pain")["status"] == "present"
    assert row_of(chart, "rest_pain")["status"] == "absent"
    assert row_of(chart, "pain_duration_months")["value"] == 6


def test_span_is_counted_back_from_the_date_of_the_case_itself() -> None:
    row = row_of(
        read({"as_of": "2025-07-31", "symptoms": [{"symptom": "hip pain", "duration_months": 12}]}),
        "hip_pain",
    )
    assert row["start"] == date(2024, 7, 31)
    assert "2025-07-31" in row["note"]


def test_span_without_any_date_stays_undated_and_says_so() -> None:
    row = row_of(read({"symptoms": [{"symptom": "hip pain", "duration_months": 12}]}, as_of=None), "hip_pain")
    assert row["start"] is None
    assert "12 months before" in row["note"]


def test_partial_date_keeps_its_precision() -> None:
    row = row_of(read({"history": [{"factor": "HIV", "since": "2019"}]}), "hiv_infection")
    assert (row["start"], row["start_precision"]) == (date(2019, 1, 1), "year")


def test_denied_list_is_denied_to_its_end() -> None:
    chart = read({"symptoms": [{"symptom": "weight loss, fever, night sweats", "present": False}]})
    assert {row["concept"]: row["status"] for row in chart.statements.iter_rows(named=True)} == {
        "weight_loss": "absent",
        "fever": "absent",
        "night_sweats": "absent",
    }


def test_absence_of_all_risk_factors_is_not_spread_over_single_ones() -> None:
    chart = read({"history": [{"factor": "risk factors for osteonecrosis", "present": False}]})
    assert chart.statements["concept"].to_list() == ["known_risk_factor_denied"]


def test_suspected_is_recorded_as_provisional_and_rule_out_not_at_all() -> None:
    chart = read({"history": ["possible sickle cell disease", "rule out systemic lupus erythematosus"]})
    assert row_of(chart, "sickle_cell_disease")["status"] == "provisional"
    assert rows_of(chart, "systemic_lupus_erythematosus") == []
    assert unread_of(chart) == [("history[1]", "rule-out")]


def test_disease_of_a_relative_is_listed_as_such() -> None:
    chart = read({"history": ["mother has systemic lupus erythematosus"]})
    assert rows_of(chart, "systemic_lupus_erythematosus") == []
    assert unread_of(chart) == [("history[0]", "other person")]


def test_finding_is_taken_for_the_method_it_was_seen_with() -> None:
    chart = read(
        {
            "imaging": [
                {"modality": "MRI", "side": "left", "findings": ["joint effusion", "no collapse"]},
                {"modality": "radiograph", "side": "right", "findings": "normal"},
            ]
        }
    )
    assert row_of(chart, "mri_joint_effusion")["side"] == "left"
    assert row_of(chart, "radiograph_hip")["choice"] == "normal"
    assert rows_of(chart, "mri_head_flattening")[0]["status"] == "absent"


@pytest.mark.parametrize(
    "words", ["no osteonecrosis", "no evidence of osteonecrosis", "no avascular necrosis"]
)
@pytest.mark.parametrize(
    ("modality", "concept"),
    [("MRI", "mri_osteonecrosis"), ("CT", "ct_osteonecrosis"), ("radiograph", "radiograph_osteonecrosis")],
)
def test_denied_osteonecrosis_is_denied_by_the_method_that_was_used_alone(
    words: str, modality: str, concept: str
) -> None:
    chart = read({"imaging": [{"modality": modality, "side": "left", "findings": [words]}]})
    assert row_of(chart, concept)["status"] == "absent"
    assert chart.statements.height == 1


def test_imaging_of_the_spine_says_nothing_of_the_hips() -> None:
    chart = read(
        {"imaging": [{"modality": "MRI", "region": "lumbar spine", "findings": ["normal", "fracture"]}]}
    )
    assert [
        row for row in chart.statements.iter_rows(named=True) if row["side"] or "hip" in row["concept"]
    ] == []
    assert len(unread_of(chart)) == 2


def test_what_was_concluded_is_never_read_as_input() -> None:
    chart = read({"reported": {"diagnosis": "ONFH"}, "source": {"title": "osteonecrosis"}, "emergency": True})
    assert chart.statements.height == 0
    assert chart.unread.to_dicts() == [
        {
            "person": 0,
            "origin": "case.yaml",
            "reason": "not used",
            "detail": "not read as input: emergency, reported, source",
        }
    ]


def test_unknown_words_and_keys_are_listed_with_a_reason() -> None:
    chart = read(
        {"symptoms": [{"symptom": "zorbly feeling"}], "exam": [{"test": "limp", "colour": "red"}], "pets": 2}
    )
    assert unread_of(chart) == [
        ("case.yaml", "no concept"),
        ("symptoms[0]", "no concept"),
        ("exam[0]", "no concept"),
    ]


def test_several_cases_in_one_file_are_several_patients() -> None:
    chart = read("- {id: a, symptoms: [limp]}\n- {id: b, facts: {hiv_infection: true}}\n")
    assert chart.persons["key"].to_list() == ["a", "b"]
    assert row_of(chart, "hiv_infection")["person"] == 1


def test_the_same_case_in_yaml_and_json_gives_the_same_chart() -> None:
    import json

    case = {"id": "x", "patient": {"age_years": 30}, "symptoms": [{"symptom": "hip pain", "side": "left"}]}
    first, second = read(case), read(json.dumps(case))
    assert first.statements.equals(second.statements)
    assert first.persons.equals(second.persons)


def test_the_schema_is_valid_and_accepts_its_own_example() -> None:
    import jsonschema

    schema = case_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)
    for example in schema["examples"]:
        jsonschema.validate(example, schema)
        assert read(example).statements.height > 0
