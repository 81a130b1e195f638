"""engine → assessment: puts the document of one patient together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import polars as pl

from precollapse.assessment.answers_part import answers_part
from precollapse.assessment.context import Context
from precollapse.assessment.differential_part import Influences, differential_part
from precollapse.assessment.forecast_part import forecast_of_hip
from precollapse.assessment.interpretation_part import interpreted, scores
from precollapse.assessment.model import (
    Assessment,
    Hip,
    Hips,
    Patient,
    PreventionAdvice,
    TypeFound,
    Unknown,
    Unread,
    Urgency,
    Versions,
)
from precollapse.assessment.next_tests_part import next_tests_part
from precollapse.assessment.nodes import FactReference
from precollapse.assessment.options_part import treatments_part
from precollapse.assessment.own_values import Own
from precollapse.assessment.plain_part import plain_part
from precollapse.assessment.plan_part import plan_part
from precollapse.assessment.risk_part import hip_risk, patient_risk
from precollapse.assessment.screening_nodes import Screened
from precollapse.assessment.screening_part import has_died, of_the_dead, screened
from precollapse.assessment.sources import sources_used
from precollapse.assessment.staging_part import staging_of_hip
from precollapse.assessment.types_part import types_of_hip
from precollapse.assessment.urgency_part import urgency_part
from precollapse.chart.model import Chart
from precollapse.engine.advice import Advice, advise
from precollapse.engine.run import Evaluation
from precollapse.facts.build import Facts
from precollapse.knowledge.bundle import Knowledge
from precollapse.version import __version__

ASSESSMENT_SCHEMA = "1"
UNSPECIFIED = "unspecified"


def build_assessments(
    chart: Chart, facts: Facts, evaluation: Evaluation, knowledge: Knowledge
) -> list[Assessment]:
    """Build the document of every patient of a chart, in the chart's order."""
    levels = dict(evaluation.urgency.select("person", "urgency").iter_rows())
    unread = _unread_by_person(chart, facts)
    advice = advise(facts.table, evaluation, knowledge)
    screening = screened(facts.table, evaluation, knowledge, facts.as_of)
    for person in facts.persons.filter(pl.Series(has_died(facts.persons, facts.as_of)))["person"].to_list():
        screening[person] = of_the_dead(screening[person], knowledge)
    return [
        _build(person, facts, evaluation, advice, knowledge, levels[person["person"]], unread, screening)
        for person in facts.persons.iter_rows(named=True)
    ]


def _build(
    person: dict[str, Any],
    facts: Facts,
    evaluation: Evaluation,
    advice: Advice,
    knowledge: Knowledge,
    level: Any,
    unread: dict[int | None, list[Unread]],
    screening: dict[int, Screened],
) -> Assessment:
    number = person["person"]
    context = Context.of(number, facts, evaluation, advice, knowledge)
    urgency = urgency_part(context, level)
    influences = Influences(context)
    left, right = (_hip(context, hip, influences) for hip in ("left", "right"))
    loose = UNSPECIFIED in context.facts.hips
    hips = Hips(left=left, right=right, unspecified=_hip(context, UNSPECIFIED, influences) if loose else None)
    risk = patient_risk(context, _patient_types(hips))
    next_tests = next_tests_part(context, level)
    treatments = treatments_part(context, facts.as_of)
    plan = plan_part(context, treatments, facts.as_of)
    own = Own.of(context, hips, urgency, next_tests, treatments)
    answers = answers_part(context, own)
    prevention = _prevention(context)
    unknown = _unknown(context, urgency, hips)
    values, patient_scores = interpreted(context, None), scores(context, None)
    advised = (treatments, plan, answers, prevention, screening[number])
    parts: tuple[Any, ...] = (urgency, hips, risk, next_tests, *advised, values, patient_scores)
    return Assessment(
        versions=Versions(
            software=__version__, knowledge=knowledge.version, assessment_schema=ASSESSMENT_SCHEMA
        ),
        as_of=facts.as_of.isoformat(),
        patient=_patient(person),
        urgency=urgency,
        risk=risk,
        hips=hips,
        next_tests=next_tests,
        treatments=treatments,
        plan=plan,
        answers=answers,
        plain=plain_part(context, own),
        prevention=prevention,
        unknown=unknown,
        unread=tuple(unread.get(number, []) + unread.get(None, [])),
        warnings=_warnings(context, person),
        sources=sources_used(parts, knowledge),
        safety_statement=knowledge.safety_statement.text,
        interpretation=values,
        scores=patient_scores,
        screening=screening[number],
    )


def _patient(person: dict[str, Any]) -> Patient:
    low, high = person["age_low"], person["age_high"]
    return Patient(
        key=person["key"],
        age_years=low if low == high else None,
        sex=person["sex"],
        record=person["origin"].partition(": ")[0],
    )


def _hip(context: Context, hip: str, influences: Influences) -> Hip:
    """One hip: its risk, the types it would be named, what was recorded of it and what that means."""
    row = context.row_of(hip)
    findings = tuple(context.facts.reference(concept, row) for concept in context.facts.recorded(hip))
    return Hip(
        risk=hip_risk(context, hip),
        differential=differential_part(context, hip, influences),
        types=types_of_hip(context, row),
        staging=staging_of_hip(context, row),
        findings=findings,
        interpretation=interpreted(context, hip),
        scores=scores(context, hip),
        forecast=forecast_of_hip(context, row),
    )


def _patient_types(hips: Hips) -> tuple[TypeFound, ...]:
    """Return the types of both hips, each once; the side with the larger share speaks for it."""
    best: dict[str, TypeFound] = {}
    for found in (*hips.left.types, *hips.right.types):
        if found.id not in best or (found.share or 0.0) > (best[found.id].share or 0.0):
            best[found.id] = found
    named = [t for t in best.values() if t.state != "undetermined"]
    return tuple(named or best.values())


def _prevention(context: Context) -> tuple[PreventionAdvice, ...]:
    entries = [
        entry
        for entry in context.knowledge.prevention.values()
        if any(context.state(f"prevention:{entry.id}", row) for row in range(len(context.rows)))
    ]
    entries.sort(key=lambda entry: entry.priority)
    return tuple(
        PreventionAdvice(id=e.id, name=e.name, says=e.says, grade=e.grade, sources=e.sources) for e in entries
    )


def _unknown(context: Context, urgency: Urgency, hips: Hips) -> tuple[Unknown, ...]:
    """Gather every unknown that matters, each once per side, with what it matters for."""
    matters: dict[tuple[str, str | None], set[str]] = {}

    def add(concept: str, side: str | None, purpose: str) -> None:
        level = context.knowledge.concepts[concept].level
        matters.setdefault((concept, side if level == "hip" else None), set()).add(purpose)

    for question in urgency.open_questions:
        add(question.concept, question.side, "urgency")
    for side, hip in (("left", hips.left), ("right", hips.right)):
        for change in hip.risk.would_change:
            add(change.concept, side, "risk")
        for found in hip.types:
            for concept in found.missing:
                add(concept, side, "cause")
        for fact in _open_in_staging(hip):
            add(fact, side, "staging")
        for reference in (*hip.findings, *_patient_level(context)):
            if reference.why_unknown is not None:
                add(reference.concept, side, "recorded but not known")
    return tuple(_unknown_entry(context, key, purposes) for key, purposes in matters.items())


def _open_in_staging(hip: Hip) -> Iterable[str]:
    return dict.fromkeys(fact.concept for system in hip.staging.systems for fact in system.decided_by)


def _patient_level(context: Context) -> list[FactReference]:
    return [context.facts.reference(concept, 0) for concept in context.facts.recorded(None)]


def _unknown_entry(context: Context, key: tuple[str, str | None], purposes: set[str]) -> Unknown:
    concept, side = context.knowledge.concepts[key[0]], cast("Any", key[1])
    row = context.row_of(side) if side else 0
    reference = context.facts.reference(concept.id, row)
    return Unknown(
        concept=concept.id,
        name=concept.name,
        question=concept.question,
        side=side,
        why=reference.why_unknown or "not asked",
        matters_for=tuple(sorted(purposes)),
        note=reference.note,
        origin=reference.origin if reference.why_unknown else None,
    )


def _unread_by_person(chart: Chart, facts: Facts) -> dict[int | None, list[Unread]]:
    """Return what was not used, by patient: the reader's list and what is dated after the assessment."""
    listed: dict[int | None, list[Unread]] = {}
    for row in chart.unread.iter_rows(named=True):
        listed.setdefault(row["person"], []).append(
            Unread(origin=row["origin"], reason=row["reason"], detail=row["detail"])
        )
    for person, origin in facts.future.iter_rows():
        later = Unread(origin=origin, reason="future", detail=f"dated after {facts.as_of}")
        listed.setdefault(person, []).append(later)
    return listed


def _warnings(context: Context, person: dict[str, Any]) -> tuple[str, ...]:
    """Say what a reader should look at twice: implausible values, a patient who has died."""
    found = []
    if person["deceased"] or person["deceased_date"] is not None:
        found.append("The record says that this patient has died.")
    for hip in (None, *context.facts.hips):
        row = context.row_of(hip) if hip else 0
        for concept in context.facts.recorded(hip):
            note = context.facts.reference(concept, row).note
            if note and "implausible" in note:
                found.append(f"{context.knowledge.concepts[concept].name}: {note}")
    return tuple(dict.fromkeys(found))
