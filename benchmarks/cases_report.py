"""Writes what becomes of the published cases: docs/benchmarks/cases.md and its reliability plot.

Run ``python -m benchmarks.cases_report``; it also prints the page.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from benchmarks.cases import OSTEONECROSIS, ROOT, VIEWS, Hip, accuracy, hips, outcome
from benchmarks.measure import table
from benchmarks.reliability import picture, section
from precollapse.engine.network import network
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.load import load

PAGE = ROOT / "docs" / "benchmarks" / "cases.md"
PICTURE = PAGE.with_name("cases-reliability.svg")


def confusion(cases: list[Hip], diagnoses: tuple[str, ...]) -> str:
    """Return the table of what the reports found against what stands first."""
    counts = Counter((hip.truth, diagnoses[int(np.argmax(hip.p))]) for hip in cases)
    rows = [
        (truth, ", ".join(f"{said} {n}" for (t, said), n in counts.most_common() if t == truth))
        for truth in dict.fromkeys(hip.truth for hip in cases)
    ]
    return table(("reported (hips)", "stands first"), rows)


_HEAD = (
    "# The published cases\n\nWritten by `make bench`: 64 published patients (`tests/cases/`), 36 with "
    "osteonecrosis and 28 with something else. The answer counts as right when the diagnosis of the report "
    "stands first, or among the first three, of 19. Published cases are not ordinary patients: they are "
    "chosen for being unusual, and often tell only what was positive. No figure was set by looking at one "
    "of them.\n"
)


def page(knowledge: Knowledge) -> tuple[str, str]:
    """Evaluate all views and return the page and the plot."""
    diagnoses = network(knowledge).diagnoses
    seen = {view: hips(knowledge, view) for view in VIEWS}
    rows = [
        (view, name, *accuracy(group, diagnoses))
        for view, cases in seen.items()
        for name, group in (
            ("osteonecrosis", [h for h in cases if h.truth == OSTEONECROSIS]),
            ("mimics", [h for h in cases if h.truth != OSTEONECROSIS]),
            ("all", cases),
        )
    ]
    outcomes = {view: outcome(cases, diagnoses) for view, cases in seen.items()}
    parts = [
        _HEAD,
        table(("what the engine sees", "patients", "first", "among the first three"), rows),
        "## Reliability of the probability of osteonecrosis\n",
        "![Reliability](cases-reliability.svg)\n",
        section(outcomes),
        *(f"## Confusion {view}\n\n{confusion(cases, diagnoses)}" for view, cases in seen.items()),
        _emergencies(seen["with imaging"]),
    ]
    return "\n".join(parts), picture(outcomes, "osteonecrosis")


def _emergencies(cases: list[Hip]) -> str:
    """List how the emergencies among the cases were called."""
    called = {hip.case: (hip.emergency, hip.level == "emergency") for hip in cases}
    missed = [case for case, (is_one, said) in called.items() if is_one and not said]
    false = [case for case, (is_one, said) in called.items() if said and not is_one]
    total = sum(is_one for is_one, _ in called.values())
    return (
        f"## Emergencies\n\n{total - len(missed)} of {total} emergencies are called one; missed: "
        f"{', '.join(missed) or 'none'}; called one without being one in the report: "
        f"{', '.join(false) or 'none'}.\n"
    )


def main() -> str:
    """Write the page and the plot."""
    report, plot = page(load())
    PAGE.write_text(report, encoding="utf-8")
    PICTURE.write_text(plot, encoding="utf-8")
    return report


if __name__ == "__main__":
    print(main())
