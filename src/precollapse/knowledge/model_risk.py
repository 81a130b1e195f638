"""The types of the knowledge about risk and cause: cohorts, effects, onset, attribution, prevention.

``docs/methods/risk.md`` says how they are put together.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from precollapse.knowledge.model import Entry, Figure, Grade, Level

DetectedBy = Literal["mri", "radiograph", "ct", "symptomatic", "coded"]


class Cause(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A cause of osteonecrosis: the facts that say it is present and the types it belongs to.

    ``present`` is a condition; ``bilateral_share`` the share of affected patients with both hips affected.
    ``local`` causes act on the hip they befell, the others on both. A ``sign`` tells of the disease but does
    not cause it (the other hip is affected); nobody is asked to rule it out, and it has no share.
    """

    name: str
    types: tuple[str, ...]
    present: Any
    local: bool = False
    sign: bool = False
    bilateral_share: Figure | None = None


class OnsetCurve(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How the cases that will come are spread over the years since the exposure began.

    ``points`` are (years, cumulative fraction), rising from 0 to 1, joined by straight lines.
    """

    points: tuple[tuple[float, float], ...]


class Cohort(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A group of patients whose osteonecrosis was counted: what a patient is anchored on.

    Of the cohorts of one cause that the patient belongs to, the one with the highest ``rank`` (the
    closest description) is taken. It gives either ``attack`` (the share that develops osteonecrosis,
    spread over time by ``onset`` counted from ``clock``, with ``late_rate`` per year afterwards) or
    ``prevalence`` today and ``rate`` per year for what is to come, or both.

    ``per`` says whether a hip or a patient was counted, ``detection`` how, ``site`` whether at the hip
    or at any bone. ``compared_with`` are figures of other studies that answer the same question; the
    spread between them widens the interval. ``exposed_years`` is how long the exposure usually has lasted
    when nobody wrote down since when; it turns a rate into today's share.
    """

    name: str
    cause: str
    when: Any
    rank: int
    per: Level
    detection: DetectedBy
    site: Literal["hip", "any"] = "hip"
    attack: Figure | None = None
    onset: str | None = None
    clock: str | None = None
    horizon_years: float | None = None
    late_rate: Figure | None = None
    prevalence: Figure | None = None
    rate: Figure | None = None
    exposed_years: Figure | None = None
    compared_with: tuple[Figure, ...] = ()


class DoseSlope(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """A ratio that holds per ``step`` of a number, counted from ``reference`` and kept within ``limits``."""

    fact: str
    step: float
    reference: float
    limits: tuple[float, float]


class Effect(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A sourced ratio that moves the odds of a patient within a cohort.

    ``cohorts`` and ``causes`` say where it may be applied; ``not_with`` names what takes its effect away
    because the source found that the two do not multiply. ``acts_on`` tells the lesion of today from the
    risk to come. ``slope`` makes it a dose response. An effect that is not ``independent`` (its source did
    not adjust for the others) never multiplies: of several such effects only the largest counts.
    """

    name: str
    when: Any
    measure: Literal["odds ratio", "hazard ratio", "rate ratio", "relative risk", "likelihood ratio"]
    ratio: Figure
    causes: tuple[str, ...] = ()
    cohorts: tuple[str, ...] = ()
    not_with: Any = None
    independent: bool = True
    acts_on: tuple[Literal["today", "future"], ...] = ("today", "future")
    asymptomatic_only: bool = False
    slope: DoseSlope | None = None


class Detection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """By how much the odds of a lesion on MRI exceed those of osteonecrosis found in another way."""

    mri: Figure
    radiograph: Figure
    ct: Figure
    symptomatic: Figure
    coded: Figure


class RiskSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """The few numbers and conditions of the method itself.

    ``established_when``, ``no_head_when`` and ``excluded_when`` say when a hip needs no estimate;
    ``excluded_since`` names the facts whose date tells when an MRI was clear.
    """

    horizons_years: tuple[float, ...]
    odds_of_mri: Detection
    hip_share: Figure
    bilateral_share: Figure
    combined_ratio_limit: Figure
    established_when: Any
    no_head_when: Any
    excluded_when: Any
    excluded_since: tuple[str, ...]


class Attribution(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A type of osteonecrosis and the rule by which it is named.

    ``when`` is the published rule; ``suspected`` a weaker condition under which the type is possible.
    ``work_up`` lists the facts that must be known before the type may be named at all.
    """

    name: str
    cause: str | None = None
    when: Any = None
    suspected: Any = None
    work_up: tuple[str, ...] = ()
    says: str
    grade: Grade


class DoseResponse(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a source says about the size of the dose, shown beside the patient's own dose."""

    fact: str
    figure: Figure
    says: str


class Prevention(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One piece of prevention for a person at risk, with its place by what that person can change."""

    name: str
    when: Any
    says: str
    changeable_by_patient: bool
    priority: int
    grade: Grade
