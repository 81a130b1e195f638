"""How many different products with the same content a patient takes at once: two with paracetamol, say.

What is counted stands in the knowledge (``Concept.counts``); how products are told apart, in the chart.
Who has no such medicine recorded gets no number: nobody knows what was not written down.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import polars as pl

from precollapse.chart.model import STATEMENTS
from precollapse.facts.resolve import dated_after
from precollapse.facts.rows import day_number
from precollapse.knowledge.bundle import Knowledge, KnowledgeKey


def product_counts(statements: pl.DataFrame, knowledge: Knowledge, as_of: date) -> pl.DataFrame:
    """Count the products in use on one day, as statements about the concepts that count them.

    A product that is only doubtfully taken raises the upper bound of the number, not the lower.

    Parameters
    ----------
    statements
        The chart's ``statements`` table.
    knowledge
        For what is counted.
    as_of
        The day of the assessment.
    """
    named = statements["product"]
    if named.null_count() == statements.height:
        return statements.clear()
    counted = _counted(KnowledgeKey(knowledge))
    numbers = [counted.get(concept, ()) for concept in statements["concept"].to_list()]
    # Each row once for each number that its medicine counts for; a join costs more than the rest together.
    rows = [row for row, found in enumerate(numbers) for _ in found]
    medicines = statements.select(_COLUMNS)[rows].with_columns(
        pl.Series("concept", [number for found in numbers for number in found], pl.String)
    )
    taken = medicines.filter(
        pl.col("product").is_not_null(),
        pl.col("status").is_in(["present", "provisional"]),
        pl.col("end").is_null() | (pl.col("end") >= as_of),
        pl.Series(~dated_after(medicines, day_number(as_of))),
    )
    return _as_statements(taken, as_of) if taken.height else statements.clear()


_COLUMNS = ("person", "concept", "product", "status", "start", "recorded", "end", "origin")


def _as_statements(taken: pl.DataFrame, as_of: date) -> pl.DataFrame:
    product, sure = pl.col("product"), pl.col("status") == "present"
    counts = taken.group_by("person", "concept", maintain_order=True).agg(
        product.filter(sure).n_unique().alias("low"),
        product.n_unique().alias("high"),
        pl.col("origin").unique(maintain_order=True).str.join(" | "),
        product.unique(maintain_order=True).str.join("; ").alias("note"),
    )
    low, high = counts["low"].cast(pl.Float64), counts["high"].cast(pl.Float64)
    columns: dict[str, pl.Series] = {
        "person": counts["person"],
        "concept": counts["concept"],
        "status": pl.repeat("present", counts.height, eager=True),
        "value": low.set(low != high, None),
        "low": low,
        "high": high,
        "recorded": pl.repeat(as_of, counts.height, eager=True),
        "origin": counts["origin"],
        "note": "counted: " + counts["note"],
    }
    nothing = pl.Series([None] * counts.height)
    return pl.DataFrame(
        [columns.get(name, nothing).cast(kind).alias(name) for name, kind in STATEMENTS.items()]
    )


@lru_cache(maxsize=4)
def _counted(key: KnowledgeKey) -> dict[str, tuple[str, ...]]:
    """Return for which numbers a medicine counts; narrower medicines count with those they imply."""
    concepts = key.knowledge.concepts
    numbers: dict[str, tuple[str, ...]] = {}
    for number in concepts.values():
        known = set(number.counts)
        while narrower := {one.id for one in concepts.values() if known & set(one.implies)} - known:
            known |= narrower
        for name in known:
            numbers[name] = (*numbers.get(name, ()), number.id)
    return numbers
