"""The types of the study table: treatments, studies, arms, survival points and published figures.

Nothing is computed here. A file that does not fit these types does not load, and the message names the
file, the row and the field. What the columns mean for a reader stands in ``evidence/README.md``.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Seen = Literal["full text", "abstract", "excerpt", "table", "secondary"]
Reliability = Literal["high", "medium", "low"]
TreatmentKind = Literal[
    "observation",
    "drug",
    "physical",
    "cells",
    "joint-preserving operation",
    "replacement",
    "prevention",
    "mixed",
]
Design = Literal[
    "randomised trial",
    "quasi-randomised trial",
    "prospective comparison",
    "retrospective comparison",
    "matched cohort",
    "prospective cohort",
    "retrospective cohort",
    "cohort",
    "registry cohort",
    "claims cohort",
    "case-control",
    "case series",
    "cross-section",
    "systematic review",
    "meta-analysis",
    "economic model",
    "review",
]
Allocation = Literal[
    "random",
    "side-to-side random",
    "alternate",
    "by lesion size",
    "historical control",
    "matched",
    "not allocated",
    "single arm",
    "not applicable",
]
Report = Literal["article", "conference abstract", "preprint", "web page"]
Bibliography = Literal["printed", "looked up", "remembered", "not found"]
Blinding = Literal["double", "single", "open", "unknown"]

Role = Literal["arm", "stratum", "pooled review row", "reference population"]
StageGroup = Literal["before collapse", "collapsed", "mixed", "end stage", "no lesion", "not stated"]
Symptoms = Literal["symptomatic", "asymptomatic", "mixed", "unknown"]
SizeSystem = Literal[
    "jic",
    "modified-kerboul-angle",
    "head-volume-percent",
    "head-area-percent",
    "necrotic-angle-sum",
    "steinberg-letter",
    "preserved-angle",
    "weight-bearing-share",
    "words",
    "none",
]
Cause = Literal[
    "mixed",
    "nontraumatic",
    "corticosteroid",
    "corticosteroid-autoimmune",
    "corticosteroid-sars",
    "corticosteroid-transplant",
    "no-corticosteroid",
    "lupus",
    "sickle-cell",
    "alcohol",
    "idiopathic",
    "thrombophilia",
    "osteoarthritis",
]
Unit = Literal["hips", "patients", "joints"]
CountFrom = Literal["printed", "percentage", "subtraction", "back-calculated"]
Event = Literal[
    "collapse",
    "progression",
    "replacement",
    "revision",
    "surgery",
    "pain",
    "no-improvement",
    "poor-function",
    "clinical-failure",
    "osteonecrosis",
    "symptomatic-osteonecrosis",
    "secondary-arthritis",
    "dislocation",
    "lesion-reduction",
]
FollowUpKind = Literal["mean", "median", "fixed", "minimum", "maximum", "range middle", "unknown"]
Exclusion = Literal[
    "pooled review row",
    "same hips",
    "events not seen",
    "number not seen",
    "follow-up not seen",
    "unit is patients",
    "unit is joints of hips and knees",
    "unit unclear",
    "historical controls from the literature",
    "selected survivors",
    "defined after baseline",
    "cut-off from the same data",
    "endpoint unclear",
    "part of an endpoint",
    "implausible",
    "not osteonecrosis",
    "not only osteonecrosis",
    "lesion unproven",
    "treatment not stated",
    "arms not split",
    "no controlled comparison",
    "good event",
    "outdated implant",
    "publication not identified",
]
SurvivalKind = Literal["kaplan-meier", "crude"]

FigureKind = Literal[
    "hazard ratio",
    "odds ratio",
    "risk ratio",
    "risk difference",
    "mean difference",
    "standardised mean difference",
    "proportion",
    "count",
    "mean",
    "time",
    "utility",
    "area under the curve",
    "rank",
    "cut-off",
    "yes or no",
    "words",
    "other",
]
FigureUse = Literal["modifier", "published pooled effect", "complication", "utility", "time", "other"]


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """Common ground of all rows: unknown fields are refused."""


class Treatment(_Row, frozen=True, kw_only=True):
    """One controlled intervention. ``name`` is for readers, ``short`` for the axis of a plot.

    ``pathway`` holds the items of ``knowledge/pathway.yaml`` that it serves.
    """

    id: str
    name: str
    short: str
    kind: TreatmentKind
    description: str
    pathway: tuple[str, ...] = ()


class Study(_Row, frozen=True, kw_only=True):
    """One publication. ``cohort`` is shared by publications about (partly) the same hips.

    ``follow_up_complete`` is the share (0 to 1) of those who entered that was still followed.
    ``bibliography`` says where title, authors and year come from; titles may be missing.
    """

    id: str
    title: str | None = None
    authors: str | None = None
    year: int | None = None
    journal: str | None = None
    doi: str | None = None
    pmid: str | None = None
    url: str | None = None
    design: Design
    allocation: Allocation
    blinding: Blinding = "unknown"
    report: Report = "article"
    seen: Seen
    bibliography: Bibliography
    reliability: Reliability
    checked: str
    cohort: str | None = None
    follow_up_complete: float | None = None
    note: str | None = None


class Arm(_Row, frozen=True, kw_only=True):
    """One arm and one event: ``events`` of ``n`` units in ``follow_up_years`` years.

    ``size_low`` and ``size_high`` are in degrees (angles) or percent (shares). ``exclude_pooling`` holds
    why the row must not enter a comparison of treatments, ``exclude_forecast`` why it must not calibrate
    a course in time; both are empty for a usable row.
    """

    id: str
    study: str
    arm: str
    treatment: str
    role: Role
    stage_system: str | None = None
    stage: str | None = None
    stage_group: StageGroup
    symptoms: Symptoms
    size_system: SizeSystem
    size: str | None = None
    size_low: float | None = None
    size_high: float | None = None
    size_category: str | None = None
    cause: Cause
    cause_as_printed: str | None = None
    unit: Unit
    n: int | None = None
    n_from: CountFrom | None = None
    events: int | None = None
    events_from: CountFrom | None = None
    event: Event
    good_event: bool = False
    follow_up_years: float | None = None
    follow_up_kind: FollowUpKind
    seen: Seen
    overlaps: tuple[str, ...] = ()
    exclude_pooling: tuple[Exclusion, ...] = ()
    exclude_forecast: tuple[Exclusion, ...] = ()
    note: str | None = None


class SurvivalPoint(_Row, frozen=True, kw_only=True):
    """Share still free of the event of arm row ``row`` after ``years``; ``n`` units at the start.

    ``low`` and ``high`` are the printed 95 % limits.
    """

    row: str
    years: float
    survival: float
    low: float | None = None
    high: float | None = None
    kind: SurvivalKind
    n: int | None = None


class Figure(_Row, frozen=True, kw_only=True):
    """One published number that is no arm row: an effect, a complication, a utility, a time.

    ``interval`` is 95 % unless ``note`` says otherwise; ``p`` is kept as printed.
    """

    id: str
    source: str
    kind: FigureKind
    use: FigureUse
    quantity: str
    population: str | None = None
    stratum: dict[str, str | float | int | bool] | None = None
    treatment: str | None = None
    treatment_as_printed: str | None = None
    comparator: str | None = None
    comparator_as_printed: str | None = None
    horizon_years: float | None = None
    value: float | None = None
    unit: str
    interval: tuple[float, float] | None = None
    events: int | None = None
    n: int | None = None
    p: str | None = None
    seen: Seen
    note: str | None = None
