"""Goes through the records named on the command line; one that cannot be read never stops the others."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import typer

from precollapse.errors import InputError, PrecollapseError

T = TypeVar("T")
OK, SOME_FAILED, UNUSABLE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """What came of one record."""

    name: str
    results: list[T]


@dataclass(frozen=True, slots=True)
class Work(Generic[T]):
    """What came of all records, and the exit status that follows from it."""

    done: list[Done[T]]
    failed: int

    @property
    def status(self) -> int:
        """Return 0 when all were used, 1 when some, 2 when none."""
        if not self.done:
            return UNUSABLE
        return SOME_FAILED if self.failed else OK


def process(
    files: Sequence[str], from_path: Callable[[Path], list[T]], from_bytes: Callable[[bytes, str], list[T]]
) -> Work[T]:
    """Apply a function to every record; a failure is one line on stderr.

    Parameters
    ----------
    files
        Paths; ``-`` stands for standard input.
    from_path, from_bytes
        What to do with a path, and with what came from standard input.
    """
    done: list[Done[T]] = []
    failed = 0
    with _progress(len(files)) as advance:
        for file in files:
            try:
                if file == "-":
                    done.append(Done("stdin", from_bytes(sys.stdin.buffer.read(), "stdin")))
                else:
                    done.append(Done(file, from_path(_existing(file))))
            except PrecollapseError as error:
                failed += 1
                complain(str(error))
            except OSError as error:
                failed += 1
                complain(f"{file}: cannot be read: {error.strerror}")
            advance()
    return Work(done, failed)


def complain(message: str) -> None:
    """Print one line of error on stderr."""
    typer.echo(f"precollapse: {' '.join(message.split())}", err=True)


def _existing(file: str) -> Path:
    path = Path(file)
    if not path.exists():
        raise InputError(file, "there is no such file or folder")
    return path


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], object]]:
    """Show a bar on stderr when somebody is there to see it and there is more than one record."""
    if total < 2 or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Records", total=total)
        yield lambda: bar.advance(task)
