"""`precollapse assess`: records in, assessments out, on the terminal or as files."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import typer

from precollapse.assessment.model import Assessment
from precollapse.cli.records import UNUSABLE, Done, complain, process
from precollapse.errors import PrecollapseError

_ENDING = {"text": "txt", "json": "json", "html": "html"}


def run(files: Sequence[str], *, view: str, output: Path | None, as_of: date | None) -> int:
    """Assess every record and show or write the result; return the exit status."""
    from precollapse.assess import assess_bytes, assess_path

    today = date.today()  # the only place where the clock is read
    work = process(
        files,
        lambda path: assess_path(path, as_of=as_of, today=today),
        lambda data, name: assess_bytes(data, name, as_of=as_of, today=today),
    )
    if not work.done:
        return UNUSABLE
    _say_day(work.done, as_of, today)
    try:
        if output is None:
            _print(work.done, view, several=len(files) > 1)
        else:
            _write(work.done, view, output, several=len(files) > 1)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        complain(f"{error.filename}: cannot be written: {error.strerror}")
        return UNUSABLE
    return work.status


def _say_day(done: list[Done[Assessment]], as_of: date | None, today: date) -> None:
    if as_of is None and any(one.as_of == today.isoformat() for item in done for one in item.results):
        typer.echo(f"Assessed as of today, {today}; --as-of sets another day.", err=True)


def _print(done: list[Done[Assessment]], view: str, *, several: bool) -> None:
    assessments = [assessment for item in done for assessment in item.results]
    several = several or len(assessments) != 1
    if view == "html" and several:
        raise PrecollapseError("several pages do not fit on one standard output: add -o FOLDER")
    if view == "text":
        from precollapse.views.text import print_assessment

        for number, assessment in enumerate(assessments):
            print_assessment(assessment, first=number == 0)
    elif view == "json" and several:
        from precollapse.views.json import json_array

        sys.stdout.buffer.write(json_array(assessments))
    else:
        sys.stdout.buffer.write(_render(assessments[0], view))
    sys.stdout.flush()


def _write(done: list[Done[Assessment]], view: str, output: Path, *, several: bool) -> None:
    alone = not several and len(done[0].results) == 1
    if alone and not output.is_dir():
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(_render(done[0].results[0], view))
        return
    if output.exists() and not output.is_dir():
        raise PrecollapseError(f"{output} is a file: with several patients -o names a folder")
    output.mkdir(parents=True, exist_ok=True)
    for name, assessment in _names(done):
        (output / f"{name}.{_ENDING[view]}").write_bytes(_render(assessment, view))


def _names(done: list[Done[Assessment]]) -> Iterator[tuple[str, Assessment]]:
    """Name files after the record and a number, never after anything that is in the record."""
    taken: set[str] = set()
    for item in done:
        stem = Path(item.name).resolve().stem if item.name != "stdin" else "stdin"
        for number, assessment in enumerate(item.results, start=1):
            name = stem if len(item.results) == 1 else f"{stem}-{number:05}"
            unique, copy = name, 2
            while unique in taken:
                unique, copy = f"{name}-{copy}", copy + 1
            taken.add(unique)
            yield unique, assessment


def _render(assessment: Assessment, view: str) -> bytes:
    if view == "json":
        from precollapse.assessment.model import to_json

        return to_json(assessment)
    if view == "html":
        from precollapse.views.html import render_html

        return render_html(assessment).encode()
    from precollapse.views.text import render_text

    return render_text(assessment).encode()
