"""Published groups of patients: the engine answers within the source's interval, or the page says why not."""

from __future__ import annotations

from functools import cache

import pytest

from benchmarks.strata import PAGE, Result, page, results
from tests.facts.people import KNOWLEDGE


@cache
def rows() -> list[Result]:
    return results(KNOWLEDGE)


def test_table_is_large_and_holds_figures_the_engine_never_saw() -> None:
    held_out = [row for row in rows() if row.stratum["anchor"] == "no"]
    assert len(rows()) >= 30
    assert len(held_out) >= 10
    assert sum(row.inside for row in rows()) >= 25
    assert sum(row.inside for row in held_out) >= 10


def test_every_row_is_inside_or_says_why_not() -> None:
    for row in rows():
        assert row.inside != ("why" in row.stratum), (row.stratum["id"], row.published, row.engine)


def test_figures_the_engine_starts_from_come_back_unchanged() -> None:
    """Choosing the group, time, bilateral share, site and detection undo one another."""
    ours = [row for row in rows() if row.stratum["anchor"] == "yes" and row.inside]
    for row in ours:
        assert row.engine[0] == pytest.approx(row.published[0], rel=0.12, abs=0.0003), row.stratum["id"]


def test_what_is_called_held_out_is_no_starting_figure_of_the_group_that_answers() -> None:
    for row in rows():
        if row.stratum["anchor"] == "no":
            cohort = KNOWLEDGE.cohorts[row.cohort]
            own = [f for f in (cohort.attack, cohort.prevalence, cohort.rate) if f is not None]
            same = [f for f in own if f.source == row.stratum["source"] and f.value == row.published[0]]
            assert not same, row.stratum["id"]


def test_page_is_the_one_the_script_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(rows(), KNOWLEDGE), "run python benchmarks/strata.py"
