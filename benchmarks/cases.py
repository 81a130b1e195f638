"""Asks of the published cases whether the diagnosis of the report comes first, with imaging and without.

Run ``python -m benchmarks.cases``; it prints the report and writes docs/benchmarks/cases.md with a
reliability plot. Nothing here is fitted: no figure of the knowledge was set by looking at a case.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from benchmarks.measure import table
from precollapse.chart.reader import read_bytes
from precollapse.engine.network import network
from precollapse.engine.run import Evaluation, evaluate
from precollapse.facts.build import Facts, build_facts
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.load import load

AS_OF = date(2026, 11, 22)
ROOT = Path(__file__).parents[1]
CASES = ROOT / "tests" / "cases"
PAGE = ROOT / "docs" / "benchmarks" / "cases.md"
PICTURE = PAGE.with_name("cases-reliability.svg")
OSTEONECROSIS = "osteonecrosis"
# The words of the reports, and the diagnosis of the knowledge that means the same.
DIAGNOSIS_OF = {
    "ONFH": OSTEONECROSIS,
    "transient osteoporosis": "transient_osteoporosis",
    "subchondral insufficiency fracture": "insufficiency_fracture",
    "hip osteoarthritis": "hip_osteoarthritis",
    "Perthes": "perthes",
    "SCFE": "slipped_epiphysis",
    "rapidly destructive osteoarthritis": "rapidly_destructive",
    "iliopsoas abscess": "infection",
    "sacroiliitis": "infection",
    "septic arthritis": "infection",
    "femoral neck stress fracture": "femoral_neck_fracture",
    "femoral neck fracture": "femoral_neck_fracture",
    "osteoid osteoma": "tumour",
    "tumour": "tumour",
    "FAI or labral tear": "impingement_or_labral_tear",
}
VIEWS = {
    "with imaging": lambda study: True,
    "imaging, without reports that name the diagnosis": lambda study: not study.get("names_diagnosis"),
    "without imaging": lambda study: False,
}


@dataclass(frozen=True, slots=True)
class Hip:
    """One hip of a published case: what the report found and what the engine says."""

    case: str
    side: str
    truth: str
    p: np.ndarray[Any, np.dtype[np.float64]]
    emergency: bool
    level: str


def hips(knowledge: Knowledge, view: str) -> list[Hip]:
    """Evaluate every published case, keeping only the imaging that a view allows."""
    reported = yaml.safe_load((CASES / "reported.yaml").read_text(encoding="utf-8"))
    found: list[Hip] = []
    for name, report in reported.items():
        raw = yaml.safe_load((CASES / "files" / f"{name}.yaml").read_text(encoding="utf-8"))
        raw["imaging"] = [study for study in raw.get("imaging", []) if VIEWS[view](study)]
        data = yaml.safe_dump(raw, allow_unicode=True).encode()
        facts = build_facts(read_bytes(data, f"{name}.yaml", knowledge, AS_OF), knowledge, AS_OF)
        found += _hips(name, report, facts, evaluate(facts, knowledge))
    return found


def _hips(name: str, report: dict[str, Any], facts: Facts, evaluation: Evaluation) -> list[Hip]:
    truth = DIAGNOSIS_OF["ONFH" if report["diagnosis"] == "ONFH" else report["cause_group"]]
    sides = {side: hip["onfh"] for side, hip in report["hips"].items()} or {"unspecified": True}
    level = evaluation.urgency["urgency"][0]
    rows = {hip: row for row, hip in enumerate(facts.table.hips.tolist())}
    return [
        Hip(name, side, truth, evaluation.differential.p[rows[side]], report["emergency"], level)
        for side, affected in sides.items()
        if (affected is not False or truth != OSTEONECROSIS) and side in rows
    ]


def _rank(hip: Hip, diagnoses: tuple[str, ...]) -> int:
    """Return at which place the diagnosis of the report stands; 1 is first."""
    return 1 + int((hip.p > hip.p[diagnoses.index(hip.truth)]).sum())


def _accuracy(cases: list[Hip], diagnoses: tuple[str, ...]) -> tuple[str, ...]:
    """Top 1 and top 3 per patient: the hip in which the diagnosis stands highest counts."""
    best: dict[str, int] = {}
    for hip in cases:
        best[hip.case] = min(best.get(hip.case, 99), _rank(hip, diagnoses))
    first, third = (sum(rank <= limit for rank in best.values()) for limit in (1, 3))
    return (
        f"{first} of {len(best)} ({first / len(best):.0%})",
        f"{third} of {len(best)} ({third / len(best):.0%})",
    )


def brier(cases: list[Hip], diagnoses: tuple[str, ...]) -> float:
    """Return the Brier score of osteonecrosis against anything else, over hips."""
    p, y = outcome(cases, diagnoses)
    return float(np.mean((p - y) ** 2))


def outcome(cases: list[Hip], diagnoses: tuple[str, ...]) -> tuple[Any, Any]:
    """Return the probability of osteonecrosis of every hip, and whether the report found it."""
    place = diagnoses.index(OSTEONECROSIS)
    return np.array([h.p[place] for h in cases]), np.array([h.truth == OSTEONECROSIS for h in cases], float)


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


def main() -> str:
    """Evaluate all views and write the page."""
    knowledge = load()
    diagnoses = network(knowledge).diagnoses
    seen = {view: hips(knowledge, view) for view in VIEWS}
    rows = []
    for view, cases in seen.items():
        for name, group in (
            ("osteonecrosis", [h for h in cases if h.truth == OSTEONECROSIS]),
            ("mimics", [h for h in cases if h.truth != OSTEONECROSIS]),
        ):
            rows.append((view, name, *_accuracy(group, diagnoses)))
        rows.append((view, "Brier score of osteonecrosis", f"{brier(cases, diagnoses):.3f}", ""))
    parts = [
        _HEAD,
        table(("what the engine sees", "patients", "first", "among the first three"), rows),
        "![Reliability](cases-reliability.svg)\n",
        *(f"## Confusion {view}\n\n{confusion(cases, diagnoses)}" for view, cases in seen.items()),
        _emergencies(seen["with imaging"]),
    ]
    report = "\n".join(parts)
    PAGE.write_text(report, encoding="utf-8")
    return report


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


if __name__ == "__main__":
    print(main())
