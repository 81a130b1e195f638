"""Crowds of invented patients for the screening: every fact the answer can rest on, some of it unknown."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import numpy as np
import polars as pl
from hypothesis import strategies as st

from precollapse.chart.model import Chart, ChartBuilder
from precollapse.screen.charts import stored_concepts
from tests.facts.people import AS_OF, KNOWLEDGE

__all__ = ["AS_OF", "KNOWLEDGE", "alike", "charts", "crowd"]

NAMES = [name for name in stored_concepts(KNOWLEDGE) if name not in {"age_years", "sex"}]
# What makes the difference between one action and another must be frequent enough to be met.
OFTEN = (
    "hip_pain", "systemic_lupus_erythematosus", "sickle_cell_disease", "alcohol_use_disorder", "mri_hip",
    "radiograph_hip", "osteonecrosis_femoral_head", "kidney_transplant", "hip_dislocation", "fever",
    "mri_bone_marrow_oedema", "hip_replaced", "body_mass_index", "weight_kg", "height_cm", "creatinine",
)  # fmt: skip
SIDES = ("left", "right", "both", None)
STATUSES = ("present", "present", "present", "absent", "past", "provisional", "asked_unknown")


def crowd(count: int, seed: int) -> Chart:
    """Return a chart of so many patients, the same for the same seed."""
    random, builder = Random(seed), ChartBuilder()
    for number in range(count):
        _person(builder, random, number)
    return builder.build()


def charts() -> st.SearchStrategy[Chart]:
    """Return small charts."""
    return st.builds(crowd, st.integers(1, 6), st.integers(0, 10_000))


def _person(builder: ChartBuilder, random: Random, number: int) -> None:
    born = AS_OF - timedelta(days=random.randrange(0, 90 * 365))
    known = {"sex": random.choice(("female", "male", None)), "birth_date": born,
             "birth_precision": random.choice(("day", "day", "year"))}  # fmt: skip
    who = builder.person(f"p{number:05d}", "test", **(known if random.random() < 0.9 else {}))
    for name in {
        *random.sample(OFTEN, random.randrange(0, 4)),
        *random.sample(NAMES, random.randrange(0, 6)),
    }:
        for _ in range(random.choice((1, 1, 1, 2))):
            _state(builder, random, who, name)
    for _ in range(random.choice((0, 0, 1, 1, 3))):
        _dose(builder, random, who)


def _state(builder: ChartBuilder, random: Random, who: int, name: str) -> None:
    concept = KNOWLEDGE.concepts[name]
    start = AS_OF - timedelta(days=int(random.expovariate(1 / 200)))
    more: dict[str, Any] = {"start": start if random.random() < 0.9 else None}
    more["recorded"] = start + timedelta(days=random.choice((0, 0, 30)))
    if concept.level == "hip":
        more["side"] = random.choice(SIDES)
    if concept.type == "number":
        low, high = concept.ranges.possible if concept.ranges else (0.0, 100.0)
        more["value"] = round(random.uniform(low or 0.0, min(high or 100.0, 300.0)), 1)
    elif concept.type == "choice":
        more["choice"] = random.choice(list(concept.choices))
    status: Any = random.choice(STATUSES) if concept.type == "yes_no" else "present"
    builder.statement(who, name, "test", status=status, **more)


def _dose(builder: ChartBuilder, random: Random, who: int) -> None:
    start = AS_OF - timedelta(days=random.randrange(0, 900))
    days = random.choice((None, 5, 30, 90, 300))
    builder.dose(
        who,
        random.choice(("prednisone", "prednisolone", "dexamethasone")),
        random.choice(("request", "dispense")),
        "test",
        route=random.choice(("systemic", "systemic", "local")),
        product=random.choice(("a", "b")),
        start=start,
        end=None if days is None else start + timedelta(days=days),
        ongoing=days is None,
        written=start,
        mg_per_day=random.choice((None, 5.0, 20.0, 60.0, 500.0)),
        prn=False,
        prescriber=random.choice((None, "Rheumatology")),
    )


def alike(count: int, copies: int, seed: int) -> Chart:
    """Return copies of patients that differ a little: other days, other numbers, as true cohorts do.

    Most of them share a pattern with their like, so that answers are taken over and not computed.
    """
    base, random = crowd(count, seed), np.random.default_rng(seed)
    charts = []
    for _ in range(copies):
        days, factor = int(random.integers(-60, 900)), float(random.uniform(0.97, 1.03))
        shift = pl.duration(days=days)
        numbers = [pl.col(name) * factor for name in ("value", "low", "high")]
        earlier = [pl.col(name) - shift for name in ("start", "end", "recorded")]
        charts.append(
            Chart(
                base.persons.with_columns(pl.col("birth_date") - shift),
                base.statements.with_columns(*numbers, *earlier),
                base.doses.with_columns(
                    pl.col("start") - shift, pl.col("end") - shift, pl.col("written") - shift
                ),
                base.unread,
            )
        )
    return Chart.concat(charts)
