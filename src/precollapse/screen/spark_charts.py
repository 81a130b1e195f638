"""Stored charts as Spark reads them: one row a patient, the statements and doses in lists within the row.

A patient's rows stand in three tables. Nested into one row they cannot be torn apart: no join and no shuffle
is needed, and however Spark cuts the files, a task has whole patients. Texts of few kinds are strings, which
Parquet keeps as numbers of a dictionary anyway; numbers without sign, which Spark does not have, are signed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import polars as pl

from precollapse.chart.model import Chart, ChartBuilder
from precollapse.errors import InputError
from precollapse.knowledge.bundle import Knowledge, KnowledgeKey
from precollapse.knowledge.load import load
from precollapse.screen.charts import TABLES, from_store, to_store
from precollapse.screen.store import PART, Store, is_store, read_json, whole

if TYPE_CHECKING:
    import pyarrow as pa

LISTS = tuple(name for name in TABLES if name != "persons")
MADE_WITH = {"knowledge": pl.String, "through": pl.Date}  # with which knowledge, for which day and later
# Polars, as Spark writes it in a schema, as Arrow calls it
_NAMES = {
    pl.String: ("string", "string"),
    pl.Float64: ("double", "float64"),
    pl.Int64: ("bigint", "int64"),
    pl.Int8: ("tinyint", "int8"),
    pl.Boolean: ("boolean", "bool_"),
    pl.Date: ("date", "date32"),
    pl.Binary: ("binary", "binary"),
}


def signed(kind: Any) -> Any:
    """Return the type under which Spark keeps a stored column."""
    if isinstance(kind, pl.Enum):
        return pl.String
    return pl.Int64 if kind == pl.UInt32 else kind


def ddl_type(kind: Any) -> str:
    """Return how Spark writes a type in a schema."""
    if isinstance(kind, pl.List):
        return f"array<{ddl_type(kind.inner)}>"
    if isinstance(kind, pl.Struct):
        return f"struct<{', '.join(f'`{one.name}`: {ddl_type(one.dtype)}' for one in kind.fields)}>"
    return _NAMES[cast("Any", signed(kind))][0]


def ddl(schema: dict[str, Any]) -> str:
    """Return a schema as Spark writes it."""
    return ", ".join(f"`{name}` {ddl_type(kind)}" for name, kind in schema.items())


def arrow_type(kind: Any) -> pa.DataType:
    """Return the type that Arrow takes to Spark."""
    import pyarrow as pa

    if isinstance(kind, pl.List):
        return pa.list_(arrow_type(kind.inner))
    if isinstance(kind, pl.Struct):
        return pa.struct([(one.name, arrow_type(one.dtype)) for one in kind.fields])
    return getattr(pa, _NAMES[cast("Any", signed(kind))][1])()


def arrow_batches(table: pl.DataFrame, schema: dict[str, Any]) -> list[pa.RecordBatch]:
    """Return a table as batches for Spark, in its types."""
    import pyarrow as pa

    wanted = pa.schema([(name, arrow_type(kind)) for name, kind in schema.items()])
    plain = table.select(pl.col(name).cast(signed(kind)) for name, kind in schema.items())
    return cast("list[pa.RecordBatch]", plain.to_arrow().cast(wanted).combine_chunks().to_batches())


@lru_cache(maxsize=2)
def _types(key: KnowledgeKey) -> dict[str, dict[str, Any]]:
    """Return the types of the stored tables."""
    empty = to_store(ChartBuilder().build(), key.knowledge, date.min)
    return {name: dict(table.schema) for name, table in empty.items()}


def chart_schema(knowledge: Knowledge) -> dict[str, Any]:
    """Return the columns of the row of a patient."""
    types = _types(KnowledgeKey(knowledge))
    lists = {
        name: pl.List(pl.Struct({one: signed(kind) for one, kind in types[name].items() if one != "person"}))
        for name in LISTS
    }
    persons = {name: signed(kind) for name, kind in types["persons"].items() if name != "person"}
    return {**persons, **lists, **MADE_WITH}


def rows_of_patients(stored: dict[str, pl.DataFrame], knowledge: Knowledge, through: date) -> pl.DataFrame:
    """Return stored tables with one row a patient.

    Parameters
    ----------
    stored
        The tables that ``to_store`` returns, or that were read back from a store.
    knowledge
        With which they were stored.
    through
        The first day on which they may be used.
    """
    rows = stored["persons"]
    for name in LISTS:
        table = stored[name].select(
            pl.col(one).cast(signed(kind)) for one, kind in stored[name].schema.items()
        )
        entry = pl.struct(pl.exclude("person")).alias(name)
        of_patient = (
            table.with_columns(stored[name]["person"]).group_by("person", maintain_order=True).agg(entry)
        )
        rows = rows.join(of_patient, on="person", how="left", maintain_order="left")
    said = [pl.lit(knowledge.version).alias("knowledge"), pl.lit(through).alias("through")]
    schema = chart_schema(knowledge)
    nothing = [pl.col(name).fill_null(pl.lit([], schema[name])) for name in LISTS]
    return rows.with_columns(*said, *nothing).select(pl.col(name).cast(kind) for name, kind in schema.items())


def chart_of_rows(batch: pa.RecordBatch, knowledge: Knowledge) -> Chart:
    """Return the chart of patients that Spark gives as rows.

    The lists are not unpacked: the values of all patients already stand side by side in Arrow's memory, and
    are taken as they are. Only texts of few kinds become numbers. Orders keep their numbers, which tell apart
    the orders of one patient.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    types = _types(KnowledgeKey(knowledge))
    persons = batch.select([name for name in types["persons"] if name != "person"])
    tables = {"persons": _frame(persons).with_row_index("person")}
    for name in LISTS:
        column = batch.column(name)
        entries = pa.RecordBatch.from_struct_array(pc.list_flatten(column))
        person = pl.Series("person", pc.list_parent_indices(column).to_numpy(zero_copy_only=False))
        tables[name] = _frame(entries).with_columns(person)
    stored = {
        name: table.select(pl.col(one).cast(kind) for one, kind in types[name].items())
        for name, table in tables.items()
    }
    return from_store(stored)


def _frame(batch: pa.RecordBatch) -> pl.DataFrame:
    return cast("pl.DataFrame", pl.from_arrow(batch))


def charts_to_spark(store_folder: Path, out: Path) -> int:
    """Write the charts of a store with one row a patient, one file a part, so that Spark can read them.

    Parts are done one after the other, so that never more than one is in memory.

    Parameters
    ----------
    store_folder
        The store of an earlier run, or the folder that holds it as ``store``.
    out
        A new folder, or one that was written by this function and will be replaced.

    Returns
    -------
    int
        How many patients were written.

    Raises
    ------
    InputError
        When there are no charts, when they were stored with other knowledge, or when ``out`` holds anything
        else.
    """
    folder = store_folder if is_store(store_folder) else store_folder / "store"
    if not is_store(folder):
        raise InputError(store_folder.name, "holds no stored charts; give the folder of an earlier run")
    store, knowledge, patients = Store.open(folder, 1), load(), 0
    names = store.parts()
    if not names:
        raise InputError(store_folder.name, "holds no stored charts; the earlier run was not finished")
    _refuse_others(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with whole(out) as half:
        half.chmod(0o700)  # records of patients are for nobody else to read
        for name in names:
            said = read_json(store.chart(name) / PART)
            require_knowledge(store_folder.name, [said["knowledge"]], knowledge)
            tables = {one: pl.read_parquet(store.chart(name) / f"{one}.parquet") for one in TABLES}
            rows = rows_of_patients(tables, knowledge, date.fromisoformat(said["through"]))
            rows.write_parquet(half / f"{name}.parquet", compression="snappy", use_pyarrow=False)
            patients += rows.height
    return patients


def require_knowledge(place: str, versions: Iterable[str], knowledge: Knowledge) -> None:
    """Refuse charts that were stored with other knowledge.

    Raises
    ------
    InputError
        Naming both versions.
    """
    others = sorted(set(versions) - {knowledge.version})
    if others:
        raise InputError(
            place,
            f"its charts were stored with knowledge {', '.join(others)}, not {knowledge.version};"
            " screen the export itself again",
        )


def _refuse_others(out: Path) -> None:
    """Refuse to replace a folder that holds anything but Parquet."""
    inside = list(out.iterdir()) if out.is_dir() else []
    ours = all(path.suffix in {".parquet", ".crc"} or path.name == "_SUCCESS" for path in inside)
    if out.is_file() or not ours:
        raise InputError(out.name, "exists and holds other files than Parquet; give a new folder")
