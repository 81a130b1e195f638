"""What a clinician expects of the risk, one sentence a test."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from precollapse.engine.patient import either_hip
from precollapse.engine.risk import Quantity
from precollapse.engine.risk_model import Band, risk_model
from tests.facts.people import AS_OF, KNOWLEDGE, Person, days_ago, evaluated, oral, place

MODEL = risk_model(KNOWLEDGE)
LUPUS = {"systemic_lupus_erythematosus": True}


def hip(person: Person, side: str = "left", years: float | None = None, part: str = "value") -> float:
    """One number of one hip: today, or within some years."""
    facts, evaluation = evaluated(person, horizons=(years or 1.0,))
    quantity = evaluation.risk.future[years] if years else evaluation.risk.today
    return float(getattr(quantity, part)[place(facts, side)])


def cohort(person: Person, side: str = "left") -> str:
    """The cohort that decides about today."""
    facts, evaluation = evaluated(person)
    return decisive(evaluation.risk.today, place(facts, side))


def decisive(quantity: Quantity, row: int) -> str:
    return MODEL.cohorts[int(quantity.cohort[row, quantity.cause[row]])]


def steroid(mg: float, days: int, since: int) -> list[dict[str, Any]]:
    return [oral(mg, days_ago(since), days_ago(max(since - days + 1, 0)))]


def test_two_weeks_into_a_high_dose_course_mri_is_clear_but_the_year_ahead_is_not() -> None:
    begun = Person(doses=[oral(60, days_ago(13), ongoing=True)])
    over = Person(doses=[oral(60, days_ago(14), days_ago(1))])
    assert hip(begun) < 0.001
    assert hip(begun, years=1.0) > 0.03 > hip(over, years=1.0)


# Unknown is never absent.
def test_nothing_known_is_background_with_an_interval_that_excludes_hardly_anything() -> None:
    nobody = Person()
    assert cohort(nobody) == "background"
    assert hip(nobody) < 0.001
    assert hip(nobody, part="high") > 0.3
    assert hip(nobody, part="recorded_high") < 0.01


def test_denied_causes_bring_the_upper_bound_down() -> None:
    denied = {
        leaf: False
        for cause in KNOWLEDGE.causes.values()
        for leaf in [cause.present]
        if isinstance(leaf, str) and not cause.sign
    }
    assert hip(Person(denied), part="high") < hip(Person(), part="high")


def test_unknown_dose_spans_little_and_much() -> None:
    some = Person({"systemic_corticosteroid": True})
    much = Person(doses=steroid(60, 90, 400))
    assert hip(some, part="low") < hip(much) < hip(some, part="high")


# Corticosteroids.
@pytest.mark.pathway("C03", "T03")
def test_two_weeks_after_the_start_almost_nothing_is_visible_and_most_is_to_come() -> None:
    """Three pulses of a gram: the dose is complete, the lesion is not yet there."""
    pulses = [oral(1000, days_ago(14), days_ago(12), ingredient="methylprednisolone")]
    early = Person({"age_years": 50.0}, doses=pulses)
    assert hip(early) < 0.001
    assert hip(early, years=1.0) > 0.05


@pytest.mark.pathway("C03")
def test_half_a_year_after_the_start_most_has_come_and_little_is_to_come() -> None:
    def pulsed(days: int) -> Person:
        doses = [oral(1000, days_ago(days), days_ago(days - 2), ingredient="methylprednisolone")]
        return Person({"age_years": 50.0}, doses=doses)

    assert hip(pulsed(14)) < hip(pulsed(100)) < hip(pulsed(250))
    assert hip(pulsed(250)) > 0.05
    assert hip(pulsed(250), years=1.0) < hip(pulsed(14), years=1.0) / 5


@pytest.mark.pathway("C07")
def test_first_high_dose_in_lupus_counts_from_its_first_day() -> None:
    """The group is chosen by the highest daily dose, which is known before the sum is."""
    beginning = Person(LUPUS | {"age_years": 34.0}, doses=steroid(60, 14, 14))
    assert hip(beginning, years=1.0) > 0.25
    assert hip(beginning) < 0.001


@pytest.mark.pathway("C03")
def test_risk_rises_from_one_pack_to_several_grams() -> None:
    bands = [(4, 30), (8, 90), (20, 80), (30, 90), (60, 90)]
    values = [hip(Person({"age_years": 50.0}, doses=steroid(mg, days, 800))) for mg, days in bands]
    assert values == sorted(values)
    assert values[-1] > 20 * values[0]


@pytest.mark.pathway("C03")
def test_low_daily_dose_is_no_more_than_a_short_pack() -> None:
    low = Person({"age_years": 50.0}, doses=steroid(5, 365, 365))
    assert cohort(low) == "background" or hip(low) < 0.005


@pytest.mark.pathway("C03", "C04", "T03", "T04")
@pytest.mark.parametrize("drinks", [100.0, 500.0, 1000.0])
def test_alcohol_does_not_multiply_the_risk_of_corticosteroids(drinks: float) -> None:
    doses = steroid(60, 90, 400)
    sober = Person({"alcohol_g_per_week": 0.0, "age_years": 40.0}, doses=doses)
    drinking = Person({"alcohol_g_per_week": drinks, "age_years": 40.0}, doses=doses)
    for years in (None, 1.0, 5.0):
        assert hip(drinking, years=years) == hip(sober, years=years)


@pytest.mark.pathway("C04")
def test_alcohol_alone_raises_the_risk_step_by_step() -> None:
    never = {"systemic_corticosteroid": False}
    values = [hip(Person(never | {"alcohol_g_per_week": g})) for g in (0.0, 200.0, 500.0, 900.0)]
    assert values == sorted(values)
    odds = [v / (1 - v) for v in values]
    assert [round(o / odds[0], 1) for o in odds] == [1.0, 2.8, 9.4, 14.8]


@pytest.mark.pathway("C05")
def test_smoking_counts_without_corticosteroids_only() -> None:
    free = {"systemic_corticosteroid": False}
    smoker, never = ({"smoking_status": s} for s in ("current", "never"))
    assert hip(Person(free | smoker)) > 2 * hip(Person(free | never))
    doses = steroid(60, 90, 400)
    assert hip(Person(smoker, doses=doses)) == hip(Person(never, doses=doses))


@pytest.mark.pathway("C03")
def test_injection_into_one_hip_is_a_risk_for_that_hip_only() -> None:
    person = Person(left={"intra_articular_hip_corticosteroid": (True, 1.0)})
    assert hip(person, "left") > 100 * hip(person, "right")


# Other causes.
@pytest.mark.pathway("C01", "C02", "T01")
@pytest.mark.parametrize("injury", ["femoral_neck_fracture_displaced", "hip_dislocation"])
def test_injury_is_a_risk_for_its_own_side_only(injury: str) -> None:
    person = Person({"age_years": 40.0}, left={injury: (True, 1.0)})
    assert hip(person, "left") > 0.01
    assert hip(person, "right") < 0.001


@pytest.mark.pathway("C01")
def test_displaced_fracture_is_worse_than_undisplaced() -> None:
    displaced, undisplaced = (
        hip(Person({"age_years": 50.0}, left={f"femoral_neck_fracture_{kind}": (True, 2.0)}))
        for kind in ("displaced", "undisplaced")
    )
    assert displaced > 2 * undisplaced


@pytest.mark.pathway("C02")
def test_late_reduction_of_a_dislocation_is_worse() -> None:
    early, late = (
        hip(Person(left={"hip_dislocation": (True, 1.0), "hip_dislocation_reduction_hours": hours}))
        for hours in (3.0, 12.0)
    )
    assert late > 2 * early


@pytest.mark.pathway("C06")
def test_genotypes_of_sickle_cell_disease_differ_in_what_is_to_come() -> None:
    rates = {
        genotype: hip(Person({"sickle_cell_disease": True, "sickle_cell_genotype": genotype}), years=1.0)
        for genotype in ("ss_alpha_thalassaemia", "ss", "sc")
    }
    assert rates["ss_alpha_thalassaemia"] > rates["ss"] > rates["sc"] > 0


@pytest.mark.pathway("C07", "C08", "L04")
def test_lupus_never_treated_with_corticosteroids_is_far_below_treated_lupus() -> None:
    untreated = Person(LUPUS | {"systemic_corticosteroid": False})
    treated = Person(LUPUS | {"age_years": 30.0}, doses=steroid(60, 90, 400))
    assert hip(untreated) < hip(treated) / 10


@pytest.mark.pathway("C07")
def test_child_with_lupus_is_at_less_risk_than_an_adult() -> None:
    child, adult = (
        hip(Person(LUPUS | {"age_years": age}, doses=steroid(40, 90, 400))) for age in (12.0, 40.0)
    )
    assert child < adult / 2


@pytest.mark.pathway("C07", "C08")
def test_effects_that_were_not_adjusted_for_each_other_do_not_multiply() -> None:
    base = LUPUS | {"age_years": 30.0}
    one = Person(base | {"vasculitis": True}, doses=steroid(60, 90, 400))
    several = Person(
        base | {"vasculitis": True, "lupus_nephritis": True, "hypertension": True, "diabetes_mellitus": True},
        doses=steroid(60, 90, 400),
    )
    assert hip(several) == pytest.approx(hip(one))


@pytest.mark.pathway("C14")
def test_modern_kidney_transplant_is_below_that_of_the_high_dose_years() -> None:
    now = Person({"kidney_transplant": (True, 2.0)})
    then = Person({"kidney_transplant": (True, 2.0), "prednisone_equivalent_cumulative_mg": 12500.0})
    assert hip(now) < hip(then) / 2


@pytest.mark.pathway("C09", "C10", "C11", "C12", "C13", "C15", "C16", "C17", "C18", "C19", "C20")
@pytest.mark.parametrize(
    ("cause", "answers"),
    [
        ("C09", {"factor_v_leiden_test": "heterozygous"}),
        ("C10", {"triglycerides": 250.0}),
        ("C11", {"gaucher_disease": (True, 10.0)}),
        ("C12", {"pelvic_radiotherapy": (True, 2.0)}),
        ("C13", {"acute_lymphoblastic_leukaemia": (True, 2.0), "age_years": 17.0}),
        ("C15", {"dialysis": True}),
        ("C16", {"compressed_air_work": True}),
        ("C17", {"anca_vasculitis": True, "systemic_corticosteroid": True}),
        ("C18", {"hiv_infection": True}),
        ("C19", {"cushing_syndrome": True}),
        ("C20", {"recent_pregnancy": True}),
    ],
)
def test_every_cause_raises_the_risk_above_that_of_nobody_in_particular(
    cause: str, answers: dict[str, Any]
) -> None:
    assert KNOWLEDGE.pathway[cause]
    free = {} if "systemic_corticosteroid" in answers else {"systemic_corticosteroid": False}
    nobody = Person({"systemic_corticosteroid": False})
    assert hip(Person(free | answers)) > 1.1 * hip(nobody)


# What examinations tell.
@pytest.mark.pathway("I01")
def test_normal_radiograph_never_lowers_early_disease() -> None:
    exposed = Person(LUPUS | {"age_years": 34.0}, doses=steroid(60, 90, 120))
    normal = {
        "radiograph_hip": "normal",
        "radiograph_osteonecrosis": False,
        "radiograph_sclerosis": False,
        "radiograph_crescent_sign": False,
        "radiograph_head_collapse": False,
    }
    seen = Person(exposed.answers, left=normal, right=normal, doses=exposed.doses)
    for years in (None, 1.0, 5.0):
        assert hip(seen, years=years) >= hip(exposed, years=years)
        assert hip(seen, years=years, part="low") >= hip(exposed, years=years, part="low")


@pytest.mark.pathway("S01")
def test_painful_hip_is_likelier_to_be_affected_but_pain_causes_nothing() -> None:
    doses = steroid(60, 90, 400)
    painful = Person(left={"hip_pain": True}, right={"hip_pain": False}, doses=doses)
    assert hip(painful, "left") > 2 * hip(painful, "right")
    assert hip(painful, "left", years=5.0) == hip(painful, "right", years=5.0)


@pytest.mark.pathway("I02", "C03")
def test_clear_mri_half_a_year_after_the_start_leaves_hardly_anything() -> None:
    clear = [{"concept": "mri_osteonecrosis", "status": "absent", "side": "both", "start": AS_OF}]
    person = Person(doses=steroid(60, 90, 190), statements=clear)
    assert hip(person) == 0
    assert hip(person, years=1.0) < 0.005


@pytest.mark.pathway("I02", "C03")
def test_clear_mri_in_the_first_weeks_promises_nothing() -> None:
    clear = [{"concept": "mri_osteonecrosis", "status": "absent", "side": "both", "start": days_ago(100)}]
    person = Person(doses=steroid(60, 90, 121), statements=clear)
    never_looked = Person(doses=steroid(60, 90, 121))
    assert hip(person) == pytest.approx(hip(never_looked), rel=0.05)


@pytest.mark.pathway("I02")
def test_clear_mri_of_one_hip_says_nothing_of_the_other() -> None:
    clear = [{"concept": "mri_osteonecrosis", "status": "absent", "side": "left", "start": AS_OF}]
    person = Person(doses=steroid(60, 90, 400), statements=clear)
    assert hip(person, "right") > 100 * hip(person, "left")


@pytest.mark.pathway("I02")
def test_clear_mri_without_a_date_only_opens_the_lower_bound() -> None:
    doses = steroid(60, 90, 400)
    undated = [{"concept": "mri_osteonecrosis", "status": "absent", "side": "both"}]
    assert hip(Person(doses=doses, statements=undated)) == hip(Person(doses=doses))
    assert hip(Person(doses=doses, statements=undated), part="low") < 0.001


@pytest.mark.pathway("S14")
def test_diseased_hip_endangers_the_other_one() -> None:
    person = Person(left={"osteonecrosis_femoral_head": True})
    assert hip(person, "right") > 0.4
    assert cohort(person, "right") == "other-hip-diseased"


@pytest.mark.pathway("S14", "C06")
def test_osteonecrosis_of_another_bone_endangers_both_hips() -> None:
    person = Person({"osteonecrosis_other_site": True})
    assert min(hip(person, "left"), hip(person, "right")) > 0.4


# The patient.
def test_patient_is_at_least_the_worse_hip_and_never_more_than_two_independent_hips() -> None:
    for p, q in ((0.1, 0.1), (0.4, 0.01), (0.9, 0.9), (0.0, 0.3)):
        for both in (0.0, 0.5, 1.0):
            hips = Band(*(np.array([p, q]) for _ in range(3)))
            either = float(either_hip(hips, np.array([both, both])).value)
            assert max(p, q) <= either + 1e-12
            assert either <= 1 - (1 - p) * (1 - q) + 1e-12


def test_patient_of_two_like_hips_is_two_hips_over_one_plus_the_bilateral_share() -> None:
    hips = Band(*(np.array([0.1, 0.1]) for _ in range(3)))
    assert float(either_hip(hips, np.array([0.6, 0.6])).value) == pytest.approx(0.2 / 1.6)


def test_one_hip_left_is_that_hip() -> None:
    hip_left = Band(*(np.array([0.2]) for _ in range(3)))
    assert float(either_hip(hip_left, np.array([0.6])).value) == 0.2
