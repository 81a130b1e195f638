"""Conditions of the knowledge against Kleene's logic written out, on random trees and hips."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from precollapse.engine.program import program
from precollapse.facts.logic import Leaves, evaluate
from precollapse.knowledge.conditions import Condition, leaves, parse
from tests.engine.trees import Row, conditions, kleene, patients, table_of
from tests.facts.people import KNOWLEDGE, Person, facts_of

SIGNS = {1: True, -1: False, 0: None}


@given(conditions(), patients())
@settings(deadline=None, max_examples=250, derandomize=True)
def test_conditions_follow_kleene_logic(condition: Condition, rows: list[Row]) -> None:
    table = table_of(rows)
    found = evaluate(condition, Leaves(table), table.height)
    assert [SIGNS[int(value)] for value in found] == [kleene(condition, row, rows) for row in rows]


@given(conditions(), patients(), st.data())
@settings(deadline=None, max_examples=80, derandomize=True)
def test_answering_a_question_never_turns_a_verdict_over(
    condition: Condition, rows: list[Row], data: st.DataObject
) -> None:
    """What was true or false while a fact was unknown stays so whatever its answer."""
    known = [(n, name) for n, row in enumerate(rows) for name, value in row.items() if value is not None]
    number, name = data.draw(
        st.sampled_from([k for k in known if k[1] not in {"person", "hip"}] or [(0, "hip")])
    )
    if name == "hip":
        return
    before = [row | {name: None} if n == number else row for n, row in enumerate(rows)]
    open_ = evaluate(condition, Leaves(table_of(before)), len(rows))
    answered = evaluate(condition, Leaves(table_of(rows)), len(rows))
    assert all(a == 0 or a == b for a, b in zip(open_, answered, strict=True))


def test_every_condition_of_the_knowledge_is_unknown_of_a_patient_of_whom_nothing_is_known() -> None:
    run = program(KNOWLEDGE)
    truths = run.run(facts_of(Person()).table)
    for name, condition in run.conditions.items():
        if any(True for _ in leaves(condition)):
            assert truths.at(name, 0) is None, name


def test_either_hip_counts_a_hip_whose_side_nobody_named() -> None:
    table = facts_of(Person(left={"groin_pain": True}, statements=[{"concept": "mri_sacroiliitis"}])).table
    truth = evaluate(parse({"either_hip": "mri_sacroiliitis"}, "test"), Leaves(table), table.height)
    assert truth.tolist() == [1, 1, 1]


def test_both_hips_and_the_other_hip() -> None:
    person = Person(left={"hip_pain": True}, right={"hip_pain": False})
    table = facts_of(person).table
    for raw, expected in (({"both_hips": "hip_pain"}, [-1, -1]), ({"other_hip": "hip_pain"}, [-1, 1])):
        assert evaluate(parse(raw, "test"), Leaves(table), table.height).tolist() == expected
