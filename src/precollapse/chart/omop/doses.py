"""Reads DRUG_EXPOSURE: corticosteroids as stretches on one dose, other medicines as concepts.

The dose comes from the directions; without directions from quantity, strength and days, said as assumed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import polars as pl

from precollapse.chart.codes import Hit
from precollapse.chart.dosage_text import steps_from_text
from precollapse.chart.dose_step import DoseStep, Strength, amount_of, to_milligrams
from precollapse.chart.model import DOSES, STATEMENTS, DoseKind, Route, Side
from precollapse.chart.omop.conditions import asserted
from precollapse.chart.omop.events import Read
from precollapse.chart.omop.meaning import Interpreter, Meaning
from precollapse.chart.omop.pieces import Interpreted, Outcome, Refusal, interpret
from precollapse.chart.omop.terms import DOSE_KINDS
from precollapse.chart.product_names import product_name
from precollapse.chart.routes import INTO_HIP, route_of
from precollapse.chart.sides import side_of_text
from precollapse.chart.strength import strength_from_name

Strengths = dict[int, list[tuple[int | None, Strength]]]

NOTHING_SAID = "neither directions nor quantity, strength and days give a dose"
KIND_NOT_SAID = "kind of entry not said: taken as an order"

_KEYS = (
    "meaning", "concept_id", "drug_type_concept_id", "route_concept_id", "route_source_value", "sig",
    "quantity", "days_supply", "dose_unit_source_value", "span_days",
)  # fmt: skip


class Step(NamedTuple):
    """One stretch of a dose, without patient and dates."""

    ingredient: str
    kind: DoseKind
    route: Route
    product: str
    offset_days: int | None
    days: int | None
    mg_per_day: float | None
    prn: bool
    side: Side | None
    said: str | None
    assumed: str | None
    problem: str | None


_STEP = {
    "ingredient": pl.String(), "kind": pl.String(), "route": pl.String(), "product": pl.String(),
    "offset_days": pl.Int64(), "days": pl.Int64(), "mg_per_day": pl.Float64(), "prn": pl.Boolean(),
    "side": pl.String(), "said": pl.String(), "assumed": pl.String(), "problem": pl.String(),
}  # fmt: skip


@dataclass(frozen=True)
class Medicines:
    """What DRUG_EXPOSURE says: medicines as statements, corticosteroids as doses.

    ``injections`` are the injections into a hip, which are statements besides being doses.
    """

    interpreted: Interpreted
    doses: pl.DataFrame
    injections: pl.DataFrame


def medicines(read: Read, interpreter: Interpreter) -> Medicines:
    """Give the rows of DRUG_EXPOSURE their meaning."""
    rows = read.rows.with_columns(
        pl.coalesce("verbatim_end_date", "end").alias("end"),
    ).with_columns(
        pl.when(pl.col("end") >= pl.col("start"))
        .then((pl.col("end") - pl.col("start")).dt.total_days() + 1)
        .alias("span_days"),
    )
    interpreter.vocabulary.learn(rows["route_concept_id"].unique().to_list())
    strengths = interpreter.vocabulary.strengths(rows["concept_id"].unique().to_list())

    def as_statement(row: dict[str, Any]) -> Outcome:
        meaning = read.meanings[row["meaning"]]
        outcomes = [
            asserted(hit, meaning, "present", meaning.side, interpreter)
            for hit in meaning.hits
            if not hit.corticosteroid
        ]
        product = product_name(meaning.names[0] if meaning.names else None, meaning.label)
        return [
            outcome if isinstance(outcome, Refusal) else outcome._replace(product=product)
            for outcome in outcomes
            if isinstance(outcome, Refusal) or interpreter.knowledge.concepts[outcome.concept].medicine
        ] or _nothing(meaning)

    steroids = _with_steroid(rows, read.meanings)
    is_steroid = pl.col("meaning").is_in(steroids)
    doses = _doses(
        _with_prescriber(rows.filter(is_steroid), interpreter), read, _DoseReader(interpreter, strengths)
    )
    return Medicines(
        interpret(rows.filter(~is_steroid), ["meaning"], as_statement), doses, _injections(doses)
    )


def _injections(doses: pl.DataFrame) -> pl.DataFrame:
    into_hip = doses.filter(pl.col("route") == "intra_articular_hip").unique("order", maintain_order=True)
    values = {
        "concept": pl.lit(INTO_HIP),
        "status": pl.lit("present"),
        "start_precision": pl.when(pl.col("start").is_not_null()).then(pl.lit("day")),
        "end": pl.lit(None),
    }
    return into_hip.select(
        values.get(name, pl.col(name) if name in DOSES else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in STATEMENTS.items()
    )


def _nothing(meaning: Meaning) -> list[Refusal]:
    return [Refusal("no concept", meaning.label)]


def _with_steroid(rows: pl.DataFrame, meanings: list[Meaning]) -> list[int]:
    used = rows["meaning"].unique().to_list()
    return [number for number in used if any(hit.corticosteroid for hit in meanings[number].hits)]


def _with_prescriber(rows: pl.DataFrame, interpreter: Interpreter) -> pl.DataFrame:
    specialties = interpreter.vocabulary.specialties(rows["provider_id"].unique().to_list())
    specialty = pl.col("provider_id").replace_strict(specialties, default=None, return_dtype=pl.String)
    return rows.with_columns(specialty.alias("prescriber"))


def _doses(rows: pl.DataFrame, read: Read, reader: _DoseReader) -> pl.DataFrame:
    """Write out the steps of every row with its dates."""
    distinct = rows.select(_KEYS).unique(maintain_order=True).with_row_index("combination")
    steps = [
        (row["combination"], *step)
        for row in distinct.iter_rows(named=True)
        for step in reader.steps(row, read.meanings[row["meaning"]])
    ]
    table = pl.DataFrame(steps, schema={"combination": distinct.schema["combination"], **_STEP}, orient="row")
    joined = (
        rows.with_row_index("order", offset=1)
        .join(distinct, on=_KEYS, how="left", nulls_equal=True, maintain_order="left")
        .join(table, on="combination", how="inner", maintain_order="left_right", suffix="_step")
    )
    return joined.select(_dose_columns(read.origin))


def _dose_columns(origin: str) -> list[pl.Expr]:
    row_start, row_end = pl.col("start"), pl.col("end")
    first = row_start + pl.duration(days=pl.col("offset_days"))
    by_days = first + pl.duration(days=pl.col("days") - 1)
    # What the record says of the end of an order stands above what the directions add up to.
    last = pl.when(pl.col("days").is_null()).then(row_end).otherwise(by_days)
    values = {
        "start": first,
        "end": last,
        "ongoing": last.is_null()
        & pl.col("kind").is_in(["statement", "request"])
        & pl.col("stop_reason").is_null(),
        "written": row_start,
        "origin": pl.format("{}: row {}", pl.lit(origin), pl.col("row")),
    }
    return [values.get(name, pl.col(name)).cast(dtype).alias(name) for name, dtype in DOSES.items()]


class _DoseReader:
    """Turns one distinct drug entry into steps; knows strengths, routes and names."""

    def __init__(self, interpreter: Interpreter, strengths: Strengths) -> None:
        self.interpreter = interpreter
        self.strengths = strengths

    def steps(self, row: dict[str, Any], meaning: Meaning) -> list[Step]:
        """Return the steps of every corticosteroid in the product."""
        steroids = [hit for hit in meaning.hits if hit.corticosteroid]
        return [step for hit in steroids for step in self._of_ingredient(row, meaning, hit)]

    def _of_ingredient(self, row: dict[str, Any], meaning: Meaning, hit: Hit) -> list[Step]:
        kind = DOSE_KINDS.get(row["drug_type_concept_id"] or 0)
        route, side = self._route(row, meaning, hit)
        strength = self._strength(row, meaning, hit)
        notes = [note for note in (None if kind else KIND_NOT_SAID, meaning.note) if note]
        found = _steps(row, strength, kind or "request")
        return [
            Step(
                ingredient=hit.concept,
                kind=kind or "request",
                route=route,
                product=meaning.label,
                offset_days=step.start_offset_days,
                days=step.days,
                mg_per_day=step.mg_per_day,
                prn=step.prn,
                side=side,
                said=row["sig"] or meaning.label,
                assumed="; ".join([*step.assumed, *notes]) or None,
                problem=step.problem,
            )
            for step in found
            if step.start_offset_days is not None
        ]

    def _route(self, row: dict[str, Any], meaning: Meaning, hit: Hit) -> tuple[Route, Side | None]:
        knowledge = self.interpreter.knowledge
        term = self.interpreter.vocabulary.term(row["route_concept_id"])
        name = None if term is None else term.name
        words = " ".join(filter(None, [name, row["route_source_value"]])) or None
        route = route_of(
            knowledge,
            codings=() if term is None else ((term.vocabulary, term.code),),
            route_words=words,
            product_codings=meaning.codings,
            name=" ".join(meaning.names) or None,
            sig=row["sig"],
            never_systemic=knowledge.corticosteroids[hit.concept].never_systemic,
        )
        side = side_of_text(f"{words or ''} {row['sig'] or ''}", knowledge)
        return route, side if route == "intra_articular_hip" else None

    def _strength(self, row: dict[str, Any], meaning: Meaning, hit: Hit) -> Strength | None:
        """Return the strength of the ingredient: from DRUG_STRENGTH, or else from the product's name."""
        listed = self.strengths.get(row["concept_id"] or 0, [])
        own = [strength for concept, strength in listed if self._is(concept, hit)]
        if len(own) == 1:
            return own[0]
        if len(listed) == 1:
            return listed[0][1]
        steroid = self.interpreter.knowledge.corticosteroids[hit.concept]
        names = (steroid.name, *steroid.synonyms)
        found = (strength_from_name(name, names) for name in meaning.names)
        return next((strength for strength in found if strength is not None), None)

    def _is(self, ingredient_concept: int | None, hit: Hit) -> bool:
        return any(
            other.corticosteroid and other.concept == hit.concept
            for other in self.interpreter.of_concept(ingredient_concept)
        )


def _steps(row: dict[str, Any], strength: Strength | None, kind: DoseKind) -> list[DoseStep]:
    sig = row["sig"]
    # Conversions write 0 where nothing was said.
    written = steps_from_text(sig, strength=strength) if sig and sig.strip("0. ") else []
    if any(step.mg_per_day is not None for step in written):
        return [_bounded(step, row, only=len(written) == 1) for step in written]
    problem = written[0].problem if written else None
    return [_bounded(_from_quantity(row, strength, kind, problem), row, only=True)]


def _bounded(step: DoseStep, row: dict[str, Any], *, only: bool) -> DoseStep:
    """Give a single step without a length the days supplied, when the record says no end."""
    if step.days is None and only and row["span_days"] is None and row["days_supply"]:
        days = max(1, round(row["days_supply"]))
        return replace(step, days=days, assumed=(*step.assumed, "taken for the days supplied"))
    return step


def _from_quantity(
    row: dict[str, Any], strength: Strength | None, kind: DoseKind, problem: str | None
) -> DoseStep:
    """Spread what was supplied evenly over its days."""
    quantity, days = row["quantity"], _days(row, kind)
    if not quantity or quantity < 0 or days is None:
        return DoseStep(None, problem=problem or NOTHING_SAID)
    amount = amount_of(quantity, quantity, row["dose_unit_source_value"])
    if amount.kind == "count":
        total = _liquid_or_pieces(quantity, strength)
    else:
        total = to_milligrams(amount, strength, None).mg
    if total is None:
        return DoseStep(None, problem=problem or NOTHING_SAID)
    single = 1 if kind == "administration" and row["span_days"] is None else None
    assumed = f"quantity {quantity:g} spread evenly over {days:g} days"
    return DoseStep(total / days, days=single, assumed=() if days == 1 else (assumed,))


def _liquid_or_pieces(quantity: float, strength: Strength | None) -> float | None:
    if strength is None:
        return None
    each = strength.mg_per_unit if strength.mg_per_unit is not None else strength.mg_per_ml
    return None if each is None else quantity * each


def _days(row: dict[str, Any], kind: DoseKind) -> float | None:
    if row["days_supply"] and row["days_supply"] > 0:
        return float(row["days_supply"])
    if row["span_days"]:
        return float(row["span_days"])
    return 1.0 if kind == "administration" else None
