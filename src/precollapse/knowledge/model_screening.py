"""The types of ``knowledge/screening/``: what screening recommends, and when."""

from __future__ import annotations

from typing import Any, Literal

from precollapse.knowledge.model import Entry, Figure, Grade, UrgencyLevel

ScreeningAction = Literal["mri_now", "radiograph_and_mri", "repeat_mri", "see_doctor", "nothing"]

# Those that send somebody to an image now; what an evaluation counts as a flag unless told otherwise.
IMAGE_ACTIONS: tuple[ScreeningAction, ...] = ("mri_now", "radiograph_and_mri")


class ScreeningRule(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A reason to recommend something; the first rule that holds decides.

    Attributes
    ----------
    action
        What is recommended. Where ``due`` gives a time that has not come yet it is ``repeat_mri`` instead.
    levels, urgency, timings
        Rules of urgency, by level or by id, and timings of tests, any of which makes this rule hold.
    when
        A condition that makes it hold.
    found_when
        Of the rule for what is known already: what an evaluation counts as osteonecrosis found.
    of_the_dead
        Whether it is about patients who have died, and about nobody else.
    not_done
        A test that must not have been done lately.
    least_probability
        How probable osteonecrosis must be.
    says
        The reason in a sentence; left out where the rule of urgency or the timing says it.
    does
        What to do; left out where the rule of urgency says it.
    clock, due, later
        From which fact the months of ``due`` count, and what to do when they have not passed; ``{date}``
        in it is the date.
    """

    name: str
    action: ScreeningAction
    levels: tuple[UrgencyLevel, ...] = ()
    urgency: tuple[str, ...] = ()
    timings: tuple[str, ...] = ()
    when: Any = None
    found_when: Any = None
    of_the_dead: bool = False
    not_done: str | None = None
    least_probability: Figure | None = None
    says: str | None = None
    does: str | None = None
    clock: str | None = None
    due: Figure | None = None
    later: str | None = None
    grade: Grade
