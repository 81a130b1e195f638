"""Reads the medications of a case file: corticosteroids become doses, other medicines statements."""

from __future__ import annotations

import re

from precollapse.chart.case.doses import Order, write_doses
from precollapse.chart.case.schema import Medication
from precollapse.chart.case.steroids import route_of_words, says_more_than_doses
from precollapse.chart.case.times import When, when
from precollapse.chart.case.writer import Entry, Writer
from precollapse.chart.model import Route, Side
from precollapse.chart.product_names import product_name
from precollapse.chart.routes import INTO_HIP, route_of
from precollapse.chart.text import TextHit

ROUTE_ASSUMED = "no route said: taken as by mouth or vein"
_ENDED = frozenset(["stopped", "completed"])
_NEVER_TAKEN = frozenset(["planned", "not taken"])
_MILLIGRAMS = re.compile(r"(\d+(?:\.\d+)?)\s*mg\b", re.IGNORECASE)


def read_medication(writer: Writer, item: Medication | str, origin: str) -> None:
    """Read one medicine."""
    item = Medication(name=item) if isinstance(item, str) else item
    writer.extra_keys(origin, item.model_extra)
    said = _said(item)
    if item.status in _NEVER_TAKEN:
        writer.unread(origin, "cancelled", said)
        return
    side: Side | None = "both" if item.side == "bilateral" else item.side
    entry = Entry(origin, said, side, _when(writer, item), product=product_name(item.name))
    ended = item.status in _ENDED
    route, assumed = _route(writer, item, said)
    order = Order("statement", route, _strength(item), prn=bool(item.prn), ongoing=not ended)
    named = write_doses(writer, Entry(origin, said, side, entry.when, assumed), order).named
    reading = writer.index.read(said, in_list=True)
    hits = [hit for hit in reading.hits if not hit.corticosteroid]
    if named:
        hits = [hit for hit in hits if says_more_than_doses(writer, hit)]
        _write_injection(writer, entry, route)
    found = sum(_take(writer, entry, hit, ended=ended) for hit in hits)
    if not found and not named:
        writer.nothing_found(entry, reading, writer.index.read(item.name, in_list=True))


def _route(writer: Writer, item: Medication, said: str) -> tuple[Route, str | None]:
    """Return the way of giving and what was assumed to say so."""
    words = route_of_words(writer, writer.index.read(item.name), writer.index.read(said), said)
    if words != "systemic":
        return words, None
    route = route_of(writer.knowledge, route_words=item.route, name=item.name, sig=said, site=said)
    return (route, None) if route != "unknown" or item.route else ("systemic", ROUTE_ASSUMED)


def _write_injection(writer: Writer, entry: Entry, route: Route) -> None:
    concept = writer.knowledge.concepts.get(INTO_HIP)
    if route == "intra_articular_hip" and concept is not None:
        writer.statement(entry, concept, "present")


def _take(writer: Writer, entry: Entry, hit: TextHit, *, ended: bool) -> bool:
    """Write a medicine; one that was stopped is past."""
    concept = writer.knowledge.concepts[hit.concept]
    if concept.type == "yes_no" and ended and not hit.absent:
        return writer.statement(entry, concept, "past", side=hit.side)
    return writer.hit(entry, hit)


def _said(item: Medication) -> str:
    directions = [item.dose, item.frequency, item.route, _length(item)]
    if item.steps:
        directions = [item.route, " then ".join(_step(step.dose, step.days) for step in item.steps)]
    parts = [item.name, *directions, "as needed" if item.prn else None, item.detail]
    return " ".join(part for part in parts if part)


def _step(dose: str, days: float | None) -> str:
    daily = dose if "/" in dose or "day" in dose.lower() or "dai" in dose.lower() else f"{dose} daily"
    return daily if days is None else f"{daily} for {days:g} days"


def _length(item: Medication) -> str | None:
    """Return how long it was taken in words, when that is known besides the day it began."""
    if item.duration_days is not None:
        return f"for {item.duration_days:g} days"
    if item.duration_months is not None and item.start is not None:
        return f"for {item.duration_months:g} months"
    return None


def _when(writer: Writer, item: Medication) -> When:
    return when(
        as_of=writer.as_of,
        since=item.start,
        until=item.end,
        months_ago=item.duration_months,
        days_ago=item.duration_days,
    )


def _strength(item: Medication) -> float | None:
    """Return the milligrams of one tablet, from the strength or from the name ("prednisone 5 mg tablet")."""
    match = _MILLIGRAMS.search(item.strength or (item.name if item.dose else ""))
    return float(match.group(1)) if match else None
