"""Lines with indent and style, wrapped to the width of a terminal; plain text when there is none."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.cells import cell_len, chop_cells

from precollapse.views.wording import clean

WIDTH = 80


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph: its first line starts at ``indent``, the others ``hang`` further in."""

    text: str
    indent: int = 0
    hang: int = 0
    style: str = ""
    mark: str = ""


def heading(text: str, style: str = "bold cyan") -> Iterator[Line]:
    """Yield a blank line and a heading in capitals, so that it stands out without colour too."""
    yield Line("")
    yield Line(text.upper(), style=style)


def bullet(text: str, mark: str = "-", indent: int = 2) -> Line:
    """Return a line with a mark before it and its further lines set under the text."""
    return Line(text, indent=indent, hang=len(mark) + 1, mark=mark)


def to_text(lines: Iterable[Line], width: int = WIDTH) -> str:
    """Return lines as plain text."""
    return "".join(f"{row}\n" for line in lines for row in wrap(line, width))


def show(lines: Iterable[Line]) -> None:
    """Print lines to standard output: in colour to a terminal, plain to anything else."""
    if not sys.stdout.isatty():
        # An output that cannot show a letter gets a question mark for it instead of no assessment.
        encoding = sys.stdout.encoding or "utf-8"
        sys.stdout.write(to_text(lines).encode(encoding, "replace").decode(encoding))
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, markup=False, emoji=False)
    for line in lines:
        for row in wrap(line, min(console.width, 100)):
            console.print(Text(row, style=line.style), soft_wrap=True)


def wrap(line: Line, width: int) -> list[str]:
    """Break a line at blanks; a word that is too long for a line of its own is cut.

    Text from a record passes here, so this is where control and direction characters are taken out.
    """
    first = " " * line.indent + (f"{line.mark} " if line.mark else "")
    rest = " " * (line.indent + line.hang)
    rows: list[str] = []
    row, empty = first, True
    for word in _words(clean(line.text), max(8, width - len(rest))):
        if not empty and cell_len(row) + 1 + cell_len(word) > width:
            rows.append(row)
            row, empty = rest, True
        row += word if empty else f" {word}"
        empty = False
    rows.append(row)
    return [row.rstrip() for row in rows]


def _words(text: str, room: int) -> Iterator[str]:
    for word in text.split(" "):
        yield from chop_cells(word, room) if cell_len(word) > room else (word,)
