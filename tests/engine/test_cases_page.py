"""The page of the published cases is what the benchmark writes; its measures do what they say."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from benchmarks.cases_report import PAGE, PICTURE, page
from benchmarks.judged import judged_numbers
from benchmarks.reliability import bins, brier_parts, line
from tests.facts.people import KNOWLEDGE

RANDOM = np.random.default_rng(20261122)
SAID = RANDOM.uniform(0.02, 0.98, 20_000)
FOUND = (RANDOM.uniform(size=len(SAID)) < SAID).astype(float)


@pytest.mark.slow
def test_page_and_plot_are_those_the_benchmark_writes() -> None:
    report, plot = page(KNOWLEDGE)
    assert PAGE.read_text(encoding="utf-8") == report, "run python -m benchmarks.cases_report"
    assert PICTURE.read_text(encoding="utf-8") == plot, "run python -m benchmarks.cases_report"


def test_plot_can_be_read_by_those_who_do_not_see_it() -> None:
    root = ET.fromstring(PICTURE.read_text(encoding="utf-8"))
    title, description = (root.find(f"{{http://www.w3.org/2000/svg}}{name}") for name in ("title", "desc"))
    assert root.get("role") == "img"
    assert title is not None
    assert description is not None
    assert "found" in (description.text or "")


def test_probabilities_that_come_true_have_slope_one_and_lie_on_the_diagonal() -> None:
    intercept, slope = line(SAID, FOUND)
    assert intercept == pytest.approx(0, abs=0.1)
    assert slope == pytest.approx(1, abs=0.06)
    assert all(b.low - 0.02 < b.said < b.high + 0.02 for b in bins(SAID, FOUND))


def test_too_extreme_probabilities_have_a_slope_below_one() -> None:
    odds = (SAID / (1 - SAID)) ** 2
    assert line(odds / (1 + odds), FOUND)[1] == pytest.approx(0.5, abs=0.05)


def test_parts_of_the_brier_score_make_it_up() -> None:
    parts = brier_parts(SAID, FOUND)
    made_up = parts["reliability"] - parts["resolution"] + parts["uncertainty"]
    assert parts["Brier score"] == pytest.approx(made_up, abs=0.01)


def test_halving_and_doubling_the_odds_of_a_judged_number_undo_each_other() -> None:
    numbers = judged_numbers(KNOWLEDGE)
    assert len({number.name for number in numbers}) == len(numbers) > 500
    for number in numbers:
        if number.odds:
            assert 0 < number.times(0.5) < number.value < number.times(2.0) < 1
