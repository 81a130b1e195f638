"""Reads what conditions, procedures and devices say: the concept, whether it holds, and on which side."""

from __future__ import annotations

from typing import Any

import polars as pl

from precollapse.chart.codes import Hit
from precollapse.chart.model import Side, Status
from precollapse.chart.omop.events import Read
from precollapse.chart.omop.meaning import Interpreter, Meaning
from precollapse.chart.omop.pieces import Interpreted, Outcome, Piece, Refusal, interpret
from precollapse.chart.omop.terms import CONDITION_STATUS_BY_CONCEPT, SIDE_MODIFIERS, refusal_in, status_in
from precollapse.chart.sides import side_of_text
from precollapse.chart.text import TEST_GROUPS


def conditions(read: Read, interpreter: Interpreter) -> Interpreted:
    """Give the rows of CONDITION_OCCURRENCE their meaning."""
    vocabulary = interpreter.vocabulary
    vocabulary.learn(read.rows["condition_status_concept_id"].unique().to_list())
    # Sources without an end repeat the start or the end of the visit; only a later day ends a condition.
    rows = read.rows.with_columns(
        pl.when(pl.col("end") > pl.col("start")).then("end").alias("end")
    ).with_columns(pl.col("end").is_not_null().alias("ended"))
    keys = ["meaning", "condition_status_concept_id", "condition_status_source_value", "stop_reason", "ended"]

    def meaning_of(row: dict[str, Any]) -> Outcome:
        meaning = read.meanings[row["meaning"]]
        texts = (row["condition_status_source_value"], vocabulary.name(row["condition_status_concept_id"]))
        refused = refusal_in(*texts, row["stop_reason"])
        if refused is not None:
            return [Refusal(refused, meaning.label)]
        by_concept = CONDITION_STATUS_BY_CONCEPT.get(row["condition_status_concept_id"] or 0)
        said = status_in(*texts, row["stop_reason"]) or by_concept
        status: Status = said or ("past" if row["ended"] else "present")
        return [asserted(hit, meaning, status, meaning.side, interpreter) for hit in meaning.hits]

    return interpret(rows, keys, meaning_of)


def procedures(read: Read, interpreter: Interpreter) -> Interpreted:
    """Give the rows of PROCEDURE_OCCURRENCE or DEVICE_EXPOSURE their meaning."""
    rows = read.rows
    for name, kind in (("modifier_concept_id", pl.Int64), ("modifier_source_value", pl.String)):
        if name not in rows.columns:
            rows = rows.with_columns(pl.lit(None, dtype=kind).alias(name))
    interpreter.vocabulary.learn(rows["modifier_concept_id"].unique().to_list())

    def meaning_of(row: dict[str, Any]) -> Outcome:
        meaning = read.meanings[row["meaning"]]
        side = _side_of_modifier(row, interpreter) or meaning.side
        return [_done(hit, meaning, side, interpreter) for hit in meaning.hits]

    return interpret(rows, ["meaning", "modifier_concept_id", "modifier_source_value"], meaning_of)


def _done(hit: Hit, meaning: Meaning, side: Side | None, interpreter: Interpreter) -> Piece | Refusal:
    """Return what a procedure says by having been done; a test that was done has no result yet."""
    concept = interpreter.knowledge.concepts.get(hit.concept)
    if concept is not None and concept.group in TEST_GROUPS and not concept.id.endswith("_done"):
        return Refusal("no value", meaning.label)
    return asserted(hit, meaning, "present", side, interpreter)


def asserted(
    hit: Hit, meaning: Meaning, status: Status, side: Side | None, interpreter: Interpreter
) -> Piece | Refusal:
    """Return what a code says by standing in a table of things that are so."""
    concept = interpreter.knowledge.concepts.get(hit.concept)
    if concept is None or hit.corticosteroid:
        return Refusal("no concept", meaning.label)
    needs_value = concept.type in {"number", "date"} or (concept.type == "choice" and hit.choice is None)
    if needs_value:
        return Refusal("no value", meaning.label)
    if hit.absent:
        status = "absent"
    elif meaning.status is not None and status == "present":
        status = meaning.status
    hip_side = (hit.side or side) if concept.level == "hip" else None
    return Piece(hit.concept, status, hip_side, hit.choice, said=meaning.label, note=meaning.note)


def _side_of_modifier(row: dict[str, Any], interpreter: Interpreter) -> Side | None:
    name = interpreter.vocabulary.name(row["modifier_concept_id"])
    written = row["modifier_source_value"]
    if written is not None and written.lower() in SIDE_MODIFIERS:
        return SIDE_MODIFIERS[written.lower()]
    found = (side_of_text(text, interpreter.knowledge) for text in (name, written))
    return next((side for side in found if side is not None), None)
