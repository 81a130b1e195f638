"""Reads PERSON and DEATH: who the patients are, and the numbers by which every other row refers to them."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from precollapse.chart.model import PERSONS
from precollapse.chart.omop import unread
from precollapse.chart.omop.schema import DEATH_COLUMNS, PERSON_COLUMNS
from precollapse.chart.omop.tables import UNREADABLE, Tables, collect, place_of
from precollapse.chart.omop.terms import SEX_BY_CONCEPT, SEX_BY_WORD
from precollapse.errors import InputError

NO_PERSON_TABLE = "there is no person table (person.csv or person.parquet); an OMOP CDM folder needs one"
NOBODY = "no row has a readable person_id, which must be an integer"


@dataclass(frozen=True)
class People:
    """The chart's patients, the look-up from ``person_id`` to their number, and what was not read."""

    persons: pl.DataFrame
    numbers: pl.DataFrame  # person_id, person, birth_date
    unread: list[pl.DataFrame]
    apart: bool  # whether there are few enough patients to list for each what was not read


def read_people(tables: Tables, patients: int | None = None) -> People:
    """Read the patients.

    Parameters
    ----------
    tables
        Hold the table PERSON and, if there is one, DEATH.
    patients
        How many patients the whole record has, when these tables are only a part of it.

    Raises
    ------
    InputError
        When there is no PERSON table, or nobody in it.
    """
    scan = tables.scan("person", PERSON_COLUMNS)
    if scan is None:
        raise InputError(tables.name, NO_PERSON_TABLE)
    origin = tables.origin("person")
    raw = collect(scan, place_of(tables, "person")).sort("row")
    known = raw.filter(pl.col("person_id").is_not_null())
    first = known.unique("person_id", keep="first", maintain_order=True)
    if first.height == 0:
        raise InputError(place_of(tables, "person"), NOBODY)
    dated = first.with_row_index("person").with_columns(*_birth())
    refused = [
        _refused(raw.filter(pl.col("person_id").is_null()), "not readable", "person_id is not an integer"),
        _refused(_repeated(known), "superseded", "person_id stands twice: the first row is used"),
        _refused(_birth_unreadable(dated), "not readable", pl.col("birth_problem")),
    ]
    apart = (dated.height if patients is None else patients) <= unread.PATIENTS_LISTED_APART
    problems, died = _deaths(tables, dated)
    listed = [unread.raw(part, origin, apart=apart) for part in refused]
    listed += [unread.raw(part, tables.origin("death"), apart=apart) for part in problems]
    persons = dated.join(died, on="person_id", how="left", maintain_order="left").select(_columns(origin))
    numbers = dated.select("person_id", pl.col("person").cast(pl.UInt32), "birth_date")
    return People(persons, numbers, listed, apart)


def _columns(origin: str) -> list[pl.Expr]:
    sex = pl.coalesce(
        pl.col("gender_concept_id").replace_strict(SEX_BY_CONCEPT, default=None, return_dtype=pl.String),
        pl.col("gender_source_value")
        .str.to_lowercase()
        .replace_strict(SEX_BY_WORD, default=None, return_dtype=pl.String),
    )
    values = {
        "key": pl.col("person_id").cast(pl.String),
        "sex": sex,
        "age_years": pl.lit(None),
        "index_date": pl.lit(None),
        "deceased": pl.col("deceased_date").is_not_null().replace({False: None}),
        "origin": pl.format("{}: row {}", pl.lit(origin), pl.col("row")),
    }
    return [values.get(name, pl.col(name)).cast(dtype).alias(name) for name, dtype in PERSONS.items()]


def _birth() -> list[pl.Expr]:
    """Build the date of birth from its parts; the time of birth only where the parts are missing.

    Many sources know the year only and fill the time of birth with the first of January, so a first of
    January without month and day is taken as the year alone.
    """
    year, month, day = (pl.col(f"{part}_of_birth") for part in ("year", "month", "day"))
    written = pl.col("birth_datetime")
    filled = (written.dt.month() == 1) & (written.dt.day() == 1)
    # Joined as text, because parts that are no date must come out empty and not stop the table.
    joined = pl.format("{}-{}-{}", year, month.fill_null(1), day.fill_null(1))
    from_parts = joined.str.to_date("%Y-%m-%d", strict=False)
    trusted = written.is_not_null() & (month.is_null() | day.is_null()) & ~filled
    birth = pl.when(trusted | year.is_null()).then(written).otherwise(from_parts)
    precision = (
        pl.when(birth.is_null())
        .then(None)
        .when(trusted | (day.is_not_null() & month.is_not_null()))
        .then(pl.lit("day"))
        .when(month.is_not_null())
        .then(pl.lit("month"))
        .otherwise(pl.lit("year"))
    )
    said = year.is_not_null() | pl.col("birth_datetime" + UNREADABLE).is_not_null()
    problem = pl.when(birth.is_null() & said).then(
        pl.format("the date of birth cannot be read: year {}", year.cast(pl.String).fill_null("none"))
    )
    return [
        birth.alias("birth_date"),
        precision.alias("birth_precision"),
        problem.alias("birth_problem"),
    ]


def _birth_unreadable(people: pl.DataFrame) -> pl.DataFrame:
    return people.filter(pl.col("birth_problem").is_not_null())


def _repeated(known: pl.DataFrame) -> pl.DataFrame:
    return known.filter(~pl.col("person_id").is_first_distinct())


def _refused(rows: pl.DataFrame, reason: str, detail: str | pl.Expr) -> pl.DataFrame:
    person = pl.col("person") if "person" in rows.columns else pl.lit(None, dtype=pl.UInt32)
    words = pl.lit(detail) if isinstance(detail, str) else detail
    return rows.select(person.alias("person"), "row", pl.lit(reason).alias("reason"), words.alias("detail"))


def _deaths(tables: Tables, people: pl.DataFrame) -> tuple[list[pl.DataFrame], pl.DataFrame]:
    scan = tables.scan("death", DEATH_COLUMNS)
    if scan is None:
        return [], pl.DataFrame(schema={"person_id": pl.Int64(), "deceased_date": pl.Date()})
    raw = collect(scan, place_of(tables, "death")).sort("row")
    day = pl.coalesce("death_date", "death_datetime")
    strangers = raw.join(people, on="person_id", how="anti", maintain_order="left")
    undated = raw.join(people.select("person_id", "person"), on="person_id", maintain_order="left").filter(
        day.is_null()
    )
    refused = [
        _refused(strangers, "dangling reference", "its person_id is not in the person table"),
        _refused(undated, "not readable", "the date of death cannot be read"),
    ]
    died = raw.group_by("person_id").agg(day.min().alias("deceased_date"))
    return refused, died
