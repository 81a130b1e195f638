"""The assessment: one typed document per patient, every line with its reasons and sources.

This is what all views show and what the published JSON Schema describes. Later parts of the product add
fields to ``hips`` and to the top; none is renamed.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from precollapse.assessment.answer_nodes import Answered
from precollapse.assessment.diagnosis_nodes import Differential, NextTests
from precollapse.assessment.forecast_nodes import HipForecast
from precollapse.assessment.interpretation_nodes import HipScore, Interpreted
from precollapse.assessment.nodes import FactReference, FigureUsed, Interval, Node, UnknownReason, UrgencyName
from precollapse.assessment.option_nodes import Treatments
from precollapse.assessment.plain_nodes import PlainSummary
from precollapse.assessment.plan_nodes import Plan
from precollapse.assessment.screening_nodes import Screened
from precollapse.assessment.staging_nodes import Staging


class Versions(Node, frozen=True, kw_only=True):
    """What produced the document: same input, same versions, same date give the same bytes."""

    software: str
    knowledge: str
    assessment_schema: str


class Patient(Node, frozen=True, kw_only=True):
    """Who it is about: the record's own identifier, age and sex. Never a name."""

    key: str
    age_years: float | None
    sex: str | None
    record: str


class Reason(Node, frozen=True, kw_only=True):
    """A rule of urgency that holds, the facts that decided it and what to do."""

    rule: str
    level: UrgencyName
    says: str
    action: str
    side: Literal["left", "right", "both"] | None
    facts: tuple[FactReference, ...]
    grade: str
    sources: tuple[str, ...]


class OpenQuestion(Node, frozen=True, kw_only=True):
    """A fact that is unknown and whose answer could raise the urgency."""

    concept: str
    question: str
    side: Literal["left", "right"] | None
    why_unknown: UnknownReason
    could_become: UrgencyName
    rules: tuple[str, ...]


class Urgency(Node, frozen=True, kw_only=True):
    """How soon the patient should be seen. Decided first; no low probability lowers it."""

    level: UrgencyName
    reasons: tuple[Reason, ...]
    open_questions: tuple[OpenQuestion, ...]


class Estimate(Node, frozen=True, kw_only=True):
    """A probability with two intervals.

    ``as_recorded`` is the 95 % interval if everything the record does not mention is absent.
    ``interval`` also spans what the unknown facts could make of it; it is the honest one.
    """

    value: float | None
    interval: Interval | None
    as_recorded: Interval | None
    outcome: str
    horizon_years: float


class CohortUsed(Node, frozen=True, kw_only=True):
    """The group of patients a hip is anchored on, and what other studies found for the same question."""

    id: str
    name: str
    per: Literal["patient", "hip"]
    detection: str
    site: str
    figures: tuple[FigureUsed, ...]
    compared_with: tuple[FigureUsed, ...]
    facts: tuple[FactReference, ...]
    note: str | None = None


class Adjustment(Node, frozen=True, kw_only=True):
    """A sourced ratio: applied, left out for a stated reason, or waiting for an answer."""

    id: str
    name: str
    state: Literal["applied", "possible", "left out"]
    measure: str
    ratio: float
    interval: Interval | None
    source: str
    grade: str
    facts: tuple[FactReference, ...]
    note: str | None = None


class CauseFound(Node, frozen=True, kw_only=True):
    """A cause that is present or possible, and its share of the risk among the causes present."""

    id: str
    name: str
    state: Literal["present", "possible"]
    share: float | None
    types: tuple[str, ...]
    facts: tuple[FactReference, ...]


class WouldChange(Node, frozen=True, kw_only=True):
    """An unknown fact that would move the probability of today, and how far."""

    concept: str
    question: str
    why_unknown: UnknownReason
    side: Literal["left", "right"] | None
    up_to: float


class HipRisk(Node, frozen=True, kw_only=True):
    """What is known of the risk of one hip."""

    state: Literal["estimated", "established", "no femoral head", "not assessable"]
    says: str
    mri_today: Estimate
    within_1_year: Estimate
    within_5_years: Estimate
    cohort: CohortUsed | None
    adjustments: tuple[Adjustment, ...]
    causes: tuple[CauseFound, ...]
    would_change: tuple[WouldChange, ...]


class TypeFound(Node, frozen=True, kw_only=True):
    """A type of osteonecrosis: whether the rule for it is met, and what is missing."""

    id: str
    name: str
    state: Literal["meets the rule", "possible", "undetermined"]
    dominant: bool
    share: float | None
    says: str
    facts: tuple[FactReference, ...]
    missing: tuple[str, ...]
    sources: tuple[str, ...]
    missing_names: tuple[str, ...] = ()


class Hip(Node, frozen=True, kw_only=True):
    """Everything about one hip."""

    risk: HipRisk
    differential: Differential
    types: tuple[TypeFound, ...]
    staging: Staging
    findings: tuple[FactReference, ...]
    interpretation: tuple[Interpreted, ...] = ()
    scores: tuple[HipScore, ...] = ()
    forecast: HipForecast | None = None


class Hips(Node, frozen=True, kw_only=True):
    """Both hips, and one whose side nobody named where something was said of it."""

    left: Hip
    right: Hip
    unspecified: Hip | None = None


class DoseResponse(Node, frozen=True, kw_only=True):
    """What a source says the dose does, beside this patient's own dose."""

    fact: FactReference
    says: str
    source: str


class Risk(Node, frozen=True, kw_only=True):
    """The risk of the patient: either hip."""

    mri_today: Estimate
    within_1_year: Estimate
    within_5_years: Estimate
    types: tuple[TypeFound, ...]
    exposure: tuple[FactReference, ...]
    dose_response: tuple[DoseResponse, ...]


class PreventionAdvice(Node, frozen=True, kw_only=True):
    """One piece of prevention, in the order of what this person can change."""

    id: str
    name: str
    says: str
    grade: str
    sources: tuple[str, ...]


class Unknown(Node, frozen=True, kw_only=True):
    """Something the assessment would have used and did not know."""

    concept: str
    name: str
    question: str
    side: Literal["left", "right"] | None
    why: UnknownReason
    matters_for: tuple[str, ...]
    note: str | None = None
    origin: str | None = None


class Unread(Node, frozen=True, kw_only=True):
    """Something in the record that was not used, and why."""

    origin: str
    reason: str
    detail: str


class SourceUsed(Node, frozen=True, kw_only=True):
    """A source that something in this document rests on."""

    id: str
    citation: str
    doi: str | None
    pmid: str | None
    url: str | None
    design: str
    reliability: str


class Assessment(Node, frozen=True, kw_only=True):
    """The document."""

    versions: Versions
    as_of: str
    patient: Patient
    urgency: Urgency
    risk: Risk
    hips: Hips
    next_tests: NextTests
    treatments: Treatments
    plan: Plan
    answers: tuple[Answered, ...]
    plain: PlainSummary
    prevention: tuple[PreventionAdvice, ...]
    unknown: tuple[Unknown, ...]
    unread: tuple[Unread, ...]
    warnings: tuple[str, ...]
    sources: tuple[SourceUsed, ...]
    safety_statement: str
    interpretation: tuple[Interpreted, ...] = ()
    scores: tuple[HipScore, ...] = ()
    screening: Screened | None = None


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the document."""
    schema = msgspec.json.schema(Assessment)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "precollapse assessment"
    return schema


def to_json(assessment: Assessment) -> bytes:
    """Encode the document: same document, same bytes."""
    return msgspec.json.format(msgspec.json.encode(assessment), indent=2) + b"\n"
