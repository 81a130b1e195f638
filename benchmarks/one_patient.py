"""One patient: warm in process, and the command from cold start to output.

Limits: 80 ms warm with treatments and plan, 1 s for a PDF, 1.2 s for `precollapse assess`, 0.3 s for
`precollapse --help`. Commands may keep
compiled modules as Python does by itself, also where the environment of the benchmark forbids it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

from benchmarks.measure import in_turn, table

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "lupus-prednisolone.json"
DAY = date(2026, 11, 22)
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
COMMAND = str(Path(sys.executable).with_name("precollapse"))


def main() -> str:
    """Measure and return the report."""
    from precollapse.assess import assess_bytes
    from precollapse.assessment.model import to_json
    from precollapse.engine.forecast import forget_forecasts
    from precollapse.knowledge.load import load
    from precollapse.views.handout.content import handout_of
    from precollapse.views.handout.render import handout_pdf
    from precollapse.views.report.render import report_pdf

    data = EXAMPLE.read_bytes()

    def warm() -> bytes:
        # A forecast is kept for the next hip of the same kind; here every patient is a new one.
        forget_forecasts()
        return to_json(assess_bytes(data, EXAMPLE.name, as_of=DAY, today=DAY)[0])

    assert warm() == warm()
    assessed = assess_bytes(data, EXAMPLE.name, as_of=DAY, today=DAY)[0]
    runs: list[tuple[str, Callable[[], object], float]] = [
        ("record to JSON with treatments and plan, warm, in process", warm, 0.080),
        ("the handout as PDF, from the assessment", lambda: handout_pdf(handout_of(assessed, load())), 1.0),
        ("the report as PDF, from the assessment", lambda: report_pdf(assessed), 1.0),
        ("`precollapse assess` from cold start to output", _command("assess", str(EXAMPLE)), 1.2),
        ("`precollapse --help`", _command("--help"), 0.3),
        ("an empty Python process, for comparison", _python, 0.0),
    ]
    timings = in_turn(*(job for _, job, _ in runs))
    rows = [
        (name, str(timing), f"{limit * 1e3:,.0f} ms" if limit else "", _verdict(timing.median, limit))
        for (name, _, limit), timing in zip(runs, timings, strict=True)
    ]
    return "## One patient\n\n" + table(("job", "median (fastest to slowest)", "limit", ""), rows)


def _verdict(median: float, limit: float) -> str:
    if not limit:
        return ""
    return f"{median / limit:.2f} of the limit" + ("" if median <= limit else ", MISSED")


def _command(*arguments: str) -> Callable[[], object]:
    def run() -> None:
        subprocess.run([COMMAND, *arguments], check=True, capture_output=True, env=ENVIRONMENT)

    return run


def _python() -> None:
    subprocess.run([sys.executable, "-c", "pass"], check=True, env=ENVIRONMENT)


if __name__ == "__main__":
    print(main())
