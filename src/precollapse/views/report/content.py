"""What the two pages hold: the most important of each part of the assessment, cut to a fixed length.

Everything said here stands in the assessment; the page says where something was left out.
"""

from __future__ import annotations

import msgspec

from precollapse.assessment.forecast_nodes import HipForecast
from precollapse.assessment.model import Assessment, Hip
from precollapse.assessment.plain_nodes import PlainHip
from precollapse.views import numbers, staging_words, wording, wording_forecast
from precollapse.views import wording_treatments as words
from precollapse.views.plots.fan import fan_picture, has_curve
from precollapse.views.plots.hip_drawing import hip_drawing

# So much of each list fits on two pages; the assessment holds all.
REASONS, DIAGNOSES, GIVEN, NAMES, LINES, DATES, UNKNOWN, FACTS = 3, 3, 7, 14, 10, 6, 8, 10
LONGEST = 280


class Part(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Base of the parts of the report."""


class HipColumn(Part, frozen=True, kw_only=True):
    """One hip: drawing, one line, and rows of name and value."""

    title: str
    svg: str
    short: str
    rows: tuple[tuple[str, str], ...]


class Row(Part, frozen=True, kw_only=True):
    """One treatment that may be given."""

    name: str
    state: str
    why: str
    expected: str
    evidence: str


class Report(Part, frozen=True, kw_only=True):
    """Both pages."""

    title: str
    patient: str
    as_of: str
    versions: str
    urgency: str
    reasons: tuple[str, ...]
    next_test: str
    risk: tuple[tuple[str, str], ...]
    hips: tuple[HipColumn, ...]
    forecast: str
    forecast_title: str
    given: tuple[Row, ...]
    waiting: str
    avoid: tuple[str, ...]
    plan: tuple[str, ...]
    dates: tuple[str, ...]
    unknown: tuple[str, ...]
    left_out: str
    sources: int
    safety_statement: str


def report_of(assessment: Assessment) -> Report:
    """Return what the two pages of one patient hold."""
    versions, urgency = assessment.versions, assessment.urgency
    drawn = _forecast(assessment)
    groups = dict(words.by_state(assessment))
    given = [*groups.get(words.TITLES["offered"], []), *groups.get(words.TITLES["worth discussing"], [])]
    waiting = [*groups.get(words.TITLES["only if"], []), *groups.get(words.TITLES["held back"], [])]
    avoid = groups.get(words.TITLES["avoid"], [])
    return Report(
        title="Osteonecrosis of the hip: assessment",
        patient=f"{assessment.patient.key} · {wording.patient(assessment.patient, assessment.as_of)}",
        as_of=assessment.as_of,
        versions=f"software {versions.software} · knowledge {versions.knowledge}",
        urgency=urgency.level,
        reasons=tuple(_cut(f"{one.says} {one.action}") for one in urgency.reasons[:REASONS]),
        next_test=wording.first_test(assessment),
        risk=tuple(
            (wording.horizon(one), numbers.estimate(one))
            for one in (
                assessment.risk.mri_today,
                assessment.risk.within_1_year,
                assessment.risk.within_5_years,
            )
        ),
        hips=tuple(_column(plain, getattr(assessment.hips, plain.side)) for plain in assessment.plain.hips),
        forecast=drawn[0],
        forecast_title=drawn[1],
        given=tuple(_row(one, assessment) for one in _main_first(given)[:GIVEN]),
        waiting=_named(waiting),
        avoid=tuple(_cut(f"{words.name(one)}: {one.option.decided_by}") for one in avoid[:NAMES]),
        plan=tuple(
            _cut(f"{one.name}: {one.says}") for one in assessment.plan.lines if one.area != "red flags"
        )[:LINES],
        dates=tuple(f"{one.date} {one.what}" for one in assessment.plan.appointments[:DATES]),
        unknown=tuple(dict.fromkeys(one.name for one in assessment.unknown))[:UNKNOWN],
        left_out=_left_out(assessment, given, avoid),
        sources=len(assessment.sources),
        safety_statement=assessment.safety_statement,
    )


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rsplit(' ', 1)[0]} …"


def _column(plain: PlainHip, hip: Hip) -> HipColumn:
    rows = [("Osteonecrosis today", numbers.estimate(hip.risk.mri_today))]
    rows += [(one.name, numbers.percent(one.probability)) for one in hip.differential.diagnoses[:DIAGNOSES]]
    rows += [(one.name, staging_words.stage(one)) for one in staging_words.shown(hip.staging)[:DIAGNOSES]]
    if hip.findings:
        rows.append(("Recorded", "; ".join(wording.brief(one) for one in hip.findings[:FACTS])))
    svg = hip_drawing(plain.side, plain.proof or "unlikely", plain.standing, f"hip-{plain.side}")
    title = f"{plain.side.capitalize()} hip"
    return HipColumn(title=title, svg=svg, short=wording_forecast.in_short(hip), rows=tuple(rows))


def _forecast(assessment: Assessment) -> tuple[str, str]:
    """Return the picture of the hip that matters most and its title; nothing where there is no curve."""
    hip: Hip = getattr(assessment.hips, assessment.plain.about)
    forecast = hip.forecast
    course = wording_forecast.main(forecast.untreated) if forecast is not None else None
    if forecast is None or course is None or not has_curve(course, forecast.times_years):
        return "", ""
    outcome = wording_forecast.outcome(course.outcome)
    title = f"{assessment.plain.about.capitalize()} hip without treatment: {outcome}"
    return fan_picture(course, forecast.times_years, "fan", title, still=True), _condition(forecast)


def _condition(forecast: HipForecast) -> str:
    return "If MRI shows osteonecrosis." if forecast.state == "if confirmed" else ""


def _main_first(given: list[words.Shown]) -> list[words.Shown]:
    """Return what acts on the hip before everyday care, in the patient's order otherwise."""
    return sorted(given, key=lambda one: one.option.kind in {"non-drug", "supplement"})


def _row(one: words.Shown, assessment: Assessment) -> Row:
    return Row(
        name=words.name(one),
        state=one.option.state,
        why=_cut(one.option.decided_by),
        expected=words.expected(one.option, assessment),
        evidence=words.standing(one.option),
    )


def _named(waiting: list[words.Shown]) -> str:
    names = list(dict.fromkeys(one.option.name for one in waiting))
    more = f" and {len(names) - NAMES} more" if len(names) > NAMES else ""
    return ", ".join(names[:NAMES]) + more


def _left_out(assessment: Assessment, given: list[words.Shown], avoid: list[words.Shown]) -> str:
    """Say how much of the lists did not fit."""
    lists = {
        "treatments": len(given) - GIVEN,
        "to avoid": len(avoid) - NAMES,
        "lines of the plan": sum(one.area != "red flags" for one in assessment.plan.lines) - LINES,
        "dates": len(assessment.plan.appointments) - DATES,
        "unknown": len({one.name for one in assessment.unknown}) - UNKNOWN,
    }
    more = [f"{number} more {name}" for name, number in lists.items() if number > 0]
    return f"Not on these pages: {', '.join(more)}; see the full assessment." if more else ""
