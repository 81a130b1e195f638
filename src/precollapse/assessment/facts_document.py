"""Every fact of a patient as a document: its value and origin, or why it is unknown."""

from __future__ import annotations

from typing import Literal

from precollapse.assessment.nodes import FactReference, Node
from precollapse.assessment.references import PatientFacts
from precollapse.facts.build import Facts
from precollapse.knowledge.bundle import Knowledge


class PatientFactsDocument(Node, frozen=True, kw_only=True):
    """All facts of one patient on one day; ``level`` tells facts of a hip from facts of the patient."""

    patient: str
    record: str
    as_of: str
    facts: tuple[Fact, ...]


class Fact(FactReference, frozen=True, kw_only=True):
    """One fact, also where it is unknown."""

    level: Literal["patient", "hip"]


def facts_documents(facts: Facts, knowledge: Knowledge) -> list[PatientFactsDocument]:
    """Return the facts of every patient, in the order of the knowledge; nothing is left out."""
    return [
        PatientFactsDocument(
            patient=person["key"],
            record=person["origin"],
            as_of=facts.as_of.isoformat(),
            facts=_facts(PatientFacts(facts, knowledge, person["person"]), knowledge),
        )
        for person in facts.persons.iter_rows(named=True)
    ]


def _facts(own: PatientFacts, knowledge: Knowledge) -> tuple[Fact, ...]:
    found = []
    for concept in knowledge.concepts.values():
        rows = range(len(own.hips)) if concept.level == "hip" else (0,)
        for row in rows:
            if own.hips[row] == "unspecified" and (own.hips[row], concept.id) not in own.keys:
                continue
            reference = own.reference(concept.id, row)
            fields = {name: getattr(reference, name) for name in reference.__struct_fields__}
            found.append(Fact(**fields, level=concept.level))
    return tuple(found)
