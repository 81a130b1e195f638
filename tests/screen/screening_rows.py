"""Invented rows of a screening run, as the run writes them: seeded, with every column and with unknowns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from precollapse.screen.summary_model import CorruptLine, ReadCounts

AS_OF = date(2026, 3, 1)
SCHEMA: dict[str, Any] = {
    "patient": pl.String,
    "sex": pl.String,
    "age_years": pl.Float64,
    "action": pl.String,
    "action_says": pl.String,
    "action_date": pl.Date,
    "urgency": pl.String,
    "hip": pl.String,
    **{
        f"risk{horizon}{bound}": pl.Float64
        for horizon in ("", "_1_year", "_5_years")
        for bound in ("", "_low", "_high")
    },
    "cause": pl.String,
    "cause_name": pl.String,
    "reason": pl.String,
    "facts": pl.List(pl.String),
    "unknown": pl.List(pl.String),
    "prescriber_specialty": pl.String,
    "as_of": pl.Date,
}

# Identifier, name, share of the patients, middle of the risk; None stands for no cause.
CAUSES: tuple[tuple[str | None, str | None, float, float], ...] = (
    (None, None, 0.62, 2e-5),
    ("corticosteroids", "Systemic corticosteroids", 0.2, 0.004),
    ("alcohol", "Heavy alcohol use", 0.08, 0.002),
    ("lupus", "Systemic lupus erythematosus", 0.03, 0.02),
    ("sickle-cell-disease", "Sickle cell disease", 0.015, 0.05),
    ("organ-transplantation", "Organ transplantation", 0.02, 0.03),
    ("hip-dislocation", "Hip dislocation", 0.02, 0.01),
    ("chemotherapy", "Leukaemia, lymphoma, myeloma and cytotoxic chemotherapy", 0.013, 0.015),
    ("gaucher-disease", "Gaucher disease and other storage disorders", 0.002, 0.06),
)
SPECIALTIES = (
    None,
    "Rheumatology",
    "Haematology",
    "Nephrology",
    "General practice",
    "Respiratory medicine",
    "Dermatology",
)
SPECIALTY_SHARES = (0.25, 0.25, 0.1, 0.1, 0.2, 0.07, 0.03)
ACTIONS = {
    "mri_now": "MRI of both hips within two weeks.",
    "radiograph_and_mri": "Radiograph of pelvis and hip in two planes, then MRI of both hips.",
    "repeat_mri": "Repeat the MRI on the date given.",
    "see_doctor": "See a doctor who examines the hips.",
    "nothing": "Nothing to do because of the hips today.",
}
_FACTS = (
    "prednisone equivalent, cumulative: 5,400 mg over 7 months",
    "highest daily dose: 60 mg of prednisone equivalent",
    "hip pain at night for 6 weeks",
    "internal rotation of the hip: 15°",
    "radiograph of 2025-11-02: no abnormality",
)
_UNKNOWN = ("MRI of the hips: never recorded", "alcohol: not asked", "hip pain: last asked in 2024")


def rows(number: int, seed: int = 1) -> pl.DataFrame:
    """Return believable rows; lists and sentences repeat, numbers do not."""
    if not number:
        return pl.DataFrame(schema=SCHEMA)
    random = np.random.default_rng(seed)
    cause = random.choice(len(CAUSES), number, p=[share for _, _, share, _ in CAUSES])
    pain = random.random(number) < 0.06
    middle = np.array([one[3] for one in CAUSES])[cause] * np.where(pain, 8.0, 1.0)
    risk = np.clip(middle * np.exp(random.normal(0, 0.9, number)), 1e-7, 0.95)
    unassessed = random.random(number) < 0.004
    action = np.where(pain & (risk > 0.01), "mri_now", np.where(risk > 0.03, "radiograph_and_mri", "nothing"))
    action = np.where((action == "nothing") & pain, "see_doctor", action)
    action = np.where((action == "nothing") & (risk > 0.02), "repeat_mri", action)
    urgency = np.where(action == "mri_now", "urgent", np.where(action == "nothing", "routine", "soon"))
    urgency = np.where(pain & (random.random(number) < 0.01), "emergency", urgency)
    horizons = {
        f"risk{name}": risk * factor for name, factor in (("", 1.0), ("_1_year", 0.4), ("_5_years", 1.2))
    }
    age = np.clip(random.normal(52, 19, number), 0, 101).round(1)
    steroids = cause == 1
    specialty = np.where(steroids, random.choice(len(SPECIALTIES), number, p=SPECIALTY_SHARES), 0)
    days = np.where(action == "repeat_mri", random.integers(30, 365, number), -1)
    chosen = random.integers(0, 4, number)
    return pl.DataFrame(
        {
            "patient": [f"{one:08d}" for one in random.permutation(number)],
            "sex": _picked((None, "female", "male"), random.choice(3, number, p=(0.03, 0.52, 0.45))),
            "age_years": np.where(random.random(number) < 0.02, np.nan, age),
            "action": pl.Series(action).set(pl.Series(unassessed), None),
            "action_date": _picked([*(AS_OF + timedelta(one) for one in range(365)), None], days),
            "urgency": urgency,
            "hip": _picked(("left", "right", "both", "unspecified", None), random.integers(0, 5, number)),
            **{
                name: np.where(unassessed, np.nan, np.clip(value, 0, 0.99))
                for name, value in horizons.items()
            },
            "cause": _picked([one[0] for one in CAUSES], cause),
            "cause_name": _picked([one[1] for one in CAUSES], cause),
            "facts": _picked([_FACTS[: 1 + one] for one in range(4)], chosen),
            "unknown": _picked([_UNKNOWN[:one] for one in range(4)], chosen),
            "prescriber_specialty": _picked(SPECIALTIES, specialty),
        },
        strict=False,
    ).select(_finished())


def _picked(values: Sequence[Any], places: Any) -> pl.Series:
    kept = [None if one is None else list(one) if isinstance(one, tuple) else one for one in values]
    return pl.Series(kept).gather(pl.Series(np.where(places < 0, len(values) - 1, places)))


def _finished() -> list[pl.Expr]:
    """Yield the columns in the order of the schema; not a number is unknown."""
    made: dict[str, pl.Expr] = {name: pl.col(name) for name in SCHEMA}
    for name in ("age_years", "risk", "risk_1_year", "risk_5_years"):
        made[name] = pl.col(name).fill_nan(None)
    for name in ("risk", "risk_1_year", "risk_5_years"):
        made[f"{name}_low"], made[f"{name}_high"] = made[name] * 0.4, (made[name] * 2).clip(0, 0.99)
    made["action_says"] = pl.col("action").replace_strict(ACTIONS, default=None, return_dtype=pl.String)
    made["reason"] = pl.concat_str(
        pl.coalesce("cause_name", pl.lit("No known cause")),
        pl.lit(", risk "),
        (100 * pl.col("risk")).round(3).cast(pl.String),
        pl.lit(" %, and nothing in the record shows that the hips were looked at."),
    )
    made["as_of"] = pl.lit(AS_OF)
    return [expression.cast(SCHEMA[name]).alias(name) for name, expression in made.items()]


def patients(*given: dict[str, Any]) -> pl.DataFrame:
    """Return rows of which only some columns matter; what is not given is unknown."""
    return pl.DataFrame([{"patient": str(number), **one} for number, one in enumerate(given)], schema=SCHEMA)


def read(patients: int | None, **more: Any) -> ReadCounts:
    """Return what a run says of its input."""
    given: dict[str, Any] = {
        "files": 12,
        "bytes": 3_400_000_000,
        "lines": 5_200_000,
        "patients": patients,
        "corrupt": (
            CorruptLine("Observation.3.ndjson", 18_211, "not JSON: ends inside a string"),
            CorruptLine("Condition.ndjson.gz", 7, "no subject: says nothing of whom it is about"),
        ),
        "corrupt_total": 2,
        "unused": {"Claim": 1_200_000, "ExplanationOfBenefit": 900_000, "CarePlan": 41},
        "seconds": 61.5,
        "files_unchanged": 3,
    }
    return ReadCounts(**(given | more))
