"""Keeps what is built from the knowledge (indices, word patterns) so that it is built once."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from precollapse.knowledge.bundle import Knowledge

T = TypeVar("T")

KEPT = 4  # a process works with one knowledge; tests with a few


def once_per_knowledge(build: Callable[[Knowledge], T]) -> Callable[[Knowledge], T]:
    """Make a function of the knowledge remember its result for each knowledge it was given.

    Remembered by identity: two knowledges may share a version while one is being edited.
    """
    kept: list[tuple[Knowledge, T]] = []

    @wraps(build)
    def remembered(knowledge: Knowledge) -> T:
        for known, result in kept:
            if known is knowledge:
                return result
        result = build(knowledge)
        kept.insert(0, (knowledge, result))
        del kept[KEPT:]
        return result

    return remembered
