"""record → assessment in one call: what the command line, a notebook and a service all use.

>>> from precollapse import assess_path                                         # doctest: +SKIP
>>> assess_path("patient.json", today=date.today())[0].urgency.level           # doctest: +SKIP
'urgent'
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from precollapse.assessment.build import build_assessments
from precollapse.assessment.facts_document import PatientFactsDocument, facts_documents
from precollapse.assessment.model import Assessment
from precollapse.chart.model import Chart
from precollapse.chart.reader import read, read_bytes
from precollapse.engine.run import evaluate
from precollapse.facts.build import build_facts
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.load import load


def assess_path(path: str | Path, *, as_of: date | None = None, today: date) -> list[Assessment]:
    """Assess every patient of a record.

    Parameters
    ----------
    path
        A FHIR file or folder, an OMOP folder or a case file.
    as_of
        The day of the assessment; by default the day the record itself names, else ``today``.
    today
        The day it is. It is asked for because nothing in this package reads the clock.

    Raises
    ------
    InputError
        When the record cannot be used; the message names the place.
    """
    knowledge = load()
    chart = read(path, knowledge, as_of or today)
    return assess_chart(chart, knowledge, _day(chart, as_of, today))


def assess_bytes(data: bytes, name: str, *, as_of: date | None = None, today: date) -> list[Assessment]:
    """Assess a record given as bytes; ``name`` stands for the file in messages and origins."""
    knowledge = load()
    chart = read_bytes(data, name, knowledge, as_of or today)
    return assess_chart(chart, knowledge, _day(chart, as_of, today))


def assess_chart(chart: Chart, knowledge: Knowledge, as_of: date) -> list[Assessment]:
    """Assess every patient of a chart on one day."""
    facts = build_facts(chart, knowledge, as_of)
    return build_assessments(chart, facts, evaluate(facts, knowledge), knowledge)


def facts_path(path: str | Path, *, as_of: date | None = None, today: date) -> list[PatientFactsDocument]:
    """Return every fact of every patient of a record; see ``assess_path`` for the parameters."""
    knowledge = load()
    chart = read(path, knowledge, as_of or today)
    return facts_documents(build_facts(chart, knowledge, _day(chart, as_of, today)), knowledge)


def facts_bytes(
    data: bytes, name: str, *, as_of: date | None = None, today: date
) -> list[PatientFactsDocument]:
    """Return every fact of every patient of a record given as bytes."""
    knowledge = load()
    chart = read_bytes(data, name, knowledge, as_of or today)
    return facts_documents(build_facts(chart, knowledge, _day(chart, as_of, today)), knowledge)


def _day(chart: Chart, as_of: date | None, today: date) -> date:
    """Return the day asked for, else the latest day the record names for itself, else today."""
    if as_of is not None:
        return as_of
    named = chart.persons["index_date"].max()
    return named if isinstance(named, date) else today
