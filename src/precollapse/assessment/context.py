"""What every part of the assessment of one patient is built from."""

from __future__ import annotations

from dataclasses import dataclass

from precollapse.assessment.explain import LeafValues, Verdict, deciding_facts
from precollapse.assessment.model import FactReference
from precollapse.assessment.references import PatientFacts
from precollapse.engine.program import FALSE, Program, program
from precollapse.engine.run import Evaluation
from precollapse.facts.build import Facts
from precollapse.knowledge.bundle import Knowledge


@dataclass(frozen=True, slots=True)
class Context:
    """One patient: its facts, its rows in the engine's arrays, and the truth of every leaf.

    ``rows`` are the patient's row numbers in the whole evaluation.
    """

    knowledge: Knowledge
    facts: PatientFacts
    evaluation: Evaluation
    program: Program
    rows: tuple[int, ...]
    leaves: LeafValues

    @staticmethod
    def of(person: int, facts: Facts, evaluation: Evaluation, knowledge: Knowledge) -> Context:
        """Gather everything about one person."""
        rows = tuple(facts.wide["person"].eq(person).arg_true().to_list())
        own = PatientFacts(facts, knowledge, person)
        compiled = program(knowledge)
        # Only what is true or unknown somewhere needs explaining.
        live = (evaluation.truths.table[list(rows)] != FALSE).any(axis=0)
        names = [name for name, place in compiled.place.items() if live[place]]
        leaves = LeafValues(own.wide, [compiled.conditions[name] for name in names])
        return Context(knowledge, own, evaluation, compiled, rows, leaves)

    def row_of(self, hip: str) -> int:
        """Return the place of a hip among the patient's rows."""
        return self.facts.hips.index(hip)

    def state(self, name: str, row: int) -> bool | None:
        """Return the engine's truth of a condition on a hip."""
        return self.evaluation.truths.at(name, self.rows[row])

    def has(self, name: str) -> bool:
        """Return whether the knowledge has such a condition."""
        return name in self.program.place

    def verdict(self, name: str, row: int) -> Verdict:
        """Return the truth of a condition and the facts that carried it."""
        return deciding_facts(self.program.conditions[name], self.leaves.at(row))

    def references(self, name: str, row: int) -> tuple[FactReference, ...]:
        """Return the facts that carried a condition, as they are shown to people."""
        return tuple(self.facts.reference(fact, row) for fact in self.verdict(name, row)[1])
