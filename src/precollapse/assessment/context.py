"""What every part of the assessment of one patient is built from."""

from __future__ import annotations

from dataclasses import dataclass

from precollapse.assessment.explain import Verdict, deciding_facts
from precollapse.assessment.nodes import FactReference
from precollapse.assessment.references import PatientFacts
from precollapse.engine.advice import Advice, advice_program
from precollapse.engine.program import Program, Truths, program
from precollapse.engine.run import Evaluation
from precollapse.facts.build import Facts
from precollapse.facts.table import TRUE, UNKNOWN
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.conditions import EitherHip, Leaf, leaves
from precollapse.knowledge.findable import NAMES

FOUND = "found:"


@dataclass(frozen=True, slots=True)
class Context:
    """One patient: its facts and its rows in the engine's arrays.

    ``rows`` are the patient's row numbers in the whole evaluation.
    """

    knowledge: Knowledge
    facts: PatientFacts
    evaluation: Evaluation
    advice: Advice
    program: Program
    advice_program: Program
    rows: tuple[int, ...]

    @staticmethod
    def of(
        person: int, facts: Facts, evaluation: Evaluation, advice: Advice, knowledge: Knowledge
    ) -> Context:
        """Gather everything about one person."""
        own = PatientFacts(facts, knowledge, person)
        rows = tuple(own.rows.tolist())
        programs = program(knowledge), advice_program(knowledge)
        return Context(knowledge, own, evaluation, advice, *programs, rows)

    def row_of(self, hip: str) -> int:
        """Return the place of a hip among the patient's rows."""
        return self.facts.hips.index(hip)

    def state(self, name: str, row: int) -> bool | None:
        """Return the engine's truth of a condition on a hip."""
        return self._asked(name)[1].at(name, self.rows[row])

    def has(self, name: str) -> bool:
        """Return whether the knowledge has such a condition."""
        return name in self.program.place or name in self.advice_program.place

    def found(self, name: str, row: int) -> tuple[str, ...]:
        """Return the categories of a finding that are possible on a hip."""
        return self.advice.findings.by_name[name].at(self.rows[row])

    def verdict(self, name: str, row: int) -> Verdict:
        """Return the truth of a condition and the facts that carried it."""
        conditions, asked = self._asked(name)
        place = self.rows[row]

        def truth(leaf: Leaf) -> bool | None:
            value = asked.leaves(leaf)[place]
            return None if value == UNKNOWN else bool(value == TRUE)

        return deciding_facts(conditions.conditions[name], truth)

    def partly_true(self, name: str, row: int) -> bool:
        """Return whether any single comparison of a condition holds on a hip."""
        conditions, asked = self._asked(name)
        place = self.rows[row]
        return any(asked.leaves(leaf)[place] == TRUE for leaf in leaves(conditions.conditions[name]))

    def references(self, name: str, row: int) -> tuple[FactReference, ...]:
        """Return the facts that carried a condition, as they are shown to people."""
        condition = self._asked(name)[0].conditions[name]
        anywhere = {leaf.fact for leaf in leaves(condition) if isinstance(leaf, EitherHip)}
        return tuple(
            self.reference(fact, self._found_in(fact, row) if fact in anywhere else row)
            for fact in self.verdict(name, row)[1]
        )

    def reference(self, fact: str, row: int) -> FactReference:
        """Return a fact, or something the engine found, as it stands for the hip in the given row."""
        if not fact.startswith(FOUND):
            return self.facts.reference(fact, row)
        finding = fact.removeprefix(FOUND)
        system = self.knowledge.staging_systems.get(finding)
        hip = self.facts.hips[row]
        return FactReference(
            concept=fact,
            name=NAMES[finding] if system is None else system.name,
            value=" or ".join(self._words(finding, row)) or None,
            side="left" if hip == "left" else "right" if hip == "right" else None,
            origin="found by the assessment",
        )

    def _words(self, finding: str, row: int) -> list[str]:
        system = self.knowledge.staging_systems.get(finding)
        found = self.found(finding, row)
        if system is None:
            return list(found)
        return [grade.name for grade in system.grades if grade.id in found]

    def _asked(self, name: str) -> tuple[Program, Truths]:
        """Return where a condition was asked: of the facts, or with the advice after everything else."""
        if name in self.program.place:
            return self.program, self.evaluation.truths
        return self.advice_program, self.advice.truths

    def _found_in(self, fact: str, row: int) -> int:
        """Return the hip of which a fact is true, this one first."""
        order = sorted(range(len(self.rows)), key=lambda other: other != row)
        return next((place for place in order if self.facts.reference(fact, place).value is True), row)
