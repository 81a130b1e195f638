"""Types of ``knowledge/treatments/``: what can be done, argued for and against; one file a treatment.

A treatment is never decreed. It carries conditions under which something speaks for it (``offers``) and
conditions under which something speaks against it (``against``); the engine weighs both for one hip and
says which facts decided. An unknown answer is asked for and never taken as safe.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from precollapse.knowledge.model import Entry, Figure, Grade, Level

Kind = Literal["non-drug", "drug", "supplement", "regenerative", "operation", "combination"]
Standing = Literal["offered", "worth discussing", "trials only"]
Effect = Literal["avoid", "caution", "dose", "timing"]
About = Literal[
    "age", "allergy", "condition", "hip", "intake", "laboratory", "duplicate", "medicine", "pregnancy",
    "procedure",
]  # fmt: skip
Goal = Literal["keep_own_hip", "back_to_work", "avoid_surgery", "avoid_pain"]
Stance = Literal["for", "against", "conditional", "no position"]
Licence = Literal["licensed", "off-label", "not a medicine", "trials only"]


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """Base of the parts of a treatment."""


class Offer(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What speaks for a treatment.

    ``what`` completes "only if …" where nobody knows whether ``when`` holds; ``says`` is the argument.
    """

    what: str
    when: Any
    standing: Standing
    says: str
    grade: Grade
    sources: tuple[str, ...] = ()
    note: str | None = None


class Against(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What speaks against a treatment, or changes how it is given.

    ``what`` is a noun phrase ("severe kidney impairment") for the list of what must be ruled out first.
    ``avoid`` forbids; ``caution`` makes it a matter for discussion; ``dose`` and ``timing`` change how it is
    given. ``unless`` lifts it. An unknown ``avoid`` is asked for before the treatment, unless ``ask`` is
    false: then ``note`` says why the answer may wait.
    """

    what: str
    about: About
    when: Any
    unless: Any = None
    effect: Effect
    says: str
    plain: str | None = None
    ask: bool = True
    grade: Grade = "high"
    sources: tuple[str, ...] = ()
    note: str | None = None


class Dosing(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A regimen as a label, guideline or trial prints it: for orientation, never an order."""

    use: str
    says: str
    status: Literal["label", "guideline", "off-label", "trial"]
    source: str
    when: Any = None


class Prescription(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a treatment without medicine is done."""

    what: str
    how_often: str
    how_long: str
    stop_when: str
    sources: tuple[str, ...] = ()
    note: str | None = None


class Monitoring(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is checked, and when after the start: at these months, or every so many months."""

    what: str
    says: str
    before: bool = False
    at_months: tuple[float, ...] = ()
    every_months: float | None = None
    when: Any = None
    sources: tuple[str, ...] = ()
    note: str | None = None


class Position(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a guideline or a body says of it; bodies that disagree are shown as disagreeing."""

    body: str
    stance: Stance
    says: str
    source: str


class EvidenceOf(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How well it is shown to change osteonecrosis of the hip, or to help as it claims."""

    grade: Grade
    says: str
    sources: tuple[str, ...] = ()


class Complication(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A harm worth knowing before deciding, with how often it happens where that was read."""

    says: str
    figure: Figure | None = None
    source: str


class Recovery(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How many weeks until the usual daily life; ``note`` says what is judged."""

    weeks_low: float
    weeks_high: float
    says: str
    sources: tuple[str, ...] = ()
    note: str | None = None


class Treatment(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One treatment.

    Attributes
    ----------
    name, plain_name, plain
        Its name for clinicians, and its name and one or two sentences for the patient.
    goal, says
        What it is for and what it is.
    per
        Whether it is decided for a hip or for the patient as a whole.
    considered_when
        Of whom anybody would think of it. Where this is not known to hold the treatment is not mentioned:
        no warning about what nobody would consider.
    taken_when
        The patient already has it.
    combines
        Treatments given together: what forbids one of them forbids the combination.
    forecast_option
        The option of the forecast that shows its course.
    serves
        How far it serves each goal of a patient, from -2 (against it) to 2; judgement.
    """

    name: str
    plain_name: str
    kind: Kind
    per: Level
    goal: str
    says: str
    plain: str
    licence: Licence
    licence_says: str
    considered_when: Any
    taken_when: Any = None
    offers: tuple[Offer, ...]
    against: tuple[Against, ...] = ()
    combines: tuple[str, ...] = ()
    dosing: tuple[Dosing, ...] = ()
    prescription: Prescription | None = None
    monitoring: tuple[Monitoring, ...] = ()
    evidence: EvidenceOf
    guidelines: tuple[Position, ...] = ()
    forecast_option: str | None = None
    complications: tuple[Complication, ...] = ()
    recovery: Recovery | None = None
    serves: dict[Goal, int]


class GoalOf(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A goal a patient can have, and the fact that states it."""

    goal: Goal
    name: str
    when: Any
