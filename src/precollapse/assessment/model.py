"""The assessment: one typed document per patient, every line with its reasons and sources.

This is what all views show and what the published JSON Schema describes. Later parts of the product add
fields to ``hips`` and to the top; none is renamed.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

UrgencyName = Literal["emergency", "urgent", "soon", "routine"]
UnknownReason = Literal[
    "not asked", "asked, not known", "stale", "unreadable", "conflicting", "provisional", "side not said"
]


class Node(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Base of every part of the document."""


class Versions(Node, frozen=True, kw_only=True):
    """What produced the document: same input, same versions, same date give the same bytes."""

    software: str
    knowledge: str
    assessment_schema: str


class FactReference(Node, frozen=True, kw_only=True):
    """One fact as it was used: its value, or why it is unknown, and where it came from."""

    concept: str
    name: str
    value: bool | float | str | None
    low: float | None = None
    high: float | None = None
    unit: str | None = None
    side: Literal["left", "right"] | None = None
    date: str | None = None
    origin: str | None = None
    why_unknown: UnknownReason | None = None
    note: str | None = None


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


class Interval(Node, frozen=True, kw_only=True):
    """Bounds of a probability."""

    low: float
    high: float


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


class FigureUsed(Node, frozen=True, kw_only=True):
    """A published number that went into a result."""

    value: float
    interval: Interval | None
    unit: str
    population: str
    source: str
    where: str
    grade: str
    note: str | None = None


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


class DecidingFact(Node, frozen=True, kw_only=True):
    """An unknown fact whose answer would decide between grades."""

    concept: str
    question: str
    why_unknown: UnknownReason


class BorderDistance(Node, frozen=True, kw_only=True):
    """How far a measured value lies from a border between two grades; negative is below it."""

    fact: FactReference
    border: float
    unit: str
    distance: float
    below: str
    above: str


class SystemStage(Node, frozen=True, kw_only=True):
    """What one staging system says of a hip.

    ``possible`` holds the grades that are proven or still possible, lowest first; one alone is proven when
    ``state`` is "staged". ``decided_by`` are the facts whose answer would narrow them, ``could_change``
    those of an examination that was not made and that a proven grade does not ask for.
    """

    id: str
    name: str
    kind: Literal["diagnosis", "stage", "size", "type", "location", "recorded"]
    state: Literal[
        "not applicable", "nothing known", "as reported", "possible", "staged", "none fits", "contradiction"
    ]
    says: str
    possible: tuple[str, ...]
    facts: tuple[FactReference, ...]
    decided_by: tuple[DecidingFact, ...]
    could_change: tuple[DecidingFact, ...]
    borders: tuple[BorderDistance, ...]
    reported: FactReference | None
    disagrees: bool
    reliability: tuple[FigureUsed, ...]
    grade: str
    note: str | None
    sources: tuple[str, ...]


class ContradictionSide(Node, frozen=True, kw_only=True):
    """One of two findings that cannot both be true, with the facts it rests on."""

    says: str
    facts: tuple[FactReference, ...]


class ContradictionFound(Node, frozen=True, kw_only=True):
    """Two findings of a hip that cannot both be true at one time; neither is used."""

    id: str
    name: str
    sides: tuple[ContradictionSide, ...]
    grade: str
    sources: tuple[str, ...]


class Staging(Node, frozen=True, kw_only=True):
    """Every staging system side by side for one hip, and what contradicts itself."""

    applicable: bool
    says: str | None
    systems: tuple[SystemStage, ...]
    contradictions: tuple[ContradictionFound, ...]


class Hip(Node, frozen=True, kw_only=True):
    """Everything about one hip."""

    risk: HipRisk
    types: tuple[TypeFound, ...]
    staging: Staging
    findings: tuple[FactReference, ...]


class Hips(Node, frozen=True, kw_only=True):
    """Both hips."""

    left: Hip
    right: Hip


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
    prevention: tuple[PreventionAdvice, ...]
    unknown: tuple[Unknown, ...]
    unread: tuple[Unread, ...]
    warnings: tuple[str, ...]
    sources: tuple[SourceUsed, ...]
    safety_statement: str


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the document."""
    schema = msgspec.json.schema(Assessment)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "precollapse assessment"
    return schema


def to_json(assessment: Assessment) -> bytes:
    """Encode the document: same document, same bytes."""
    return msgspec.json.format(msgspec.json.encode(assessment), indent=2) + b"\n"
