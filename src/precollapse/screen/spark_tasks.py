"""What a Python process of Spark does with batches of Arrow: lines → kept lines → charts → answers.

The functions are those of the engine on one machine. What takes long to prepare (knowledge, sieve, patterns
assessed so far) is kept as long as the process lives, which is over many tasks.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

import polars as pl

from precollapse.chart.fhir.sieve import Sieve
from precollapse.errors import InputError
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.load import load
from precollapse.screen.answers import ANSWERS, Screener
from precollapse.screen.charts import to_store
from precollapse.screen.lines import PieceRead, sift_block
from precollapse.screen.scope import scope
from precollapse.screen.spark_charts import arrow_batches, chart_of_rows, chart_schema, rows_of_patients
from precollapse.screen.work import chart_of_lines, unread_by_reason

if TYPE_CHECKING:
    import pyarrow as pa

KEPT: dict[str, Any] = {
    "patient": pl.String,  # null for products and prescribers, to which anybody's order may refer
    "rank": pl.Int8,  # patients before products before everything else
    "line": pl.Binary,
}
PATIENT, PRODUCT = 0, 1
LINES_AT_ONCE = 4_000  # decoded together: about 4 MB
LINES_OF_A_CHART, BYTES_OF_A_CHART = 200_000, 128 * 1024 * 1024  # whichever comes first


class Sum(Protocol):
    """Something that counts of many processes are added to: an accumulator of Spark."""

    def add(self, term: Counter[str]) -> None:
        """Add counts."""


class Counts:
    """Tells Spark how counts are added up."""

    def zero(self, value: Counter[str]) -> Counter[str]:
        """Return what nothing adds up to."""
        return Counter()

    def addInPlace(self, value1: Counter[str], value2: Counter[str]) -> Counter[str]:  # noqa: N802 - Spark's
        """Return both together."""
        return value1 + value2


@dataclass(frozen=True, slots=True)
class Order:
    """What a task is to do: as of which day, with which knowledge, and where its counts go."""

    as_of: date
    knowledge: str
    counts: Sum


@dataclass
class _Process:
    """What a process keeps from task to task."""

    knowledge: Knowledge = field(default_factory=load)
    sieve: Sieve | None = None
    screener: Screener | None = None


_process: _Process | None = None


def _prepared(order: Order) -> _Process:
    """Return what this process keeps.

    Raises
    ------
    InputError
        When precollapse on this machine of the cluster knows other things than the one that asks.
    """
    global _process
    process = _process = _process or _Process()
    found = process.knowledge.version
    if found != order.knowledge:
        raise InputError(
            "a machine of the cluster",
            f"has precollapse with knowledge {found}, not {order.knowledge}; install the same version on all",
        )
    if process.screener is None or process.screener.as_of != order.as_of:
        process.screener = Screener(process.knowledge, order.as_of)
    if process.sieve is None:
        process.sieve = Sieve(process.knowledge, frozenset(scope(process.knowledge).concepts))
    return process


def answer_rows(batches: Iterable[pa.RecordBatch], order: Order) -> Iterator[pa.RecordBatch]:
    """Answer for patients given one a row; one row of ``ANSWERS`` each, in the same order."""
    process = _prepared(order)
    screener = process.screener
    assert screener is not None
    for batch in batches:
        before = screener.assessed
        answers = screener.screen(chart_of_rows(batch, process.knowledge))
        order.counts.add(Counter(patients=answers.height, assessed=screener.assessed - before))
        yield from arrow_batches(answers, ANSWERS)


def sift(batches: Iterable[pa.RecordBatch], order: Order) -> Iterator[pa.RecordBatch]:
    """Keep the lines that screening can rest on, as ``KEPT``; the one column holds lines of NDJSON."""
    import pyarrow as pa

    sieve = _prepared(order).sieve
    assert sieve is not None
    for batch in batches:
        # Seen as bytes and never decoded as text: a line that is no UTF-8 is refused by itself.
        lines = batch.column(0).cast(pa.binary()).to_pylist()
        writer, found = _Kept(), PieceRead()
        gc.disable()  # what is decoded holds no circles, and is gone with its batch
        try:
            for start in range(0, len(lines), LINES_AT_ONCE):
                sift_block(b"\n".join(lines[start : start + LINES_AT_ONCE]), sieve, found, writer)
        finally:
            gc.enable()
        unused = {f"unused:{kind}": count for kind, count in found.unused.items()}
        size = sum(map(len, lines)) + len(lines)
        order.counts.add(Counter({"lines": found.lines, "bytes": size, "corrupt": found.corrupt, **unused}))
        yield from arrow_batches(pl.DataFrame(writer.rows, schema=KEPT, orient="row"), KEPT)


class _Kept:
    """Takes the lines that are kept."""

    def __init__(self) -> None:
        self.rows: list[tuple[str | None, int, bytes]] = []

    def add(self, key: str, rank: int, line: bytes) -> None:
        """Keep a line of a patient."""
        self.rows.append((key, rank, line))

    def add_for_everybody(self, line: bytes) -> None:
        """Keep a line to which any patient's may refer."""
        self.rows.append((None, PRODUCT, line))


def chart_rows(batches: Iterable[pa.RecordBatch], order: Order, products: Any) -> Iterator[pa.RecordBatch]:
    """Make charts of kept lines, one row a patient.

    Parameters
    ----------
    batches
        Columns of ``KEPT``; sorted by patient, so that all lines of one follow each other.
    order
        What to do.
    products
        The broadcast lines of products and prescribers.
    """
    knowledge = _prepared(order).knowledge
    for lines in _of_whole_patients(batches):
        first = [line for rank, line in lines if rank == PATIENT]
        others = [line for rank, line in lines if rank != PATIENT]
        chart = chart_of_lines([*first, *products.value, *others], knowledge, order.as_of)
        unread = {f"unread:{reason}": count for reason, count in unread_by_reason(chart).items()}
        order.counts.add(Counter(unread))
        rows = rows_of_patients(to_store(chart, knowledge, order.as_of), knowledge, order.as_of)
        yield from arrow_batches(rows, chart_schema(knowledge))


def _of_whole_patients(batches: Iterable[pa.RecordBatch]) -> Iterator[list[tuple[int, bytes]]]:
    """Yield the lines of many patients at a time, never a part of one."""
    lines: list[tuple[int, bytes]] = []
    size, last = 0, None
    for batch in batches:
        columns = (batch.column(name).to_pylist() for name in KEPT)
        for patient, rank, line in zip(*columns, strict=True):
            if patient != last and (len(lines) >= LINES_OF_A_CHART or size >= BYTES_OF_A_CHART):
                yield lines
                lines, size = [], 0
            lines.append((rank, line))
            size += len(line)
            last = patient
    if lines:
        yield lines
