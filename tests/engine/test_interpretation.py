"""A value is called below, within or above its usual range, or nothing is said."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precollapse.engine.interpretation import ABOVE, BELOW, GENERAL, NOT_KNOWN, OPEN, WITHIN, has_usual
from precollapse.knowledge.model import Concept
from tests.facts.people import KNOWLEDGE, Answer, Person, evaluated, place, value

NAMES = {NOT_KNOWN: None, OPEN: "open", BELOW: "below", WITHIN: "within", ABOVE: "above"}
NUMBERS = [concept for concept in KNOWLEDGE.concepts.values() if has_usual(concept)]


def verdict(concept: str, person: Person, hip: str = "left") -> str | None:
    facts, evaluation = evaluated(person)
    found = evaluation.interpretation.verdicts.get(concept)
    return None if found is None else NAMES[int(found[place(facts, hip)])]


@pytest.mark.pathway("L01", "L02", "L03", "L04", "L05")
@pytest.mark.parametrize(
    ("concept", "measured", "said"),
    [
        ("c_reactive_protein", 45, "above"),
        ("c_reactive_protein", 10, "within"),
        ("white_cell_count", 3.1, "below"),
        ("platelet_count", 451, "above"),
        ("triglycerides", 320, "above"),
        ("ldl_cholesterol", 100, "within"),
        ("protein_c_activity", 40, "below"),
        ("antinuclear_antibody_titre", 320, "above"),
        ("egfr", 45, "below"),
        ("alanine_aminotransferase", 35, "within"),
    ],
)
def test_a_laboratory_value_is_held_against_its_range(concept: str, measured: float, said: str) -> None:
    assert verdict(concept, Person({concept: float(measured)})) == said


@pytest.mark.parametrize(
    ("sex", "grams", "said"),
    [
        ("male", 12.5, "below"),
        ("female", 12.5, "within"),
        (None, 12.5, "open"),
        (None, 11.9, "below"),
        (None, 14.0, "within"),
        ("female", 17.0, "above"),
        ("male", 17.0, "within"),
        (None, 17.0, "open"),
        (None, 18.5, "above"),
    ],
)
def test_haemoglobin_is_judged_by_sex_and_left_open_where_the_unknown_sex_decides(
    sex: str | None, grams: float, said: str
) -> None:
    answers = {"haemoglobin": grams} | ({"sex": sex} if sex else {})
    assert verdict("haemoglobin", Person(answers)) == said


@pytest.mark.parametrize("grams", [9.0, 12.0, 12.5, 13.0, 15.0])
@pytest.mark.parametrize("sex", ["male", "female", None])
def test_low_haemoglobin_as_a_fact_is_the_same_as_below_the_usual_range(
    sex: str | None, grams: float
) -> None:
    person = Person({"haemoglobin": grams} | ({"sex": sex} if sex else {}))
    fact = value(evaluated(person)[0], "haemoglobin_low")
    said = {"below": True, "open": None, "within": False}
    assert fact is said[str(verdict("haemoglobin", person))]


@pytest.mark.pathway("E04")
@pytest.mark.parametrize(
    ("movement", "degrees", "said"),
    [
        ("internal_rotation_deg", 5, "below"),
        ("internal_rotation_deg", 30, "within"),
        ("internal_rotation_deg", -10, "below"),
        ("flexion_deg", 90, "below"),
        ("abduction_deg", 29, "below"),
        ("adduction_deg", 20, "within"),
        ("external_rotation_deg", 45, "within"),
        ("extension_deg", 0, "below"),
    ],
)
def test_movement_is_held_against_normal_on_its_own_side(movement: str, degrees: float, said: str) -> None:
    person = Person(left={movement: float(degrees)})
    assert verdict(movement, person, "left") == said
    assert verdict(movement, person, "right") is None


@pytest.mark.pathway("S13")
@pytest.mark.parametrize(("millimetres", "said"), [(10, "within"), (11, "above"), (35, "above")])
def test_more_than_a_centimetre_of_shortening_is_beyond_the_usual(millimetres: float, said: str) -> None:
    assert verdict("leg_shortening_mm", Person(left={"leg_shortening_mm": float(millimetres)})) == said


def test_a_value_known_only_to_lie_across_the_limit_is_left_open() -> None:
    across = {"concept": "c_reactive_protein", "low": 5.0, "high": 20.0}
    assert verdict("c_reactive_protein", Person(statements=[across])) == "open"


def test_a_value_that_was_never_recorded_gets_no_verdict() -> None:
    assert verdict("c_reactive_protein", Person({})) is None


def test_a_value_of_one_patient_says_nothing_of_the_next() -> None:
    facts, evaluation = evaluated(Person({"c_reactive_protein": 45.0}), Person({"haemoglobin": 9.0}))
    verdicts = evaluation.interpretation.verdicts
    assert verdicts["c_reactive_protein"][place(facts, "left", 1)] == NOT_KNOWN
    assert verdicts["haemoglobin"][place(facts, "left", 0)] == NOT_KNOWN
    assert evaluation.interpretation.cases["haemoglobin"][place(facts, "left", 1)] == GENERAL


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(NUMBERS), st.data())
def test_learning_the_sex_never_turns_a_verdict_round(concept: Concept, data: st.DataObject) -> None:
    assert concept.ranges is not None
    low, high = concept.ranges.plausible
    measured = data.draw(st.floats(low or 0.0, high or 1e4, allow_nan=False))
    answer = {concept.id: measured}

    def said_of(sex: dict[str, Answer]) -> str | None:
        of_hip = concept.level == "hip"
        return verdict(concept.id, Person(sex if of_hip else sex | answer, left=answer if of_hip else {}))

    unknown, male, female = said_of({}), said_of({"sex": "male"}), said_of({"sex": "female"})
    assert "open" not in {male, female}
    if unknown != "open":
        assert male == female == unknown
