"""The assessments that the tests of papers go through: every published case and every example, made once."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from precollapse.assess import assess_path
from precollapse.assessment.model import Assessment
from precollapse.views.handout.content import Handout, handout_of
from tests.facts.people import KNOWLEDGE

ROOT = Path(__file__).parents[2]
DAY = date(2026, 11, 22)
CASES = sorted((ROOT / "tests" / "cases" / "files").glob("*.yaml"))
EXAMPLES = sorted((ROOT / "examples").glob("*.*"))
PATHS = {path.stem: path for path in (*CASES, *EXAMPLES)}


@cache
def assessment(name: str) -> Assessment:
    return assess_path(PATHS[name], as_of=DAY, today=DAY)[0]


@cache
def handout(name: str) -> Handout:
    return handout_of(assessment(name), KNOWLEDGE)
