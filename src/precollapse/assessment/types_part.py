"""Causes that are present or possible, their share of the risk, and the type each hip would be named."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from precollapse.assessment.context import Context
from precollapse.assessment.model import CauseFound, TypeFound
from precollapse.engine.risk_model import risk_model
from precollapse.knowledge.model_risk import Attribution

IDIOPATHIC = "T06"


def causes_of_hip(context: Context, row: int) -> tuple[CauseFound, ...]:
    """List causes present, by share, then those nobody ruled out."""
    shares = _shares(context, row)
    found = []
    for cause in context.knowledge.causes.values():
        truth = context.state(f"cause:{cause.id}", row)
        if cause.sign or truth is False:
            continue
        state: Any = "present" if truth else "possible"
        facts = context.references(f"cause:{cause.id}", row)
        found.append(
            CauseFound(
                id=cause.id,
                name=cause.name,
                state=state,
                share=shares.get(cause.id),
                types=cause.types,
                facts=facts,
            )
        )
    return tuple(sorted(found, key=lambda c: (c.state != "present", -(c.share or 0.0))))


def _shares(context: Context, row: int) -> dict[str, float]:
    """Share of each present cause: its own risk over the sum of the risks of all causes present."""
    weights = {
        name: weight
        for name, weight in _weights(context, row).items()
        if context.state(f"cause:{name}", row) and not context.knowledge.causes[name].sign
    }
    total = sum(weights.values())
    return {name: round(weight / total, 3) for name, weight in weights.items()} if total > 0 else {}


def _weights(context: Context, row: int) -> dict[str, float]:
    """Risk of today under each cause alone; a cause known only as a ratio adds to the population's risk."""
    model, risk, number = risk_model(context.knowledge), context.evaluation.risk, context.rows[row]
    values = dict(zip(model.causes, risk.today.by_cause[number], strict=True))
    weights = {name: float(value) for name, value in values.items() if not math.isnan(value)}
    background = weights.get("background", 0.0)
    for index in np.flatnonzero(risk.effects.true[number]):
        effect = context.knowledge.effects[model.effects[index]]
        ratio = math.exp(float(risk.log_ratios.value[number, index]))
        for cause in context.knowledge.causes.values():
            same_item = set(cause.pathway) & set(effect.pathway)
            if cause.id not in weights and same_item and "background" in effect.causes and ratio > 1:
                weights[cause.id] = background * (1 - 1 / ratio)
    return weights


def types_of_hip(context: Context, row: int) -> tuple[TypeFound, ...]:
    """Name the types: those whose rule is met, those possible, and idiopathic only after a full work-up."""
    shares = _shares(context, row)
    named = [
        found
        for kind in context.knowledge.attributions.values()
        if kind.id != IDIOPATHIC and (found := _type(context, kind, row, shares)) is not None
    ]
    if not any(found.share or found.state == "meets the rule" for found in named):
        named.append(_idiopathic(context, context.knowledge.attributions[IDIOPATHIC], row))
    return _with_dominant(named)


def _type(context: Context, kind: Attribution, row: int, shares: dict[str, float]) -> TypeFound | None:
    state: Any = None
    for name, label in ((f"type:{kind.id}", "meets the rule"), (f"suspected:{kind.id}", "possible")):
        if context.has(name) and context.state(name, row):
            state = label
            facts = context.references(name, row)
            break
    if state is None:
        return None
    causes = [c for c in context.knowledge.causes.values() if kind.id in c.types]
    share = sum(shares.get(cause.id, 0.0) for cause in causes)
    undecided = kind.when is not None and context.state(f"type:{kind.id}", row) is None
    missing = context.verdict(f"type:{kind.id}", row)[1] if undecided else ()
    return TypeFound(
        id=kind.id,
        name=kind.name,
        state=state,
        dominant=False,
        share=round(share, 3),
        says=kind.says,
        facts=facts,
        missing=missing,
        missing_names=tuple(context.knowledge.concepts[name].name for name in missing),
        sources=kind.sources,
    )


def _idiopathic(context: Context, kind: Attribution, row: int) -> TypeFound:
    """Idiopathic is said only when everything on the work-up list is known; else what is still missing."""
    references = [context.facts.reference(fact, row) for fact in kind.work_up]
    missing = tuple(r.concept for r in references if r.why_unknown is not None)
    return TypeFound(
        id=kind.id,
        name="Undetermined" if missing else kind.name,
        state="undetermined" if missing else "meets the rule",
        dominant=False,
        share=None,
        says="Not named: the work-up is not complete." if missing else kind.says,
        facts=tuple(r for r in references if r.why_unknown is None),
        missing=missing,
        missing_names=tuple(context.knowledge.concepts[name].name for name in missing),
        sources=kind.sources,
    )


def _with_dominant(found: list[TypeFound]) -> tuple[TypeFound, ...]:
    """Mark the type with the largest share; "non-traumatic" is only the roof over the others."""
    candidates = [t for t in found if t.id != "T02" and t.share]
    top = max(candidates, key=lambda t: t.share or 0.0) if candidates else None
    marked = [
        TypeFound(**{name: getattr(t, name) for name in t.__struct_fields__} | {"dominant": t is top})
        for t in found
    ]
    return tuple(sorted(marked, key=lambda t: (not t.dominant, -(t.share or 0.0), t.id)))
