"""Says what a screening run found: by action, urgency, cause, specialty, sex and age, and how risks spread.

Counting is done in summary_cells, and which counts to hide is decided in small_cells; here they meet.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

import polars as pl

from precollapse.errors import PrecollapseError
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.load import load
from precollapse.screen.small_cells import hidden_groups, hidden_splits, shown, small
from precollapse.screen.summary_cells import (
    OTHERS,
    Cell,
    causes_of,
    named,
    people_of,
    quantile,
    queries,
    risks_of,
    specialties_of,
)
from precollapse.screen.summary_model import (
    ACTIONS,
    HIDDEN,
    NOTHING,
    ROUTINE,
    URGENCIES,
    Bin,
    Count,
    Group,
    Quartiles,
    ReadCounts,
    Risks,
    ScreeningSummary,
    Step,
    Table,
)
from precollapse.version import __version__

NEEDED = (
    "action",
    "urgency",
    "risk",
    "cause",
    "cause_name",
    "prescriber_specialty",
    "sex",
    "age_years",
    "as_of",
)
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


def summarise(
    rows: pl.LazyFrame,
    *,
    read: ReadCounts,
    least_cell: int | None,
    hip_pain: pl.Expr | None = None,
    knowledge: Knowledge | None = None,
) -> ScreeningSummary:
    """Return the summary of a screening run.

    Parameters
    ----------
    rows
        One row a patient, as the run writes them; read by streaming.
    read
        What was read; with ``least_cell`` its number of patients may be kept back.
    least_cell
        Counts of patients from 1 to one less are hidden, and others that would give them away; None hides
        nothing.
    hip_pain
        A truth value that says who has hip pain, null where unknown. Without it the funnel counts those of an
        urgency above routine only, and says so.
    knowledge
        Where the safety statement and the version come from; by default the installed knowledge.

    Raises
    ------
    PrecollapseError
        When a column is missing, or ``least_cell`` is below 2 and would hide nothing.
    """
    _check(rows, least_cell)
    frames = pl.collect_all(queries(rows, hip_pain), engine="streaming")
    causes, answers, people, specialties, days = frames
    known = knowledge or load()
    counted = _Counted(answers, least_cell)
    risks = risks_of(causes)
    sexes, ages, pairs = people_of(people)
    by_cause = counted.table(causes_of(causes), largest_first=True)
    histogram = counted.table([dataclasses.replace(cell, risks=()) for _, cell in risks])
    first, last = days.row(0)
    return ScreeningSummary(
        patients=counted.patients,
        flagged=counted.flagged,
        funnel=_funnel(counted, histogram, by_cause, read, answers, pain_known=hip_pain is not None),
        by_action=counted.by_action,
        by_urgency=counted.by_urgency,
        risks=Risks(
            () if histogram.withheld else tuple(one for one, _ in risks),
            histogram,
            _quantiles(risks, least_cell),
        ),
        by_cause=by_cause,
        by_specialty=counted.table(specialties_of(specialties), largest_first=True),
        by_sex=counted.table(sexes),
        by_age=counted.table(ages),
        by_age_and_sex=None if least_cell is not None else tuple(_pairs(pairs)),
        read=_read(read, counted),
        least_cell=least_cell,
        first_as_of=first,
        last_as_of=last,
        software=__version__,
        knowledge=known.version,
        safety_statement=known.safety_statement.text,
    )


def _check(rows: pl.LazyFrame, least_cell: int | None) -> None:
    missing = [name for name in NEEDED if name not in rows.collect_schema().names()]
    if missing:
        raise PrecollapseError(
            f"result of the screening: columns {', '.join(missing)} are missing; screen the records again"
        )
    if least_cell is not None and least_cell < 2:
        raise PrecollapseError(f"least cell {least_cell}: hides nothing; give 2 or more, or leave it out")


class _Counted:
    """The totals that all tables share, and tables in which small counts are hidden."""

    def __init__(self, answers: pl.DataFrame, least_cell: int | None) -> None:
        self.least_cell = least_cell
        self.total = int(answers["patients"].sum())
        self.patients = shown(self.total, least_cell)
        actions = named(answers, "action", ACTIONS)
        # With "nothing" all those with an action would have to be hidden, so it goes last.
        spare = [place for place, one in enumerate(actions) if one.id == NOTHING]
        hidden = (
            None if self.patients.value is None else hidden_groups(_sizes(actions), least_cell, spare=spare)
        )
        unflagged = {place for place, one in enumerate(actions) if one.id in {NOTHING, None}}
        flagged = sum(one.flagged for one in actions)
        self.flagged = shown(flagged, least_cell, hide=hidden is None or bool(hidden & unflagged))
        self.by_action = self._table(actions, hidden)
        self.by_urgency = self.table(named(answers, "urgency", URGENCIES))

    def table(self, cells: Sequence[Cell], *, largest_first: bool = False) -> Table:
        """Return a table whose groups together are all patients."""
        hidden = None if self.patients.value is None else hidden_groups(_sizes(cells), self.least_cell)
        table = self._table(cells, hidden)
        if not largest_first:
            return table
        # The place of a hidden count among others would say how large it is.
        return Table(tuple(sorted(table.groups, key=_by_size)), table.withheld)

    def _table(self, cells: Sequence[Cell], hidden: set[int] | None) -> Table:
        if hidden is None:
            return Table((), withheld=True)
        split = None
        if self.flagged.value is not None:
            split = hidden_splits([one.flagged for one in cells], _sizes(cells), hidden, self.least_cell)
        groups = []
        for place, one in enumerate(cells):
            hide = place in hidden
            patients = shown(one.patients, self.least_cell, hide=hide)
            # A group that is not to be counted is described by nothing else either.
            flagged = HIDDEN
            if not hide and split is not None:
                flagged = shown(one.flagged, self.least_cell, hide=place in split)
            groups.append(Group(one.id, one.label, patients, flagged, None if hide else self._risk(one)))
        return Table(tuple(groups))

    def _risk(self, cell: Cell) -> Quartiles | None:
        number = sum(patients for _, patients in cell.risks)
        if not number or small(number, self.least_cell):
            return None
        return Quartiles(*(quantile(cell.risks, share) for share in (0.25, 0.5, 0.75)))


def _sizes(cells: Sequence[Cell]) -> list[int]:
    return [one.patients for one in cells]


def _by_size(group: Group) -> tuple[bool, bool, bool, int, str]:
    number = group.patients.value
    return group.id is None, group.id == OTHERS, number is None, -(number or 0), group.label


def _pairs(cells: Iterable[Cell]) -> Iterable[tuple[str, str, Group]]:
    for one in cells:
        age, _, sex = str(one.id).partition("\t")
        yield age, sex, Group(one.id, sex, Count(one.patients), Count(one.flagged))


def _quantiles(risks: Sequence[tuple[Bin, Cell]], least_cell: int | None) -> tuple[tuple[float, float], ...]:
    """Return the quantiles that enough patients lie beyond on either side."""
    known = [pair for bin_, cell in risks if bin_.low is not None for pair in cell.risks]
    number = sum(patients for _, patients in known)
    least = least_cell or 1
    shares = [share for share in QUANTILES if number * min(share, 1 - share) >= least] if known else []
    if known and 0.5 not in shares and least_cell is None:
        shares = [0.5]
    return tuple((share, quantile(known, share)) for share in shares)


def _funnel(
    counted: _Counted,
    histogram: Table,
    by_cause: Table,
    read: ReadCounts,
    answers: pl.DataFrame,
    *,
    pain_known: bool,
) -> tuple[Step, ...]:
    """Return the steps; a count that follows from a hidden one is hidden as well."""
    steps = [Step("Patients in this result", counted.patients)]
    if read.patients is not None and read.patients > counted.total:
        steps.insert(0, Step("Patients read", _read_count(read.patients, counted)))
    steps.append(Step("Assessable: a risk could be estimated", _without(counted, histogram)))
    steps.append(Step("With a cause", _without(counted, by_cause)))
    label = "With hip pain or an urgency above routine" if pain_known else "With an urgency above routine"
    steps.append(Step(label, _pressing(counted, answers)))
    steps.append(Step("With an action", counted.flagged))
    return tuple(steps)


def _without(counted: _Counted, table: Table) -> Count:
    """Return all patients but those of whom the table's subject is not recorded."""
    unknown = table.group(None)
    if counted.patients.value is None or table.withheld:
        return HIDDEN
    if unknown is None:
        return counted.patients
    if unknown.patients.value is None:
        return HIDDEN
    return shown(counted.patients.value - unknown.patients.value, counted.least_cell)


def _pressing(counted: _Counted, answers: pl.DataFrame) -> Count:
    """Count those with hip pain or more than routine urgency, unless that gives a hidden count away."""
    above = (pl.col("urgency") != ROUTINE).fill_null(False)
    flagged = int(answers["flagged"].sum())
    urgent = int(answers.filter(above)["patients"].sum())
    either = int(answers.filter(above | pl.col("pain"))["patients"].sum())
    quiet = [one for one in counted.by_urgency.groups if one.id in {ROUTINE, None}]
    hide = counted.by_urgency.withheld or any(one.patients.value is None for one in quiet)
    # Mostly the same patients have an action, so that the difference to them is as telling as a cell.
    differences = (counted.total - either, either - urgent, abs(either - flagged))
    return shown(
        either, counted.least_cell, hide=hide or any(small(one, counted.least_cell) for one in differences)
    )


def _read_count(patients: int, counted: _Counted) -> Count:
    lost = abs(patients - counted.total)
    return shown(patients, counted.least_cell, hide=small(lost, counted.least_cell))


def _read(read: ReadCounts, counted: _Counted) -> ReadCounts:
    if read.patients is None or _read_count(read.patients, counted).value is not None:
        return read
    return dataclasses.replace(read, patients=None)
