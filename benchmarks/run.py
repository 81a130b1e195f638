"""Runs every benchmark, prints it and keeps it in ``docs/benchmarks/``.

`make bench` calls this. The speeds are of the machine they were measured on; the ratios travel better.
"""

from __future__ import annotations

import os
import platform
from pathlib import Path

from benchmarks import decode, one_patient, strata

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "docs" / "benchmarks" / "speed.md"


def main() -> None:
    """Run all and write the report of the speeds; the strata write their own."""
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"
    head = (
        f"# Speed\n\nWritten by `make bench` on a machine with {machine}. Two runs discarded, median of "
        "seven, peers in turn in one run, the same answers asserted first.\n"
    )
    report = "\n".join((head, one_patient.main(), decode.main()))
    print(report)
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(report, encoding="utf-8")
    strata.main()


if __name__ == "__main__":
    main()
