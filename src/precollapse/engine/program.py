"""All conditions of the knowledge, compiled once and evaluated together on a table of hips.

A condition is named by where it stands: ``urgency:…``, ``cohort:…``, ``effect:…``, ``cause:…``,
``type:…`` and so on. The result has one Boolean column per name; null is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from precollapse.knowledge.bundle import Knowledge, KnowledgeKey
from precollapse.knowledge.conditions import AllOf, Condition, Not, leaves, parse
from precollapse.knowledge.expressions import compile_condition


@dataclass(frozen=True, slots=True)
class Program:
    """Named conditions and the expressions they were compiled to."""

    conditions: dict[str, Condition]
    expressions: tuple[pl.Expr, ...]

    def run(self, wide: pl.DataFrame) -> pl.DataFrame:
        """Evaluate every condition on every hip.

        Parameters
        ----------
        wide
            The facts, one row per hip; see ``precollapse.facts``.
        """
        return wide.select("person", "hip", *self.expressions)

    def facts_of(self, name: str) -> tuple[str, ...]:
        """Return the facts a condition reads, in the order it names them."""
        return tuple(dict.fromkeys(leaf.fact for leaf in leaves(self.conditions[name])))


def program(knowledge: Knowledge) -> Program:
    """Return the compiled conditions of this knowledge."""
    return _program(KnowledgeKey(knowledge))


@lru_cache(maxsize=4)
def _program(key: KnowledgeKey) -> Program:
    conditions = dict(_named_conditions(key.knowledge))
    expressions = tuple(compile_condition(c).alias(name) for name, c in conditions.items())
    return Program(conditions, expressions)


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
    settings = knowledge.risk_settings
    yield "hip:established", parse(settings.established_when, "settings")
    yield "hip:no head", parse(settings.no_head_when, "settings")
    yield "hip:excluded", parse(settings.excluded_when, "settings")
