"""The command line: `precollapse assess`, `options`, `plan`, `handout`, `ask`, `knowledge` and others.

Thin: every command calls the same functions as `import precollapse`. Polars, jinja2 and the knowledge
are imported inside the commands, so that `--help` answers at once. Errors a user can meet end in one
line on stderr and exit status 2, never in a traceback.
"""

from __future__ import annotations

import os
import sys

from precollapse.cli import patient_commands, screen_commands
from precollapse.cli.app import app
from precollapse.cli.records import complain
from precollapse.errors import PrecollapseError


def main() -> None:
    """Run the command line and end the process with its exit status."""
    try:
        app()
    except PrecollapseError as error:
        complain(str(error))
        sys.exit(2)
    except BrokenPipeError:  # the reader of a pipe such as `| head` left early
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


__all__ = ["app", "main", "patient_commands", "screen_commands"]
