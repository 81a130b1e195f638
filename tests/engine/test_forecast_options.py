"""Options beside the course without one: benefits draw by draw, series without any, each where it belongs."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings

from precollapse.engine.forecast import REVISION, HipForecast, OptionCourse, curve, forecast, forecast_with
from precollapse.engine.forecast_profile import Profile
from tests.engine.forecasted import (
    KNOWLEDGE,
    MODEL,
    collapsed,
    forecast_of,
    hip,
    profiles,
    step,
    with_columns,
)

C1 = hip("radiographic", types=["C1"], silent=-1, sickle=-1)
COMPARED = ("bisphosphonate", "denosumab", "core-decompression", "decompression-cells")


def option(found: HipForecast, name: str) -> OptionCourse:
    return next(one for one in found.options if one.option == name)


def offered(*classes: str) -> set[str]:
    return {one.option for one in forecast_of(*classes).options}


@pytest.mark.parametrize("name", COMPARED)
def test_the_benefit_is_the_difference_of_the_curves_draw_by_draw(name: str) -> None:
    found = option(forecast(C1, KNOWLEDGE), name)
    treatment = KNOWLEDGE.forecast_options[name].treatment
    ratio = np.exp(MODEL.column(f"effect: collapse: {treatment}"))
    without, treated = collapsed(C1), collapsed(C1, ratio)
    expected = curve(without - treated)
    assert found.basis == "collapse"
    assert found.curves["collapse"].mean == pytest.approx(curve(treated).mean, abs=1e-10)
    assert found.benefit["collapse"].mean == pytest.approx(expected.mean, abs=1e-10)
    assert found.benefit["collapse"].bands == pytest.approx(expected.bands, abs=1e-10)


def test_benefits_of_the_mean_are_differences_of_the_means() -> None:
    found = forecast(C1, KNOWLEDGE)
    for one in found.options:
        for outcome, benefit in one.benefit.items():
            difference = found.untreated[outcome].mean - one.curves[outcome].mean
            assert benefit.mean == pytest.approx(difference, abs=1e-12)


@pytest.mark.parametrize("name", COMPARED)
def test_a_hazard_ratio_of_one_gives_no_benefit(name: str) -> None:
    column = f"effect: collapse: {KNOWLEDGE.forecast_options[name].treatment}"
    found = option(forecast_with(with_columns(**{column: 0.0}), C1), name)
    assert all((one.bands == 0).all() and (one.mean == 0).all() for one in found.benefit.values())


def test_a_harmful_treatment_shows_harm() -> None:
    harmful = with_columns(**{"effect: collapse: denosumab": np.log(2.0)})
    found = option(forecast_with(harmful, C1), "denosumab")
    assert (found.benefit["collapse"].bands[:, 1:] < 0).all()


@pytest.mark.hazard("series-taken-for-comparison")
@settings(max_examples=20)
@given(profiles())
def test_a_series_never_has_a_benefit(profile: Profile) -> None:
    for one in forecast(profile, KNOWLEDGE).options:
        compared = one.basis in {"collapse", "replacement"}
        assert bool(one.benefit) is compared
        assert compared or set(one.curves) == {REVISION if one.basis == REVISION else "replacement"}


def test_a_hip_that_collapsed_is_told_of_comparisons_on_replacement_only() -> None:
    found = option(forecast_of("shallow"), "core-decompression")
    assert found.basis == "replacement"
    assert option(forecast_of("mri_only"), "core-decompression").basis == "collapse"


def test_a_series_runs_at_its_rate() -> None:
    found = option(forecast_of("radiographic"), "hyperbaric-oxygen")
    rate = np.exp(MODEL.column("series: before collapse: hyperbaric_oxygen"))
    assert found.curves["replacement"].mean[step(5)] == pytest.approx(float(-np.expm1(-5 * rate).mean()))


PATHWAY = [
    pytest.param("core-decompression", "mri_only", "deep", marks=pytest.mark.pathway("O01")),
    pytest.param("multiple-drilling", "radiographic", "shallow", marks=pytest.mark.pathway("O01")),
    pytest.param("nonvascularised-graft", "shallow", "arthritis", marks=pytest.mark.pathway("O02")),
    pytest.param("vascularised-fibula", "radiographic", "deep", marks=pytest.mark.pathway("O02")),
    pytest.param("rotational-osteotomy", "deep", "arthritis", marks=pytest.mark.pathway("O03")),
    pytest.param("total-hip-replacement", "arthritis", "radiographic", marks=pytest.mark.pathway("O05")),
    pytest.param("bisphosphonate", "mri_only", "shallow", marks=pytest.mark.pathway("R02")),
    pytest.param("decompression-cells", "shallow", "deep", marks=pytest.mark.pathway("R03")),
]


@pytest.mark.parametrize(("name", "considered", "not_considered"), PATHWAY)
def test_an_option_is_shown_where_it_is_considered_and_nowhere_else(
    name: str, considered: str, not_considered: str
) -> None:
    assert name in offered(considered)
    assert name not in offered(not_considered)
    assert option(forecast_of(considered), name).curves


def test_a_drafted_option_is_not_shown() -> None:
    options = dict(KNOWLEDGE.forecast_options)
    options["denosumab"] = msgspec.structs.replace(options["denosumab"], draft=True)
    knowledge = msgspec.structs.replace(KNOWLEDGE, forecast_options=options)
    assert "denosumab" not in {one.option for one in forecast(C1, knowledge).options}
    assert "denosumab" in {one.option for one in forecast(C1, KNOWLEDGE).options}


def test_a_replacement_is_told_by_how_often_it_is_revised() -> None:
    found = option(forecast_of("arthritis"), "total-hip-replacement")
    assert (found.basis, set(found.curves), found.benefit) == (REVISION, {REVISION}, {})


def test_options_of_every_state_that_a_hip_may_be_in_are_shown() -> None:
    either = hip("radiographic", "arthritis")
    shown = {one.option for one in forecast(either, KNOWLEDGE).options}
    assert {"bisphosphonate", "total-hip-replacement"} <= shown
