"""How many different products with the same content are taken at once."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from precollapse.chart.model import Chart
from precollapse.chart.product_names import product_name
from precollapse.facts.build import build_facts
from precollapse.knowledge.load import load
from tests.chart import case_help
from tests.chart.fhir_fixtures.builders import RXNORM, Json, coded, medicated, read, request, worded
from tests.chart.omop_fixtures.omop_folder import WOMAN, concept_rows, drug, read_tables

DAY = date(2026, 11, 23)
COUNTS = ("paracetamol_products", "nsaid_products", "vitamin_d_products", "calcium_products")


def bounds(chart: Chart, concept: str, as_of: date = DAY) -> tuple[float, float] | None:
    """Lower and upper bound of a count; None while nothing is known."""
    table = build_facts(chart, load(), as_of).table
    if concept not in table.lows or np.isnan(table.low(concept)).all():
        return None
    return float(np.nanmin(table.low(concept))), float(np.nanmax(table.high(concept)))


def orders(*medicines: Json | str, **fields: Any) -> Chart:
    each = [worded(one) if isinstance(one, str) else one for one in medicines]
    return read(*(request(one, id=f"m{number}", **fields) for number, one in enumerate(each)))


def case(*names: str | dict[str, Any], **facts: Any) -> Chart:
    return case_help.read({"medications": list(names), "facts": facts}, DAY)


TWO_PARACETAMOL = ("Co-codamol 30 mg/500 mg tablets", "Paracetamol 500 mg tablets")
TWO_VITAMIN_D = ("Colecalciferol 1000 IU capsules", "Bone formula (calcium, vitamin D3, vitamin K2)")


@pytest.mark.pathway("D04")
@pytest.mark.parametrize("chart", [orders(*TWO_PARACETAMOL), case(*TWO_PARACETAMOL)], ids=["FHIR", "case"])
def test_co_codamol_and_paracetamol_are_two_products_with_paracetamol(chart: Chart) -> None:
    assert bounds(chart, "paracetamol_products") == (2, 2)
    assert bounds(chart, "nsaid_products") is None


@pytest.mark.pathway("U02", "U10")
@pytest.mark.parametrize("chart", [orders(*TWO_VITAMIN_D), case(*TWO_VITAMIN_D)], ids=["FHIR", "case"])
def test_a_bone_formula_counts_among_the_products_with_vitamin_d_and_with_calcium(chart: Chart) -> None:
    assert bounds(chart, "vitamin_d_products") == (2, 2)
    assert bounds(chart, "calcium_products") == (1, 1)


@pytest.mark.pathway("D01", "D02")
def test_two_different_anti_inflammatory_painkillers_are_two() -> None:
    assert bounds(orders("Ibuprofen 400 mg", "Naproxen 500 mg"), "nsaid_products") == (2, 2)


@pytest.mark.pathway("D04")
@pytest.mark.parametrize(
    "chart",
    [
        orders("Paracetamol 500 mg tablets", "paracetamol 500mg tab"),
        orders("Paracetamol 500 mg tablets", "Paracetamol 1 g tablets"),
        orders(coded(RXNORM, "161"), coded(RXNORM, "161")),
        orders(coded(RXNORM, "313782", "acetaminophen 325 MG Oral Tablet"), "Acetaminophen"),
        case("paracetamol 500 mg twice daily", "Paracetamol"),
    ],
    ids=["renewal", "another strength", "same code", "code and words", "case"],
)
def test_two_orders_of_one_product_count_once(chart: Chart) -> None:
    assert bounds(chart, "paracetamol_products") == (1, 1)


@pytest.mark.pathway("D04")
def test_an_order_and_its_dispense_are_one_product() -> None:
    handed_over = medicated(
        "MedicationDispense", worded("Paracetamol 500 mg tablets"), whenHandedOver="2026-11-10",
        daysSupply={"value": 30, "code": "d"}, id="m9",
    )  # fmt: skip
    ordered = request(worded("Paracetamol 500 mg tablets"))
    assert bounds(read(ordered, handed_over), "paracetamol_products") == (1, 1)


@pytest.mark.pathway("D04")
def test_a_stopped_product_is_not_counted() -> None:
    stopped = request(worded("Co-codamol"), status="stopped", id="m1")
    chart = read(stopped, request(worded("Paracetamol"), id="m2"))
    assert bounds(chart, "paracetamol_products") == (1, 1)
    ended = case({"name": "co-codamol", "end": "2026-08-01"}, "paracetamol")
    assert bounds(ended, "paracetamol_products") == (1, 1)


@pytest.mark.pathway("D04")
def test_a_product_begun_after_the_assessment_is_not_counted() -> None:
    chart = read(
        request(worded("Paracetamol"), id="m1"),
        request(worded("Co-codamol"), id="m2", authoredOn=(DAY + timedelta(days=5)).isoformat()),
    )
    assert bounds(chart, "paracetamol_products") == (1, 1)
    assert bounds(chart, "paracetamol_products", DAY + timedelta(days=9)) == (2, 2)


@pytest.mark.pathway("D04")
def test_without_a_record_of_medicines_the_number_is_unknown_and_not_zero() -> None:
    for chart in (read(), case()):
        assert [bounds(chart, concept) for concept in COUNTS] == [None] * 4


@pytest.mark.pathway("D04")
def test_who_says_that_none_is_taken_has_none() -> None:
    assert bounds(case(paracetamol=False), "paracetamol_products") == (0, 0)
    neither = case(vitamin_d_supplement=False, bone_formula_supplement=False)
    assert bounds(neither, "vitamin_d_products") == (0, 0)
    assert bounds(case(vitamin_d_supplement=False), "vitamin_d_products") is None


@pytest.mark.pathway("D04")
def test_a_count_can_be_answered_and_the_larger_of_answer_and_record_stands() -> None:
    assert bounds(case(paracetamol_products=2), "paracetamol_products") == (2, 2)
    assert bounds(case("paracetamol", paracetamol_products=2), "paracetamol_products") == (2, 2)
    assert bounds(case(*TWO_PARACETAMOL, paracetamol_products=1), "paracetamol_products") == (2, 2)


@pytest.mark.pathway("D04")
def test_a_product_that_is_only_doubtful_raises_the_upper_bound() -> None:
    chart = case("paracetamol", "possibly co-codamol")
    assert bounds(chart, "paracetamol_products") == (1, 2)


@pytest.mark.pathway("D01")
def test_products_are_counted_from_omop_too(tmp_path: Path) -> None:
    extra = ((1, "RxNorm", "310965", "ibuprofen 200 MG Oral Tablet"),
             (2, "RxNorm", "198014", "naproxen 500 MG Oral Tablet"),
             (3, "RxNorm", "206905", "ibuprofen 400 MG Oral Tablet"))  # fmt: skip
    rows = [drug(number, drug_exposure_id=number) for number in (1, 2, 3)]
    chart = read_tables(tmp_path, concept=concept_rows(*extra), drug_exposure=rows, person=[WOMAN])
    assert bounds(chart, "nsaid_products") == (2, 2)


@pytest.mark.pathway("D04")
def test_patients_are_counted_apart_and_together_as_one_by_one() -> None:
    alone = [orders(*TWO_PARACETAMOL), orders("Paracetamol"), read(), orders("Ibuprofen", "Paracetamol")]
    together = build_facts(Chart.concat(alone), load(), DAY).table
    each = [bounds(chart, "paracetamol_products") for chart in alone]
    for person, expected in enumerate(each):
        rows = np.flatnonzero(np.asarray(together.persons) == person)
        low = together.low("paracetamol_products")[rows]
        assert (None if np.isnan(low).all() else float(low.max())) == (expected[0] if expected else None)
    assert each == [(2, 2), (1, 1), None, (1, 1)]


@pytest.mark.pathway("D04", "U02")
@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("Paracetamol 500 mg tablets", "paracetamol 1g effervescent tablet", True),
        ("Ibuprofen 400mg, 1 tablet three times daily with food", "ibuprofen", True),
        ("Vitamin D3 1000 IU", "vitamin D3 2000 IU drops", True),
        ("Tylenol", "Panadol", False),
        ("Co-codamol 8/500", "Paracetamol", False),
        ("Vitamin D3", "Calcium + vitamin D3", False),
    ],
)
def test_products_are_told_apart_by_their_words_without_strength_and_form(
    first: str, second: str, same: bool
) -> None:
    assert (product_name(first) == product_name(second)) is same


@pytest.mark.pathway("D04")
def test_a_product_without_words_is_told_apart_by_its_code() -> None:
    assert product_name(None, "rxnorm 161") == "rxnorm 161"
    assert product_name("500 mg", "rxnorm 161") == "rxnorm 161"
