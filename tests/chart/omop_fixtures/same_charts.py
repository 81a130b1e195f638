"""Compares charts read in batches with one chart of all patients, apart from the numbers of rows."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl
from polars.testing import assert_frame_equal

from precollapse.chart.model import Chart

NAMES = ("persons", "statements", "doses", "unread")


def assert_same(charts: Iterable[Chart], expected: Chart, *, ignoring: tuple[str, ...] = ()) -> None:
    """Check that charts hold the same rows as one other, patient by patient."""
    parts = [_plain(chart, ignoring) for chart in charts]
    whole = _plain(expected, ignoring)
    for name in NAMES:
        found = pl.concat(part[name] for part in parts)
        assert_frame_equal(_sorted(found), _sorted(whole[name]))


def _plain(chart: Chart, ignoring: tuple[str, ...]) -> dict[str, pl.DataFrame]:
    """Name patients by their key instead of their number, and orders by their first row."""
    keys = chart.persons.select("person", "key")
    doses = chart.doses.with_columns(pl.col("origin").first().over("order").alias("of_order"))
    tables = {"statements": chart.statements, "doses": doses.drop("order"), "unread": chart.unread}
    joined = {name: table.join(keys, on="person", how="left") for name, table in tables.items()}
    return {
        name: table.drop("person", *ignoring, *(["of_order"] if "origin" in ignoring else []), strict=False)
        for name, table in {"persons": chart.persons, **joined}.items()
    }


def _sorted(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.sort(frame.columns)


def without_file_endings(chart: Chart) -> Chart:
    """Cite rows as a database does: by the table's name."""
    plain = pl.col("origin").str.replace(".csv", "", literal=True)
    return Chart(*(getattr(chart, name).with_columns(plain) for name in NAMES))
