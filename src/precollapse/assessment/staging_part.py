"""The staging part: what each system says of a hip, what would decide, borders, contradictions.

Reads the engine's truth values; the only arithmetic is the distance of a value from a border.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import msgspec

from precollapse.assessment.context import Context
from precollapse.assessment.explain import deciding_facts
from precollapse.assessment.nodes import FactReference
from precollapse.assessment.risk_part import figure_used
from precollapse.assessment.staging_nodes import (
    BorderDistance,
    ContradictionFound,
    ContradictionSide,
    DecidingFact,
    Staging,
    SystemStage,
)
from precollapse.engine.program import Program
from precollapse.engine.staging import STATES, StagingResult
from precollapse.facts.table import FALSE, TRUE, UNKNOWN
from precollapse.knowledge.conditions import Leaf, leaves
from precollapse.knowledge.model_staging import Contradiction, Side, StagingSystem

NOTHING = ("not applicable", "nothing known")


def staging_of_hip(context: Context, row: int) -> Staging:
    """Return every system that says something of a hip, or why none does."""
    found, place = context.evaluation.staging, context.rows[row]
    applicable, says = _applicable(context, found, place)
    systems = tuple(
        _system(context, system, row)
        for system in found.model.systems
        if STATES[found.systems[system.id].state[place]] not in NOTHING
        or (applicable and _barred(found, system, place))
    )
    contradictions = tuple(
        _contradiction(context, entry, row)
        for entry in context.knowledge.contradictions.values()
        if found.contradictions[entry.id][place]
    )
    return Staging(applicable=applicable, says=says, systems=systems, contradictions=contradictions)


def _applicable(context: Context, found: StagingResult, place: int) -> tuple[bool, str | None]:
    """Return whether the systems apply to a hip, and what is to be said of that."""
    settings = context.knowledge.staging_settings
    applies = found.frame.at("applies", place) is True
    unknown = None
    for number, bar in enumerate(settings.bars):
        held = found.frame.at(f"bar:{number}", place)
        if held:
            return False, bar.says if applies else settings.not_shown_says
        if held is None and unknown is None:
            unknown = bar.if_unknown
    return applies, unknown if applies else settings.not_shown_says


def _barred(found: StagingResult, system: StagingSystem, place: int) -> bool:
    return system.barred_when is not None and found.believed.at(f"barred:{system.id}", place) is True


def _system(context: Context, system: StagingSystem, row: int) -> SystemStage:
    found, place = context.evaluation.staging, context.rows[row]
    result = found.systems[system.id]
    state = STATES[result.state[place]]
    grades = result.grades[place].tolist()
    proven = grades.index(TRUE) if TRUE in grades else None
    possible = tuple(grade.name for grade, sign in zip(system.grades, grades, strict=True) if sign != FALSE)
    explained = _Explained(context, system, row)
    staged = state == "staged" and proven is not None
    return SystemStage(
        id=system.id,
        name=system.name,
        kind=cast("Any", system.kind),
        state=cast("Any", state),
        says=_says(system, state, proven),
        possible=() if state in {"not applicable", "as reported"} else possible,
        facts=explained.facts(proven),
        decided_by=explained.decided_by(grades) if state in {"possible", "contradiction"} else (),
        could_change=explained.could_change(proven) if staged and proven is not None else (),
        borders=_borders(context, system, row),
        reported=_reported(context, system, row),
        disagrees=bool(result.disagrees[place]),
        reliability=tuple(figure_used(figure) for figure in system.reliability),
        grade=system.grades[proven].grade if proven is not None else system.grade,
        note=system.note,
        sources=_sources(system, proven),
    )


def _says(system: StagingSystem, state: str, proven: int | None) -> str:
    """Return the words for a state; of a proven grade those of the knowledge."""
    if state == "not applicable":
        return system.barred_says or ""
    if state == "staged" and proven is not None:
        return system.grades[proven].says
    return {
        "as reported": "As a reader stated it.",
        "possible": "Not decided by what is known.",
        "none fits": "No grade of this system describes these findings.",
        "contradiction": "Findings contradict each other.",
    }.get(state, "")


def _sources(system: StagingSystem, proven: int | None) -> tuple[str, ...]:
    own = system.grades[proven].sources if proven is not None else ()
    return tuple(dict.fromkeys((*own, *system.sources)))


class _Explained:
    """Which facts carry the grades of one system on one hip, and which would decide between them."""

    def __init__(self, context: Context, system: StagingSystem, row: int) -> None:
        found = context.evaluation.staging
        self.context, self.system, self.row = context, system, row
        self.place = context.rows[row]
        state = STATES[found.systems[system.id].state[self.place]]
        self.truths = found.doubted if state == "contradiction" else found.believed
        self.program: Program = found.model.grades
        # Facts of an examination that was not made and that is read as showing nothing.
        self.not_made = {
            fact
            for reading in found.model.readings
            if reading.unless and deciding_facts(reading.condition, self._raw)[0] is not True
            for fact in reading.rule.absent
            if self._unwritten(fact)
        }

    def _raw(self, leaf: Leaf) -> bool | None:
        value = self.context.evaluation.staging.frame.leaves(leaf)[self.place]
        return None if value == UNKNOWN else bool(value == TRUE)

    def _unwritten(self, fact: str) -> bool:
        return self.context.facts.reference(fact, self.row).value is None

    def _truth(self, leaf: Leaf) -> bool | None:
        value = self.truths.leaves(leaf)[self.place]
        return None if value == UNKNOWN else bool(value == TRUE)

    def _open_truth(self, leaf: Leaf) -> bool | None:
        """Return the truth with what was not examined left open."""
        return None if leaf.fact in self.not_made else self._truth(leaf)

    def facts(self, proven: int | None) -> tuple[FactReference, ...]:
        """Return the recorded facts that carry the proven grade, or those that speak for any."""
        if proven is not None:
            names = self._carrying(proven)
        else:
            names = tuple(fact for place in range(len(self.system.grades)) for fact in self._true(place))
        written = dict.fromkeys(fact for name in names for fact in self._written(name))
        references = (self.context.facts.reference(name, self.row) for name in written)
        return tuple(reference for reference in references if reference.why_unknown is None)

    def _written(self, fact: str, steps: int = 3) -> tuple[str, ...]:
        """Return the recorded facts behind one that was read from others."""
        if not steps or self.context.facts.reference(fact, self.row).why_unknown is None:
            return (fact,)
        found: dict[str, None] = {}
        for reading in self.context.evaluation.staging.model.readings:
            if fact in (*reading.rule.absent, *reading.rule.shown, *reading.rule.zero):
                value, names = deciding_facts(reading.condition, self._truth)
                if value and not reading.unless:
                    found |= dict.fromkeys(own for name in names for own in self._written(name, steps - 1))
        return tuple(found)

    def _condition(self, place: int) -> Any:
        return self.program.conditions[f"stage:{self.system.id}:{self.system.grades[place].id}"]

    def _carrying(self, place: int) -> tuple[str, ...]:
        return deciding_facts(self._condition(place), self._truth)[1]

    def _true(self, place: int) -> tuple[str, ...]:
        return tuple(leaf.fact for leaf in leaves(self._condition(place)) if self._truth(leaf))

    def decided_by(self, grades: list[int]) -> tuple[DecidingFact, ...]:
        """Return the unknown facts that keep grades possible, those of most grades first."""
        counted: dict[str, int] = {}
        for place, sign in enumerate(grades):
            value, facts = deciding_facts(self._condition(place), self._truth)
            if sign == UNKNOWN and value is None:
                for fact in facts:
                    counted[fact] = counted.get(fact, 0) + 1
        return self._questions(sorted(counted, key=lambda fact: -counted[fact]))

    def could_change(self, proven: int) -> tuple[DecidingFact, ...]:
        """Return what an examination that was not made could show to make the grade a higher one."""
        facts: dict[str, None] = {}
        for place in range(proven + 1, len(self.system.grades)):
            value, open_facts = deciding_facts(self._condition(place), self._open_truth)
            if value is None:
                facts |= dict.fromkeys(fact for fact in open_facts if fact in self.not_made)
        return self._questions(facts)

    def _questions(self, facts: Iterable[str]) -> tuple[DecidingFact, ...]:
        references = {fact: self.context.facts.reference(fact, self.row) for fact in facts}
        return tuple(
            DecidingFact(
                concept=fact,
                question=self.context.knowledge.concepts[fact].question,
                why_unknown=reference.why_unknown or "not asked",
            )
            for fact, reference in references.items()
            if reference.value is None or reference.why_unknown is not None
        )


def _borders(context: Context, system: StagingSystem, row: int) -> tuple[BorderDistance, ...]:
    """Return of each measured value the border that is nearest to it."""
    names = {grade.id: grade.name for grade in system.grades}
    nearest: dict[str, BorderDistance] = {}
    for border in system.borders:
        fact = context.facts.reference(border.fact, row)
        if not isinstance(fact.value, float):
            continue
        distance = round(fact.value - border.at, 6)
        if border.fact not in nearest or abs(distance) < abs(nearest[border.fact].distance):
            nearest[border.fact] = BorderDistance(
                fact=fact,
                border=border.at,
                unit=border.unit,
                distance=distance,
                below=names[border.below],
                above=names[border.above],
            )
    return tuple(nearest.values())


def _reported(context: Context, system: StagingSystem, row: int) -> FactReference | None:
    if system.reported is None:
        return None
    reference = context.facts.reference(system.reported.fact, row)
    says_nothing = system.grades and reference.value not in system.reported.means
    return None if reference.value is None or says_nothing else reference


def _contradiction(context: Context, entry: Contradiction, row: int) -> ContradictionFound:
    return ContradictionFound(
        id=entry.id,
        name=entry.name,
        sides=(
            _side(context, f"weaker:{entry.id}", entry.weaker, row),
            _side(context, f"stronger:{entry.id}", entry.stronger, row),
        ),
        grade=entry.grade,
        sources=entry.sources,
    )


def _side(context: Context, name: str, side: Side, row: int) -> ContradictionSide:
    found, place = context.evaluation.staging, context.rows[row]
    is_weaker = name.startswith("weaker:")
    truths = found.weaker if is_weaker else found.frame
    program = found.model.weaker if is_weaker else found.model.frame

    def truth(leaf: Leaf) -> bool | None:
        value = truths.leaves(leaf)[place]
        return None if value == UNKNOWN else bool(value == TRUE)

    def reference(fact: str) -> FactReference:
        shown = context.facts.reference(fact, row)
        overruled = context.evaluation.staging.overruled.get(fact)
        denied = is_weaker and overruled is not None and bool(overruled[place])
        return msgspec.structs.replace(shown, value=False) if denied else shown

    references = map(reference, deciding_facts(program.conditions[name], truth)[1])
    return ContradictionSide(
        says=side.says, facts=tuple(fact for fact in references if fact.why_unknown is None)
    )
