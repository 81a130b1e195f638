"""Strategies for any document that the types allow: long, hostile, empty or absurd."""

from __future__ import annotations

import types
import typing
from typing import Any, Literal

import msgspec
from hypothesis import strategies as st

from precollapse.assessment.forecast_nodes import (
    Benefit,
    CourseOf,
    EffectUsed,
    HipForecast,
    NarrowedBy,
    NotUsed,
    OptionForecast,
    OutcomeAt,
    SeriesUsed,
    StartShare,
)
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


_OUTCOME = st.sampled_from(["collapse", "collapse beyond 2 mm", "replacement", "pain", "revision"]) | _TEXT
_TOLD = (1.0, 2.0, 5.0, 10.0)


def courses(times: tuple[float, ...]) -> st.SearchStrategy[CourseOf]:
    """Return a strategy for courses whose curves are as long as their times, in any shape."""

    def line() -> st.SearchStrategy[tuple[float, ...]]:
        return st.lists(_NUMBER, min_size=len(times), max_size=len(times)).map(tuple)

    told = st.lists(st.sampled_from(_TOLD), unique=True).map(sorted)
    at = told.flatmap(
        lambda some: st.tuples(
            *(
                st.builds(OutcomeAt, years=st.just(one), value=_NUMBER, interval=any_of(Interval))
                for one in some
            )
        )
    )
    return st.tuples(_OUTCOME, at, st.lists(line(), min_size=3, max_size=3), st.booleans()).map(
        lambda parts: _course(parts[0], parts[1], parts[2], inner=parts[3])
    )


def _course(
    outcome: str, at: tuple[OutcomeAt, ...], lines: list[tuple[float, ...]], *, inner: bool
) -> CourseOf:
    low, middle, high = zip(*(sorted(three) for three in zip(*lines, strict=True)), strict=True)
    half = {"inner_low": middle, "inner_high": high} if inner else {}
    return CourseOf(outcome=outcome, at=at, curve=middle, low=low, high=high, **half)


def _options(times: tuple[float, ...]) -> st.SearchStrategy[OptionForecast]:
    points = st.floats(-1, 1)
    bounds = st.tuples(points, points).map(lambda pair: Interval(low=min(pair), high=max(pair)))
    benefit = st.builds(
        Benefit,
        outcome=_OUTCOME,
        years=st.sampled_from(_TOLD),
        difference=points,
        interval=bounds,
        treat_to_spare_one=st.none() | st.floats(1, 2000),
        treat_interval=st.none() | any_of(Interval),
        may_harm=st.booleans(),
    )
    return st.builds(
        OptionForecast,
        id=_TEXT,
        name=_TEXT,
        says=_TEXT,
        basis=st.sampled_from(["collapse", "replacement", "series", "revision"]),
        effect=st.none() | any_of(EffectUsed),
        series=st.none() | any_of(SeriesUsed),
        courses=st.lists(courses(times), max_size=2).map(tuple),
        benefits=st.lists(benefit, max_size=2).map(tuple),
        sources=st.lists(_TEXT, max_size=2).map(tuple),
    )


def forecasts() -> st.SearchStrategy[HipForecast]:
    """Return a strategy for forecasts with curves and many options: hostile words, absurd numbers."""
    times = tuple(float(step) for step in range(4))
    some = st.lists(courses(times), max_size=4).map(tuple)
    return st.builds(
        HipForecast,
        state=st.sampled_from(["forecast", "if confirmed", "not made"]),
        says=_TEXT,
        times_years=st.sampled_from([times, times, times[:2], (), (0.0, 0.0, 1.0, 0.5)]),
        starts=st.lists(any_of(StartShare), max_size=3).map(tuple),
        rests_on=st.lists(_TEXT, max_size=3).map(tuple),
        untreated=some,
        overall=some,
        options=st.lists(_options(times), max_size=9).map(tuple),
        narrowed_by=st.none() | any_of(NarrowedBy),
        not_used=st.lists(any_of(NotUsed), max_size=2).map(tuple),
        sources=st.lists(_TEXT, max_size=2).map(tuple),
    )
