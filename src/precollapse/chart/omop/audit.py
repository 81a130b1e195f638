"""Joins the first two answers of AUDIT-C, which stand in two rows of one day, to bounds on alcohol.

What the answers mean in days and drinks stands in the knowledge (``substances.yaml``).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from precollapse.chart.alcohol import GRAMS, Alcohol
from precollapse.chart.omop.events import Read
from precollapse.chart.omop.meaning import Interpreter
from precollapse.chart.omop.pieces import Interpreted, Outcome, Piece, Refusal, interpret

_DAY = ["person", "start"]
NOTE = "bounds from how often and how much is drunk, as answered"


def audit(read: Read, interpreter: Interpreter) -> Interpreted:
    """Return what pairs of answers say of the grams a week."""
    questions = pl.DataFrame(
        {"meaning": range(len(read.meanings)), "question": [meaning.audit for meaning in read.meanings]},
        schema={"meaning": pl.UInt32, "question": pl.String},
    ).drop_nulls()
    rows = read.rows.join(questions, on="meaning", how="inner", maintain_order="left")
    interpreter.vocabulary.learn(rows["value_as_concept_id"].unique().to_list())
    frequency, quantity = (_answers(rows, interpreter, question) for question in ("frequency", "quantity"))
    pairs = frequency.join(quantity, on=_DAY, how="full", nulls_equal=True, coalesce=True, suffix="_other")
    alcohol = Alcohol.of(interpreter.knowledge)

    def bounds_of(pair: dict[str, Any]) -> Outcome:
        often, much = pair["frequency"], pair["quantity"]
        bounds = alcohol.audit_bounds(often, much)
        if bounds is None:
            return [] if much is None else [Refusal("no value", "drinks a day, and how often is not known")]
        low, high = bounds
        said = f"AUDIT-C answers {often} and {much or 'none'}"
        return [Piece(GRAMS, value=low if low == high else None, low=low, high=high, said=said, note=NOTE)]

    return interpret(
        pairs.with_columns(pl.coalesce("row", "row_other").alias("row")), ["frequency", "quantity"], bounds_of
    )


def _answers(rows: pl.DataFrame, interpreter: Interpreter, question: str) -> pl.DataFrame:
    """Return the last coded answer of each person and day to one question."""
    of_question = rows.filter(pl.col("question") == question)
    ids = of_question["value_as_concept_id"].drop_nulls().unique().to_list()
    codes = {number: term.code for number in ids if (term := interpreter.vocabulary.term(number)) is not None}
    answer = pl.col("value_as_concept_id").replace_strict(codes, default=None, return_dtype=pl.String)
    return (
        of_question.with_columns(answer.alias(question))
        .drop_nulls(question)
        .unique(_DAY, keep="last", maintain_order=True)
        .select(*_DAY, "row", question)
    )
