"""Parts of the document for the patient: each hip in plain words, and how often what happens."""

from __future__ import annotations

from typing import Literal

from precollapse.assessment.nodes import Interval, Node


class PlainHip(Node, frozen=True, kw_only=True):
    """One hip in plain words. ``proof`` and ``standing`` are the findings where they are certain."""

    side: Literal["left", "right"]
    proof: str | None
    standing: str | None
    says: tuple[str, ...]


class Frequency(Node, frozen=True, kw_only=True):
    """How often something happens, to be told of 100 like this one."""

    side: Literal["left", "right"]
    what: Literal["lesion today", "collapse", "replacement"]
    years: float
    value: float
    interval: Interval | None


class PlainSummary(Node, frozen=True, kw_only=True):
    """What the handout tells first. ``about`` is the hip with the stronger case for osteonecrosis."""

    about: Literal["left", "right"]
    urgency: str
    hips: tuple[PlainHip, ...]
    frequencies: tuple[Frequency, ...]
    next_test: str | None
