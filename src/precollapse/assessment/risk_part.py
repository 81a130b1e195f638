"""The risk of each hip and of the patient, with the cohort, the adjustments and what would change it."""

from __future__ import annotations

import math
from typing import Any, cast

import numpy as np

from precollapse.assessment.context import Context
from precollapse.assessment.model import (
    Adjustment,
    CohortUsed,
    DoseResponse,
    Estimate,
    HipRisk,
    Risk,
    TypeFound,
    WouldChange,
)
from precollapse.assessment.nodes import FigureUsed, Interval, rounded
from precollapse.assessment.types_part import causes_of_hip
from precollapse.assessment.urgency_part import SIDES
from precollapse.engine.patient import bilateral_share, either_hip
from precollapse.engine.risk import Quantity
from precollapse.engine.risk_model import Band, risk_model
from precollapse.facts.exposure import EXPOSURE_NUMBERS
from precollapse.knowledge.model import Figure
from precollapse.knowledge.model_risk import Cohort, Effect

TODAY = "osteonecrosis on MRI"
# An unknown fact is listed under "what would change this" when it could move the value by a tenth.
WORTH_ASKING = 1.1
MOST_QUESTIONS = 8
# What an image would show is not asked of anybody: the image is what this probability argues for.
IMAGING = "imaging"

DETECTED = {
    "mri": "osteonecrosis on MRI",
    "radiograph": "osteonecrosis on a radiograph",
    "ct": "osteonecrosis on CT",
    "symptomatic": "symptomatic osteonecrosis",
    "coded": "diagnosed osteonecrosis",
}

SAYS = {
    "established": "Osteonecrosis of this hip is shown by imaging or biopsy.",
    "no femoral head": "This hip has been replaced; it has no femoral head to lose.",
    "not assessable": "Nothing that is recorded allows an estimate.",
}


def hip_risk(context: Context, hip: str) -> HipRisk:
    """Explain the risk of one hip."""
    row = context.row_of(hip)
    state = hip_state(context, row)
    if state in {"established", "no femoral head"}:
        return _settled(context, row, state)
    quantity = context.evaluation.risk.today
    cohort = _decisive_cohort(context, row)
    settings = context.knowledge.risk_settings
    one, five = (_future(context, row, years) for years in settings.horizons_years)
    known = cohort is not None
    return HipRisk(
        state="estimated" if known else "not assessable",
        says=f"Anchored on: {cohort.name}." if cohort else SAYS["not assessable"],
        mri_today=_estimate(quantity, context.rows[row], TODAY, 0.0),
        within_1_year=one,
        within_5_years=five,
        cohort=_cohort_used(context, cohort, row) if cohort else None,
        adjustments=_adjustments(context, cohort, row) if cohort else (),
        causes=causes_of_hip(context, row),
        would_change=_would_change(context, row),
    )


def hip_state(context: Context, row: int) -> str:
    """Return whether a hip needs an estimate at all."""
    if context.state("hip:no head", row):
        return "no femoral head"
    return "established" if context.state("hip:established", row) else "estimated"


def _settled(context: Context, row: int, state: Any) -> HipRisk:
    """Describe a hip whose state is known: shown to have it, or without a head."""
    certain = Interval(low=1.0, high=1.0) if state == "established" else None
    value = 1.0 if state == "established" else None
    today = Estimate(value=value, interval=certain, as_recorded=certain, outcome=TODAY, horizon_years=0.0)
    years = context.knowledge.risk_settings.horizons_years
    one, five = (
        Estimate(value=None, interval=None, as_recorded=None, outcome=TODAY, horizon_years=y) for y in years
    )
    name = "hip:established" if state == "established" else "hip:no head"
    facts = ", ".join(f"{f.name} ({f.origin})" for f in context.references(name, row) if f.origin is not None)
    return HipRisk(
        state=state,
        says=f"{SAYS[state]} {facts}".strip(),
        mri_today=today,
        within_1_year=one,
        within_5_years=five,
        cohort=None,
        adjustments=(),
        causes=causes_of_hip(context, row),
        would_change=(),
    )


def _estimate(quantity: Quantity, number: int, outcome: str, years: float) -> Estimate:
    value = float(quantity.value[number])
    known = not math.isnan(value)
    recorded = Interval(
        low=rounded(quantity.recorded_low[number]), high=rounded(quantity.recorded_high[number])
    )
    return Estimate(
        value=rounded(value) if known else None,
        interval=Interval(low=rounded(quantity.low[number]), high=rounded(quantity.high[number])),
        as_recorded=recorded if known else None,
        outcome=outcome,
        horizon_years=years,
    )


def _future(context: Context, row: int, years: float) -> Estimate:
    quantity = context.evaluation.risk.future[years]
    cohort = _cohort_of(context, quantity, row)
    outcome = DETECTED[cohort.detection] if cohort else TODAY
    return _estimate(quantity, context.rows[row], outcome, years)


def _decisive_cohort(context: Context, row: int) -> Cohort | None:
    return _cohort_of(context, context.evaluation.risk.today, row)


def _cohort_of(context: Context, quantity: Quantity, row: int) -> Cohort | None:
    number = context.rows[row]
    cause = int(quantity.cause[number])
    if cause < 0:
        return None
    model = risk_model(context.knowledge)
    return context.knowledge.cohorts[model.cohorts[int(quantity.cohort[number, cause])]]


def _cohort_used(context: Context, cohort: Cohort, row: int) -> CohortUsed:
    figures = [f for f in (cohort.attack, cohort.prevalence, cohort.rate, cohort.late_rate) if f is not None]
    return CohortUsed(
        id=cohort.id,
        name=cohort.name,
        per=cohort.per,
        detection=DETECTED[cohort.detection],
        site=cohort.site,
        figures=tuple(figure_used(f) for f in figures),
        compared_with=tuple(figure_used(f) for f in cohort.compared_with),
        facts=context.references(f"cohort:{cohort.id}", row),
        note=cohort.note,
    )


def figure_used(figure: Figure) -> FigureUsed:
    """Return a number of the knowledge as the document shows it."""
    return FigureUsed(
        value=figure.value,
        interval=_interval(figure.interval),
        unit=figure.unit,
        population=figure.population,
        source=figure.source,
        where=figure.where,
        grade=figure.grade,
        note=figure.note,
    )


def _interval(bounds: tuple[float, float] | None) -> Interval | None:
    return Interval(low=bounds[0], high=bounds[1]) if bounds else None


def _adjustments(context: Context, cohort: Cohort, row: int) -> tuple[Adjustment, ...]:
    """List effects of this cohort that hold, that were left out, and that wait for an answer."""
    found = [
        _adjustment(context, effect, row)
        for effect in context.knowledge.effects.values()
        if cohort.id in effect.cohorts or cohort.cause in effect.causes
    ]
    shown = [adjustment for adjustment in found if adjustment is not None]
    order = {"applied": 0, "left out": 1, "possible": 2}
    return tuple(sorted(shown, key=lambda a: order[a.state]))


def _adjustment(context: Context, effect: Effect, row: int) -> Adjustment | None:
    truth = context.state(f"effect:{effect.id}", row)
    barred = effect.not_with is not None and context.state(f"barred:{effect.id}", row)
    if truth is False and not barred:
        return None
    state = "left out" if barred else "applied" if truth else "possible"
    number = list(risk_model(context.knowledge).effects).index(effect.id)
    ratios = context.evaluation.risk.log_ratios
    place = context.rows[row], number
    note = "the source found that the two do not multiply" if barred else None
    dependent = (
        None if effect.independent else "only the largest of the effects that were not adjusted counts"
    )
    return Adjustment(
        id=effect.id,
        name=effect.name,
        state=cast("Any", state),
        measure=effect.measure,
        ratio=rounded(np.exp(ratios.value[place])),
        interval=Interval(low=rounded(np.exp(ratios.low[place])), high=rounded(np.exp(ratios.high[place]))),
        source=effect.ratio.source,
        grade=effect.ratio.grade,
        facts=context.references(f"effect:{effect.id}", row),
        note="; ".join(text for text in (note, dependent, effect.note, effect.ratio.note) if text) or None,
    )


def _would_change(context: Context, row: int) -> tuple[WouldChange, ...]:
    """List the unknown facts by how high the probability of today could rise with their answer."""
    reach: dict[str, float] = {}
    for fact, value in _reach_of_cohorts(context, row) + _reach_of_effects(context, row):
        reach[fact] = max(reach.get(fact, 0.0), value)
    today = context.evaluation.risk.today.value[context.rows[row]]
    now = 0.0 if math.isnan(today) else float(today)
    worth = {
        fact: value
        for fact, value in reach.items()
        if value > now * WORTH_ASKING and context.knowledge.concepts[fact].group != IMAGING
    }
    ranked = sorted(worth.items(), key=lambda item: (-item[1], item[0]))[:MOST_QUESTIONS]
    return tuple(_change(context, fact, value, row) for fact, value in ranked)


def _reach_of_cohorts(context: Context, row: int) -> list[tuple[str, float]]:
    """Return what each cohort the hip may belong to would say."""
    model, risk, number = risk_model(context.knowledge), context.evaluation.risk, context.rows[row]
    reach = []
    for index in np.flatnonzero(risk.cohorts.unknown[number]):
        taken = risk.today.cohort[number, model.cause_of[index]]
        if model.sign[model.cause_of[index]]:
            continue
        if taken < 0 or model.rank[index] >= model.rank[taken]:
            value = float(risk.by_cohort.value[number, index])
            # As long as the cause itself is unknown nobody is asked about its details.
            cause = f"cause:{model.causes[model.cause_of[index]]}"
            name = cause if context.state(cause, row) is None else f"cohort:{model.cohorts[index]}"
            reach += [(fact, value) for fact in context.verdict(name, row)[1]]
    return reach


def _reach_of_effects(context: Context, row: int) -> list[tuple[str, float]]:
    """Return what each effect that may hold would make of the value."""
    cohort = _decisive_cohort(context, row)
    if cohort is None:
        return []
    model, risk, number = risk_model(context.knowledge), context.evaluation.risk, context.rows[row]
    value = float(risk.today.value[number])
    place = model.cohorts.index(cohort.id)
    reach = []
    for index in np.flatnonzero(risk.effects.unknown[number] & model.applies[place]):
        odds = value / (1 - value) * math.exp(float(risk.log_ratios.value[number, index]))
        facts = context.verdict(f"effect:{model.effects[index]}", row)[1]
        reach += [(fact, odds / (1 + odds)) for fact in facts]
    return reach


def _change(context: Context, fact: str, up_to: float, row: int) -> WouldChange:
    reference = context.facts.reference(fact, row)
    return WouldChange(
        concept=fact,
        question=context.knowledge.concepts[fact].question,
        why_unknown=reference.why_unknown or "not asked",
        side=reference.side,
        up_to=rounded(up_to),
    )


def patient_risk(context: Context, types: tuple[TypeFound, ...]) -> Risk:
    """Risk of either hip, with the exposure and what sources say about its dose."""
    years = context.knowledge.risk_settings.horizons_years
    one, five = (_either(context, context.evaluation.risk.future[y], y) for y in years)
    return Risk(
        mri_today=_either(context, context.evaluation.risk.today, 0.0),
        within_1_year=one,
        within_5_years=five,
        types=types,
        exposure=_exposure(context),
        dose_response=_dose_response(context),
    )


def _either(context: Context, quantity: Quantity, years: float) -> Estimate:
    """Combine the hips that have a head; a hip shown to be affected settles today."""
    heads = _with_head(context)
    shown = [row for row in heads if hip_state(context, row) == "established"]
    sure = Interval(low=1.0, high=1.0)
    if shown and years == 0.0:
        return Estimate(value=1.0, interval=sure, as_recorded=sure, outcome=TODAY, horizon_years=0.0)
    open_ = _at_most_two(context, quantity, [row for row in heads if row not in shown])
    rows = np.array([context.rows[row] for row in open_], dtype=np.int64)
    if rows.size == 0:
        return Estimate(value=None, interval=None, as_recorded=None, outcome=TODAY, horizon_years=years)
    both = bilateral_share(risk_model(context.knowledge), quantity, rows)
    band = either_hip(Band(quantity.value[rows], quantity.low[rows], quantity.high[rows]), both)
    closed = either_hip(
        Band(quantity.value[rows], quantity.recorded_low[rows], quantity.recorded_high[rows]), both
    )
    value = float(band.value)
    known = not math.isnan(value)
    cohort = _cohort_of(context, quantity, heads[0]) if years else None
    return Estimate(
        value=rounded(value) if known else None,
        interval=Interval(low=rounded(float(band.low)), high=rounded(float(band.high))),
        as_recorded=Interval(low=rounded(float(closed.low)), high=rounded(float(closed.high)))
        if known
        else None,
        outcome=DETECTED[cohort.detection] if cohort else TODAY,
        horizon_years=years,
    )


def _with_head(context: Context) -> list[int]:
    """Return the rows of hips with a head; none when neither the left nor the right hip has one."""
    heads = [row for row in range(len(context.rows)) if hip_state(context, row) != "no femoral head"]
    return heads if any(context.facts.hips[row] in SIDES for row in heads) else []


def _at_most_two(context: Context, quantity: Quantity, rows: list[int]) -> list[int]:
    """Let a hip whose side nobody named stand for the left or the right one; it is no third hip."""
    sided = [row for row in rows if context.facts.hips[row] in SIDES]
    loose = [row for row in rows if row not in sided]
    if not loose or not sided:
        return sided
    least = min(sided, key=lambda row: float(np.nan_to_num(quantity.value[context.rows[row]])))
    return [loose[0] if row == least else row for row in sided]


def _exposure(context: Context) -> tuple[Any, ...]:
    """Corticosteroid exposure as it was summed up, when there is any or it is known to be none."""
    names = (
        "systemic_corticosteroid",
        "corticosteroid_first_date",
        "corticosteroid_last_date",
        *EXPOSURE_NUMBERS,
    )
    references = [context.facts.reference(name, 0) for name in names if name in context.knowledge.concepts]
    return tuple(r for r in references if r.origin is not None)


def _dose_response(context: Context) -> tuple[DoseResponse, ...]:
    found = []
    for entry in context.knowledge.dose_responses.values():
        fact = context.facts.reference(entry.fact, 0)
        if fact.value or fact.low:
            found.append(DoseResponse(fact=fact, says=entry.says, source=entry.figure.source))
    return tuple(found)
