"""Published survival points: what they are worth, and the curve pooled from several studies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precollapse.evidence.pairwise.pool import pool
from precollapse.evidence.survival.kaplan_meier import kaplan_meier
from precollapse.evidence.survival.pooled import PooledSurvival, pool_survival
from precollapse.evidence.survival.published import numbers_from_survival, standard_error_from_interval

FOLDER = Path(__file__).parent / "oracle"
CABIBBO: dict[str, Any] = json.loads((FOLDER / "pooled_survival.json").read_text("utf-8"))
LUNG: dict[str, Any] = json.loads((FOLDER / "survival.json").read_text("utf-8"))["kaplan_meier"]["lung"]


def pooled_cabibbo(correction: float, correlation: float = 0.0, method: Any = "fixed") -> PooledSurvival:
    """Pool the 27 curves; the continuity correction of the authors is made here, ours makes none."""
    study, survival = np.array(CABIBBO["study"]), np.array(CABIBBO["survival"])
    first = np.diff(study, prepend=-1) != 0
    at_risk = np.array(CABIBBO["at_risk"], dtype=float)
    shares = survival / np.where(first, 1.0, np.roll(survival, 1))
    shares = (at_risk * shares + correction) / (at_risk + 2 * correction)
    for i, new in enumerate(first):
        survival[i] = shares[i] if new else shares[i] * survival[i - 1]
    before = np.where(first, 1.0, np.roll(survival, 1))
    return pool_survival(
        study.tolist(), CABIBBO["time"], survival, effective_number=(at_risk + 2 * correction) / before,
        horizons=CABIBBO["horizons"], correlation=correlation, seed=1, method=method,
    )  # fmt: skip


def test_the_curve_of_a_common_effect_equals_metasurvival() -> None:
    found, theirs = pooled_cabibbo(0.25), np.array(CABIBBO["fixed"])
    np.testing.assert_allclose(found.survival, theirs[:, 0], rtol=1e-12)
    uncorrected = np.ravel(CABIBBO["fixed_uncorrected"])
    np.testing.assert_allclose(pooled_cabibbo(0.0).survival, uncorrected, rtol=1e-12)


def test_the_interval_of_a_common_effect_equals_the_simulated_one_of_metasurvival() -> None:
    found, theirs = pooled_cabibbo(0.25), np.array(CABIBBO["fixed"])
    np.testing.assert_allclose(np.stack([found.low, found.high], axis=1), theirs[:, 1:], atol=0.001)


def test_random_effects_stay_near_the_multivariate_ones_of_metasurvival() -> None:
    # Theirs lets what a study shows in one stretch inform the others; ours does not. Hence not equal.
    theirs = np.array(CABIBBO["random"])
    found = pooled_cabibbo(0.25, correlation=1.0, method="DL")
    np.testing.assert_allclose(found.survival, theirs[:, 0], atol=0.04)
    assert ((found.low < theirs[:, 0]) & (theirs[:, 0] < found.high)).all()


def test_a_curve_pooled_by_hand() -> None:
    # Two studies of equal worth: sin² of the mean angle. 0.8 and 0.6, then of those 0.75 and 0.5.
    found = pool_survival(
        ["a", "a", "b", "b"], [2, 5, 2, 5], [0.8, 0.6, 0.6, 0.3], effective_number=[75.0, 75.0, 75.0, 100.0],
        horizons=[2, 5], correlation=0, seed=0, method="fixed",
    )  # fmt: skip
    assert found.stretches[0].persons.tolist() == [75, 75]
    np.testing.assert_allclose(found.stretches[1].persons, [60, 60])
    early = np.sin((np.arcsin(np.sqrt(0.8)) + np.arcsin(np.sqrt(0.6))) / 2) ** 2
    late = np.sin((np.arcsin(np.sqrt(0.75)) + np.arcsin(np.sqrt(0.5))) / 2) ** 2
    np.testing.assert_allclose(found.survival, [early, early * late])


@pytest.mark.parametrize("test", ["z", "knapp-hartung"])
@pytest.mark.parametrize("scale", ["arcsine", "log-log"])
def test_one_stretch_is_the_pool_of_the_studies_brought_back(scale: Any, test: Any) -> None:
    survival, persons = np.array([0.9, 0.8, 0.7, 0.95, 0.6]), np.array([40.0, 30.0, 80.0, 25.0, 60.0])
    found = pool_survival(
        list("abcde"), [5] * 5, survival, effective_number=persons, horizons=[5], correlation=1, seed=3,
        scale=scale, test=test,
    )  # fmt: skip
    if scale == "arcsine":
        direct = pool(np.arcsin(np.sqrt(survival)), 1 / (4 * persons), test=test)
        ends = np.sin(np.clip([direct.low, direct.high], 0, np.pi / 2)) ** 2
        further = np.sin(np.clip(direct.prediction or (0, 0), 0, np.pi / 2)) ** 2
    else:
        spread = (1 - survival) / (persons * survival * np.log(survival) ** 2)
        direct = pool(np.log(-np.log(survival)), spread, test=test)
        ends = np.exp(-np.exp([direct.high, direct.low]))
        further = np.exp(-np.exp(np.flip(direct.prediction or (0, 0))))
    np.testing.assert_allclose([found.low[0], found.high[0]], ends, atol=1e-5)
    np.testing.assert_allclose([found.prediction_low[0], found.prediction_high[0]], further, atol=1e-5)


def test_two_studies_under_knapp_hartung_say_almost_nothing_and_do_so_quietly() -> None:
    found = pool_survival(
        ["a", "b"], [5, 5], [0.9, 0.6], effective_number=[40.0, 40.0], horizons=[5], correlation=1, seed=0,
        scale="log-log", test="knapp-hartung",
    )  # fmt: skip
    assert found.low[0] == pytest.approx(0)
    assert found.high[0] == pytest.approx(1, abs=1e-3)


def test_standard_errors_of_a_curve_without_censoring_give_back_those_at_risk() -> None:
    curve = kaplan_meier(np.arange(1, 41), np.ones(40))
    read = curve.at([10, 24])
    found = pool_survival(
        ["a", "a"], [10, 24], read.survival, standard_error=read.standard_error, horizons=[10, 24],
        correlation=0, seed=0,
    )  # fmt: skip
    np.testing.assert_allclose([s.persons[0] for s in found.stretches], [40, 30])
    np.testing.assert_allclose(found.survival, read.survival)


def test_one_study_alone_has_no_prediction_and_unused_points_are_named() -> None:
    found = pool_survival(
        ["a", "a", "b", "c"], [2, 5, 5, 3], [0.9, 0.7, 0.8, 0.9], effective_number=[50.0] * 4, horizons=[2,
        5], correlation=0.5, seed=0,
    )  # fmt: skip
    assert np.isnan(found.prediction_low).all()
    assert found.unused == (("b", 5.0), ("c", 3.0))
    assert [stretch.studies for stretch in found.stretches] == [("a",), ("a",)]


def many(shares: list[list[float]], persons: list[int], order: list[int], **options: Any) -> PooledSurvival:
    study = [name for name in order for _ in range(3)]
    survival = np.concatenate([np.cumprod(shares[name]) for name in order])
    number = np.repeat(np.array(persons, dtype=float)[order], 3)
    return pool_survival(
        study, np.tile([1, 2, 5], len(order)), survival, effective_number=number, horizons=[1, 2, 5],
        seed=7, draws=2000, **options,
    )  # fmt: skip


SHARES = st.lists(st.lists(st.floats(0.2, 1.0), min_size=3, max_size=3), min_size=4, max_size=4)
PERSONS = st.lists(st.integers(10, 200), min_size=4, max_size=4)


@given(SHARES, PERSONS, st.sampled_from([0.0, 0.6, 1.0]))
def test_the_pooled_curve_and_all_its_limits_never_rise(
    shares: Any, persons: Any, correlation: float
) -> None:
    found = many(shares, persons, [0, 1, 2, 3], correlation=correlation)
    for curve in (found.survival, found.low, found.high, found.prediction_low, found.prediction_high):
        assert ((curve >= 0) & (curve <= 1)).all()
        assert (np.diff(curve) <= 1e-12).all()
    assert (found.prediction_low <= found.low + 1e-9).all()


@given(SHARES, PERSONS, st.permutations([0, 1, 2, 3]))
def test_the_order_of_the_studies_does_not_matter(shares: Any, persons: Any, order: Any) -> None:
    first, second = (many(shares, persons, ways, correlation=0.5) for ways in ([0, 1, 2, 3], order))
    np.testing.assert_allclose(first.survival, second.survival, atol=1e-7)
    np.testing.assert_allclose(first.low, second.low, atol=1e-5)


@given(SHARES, PERSONS)
def test_more_persons_make_the_interval_of_a_common_effect_narrower(shares: Any, persons: Any) -> None:
    few = many(shares, persons, [0, 1, 2, 3], correlation=0, method="fixed")
    more = many(shares, [4 * n for n in persons], [0, 1, 2, 3], correlation=0, method="fixed")
    assert (more.high - more.low <= few.high - few.low + 1e-9).all()


def test_studies_that_stay_better_widen_the_later_interval() -> None:
    shares = [[0.9, 0.9, 0.9], [0.6, 0.6, 0.6], [0.8, 0.8, 0.7], [0.7, 0.5, 0.8]]
    apart, together = (many(shares, [80] * 4, [0, 1, 2, 3], correlation=r) for r in (0.0, 1.0))
    np.testing.assert_allclose(apart.survival, together.survival)
    assert together.high[2] - together.low[2] > 1.2 * (apart.high[2] - apart.low[2])
    width = apart.prediction_high - apart.prediction_low
    assert ((together.prediction_high - together.prediction_low)[1:] > width[1:]).all()


@pytest.mark.slow
def test_the_intervals_cover_what_they_promise_in_simulated_studies() -> None:
    generator, hits, further, runs = np.random.default_rng(20), np.zeros(2), np.zeros(2), 300
    angles, tau, k, n = np.arcsin(np.sqrt([0.8, 0.7])), 0.12, 12, 80
    draws = np.sin(angles + tau * generator.standard_normal((100_000, 1))) ** 2
    mean_curve = np.cumprod(np.sin(angles) ** 2)
    for _ in range(runs):
        truth = np.sin(angles + tau * generator.standard_normal((k, 1))) ** 2
        first = generator.binomial(n, truth[:, 0])
        second = generator.binomial(first, truth[:, 1])
        survival = np.stack([first, second], axis=1).ravel() / n
        found = pool_survival(
            np.repeat(np.arange(k), 2).tolist(), np.tile([2, 5], k), survival, effective_number=np.full(2 * k,
            n), horizons=[2, 5], correlation=1.0, seed=1, draws=1000, test="knapp-hartung",
        )  # fmt: skip
        hits += (found.low <= mean_curve) & (mean_curve <= found.high)
        one = np.cumprod(draws[generator.integers(draws.shape[0])])
        further += (found.prediction_low <= one) & (one <= found.prediction_high)
    assert ((hits / runs > 0.92) & (hits / runs < 0.98)).all()
    assert ((further / runs > 0.90) & (further / runs < 0.98)).all()


def test_without_censoring_the_effective_number_is_the_number() -> None:
    curve = kaplan_meier(np.arange(1, 21), np.ones(20)).at([5, 15])
    found = numbers_from_survival(curve.survival, 20, standard_error=curve.standard_error)
    np.testing.assert_allclose(found.persons, 20)
    np.testing.assert_allclose(found.events, [5, 15])
    assert not found.more_than_n.any()


def test_peto_is_more_cautious_than_greenwood_and_the_crude_number_less() -> None:
    curve = kaplan_meier(LUNG["time"], LUNG["event"])
    horizon = curve.at(500)
    left = float((np.array(LUNG["time"]) >= 500).sum())
    greenwood = numbers_from_survival(horizon.survival, standard_error=horizon.standard_error).persons
    peto = numbers_from_survival(horizon.survival, at_risk=left)
    crude = numbers_from_survival(horizon.survival, len(LUNG["time"]), followed=1.0).persons
    assert peto.persons < greenwood < crude
    survival = horizon.survival
    np.testing.assert_allclose(peto.standard_error, survival * np.sqrt((1 - survival) / left))


@pytest.mark.parametrize("scale", ["plain", "log", "log-log"])
def test_the_standard_error_comes_back_from_the_interval_of_every_scale(scale: Any) -> None:
    curve = kaplan_meier(LUNG["time"], LUNG["event"], transform=scale, level=0.9).at([100, 300, 700])
    found = standard_error_from_interval(curve.survival, curve.low, curve.high, scale=scale, level=0.9)
    np.testing.assert_allclose(found, curve.standard_error, rtol=1e-12)


def test_the_logit_interval_gives_back_its_standard_error() -> None:
    survival, error = 0.8, 0.05
    centre, half = np.log(4), 1.959963984540054 * error / (survival * (1 - survival))
    low, high = (1 / (1 + np.exp(-(centre + side * half))) for side in (-1, 1))
    found = standard_error_from_interval([survival], [low], [high], scale="logit")
    np.testing.assert_allclose(found, error)


def test_a_share_followed_and_a_claim_of_too_many_are_said() -> None:
    found = numbers_from_survival([0.8, 1.0], 50, followed=0.6)
    np.testing.assert_allclose(found.persons, 30)
    np.testing.assert_allclose(found.events, [6, 0])
    assert numbers_from_survival([0.8], 50, standard_error=0.03).more_than_n.all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"survival_points": [0.8], "n": 50}, "give exactly one of"),
        ({"survival_points": [0.8], "n": 50, "followed": 1, "at_risk": 9}, "give exactly one of"),
        ({"survival_points": [0.8], "followed": 1.0}, "give n as well"),
        ({"survival_points": [1.0], "standard_error": 0.1}, "standard_error says nothing"),
        ({"survival_points": [0.0], "at_risk": 3}, "at_risk says nothing"),
        ({"survival_points": [80.0], "n": 50, "followed": 1}, r"survival_points\[0\] is 80"),
        ({"survival_points": [0.8], "n": 50, "followed": [0.5, 0.6]}, "give one number, or one per point"),
        ({"survival_points": [0.8], "n": 0, "followed": 1}, "n must be above 0"),
    ],
)
def test_numbers_that_cannot_be_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        numbers_from_survival(**arguments)


def test_a_limit_that_may_be_cut_is_refused() -> None:
    with pytest.raises(ValueError, match="may be cut"):
        standard_error_from_interval([0.95], [0.85], [1.0], scale="plain")
    with pytest.raises(ValueError, match="must be 'plain', 'log', 'log-log' or 'logit'"):
        standard_error_from_interval([0.9], [0.8], [0.95], scale="probit")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"survival": [0.6, 0.8]}, "survival rises from 0.6 at 2 to 0.8 at 5"),
        ({"survival": [60, 40]}, "survival 60.0 at 2"),
        ({"horizon": [2, 2]}, "two points at 2"),
        ({"horizons": [2, 4]}, "no study has survival at both 2 and 4"),
        ({"horizons": [5, 2]}, "rising"),
        ({"effective_number": [50, np.nan]}, "nothing says how many persons"),
        ({"effective_number": [50, -1]}, "above 0, are needed"),
        ({"effective_number": [50]}, "one value per point"),
        ({"effective_number": None, "standard_error": [0.2, 0.05]}, "contradict each other"),
        ({"survival": [0.6, 0.6], "scale": "log-log"}, "Use scale='arcsine'"),
        ({"correlation": 2}, "correlation is 2"),
        ({"scale": "logit"}, "must be 'arcsine' or 'log-log'"),
        ({"level": 95}, "level is 95"),
        ({"draws": 10}, "draws is 10"),
    ],
)
def test_points_that_cannot_be_are_refused(changes: dict[str, Any], message: str) -> None:
    whole = {
        "study": ["a", "a"], "horizon": [2, 5], "survival": [0.8, 0.6], "effective_number": [50, 50],
        "horizons": [2, 5], "correlation": 0, "seed": 0,
    }  # fmt: skip
    with pytest.raises(ValueError, match=message):
        pool_survival(**(whole | changes))  # type: ignore[arg-type]
