"""Types of ``knowledge/forecast/``: where a forecast starts, what changes it, and which options it compares.

Numbers of the course itself are estimated from the study table (``evidence/``); here stands only which fact
of a patient means which part of it.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from precollapse.knowledge.model import Entry, Figure

State = Literal[
    "no lesion",
    "before collapse",
    "collapsed up to 2 mm",
    "collapsed beyond 2 mm",
    "arthritis",
    "replaced",
]
Effect = Literal["collapse", "replacement", "series", "revision", "none"]


class StartClass(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where a hip may stand: its state, the covariates that follow, how often it is met at diagnosis."""

    name: str
    state: State
    covariates: dict[str, float] = msgspec.field(default_factory=dict)
    share: Figure


class StageMeaning(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """Which start classes each grade of a staging system may be; systems are read in their order."""

    system: str
    grades: dict[str, tuple[str, ...]]
    note: str | None = None


class SizeMeaning(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """Which scale of the course a measurement belongs to.

    ``fact`` is a number; ``systems`` are gradings used where nobody measured it, with the number or the
    category each grade stands for.
    """

    scale: str
    name: str
    fact: str | None = None
    systems: dict[str, dict[str, Any]] = {}
    step: float = 1.0
    question: str
    note: str | None = None


class Narrowed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """A condition under which a hip without proof belongs to fewer start classes."""

    when: Any
    classes: tuple[str, ...]


class CovariateMeaning(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """When a covariate of the course holds, how each answer is told, and how often where nobody knows."""

    name: str
    says_if_true: str
    says_if_false: str
    says_if_unknown: str
    when: Any
    share_if_unknown: Figure


class Unused(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """What does not change a forecast though one may expect it to, why, and where that was read."""

    says: str
    source: str


class ForecastOption(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One option whose course is shown beside the course without it.

    ``treatment`` is its id in the study table. ``states`` are those it is considered in; whether it suits
    this patient is not judged here.
    """

    name: str
    treatment: str
    states: tuple[State, ...]
    says: str


class ForecastSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """How far and how finely a forecast looks, and for whom it is not made.

    Attributes
    ----------
    horizons_years
        At which times numbers are told.
    step_years, steps
        The curves behind them.
    draws
        How many of the fitted draws are used.
    worth_telling
        Probability of osteonecrosis below which a hip without proof of it gets no forecast of its own.
    ratio_of_replacement
        By how much the hazard of replacement differs in each state from that after collapse as a whole.
    unconfirmed, narrowed
        The start classes of a hip without proof of osteonecrosis, and what makes them fewer.
    not_for, not_for_says, not_for_plain
        Whose hips are not forecast, said to clinicians and to patients.
    """

    horizons_years: tuple[float, ...]
    step_years: float
    steps: int
    draws: int
    worth_telling: float
    worth_telling_note: str
    ratio_of_replacement: dict[str, Figure]
    stages: tuple[StageMeaning, ...]
    unconfirmed: tuple[str, ...]
    unconfirmed_note: str
    narrowed: tuple[Narrowed, ...] = ()
    sizes: tuple[SizeMeaning, ...]
    covariates: tuple[CovariateMeaning, ...]
    not_used: tuple[Unused, ...]
    not_for: Any
    not_for_says: str
    not_for_plain: str
