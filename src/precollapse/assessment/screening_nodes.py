"""The part of the document that says what a screening would recommend."""

from __future__ import annotations

from typing import Literal

from precollapse.assessment.nodes import Interval, Node
from precollapse.knowledge.model_screening import ScreeningAction


class Screened(Node, frozen=True, kw_only=True):
    """The recommendation of a screening, the rule behind it, and the probability that it rests on.

    ``side`` is the hip that decided; ``risk`` that of the hip in which osteonecrosis is most probable.
    """

    rule: str
    action: ScreeningAction
    says: str
    date: str | None
    reason: str
    side: Literal["left", "right", "both", "unspecified"] | None
    risk: float | None
    interval: Interval | None
    grade: str
    sources: tuple[str, ...]
