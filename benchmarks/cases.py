"""Asks of the published cases whether the diagnosis of the report comes first, with imaging and without.

``cases_report.py`` writes the page. Nothing here is fitted: no figure of the knowledge was set by looking
at a case.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from precollapse.chart.model import Chart
from precollapse.chart.reader import read_bytes
from precollapse.engine.run import Evaluation, evaluate
from precollapse.facts.build import Facts, build_facts
from precollapse.knowledge.bundle import Knowledge

AS_OF = date(2026, 11, 22)
ROOT = Path(__file__).parents[1]
CASES = ROOT / "tests" / "cases"
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
VIEWS: dict[str, Callable[[dict[str, Any]], bool]] = {
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
        facts = build_facts(read_case(name, VIEWS[view], knowledge), knowledge, AS_OF)
        found += _hips(name, report, facts, evaluate(facts, knowledge))
    return found


def read_case(name: str, seen: Callable[[dict[str, Any]], bool], knowledge: Knowledge) -> Chart:
    """Read one published case with those of its images that may be seen."""
    raw = yaml.safe_load((CASES / "files" / f"{name}.yaml").read_text(encoding="utf-8"))
    raw["imaging"] = [study for study in raw.get("imaging", []) if seen(study)]
    return read_bytes(yaml.safe_dump(raw, allow_unicode=True).encode(), f"{name}.yaml", knowledge, AS_OF)


def reported_sides(report: dict[str, Any]) -> dict[str, bool | None]:
    """Return the hips a report is about, and whether each was diseased."""
    truth = diagnosis_of(report)
    sides = {side: hip["onfh"] for side, hip in report["hips"].items()} or {"unspecified": True}
    return {side: hip for side, hip in sides.items() if hip is not False or truth != OSTEONECROSIS}


def diagnosis_of(report: dict[str, Any]) -> str:
    """Return the diagnosis of the knowledge that a report means."""
    return DIAGNOSIS_OF["ONFH" if report["diagnosis"] == "ONFH" else report["cause_group"]]


def _hips(name: str, report: dict[str, Any], facts: Facts, evaluation: Evaluation) -> list[Hip]:
    truth = diagnosis_of(report)
    level = evaluation.urgency["urgency"][0]
    rows = {hip: row for row, hip in enumerate(facts.table.hips.tolist())}
    return [
        Hip(name, side, truth, evaluation.differential.p[rows[side]], report["emergency"], level)
        for side in reported_sides(report)
        if side in rows
    ]


def rank(hip: Hip, diagnoses: tuple[str, ...]) -> int:
    """Return at which place the diagnosis of the report stands; 1 is first."""
    return 1 + int((hip.p > hip.p[diagnoses.index(hip.truth)]).sum())


def accuracy(cases: list[Hip], diagnoses: tuple[str, ...]) -> tuple[str, ...]:
    """Top 1 and top 3 per patient: the hip in which the diagnosis stands highest counts."""
    best: dict[str, int] = {}
    for hip in cases:
        best[hip.case] = min(best.get(hip.case, 99), rank(hip, diagnoses))
    first, third = (sum(rank <= limit for rank in best.values()) for limit in (1, 3))
    return (
        f"{first} of {len(best)} ({first / len(best):.0%})",
        f"{third} of {len(best)} ({third / len(best):.0%})",
    )


def outcome(cases: list[Hip], diagnoses: tuple[str, ...]) -> tuple[Any, Any]:
    """Return the probability of osteonecrosis of every hip, and whether the report found it."""
    place = diagnoses.index(OSTEONECROSIS)
    return np.array([h.p[place] for h in cases]), np.array([h.truth == OSTEONECROSIS for h in cases], float)
