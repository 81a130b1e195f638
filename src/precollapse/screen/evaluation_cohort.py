"""From rows of a screening and of outcomes to the patients that are evaluated, as arrays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from precollapse.errors import InputError
from precollapse.screen.evaluation_model import RiskColumn
from precollapse.screen.evaluation_statistics import Flags, Floats, censoring_weights

ACTIONS = ("mri_now", "radiograph_and_mri", "repeat_mri", "see_doctor", "nothing")
LONGEST_YEARS = 100.0
_PREDICTIONS, _OUTCOMES = "predictions", "outcomes"
_DATES = ("diagnosed", "last_seen", "deceased")
_DAYS_A_YEAR, _MONTHS_A_YEAR = 365.25, 12


@dataclass(frozen=True, slots=True, eq=False)
class Cohort:
    """Evaluated patients, one entry each (n,), and the counts of the others.

    Attributes
    ----------
    acts, flagged
        Whether the action is known, and whether it is one of the flags.
    risk
        NaN where the patient could not be assessed.
    case, died, free, lost
        Exactly one holds: diagnosed within the horizon, dead before without diagnosis, neither at the
        horizon, not known.
    time
        When that was known, as a share of the time from index date to horizon (0 to 1).
    lead_days
        Days from index date to diagnosis; NaN without diagnosis in the horizon.
    labels
        Sex, age band and cause; null where not known.
    """

    acts: Flags
    flagged: Flags
    risk: Floats
    case: Flags
    died: Flags
    free: Flags
    lost: Flags
    never_followed: Flags
    contradictory: Flags
    time: Floats
    lead_days: Floats
    labels: pl.DataFrame
    patients: int
    diagnosed_before: int
    dead_before: int
    outcomes_without_prediction: int
    index_from: date | None
    index_to: date | None

    @property
    def size(self) -> int:
        """Return the number of evaluated patients."""
        return int(self.case.size)

    @property
    def known(self) -> Flags:
        """Return whose outcome is known."""
        return ~self.lost

    @property
    def assessed(self) -> Flags:
        """Return who has a risk."""
        return ~np.isnan(self.risk)

    def weights_within(self, strata: npt.NDArray[np.int64]) -> Floats | None:
        """Return the weights of `censoring_weights` for this cohort."""
        return censoring_weights(self.time, self.known, strata)


def read_cohort(
    predictions: pl.DataFrame,
    outcomes: pl.DataFrame,
    *,
    horizon_years: float,
    flagged_actions: Sequence[str],
    risk_column: RiskColumn,
    age_bands: Sequence[float],
) -> Cohort:
    """Join both tables, leave out who was diagnosed or dead at the index date, and class the outcomes.

    Raises
    ------
    InputError
        For an option out of range, a missing column, a column of another type, a patient named twice or not
        at all, a missing index date, a risk that is no probability or an unknown action.
    """
    check_options(horizon_years, flagged_actions, age_bands)
    left = _predictions(predictions, risk_column)
    right = _outcomes(outcomes)
    joined = _classed(left.join(right, on="patient", how="left", maintain_order="left"), horizon_years)
    kept = joined.filter(~pl.col("_diagnosed_before") & ~pl.col("_dead_before"))
    return Cohort(
        acts=_flags(kept, pl.col("action").is_not_null()),
        flagged=_flags(kept, pl.col("action").is_in(list(flagged_actions)).fill_null(value=False)),
        risk=kept[risk_column].cast(pl.Float64).fill_null(math.nan).to_numpy(),
        case=_flags(kept, pl.col("_case")),
        died=_flags(kept, pl.col("_died")),
        free=_flags(kept, pl.col("_free")),
        lost=_flags(kept, ~pl.col("_case") & ~pl.col("_died") & ~pl.col("_free")),
        never_followed=_flags(kept, pl.col("_never")),
        contradictory=_flags(kept, (pl.col("diagnosed") > pl.col("deceased")).fill_null(value=False)),
        time=kept["_time"].to_numpy(),
        lead_days=kept["_lead"].to_numpy(),
        labels=_labels(kept, age_bands),
        patients=joined.height,
        diagnosed_before=int(joined["_diagnosed_before"].sum()),
        dead_before=int((joined["_dead_before"] & ~joined["_diagnosed_before"]).sum()),
        outcomes_without_prediction=right.join(left, on="patient", how="anti").height,
        index_from=_day(left["as_of"].min()),
        index_to=_day(left["as_of"].max()),
    )


def check_options(horizon_years: float, flagged_actions: Sequence[str], age_bands: Sequence[float]) -> None:
    """Refuse options that mean nothing."""
    if not (math.isfinite(horizon_years) and 0 < horizon_years <= LONGEST_YEARS):
        raise InputError(
            "horizon_years", f"is {horizon_years:g}; it must be above 0 and at most {LONGEST_YEARS:g} years."
        )
    for action in flagged_actions:
        if action not in ACTIONS:
            raise InputError("flagged_actions", f"{action!r} is no action; choose from {', '.join(ACTIONS)}.")
    if not flagged_actions:
        raise InputError("flagged_actions", f"is empty; choose at least one of {', '.join(ACTIONS)}.")
    if list(age_bands) != sorted(set(age_bands)) or not all(0 < edge < 150 for edge in age_bands):
        raise InputError("age_bands", "must be rising ages between 0 and 150 years, for example 18, 40, 65.")


def _predictions(table: pl.DataFrame, risk_column: str) -> pl.DataFrame:
    needed = ("patient", "sex", "age_years", "action", "cause", "as_of", risk_column)
    columns = _columns(table, needed, _PREDICTIONS)
    if "cause_name" in table.columns:
        columns = columns.with_columns(table["cause_name"].cast(pl.String))
    else:
        columns = columns.with_columns(pl.col("cause").cast(pl.String).alias("cause_name"))
    columns = _with_dates(columns, ("as_of",), _PREDICTIONS).with_columns(
        pl.col("sex", "action", "cause").cast(pl.String)
    )
    for number in ("age_years", risk_column):
        if not (columns[number].dtype.is_numeric() or columns[number].dtype == pl.Null):
            raise InputError(_place(_PREDICTIONS, number), f"is {columns[number].dtype}; numbers are needed.")
    missing = columns["as_of"].null_count()
    if missing:
        raise InputError(_place(_PREDICTIONS, "as_of"), f"is empty in {missing} rows; give the index date.")
    _check_risk(columns[risk_column].cast(pl.Float64), risk_column)
    strange = columns.filter(pl.col("action").is_not_null() & ~pl.col("action").is_in(list(ACTIONS))).height
    if strange:
        raise InputError(
            _place(_PREDICTIONS, "action"),
            f"holds something else in {strange} rows; allowed are {', '.join(ACTIONS)} and nothing at all.",
        )
    return _one_row_each(columns, _PREDICTIONS)


def _check_risk(risk: pl.Series, name: str) -> None:
    wrong = int((risk.is_nan() | (risk < 0) | (risk > 1)).sum())
    if wrong:
        raise InputError(
            _place(_PREDICTIONS, name),
            f"is no probability in {wrong} rows; it must lie between 0 and 1, and be null when not known.",
        )


def _outcomes(table: pl.DataFrame) -> pl.DataFrame:
    columns = _with_dates(_columns(table, ("patient", *_DATES), _OUTCOMES), _DATES, _OUTCOMES)
    return _one_row_each(columns, _OUTCOMES)


def _columns(table: pl.DataFrame, needed: Sequence[str], where: str) -> pl.DataFrame:
    for name in needed:
        if name not in table.columns:
            raise InputError(where, f"the column {name!r} is missing; needed are {', '.join(needed)}.")
    return table.select(needed)


def _with_dates(table: pl.DataFrame, names: Sequence[str], where: str) -> pl.DataFrame:
    for name in names:
        kind = table[name].dtype
        if not (kind in (pl.Date, pl.Null) or isinstance(kind, pl.Datetime)):
            raise InputError(_place(where, name), f"is {kind}; dates are needed (read it as Date).")
    return table.with_columns(pl.col(list(names)).cast(pl.Date))


def _one_row_each(table: pl.DataFrame, where: str) -> pl.DataFrame:
    """Return the table with the patient's id as text; refuse an id that is empty or comes twice."""
    named = table.with_columns(pl.col("patient").cast(pl.String))
    empty = named["patient"].null_count()
    if empty:
        raise InputError(_place(where, "patient"), f"is empty in {empty} rows; every row needs an id.")
    again = named.height - named["patient"].n_unique()
    if again:
        raise InputError(
            _place(where, "patient"),
            f"{again} rows repeat an id; one row a patient is needed. Keep the first diagnosis of each.",
        )
    return named


def _classed(table: pl.DataFrame, horizon_years: float) -> pl.DataFrame:
    """Add what happened first, and when, to every row."""
    months = horizon_years * _MONTHS_A_YEAR
    # Whole months by the calendar, so that a year is a year in leap years too; other spans by days.
    by = f"{round(months)}mo" if abs(months - round(months)) < 1e-9 else f"{_days(horizon_years)}d"
    index, diagnosed, deceased = pl.col("as_of"), pl.col("diagnosed"), pl.col("deceased")
    table = table.with_columns(index.dt.offset_by(by).alias("_end"))
    end = pl.col("_end")
    table = table.with_columns(
        (diagnosed <= index).fill_null(value=False).alias("_diagnosed_before"),
        (deceased <= index).fill_null(value=False).alias("_dead_before"),
        ((diagnosed > index) & (diagnosed <= end)).fill_null(value=False).alias("_case"),
        # A later diagnosis shows that the patient was alive and watched until then.
        pl.coalesce(deceased, pl.max_horizontal("last_seen", "diagnosed")).alias("_until"),
    )
    table = table.with_columns(
        (~pl.col("_case") & (deceased <= end).fill_null(value=False)).alias("_died"),
        pl.coalesce(pl.when("_case").then(diagnosed), pl.col("_until"), index).alias("_when"),
    )
    table = table.with_columns(
        (~pl.col("_case") & ~pl.col("_died") & (pl.col("_when") >= end)).alias("_free"),
        (~pl.col("_case") & ~pl.col("_died") & (pl.col("_when") <= index)).alias("_never"),
    )
    span, passed = (end - index).dt.total_days(), (pl.col("_when") - index).dt.total_days()
    return table.with_columns(
        (passed / span).clip(0.0, 1.0).alias("_time"),
        pl.when("_case").then(passed.cast(pl.Float64)).otherwise(math.nan).alias("_lead"),
    )


def _days(years: float) -> int:
    return max(1, round(years * _DAYS_A_YEAR))


def _labels(table: pl.DataFrame, age_bands: Sequence[float]) -> pl.DataFrame:
    edges = [f"{edge:g}" for edge in age_bands]
    names = ["all ages"]
    if edges:
        middle = [f"{low} to under {high}" for low, high in pairwise(edges)]
        names = [f"under {edges[0]}", *middle, f"{edges[-1]} and over"]
    age = table["age_years"].cast(pl.Float64).fill_nan(None)
    place = np.searchsorted(np.asarray(age_bands, dtype=np.float64), age.fill_null(0.0).to_numpy(), "right")
    band = pl.Series("age", np.asarray(names, dtype=object)[place].tolist(), dtype=pl.String)
    return table.select(
        pl.when(pl.col("sex").is_in(["female", "male"])).then(pl.col("sex")).alias("sex"),
        pl.when(age.is_not_null()).then(band).alias("age"),
        "cause",
        "cause_name",
    )


def age_order(label: str | None) -> float:
    """Return where an age band stands: by its lower edge, the unknown last."""
    if label is None:
        return math.inf
    return -1.0 if label.startswith(("under", "all")) else float(label.split(" ")[0])


def _flags(table: pl.DataFrame, what: pl.Expr) -> Flags:
    return table.select(what.alias("_")).get_column("_").to_numpy().astype(bool)


def _day(value: Any) -> date | None:
    return value if isinstance(value, date) else None


def _place(where: str, column: str) -> str:
    return f"{where}, column {column}"
