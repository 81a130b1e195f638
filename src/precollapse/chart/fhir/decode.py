"""Cuts FHIR JSON into resources with their places; one entry that cannot be read does not spoil the others.

A file is decoded in one pass with typed structs. Only when that fails, its entries are decoded one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import Raw

from precollapse.chart.fhir.datatypes import NOTHING
from precollapse.chart.fhir.resources import (
    AnyResource,
    Bundle,
    Header,
    RawBundle,
    RawEntry,
    Resource,
    Unused,
)
from precollapse.errors import InputError

DEEPEST_BUNDLE = 8  # bundles within bundles
SHOWN_MESSAGE = 200  # characters of a decoder's message; it may quote a value

_RESOURCE = msgspec.json.Decoder(AnyResource)
_LIST = msgspec.json.Decoder(list[AnyResource])
_RAW_LIST = msgspec.json.Decoder(list[Raw])
_RAW_BUNDLE = msgspec.json.Decoder(RawBundle)
_RAW_ENTRY = msgspec.json.Decoder(RawEntry)
_HEADER = msgspec.json.Decoder(Header)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An entry that could not be decoded: why, and what it calls itself."""

    reason: str
    detail: str
    kind: str = "entry"
    id: str | None = None


Content = Resource | Unused | Unreadable | None
Place = str | int  # within the file; a number is that of an entry at the top
Item = tuple[Place, str | None, Content]  # place, full url, content


def items_of(data: bytes, place: str) -> list[Item]:
    """Return every resource of a file with its place within the file.

    Raises
    ------
    InputError
        When the file as a whole is not JSON, or JSON but not FHIR.
    """
    text = plain_bytes(data, place)
    try:
        _refuse_other_encodings(text)
        return _all_items(text, place)
    except msgspec.DecodeError as error:
        raise InputError(place, f"is not valid JSON: {_short(error)}; export the record again") from error
    except RecursionError as error:
        raise InputError(place, "is nested too deeply to be a FHIR record") from error
    except UnicodeDecodeError as error:
        raise InputError(place, f"is not UTF-8 (byte {error.start}); save it as UTF-8") from error


def _all_items(text: bytes, place: str) -> list[Item]:
    try:
        return list(_flattened(_RESOURCE.decode(text) if text[:1] == b"{" else _LIST.decode(text)))
    except msgspec.ValidationError:
        return _one_by_one(text, place)


def items_of_lines(data: bytes, place: str) -> Iterator[Item]:
    """Yield the resource of every line of an NDJSON file; a line that cannot be read is told, not fatal."""
    text = plain_bytes(data, place)
    readable = False
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        label = f"line {number}"
        for item in _decoded(line, label):
            readable = readable or not isinstance(item[2], Unreadable) or item[2].reason != "not readable"
            yield item
    if not readable:
        raise InputError(place, "no line of it is a FHIR resource; NDJSON holds one JSON object a line")


def decode_lines(block: bytes) -> list[Any] | None:
    """Return the resource of every line; None when there is one that cannot be read.

    Blank lines give no resource, so that the lists of lines and of resources may differ in length.
    """
    try:
        _refuse_other_encodings(block)
        return _RESOURCE.decode_lines(block)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None


def decode_line(line: bytes) -> Any:
    """Return the resource of one line, a bundle as it is, or why there is none."""
    try:
        _refuse_other_encodings(line)
        return _RESOURCE.decode(line)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return next(iter(_decoded(line, "")))[2]


def _refuse_other_encodings(text: bytes) -> None:
    """Raise UnicodeDecodeError at once: fields that are decoded later must not fail for it."""
    if not text.isascii():
        text.decode()


def plain_bytes(data: bytes, place: str) -> bytes:
    """Return the bytes of a JSON text without mark and blanks, refusing what is certainly something else."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise InputError(place, "is UTF-16; FHIR is exchanged as UTF-8, save it as UTF-8")
    text = data.removeprefix(b"\xef\xbb\xbf").strip()
    if not text:
        raise InputError(place, "is empty; a FHIR resource, a Bundle or a list of resources is needed")
    if text[:1] not in {b"{", b"["}:
        raise InputError(place, "is not FHIR JSON: it must begin with { or [")
    return text


def is_ndjson(data: bytes) -> bool:
    """Tell whether the first line is a whole JSON object and others follow."""
    first, _, rest = data.removeprefix(b"\xef\xbb\xbf").strip().partition(b"\n")
    if not rest.strip() or not first.strip().endswith(b"}"):
        return False
    try:
        _HEADER.decode(first)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return False
    return True


def _flattened(content: Any) -> Iterator[Item]:
    if isinstance(content, Bundle) and not any(
        type(entry.resource) is Bundle for entry in content.entry or ()
    ):
        numbered: Any = enumerate(content.entry or ())
        return ((number, entry.full_url, entry.resource) for number, entry in numbered)
    return _flattened_slowly(content)


def place_text(place: Place) -> str:
    """Return a place in words."""
    return f"entry[{place}]" if isinstance(place, int) else place


def _flattened_slowly(content: Any) -> Iterator[Item]:
    if isinstance(content, list):
        for number, resource in enumerate(content):
            yield from _within(resource, f"entry[{number}]", None, 0)
    else:
        yield from _within(content, "", None, 0)


def _within(resource: Any, place: str, full_url: str | None, depth: int) -> Iterator[Item]:
    if not isinstance(resource, Bundle):
        yield place, full_url, resource
    elif depth >= DEEPEST_BUNDLE:
        yield place, full_url, Unreadable("not readable", "bundles nested too deeply", "Bundle")
    else:
        prefix = f"{place}." if place else ""
        for number, entry in enumerate(resource.entry or ()):
            if type(entry.resource) is Bundle:
                yield from _within(entry.resource, f"{prefix}entry[{number}]", entry.full_url, depth + 1)
            else:
                content: Any = entry.resource
                yield f"{prefix}entry[{number}]", entry.full_url, content


def _one_by_one(text: bytes, place: str) -> list[Item]:
    if text[:1] == b"[":
        raws = [("", raw) for raw in _RAW_LIST.decode(text)]
        return [item for n, (_, raw) in enumerate(raws) for item in _decoded(raw, f"entry[{n}]")]
    kind = _header(text).resource_type
    if not isinstance(kind, str):
        raise InputError(place, "has no resourceType: it is JSON, but not a FHIR resource")
    if kind != "Bundle":
        items = list(_decoded(text, ""))
        content = items[0][2]
        if isinstance(content, Unreadable) and content.reason == "not readable":
            raise InputError(place, f"cannot be read as {kind[:40]}: {content.detail}")
        return items
    try:
        entries = _RAW_BUNDLE.decode(text).entry or []
    except msgspec.ValidationError as error:
        raise InputError(place, f"cannot be read as a Bundle: {_short(error)}") from error
    return [item for n, raw in enumerate(entries) for item in _entry(raw, f"entry[{n}]")]


def _entry(raw: Raw, place: str) -> Iterator[Item]:
    try:
        entry = _RAW_ENTRY.decode(raw)
    except msgspec.DecodeError as error:
        yield place, None, Unreadable("not readable", _short(error))
        return
    if bytes(entry.resource) == bytes(NOTHING):
        yield place, entry.full_url, None
    else:
        for label, _, content in _decoded(entry.resource, place):
            yield label, entry.full_url, content


def _decoded(data: bytes | Raw, place: str) -> Iterator[Item]:
    """Decode one resource; a bundle within is flattened."""
    try:
        _refuse_other_encodings(bytes(data))
        yield from _within(_RESOURCE.decode(data), place, None, 0)
    except UnicodeDecodeError:
        yield place, None, Unreadable("not readable", "it is not UTF-8, in which FHIR is exchanged")
    except msgspec.ValidationError as error:
        yield place, None, _unreadable(data, error)
    except (msgspec.DecodeError, RecursionError) as error:
        yield place, None, Unreadable("not readable", _short(error))


def _unreadable(data: bytes | Raw, error: msgspec.ValidationError) -> Unreadable:
    header = _header(data)
    kind = header.resource_type if isinstance(header.resource_type, str) else "entry"
    identity = header.id if isinstance(header.id, str) else None
    if isinstance(header.resource_type, str) and str(error).endswith("`$.resourceType`"):
        return Unreadable("not used", "a type that FHIR R4 does not have", kind[:60], identity)
    return Unreadable("not readable", _short(error), kind[:60], identity)


def _header(data: bytes | Raw) -> Header:
    try:
        return _HEADER.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return Header()


def _short(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8"
    return str(error)[:SHOWN_MESSAGE]
