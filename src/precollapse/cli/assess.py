"""`precollapse assess`: records in, assessments out, on the terminal or as files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import typer

from precollapse.assessment.model import Assessment
from precollapse.cli.output import View, deliver
from precollapse.cli.records import UNUSABLE, Done, Work, process


def run(files: Sequence[str], *, view: str, output: Path | None, as_of: date | None) -> int:
    """Assess every record and show or write the result; return the exit status."""
    work = assessed(files, as_of)
    if not work.done:
        return UNUSABLE
    several = len(files) > 1
    if view == "text" and output is None:
        _print(work.done)
        return work.status
    return work.status if deliver(work.done, _view(view), output, several=several) else UNUSABLE


def assessed(files: Sequence[str], as_of: date | None) -> Work[Assessment]:
    """Assess every record; say on stderr where today's date was used."""
    from precollapse.assess import assess_bytes, assess_path

    today = date.today()  # the only place where the clock is read
    work = process(
        files,
        lambda path: assess_path(path, as_of=as_of, today=today),
        lambda data, name: assess_bytes(data, name, as_of=as_of, today=today),
    )
    if as_of is None and any(one.as_of == today.isoformat() for item in work.done for one in item.results):
        typer.echo(f"Assessed as of today, {today}; --as-of sets another day.", err=True)
    return work


def _print(done: list[Done[Assessment]]) -> None:
    from precollapse.views.text import print_assessment

    for number, assessment in enumerate(one for item in done for one in item.results):
        print_assessment(assessment, first=number == 0)


def _view(name: str) -> View:
    if name == "json":
        from precollapse.assessment.model import to_json
        from precollapse.views.json import json_array

        return View("json", to_json, json_array)
    if name == "html":
        from precollapse.views.html import render_html

        return View("html", lambda one: render_html(one).encode())
    from precollapse.views.text import render_text

    return View("txt", lambda one: render_text(one).encode())
