"""The chart: what was recorded, as flat typed tables; coded, dated, on a side, each row with its origin.

A chart says what a record says and no more. It holds any number of patients: one is a table of one.
What the record means for the hips is decided later, in ``precollapse.facts``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import polars as pl

Side = Literal["left", "right", "both"]
Status = Literal["present", "absent", "past", "provisional", "asked_unknown", "unreadable"]
DoseKind = Literal["administration", "dispense", "statement", "request", "stated"]
Route = Literal["systemic", "intra_articular_hip", "local", "unknown"]

PERSONS = {
    "person": pl.UInt32,  # row number of the patient within this chart
    "key": pl.String,  # the record's own identifier
    "sex": pl.String,  # female | male | null
    "birth_date": pl.Date,
    "birth_precision": pl.String,  # day | month | year | null
    "age_years": pl.Float64,  # stated age, when there is no date of birth
    "deceased_date": pl.Date,
    "index_date": pl.Date,  # the record's own date of assessment, if it names one
    "origin": pl.String,
    "deceased": pl.Boolean,  # true where the record says so, with or without a day
}

STATEMENTS = {
    "person": pl.UInt32,
    "concept": pl.String,  # id of a knowledge concept
    "side": pl.String,  # left | right | both | null (not said)
    "status": pl.String,  # see Status
    "value": pl.Float64,  # number in the concept's own unit
    "low": pl.Float64,  # bounds, equal to value unless a comparator said otherwise; ±inf when open
    "high": pl.Float64,
    "choice": pl.String,
    "start": pl.Date,  # when it began or held; first day of a partial date
    "start_precision": pl.String,  # day | month | year | null
    "end": pl.Date,
    "recorded": pl.Date,  # when it was written down
    "origin": pl.String,  # file: entry, for people: "bundle.json: entry[3] Condition/abc"
    "said": pl.String,  # what the record said, in its own words, value and unit
    "note": pl.String,  # what was assumed in reading it, or why it is unreadable
    "product": pl.String,  # of a medicine: the name by which two orders are of the same product
}

DOSES = {
    "person": pl.UInt32,
    "ingredient": pl.String,  # id of a corticosteroid of the knowledge
    "kind": pl.String,  # administration | dispense | statement | request | stated
    "route": pl.String,
    "order": pl.UInt32,  # rows of one order (a taper has many) share this number
    "product": pl.String,  # code or name by which two orders are the same product
    "start": pl.Date,
    "end": pl.Date,  # last day taken, inclusive; null when open-ended
    "ongoing": pl.Boolean,  # true: still running as far as the record says (open-ended and active)
    "written": pl.Date,  # when the order was written; null when unknown
    "mg_per_day": pl.Float64,  # of the ingredient itself, not converted; null when it cannot be known
    "prn": pl.Boolean,
    "side": pl.String,  # for intra-articular injections
    "origin": pl.String,
    "said": pl.String,
    "assumed": pl.String,  # what was assumed, sentences joined by "; "
    "problem": pl.String,  # why the dose cannot be known, or null
    "prescriber": pl.String,  # specialty of the prescriber, in the record's words; null when unknown
}

UNREAD = {
    "person": pl.UInt32,  # null when it belongs to no patient
    "origin": pl.String,
    "reason": pl.String,  # one of UNREAD_REASONS
    "detail": pl.String,
}

UNREAD_REASONS = {
    "no concept": "nothing in the knowledge corresponds to it",
    "not used": "understood, but of no bearing on the hip",
    "other person": "about a relative or another person, not the patient",
    "other patient": "belongs to another patient than the record's own; refused",
    "entered in error": "the record itself withdraws it",
    "cancelled": "ordered but never done or taken",
    "not readable": "its form could not be read",
    "impossible": "its value is outside what is possible",
    "unit": "its unit does not convert to the concept's",
    "no value": "it has no value and no reason for the absence",
    "dangling reference": "it points to something that is not in the record",
    "future": "dated after the assessment",
    "superseded": "a later version of the same entry replaces it",
    "rule-out": "named only to be ruled out or as a question",
    "other site": "about another part of the body",
}


class ChartBuilder:
    """Collects rows; a reader calls it once per thing the record says.

    Rows are tuples in plain lists, so that ten thousand patients cost ten thousand appends and one
    conversion.
    """

    def __init__(self) -> None:
        self._persons: list[dict[str, Any]] = []
        self._statements: list[tuple[Any, ...]] = []
        self._doses: list[tuple[Any, ...]] = []
        self._unread: list[tuple[Any, ...]] = []
        self._orders = 0

    @property
    def persons(self) -> int:
        """Return how many patients have been added."""
        return len(self._persons)

    def person(self, key: str, origin: str, **fields: Any) -> int:
        """Add a patient and return the row number by which all other rows refer to it."""
        number = len(self._persons)
        self._persons.append({"person": number, "key": key, "origin": origin, **fields})
        return number

    def update_person(self, person: int, **fields: Any) -> None:
        """Set fields of a patient that were not known when it was added."""
        self._persons[person] |= {name: value for name, value in fields.items() if value is not None}

    def statement(
        self,
        person: int,
        concept: str,
        origin: str,
        *,
        status: Status = "present",
        side: Side | None = None,
        value: float | None = None,
        low: float | None = None,
        high: float | None = None,
        choice: str | None = None,
        start: date | None = None,
        start_precision: str | None = None,
        end: date | None = None,
        recorded: date | None = None,
        said: str | None = None,
        note: str | None = None,
        product: str | None = None,
    ) -> None:
        """Add one statement about one concept. A plain ``value`` sets both bounds."""
        if value is not None and low is None and high is None:
            low = high = value
        # In the order of STATEMENTS.
        self._statements.append(
            (person, concept, side, status, value, low, high, choice, start, start_precision, end, recorded,
             origin, said, note, product)
        )  # fmt: skip

    def new_order(self) -> int:
        """Return a number that binds the rows of one medication order together."""
        self._orders += 1
        return self._orders

    def dose(self, person: int, ingredient: str, kind: DoseKind, origin: str, **fields: Any) -> None:
        """Add one stretch of days on one daily dose (or one day, for a pulse)."""
        row = {"person": person, "ingredient": ingredient, "kind": kind, "origin": origin, **fields}
        row.setdefault("order", self.new_order())
        self._doses.append(tuple(row.get(column) for column in DOSES))

    def unread(self, person: int | None, origin: str, reason: str, detail: str = "") -> None:
        """List something that was not understood or not used. Nothing is dropped in silence."""
        self._unread.append((person, origin, reason, detail))

    def build(self) -> Chart:
        """Turn the collected rows into the chart's tables."""
        persons = [tuple(row.get(column) for column in PERSONS) for row in self._persons]
        return Chart(
            _frame(persons, PERSONS),
            _frame(self._statements, STATEMENTS),
            _frame(self._doses, DOSES),
            _frame(self._unread, UNREAD),
        )


def _frame(rows: list[tuple[Any, ...]], schema: dict[str, Any]) -> pl.DataFrame:
    columns = zip(*rows, strict=True) if rows else ([] for _ in schema)
    return pl.DataFrame(
        [pl.Series(name, column, dtype=schema[name]) for name, column in zip(schema, columns, strict=True)]
    )


def _empty(schema: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(schema=schema)


@dataclass(frozen=True, slots=True)
class Chart:
    """Four flat tables; see the schemas at the top of this module for their columns."""

    persons: pl.DataFrame
    statements: pl.DataFrame = field(default_factory=lambda: _empty(STATEMENTS))
    doses: pl.DataFrame = field(default_factory=lambda: _empty(DOSES))
    unread: pl.DataFrame = field(default_factory=lambda: _empty(UNREAD))

    @staticmethod
    def concat(charts: list[Chart]) -> Chart:
        """Put several charts into one, renumbering patients and orders."""
        persons, statements, doses, unread = [], [], [], []
        first_person = first_order = 0
        for chart in charts:
            shift = (pl.col("person") + first_person).cast(pl.UInt32)
            persons.append(chart.persons.with_columns(shift))
            statements.append(chart.statements.with_columns(shift))
            doses.append(chart.doses.with_columns(shift, (pl.col("order") + first_order).cast(pl.UInt32)))
            unread.append(chart.unread.with_columns(shift))
            first_person += chart.persons.height
            first_order += chart.doses.select(pl.col("order").max().fill_null(0)).item()
        return Chart(pl.concat(persons), pl.concat(statements), pl.concat(doses), pl.concat(unread))
