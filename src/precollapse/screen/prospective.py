"""What a screening on an earlier day would have found: nothing after that day may leak into it.

The charts are cut at the index date: later entries are left out by the facts as always, and undated ones
here, because nobody knows whether they were there already. The outcome is the first recorded osteonecrosis.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import polars as pl

from precollapse.chart.model import Chart
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.conditions import leaves, parse
from precollapse.screen.charts import TABLES, only

OUTCOMES = {"patient": pl.String, "diagnosed": pl.Date, "last_seen": pl.Date, "deceased": pl.Date}
SAID = ("present", "past")


def cut(chart: Chart, as_of: date) -> Chart:
    """Return a chart without what has no date, and without whom nobody could have screened on a day.

    Left out are the undated entries, and patients born after the day or dead by it.
    """
    there = chart.persons.filter(
        pl.col("birth_date").is_null() | (pl.col("birth_date") <= as_of),
        pl.col("deceased_date").is_null() | (pl.col("deceased_date") > as_of),
    )
    dated = chart.statements.filter(pl.col("start").is_not_null() | pl.col("recorded").is_not_null())
    begun = chart.doses.filter(pl.col("start").is_not_null())
    return only(Chart(chart.persons, dated, begun, chart.unread), there["person"].to_numpy())


def outcome_concepts(knowledge: Knowledge) -> frozenset[str]:
    """Return the concepts that say osteonecrosis of the hip is shown or diagnosed, and all narrower ones."""
    rule = next(rule for rule in knowledge.screening.values() if rule.found_when is not None)
    found = {leaf.fact for leaf in leaves(parse(rule.found_when, rule.id))}
    while narrower := {c.id for c in knowledge.concepts.values() if found & set(c.implies)} - found:
        found |= narrower
    return frozenset(found)


def outcomes(
    charts: Iterable[Path], knowledge: Knowledge, followed_until: date | None = None
) -> pl.DataFrame:
    """Return when osteonecrosis of the hip was first recorded of every patient.

    Parameters
    ----------
    charts
        Folders of stored charts.
    knowledge
        Which concepts say so.
    followed_until
        The last day of the export, to which everybody alive is taken to be followed; by default the last day
        on which anything stored was written down.

    Returns
    -------
    DataFrame
        Columns as in ``OUTCOMES``.
    """
    wanted = list(outcome_concepts(knowledge))
    parts, last = [], None
    for folder in charts:
        persons, statements, doses = (pl.read_parquet(folder / f"{name}.parquet") for name in TABLES)
        # When something was written down; an onset may be mistyped into the future.
        days = [statements["recorded"].max(), doses["written"].max()]
        last = max((day for day in (last, *days) if isinstance(day, date)), default=None)
        first = (
            statements.filter(
                pl.col("concept").cast(pl.String).is_in(wanted), pl.col("status").cast(pl.String).is_in(SAID)
            )
            .group_by("person")
            # The day on which it was known, from which on the screening would have known it too.
            .agg(pl.max_horizontal("start", "recorded").min().alias("diagnosed"))
        )
        parts.append(
            persons.join(first, on="person", how="left").select(
                pl.col("key").alias("patient"), "diagnosed", pl.col("deceased_date").alias("deceased")
            )
        )
    everybody = pl.concat(parts) if parts else pl.DataFrame(schema=OUTCOMES).drop("last_seen")
    until = pl.lit(followed_until or last, pl.Date)
    seen = pl.min_horizontal(until, pl.coalesce("deceased", until)).alias("last_seen")
    return everybody.with_columns(seen).select(pl.col(name).cast(kind) for name, kind in OUTCOMES.items())
