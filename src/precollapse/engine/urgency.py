"""How soon a patient should be seen: the highest level of any rule that holds for any hip.

Decided before everything else; nothing computed later can lower it.
"""

from __future__ import annotations

import polars as pl

from precollapse.knowledge.bundle import Knowledge

# From least to most pressing; the number of a level is its place in this list.
LEVELS = ("routine", "soon", "urgent", "emergency")


def urgency_levels(conditions: pl.DataFrame, knowledge: Knowledge) -> pl.DataFrame:
    """Return the level of every patient.

    Parameters
    ----------
    conditions
        Evaluated conditions, one row per hip.
    knowledge
        For the level of each rule.

    Returns
    -------
    DataFrame
        ``person``; ``urgency``, the level that surely holds; ``urgency_possible``, the level that could
        hold once what is unknown were answered.
    """
    rules = [rule for rule in knowledge.urgency.values() if not rule.draft]
    numbers = {rule.id: LEVELS.index(rule.level) for rule in rules}
    columns = {rule.id: pl.col(f"urgency:{rule.id}") for rule in rules}
    sure = [pl.when(columns[name]).then(level).otherwise(0) for name, level in numbers.items()]
    possible = [
        pl.when(columns[name].fill_null(True)).then(level).otherwise(0) for name, level in numbers.items()
    ]
    levels = conditions.select(
        "person",
        pl.max_horizontal(pl.lit(0), *sure).alias("sure"),
        pl.max_horizontal(pl.lit(0), *possible).alias("possible"),
    )
    names = dict(enumerate(LEVELS))
    return (
        levels.group_by("person", maintain_order=True)
        .max()
        .select(
            "person",
            pl.col("sure").replace_strict(names, return_dtype=pl.String).alias("urgency"),
            pl.col("possible").replace_strict(names, return_dtype=pl.String).alias("urgency_possible"),
        )
    )
