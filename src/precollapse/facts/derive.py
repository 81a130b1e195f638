"""Facts that follow from other facts: wider concepts, definitions and zeros nobody needs to write down.

What was recorded always stands; only what is unknown is filled. The definitions themselves are in the
knowledge (``implies``, ``derive``, ``zero_when``); here they are only put in order and applied.
"""

from __future__ import annotations

from functools import lru_cache
from graphlib import CycleError, TopologicalSorter

import polars as pl

from precollapse.errors import KnowledgeError
from precollapse.knowledge.bundle import Knowledge, KnowledgeKey
from precollapse.knowledge.conditions import leaves, parse
from precollapse.knowledge.expressions import compile_condition
from precollapse.knowledge.model import Concept


def derive(wide: pl.DataFrame, knowledge: Knowledge) -> pl.DataFrame:
    """Fill unknown facts from definitions, in an order in which every definition's facts are ready."""
    wide = wide.with_columns(_body_mass_index())
    for step in _steps(KnowledgeKey(knowledge)):
        wide = wide.with_columns(step)
    return wide


@lru_cache(maxsize=4)
def _steps(knowledge: KnowledgeKey) -> tuple[tuple[pl.Expr, ...], ...]:
    return _compile_steps(knowledge.knowledge)


def _body_mass_index() -> list[pl.Expr]:
    """Weight over height squared, from their bounds."""
    height_m = {end: pl.col(f"height_cm.{end}") / 100 for end in ("low", "high")}
    low = pl.col("weight_kg.low") / height_m["high"] ** 2
    high = pl.col("weight_kg.high") / height_m["low"] ** 2
    unknown = pl.col("body_mass_index.low").is_null()
    return [
        pl.when(unknown).then(value).otherwise(f"body_mass_index.{end}").alias(f"body_mass_index.{end}")
        for end, value in (("low", low), ("high", high))
    ]


def _compile_steps(knowledge: Knowledge) -> tuple[tuple[pl.Expr, ...], ...]:
    """Group the definitions into rounds; within a round none depends on another."""
    concepts = knowledge.concepts
    needs: dict[str, set[str]] = {}
    for concept in concepts.values():
        needs[concept.id] = {leaf.fact for leaf in _definition_leaves(concept)}
    for concept in concepts.values():
        # A concept defined by a wider one ("dislocation with a fracture") cannot be what makes that one true.
        for wider in set(concept.implies) - needs[concept.id]:
            needs.setdefault(wider, set()).add(concept.id)
    sorter = TopologicalSorter(needs)
    try:
        sorter.prepare()
    except CycleError as error:
        raise KnowledgeError(f"concepts: definitions run in a circle: {' → '.join(error.args[1])}") from error
    children = _children(knowledge)
    rounds = [_denials(knowledge)] * _depth(children)
    while sorter.is_active():
        ready = sorter.get_ready()
        filled = [e for name in ready if name in concepts for e in _fill(concepts[name], children.get(name, ()))]
        rounds.append(tuple(filled))
        sorter.done(*ready)
    return tuple(step for step in rounds if step)


def _definition_leaves(concept: Concept) -> list[object]:
    found: list[object] = []
    for raw in (concept.derive, concept.zero_when):
        if raw is not None:
            found += leaves(parse(raw, concept.id))
    return found


def _children(knowledge: Knowledge) -> dict[str, list[str]]:
    children: dict[str, list[str]] = {}
    for concept in knowledge.concepts.values():
        for wider in concept.implies:
            children.setdefault(wider, []).append(concept.id)
    return children


def _depth(children: dict[str, list[str]]) -> int:
    """Return how many steps lead from the widest concept to the narrowest."""

    def below(name: str, seen: frozenset[str]) -> int:
        return max((1 + below(c, seen | {c}) for c in children.get(name, ()) if c not in seen), default=0)

    return max((below(name, frozenset({name})) for name in children), default=0)


def _denials(knowledge: Knowledge) -> tuple[pl.Expr, ...]:
    """Whoever does not have the wider thing does not have the narrower one."""
    expressions = []
    for concept in knowledge.concepts.values():
        wider = [name for name in concept.implies if knowledge.concepts[name].type == "yes_no"]
        if concept.type == "yes_no" and wider:
            denied = pl.any_horizontal(~pl.col(name).fill_null(True) for name in wider)
            value = pl.col(concept.id)
            expressions.append(
                pl.when(value.is_null() & denied).then(False).otherwise(value).alias(concept.id)
            )
    return tuple(expressions)


def _fill(concept: Concept, narrower: list[str] | tuple[str, ...]) -> list[pl.Expr]:
    """Expressions that fill one concept where it is unknown."""
    if concept.type == "number":
        if concept.zero_when is None:
            return []
        zero = compile_condition(parse(concept.zero_when, concept.id)).fill_null(False)
        unknown = pl.col(f"{concept.id}.low").is_null() & pl.col(f"{concept.id}.high").is_null()
        return [
            pl.when(unknown & zero).then(0.0).otherwise(f"{concept.id}.{end}").alias(f"{concept.id}.{end}")
            for end in ("low", "high")
        ]
    if concept.type != "yes_no":
        return []
    value = pl.col(concept.id)
    if concept.derive is not None:
        value = pl.coalesce(value, compile_condition(parse(concept.derive, concept.id)))
    if narrower:
        implied = pl.any_horizontal(pl.col(name).fill_null(False) for name in narrower)
        value = pl.when(implied).then(True).otherwise(value)
    return [value.alias(concept.id)] if concept.derive is not None or narrower else []
