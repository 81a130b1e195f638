"""Typeset documents: a template of ours and the content as data, the same bytes for the same content.

Typst is an extra (``pip install precollapse[pdf]``), loaded only when a PDF is asked for. Only the fonts that
come with it are used, so that a document looks the same on every machine.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec

from precollapse.errors import PrecollapseError

TEMPLATES = Path(__file__).with_name("templates")


def render_pdf(template: str, content: msgspec.Struct, as_of: str) -> bytes:
    """Return a document as PDF.

    Parameters
    ----------
    template
        Name of a file in ``templates/``.
    content
        What the template sets; it reads it as JSON.
    as_of
        The day of the assessment (ISO), which becomes the date of the file.

    Raises
    ------
    PrecollapseError
        When typst is not installed, or cannot set the document.
    """
    try:
        import typst
    except ModuleNotFoundError as error:
        raise PrecollapseError("a PDF needs typst: pip install 'precollapse[pdf]'") from error
    day = datetime.fromisoformat(as_of).replace(tzinfo=UTC)
    try:
        return bytes(
            typst.compile(
                str(TEMPLATES / template),
                root=str(TEMPLATES),
                ignore_system_fonts=True,
                sys_inputs={"content": msgspec.json.encode(content).decode()},
                timestamp=int(day.timestamp()),
                format="pdf",
            )
        )
    except typst.TypstError as error:
        raise PrecollapseError(f"{template}: typst cannot set the document: {error}") from error
