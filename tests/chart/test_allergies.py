"""What allergies become in the chart, from every kind of record, and what they never become."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from precollapse.chart.allergens import Allergens
from precollapse.chart.text import TextIndex
from precollapse.knowledge.load import load
from tests.chart import case_help
from tests.chart.fhir_fixtures.builders import (
    RXNORM,
    SNOMED,
    SUBJECT,
    Json,
    coded,
    condition,
    read,
    reasons,
    status,
    worded,
)
from tests.chart.omop_fixtures.omop_folder import concept_rows, observation, read_tables

pytestmark = pytest.mark.pathway("D01", "D03", "D04", "D05", "D16", "D17", "O04", "U06")

IPS = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"


def allergy(code: Json | None, **fields: Any) -> Json:
    start: Json = {"resourceType": "AllergyIntolerance", "id": "a1", "patient": SUBJECT}
    return {**start, **({"code": code} if code else {}), **fields}


def said(resource: Json) -> list[tuple[str, str]]:
    return [(row["concept"], row["status"]) for row in read(resource).statements.iter_rows(named=True)]


FHIR: dict[str, tuple[Json, list[tuple[str, str]]]] = {
    "the name of a substance is enough": (
        allergy(worded("Aspirin")), [("nsaid_hypersensitivity", "present")]),
    "a code of a medicine without words": (
        allergy(coded(RXNORM, "1191")), [("nsaid_hypersensitivity", "present")]),
    "a product with its strength": (
        allergy(worded("aspirin 81 MG Oral Tablet")), [("nsaid_hypersensitivity", "present")]),
    "a medicine that only its class names": (
        allergy(worded("Ketoprofen")), [("nsaid_hypersensitivity", "present")]),
    "a trade name": (allergy(worded("Fosamax")), [("bisphosphonate_allergy", "present")]),
    "a corticosteroid by its trade name": (
        allergy(worded("Depo-Medrol")), [("corticosteroid_allergy", "present")]),
    "both substances of a product": (
        allergy(worded("Hydrocodone/acetaminophen")),
        [("opioid_allergy", "present"), ("paracetamol_allergy", "present")]),
    "a food by its code": (
        allergy(coded(SNOMED, "735971005", "Fish")), [("fish_or_shellfish_allergy", "present")]),
    "a food with the kind that SNOMED CT appends": (
        allergy(worded("Peanut (substance)")), [("nut_allergy", "present")]),
    "the allergy itself as a code": (
        allergy(coded(SNOMED, "91935009", "Allergy to peanut")), [("nut_allergy", "present")]),
    "a metal": (allergy(worded("Nickel")), [("metal_allergy", "present")]),
    "a contrast medium": (
        allergy(worded("Iodinated contrast")), [("iodinated_contrast_reaction", "present")]),
    "penicillin is a medicine, and none that is used here": (
        allergy(worded("Penicillin V")), [("other_drug_allergy", "present")]),
    "the substance stands with the reaction": (
        allergy(None, reaction=[{"substance": worded("Codeine"), "manifestation": [worded("Hives")]}]),
        [("opioid_allergy", "present")]),
    "milk as an intolerance is about its sugar": (
        allergy(worded("Milk"), type="intolerance"), [("lactose_intolerance", "present")]),
    "milk as an allergy is about its protein": (
        allergy(worded("Milk"), type="allergy"), [("milk_allergy", "present")]),
    "an allergy that is not confirmed counts": (
        allergy(worded("Tramadol"), verificationStatus=status("unconfirmed")),
        [("opioid_allergy", "present")]),
    "a resolved allergy was there once": (
        allergy(worded("Sulfonamide"), clinicalStatus=status("resolved")),
        [("sulfonamide_allergy", "past")]),
    "no known allergy": (
        allergy(coded(SNOMED, "716186003", "No known allergy")), [("any_allergy", "absent")]),
    "no known allergy as a code alone": (
        allergy(coded(SNOMED, "716186003")), [("any_allergy", "absent")]),
    "no known drug allergy": (
        allergy(coded(SNOMED, "409137002", "No known drug allergy")), [("drug_allergy", "absent")]),
    "no known food allergy": (allergy(coded(SNOMED, "429625007")), [("food_allergy", "absent")]),
    "no known allergies to medication in the words of the patient summary": (
        allergy(coded(IPS, "no-known-medication-allergies", "No known medication allergies")),
        [("drug_allergy", "absent")]),
    "NKDA": (allergy(worded("NKDA")), [("drug_allergy", "absent")]),
    "a refuted allergy to a whole class is absent": (
        allergy(worded("NSAIDs"), verificationStatus=status("refuted")),
        [("nsaid_hypersensitivity", "absent")]),
}  # fmt: skip


@pytest.mark.parametrize(("resource", "expected"), FHIR.values(), ids=FHIR)
def test_an_allergy_of_a_record_is_read(resource: Json, expected: list[tuple[str, str]]) -> None:
    assert said(resource) == expected


REFUSED: dict[str, tuple[Json, str]] = {
    "a substance that bears on nothing here": (allergy(worded("Latex")), "no concept"),
    "a medicine without an entry of its allergy": (allergy(worded("Lisinopril")), "no concept"),
    "sulfites are no sulfonamides": (allergy(worded("Sulfites")), "no concept"),
    "entered in error": (
        allergy(worded("Aspirin"), verificationStatus=status("entered-in-error")), "entered in error"),
    "one refuted substance of several says nothing of the others": (
        allergy(worded("Ibuprofen"), verificationStatus=status("refuted")), "rule-out"),
    "no known allergies, and no longer so": (
        allergy(worded("No known allergies"), clinicalStatus=status("inactive")), "rule-out"),
    "no known allergies, not confirmed": (
        allergy(worded("No known allergies"), verificationStatus=status("unconfirmed")), "rule-out"),
    "no information is no denial": (
        allergy(coded(IPS, "no-allergy-info", "No information about allergies")), "no concept"),
    "an allergy of a relative": (allergy(worded("FH: allergy to aspirin")), "other person"),
    "an allergy of another patient": (
        allergy(worded("Aspirin"), patient={"reference": "Patient/p2"}), "other patient"),
    "a status that FHIR does not have": (
        allergy(worded("Aspirin"), verificationStatus=status("maybe")), "not readable"),
    "an entry without anything": (allergy(None), "no concept"),
}  # fmt: skip


@pytest.mark.parametrize(("resource", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_says_nothing_of_an_allergy_is_listed_with_its_reason(resource: Json, reason: str) -> None:
    chart = read(resource)
    assert chart.statements.height == 0
    assert reasons(chart) == [reason]


def test_what_else_the_record_says_stands_in_the_note() -> None:
    resource = allergy(
        worded("Naproxen"),
        criticality="high",
        verificationStatus=status("unconfirmed"),
        onsetDateTime="2019-03",
        reaction=[{"manifestation": [worded("Hives"), worded("Wheeze")]}],
    )
    (row,) = read(resource).statements.to_dicts()
    assert row["note"] == "unconfirmed: counts all the same; criticality high; reaction: Hives, Wheeze"
    assert (str(row["start"]), row["start_precision"]) == ("2019-03-01", "month")


def test_an_allergy_among_the_conditions_is_read_as_well() -> None:
    resource = condition(coded("http://hl7.org/fhir/sid/icd-10-cm", "Z88.2"))
    assert said(resource) == [("sulfonamide_allergy", "present")]


def test_an_allergy_in_the_family_is_not_the_patients() -> None:
    chart = read(condition(coded(SNOMED, "160469004", "FH: Allergy")))
    assert chart.statements.height == 0


def texts(text: str) -> dict[str, bool]:
    hits = TextIndex.of(load()).find(text)
    return {hit.concept: not hit.absent for hit in hits if not hit.uncertain}


TEXTS: dict[str, tuple[str, dict[str, bool]]] = {
    "the allergy is read and not the medicine": (
        "allergic to aspirin", {"nsaid_hypersensitivity": True}),
    "every member of a list": (
        "Allergic to penicillin, aspirin and fish.",
        {"other_drug_allergy": True, "nsaid_hypersensitivity": True, "fish_or_shellfish_allergy": True}),
    "a member behind one that is not known": (
        "allergic to kiwi and aspirin", {"nsaid_hypersensitivity": True}),
    "a list with a heading": (
        "Allergies: aspirin (rash, swelling), codeine (nausea); takes naproxen",
        {"nsaid_hypersensitivity": True, "opioid_allergy": True, "nsaid": True}),
    "what is taken ends the list": (
        "allergic to penicillin, takes aspirin daily", {"other_drug_allergy": True, "aspirin": True}),
    "a medicine that is only an allergy is not taken": ("allergic to metformin and warfarin", {
        "warfarin_allergy": True}),
    "no known allergies": ("No known allergies.", {"any_allergy": False}),
    "none behind the heading": ("Allergies: none", {"any_allergy": False}),
    "one exception": (
        "no known allergies except aspirin", {"any_allergy": False, "nsaid_hypersensitivity": True}),
    "no allergy to one thing denies no other": ("no known allergy to latex", {}),
    "one substance of several is not the class": ("no allergy to ibuprofen", {}),
    "penicillin tolerated says nothing of other medicines": ("no penicillin allergy", {}),
    "a class is denied by its own name": ("no sulfonamide allergy", {"sulfonamide_allergy": False}),
    "the allergy of a mother": ("mother allergic to aspirin", {}),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), TEXTS.values(), ids=TEXTS)
def test_allergies_in_a_text(text: str, expected: dict[str, bool]) -> None:
    found = texts(text)
    assert {name: found.get(name) for name in expected} == expected
    taken = {name for name, present in found.items() if present and load().concepts[name].medicine}
    assert taken <= set(expected)
    assert bool(found) == bool(expected)


def case(text: str) -> dict[str, str]:
    return {row["concept"]: row["status"] for row in case_help.read(text).statements.to_dicts()}


def test_a_case_file_names_its_allergies() -> None:
    assert case("allergies: [aspirin, fish]") == {
        "nsaid_hypersensitivity": "present",
        "fish_or_shellfish_allergy": "present",
    }


@pytest.mark.parametrize("written", ["none", "no known allergies", "false"])
def test_a_case_file_says_that_there_are_none(written: str) -> None:
    assert case(f"allergies: {written}") == {"any_allergy": "absent"}


def test_a_case_file_says_that_nobody_knows() -> None:
    assert case("allergies: unknown") == {"any_allergy": "asked_unknown"}


def test_allergies_of_a_case_file_in_full() -> None:
    found = case_help.read(
        """
        allergies:
          - {substance: codeine, reaction: hives, since: 2010}
          - {substance: milk, kind: intolerance}
          - {substance: bisphosphonates, present: false}
          - {substance: ibuprofen, present: false}
          - {substance: denosumab, present: unknown}
          - {substance: metal_allergy}
          - latex
        """
    )
    assert {row["concept"]: row["status"] for row in found.statements.to_dicts()} == {
        "opioid_allergy": "present",
        "lactose_intolerance": "present",
        "bisphosphonate_allergy": "absent",
        "denosumab_allergy": "asked_unknown",
        "metal_allergy": "present",
    }
    assert case_help.unread_of(found) == [("allergies[3]", "rule-out"), ("allergies[6]", "no concept")]


DRUG_ALLERGY = (1, "SNOMED", "416098002", "Allergy to drug")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"value_as_string": "aspirin"}, {"nsaid_hypersensitivity": "present"}),
        ({"value_as_concept_id": 1551099}, {"corticosteroid_allergy": "present"}),
        ({"value_as_string": "no"}, {"drug_allergy": "absent"}),
        ({}, {"drug_allergy": "present"}),
    ],
    ids=["a name", "a coded medicine", "a denial", "nothing"],
)
def test_an_omop_observation_of_an_allergy_is_about_its_value(
    tmp_path: Path, more: dict[str, Any], expected: dict[str, str]
) -> None:
    rows = concept_rows(DRUG_ALLERGY)
    chart = read_tables(tmp_path, concept=rows, observation=[observation(1, **more)])
    assert {row["concept"]: row["status"] for row in chart.statements.to_dicts()} == expected
    assert chart.doses.height == 0


def test_an_omop_allergy_to_an_unknown_substance_is_listed(tmp_path: Path) -> None:
    rows = concept_rows(DRUG_ALLERGY)
    chart = read_tables(tmp_path, concept=rows, observation=[observation(1, value_as_string="latex")])
    assert chart.statements.height == 0
    assert chart.unread["reason"].to_list() == ["no concept"]


def test_every_allergy_can_be_named_by_its_substance() -> None:
    named = Allergens.of(load()).concepts
    own = {one.id for one in load().concepts.values() if one.group == "allergies"}
    assert own - named == {"any_allergy"} - named
