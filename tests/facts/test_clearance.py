"""The clearance of the kidneys where nobody recorded it: Cockcroft and Gault, never on the unsafe side."""

from __future__ import annotations

import pytest

from tests.facts.people import Person, facts_of, value

MAN = {"sex": "male", "age_years": 65.0, "weight_kg": 70.0, "creatinine": 1.4, "height_cm": 178.0}
WOMAN = {"sex": "female", "age_years": 45.0, "weight_kg": 60.0, "creatinine": 0.9, "height_cm": 168.0}


@pytest.mark.pathway("L05")
@pytest.mark.parametrize(("answers", "clearance"), [(MAN, 52.1), (WOMAN, 74.8)])
def test_the_clearance_follows_from_creatinine_age_weight_and_sex(
    answers: dict[str, float | str], clearance: float
) -> None:
    facts = facts_of(Person(answers))
    assert value(facts, "creatinine_clearance.low") == pytest.approx(clearance, abs=0.05)
    assert value(facts, "creatinine_clearance.high") == pytest.approx(clearance, abs=0.05)


@pytest.mark.hazard("unknown-taken-as-safe")
@pytest.mark.parametrize("height", [{"height_cm": 150.0}, {}], ids=["obese", "height not known"])
def test_in_obesity_and_where_nobody_knows_of_it_the_formula_is_only_an_upper_bound(
    height: dict[str, float],
) -> None:
    heavy = {"sex": "female", "age_years": 45.0, "weight_kg": 110.0, "creatinine": 0.9} | height
    facts = facts_of(Person(heavy))
    assert value(facts, "creatinine_clearance.low") == 0.0
    assert value(facts, "creatinine_clearance.high") == pytest.approx(137.1, abs=0.1)


@pytest.mark.parametrize("missing", sorted(WOMAN.keys() - {"height_cm"}))
def test_without_one_of_its_four_values_or_in_a_child_nothing_is_computed(missing: str) -> None:
    without = {name: answer for name, answer in WOMAN.items() if name != missing}
    assert value(facts_of(Person(without)), "creatinine_clearance.low") is None
    assert value(facts_of(Person(WOMAN | {"age_years": 12.0})), "creatinine_clearance.low") is None


def test_a_recorded_clearance_stands() -> None:
    assert (
        value(facts_of(Person(WOMAN | {"creatinine_clearance": 33.0})), "creatinine_clearance.high") == 33.0
    )


@pytest.mark.pathway("D07")
def test_a_man_is_not_asked_whether_he_is_pregnant_and_a_young_woman_is() -> None:
    assert value(facts_of(Person(MAN)), "pregnant") is False
    assert value(facts_of(Person(WOMAN)), "pregnant") is None
    assert value(facts_of(Person(WOMAN | {"pregnant": True})), "pregnant") is True
