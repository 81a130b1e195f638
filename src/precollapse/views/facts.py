"""What was understood of a record, as lines for the terminal: one patient, its facts by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from precollapse.assessment.nodes import FactReference
from precollapse.views import wording
from precollapse.views.layout import Line, bullet, heading, show, to_text


def render_facts(patient: Any) -> str:
    """Return the facts of one patient as plain text."""
    return to_text(_lines(msgspec.to_builtins(patient)))


def print_facts(patient: Any) -> None:
    """Print the facts of one patient to standard output."""
    show(_lines(msgspec.to_builtins(patient)))


def _lines(patient: Mapping[str, Any]) -> Iterator[Line]:
    yield Line(f"precollapse · facts of patient {patient['patient']}", style="bold")
    yield Line(f"as of {patient['as_of']}")
    rows = patient["facts"]
    known = [row for row in rows if row.get("why_unknown") is None]
    for side, title in ((None, "Patient"), ("right", "Right hip"), ("left", "Left hip")):
        of_side = [row for row in known if row.get("side") == side]
        if of_side:
            yield from heading(f"{title} ({len(of_side)})")
        yield from (bullet(_fact(row)) for row in of_side)
    yield from _unknown([row for row in rows if row.get("why_unknown") is not None])
    yield Line("")


def _unknown(rows: list[Mapping[str, Any]]) -> Iterator[Line]:
    asked = [row for row in rows if row["why_unknown"] != "not asked"]
    if asked:
        yield from heading(f"Not usable ({len(asked)})")
    yield from (bullet(_fact(row)) for row in asked)
    silent = len(rows) - len(asked)
    if silent:
        yield Line("")
        yield Line(
            f"The record says nothing of {silent} further facts; --format json lists them.", style="dim"
        )


def _fact(row: Mapping[str, Any]) -> str:
    reference = msgspec.convert(
        {name: row.get(name) for name in FactReference.__struct_fields__ if name in row}, FactReference
    )
    since = f", since {row['since']}" if row.get("since") else ""
    return f"{wording.fact(reference, origin=True)}{since}"
