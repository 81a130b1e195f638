"""Writes the doses of corticosteroids named in a text: one row per stretch of days on one daily dose."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import NamedTuple

from precollapse.chart.case.writer import LONGEST_SAID, Entry, Writer
from precollapse.chart.dates import add_days
from precollapse.chart.dosage import DoseStep, steps_from_text
from precollapse.chart.model import DoseKind, Route
from precollapse.chart.text import TextHit

EQUIVALENT = "prednisone"  # the drug in whose milligrams an equivalent dose is counted


class Order(NamedTuple):
    """What holds for all rows that are written from one entry."""

    kind: DoseKind
    route: Route
    strength_mg: float | None = None
    prn: bool = False
    ongoing: bool = False
    number: int = 0


class Written(NamedTuple):
    """How many drugs were named, and how many of them with a dose that could be read."""

    named: int
    with_dose: int


def write_doses(writer: Writer, entry: Entry, order: Order) -> Written:
    """Write the doses of every corticosteroid that the words of an entry name.

    Several drugs follow one another: each begins when the one before has ended, if that is known.
    """
    segments = _segments(writer.index.find(entry.said), entry.said)
    if not segments:
        return Written(0, 0)
    order = order._replace(number=writer.builder.new_order())
    start, with_dose = entry.when.start, 0
    for number, (hit, sig) in enumerate(segments):
        steps = steps_from_text(sig, strength_mg=order.strength_mg, weight_kg=writer.weight_kg)
        with_dose += any(step.mg_per_day is not None for step in steps)
        is_last = number == len(segments) - 1
        for step in steps:
            _write_step(writer, entry, hit, step, start, order._replace(ongoing=order.ongoing and is_last))
        start = _day_after(steps, start)
    return Written(len(segments), with_dose)


def write_equivalent(writer: Writer, entry: Entry, mg_per_day: float) -> int:
    """Write a dose that is stated as prednisone equivalent, whatever the drug was."""
    if EQUIVALENT not in writer.knowledge.corticosteroids:
        writer.unread(entry.origin, "no concept", "prednisone_equiv_mg_per_day")
        return 0
    step = DoseStep(mg_per_day, start_offset_days=0, assumed=("stated as prednisone equivalent",))
    hit = TextHit(EQUIVALENT, corticosteroid=True)
    order = Order("stated", "systemic", ongoing=True, number=writer.builder.new_order())
    _write_step(writer, entry, hit, step, entry.when.start, order)
    return 1


def _segments(hits: tuple[TextHit, ...], text: str) -> list[tuple[TextHit, str]]:
    """Cut a text where each drug is named: what follows a name is about that drug."""
    places: list[tuple[int, TextHit]] = []
    begin = 0
    for hit in hits:
        place = text.find(hit.words, begin) if hit.corticosteroid and not hit.absent else -1
        if place >= 0 and (not places or places[-1][1].concept != hit.concept):
            places.append((place, hit))
            begin = place + len(hit.words)
    edges = [*(place for place, _ in places), len(text)]
    return [
        (hit, text[first:last].strip(" ,;"))
        for (_, hit), (first, last) in zip(places, pairwise(edges), strict=True)
    ]


def _write_step(
    writer: Writer, entry: Entry, hit: TextHit, step: DoseStep, start: date | None, order: Order
) -> None:
    never = writer.knowledge.corticosteroids[hit.concept].never_systemic
    first = step.start or (
        None if step.start_offset_days is None else _shifted(start, step.start_offset_days)
    )
    last = _shifted(first, step.days - 1) if step.days else entry.when.end
    notes = [*step.assumed, entry.when.note, entry.note]
    into_hip = order.route == "intra_articular_hip"
    writer.builder.dose(
        writer.person, hit.concept, order.kind, entry.origin,
        route="local" if never and order.route == "systemic" else order.route,
        order=order.number, product=hit.concept, start=first, end=last,
        ongoing=order.ongoing and step.days is None and entry.when.end is None,
        written=writer.as_of, mg_per_day=step.mg_per_day, prn=order.prn or step.prn,
        side=entry.side if into_hip else None, said=entry.said[:LONGEST_SAID],
        assumed="; ".join(note for note in notes if note) or None, problem=step.problem,
    )  # fmt: skip


def _day_after(steps: list[DoseStep], start: date | None) -> date | None:
    """Return the day after the last step, when every step has a length."""
    last = steps[-1]
    if last.days is None or last.start_offset_days is None:
        return None
    return _shifted(start, last.start_offset_days + last.days)


def _shifted(day: date | None, days: int) -> date | None:
    return add_days(day, days) if day is not None else None
