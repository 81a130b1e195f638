"""Compiles conditions of the knowledge to table expressions with three-valued logic.

The table has one row per hip and, for every concept, the columns described in ``precollapse.facts``:
``id`` (Boolean or text; for a date, true where it is known), ``id.low`` and ``id.high`` for numbers, ``id.years`` since it began.
A number is a pair of bounds, so "below 10" is true when the upper bound is below 10, false when the lower
bound is not, and unknown in between. The same expressions serve one patient and ten million.
"""

from __future__ import annotations

from functools import lru_cache

import polars as pl

from precollapse.knowledge.conditions import (
    AllOf,
    Always,
    AnyOf,
    AtLeast,
    BothHips,
    Compare,
    Condition,
    Holds,
    Leaf,
    Not,
    OneOf,
    OtherHip,
    Since,
)


def compile_condition(condition: Condition) -> pl.Expr:
    """Return the Boolean expression (true, false or null for unknown) of a condition."""
    match condition:
        case Always():
            return pl.repeat(True, pl.len())
        case Not(part):
            return ~compile_condition(part)
        case AllOf(parts):
            return pl.all_horizontal(compile_condition(part) for part in parts)
        case AnyOf(parts):
            return pl.any_horizontal(compile_condition(part) for part in parts)
        case AtLeast(count, parts):
            return _at_least(count, [compile_condition(part) for part in parts])
        case _:
            return compile_leaf(condition)


@lru_cache(maxsize=4096)
def compile_leaf(leaf: Leaf) -> pl.Expr:
    """Return the expression of a single comparison."""
    match leaf:
        case Holds(fact):
            return pl.col(fact)
        case OneOf(fact, choices):
            return pl.col(fact).is_in(list(choices))
        case BothHips(fact):
            sided = pl.when(pl.col("hip") == "unspecified").then(True).otherwise(pl.col(fact))
            return sided.all(ignore_nulls=False).over("person")
        case OtherHip(fact):
            left = pl.col(fact).filter(pl.col("hip") == "left").first().over("person")
            right = pl.col(fact).filter(pl.col("hip") == "right").first().over("person")
            return pl.when(pl.col("hip") == "left").then(right).when(pl.col("hip") == "right").then(left)
        case Since(fact, min_years, max_years):
            years = pl.col(f"{fact}.years")
            parts = [pl.col(fact)]
            parts += [years >= min_years] if min_years is not None else []
            parts += [years <= max_years] if max_years is not None else []
            return pl.all_horizontal(parts)
        case Compare():
            return _compare(leaf)


def _compare(leaf: Compare) -> pl.Expr:
    low, high = pl.col(f"{leaf.fact}.low"), pl.col(f"{leaf.fact}.high")
    parts = []
    if leaf.low is not None:
        surely = low > leaf.low if leaf.open_low else low >= leaf.low
        never = high <= leaf.low if leaf.open_low else high < leaf.low
        parts.append(_ternary(surely, never))
    if leaf.high is not None:
        surely = high < leaf.high if leaf.open_high else high <= leaf.high
        never = low >= leaf.high if leaf.open_high else low > leaf.high
        parts.append(_ternary(surely, never))
    return pl.all_horizontal(parts)


def _ternary(surely: pl.Expr, never: pl.Expr) -> pl.Expr:
    return pl.when(surely).then(True).when(never).then(False)


def _at_least(count: int, parts: list[pl.Expr]) -> pl.Expr:
    true = pl.sum_horizontal(part.fill_null(False).cast(pl.Int32) for part in parts)
    possible = pl.sum_horizontal(part.fill_null(True).cast(pl.Int32) for part in parts)
    return _ternary(true >= count, possible < count)
