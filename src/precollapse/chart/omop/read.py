"""Reads a folder of OMOP CDM 5.4 tables into a chart of all its patients.

Tables are read column by column; Python sees each distinct code, value or direction once. Which tables
and columns are read stands in ``schema``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl

from precollapse.chart.model import DOSES, STATEMENTS, UNREAD_REASONS, Chart
from precollapse.chart.omop import schema, unread
from precollapse.chart.omop.audit import audit
from precollapse.chart.omop.conditions import conditions, procedures
from precollapse.chart.omop.doses import medicines
from precollapse.chart.omop.events import Counted, Read, count, read
from precollapse.chart.omop.meaning import Interpreter
from precollapse.chart.omop.observations import observations
from precollapse.chart.omop.persons import People, read_people
from precollapse.chart.omop.pieces import Interpreted, statements
from precollapse.chart.omop.tables import Folder, Source, Tables
from precollapse.chart.omop.vocabulary import Vocabulary
from precollapse.knowledge.bundle import Knowledge


def read_omop(folder: Path, knowledge: Knowledge) -> Chart:
    """Read every patient of an OMOP CDM folder.

    Parameters
    ----------
    folder
        Holds one CSV or Parquet file per table, in any letter case; ``person`` is required, and without
        ``concept`` only source values can be understood.
    knowledge
        What codes and words mean.

    Raises
    ------
    InputError
        When the folder, the person table or a file cannot be read; the message names the place.
    """
    tables = Folder(folder)
    interpreter = Interpreter(knowledge, Vocabulary(tables))
    return read_tables(tables, interpreter, listed=not_used(tables))


def read_tables(
    tables: Tables,
    interpreter: Interpreter,
    *,
    listed: Sequence[pl.DataFrame] = (),
    patients: int | None = None,
) -> Chart:
    """Read every patient of some tables, whatever holds them.

    Parameters
    ----------
    tables
        A whole record or the rows of some of its patients.
    interpreter
        Gives codes their meaning; what it has looked up before is not looked up again.
    listed
        What is not read besides, from ``not_used``.
    patients
        How many patients the whole record has, when these tables are only a part of it.
    """
    people = read_people(tables, patients)
    counted = [found for table in schema.EVENTS if (found := count(tables, table, people)) is not None]
    interpreter.vocabulary.learn(_ids(counted))
    interpreter.look_up_ancestors(_ids(counted))
    collected = _Collected([*people.unread, *listed])
    for table in counted:
        collected.add(table, read(table, interpreter, people), interpreter, people)
    return collected.chart(people)


def _ids(counted: Iterable[Counted]) -> set[int]:
    columns = (table.combinations[name] for table in counted for name in ("concept_id", "source_concept_id"))
    return {number for column in columns for number in column.drop_nulls().unique().to_list()}


class _Collected:
    """The parts of the chart, table by table."""

    def __init__(self, listed: list[pl.DataFrame]) -> None:
        self.statements: list[pl.DataFrame] = []
        self.doses: list[pl.DataFrame] = []
        self.unread = listed

    def add(self, counted: Counted, rows: Read, interpreter: Interpreter, people: People) -> None:
        """Add what the rows of one table mean."""
        self.unread += rows.unread
        match counted.table:
            case schema.DRUG:
                found = medicines(rows, interpreter)
                self.doses.append(found.doses)
                self.statements.append(found.injections)
                interpreted = found.interpreted
            case schema.CONDITION:
                interpreted = conditions(rows, interpreter)
            case schema.MEASUREMENT:
                interpreted = observations(rows, interpreter, bare_is_yes=False)
            case schema.OBSERVATION:
                interpreted = observations(rows, interpreter, bare_is_yes=True)
                self._take(audit(rows, interpreter), rows.origin, people)
            case _:
                interpreted = procedures(rows, interpreter)
        self._take(interpreted, rows.origin, people)

    def _take(self, interpreted: Interpreted, origin: str, people: People) -> None:
        self.statements.append(statements(interpreted.pieces, origin))
        self.unread.append(unread.raw(interpreted.refused, origin, apart=people.apart))

    def chart(self, people: People) -> Chart:
        """Put the parts together."""
        return Chart(
            people.persons,
            pl.concat([pl.DataFrame(schema=STATEMENTS), *self.statements]),
            pl.concat([pl.DataFrame(schema=DOSES), *self.doses]),
            unread.finished(self.unread),
        )


def not_used(source: Source) -> list[pl.DataFrame]:
    """List the tables that are there but not read, each with its number of rows."""
    listed = [
        unread.one(name, "superseded", "the same table is there as Parquet, which is read", 1)
        for name in source.ignored
    ]
    for name in sorted(source.names() - schema.READ - schema.NO_PATIENT_DATA):
        rows = source.rows(name)
        if rows:
            listed.append(unread.one(source.origin(name), "not used", UNREAD_REASONS["not used"], rows))
    return listed
