"""What was asked of screening, held against what was measured: sentences that say met or missed.

Every sentence is computed from the timings; none is written by hand. A peer is taken with as many cores as it
was fastest with, a plain reader with the same number of cores.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

# Names of rows that the sentences need.
OWN = "precollapse screen, the full set of rules"
TYPED_BY_LINE = "msgspec, typed, line by line"
TYPED_ALL_LINES = "msgspec, typed, all lines at once"
UNTYPED = "msgspec, untyped"

CORES = 2  # on which the speeds were asked for
PATIENTS_PER_SECOND = 10_000  # from NDJSON
TIMES_AS_FAST = {"cql-execution": 150.0, "fhirpath": 100.0}
TIMES_OF_PARSING = 1.6
FASTER_THAN = ("Polars", "DuckDB")

STORED_PER_SECOND = 500_000
TEN_MILLION = 10_000_000
TEN_MILLION_SECONDS = 300.0
MEMORY_GIB = 2.0


@dataclass(frozen=True, slots=True)
class Found:
    """One measured row: who, on how many cores, and the median in seconds."""

    name: str
    cores: int
    seconds: float


class Stored(Protocol):
    """One screening of stored charts, as ``stored.py`` measures it."""

    @property
    def patients(self) -> int: ...  # noqa: D102
    @property
    def answers_seconds(self) -> float: ...  # noqa: D102
    @property
    def total_seconds(self) -> float: ...  # noqa: D102
    @property
    def memory_gb(self) -> float: ...  # noqa: D102


def verdict(met: bool) -> str:
    """Return the word."""
    return "met" if met else "missed"


def peers_asked(patients: int, rows: Sequence[Found], left_out: str | None = None) -> str:
    """Return what was asked beside the peers, as a Markdown list.

    Parameters
    ----------
    patients
        In the export that all were timed on.
    rows
        Everybody's timings.
    left_out
        Why the engines of CQL and FHIRPath were not measured, if so.
    """
    said = [*_speed(patients, rows), *_engines(rows, left_out), *_parsing(rows), *_readers(rows)]
    return _listed(said)


def _speed(patients: int, rows: Sequence[Found]) -> Iterator[str]:
    own = _most_cores(rows)
    speed = patients / own.seconds
    asked = f"asked were at least {PATIENTS_PER_SECOND:,} on {_cores(CORES)}"
    took = f"takes {_seconds(own.seconds)}, {speed:,.0f} patients/s"
    said = f"On {_cores(own.cores)} the full set of rules {took};"
    if own.cores < CORES:
        yield f"{said} {asked}: not judged, because this machine has too few."
    else:
        yield f"{said} {asked}: {verdict(speed >= PATIENTS_PER_SECOND)}."


def _engines(rows: Sequence[Found], left_out: str | None) -> Iterator[str]:
    own = _most_cores(rows)
    for engine, asked in TIMES_AS_FAST.items():
        of_engine = [row for row in rows if row.name.startswith(f"{engine}: ")]
        if not of_engine:
            yield f"{engine} was not measured{f', because {left_out}' if left_out else ''}."
        for name in dict.fromkeys(row.name for row in of_engine):
            other = min((row for row in of_engine if row.name == name), key=lambda row: row.seconds)
            ratio = other.seconds / own.seconds
            yield (
                f"It is {_plain(ratio)} times as fast as {other.name} ({_seconds(other.seconds)} on"
                f" {_cores(other.cores)}, its fastest); asked were {asked:g} times:"
                f" {verdict(ratio >= asked)}."
                f" {_bound(other, asked, rows)}"
            )


def _bound(other: Found, asked: float, rows: Sequence[Found]) -> str:
    """Say how much faster than an engine one can be who parses every line of the files."""
    typed = (row for row in rows if row.name in (TYPED_BY_LINE, TYPED_ALL_LINES))
    parsing = min(typed, key=lambda row: row.seconds)
    most = other.seconds / parsing.seconds
    conclusion = (
        f"so nothing that parses every line like this can be {asked:g} times as fast here"
        if most < asked
        else "so parsing alone does not rule it out"
    )
    return (
        f"Only parsing the same files ({parsing.name}, {_cores(parsing.cores)},"
        f" {_seconds(parsing.seconds)}) is {_plain(most)} times as fast as that engine, {conclusion}."
    )


def _parsing(rows: Sequence[Found]) -> Iterator[str]:
    for name in (TYPED_BY_LINE, UNTYPED):
        for own, other in _beside(name, rows):
            ratio = own.seconds / other.seconds
            yield (
                f"On {_cores(own.cores)} it takes {_plain(ratio)} times as long as only parsing the same"
                f" files ({name}: {_seconds(other.seconds)}); asked were at most {TIMES_OF_PARSING:g} times:"
                f" {verdict(ratio <= TIMES_OF_PARSING)}."
            )


def _readers(rows: Sequence[Found]) -> Iterator[str]:
    for name in FASTER_THAN:
        for own, other in _beside(name, rows):
            ratio = own.seconds / other.seconds
            yield (
                f"On {_cores(own.cores)} it takes {_plain(ratio)} times as long as reading"
                f" with {name} ({_seconds(other.seconds)}); asked was to be faster:"
                f" {verdict(own.seconds < other.seconds)}."
            )


def _beside(name: str, rows: Sequence[Found]) -> Iterator[tuple[Found, Found]]:
    """Yield precollapse and a reader on the same number of cores, most cores first."""
    pairs = ((own, other) for own in rows for other in rows if own.name == OWN and other.name == name)
    same = [pair for pair in pairs if pair[0].cores == pair[1].cores]
    yield from sorted(same, key=lambda pair: -pair[0].cores)


def _most_cores(rows: Sequence[Found]) -> Found:
    return max((row for row in rows if row.name == OWN), key=lambda row: row.cores)


def stored_asked(first: Sequence[Stored], later: Sequence[Stored]) -> str:
    """Return what was asked of stored charts, as a Markdown list.

    Parameters
    ----------
    first, later
        Each size on the first day and thirty days later, the smallest first.
    """
    days = (("on the first day", first), ("30 days later", later))
    return _listed([*_stored_speed(days), *_ten_million(days), *_memory(first, later), *_linear(first)])


def _stored_speed(days: Sequence[tuple[str, Sequence[Stored]]]) -> Iterator[str]:
    for day, runs in days:
        largest = runs[-1]
        speed = largest.patients / largest.answers_seconds
        yield (
            f"{largest.patients:,} patients {day}: {speed:,.0f} patients/s; asked were at least"
            f" {STORED_PER_SECOND:,}: {verdict(speed >= STORED_PER_SECOND)}."
        )


def _ten_million(days: Sequence[tuple[str, Sequence[Stored]]]) -> Iterator[str]:
    for day, runs in days:
        measured = next((one for one in runs if one.patients == TEN_MILLION), None)
        if measured is None:
            yield f"Ten million patients {day} were not measured; the most was {runs[-1].patients:,}."
            continue
        yield (
            f"Ten million patients {day} took {_seconds(measured.answers_seconds)} to the answers and"
            f" {_seconds(measured.total_seconds)} with CSV, summary and page; asked were less than"
            f" {TEN_MILLION_SECONDS:.0f} s: the answers"
            f" {verdict(measured.answers_seconds < TEN_MILLION_SECONDS)}, everything"
            f" {verdict(measured.total_seconds < TEN_MILLION_SECONDS)}."
        )


def _memory(first: Sequence[Stored], later: Sequence[Stored]) -> Iterator[str]:
    most = max((*first, *later), key=lambda one: one.memory_gb)
    gibibytes = most.memory_gb * 1e9 / 2**30
    yield (
        f"The most memory was {gibibytes:.2f} GiB, at {most.patients:,} patients; asked were less than"
        f" {MEMORY_GIB:g} GiB: {verdict(gibibytes < MEMORY_GIB)}."
    )


def _linear(first: Sequence[Stored]) -> Iterator[str]:
    for smaller, larger in pairwise(first):
        ratio = larger.answers_seconds / larger.patients * smaller.patients / smaller.answers_seconds
        yield (
            f"A patient costs {_plain(ratio)} times as much at {larger.patients:,} as at {smaller.patients:,}"
            " (answers, first day; 1 is linear, below 1 the start of the processes is spread over more)."
        )


def _listed(said: Sequence[str]) -> str:
    return "\n".join(f"- {one}" for one in said) + "\n"


def _cores(count: int) -> str:
    return "1 core" if count == 1 else f"{count} cores"


def _seconds(value: float) -> str:
    decimals = 1 if value >= 10 else 2 if value >= 1 else 3
    return f"{value:,.{decimals}f} s"


def _plain(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:,.1f}"
