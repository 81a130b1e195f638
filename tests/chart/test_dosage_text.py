"""Directions of prescriptions: what they come to in mg a day, and when that cannot be known."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precollapse.chart.dosage import steps_from_text, strength_from_name

TABLET_MG = 5.0

ONE_DOSE = {
    "2 tablets daily are twice the strength": ("take 2 tablets by mouth daily", 10),
    "od is once a day": ("20 mg od", 20),
    "b.i.d. with dots": ("10 mg b.i.d.", 20),
    "tds is three times a day": ("5 mg tds", 15),
    "every eight hours is three times": ("10 mg q8h", 30),
    "every 12 hours in words": ("500 mg IV every 12 hours", 1000),
    "2x/day": ("20 mg 2x/day", 40),
    "the number repeated in brackets": ("1 tablet (5 mg total) by mouth 2 (two) times a day", 10),
    "one and a half tablets": ("take one and a half tabs daily", 7.5),
    "one and a half as 1-1/2": ("1-1/2 tablets daily", 7.5),
    "half a tablet": ("half a tablet daily", 2.5),
    "the half sign": ("½ tab daily", 2.5),
    "mg in brackets win over tablets": ("3 tablets (20 mg) daily", 20),
    "strength of the product is not the dose": ("prednisone 20 mg oral tablet take 2 tablets daily", 40),
    "two tablets of a strength": ("Take two 10 mg tablets daily", 20),
    "count times strength": ("2 x 20 mg daily", 40),
    "morning and evening add up": ("10 mg in the morning and 5 mg in the evening", 15),
    "three times of day add up": ("10 mg every morning, 5 mg at noon, 2.5 mg at bedtime", 17.5),
    "every other day is halved": ("20 mg every other day", 10),
    "alternate days": ("10 mg on alternate days", 5),
    "alternating doses are averaged": ("20 mg alternating with 10 mg every other day", 15),
    "three times a week": ("21 mg three times a week", 9),
    "named days of the week": ("7 mg on Mondays, Wednesdays and Fridays", 3),
    "once weekly": ("35 mg once weekly", 5),
    "grams a day": ("methylprednisolone 1 g/day", 1000),
    "thousands with a comma": ("1,000 mg IV daily", 1000),
    "thousands with a space": ("1 000 mg IV daily", 1000),
    "two tablets are not thousands": ("2 500 mg tablets daily", 1000),
    "the most that may be taken is no dose": ("do not take more than 40 mg a day, take 20 mg daily", 20),
    "decimal comma": ("2,5 mg daily", 2.5),
    "a range takes its upper end": ("1-2 tablets daily", 10),
    "divided doses are not multiplied": ("40 mg daily in 2 divided doses", 40),
    "micrograms": ("750 mcg daily", 0.75),
    "millilitres with the concentration": ("prednisolone 15 mg/5 mL: 10 mL once daily", 30),
    "mL with mg in brackets": ("5 mL (15 mg) daily", 15),
    "tablet without a count": ("one tablet each morning", 5),
    "number before po": ("take 2 po qd", 10),
    "qPM": ("5 mg qPM", 5),
}  # fmt: skip


@pytest.mark.pathway("C03")
@pytest.mark.parametrize(("sig", "mg"), ONE_DOSE.values(), ids=ONE_DOSE)
def test_directions_give_the_daily_dose(sig: str, mg: float) -> None:
    (step,) = steps_from_text(sig, strength_mg=TABLET_MG)
    assert step.mg_per_day == pytest.approx(mg)
    assert step.problem is None


SCHEDULES = {
    "a course then a lower dose": (
        "5 mg twice a day for 7 days then 5 mg daily", [(10, 7, 0), (5, None, 7)]),
    "the amount is carried over": ("20 mg bid x 5 days, once daily x 5 days", [(40, 5, 0), (20, 5, 5)]),
    "a listed taper of tablets": (
        "4 tabs x 3 days, 3 tabs x 3 days, 2 tabs x 3 days, 1 tab x 3 days then stop",
        [(20, 3, 0), (15, 3, 3), (10, 3, 6), (5, 3, 9)]),
    "then between every step": (
        "40 mg po qd x 3 days then 30 mg po qd x 3 days then 20 mg po qd x 3 days",
        [(40, 3, 0), (30, 3, 3), (20, 3, 6)]),
    "days are named after the dose": (
        "6 tablets on day 1, 5 tablets on day 2, 4 tablets on day 3", [(30, 1, 0), (25, 1, 1), (20, 1, 2)]),
    "days are named before the dose": ("Day 1: 60 mg; Day 2-4: 40 mg", [(60, 1, 0), (40, 3, 1)]),
    "weeks are named": ("week 1: 40 mg daily; week 2-3: 20 mg daily", [(40, 7, 0), (20, 14, 7)]),
    "reduced stepwise to nothing": (
        "40 mg daily, decrease by 10 mg every week until off",
        [(40, 7, 0), (30, 7, 7), (20, 7, 14), (10, 7, 21)]),
    "reduced stepwise to a maintenance dose": (
        "20 mg daily, reduce by 5 mg weekly to 10 mg", [(20, 7, 0), (15, 7, 7), (10, None, 14)]),
    "a pulse of three days": ("1000 mg IV daily x 3", [(1000, 3, 0)]),
    "number of doses gives the days": ("10 mg q8h x 4 doses", [(30, 2, 0)]),
    "a single dose lasts a day": ("80 mg IM once", [(80, 1, 0)]),
    "five days in words": ("40 mg daily for five days", [(40, 5, 0)]),
    "weeks": ("60 mg/day for 4 weeks, then 40 mg every other day for 4 weeks", [(60, 28, 0), (20, 28, 28)]),
}  # fmt: skip


@pytest.mark.pathway("C03")
@pytest.mark.parametrize(("sig", "steps"), SCHEDULES.values(), ids=SCHEDULES)
def test_schedules_give_one_step_after_the_other(sig: str, steps: list[tuple[float, int, int]]) -> None:
    found = steps_from_text(sig, strength_mg=TABLET_MG)
    assert [(step.mg_per_day, step.days, step.start_offset_days) for step in found] == steps


UNKNOWN = {
    "as directed is no dose": ("Take as directed", "as directed"),
    "a dose without a frequency": ("prednisolone 40 mg", "how often"),
    "per kg without the weight": ("1 mg/kg/day", "weight is not known"),
    "per body surface": ("60 mg/m2 daily", "body surface"),
    "puffs": ("2 puffs twice daily", "does not convert"),
    "nothing about a dose": ("for flare of asthma", "no dose"),
    "empty": ("", "no dose"),
    "a power of ten": ("1e300 mg once daily", "number in the directions"),
    "less than nothing": ("-20 mg once daily", "number in the directions"),
    "two strengths at once": ("10/5 mg daily", "number in the directions"),
    "two decimal points": ("20.5.2 mg daily", "number in the directions"),
    "not to be taken": ("do not take 20 mg daily", "not to take it"),
    "a letter": ("20 mg daily " * 500, "too long"),
}


@pytest.mark.pathway("C03")
@pytest.mark.parametrize(("sig", "why"), UNKNOWN.values(), ids=UNKNOWN)
def test_what_cannot_be_known_stays_unknown_and_says_why(sig: str, why: str) -> None:
    (step,) = steps_from_text(sig, strength_mg=TABLET_MG)
    assert step.mg_per_day is None
    assert why in (step.problem or "")


def test_tablets_without_a_known_strength_are_unknown() -> None:
    (step,) = steps_from_text("2 tablets daily")
    assert step.mg_per_day is None
    assert "strength" in (step.problem or "")


def test_a_dose_per_kg_uses_the_weight_and_says_so() -> None:
    (step,) = steps_from_text("1 mg/kg/day", weight_kg=70)
    assert step.mg_per_day == 70
    assert "weight 70 kg" in step.assumed


@pytest.mark.parametrize(
    ("sig", "mg"),
    [
        ("1 tablet every 6 hours as needed, max 3 tablets per day", 15),
        ("10 mg daily prn", 10),
        ("up to 40 mg daily", 40),
        ("prednisolone, maximum 40 mg/day", 40),
    ],
)
def test_a_dose_as_needed_is_only_an_upper_bound(sig: str, mg: float) -> None:
    (step,) = steps_from_text(sig, strength_mg=TABLET_MG)
    assert (step.mg_per_day, step.prn) == (mg, True)


def test_a_taper_without_steps_keeps_its_first_day_and_leaves_the_rest_unknown() -> None:
    first, rest = steps_from_text("20 mg daily tapering off")
    assert (first.mg_per_day, first.days) == (20, 1)
    assert rest.mg_per_day is None
    assert "steps are not said" in (rest.problem or "")


def test_a_taper_over_a_time_is_a_straight_line_and_says_so() -> None:
    steps = steps_from_text("60 mg daily, taper over 2 weeks")
    assert sum((step.mg_per_day or 0) * (step.days or 0) for step in steps) == pytest.approx(450)
    assert all("straight line" in " ".join(step.assumed) for step in steps)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_any_text_gives_steps_and_never_a_negative_dose(sig: str) -> None:
    steps = steps_from_text(sig, strength_mg=TABLET_MG, weight_kg=70)
    assert steps
    assert all(step.mg_per_day is None or step.mg_per_day >= 0 for step in steps)
    assert all(step.mg_per_day is not None or step.problem for step in steps)


STRENGTHS = {
    "tablet of RxNorm": ("predniSONE 5 MG Oral Tablet", 5, None),
    "brand in brackets": ("methylprednisolone 4 MG Oral Tablet [Medrol]", 4, None),
    "vial with its volume": ("1 ML methylprednisolone 40 MG/ML Injection", 40, 40),
    "larger vial": ("2 ML methylprednisolone 62.5 MG/ML Injection", 125, 62.5),
    "liquid per 5 mL": ("prednisolone 15 mg/5 mL oral solution", None, 3),
    "without a form": ("Prednisone 5 MG", 5, None),
    "no blank before the unit": ("Decadron 4mg", 4, None),
    "grams": ("methylprednisolone 1 g injection", 1000, None),
    "one of two ingredients": ("prednisolone 10 MG / neomycin 5 MG Oral Tablet", 10, None),
}


@pytest.mark.parametrize(("name", "piece", "ml"), STRENGTHS.values(), ids=STRENGTHS)
def test_the_strength_stands_in_the_name(name: str, piece: float | None, ml: float | None) -> None:
    found = strength_from_name(name, ["prednisolone", "prednisone", "methylprednisolone"])
    assert found is not None
    assert (found.mg_per_unit, found.mg_per_ml) == (piece, ml)


@pytest.mark.parametrize(
    "name", ["prednisone", "Fluticasone 0.25 MG/ACTUAT Inhaler", "x" * 10_000, "5 MG / 10 MG"]
)
def test_a_name_without_one_strength_gives_none(name: str) -> None:
    assert strength_from_name(name) is None
