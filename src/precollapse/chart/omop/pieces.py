"""Gives meaning to rows by their distinct combinations: Python once per combination, joins for the rows.

A combination means one or more pieces (statements to be) or a refusal with its reason. Dates, patients
and origins are added column by column.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import polars as pl

from precollapse.chart.model import STATEMENTS, Side, Status


class Piece(NamedTuple):
    """One statement about one concept, without patient and dates."""

    concept: str
    status: Status = "present"
    side: Side | None = None
    choice: str | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    said: str | None = None
    note: str | None = None
    product: str | None = None


class Refusal(NamedTuple):
    """Why a combination means nothing that can be used; ``reason`` is one of UNREAD_REASONS."""

    reason: str
    detail: str


Outcome = Sequence[Piece | Refusal]

_PIECE = {
    "concept": pl.String(), "status": pl.String(), "side": pl.String(), "choice": pl.String(),
    "value": pl.Float64(), "low": pl.Float64(), "high": pl.Float64(),
    "said": pl.String(), "note": pl.String(), "product": pl.String(),
}  # fmt: skip
_REFUSAL = {"reason": pl.String(), "detail": pl.String()}


class Interpreted(NamedTuple):
    """Rows with what they mean, and rows refused; a row may be in both when it says several things."""

    pieces: pl.DataFrame
    refused: pl.DataFrame


def interpret(
    rows: pl.DataFrame, keys: Sequence[str], meaning_of: Callable[[dict[str, Any]], Outcome]
) -> Interpreted:
    """Call ``meaning_of`` once for each distinct combination of ``keys`` and join the answers to the rows."""
    distinct = rows.select(keys).unique(maintain_order=True).with_row_index("combination")
    pieces: list[tuple[Any, ...]] = []
    refusals: list[tuple[Any, ...]] = []
    for combination in distinct.iter_rows(named=True):
        number = combination.pop("combination")
        for outcome in meaning_of(combination):
            (pieces if isinstance(outcome, Piece) else refusals).append((number, *outcome))
    numbered = rows.join(distinct, on=keys, how="left", nulls_equal=True, maintain_order="left")
    return Interpreted(
        _joined(numbered, pieces, _PIECE),
        _joined(numbered, refusals, _REFUSAL),
    )


def _joined(numbered: pl.DataFrame, answers: list[tuple[Any, ...]], columns: dict[str, Any]) -> pl.DataFrame:
    schema = {"combination": numbered.schema["combination"], **columns}
    table = pl.DataFrame(answers, schema=schema, orient="row")
    kept = [name for name in numbered.columns if name not in columns]
    return numbered.select(kept).join(table, on="combination", how="inner", maintain_order="left_right")


def statements(pieces: pl.DataFrame, origin: str) -> pl.DataFrame:
    """Return pieces with their dates as rows of the chart's table of statements."""
    values = {
        "origin": pl.format("{}: row {}", pl.lit(origin), pl.col("row")),
        "start_precision": pl.when(pl.col("start").is_not_null()).then(pl.lit("day")),
        "end": pl.col("end") if "end" in pieces.columns else pl.lit(None),
        "recorded": pl.lit(None),
    }
    return pieces.select(
        values.get(name, pl.col(name)).cast(dtype).alias(name) for name, dtype in STATEMENTS.items()
    )
