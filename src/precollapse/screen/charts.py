"""Charts kept on disk: only what screening can rest on, as Parquet, one folder a partition.

Texts of a few kinds are stored as numbers, so that reading them back costs as little as reading numbers.
Of what is measured again and again only the latest is kept (``condensed``): on the day on which a chart was
stored, and on every later day, the older values cannot matter.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

import numpy as np
import numpy.typing as npt
import polars as pl

from precollapse.chart.model import DOSES, PERSONS, STATEMENTS, UNREAD, Chart, DoseKind, Route, Side, Status
from precollapse.facts.resolve import Groups
from precollapse.facts.rows import LATEST, Flags, concept_columns, day_number, floats, numbered
from precollapse.knowledge.bundle import Knowledge, KnowledgeKey
from precollapse.screen.scope import scope
from precollapse.version import __version__

TABLES = ("persons", "statements", "doses")
_PATTERNS = f"patterns-{__version__}.parquet"
_SIDE, _STATUS = pl.Enum(get_args(Side)), pl.Enum(get_args(Status))
_KIND, _ROUTE = pl.Enum(get_args(DoseKind)), pl.Enum(get_args(Route))
_DEFINITE = ("present", "absent", "past")
_KEPT = {
    "persons": ("person", "key", "sex", "birth_date", "birth_precision", "age_years", "deceased_date",
                "deceased"),
    "statements": ("person", "concept", "side", "status", "value", "low", "high", "choice", "start", "end",
                   "recorded"),
    "doses": ("person", "ingredient", "kind", "route", "order", "product", "start", "end", "ongoing",
              "written", "mg_per_day", "prn", "side", "prescriber"),
}  # fmt: skip


@lru_cache(maxsize=4)
def _types(key: KnowledgeKey) -> dict[str, dict[str, Any]]:
    """Return the types of the stored columns."""
    knowledge = key.knowledge
    choices = sorted({name for concept in knowledge.concepts.values() for name in concept.choices})
    sexes, precisions = pl.Enum(("female", "male")), pl.Enum(("day", "month", "year"))
    special: dict[str, dict[str, Any]] = {
        "persons": {"sex": sexes, "birth_precision": precisions},
        "statements": {
            "concept": pl.Enum(stored_concepts(knowledge)),
            "side": _SIDE,
            "status": _STATUS,
            "choice": pl.Enum(choices),
        },
        "doses": {
            "ingredient": pl.Enum(sorted(knowledge.corticosteroids)),
            "kind": _KIND,
            "route": _ROUTE,
            "side": _SIDE,
        },
    }
    whole = {"persons": PERSONS, "statements": STATEMENTS, "doses": DOSES}
    return {
        table: {name: special[table].get(name, whole[table][name]) for name in _KEPT[table]}
        for table in TABLES
    }


def stored_concepts(knowledge: Knowledge) -> tuple[str, ...]:
    """Return the concepts that are stored: the scope, and everything of a hip, which may name no side."""
    of_hip = (concept.id for concept in knowledge.concepts.values() if concept.level == "hip")
    return tuple(sorted({*scope(knowledge).concepts, *of_hip}))


def to_store(chart: Chart, knowledge: Knowledge, as_of: date) -> dict[str, pl.DataFrame]:
    """Return the tables of a chart as they are stored.

    Parameters
    ----------
    chart
        Any number of patients.
    knowledge
        What screening can rest on.
    as_of
        The first day on which the stored chart will be used.
    """
    types = _types(KnowledgeKey(knowledge))
    within = pl.Series("concept", stored_concepts(knowledge), pl.String)
    statements = chart.statements.filter(pl.col("concept").is_in(within.implode()))
    tables = {"persons": chart.persons, "statements": statements, "doses": chart.doses}
    stored = {
        name: table.select(pl.col(column).cast(kind) for column, kind in types[name].items())
        for name, table in tables.items()
    }
    kept = stored["statements"].filter(pl.Series(~overtaken(stored["statements"], knowledge, as_of)))
    return {**stored, "statements": kept.sort("person", "concept", maintain_order=True)}


def overtaken(statements: pl.DataFrame, knowledge: Knowledge, as_of: date) -> Flags:
    """Return which statements a later one has replaced, so that none of them can count from a day on.

    Only of facts of the patient of which the latest counts, where every statement is definite, dated, no
    medicine, and over by that day. Everything else is kept.
    """
    concepts = concept_columns(knowledge)
    concept = numbered(statements["concept"], lambda name: concepts.place.get(name, -1))
    start, recorded, end = (floats(statements[name]) for name in ("start", "recorded", "end"))
    last = np.fmax(np.fmax(start, recorded), end)
    heard = np.where(concepts.event[concept], np.where(np.isnan(start), recorded, start), last)
    simple = (concepts.resolve == LATEST) & ~concepts.of_hip & ~concepts.medicine
    definite = statements["status"].cast(pl.String).is_in(_DEFINITE).to_numpy()
    plain = simple[concept] & definite & ~np.isnan(heard) & (last <= day_number(as_of))
    if not len(concept):
        return np.zeros(0, dtype=np.bool_)
    key = statements["person"].to_numpy().astype(np.int64) * len(concepts.names) + concept
    order = np.argsort(key, kind="stable")
    groups = Groups(key[order])
    older = heard[order] < groups.most(heard[order])[groups.of]
    found = np.empty(len(plain), dtype=np.bool_)
    found[order] = older & groups.all(plain[order])[groups.of]
    return found


def write_charts(folder: Path, stored: dict[str, pl.DataFrame]) -> None:
    """Write the tables of one partition."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in stored.items():
        table.write_parquet(folder / f"{name}.parquet", compression="lz4", statistics=False)


def read_charts(folder: Path) -> Chart:
    """Read the chart of one partition back."""
    return from_store({name: pl.read_parquet(folder / f"{name}.parquet") for name in TABLES})


def from_store(stored: dict[str, pl.DataFrame]) -> Chart:
    """Return stored tables as a chart; what was not stored is empty."""
    schemas = {"persons": PERSONS, "statements": STATEMENTS, "doses": DOSES}
    whole = {
        name: stored[name].select(
            pl.col(column) if column in stored[name].columns else pl.lit(None, kind).alias(column)
            for column, kind in schema.items()
        )
        for name, schema in schemas.items()
    }
    return Chart(whole["persons"], whole["statements"], whole["doses"], pl.DataFrame(schema=UNREAD))


def write_patterns(folder: Path, patterns: pl.DataFrame) -> None:
    """Keep the patterns of the patients of a chart beside it; the name says which software found them."""
    half = folder / "patterns.half"
    patterns.write_parquet(half, compression="lz4", statistics=False)
    half.replace(folder / _PATTERNS)


def read_patterns(folder: Path) -> pl.DataFrame | None:
    """Return the patterns that this software found of a chart, if it did."""
    path = folder / _PATTERNS
    return pl.read_parquet(path) if path.is_file() else None


def only(chart: Chart, persons: npt.NDArray[np.integer[Any]]) -> Chart:
    """Return some patients of a chart as a chart, numbered from zero on in the order of the chart.

    Parameters
    ----------
    chart
        Patients numbered from zero on.
    persons
        Numbers of patients, ascending.
    """
    if len(persons) == chart.persons.height:
        return chart
    number = np.full(chart.persons.height, -1, dtype=np.int64)
    number[persons] = np.arange(len(persons))

    def of(table: pl.DataFrame) -> pl.DataFrame:
        new = number[table["person"].to_numpy()]
        kept = table.filter(pl.Series(new >= 0))
        return kept.with_columns(pl.Series("person", new[new >= 0], pl.UInt32))

    return Chart(of(chart.persons), of(chart.statements), of(chart.doses), chart.unread.clear())
