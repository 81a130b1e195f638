"""Runs every benchmark, prints it and keeps it in ``docs/benchmarks/``.

`make bench` calls this; it takes some minutes. The speeds are of the machine they were measured on; the
ratios travel better.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import (
    alert_load,
    bulk,
    cases_report,
    decode,
    evidence_report,
    forecast_speed,
    forecast_validation,
    judgement,
    one_patient,
    strata,
)

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "docs" / "benchmarks" / "speed.md"


def main() -> None:
    """Run all and write the report of the speeds; the others write their own pages."""
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"
    head = (
        f"# Speed\n\nWritten by `make bench` on a machine with {machine}. Two runs discarded, median of "
        "seven, peers in turn in one run, the same answers asserted first.\n"
    )
    timed: tuple[tuple[str, Callable[[], str]], ...] = (
        ("one patient", one_patient.main),
        ("next test", _next_test),
        ("many hips", bulk.main),
        ("forecast", forecast_speed.main),
        ("FHIR bundles", decode.main),
        ("judged numbers", judgement.main),
    )
    report = "\n".join((head, *(_told(name, job) for name, job in timed)))
    print(report)
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(report, encoding="utf-8")
    _told("published cases", cases_report.main)
    _told("published groups", strata.main)
    print(_told("warnings per patient", alert_load.main))
    print(_told("forecast of cohorts", forecast_validation.main))
    print(_told("evidence", evidence_report.main))


def _told(name: str, job: Callable[[], str | None]) -> str:
    """Run a benchmark and say on the terminal how long it took."""
    start = time.perf_counter()
    report = job()
    print(f"{name}: {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
    return report or ""


def _next_test() -> str:
    """Run the benchmark beside pyAgrum where that is installed."""
    if importlib.util.find_spec("pyagrum") is None:
        return "## The next best test\n\nNot measured: pyAgrum is not installed.\n"
    from benchmarks import next_test

    return next_test.main()


if __name__ == "__main__":
    main()
