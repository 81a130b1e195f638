"""One patient written three ways (FHIR, OMOP, case file) must give the same facts."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from precollapse.chart.omop.read import read_omop
from precollapse.chart.reader import read
from precollapse.facts.build import build_facts
from precollapse.knowledge.load import load

FOLDER = Path(__file__).parent / "same_patient"
AS_OF = date(2026, 11, 22)
SAME = ["concept", "hip", "why_unknown", "truth", "number", "low", "high", "choice", "date_value"]


@lru_cache
def facts(name: str) -> pl.DataFrame:
    """Read one form of the patient and return its facts in one order."""
    chart = read(FOLDER / name, load())
    assert chart.persons.height == 1
    return build_facts(chart, load(), AS_OF).long.select(SAME).sort("concept", "hip", nulls_last=True)


@pytest.mark.parametrize("name", ["omop", "case.yaml"])
def test_the_same_patient_gives_the_same_facts_in_every_format(name: str) -> None:
    assert_frame_equal(facts(name), facts("fhir.json"), rel_tol=1e-3)


def test_the_shared_patient_has_the_facts_that_were_written_down() -> None:
    known = {
        (row["concept"], row["hip"]): row["truth"]
        if row["truth"] is not None
        else row["choice"] or row["number"]
        for row in facts("omop").iter_rows(named=True)
    }
    assert known["systemic_lupus_erythematosus", None] is True
    assert known["antiphospholipid_syndrome", None] is False
    assert known["hiv_test", None] is False
    assert known["total_hip_replacement_done", "right"] is True
    assert known["groin_pain", "left"] is True
    assert known["internal_rotation_deg", "left"] == 15
    assert known["smoking_status", None] == "current"
    assert known["total_cholesterol", None] == pytest.approx(232, abs=0.1)
    # 28 days of 60 mg, 28 of 40, 56 of 20, and 10 mg from day 113 to the assessment on day 266.
    assert known["prednisone_equivalent_cumulative_mg", None] == 28 * 60 + 28 * 40 + 56 * 20 + 154 * 10


def test_nothing_of_the_shared_patient_is_left_unread() -> None:
    chart = read_omop(FOLDER / "omop", load())
    assert chart.unread.to_dicts() == []
