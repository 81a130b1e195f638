"""Screens everything that is given: reads what changed, makes charts, answers, and writes the results.

Each step leaves complete files only, so that a run which was stopped in any way goes on where it was.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Literal

import polars as pl

from precollapse.errors import InputError, PrecollapseError
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.load import load
from precollapse.screen import work
from precollapse.screen.inputs import Inputs, find_inputs
from precollapse.screen.pieces import Piece
from precollapse.screen.store import PART, READ, Store, clean, read_json
from precollapse.screen.work import ANSWERS_FOLDER, Part, PartDone, Worker
from precollapse.version import __version__

Step = Literal["read", "screen"]
Each = Callable[[Step, Iterable[Any]], Iterator[tuple[Any, Any]]]
Progress = Callable[[str, float, float, int], None]  # step, done, of how much, patients so far

# Unpacked bytes of lines that are read into one partition: what is kept of them fits into a worker.
PARTITION_BYTES = 256 * 1024 * 1024
MOST_PARTITIONS = 8_192
LEAST_PARTITIONS = 4  # so that every process has some
# Below this a second process takes longer to start than it saves.
SMALL_BYTES = 48 * 1024 * 1024
OMOP_PERSONS = 50_000
CSV_DIGITS = 6
ANSWER_KINDS = ("part", "records", "omop", "stored")  # how the names of parts begin


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done: where it is written, as of which day, with how many processes.

    Attributes
    ----------
    store
        The folder that keeps lines and charts; inside ``out`` when it is None.
    looking_back
        Whether the records go on after ``as_of``, as in an evaluation; then nothing undated counts.
    """

    inputs: tuple[str, ...]
    out: Path
    as_of: date
    workers: int = 1
    store: Path | None = None
    looking_back: bool = False


@dataclass
class Outcome:
    """What came of a run.

    Attributes
    ----------
    corrupt
        Lines and records that could not be read: file, line (0 for a whole record) and why; the first ones.
    corrupt_total
        How many there were in all.
    unused
        Lines by type of resource that screening never reads.
    unread
        Entries that were kept but could not be used, by reason.
    charts
        The folders of the charts that were screened.
    """

    files: int = 0
    files_unchanged: int = 0
    bytes: int = 0
    lines: int = 0
    patients: int = 0
    assessed: int = 0
    corrupt: list[tuple[str, int, str]] = field(default_factory=list)
    corrupt_total: int = 0
    unused: dict[str, int] = field(default_factory=dict)
    unread: dict[str, int] = field(default_factory=dict)
    charts: list[Path] = field(default_factory=list)
    seconds: float = 0.0

    def refuse(self, file: str, line: int, why: str) -> None:
        """Name a line or record that could not be read."""
        if len(self.corrupt) < work.MOST_NAMED:
            self.corrupt.append((file, line, why))


def run(plan: Plan, progress: Progress | None = None, pool: Executor | None = None) -> Outcome:
    """Screen everything that is given and write the answers by part.

    Parameters
    ----------
    plan
        What is to be done.
    progress
        Called now and then with the step, how much is done, of how much, and the patients so far.
    pool
        Processes that were started before (see ``processes``); by default as many are started as planned.

    Returns
    -------
    Outcome
        Counts. The answers are in ``out/patients/*.parquet``.

    Raises
    ------
    InputError
        When an input as a whole cannot be used.
    """
    begin = time.perf_counter()
    told = progress or (lambda *_: None)
    inputs = find_inputs(plan.inputs)
    knowledge = load()
    big = bool(inputs.stores or inputs.omop) or inputs.bytes > SMALL_BYTES
    least = 1 if not big else LEAST_PARTITIONS
    wanted = max(least, min(MOST_PARTITIONS, round(inputs.unpacked_bytes / PARTITION_BYTES)))
    store = Store.open(plan.store or plan.out / "store", wanted)
    clean(store.folder)
    outcome = Outcome()
    settings = work.Settings(store, plan.out, plan.as_of, plan.looking_back)
    with _workers(settings, plan.workers if big else 1, pool) as each:
        pieces = _read(inputs, store, knowledge, each, outcome, told)
        parts = [
            *_of_lines(pieces, store, knowledge),
            *_of_records(inputs, knowledge),
            *_of_omop(inputs, store, knowledge, plan, told),
            *_of_stores(inputs, knowledge, plan.as_of),
        ]
        _screen(parts, each, outcome, told)
    outcome.charts = [Path(part.chart) if part.chart else store.chart(part.name) for part in parts]
    _remove_others(plan.out / ANSWERS_FOLDER, {part.name for part in parts})
    if plan.store is None and not inputs.stores:
        # A store of one's own keeps nothing of files that have gone or changed; another may be shared.
        store.forget(set(pieces), {part.name for part in parts})
    outcome.seconds = time.perf_counter() - begin
    return outcome


@contextmanager
def processes(count: int) -> Iterator[Executor]:
    """Start processes for one or more runs."""
    # They share the cores: threads within each would only wait for one another.
    for name in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        yield pool


@contextmanager
def _workers(settings: work.Settings, count: int, pool: Executor | None) -> Iterator[Each]:
    """Give a function that does a step for each of several things, on several processes where asked."""
    if pool is not None:
        yield partial(_side_by_side, pool, settings)
    elif count > 1:
        with processes(count) as own:
            yield partial(_side_by_side, own, settings)
    else:
        yield partial(_one_by_one, settings.worker())


def _one_by_one(worker: Worker, step: Step, things: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    for thing in things:
        yield thing, getattr(worker, step)(thing)


def _side_by_side(
    pool: Executor, settings: work.Settings, step: Step, things: Iterable[Any]
) -> Iterator[tuple[Any, Any]]:
    waiting: dict[Future[Any], Any] = {pool.submit(work.work, settings, step, one): one for one in things}
    for future in as_completed(waiting):
        try:
            yield waiting[future], future.result()
        except BrokenExecutor:
            raise PrecollapseError(
                "a process was ended from outside, most likely for lack of memory; give the same command"
                " again with fewer --workers: it goes on where it was"
            ) from None


def _read(
    inputs: Inputs, store: Store, knowledge: Knowledge, each: Each, outcome: Outcome, told: Progress
) -> list[str]:
    """Read the pieces of bulk exports; return the ids of their kept lines."""
    known = {piece.id for piece in inputs.pieces if (_lines(store, piece, knowledge) / READ).is_file()}
    total, done = float(sum(piece.bytes for piece in inputs.pieces)), 0.0
    for piece, _ in each("read", inputs.pieces):
        done += piece.bytes
        told("reading", done, total, 0)
    before: dict[str, int] = {}
    for piece in sorted(inputs.pieces, key=lambda one: (one.path, one.start)):
        said = read_json(_lines(store, piece, knowledge) / READ)
        earlier = before.get(piece.path, 0)
        before[piece.path] = earlier + said["lines"]
        outcome.lines += said["lines"]
        outcome.corrupt_total += said["corrupt"]
        for line, why in said["named"]:
            outcome.refuse(piece.name, earlier + line, why)
        for kind, count in said["unused"].items():
            outcome.unused[kind] = outcome.unused.get(kind, 0) + count
    outcome.bytes = inputs.bytes
    files = {piece.path for piece in inputs.pieces}
    changed = {piece.path for piece in inputs.pieces if piece.id not in known}
    records = sum(len(one.paths) for one in inputs.records)
    outcome.files, outcome.files_unchanged = len(files) + records, len(files - changed)
    return sorted(work.lines_id(piece, knowledge) for piece in inputs.pieces)


def _lines(store: Store, piece: Piece, knowledge: Knowledge) -> Path:
    return store.lines(work.lines_id(piece, knowledge))


def _of_lines(pieces: list[str], store: Store, knowledge: Knowledge) -> list[Part]:
    """Return the partitions of all exports together: a patient may stand in several."""
    if not pieces:
        return []
    signature = work.digest((*pieces, str(store.partitions), knowledge.version))
    return [
        Part(f"part-{number:05d}", signature, number, tuple(pieces)) for number in range(store.partitions)
    ]


def _of_records(inputs: Inputs, knowledge: Knowledge) -> list[Part]:
    return [
        Part(f"records-{one.id}", work.digest((one.id, knowledge.version, __version__)), records=one)
        for one in inputs.records
    ]


def _of_omop(
    inputs: Inputs, store: Store, knowledge: Knowledge, plan: Plan, told: Progress
) -> Iterator[Part]:
    """Store the charts of OMOP tables batch by batch."""
    from precollapse.chart.omop.batches import count_persons, omop_batches

    for number, source in enumerate(inputs.omop):
        total, done = float(count_persons(source)), 0
        batches = omop_batches(source, knowledge, persons_per_batch=OMOP_PERSONS, work=store.folder)
        for batch, chart in enumerate(batches):
            name = f"omop-{number}-{batch:05d}"
            # A table says nothing of when it was last changed: it is read anew in every run.
            found = PartDone(name, "", unread=work.unread_by_reason(chart))
            made = work.keep_chart(store.chart(name), chart, knowledge, plan.as_of, "", found)
            done += made.persons.height
            told("reading tables", float(done), total, 0)
            signature = work.digest((name, str(time.time_ns())))
            yield Part(name, signature, chart=str(store.chart(name)))


def _of_stores(inputs: Inputs, knowledge: Knowledge, as_of: date) -> Iterator[Part]:
    """Return the charts that earlier runs have stored.

    Raises
    ------
    InputError
        When they were stored with other knowledge or for a later day.
    """
    for number, folder in enumerate(inputs.stores):
        store = Store.open(folder, 1)
        names = store.parts()
        if not names:
            raise InputError(folder.parent.name, "holds no stored charts; the earlier run was not finished")
        for name in names:
            said = read_json(store.chart(name) / PART)
            made = (said["knowledge"], said["software"])
            if made != (knowledge.version, __version__):
                raise InputError(
                    folder.parent.name,
                    f"its charts were stored with knowledge {made[0]} and software {made[1]}, not"
                    f" {knowledge.version} and {__version__}; screen the export itself again",
                )
            if said["through"] > as_of.isoformat():
                raise InputError(
                    folder.parent.name,
                    f"its charts were stored for {said['through']} and later; give that day or screen the"
                    " export itself again",
                )
            signature = work.digest((said["signature"], said["through"], name))
            yield Part(f"stored-{number}-{name}", signature, chart=str(store.chart(name)))


def _screen(parts: Sequence[Part], each: Each, outcome: Outcome, told: Progress) -> None:
    for number, (_, done) in enumerate(each("screen", parts), start=1):
        outcome.patients += done.patients
        outcome.assessed += done.assessed
        outcome.corrupt_total += len(done.refused)
        for file, why in done.refused:
            outcome.refuse(file, 0, why)
        for reason, count in done.unread.items():
            outcome.unread[reason] = outcome.unread.get(reason, 0) + count
        told("screening", float(number), float(len(parts)), outcome.patients)


def _remove_others(folder: Path, names: set[str]) -> None:
    """Remove answers of an earlier run over other inputs, and nothing that no run has written."""
    for kind in ANSWER_KINDS:
        for path in (*folder.glob(f"{kind}-*.parquet"), *folder.glob(f"{kind}-*.json")):
            if path.stem not in names:
                path.unlink()


def answers(out: Path) -> pl.LazyFrame:
    """Return the answers of a run, one row a patient, to be read as a stream."""
    from precollapse.screen.answers import ANSWERS

    files = sorted((out / ANSWERS_FOLDER).glob("*.parquet"))
    return pl.scan_parquet(files, glob=False) if files else pl.LazyFrame(schema=ANSWERS)


def _plain(name: str) -> pl.Expr:
    """Return a text of the record that no spreadsheet takes for a formula."""
    text = pl.col(name)
    return pl.when(text.str.contains(r"^[=+\-@\t\r]")).then("'" + text).otherwise(text).alias(name)


def write_csv(out: Path) -> None:
    """Write all answers as one CSV: lists of words joined by "; ", probabilities to six digits.

    The last column says what wrote it and that it advises only, since a row may travel without the rest.
    """
    half = out / "patients.csv.half"
    joined = [pl.col(name).list.join("; ") for name in ("facts", "unknown")]
    shorter = pl.selectors.starts_with("risk").round_sig_figs(CSV_DIGITS)
    answers(out).with_columns(
        *joined,
        shorter,
        _plain("patient"),
        _plain("prescriber_specialty"),
        pl.lit(work.label(load())).alias("note"),
    ).sink_csv(half)
    half.chmod(0o600)
    half.replace(out / "patients.csv")
