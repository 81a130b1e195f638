"""How the benchmarks measure: two runs discarded, the median of seven with its spread, peers in turn.

Peers are timed in turn (A B A B …) so that a machine that slows down slows all of them.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

DISCARDED = 2
COUNTED = 7


@dataclass(frozen=True, slots=True)
class Timing:
    """Median, fastest and slowest of the counted runs, in seconds."""

    median: float
    fastest: float
    slowest: float

    def __str__(self) -> str:
        """Return the timing in milliseconds."""
        return f"{self.median * 1e3:,.1f} ms ({self.fastest * 1e3:,.1f} to {self.slowest * 1e3:,.1f})"


def in_turn(*jobs: Callable[[], object], discarded: int = DISCARDED, counted: int = COUNTED) -> list[Timing]:
    """Time several jobs in turn and return one timing each; only jobs of minutes are run fewer times."""
    seconds: list[list[float]] = [[] for _ in jobs]
    for run in range(discarded + counted):
        for number, job in enumerate(jobs):
            gc.collect()
            start = time.perf_counter()
            job()
            elapsed = time.perf_counter() - start
            if run >= discarded:
                seconds[number].append(elapsed)
    return [Timing(statistics.median(s), min(s), max(s)) for s in seconds]


def table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return a Markdown table."""
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"
