"""Writes what came of records: to standard output, to a file, or to a folder with one file a patient."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from precollapse.assessment.model import Assessment
from precollapse.cli.records import Done, complain
from precollapse.errors import PrecollapseError

Render = Callable[[Assessment], bytes]


@dataclass(frozen=True, slots=True)
class View:
    """One way to show an assessment.

    Attributes
    ----------
    ending
        The ending of its files.
    render
        Returns the bytes of one patient.
    joined
        Returns those of several on one standard output; None where they do not fit on it.
    """

    ending: str
    render: Render
    joined: Callable[[list[Assessment]], bytes] | None = None


def deliver(done: list[Done[Assessment]], view: View, output: Path | None, *, several: bool) -> bool:
    """Show or write the results; return whether it could be done, and complain where not.

    Parameters
    ----------
    done
        What came of each record.
    view
        How to show it.
    output
        A file, a folder, or None for standard output.
    several
        Whether several records were asked for, even if one only could be read.
    """
    try:
        if output is None:
            _print([one for item in done for one in item.results], view, several=several)
        else:
            _write(done, view, output, several=several)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        complain(f"{error.filename}: cannot be written: {error.strerror}")
        return False
    return True


def _print(assessments: list[Assessment], view: View, *, several: bool) -> None:
    if several or len(assessments) != 1:
        if view.joined is None:
            raise PrecollapseError("several of these do not fit on one standard output: add -o FOLDER")
        sys.stdout.buffer.write(view.joined(assessments))
    else:
        sys.stdout.buffer.write(view.render(assessments[0]))
    sys.stdout.flush()


def _write(done: list[Done[Assessment]], view: View, output: Path, *, several: bool) -> None:
    alone = not several and len(done[0].results) == 1
    if alone and not output.is_dir():
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(view.render(done[0].results[0]))
        return
    if output.exists() and not output.is_dir():
        raise PrecollapseError(f"{output} is a file: with several patients -o names a folder")
    output.mkdir(parents=True, exist_ok=True)
    for name, assessment in _names(done):
        (output / f"{name}.{view.ending}").write_bytes(view.render(assessment))


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
