"""One contract for every concept: what is recorded is known with its origin, what is not says why.

Each group of the pathway is one test over all its concepts; ``test_every_item_has_a_concept`` holds the
ids in the marks against the knowledge.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from precollapse.knowledge.model import Concept
from tests.facts.people import KNOWLEDGE, Person, days_ago, facts_of

# Ages are read from the person, not from a statement; dates of a first dose come from the doses.
OF_THE_PERSON = {"age_years", "sex"}
REASONS = {
    "provisional": "provisional",
    "unreadable": "unreadable",
    "asked_unknown": "asked, not known",
}
CONCEPTS = [c for c in KNOWLEDGE.concepts.values() if c.id not in OF_THE_PERSON and c.type != "date"]


def of_items(*items: str) -> list[Concept]:
    return [c for c in CONCEPTS if set(items) & set(c.pathway)]


def statement(concept: Concept, **more: Any) -> dict[str, Any]:
    side = {"side": "left"} if concept.level == "hip" else {}
    return {"concept": concept.id, "origin": f"entry of {concept.id}"} | side | more


def usual_value(concept: Concept) -> float:
    """A number well inside what is plausible."""
    low, high = concept.ranges.plausible if concept.ranges else (None, None)
    low = 0.0 if low is None else low
    return (low + (low + 10.0 if high is None else high)) / 2


@cache
def recorded(kind: str) -> dict[str, dict[str, Any]]:
    """The fact of every concept when it alone is recorded in one way, by concept."""
    people, names = [], []
    for concept in CONCEPTS:
        for name, one in ways(concept, kind):
            people.append(Person(statements=[one]))
            names.append((name, concept.id))
    rows = {
        (row["person"], row["concept"]): row
        for row in facts_of(*people).long.iter_rows(named=True)
        if row["hip"] in {None, "left"}
    }
    return {name: rows.get((n, concept), {}) for n, (name, concept) in enumerate(names)}


def ways(concept: Concept, kind: str) -> list[tuple[str, dict[str, Any]]]:
    if kind == "choice":
        return [(f"{concept.id}={c}", statement(concept, choice=c)) for c in concept.choices]
    if kind == "number":
        return [(concept.id, statement(concept, value=usual_value(concept)))]
    if kind in {"last valid day", "first stale day"}:
        if concept.valid_days is None or (concept.medicine and concept.type == "yes_no"):
            return []
        days = concept.valid_days + (kind == "first stale day")
        given: dict[str, Any] = {"status": "present", "recorded": days_ago(days)}
        given |= {"value": usual_value(concept)} if concept.type == "number" else {}
        given |= {"choice": next(iter(concept.choices))} if concept.type == "choice" else {}
        return [(concept.id, statement(concept, **given))]
    return [(concept.id, statement(concept, status=kind))]


def known_and_unknown(concepts: list[Concept]) -> None:
    """Present, absent or measured is known and names its origin; everything else says why it is not."""
    assert concepts
    for concept in concepts:
        origin = f"entry of {concept.id}"
        if concept.type == "yes_no":
            for status, truth in (("present", True), ("absent", False)):
                fact = recorded(status)[concept.id]
                assert (fact["truth"], fact["origin"], fact["why_unknown"]) == (truth, origin, None), (
                    concept.id
                )
        if concept.type == "number":
            fact = recorded("number")[concept.id]
            assert (fact["number"], fact["origin"]) == (usual_value(concept), origin), concept.id
        for choice in concept.choices:
            fact = recorded("choice")[f"{concept.id}={choice}"]
            assert (fact["choice"], fact["origin"]) == (choice, origin), concept.id
        for status, reason in REASONS.items():
            fact = recorded(status)[concept.id]
            values = [fact[name] for name in ("truth", "number", "choice")]
            assert (values, fact["why_unknown"]) == ([None] * 3, reason), concept.id


@pytest.mark.pathway("T01", "T02", "T03", "T04", "T05", "T06")
@pytest.mark.parametrize("item", ["T01", "T02", "T03", "T04", "T05", "T06"])
def test_facts_that_name_a_type_are_known_or_say_why_not(item: str) -> None:
    known_and_unknown(of_items(item))


@pytest.mark.pathway("C01", "C02", "C03", "C04", "C05", "C06", "C07", "C08", "C09", "C10")
@pytest.mark.pathway("C11", "C12", "C13", "C14", "C15", "C16", "C17", "C18", "C19", "C20")
@pytest.mark.parametrize("item", [f"C{n:02}" for n in range(1, 21)])
def test_causes_are_present_absent_or_unknown(item: str) -> None:
    known_and_unknown(of_items(item))


@pytest.mark.pathway("S01", "S02", "S03", "S04", "S05", "S06", "S07", "S08")
@pytest.mark.pathway("S09", "S10", "S11", "S12", "S13", "S14", "S15")
@pytest.mark.parametrize("item", [f"S{n:02}" for n in range(1, 16)])
def test_symptoms_are_present_absent_measured_or_unknown(item: str) -> None:
    known_and_unknown(of_items(item))


@pytest.mark.pathway("E01", "E02", "E03", "E04", "M01", "M02", "M03", "M04", "M05", "M06")
@pytest.mark.parametrize("item", ["E01", "E02", "E03", "E04", "M01", "M02", "M03", "M04", "M05", "M06"])
def test_findings_and_manual_tests_are_positive_negative_measured_or_not_done(item: str) -> None:
    known_and_unknown(of_items(item))


@pytest.mark.pathway("L01", "L02", "L03", "L04", "L05", "L06", "N01", "N02")
@pytest.mark.parametrize("item", ["L01", "L02", "L03", "L04", "L05", "L06", "N01", "N02"])
def test_laboratory_and_electrodiagnostic_results_are_known_or_say_why_not(item: str) -> None:
    known_and_unknown(of_items(item))


@pytest.mark.pathway("I01", "I02", "I03", "I04", "I05")
@pytest.mark.parametrize("item", ["I01", "I02", "I03", "I04", "I05"])
def test_imaging_findings_are_seen_not_seen_or_not_looked_for(item: str) -> None:
    known_and_unknown(of_items(item))


@pytest.mark.pathway("W01", "W02", "W03", "W04", "W05", "W06")
@pytest.mark.parametrize("item", ["W01", "W02", "W03", "W04", "W05", "W06"])
def test_reasons_to_seek_care_are_present_absent_or_unknown(item: str) -> None:
    known_and_unknown(of_items(item))


@pytest.mark.parametrize(
    "items",
    [
        [f"{group}{n:02}" for n in range(1, count + 1)]
        for group, count in {"T": 6, "C": 20, "S": 15, "E": 4, "M": 6, "L": 6, "N": 2, "I": 5, "W": 6}.items()
    ],
)
def test_every_item_has_a_concept(items: list[str]) -> None:
    for item in items:
        assert item in KNOWLEDGE.pathway
        assert of_items(item), f"{item} has no concept, so a test over its concepts would show nothing"


def test_every_other_concept_keeps_the_contract_too() -> None:
    known_and_unknown(CONCEPTS)


def test_every_concept_is_known_on_its_last_valid_day_and_stale_on_the_next() -> None:
    valid, stale = recorded("last valid day"), recorded("first stale day")
    assert valid.keys() == stale.keys()
    assert len(valid) > 100
    for name in valid:
        assert valid[name]["why_unknown"] is None, name
        assert stale[name]["why_unknown"] == "stale", name
        assert [stale[name][v] for v in ("truth", "number", "low", "high", "choice")] == [None] * 5, name


def test_answer_for_the_left_hip_is_never_one_for_the_right() -> None:
    hip_level = [c for c in CONCEPTS if c.level == "hip"]
    people = [Person(statements=[statement(c, status="present")]) for c in hip_level]
    hips = {row["hip"] for row in facts_of(*people).long.iter_rows(named=True)}
    assert hips == {"left"}
