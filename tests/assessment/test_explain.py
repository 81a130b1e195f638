"""The explanation names what decided: nothing else could have turned the verdict over."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from precollapse.assessment.context import Context
from precollapse.assessment.explain import deciding_facts
from precollapse.engine.advice import advice_program, advise
from precollapse.engine.program import program
from precollapse.facts.logic import Leaves, evaluate
from precollapse.knowledge.conditions import Condition, Leaf, leaves
from tests.engine.trees import Row, conditions, patients, table_of
from tests.facts.people import KNOWLEDGE, Person, evaluated

SIGNS = {1: True, -1: False, 0: None}
KLEENE = st.sampled_from([True, False, None])


@st.composite
def judged(draw: st.DrawFn) -> tuple[Condition, dict[Leaf, bool | None]]:
    condition = draw(conditions())
    return condition, {leaf: draw(KLEENE) for leaf in leaves(condition)}


@given(conditions(), patients())
@settings(deadline=None, max_examples=100, derandomize=True)
def test_explanation_reaches_the_engine_s_verdict(condition: Condition, rows: list[Row]) -> None:
    table = table_of(rows)
    truth = Leaves(table)
    found = evaluate(condition, truth, table.height)
    for row in range(table.height):
        verdict, _ = deciding_facts(condition, lambda leaf, row=row: SIGNS[int(truth(leaf)[row])])
        assert verdict == SIGNS[int(found[row])]


@given(judged(), st.data())
@settings(deadline=None, max_examples=120, derandomize=True)
def test_flipping_what_did_not_decide_never_changes_the_verdict(
    given_: tuple[Condition, dict[Leaf, bool | None]], data: st.DataObject
) -> None:
    condition, truth = given_
    verdict, facts = deciding_facts(condition, truth.__getitem__)
    if verdict is None:
        return
    flipped = {leaf: value if leaf.fact in facts else data.draw(KLEENE) for leaf, value in truth.items()}
    assert deciding_facts(condition, flipped.__getitem__)[0] is verdict


@given(judged(), st.data())
@settings(deadline=None, max_examples=120, derandomize=True)
def test_open_verdict_stays_open_until_one_of_the_named_facts_is_answered(
    given_: tuple[Condition, dict[Leaf, bool | None]], data: st.DataObject
) -> None:
    condition, truth = given_
    verdict, facts = deciding_facts(condition, truth.__getitem__)
    if verdict is not None:
        return
    assert facts
    answered = {
        leaf: data.draw(st.booleans()) if value is None and leaf.fact not in facts else value
        for leaf, value in truth.items()
    }
    assert deciding_facts(condition, answered.__getitem__)[0] is None


def test_every_verdict_of_the_knowledge_is_explained_by_facts_of_its_own_condition() -> None:
    person = Person(
        {"systemic_lupus_erythematosus": True, "age_years": 34.0, "smoking_status": "never"},
        left={"hip_pain": True, "weight_bearing_pain": True, "can_bear_weight": True},
    )
    facts, evaluation = evaluated(person)
    context = Context.of(0, facts, evaluation, advise(facts.table, evaluation, KNOWLEDGE), KNOWLEDGE)
    conditions = program(KNOWLEDGE).conditions | advice_program(KNOWLEDGE).conditions
    for name, condition in conditions.items():
        own = {leaf.fact for leaf in leaves(condition)}
        for row in range(2):
            verdict, named = context.verdict(name, row)
            assert verdict == context.state(name, row), name
            assert set(named) <= own, name
