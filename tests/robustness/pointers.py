"""Places inside plain data: every one of them, the data without one, the data with another value there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Pointer = tuple[str | int, ...]


def pointers(content: Any, at: Pointer = ()) -> Iterator[Pointer]:
    """Yield the place of every value and of every entry of a list, outer ones first."""
    inner: Any = ()
    if isinstance(content, dict):
        inner = content.items()
    elif isinstance(content, list):
        inner = enumerate(content)
    for key, value in inner:
        yield (*at, key)
        yield from pointers(value, (*at, key))


def leaves(content: Any) -> list[Pointer]:
    """Return the place of every plain value and of every entry of a list."""
    return [
        p for p in pointers(content) if isinstance(p[-1], int) or not isinstance(at(content, p), dict | list)
    ]


def at(content: Any, pointer: Pointer) -> Any:
    for key in pointer:
        content = content[key]
    return content


def without(content: Any, pointer: Pointer) -> Any:
    """Return the data without what stands in one place; everything else is shared, not copied."""
    key, rest = pointer[0], pointer[1:]
    if isinstance(content, list):
        if not rest:
            return [value for number, value in enumerate(content) if number != key]
        return [without(value, rest) if number == key else value for number, value in enumerate(content)]
    if not rest:
        return {name: value for name, value in content.items() if name != key}
    return {name: without(value, rest) if name == key else value for name, value in content.items()}


def replaced(content: Any, pointer: Pointer, by: Any) -> Any:
    """Return the data with another value in one place."""
    if not pointer:
        return by
    key, rest = pointer[0], pointer[1:]
    if isinstance(content, list):
        return [replaced(value, rest, by) if number == key else value for number, value in enumerate(content)]
    return {name: replaced(value, rest, by) if name == key else value for name, value in content.items()}


def sample(found: list[Pointer], most: int) -> list[Pointer]:
    """Take at most so many, evenly spread; always the same ones."""
    if len(found) <= most:
        return found
    return [found[n * len(found) // most] for n in range(most)]
