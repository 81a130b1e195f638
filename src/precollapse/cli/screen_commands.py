"""The commands of a screening and their options; what they do stands in ``screen.py``."""

from __future__ import annotations

import os
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from precollapse.cli.app import Plain, PlainFormat, app, day, examples

RUN = "run"


class Engine(StrEnum):
    """Where a screening is computed."""

    local = "local"
    spark = "spark"


class Probability(StrEnum):
    """Which probability an evaluation compares with the diagnoses."""

    today = "risk"
    in_1_year = "risk_1_year"
    in_5_years = "risk_5_years"


class WithoutName(TyperGroup):
    """A group whose first command needs no name: `screen INPUT` is `screen run INPUT`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the name of the first command where none is given."""
        if not args or args[0] not in self.commands:
            args = [RUN, *(args or ["--help"])]
        return super().parse_args(ctx, args)


screen_app = typer.Typer(cls=WithoutName, rich_markup_mode=None)
app.add_typer(
    screen_app, name="screen", help="Find who should have an image now, among any number of patients."
)

Inputs = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT…",
        help="Bulk FHIR NDJSON (folder, files, patterns; also .gz and .zst), FHIR bundles or case files, a"
        " folder of OMOP CDM 5.4 tables (CSV or Parquet), duckdb:///FILE, postgresql://USER@HOST/DATABASE?schema=CDM,"
        " or the output folder of an earlier screening.",
    ),
]
Folder = Annotated[
    str,
    typer.Option("-o", "--output", metavar="FOLDER", help="Write here. A run goes on where it was stopped."),
]
Workers = Annotated[
    int | None,
    typer.Option("--workers", min=1, metavar="N", help="Processes. Without it: one for each core."),
]
StoreFolder = Annotated[
    Path | None,
    typer.Option("--store", metavar="FOLDER", help="Keep charts here instead of in OUTPUT/store."),
]
LeastCell = Annotated[
    int | None,
    typer.Option(
        "--least-cell", min=2, metavar="N", help="Hide counts of 1 to N-1, and the list of patients."
    ),
]


@screen_app.command(
    RUN,
    epilog=examples(
        "precollapse screen export/ -o out",
        'precollapse screen "export/*.ndjson.gz" -o out --as-of 2026-11-22',
        "precollapse screen omop-folder/ -o out --least-cell 5",
        "precollapse screen out -o out-today            (the stored charts again)",
        "precollapse screen evaluate export/ -o measured --index-date 2024-06-30",
    ),
)
def run(
    inputs: Inputs,
    output: Folder,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            "--as-of", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="The day. Without it: today."
        ),
    ] = None,
    workers: Workers = None,
    store: StoreFolder = None,
    least_cell: LeastCell = None,
    csv: Annotated[bool, typer.Option("--csv/--no-csv", help="Also write patients.csv.")] = True,
    report: Annotated[bool, typer.Option("--report/--no-report", help="Also write report.html.")] = True,
    engine: Annotated[Engine, typer.Option("--engine", help="Compute here, or on Spark.")] = Engine.local,
    master: Annotated[
        str | None,
        typer.Option(
            "--master",
            metavar="URL",
            help="With --engine spark: the cluster. Without it: that of spark-submit, else this machine.",
        ),
    ] = None,
    spark_conf: Annotated[
        list[str] | None,
        typer.Option("--spark-conf", metavar="KEY=VALUE", help="With --engine spark: a setting of Spark."),
    ] = None,
    view: PlainFormat = Plain.text,
) -> None:
    """Screen any number of patients: who should have an MRI now, why, and what is not known.

    Writes one row a patient (Parquet and CSV) and one page with the results. The same patient assessed alone
    gets the same answer. What was read is kept beside the results, so that the next run reads only what
    changed.

    To measure what screening would have done: precollapse screen evaluate --help

    Exit status: 0 all was read, 1 some lines or records could not be read, 2 nothing could be done.
    """
    from precollapse.cli.screen import Wanted, screen, screen_on_spark

    today = day(as_of) or date.today()
    if engine is Engine.spark:
        settings = dict(one.partition("=")[::2] for one in spark_conf or ())
        raise typer.Exit(screen_on_spark(tuple(inputs), output, today, master, settings, view.value))
    wanted = Wanted(
        inputs=tuple(inputs),
        out=Path(output),
        as_of=today,
        workers=workers or os.cpu_count() or 1,
        store=store,
        least_cell=least_cell,
        view=view.value,
        csv=csv,
        report=report,
    )
    raise typer.Exit(screen(wanted))


@screen_app.command(
    "evaluate",
    epilog=examples(
        "precollapse screen evaluate export/ -o measured --index-date 2024-06-30",
        "precollapse screen evaluate export/ -o measured --index-date 2024-06-30 --horizon 5 --format json",
    ),
)
def evaluate(
    inputs: Inputs,
    output: Folder,
    index_date: Annotated[
        datetime,
        typer.Option(
            "--index-date",
            formats=["%Y-%m-%d"],
            metavar="YYYY-MM-DD",
            help="Screen as of this day; nothing recorded later is used.",
        ),
    ],
    horizon: Annotated[
        float, typer.Option("--horizon", min=0.1, metavar="YEARS", help="Count diagnoses within these years.")
    ] = 1.0,
    followed_until: Annotated[
        datetime | None,
        typer.Option(
            "--followed-until",
            formats=["%Y-%m-%d"],
            metavar="YYYY-MM-DD",
            help="The last day of the export. Without it: the last day of anything that was kept.",
        ),
    ] = None,
    flags: Annotated[
        list[str] | None,
        typer.Option(
            "--flag", metavar="ACTION", help="Actions that count as found; mri_now, radiograph_and_mri."
        ),
    ] = None,
    probability: Annotated[
        Probability | None,
        typer.Option(
            "--probability", help="Which is compared. Without it: that of the horizon, else today's."
        ),
    ] = None,
    workers: Workers = None,
    store: StoreFolder = None,
    least_cell: LeastCell = None,
    view: PlainFormat = Plain.text,
) -> None:
    """Measure what screening on an earlier day would have found, against what was diagnosed later.

    Yield, number needed to screen, sensitivity, predictive value, calibration and decision curve, all with
    intervals, and by sex, age and cause. Recorded diagnoses are not the truth: silent disease is never
    recorded.

    Exit status: 0 done, 1 some lines could not be read, 2 nothing could be done.
    """
    from precollapse.cli.screen import Asked
    from precollapse.cli.screen import evaluate as measured

    index = day(index_date)
    assert index is not None
    asked = Asked(
        inputs=tuple(inputs),
        out=Path(output),
        index_date=index,
        horizon_years=horizon,
        followed_until=day(followed_until),
        workers=workers or os.cpu_count() or 1,
        store=store,
        flags=tuple(flags or ()),
        probability=probability.value if probability else None,
        least_cell=least_cell,
        view=view.value,
    )
    raise typer.Exit(measured(asked))
