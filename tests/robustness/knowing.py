"""Holds the facts of one hip against those of another: the same, less known, or something else."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from precollapse.facts.table import HipTable

Rows = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def hip_rows(table: HipTable, persons: list[int]) -> tuple[Rows, Rows]:
    """Return the row of the left and of the right hip of some persons."""
    first = np.flatnonzero(table.hips == "left")[persons]
    return first, first + 1


def differences(table: HipTable, old: Rows, new: Rows) -> Iterator[tuple[str, Flags, Flags]]:
    """Yield for every fact where it differs, and where it differs by more than being less known."""
    for name, truth in table.truths.items():
        yield name, truth[new] != truth[old], (truth[new] != truth[old]) & (truth[new] != 0)
    for name, choice in table.choices.items():
        yield name, choice[new] != choice[old], (choice[new] != choice[old]) & (choice[new] != -1)
    for bounds, sign in ((table.lows, 1.0), (table.highs, -1.0)):
        for name, bound in bounds.items():
            before, after = sign * bound[old], sign * bound[new]
            yield name, _differ(before, after), ~np.isnan(after) & ~(after <= before)
    for name, years in table.since.items():
        differ = _differ(years[old], years[new])
        yield name, differ, differ & ~np.isnan(years[new])


def _differ(before: npt.NDArray[np.float64], after: npt.NDArray[np.float64]) -> Flags:
    return ~((before == after) | (np.isnan(before) & np.isnan(after)))
