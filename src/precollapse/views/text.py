"""An assessment for the terminal: 80 columns, urgency first, plain when it is not a terminal.

Colour repeats what the words say and is never needed to read them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from precollapse.assessment.model import Assessment, CohortUsed, Estimate, HipRisk, Reason, TypeFound
from precollapse.assessment.nodes import FigureUsed
from precollapse.views import numbers, wording, wording_forecast
from precollapse.views.layout import Line, bullet, heading, show, to_text
from precollapse.views.plots.text_fan import FAN_BOX, FanGlyphs, fan_glyphs_for
from precollapse.views.text_diagnosis import differential_lines, next_tests_lines
from precollapse.views.text_forecast import forecast_lines
from precollapse.views.text_interpretation import hip_scores, interpreted, patient_values
from precollapse.views.text_staging import staging_lines
from precollapse.views.text_treatments import plan_in_short, treatments_lines
from precollapse.views.values import other_findings
from precollapse.views.wording import FEW, MOST, Side, SourceNumbers

_STYLES = {"emergency": "bold red", "urgent": "bold red", "soon": "bold yellow", "routine": "bold green"}


def render_text(assessment: Assessment) -> str:
    """Return the assessment as plain text."""
    return to_text(_lines(assessment))


def print_assessment(assessment: Assessment, *, first: bool = True) -> None:
    """Print the assessment to standard output, in colour when that is a terminal."""
    if not first:
        show([Line(""), Line("=" * 80), Line("")])
    show(_lines(assessment, fan_glyphs_for(sys.stdout.encoding)))


def _lines(assessment: Assessment, glyphs: FanGlyphs = FAN_BOX) -> Iterator[Line]:
    cite = SourceNumbers(assessment.sources)
    yield Line(f"precollapse · patient {assessment.patient.key}", style="bold")
    yield Line(wording.patient(assessment.patient, assessment.as_of))
    yield from _summary(assessment)
    yield from _urgency(assessment, cite)
    for side in wording_forecast.sides(assessment):
        yield from heading(side.heading)
        yield from _hip(side, cite, glyphs)
    yield from next_tests_lines(assessment.next_tests, cite)
    yield from treatments_lines(assessment, cite)
    yield from plan_in_short(assessment)
    yield from _patient_risk(assessment, cite)
    yield from patient_values(assessment, cite)
    yield from _prevention(assessment, cite)
    yield from _unknown(assessment)
    yield from _unread(assessment)
    yield from _warnings(assessment)
    yield from source_lines(assessment, cite)
    yield from foot_lines(assessment)


def _summary(assessment: Assessment) -> Iterator[Line]:
    """Say in a few lines what a reader in a hurry must not miss."""
    urgency = assessment.urgency
    yield from heading("In short")
    yield bullet(urgency.level.upper(), mark=f"{'urgency':10}", indent=2)
    if urgency.reasons:
        yield bullet(urgency.reasons[0].action, mark=f"{'do':10}", indent=2)
    for side in wording.hips(assessment):
        yield bullet(wording_forecast.in_short(side.hip), mark=f"{side.short:10}", indent=2)
    test = wording.first_test(assessment)
    if test:
        yield bullet(test, mark=f"{'next test':10}", indent=2)
    yield bullet(wording.dominant_type(assessment), mark=f"{'type':10}", indent=2)


def _urgency(assessment: Assessment, cite: SourceNumbers) -> Iterator[Line]:
    urgency = assessment.urgency
    yield from heading(f"Urgency: {urgency.level}", style=_STYLES[urgency.level])
    if not urgency.reasons:
        yield Line("Nothing in the record asks for more.", indent=2)
    for reason in urgency.reasons:
        if reason.level == urgency.level:
            yield from _reason(reason, cite)
    lesser = [reason for reason in urgency.reasons if reason.level != urgency.level]
    if lesser:
        yield Line("Less pressing reasons that hold as well:", indent=2)
    for reason in lesser:
        yield bullet(f"{reason.level}{wording.of_hip(reason)}: {reason.says}")
    questions = wording.questions(urgency.open_questions)
    if questions:
        yield Line("Not known, and could make it more urgent:", indent=2)
    for question in questions[:FEW]:
        yield bullet(f"{question.text} ({question.detail})", mark="?")
    yield from _more(len(questions), FEW)


def _reason(reason: Reason, cite: SourceNumbers) -> Iterator[Line]:
    yield bullet(f"{reason.level}{wording.of_hip(reason)}: {reason.says}")
    yield Line(f"Do: {reason.action}", indent=4)
    if reason.facts:
        because = "; ".join(dict.fromkeys(wording.brief(fact) for fact in reason.facts))
        yield Line(f"Because: {because}", indent=4, style="dim")
    yield Line(f"Grade: {reason.grade} {cite(*reason.sources)}", indent=4, style="dim")


def _hip(side: Side, cite: SourceNumbers, glyphs: FanGlyphs) -> Iterator[Line]:
    hip, risk = side.hip, side.hip.risk
    yield from differential_lines(hip.differential)
    yield Line("Risk, from causes and symptoms", indent=2, style="bold")
    yield Line(risk.says, indent=2)
    yield from _estimates(risk.mri_today, risk.within_1_year, risk.within_5_years)
    if risk.cohort is not None and "anchored on" not in side.repeats:
        yield from _cohort(risk.cohort, cite)
    if "adjusted for" not in side.repeats:
        yield from _adjustments(risk, cite)
    if "causes" not in side.repeats:
        yield from _causes(risk)
    if "type" not in side.repeats:
        yield from _types(hip.types, cite)
    yield from staging_lines(hip.staging, cite)
    yield from forecast_lines(side, cite, glyphs)
    if side.repeats:
        yield Line(f"As for the {side.other} hip: {', '.join(side.repeats)}.", indent=2)
    findings = other_findings(hip)
    if findings:
        yield Line("Recorded of this hip", indent=2, style="bold")
        yield from (bullet(wording.fact(finding)) for finding in findings[:MOST])
        yield from _more(len(findings))
    yield from interpreted(hip.interpretation, cite, "Measured, against the usual range")
    yield from hip_scores(hip.scores, cite)
    yield from _would_change(risk)


def _causes(risk: HipRisk) -> Iterator[Line]:
    if risk.causes:
        yield Line("Causes", indent=2, style="bold")
    for cause in wording.states(risk.causes, "present"):
        share = f", {numbers.share(cause.share)} of the risk" if cause.share is not None else ""
        yield bullet(f"{cause.name}: present{share}")
        if cause.facts:
            yield Line(wording.facts(cause.facts), indent=4, style="dim")
    possible = wording.states(risk.causes, "possible")
    if possible:
        yield bullet(f"possible, because nobody said otherwise: {wording.names(possible)}")


def _estimates(*estimates: Estimate) -> Iterator[Line]:
    outcome = ""
    for estimate in estimates:
        if wording.outcome(estimate) != outcome:
            outcome = wording.outcome(estimate)
            yield Line(outcome[:1].upper() + outcome[1:], indent=2, style="bold")
        when = f"{wording.horizon(estimate):15}"
        yield bullet(numbers.estimate(estimate), mark=when, indent=4)
        wider = numbers.while_open(estimate)
        if wider:
            yield Line(f"{wider} while what is not recorded may be so or not", indent=20, style="dim")


def _cohort(cohort: CohortUsed, cite: SourceNumbers) -> Iterator[Line]:
    yield Line("Anchored on", indent=2, style="bold")
    counted = f"counted per {cohort.per}, found by {cohort.detection}, site {cohort.site}"
    yield bullet(f"{cohort.name} ({counted})")
    for figure in cohort.figures:
        yield Line(_figure(figure, cite), indent=4)
    for figure in cohort.compared_with:
        yield Line(f"compare: {_figure(figure, cite)}", indent=4, style="dim")
    if cohort.facts:
        yield Line(f"Because: {wording.facts(cohort.facts)}", indent=4, style="dim")
    if cohort.note:
        yield Line(cohort.note, indent=4, style="dim")


def _figure(figure: FigureUsed, cite: SourceNumbers) -> str:
    value = numbers.figure(figure.value, figure.interval, figure.unit)
    note = f"; {figure.note}" if figure.note else ""
    read = f"grade {figure.grade}, read in {figure.where} {cite(figure.source)}"
    return f"{value}, {figure.population}; {read}{note}"


def _adjustments(risk: HipRisk, cite: SourceNumbers) -> Iterator[Line]:
    if risk.adjustments:
        yield Line("Adjusted for", indent=2, style="bold")
    for one in wording.states(risk.adjustments, "applied", "left out"):
        said = f"{one.name}: {one.state}, {one.measure} {numbers.ratio(one.ratio, one.interval)}"
        note = f"; {one.note}" if one.note else ""
        yield bullet(f"{said}; grade {one.grade} {cite(one.source)}{note}")
    possible = [
        f"{one.name} {numbers.ratio(one.ratio, one.interval)} {cite(one.source)}"
        for one in wording.states(risk.adjustments, "possible")
    ]
    if possible:
        yield bullet(f"possible, its fact is not known: {'; '.join(possible)}")


def _types(types: tuple[TypeFound, ...], cite: SourceNumbers) -> Iterator[Line]:
    if types:
        yield Line("Type", indent=2, style="bold")
    for one in types:
        main = ", the dominant one" if one.dominant else ""
        share = f", {numbers.share(one.share)} of the risk" if one.share is not None else ""
        yield bullet(f"{one.name}: {one.state}{main}{share} {cite(*one.sources)}".rstrip())
        yield Line(one.says, indent=4)
        if one.missing:
            yield Line(f"Still missing: {'; '.join(one.missing_names or one.missing)}", indent=4)


def _would_change(risk: HipRisk) -> Iterator[Line]:
    if risk.would_change:
        yield Line("What would change this", indent=2, style="bold")
    for one in risk.would_change[:FEW]:
        up_to = f"today's probability could be up to {numbers.percent(one.up_to)}"
        yield bullet(f"{one.question} ({one.why_unknown}; {up_to})", mark="?")
    yield from _more(len(risk.would_change), FEW)


def _patient_risk(assessment: Assessment, cite: SourceNumbers) -> Iterator[Line]:
    risk = assessment.risk
    yield from heading("Either hip")
    yield from _estimates(risk.mri_today, risk.within_1_year, risk.within_5_years)
    yield from _types(wording.types_of_either(assessment), cite)
    if risk.exposure:
        yield Line("Exposure", indent=2, style="bold")
        yield from (bullet(wording.brief(fact)) for fact in risk.exposure)
    if wording.notes(risk.exposure):
        yield Line(wording.notes(risk.exposure), indent=4, style="dim")
    if risk.dose_response:
        yield Line("Dose and risk", indent=2, style="bold")
    for one in risk.dose_response:
        here = f"Here: {wording.brief(one.fact)} {cite(one.source)}"
        yield bullet(f"{wording.sentence(one.says)} {here}")


def _prevention(assessment: Assessment, cite: SourceNumbers) -> Iterator[Line]:
    if assessment.prevention:
        yield from heading("Prevention, what this person can change first")
    for number, one in enumerate(assessment.prevention, start=1):
        mark = f"{number}."
        yield bullet(f"{one.name}. {one.says} (grade {one.grade}) {cite(*one.sources)}", mark=mark)


def _unknown(assessment: Assessment) -> Iterator[Line]:
    rows = assessment.unknown
    if rows:
        yield from heading(f"Not known ({len(rows)})")
        yield Line("Unknown is not absent: each of these widens the intervals above.", indent=2)
    for row in rows[:MOST]:
        detail = "; ".join(part for part in (row.why, row.note, row.origin) if part)
        yield bullet(f"{wording.where([row.side])}{row.name} ({detail})", mark="?")
    yield from _more(len(rows))


def _unread(assessment: Assessment) -> Iterator[Line]:
    rows = assessment.unread
    if rows:
        yield from heading(f"In the record, but not used ({len(rows)})")
    if len(rows) <= MOST:
        for row in rows:
            detail = f", {row.detail}" if row.detail else ""
            yield bullet(f"{row.origin}: {row.reason}{detail}")
        return
    for one in wording.unread(rows)[:MOST]:
        yield bullet(f"{one.number} × {one.reason}, such as {one.example}")
    yield Line("The JSON document (--format json) lists every one.", indent=4)


def _warnings(assessment: Assessment) -> Iterator[Line]:
    if assessment.warnings:
        yield from heading("Warnings", style="bold yellow")
        yield from (bullet(warning, mark="!") for warning in assessment.warnings)


def source_lines(assessment: Assessment, cite: SourceNumbers) -> Iterator[Line]:
    """Yield the sources that were referred to, with their numbers in the document."""
    numbered = enumerate(assessment.sources, start=1)
    shown = [(number, source) for number, source in numbered if source.id in cite.cited]
    if shown:
        yield from heading("Sources")
    for number, source in shown:
        where = wording.address(source) or "no address known"
        detail = f"{source.design}, reliability {source.reliability}"
        yield bullet(f"{source.citation} ({detail}) {where}", mark=f"[{number}]", indent=0)


def foot_lines(assessment: Assessment) -> Iterator[Line]:
    """Yield the safety statement and the versions, which stand on every output."""
    versions = assessment.versions
    yield from heading("Please note")
    yield Line(assessment.safety_statement)
    yield Line("")
    yield Line(
        f"software {versions.software} · knowledge {versions.knowledge} · "
        f"document {versions.assessment_schema} · as of {assessment.as_of}",
        style="dim",
    )


def _more(total: int, shown: int = MOST) -> Iterator[Line]:
    left = wording.more(total, shown)
    if left:
        yield Line(f"… {left}", indent=4, style="dim")
