"""What the medications and corticosteroids of a case file become in the chart."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.chart.case_help import read, row_of, rows_of, unread_of


def test_prednisolone_becomes_doses_and_no_statement() -> None:
    chart = read(
        {
            "medications": [
                {
                    "name": "prednisolone",
                    "dose": "20 mg",
                    "frequency": "once daily",
                    "route": "oral",
                    "start": "2025-03-01",
                }
            ]
        }
    )
    (dose,) = chart.doses.iter_rows(named=True)
    assert (dose["ingredient"], dose["mg_per_day"], dose["route"]) == ("prednisolone", 20, "systemic")
    assert (dose["start"], dose["end"], dose["ongoing"]) == (date(2025, 3, 1), None, True)
    assert chart.statements.height == 0


def test_taper_in_steps_becomes_one_order_of_consecutive_stretches() -> None:
    chart = read(
        {
            "medications": [
                {
                    "name": "prednisone",
                    "route": "oral",
                    "start": "2025-01-01",
                    "status": "stopped",
                    "steps": [{"dose": "40 mg", "days": 14}, {"dose": "20 mg", "days": 14}],
                }
            ]
        }
    )
    doses = chart.doses.to_dicts()
    assert [(dose["start"], dose["end"], dose["mg_per_day"]) for dose in doses] == [
        (date(2025, 1, 1), date(2025, 1, 14), 40),
        (date(2025, 1, 15), date(2025, 1, 28), 20),
    ]
    assert {dose["order"] for dose in doses} == {doses[0]["order"]}
    assert not any(dose["ongoing"] for dose in doses)


def test_route_that_is_not_said_is_assumed_and_the_assumption_is_said() -> None:
    (dose,) = read({"medications": ["prednisolone 10 mg daily"]}).doses.iter_rows(named=True)
    assert dose["route"] == "systemic"
    assert "no route said" in dose["assumed"]


@pytest.mark.parametrize(
    "medication",
    [
        {"name": "budesonide inhaler", "dose": "200 mcg", "frequency": "twice daily"},
        {"name": "fluticasone nasal spray"},
        {"name": "hydrocortisone cream"},
        {"name": "prednisolone", "route": "eye drops"},
    ],
)
def test_inhaled_nasal_and_topical_corticosteroids_are_local(medication: dict[str, Any]) -> None:
    chart = read({"medications": [medication]})
    assert set(chart.doses["route"]) == {"local"}
    assert rows_of(chart, "systemic_corticosteroid") == []


def test_injection_into_the_hip_is_a_statement_with_its_side() -> None:
    chart = read(
        {
            "history": [
                {
                    "factor": "corticosteroid",
                    "side": "left",
                    "detail": "one intra-articular injection",
                    "time_since_start_months": 3,
                }
            ]
        }
    )
    assert row_of(chart, "intra_articular_hip_corticosteroid")["side"] == "left"
    assert rows_of(chart, "systemic_corticosteroid") == []


def test_dose_without_the_name_of_the_drug_is_listed_not_converted() -> None:
    chart = read({"history": [{"factor": "corticosteroid", "detail": "5 mg daily for 3 months"}]})
    assert row_of(chart, "systemic_corticosteroid")["status"] == "present"
    assert chart.doses.height == 0
    assert unread_of(chart) == [("history[0]", "no value")]


def test_prednisone_equivalent_is_a_stated_dose() -> None:
    chart = read(
        {
            "history": [
                {"factor": "corticosteroid", "prednisone_equiv_mg_per_day": 30, "time_since_start_months": 6}
            ]
        }
    )
    (dose,) = chart.doses.iter_rows(named=True)
    assert (dose["ingredient"], dose["kind"], dose["mg_per_day"]) == ("prednisone", "stated", 30)
    assert dose["start"] == date(2025, 8, 1)


def test_denied_corticosteroid_is_absent() -> None:
    chart = read({"history": [{"factor": "corticosteroid", "present": False}]})
    assert row_of(chart, "systemic_corticosteroid")["status"] == "absent"
    assert chart.doses.height == 0


def test_medicine_that_was_stopped_is_past_and_one_never_taken_is_not_read() -> None:
    chart = read(
        {
            "medications": [
                {"name": "warfarin", "status": "stopped"},
                {"name": "alendronate", "status": "planned"},
            ]
        }
    )
    assert row_of(chart, "warfarin")["status"] == "past"
    assert unread_of(chart) == [("medications[1]", "cancelled")]


@pytest.mark.parametrize(
    ("entry", "status"),
    [
        ("no steroids", "absent"),
        ({"factor": "corticosteroid", "detail": "none"}, "absent"),
        ({"factor": "corticosteroid", "detail": "never"}, "absent"),
        ("possible steroid use", "provisional"),
        ("steroids", "present"),
    ],
)
def test_denied_or_doubted_steroids_in_the_history_are_not_present(entry: object, status: str) -> None:
    chart = read({"history": [entry]})
    assert [row["status"] for row in rows_of(chart, "systemic_corticosteroid")] == [status]
    assert chart.doses.height == 0


def test_a_name_and_a_short_detail_are_read_together() -> None:
    chart = read({"history": [{"factor": "alcohol", "detail": "prolonged abuse"}]})
    assert row_of(chart, "alcohol_use_disorder")["status"] == "present"
