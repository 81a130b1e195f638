"""Measures what ``docs/scale.md`` calculates with: rates of one core and bytes on disk.

An export is screened on one machine. Its stored charts are then replicated: each replica has ids of its own,
and all its dates are moved by the same seeded number of days, so that replicas are not all of one pattern.
The replicas are screened by the engine on one machine and by Spark, in turn, the same answers asserted first.
Every run starts new Python processes, so what an earlier run has remembered helps none; Java stays running.

Run it: ``python -m benchmarks.screening.scale EXPORT WORK [--replicas 10] [--runs 5] [--discarded 2]``.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from precollapse.knowledge.load import load
from precollapse.screen.answers import Screener
from precollapse.screen.charts import TABLES, read_charts, write_charts
from precollapse.screen.run import Outcome, Plan, answers, run
from precollapse.screen.spark import run_spark, screen_with_spark
from precollapse.screen.spark_charts import charts_to_spark
from precollapse.screen.spark_session import session
from precollapse.screen.store import PART, Store, read_json, write_json

AS_OF = date(2026, 1, 1)
MOST_DAYS_EARLIER = 1_000
WORKERS = 2
RISKS = tuple(
    f"risk{horizon}{bound}" for horizon in ("", "_1_year", "_5_years") for bound in ("", "_low", "_high")
)


def replicate(store_folder: Path, out: Path, replicas: int, *, seed: int = 1) -> int:
    """Write a store whose charts are replicas of those of another; return how many patients it has.

    Parameters
    ----------
    store_folder, out
        The store to be replicated, and the new one.
    replicas
        How many of each patient; the first is the patient as it is.
    seed
        Of the days by which dates are moved.
    """
    source, target = Store.open(store_folder, 1), Store.open(out, 1)
    random, patients = np.random.default_rng(seed), 0
    for name in source.parts():
        folder = source.chart(name)
        tables = {one: pl.read_parquet(folder / f"{one}.parquet") for one in TABLES}
        count = tables["persons"].height
        for replica in range(replicas):
            days = (
                random.integers(0, MOST_DAYS_EARLIER, count) if replica else np.zeros(count, dtype=np.int64)
            )
            moved = {one: _moved(table, days) for one, table in tables.items()}
            moved["persons"] = moved["persons"].with_columns(pl.col("key") + f"-{replica}")
            made = target.chart(f"{name}-{replica:04d}")
            write_charts(made, moved)
            write_json(made / PART, {**read_json(folder / PART), "signature": f"{seed}-{replica}"})
            patients += count
    return patients


def _moved(table: pl.DataFrame, days: np.ndarray) -> pl.DataFrame:
    earlier = pl.Series(days[table["person"].to_numpy()]).cast(pl.Duration("ms")) * 86_400_000
    dates = [name for name, kind in table.schema.items() if kind == pl.Date]
    return table.with_columns(table[name] - earlier for name in dates)


def differences(one: pl.DataFrame, other: pl.DataFrame) -> list[str]:
    """Return the columns in which two answers to the same patients differ.

    Risks may differ in the last digits: sums of the same numbers in blocks of other sizes are rounded
    differently.
    """
    one, other = (
        one.sort("patient"),
        other.sort("patient").select(pl.col(name).cast(kind) for name, kind in one.schema.items()),
    )
    if one.height != other.height:
        return ["patient"]
    near = {
        name: (one[name].is_null() == other[name].is_null()).all()
        and np.allclose(one[name].drop_nulls(), other[name].drop_nulls(), rtol=1e-12, atol=0.0)
        for name in RISKS
    }
    return [
        name
        for name in one.columns
        if not (near[name] if name in near else one[name].equals(other[name], null_equal=True))
    ]


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def _timed(job: Callable[[], Outcome]) -> tuple[float, Outcome]:
    start = time.perf_counter()
    outcome = job()
    return time.perf_counter() - start, outcome


def _locally(store: Path, out: Path) -> tuple[float, Outcome]:
    plan = Plan((str(store),), _emptied(out), AS_OF, workers=WORKERS)
    return _timed(lambda: run(plan))


def _with_spark(charts: Path, out: Path, starts: list[float]) -> tuple[float, Outcome]:
    _emptied(out)
    begin = time.perf_counter()
    with session(f"local[{WORKERS}]", {"spark.driver.memory": "3g"}) as spark:
        spark.range(1).count()
        starts.append(time.perf_counter() - begin)
        return _timed(lambda: run_spark(str(charts), str(out), AS_OF))


def _lines_with_spark(export: Path, out: Path) -> tuple[float, Outcome]:
    _emptied(out)
    with session(f"local[{WORKERS}]", {"spark.driver.memory": "3g"}) as spark:
        spark.range(1).count()
        return _timed(lambda: screen_with_spark([str(export)], str(out), AS_OF))


def costs_of_patients(store_folder: Path, runs: int, discarded: int) -> str:
    """Say what a patient costs, and what a pattern costs that was never met before, in one process."""
    store = Store.open(store_folder, 1)
    chart = read_charts(store.chart(store.parts()[-1]))
    knowledge, known, new, patterns = load(), [], [], 0
    for _ in range(discarded + runs):
        screener = Screener(knowledge, AS_OF)
        start = time.perf_counter()
        screener.screen(chart)
        middle = time.perf_counter()
        screener.screen(chart)
        known.append(time.perf_counter() - middle)
        new.append(middle - start - known[-1])
        patterns = screener.assessed
    patient = statistics.median(known[discarded:]) / chart.persons.height
    pattern = statistics.median(new[discarded:]) / patterns
    return (
        f"a patient {patient * 1e6:.0f} µs, and {pattern * 1e6:.0f} µs more for a new pattern"
        f" ({patterns} patterns of {chart.persons.height} patients)"
    )


def _bytes(folder: Path, pattern: str) -> int:
    return sum(path.stat().st_size for path in folder.rglob(pattern) if path.is_file())


def sizes_and_rates(export: Path, work: Path) -> list[str]:
    """Screen an export once, in one process, and say how quickly and into how much."""
    out, read = _emptied(work / "export"), [0.0]
    begin = time.perf_counter()

    def progress(step: str, *_: float) -> None:
        if step == "reading":
            read[0] = time.perf_counter() - begin

    outcome = run(Plan((str(export),), out, AS_OF, workers=1), progress)
    whole = time.perf_counter() - begin
    plan = Plan(
        (str(export),), _emptied(work / "again"), AS_OF + timedelta(days=1), workers=1, store=out / "store"
    )
    again, _ = _timed(lambda: run(plan))
    million = 1e-9 * 1e6 / outcome.patients
    stored = out / "store"
    return [
        f"patients {outcome.patients}, lines {outcome.lines}, patterns {outcome.assessed}",
        f"reading {read[0]:.1f} s: {outcome.bytes / read[0] / 1e6:.1f} MB/s,"
        f" {outcome.lines / read[0]:.0f} lines/s",
        f"charts and answers {whole - read[0]:.1f} s; answers alone, the next day {again:.1f} s",
        f"GB a million patients: NDJSON {_bytes(export, '*.ndjson') * million:.2f},"
        f" kept lines {_bytes(stored / 'lines', '*.parquet') * million:.2f},"
        f" charts {_bytes(stored / 'charts', '*.parquet') * million:.3f},"
        f" answers {_bytes(out / 'patients', '*.parquet') * million:.3f}",
    ]


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("export", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--replicas", type=int, default=10)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--discarded", type=int, default=2)
    given = parser.parse_args()
    work: Path = given.work
    print(*sizes_and_rates(given.export, work), sep="\n", flush=True)
    patients = replicate(work / "export" / "store", _emptied(work / "replicas"), given.replicas)
    charts_to_spark(work / "replicas", work / "for-spark")
    layout = _bytes(work / "for-spark", "*.parquet") / patients * 1e-3
    print(f"{patients} replicas; charts for Spark {layout:.3f} GB a million", flush=True)
    print(costs_of_patients(work / "replicas", given.runs, given.discarded), flush=True)
    local, spark, lines = [], [], []
    starts: list[float] = []
    for number in range(given.discarded + given.runs):
        local.append(_locally(work / "replicas", work / "local"))
        spark.append(_with_spark(work / "for-spark", work / "spark", starts))
        lines.append(_lines_with_spark(given.export, work / "lines"))
        if not number:
            same = differences(
                answers(work / "local").collect(), pl.read_parquet(work / "spark" / "patients" / "*.parquet")
            )
            patterns = f"{local[0][1].assessed} and {spark[0][1].assessed}"
            assert not same, f"the answers differ in {', '.join(same)}"
            print(f"the same answers; patterns {patterns}")
        said = (
            f"local {local[-1][0]:.1f} s, Spark {spark[-1][0]:.1f} s, lines with Spark {lines[-1][0]:.1f} s"
        )
        print(f"  run {number}: {said}, load {os.getloadavg()[0]:.1f}", flush=True)
    for name, runs in (("one machine", local), ("Spark", spark)):
        seconds = sorted(one for one, _ in runs[given.discarded :])
        middle = statistics.median(seconds)
        print(
            f"{name}, {WORKERS} processes: {middle:.1f} s ({seconds[0]:.1f} to {seconds[-1]:.1f}),"
            f" {patients / middle:.0f} patients/s, {patients / middle / WORKERS:.0f} a core"
        )
    seconds = sorted(one for one, _ in lines[given.discarded :])
    print(
        f"lines with Spark: {statistics.median(seconds):.1f} s ({seconds[0]:.1f} to {seconds[-1]:.1f})"
        f" for {lines[-1][1].lines} lines of {lines[-1][1].patients} patients"
    )
    remembered = [outcome.assessed for _, outcome in spark]
    print(f"start of Spark: {starts[0]:.1f} s; patterns of each run {min(remembered)} to {max(remembered)}")


if __name__ == "__main__":
    main()
