"""The commands and their options; what they do stands in the modules beside this one."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from precollapse.version import __version__

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
knowledge_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(knowledge_app, name="knowledge", help="Check, show and search what precollapse knows.")
evidence_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(evidence_app, name="evidence", help="Show, check and fit the studies behind the forecasts.")


class View(StrEnum):
    """How an assessment is shown."""

    text = "text"
    json = "json"
    html = "html"


class Plain(StrEnum):
    """How everything else is shown."""

    text = "text"
    json = "json"


class EvidenceView(StrEnum):
    """How a treatment or a table of the evidence is shown."""

    text = "text"
    json = "json"
    svg = "svg"
    html = "html"


class Plot(StrEnum):
    """Which picture --format svg draws."""

    forest = "forest"
    network = "network"


class Schema(StrEnum):
    """The documents that have a published JSON Schema."""

    case = "case"
    assessment = "assessment"


Records = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE…",
        help="A FHIR bundle (.json), FHIR NDJSON file or folder, OMOP CDM folder, or case file"
        " (.yaml or .json). '-' reads standard input.",
    ),
]
AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        formats=["%Y-%m-%d"],
        metavar="YYYY-MM-DD",
        help="Assess as of this day. Without it: the day the record itself names, else today.",
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        metavar="PATH",
        help="Write here instead of to the terminal; a folder when there are several patients.",
    ),
]
PlainFormat = Annotated[Plain, typer.Option("--format", help="How to show it.")]


def examples(*lines: str) -> str:
    """Return lines that help prints as they are; the backspace is click's sign not to wrap them."""
    return "\b\n" + "\n".join(("Examples:", *(f"  {line}" for line in lines)))


def day(moment: datetime | None) -> date | None:
    """Return the day of an option."""
    return moment.date() if moment else None


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"precollapse {__version__}")
        raise typer.Exit


@app.callback(
    epilog=examples(
        "precollapse assess patient.json",
        "precollapse assess case.yaml --format html -o patient.html",
        'precollapse knowledge search "night pain"',
    )
)
def start(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop."),
    ] = False,
) -> None:
    """Find osteonecrosis of the hip before the femoral head collapses.

    Reads a patient's record and says how soon the patient should be seen, how likely osteonecrosis is in
    each hip, why, and what would change that. It advises clinicians; it never orders.
    """


@app.command(
    epilog=examples(
        "precollapse assess patient.json",
        "precollapse assess *.json --format json -o results/",
        "cat case.yaml | precollapse assess - --as-of 2026-01-31",
    )
)
def assess(
    files: Records,
    view: Annotated[View, typer.Option("--format", help="How to show it.")] = View.text,
    output: Output = None,
    as_of: AsOf = None,
) -> None:
    """Assess the patients of one or more records.

    Exit status: 0 all records were assessed, 1 some could not be read, 2 none could.
    """
    from precollapse.cli.assess import run

    raise typer.Exit(run(files, view=view.value, output=output, as_of=day(as_of)))


@app.command(epilog=examples("precollapse facts patient.json", "precollapse facts case.yaml --format json"))
def facts(files: Records, view: PlainFormat = Plain.text, as_of: AsOf = None) -> None:
    """Show what was understood of a record: every fact, its date, side and origin.

    Exit status as for `assess`.
    """
    from precollapse.cli.facts import run

    raise typer.Exit(run(files, view=view.value, as_of=day(as_of)))


@app.command(epilog=examples("precollapse schema case > case.schema.json"))
def schema(
    document: Annotated[Schema, typer.Argument(help="Which document.")],
) -> None:
    """Print the JSON Schema of a case file or of an assessment."""
    from precollapse.cli.schema import run

    typer.echo(run(document.value))


@knowledge_app.command("check", epilog=examples("precollapse knowledge check --items"))
def check(
    view: PlainFormat = Plain.text,
    items: Annotated[bool, typer.Option("--items", help="List every pathway item and its tests.")] = False,
) -> None:
    """Check every entry of the knowledge and count what is covered.

    Exit status: 0 nothing wrong, 1 something is.
    """
    from precollapse.cli.knowledge import check

    raise typer.Exit(check(view.value, items=items))


@knowledge_app.command("show", epilog=examples("precollapse knowledge show groin_pain"))
def show(
    entry: Annotated[str, typer.Argument(metavar="ID", help="The id of any entry, source or pathway item.")],
    view: PlainFormat = Plain.text,
) -> None:
    """Show one entry of the knowledge and what refers to it."""
    from precollapse.cli.knowledge import show

    show(entry, view.value)


@knowledge_app.command("search", epilog=examples('precollapse knowledge search "night pain"'))
def search(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Words, or a code such as M87.05.")],
    view: PlainFormat = Plain.text,
) -> None:
    """Find entries by name, wording, synonym or code."""
    from precollapse.cli.knowledge import search

    search(text, view.value)


@evidence_app.command(
    "list", epilog=examples("precollapse evidence list", "precollapse evidence list --format json")
)
def list_evidence(view: PlainFormat = Plain.text) -> None:
    """List the treatments: studies, hips, how many were randomised, and certainty."""
    from precollapse.cli.evidence import list_treatments

    list_treatments(view.value)


@evidence_app.command(
    "show",
    epilog=examples(
        "precollapse evidence show alendronate",
        "precollapse evidence show natural-course",
        "precollapse evidence show collapse --format svg --plot network -o net.svg",
    ),
)
def show_evidence(
    topic: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="A treatment (id or name), or a table: collapse, replacement, natural-course, published.",
        ),
    ],
    view: Annotated[EvidenceView, typer.Option("--format", help="How to show it.")] = EvidenceView.text,
    plot: Annotated[Plot, typer.Option("--plot", help="Which picture --format svg draws.")] = Plot.forest,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="PATH", help="Write here instead of to the terminal."),
    ] = None,
) -> None:
    """Show comparisons, series, certainty and what was left out.

    Exit status: 0 it was shown, 2 there is no such name.
    """
    from precollapse.cli.evidence import show

    show(topic, view.value, plot=plot.value, output=output)


@evidence_app.command("check", epilog=examples("precollapse evidence check"))
def check_evidence(view: PlainFormat = Plain.text) -> None:
    """Check every row of the study table.

    Exit status: 0 nothing wrong, 1 something is, 2 it cannot be read.
    """
    from precollapse.cli.evidence import check

    raise typer.Exit(check(view.value))


@evidence_app.command(
    "fit", epilog=examples("precollapse evidence fit", "precollapse evidence fit -o fitted/")
)
def fit_evidence(
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FOLDER", help="Write here; without it, where precollapse reads from."
        ),
    ] = None,
) -> None:
    """Estimate everything from the study table again; takes some seconds.

    The same table and settings give the same files.
    """
    from precollapse.cli.evidence import fit

    fit(output)
