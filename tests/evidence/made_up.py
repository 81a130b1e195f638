"""Study tables made up for tests: a few studies, read with the settings of the table of the package."""

from __future__ import annotations

from typing import Any

from precollapse.evidence.fitting.run import settings_of
from precollapse.evidence.table.model import Arm, Study, SurvivalPoint
from precollapse.evidence.table.read import StudyTable, load

BASE = load()
MODELS = settings_of()


def study(name: str, **fields: Any) -> Study:
    given = {
        "design": "randomised trial", "allocation": "random", "blinding": "double", "seen": "full text",
        "bibliography": "printed", "reliability": "high", "checked": "2026-11-22",
    } | fields  # fmt: skip
    return Study(id=name, **given)


def arm(name: str, treatment: str, events: int | None, n: int | None, **fields: Any) -> Arm:
    """One arm row of the study that its id begins with: hips followed for two years until collapse."""
    given = {
        "study": name.partition(":")[0], "arm": treatment, "role": "arm", "stage_group": "before collapse",
        "symptoms": "unknown", "size_system": "none", "cause": "mixed", "unit": "hips", "event": "collapse",
        "follow_up_years": 2.0, "follow_up_kind": "mean", "seen": "full text",
    } | fields  # fmt: skip
    return Arm(id=name, treatment=treatment, events=events, n=n, **given)


def table(
    *arms: Arm, survival: tuple[SurvivalPoint, ...] = (), studies: dict[str, dict[str, Any]] | None = None
) -> StudyTable:
    """A table of these arms; every study is a good trial unless ``studies`` says otherwise."""
    told = studies or {}
    names = dict.fromkeys(one.study for one in arms)
    return StudyTable(
        treatments=BASE.treatments,
        studies={name: study(name, **told.get(name, {})) for name in names},
        arms={one.id: one for one in arms},
        survival=survival,
        figures={},
    )


def trial(name: str, *counts: tuple[str, int, int], **fields: Any) -> tuple[Arm, ...]:
    """The arms of one study: treatment, events and hips of each."""
    return tuple(
        arm(f"{name}:{number}", treatment, events, n, **fields)
        for number, (treatment, events, n) in enumerate(counts, start=1)
    )
