"""The urgency part: every rule that holds, and every unknown whose answer could raise the level."""

from __future__ import annotations

from collections.abc import Set
from typing import Any, cast

from precollapse.assessment.context import Context
from precollapse.assessment.model import OpenQuestion, Reason, Urgency
from precollapse.assessment.nodes import UrgencyName
from precollapse.engine.urgency import LEVELS
from precollapse.knowledge.model import UrgencyRule

SIDES = ("left", "right")


def urgency_part(context: Context, level: UrgencyName) -> Urgency:
    """Explain the level the engine found."""
    rules = [rule for rule in context.knowledge.urgency.values() if not rule.draft]
    reasons = [reason for rule in rules if (reason := _reason(context, rule)) is not None]
    reasons.sort(key=lambda reason: -LEVELS.index(reason.level))
    return Urgency(level=level, reasons=tuple(reasons), open_questions=_open_questions(context, rules, level))


def _reason(context: Context, rule: UrgencyRule) -> Reason | None:
    """Say a rule once, with the side or sides it holds for and the facts of each."""
    name = f"urgency:{rule.id}"
    rows = {hip: row for row, hip in enumerate(context.facts.hips) if context.state(name, row)}
    if not rows:
        return None
    facts = dict.fromkeys(fact for row in rows.values() for fact in context.references(name, row))
    return Reason(
        rule=rule.id,
        level=rule.level,
        says=rule.says,
        action=rule.action,
        side=_side(rows.keys() - {"unspecified"}) if rule.per == "hip" else None,
        facts=tuple(facts),
        grade=rule.grade,
        sources=rule.sources,
    )


def _side(hips: Set[str]) -> Any:
    if len(hips) == len(SIDES):
        return "both"
    return next(iter(hips), None)


def _open_questions(
    context: Context, rules: list[UrgencyRule], level: UrgencyName
) -> tuple[OpenQuestion, ...]:
    """List unknown facts, each once per side, with the highest level their answer could bring.

    Questions of rules of which something already holds come first.
    """
    open_rules: dict[tuple[str, str | None], list[UrgencyRule]] = {}
    where: dict[tuple[str, str | None], int] = {}
    begun: set[tuple[str, str | None]] = set()
    for rule in rules:
        if LEVELS.index(rule.level) <= LEVELS.index(level):
            continue
        for row, hip in enumerate(context.facts.hips):
            if hip == "unspecified" or context.state(f"urgency:{rule.id}", row) is not None:
                continue
            half_true = context.partly_true(f"urgency:{rule.id}", row)
            for fact in context.verdict(f"urgency:{rule.id}", row)[1]:
                concept = context.knowledge.concepts[fact]
                key = (fact, hip if concept.level == "hip" else None)
                open_rules.setdefault(key, []).append(rule)
                where[key] = row
                if half_true:
                    begun.add(key)
    questions = [(key, _question(context, key, found, where[key])) for key, found in open_rules.items()]
    questions.sort(key=lambda q: (-LEVELS.index(q[1].could_become), q[0] not in begun, -len(q[1].rules)))
    return tuple(question for _, question in questions)


def _question(
    context: Context, key: tuple[str, str | None], rules: list[UrgencyRule], row: int
) -> OpenQuestion:
    concept = context.knowledge.concepts[key[0]]
    reference = context.facts.reference(key[0], row)
    return OpenQuestion(
        concept=key[0],
        question=concept.question,
        side=cast("Any", key[1]),
        why_unknown=reference.why_unknown or "not asked",
        could_become=max((rule.level for rule in rules), key=LEVELS.index),
        rules=tuple(dict.fromkeys(rule.id for rule in rules)),
    )
