"""Facts as arrays, one entry per fact: what is computed on before the table of hips and the list for people.

Numbers stand for words: a concept is its place in the alphabet of concepts, a hip its place in ``HIPS``, or
-1 where both hips share the fact, a day its distance in days from 1970. NaN is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import lru_cache
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import polars as pl

from precollapse.knowledge.bundle import Knowledge, KnowledgeKey

Numbers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Words = npt.NDArray[np.object_]

HIPS = ("left", "right", "unspecified")
OF_PATIENT = -1
NO, UNKNOWN, YES = -1, 0, 1
TYPES = ("yes_no", "number", "choice", "date")
YES_NO, NUMBER, CHOICE, DATE = range(len(TYPES))
RESOLUTIONS = ("ever", "latest", "maximum", "minimum")
EVER, LATEST, MAXIMUM, MINIMUM = range(len(RESOLUTIONS))
IMAGING = "imaging"  # the group of the concepts that are results of an image

_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class ConceptColumns:
    """What the knowledge says of every concept, in the order of the alphabet.

    Attributes
    ----------
    names, place
        Their ids, and the place of each.
    type, resolve
        Places in ``TYPES`` and ``RESOLUTIONS``.
    valid_days
        After how many days an answer is stale; NaN for never.
    of_hip, medicine, event, image
        Whether each is so.
    choices
        The place of every choice, by number of concept and name.
    """

    names: Words
    place: dict[str, int]
    type: Numbers
    resolve: Numbers
    valid_days: Floats
    of_hip: Flags
    medicine: Flags
    event: Flags
    image: Flags
    choices: dict[tuple[int, str], int]


def concept_columns(knowledge: Knowledge) -> ConceptColumns:
    """Return the concepts of this knowledge as columns."""
    return _concept_columns(KnowledgeKey(knowledge))


@lru_cache(maxsize=4)
def _concept_columns(key: KnowledgeKey) -> ConceptColumns:
    concepts = sorted(key.knowledge.concepts.values(), key=lambda concept: concept.id)
    return ConceptColumns(
        names=words(concept.id for concept in concepts),
        place={concept.id: number for number, concept in enumerate(concepts)},
        type=np.array([TYPES.index(concept.type) for concept in concepts], dtype=np.int64),
        resolve=np.array([RESOLUTIONS.index(concept.resolve) for concept in concepts], dtype=np.int64),
        valid_days=np.array([concept.valid_days for concept in concepts], dtype=np.float64),
        of_hip=np.array([concept.level == "hip" for concept in concepts], dtype=bool),
        medicine=np.array([concept.medicine for concept in concepts], dtype=bool),
        event=np.array([concept.event for concept in concepts], dtype=bool),
        image=np.array([concept.group == IMAGING for concept in concepts], dtype=bool),
        choices={
            (number, choice): place
            for number, concept in enumerate(concepts)
            for place, choice in enumerate(concept.choices)
        },
    )


@dataclass(frozen=True, slots=True)
class Columns:
    """Base of arrays of one length, which say one thing after the other."""

    def take(self, rows: npt.NDArray[Any]) -> Self:
        """Return some of them, given as numbers or as flags; all in their order are what is there."""
        if self._are_all(rows):
            return self
        return type(self)(*(getattr(self, field.name)[rows] for field in fields(self)))

    def _are_all(self, rows: npt.NDArray[Any]) -> bool:
        """Return whether rows are all rows in their order: to look costs far less than to copy a cohort."""
        if len(rows) != len(getattr(self, fields(self)[0].name)) or not len(rows):
            return False
        if rows.dtype == np.bool_:
            return bool(rows.all())
        return bool(rows[0] == 0 and rows[-1] == len(rows) - 1 and (rows[1:] - rows[:-1] == 1).all())

    @classmethod
    def concat(cls, parts: Sequence[Self]) -> Self:
        """Put several one after the other."""
        parts = [part for part in parts if len(getattr(part, fields(part)[0].name))] or parts[:1]
        if len(parts) == 1:
            return parts[0]
        return cls(*(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(cls)))


@dataclass(frozen=True, slots=True)
class FactRows(Columns):
    """Facts, one entry of every column each; ``Facts.long`` has the same columns."""

    person: Numbers
    hip: Numbers
    concept: Numbers
    truth: Numbers
    number: Floats
    low: Floats
    high: Floats
    choice: Words
    date_value: Floats
    since: Floats
    date: Floats
    origin: Words
    note: Words
    why_unknown: Words

    @staticmethod
    def of(count: int, **known: Any) -> FactRows:
        """Return some facts of patients of which only a few columns are known."""
        columns = {name: np.full(count, unknown) for name, unknown in _UNKNOWN.items() if name not in known}
        return FactRows(**columns, **known)


_UNKNOWN: dict[str, Any] = {
    "hip": OF_PATIENT,
    "truth": UNKNOWN,
    **dict.fromkeys(("number", "low", "high", "date_value", "since", "date"), np.nan),
    **dict.fromkeys(("choice", "note", "why_unknown"), None),
}


def words(texts: Iterable[str | None]) -> Words:
    """Return texts as an array."""
    listed = list(texts)
    found = np.empty(len(listed), dtype=object)
    found[:] = listed
    return found


def texts(column: pl.Series) -> Words:
    """Return the texts of a column; where there are none, or few kinds, as in a stored chart, at once."""
    if column.null_count() == len(column):
        return np.full(len(column), None)
    if isinstance(column.dtype, pl.Enum):
        names = column.dtype.categories.to_list()
        place = {name: number for number, name in enumerate(names)}
        return words([*names, None])[numbered(column, place.__getitem__)]
    return words(column.to_list())


def known(texts: Words) -> Flags:
    """Return where there is a text."""
    return np.asarray(texts != np.array(None, dtype=object))


def numbered(column: pl.Series, number_of: Callable[[str], int], none: int = -1) -> Numbers:
    """Return a number for each text of a column.

    A column that is already stored as numbers of a few texts, as in charts read back from disk, is looked up
    whole; the texts of a fresh record are looked up one by one, which is quicker for one patient.

    Parameters
    ----------
    column
        Texts; null is none of them.
    number_of
        Gives the number of a text.
    none
        The number of null.
    """
    if isinstance(column.dtype, pl.Enum):
        names = column.dtype.categories.to_list()
        table = np.array([*map(number_of, names), none], dtype=np.int64)
        return np.asarray(table[column.to_physical().cast(pl.Int64).fill_null(len(names)).to_numpy()])
    texts = column.to_list()
    return np.array([none if text is None else number_of(text) for text in texts], dtype=np.int64)


def floats(column: pl.Series) -> Floats:
    """Return numbers, or days, with NaN for null."""
    return np.asarray(column.cast(pl.Float64).to_numpy(), dtype=np.float64)


def day_number(day: date) -> float:
    """Return a day as its distance from 1970 in days."""
    return float(day.toordinal() - _EPOCH)


def of_numbers(name: str, values: Floats) -> pl.Series:
    """Return a column of numbers with null for NaN."""
    return pl.Series(name, values, dtype=pl.Float64, nan_to_null=True)


def of_days(name: str, values: Floats) -> pl.Series:
    """Return a column of days."""
    return of_numbers(name, values).cast(pl.Int32).cast(pl.Date)
