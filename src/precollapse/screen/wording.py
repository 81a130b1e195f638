"""The words of an answer: what it rests on and what is not known, worked out once for patients alike.

Which facts carried a condition is read from the engine's own truth values (``assessment/explain.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from precollapse.assessment.explain import deciding_facts
from precollapse.engine.program import Truths
from precollapse.engine.risk_model import risk_model
from precollapse.engine.screening import (
    NONE,
    ScreeningResult,
    named_by,
    rules_of,
    screening_program,
)
from precollapse.facts.table import TRUE, UNKNOWN
from precollapse.knowledge.bundle import Knowledge, KnowledgeKey
from precollapse.knowledge.conditions import Condition, Leaf, leaves
from precollapse.knowledge.model_screening import IMAGE_ACTIONS

# More questions than these nobody reads.
MOST_UNKNOWN = 8


class Said(NamedTuple):
    """What an answer rests on and what is not known that matters, as names of concepts."""

    facts: tuple[str, ...]
    unknown: tuple[str, ...]


class Wording:
    """Remembers what was worked out; one for each knowledge and process."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.conditions = screening_program(knowledge).conditions
        self.rules = rules_of(knowledge)
        self.causes = risk_model(knowledge).causes
        self._open = _open_conditions(KnowledgeKey(knowledge))
        # What raises the risk of each cause; of those only what holds is told.
        self._raising: dict[str, list[str]] = {}
        for effect in knowledge.effects.values():
            if not effect.draft:
                for one in effect.causes:
                    self._raising.setdefault(one, []).append(f"effect:{effect.id}")
        self._known: dict[tuple[int, int, str, bytes], Said] = {}

    def said(self, result: ScreeningResult, truths: Truths) -> list[Said]:
        """Return the words of every patient of a result."""
        words: list[Said] = [Said((), ())] * len(result.persons)
        kinds = np.stack([result.rule, result.cause, result.reason], axis=1)
        distinct, of = np.unique(kinds, axis=0, return_inverse=True)
        for number, (rule, cause, reason) in enumerate(distinct.tolist()):
            patients = np.flatnonzero(of.ravel() == number)
            name = result.reasons[reason] if reason != NONE else f"screening:{self.rules[rule].id}"
            of_kind = self._of_kind(rule, cause, name, patients, result, truths)
            for patient, one in zip(patients.tolist(), of_kind, strict=True):
                words[patient] = one
        return words

    def _of_kind(
        self,
        rule: int,
        cause: int,
        reason: str,
        patients: npt.NDArray[np.int64],
        result: ScreeningResult,
        truths: Truths,
    ) -> Iterable[Said]:
        """Return the words of patients of whom one rule, one cause and one reason decided."""
        names = [reason] if reason in self.conditions else []
        if cause != NONE:
            names += [f"cause:{self.causes[cause]}", *self._raising.get(self.causes[cause], ())]
        asked = [self.conditions[name] for name in names]
        # Whoever has no cause is not asked for everything that could be one.
        open_ = [self.conditions[name] for name in self._open] if cause != NONE else []
        columns = tuple(dict.fromkeys(leaf for one in (*asked, *open_) for leaf in leaves(one)))
        rows = result.row[patients]
        table = np.zeros((len(rows), len(columns)), dtype=np.int8)
        for number, leaf in enumerate(columns):
            table[:, number] = truths.leaves(leaf)[rows]
        return [self._worked_out(rule, cause, reason, one, columns, asked, open_) for one in table]

    def _worked_out(
        self,
        rule: int,
        cause: int,
        reason: str,
        values: npt.NDArray[np.int8],
        columns: Sequence[Leaf],
        asked: Sequence[Condition],
        open_: Sequence[Condition],
    ) -> Said:
        key = (rule, cause, reason, values.tobytes())
        found = self._known.get(key)
        if found is None:
            truth = dict(zip(columns, values.tolist(), strict=True))

            def told(leaf: Leaf) -> bool | None:
                return None if truth[leaf] == UNKNOWN else truth[leaf] == TRUE

            carried = (fact for one in asked for fact in _carrying(one, told, wanted=True))
            missing = (
                fact
                for one in open_
                if any(told(leaf) for leaf in leaves(one))
                for fact in _carrying(one, told, wanted=None)
            )
            found = self._known[key] = Said(self._names(carried), self._names(missing)[:MOST_UNKNOWN])
        return found

    def _names(self, facts: Iterable[str]) -> tuple[str, ...]:
        return tuple(self.knowledge.concepts[fact].name for fact in dict.fromkeys(facts))


def _carrying(
    condition: Condition, told: Callable[[Leaf], bool | None], *, wanted: bool | None
) -> tuple[str, ...]:
    value, facts = deciding_facts(condition, told)
    return facts if value is wanted else ()


@lru_cache(maxsize=4)
def _open_conditions(key: KnowledgeKey) -> tuple[str, ...]:
    """Return the conditions through which an image may be recommended."""
    rules = [rule for rule in rules_of(key.knowledge) if rule.action in IMAGE_ACTIONS]
    return tuple(dict.fromkeys(name for rule in rules for name in named_by(rule, key.knowledge)))
