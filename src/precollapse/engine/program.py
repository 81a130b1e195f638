"""All conditions of the knowledge, parsed once and evaluated together on a table of hips.

A condition is named by where it stands: ``urgency:…``, ``cohort:…``, ``effect:…``, ``cause:…``,
``type:…`` and so on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from precollapse.facts.logic import LeafTruth, Leaves, evaluate
from precollapse.facts.table import TRUE, UNKNOWN, HipTable
from precollapse.knowledge.bundle import Knowledge, KnowledgeKey
from precollapse.knowledge.conditions import AllOf, Condition, Not, leaves, parse
from precollapse.knowledge.model_diagnosis import Test


@dataclass(frozen=True, slots=True)
class Truths:
    """The truth of every condition on every hip.

    Attributes
    ----------
    table
        Array (hips, conditions) of 1 true, -1 false and 0 unknown.
    place
        For each name of a condition its column.
    leaves
        The truth of every single comparison, for the explanation.
    """

    table: npt.NDArray[np.int8]
    place: dict[str, int]
    leaves: LeafTruth

    def of(self, names: Sequence[str]) -> npt.NDArray[np.int8]:
        """Return the columns of some conditions, in the order of their names."""
        return self.table[:, [self.place[name] for name in names]]

    def at(self, name: str, row: int) -> bool | None:
        """Return the truth of one condition on one hip; None is unknown."""
        value = self.table[row, self.place[name]]
        return None if value == UNKNOWN else bool(value == TRUE)


@dataclass(frozen=True, slots=True)
class Program:
    """Named conditions, parsed once.

    Attributes
    ----------
    conditions
        By name.
    place
        The column each has in the result.
    facts
        The facts each asks for.
    silent
        What each is of a hip of which none of its facts is known.
    """

    conditions: dict[str, Condition]
    place: dict[str, int]
    facts: tuple[frozenset[str], ...]
    silent: npt.NDArray[np.int8]

    @staticmethod
    def of(named: Iterable[tuple[str, Condition]]) -> Program:
        """Prepare conditions, given with their names."""
        conditions = dict(named)
        nothing = np.zeros(1, dtype=np.int8)
        return Program(
            conditions=conditions,
            place={name: number for number, name in enumerate(conditions)},
            facts=tuple(frozenset(leaf.fact for leaf in leaves(c)) for c in conditions.values()),
            silent=np.array(
                [evaluate(c, lambda _: nothing, 1)[0] for c in conditions.values()], dtype=np.int8
            ),
        )

    def run(self, hips: HipTable) -> Truths:
        """Evaluate every condition on every hip.

        Parameters
        ----------
        hips
            The facts, one row per hip; see ``precollapse.facts``.
        """
        return self.run_with(Leaves(hips), hips.known, hips)

    def run_with(self, truths: LeafTruth, known: Set[str], hips: HipTable) -> Truths:
        """Evaluate every condition on every hip.

        Parameters
        ----------
        truths
            Gives the truth of single comparisons.
        known
            What anything is known of; a condition that asks for nothing of it stays silent.
        hips
            The facts, one row per hip.
        """
        table = np.tile(self.silent, (hips.height, 1))
        for number, condition in enumerate(self.conditions.values()):
            # Of one patient most facts are unknown, and most conditions ask for nothing else.
            if not known.isdisjoint(self.facts[number]):
                table[:, number] = evaluate(condition, truths, hips.height)
        return Truths(table, self.place, truths)


def program(knowledge: Knowledge) -> Program:
    """Return the parsed conditions of this knowledge."""
    return _program(KnowledgeKey(knowledge))


@lru_cache(maxsize=4)
def _program(key: KnowledgeKey) -> Program:
    return Program.of(_named_conditions(key.knowledge))


def _named_conditions(knowledge: Knowledge) -> Iterator[tuple[str, Condition]]:
    for rule in knowledge.urgency.values():
        yield f"urgency:{rule.id}", parse(rule.when, rule.id)
    for cause in knowledge.causes.values():
        yield f"cause:{cause.id}", parse(cause.present, cause.id)
    for cohort in knowledge.cohorts.values():
        yield f"cohort:{cohort.id}", parse(cohort.when, cohort.id)
    for effect in knowledge.effects.values():
        when = parse(effect.when, effect.id)
        if effect.not_with is not None:
            barred = parse(effect.not_with, effect.id)
            yield f"barred:{effect.id}", barred
            when = AllOf((when, Not(barred)))
        yield f"effect:{effect.id}", when
    for kind in knowledge.attributions.values():
        if kind.when is not None:
            yield f"type:{kind.id}", parse(kind.when, kind.id)
        if kind.suspected is not None:
            yield f"suspected:{kind.id}", parse(kind.suspected, kind.id)
    for advice in knowledge.prevention.values():
        yield f"prevention:{advice.id}", parse(advice.when, advice.id)
    yield from _of_diagnosis(knowledge)
    yield from _of_forecast(knowledge)
    settings = knowledge.risk_settings
    yield "hip:established", parse(settings.established_when, "settings")
    yield "hip:no head", parse(settings.no_head_when, "settings")
    yield "hip:excluded", parse(settings.excluded_when, "settings")


def _of_diagnosis(knowledge: Knowledge) -> Iterator[tuple[str, Condition]]:
    """Yield the conditions of the differential and of the tests that would sharpen it."""
    for finding in knowledge.findings.values():
        yield f"finding:{finding.id}", parse(finding.when, finding.id)
        if finding.counts_when is not None:
            yield f"counts:{finding.id}", parse(finding.counts_when, finding.id)
        if finding.unless is not None:
            yield f"unless:{finding.id}", parse(finding.unless, finding.id)
    for test in knowledge.tests.values():
        yield from _of_test(test)
    for timing in knowledge.timings.values():
        yield f"timing:{timing.id}", parse(timing.when, timing.id)
    for rule in knowledge.screening.values():
        if rule.when is not None:
            yield f"screening:{rule.id}", parse(rule.when, rule.id)
    for setting, raw in knowledge.diagnosis_settings.setting_when.items():
        yield f"setting:{setting}", parse(raw, "settings")
    yield "hip:pain", parse(knowledge.diagnosis_settings.pain, "settings")
    yield "hip:child", parse(knowledge.diagnosis_settings.child_when, "settings")
    yield "hip:differential", parse(knowledge.diagnosis_settings.applies_when, "settings")


def _of_forecast(knowledge: Knowledge) -> Iterator[tuple[str, Condition]]:
    """Yield what decides whether, and from where, a hip is forecast."""
    settings = knowledge.forecast_settings
    yield "forecast:not for", parse(settings.not_for, "forecast settings")
    for covariate in settings.covariates:
        yield f"forecast:{covariate.name}", parse(covariate.when, "forecast settings")
    for number, rule in enumerate(settings.narrowed):
        yield f"forecast:narrowed:{number}", parse(rule.when, "forecast settings")


def _of_test(test: Test) -> Iterator[tuple[str, Condition]]:
    if test.useful_when is not None:
        yield f"useful:{test.id}", parse(test.useful_when, test.id)
    if test.done_when is not None:
        yield f"done:{test.id}", parse(test.done_when, test.id)
    for number, bar in enumerate(test.bars):
        yield f"bar:{test.id}:{number}", parse(bar.when, test.id)
        if bar.unless is not None:
            yield f"lifted:{test.id}:{number}", parse(bar.unless, test.id)
