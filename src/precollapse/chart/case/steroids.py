"""Reads a corticosteroid of the history of a case file: by which way it was given, and what that states.

Which words mean which way stands in the knowledge, as synonyms and as routes.
"""

from __future__ import annotations

from typing import NamedTuple

from precollapse.chart.case.doses import Order, write_doses, write_equivalent
from precollapse.chart.case.writer import Entry, Writer
from precollapse.chart.dosage import steps_from_text
from precollapse.chart.model import Route
from precollapse.chart.routes import INTO_HIP, RouteTable
from precollapse.chart.text import Reading, TextHit

SYSTEMIC = "systemic_corticosteroid"
LOCAL = "local_corticosteroid"
_FAMILY = frozenset([SYSTEMIC, INTO_HIP, LOCAL])


class Course(NamedTuple):
    """What an entry says of a corticosteroid."""

    factor: str
    detail: str | None = None
    equivalent_mg_per_day: float | None = None


def is_about_corticosteroids(writer: Writer, factor: str) -> bool:
    """Tell whether an entry is about a corticosteroid rather than an illness treated with one."""
    return any(_is_of_family(writer, hit) for hit in writer.index.find(factor))


def _is_of_family(writer: Writer, hit: TextHit) -> bool:
    return hit.corticosteroid or implies_systemic(writer, hit.concept)


def implies_systemic(writer: Writer, concept_id: str) -> bool:
    """Tell whether a concept is one of the ways of giving a corticosteroid, or a systemic course."""
    concept = writer.knowledge.concepts.get(concept_id)
    return concept_id in _FAMILY or (concept is not None and SYSTEMIC in concept.implies)


def read_course(writer: Writer, entry: Entry, course: Course) -> None:
    """Read a corticosteroid of the history: a statement of the exposure, and doses where a drug is named."""
    whole = writer.index.read(entry.said)
    if all(hit.absent or hit.uncertain for hit in whole.hits if _is_of_family(writer, hit)):
        if not writer.hits(
            entry, whole.hits
        ):  # "no steroids", "possible steroid use", "corticosteroid: none"
            writer.nothing_found(entry, whole)
        return
    named, detail = writer.index.read(course.factor), writer.index.read(course.detail or "")
    route = route_of_words(writer, named, detail, entry.said)
    found = 0
    for hit in (*named.hits, *detail.hits):
        if not hit.corticosteroid and (route == "systemic" or hit.concept != SYSTEMIC):
            found += writer.hit(entry, hit)
    if route == "systemic" and SYSTEMIC in writer.knowledge.concepts:
        found += writer.statement(entry, writer.knowledge.concepts[SYSTEMIC], "present")
    drugs = write_doses(writer, entry, Order("stated", route))
    if course.equivalent_mg_per_day is not None and not drugs.with_dose:
        found += write_equivalent(writer, entry, course.equivalent_mg_per_day)
    elif course.detail and not drugs.named:
        _list_nameless_dose(writer, entry, course.detail)
    if not found and not drugs.named:
        writer.nothing_found(entry, named, detail)


def route_of_words(writer: Writer, named: Reading, detail: Reading, said: str) -> Route:
    """Return the way of giving; what is said more closely overrules the general word "corticosteroid"."""
    closer = {hit.concept for hit in detail.hits if not hit.absent}
    general = {hit.concept for hit in named.hits}
    if SYSTEMIC in closer or any(SYSTEMIC in _implied(writer, concept) for concept in closer | general):
        return "systemic"
    if INTO_HIP in closer | general:
        return "intra_articular_hip"
    if LOCAL in closer | general:
        return "local"
    way = RouteTable.of(writer.knowledge).in_text(said)
    return "local" if way == "local" else "unknown" if way == "intra_articular" else "systemic"


def _implied(writer: Writer, concept_id: str) -> tuple[str, ...]:
    concept = writer.knowledge.concepts.get(concept_id)
    return concept.implies if concept is not None else ()


def says_more_than_doses(writer: Writer, hit: TextHit) -> bool:
    """Tell whether a concept says more than the rows of doses do: the general exposure does not."""
    return hit.concept != SYSTEMIC and SYSTEMIC not in _implied(writer, hit.concept)


def _list_nameless_dose(writer: Writer, entry: Entry, detail: str) -> None:
    """List a dose whose drug is not named: milligrams of an unknown drug cannot be compared."""
    if any(step.mg_per_day is not None for step in steps_from_text(detail, weight_kg=writer.weight_kg)):
        writer.unread(entry.origin, "no value", f"a dose without the name of the drug: {detail}")
