"""The treatments part: every treatment anybody would think of, in the order of what this patient wants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from precollapse.assessment.context import Context
from precollapse.assessment.option_argued import argued
from precollapse.assessment.option_nodes import OtherOrder, Treatments
from precollapse.engine.options import NOT_CONSIDERED, STATES, Arguments
from precollapse.engine.preference import preference
from precollapse.knowledge.model_treatment import Goal

BY_STATE = "Best first: what may be given before what must wait; among equals by the goals of the patient."
NOTHING = "No treatment is considered on what is recorded."


@dataclass(frozen=True, slots=True)
class Placed:
    """A treatment on one hip of the patient, and the place of its state in ``STATES``."""

    arguments: Arguments
    row: int
    state: int


def treatments_part(context: Context, as_of: date) -> Treatments:
    """Argue every treatment for one patient.

    Parameters
    ----------
    context
        The patient.
    as_of
        The day from which checks are dated.
    """
    goals = [goal for goal in _goals(context) if context.state(f"goal:{goal}", 0)]
    placed = considered(context)
    shown = _in_order(placed, goals)
    names = _goals(context)
    return Treatments(
        says=BY_STATE if shown else NOTHING,
        goals=tuple(names[goal] for goal in goals),
        goals_unknown=tuple(name for goal, name in names.items() if context.state(f"goal:{goal}", 0) is None),
        options=tuple(
            argued(context, one.arguments, one.row, STATES[one.state], rank, as_of)
            for rank, one in enumerate(shown, start=1)
        ),
        other_orders=_other_orders(context, placed, goals),
    )


def considered(context: Context) -> list[Placed]:
    """Return every treatment somebody would think of, on each hip it is argued for.

    Where it is not decided per hip, the hip it suits best speaks for the patient.
    """
    options, found = context.advice.options, []
    table = options.state[list(context.rows)]
    for column, one in enumerate(options.arguments):
        places = [
            Placed(one, row, int(state))
            for row, state in enumerate(table[:, column])
            if state != NOT_CONSIDERED
        ]
        found += places if one.treatment.per == "hip" else sorted(places, key=lambda place: place.state)[:1]
    return found


def _in_order(placed: list[Placed], goals: Sequence[str]) -> list[Placed]:
    return sorted(placed, key=lambda one: (preference(one.arguments.treatment, one.state, goals), one.row))


def _goals(context: Context) -> dict[Goal, str]:
    return {goal.goal: goal.name for goal in context.knowledge.goals.values()}


def _other_orders(context: Context, placed: list[Placed], goals: Sequence[str]) -> tuple[OtherOrder, ...]:
    """Say which goal, if it alone counted, would put another treatment first."""
    if not placed:
        return ()
    first = _in_order(placed, goals)[0].arguments.treatment
    others = {goal: _in_order(placed, [goal])[0].arguments.treatment for goal in _goals(context)}
    return tuple(
        OtherOrder(goal=name, first=others[goal].name)
        for goal, name in _goals(context).items()
        if others[goal].serves[goal] > first.serves[goal]
    )
