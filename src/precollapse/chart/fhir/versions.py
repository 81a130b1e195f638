"""Sets older versions of an entry aside when a record holds several (history bundles, corrections)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from precollapse.chart.fhir.datatypes import NOTHING, Extension, listed
from precollapse.chart.fhir.decode import Item, plain_bytes
from precollapse.chart.fhir.resources import TYPE_NAMES, Resource

SetAside = Callable[[Item, str], None]


class _Meta(msgspec.Struct, rename="camel"):
    version_id: str | None = None
    last_updated: str | None = None


class _Versioned(msgspec.Struct):
    meta: _Meta | None = None


class _Entry(msgspec.Struct):
    resource: _Versioned | None = None


class _Bundle(msgspec.Struct):
    entry: list[_Entry] | None = None


def superseded(items: list[Item], data: bytes, set_aside: SetAside) -> list[Item]:
    """Return the items without older versions of the same resource and without what others replace.

    Parameters
    ----------
    items
        The resources of one file.
    data
        The file: versions are decoded only when a resource stands in it twice.
    set_aside
        Called for each item that is left out, with the reason in words.
    """
    read = [item[2] for item in items if isinstance(item[2], Resource) and item[2].id]
    twice = len({resource.id for resource in read}) < len(read)
    replaced = _replaced(read)
    if not twice and not replaced:
        return items
    newest = _newest(items, data) if twice else {}
    kept = []
    for number, item in enumerate(items):
        kind = TYPE_NAMES.get(type(item[2]), "")
        if newest.get((type(item[2]), _id(item)), number) != number:
            set_aside(item, "an older version of the same entry")
        elif f"{kind}/{_id(item)}" in replaced:
            set_aside(item, "another entry says that it replaces this one")
        else:
            kept.append(item)
    return kept


def _id(item: Item) -> str | None:
    identity = getattr(item[2], "id", None)
    return identity if type(item[2]) in TYPE_NAMES else None


def _newest(items: list[Item], data: bytes) -> dict[Any, int]:
    """Return the number of the newest item of every resource that stands in the file more than once."""
    versions = _versions(data)
    newest: dict[Any, int] = {}
    for number, item in enumerate(items):
        key = (type(item[2]), _id(item))
        if key[1] is None:
            continue
        known = newest.get(key)
        if known is None or _rank(versions, number) > _rank(versions, known):
            newest[key] = number
    return newest


def _rank(versions: list[tuple[int, str]], number: int) -> tuple[int, str]:
    return versions[number] if number < len(versions) else (0, "")


def _versions(data: bytes) -> list[tuple[int, str]]:
    try:
        bundle = msgspec.json.decode(plain_bytes(data, "record"), type=_Bundle)
    except msgspec.ValidationError:
        return []
    found = []
    for entry in bundle.entry or ():
        meta = (entry.resource.meta if entry.resource else None) or _Meta()
        version = meta.version_id or ""
        found.append((int(version) if version.isdigit() else 0, meta.last_updated or ""))
    return found


def _replaced(resources: list[Resource]) -> set[str]:
    """Return the references of resources that others say they replace."""
    found: set[str] = set()
    for resource in resources:
        raw = getattr(resource, "extension", NOTHING)
        if raw is NOTHING or b"/replaces" not in bytes(raw):
            continue
        for extension in listed(raw, Extension):
            reference = extension.value_reference
            if (extension.url or "").endswith("/replaces") and reference and reference.reference:
                found.add("/".join(reference.reference.split("/_history/")[0].split("/")[-2:]))
    return found
