"""What is said of a screening run as a whole: counts that may be hidden, groups of patients, steps, risks.

A count that must stay hidden is not in here at all, so no view can print it by mistake.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

NOT_RECORDED = "not recorded"
NOTHING = "nothing"
# From the most pressing to the least; what is not in here comes after them.
ACTIONS: Mapping[str, str] = {
    "mri_now": "MRI now",
    "radiograph_and_mri": "Radiograph and MRI",
    "repeat_mri": "Repeat MRI",
    "see_doctor": "See a doctor",
    NOTHING: "No action from this record",
}
ROUTINE = "routine"
URGENCIES: Mapping[str, str] = {
    "emergency": "Emergency",
    "urgent": "Urgent",
    "soon": "Soon",
    ROUTINE: "Routine",
}
MOST_CORRUPT = 100


@dataclass(frozen=True, slots=True)
class CorruptLine:
    """A line that could not be read: its file, its number from 1, and why (never what stands in it)."""

    file: str
    line: int
    why: str


@dataclass(frozen=True, slots=True)
class ReadCounts:
    """What a run read and what it did not.

    Attributes
    ----------
    files, bytes, lines
        What was read in this run.
    patients
        Patients that came of it; None where that is not known or not to be shown.
    corrupt, corrupt_total
        The first 100 lines that could not be read, and how many there are in all.
    unused
        Lines of resource types that have no bearing on the hips, by type.
    seconds
        How long the run took.
    files_unchanged
        Files skipped because they have not changed since an earlier run.
    """

    files: int
    bytes: int
    lines: int
    patients: int | None
    corrupt: tuple[CorruptLine, ...]
    corrupt_total: int
    unused: Mapping[str, int]
    seconds: float
    files_unchanged: int = 0

    def __post_init__(self) -> None:
        if len(self.corrupt) > MOST_CORRUPT or len(self.corrupt) > self.corrupt_total:
            raise ValueError(
                f"corrupt holds {len(self.corrupt)} lines: give at most {MOST_CORRUPT}"
                f" and no more than corrupt_total ({self.corrupt_total})"
            )

    @property
    def lines_per_second(self) -> float | None:
        """Return the rate, or None for a run too short to be measured."""
        return self.lines / self.seconds if self.seconds > 0 else None


@dataclass(frozen=True, slots=True)
class Count:
    """A number of patients, or the most that may be said of it.

    Attributes
    ----------
    value
        The number; None when it is hidden.
    below
        Of a small hidden number: it lies from 1 to ``below`` - 1. None of any other hidden number.
    """

    value: int | None
    below: int | None = None


HIDDEN = Count(None)


@dataclass(frozen=True, slots=True)
class Quartiles:
    """Risk of a group of patients: the middle one, and those a quarter and three quarters up (0 to 1)."""

    low: float
    median: float
    high: float


@dataclass(frozen=True, slots=True)
class Group:
    """Patients who have something in common.

    Attributes
    ----------
    id
        What the rows call it; None for those of whom it is not recorded.
    label
        What people call it.
    patients
        How many there are.
    flagged
        How many of them have an action other than "nothing".
    risk
        Their risk; None when nobody's is estimated or too few are.
    """

    id: str | None
    label: str
    patients: Count
    flagged: Count
    risk: Quartiles | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Groups that together are all patients; ``withheld`` when no part of it can be shown safely."""

    groups: tuple[Group, ...]
    withheld: bool = False

    def group(self, name: str | None) -> Group | None:
        """Return the group of this id, if there is one."""
        return next((one for one in self.groups if one.id == name), None)


@dataclass(frozen=True, slots=True)
class Bin:
    """Risks from ``low`` to below ``high``; both None where no risk is estimated."""

    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Risks:
    """How the risk today is spread: a histogram with a bin for each group, and quantiles (share, risk)."""

    bins: tuple[Bin, ...]
    histogram: Table
    quantiles: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One bar of the funnel: what it counts and how many patients; ``of_all`` is the first bar."""

    label: str
    patients: Count


@dataclass(frozen=True, slots=True)
class ScreeningSummary:
    """Everything the report and the terminal say of a run as a whole.

    Attributes
    ----------
    patients
        Rows, one a patient.
    flagged
        Patients with an action other than "nothing".
    first_as_of, last_as_of
        Earliest and latest day of assessment; None without rows.
    by_age_and_sex
        (age band, sex, group) for each pair there is; None with ``least_cell``, because it could be set
        against the tables by age and by sex.
    least_cell
        Counts from 1 to one less are hidden; None hides nothing.
    """

    patients: Count
    flagged: Count
    funnel: tuple[Step, ...]
    by_action: Table
    by_urgency: Table
    risks: Risks
    by_cause: Table
    by_specialty: Table
    by_sex: Table
    by_age: Table
    by_age_and_sex: tuple[tuple[str, str, Group], ...] | None
    read: ReadCounts
    least_cell: int | None
    first_as_of: date | None
    last_as_of: date | None
    software: str
    knowledge: str
    safety_statement: str
