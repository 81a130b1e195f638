"""The state of reading one input: whose it is, what waits for the end, how rows come into the chart."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from msgspec import Raw

from precollapse.chart.codes import Hit
from precollapse.chart.dates import PartialDate, add_days, parse_partial
from precollapse.chart.fhir.coding import NO_SITE, Meaning, Meanings, Site
from precollapse.chart.fhir.datatypes import Period, Quantity, decoded
from precollapse.chart.fhir.people import People
from precollapse.chart.fhir.readings import Reading, ValueReader
from precollapse.chart.fhir.resources import Medicated, Medication
from precollapse.chart.model import ChartBuilder, Side, Status
from precollapse.chart.text import TEST_GROUPS
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.model import Concept

UNREADABLE_REASONS = {"not readable", "impossible", "unit"}
DONE = "_done"  # ends the ids of concepts which say that an examination took place
UNREADABLE_DATE = "a date could not be read"


class Times(NamedTuple):
    """When something held and when it was written down."""

    start: PartialDate | None = None
    end: PartialDate | None = None
    recorded: PartialDate | None = None
    note: str | None = None


class Waiting(NamedTuple):
    """An entry about a medicine; it is read at the end, when products and weights are known."""

    person: int
    origin: str
    resource: Medicated


@dataclass
class Record:
    """Everything the readers of single resources share."""

    builder: ChartBuilder
    knowledge: Knowledge
    people: People
    meanings: Meanings
    values: ValueReader
    medications: dict[str, Medication] = field(default_factory=dict)
    specialties: dict[str, str] = field(default_factory=dict)  # of prescribers, by reference to them
    waiting: list[Waiting] = field(default_factory=list)
    weights: dict[int, list[tuple[date, float]]] = field(default_factory=dict)
    audit: dict[tuple[int, date | None], dict[str, tuple[str, str]]] = field(default_factory=dict)
    times: dict[tuple[str | None, str | None, str | None], Times] = field(default_factory=dict)
    unused: Counter[tuple[int | None, str, str]] = field(default_factory=Counter)

    def unread(self, person: int | None, origin: str, reason: str, detail: str = "") -> None:
        """List something that was not understood or not used."""
        self.builder.unread(person, origin, reason, detail)

    def state(
        self,
        person: int,
        origin: str,
        hit: Hit,
        meaning: Meaning,
        reading: Reading,
        site: Site,
        times: Times,
        said: str | None = None,
        product: str | None = None,
    ) -> bool:
        """Add one statement; False when it is about another part of the body and was listed as unread."""
        side: Side | None = None
        conflict: str | None = None
        if self.knowledge.concepts[hit.concept].level == "hip":
            if site.hip is False:
                self.unread(person, origin, "other site", f"{meaning.label}: {site.words}"[:160])
                return False
            side, conflict = _side(hit, meaning, reading, site)
        status = reading.status
        if status == "present" and hit.concept in meaning.doubtful:
            status = "provisional"
        start, end, recorded, note = times
        if reading.date is not None:
            start = parse_partial(reading.date)
        self.builder.statement(
            person,
            hit.concept,
            origin,
            status=status,
            side=side,
            value=reading.value,
            low=reading.low,
            high=reading.high,
            choice=reading.choice,
            start=start.first if start else None,
            start_precision=start.precision if start else None,
            end=end.last if end else None,
            recorded=recorded.first if recorded else None,
            said=said or meaning.label,
            note=_joined(meaning.note, conflict, reading.note, note),
            product=product,
        )
        return True

    def state_unreadable(
        self, person: int, origin: str, concept: str, side: Side | None, said: str, problem: str, times: Times
    ) -> None:
        """Add a statement that there was a value which cannot be read."""
        self.builder.statement(
            person,
            concept,
            origin,
            status="unreadable",
            side=side,
            start=times.start.first if times.start else None,
            start_precision=times.start.precision if times.start else None,
            recorded=times.recorded.first if times.recorded else None,
            said=said,
            note=problem,
        )

    def assert_hits(
        self,
        person: int,
        origin: str,
        meaning: Meaning,
        status: Status,
        times: Times,
        site: Site = NO_SITE,
        *,
        done: bool = False,
        quiet: bool = False,
        product: str | None = None,
    ) -> int:
        """Add what an element asserts by standing where it stands, and return how many statements came of it.

        ``done`` is for procedures and studies: that a test was done says nothing of its result. ``quiet``
        leaves it to the caller to list what was not understood.
        """
        stated = 0
        problem = meaning.reason
        for hit in meaning.hits:
            concept = self.knowledge.concepts.get(hit.concept)
            if hit.corticosteroid or concept is None:
                continue
            reading = _asserted(hit, concept, status)
            if reading is None or (done and _is_test(concept)):
                problem = "no value"
                continue
            self.state(person, origin, hit, meaning, reading, site, times, product=product)
            stated += 1
        if not stated and not quiet:
            self.unread(person, origin, problem, meaning.label)
        return stated

    def period(self, raw: Raw) -> tuple[PartialDate | None, PartialDate | None]:
        """Return both ends of a period."""
        period = decoded(raw, Period) or Period()
        return parse_partial(period.start), parse_partial(period.end)

    def at_age(self, person: int, raw: Raw) -> PartialDate | None:
        """Return the year in which the patient had an age; None without a date of birth."""
        quantity = decoded(raw, Quantity)
        birth = parse_partial(self.people.birth_dates.get(person))
        concept = self.knowledge.concepts["age_years"]
        if quantity is None or quantity.value is None or birth is None:
            return None
        rule = concept.units.get(quantity.code or quantity.unit or "a")
        if not isinstance(rule, int | float) or not 0 <= quantity.value * rule <= 130:
            return None
        first = add_days(birth.first, quantity.value * rule * 365.25)
        return parse_partial(str(first.year)) if first else None

    def count_unused(self, person: int | None, place: str, kind: str, count: int = 1) -> None:
        """Count entries of no bearing; one row per type tells of all."""
        self.unused[person, place, kind] += count

    def list_unused(self) -> None:
        """Add one unread row for each type of unused entries."""
        for (person, place, kind), count in self.unused.items():
            self.unread(person, f"{place}: {kind} ×{count}", "not used")
        self.unused.clear()


def _is_test(concept: Concept) -> bool:
    """Tell whether a concept is the result of a test, rather than that it was done."""
    return concept.group in TEST_GROUPS and not concept.id.endswith(DONE)


def date_of(written: str | None) -> tuple[PartialDate | None, str | None]:
    """Read a date; the second value says when there was one that could not be read."""
    parsed = parse_partial(written)
    return parsed, UNREADABLE_DATE if written and parsed is None else None


def _asserted(hit: Hit, concept: Concept, status: Status) -> Reading | None:
    needs_value = concept.type in {"number", "date"} or (concept.type == "choice" and hit.choice is None)
    if needs_value:
        return None
    if hit.absent:
        status = "present" if status == "absent" else "absent"
    return Reading(status, choice=hit.choice)


def _side(hit: Hit, meaning: Meaning, reading: Reading, site: Site) -> tuple[Side | None, str | None]:
    """Join what site, code, value and words say of the side; left against right leaves it open."""
    said = [side for side in (site.side, hit.side, reading.side, meaning.side) if side is not None]
    single = {side for side in said if side != "both"}
    if len(single) > 1 or (meaning.note and "sides disagree" in meaning.note):
        return None, None if meaning.note and "sides disagree" in meaning.note else "sides disagree"
    return (said[0] if said else None), None


def _joined(*notes: str | None) -> str | None:
    said = [note for note in notes if note]
    if len(said) > 1:
        return "; ".join(dict.fromkeys(said))
    return said[0] if said else None
