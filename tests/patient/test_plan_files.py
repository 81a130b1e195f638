"""The plan as FHIR CarePlan and as calendar file: readable by others, complete, never an order."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from precollapse.assessment.dates import after_months, after_weeks, due
from precollapse.views.plan_files import _folded, calendar, care_plan, plan_text
from tests.patient.everybody import PATHS, assessment
from tests.views.factory import full


@pytest.mark.parametrize("name", sorted(PATHS))
def test_a_care_plan_is_valid_fhir_r4_and_a_proposal(name: str) -> None:
    from fhir.resources.R4B.careplan import CarePlan

    raw = care_plan(assessment(name))
    plan = CarePlan.model_validate_json(raw)
    assert (plan.status, plan.intent) == ("draft", "proposal")
    assert len(plan.activity or ()) == len(assessment(name).plan.lines)
    assert assessment(name).safety_statement in plan.description
    assert json.loads(raw)["text"]["div"].startswith("<div xmlns=")


def test_a_care_plan_says_what_was_left_out_and_escapes_what_it_quotes() -> None:
    raw = json.loads(care_plan(full()))
    assert [note["text"] for note in raw["note"]] == ["Left out: Milk. You do not bear milk."]
    assert raw["activity"][2]["detail"]["scheduledTiming"]["event"] == ["2026-12-22", "2027-02-22"]


@pytest.mark.parametrize("name", sorted(PATHS))
def test_a_calendar_holds_every_date_once_in_lines_that_calendars_accept(name: str) -> None:
    raw = calendar(assessment(name)).decode()
    lines = raw.split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2:] == ["END:VCALENDAR", ""]
    assert all(len(line.encode()) <= 75 for line in lines)
    dates = [one.date for one in assessment(name).plan.appointments]
    assert [f"{d[:4]}-{d[4:6]}-{d[6:]}" for d in re.findall(r"DTSTART;VALUE=DATE:(\d{8})", raw)] == dates
    names = re.findall(r"UID:(\S+)", raw)
    assert len(set(names)) == len(names) == len(dates)


def test_words_with_a_meaning_in_calendars_are_escaped() -> None:
    raw = calendar(full()).decode().replace("\r\n ", "")
    assert "DESCRIPTION:To see how it goes\\; bring this\\, please." in raw


@given(st.text(max_size=300))
def test_folding_loses_no_letter_and_breaks_none(text: str) -> None:
    folded = list(_folded(text))
    assert "".join(line if not number else line[1:] for number, line in enumerate(folded)) == text
    assert all(len(line.encode()) <= 75 for line in folded)


def test_months_are_those_of_the_calendar() -> None:
    assert after_months(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert after_months(date(2026, 11, 22), 1.5) == date(2027, 1, 6)
    assert after_weeks(date(2026, 11, 22), 6) == date(2027, 1, 3)
    assert due(date(2026, 1, 31), (3, 12), 6, 12) == [date(2026, 4, 30), date(2026, 7, 31), date(2027, 1, 31)]


def test_the_plan_alone_carries_the_safety_statement_and_its_sources() -> None:
    shown = plan_text(full()).decode()
    assert "Spare the hip (both hips)" in shown
    assert full().safety_statement.split(".")[0] in shown
    assert "[1]" in shown
