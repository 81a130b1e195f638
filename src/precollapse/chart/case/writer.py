"""Writes what a case file says into the chart: concepts found, values, and what was not understood."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Any

from precollapse.chart.case.times import When
from precollapse.chart.model import UNREAD_REASONS, ChartBuilder, Side, Status
from precollapse.chart.quantities import Quantity, canonical
from precollapse.chart.text import Reading, TextHit, TextIndex
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.model import Concept

LONGEST_SAID = 200


UNDATED = When()


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the file, as every row made from it needs it."""

    origin: str
    said: str
    side: Side | None = None
    when: When = UNDATED
    note: str | None = None
    dated: bool = False  # the date is that of the measurement, not of the beginning of something
    product: str | None = None  # of a medicine: its name


class Writer:
    """Collects the rows of one patient."""

    def __init__(self, builder: ChartBuilder, person: int, knowledge: Knowledge, as_of: date | None) -> None:
        self.builder, self.person, self.knowledge, self.as_of = builder, person, knowledge, as_of
        self.index = TextIndex.of(knowledge)
        self.weight_kg: float | None = None
        self._written: set[tuple[Any, ...]] = set()

    def hits(
        self, entry: Entry, hits: tuple[TextHit, ...] | list[TextHit], status: Status | None = None
    ) -> int:
        """Write the concepts found in an entry and return how many rows or reasons came of them."""
        return sum(self.hit(entry, hit, status) for hit in hits if not hit.corticosteroid)

    def hit(self, entry: Entry, hit: TextHit, status: Status | None = None) -> bool:
        """Write one concept found; false when it is there already or cannot be said."""
        concept = self.knowledge.concepts[hit.concept]
        if status == "asked_unknown":
            return self.statement(entry, concept, status, side=hit.side)
        if concept.type == "number":
            return self._number(entry, concept, hit)
        found: Status = "absent" if hit.absent else "provisional" if hit.uncertain else status or "present"
        return self.statement(entry, concept, found, side=hit.side, choice=hit.choice)

    def _number(self, entry: Entry, concept: Concept, hit: TextHit) -> bool:
        if hit.level is not None and hit.number is None and hit.low is None:
            return self._level(entry, concept, hit)
        ends = [hit.number] if hit.low is None or hit.high is None else [hit.low, hit.high]
        quantities = [canonical(concept, end, hit.unit, hit.comparator) for end in ends if end is not None]
        for quantity in quantities:
            if isinstance(quantity, str):
                return self.unreadable(entry, concept, quantity, hit.side)
        return self.quantity(
            entry, concept, [one for one in quantities if isinstance(one, Quantity)], hit.side
        )

    def quantity(
        self, entry: Entry, concept: Concept, found: list[Quantity], side: Side | None = None
    ) -> bool:
        """Write a number in its concept's unit; two make a range."""
        if not found:
            return False
        note = "; ".join(one.warning for one in found if one.warning) or None
        value = found[0].value if len(found) == 1 else None
        return self.statement(
            entry,
            concept,
            "present",
            side=side,
            value=value,
            low=found[0].low,
            high=found[-1].high,
            note=note,
        )

    def _level(self, entry: Entry, concept: Concept, hit: TextHit) -> bool:
        """Write "normal", "high" or "low" as bounds from the usual range of the concept."""
        usual = concept.ranges.usual if concept.ranges is not None else (None, None)
        low, high = (
            (-math.inf if usual[0] is None else usual[0]),
            (math.inf if usual[1] is None else usual[1]),
        )
        if hit.level == "high":
            low, high = high, math.inf
        elif hit.level == "low":
            low, high = -math.inf, low
        if math.isinf(low) and math.isinf(high):
            self.unread(entry.origin, "no value", f"{hit.words}: {hit.level}, and no usual range is known")
            return True
        note = f"said to be {hit.level}: bounds from the usual range"
        return self.statement(entry, concept, "present", side=hit.side, low=low, high=high, note=note)

    def unreadable(self, entry: Entry, concept: Concept, reason: str, side: Side | None = None) -> bool:
        """Write that a value is there and cannot be read, and list it as unread."""
        kind = reason.split(":", 1)[0]
        self.unread(entry.origin, kind if kind in UNREAD_REASONS else "not readable", reason)
        return self.statement(entry, concept, "unreadable", side=side, note=reason)

    def statement(self, entry: Entry, concept: Concept, status: Status, **fields: Any) -> bool:
        """Write one statement; the side of the words goes before the side of the entry."""
        side = (fields.pop("side", None) or entry.side) if concept.level == "hip" else None
        fields.pop("side", None)
        note = "; ".join(part for part in (fields.pop("note", None), entry.when.note, entry.note) if part)
        given = sorted((name, value) for name, value in fields.items() if value is not None)
        key = (entry.origin, concept.id, status, side, *given)
        if key in self._written:
            return True
        self._written.add(key)
        self.builder.statement(
            self.person, concept.id, entry.origin, status=status, side=side,
            start=entry.when.start, start_precision=entry.when.precision, end=entry.when.end,
            recorded=None if entry.dated and entry.when.start else self.as_of,
            said=entry.said[:LONGEST_SAID], note=note or None,
            product=entry.product if concept.medicine else None, **fields,
        )  # fmt: skip
        return True

    def unread(self, origin: str, reason: str, detail: str) -> None:
        """List something that was not understood."""
        self.builder.unread(self.person, origin, reason, detail[:LONGEST_SAID])

    def nothing_found(self, entry: Entry, *readings: Reading) -> None:
        """List an entry of which nothing came, with the most telling reason."""
        aside = [one for reading in readings for one in reading.set_aside]
        reason = aside[0].reason if aside else "no concept"
        self.unread(entry.origin, reason, entry.said)

    def extra_keys(self, origin: str, extra: dict[str, Any] | None) -> None:
        """List the keys of an entry that the file format does not know."""
        if extra:
            self.unread(origin, "no concept", f"unknown keys: {', '.join(sorted(map(str, extra)))}")
