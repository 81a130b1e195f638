"""Ways through the knowledge that every check and the search need: entries, figures, codes, conditions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from precollapse.errors import KnowledgeError
from precollapse.knowledge import conditions
from precollapse.knowledge.bundle import FILES, Knowledge
from precollapse.knowledge.model import Code, Entry, Figure
from precollapse.knowledge.model_forecast import ForecastSettings, Unused
from precollapse.knowledge.model_plan import Answer, Question, RehabilitationPhase
from precollapse.knowledge.model_staging import Contradiction, StageGrade, StagingSettings, StagingSystem
from precollapse.knowledge.model_treatment import Part, Treatment

# Parts that hold entries with an id, sources and pathway items, and parts that are read as plain YAML.
ENTRY_KINDS = tuple(
    spec.field for spec in FILES if spec.many and isinstance(spec.type, type) and issubclass(spec.type, Entry)
)
RAW_KINDS = tuple(spec.field for spec in FILES if not isinstance(spec.type, type))
# Parts that are one struct with conditions, not entries.
SETTINGS = ("risk_settings", "diagnosis_settings", "staging_settings", "forecast_settings")
CONDITION_FIELDS = (
    "derive", "zero_when", "absent_when",
    "when", "suspected", "present", "not_with", "established_when", "no_head_when",
    "excluded_when", "barred_when", "counts_when", "unless", "useful_when", "done_when", "pain",
    "applies_when", "child_when", "not_for", "considered_when", "taken_when", "found_when",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with an entry: where, what, and what to do about it."""

    kind: str
    entry: str
    what: str
    fix: str
    file: str = ""

    def __str__(self) -> str:
        """Return the problem as one line."""
        return f"{self.file or self.kind}: {self.entry}: {self.what}; {self.fix}"


def entries(knowledge: Knowledge) -> Iterator[tuple[str, Entry]]:
    """Yield every entry with the name of the part it belongs to."""
    for kind in ENTRY_KINDS:
        for entry in getattr(knowledge, kind).values():
            yield kind, entry
    yield "safety_statement", knowledge.safety_statement


def values_of(
    kind: type[Any] | tuple[type[Any], ...], node: Any, path: str = ""
) -> Iterator[tuple[str, Any]]:
    """Yield every value of one type inside a struct, with the path that leads to it."""
    if isinstance(node, kind):
        yield path, node
    elif isinstance(node, msgspec.Struct):
        for name in node.__struct_fields__:
            yield from values_of(kind, getattr(node, name), f"{path}.{name}" if path else name)
    elif isinstance(node, dict):
        for name, value in node.items():
            yield from values_of(kind, value, f"{path}.{name}" if path else str(name))
    elif isinstance(node, list | tuple):
        for number, value in enumerate(node):
            yield from values_of(kind, value, f"{path}[{number}]")


def figures(knowledge: Knowledge) -> Iterator[tuple[str, str, str, Figure]]:
    """Yield part, entry, path and figure of every published or judged number."""
    for kind, entry in entries(knowledge):
        for path, figure in values_of(Figure, entry):
            yield kind, entry.id, path, figure
    for kind in SETTINGS:
        for path, figure in values_of(Figure, getattr(knowledge, kind)):
            yield kind, "settings", path, figure


def codes(knowledge: Knowledge) -> Iterator[tuple[str, str, str, str]]:
    """Yield part, entry, system and code of every code of a terminology."""
    for kind, entry in entries(knowledge):
        for _, code in values_of(Code, entry):
            yield kind, entry.id, code.system, code.code
    for kind in RAW_KINDS:
        for path, mapping in _mappings(getattr(knowledge, kind)):
            if isinstance(mapping.get("system"), str) and isinstance(mapping.get("code"), str):
                yield kind, path, mapping["system"], mapping["code"]


def cited(knowledge: Knowledge) -> Iterator[tuple[str, str, str]]:
    """Yield part, entry and source of every citation."""
    for kind, entry in entries(knowledge):
        for source in _cited_by(entry):
            yield kind, entry.id, source
    for kind, name, path, figure in figures(knowledge):
        yield kind, f"{name}.{path}", figure.source
    for kind in SETTINGS:
        for path, unused in values_of(Unused, getattr(knowledge, kind)):
            yield kind, path, unused.source
    for kind in RAW_KINDS:
        for path, mapping in _mappings(getattr(knowledge, kind)):
            named = mapping.get("sources") or []
            for source in [mapping.get("source"), *(named if isinstance(named, list) else [])]:
                if isinstance(source, str):
                    yield kind, path, source


def _cited_by(entry: Entry) -> Iterator[str]:
    yield from dict.fromkeys(entry.sources)
    yield from dict.fromkeys(code.source for _, code in values_of(Code, entry) if code.source)
    ranges, meaning = getattr(entry, "ranges", None), getattr(entry, "meaning", None)
    if ranges is not None:
        named = (ranges.usual_source, *(case.source for case in ranges.usual_when))
        yield from dict.fromkeys(name for name in named if name)
    if meaning is not None and meaning.source:
        yield meaning.source
    yield from getattr(entry, "licence_sources", ())
    formula = getattr(entry, "cockcroft_gault", None)
    if formula is not None:
        yield formula.source
    bands_source = getattr(entry, "bands_source", None)
    if bands_source:
        yield bands_source
    yield from dict.fromkeys(name for part in _citing_parts(entry) for name in _sources_of(part))


def _citing_parts(entry: Entry) -> Iterator[Any]:
    for kind in (StageGrade, Part, Answer, RehabilitationPhase):
        yield from (part for _, part in values_of(kind, entry))


def _sources_of(part: Any) -> Iterator[str]:
    yield from getattr(part, "sources", ())
    if getattr(part, "source", None):
        yield part.source


def _mappings(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        yield path, node
        for name, value in node.items():
            yield from _mappings(value, f"{path}.{name}" if path else str(name))
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from _mappings(value, f"{path}[{number}]")


Found = tuple[str, str, str, conditions.Condition | Problem]


def conditions_in(knowledge: Knowledge) -> Iterator[Found]:
    """Yield part, entry, field and condition; a problem where a condition cannot be read."""
    for kind, entry in entries(knowledge):
        yield from conditions_of(kind, entry.id, entry)
    for kind in SETTINGS:
        yield from conditions_of(kind, "settings", getattr(knowledge, kind))


def conditions_of(kind: str, name: str, entry: Any) -> Iterator[Found]:
    """Yield the conditions of one entry, and of its parts, in the same way."""
    for path, part in (("", entry), *_parts(entry)):
        yield from _own_conditions(kind, name, path, part)


def _parts(entry: Any) -> Iterator[tuple[str, Any]]:
    """Yield the parts of an entry that have conditions of their own, each with the path to it."""
    yield from ((f"bars[{number}].", bar) for number, bar in enumerate(getattr(entry, "bars", ())))
    if isinstance(entry, StagingSystem):
        yield from ((f"grades.{grade.id}.", grade) for grade in entry.grades)
    elif isinstance(entry, Contradiction):
        yield from (("weaker.", entry.weaker), ("stronger.", entry.stronger))
    elif isinstance(entry, StagingSettings):
        yield from ((f"readings[{number}].", reading) for number, reading in enumerate(entry.readings))
    elif isinstance(entry, Treatment):
        yield from ((f"{path}.", part) for path, part in values_of(Part, entry))
    elif isinstance(entry, Question):
        yield from ((f"answers[{number}].", part) for number, part in enumerate(entry.answers))
    elif isinstance(entry, ForecastSettings):
        yield from ((f"covariates.{one.name}.", one) for one in entry.covariates)
        yield from ((f"narrowed[{number}].", rule) for number, rule in enumerate(entry.narrowed))


def _own_conditions(kind: str, name: str, path: str, entry: Any) -> Iterator[Found]:
    for own, raw in _raw_conditions(entry):
        field = f"{path}{own}"
        try:
            yield kind, name, field, conditions.parse(raw, name)
        except (KnowledgeError, TypeError, ValueError) as error:
            what = str(error).removeprefix(f"{name}: ")
            yield kind, name, field, Problem(kind, name, f"{field}: {what}", "see the forms in conditions.py")


def _raw_conditions(entry: Any) -> Iterator[tuple[str, Any]]:
    for name, raw in getattr(entry, "setting_when", {}).items():
        yield f"setting_when.{name}", raw
    for field in CONDITION_FIELDS:
        if getattr(entry, field, None) is not None:
            yield field, getattr(entry, field)
    ranges = getattr(entry, "ranges", None)
    for number, case in enumerate(ranges.usual_when if ranges is not None else ()):
        yield f"ranges.usual_when[{number}].when", case.when
