"""Sets older measurements aside before they are read, where only the latest can count.

A bulk export repeats weight, pressure and laboratory values by the dozen. Of a number of the patient of which
the latest counts, an older value can matter only if the latest cannot be read. So the latest is read first,
and where it gives a plain number, the older ones of the same code are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from datetime import date
from typing import Any

from precollapse.chart.dates import parse_partial
from precollapse.chart.fhir.coding import Meaning, Meanings
from precollapse.chart.fhir.datatypes import NOTHING
from precollapse.chart.fhir.readings import Reading, ValueReader
from precollapse.chart.fhir.resources import Observation
from precollapse.knowledge.bundle import Knowledge

FINAL = frozenset(("final", "amended", "corrected"))
DAY = len("2026-01-31")
_EMPTY = ("component", "body_site", "data_absent_reason", "interpretation", "effective_period")


class Latest:
    """Thins measurements with one knowledge.

    Parameters
    ----------
    knowledge
        What codes mean.
    never
        Concepts whose older values count all the same.
    """

    def __init__(self, knowledge: Knowledge, never: Set[str]) -> None:
        self._meanings = Meanings.of(knowledge)
        self._values = ValueReader(knowledge)
        self._simple = frozenset(
            concept.id
            for concept in knowledge.concepts.values()
            if concept.type == "number"
            and concept.resolve == "latest"
            and concept.level == "patient"
            and not concept.event
            and concept.id not in never
        )
        self._known: dict[bytes, Meaning | None] = {}

    def only(self, resources: Iterable[Any], as_of: date) -> list[Any]:
        """Return the resources without measurements that a later one has replaced by a day.

        What is dated after that day is kept as well: it may count later.
        """
        kept: list[Any] = []
        series: dict[tuple[bytes, bytes], list[tuple[str, Observation]]] = {}
        for resource in resources:
            day = self._day(resource)
            if day is None:
                kept.append(resource)
            else:
                series.setdefault((bytes(resource.subject), bytes(resource.code)), []).append((day, resource))
        for one in series.values():
            kept.extend(self._latest(one, as_of.isoformat()))
        return kept

    def _day(self, resource: Any) -> str | None:
        """Return the day of a plain measurement; None of anything else."""
        if type(resource) is not Observation or resource.status not in FINAL:
            return None
        if resource.value_quantity is NOTHING or self._meaning(resource) is None:
            return None
        if any(getattr(resource, name) is not NOTHING for name in _EMPTY):
            return None
        days = [text[:DAY] for text in (resource.effective_date_time, resource.issued) if text]
        if not resource.effective_date_time or resource.effective_instant or not all(map(_is_day, days)):
            return None
        return max(days)

    def _meaning(self, observation: Observation) -> Meaning | None:
        code = bytes(observation.code)
        if code not in self._known:
            meaning = self._meanings.of_raw(observation.code, "finding")
            plain = meaning.hits and all(hit.concept in self._simple for hit in meaning.hits)
            self._known[code] = meaning if plain and meaning.question is None else None
        return self._known[code]

    def _latest(self, series: list[tuple[str, Observation]], as_of: str) -> Iterable[Observation]:
        newest = max((day for day, _ in series if day <= as_of), default=None)
        latest = [observation for day, observation in series if day == newest]
        if newest is None or not all(map(self._readable, latest)):
            return [observation for _, observation in series]
        return [observation for day, observation in series if day >= newest]

    def _readable(self, observation: Observation) -> bool:
        meaning = self._meaning(observation)
        value = self._values.value_of(observation)
        readings = [self._values.read(hit, value, meaning.label) for hit in meaning.hits] if meaning else []
        return all(isinstance(one, Reading) and one.status == "present" for one in readings)


def _is_day(text: str) -> bool:
    found = parse_partial(text)
    return found is not None and found.precision == "day"
