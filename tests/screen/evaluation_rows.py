"""Small invented screenings and outcomes for the tests of the evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from precollapse.screen.evaluation import evaluate_screening
from precollapse.screen.evaluation_model import ScreeningEvaluation

INDEX = date(2018, 1, 1)
OUTCOMES = {"patient": pl.String, "diagnosed": pl.Date, "last_seen": pl.Date, "deceased": pl.Date}
PREDICTIONS = {
    "patient": pl.String,
    "sex": pl.String,
    "age_years": pl.Float64,
    "action": pl.String,
    "risk": pl.Float64,
    "risk_1_year": pl.Float64,
    "risk_5_years": pl.Float64,
    "cause": pl.String,
    "cause_name": pl.String,
    "as_of": pl.Date,
}


def after(days: float | None) -> date | None:
    """Return the day so many days after the index date."""
    return None if days is None else INDEX + timedelta(days=int(days))


def person(
    name: str,
    *,
    flagged: bool = False,
    risk: float | None = 0.01,
    diagnosed: int | None = None,
    seen: int | None = 1000,
    deceased: int | None = None,
    **more: Any,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return one row of each table; times are days after the index date."""
    row = {
        "patient": name,
        "sex": "female",
        "age_years": 50.0,
        "action": "mri_now" if flagged else "nothing",
        "risk": risk,
        "risk_1_year": risk,
        "risk_5_years": risk,
        "cause": None,
        "cause_name": None,
        "as_of": INDEX,
    }
    outcome = {
        "patient": name,
        "diagnosed": after(diagnosed),
        "last_seen": after(seen),
        "deceased": after(deceased),
    }
    return row | more, outcome


def tables(people: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the two tables of a list of people."""
    return (
        pl.DataFrame([one for one, _ in people], schema=PREDICTIONS),
        pl.DataFrame([other for _, other in people], schema=OUTCOMES),
    )


def evaluated(*people: Any, horizon_years: float = 1.0, **options: Any) -> ScreeningEvaluation:
    """Return the evaluation of some people."""
    return evaluate_screening(*tables(people), horizon_years=horizon_years, **options)


def population(size: int = 4000, *, seed: int = 7, bias: bool = False) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return a seeded population with loss to follow-up and deaths; ``bias``: women with risk not flagged."""
    draw = np.random.default_rng(seed)
    risk = 1 / (1 + np.exp(-draw.normal(-4.0, 1.5, size)))
    ill = draw.random(size) < risk
    sex = draw.choice(["female", "male"], size)
    sex[draw.random(size) < 0.05] = "other"
    cut = np.where(bias & (sex == "female"), 0.4, 0.05)
    seen = np.where(draw.random(size) < 0.25, draw.integers(-100, 365, size), draw.integers(365, 2000, size))
    dies, when = draw.random(size) < 0.04, draw.integers(1, 900, size)
    sick = draw.integers(1, 366, size)
    people = []
    for k in range(size):
        deceased = int(when[k]) if dies[k] else None
        end = int(seen[k]) if deceased is None else deceased
        people.append(
            person(
                f"p{k}",
                flagged=bool(risk[k] > cut[k]),
                risk=None if k % 97 == 0 else float(risk[k]),
                diagnosed=int(sick[k]) if ill[k] and sick[k] <= end else None,
                seen=int(seen[k]),
                deceased=deceased,
                sex=str(sex[k]),
                age_years=float(draw.uniform(5, 90)),
                cause="corticosteroids" if risk[k] > 0.02 else None,
                cause_name="Systemic corticosteroids" if risk[k] > 0.02 else None,
            )
        )
    return tables(people)
