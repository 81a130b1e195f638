"""Routes, lengths, products and kinds of entries about corticosteroids and other medicines."""

from __future__ import annotations

from datetime import date

import pytest

from tests.chart.fhir_fixtures.builders import (
    PREDNISONE,
    RXNORM,
    SNOMED,
    Json,
    bundle,
    coded,
    daily,
    dose,
    doses,
    medicated,
    quantity,
    read,
    read_json,
    reasons,
    request,
    statement,
    statements,
    unread,
    worded,
)

pytestmark = pytest.mark.pathway("C03")

ORAL = coded(SNOMED, "26643006", "Oral")
IV = coded(SNOMED, "47625008", "Intravenous")
METHYLPREDNISOLONE_VIAL = worded("1 ML methylprednisolone 40 MG/ML Injection")
SUSPENSION = worded("triamcinolone acetonide 40 MG/ML Injectable Suspension")
PIECE: Json = {"value": 1, "unit": "tablet"}
MONTH: Json = {"value": 30, "code": "d"}


ROUTES: dict[str, tuple[Json, str]] = {
    "an oral tablet by its name": (request(PREDNISONE, daily(5)), "systemic"),
    "a cream": (request(worded("Hydrocortisone 10 MG/ML Topical Cream")), "local"),
    "an inhaler": (
        request(coded(RXNORM, "896209", "Fluticasone 0.25 MG / salmeterol 0.05 MG Dry Powder Inhaler")),
        "local"),
    "eye drops": (request(worded("prednisolone acetate 1 % ophthalmic suspension")), "local"),
    "a vein by route code": (request(METHYLPREDNISOLONE_VIAL, {**daily(40), "route": IV}), "systemic"),
    "an injection without a route": (request(METHYLPREDNISOLONE_VIAL, daily(40)), "unknown"),
    "by mouth in the text": (
        request(worded("hydrocortisone"), {"text": "20 mg by mouth daily"}), "systemic"),
    "into the knee": (
        request(SUSPENSION, {"route": worded("intra-articular"), "site": worded("Right knee")}), "local"),
}  # fmt: skip


@pytest.mark.parametrize(("order", "route"), ROUTES.values(), ids=ROUTES)
def test_only_systemic_routes_are_systemic(order: Json, route: str) -> None:
    assert {row["route"] for row in doses(read(order))} == {route}


def test_an_injection_into_the_hip_is_a_factor_of_its_own_with_its_side() -> None:
    site = {"route": worded("Intra-articular"), "site": worded("Left hip joint")}
    given = medicated(
        "MedicationAdministration", SUSPENSION, effectiveDateTime="2026-02-03T10:00:00Z",
        dosage={"dose": quantity(80, "mg"), **site},
    )  # fmt: skip
    chart = read(given)
    assert (dose(chart)["route"], dose(chart)["side"]) == ("intra_articular_hip", "left")
    row = statement(chart, "intra_articular_hip_corticosteroid")
    assert (row["side"], row["start"]) == ("left", date(2026, 2, 3))


ENDS: dict[str, tuple[Json, date | None, bool]] = {
    "an active order without an end goes on": (request(PREDNISONE, daily(20)), None, True),
    "a completed order without an end is open in length but over": (
        request(PREDNISONE, daily(20), status="completed"), None, False),
    "a stopped order does not go on": (request(PREDNISONE, daily(20), status="stopped"), None, False),
    "an order on hold does not go on": (request(PREDNISONE, daily(20), status="on-hold"), None, False),
    "an unknown status does not go on": (request(PREDNISONE, daily(20), status="unknown"), None, False),
    "bounds give the end": (
        request(PREDNISONE, daily(20, boundsPeriod={"start": "2026-03-01", "end": "2026-03-10"})),
        date(2026, 3, 10), False),
    "bounds with only an end": (
        request(PREDNISONE, daily(20, boundsPeriod={"end": "2026-03-10"})), date(2026, 3, 10), False),
    "a length gives the end": (
        request(PREDNISONE, daily(20, boundsDuration={"value": 2, "unit": "wk", "code": "wk"})),
        date(2026, 3, 14), False),
    "a count of doses gives the end": (
        request(PREDNISONE, daily(20, frequency=2, count=10)), date(2026, 3, 5), False),
    "the days in the text give the end": (
        request(PREDNISONE, {"text": "20 mg daily for 5 days"}), date(2026, 3, 5), False),
    "the supply gives the end": (
        request(PREDNISONE, daily(20), dispenseRequest={"expectedSupplyDuration": MONTH}), date(2026, 3, 30),
        False),
    "refills prolong the supply": (
        request(PREDNISONE, daily(20), dispenseRequest={
            "expectedSupplyDuration": MONTH, "numberOfRepeatsAllowed": 2}),
        date(2026, 5, 29), False),
    "the quantity is used up": (
        request(PREDNISONE, daily(2, "{tbl}"), dispenseRequest={"quantity": {"value": 20, "unit": "tablet"}}),
        date(2026, 3, 10), False),
}  # fmt: skip


@pytest.mark.parametrize(("order", "end", "ongoing"), ENDS.values(), ids=ENDS)
def test_the_last_day_of_an_order(order: Json, end: date | None, ongoing: bool) -> None:
    row = dose(read(order))
    assert (row["start"], row["end"], row["ongoing"]) == (date(2026, 3, 1), end, ongoing)
    assert row["written"] == date(2026, 3, 1)


def test_an_order_begins_when_it_becomes_valid() -> None:
    row = dose(
        read(request(PREDNISONE, daily(20), dispenseRequest={"validityPeriod": {"start": "2026-03-05"}}))
    )
    assert row["start"] == date(2026, 3, 5)


NOT_TAKEN: dict[str, tuple[Json, str]] = {
    "a cancelled order": (request(PREDNISONE, daily(20), status="cancelled"), "cancelled"),
    "a draft": (request(PREDNISONE, daily(20), status="draft"), "cancelled"),
    "an order entered in error": (
        request(PREDNISONE, daily(20), status="entered-in-error"), "entered in error"),
    "a proposal": (request(PREDNISONE, daily(20), intent="proposal"), "cancelled"),
    "a plan": (request(PREDNISONE, daily(20), intent="plan"), "cancelled"),
    "an option": (request(PREDNISONE, daily(20), intent="option"), "cancelled"),
    "an order not to give it": (request(PREDNISONE, daily(20), doNotPerform=True), "cancelled"),
    "a statement that it is not taken": (medicated("MedicationStatement", status="not-taken"), "cancelled"),
    "an intention": (medicated("MedicationStatement", status="intended"), "cancelled"),
    "a dose that was not given": (medicated("MedicationAdministration", status="not-done"), "cancelled"),
    "a dispense in preparation": (medicated("MedicationDispense", status="preparation"), "cancelled"),
    "a dispense that was declined": (medicated("MedicationDispense", status="declined"), "cancelled"),
    "another patient's order": (
        request(PREDNISONE, daily(20), subject={"reference": "Patient/p2"}), "other patient"),
    "a product that is not in the record": (
        request(medicationCodeableConcept=None, medicationReference={"reference": "Medication/9"}),
        "dangling reference"),
    "a medicine of no bearing": (request(worded("Loratadine 5 MG Chewable Tablet")), "no concept"),
    "directions of a wrong type": (request(dosageInstruction="daily"), "not readable"),
}  # fmt: skip


@pytest.mark.parametrize(("order", "reason"), NOT_TAKEN.values(), ids=NOT_TAKEN)
def test_what_was_never_taken_is_listed_with_its_reason(order: Json, reason: str) -> None:
    chart = read(order)
    assert doses(chart) == []
    assert reasons(chart) == [reason]


def test_a_dispense_without_directions_spreads_its_quantity_over_its_days() -> None:
    dispense = medicated(
        "MedicationDispense", whenHandedOver="2026-03-02", quantity={"value": 60, "unit": "tablet"},
        daysSupply={"value": 30, "unit": "d"},
    )  # fmt: skip
    row = dose(read(dispense))
    assert (row["kind"], row["mg_per_day"], row["end"]) == ("dispense", 10, date(2026, 3, 31))
    assert "spread evenly over 30 days" in row["assumed"]


def test_a_dispense_with_directions_lasts_its_days() -> None:
    dispense = medicated(
        "MedicationDispense", whenPrepared="2026-03-02", daysSupply={"value": 10},
        dosageInstruction=[daily(3, "{tbl}")],
    )  # fmt: skip
    row = dose(read(dispense))
    assert (row["mg_per_day"], row["start"], row["end"]) == (15, date(2026, 3, 2), date(2026, 3, 11))


def test_a_statement_of_what_is_taken_has_its_own_period() -> None:
    said = medicated(
        "MedicationStatement", status="completed", dateAsserted="2026-04-01", dosage=[daily(10)],
        effectivePeriod={"start": "2025-01", "end": "2025-03"},
    )  # fmt: skip
    row = dose(read(said))
    assert (row["kind"], row["start"], row["end"]) == ("statement", date(2025, 1, 1), date(2025, 3, 31))
    assert row["written"] == date(2026, 4, 1)


MEDICATION: Json = {
    "resourceType": "Medication", "id": "med", "code": worded("Prednisone tablet"),
    "ingredient": [{"itemCodeableConcept": worded("prednisone"),
                    "strength": {"numerator": quantity(20, "mg"), "denominator": PIECE}}],
}  # fmt: skip


@pytest.mark.parametrize(
    "reference",
    ["Medication/med", "http://example.org/fhir/Medication/med", "urn:uuid:med", "Medication/med/_history/2"],
)
def test_a_product_elsewhere_in_the_record_is_found(reference: str) -> None:
    order = request(medicationReference={"reference": reference}, medicationCodeableConcept=None)
    order["dosageInstruction"] = [daily(2, "tablet")]
    for resources in ((MEDICATION, order), (order, MEDICATION)):
        assert dose(read(*resources))["mg_per_day"] == 40


def test_a_contained_product_is_found() -> None:
    order = request(
        contained=[MEDICATION], medicationReference={"reference": "#med"}, medicationCodeableConcept=None
    )
    order["dosageInstruction"] = [daily(1, "tablet")]
    assert dose(read(order))["mg_per_day"] == 20


def test_a_product_by_the_full_url_of_its_entry_is_found() -> None:
    order = request(medicationReference={"reference": "urn:uuid:77"}, medicationCodeableConcept=None)
    order["dosageInstruction"] = [daily(1, "tablet")]
    content = bundle({"resourceType": "Patient", "id": "p1"}, {**MEDICATION, "id": None}, order)
    content["entry"][1]["fullUrl"] = "urn:uuid:77"
    assert dose(read_json(content))["mg_per_day"] == 20


def test_a_missing_product_that_is_named_is_read_by_its_name() -> None:
    reference = {"reference": "Medication/9", "display": "prednisone 10 mg tablet"}
    order = request(medicationReference=reference, medicationCodeableConcept=None)
    order["dosageInstruction"] = [daily(2, "tablet")]
    assert dose(read(order))["mg_per_day"] == 20


@pytest.mark.parametrize(
    "medicine",
    [
        worded("prednisone 5 mg tablet"),
        coded(RXNORM, "312617"),
        {"coding": [{"system": "urn:local", "code": "77", "display": "PRED5"}, *PREDNISONE["coding"]]},
        {"coding": [{"system": "urn:local", "code": "77", "display": "predniSONE (DELTASONE) 5 MG tablet"}]},
    ],
    ids=["text only", "code only", "local code first", "local code only"],
)
def test_a_product_is_known_by_any_of_its_names(medicine: Json) -> None:
    row = dose(read(request(medicine, daily(2, "tablet"))))
    assert (row["ingredient"], row["mg_per_day"], row["route"]) == ("prednisone", 10, "systemic")


def test_overlapping_orders_are_not_merged_here() -> None:
    rows = doses(read(request(PREDNISONE, daily(20)), request(PREDNISONE, daily(20), id="m2")))
    assert len(rows) == 2
    assert len({row["order"] for row in rows}) == 2
    assert len({row["product"] for row in rows}) == 1


def test_other_medicines_of_the_knowledge_are_statements() -> None:
    chart = read(request(worded("Alendronic acid 70 MG Oral Tablet")))
    row = statement(chart, "bisphosphonate")
    assert (row["status"], row["start"], row["end"]) == ("present", date(2026, 3, 1), None)
    ended = read(request(worded("Alendronic acid 70 MG Oral Tablet"), status="stopped"))
    assert statement(ended, "bisphosphonate")["status"] == "past"


def test_directions_stay_in_the_records_own_words() -> None:
    row = dose(read(request(PREDNISONE, {**daily(20), "text": "20 mg once daily with food", "route": ORAL})))
    assert row["said"] == "predniSONE 5 MG Oral Tablet: 20 mg once daily with food"
    assert statements(read(request(PREDNISONE, daily(20)))) == []
    assert unread(read(request(PREDNISONE, daily(20)))) == []
