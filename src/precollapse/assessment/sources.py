"""Which sources a document rests on: gathered from its parts, so that none can be forgotten."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from precollapse.assessment.model import SourceUsed
from precollapse.assessment.nodes import Node
from precollapse.evidence.fitted import StudyCited, load_fitted
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.model import Source

# Something to cite: a source of the knowledge, or a study that something was estimated from.
Cited = Source | StudyCited


def sources_used(parts: Iterable[Any], knowledge: Knowledge) -> tuple[SourceUsed, ...]:
    """List every source that something in the document rests on, each once, by id."""
    known: dict[str, Cited] = {**load_fitted().parameters.studies, **knowledge.sources}
    used = sorted({name for part in parts for name in _names(part)} & set(known))
    return tuple(_source(name, known[name]) for name in used)


def _names(node: Any) -> Iterator[str]:
    if isinstance(node, tuple):
        for part in node:
            yield from _names(part)
    elif isinstance(node, Node):
        for field in _fields(type(node)):
            value = getattr(node, field)
            if field == "source":
                yield value
            elif field == "sources":
                yield from value
            else:
                yield from _names(value)


@cache
def _fields(kind: type[Node]) -> tuple[str, ...]:
    """Return the fields of a part that name sources, or hold parts that do; most parts hold facts only."""
    hints = typing.get_type_hints(kind)
    return tuple(
        name
        for name in kind.__struct_fields__
        if name in {"source", "sources"} or any(_fields(part) for part in _parts(hints[name]))
    )


def _parts(hint: Any) -> Iterator[type[Node]]:
    """Yield the kinds of parts that a type of the document can hold."""
    if isinstance(hint, type) and issubclass(hint, Node):
        yield hint
    for inner in typing.get_args(hint):
        yield from _parts(inner)


def _source(name: str, source: Cited) -> SourceUsed:
    parts = [source.authors, source.title, source.journal, str(source.year) if source.year else None]
    return SourceUsed(
        id=name,
        citation=". ".join(part.rstrip(".") for part in parts if part) + ".",
        doi=source.doi,
        pmid=source.pmid,
        url=source.url,
        design=source.design,
        reliability=source.reliability,
    )
