"""chart → facts: one row per hip, one column per concept; null means unknown.

``Facts.table`` is what the engine computes on; ``Facts.long`` says of every recorded or computed fact
where it came from or why it is unknown. A third row, "unspecified", stands for a hip whose side the
record does not name; it exists only where something was said without a side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from precollapse.chart.model import Chart
from precollapse.facts.derive import derive
from precollapse.facts.doses import possible_range
from precollapse.facts.exposure import EXPOSURE_NUMBERS, systemic_exposure
from precollapse.facts.products import product_counts
from precollapse.facts.resolve import dated_after, resolve
from precollapse.facts.rows import (
    HIPS,
    NO,
    TYPES,
    YES,
    FactRows,
    Flags,
    Floats,
    Words,
    concept_columns,
    day_number,
    floats,
    known,
    of_days,
    of_numbers,
    texts,
    words,
)
from precollapse.facts.table import HipTable, hip_table
from precollapse.knowledge.bundle import Knowledge

Days = npt.NDArray[np.datetime64]

EXPOSURE_DATES = ("corticosteroid_first_date", "corticosteroid_last_date")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of each hip on one day.

    Attributes
    ----------
    as_of
        The day of the assessment.
    persons
        One row per person: ``person``, ``key``, ``sex``, ``age_years`` bounds and the record's origin.
    long
        One row per recorded fact; see ``_long``.
    table
        One row per person and hip ("left", "right", "unspecified"), columns per concept.
    future
        Statements left out because they are dated after the assessment: person, origin.
    """

    as_of: date
    persons: pl.DataFrame
    long: pl.DataFrame
    table: HipTable
    future: pl.DataFrame


def build_facts(chart: Chart, knowledge: Knowledge, as_of: date) -> Facts:
    """Resolve a chart into facts.

    Parameters
    ----------
    chart
        Any number of patients.
    knowledge
        The loaded knowledge.
    as_of
        The day of the assessment. The clock is never read.
    """
    persons, rows = fact_rows(chart, knowledge, as_of)
    table = hip_table(rows, persons, knowledge, as_of)
    derive(table)
    return Facts(as_of, persons, _long(rows, knowledge), table, _future(chart, as_of))


def fact_rows(chart: Chart, knowledge: Knowledge, as_of: date) -> tuple[pl.DataFrame, FactRows]:
    """Return the persons of a chart with the bounds of their ages, and what is known of each, one row a fact.

    Parameters
    ----------
    chart, knowledge, as_of
        See ``build_facts``.
    """
    exposure = systemic_exposure(chart.doses, knowledge, as_of)
    statements = chart.statements
    if exposure.height:
        kinds = [pl.col(name).cast(kind) for name, kind in statements.schema.items() if name in _EXPOSED]
        statements = pl.concat([statements, _exposed(exposure).select(kinds)], how="diagonal")
    statements = pl.concat([statements, product_counts(statements, knowledge, as_of)])
    persons = with_ages(chart.persons, knowledge, as_of)
    computed = [*_exposure_facts(exposure, knowledge), *_demographics(persons, knowledge)]
    return persons, _preferred(computed, resolve(statements, knowledge, as_of), knowledge)


def _future(chart: Chart, as_of: date) -> pl.DataFrame:
    """List what is dated after the assessment, so that it can be shown as unread."""
    today = day_number(as_of)
    later = [
        table.filter(pl.Series(after)).select("person", "origin")
        for table, after in (
            (chart.statements, dated_after(chart.statements, today)),
            (chart.doses, floats(chart.doses["start"]) > today),
        )
        if after.any()
    ]
    return pl.concat(later).unique(maintain_order=True) if later else pl.DataFrame(schema=_FUTURE)


_FUTURE = {"person": pl.UInt32, "origin": pl.String}


_EXPOSED = ("person", "concept", "status", "start", "recorded", "origin", "note")


def _exposed(exposure: pl.DataFrame) -> pl.DataFrame:
    """Say that a person with systemic doses has had systemic corticosteroids, as a statement."""
    certain = exposure["certain"].to_list()
    return pl.DataFrame(
        [
            exposure["person"],
            pl.Series("concept", ["systemic_corticosteroid"] * len(certain)),
            pl.Series("status", ["present" if sure else "provisional" for sure in certain]),
            exposure["first_date"].alias("start"),
            exposure["last_date"].alias("recorded"),
            exposure["origin"],
            pl.Series("note", [None if sure else "only as needed" for sure in certain], dtype=pl.String),
        ]
    )


def _exposure_facts(exposure: pl.DataFrame, knowledge: Knowledge) -> list[FactRows]:
    """Turn the computed exposure into facts: a number when both bounds agree, else bounds."""
    if exposure.is_empty():
        return []
    place = concept_columns(knowledge).place
    first, last = floats(exposure["first_date"]), floats(exposure["last_date"])
    person, note = exposure["person"].to_numpy().astype(np.int64), words(_notes(exposure))
    origin, count = words(exposure["origin"].to_list()), len(first)

    def of_each(names: tuple[str, ...], **known: Any) -> FactRows:
        """Return facts of each person, one of every name."""
        shared = {"person": person, "origin": origin, "note": note, "since": first, "date": last}
        repeated = {name: np.repeat(values, len(names)) for name, values in shared.items()}
        concept = np.tile([place[name] for name in names], count)
        return FactRows.of(count * len(names), concept=concept, **repeated, **known)

    low, high = (
        exposure.select(f"{name}.{end}" for name in EXPOSURE_NUMBERS).to_numpy().ravel()
        for end in ("low", "high")
    )
    exact = low == high
    number, why = np.where(exact, low, np.nan), _unreadable(~exact)
    return [
        of_each(EXPOSURE_NUMBERS, number=number, low=low, high=high, why_unknown=why),
        of_each(EXPOSURE_DATES, date_value=np.stack([first, last], axis=1).ravel()),
    ]


def _notes(exposure: pl.DataFrame) -> list[str]:
    """Say what was assumed of each person's doses and what cannot be known."""
    return [
        "; ".join(f"{says}: {text}" for says, text in (("assumed", one), ("cannot be known", other)) if text)
        for one, other in exposure.select("assumed", "problem").iter_rows()
    ]


def with_ages(persons: pl.DataFrame, knowledge: Knowledge, as_of: date) -> pl.DataFrame:
    """Add bounds of the age in completed years; a partial date of birth leaves a span.

    A date of birth in the future, or before anybody now living was born, gives no age but a problem.
    """
    birth = persons["birth_date"].to_numpy().astype("datetime64[D]")
    precision = np.array(persons["birth_precision"].to_list(), dtype=object)
    latest = months_later(birth, np.where(precision == "year", 12, 1)) - 1
    stated = floats(persons["age_years"])
    low, high = (
        np.where(np.isnat(birth), stated, _completed_years(born, as_of))
        for born in (np.where((precision == "year") | (precision == "month"), latest, birth), birth)
    )
    least, most = possible_range(knowledge, "age_years")
    impossible = (high < least) | (low > most)
    problem = f"impossible: the date of birth gives an age outside {least:g} to {most:g} years"
    return persons.with_columns(
        of_numbers("age_low", np.where(impossible, np.nan, np.clip(low, least, most))),
        of_numbers("age_high", np.where(impossible, np.nan, np.clip(high, least, most))),
        pl.Series("age_problem", [problem if one else None for one in impossible], dtype=pl.String),
    )


def months_later(days: Days, months: npt.NDArray[np.int64]) -> Days:
    """Return the same day of a later month; its last day where it is shorter."""
    month = days.astype("datetime64[M]")
    begin, after = (month + months).astype("datetime64[D]"), (month + months + 1).astype("datetime64[D]")
    return np.asarray(np.minimum(begin + (days - month.astype("datetime64[D]")), after - 1))


def _completed_years(birth: Days, as_of: date) -> Floats:
    months = birth.astype("datetime64[M]")
    year = birth.astype("datetime64[Y]").astype(np.int64) + 1970
    month = months.astype(np.int64) % 12 + 1
    day = (birth - months.astype("datetime64[D]")).astype(np.int64) + 1
    not_yet = month * 100 + day > as_of.month * 100 + as_of.day
    return np.asarray(as_of.year - year - not_yet, dtype=np.float64)


def _demographics(persons: pl.DataFrame, knowledge: Knowledge) -> list[FactRows]:
    """Turn age and sex into facts of the patient."""
    place = concept_columns(knowledge).place
    number, origin = persons["person"].to_numpy().astype(np.int64), texts(persons["origin"])
    low, high = floats(persons["age_low"]), floats(persons["age_high"])
    problem, sex = texts(persons["age_problem"]), texts(persons["sex"])
    age = FactRows.of(
        len(number),
        person=number,
        concept=np.full(len(number), place["age_years"]),
        number=np.where(low == high, low, np.nan),
        low=low,
        high=high,
        origin=origin,
        note=problem,
        why_unknown=_unreadable(known(problem)),
    )
    of_sex = FactRows.of(
        len(number),
        person=number,
        concept=np.full(len(number), place["sex"]),
        choice=sex,
        origin=origin,
    )
    return [age.take(~np.isnan(low) | known(problem)), of_sex.take(known(sex))]


def _unreadable(which: Flags) -> Words:
    """Return why facts are unknown of which some cannot be read."""
    return words((None, "unreadable"))[which.astype(np.int64)]


def _preferred(computed: Sequence[FactRows], stated: FactRows, knowledge: Knowledge) -> FactRows:
    """Join what was computed and what was stated; of what is both the known one, computed in a tie."""
    both = np.isin(stated.concept, np.concatenate([np.unique(part.concept) for part in computed]))
    rows = FactRows.concat([*computed, stated.take(both)])
    order = np.argsort(known(rows.why_unknown), kind="stable")
    hips, concepts = len(HIPS) + 1, len(concept_columns(knowledge).names)
    keys = ((rows.person * hips + rows.hip + 1) * concepts + rows.concept)[order]
    if len(keys) > len(np.unique(keys)):
        _, first = np.unique(keys, return_index=True)
        rows = rows.take(order[np.sort(first)])
    return FactRows.concat([rows, stated.take(~both)])


def _long(rows: FactRows, knowledge: Knowledge) -> pl.DataFrame:
    """Return facts as a table for people."""
    concepts = concept_columns(knowledge)
    kinds = np.array(TYPES, dtype=object)[concepts.type[rows.concept]]
    hips = np.array([*HIPS, None], dtype=object)[rows.hip]
    told = [{YES: True, NO: False}.get(truth) for truth in rows.truth.tolist()]
    return pl.DataFrame(
        [
            pl.Series("person", rows.person, dtype=pl.UInt32),
            _texts("hip", hips),
            _texts("concept", concepts.names[rows.concept]),
            _texts("type", kinds),
            pl.Series("truth", told, dtype=pl.Boolean),
            *(of_numbers(name, getattr(rows, name)) for name in ("number", "low", "high")),
            _texts("choice", rows.choice),
            *(of_days(name, getattr(rows, name)) for name in ("date_value", "since", "date")),
            *(_texts(name, getattr(rows, name)) for name in ("origin", "note", "why_unknown")),
        ]
    )


def _texts(name: str, values: Words) -> pl.Series:
    return pl.Series(name, values.tolist(), dtype=pl.String)
