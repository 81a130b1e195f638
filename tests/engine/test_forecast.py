"""What a forecast says of a hip: larger lesions do worse, the unknown stays wide, outcomes keep order."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings

from precollapse.engine.forecast import (
    OUTCOMES,
    PAIN,
    REVISION,
    HipForecast,
    curve,
    forecast,
    forecast_with,
)
from precollapse.engine.forecast_profile import Profile
from tests.engine.forecasted import (
    BEFORE,
    COLLAPSED,
    KERBOUL,
    KNOWLEDGE,
    MODEL,
    SETTINGS,
    TYPES,
    VOLUME,
    collapsed,
    forecast_of,
    hip,
    mean,
    profiles,
    step,
    width,
)

HORIZONS = SETTINGS.horizons_years
# Sums of probabilities over six states and five hundred draws.
ROUNDING = 1e-12


# The size of the lesion.
@pytest.mark.parametrize("start", [("mri_only",), ("radiographic",), BEFORE, ()], ids=str)
def test_a_c2_hip_does_worse_than_c1_than_b_than_a_at_every_horizon(start: tuple[str, ...]) -> None:
    for years in HORIZONS:
        by_type = [mean(forecast_of(*start, types=[name]), years) for name in TYPES]
        assert by_type == sorted(set(by_type)), years


@pytest.mark.parametrize("start", [("mri_only",), ("radiographic",), BEFORE, ()], ids=str)
def test_a_known_type_is_on_average_never_wider_than_the_mixture(start: tuple[str, ...]) -> None:
    mixture = forecast_of(*start)
    for years in HORIZONS:
        known = sum(
            MODEL.course.shares[name] * width(forecast_of(*start, types=[name]), years) for name in TYPES
        )
        assert known <= width(mixture, years), years


@pytest.mark.parametrize(("scale", "sizes"), [(VOLUME, range(0, 61, 10)), (KERBOUL, range(150, 331, 30))])
def test_a_larger_measured_lesion_never_does_better(scale: str, sizes: range) -> None:
    for years in HORIZONS:
        by_size = [mean(forecast_of("radiographic", sizes=((scale, float(one)),)), years) for one in sizes]
        assert by_size == sorted(set(by_size)), years


def test_beyond_the_end_of_its_scale_a_size_is_not_followed() -> None:
    whole, most = (forecast_of("radiographic", sizes=((VOLUME, one),)) for one in (95.0, 60.0))
    assert mean(whole, 5) == mean(most, 5)


def test_a_size_on_two_scales_counts_both_alike() -> None:
    volume, angle = (VOLUME, 20.0), (KERBOUL, 300.0)
    one, other, both = (
        forecast_of("radiographic", sizes=sizes) for sizes in ((volume,), (angle,), (volume, angle))
    )
    for years in HORIZONS:
        assert mean(both, years) == pytest.approx((mean(one, years) + mean(other, years)) / 2, abs=0.02)
    shares = [
        part.share for part in MODEL.parts(hip("radiographic", sizes=(volume, angle), silent=1, sickle=-1))
    ]
    assert shares == pytest.approx([0.5, 0.5])


def test_types_known_and_a_measured_size_count_alike() -> None:
    parts = MODEL.parts(hip("radiographic", types=["C1"], sizes=((VOLUME, 30.0),), silent=1, sickle=-1))
    assert {part.course: part.share for part in parts} == pytest.approx({"jic C1": 0.5, "other": 0.5})


@pytest.mark.hazard("unknown-size-filled-in")
@pytest.mark.parametrize("start", [("mri_only",), ("radiographic",), BEFORE, ()], ids=str)
def test_an_unknown_size_says_what_a_measurement_would_do(start: tuple[str, ...]) -> None:
    found = forecast_of(*start).narrowing
    assert found is not None
    assert list(found.then) == TYPES
    assert found.expected < found.now
    assert found.value_low < mean(forecast_of(*start), found.years) < found.value_high


def test_a_known_size_asks_for_no_measurement() -> None:
    assert forecast_of("radiographic", types=["C1", "C2"]).narrowing is None
    assert forecast_of("radiographic", sizes=((VOLUME, 30.0),)).narrowing is None
    assert forecast_of("shallow").narrowing is None


@pytest.mark.hazard("unknown-size-filled-in")
def test_a_hip_of_unknown_size_is_of_every_type_in_its_share() -> None:
    parts = MODEL.parts(hip("radiographic", silent=1, sickle=-1))
    assert {part.course: part.share for part in parts} == pytest.approx(
        {f"jic {name}": share for name, share in MODEL.course.shares.items()}
    )


# How sure it is.
@pytest.mark.hazard("forecast-too-sure")
@pytest.mark.parametrize("start", [(), BEFORE, ("radiographic",)], ids=str)
def test_with_everything_unknown_nothing_confident_comes_out(start: tuple[str, ...]) -> None:
    assert width(forecast_of(*start), 5) >= 0.9


def _holds(found: HipForecast) -> None:
    assert sum(found.start.values()) == pytest.approx(1.0)
    curves = [*found.untreated.values(), *(one for each in found.options for one in each.curves.values())]
    for one in curves:
        low, inner_low, inner_high, high = one.bands
        assert ((low >= 0) & (high <= 1 + ROUNDING)).all()
        assert ((low <= one.mean + ROUNDING) & (one.mean <= high + ROUNDING)).all()
        assert ((low <= inner_low) & (inner_low <= inner_high) & (inner_high <= high)).all()
        assert (np.diff(one.mean) >= -ROUNDING).all()
        assert (np.diff(one.bands, axis=1) >= -ROUNDING).all()
    for each in (found.untreated, *(one.curves for one in found.options)):
        told = [each[name].mean for name in OUTCOMES if name in each]
        assert all((more >= less - ROUNDING).all() for more, less in pairwise(told))


@pytest.mark.hazard("forecast-too-sure")
@settings(max_examples=30)
@given(profiles())
def test_every_curve_rises_within_nested_bands_and_outcomes_follow_one_another(profile: Profile) -> None:
    _holds(forecast(profile, KNOWLEDGE))


@settings(max_examples=30)
@given(profiles(shown=False))
def test_the_same_holds_where_no_lesion_is_shown_and_no_option_is_told(profile: Profile) -> None:
    found = forecast(profile, KNOWLEDGE)
    _holds(found)
    assert found.options == ()
    assert found.narrowing is None


@pytest.mark.hazard("unrepeatable")
@pytest.mark.parametrize("profile", [hip(), hip("radiographic", types=["C1"], silent=1), hip("deep")])
def test_the_same_hip_is_forecast_alike_whenever_it_is_asked(profile: Profile) -> None:
    kept = forecast(profile, KNOWLEDGE)
    assert forecast(profile, KNOWLEDGE) is kept
    again = forecast_with(MODEL, profile)
    assert again.start == kept.start
    for name, one in kept.untreated.items():
        assert np.array_equal(one.bands, again.untreated[name].bands)
    for before, after in zip(kept.options, again.options, strict=True):
        assert all(np.array_equal(one.mean, after.curves[name].mean) for name, one in before.curves.items())


# The numbers themselves.
def test_a_hip_of_one_type_runs_by_its_fitted_hazard() -> None:
    course = MODEL.without_treatment(hip("radiographic", types=["C1"], silent=-1, sickle=-1))
    names = ("jic C1", "radiographic change")
    log_hazard = sum(MODEL.column(f"collapse: {name}") for name in names)
    population = np.exp(MODEL.column("collapse: log tau")) * MODEL.column("collapse: new population")
    assert course.hazards[0, 1] == pytest.approx(np.exp(log_hazard + population))
    later = MODEL.column("collapse: course of jic C1")
    assert course.hazards[1, 1] == pytest.approx(np.exp(log_hazard + population + later))
    assert course.hazards[2, 1] == pytest.approx(
        np.exp(log_hazard + population + later + MODEL.column("collapse: later"))
    )


@pytest.mark.parametrize("profile", [hip("radiographic", types=["C1"], silent=-1, sickle=-1), hip(*BEFORE)])
def test_collapse_of_a_round_head_is_one_minus_survival_of_its_hazards(profile: Profile) -> None:
    expected = curve(collapsed(profile))
    found = forecast(profile, KNOWLEDGE).untreated["collapse"]
    assert found.mean == pytest.approx(expected.mean, abs=1e-10)
    assert found.bands == pytest.approx(expected.bands, abs=1e-10)


def test_a_deeper_head_is_replaced_sooner() -> None:
    for years in HORIZONS:
        by_state = [mean(forecast_of(name), years, "replacement") for name in COLLAPSED]
        assert by_state == sorted(by_state)
        assert mean(forecast_of("radiographic"), years, "replacement") < by_state[-1]


def test_within_the_cohort_of_the_four_types_the_model_says_what_was_seen() -> None:
    process = next(one for one in MODEL.fitted.parameters.processes if one.id == "collapse")
    rows = [row for row in process.rows if row.arm.startswith("kuroda-2019")]
    assert {row.size for row in rows} == set(TYPES)
    for row in rows:
        # Where nobody collapsed, a model that gives a probability lies above what was seen.
        assert row.within.low - 0.01 <= row.events / row.at_risk <= row.within.high
        assert row.new.high - row.new.low > row.within.high - row.within.low


# What can still happen.
@pytest.mark.parametrize(
    ("classes", "told"),
    [
        (("shallow",), {"collapse beyond 2 mm", "arthritis", "replacement"}),
        (("deep",), {"arthritis", "replacement"}),
        (("arthritis",), {"replacement"}),
        (("shallow", "deep", "arthritis"), {"collapse beyond 2 mm", "arthritis", "replacement"}),
        (("radiographic", "arthritis"), set(OUTCOMES)),
    ],
)
def test_what_has_happened_already_has_no_curve(classes: tuple[str, ...], told: set[str]) -> None:
    found = forecast_of(*classes)
    assert set(found.untreated) == told
    assert all(set(one.curves) <= told | {REVISION} for one in found.options)


def test_a_silent_hip_may_begin_to_hurt_and_one_that_hurts_may_not() -> None:
    assert PAIN in forecast_of("radiographic", silent=1).untreated
    for silent in (0, -1):
        assert PAIN not in forecast_of("radiographic", silent=silent).untreated
    assert PAIN not in forecast_of("shallow", silent=1).untreated
    assert PAIN not in forecast_of("radiographic", "shallow", silent=1).untreated


def test_a_larger_lesion_hurts_sooner() -> None:
    small, large = (forecast_of("mri_only", types=[name], silent=1) for name in ("A", "C2"))
    assert mean(small, 5, PAIN) < mean(large, 5, PAIN)


# A hip in which nothing is shown.
NOTHING = (0.0, 0.0, 0.0)


def _new(first: float, later: float, lesion: tuple[float, float, float] = NOTHING) -> Profile:
    return hip(*BEFORE, lesion=lesion, onset=((1.0, first, first, first), (5.0, later, later, later)))


def test_a_clear_hip_without_risk_has_a_tiny_curve() -> None:
    low = (0.0005, 0.0001, 0.002)
    found = forecast(_new(2.1e-5, 1.1e-4, lesion=low), KNOWLEDGE)
    assert mean(found, 5) < 0.001
    assert found.untreated["collapse"].bands[3, step(5)] < 0.005
    nothing = forecast(_new(0.0, 0.0), KNOWLEDGE)
    assert nothing.untreated["collapse"].mean.max() == 0.0


def test_a_new_lesion_comes_at_the_rate_of_the_risk_engine() -> None:
    found = MODEL.without_treatment(_new(0.02, 0.1))
    # Pieces begin at 0, 1, 2 and 5 years.
    assert found.breaks_years == (1.0, 2.0, 5.0)
    assert -np.expm1(-found.hazards[0, 0]) == pytest.approx(np.full(MODEL.draws, 0.02))
    by_five = found.hazards[0, 0] + found.hazards[1, 0] + 3 * found.hazards[2, 0]
    assert -np.expm1(-by_five) == pytest.approx(np.full(MODEL.draws, 0.1))
    assert np.array_equal(found.hazards[3, 0], found.hazards[2, 0])


def test_halving_the_risk_of_a_new_lesion_halves_the_early_curve() -> None:
    whole, half = forecast(_new(0.02, 0.1), KNOWLEDGE), forecast(_new(0.01, 0.05), KNOWLEDGE)
    for years in (1, 2):
        assert mean(half, years) / mean(whole, years) == pytest.approx(0.5, abs=0.01)


@pytest.mark.hazard("forecast-of-unproven-disease")
def test_counting_how_likely_a_lesion_is_only_lowers_the_course() -> None:
    unproven = hip(*BEFORE, lesion=(0.4, 0.1, 0.8), onset=((1.0, *NOTHING), (5.0, *NOTHING)))
    overall, if_shown = forecast(unproven, KNOWLEDGE), forecast(unproven.confirmed(), KNOWLEDGE)
    for years in HORIZONS:
        assert mean(overall, years) == pytest.approx(0.4 * mean(if_shown, years), abs=0.05)
