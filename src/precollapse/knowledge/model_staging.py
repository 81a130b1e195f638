"""What an entry about staging looks like: systems with their grades, readings, contradictions.

Nothing clinical is said here. Which findings make a grade, where the borders lie and which two findings
cannot both be true stands in ``knowledge/staging/``.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from precollapse.knowledge.model import Entry, Figure, Grade

SystemKind = Literal["diagnosis", "stage", "size", "type", "location", "recorded", "not computed"]


class StageGrade(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """One grade of a system: its criteria, and what is said when they hold.

    ``never_from`` names beginnings of concept ids (``mri_``) on which the grade may not rest, directly or
    by anything they imply; the check of the knowledge refuses criteria that could.
    """

    id: str
    name: str
    says: str
    when: Any
    never_from: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    grade: Grade
    note: str | None = None


class Border(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """A number at which one grade ends and the next begins, in the unit of the concept."""

    fact: str
    at: float
    unit: str
    below: str
    above: str


class Reported(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """The concept in which a reader's own grade is recorded, and the grades each of its choices may mean."""

    fact: str
    means: dict[str, tuple[str, ...]] = {}


class StagingSystem(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A system by which a hip is staged, sized or typed.

    Of its ``grades``, from lowest to highest, the highest whose criteria hold is taken. ``always`` marks a
    system that is asked of every hip and not only of those with osteonecrosis. ``barred_when`` is a
    condition under which the system says nothing, for the reason in ``barred_says``. ``recorded`` systems
    are only shown as a reader stated them; those ``not computed`` are named with the reason in ``note``.
    """

    name: str
    kind: SystemKind
    always: bool = False
    barred_when: Any = None
    barred_says: str | None = None
    grades: tuple[StageGrade, ...] = ()
    borders: tuple[Border, ...] = ()
    reported: Reported | None = None
    reliability: tuple[Figure, ...] = ()
    grade: Grade


class Side(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """One side of a contradiction: when it holds and what it says."""

    says: str
    when: Any


class Contradiction(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Two findings that cannot both be true of a hip at one time.

    Where the ``weaker`` side is surely older than the ``stronger`` one, the hip has changed and the weaker
    side no longer counts; otherwise neither is believed and both are named.
    """

    name: str
    weaker: Side
    stronger: Side
    grade: Grade


class Reading(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """What one finding says of others of which nobody wrote anything.

    Under ``when`` the facts of ``absent`` are read as absent, those of ``shown`` as present and the
    numbers of ``zero`` as zero, where they are unknown. ``unless`` in place of ``when`` is for examinations
    that a system asks for only if they were made: it reads the facts as absent while the condition is not
    known to hold.
    """

    when: Any = None
    unless: Any = None
    absent: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    zero: tuple[str, ...] = ()
    note: str


class Bar(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """A reason for which no system is applied to a hip, and what is said when it is not known."""

    when: Any
    says: str
    if_unknown: str | None = None


class StagingSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """To which hips the systems apply, how findings are read, and what counts as the same time."""

    applies_when: Any
    not_shown_says: str
    bars: tuple[Bar, ...]
    readings: tuple[Reading, ...]
    same_time_days: int
    note: str
