"""What every part of the assessment of one patient is built from."""

from __future__ import annotations

from dataclasses import dataclass

from precollapse.assessment.explain import Verdict, deciding_facts
from precollapse.assessment.nodes import FactReference
from precollapse.assessment.references import PatientFacts
from precollapse.engine.program import Program, program
from precollapse.engine.run import Evaluation
from precollapse.facts.build import Facts
from precollapse.facts.table import TRUE, UNKNOWN
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.conditions import EitherHip, Leaf, leaves


@dataclass(frozen=True, slots=True)
class Context:
    """One patient: its facts and its rows in the engine's arrays.

    ``rows`` are the patient's row numbers in the whole evaluation.
    """

    knowledge: Knowledge
    facts: PatientFacts
    evaluation: Evaluation
    program: Program
    rows: tuple[int, ...]

    @staticmethod
    def of(person: int, facts: Facts, evaluation: Evaluation, knowledge: Knowledge) -> Context:
        """Gather everything about one person."""
        own = PatientFacts(facts, knowledge, person)
        return Context(knowledge, own, evaluation, program(knowledge), tuple(own.rows.tolist()))

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
        truths, place = self.evaluation.truths.leaves, self.rows[row]

        def truth(leaf: Leaf) -> bool | None:
            value = truths(leaf)[place]
            return None if value == UNKNOWN else bool(value == TRUE)

        return deciding_facts(self.program.conditions[name], truth)

    def partly_true(self, name: str, row: int) -> bool:
        """Return whether any single comparison of a condition holds on a hip."""
        truths, place = self.evaluation.truths.leaves, self.rows[row]
        return any(truths(leaf)[place] == TRUE for leaf in leaves(self.program.conditions[name]))

    def references(self, name: str, row: int) -> tuple[FactReference, ...]:
        """Return the facts that carried a condition, as they are shown to people."""
        anywhere = {
            leaf.fact for leaf in leaves(self.program.conditions[name]) if isinstance(leaf, EitherHip)
        }
        return tuple(
            self.facts.reference(fact, self._found_in(fact, row) if fact in anywhere else row)
            for fact in self.verdict(name, row)[1]
        )

    def _found_in(self, fact: str, row: int) -> int:
        """Return the hip of which a fact is true, this one first."""
        order = sorted(range(len(self.rows)), key=lambda other: other != row)
        return next((place for place in order if self.facts.reference(fact, place).value is True), row)
