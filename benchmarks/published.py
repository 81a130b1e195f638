"""All published cases as one table of hips, so that a changed number is tried on all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import yaml

from benchmarks.cases import AS_OF, CASES, VIEWS, read_case, reported_sides
from precollapse.engine.program import Truths, program
from precollapse.engine.risk import RiskResult, compute_risk
from precollapse.facts.build import build_facts
from precollapse.facts.table import HipTable
from precollapse.knowledge.bundle import Knowledge


@dataclass(frozen=True, slots=True)
class Published:
    """The published patients, once for each view of their imaging.

    Attributes
    ----------
    hips, truths, risk
        As in the engine; these do not depend on the numbers of the differential.
    patients
        The rows of each patient.
    reported
        Which hips the reports are about.
    """

    hips: HipTable
    truths: Truths
    risk: RiskResult
    patients: list[list[int]]
    reported: np.ndarray[Any, np.dtype[np.bool_]]


def published(knowledge: Knowledge, views: Sequence[str]) -> Published:
    """Read the cases of some views of their imaging."""
    reports = yaml.safe_load((CASES / "reported.yaml").read_text(encoding="utf-8"))
    tables, reported = [], []
    for view in views:
        for name, report in reports.items():
            facts = build_facts(read_case(name, VIEWS[view], knowledge), knowledge, AS_OF)
            tables.append(facts.table)
            sides = reported_sides(report)
            reported += [hip in sides for hip in facts.table.hips.tolist()]
    hips = stacked(tables)
    truths = program(knowledge).run(hips)
    risk = compute_risk(hips, truths, knowledge, knowledge.risk_settings.horizons_years)
    ends = np.cumsum([table.height for table in tables])
    patients = [list(range(end - t.height, end)) for end, t in zip(ends.tolist(), tables, strict=True)]
    return Published(hips, truths, risk, patients, np.array(reported))


def stacked(tables: Sequence[HipTable]) -> HipTable:
    """Put tables of hips one below the other."""
    starts = np.cumsum([0, *(table.height for table in tables[:-1])])
    people = np.cumsum([0, *(int(table.persons.max()) + 1 for table in tables[:-1])])

    def names(part: str) -> list[str]:
        return sorted({name for table in tables for name in getattr(table, part)})

    def column(get: str, name: str) -> np.ndarray[Any, Any]:
        return np.concatenate([getattr(table, get)(name) for table in tables])

    def moved(part: str) -> np.ndarray[Any, Any]:
        return np.concatenate([getattr(t, part) + start for t, start in zip(tables, starts, strict=True)])

    return HipTable(
        knowledge=tables[0].knowledge,
        persons=np.concatenate(
            [t.persons + np.uint32(first) for t, first in zip(tables, people, strict=True)]
        ),
        hips=np.concatenate([table.hips for table in tables]),
        left=moved("left"),
        right=moved("right"),
        truths={name: column("truth", name) for name in names("truths")},
        choices={name: column("choice", name) for name in names("choices")},
        lows={name: column("low", name) for name in names("lows")},
        highs={name: column("high", name) for name in names("highs")},
        since={name: column("years", name) for name in names("since")},
    )
