"""All conditions of the advice, parsed once: treatments, plan, rehabilitation, answers to questions.

They are asked after everything else, because they may ask what the engine has found of a hip
(``precollapse.engine.found``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from precollapse.engine.found import Findings, compute_findings
from precollapse.engine.options import Options, compute_options
from precollapse.engine.program import Program, Truths
from precollapse.engine.run import Evaluation
from precollapse.facts.table import HipTable
from precollapse.knowledge.bundle import Knowledge, KnowledgeKey
from precollapse.knowledge.conditions import AllOf, Condition, Not, parse
from precollapse.knowledge.model_treatment import Treatment


@dataclass(frozen=True, slots=True)
class Advice:
    """What follows for N hips.

    Attributes
    ----------
    findings
        What the engine found of each hip.
    truths
        The truth of every condition of the advice on each hip.
    options
        The state of every treatment on each hip.
    """

    findings: Findings
    truths: Truths
    options: Options


def advise(hips: HipTable, evaluation: Evaluation, knowledge: Knowledge) -> Advice:
    """Weigh every treatment and every line of the plan for every hip.

    Parameters
    ----------
    hips
        The facts, one row per hip.
    evaluation
        What the engine found on the same rows.
    knowledge
        The loaded knowledge.
    """
    findings = compute_findings(hips, evaluation, knowledge)
    truths = advice_program(knowledge).run_with(findings, hips.known | findings.known, hips)
    return Advice(findings, truths, compute_options(hips, truths, knowledge))


def advice_program(knowledge: Knowledge) -> Program:
    """Return the parsed conditions of the advice."""
    return _program(KnowledgeKey(knowledge))


@lru_cache(maxsize=4)
def _program(key: KnowledgeKey) -> Program:
    return Program.of(_named_conditions(key.knowledge))


def _named_conditions(knowledge: Knowledge) -> Iterator[tuple[str, Condition]]:
    for treatment in knowledge.treatments.values():
        yield from _of_treatment(treatment)
    for goal in knowledge.goals.values():
        yield f"goal:{goal.goal}", parse(goal.when, goal.id)
    for item in knowledge.plan.values():
        yield f"plan:{item.id}", parse(item.when, item.id)
        if item.unless is not None:
            yield f"plan-unless:{item.id}", parse(item.unless, item.id)
    for course in knowledge.rehabilitation.values():
        yield f"rehabilitation:{course.id}", parse(course.done, course.id)
    for question in knowledge.questions.values():
        for number, answer in enumerate(question.answers):
            yield f"answer:{question.id}:{number}", parse(answer.when, question.id)


def _of_treatment(treatment: Treatment) -> Iterator[tuple[str, Condition]]:
    name = treatment.id
    yield f"considered:{name}", parse(treatment.considered_when, name)
    if treatment.taken_when is not None:
        yield f"taken:{name}", parse(treatment.taken_when, name)
    for number, offer in enumerate(treatment.offers):
        yield f"offer:{name}:{number}", parse(offer.when, name)
    for number, against in enumerate(treatment.against):
        yield f"against:{name}:{number}", _unless(against.when, against.unless, name)
    for number, dosing in enumerate(treatment.dosing):
        if dosing.when is not None:
            yield f"dosing:{name}:{number}", parse(dosing.when, name)
    for number, check in enumerate(treatment.monitoring):
        if check.when is not None:
            yield f"monitoring:{name}:{number}", parse(check.when, name)


def _unless(when: Any, unless: Any, place: str) -> Condition:
    holds = parse(when, place)
    return holds if unless is None else AllOf((holds, Not(parse(unless, place))))
