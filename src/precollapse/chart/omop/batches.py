"""Reads OMOP CDM records of any size as batches of patients, in memory that does not grow with the record.

A record is a folder of CSV or Parquet files, a DuckDB file or a PostgreSQL database. What rows mean is
decided by the same code that reads a whole folder at once (``read``).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from precollapse.chart.model import Chart
from precollapse.chart.omop.meaning import Interpreter
from precollapse.chart.omop.persons import NO_PERSON_TABLE
from precollapse.chart.omop.read import not_used, read_tables
from precollapse.chart.omop.runs import PROVIDER, Runs
from precollapse.chart.omop.schema import EVENTS
from precollapse.chart.omop.tables import Folder, Source
from precollapse.chart.omop.vocabulary import Vocabulary
from precollapse.errors import InputError
from precollapse.knowledge.bundle import Knowledge

PERSONS_PER_BATCH = 50_000


def omop_batches(
    source: Path | str,
    knowledge: Knowledge,
    *,
    persons_per_batch: int = PERSONS_PER_BATCH,
    work: Path | None = None,
) -> Iterator[Chart]:
    """Read an OMOP CDM record as charts of some patients each.

    Parameters
    ----------
    source
        A folder with one CSV or Parquet file per table, ``duckdb:///path/file.db`` or
        ``postgresql://user@host:5432/database?schema=cdm``. Nothing is ever written to it.
    knowledge
        What codes and words mean.
    persons_per_batch
        At most so many patients are in a chart.
    work
        Folder for temporary files, which take about as much room as the columns that are read do as
        Parquet. They hold patients' data, are readable by this user only and are deleted at the end.
        The system's folder for temporary files when not given.

    Yields
    ------
    Chart
        Every patient is in exactly one chart, in ascending order of ``person_id`` from chart to chart.
        What belongs to no patient (unused tables, rows of unknown persons) is listed once.

    Raises
    ------
    InputError
        When the record cannot be read; the message names the place and never holds a password.
    """
    if persons_per_batch < 1:
        raise InputError("persons_per_batch", f"{persons_per_batch} is too few; give 1 or more")
    with TemporaryDirectory(prefix="precollapse-", dir=work) as folder:
        # Closed before the first batch: a long run holds no connection and no transaction open.
        with opened(source) as record:
            runs = Runs(record, Path(folder))
            stretches = runs.stretches(persons_per_batch)
            interpreter = _prepared(record, knowledge, runs)
            listed = not_used(record)
        for stretch in stretches:
            yield read_tables(runs.of(stretch), interpreter, listed=listed, patients=runs.patients)
            listed = []


def count_persons(source: Path | str) -> int:
    """Count the rows of PERSON that name a person; a person listed twice counts twice.

    Raises
    ------
    InputError
        When the record cannot be read.
    """
    with opened(source) as record, TemporaryDirectory(prefix="precollapse-") as folder:
        if "person" not in record.names():
            raise InputError(record.name, NO_PERSON_TABLE)
        chunks = record.chunks("person", {"person_id": "id"}, Path(folder))
        return sum(chunk["person_id"].count() for chunk in chunks)


@contextmanager
def opened(source: Path | str) -> Iterator[Source]:
    """Open a folder or a database, and close it at the end."""
    if isinstance(source, str) and "://" in source:
        from precollapse.chart.omop.database import connected

        with connected(source) as database:
            yield database
    else:
        yield Folder(Path(source))


def _prepared(record: Source, knowledge: Knowledge, runs: Runs) -> Interpreter:
    """Look up once all that the record names, so that no batch searches the vocabulary again."""
    vocabulary = Vocabulary(record)
    interpreter = Interpreter(knowledge, vocabulary)
    vocabulary.learn(number for column, ids in runs.ids.items() if column != PROVIDER for number in ids)
    coded = {name for table in EVENTS for name in table.codes()} | {"value_as_concept_id"}
    interpreter.look_up_ancestors(number for name in coded for number in runs.ids.get(name, ()))
    vocabulary.strengths(runs.ids.get("drug_concept_id", ()))
    vocabulary.specialties(runs.ids.get(PROVIDER, ()))
    return interpreter
