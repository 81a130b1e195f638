"""What holds of the differential whatever was found: sums, bands, bounds and symmetry."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precollapse.engine.differential import Pairs, log_likelihood, posterior
from precollapse.engine.network import Layer
from precollapse.knowledge.conditions import leaves, parse
from tests.engine.cases import answer_to
from tests.engine.diagnosed import GROIN, NET, PAIN, adult, counted, moved
from tests.engine.patients import answer_of, consistent
from tests.facts.people import KNOWLEDGE, Person, evaluated, place

FACTS = sorted(
    {
        leaf.fact
        for finding in KNOWLEDGE.findings.values()
        for raw in (finding.when, finding.counts_when, finding.unless)
        if raw is not None
        for leaf in leaves(parse(raw, finding.id))
    }
    | {"care_setting", "sex", "systemic_lupus_erythematosus"}
)
OF_HIP = {name for name in FACTS if KNOWLEDGE.concepts[name].level == "hip"}
LAYERS = {"of a hip": NET.hip, "of a patient": NET.patient}


def answer(fact: str) -> st.SearchStrategy[Any]:
    """Any answer; of a number anything plausible."""
    concept = KNOWLEDGE.concepts[fact]
    if concept.type != "number":
        return answer_of(fact)
    assert concept.ranges is not None
    low, high = concept.ranges.plausible
    return st.integers(0, 8).map(lambda step: low + (high - low) * step / 8)


@st.composite
def records(draw: st.DrawFn) -> Person:
    """Anything that may have been found, in the patient and in each hip."""
    answers, left, right = (
        consistent({fact: draw(answer(fact)) for fact in draw(st.lists(st.sampled_from(of), max_size=7))})
        for of in (sorted(set(FACTS) - OF_HIP), sorted(OF_HIP), sorted(OF_HIP))
    )
    age = draw(st.sampled_from([None, 5.0, 13.0, 24.0, 45.0, 68.0, 84.0]))
    return Person(answers | ({"age_years": age} if age is not None else {}), left=left, right=right)


def found(*people: Person) -> tuple[Any, Any]:
    facts, evaluation = evaluated(*people)
    return facts, evaluation.differential


@settings(max_examples=60, deadline=None)
@given(person=records())
def test_probabilities_add_up_to_one_and_lie_within_their_band(person: Person) -> None:
    _, result = found(person)
    assert np.all(np.isfinite(result.p))
    assert result.p.sum(axis=1) == pytest.approx(1, abs=1e-9)
    assert np.all((result.low <= result.p + 1e-12) & (result.p <= result.high + 1e-12))
    assert np.all((result.low >= 0) & (result.high <= 1))
    assert result.prior.p.sum(axis=1) == pytest.approx(1, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(person=records())
def test_a_patient_in_the_mirror_has_the_same_differential_in_the_mirror(person: Person) -> None:
    facts, result = found(person)
    mirrored, other = found(replace(person, left=person.right, right=person.left))
    for hip, opposite in (("left", "right"), ("right", "left")):
        for one, same in ((result.p, other.p), (result.low, other.low), (result.high, other.high)):
            row, its = one[place(facts, hip)], same[place(mirrored, opposite)]
            assert row == pytest.approx(its, rel=1e-9, abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(person=records(), data=st.data())
def test_the_order_in_which_things_were_recorded_changes_nothing(person: Person, data: st.DataObject) -> None:
    parts = (person.answers, person.left, person.right)
    shuffled = Person(*(dict(data.draw(st.permutations(list(part.items())))) for part in parts))
    assert np.array_equal(found(person)[1].p, found(shuffled)[1].p)


def test_a_patient_alone_and_among_a_thousand_has_the_same_differential() -> None:
    random = np.random.default_rng(20261122)
    hip = sorted(name for name in OF_HIP if KNOWLEDGE.concepts[name].type == "yes_no")
    crowd = [
        Person(
            {"age_years": float(random.integers(3, 90))},
            left=consistent({str(f): bool(random.integers(2)) for f in random.choice(hip, 4, replace=False)}),
            right=PAIN,
        )
        for _ in range(1000)
    ]
    facts, result = found(*crowd)
    for number in (0, 1, 499, 998, 999):
        alone, its = found(crowd[number])
        for side in ("left", "right"):
            here, there = place(facts, side, number), place(alone, side)
            assert result.p[here] == pytest.approx(its.p[there], abs=1e-12)
            assert result.high[here] == pytest.approx(its.high[there], abs=1e-12)


@pytest.mark.hazard("unknown-read-as-absent")
def test_a_question_that_was_asked_without_an_answer_changes_nothing() -> None:
    base = adult()
    asked = [
        replace(base, statements=[{"concept": fact, "status": "asked_unknown"} | side])
        for fact in FACTS
        if fact not in {*base.answers, *base.left}
        for side in ([{"side": "left"}] if fact in OF_HIP else [{}])
    ]
    facts, result = found(base, *asked)
    for number in range(1, len(asked) + 1):
        for side in ("left", "right"):
            row, same = place(facts, side, number), place(facts, side, 0)
            assert np.array_equal(result.p[row], result.p[same]), asked[number - 1].statements
    assert len(asked) > 80


@st.composite
def seen(draw: st.DrawFn) -> tuple[Layer, int, Any]:
    """What was found of one sign, and nothing else."""
    layer = LAYERS[draw(st.sampled_from(sorted(LAYERS)))]
    sign = draw(st.integers(0, len(layer.signs) - 1))
    states = np.zeros((1, len(layer.findings)), dtype=np.int8)
    for number in layer.members(sign):
        states[0, number] = draw(st.sampled_from([-1, 0, 1]))
    return layer, sign, states


@pytest.mark.hazard("evidence-counted-twice")
@settings(max_examples=300, deadline=None)
@given(case=seen())
def test_findings_that_share_a_sign_never_say_more_together_than_the_sign(
    case: tuple[Layer, int, Any],
) -> None:
    layer, sign, states = case
    told = log_likelihood(layer, states)[0]
    there = layer.sign_given.p[sign]
    ratios = told[:, None] - told[None, :]
    if_there, if_not = (np.log(p)[:, None] - np.log(p)[None, :] for p in (there, 1 - there))
    assert np.all(ratios <= np.maximum(if_there, if_not) + 1e-9)
    assert np.all(ratios >= np.minimum(if_there, if_not) - 1e-9)


def one_answer() -> list[Any]:
    cases = {}
    for finding in KNOWLEDGE.findings.values():
        for leaf in leaves(parse(finding.when, finding.id)):
            for holds in (True, False):
                answer = answer_to(leaf, holds)
                cases[leaf.fact, str(answer)] = (leaf.fact, answer)
    return list(cases.values())


@pytest.mark.hazard("evidence-counted-twice")
def test_one_recorded_fact_is_never_weighed_by_two_findings_of_different_signs() -> None:
    """The fact may follow into other facts; what follows from it says nothing more."""
    answers = one_answer()
    assert len(answers) > 150
    for fact, answer in answers:
        hip = KNOWLEDGE.concepts[fact].level == "hip"
        told = {fact: answer}
        person = Person(
            {"age_years": 12.0 if fact in {"knee_pain", "obesity"} else 45.0} | ({} if hip else told),
            left=PAIN | (told if hip else {}),
        )
        signs = [KNOWLEDGE.findings[name].sign or name for name in counted(person)]
        assert len(set(signs)) <= 1, (fact, answer, counted(person))


def test_a_normal_picture_is_not_counted_again_with_everything_it_does_not_show() -> None:
    shown = {
        "mri_hip": "normal",
        "mri_osteonecrosis": False,
        "mri_bone_marrow_oedema": False,
        "mri_labral_tear": False,
    }
    assert set(counted(adult(shown))) == {"groin_pain", "mri_normal"}
    film = {"radiograph_hip": "normal", "radiograph_crescent_sign": False, "radiograph_osteophytes": False}
    assert set(counted(adult(film))) == {"groin_pain", "radiograph_normal"}


def one_hip(layer_name: str, number: int, state: int, prior: Any) -> Any:
    """The posterior of a hip of which one thing is known; the other hip surely has none of the diagnoses."""
    size = len(NET.diagnoses)
    hip = np.zeros((1, 2, len(NET.hip.findings)), dtype=np.int8)
    patient = np.zeros((1, len(NET.patient.findings)), dtype=np.int8)
    if layer_name == "of a hip":
        hip[0, 0, number] = state
    else:
        patient[0, number] = state
    both = np.stack([prior, np.eye(size)[NET.rest]])[None]
    pairs = Pairs(both, np.ones_like(both), np.zeros((1, 2, size)), np.zeros((1, size)), hip, patient)
    return posterior(NET, pairs)[0, 0]


def frequency(layer_name: str, number: int) -> Any:
    """How often a finding is found in each diagnosis, through its sign where it has one."""
    layer = LAYERS[layer_name]
    sign = int(layer.sign_of[number])
    if sign < 0:
        return layer.given.p[number]
    there = layer.sign_given.p[sign]
    return layer.if_sign.p[number] * there + layer.if_no_sign.p[number] * (1 - there)


EVERY = [(name, n) for name, layer in LAYERS.items() for n in range(len(layer.findings))]
IDS = [LAYERS[name].findings[n] for name, n in EVERY]


@pytest.mark.parametrize(("layer", "number"), EVERY, ids=IDS)
def test_a_finding_raises_exactly_the_diagnoses_in_which_it_is_more_frequent(layer: str, number: int) -> None:
    random = np.random.default_rng(number)
    often = frequency(layer, number)
    if layer == "of a patient":
        often = np.maximum(often, often[NET.rest])
    for prior in random.dirichlet(np.ones(len(NET.diagnoses)), 5):
        present, missing = (one_hip(layer, number, state, prior) for state in (1, -1))
        rises = often > often @ prior + 1e-12
        assert np.array_equal(present > prior + 1e-13, rises)
        assert np.all((present - prior) * (missing - prior) <= 1e-15)
        mean = often @ prior
        assert present * mean + missing * (1 - mean) == pytest.approx(prior, abs=1e-12)


@pytest.mark.parametrize("diagnosis", NET.diagnoses)
def test_every_diagnosis_has_a_finding_that_raises_it_clearly(diagnosis: str) -> None:
    k, size = NET.diagnoses.index(diagnosis), len(NET.diagnoses)
    even = np.full(size, 1 / size)
    best = 0.0
    for layer, number in EVERY:
        p = one_hip(layer, number, 1, even)[k]
        best = max(best, p / (1 - p) * (size - 1))
    assert best > 2


@settings(max_examples=25, deadline=None)
@given(person=records())
def test_what_moved_a_diagnosis_is_what_changes_when_it_is_taken_away(person: Person) -> None:
    moves = moved(person)
    names = {(one.finding, one.side) for one in moves}
    assert len(names) == len(moves)
    for one in moves:
        assert np.all(np.isfinite(one.log_odds))
        # A finding cannot raise every diagnosis, nor lower every one.
        for side in (0, 1):
            assert one.log_odds[side].max() >= -1e-6
            assert one.log_odds[side].min() <= 1e-6


def test_pain_that_was_denied_and_pain_that_nobody_asked_for_are_not_the_same() -> None:
    people = [Person(left={"hip_pain": answer}) for answer in (True, False)] + [Person()]
    facts, result = found(*people)
    hurts, denied, silent = (result.p[place(facts, "left", n)][NET.rest] for n in range(3))
    assert hurts < silent < denied
    assert counted(Person(left=GROIN)) == {"groin_pain": 1}
