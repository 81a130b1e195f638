"""Corticosteroid doses from OMOP drug exposures: directions, quantities, strengths, routes and dates."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from precollapse.chart.model import DOSES
from tests.chart.omop_fixtures.omop_folder import drug, of, only, read_tables

ORAL = {"route_concept_id": 4132161}
MARCH = {"drug_exposure_end_date": "2026-03-28"}


def test_directions_and_strength_give_the_daily_dose(tmp_path: Path) -> None:
    row = drug(1551192, sig="Take 2 tablets by mouth daily", drug_type_concept_id=32838, **ORAL, **MARCH)
    dose = only(read_tables(tmp_path, drug_exposure=[row]).doses)
    assert (dose["ingredient"], dose["mg_per_day"], dose["route"]) == ("prednisone", 10.0, "systemic")
    assert (dose["start"], dose["end"], dose["kind"]) == (date(2026, 3, 1), date(2026, 3, 28), "request")
    assert dose["assumed"] is None


def test_a_taper_in_the_directions_becomes_one_row_per_step_of_one_order(tmp_path: Path) -> None:
    sig = "40 mg daily for 7 days, then 20 mg daily for 7 days, then 10 mg daily"
    row = drug(1551170, sig=sig, drug_type_concept_id=32838, drug_exposure_end_date="2026-03-31", **ORAL)
    doses = read_tables(tmp_path, drug_exposure=[row]).doses.sort("start")
    assert doses["mg_per_day"].to_list() == [40, 20, 10]
    assert doses["start"].to_list() == [date(2026, 3, 1), date(2026, 3, 8), date(2026, 3, 15)]
    assert doses["end"].to_list() == [date(2026, 3, 7), date(2026, 3, 14), date(2026, 3, 31)]
    assert doses["order"].n_unique() == 1


@pytest.mark.parametrize("sig", [None, "0", "as directed"])
def test_without_directions_the_quantity_is_spread_over_the_days_and_that_is_said(
    tmp_path: Path, sig: str | None
) -> None:
    row = drug(1551192, sig=sig, quantity=56, days_supply=28, drug_type_concept_id=32825, **MARCH)
    dose = only(read_tables(tmp_path, drug_exposure=[row]).doses)
    assert (dose["mg_per_day"], dose["kind"]) == (10.0, "dispense")
    assert "spread evenly over 28 days" in dose["assumed"]


def test_the_strength_table_stands_above_the_name(tmp_path: Path) -> None:
    strength = {
        "drug_concept_id": 1551192, "ingredient_concept_id": 1551099, "amount_value": 4,
        "amount_unit_concept_id": 8576,
    }  # fmt: skip
    row = drug(1551192, sig="2 tablets daily", **MARCH)
    dose = only(read_tables(tmp_path, drug_exposure=[row], drug_strength=[strength]).doses)
    assert dose["mg_per_day"] == 8.0


def test_a_dose_that_cannot_be_known_stays_unknown_with_its_reason(tmp_path: Path) -> None:
    row = drug(1551192, sig="as directed", drug_type_concept_id=32838, **MARCH)
    dose = only(read_tables(tmp_path, drug_exposure=[row]).doses)
    assert dose["mg_per_day"] is None
    assert dose["problem"]


def test_an_order_without_an_end_uses_the_days_supplied(tmp_path: Path) -> None:
    row = drug(1551192, sig="1 tablet daily", days_supply=30, drug_type_concept_id=32825)
    dose = only(read_tables(tmp_path, drug_exposure=[row]).doses)
    assert dose["end"] == date(2026, 3, 30)
    assert "days supplied" in dose["assumed"]


@pytest.mark.parametrize(("kind", "ongoing"), [(32830, True), (32825, False)])
def test_only_a_list_or_an_order_without_an_end_runs_on(tmp_path: Path, kind: int, ongoing: bool) -> None:
    row = drug(1551192, sig="1 tablet daily", drug_type_concept_id=kind)
    dose = only(read_tables(tmp_path, drug_exposure=[row]).doses)
    assert (dose["end"], dose["ongoing"]) == (None, ongoing)


def test_an_administration_lasts_one_day(tmp_path: Path) -> None:
    row = drug(
        1551170, quantity=40, dose_unit_source_value="mg", drug_type_concept_id=32818,
        drug_exposure_end_date="2026-03-01",
    )  # fmt: skip
    dose = only(read_tables(tmp_path, drug_exposure=[row]).doses)
    assert (dose["mg_per_day"], dose["start"], dose["end"]) == (40.0, date(2026, 3, 1), date(2026, 3, 1))


def test_an_inhaled_corticosteroid_is_local(tmp_path: Path) -> None:
    doses = read_tables(
        tmp_path, drug_exposure=[drug(1149380, sig="1 inhalation twice daily", **MARCH)]
    ).doses
    assert doses["route"].unique().to_list() == ["local"]


def test_an_injection_into_the_hip_is_a_dose_and_a_statement_with_its_side(tmp_path: Path) -> None:
    row = drug(
        0, drug_source_value="triamcinolone", route_source_value="intra-articular, left hip", quantity=40,
        dose_unit_source_value="mg", drug_type_concept_id=32818, drug_exposure_end_date="2026-03-01",
    )  # fmt: skip
    chart = read_tables(tmp_path, drug_exposure=[row])
    dose = only(chart.doses)
    assert (dose["route"], dose["side"], dose["mg_per_day"]) == ("intra_articular_hip", "left", 40.0)
    said = only(of(chart, "intra_articular_hip_corticosteroid"))
    assert (said["status"], said["side"], said["start"]) == ("present", "left", date(2026, 3, 1))


def test_the_ingredient_is_found_through_the_ancestors_of_a_product(tmp_path: Path) -> None:
    from tests.chart.omop_fixtures.omop_folder import concept_rows

    product = (999, "RxNorm", "99999999", "A product of unknown name")
    ancestry = {"ancestor_concept_id": 1551099, "descendant_concept_id": 999, "min_levels_of_separation": 2}
    chart = read_tables(
        tmp_path,
        concept=concept_rows(product),
        concept_ancestor=[ancestry],
        drug_exposure=[drug(999, sig="20 mg daily", **MARCH)],
    )
    dose = only(chart.doses)
    assert (dose["ingredient"], dose["mg_per_day"], dose["route"]) == ("prednisone", 20.0, "unknown")


def test_other_medicines_that_matter_are_statements_with_start_and_end(tmp_path: Path) -> None:
    chart = read_tables(tmp_path, drug_exposure=[drug(40184084, **MARCH)])
    said = only(of(chart, "hydroxychloroquine"))
    assert (said["start"], said["end"]) == (date(2026, 3, 1), date(2026, 3, 28))
    assert chart.doses.height == 0


def test_a_kind_of_entry_that_is_not_said_is_taken_as_an_order_and_noted(tmp_path: Path) -> None:
    dose = only(read_tables(tmp_path, drug_exposure=[drug(sig="1 tablet daily", **MARCH)]).doses)
    assert dose["kind"] == "request"
    assert "kind of entry not said" in dose["assumed"]


def test_the_doses_of_one_patient_have_the_schema_of_the_chart(tmp_path: Path) -> None:
    chart = read_tables(tmp_path, drug_exposure=[drug(sig="1 tablet daily", **MARCH)])
    assert dict(chart.doses.schema) == DOSES
