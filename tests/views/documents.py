"""Strategies for any document that the types allow: long, hostile, empty or absurd."""

from __future__ import annotations

import types
import typing
from typing import Any, Literal

import msgspec
from hypothesis import strategies as st

from precollapse.assessment.model import Assessment
from precollapse.assessment.nodes import Interval

_TEXT = st.text(max_size=40) | st.sampled_from(
    ["<script>alert(1)</script>", "x" * 300, "\x1b[31mred", "[bold]", "{{ 7 * 7 }}"]
)
_NUMBER = st.floats(0, 1) | st.sampled_from([0.0, 1.0, 1e-12, 0.999999])


def any_of(kind: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for a type of the document: any value that the type allows."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        if kind is Interval:
            return st.tuples(_NUMBER, _NUMBER).map(lambda pair: Interval(low=min(pair), high=max(pair)))
        hints = typing.get_type_hints(kind)
        return st.builds(kind, **{name: any_of(hints[name]) for name in kind.__struct_fields__})
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is tuple:
        return st.lists(any_of(arguments[0]), max_size=1).map(tuple)
    if origin in {typing.Union, types.UnionType}:
        return st.one_of(*map(any_of, arguments))
    if origin is dict:
        return st.dictionaries(*map(any_of, arguments), max_size=1)
    plain = {
        str: _TEXT,
        float: _NUMBER,
        int: st.integers(0, 999),
        bool: st.booleans(),
        type(None): st.none(),
    }
    return plain[kind]


def assessments() -> st.SearchStrategy[Assessment]:
    """Return a strategy for assessments."""
    return any_of(Assessment)
