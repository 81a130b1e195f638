"""From what was recorded to one answer per concept and hip: the latest, or ever, or the extreme.

Several statements about one thing become one fact, or an unknown with its reason. Nothing clinical is
decided here: how a concept resolves and how long an answer stays valid stands in the knowledge.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from precollapse.facts.rows import (
    CHOICE,
    EVER,
    HIPS,
    LATEST,
    MAXIMUM,
    MINIMUM,
    NO,
    NUMBER,
    OF_PATIENT,
    UNKNOWN,
    YES,
    YES_NO,
    Columns,
    ConceptColumns,
    FactRows,
    Flags,
    Floats,
    Numbers,
    Words,
    concept_columns,
    day_number,
    floats,
    known,
    numbered,
    texts,
    words,
)
from precollapse.knowledge.bundle import Knowledge

STATUSES = ("present", "absent", "past", "provisional", "unreadable", "asked_unknown", "side not said")
PRESENT, ABSENT, PAST, PROVISIONAL, UNREADABLE, ASKED, SIDELESS = range(len(STATUSES))
SIDES = (*HIPS, "both")
LEFT, RIGHT, UNSPECIFIED, BOTH = range(len(SIDES))
NOT_SAID = -1

# Why a fact is unknown, in the order in which the reasons are believed when several apply.
WHY = ("conflicting", "unreadable", "provisional", "stale", "asked, not known", "side not said")


@dataclass(frozen=True, slots=True)
class Statements(Columns):
    """Statements as arrays, one entry each; ``heard`` is the last day each was known to hold."""

    person: Numbers
    concept: Numbers
    hip: Numbers
    status: Numbers
    value: Floats
    low: Floats
    high: Floats
    choice: Floats
    start: Floats
    heard: Floats
    stale: Flags
    origin: Words
    note: Words


class Groups:
    """Entries that stand together, group by group, and what is computed over each group."""

    def __init__(self, keys: Numbers) -> None:
        new = np.ones(len(keys), dtype=bool)
        new[1:] = keys[1:] != keys[:-1]
        self.starts = np.flatnonzero(new)
        self.of = np.cumsum(new) - 1

    def most(self, values: Floats) -> Floats:
        """Return the largest value of each group that is known."""
        return np.asarray(np.fmax.reduceat(values, self.starts))

    def least(self, values: Floats) -> Floats:
        """Return the smallest value of each group that is known."""
        return np.asarray(np.fmin.reduceat(values, self.starts))

    def sum(self, values: Floats) -> Floats:
        """Return the sum of each group."""
        return np.asarray(np.add.reduceat(values, self.starts))

    def any(self, flags: Flags) -> Flags:
        """Return the groups with any such entry."""
        return np.asarray(np.logical_or.reduceat(flags, self.starts))

    def all(self, flags: Flags) -> Flags:
        """Return the groups of such entries only."""
        return np.asarray(np.logical_and.reduceat(flags, self.starts))

    def joined(self, said: Words, separator: str) -> Words:
        """Return the texts of each group, each once."""
        found = np.full(len(self.starts), "", dtype=object)
        with_text = np.flatnonzero(self.any(known(said)))
        ends = np.append(self.starts, len(said))[1:][with_text].tolist()
        listed = said.tolist()
        found[with_text] = words(
            separator.join(dict.fromkeys(text for text in listed[start:end] if text is not None))
            for start, end in zip(self.starts[with_text].tolist(), ends, strict=True)
        )
        return found


def resolve(statements: pl.DataFrame, knowledge: Knowledge, as_of: date) -> FactRows:
    """Resolve statements to facts.

    Parameters
    ----------
    statements
        The chart's ``statements`` table.
    knowledge
        For level, type, resolution and validity of each concept.
    as_of
        The day of the assessment; statements dated later are left out.

    Returns
    -------
    FactRows
        One entry per person, hip and concept that is recorded at all; ``why_unknown`` is None where the fact
        is known.
    """
    concepts = concept_columns(knowledge)
    choices: dict[str, int] = {}
    rows = _spread_over_hips(_prepare(statements, concepts, choices, day_number(as_of)), concepts)
    keys = (rows.person * (len(HIPS) + 1) + rows.hip - OF_PATIENT) * len(concepts.names) + rows.concept
    order = np.argsort(keys, kind="stable")
    rows, keys = rows.take(order), keys[order]
    chosen = _chosen(rows, Groups(keys), concepts)
    groups = Groups(keys[chosen])
    facts = _conclude(rows.take(chosen), groups, concepts, words(choices))
    # In the order in which the record first speaks of them.
    return facts.take(np.argsort(order[chosen][groups.starts], kind="stable"))


def dated_after(statements: pl.DataFrame, day: float) -> Flags:
    """Return whether each statement is dated after a day."""
    return np.asarray(np.fmax(floats(statements["start"]), floats(statements["recorded"])) > day)


def _prepare(
    statements: pl.DataFrame, concepts: ConceptColumns, choices: dict[str, int], today: float
) -> Statements:
    """Write words as numbers, drop the future and what is no concept, mark what is stale."""
    start, end, recorded = (floats(statements[name]) for name in ("start", "end", "recorded"))
    concept = numbered(statements["concept"], lambda name: concepts.place.get(name, -1))
    status = numbered(statements["status"], STATUSES.index)
    # The smallest of "no end" and today would be today: an end counts only where one was written.
    written = np.fmax(np.fmax(start, recorded), np.where(np.isnan(end), np.nan, np.fmin(end, today)))
    last_heard = np.where(concepts.event[concept], np.where(np.isnan(start), recorded, start), written)
    # A medicine or condition without an end that is still present is as fresh as the record itself.
    heard = np.where(concepts.medicine[concept] & np.isnan(end), today, last_heard)
    rows = Statements(
        person=statements["person"].to_numpy().astype(np.int64),
        concept=concept,
        hip=numbered(statements["side"], SIDES.index, NOT_SAID),
        status=np.where((end < today) & (status == PRESENT), PAST, status),
        value=floats(statements["value"]),
        low=floats(statements["low"]),
        high=floats(statements["high"]),
        choice=_choices(statements["choice"], choices),
        start=start,
        heard=heard,
        stale=today - heard > concepts.valid_days[concept],
        origin=texts(statements["origin"]),
        note=texts(statements["note"]),
    )
    return rows.take((concept >= 0) & ~dated_after(statements, today))


def _choices(column: pl.Series, known: dict[str, int]) -> Floats:
    """Return a number for each choice, in the order in which they first occur; NaN is none."""
    numbers = numbered(column, lambda text: known.setdefault(text, len(known)))
    return np.where(numbers < 0, np.nan, numbers.astype(np.float64))


def _spread_over_hips(rows: Statements, concepts: ConceptColumns) -> Statements:
    """Give each hip its rows: "both" counts for left and right, an absence without a side as well.

    A presence without a side is kept for a third row, "unspecified", and leaves left and right unknown. So is
    what an image does not show: nobody knows of which hip it was taken. Facts of the patient stand first.
    """
    of_hip = concepts.of_hip[rows.concept]
    spread = rows.take(np.flatnonzero(of_hip))
    denied = (spread.status == ABSENT) & ~concepts.image[spread.concept]
    count = np.where(spread.hip == BOTH, 2, np.where(spread.hip == NOT_SAID, 3, 1))
    number = np.repeat(np.arange(len(count)), count)
    in_turn = np.arange(len(number)) - np.repeat(np.cumsum(count) - count, count)
    side, spread = spread.hip[number], spread.take(number)
    hip = np.where(count[number] == 1, side, in_turn)
    sideless = (side == NOT_SAID) & ~denied[number] & (hip != UNSPECIFIED)
    spread = replace(spread, hip=hip, status=np.where(sideless, SIDELESS, spread.status))
    own = rows.take(np.flatnonzero(~of_hip))
    own = replace(own, hip=np.full(len(own.hip), OF_PATIENT, dtype=np.int64))
    return Statements.concat([own, spread])


def _chosen(rows: Statements, groups: Groups, concepts: ConceptColumns) -> Numbers:
    """Return the rows that decide: definite before indefinite, then the latest where the latest counts."""
    absent = rows.status == ABSENT
    definite = absent | (rows.status == PRESENT) | (rows.status == PAST)
    tier = np.where(definite & ~rows.stale, 0.0, np.where(definite, 1.0, 2.0))
    # A denial that is older than a suspicion no longer rules it out.
    suspected = groups.most(np.where(rows.status == PROVISIONAL, rows.heard, np.nan))
    overtaken = absent & (suspected[groups.of] > rows.heard)
    tier[(rows.status == SIDELESS) | overtaken] = 3.0
    best = tier == groups.least(tier)[groups.of]
    newest = groups.most(np.where(best, rows.heard, np.nan))[groups.of]
    latest = (rows.heard == newest) | np.isnan(newest)
    any_age = concepts.resolve[rows.concept] != LATEST
    return np.flatnonzero(best & (any_age | latest))


def _conclude(rows: Statements, groups: Groups, concepts: ConceptColumns, choices: Words) -> FactRows:
    """Turn each group into a value or a reason why there is none."""
    concept = rows.concept[groups.starts]
    kind, resolution = concepts.type[concept], concepts.resolve[concept]
    present, past = groups.any(rows.status == PRESENT), groups.any(rows.status == PAST)
    yes = present | (past & (resolution == EVER))
    numbers = _Numbers(rows, groups, resolution)
    choice = groups.least(rows.choice)
    several = {
        YES_NO: yes & _denied_later(rows, groups),
        NUMBER: (resolution == LATEST) & numbers.several,
        CHOICE: groups.most(rows.choice) != choice,
    }
    nothing = {NUMBER: np.isnan(numbers.lowest), CHOICE: np.isnan(choice)}
    # NaN is unlike itself: several choices are only where there is one.
    several[CHOICE] &= ~nothing[CHOICE]
    why = _why(rows, groups, _of_kind(kind, several), _of_kind(kind, nothing))
    known, fresh = why == KNOWN, ~groups.all(rows.stale)
    usable = (kind == NUMBER) & fresh & (present | past)
    told = known & (kind == CHOICE)
    return FactRows(
        person=rows.person[groups.starts],
        hip=rows.hip[groups.starts],
        concept=concept,
        truth=np.where(known & (kind == YES_NO), np.where(yes, YES, NO), UNKNOWN),
        number=np.where(usable & known, numbers.single, np.nan),
        low=np.where(usable, numbers.low, np.nan),
        high=np.where(usable, numbers.high, np.nan),
        choice=_named(choices, np.where(told, choice, np.nan)),
        date_value=np.full(len(concept), np.nan),
        since=groups.least(rows.start),
        date=groups.most(rows.heard),
        origin=groups.joined(rows.origin, " | "),
        note=_none_for_empty(groups.joined(rows.note, "; ")),
        why_unknown=_REASONS[why],
    )


def _none_for_empty(texts: Words) -> Words:
    found = texts.copy()
    found[texts == np.array("", dtype=object)] = None
    return found


def _named(names: Words, places: Floats) -> Words:
    """Return the names at some places, and no name where there is none."""
    found = np.full(len(places), None, dtype=object)
    there = ~np.isnan(places)
    found[there] = names[places[there].astype(np.int64)]
    return found


def _of_kind(kind: Numbers, flags: dict[int, Flags]) -> Flags:
    """Return for each group the flag of its type of concept; false for the types without one."""
    found = np.zeros(len(kind), dtype=bool)
    for number, flag in flags.items():
        found |= (kind == number) & flag
    return found


def _denied_later(rows: Statements, groups: Groups) -> Flags:
    """Return where something was also denied, and not before it was last said to be so."""
    absent, said = rows.status == ABSENT, (rows.status == PRESENT) | (rows.status == PAST)
    last_absent = groups.most(np.where(absent, rows.heard, np.nan))
    last_said = groups.most(np.where(said, rows.heard, np.nan))
    return groups.any(absent) & ~(last_absent < last_said)


class _Numbers:
    """The bounds of a number over each group, by how its concept resolves."""

    def __init__(self, rows: Statements, groups: Groups, resolution: Numbers) -> None:
        most, least = groups.most(rows.value), groups.least(rows.value)
        without = np.isnan(rows.value)
        mixed = groups.any(without) & ~groups.all(without)
        self.several = (most > least) | mixed
        self.lowest = groups.least(rows.low)
        maximum = resolution == MAXIMUM
        minimum = resolution == MINIMUM
        self.single = np.where(maximum, most, least)
        self.low = np.where(maximum, groups.most(rows.low), self.lowest)
        self.high = np.where(minimum, groups.least(rows.high), groups.most(rows.high))


KNOWN = len(WHY)
_REASONS = words([*WHY, None])


def _why(rows: Statements, groups: Groups, conflicting: Flags, nothing_said: Flags) -> Numbers:
    """Return why each group is unknown, as its place in ``WHY``; ``KNOWN`` where it is not."""
    definite = groups.any((rows.status == PRESENT) | (rows.status == PAST) | (rows.status == ABSENT))
    stale = groups.all(rows.stale)
    why = np.full(len(definite), WHY.index("unreadable"), dtype=np.int64)
    # The reason believed first is written last.
    why[groups.any(rows.status == SIDELESS)] = WHY.index("side not said")
    why[groups.any(rows.status == ASKED)] = WHY.index("asked, not known")
    why[definite & stale] = WHY.index("stale")
    why[groups.any(rows.status == PROVISIONAL)] = WHY.index("provisional")
    why[groups.any(rows.status == UNREADABLE)] = WHY.index("unreadable")
    why[definite & ~stale & ~nothing_said] = KNOWN
    why[conflicting] = WHY.index("conflicting")
    return why
