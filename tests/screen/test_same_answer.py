"""A patient screened alone, assessed in full, and screened among thousands gets the same answer."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from polars.testing import assert_frame_equal

from precollapse.assess import assess_chart
from precollapse.chart.model import Chart
from precollapse.chart.reader import read
from precollapse.engine.run import evaluate
from precollapse.engine.screening import ScreeningInput, compute_screening
from precollapse.facts.build import build_facts
from precollapse.knowledge.load import load
from precollapse.screen.answers import Screener
from precollapse.screen.charts import from_store, to_store
from tests.screen.people import AS_OF, alike, charts, crowd

KNOWLEDGE = load()
SAMPLE = Path(__file__).parents[2] / "synthetic" / "sample"
THOUSANDS = 3_000


def by_full_assessment(chart: Chart, as_of: date) -> list[dict[str, Any]]:
    """What the assessment of each patient says, in the words of the rows of a screening."""
    return [
        {
            "patient": one.patient.key,
            "action": one.screening.action if one.screening else None,
            "action_says": one.screening.says if one.screening else None,
            "reason": one.screening.reason if one.screening else None,
            "urgency": one.urgency.level,
            "hip": one.screening.side if one.screening else None,
            "risk": one.screening.risk if one.screening else None,
        }
        for one in assess_chart(chart, KNOWLEDGE, as_of)
    ]


def screened(chart: Chart, as_of: date) -> pl.DataFrame:
    """The answers of a cohort, from its stored form, as a bulk run computes them."""
    stored = from_store(to_store(chart, KNOWLEDGE, as_of))
    return Screener(KNOWLEDGE, as_of).screen(stored)


def in_words(answers: pl.DataFrame) -> list[dict[str, Any]]:
    four = [{**row, "risk": None if row["risk"] is None else float(f"{row['risk']:.4g}")}
            for row in answers.iter_rows(named=True)]  # fmt: skip
    names = ("patient", "action", "action_says", "reason", "urgency", "hip", "risk")
    return [{name: row[name] for name in names} for row in four]


def test_a_patient_assessed_alone_gets_the_answer_of_the_cohort() -> None:
    chart = crowd(40, seed=5)
    cohort = in_words(screened(chart, AS_OF))
    assert cohort == by_full_assessment(chart, AS_OF)
    assert len({row["action"] for row in cohort}) >= 3, "the crowd must hold people of many kinds"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("chart", "shared"),
    [(crowd(THOUSANDS, seed=7), 0.0), (alike(100, 40, seed=3), 0.3)],
    ids=["of all kinds", "alike"],
)
def test_thousands_of_patients_get_the_answer_of_the_full_engine(chart: Chart, shared: float) -> None:
    facts = build_facts(chart, KNOWLEDGE, AS_OF)
    whole = evaluate(facts, KNOWLEDGE)
    found = ScreeningInput(whole.truths, whole.risk, whole.differential)
    result = compute_screening(facts.table, found, KNOWLEDGE)
    screener = Screener(KNOWLEDGE, AS_OF)
    answers = screener.screen(from_store(to_store(chart, KNOWLEDGE, AS_OF)))
    assert answers.height == len(result.persons) == chart.persons.height
    assert screener.assessed <= (1 - shared) * answers.height, "patients alike share an answer"
    for name, expected in (
        ("risk", result.today.value), ("risk_low", result.today.low), ("risk_high", result.today.high),
        ("risk_1_year", result.future[1.0].value), ("risk_5_years_high", result.future[5.0].high),
    ):  # fmt: skip
        own = pl.DataFrame({name: pl.Series(expected, nan_to_null=True)})
        assert_frame_equal(answers.select(name), own, check_exact=False, rel_tol=1e-12)
    levels = dict(whole.urgency.select("person", "urgency").iter_rows())
    assert answers["urgency"].cast(pl.String).to_list() == [levels[one] for one in range(answers.height)]


def test_the_export_sample_gets_the_answer_of_its_assessments() -> None:
    as_of = date(2026, 6, 30)
    chart = read(SAMPLE, KNOWLEDGE)
    assert in_words(screened(chart, as_of)) == by_full_assessment(chart, as_of)


@settings(max_examples=15, deadline=None)
@given(chart=charts())
def test_nobody_is_answered_by_the_company_in_which_they_are_screened(chart: Chart) -> None:
    together = screened(chart, AS_OF)
    alone = [screened(only(chart, number), AS_OF) for number in range(chart.persons.height)]
    assert_frame_equal(together, pl.concat(alone), rel_tol=1e-9)


def only(chart: Chart, number: int) -> Chart:
    """One patient of a chart as a chart."""
    first = pl.lit(0, pl.UInt32).alias("person")
    tables = (chart.persons, chart.statements, chart.doses, chart.unread)
    return Chart(*(table.filter(pl.col("person") == number).with_columns(first) for table in tables))
