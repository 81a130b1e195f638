"""The safety file is complete: every hazard has a control, and every control a test that exists."""

from __future__ import annotations

import ast
from pathlib import Path

import msgspec
import pytest
import yaml

from precollapse.knowledge import coverage
from precollapse.knowledge.strict_yaml import StrictLoader

TOP = Path(__file__).parents[1]
SEVERITIES = ("catastrophic", "major", "moderate", "minor")


class Hazard(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One entry of the hazard file."""

    id: str
    hazard: str
    cause: str
    harm: str
    severity: str
    control: str
    tests: tuple[str, ...]


def hazards() -> list[Hazard]:
    raw = yaml.load((TOP / "safety" / "hazards.yaml").read_bytes(), Loader=StrictLoader)
    return msgspec.convert(raw, list[Hazard], strict=True)


HAZARDS = hazards()


def names_in(path: Path) -> set[str]:
    return {name for name, _ in coverage.test_functions(ast.parse(path.read_text(encoding="utf-8")))}


def test_hazards_are_named_once() -> None:
    assert len({hazard.id for hazard in HAZARDS}) == len(HAZARDS) >= 20


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: hazard.id)
def test_every_hazard_says_cause_harm_severity_and_control(hazard: Hazard) -> None:
    assert all((hazard.hazard, hazard.cause, hazard.harm, hazard.control))
    assert hazard.severity in SEVERITIES


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: hazard.id)
def test_every_control_is_shown_by_tests_that_exist(hazard: Hazard) -> None:
    assert hazard.tests
    for link in hazard.tests:
        path, _, name = link.partition("::")
        assert (TOP / path).is_file(), link
        assert name in names_in(TOP / path), link


def test_every_hazard_that_a_test_carries_is_in_the_file() -> None:
    carried = coverage.marks(TOP / "tests", "hazard")
    assert len(carried) > 10
    assert carried.keys() - {hazard.id for hazard in HAZARDS} == set()


def test_a_catastrophic_hazard_is_never_shown_by_one_room_alone() -> None:
    """A test of a whole record, or tests of two rooms at least."""
    for hazard in HAZARDS:
        rooms = {link.rpartition("/")[0] for link in hazard.tests}
        whole = any(link.startswith("tests/test_hazards.py") for link in hazard.tests)
        assert hazard.severity != "catastrophic" or whole or len(rooms) > 1, hazard.id


def test_the_intended_use_is_one_sentence_with_users_patients_and_limits() -> None:
    text = (TOP / "safety" / "intended-use.md").read_text(encoding="utf-8")
    sentence = text.split("**")[1]
    assert sentence.count(".") == 1
    assert all(word in text for word in ("users", "patients", "What it is not for", "not a medical device"))
