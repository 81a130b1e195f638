"""What advice can ask of the engine's findings (``{found: …, is: …}``), and in which words."""

from __future__ import annotations

from typing import get_args

from precollapse.knowledge.model import UrgencyLevel
from precollapse.knowledge.model_forecast import State
from precollapse.knowledge.model_staging import StagingSystem

# Whether osteonecrosis of this hip is shown. A hip in which it is possible may turn out either way.
PROOF = ("shown", "possible", "unlikely", "no femoral head")
# Where a hip with a lesion stands; the first and the last state of the chain are before and after all of it.
STANDING: tuple[str, ...] = get_args(State)[1:-1]
# Of the patient: no cause of osteonecrosis, a cause, osteonecrosis in either hip.
RISK = ("none", "raised", "osteonecrosis")

# How a finding is called where it decided something.
NAMES = {
    "proof": "Osteonecrosis of this hip",
    "standing": "Where this hip stands",
    "risk": "Risk of osteonecrosis",
    "urgency": "Urgency",
}

# Sentences of the handout itself; not found by the engine, but written and checked like its plain words.
PAPERS = {
    "handout": (
        "given", "waiting", "avoided", "no plain reason", "taken", "after an operation", "dates",
        "lesion today", "collapse", "replacement",
    ),
}  # fmt: skip


def findable(systems: dict[str, StagingSystem]) -> dict[str, tuple[str, ...]]:
    """Return everything that can be asked for, with its categories."""
    return {
        "proof": PROOF,
        "standing": STANDING,
        "risk": RISK,
        "urgency": get_args(UrgencyLevel),
        **{system.id: tuple(grade.id for grade in system.grades) for system in systems.values()},
    }
