"""Numbers with units: converted, refused when impossible, never corrected."""

from __future__ import annotations

import math

import pytest

from precollapse.chart.quantities import Quantity, canonical, read_number
from precollapse.knowledge.load import load
from precollapse.knowledge.model import Concept


def concept(name: str) -> Concept:
    return load().concepts[name]


@pytest.mark.parametrize(
    ("name", "value", "unit", "expected"),
    [
        ("weight_kg", 154.0, "[lb_av]", 69.85),
        ("height_cm", 1.7, "m", 170),
        ("total_cholesterol", 5.0, "mmol/L", 193.35),
        ("total_cholesterol", 5.0, "MMOL/L", 193.35),
        ("internal_rotation_deg", 20, "deg", 20),
        ("audit_c_score", 5, "{score}", 5),
    ],
)
def test_a_number_is_brought_to_the_unit_of_its_concept(
    name: str, value: float, unit: str, expected: float
) -> None:
    found = canonical(concept(name), value, unit)
    assert isinstance(found, Quantity)
    assert found.value == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(
    ("value", "unit", "reason"),
    [
        (400.0, "deg", "impossible"),
        (-200.0, "deg", "impossible"),
        (20.0, "mm", "unit"),
        (math.nan, "deg", "not readable"),
        (math.inf, "deg", "not readable"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(value: float, unit: str, reason: str) -> None:
    found = canonical(concept("internal_rotation_deg"), value, unit)
    assert isinstance(found, str)
    assert found.startswith(reason)


def test_an_implausible_number_is_kept_with_a_warning() -> None:
    found = canonical(concept("weight_kg"), 400, "kg")
    assert isinstance(found, Quantity)
    assert found.value == 400
    assert "implausible" in (found.warning or "")


def test_a_number_without_a_unit_is_taken_only_when_plausible() -> None:
    taken = canonical(concept("weight_kg"), 70, None)
    assert isinstance(taken, Quantity)
    assert "no unit" in (taken.warning or "")
    assert canonical(concept("weight_kg"), 900, None) == "unit: 900 without a unit is outside 2 to 300 kg"


@pytest.mark.parametrize(
    ("comparator", "low", "high"),
    [("<", -math.inf, 20), ("<=", -math.inf, 20), (">", 20, math.inf), (">=", 20, math.inf)],
)
def test_a_comparator_gives_a_bound_and_no_value(comparator: str, low: float, high: float) -> None:
    found = canonical(concept("internal_rotation_deg"), 20, "deg", comparator)
    assert found == Quantity(None, low, high, None)


@pytest.mark.parametrize(
    ("text", "value", "unit", "comparator"),
    [
        ("7.5", 7.5, None, None),
        ("< 5 mg/L", 5, "mg/L", "<"),
        ("≥10", 10, None, ">="),
        ("1,234", 1234, None, None),
        ("7,5 mmol/L", 7.5, "mmol/L", None),
        ("more than 40 g", 40, "g", ">"),
        ("-3 deg", -3, "deg", None),
        ("4.2 x 10*9/L", 4.2, "x 10*9/L", None),
    ],
)
def test_a_number_is_read_from_text(
    text: str, value: float, unit: str | None, comparator: str | None
) -> None:
    found = read_number(text)
    assert found is not None
    assert (found.value, found.unit, found.comparator) == (value, unit, comparator)


@pytest.mark.parametrize("text", ["", "normal", "5 to 10 mg and more 3", "12/80", "9" * 500, "5 5"])
def test_text_that_is_not_one_number_is_left_alone(text: str) -> None:
    assert read_number(text) is None
