"""Turns the bytes of a case file into plain data, or into one error that names the place.

Hostile files end here: too large, too deep, aliases that multiply, keys that stand twice, wrong encodings.
"""

from __future__ import annotations

import json
import math
from typing import Any

from precollapse.errors import InputError

MOST_BYTES = 1_000_000  # a thousand times a typical case; longer texts belong into a record
MOST_EVENTS = 60_000
DEEPEST = 24
LONGEST_SHOWN = 40
_BOMS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


def decode(data: bytes, place: str) -> Any:
    """Read YAML or JSON.

    Parameters
    ----------
    data
        The file as it is; UTF-8, with or without a byte order mark.
    place
        File name, for the message.

    Raises
    ------
    InputError
        When the file is not readable as data, with line and column as far as known.
    """
    refuse_size(len(data), place)
    text = _text(data, place)
    if not text.strip():
        raise InputError(place, "the file is empty")
    value = _json(text, place) if text.lstrip()[0] in "{[" and _looks_like_json(text) else _yaml(text, place)
    _refuse_what_is_not_finite(value, place, "")
    return value


def refuse_size(size: int, place: str) -> None:
    """Refuse a file that is too large before it is read."""
    if size > MOST_BYTES:
        raise InputError(place, f"{size / 1e6:.1f} MB; a case file has at most {MOST_BYTES / 1e6:g} MB")


def _text(data: bytes, place: str) -> str:
    name = _BOMS.get(data[:2])
    if name is not None:
        raise InputError(place, f"the file is {name}; save it as UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            place, f"line {line}: byte 0x{data[error.start]:02X} is not UTF-8; save the file as UTF-8"
        ) from None


def _looks_like_json(text: str) -> bool:
    """Tell JSON from YAML in flow style: the first key of JSON is quoted."""
    return text.lstrip()[1:].lstrip()[:1] in {'"', "{", "[", "}", "]", ""}


def _json(text: str, place: str) -> Any:
    if _depth(text) > DEEPEST:
        raise InputError(place, f"nested deeper than {DEEPEST} levels")
    try:
        return json.loads(text, object_pairs_hook=_pairs, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise InputError(place, f"line {error.lineno}, column {error.colno}: {error.msg}") from None
    except (ValueError, RecursionError) as error:
        raise InputError(place, str(error)[:120]) from None


def _depth(text: str) -> int:
    """Return an upper bound of the nesting; brackets inside strings count as well."""
    depth = deepest = 0
    for letter in text:
        if letter in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif letter in "]}":
            depth = max(0, depth - 1)
    return deepest


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice[:LONGEST_SHOWN]!r} stands twice")
    return content


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number; leave out what is not known, or write null")


def _yaml(text: str, place: str) -> Any:
    import yaml

    from precollapse.knowledge.strict_yaml import StrictLoader

    try:
        _count_events(text, place)
        return yaml.load(text, Loader=StrictLoader)
    except yaml.MarkedYAMLError as error:
        raise InputError(place, _where(error)) from None
    except yaml.YAMLError as error:
        raise InputError(place, " ".join(str(error).split())[:160]) from None
    except (ValueError, TypeError, RecursionError, OverflowError) as error:
        raise InputError(place, f"not readable as YAML: {str(error)[:100]}") from None


def _count_events(text: str, place: str) -> None:
    """Walk through the file once without building anything, so that nothing can grow."""
    import yaml

    depth = 0
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    event: Any
    for number, event in enumerate(yaml.parse(text, Loader=loader)):
        line = f"line {event.start_mark.line + 1}"
        if isinstance(event, yaml.AliasEvent):
            raise InputError(place, f"{line}: aliases (*{event.anchor}) are not allowed in a case file")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise InputError(place, f"{line}: nested deeper than {DEEPEST} levels")
        if number > MOST_EVENTS:
            raise InputError(
                place, f"{line}: more than {MOST_EVENTS:,} entries; a case file holds one patient"
            )


def _where(error: Any) -> str:
    mark: Any = error.problem_mark or error.context_mark
    line = f"line {mark.line + 1}, column {mark.column + 1}: " if mark is not None else ""
    return f"{line}{error.problem or error.context or 'not readable as YAML'}"[:200]


def _refuse_what_is_not_finite(value: Any, place: str, path: str) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            _refuse_what_is_not_finite(inner, place, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            _refuse_what_is_not_finite(inner, place, f"{path}[{number}]")
    elif isinstance(value, int) and abs(value) > 1e15:
        raise InputError(_at(place, path), "the number has more than 15 digits")
    elif isinstance(value, float) and not math.isfinite(value):
        raise InputError(_at(place, path), f"{value} is not a number; leave out what is not known")


def _at(place: str, path: str) -> str:
    return f"{place}: {path}" if path else place
