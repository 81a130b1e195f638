"""What ``evidence/models.yaml`` looks like: which rows go into which model, priors, and what is judgement."""

from __future__ import annotations

from typing import Literal

import msgspec


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """Base of every part: a field that is not known is refused."""


NormalPrior = tuple[float, float]


class Scale(_Part, frozen=True, kw_only=True):
    """How the size of a lesion enters: by category, or by a number around a centre."""

    categories: dict[str, str] = {}
    intercept: str | None = None
    slope: str | None = None
    centre: float = 0.0
    per: float = 1.0
    ends: tuple[float, float] = (0.0, 0.0)


class Covariate(_Part, frozen=True, kw_only=True):
    """A column of the table whose values count as numbers; any other value counts ``otherwise``."""

    column: str
    values: dict[str, float]
    otherwise: float = 0.0


class UnknownSize(_Part, frozen=True, kw_only=True):
    """How often each type occurs where nobody said which it is."""

    shares: dict[str, float]
    source: str
    note: str


class DerivedRow(_Part, frozen=True, kw_only=True):
    """A count worked out from several printed ones; ``note`` shows how."""

    study: str
    rows: tuple[str, ...]
    events: float
    at_risk: float
    years: float
    note: str


class Process(_Part, frozen=True, kw_only=True):
    """One event of the untreated course and the priors of its model, on the log scale.

    ``stage_groups`` are those whose rows are used. ``symptoms`` restricts the rows where it is given.
    ``rows`` names rows that are used although they were excluded for everybody else, with the reason in
    ``rows_note``; ``derived`` adds counts worked out from several rows.
    """

    name: str
    events: tuple[str, ...]
    stage_groups: tuple[str, ...]
    symptoms: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    rows_note: str | None = None
    derived: tuple[DerivedRow, ...] = ()
    sized: bool = True
    covariates: tuple[str, ...] = ()
    coefficients: dict[str, NormalPrior]
    courses: dict[str, NormalPrior]
    later: NormalPrior
    tau_scale: float


class NaturalHistory(_Part, frozen=True, kw_only=True):
    """The untreated course."""

    borders_years: tuple[float, float]
    untreated: tuple[str, ...]
    untreated_note: str
    tolerated: tuple[str, ...]
    tolerated_note: str
    still_followed: float
    still_followed_note: str
    group_sizes: dict[str, float]
    group_sizes_note: str
    unknown_size: UnknownSize
    scales: dict[str, Scale]
    scales_note: str
    covariates: dict[str, Covariate]
    covariates_note: str
    processes: dict[str, Process]
    priors_note: str


class JudgedSpread(_Part, frozen=True, kw_only=True):
    """How far an effect may be off beyond chance, as a standard deviation of its logarithm."""

    sd: float
    source: str
    note: str


class BiasRule(_Part, frozen=True, kw_only=True):
    """A property of a study that makes its comparison less trustworthy."""

    column: str
    values: tuple[str, ...]
    level: Literal["some concerns", "high"]
    says: str


class Reported(_Part, frozen=True, kw_only=True):
    """A contrast that was printed as a ratio instead of counts, with the p-value it was printed with."""

    study: str
    treatment: str
    versus: str
    figure: str
    p: float
    note: str


class Outcome(_Part, frozen=True, kw_only=True):
    """One outcome on which treatments are compared, from the table and from ratios printed without counts."""

    name: str
    event: str
    reported: tuple[Reported, ...] = ()


class CertaintyRules(_Part, frozen=True, kw_only=True):
    """When certainty is lowered, in the manner of GRADE, and how that is said."""

    levels: tuple[str, ...]
    randomised: str
    not_randomised: str
    source: str
    few_events: int
    appreciable: tuple[float, float]
    wide: float
    much_heterogeneity: float
    mostly_randomised: float
    inconsistent_below_p: float
    limits_note: str
    says: dict[str, str]


class Comparisons(_Part, frozen=True, kw_only=True):
    """How treatments are compared with each other.

    ``lumped`` maps treatments to the one they are counted as. ``classes`` joins treatments of one kind, only
    to estimate how far studies differ, because hardly any comparison was made twice; ``tau_prior`` is the
    half-normal prior of that.
    """

    reference: str
    lumped: dict[str, str]
    lumped_note: str
    classes: dict[str, str]
    classes_note: str
    tau_prior: JudgedSpread
    bias: dict[str, JudgedSpread]
    rules: tuple[BiasRule, ...]
    certainty: CertaintyRules
    outcomes: dict[str, Outcome]


class SeriesSettings(_Part, frozen=True, kw_only=True):
    """Treatments of which series without a comparison exist.

    ``groups`` maps each group of stages to those of the table whose rows it takes.
    """

    groups: dict[str, tuple[str, ...]]
    events: dict[str, tuple[str, ...]]
    bias: JudgedSpread
    lone_study: JudgedSpread
    note: str


class Published(_Part, frozen=True, kw_only=True):
    """A pooled effect somebody else printed, what of ours it compares with, and why the two differ.

    ``success`` marks a ratio of successes, which is turned into one of failures.
    """

    figure: str
    outcome: str
    treatments: tuple[str, ...]
    versus: tuple[str, ...]
    measure: Literal["risk ratio", "odds ratio"]
    success: bool = False
    why: str


class Settings(_Part, frozen=True, kw_only=True):
    """The whole file."""

    seed: int
    draws: int
    level: float
    natural_history: NaturalHistory
    comparisons: Comparisons
    series: SeriesSettings
    published: tuple[Published, ...] = ()
