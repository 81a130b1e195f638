"""The urgency part: every rule that holds, and every unknown whose answer could raise the level."""

from __future__ import annotations

from typing import Any, cast

from precollapse.assessment.context import Context
from precollapse.assessment.model import OpenQuestion, Reason, Urgency, UrgencyName
from precollapse.engine.urgency import LEVELS
from precollapse.knowledge.model import UrgencyRule


def urgency_part(context: Context, level: UrgencyName) -> Urgency:
    """Explain the level the engine found."""
    rules = [rule for rule in context.knowledge.urgency.values() if not rule.draft]
    reasons = [reason for rule in rules for reason in _reasons(context, rule)]
    reasons.sort(key=lambda reason: -LEVELS.index(reason.level))
    return Urgency(level=level, reasons=tuple(reasons), open_questions=_open_questions(context, rules, level))


def _reasons(context: Context, rule: UrgencyRule) -> list[Reason]:
    """One reason per hip for which the rule holds; a rule of the patient is said once."""
    found = []
    for row, hip in enumerate(context.facts.hips):
        if context.state(f"urgency:{rule.id}", row):
            side = cast("Any", hip) if rule.per == "hip" and hip in {"left", "right"} else None
            found.append(
                Reason(
                    rule=rule.id,
                    level=rule.level,
                    says=rule.says,
                    action=rule.action,
                    side=side,
                    facts=context.references(f"urgency:{rule.id}", row),
                    grade=rule.grade,
                    sources=rule.sources,
                )
            )
    return found[:1] if rule.per == "patient" else found


def _open_questions(
    context: Context, rules: list[UrgencyRule], level: UrgencyName
) -> tuple[OpenQuestion, ...]:
    """List unknown facts, each once per side, with the highest level their answer could bring."""
    open_rules: dict[tuple[str, str | None], list[UrgencyRule]] = {}
    where: dict[tuple[str, str | None], int] = {}
    for rule in rules:
        if LEVELS.index(rule.level) <= LEVELS.index(level):
            continue
        for row, hip in enumerate(context.facts.hips):
            if hip == "unspecified" or context.state(f"urgency:{rule.id}", row) is not None:
                continue
            for fact in context.verdict(f"urgency:{rule.id}", row)[1]:
                concept = context.knowledge.concepts[fact]
                key = (fact, hip if concept.level == "hip" else None)
                open_rules.setdefault(key, []).append(rule)
                where[key] = row
    questions = [_question(context, key, rules_, where[key]) for key, rules_ in open_rules.items()]
    return tuple(sorted(questions, key=lambda q: (-LEVELS.index(q.could_become), -len(q.rules))))


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
