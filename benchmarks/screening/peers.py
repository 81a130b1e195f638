"""One screening question on one bulk export: precollapse beside CQL, FHIRPath and plain readers.

The question and its codes are those of ``criteria.py``; the export is made by ``export.py``. Before anything
is timed, everybody who answers the question must find the same patients as the referee, a plain loop, and
everybody who only reads must see the same lines and the same orders of a systemic corticosteroid. Programs,
models, threads and processes are started beforehand, so that the clock runs from the files to the answer.

Run it: ``python -m benchmarks.screening.peers --patients 2000``. Without node the rows of its peers are left
out and the report says so.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import Any

from benchmarks.measure import COUNTED, DISCARDED, Timing, in_turn, table
from benchmarks.screening import asked, criteria, node, readers
from benchmarks.screening.export import MRI_SHARE, Exported, export, source_says
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.load import load
from precollapse.screen.run import Plan, processes, run

AS_OF = date(2026, 11, 22)
SLOW_SECONDS = 30.0
SLOW_RUNS = (1, 3)  # discarded, counted
# Variants of the scripts: the fastest in the language alone, and with the help of code of our own.
Variants = dict[str, tuple[str, ...]]
FASTEST: Variants = {"cql.mjs": ("ordered", "filtered"), "fhirpath.mjs": ("lists", "function")}
EVERY: Variants = {
    "cql.mjs": ("stock", "ordered", "filtered"),
    "fhirpath.mjs": ("bundle", "lists", "function"),
}
BLOCKS = ("precollapse", "Peers that answer the question", "Readers that only read")


class Screening:
    """precollapse itself: from the files to the answers of the full set of rules, each time anew."""

    def __init__(self, place: Path, folder: Path, pool: Executor | None) -> None:
        self._place, self._folder, self._pool = place, folder, pool
        self._runs = 0

    def __call__(self) -> set[str]:
        """Screen the export into an empty folder; return who answers the question, from its charts."""
        self._runs += 1
        out = self._place / f"screened-{self._runs}-{id(self)}"
        outcome = run(Plan((str(self._folder),), out, AS_OF), pool=self._pool)
        positive = criteria.positive(criteria.from_store(outcome.charts))
        shutil.rmtree(out)
        return positive


@dataclass(frozen=True, slots=True)
class Peer:
    """One row of the table: a job, and what it must return."""

    block: str
    name: str
    cores: int
    job: Callable[[], Any]
    expected: Any


@dataclass(frozen=True, slots=True)
class Setting:
    """What every peer is given, and the right answers."""

    folder: Path
    codes: Path  # file of the sets of codes
    wanted: readers.Wanted  # codes of systemic corticosteroids
    knowledge: Knowledge
    sets: criteria.Codes
    positive: frozenset[str]
    counts: readers.Counts


def main() -> None:
    """Make an export, measure and print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--patients", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every-variant", action="store_true", help="slower ways of driving the peers, too")
    given = parser.parse_args()
    print(report(given.patients, given.seed, EVERY if given.every_variant else FASTEST))


def report(patients: int, seed: int = 1, variants: Variants = FASTEST) -> str:
    """Measure everybody on an export of so many patients and return the report as Markdown."""
    with tempfile.TemporaryDirectory() as place, ExitStack() as running:
        written = export(Path(place) / "export", patients, seed=seed)
        setting = _setting(Path(place))
        reason = node.why_not()
        peers = [*_own(setting, running), *_readers(setting, running)]
        if reason is None:
            peers += _node(setting, running, variants)
        seconds = [_checked(peer) for peer in peers]
        timings = _timed(peers, seconds)
        return _text(written, setting, peers, timings, reason)


def _setting(place: Path) -> Setting:
    """Make the sets of codes and find the right answers."""
    folder, knowledge = place / "export", load()
    sets = criteria.value_sets(knowledge, folder)
    answers = criteria.referee(folder, sets)
    codes = place / "codes.json"
    codes.write_text(criteria.as_json(sets), encoding="utf-8")
    wanted = frozenset(sets["corticosteroids"])
    counts = readers.json_module(folder, wanted)
    positive = frozenset(criteria.positive(answers))
    return Setting(folder, codes, wanted, knowledge, sets, positive, counts)


def _own(setting: Setting, running: ExitStack) -> Iterator[Peer]:
    def chart() -> set[str]:
        return criteria.positive(criteria.from_chart(setting.folder, setting.knowledge))

    def referee() -> set[str]:
        return criteria.positive(criteria.referee(setting.folder, setting.sets))

    for cores in _core_counts():
        # Processes are started beforehand, as for the peers.
        pool = running.enter_context(processes(cores))
        job = Screening(setting.folder.parent, setting.folder, pool)
        yield Peer(BLOCKS[0], asked.OWN, cores, job, setting.positive)
    yield Peer(BLOCKS[0], "the whole record read to a chart", 1, chart, setting.positive)
    yield Peer(BLOCKS[1], "json and a loop (the referee)", 1, referee, setting.positive)


def _node(setting: Setting, running: ExitStack, variants: Variants) -> Iterator[Peer]:
    digest = hashlib.sha256("\n".join(sorted(setting.positive)).encode()).hexdigest()
    # Every line of the export is about a patient of whom it holds the Patient.
    expected = (setting.counts[0], len(setting.positive), digest)
    for script, chosen in variants.items():
        for variant, workers in product(chosen, _core_counts()):
            peer = running.enter_context(node.NodePeer(script, variant, workers))
            name = f"{node.PACKAGES[script][0]}: {variant}"
            yield Peer(BLOCKS[1], name, workers, partial(_asked, peer, setting), expected)


def _asked(peer: node.NodePeer, setting: Setting) -> tuple[int, int, str]:
    said = peer.ask(setting.folder, setting.codes)
    return said["lines"], said["positive"], said["positive_sha256"]


def _readers(setting: Setting, running: ExitStack) -> Iterator[Peer]:
    context = multiprocessing.get_context("spawn")
    given = (setting.folder, setting.wanted)
    for cores in _core_counts():
        pool = running.enter_context(context.Pool(cores))
        for name, reader in (
            (asked.TYPED_BY_LINE, readers.msgspec_typed_by_line),
            (asked.TYPED_ALL_LINES, readers.msgspec_typed_all_lines),
            (asked.UNTYPED, readers.msgspec_untyped),
            ("orjson", readers.orjson),
        ):
            job: Callable[[], Any] = partial(readers.in_parts, pool, reader, *given, cores)
            if cores == 1:
                job = partial(reader, *given)
            yield Peer(BLOCKS[2], name, cores, job, setting.counts)
        with _polars_threads(cores):
            threads = running.enter_context(context.Pool(1))
        yield Peer(BLOCKS[2], "Polars", cores, partial(threads.apply, readers.polars, given), setting.counts)
        yield Peer(BLOCKS[2], "DuckDB", cores, partial(readers.duckdb, *given, cores), setting.counts)


@contextmanager
def _polars_threads(count: int) -> Iterator[None]:
    """Let the processes that are started meanwhile use so many threads in Polars."""
    before = os.environ.get("POLARS_MAX_THREADS")
    os.environ["POLARS_MAX_THREADS"] = str(count)
    try:
        yield
    finally:
        del os.environ["POLARS_MAX_THREADS"]
        if before is not None:
            os.environ["POLARS_MAX_THREADS"] = before


def _core_counts() -> tuple[int, ...]:
    return (1, 2) if readers.cores() > 1 else (1,)


def _checked(peer: Peer) -> float:
    """Have a peer answer once, compare, and return the seconds it took."""
    start = time.perf_counter()
    answer = peer.job()
    seconds = time.perf_counter() - start
    assert answer == peer.expected, f"{peer.name} on {peer.cores} cores does not agree with the referee"
    return seconds


def _timed(peers: list[Peer], seconds: list[float]) -> dict[int, Timing]:
    """Time all peers in turn; those that take minutes by themselves and fewer times."""
    timings: dict[int, Timing] = {}
    for slow, (discarded, counted) in ((False, (DISCARDED, COUNTED)), (True, SLOW_RUNS)):
        chosen = [number for number, took in enumerate(seconds) if (took > SLOW_SECONDS) == slow]
        jobs = [peers[number].job for number in chosen]
        found = in_turn(*jobs, discarded=discarded, counted=counted) if jobs else []
        timings |= dict(zip(chosen, found, strict=True))
    return timings


def _text(
    written: Exported, setting: Setting, peers: list[Peer], timings: dict[int, Timing], reason: str | None
) -> str:
    share = len(setting.positive) / written.patients
    parts = [
        "## One screening question on a bulk export\n",
        f"{source_says()} {written}. "
        f"{len(setting.positive):,} patients ({share:.0%}) are positive; everybody below found "
        f"the same. The MRI of {MRI_SHARE:.0%} of the patients was added. {_sizes(setting.sets)}\n",
        _versions(reason),
        "### Asked and measured\n",
        "Computed from the medians below. The time of precollapse includes writing the answers and the store,"
        " and answering the question of the peers from its stored charts on top of its own.\n",
        asked.peers_asked(written.patients, _found(peers, timings), reason),
    ]
    for block in BLOCKS:
        chosen = [number for number, peer in enumerate(peers) if peer.block == block]
        rows = [_row(peers[number], timings[number], written) for number in chosen]
        parts.append(f"### {block}\n")
        parts.append(table(("", "cores", "seconds (fastest to slowest)", "patients/s", "MB/s"), rows))
    if reason is not None:
        parts.append(f"LEFT OUT: cql-execution and fhirpath.js, because {reason}.\n")
    if any(timing.median > SLOW_SECONDS for timing in timings.values()):
        discarded, counted = SLOW_RUNS
        parts.append(
            f"Rows of more than {SLOW_SECONDS:.0f} s: {discarded} run discarded, median of {counted}.\n"
        )
    return "\n".join(parts)


def _found(peers: list[Peer], timings: dict[int, Timing]) -> list[asked.Found]:
    return [asked.Found(one.name, one.cores, timings[number].median) for number, one in enumerate(peers)]


def _row(peer: Peer, timing: Timing, written: Exported) -> tuple[str, ...]:
    seconds = f"{timing.median:.2f} ({timing.fastest:.2f} to {timing.slowest:.2f})"
    speed = written.patients / timing.median
    return peer.name, str(peer.cores), seconds, f"{speed:,.0f}", f"{written.megabytes / timing.median:,.0f}"


def _sizes(sets: criteria.Codes) -> str:
    return "Codes: " + ", ".join(f"{name} {len(codes)}" for name, codes in sets.items()) + "."


def _versions(reason: str | None) -> str:
    named = [f"{name} {version(name)}" for name in ("msgspec", "orjson", "polars", "duckdb")]
    if reason is None:
        named = [node.versions(script) for script in node.PACKAGES] + named
    busy = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    return f"Versions: {', '.join(named)}; {readers.cores()} cores, load at the end {busy}.\n"


if __name__ == "__main__":
    main()
