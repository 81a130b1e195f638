"""The forecast in the document: for whom it is made, what it says of options, and what it never says."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import msgspec
import numpy as np
import pytest

from precollapse.assess import assess_chart
from precollapse.assessment.forecast_nodes import CourseOf, HipForecast, OptionForecast
from precollapse.assessment.forecast_part import _benefit
from precollapse.assessment.model import Assessment, Hip
from precollapse.assessment.nodes import Interval
from precollapse.engine.forecast import Curve
from precollapse.evidence.fitted import load_fitted
from tests.assessment.assessed import assess
from tests.engine.diagnosed import HIGH_DOSE, LUPUS
from tests.engine.test_forecast_profile import FLAT, ROUND, SHOWN
from tests.facts.people import KNOWLEDGE, Person
from tests.robustness.records import DAY, RECORDS
from tests.robustness.test_invariants import everybody

PARAMETERS = load_fitted().parameters
HORIZONS = KNOWLEDGE.forecast_settings.horizons_years


def document(patient: dict[str, Any] | None = None, **left: Any) -> Assessment:
    (found,) = assess(Person({"age_years": 40.0} | (patient or {}), left=left))
    return found


def forecast_of(patient: dict[str, Any] | None = None, **left: Any) -> HipForecast:
    return made(document(patient, **left).hips.left)


def made(hip: Hip) -> HipForecast:
    assert hip.forecast is not None
    return hip.forecast


def option(found: HipForecast, name: str) -> OptionForecast:
    return next(one for one in found.options if one.id == name)


def outcomes(courses: tuple[CourseOf, ...]) -> set[str]:
    return {course.outcome for course in courses}


@cache
def everyone() -> tuple[Assessment, ...]:
    return tuple(assess_chart(everybody(), KNOWLEDGE, DAY))


# For whom.
@pytest.mark.slow
def test_every_development_case_is_forecast_or_says_why_not() -> None:
    assert len(everyone()) == len(RECORDS)
    for assessment in everyone():
        for hip in (assessment.hips.left, assessment.hips.right):
            found = made(hip)
            assert found.says
            assert bool(found.untreated) is (found.state != "not made")
            assert bool(found.overall) is (found.state == "if confirmed")


@pytest.mark.slow
def test_every_case_with_established_disease_has_a_forecast_unless_it_is_a_child() -> None:
    hips = [hip for one in everyone() for hip in (one.hips.left, one.hips.right)]
    established = [made(hip) for hip in hips if hip.risk.state == "established"]
    children = [one for one in established if one.says == KNOWLEDGE.forecast_settings.not_for_says]
    assert {one.state for one in children} <= {"not made"}
    assert {one.state for one in established if one not in children} == {"forecast"}
    assert len(established) - len(children) > 10


@pytest.mark.hazard("forecast-of-unproven-disease")
def test_a_hip_without_proof_is_told_only_what_would_hold_if_mri_showed_it() -> None:
    (found,) = assess(Person(LUPUS, left={"groin_pain": True}, doses=HIGH_DOSE))
    forecast = made(found.hips.left)
    assert forecast.state == "if confirmed"
    assert forecast.says.startswith("If MRI shows")
    for course in forecast.overall:
        whole = next(one for one in forecast.untreated if one.outcome == course.outcome)
        for overall, if_shown in zip(course.at, whole.at, strict=True):
            assert overall.value <= if_shown.value
            assert overall.interval.low <= if_shown.interval.low + 0.01


@pytest.mark.hazard("forecast-of-unproven-disease")
def test_a_hip_in_which_osteonecrosis_is_unlikely_is_not_frightened_with_a_curve() -> None:
    for found in (forecast_of(), forecast_of(mri_hip="normal"), forecast_of(trochanteric_tenderness=True)):
        assert (found.state, found.untreated, found.options) == ("not made", (), ())
        assert "unlikely" in found.says


@pytest.mark.hazard("forecast-for-the-wrong-hip")
def test_a_child_is_not_forecast_by_cohorts_of_adults() -> None:
    found = forecast_of({"age_years": 9.0}, **FLAT)
    assert (found.state, found.untreated, found.options) == ("not made", (), ())
    assert found.says == KNOWLEDGE.forecast_settings.not_for_says


@pytest.mark.hazard("forecast-for-the-wrong-hip")
def test_a_replaced_hip_is_not_forecast_and_the_other_one_is() -> None:
    (found,) = assess(Person({"age_years": 50.0}, left={"hip_replaced": True}, right=ROUND))
    left, right = made(found.hips.left), made(found.hips.right)
    assert (left.state, left.untreated) == ("not made", ())
    assert "no femoral head" in left.says
    assert right.state == "forecast"


# The course.
@pytest.mark.hazard("forecast-too-sure")
@pytest.mark.parametrize("left", [ROUND, SHOWN, FLAT, ROUND | {"jic_type": "c2"}], ids=len)
def test_every_number_stands_with_its_interval_in_three_digits(left: dict[str, Any]) -> None:
    found = forecast_of(**left)
    for course in (*found.untreated, *(one for each in found.options for one in each.courses)):
        assert tuple(one.years for one in course.at) == HORIZONS
        for one in course.at:
            assert 0 <= one.interval.low <= one.value <= one.interval.high <= 1
            assert one.value == round(one.value, 3)
        if course.curve:
            assert len(course.curve) == len(course.low) == len(course.high) == len(found.times_years)


@pytest.mark.hazard("forecast-too-sure")
def test_of_a_hip_of_which_only_the_lesion_is_known_nothing_is_said_with_confidence() -> None:
    found = forecast_of(**SHOWN)
    collapse = next(one for one in found.untreated if one.outcome == "collapse")
    at_five = next(one for one in collapse.at if one.years == 5)
    assert at_five.interval.high - at_five.interval.low >= 0.9


def test_a_collapsed_hip_has_no_curve_of_collapse() -> None:
    assert "collapse" not in outcomes(forecast_of(**FLAT).untreated)
    assert "collapse" in outcomes(forecast_of(**ROUND).untreated)


def test_only_a_silent_hip_is_told_of_first_pain() -> None:
    silent = {"hip_symptoms": False, "mri_bone_marrow_oedema": False}
    assert "pain" in outcomes(forecast_of(**ROUND, **silent).untreated)
    assert "pain" not in outcomes(forecast_of(**ROUND, hip_pain=True).untreated)


@pytest.mark.hazard("unknown-size-filled-in")
def test_an_unknown_size_is_said_and_asked_for_with_what_it_would_change() -> None:
    found = forecast_of(**ROUND)
    assert any(line.startswith("Size: not known") for line in found.rests_on)
    asked = found.narrowed_by
    assert asked is not None
    assert asked.question.endswith("?")
    assert asked.width_expected < asked.width_now
    known = forecast_of(**ROUND, jic_type="c1")
    assert known.narrowed_by is None
    assert "Size: JIC type C1" in known.rests_on


def test_it_says_what_it_rests_on_and_what_it_leaves_out() -> None:
    found = forecast_of({"sickle_cell_disease": True}, **ROUND, hip_pain=True, mri_lesion_volume_percent=30.0)
    assert "Stage: changed on the radiograph, round" in found.rests_on
    assert "Size: share of the head about 30" in found.rests_on
    assert "Sickle cell disease: yes" in found.rests_on
    assert "Symptoms: yes (marrow oedema counts as one)" in found.rests_on
    assert {fact.concept for fact in found.facts} >= {"hip_symptoms", "sickle_cell_disease"}
    told = [(one.says, one.source) for one in KNOWLEDGE.forecast_settings.not_used]
    assert [(one.says, one.source) for one in found.not_used] == told


@pytest.mark.hazard("counted-twice-in-forecast")
def test_oedema_beside_pain_changes_no_number() -> None:
    pain = forecast_of(**ROUND, hip_pain=True, mri_bone_marrow_oedema=False)
    both = forecast_of(**ROUND, hip_pain=True, mri_bone_marrow_oedema=True)
    assert pain.untreated == both.untreated
    assert any("oedema" in one.says and "not twice" in one.says for one in both.not_used)


DATE = re.compile(r"\b(?:19|20)\d\d\b|\b(?:January|February|March|April|June|July|August|October|November)\b")


@pytest.mark.hazard("date-of-collapse")
@pytest.mark.parametrize("left", [ROUND, FLAT, SHOWN], ids=len)
def test_no_date_is_given_only_years_from_now(left: dict[str, Any]) -> None:
    found = forecast_of(**left)
    assert found.times_years[0] == 0
    assert found.times_years == tuple(sorted(found.times_years))
    # Facts keep the dates on which they were recorded, and ids of studies their years.
    plain = msgspec.to_builtins(msgspec.structs.replace(found, facts=(), sources=(), not_used=()))
    for each in plain["options"]:
        each["sources"] = ()
    assert DATE.findall(msgspec.json.encode(plain).decode()) == []


# Options.
@pytest.mark.pathway("O01", "O02", "O03", "R02", "R03")
def test_options_stand_beside_the_course_of_a_round_head() -> None:
    found = forecast_of(**ROUND)
    shown = {one.id for one in found.options}
    assert shown >= {"core-decompression", "vascularised-fibula", "rotational-osteotomy", "bisphosphonate"}
    assert shown >= {"decompression-cells"}
    assert "total-hip-replacement" not in shown


@pytest.mark.pathway("O05")
def test_of_a_hip_with_arthritis_replacement_is_told_by_its_revisions() -> None:
    found = option(
        forecast_of(**(FLAT | {"radiograph_joint_space_narrowing": True})), "total-hip-replacement"
    )
    assert found.basis == "revision"
    assert found.series is not None
    assert found.series.outcome == "revision"
    assert outcomes(found.courses) == {"revision"}


@pytest.mark.hazard("series-taken-for-comparison")
@pytest.mark.parametrize("left", [ROUND, FLAT, SHOWN], ids=len)
def test_a_series_never_has_a_benefit_or_a_number_to_treat(left: dict[str, Any]) -> None:
    found = forecast_of(**left).options
    series = [one for one in found if one.basis in {"series", "revision"}]
    assert series
    for one in series:
        assert (one.benefits, one.effect) == ((), None)
        assert one.series is not None
        assert one.series.certainty == "very low"
        assert "series of chosen hips without a comparison" in one.series.reasons
    for one in found:
        if one.basis in {"collapse", "replacement"}:
            assert one.effect is not None
            assert one.series is None
            assert one.benefits


def test_a_compared_option_carries_its_ratio_its_studies_and_its_certainty() -> None:
    found = option(forecast_of(**ROUND), "bisphosphonate")
    assert found.effect is not None
    network = next(one for one in PARAMETERS.networks if one.id == found.effect.outcome)
    effect = next(one for one in network.effects if one.treatment == "bisphosphonate")
    assert (found.effect.ratio, found.effect.studies) == (effect.ratio.value, effect.studies)
    assert found.effect.prediction.low < found.effect.interval.low
    assert found.effect.reasons == effect.certainty.reasons
    direct = {c.study for c in network.contrasts if "bisphosphonate" in (c.treatment, c.versus)}
    assert set(found.sources) == direct


def _spared(mean: float, low: float, high: float) -> Any:
    flat = Curve(np.array([mean]), np.array([[low], [mean], [mean], [high]]))
    return _benefit("collapse", 5.0, flat, 0)


def test_a_number_to_treat_has_an_interval_only_where_all_of_it_is_benefit() -> None:
    sure = _spared(0.2, 0.1, 0.25)
    assert (sure.treat_to_spare_one, sure.may_harm) == (5.0, False)
    assert sure.treat_interval == Interval(low=4.0, high=10.0)
    unsure = _spared(0.2, -0.05, 0.25)
    assert (unsure.treat_to_spare_one, unsure.treat_interval, unsure.may_harm) == (5.0, None, True)
    harm = _spared(-0.1, -0.2, 0.1)
    assert (harm.treat_to_spare_one, harm.treat_interval, harm.may_harm) == (None, None, True)
    nothing = _spared(0.0, 0.0, 0.0)
    assert (nothing.treat_to_spare_one, nothing.treat_interval, nothing.may_harm) == (None, None, True)
    tiny = _spared(0.0003, 0.0001, 0.0004)
    assert (tiny.treat_to_spare_one, tiny.treat_interval) == (None, None)


@pytest.mark.hazard("forecast-too-sure")
def test_benefits_of_the_document_follow_that_rule() -> None:
    benefits = [one for each in forecast_of(**ROUND, jic_type="c2").options for one in each.benefits]
    assert benefits
    for one in benefits:
        assert one.interval.low <= one.difference <= one.interval.high
        assert (one.treat_interval is None) or not one.may_harm
        if one.interval.low < 0:
            assert one.treat_interval is None


# Sources.
@pytest.mark.hazard("missing-source")
def test_every_study_that_is_cited_is_in_the_list_of_sources() -> None:
    found = document(**ROUND)
    forecast = made(found.hips.left)
    listed = {source.id for source in found.sources}
    assert forecast.sources
    assert set(forecast.sources) <= listed
    assert all(set(one.sources) <= listed for one in forecast.options)
    assert all(one.sources for one in forecast.options)


def test_a_measured_hip_cites_the_larger_cohorts_of_the_course() -> None:
    assert {"kuroda-2019", "min-2008"} <= set(forecast_of(**ROUND, jic_type="c1").sources)


def test_the_hip_beside_an_affected_one_is_told_what_to_expect_of_a_new_lesion() -> None:
    person = Person({"age_years": 40.0}, left=SHOWN, right={"mri_hip": "normal", "hip_symptoms": False})
    other = assess(person)[0].hips.right.forecast
    assert other is not None
    assert other.state == "not made"
    assert not other.untreated and not other.options
    (collapse,) = [one for one in other.overall if one.outcome == "collapse"]
    assert all(one.interval.low <= one.value <= one.interval.high for one in collapse.at)
    assert collapse.at[-1].value < 0.2
