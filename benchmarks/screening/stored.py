"""Stored charts, from ten thousand patients to ten million: how the time grows, and how much memory it takes.

The charts are those of real records, replicated: each replica has a key of its own, and all its dates are
moved by a seeded number of days. Nineteen of twenty come from the export that ``export.py`` makes (with its
observations), one of twenty from the planted sample of ``synthetic/``, which is rich in causes of
osteonecrosis. Every size is screened in processes of its own, first on the day on which the charts were
stored, when every patient's pattern has to be found, then thirty days later, when only what may have changed
is found.

Run it: ``python -m benchmarks.screening.stored [--largest 10000000]``.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.measure import table
from benchmarks.screening.asked import stored_asked
from benchmarks.screening.export import SAMPLE, export, source_says
from precollapse.chart.reader import read
from precollapse.cli.screen import Wanted, screen
from precollapse.knowledge.load import load
from precollapse.screen.charts import TABLES, to_store, write_charts
from precollapse.screen.run import Plan, run
from precollapse.screen.store import FORMAT, PART, SETTINGS, write_json
from precollapse.version import __version__
from precollapse.views.plots import svg
from precollapse.views.plots.axis import Axis

AS_OF = date(2026, 11, 22)
LATER = AS_OF + timedelta(days=30)
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
RUNS = {10_000: 7, 100_000: 7, 1_000_000: 3, 10_000_000: 1}
DISCARDED = {10_000: 2, 100_000: 2, 1_000_000: 1, 10_000_000: 0}
PART_PATIENTS = 50_000
PLANTED_IN = 20  # one patient of so many comes from the planted sample
BASE_PATIENTS = 40
MOST_DAYS_EARLIER = 1_000
WORKERS = 2
Tables = dict[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Measured:
    """One screening: seconds of the answers alone and of everything, patterns, and memory in GB."""

    patients: int
    answers_seconds: float
    total_seconds: float
    patterns: int
    memory_gb: float


def main() -> None:
    """Measure all sizes up to the largest and print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--largest", type=int, default=SIZES[-1])
    parser.add_argument("--one", nargs=3, metavar=("CHARTS", "OUT", "DAY"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        charts, out, day = given.one
        sys.stdout.write(json.dumps(asdict(_screened(Path(charts), Path(out), date.fromisoformat(day)))))
        return
    text, _ = report(given.largest)
    print(text)


def report(largest: int = SIZES[-1]) -> tuple[str, str]:
    """Measure every size; return the report as Markdown, and the picture as SVG."""
    first: list[Measured] = []
    later: list[Measured] = []
    with tempfile.TemporaryDirectory() as place:
        bases = _bases(Path(place))
        for size in (one for one in SIZES if one <= largest):
            charts = build(Path(place) / "charts", size, bases)
            runs = DISCARDED[size] + RUNS[size]
            on_day = [_in_processes(charts, Path(place) / "out", AS_OF, afresh=True) for _ in range(runs)]
            on_later = [_in_processes(charts, Path(place) / "out", LATER) for _ in range(runs)]
            first.append(_middle(on_day[DISCARDED[size] :]))
            later.append(_middle(on_later[DISCARDED[size] :]))
    return _text(first, later, bases), picture(first, later)


def _bases(place: Path) -> list[Tables]:
    """Return the stored tables of the patients that are replicated: of the export, and planted ones."""
    knowledge = load()
    export(place / "base", BASE_PATIENTS, observations=True)
    charts = [read(folder, knowledge, kind="fhir") for folder in (place / "base", SAMPLE)]
    return [to_store(chart, knowledge, AS_OF) for chart in charts]


def build(folder: Path, patients: int, bases: Sequence[Tables]) -> Path:
    """Write stored charts of so many patients; the same number gives the same patients."""
    shutil.rmtree(folder, ignore_errors=True)
    store = folder / "store"
    (store / "charts").mkdir(parents=True)
    parts = max(WORKERS, patients // PART_PATIENTS)
    write_json(store / SETTINGS, {"format": FORMAT, "partitions": parts})
    for number in range(parts):
        tables = replicas(bases, patients // parts, seed=number)
        chart = store / "charts" / f"part-{number:05d}"
        write_charts(chart, tables)
        said = {
            "signature": str(number),
            "through": AS_OF.isoformat(),
            "knowledge": load().version,
            "software": __version__,
        }
        write_json(chart / PART, said | {"patients": patients // parts, "unread": {}, "refused": []})
    return folder


def replicas(bases: Sequence[Tables], patients: int, seed: int) -> Tables:
    """Return tables of so many patients, each a patient of a base whose dates are moved."""
    usual, planted = bases
    few = patients // PLANTED_IN
    lots = [_copies(usual, patients - few, seed), _copies(planted, few, seed + 1_000_003)]
    first = lots[0]["persons"].height
    shifted = {
        name: one.with_columns((pl.col("person") + first).cast(pl.UInt32)) for name, one in lots[1].items()
    }
    whole = {name: pl.concat([lots[0][name], shifted[name]]) for name in TABLES}
    key = pl.format("{}-{}-{}", pl.lit(seed), "person", "key").alias("key")
    return {**whole, "persons": whole["persons"].with_columns(key)}


def _copies(base: Tables, patients: int, seed: int) -> Tables:
    size = base["persons"].height
    copies = -(-patients // size)
    days = np.random.default_rng(seed).integers(0, MOST_DAYS_EARLIER, size * copies)
    found = {}
    for name, one in base.items():
        repeated = pl.concat(
            [one.with_columns((pl.col("person") + copy * size).cast(pl.UInt32)) for copy in range(copies)]
        ).filter(pl.col("person") < patients)
        moved = pl.Series(days[repeated["person"].to_numpy()])
        dates = [column for column, kind in repeated.schema.items() if kind == pl.Date]
        found[name] = repeated.with_columns(pl.col(column) - pl.duration(days=moved) for column in dates)
    return found


def _in_processes(charts: Path, out: Path, day: date, *, afresh: bool = False) -> Measured:
    """Screen in a process of its own, so that its memory is that of this run."""
    shutil.rmtree(out, ignore_errors=True)
    if afresh:
        for kept in charts.rglob("patterns-*.parquet"):
            kept.unlink()
    command = [sys.executable, "-m", "benchmarks.screening.stored", "--one", str(charts), str(out), str(day)]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    return Measured(**json.loads(said.splitlines()[-1]))


def _screened(charts: Path, out: Path, day: date) -> Measured:
    """Screen once for the answers alone, and take the time of everything else on top of it."""
    begin = time.perf_counter()
    outcome = run(Plan((str(charts),), out, day, WORKERS))
    answered = time.perf_counter()
    # The same run again finds its answers there and writes the CSV, the summary and the page.
    wanted = Wanted((str(charts),), out, day, WORKERS, None, None, "json", csv=True, report=True)
    screen(wanted)
    sys.stdout.write("\n")
    total = time.perf_counter() - begin
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    kilobytes += WORKERS * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    # Linux counts in KiB.
    return Measured(outcome.patients, answered - begin, total, outcome.assessed, kilobytes * 1024 / 1e9)


def _middle(runs: Sequence[Measured]) -> Measured:
    """Return the medians of the times, and the most of the memory."""
    return Measured(
        runs[0].patients,
        statistics.median(one.answers_seconds for one in runs),
        statistics.median(one.total_seconds for one in runs),
        max(one.patterns for one in runs),
        max(one.memory_gb for one in runs),
    )


def _text(first: Sequence[Measured], later: Sequence[Measured], bases: Sequence[Tables]) -> str:
    rows: list[tuple[str, ...]] = [
        (
            f"{one.patients:,}",
            f"{one.answers_seconds:.1f}",
            f"{one.patients / one.answers_seconds:,.0f}",
            f"{other.answers_seconds:.1f}",
            f"{other.patients / other.answers_seconds:,.0f}",
            f"{one.total_seconds:.1f}",
            f"{other.total_seconds:.1f}",
            f"{one.patterns:,}",
            f"{max(one.memory_gb, other.memory_gb):.2f}",
        )
        for one, other in zip(first, later, strict=True)
    ]
    header = (
        "patients", "first day, s", "patients/s", "30 days later, s", "patients/s", "all, first day, s",
        "all, later, s", "patterns assessed", "memory, GB",
    )  # fmt: skip
    usual = bases[0]
    rows_each = usual["statements"].height / usual["persons"].height
    return (
        "## Stored charts\n\n"
        f"{source_says()} {WORKERS} processes, the full set of rules."
        f" A patient has {rows_each:.1f} stored statements on"
        f" average; one in {PLANTED_IN} comes from the planted sample. First day: every patient's pattern"
        " is found and every pattern assessed; 30 days later: patterns that cannot have changed are taken"
        " from the store. Both times end when the answers are written as Parquet; all adds CSV, summary and"
        " page."
        " Starting the processes is counted. Memory: that of the main process and"
        f" {WORKERS} times that of the largest worker, each at its most. Median of 7 runs up to 100,000"
        " patients, of 3 for a million, a single run for ten million.\n\n"
        f"{table(header, rows)}\n### Asked and measured\n\n{stored_asked(first, later)}"
    )


def picture(first: Sequence[Measured], later: Sequence[Measured]) -> str:
    """Draw seconds over patients, both on logarithmic axes, with a line of constant cost per patient."""
    left, right, top, bottom = 80.0, 720.0, 50.0, 330.0
    across = Axis(first[0].patients * 0.7, first[-1].patients * 1.4, left, right, log=True)
    seconds = [value for one in (*first, *later) for value in (one.answers_seconds, one.total_seconds)]
    up = Axis(min(seconds) * 0.5, max(seconds) * 2, bottom, top, log=True)
    lines = (
        ("first day, everything", svg.INK, [(one.patients, one.total_seconds) for one in first]),
        ("first day, answers", svg.ORANGE, [(one.patients, one.answers_seconds) for one in first]),
        ("30 days later, answers", svg.BLUE, [(one.patients, one.answers_seconds) for one in later]),
    )
    body = [svg.text(left, 20, "Seconds to screen stored charts", size=13, weight="bold")]
    for size in (one.patients for one in first):
        x = across.place(size)
        body.append(svg.element("line", {"x1": x, "x2": x, "y1": top, "y2": bottom, "stroke": svg.RULE}))
        body.append(svg.text(x, bottom + 18, f"{size:,}", anchor="middle", size=11))
    for value in (0.1, 1, 10, 100, 1000):
        if up.low <= value <= up.high:
            y = up.place(value)
            body.append(svg.element("line", {"x1": left, "x2": right, "y1": y, "y2": y, "stroke": svg.RULE}))
            body.append(svg.text(left - 8, y + 4, f"{value:g} s", anchor="end", size=11))
    body.append(_constant_cost(first[-1], across, up))
    legend: dict[str, str | float] = {"x": left + 6, "y": top + 4, "width": 200, "height": 74}
    body.append(svg.element("rect", legend | {"fill": "#ffffff"}))
    for number, (name, colour, points) in enumerate(lines):
        placed = [(across.place(x), up.place(y)) for x, y in points]
        path = " ".join(f"{svg.number(x)},{svg.number(y)}" for x, y in placed)
        body.append(
            svg.element("polyline", {"points": path, "fill": "none", "stroke": colour, "stroke-width": 2})
        )
        body += [svg.element("circle", {"cx": x, "cy": y, "r": 4, "fill": colour}) for x, y in placed]
        body.append(svg.text(left + 12, top + 18 + 18 * number, name, size=12, colour=colour, weight="bold"))
    body.append(svg.text(left + 12, top + 72, "dashed: the same cost per patient", size=11, colour=svg.GREY))
    body.append(svg.text((left + right) / 2, bottom + 40, "patients (logarithmic)", anchor="middle", size=11))
    words = "; ".join(
        f"{name}: " + ", ".join(f"{x:,} {y:.1f} s" for x, y in points) for name, _, points in lines
    )
    drawing = svg.Drawing(740, 380, "\n".join(body), "Time to screen stored charts over their number", words)
    return svg.document([drawing], "stored")


def _constant_cost(largest: Measured, across: Axis, up: Axis) -> str:
    """Return the line on which each patient costs as much as at the largest size, where it is in sight."""
    cost = largest.answers_seconds / largest.patients
    start, end = max(across.low, up.low / cost), min(across.high, up.high / cost)
    places = (across.place(start), up.place(cost * start), across.place(end), up.place(cost * end))
    return svg.line(*places, svg.GREY, 1.0, "7 4")


if __name__ == "__main__":
    main()
