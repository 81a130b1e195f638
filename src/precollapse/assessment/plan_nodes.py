"""Parts of the document that say what to do from tomorrow: lines, exercises, weeks, appointments."""

from __future__ import annotations

from typing import Literal

from precollapse.assessment.nodes import FactReference, Node
from precollapse.knowledge.model_plan import Area


class ExerciseShown(Node, frozen=True, kw_only=True):
    """One exercise."""

    name: str
    how: str
    dose: str
    stop_when: str


class PlanLine(Node, frozen=True, kw_only=True):
    """One thing to do or to leave.

    ``not_if`` names what would make it unsuitable where that is not known.
    """

    id: str
    name: str
    area: Area
    side: Literal["left", "right", "both"] | None
    says: str
    plain: str
    goal: str | None = None
    dose: str | None = None
    stop_when: str | None = None
    not_if: str | None = None
    favour: tuple[str, ...] = ()
    limit: tuple[str, ...] = ()
    phase: str | None = None
    exercises: tuple[ExerciseShown, ...] = ()
    dates: tuple[str, ...] = ()
    every_months: float | None = None
    who: str
    facts: tuple[FactReference, ...]
    grade: str
    sources: tuple[str, ...]


class Withheld(Node, frozen=True, kw_only=True):
    """A line of the plan left out because something speaks against it in this patient."""

    id: str
    name: str
    because: str
    facts: tuple[FactReference, ...]
    sources: tuple[str, ...]


class RehabilitationWeeks(Node, frozen=True, kw_only=True):
    """Some weeks after an operation, with dates where the day of the operation is known."""

    from_week: float
    to_week: float | None
    from_date: str | None
    to_date: str | None
    goal: str
    weight_bearing: str
    do: tuple[str, ...]
    avoid: tuple[str, ...]
    plain: tuple[str, ...]
    stop_when: str
    sources: tuple[str, ...]


class RehabilitationShown(Node, frozen=True, kw_only=True):
    """Week by week after an operation that was done, or that is an option."""

    id: str
    name: str
    side: Literal["left", "right", "unspecified"] | None
    done: bool
    phases: tuple[RehabilitationWeeks, ...]
    grade: str
    sources: tuple[str, ...]


class Appointment(Node, frozen=True, kw_only=True):
    """A day on which something is due, and why; ``line`` is the part of the document it comes from."""

    date: str
    what: str
    why: str
    line: str


class Plan(Node, frozen=True, kw_only=True):
    """What to do from tomorrow."""

    lines: tuple[PlanLine, ...]
    withheld: tuple[Withheld, ...]
    rehabilitation: tuple[RehabilitationShown, ...]
    appointments: tuple[Appointment, ...]
