"""A patient alone is assessed exactly as among others: there is one engine, not a quick one beside it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from precollapse.assess import assess_chart
from precollapse.assessment.model import Assessment
from precollapse.chart.model import Chart
from precollapse.chart.reader import read
from tests.robustness.records import CASES, DAY, KNOWLEDGE, synthetic_bundles, together


def bytes_of(assessment: Assessment) -> bytes:
    return msgspec.json.encode((assessment.urgency, assessment.risk, assessment.hips))


def alone_and_together(paths: list[Path], copies: int = 1) -> None:
    charts: list[Chart] = [read(path, KNOWLEDGE, DAY) for path in paths]
    alone = [assess_chart(chart, KNOWLEDGE, DAY)[0] for chart in charts]
    among = assess_chart(together(charts * copies), KNOWLEDGE, DAY)
    assert len(among) == len(paths) * copies
    for place, assessment in enumerate(among):
        number = place % len(paths)
        assert bytes_of(assessment) == bytes_of(alone[number]), paths[number].name
        assert assessment == alone[number], paths[number].name


@pytest.mark.slow
def test_every_case_alone_is_the_same_as_among_all() -> None:
    alone_and_together(list(CASES))


@pytest.mark.slow
def test_patient_among_many_is_the_same_as_alone() -> None:
    """So many that the statements far outnumber the concepts which they are joined with."""
    alone_and_together(list(CASES[:6]), copies=60)


@pytest.mark.slow
def test_every_synthetic_bundle_alone_is_the_same_as_among_all_and_the_cases() -> None:
    alone_and_together([*synthetic_bundles(), *CASES[::8]])
