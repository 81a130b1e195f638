"""What holds of the risk of every patient, whoever it is."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precollapse.engine.risk import Quantity
from precollapse.engine.run import Evaluation, evaluate
from precollapse.facts.build import build_facts
from precollapse.knowledge.bundle import Knowledge
from tests.engine.patients import SETTLING, people, without
from tests.facts.people import AS_OF, KNOWLEDGE, Person, chart_of, days_ago, evaluated, oral, place

HORIZONS = (0.25, 1.0, 2.0, 5.0, 10.0)
ROUNDING = 1e-12
REPRODUCIBLE = settings(deadline=None, max_examples=50, derandomize=True)


def quantities(evaluation: Evaluation) -> dict[str, Quantity]:
    return {"today": evaluation.risk.today} | {f"{y} years": q for y, q in evaluation.risk.future.items()}


@given(people())
@REPRODUCIBLE
def test_probabilities_lie_between_zero_and_one_and_intervals_around_them(person: Person) -> None:
    for name, q in quantities(evaluated(person, horizons=HORIZONS)[1]).items():
        chain = [q.low, q.recorded_low, q.value, q.recorded_high, q.high]
        assert np.isfinite(chain).all(), name
        for lower, upper in zip([np.zeros(2), *chain], [*chain, np.ones(2)], strict=True):
            assert (lower <= upper + ROUNDING).all(), (name, chain)


@given(people())
@REPRODUCIBLE
def test_more_time_never_means_less_risk(person: Person) -> None:
    future = list(evaluated(person, horizons=HORIZONS)[1].risk.future.values())
    for near, far in pairwise(future):
        for part in ("value", "low", "high", "recorded_low", "recorded_high"):
            assert (getattr(near, part) <= getattr(far, part) + ROUNDING).all(), part


@given(people())
@REPRODUCIBLE
def test_not_knowing_never_narrows_the_interval(person: Person) -> None:
    """Except for what settles the question or tells of the disease itself, see ``SETTLING``.

    A clear MRI or an untouched other hip is knowledge of the outcome, not of a cause: without it the
    interval is another one, not a wider one.
    """
    fewer = [(fact, less) for fact, less in without(person) if fact not in SETTLING]
    facts, evaluation = evaluated(person, *(less for _, less in fewer), horizons=HORIZONS)
    for name, q in quantities(evaluation).items():
        for hip in ("left", "right"):
            whole = place(facts, hip, 0)
            for number, (fact, _) in enumerate(fewer, start=1):
                less = place(facts, hip, number)
                assert q.low[less] <= q.low[whole] + ROUNDING, (name, hip, fact)
                assert q.high[less] >= q.high[whole] - ROUNDING, (name, hip, fact)


@given(st.lists(people(), min_size=2, max_size=6))
@settings(deadline=None, max_examples=20, derandomize=True)
def test_urgency_is_decided_without_looking_at_the_risk(some: list[Person]) -> None:
    """With a single cohort hardly anything is estimated, and the urgency is the same."""
    blind = load_without_risk()
    facts = build_facts(chart_of(*some), KNOWLEDGE, AS_OF)
    assert evaluate(facts, blind).urgency.equals(evaluate(facts, KNOWLEDGE).urgency)


def load_without_risk() -> Knowledge:
    only_children = KNOWLEDGE.cohorts["steroid-child"]
    return msgspec.structs.replace(KNOWLEDGE, cohorts={only_children.id: only_children}, version="one cohort")


def test_low_probability_does_not_lower_the_urgency() -> None:
    """A clear MRI of today makes the risk tiny; the leg that cannot be loaded stays an emergency."""
    hip = {"mri_osteonecrosis": False, "can_bear_weight": False}
    statements = [{"concept": "mri_osteonecrosis", "status": "absent", "side": "left", "start": AS_OF}]
    _, evaluation = evaluated(Person({}, left=hip, statements=statements))
    assert evaluation.risk.today.high[0] < 0.001
    assert evaluation.urgency["urgency"].item() == "emergency"


@pytest.fixture(scope="module")
def many() -> list[Person]:
    """Some thousand different patients."""
    found: list[Person] = []
    for number in range(3000):
        answers = {"age_years": 15.0 + number % 70, "systemic_lupus_erythematosus": number % 3 == 0}
        answers |= {"smoking_status": ["never", "current", "former"][number % 3]} if number % 2 else {}
        answers |= {"sickle_cell_disease": True} if number % 7 == 0 else {}
        answers |= {"kidney_transplant": (True, number % 9)} if number % 5 == 0 else {}
        doses = [oral(5.0 + number % 60, days_ago(number % 900), days_ago(0))] if number % 4 else []
        left = (
            {"hip_pain": bool(number % 2), "femoral_neck_fracture": (True, 1.5)} if number % 11 == 0 else {}
        )
        found.append(Person(answers, left=left, doses=doses))
    return found


def test_patient_alone_is_the_same_as_among_thousands(many: list[Person]) -> None:
    facts, evaluation = evaluated(*many)
    for number in range(0, len(many), 97):
        alone_facts, alone = evaluated(many[number])
        for name, q in quantities(alone).items():
            among = quantities(evaluation)[name]
            for hip in ("left", "right"):
                here, there = place(alone_facts, hip), place(facts, hip, number)
                for part in ("value", "low", "high", "recorded_low", "recorded_high"):
                    assert getattr(q, part)[here] == getattr(among, part)[there], (number, name, part)
        assert alone.urgency["urgency"].item() == evaluation.urgency["urgency"][number]


def test_hips_of_a_patient_without_anything_local_are_alike(many: list[Person]) -> None:
    people_ = [person for person in many[:300] if not person.left]
    _, evaluation = evaluated(*people_)
    for q in quantities(evaluation).values():
        assert (q.value[0::2] == q.value[1::2]).all()
