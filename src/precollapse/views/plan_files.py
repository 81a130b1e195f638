"""The plan alone: as text, as data, as FHIR R4 CarePlan, and its dates as a calendar file (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import msgspec

from precollapse.assessment.model import Assessment
from precollapse.assessment.plan_nodes import PlanLine
from precollapse.views import wording
from precollapse.views.layout import Line, to_text
from precollapse.views.text import foot_lines, source_lines
from precollapse.views.text_treatments import plan_lines
from precollapse.views.wording import SourceNumbers, clean

# Octets of a line of a calendar file before it must be folded (RFC 5545, 3.1).
_LINE_OCTETS = 75


def plan_text(assessment: Assessment) -> bytes:
    """Return the plan as text."""
    cite = SourceNumbers(assessment.sources)
    lines = [Line(wording.patient(assessment.patient, assessment.as_of), style="bold")]
    lines += plan_lines(assessment, cite)
    return to_text([*lines, *source_lines(assessment, cite), *foot_lines(assessment)]).encode()


def plan_json(assessment: Assessment) -> bytes:
    """Return the plan part of the document."""
    return msgspec.json.format(msgspec.json.encode(assessment.plan), indent=2) + b"\n"


# FHIR.
def care_plan(assessment: Assessment) -> bytes:
    """Return the plan as a FHIR R4 CarePlan: a proposal to be reviewed, never an order."""
    plan, versions = assessment.plan, assessment.versions
    document = {
        "resourceType": "CarePlan",
        "text": {"status": "generated", "div": _narrative(assessment)},
        "status": "draft",
        "intent": "proposal",
        "title": "Osteonecrosis of the hip: what to do",
        "description": assessment.safety_statement,
        "subject": {"identifier": {"value": assessment.patient.key}},
        "created": assessment.as_of,
        "author": {"display": f"precollapse {versions.software}, knowledge {versions.knowledge}"},
        "activity": [_activity(line) for line in plan.lines],
        "note": [{"text": f"Left out: {one.name}. {one.because}"} for one in plan.withheld],
    }
    kept = {name: value for name, value in document.items() if value != []}
    return msgspec.json.format(msgspec.json.encode(kept), indent=2) + b"\n"


def _narrative(assessment: Assessment) -> str:
    from markupsafe import escape

    lines = "".join(
        f"<li>{escape(clean(f'{line.name}: {line.says}'))}</li>" for line in assessment.plan.lines
    )
    listed = f"<ul>{lines}</ul>" if lines else ""
    return f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{escape(assessment.safety_statement)}</p>{listed}</div>'


def _activity(line: PlanLine) -> dict[str, Any]:
    side = {"left": "left hip", "right": "right hip", "both": "both hips"}.get(line.side or "")
    parts = (line.says, side, line.dose, f"Stop: {line.stop_when}" if line.stop_when else None)
    detail: dict[str, Any] = {
        "code": {"text": line.name},
        "status": "not-started",
        "doNotPerform": False,
        "description": " ".join(wording.sentence(part) for part in parts if part),
    }
    if line.goal:
        detail["reasonCode"] = [{"text": line.goal}]
    if line.dates:
        detail["scheduledTiming"] = {"event": list(line.dates)}
    return {"detail": detail}


# Calendar.
def calendar(assessment: Assessment) -> bytes:
    """Return the dates as a calendar file: whole days, without a reminder of its own."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//precollapse//{assessment.versions.software}//EN",
        "CALSCALE:GREGORIAN",
        *(line for event in _events(assessment) for line in event),
        "END:VCALENDAR",
    ]
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line)).encode()


def _events(assessment: Assessment) -> Iterator[list[str]]:
    stamp = f"{_compact(assessment.as_of)}T000000Z"
    for one in assessment.plan.appointments:
        # The same appointment has the same name in every export, so that a calendar replaces it.
        name = sha256(f"{assessment.patient.key}|{one.line}|{one.what}|{one.date}".encode()).hexdigest()[:32]
        following = (date.fromisoformat(one.date) + timedelta(days=1)).isoformat()
        yield [
            "BEGIN:VEVENT",
            f"UID:{name}@precollapse",
            f"DTSTAMP:{stamp}",
            f"DTSTART;VALUE=DATE:{_compact(one.date)}",
            f"DTEND;VALUE=DATE:{_compact(following)}",
            f"SUMMARY:{_escaped(one.what)}",
            f"DESCRIPTION:{_escaped(f'{one.why} {assessment.safety_statement}')}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]


def _compact(day: str) -> str:
    return day.replace("-", "")


def _escaped(text: str) -> str:
    """Escape what has a meaning in a calendar file (RFC 5545, 3.3.11)."""
    shown = clean(text)
    for letter in ("\\", ";", ","):
        shown = shown.replace(letter, f"\\{letter}")
    return shown


def _folded(line: str) -> Iterator[str]:
    """Break a line so that none is longer than the limit in octets, and never inside a letter."""
    row, size = "", 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > _LINE_OCTETS:
            yield row
            row, size = " ", 1
        row, size = row + letter, size + octets
    yield row
