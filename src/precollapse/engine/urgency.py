"""How soon a patient should be seen: the highest level of any rule that holds for any hip.

Decided before everything else; nothing computed later can lower it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from precollapse.engine.program import Truths
from precollapse.facts.table import FALSE, TRUE
from precollapse.knowledge.bundle import Knowledge

# From least to most pressing; the number of a level is its place in this list.
LEVELS = ("routine", "soon", "urgent", "emergency")


def urgency_levels(persons: npt.NDArray[np.uint32], truths: Truths, knowledge: Knowledge) -> pl.DataFrame:
    """Return the level of every patient.

    Parameters
    ----------
    persons
        The person of each hip; the hips of a person stand together.
    truths
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
    level = np.array([LEVELS.index(rule.level) for rule in rules])
    state = truths.of([f"urgency:{rule.id}" for rule in rules])
    sure = ((state == TRUE) * level).max(axis=1, initial=0)
    possible = ((state != FALSE) * level).max(axis=1, initial=0)
    first = np.flatnonzero(np.diff(persons.astype(np.int64), prepend=-1) != 0)
    names = np.array(LEVELS)
    return pl.DataFrame(
        {
            "person": persons[first],
            "urgency": names[np.maximum.reduceat(sure, first)] if len(first) else [],
            "urgency_possible": names[np.maximum.reduceat(possible, first)] if len(first) else [],
        },
        schema_overrides={"urgency": pl.String, "urgency_possible": pl.String},
    )
