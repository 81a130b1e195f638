"""Short ways to read a case in a test and to look at what became of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import yaml

from precollapse.chart.case.read import read_case
from precollapse.chart.model import Chart, ChartBuilder
from precollapse.knowledge.load import load

AS_OF = date(2026, 1, 31)


def read(case: str | dict[str, Any], as_of: date | None = AS_OF) -> Chart:
    builder = ChartBuilder()
    text = case if isinstance(case, str) else yaml.safe_dump(case)
    read_case(text.encode(), "case.yaml", load(), builder, as_of)
    return builder.build()


def rows_of(chart: Chart, concept: str) -> list[dict[str, Any]]:
    return [row for row in chart.statements.iter_rows(named=True) if row["concept"] == concept]


def row_of(chart: Chart, concept: str) -> dict[str, Any]:
    (row,) = rows_of(chart, concept)
    return row


def unread_of(chart: Chart) -> list[tuple[str, str]]:
    return [
        (row["origin"].removeprefix("case.yaml: "), row["reason"])
        for row in chart.unread.iter_rows(named=True)
    ]
