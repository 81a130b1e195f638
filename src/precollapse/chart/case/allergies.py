"""Reads the allergies of a case file, each by the name of its substance."""

from __future__ import annotations

from precollapse.chart.allergens import Allergens, Allergies
from precollapse.chart.case.answers import answer
from precollapse.chart.case.schema import Allergy
from precollapse.chart.case.times import when
from precollapse.chart.case.writer import Entry, Writer
from precollapse.chart.model import Status


def read_allergy(writer: Writer, item: Allergy | str, origin: str) -> None:
    """Read one allergy or intolerance, or the statement that there is none."""
    item = Allergy(substance=item) if isinstance(item, str) else item
    writer.extra_keys(origin, item.model_extra)
    said = f"{item.substance}: {item.reaction}" if item.reaction else item.substance
    asked = answer(item.present)
    if asked is None:
        writer.unread(origin, "no value", f"{item.substance}: not asked")
        return
    found = _found(writer, item)
    if answer(item.substance) == "asked_unknown":
        asked, found = "asked_unknown", Allergens.of(writer.knowledge).of_any()
    if asked == "absent" and not found.whole >= set(found.present):
        writer.unread(origin, "rule-out", f"denied, one of several substances: {said}")
        return
    entry = Entry(origin, said, when=when(as_of=None, since=item.since))
    stated = [(concept, asked) for concept in found.present]
    denied: list[tuple[str, Status]] = [(concept, "absent") for concept in found.absent]
    for concept, status in [*stated, *(denied if asked == "present" else [])]:
        writer.statement(entry, writer.knowledge.concepts[concept], status)
    if not (found.present or found.absent):
        writer.unread(origin, found.reason, said)


def _found(writer: Writer, item: Allergy) -> Allergies:
    """Return what the substance stands for; the id of an allergy is taken as such."""
    allergens = Allergens.of(writer.knowledge)
    if item.substance in allergens.concepts:
        return Allergies((item.substance,), (), frozenset([item.substance]))
    return allergens.read(item.substance, intolerance=item.kind == "intolerance")
