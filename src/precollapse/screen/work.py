"""What one worker does: reads a piece of an export, or makes the chart of a part and screens it.

Workers share nothing but folders. Each keeps the patterns it has assessed from part to part.
"""

from __future__ import annotations

import gc
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

import polars as pl

from precollapse.chart.fhir.decode import decode_line
from precollapse.chart.fhir.latest import Latest
from precollapse.chart.fhir.medicines import WEIGHT
from precollapse.chart.fhir.read import read_resources
from precollapse.chart.model import Chart, ChartBuilder
from precollapse.chart.reader import read_many
from precollapse.errors import InputError
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.load import load
from precollapse.screen.answers import Screener
from precollapse.screen.charts import (
    from_store,
    read_charts,
    read_patterns,
    to_store,
    write_charts,
    write_patterns,
)
from precollapse.screen.inputs import Records
from precollapse.screen.lines import kept_lines, read_piece
from precollapse.screen.pieces import Piece
from precollapse.screen.prospective import cut
from precollapse.screen.scope import scope
from precollapse.screen.store import PART, READ, Store, read_json, whole, write_json
from precollapse.version import __version__

ANSWERS_FOLDER = "patients"
MOST_NAMED = 100


@dataclass(frozen=True, slots=True)
class Part:
    """Patients that are screened together: a partition of an export, some records, or a stored chart.

    ``pieces`` are the ids of kept lines, ``signature`` changes when anything does that the chart rests on.
    """

    name: str
    signature: str = ""
    partition: int = 0
    pieces: tuple[str, ...] = ()
    records: Records | None = None
    chart: str | None = None


@dataclass
class PartDone:
    """What came of a part; ``refused`` are records that cannot be used, with the reason."""

    name: str
    signature: str
    patients: int = 0
    assessed: int = 0
    unread: dict[str, int] = field(default_factory=dict)
    refused: list[tuple[str, str]] = field(default_factory=list)


class Worker:
    """Works through pieces and parts of one run.

    Parameters
    ----------
    store
        Keeps lines and charts.
    out
        Takes the answers.
    as_of
        The day of the assessment.
    looking_back
        Whether the records go on after that day; then nothing without a date counts.
    """

    def __init__(self, store: Store, out: Path, as_of: date, *, looking_back: bool = False) -> None:
        self.store, self.out, self.as_of, self.looking_back = store, out, as_of, looking_back
        self.knowledge = load()
        self._sieve: Any = None
        self._screener = Screener(self.knowledge, as_of)

    def read(self, piece: Piece) -> str:
        """Read a piece unless it was read before; return the id of its kept lines."""
        from precollapse.chart.fhir.sieve import Sieve

        name = lines_id(piece, self.knowledge)
        folder = self.store.lines(name)
        if not (folder / READ).is_file():
            if self._sieve is None:
                self._sieve = Sieve(self.knowledge, frozenset(scope(self.knowledge).concepts))
            with _no_collection(), whole(folder) as half:
                found = read_piece(piece, self._sieve, self.store.partitions, half)
                write_json(half / READ, {**found.as_dict(), "file": piece.name, "bytes": piece.bytes})
        return name

    def screen(self, part: Part) -> PartDone:
        """Answer for every patient of a part, unless it was answered before."""
        said = self.out / ANSWERS_FOLDER / f"{part.name}.json"
        signature = self._signature(part)
        known = read_json(said)
        if known.get("signature") == signature:
            return PartDone(**known)
        done = PartDone(part.name, signature)
        chart = self._chart(part, done)
        before = self._screener.assessed
        answers = self._answers(part, chart)
        done.patients, done.assessed = answers.height, self._screener.assessed - before
        statement = {"precollapse": f"{label(self.knowledge)} {self.knowledge.safety_statement.text}"}
        write_answers(said.with_suffix(".parquet"), answers, statement)
        write_json(said, asdict(done))
        return done

    def _answers(self, part: Part, chart: Chart) -> pl.DataFrame:
        """Answer, from the patterns of an earlier day where they still hold; keep what was found anew."""
        if self.looking_back:
            return self._screener.screen(cut(chart, self.as_of))
        folder = Path(part.chart) if part.chart is not None else self.store.chart(part.name)
        kept = read_patterns(folder)
        answers, found = self._screener.screen_kept(chart, kept)
        if found is not kept:
            # Charts may lie where nothing can be written; then they are found again next time.
            with suppress(OSError):
                write_patterns(folder, found)
        return answers

    def _signature(self, part: Part) -> str:
        day = f"{self.as_of.isoformat()}{' looking back' if self.looking_back else ''}"
        said = (part.signature, day, self.knowledge.version, __version__)
        return digest(said)

    def _chart(self, part: Part, done: PartDone) -> Chart:
        """Return the chart of a part: the stored one where it still holds, else made anew and stored."""
        if part.chart is not None:
            return read_charts(Path(part.chart))
        folder = self.store.chart(part.name)
        said = read_json(folder / PART)
        if said.get("signature") == part.signature and self.as_of.isoformat() >= said["through"]:
            done.unread, done.refused = said["unread"], [(a, b) for a, b in said["refused"]]
            return read_charts(folder)
        with _no_collection():
            fresh = self._made(part, done)
        done.unread = unread_by_reason(fresh)
        return keep_chart(folder, fresh, self.knowledge, self.as_of, part.signature, done)

    def _made(self, part: Part, done: PartDone) -> Chart:
        if part.records is not None:
            return self._from_records(part.records, done)
        folders = [self.store.lines(piece) for piece in part.pieces]
        return chart_of_lines(kept_lines(folders, part.partition), self.knowledge, self.as_of)

    def _from_records(self, records: Records, done: PartDone) -> Chart:
        names = dict(zip(records.paths, records.names, strict=True))
        charts = [ChartBuilder().build()]
        for path, found in read_many(records.paths, self.knowledge, self.as_of):
            if isinstance(found, InputError):
                done.refused.append((names[str(path)], found.problem))
            else:
                charts.append(found)
        return Chart.concat(charts)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Spare the search for circles of references: what is decoded holds none, and is gone with its lot."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def keep_chart(
    folder: Path, chart: Chart, knowledge: Knowledge, as_of: date, signature: str, done: PartDone
) -> Chart:
    """Store a chart and return it as it will be read back."""
    stored = to_store(chart, knowledge, as_of)
    said = {
        "signature": signature,
        "through": as_of.isoformat(),
        "knowledge": knowledge.version,
        "software": __version__,
        "patients": chart.persons.height,
        "unread": done.unread,
        "refused": done.refused,
    }
    with whole(folder) as half:
        write_charts(half, stored)
        write_json(half / PART, said)
    return from_store(stored)


def chart_of_lines(lines: Iterable[bytes], knowledge: Knowledge, as_of: date) -> Chart:
    """Read kept lines of some patients as one record, to be used on a day and later."""
    listed = list(lines)
    builder = ChartBuilder()
    resources = [decode_line(line) for line in listed]
    if resources:
        # A dose by weight rests on the weight of its day.
        latest = Latest(knowledge, never={WEIGHT}).only(resources, as_of)
        items = (("", None, resource) for resource in latest)
        try:
            read_resources(items, "export", knowledge, builder)
        except InputError:
            return ChartBuilder().build()  # nothing but products: nobody's record
    return builder.build()


def unread_by_reason(chart: Chart) -> dict[str, int]:
    """Count what was kept but could not be used, by reason."""
    return dict(Counter(chart.unread["reason"].to_list()))


def label(knowledge: Knowledge) -> str:
    """Return what stands on every row: what wrote it, and that it advises only."""
    return f"precollapse {__version__}, knowledge {knowledge.version}. {knowledge.safety_statement.short}"


def write_answers(path: Path, answers: pl.DataFrame, metadata: dict[str, str]) -> None:
    """Write the answers of a part whole or not at all; ``metadata`` goes into the file itself."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    half = path.with_suffix(".half")
    answers.write_parquet(half, compression="lz4", metadata=metadata)
    half.replace(path)


def lines_id(piece: Piece, knowledge: Knowledge) -> str:
    """Return the name of a piece's kept lines: other knowledge may keep other lines."""
    return digest((piece.id, knowledge.version, __version__))[:24]


def digest(said: Iterable[str]) -> str:
    """Return a name for some texts that changes when any of them does."""
    return hashlib.sha256("\0".join(said).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Settings:
    """For what a worker works: where it keeps and writes, and as of which day."""

    store: Store
    out: Path
    as_of: date
    looking_back: bool = False

    def worker(self) -> Worker:
        """Return a worker for this."""
        return Worker(self.store, self.out, self.as_of, looking_back=self.looking_back)


_worker: tuple[Settings, Worker] | None = None


def work(settings: Settings, step: Literal["read", "screen"], thing: Any) -> Any:
    """Do one step in a process of a pool, which keeps its worker for the next."""
    global _worker
    if _worker is None or _worker[0] != settings:
        _worker = (settings, settings.worker())
    return getattr(_worker[1], step)(thing)
