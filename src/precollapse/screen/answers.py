"""chart → answers: one row a patient, the same for one patient and for ten million."""

from __future__ import annotations

from datetime import date
from typing import Any, get_args

import numpy as np
import polars as pl

from precollapse.assessment.screening_part import action_of, due_on, has_died, recommended, side_of
from precollapse.chart.model import Chart
from precollapse.engine.risk_model import risk_model
from precollapse.engine.screening import (
    NONE,
    Probabilities,
    compute_screening,
    evaluate_for_screening,
    rule_of_the_dead,
)
from precollapse.engine.urgency import LEVELS
from precollapse.facts.build import fact_rows, with_ages
from precollapse.facts.derive import derive
from precollapse.facts.rows import HIPS, day_number, of_numbers
from precollapse.facts.table import HipTable, hip_table
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.model_screening import ScreeningAction
from precollapse.screen.charts import only
from precollapse.screen.lasting import lasts_until
from precollapse.screen.patterns import pattern_keys
from precollapse.screen.wording import Wording

ACTIONS: tuple[str, ...] = get_args(ScreeningAction)
SIDES = (*HIPS, "both")
ACTION, LEVEL, SIDE = pl.Enum(ACTIONS), pl.Enum(LEVELS), pl.Enum(SIDES)

# Patients assessed at once: enough to be quick, few enough that the arrays of the risks stay in the cache.
BLOCK = 2_048
# Patterns kept for the next batch; each takes about 200 bytes.
MOST_REMEMBERED = 300_000
KEY: dict[str, Any] = {"key": pl.UInt64, "check": pl.UInt64}
# The pattern of each patient: the day on which it was found, and the last one on which it surely holds.
KEPT: dict[str, Any] = {**KEY, "found": pl.Float64, "until": pl.Float64}

ANSWERS: dict[str, Any] = {
    "patient": pl.String,
    "sex": pl.String,
    "age_years": pl.Float64,
    "action": ACTION,
    "action_says": pl.String,
    "action_date": pl.Date,
    "urgency": LEVEL,
    "hip": SIDE,
    **dict.fromkeys(("risk", "risk_low", "risk_high"), pl.Float64),
    **dict.fromkeys(("risk_1_year", "risk_1_year_low", "risk_1_year_high"), pl.Float64),
    **dict.fromkeys(("risk_5_years", "risk_5_years_low", "risk_5_years_high"), pl.Float64),
    "cause": pl.String,
    "cause_name": pl.String,
    "reason": pl.String,
    "facts": pl.List(pl.String),
    "unknown": pl.List(pl.String),
    "prescriber_specialty": pl.String,
    "as_of": pl.Date,
}
OF_PATTERN = tuple(
    name for name in ANSWERS if name not in {"patient", "sex", "age_years", "prescriber_specialty", "as_of"}
)


class Screener:
    """Screens batches of patients on one day, remembering the patterns it has assessed.

    Parameters
    ----------
    knowledge
        The loaded knowledge.
    as_of
        The day of the assessment. The clock is never read.
    """

    def __init__(self, knowledge: Knowledge, as_of: date) -> None:
        self.knowledge, self.as_of = knowledge, as_of
        self.assessed = 0
        self._wording = Wording(knowledge)
        self._known = pl.DataFrame(schema=KEY | {name: ANSWERS[name] for name in OF_PATTERN})

    def screen(self, chart: Chart) -> pl.DataFrame:
        """Return the answer of every patient of a chart; columns as in ``ANSWERS``, the chart's order."""
        return self.screen_kept(chart, None)[0]

    def screen_kept(self, chart: Chart, kept: pl.DataFrame | None) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return the answer of every patient, and the patterns of all with how long they last.

        Parameters
        ----------
        chart
            Patients numbered from zero on.
        kept
            What this returned for the same chart on an earlier day; only patterns that may have changed
            since are found again.
        """
        if chart.persons.is_empty():
            return pl.DataFrame(schema=ANSWERS), pl.DataFrame(schema=KEPT)
        keys = self._keys(chart, kept)
        self._learn(chart, keys)
        answers = keys.join(self._known, on=list(KEY), how="left", maintain_order="left")
        return _with_persons(answers, chart, self.knowledge, self.as_of), keys

    def _keys(self, chart: Chart, kept: pl.DataFrame | None) -> pl.DataFrame:
        if kept is None:
            return self._found(chart)
        over = (kept["until"].to_numpy() < day_number(self.as_of)) | (
            kept["found"].to_numpy() > day_number(self.as_of)
        )
        changed = np.flatnonzero(over)
        if not len(changed):
            return kept
        fresh = self._found(only(chart, changed))
        rest = kept.with_row_index("person").filter(pl.Series(~over))
        both = [rest, fresh.with_columns(pl.Series("person", changed, pl.UInt32)).select(rest.columns)]
        return pl.concat(both).sort("person").drop("person")

    def _found(self, chart: Chart) -> pl.DataFrame:
        """Find the patterns of all patients of a chart, and how long they last."""
        persons, rows = fact_rows(chart, self.knowledge, self.as_of)
        key, check = pattern_keys(rows, persons, self.knowledge, self.as_of)
        until = lasts_until(chart, rows, self.knowledge, self.as_of)
        today = np.full(len(key), day_number(self.as_of))
        return pl.DataFrame({"key": key, "check": check, "found": today, "until": until}, schema=KEPT)

    def _learn(self, chart: Chart, keys: pl.DataFrame) -> None:
        """Assess one patient of each pattern that was never seen before."""
        if self._known.height > MOST_REMEMBERED:
            self._known = self._known.clear()
        new = (
            keys.with_row_index("person")
            .group_by(list(KEY))
            .agg(pl.col("person").min())
            .join(self._known, on=list(KEY), how="anti")
            .sort("person")
        )
        for start in range(0, new.height, BLOCK):
            block = new[start : start + BLOCK]
            persons, rows = fact_rows(only(chart, block["person"].to_numpy()), self.knowledge, self.as_of)
            table = hip_table(rows, persons, self.knowledge, self.as_of)
            derive(table)
            fresh = answers_of(table, self._wording, self.as_of)
            self._known = pl.concat([self._known, pl.concat([block.drop("person"), fresh], how="horizontal")])
            self.assessed += block.height


def answers_of(table: HipTable, wording: Wording, as_of: date) -> pl.DataFrame:
    """Return the answers of the patients of a table of hips, without who they are."""
    knowledge = wording.knowledge
    found = evaluate_for_screening(table, knowledge)
    result = compute_screening(table, found, knowledge)
    names = risk_model(knowledge).causes
    said = wording.said(result, found.truths)
    patients = range(len(result.persons))
    does = [recommended(result, number, knowledge, as_of) for number in patients]
    causes = [names[cause] if cause != NONE else None for cause in result.cause.tolist()]
    of_horizon = {1.0: "risk_1_year", 5.0: "risk_5_years"}
    return pl.DataFrame(
        [
            pl.Series("action", [action_of(result, number, knowledge) for number in patients], ACTION),
            pl.Series("action_says", [one for one, _ in does], pl.String),
            pl.Series("action_date", [due_on(result, number, as_of) for number in patients], pl.Date),
            pl.Series("urgency", result.urgency, LEVEL),
            pl.Series("hip", [side_of(result, number, table, knowledge) for number in patients], SIDE),
            *_probability("risk", result.today),
            *(
                column
                for years, name in of_horizon.items()
                for column in _probability(name, result.future[years])
            ),
            pl.Series("cause", causes, pl.String),
            pl.Series("cause_name", [c and knowledge.causes[c].name for c in causes], pl.String),
            pl.Series("reason", [one for _, one in does], pl.String),
            pl.Series("facts", [list(one.facts) for one in said], pl.List(pl.String)),
            pl.Series("unknown", [list(one.unknown) for one in said], pl.List(pl.String)),
        ]
    )


def _probability(name: str, of: Probabilities) -> list[pl.Series]:
    parts = ((name, of.value), (f"{name}_low", of.low), (f"{name}_high", of.high))
    return [of_numbers(column, values) for column, values in parts]


def _with_persons(answers: pl.DataFrame, chart: Chart, knowledge: Knowledge, as_of: date) -> pl.DataFrame:
    """Put who they are beside the answers."""
    persons = with_ages(chart.persons, knowledge, as_of)
    age = pl.when(pl.col("age_low") == pl.col("age_high")).then(pl.col("age_low")).alias("age_years")
    who = persons.select(pl.col("key").alias("patient"), "sex", age)
    specialty = _specialties(chart, persons.height, as_of)
    answers = _of_the_dead(answers, persons, knowledge, as_of)
    found = pl.concat([who, answers], how="horizontal").with_columns(specialty, pl.lit(as_of).alias("as_of"))
    return found.select(pl.col(name).cast(kind) for name, kind in ANSWERS.items())


def _of_the_dead(
    answers: pl.DataFrame, persons: pl.DataFrame, knowledge: Knowledge, as_of: date
) -> pl.DataFrame:
    """Let nobody be called who has died by a day; one whose day of death nobody wrote down has."""
    died = pl.Series(has_died(persons, as_of))
    if not died.any():
        return answers
    rule = rule_of_the_dead(knowledge)
    said: dict[str, Any] = {
        "action": rule.action, "action_says": rule.does, "action_date": None, "hip": None,
        "reason": rule.says, "facts": [], "unknown": [],
    }  # fmt: skip
    return answers.with_columns(
        pl.when(died).then(pl.lit(value, answers.schema[name])).otherwise(pl.col(name)).alias(name)
        for name, value in said.items()
    )


def _specialties(chart: Chart, count: int, as_of: date) -> pl.Series:
    """Return the specialty that prescribed the latest systemic corticosteroids of each patient."""
    told = chart.doses.filter(
        pl.col("route").cast(pl.String) == "systemic",
        pl.col("prescriber").is_not_null(),
        ~(pl.max_horizontal("start", "written") > as_of).fill_null(False),
    ).sort("start", nulls_last=False, maintain_order=True)
    last = told.group_by("person", maintain_order=True).agg(pl.col("prescriber").last())
    column: list[str | None] = [None] * count
    for person, prescriber in last.iter_rows():
        column[person] = prescriber
    return pl.Series("prescriber_specialty", column, pl.String)
