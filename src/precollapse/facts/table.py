"""The table of hips: one row per hip, columns per concept, unknown wherever nothing is known.

Columns exist only for what somebody recorded; every other concept is one shared column of unknowns. Truth
is kept as 1, -1 and 0 (see ``logic.py``), a number as a lower and an upper bound, a choice as its place
among the concept's choices, and a time as years before the assessment. NaN is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from precollapse.knowledge.bundle import Knowledge, KnowledgeKey

Truth = npt.NDArray[np.int8]
Number = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

FALSE, UNKNOWN, TRUE = -1, 0, 1
DAYS_PER_YEAR = 365.25

# What a fact brings along besides its row; which of them counts depends on the type of its concept.
VALUES = ("truth", "dated", "low", "high", "place", "years")


@dataclass(slots=True)
class HipTable:
    """Facts of N hips, by concept.

    Attributes
    ----------
    persons, hips
        Person and hip ("left", "right", "unspecified") of each row; the rows of a person stand together.
    left, right
        For each row the rows of the same person's left and right hip.
    overruled
        Where a recorded denial gave way to something narrower that was recorded as present.
    """

    knowledge: Knowledge
    persons: npt.NDArray[np.uint32]
    hips: npt.NDArray[np.str_]
    left: Rows
    right: Rows
    truths: dict[str, Truth] = field(default_factory=dict)
    choices: dict[str, npt.NDArray[np.int16]] = field(default_factory=dict)
    lows: dict[str, Number] = field(default_factory=dict)
    highs: dict[str, Number] = field(default_factory=dict)
    since: dict[str, Number] = field(default_factory=dict)
    overruled: dict[str, npt.NDArray[np.bool_]] = field(default_factory=dict)

    @property
    def height(self) -> int:
        """Return the number of hips."""
        return len(self.persons)

    @property
    def known(self) -> set[str]:
        """Return the concepts of which anything is known of any hip."""
        return {*self.truths, *self.choices, *self.lows, *self.highs, *self.since}

    @property
    def is_left(self) -> npt.NDArray[np.bool_]:
        """Return which rows are left hips."""
        return np.equal(self.left, np.arange(self.height))

    @property
    def is_sided(self) -> npt.NDArray[np.bool_]:
        """Return which rows are of a known side."""
        return np.equal(self.left, np.arange(self.height)) | np.equal(self.right, np.arange(self.height))

    def truth(self, concept: str) -> Truth:
        """Return whether a concept holds; for a date, true where it is known."""
        found = self.truths.get(concept)
        return np.zeros(self.height, dtype=np.int8) if found is None else found

    def low(self, concept: str) -> Number:
        """Return the lower bound of a number, in the concept's unit."""
        return self.lows[concept] if concept in self.lows else self._nothing()

    def high(self, concept: str) -> Number:
        """Return the upper bound of a number, in the concept's unit."""
        return self.highs[concept] if concept in self.highs else self._nothing()

    def years(self, concept: str) -> Number:
        """Return how many years before the assessment something began."""
        return self.since[concept] if concept in self.since else self._nothing()

    def choice(self, concept: str) -> npt.NDArray[np.int16]:
        """Return the place of the answer among the concept's choices; -1 is unknown."""
        found = self.choices.get(concept)
        return np.full(self.height, -1, dtype=np.int16) if found is None else found

    def is_choice(self, concept: str, wanted: tuple[str, ...]) -> Truth:
        """Return whether the answer is one of some choices."""
        names = list(self.knowledge.concepts[concept].choices)
        truth_of = np.array([TRUE if name in wanted else FALSE for name in names] + [UNKNOWN], dtype=np.int8)
        return truth_of[self.choice(concept)]

    def _nothing(self) -> Number:
        return np.full(self.height, np.nan)


def hip_table(long: pl.DataFrame, persons: pl.DataFrame, knowledge: Knowledge, as_of: date) -> HipTable:
    """Spread facts over one row per hip.

    Parameters
    ----------
    long
        Facts as rows; ``hip`` null means that both hips share the fact.
    persons
        One row per person, in the order the rows shall have.
    knowledge
        The type of each concept.
    as_of
        The day from which years count back.
    """
    rows = _rows(long, persons)
    table = _empty_table(rows, knowledge)
    placed = _placed(long, rows, as_of, _choice_places(KnowledgeKey(knowledge)))
    names = placed["concept"].to_numpy()
    columns = {name: placed[name].to_numpy() for name in ("row", *VALUES)}
    bounds = [0, *(np.flatnonzero(names[1:] != names[:-1]) + 1).tolist(), len(names)]
    for start, end in pairwise(bounds):
        if start < end:
            part = {name: column[start:end] for name, column in columns.items()}
            _fill(table, names[start], part)
    return table


def _rows(long: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """Left and right for everybody; "unspecified" where something was said without a side."""
    two = persons.select("person").join(pl.DataFrame({"hip": ["left", "right"]}), how="cross")
    third = long.filter(pl.col("hip") == "unspecified").select("person", "hip").unique()
    both = pl.concat([two, third]) if third.height else two
    return both.sort("person", "hip").with_row_index("row")


def _empty_table(rows: pl.DataFrame, knowledge: Knowledge) -> HipTable:
    persons = rows["person"].to_numpy()
    hips = rows["hip"].to_numpy().astype("U11")
    number = np.arange(len(persons))
    first = np.flatnonzero(hips == "left")
    left = first[np.searchsorted(first, number, side="right") - 1] if len(first) else number
    return HipTable(knowledge, persons, hips, left, left + 1)


@lru_cache(maxsize=4)
def _choice_places(key: KnowledgeKey) -> pl.DataFrame:
    """Return the place of every choice among the choices of its concept."""
    rows = [
        (concept.id, choice, place)
        for concept in key.knowledge.concepts.values()
        for place, choice in enumerate(concept.choices)
    ]
    schema = {"concept": pl.String, "choice": pl.String, "place": pl.Int16}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _placed(long: pl.DataFrame, rows: pl.DataFrame, as_of: date, places: pl.DataFrame) -> pl.DataFrame:
    """Give every fact the numbers of the rows it belongs to; the facts of a concept stand together."""
    since = pl.coalesce("date_value", "since")
    facts = long.join(places, on=["concept", "choice"], how="left").select(
        "person",
        "hip",
        "concept",
        "low",
        "high",
        pl.col("place").fill_null(-1),
        (pl.col("truth").cast(pl.Int8) * 2 - 1).fill_null(UNKNOWN).alias("truth"),
        pl.col("date_value").is_not_null().cast(pl.Int8).alias("dated"),
        ((pl.lit(as_of) - since).dt.total_days() / DAYS_PER_YEAR).alias("years"),
    )
    of_hip = facts.filter(pl.col("hip").is_not_null()).join(rows, on=["person", "hip"])
    of_patient = facts.filter(pl.col("hip").is_null()).drop("hip").join(rows, on="person")
    return pl.concat([of_hip, of_patient.select(of_hip.columns)]).sort("concept", maintain_order=True)


def _fill(table: HipTable, name: str, part: dict[str, npt.NDArray[Any]]) -> None:
    """Put the facts of one concept into the table."""
    kind, row = table.knowledge.concepts[name].type, part["row"]
    if kind == "number":
        table.lows[name] = _scattered(table.height, np.nan, row, part["low"])
        table.highs[name] = _scattered(table.height, np.nan, row, part["high"])
    table.since[name] = _scattered(table.height, np.nan, row, part["years"])
    if kind == "number":
        return
    if kind == "choice":
        table.choices[name] = _scattered(table.height, np.int16(-1), row, part["place"])
    else:
        truth = part["dated" if kind == "date" else "truth"]
        table.truths[name] = _scattered(table.height, np.int8(UNKNOWN), row, truth)


def _scattered(height: int, unknown: Any, row: Rows, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a column of unknowns with some values in it."""
    column = np.full(height, unknown)
    column[row] = values
    return column
