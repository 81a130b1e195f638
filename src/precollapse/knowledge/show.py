"""One entry of the knowledge in full, and what refers to it."""

from __future__ import annotations

import difflib
from typing import Any, NamedTuple

import msgspec

from precollapse.errors import KnowledgeError
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.check_links import named
from precollapse.knowledge.walk import ENTRY_KINDS, cited, entries


class Shown(NamedTuple):
    """An entry, the part of the knowledge it stands in, and the entries that name it."""

    kind: str
    entry: dict[str, Any]
    named_by: list[str]


def show(knowledge: Knowledge, name: str) -> list[Shown]:
    """Return every entry with an id; a concept and a source may share one.

    Raises
    ------
    KnowledgeError
        When there is none; the message names the nearest ids.
    """
    shown = [
        Shown(kind, _plain(getattr(knowledge, kind)[name]), _named_by(knowledge, kind, name))
        for kind in (*ENTRY_KINDS, "sources", "pathway")
        if name in getattr(knowledge, kind)
    ]
    if not shown:
        known = [key for kind in (*ENTRY_KINDS, "sources", "pathway") for key in getattr(knowledge, kind)]
        near = difflib.get_close_matches(name, known, n=3)
        hint = f"; did you mean {' or '.join(near)}?" if near else "; try: precollapse knowledge search"
        raise KnowledgeError(f"there is no entry {name!r}{hint}")
    return shown


def _plain(entry: Any) -> dict[str, Any]:
    """Return the entry as YAML would show it: without what was left at its default."""
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(entry))
    return {key: value for key, value in plain.items() if value not in (None, [], {}, (), False)}


def _named_by(knowledge: Knowledge, part: str, name: str) -> list[str]:
    if part == "sources":
        return sorted({f"{kind}/{entry}" for kind, entry, source in cited(knowledge) if source == name})
    return sorted(
        f"{kind}/{entry.id}"
        for kind, entry in entries(knowledge)
        if any((target, id_) == (part, name) for _, target, id_ in named(kind, entry.id, entry))
    )
