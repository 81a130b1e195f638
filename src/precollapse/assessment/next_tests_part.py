"""What to do next: the decision as it stands, the tests in order of what they add to it, and when."""

from __future__ import annotations

from typing import Any, cast

from precollapse.assessment.context import Context
from precollapse.assessment.diagnosis_nodes import (
    DecisionNow,
    NextTests,
    TestForHip,
    TestRanked,
    TestResult,
    TimingAdvice,
)
from precollapse.assessment.nodes import FigureUsed, rounded
from precollapse.assessment.risk_part import figure_used
from precollapse.engine.network import network
from precollapse.engine.next_test import Answer, choices, decide
from precollapse.engine.ranking import Ranked, rank_tests
from precollapse.knowledge.model import Figure

SIDES = ("left", "right")
EMERGENCY = "emergency"
EMERGENCY_FIRST = "This is an emergency: none of these tests may delay the way to hospital."
BY_VALUE = "In the order of what they are expected to add to the decision, less burden, cost and delay."
# States of tests that have no place in the list: nothing they could show is open here.
IDLE = {"already done", "no question for it"}
NOTHING = "No test is expected to improve the decision by more than it costs."


def next_tests_part(context: Context, level: str) -> NextTests:
    """Rank tests for one patient and say what their results would change."""
    evaluation = context.evaluation
    ranked = rank_tests(
        context.rows, context.facts.hips, evaluation.truths, evaluation.differential, context.knowledge
    )
    tests = tuple(_test(context, one) for one in ranked if _listed(context, one))
    worth_it = any(one.state == "worth it" for one in ranked)
    says = EMERGENCY_FIRST if level == EMERGENCY else BY_VALUE if worth_it else NOTHING
    return NextTests(
        says=says,
        decisions=_decisions(context, level),
        tests=tests,
        timings=tuple(_timings(context)),
    )


def _listed(context: Context, ranked: Ranked) -> bool:
    """Return whether a test has a place in the list; a question that changes nothing has none."""
    question = context.knowledge.tests[ranked.test].kind == "question"
    return ranked.state not in IDLE and not (question and ranked.state != "worth it")


def _hips(context: Context) -> list[int]:
    return [row for row, number in enumerate(context.rows) if context.evaluation.differential.applies[number]]


def _decisions(context: Context, level: str) -> tuple[DecisionNow, ...]:
    """Return the best decision of each hip; in an emergency that is decided already, by its rules."""
    if level == EMERGENCY:
        entry = context.knowledge.decisions[EMERGENCY]
        return (DecisionNow(side=None, id=entry.id, name=entry.name, says=entry.says, points={}),)
    return tuple(_decision(context, row) for row in _hips(context))


def _decision(context: Context, row: int) -> DecisionNow:
    choice = choices(context.knowledge)
    best, points = decide(context.evaluation.differential.p[context.rows[row]], choice)
    entry = context.knowledge.decisions[choice.decisions[best]]
    return DecisionNow(
        side=_side(context, row),
        id=entry.id,
        name=entry.name,
        says=entry.says,
        points={name: rounded(p) for name, p in zip(choice.decisions, points, strict=True)},
    )


def _side(context: Context, row: int | None) -> Any:
    hip = context.facts.hips[row] if row is not None else None
    return hip if hip in SIDES else None


def _test(context: Context, ranked: Ranked) -> TestRanked:
    entry = context.knowledge.tests[ranked.test]
    bars = [bar.says for bar in ranked.bars]
    return TestRanked(
        id=entry.id,
        name=entry.name,
        says=entry.says,
        kind=entry.kind,
        side=_side(context, ranked.hip),
        state=ranked.state,
        gain=rounded(ranked.gain),
        burden=rounded(ranked.burden),
        net=rounded(ranked.net),
        radiation_msv=_figure(entry.radiation_msv),
        hips=tuple(
            TestForHip(
                side=_side(context, row),
                gain=rounded(value.gain),
                results=tuple(_result(context, answer) for answer in value.answers),
            )
            for row, value in ranked.by_hip.items()
        ),
        bars=tuple(dict.fromkeys(bars)),
        ask_first=_questions(context, ranked),
        sources=tuple(dict.fromkeys((*entry.sources, *(s for bar in ranked.bars for s in bar.sources)))),
    )


def _questions(context: Context, ranked: Ranked) -> tuple[str, ...]:
    """Return what must be asked before a test because it may forbid it."""
    rows = [ranked.hip] if ranked.hip is not None else _hips(context)
    facts = [fact for name in ranked.ask_first for row in rows for fact in context.verdict(name, row)[1]]
    return tuple(dict.fromkeys(context.knowledge.concepts[fact].question for fact in facts))


def _figure(figure: Figure | None) -> FigureUsed | None:
    return figure_used(figure) if figure is not None else None


def _result(context: Context, answer: Answer) -> TestResult:
    net, choice = network(context.knowledge), choices(context.knowledge)
    likeliest = int(answer.p.argmax())
    decision = context.knowledge.decisions[choice.decisions[answer.decision]]
    return TestResult(
        decision=decision.id,
        decision_name=decision.name,
        probability=rounded(answer.probability),
        osteonecrosis=rounded(answer.p[net.computed]),
        likeliest=context.knowledge.diagnoses[net.diagnoses[likeliest]].name,
        likeliest_probability=rounded(answer.p[likeliest]),
    )


def _timings(context: Context) -> list[TimingAdvice]:
    found = []
    for entry in context.knowledge.timings.values():
        rows = [row for row in range(len(context.rows)) if context.state(f"timing:{entry.id}", row)]
        done = f"done:{entry.test}"
        made = context.has(done) and all(context.state(done, row) for row in rows)
        if not rows or entry.draft or (made and not entry.again):
            continue
        found.append(
            TimingAdvice(
                id=entry.id,
                name=entry.name,
                test=context.knowledge.tests[entry.test].name,
                says=entry.says,
                months=_figure(entry.months),
                facts=context.references(f"timing:{entry.id}", rows[0]),
                grade=cast("str", entry.grade),
                sources=entry.sources,
            )
        )
    return found
