"""What of a patient reaches the forecast: stages, sizes, covariates as they are known, nothing filled in."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precollapse.chart.model import Chart
from precollapse.engine.forecast import forecast
from precollapse.engine.forecast_profile import Profile, Profiles, _two_digits, compute_profiles
from precollapse.engine.run import Evaluation, evaluate
from precollapse.facts.build import Facts, build_facts
from tests.engine.diagnosed import HIGH_DOSE, LUPUS
from tests.engine.forecasted import BEFORE, CLASSES, COVARIATES, KERBOUL, TYPES, VOLUME
from tests.engine.patients import people
from tests.facts.people import AS_OF, KNOWLEDGE, Person, chart_of, evaluated, place

SHOWN = {"mri_osteonecrosis": True}
ROUND: dict[str, Any] = SHOWN | {
    "radiograph_sclerosis": True, "radiograph_crescent_sign": False, "radiograph_head_flattening": False,
    "radiograph_joint_space_narrowing": False,
}  # fmt: skip
FLAT = ROUND | {"radiograph_head_flattening": True}


def profile_of(person: Person, hip: str = "left") -> Profile | None:
    facts, evaluation = evaluated(person)
    return _at(evaluation.profiles, place(facts, hip))


def _at(profiles: Profiles, row: int) -> Profile | None:
    number = profiles.of_hip[row]
    return None if number < 0 else profiles.distinct[number]


def adult(patient: dict[str, Any] | None = None, **left: Any) -> Profile:
    found = profile_of(Person({"age_years": 40.0} | (patient or {}), left=left))
    assert found is not None
    return found


def classes(profile: Profile) -> set[str]:
    return {CLASSES[number] for number in profile.classes}


def silent(profile: Profile) -> int:
    return profile.covariates[COVARIATES.index("asymptomatic")]


# Where it stands.
@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (SHOWN, set(CLASSES)),
        (ROUND, {"radiographic"}),
        (SHOWN | {"radiograph_hip": "normal"}, {"mri_only"}),
        (FLAT | {"head_depression_mm": 1.0}, {"shallow"}),
        (FLAT | {"head_depression_mm": 4.0}, {"deep"}),
        (FLAT, {"shallow", "deep"}),
        (FLAT | {"radiograph_joint_space_narrowing": True}, {"arthritis"}),
        (SHOWN | {"arco_2019_stage": "2"}, {"radiographic"}),
    ],
)
def test_a_hip_starts_where_its_stages_allow(left: dict[str, Any], expected: set[str]) -> None:
    assert classes(adult(**left)) == expected


@pytest.mark.hazard("forecast-of-unproven-disease")
def test_a_hip_without_proof_is_forecast_as_it_would_be_found_and_keeps_its_doubt() -> None:
    found = profile_of(Person(LUPUS, left={"groin_pain": True}, doses=HIGH_DOSE))
    assert found is not None
    assert classes(found) == set(BEFORE)
    value, low, high = found.lesion
    assert 0 < low < value < high < 1
    assert [years for years, *_ in found.onset] == list(KNOWLEDGE.risk_settings.horizons_years)
    assert adult(**SHOWN).lesion == (1.0, 1.0, 1.0)
    assert adult(**SHOWN).onset == ()


def test_a_normal_film_of_a_hip_without_proof_leaves_what_only_mri_shows() -> None:
    assert classes(adult(radiograph_hip="normal", groin_pain=True)) == {"mri_only"}


def test_a_system_that_contradicts_those_before_it_is_passed_over() -> None:
    assert classes(adult(**SHOWN, ficat_stage="4")) == {"arthritis"}
    assert classes(adult(**SHOWN, arco_2019_stage="1", ficat_stage="4")) == {"mri_only"}


@pytest.mark.hazard("forecast-for-the-wrong-hip")
def test_a_child_and_a_replaced_hip_get_no_profile() -> None:
    assert profile_of(Person({"age_years": 9.0}, left=FLAT)) is None
    assert profile_of(Person({"age_years": 9.0}), "right") is None
    replaced = Person({"age_years": 50.0}, left={"hip_replaced": True}, right=ROUND)
    assert profile_of(replaced) is None
    assert profile_of(replaced, "right") is not None


# How large it is.
@pytest.mark.hazard("unknown-size-filled-in")
def test_an_unknown_size_stays_unknown() -> None:
    found = adult(**ROUND)
    assert (found.types, found.sizes) == ((), ())


def test_a_measured_size_is_kept_in_whole_steps() -> None:
    assert adult(**ROUND, mri_lesion_volume_percent=31.4).sizes == ((VOLUME, 31.0),)
    assert adult(**ROUND, modified_kerboul_angle_deg=222.0).sizes == ((KERBOUL, 220.0),)


def _volume(low: float | None, high: float | None) -> float:
    statement = {
        "concept": "mri_lesion_volume_percent", "low": low, "high": high, "side": "left",
    }  # fmt: skip
    found = profile_of(Person({"age_years": 40.0}, left=ROUND, statements=[statement]))
    assert found is not None
    ((scale, value),) = found.sizes
    assert scale == VOLUME
    return value


@pytest.mark.hazard("unknown-size-filled-in")
def test_a_size_known_only_from_below_is_not_taken_for_its_lower_end() -> None:
    assert _volume(20.0, 40.0) == 30.0
    # The scale of the cohorts ends at 0 and 60 %.
    assert _volume(30.0, None) == 45.0
    assert _volume(None, 10.0) == 5.0
    assert _volume(80.0, None) == 80.0


def test_a_type_stands_as_it_was_read() -> None:
    assert [TYPES[number] for number in adult(**ROUND, jic_type="c1").types] == ["C1"]


def test_a_measured_size_stands_before_a_graded_one() -> None:
    assert dict(adult(**ROUND, steinberg_stage="2c").sizes)[VOLUME] == 45.0
    both = adult(**ROUND, steinberg_stage="2c", mri_lesion_volume_percent=12.0)
    assert dict(both.sizes)[VOLUME] == 12.0


# What changes it.
@pytest.mark.hazard("counted-twice-in-forecast")
def test_oedema_counts_as_a_symptom_and_only_once() -> None:
    none = {"hip_symptoms": False, "mri_bone_marrow_oedema": False}
    assert silent(adult(**ROUND, **none)) == 1
    oedema = adult(**ROUND, **(none | {"mri_bone_marrow_oedema": True}))
    pain = adult(**ROUND, mri_bone_marrow_oedema=False, hip_pain=True)
    both = adult(**ROUND, mri_bone_marrow_oedema=True, hip_pain=True)
    assert silent(oedema) == silent(pain) == silent(both) == -1
    assert oedema == pain == both
    assert silent(adult(**ROUND)) == 0


def test_sickle_cell_disease_is_known_or_not() -> None:
    place_of = COVARIATES.index("sickle cell")
    for answer, expected in ((True, 1), (False, -1)):
        assert adult({"sickle_cell_disease": answer}, **ROUND).covariates[place_of] == expected
    assert adult(**ROUND).covariates[place_of] == 0


# How many profiles there are.
@pytest.mark.hazard("forecast-too-sure")
@settings(max_examples=200)
@given(st.floats(1e-9, 1 - 1e-9))
def test_rounding_keeps_two_digits_and_never_makes_certain(value: float) -> None:
    (rounded,) = _two_digits(np.array([value]))
    assert 0 < rounded < 1
    assert abs(rounded - value) <= 0.05 * min(value, 1 - value) * (1 + 1e-6) + 1e-15


def test_rounding_keeps_the_order_of_a_value_and_its_band() -> None:
    values = np.sort(np.concatenate([np.geomspace(1e-7, 0.5, 4001), 1 - np.geomspace(1e-7, 0.5, 4001)]))
    assert (np.diff(_two_digits(values)) >= 0).all()
    assert _two_digits(np.array([0.0, 1.0])).tolist() == [0.0, 1.0]


def test_hips_that_differ_by_less_than_anybody_can_tell_share_a_profile() -> None:
    couple = [
        Person({"age_years": 40.0}, left=ROUND | {"mri_lesion_volume_percent": v}) for v in (29.8, 30.3)
    ]
    facts, evaluation = evaluated(*couple)
    one, other = (evaluation.profiles.of_hip[place(facts, "left", person)] for person in (0, 1))
    assert one == other


EVERYBODY = (
    Person({"age_years": 40.0}, left=ROUND, right=FLAT),
    Person({"age_years": 9.0}, left=FLAT),
    Person({"age_years": 60.0}, left={"hip_replaced": True}),
    Person(LUPUS, left={"groin_pain": True}, doses=HIGH_DOSE),
    Person({"age_years": 30.0, "sickle_cell_disease": True}, left=SHOWN | {"jic_type": "c2"}),
)


def many(times: int) -> tuple[Facts, Evaluation]:
    facts = build_facts(Chart.concat([chart_of(*EVERYBODY)] * times), KNOWLEDGE, AS_OF)
    return facts, evaluate(facts, KNOWLEDGE)


@settings(max_examples=15)
@given(st.lists(people(), min_size=1, max_size=3))
def test_a_hip_has_the_same_profile_whoever_else_is_in_the_table(others: list[Person]) -> None:
    facts, together = evaluated(*others, *EVERYBODY)
    for number, person in enumerate((*others, *EVERYBODY)):
        own, alone = evaluated(person)
        for side in ("left", "right"):
            expected = _at(alone.profiles, place(own, side))
            assert _at(together.profiles, place(facts, side, number)) == expected


def _calls(facts: Facts, evaluation: Evaluation) -> int:
    """How many functions of Python are entered while the profiles of all hips are computed."""
    count = 0

    def entered(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    parts = (evaluation.truths, evaluation.risk, evaluation.differential, evaluation.staging)
    before = sys.getprofile()
    sys.setprofile(entered)
    try:
        compute_profiles(facts.table, *parts, KNOWLEDGE)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.slow
def test_ten_thousand_hips_have_few_profiles_and_none_is_computed_by_itself() -> None:
    few, lots = many(10), many(1000)
    assert lots[0].table.height == 10_000
    assert lots[1].profiles.distinct == few[1].profiles.distinct
    assert len(lots[1].profiles.distinct) <= 2 * len(EVERYBODY)
    assert _calls(*lots) == _calls(*few)


def test_other_horizons_of_the_risk_engine_are_carried_along() -> None:
    person = Person(LUPUS, left={"groin_pain": True}, doses=HIGH_DOSE)
    for horizons in ((2.0,), (1.0, 5.0), (0.5, 1.0, 3.0)):
        facts, evaluation = evaluated(person, horizons=horizons)
        found = _at(evaluation.profiles, place(facts, "right"))
        assert found is not None
        assert tuple(years for years, *_ in found.onset) == horizons
        assert (np.diff(forecast(found, KNOWLEDGE).untreated["collapse"].mean) >= -1e-12).all()
