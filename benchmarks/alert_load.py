"""How many warnings a patient gets: lines that say "avoid" or "caution", over cases and a folder.

Interaction alerts elsewhere are overridden nine times in ten; a warning here must be rare. Set
PRECOLLAPSE_TEST_DATA to a folder of FHIR R4 bundles to count those as well.
"""

from __future__ import annotations

import os
from collections import Counter
from datetime import date
from pathlib import Path
from statistics import median

from benchmarks.measure import table
from precollapse.assess import assess_path
from precollapse.assessment.model import Assessment
from precollapse.assessment.option_nodes import Option

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "benchmarks" / "alert-load.md"
DAY = date(2026, 11, 22)
KINDS = ("avoid", "caution")
STATES = ("offered", "worth discussing", "only if", "held back", "avoid")


def main() -> str:
    """Count, write the page and return it."""
    groups = {"published cases": sorted((ROOT / "tests" / "cases" / "files").glob("*.yaml"))}
    folder = os.environ.get("PRECOLLAPSE_TEST_DATA")
    if folder:
        groups["FHIR bundles of the folder"] = sorted(Path(folder).glob("*.json"))
    parts = [_group(name, [_assessed(path) for path in paths]) for name, paths in groups.items()]
    head = (
        "# Warnings per patient\n\nWritten by `make bench`. A line is one argument told of one treatment.\n"
    )
    page = "\n".join((head, *parts))
    PAGE.write_text(page, encoding="utf-8")
    return page


def _assessed(path: Path) -> Assessment:
    return assess_path(path, as_of=DAY, today=DAY)[0]


def _group(name: str, documents: list[Assessment]) -> str:
    lines = {kind: [_count(document, kind) for document in documents] for kind in KINDS}
    rows = [_row(kind, counts) for kind, counts in lines.items()]
    rows.append(_row("both", [sum(pair) for pair in zip(*lines.values(), strict=True)]))
    states = Counter(one.state for document in documents for one in _once(document))
    shown = ", ".join(f"{state} {states[state] / len(documents):.1f}" for state in STATES)
    warned = Counter(one.id for document in documents for one in _once(document) if one.state == "avoid")
    most = ", ".join(f"{treatment} ({count})" for treatment, count in warned.most_common(5)) or "none"
    silent = sum(not _once(document) for document in documents)
    counted = table(("lines", "per patient, median", "most", "patients without any"), rows)
    return (
        f"## {name[:1].upper()}{name[1:]}: {len(documents)} patients\n\n{counted}\n\n"
        f"Treatments per patient by state: {shown}. Nothing is considered for {silent} of {len(documents)}."
        f" Most often avoided: {most}.\n"
    )


def _row(name: str, counts: list[int]) -> tuple[str, ...]:
    return name, f"{median(counts):g}", str(max(counts)), str(counts.count(0))


def _count(document: Assessment, kind: str) -> int:
    return sum(against.effect == kind for one in _once(document) for against in one.speaks_against)


def _once(document: Assessment) -> list[Option]:
    """Return each treatment once: what is said of both hips in the same words is one line to the reader."""
    found = {(one.id, one.decided_by): one for one in document.treatments.options}
    return list(found.values())


if __name__ == "__main__":
    print(main())
