"""The commands of a consultation and their options; what they do stands in ``patient.py``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from precollapse.cli.app import AsOf, Output, Plain, PlainFormat, Records, app, day, examples

OneRecord = Annotated[
    str,
    typer.Argument(
        metavar="FILE", help="The record of one or more patients, as for `assess`; '-' for standard input."
    ),
]


class PlanView(StrEnum):
    """How a plan is shown."""

    text = "text"
    json = "json"
    fhir = "fhir"
    ics = "ics"


class PaperView(StrEnum):
    """How a handout is written."""

    html = "html"
    pdf = "pdf"


class LetterView(StrEnum):
    """How a letter is written."""

    text = "text"
    pdf = "pdf"


@app.command(
    epilog=examples(
        "precollapse options patient.json",
        "precollapse options patient.json core-decompression",
        "precollapse options patient.json alendronate --format json",
    )
)
def options(
    file: OneRecord,
    treatment: Annotated[
        str | None, typer.Argument(metavar="TREATMENT", help="Argue this one in full, by its id or its name.")
    ] = None,
    view: PlainFormat = Plain.text,
    as_of: AsOf = None,
) -> None:
    """Show what can be done for a patient, what must wait and what to avoid, with every reason.

    Exit status: 0 shown, 2 the record cannot be read or there is no such treatment.
    """
    from precollapse.cli.patient import options

    raise typer.Exit(options(file, treatment, view=view.value, as_of=day(as_of)))


@app.command(
    epilog=examples(
        "precollapse plan patient.json",
        "precollapse plan patient.json --format ics -o dates.ics",
        "precollapse plan patient.json --format fhir -o careplan.json",
    )
)
def plan(
    files: Records,
    view: Annotated[
        PlanView, typer.Option("--format", help="Text, JSON, a FHIR R4 CarePlan, or a calendar file.")
    ] = PlanView.text,
    output: Output = None,
    as_of: AsOf = None,
) -> None:
    """Show what to do from tomorrow: load, exercises, home, food, images and laboratory with dates.

    Exit status as for `assess`.
    """
    from precollapse.cli.patient import plan

    raise typer.Exit(plan(files, view=view.value, output=output, as_of=day(as_of)))


@app.command(
    epilog=examples(
        "precollapse handout patient.json -o handout.pdf",
        "precollapse handout *.json --format html -o handouts/",
    )
)
def handout(
    files: Records,
    view: Annotated[
        PaperView | None,
        typer.Option("--format", help="By default what the name of the output says, else html."),
    ] = None,
    output: Output = None,
    as_of: AsOf = None,
) -> None:
    """Write the handout for the patient: plain words, large print, own hip, own plan, own questions.

    Exit status as for `assess`. PDF needs the extra: pip install 'precollapse[pdf]'.
    """
    from precollapse.cli.patient import handout

    raise typer.Exit(handout(files, view=view and view.value, output=output, as_of=day(as_of)))


@app.command(epilog=examples('precollapse ask patient.json "Can it heal on its own?"'))
def ask(
    file: OneRecord,
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="In everyday words.")],
    view: PlainFormat = Plain.text,
    as_of: AsOf = None,
) -> None:
    """Answer a question from the patient's own assessment and the knowledge, with sources.

    Nothing is made up: where the knowledge has no answer, that is what it says.
    Exit status: 0 answered or said that it does not know, 2 the record cannot be read.
    """
    from precollapse.cli.patient import ask

    raise typer.Exit(ask(file, question, view=view.value, as_of=day(as_of)))


@app.command(epilog=examples("precollapse report patient.json -o report.pdf"))
def report(
    files: Records,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="PATH", help="A file, or a folder.")],
    as_of: AsOf = None,
) -> None:
    """Write two pages for clinicians as PDF: the case, the hips, the forecast, the options, the plan.

    Exit status as for `assess`. Needs the extra: pip install 'precollapse[pdf]'.
    """
    from precollapse.cli.patient import report

    raise typer.Exit(report(files, output=output, as_of=day(as_of)))


@app.command(
    epilog=examples("precollapse letter patient.json", "precollapse letter patient.json -o referral.pdf")
)
def letter(
    files: Records,
    view: Annotated[
        LetterView | None,
        typer.Option("--format", help="By default what the name of the output says, else text."),
    ] = None,
    output: Output = None,
    as_of: AsOf = None,
) -> None:
    """Write a referral letter to sign: why, how urgent, what is asked for, what is known and not known.

    Exit status as for `assess`. PDF needs the extra: pip install 'precollapse[pdf]'.
    """
    from precollapse.cli.patient import letter

    raise typer.Exit(letter(files, view=view and view.value, output=output, as_of=day(as_of)))
