"""Counts the rows of a screening run group by group, in streams; nothing is hidden here yet.

The rows are never all in memory: each table is one streaming aggregation, and risks are counted by their
value to three significant figures, from which quantiles follow as exactly as they are ever printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import polars as pl

from precollapse.screen.summary_model import NOT_RECORDED, NOTHING, Bin

AGE_BANDS = ((0, "under 18"), (18, "18 to 29"), *((low, f"{low} to {low + 9}") for low in range(30, 80, 10)))
OLDEST = (80, "80 and over")
SEXES: Mapping[str, str] = {"female": "Female", "male": "Male"}
OTHERS = ""  # the id of the groups that are joined
_MOST_GROUPS = 60  # more rows than that nobody reads


@dataclass(frozen=True, slots=True)
class Cell:
    """A group before anything is hidden; risks are (value, patients) in ascending order."""

    id: str | None
    label: str
    patients: int
    flagged: int
    risks: tuple[tuple[float, int], ...] = ()


def queries(rows: pl.LazyFrame, hip_pain: pl.Expr | None) -> list[pl.LazyFrame]:
    """Return the aggregations: by cause and risk, by answer, by sex and age, by specialty, and the days."""
    flagged = (
        (pl.col("action").cast(pl.String) != NOTHING).fill_null(False).sum().cast(pl.Int64).alias("flagged")
    )
    counts = [pl.len().cast(pl.Int64).alias("patients"), flagged]
    risk = pl.col("risk").fill_nan(None).round_sig_figs(3)
    band = pl.lit(OLDEST[1])
    for (_, label), (limit, _) in reversed(list(pairwise((*AGE_BANDS, OLDEST)))):
        band = pl.when(pl.col("age_years") < limit).then(pl.lit(label)).otherwise(band)
    band = pl.when(pl.col("age_years").is_not_nan()).then(band)
    pain = pl.lit(False) if hip_pain is None else hip_pain.fill_null(False)
    name = pl.col("cause_name").cast(pl.String).min()
    return [
        rows.group_by(_told("cause"), risk.alias("risk")).agg(*counts, name),
        rows.group_by(_told("action"), _told("urgency"), pain.alias("pain")).agg(*counts),
        rows.group_by(_told("sex"), band.alias("age")).agg(*counts),
        rows.group_by(_told("prescriber_specialty").alias("specialty")).agg(*counts),
        rows.select(first=pl.col("as_of").min(), last=pl.col("as_of").max()),
    ]


def _told(name: str) -> pl.Expr:
    """Return a column of words in which an empty one is what it is: unknown."""
    words = pl.col(name).cast(pl.String).str.strip_chars()
    return pl.when(words != "").then(words).alias(name)


def quantile(risks: Sequence[tuple[float, int]], share: float) -> float:
    """Return the lowest risk that at least this share of the patients do not exceed.

    Parameters
    ----------
    risks
        (value, patients) in ascending order, at least one.
    share
        From 0 to 1.
    """
    sums = list(accumulate(patients for _, patients in risks))
    wanted = share * sums[-1]
    return next(value for (value, _), upto in zip(risks, sums, strict=True) if upto >= wanted - 1e-9)


def named(counted: pl.DataFrame, column: str, names: Mapping[str, str]) -> list[Cell]:
    """Return a cell for each name, zero or not, for what has no name here, and for what is not recorded."""
    counts = _sums(counted, column)
    others = sorted(one for one in counts if one is not None and one not in names)
    order: list[str | None] = [*names, *others, *([None] if None in counts else [])]
    return [Cell(one, _label(one, names), *counts.get(one, (0, 0))) for one in order]


def _sums(counts: pl.DataFrame, column: str) -> dict[str | None, tuple[int, int]]:
    summed = counts.group_by(column).agg(pl.col("patients").sum(), pl.col("flagged").sum())
    return {name: (patients, flagged) for name, patients, flagged in summed.iter_rows()}


def _label(name: str | None, names: Mapping[str, str]) -> str:
    if name is None:
        return NOT_RECORDED
    return names.get(name) or name.replace("_", " ").capitalize()


def causes_of(counts: pl.DataFrame) -> list[Cell]:
    """Return a cell for each cause with the risks of its patients, and one for those without a cause."""
    cells = []
    for (cause,), part in counts.sort("risk").group_by("cause"):
        known = tuple(part.filter(pl.col("risk").is_not_null()).select("risk", "patients").iter_rows())
        name = part["cause_name"].min()
        label = "No cause recorded" if cause is None else str(name or _label(str(cause), {}))
        patients, flagged = int(part["patients"].sum()), int(part["flagged"].sum())
        cells.append(Cell(None if cause is None else str(cause), label, patients, flagged, known))
    return _largest_first(cells, "Other causes together")


def specialties_of(counts: pl.DataFrame) -> list[Cell]:
    """Return a cell for each specialty, and one for those of whom no prescriber is recorded."""
    # Most patients have no corticosteroids, so "not recorded" would sound like a gap in the record.
    unknown = "no prescriber of corticosteroids recorded"
    sums = _sums(counts, "specialty")
    cells = [Cell(name, unknown if name is None else name, *sums[name]) for name in sums]
    return _largest_first(cells, "Other specialties together")


def _largest_first(cells: Iterable[Cell], rest: str) -> list[Cell]:
    """Put the largest groups first and what is not recorded last; join those that nobody would read."""
    ordered = sorted(cells, key=lambda one: (one.id is None, -one.patients, one.label))
    named = [one for one in ordered if one.id is not None]
    if len(named) <= _MOST_GROUPS:
        return ordered
    kept, joined = named[: _MOST_GROUPS - 1], named[_MOST_GROUPS - 1 :]
    patients, flagged = sum(one.patients for one in joined), sum(one.flagged for one in joined)
    return [*kept, Cell(OTHERS, rest, patients, flagged), *ordered[len(named) :]]


def people_of(counts: pl.DataFrame) -> tuple[list[Cell], list[Cell], list[Cell]]:
    """Return cells by sex, by age and by both."""
    bands = {label: label.capitalize() for _, label in (*AGE_BANDS, OLDEST)}
    sexes = [one for one in named(counts, "sex", SEXES) if one.patients]
    ages = [one for one in named(counts, "age", bands) if one.patients]
    both = {
        (sex, age): numbers
        for sex, age, *numbers in counts.select("sex", "age", "patients", "flagged").rows()
    }
    pairs = [
        Cell(f"{age.label}\t{sex.label}", sex.label, *both[sex.id, age.id])
        for age in ages
        for sex in sexes
        if (sex.id, age.id) in both
    ]
    return sexes, ages, pairs


def risks_of(causes: pl.DataFrame) -> list[tuple[Bin, Cell]]:
    """Return the bins from the lowest to the highest that has a patient, then those without an estimate."""
    values = causes.group_by("risk").agg(pl.col("patients").sum(), pl.col("flagged").sum()).sort("risk")
    known = [row for row in values.iter_rows() if row[0] is not None]
    edges = [0.0, *(float(f"{digit}e{power}") for power in range(-5, 0) for digit in (1, 2, 5)), 1.0]
    made = []
    for low, high in pairwise(edges):
        inside = [row for row in known if low <= row[0] < high or (high == 1.0 and row[0] >= 1.0)]
        risks = tuple((value, patients) for value, patients, _ in inside)
        numbers = sum(row[1] for row in inside), sum(row[2] for row in inside)
        made.append((Bin(low, high), Cell(f"{low:g}", f"{low:g}", *numbers, risks)))
    filled = [place for place, (_, cell) in enumerate(made) if cell.patients]
    made = made[filled[0] : filled[-1] + 1] if filled else []
    unknown = next((row for row in values.iter_rows() if row[0] is None), None)
    if unknown is not None:
        made.append((Bin(None, None), Cell(None, "not estimated", unknown[1], unknown[2])))
    return made
