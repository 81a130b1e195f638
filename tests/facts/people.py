"""Patients for tests, written as answers: what is present, absent, measured or chosen, and on which side.

Not a reader: it fills a chart directly, so that facts, engine and assessment can be shown without files.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from precollapse.chart.model import Chart, ChartBuilder
from precollapse.engine.run import Evaluation, evaluate
from precollapse.facts.build import Facts, build_facts
from precollapse.knowledge.load import load

AS_OF = date(2026, 11, 22)
KNOWLEDGE = load()

# True, False, a number, a choice, or (answer, years ago).
Answer = bool | float | str | tuple[Any, float]


def days_ago(days: float) -> date:
    return AS_OF - timedelta(days=days)


def years_ago(years: float) -> date:
    return days_ago(round(years * 365.25))


@dataclass
class Person:
    """One patient: answers of the patient and of each hip, doses, and statements said in full."""

    answers: Mapping[str, Answer] = field(default_factory=dict)
    left: Mapping[str, Answer] = field(default_factory=dict)
    right: Mapping[str, Answer] = field(default_factory=dict)
    doses: Sequence[Mapping[str, Any]] = ()
    statements: Sequence[Mapping[str, Any]] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)


def oral(mg_per_day: float | None, start: date, end: date | None = None, **more: Any) -> dict[str, Any]:
    """One stretch of days on a daily dose of oral prednisone, unless said otherwise."""
    return {
        "ingredient": "prednisone",
        "kind": "statement",
        "route": "systemic",
        "product": "tablets",
        "start": start,
        "end": end,
        "ongoing": False,
        "mg_per_day": mg_per_day,
        "prn": False,
    } | more


def chart_of(*people: Person) -> Chart:
    builder = ChartBuilder()
    for number, person in enumerate(people):
        who = builder.person(f"patient-{number}", "test", **person.fields)
        for side, answers in ((None, person.answers), ("left", person.left), ("right", person.right)):
            for concept, answer in answers.items():
                _say(builder, who, concept, answer, side)
        for statement in person.statements:
            given = {"origin": "test", "recorded": AS_OF} | dict(statement)
            builder.statement(who, given.pop("concept"), given.pop("origin"), **given)
        for dose in person.doses:
            given = {"origin": "test"} | dict(dose)
            builder.dose(who, given.pop("ingredient"), given.pop("kind"), given.pop("origin"), **given)
    return builder.build()


def _say(builder: ChartBuilder, who: int, concept: str, answer: Answer, side: Any) -> None:
    years = 0.0
    if isinstance(answer, tuple):
        answer, years = answer
    when = {"start": years_ago(years) if years else None, "recorded": AS_OF, "side": side}
    if isinstance(answer, bool):
        builder.statement(who, concept, "test", status="present" if answer else "absent", **when)
    elif isinstance(answer, str):
        builder.statement(who, concept, "test", choice=answer, **when)
    else:
        builder.statement(who, concept, "test", value=float(answer), **when)


def facts_of(*people: Person, as_of: date = AS_OF) -> Facts:
    return build_facts(chart_of(*people), KNOWLEDGE, as_of)


def evaluated(*people: Person, horizons: tuple[float, ...] | None = None) -> tuple[Facts, Evaluation]:
    facts = facts_of(*people)
    return facts, evaluate(facts, KNOWLEDGE, horizons)


def said(facts: Facts, concept: str, hip: str | None = None, person: int = 0) -> dict[str, Any]:
    """The recorded fact of one concept, as a row of the long table; empty when nothing was recorded."""
    rows = [
        row
        for row in facts.long.iter_rows(named=True)
        if (row["person"], row["concept"], row["hip"]) == (person, concept, hip)
    ]
    assert len(rows) <= 1, f"{concept} has {len(rows)} rows"
    return rows[0] if rows else {}


def place(facts: Facts, hip: str, person: int = 0) -> int:
    """Row number of one hip in the engine's arrays."""
    table = facts.table
    return next(n for n in range(table.height) if (table.persons[n], table.hips[n]) == (person, hip))


def value(facts: Facts, name: str, hip: str = "left", person: int = 0) -> Any:
    """What the engine sees of one hip; ``name`` may end in ``.low``, ``.high`` or ``.years``."""
    concept, _, part = name.partition(".")
    table, row = facts.table, place(facts, hip, person)
    if part:
        number = float({"low": table.low, "high": table.high, "years": table.years}[part](concept)[row])
        return None if math.isnan(number) else number
    if KNOWLEDGE.concepts[concept].type == "choice":
        return [*KNOWLEDGE.concepts[concept].choices, None][table.choice(concept)[row]]
    return {1: True, -1: False, 0: None}[int(table.truth(concept)[row])]
