"""Types of the plan, of rehabilitation, of questions and their answers, and of the words for patients."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from precollapse.knowledge.model import Entry, Grade, Level

Area = Literal[
    "red flags",
    "activity",
    "weight bearing",
    "physiotherapy",
    "aids and home",
    "work",
    "weight",
    "alcohol and smoking",
    "medicines",
    "pain",
    "bone health",
    "diet",
    "coping",
    "imaging",
    "laboratory",
    "appointments",
]
Phase = Literal["protect", "strengthen", "return"]


class Exercise(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """One exercise: how it is done, how much, and when to stop."""

    name: str
    how: str
    dose: str
    stop_when: str


class PlanItem(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One thing to do, or to leave, for whom ``when`` holds.

    Attributes
    ----------
    says
        To the clinician, one or two sentences.
    plain
        To the patient, reading grade 8 or below, spoken as "you".
    unless
        What makes it unsuitable or unsafe; where that is not known, ``unless_says`` is told as "not if".
    favour, limit
        For food: what to eat more of and what less.
    phase, exercises
        For physiotherapy.
    at_months, every_months, until_months
        When; these become dates.
    count_from
        Facts from whose date months are counted, such as an operation, the first whose date is known;
        without one, from the assessment.
    who
        Who acts.
    priority
        Lower comes first within its area.
    treatment
        The treatment it belongs to: shown only where that one is offered or worth discussing.
    """

    name: str
    area: Area
    per: Level = "patient"
    when: Any
    unless: Any = None
    unless_says: str | None = None
    says: str
    plain: str
    goal: str | None = None
    dose: str | None = None
    stop_when: str | None = None
    favour: tuple[str, ...] = ()
    limit: tuple[str, ...] = ()
    phase: Phase | None = None
    exercises: tuple[Exercise, ...] = ()
    at_months: tuple[float, ...] = ()
    every_months: float | None = None
    until_months: float | None = None
    count_from: tuple[str, ...] = ()
    who: Literal["patient", "clinician", "both"] = "both"
    priority: int
    treatment: str | None = None
    grade: Grade


class RehabilitationPhase(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """Some weeks after an operation; ``plain`` lines are for the patient."""

    from_week: float
    to_week: float | None
    goal: str
    weight_bearing: str
    do: tuple[str, ...]
    avoid: tuple[str, ...] = ()
    plain: tuple[str, ...]
    stop_when: str
    sources: tuple[str, ...] = ()
    note: str | None = None


class Rehabilitation(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Week by week after an operation.

    ``operation`` is the treatment; ``done`` the fact that dates it: weeks become dates where its date is
    known. It is shown where that was done lately, and where the operation is offered or worth discussing.
    """

    name: str
    operation: str
    done: str
    phases: tuple[RehabilitationPhase, ...]
    grade: Grade


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """A part of an answer, told to those of whom ``when`` holds.

    ``says`` may hold values of the patient's own assessment in braces, such as ``{collapse_2_years_of_100}``
    (see ``precollapse.assessment.own_values``); where a value is not known the part is left out.
    """

    when: Any
    says: str
    sources: tuple[str, ...] = ()
    note: str | None = None


class Question(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A question patients ask, other ways to ask it, and its answer in parts, all that hold are told."""

    question: str
    also: tuple[str, ...] = ()
    answers: tuple[Answer, ...]
    grade: Grade


class Term(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A word of the field in plain words; ``also`` are other forms by which it is found in a text."""

    term: str
    also: tuple[str, ...] = ()
    says: str


class PlainWords(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a finding of the engine is called to the patient; see ``findable.py`` for the findings."""

    finding: str
    value: str
    says: str
