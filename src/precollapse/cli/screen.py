"""What `precollapse screen` does: runs, shows how far it is, and writes the results a health system uses."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from precollapse.cli.records import OK, SOME_FAILED, complain
from precollapse.errors import PrecollapseError

# Set by spark-submit, which has chosen the cluster already.
SUBMITTED = "PYSPARK_GATEWAY_PORT"
Told = Callable[[str, float, float, int], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for on the command line."""

    inputs: tuple[str, ...]
    out: Path
    as_of: date
    workers: int
    store: Path | None
    least_cell: int | None
    view: str
    csv: bool
    report: bool


def screen(wanted: Wanted) -> int:
    """Screen, write everything into the folder, and return the exit status."""
    from precollapse.knowledge.load import load
    from precollapse.screen.run import Plan, answers, run, write_csv
    from precollapse.screen.summary import summarise
    from precollapse.views import screen_text
    from precollapse.views.screen_report import render_screen_report

    _prepare(wanted.out, "evaluation.json")
    for old in ("patients.csv", "report.html", "run.json"):
        (wanted.out / old).unlink(missing_ok=True)
    plan = Plan(wanted.inputs, wanted.out, wanted.as_of, wanted.workers, wanted.store)
    with _progress() as told:
        outcome = run(plan, told)
        if wanted.csv:
            told("writing the CSV", 0.0, 1.0, outcome.patients)
            write_csv(wanted.out)
    if not outcome.patients:
        raise PrecollapseError("no patient was found in the input; nothing was written but what was read")
    summary = summarise(answers(wanted.out), read=_counts(outcome), least_cell=wanted.least_cell)
    if wanted.report:
        page = render_screen_report(summary, answers(wanted.out))
        (wanted.out / "report.html").write_text(page, "utf-8")
        (wanted.out / "report.html").chmod(0o600)
    said = _said(wanted.as_of, outcome, load())
    (wanted.out / "run.json").write_bytes(_json(said))
    if wanted.view == "json":
        sys.stdout.buffer.write(_json(said))
    else:
        screen_text.print_screening(summary)
        _where(wanted)
    return SOME_FAILED if outcome.corrupt_total else OK


def _prepare(out: Path, other: str) -> None:
    """Make the folder, readable by its owner only; refuse one that holds results of another kind."""
    if (out / other).exists():
        raise PrecollapseError(
            f"{out.name} holds {other}, the result of another command; give another folder"
        )
    if out.exists() and not out.is_dir():
        raise PrecollapseError(f"{out.name} is a file; -o names a folder")
    try:
        out.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise PrecollapseError(f"{out.name}: cannot be made: {error.strerror}") from None


def screen_on_spark(
    inputs: tuple[str, ...], out: str, as_of: date, master: str | None, settings: dict[str, str], view: str
) -> int:
    """Screen on a Spark cluster; the answers are written there, and nothing else is."""
    import typer

    from precollapse.knowledge.load import load
    from precollapse.screen.spark import screen_with_spark

    if master is None and SUBMITTED not in os.environ:
        master = "local[*]"
    outcome = screen_with_spark(inputs, out, as_of, master=master, settings=settings)
    said = _said(as_of, outcome, load())
    if view == "json":
        sys.stdout.buffer.write(_json(said))
    else:
        typer.echo(
            f"{outcome.patients:,} patients screened in {outcome.seconds:,.0f} s; answers in {out}/patients"
        )
        typer.echo(load().safety_statement.short)
    return SOME_FAILED if outcome.corrupt_total else OK


def _counts(outcome: Any) -> Any:
    from precollapse.screen.summary_model import CorruptLine, ReadCounts

    return ReadCounts(
        files=outcome.files,
        bytes=outcome.bytes,
        lines=outcome.lines,
        patients=outcome.patients,
        corrupt=tuple(CorruptLine(*one) for one in outcome.corrupt),
        corrupt_total=outcome.corrupt_total,
        unused=outcome.unused,
        seconds=outcome.seconds,
        files_unchanged=outcome.files_unchanged,
    )


def _said(as_of: date, outcome: Any, knowledge: Any) -> dict[str, Any]:
    """Return what `run.json` says of a run."""
    from precollapse.version import __version__

    return {
        "safety_statement": knowledge.safety_statement.text,
        "versions": {"software": __version__, "knowledge": knowledge.version},
        "as_of": as_of.isoformat(),
        "patients": outcome.patients,
        "patterns_assessed": outcome.assessed,
        "files": outcome.files,
        "files_unchanged": outcome.files_unchanged,
        "bytes": outcome.bytes,
        "lines": outcome.lines,
        "corrupt_total": outcome.corrupt_total,
        "corrupt": [{"file": file, "line": line or None, "why": why} for file, line, why in outcome.corrupt],
        "unused_lines": dict(sorted(outcome.unused.items())),
        "kept_but_not_used": dict(sorted(outcome.unread.items())),
        "seconds": round(outcome.seconds, 3),
        "patients_per_second": round(outcome.patients / max(outcome.seconds, 1e-9), 1),
    }


def _json(said: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(said), indent=2) + b"\n"


def _where(wanted: Wanted) -> None:
    import typer

    typer.echo()
    typer.echo(f"Written to {wanted.out}/:")
    if wanted.report:
        typer.echo("  report.html   open this first")
    if wanted.csv:
        typer.echo("  patients.csv  one row a patient")
    typer.echo("  patients/     the same as Parquet;  run.json: what was read and what was not")


@contextmanager
def _progress() -> Iterator[Told]:
    """Show the step, the rate and the time left on a terminal; nothing where nobody looks."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description:<15}"),
        BarColumn(bar_width=20),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("starting", total=1.0, rate="")

        def told(step: str, done: float, total: float, patients: int) -> None:
            one = shown.tasks[0]
            if one.description != step:
                shown.reset(task, description=step, total=max(total, 1.0))
            shown.update(task, completed=done, rate=_rate(step, done, patients, one.elapsed or 0.0))

        yield told


def _rate(step: str, done: float, patients: int, seconds: float) -> str:
    if seconds < 0.5:
        return ""
    if step == "reading":
        return f"{done / seconds / 1e6:,.0f} MB/s"
    return f"{(patients or done) / seconds:,.0f} patients/s"


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of an evaluation."""

    inputs: tuple[str, ...]
    out: Path
    index_date: date
    horizon_years: float
    followed_until: date | None
    workers: int
    store: Path | None
    flags: tuple[str, ...]
    probability: Any
    least_cell: int | None
    view: str


def evaluate(asked: Asked) -> int:
    """Screen as of an earlier day, compare with what was diagnosed later, and return the exit status."""
    from precollapse.knowledge.load import load
    from precollapse.screen.evaluation import FLAGGED_ACTIONS, evaluate_screening
    from precollapse.screen.prospective import outcomes
    from precollapse.screen.run import Plan, answers, run
    from precollapse.views import screen_evaluation

    _prepare(asked.out, "run.json")
    plan = Plan(asked.inputs, asked.out, asked.index_date, asked.workers, asked.store, looking_back=True)
    with _progress() as told:
        found = run(plan, told)
    later = outcomes(found.charts, load(), asked.followed_until)
    rows = answers(asked.out).collect()
    evaluation = evaluate_screening(
        rows,
        later.filter(later["patient"].is_in(rows["patient"].implode())),
        horizon_years=asked.horizon_years,
        flagged_actions=asked.flags or FLAGGED_ACTIONS,
        risk_column=asked.probability,
        least_cell=asked.least_cell,
    )
    (asked.out / "evaluation.html").write_text(screen_evaluation.render_html(evaluation), "utf-8")
    (asked.out / "evaluation.json").write_bytes(_json(evaluation))
    if asked.view == "json":
        sys.stdout.buffer.write(_json(evaluation))
    else:
        screen_evaluation.print_text(evaluation)
    if found.corrupt_total:
        complain(f"{found.corrupt_total} lines or records could not be read")
    return SOME_FAILED if found.corrupt_total else OK
