"""The order in which a record is written down, and who stands beside whom, changes nothing."""

from __future__ import annotations

import random
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from precollapse.chart.model import Chart
from precollapse.facts.build import Facts, build_facts
from tests.facts.people import AS_OF, KNOWLEDGE, Person, chart_of, days_ago, facts_of, oral

SAMPLE = [
    "hip_pain", "systemic_lupus_erythematosus", "c_reactive_protein", "smoking_status", "warfarin",
    "femoral_neck_fracture", "cd4_nadir", "mri_hip", "alcohol_g_per_week", "internal_rotation_deg",
]  # fmt: skip
STATUSES = ["present", "absent", "past", "provisional", "asked_unknown", "unreadable"]


@st.composite
def statements(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Statements that repeat, contradict, go stale and leave out the side."""
    found = []
    for number in range(draw(st.integers(1, 12))):
        concept = KNOWLEDGE.concepts[draw(st.sampled_from(SAMPLE))]
        days = draw(st.sampled_from([0, 1, 1, 40, 200, 900]))
        statement: dict[str, Any] = {
            "concept": concept.id,
            "status": draw(st.sampled_from(STATUSES)) if concept.type == "yes_no" else "present",
            "recorded": draw(st.sampled_from([days_ago(days), None])),
            "start": draw(st.sampled_from([days_ago(days), None])),
            "end": draw(st.sampled_from([None, None, days_ago(0)])),
            "origin": f"entry {number}",
        }
        if concept.level == "hip":
            statement["side"] = draw(st.sampled_from(["left", "right", "both", None]))
        if concept.type == "number":
            statement["value"] = draw(st.sampled_from([1.0, 5.0, 40.0]))
        if concept.type == "choice":
            statement["choice"] = draw(st.sampled_from(sorted(concept.choices)))
        found.append(statement)
    return found


def comparable(facts: Facts, person: int = 0) -> list[tuple[Any, ...]]:
    """Every fact of a patient without the texts that list several origins one after the other."""
    columns = ["hip", "concept", "truth", "number", "low", "high", "choice", "since", "date", "why_unknown"]
    rows = facts.long.filter(pl.col("person") == person).select(columns).rows()
    return sorted(rows, key=repr)


@given(statements(), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=60, derandomize=True)
def test_order_of_statements_does_not_change_the_facts(
    said: list[dict[str, Any]], chance: random.Random
) -> None:
    shuffled = list(said)
    chance.shuffle(shuffled)
    one, other = (comparable(facts_of(Person(statements=order))) for order in (said, shuffled))
    assert one == other


@given(st.lists(statements(), min_size=2, max_size=4))
@settings(deadline=None, max_examples=25, derandomize=True)
def test_facts_of_a_patient_do_not_depend_on_the_others(said: list[list[dict[str, Any]]]) -> None:
    together = facts_of(*(Person(statements=one) for one in said))
    for number, one in enumerate(said):
        assert comparable(together, number) == comparable(facts_of(Person(statements=one)))


def test_order_of_doses_does_not_change_the_exposure() -> None:
    doses = [oral(20, days_ago(90), days_ago(60), order=1), oral(5, days_ago(80), days_ago(0), order=2)]
    one, other = (comparable(facts_of(Person(doses=order))) for order in (doses, doses[::-1]))
    assert one == other


def test_rows_of_the_chart_may_stand_in_any_order() -> None:
    people = [Person({"hiv_infection": True}, left={"hip_pain": True}), Person({"hiv_infection": False})]
    chart = chart_of(*people)
    mixed = Chart(chart.persons, chart.statements.reverse(), chart.doses, chart.unread)
    for person in (0, 1):
        one, other = (comparable(build_facts(c, KNOWLEDGE, AS_OF), person) for c in (chart, mixed))
        assert one == other
