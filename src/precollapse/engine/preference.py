"""The order of treatments by what a patient wants.

The state of a treatment comes first: what may be given goes before what must wait. Among equals the goals of
the patient decide, then how well the treatment is shown to help. Without a stated goal all weigh the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from precollapse.knowledge.model import Grade
from precollapse.knowledge.model_treatment import Treatment

GRADES: tuple[str, ...] = get_args(Grade)


def preference(treatment: Treatment, state: int, goals: Sequence[str]) -> tuple[int, int, int, str]:
    """Return the key by which treatments are sorted, best first.

    Parameters
    ----------
    treatment
        The treatment.
    state
        Its place in ``precollapse.engine.options.STATES`` for one hip.
    goals
        The goals that count; none means all alike.
    """
    points = sum(points for goal, points in treatment.serves.items() if not goals or goal in goals)
    return state, -points, GRADES.index(treatment.evidence.grade), treatment.name
