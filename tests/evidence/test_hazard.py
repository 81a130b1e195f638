"""Hazard regression: equals R where the models meet and gives back what was simulated."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from precollapse.evidence.course import hazard
from precollapse.evidence.course.hazard import Array, Likelihood, Model, Observations, Prior
from precollapse.evidence.course.importance import mode_and_spread

ORACLE = json.loads((Path(__file__).parent / "oracle" / "hazard.json").read_text(encoding="utf-8"))
DATA = ORACLE["data"]
BORDERS = (2.0, 5.0)
# So narrow that the parameter is fixed at its mean.
FIXED = 1e-6
VAGUE = 1e3


def model(coefficients: int = 1, *, flat: bool = True, sd: float = 1.5, tau_scale: float = 0.5) -> Model:
    course = FIXED if flat else 0.5
    return Model(
        coefficients=tuple(Prior(f"b{place}", 0.0, sd) for place in range(coefficients)),
        courses=(Prior("course", 0.0 if flat else -0.5, course),),
        later=Prior("later", 0.0 if flat else -0.3, course),
        borders_years=BORDERS,
        tau_scale=tau_scale,
    )


def rows(
    study: list[str],
    events: list[float],
    at_risk: list[float],
    end: list[float],
    start: list[float] | None = None,
    design: list[list[float]] | None = None,
) -> Observations:
    """Rows of one group each."""
    count = len(study)
    return Observations(
        study=tuple(study),
        at_risk=np.array(at_risk, dtype=float),
        events=np.array(events, dtype=float),
        start_years=np.zeros(count) if start is None else np.array(start, dtype=float),
        end_years=np.array(end, dtype=float),
        row=np.arange(count),
        weight=np.ones(count),
        design=np.ones((count, 1)) if design is None else np.array(design, dtype=float),
        course=np.zeros(count, dtype=np.int64),
    )


def mixed(events: float, at_risk: float, start: float, end: float, weights: list[float]) -> Observations:
    """One row made of as many groups as there are weights, each with its own coefficient."""
    count = len(weights)
    return Observations(
        ("a",),
        np.array([at_risk]),
        np.array([events]),
        np.array([start]),
        np.array([end]),
        np.zeros(count, dtype=np.int64),
        np.array(weights),
        np.eye(count),
        np.zeros(count, dtype=np.int64),
    )


PUBLISHED = rows(
    DATA["study"],
    DATA["events"],
    DATA["n"],
    DATA["years"],
    design=[[1.0, one] for one in DATA["asymptomatic"]],
)
FOUR = rows(list("abcd"), [10, 20, 5, 12], [50, 50, 40, 45], [3, 3, 2, 6])


def one(*parameters: float) -> Array:
    return np.array([parameters])


def test_the_mode_without_spread_between_cohorts_equals_complementary_log_log_regression_in_r() -> None:
    likelihood = Likelihood(PUBLISHED, model(2, sd=VAGUE, tau_scale=FIXED))
    start = np.array([-1.0, 0.0, 0.0, 0.0, np.log(FIXED)])
    reach = np.array([5.0, 5.0, 6 * FIXED, 6 * FIXED, 5.0])
    mode, _ = mode_and_spread(likelihood.log_posterior, start, reach)
    np.testing.assert_allclose(mode[:2], ORACLE["glm"]["coefficients"], atol=1e-6)


def test_the_likelihood_without_spread_equals_that_of_r() -> None:
    at = one(*ORACLE["glm"]["coefficients"], 0.0, 0.0, np.log(FIXED))
    likelihood = Likelihood(PUBLISHED, model(2))
    found = likelihood.log_likelihood(at, np.zeros((1, 7, 1))).sum()
    ways = special.gammaln(PUBLISHED.at_risk + 1) - special.gammaln(PUBLISHED.events + 1)
    ways -= special.gammaln(PUBLISHED.at_risk - PUBLISHED.events + 1)
    assert found + ways.sum() == pytest.approx(ORACLE["glm"]["log_likelihood"], abs=1e-9)


def test_the_highest_marginal_likelihood_lies_where_lme4_finds_it() -> None:
    likelihood = Likelihood(PUBLISHED, model(2))

    def marginal(at: Array) -> Array:
        # Two coefficients and tau; the course is flat, and the prior is taken out again.
        whole = np.column_stack([at[:, :2], np.zeros((len(at), 2)), at[:, 2]])
        return np.asarray(likelihood.log_posterior(whole) - likelihood.log_prior(whole))

    mode, _ = mode_and_spread(marginal, np.array([-1.0, -1.0, -1.0]), np.full(3, 5.0))
    np.testing.assert_allclose(mode[:2], ORACLE["glmer"]["coefficients"], atol=1e-6)
    assert np.exp(mode[2]) == pytest.approx(ORACLE["glmer"]["tau"], abs=1e-6)


@pytest.mark.parametrize("tau", [0.05, 0.5, 1.5])
@pytest.mark.parametrize("events, at_risk", [(0, 30), (30, 30), (89, 180), (1900, 4000), (2.61, 33)])
def test_the_effect_of_a_cohort_is_integrated_out(tau: float, events: float, at_risk: float) -> None:
    seen = rows(["a", "a"], [events, 3], [at_risk, 20], [2, 4])
    likelihood = Likelihood(seen, model())
    at = one(-1.0, 0.0, 0.0, np.log(tau))

    def height(z: float) -> float:
        effect = np.full((1, 1, 1), tau * z)
        return float(likelihood.log_likelihood(at, effect)[0, 0, 0] + stats.norm.logpdf(z))

    grid = np.linspace(-8, 8, 3201)
    top = max(grid, key=height)
    area = integrate.quad(
        lambda z: np.exp(height(z) - height(top)), -9, 9, points=[top - 0.05, top, top + 0.05], limit=400
    )[0]
    exact = np.log(area) + height(top)
    found = float((likelihood.log_posterior(at) - likelihood.log_prior(at))[0])
    assert found == pytest.approx(exact, abs=2e-5)


def test_a_row_of_two_groups_survives_as_their_weighted_mean() -> None:
    seen = mixed(3, 20, 1.0, 4.0, [0.3, 0.7])
    alive = [0.3 * np.exp(-np.exp(-1.0) * t) + 0.7 * np.exp(-np.exp(0.5) * t) for t in (1.0, 4.0)]
    found = Likelihood(seen, model(2)).log_survival(one(-1.0, 0.5, 0.0, 0.0, -1.0), np.zeros((1, 1, 1)))
    assert found[0, 0, 0] == pytest.approx(np.log(alive[1] / alive[0]), rel=1e-12)


@pytest.mark.parametrize("log_hazard", [-60.0, -30.0, 5.0, 30.0])
def test_mixtures_keep_their_digits_when_hardly_anybody_or_everybody_has_the_event(log_hazard: float) -> None:
    seen = mixed(3, 20, 0.0, 1.0, [0.5, 0.5])
    found = Likelihood(seen, model(2)).log_survival(one(log_hazard, log_hazard, 0, 0, 0), np.zeros((1, 1, 1)))
    assert found[0, 0, 0] == pytest.approx(-np.exp(log_hazard), rel=1e-12)


def test_an_interval_after_the_first_is_conditional_on_having_come_so_far() -> None:
    course, later = -0.4, -0.2
    found = Likelihood(rows(["a"], [1], [9], [7], start=[3]), model()).log_survival(
        one(-1.0, course, later, 0.0), np.zeros((1, 1, 1))
    )
    expected = np.exp(-1.0) * np.exp(course) * (2 + 2 * np.exp(later))
    assert found[0, 0, 0] == pytest.approx(-expected, rel=1e-12)


def test_time_runs_at_its_own_pace_between_the_borders() -> None:
    years = np.array([0.0, 1.0, 2.0, 5.0, 10.0])
    found = hazard.operational_time(model(), years, np.log(0.5), np.log(0.4))
    np.testing.assert_allclose(found, [0.0, 1.0, 2.0, 3.5, 4.5])


@pytest.mark.slow
def test_what_was_simulated_is_found_again() -> None:
    random = np.random.default_rng(20261122)
    cohorts, truth, course, tau = 40, np.array([-1.6, 0.7]), -0.5, 0.4
    study, design, events, at_risk, start, end = [], [], [], [], [], []
    for number, effect in enumerate(random.normal(0, tau, cohorts)):
        for covariate in (0.0, 1.0):
            count = 80
            rate = np.exp(truth @ [1.0, covariate] + effect)
            for begin, finish, length in ((0.0, 2.0, 2.0), (2.0, 4.0, 2 * np.exp(course))):
                seen = random.binomial(count, -np.expm1(-rate * length))
                study.append(f"cohort {number}")
                design.append([1.0, covariate])
                events.append(seen)
                at_risk.append(count)
                start.append(begin)
                end.append(finish)
                count -= seen
    observations = rows(study, events, at_risk, end, start, design)
    posterior = hazard.fit(observations, model(2, flat=False), draws=2_000, seed=5, proposals=8_000)
    for name, expected in (("b0", truth[0]), ("b1", truth[1]), ("course", course), ("log tau", np.log(tau))):
        draws = posterior.coefficient(name)
        assert abs(draws.mean() - expected) < 2.6 * draws.std(), name
        assert draws.std() < 0.2, name
    assert posterior.effective_size > 2_000


def test_the_seed_decides_the_draws() -> None:
    first, same, other = (
        hazard.fit(FOUR, model(), draws=200, seed=seed, proposals=2_000, rounds=3).draws for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, same)
    assert not np.array_equal(first, other)


def test_data_that_hardly_differ_give_draws_that_hardly_differ() -> None:
    changed = rows(list("abcd"), [10.01, 20, 5, 12], [50, 50, 40, 45], [3, 3, 2, 6])
    one_fit, other = (hazard.fit(seen, model(), draws=1_000, seed=3).draws for seen in (FOUR, changed))
    spread = one_fit.std(axis=0)
    assert (np.abs(one_fit - other).mean(axis=0) < 0.03 * spread).all()
    assert (np.abs(one_fit.mean(axis=0) - other.mean(axis=0)) < 0.01 * spread).all()


def test_the_order_of_the_rows_does_not_matter() -> None:
    order = np.array([2, 0, 3, 1])
    turned = rows(
        [FOUR.study[place] for place in order],
        FOUR.events[order].tolist(),
        FOUR.at_risk[order].tolist(),
        FOUR.end_years[order].tolist(),
    )
    at = np.random.default_rng(1).normal(-0.5, 0.4, (30, 4))
    np.testing.assert_allclose(
        Likelihood(turned, model()).log_posterior(at), Likelihood(FOUR, model()).log_posterior(at), rtol=1e-12
    )


def test_components_may_stand_in_any_order() -> None:
    straight = mixed(3, 20, 1.0, 4.0, [0.2, 0.3, 0.5])
    order = np.array([2, 0, 1])
    shuffled = Observations(
        straight.study,
        straight.at_risk,
        straight.events,
        straight.start_years,
        straight.end_years,
        straight.row[order],
        straight.weight[order],
        straight.design[order],
        straight.course[order],
    )
    at = one(-1.0, 0.2, -0.4, 0.0, 0.0, -0.7)
    assert Likelihood(shuffled, model(3)).log_posterior(at) == pytest.approx(
        Likelihood(straight, model(3)).log_posterior(at)
    )


@settings(max_examples=25)
@given(
    events=st.integers(0, 30),
    at_risk=st.integers(30, 80),
    middle=st.floats(0.2, 2.8),
    hazard_at=st.floats(-3.0, 1.0),
    shares=st.lists(st.floats(0.1, 1.0), min_size=1, max_size=3),
)
def test_splitting_the_free_at_a_time_changes_nothing(
    events: int, at_risk: int, middle: float, hazard_at: float, shares: list[float]
) -> None:
    # Those free of the event at 3 years are free in both halves; those with it had it in one of them.
    weights = (np.array(shares) / sum(shares)).tolist()
    at = one(*[hazard_at + place for place in range(len(weights))], 0.0, 0.0, -1.0)
    effects = np.zeros((1, 1, 1))

    def free(start: float, end: float) -> float:
        seen = mixed(events, at_risk, start, end, weights)
        return float(Likelihood(seen, model(len(weights))).log_survival(at, effects)[0, 0, 0])

    assert free(0.0, middle) + free(middle, 3.0) == pytest.approx(free(0.0, 3.0), rel=1e-10)


@settings(max_examples=20)
@given(events=st.integers(0, 39), more=st.integers(1, 10))
def test_more_events_raise_the_hazard(events: int, more: int) -> None:
    def mode(count: int) -> float:
        seen = rows(["a", "b"], [min(count, 50), 10], [50, 50], [3, 3])
        likelihood = Likelihood(seen, model())
        reach = np.array([9.0, 6 * FIXED, 6 * FIXED, 4.0])
        found, _ = mode_and_spread(likelihood.log_posterior, np.array([-1.0, 0, 0, -1.0]), reach)
        return float(found[0])

    assert mode(events + more) > mode(events)


@settings(max_examples=20)
@given(studies=st.lists(st.sampled_from("abc"), min_size=1, max_size=6), gone=st.sampled_from("abcd"))
def test_leaving_a_cohort_out_removes_exactly_its_rows(studies: list[str], gone: str) -> None:
    count = len(studies)
    seen = rows(studies, list(range(count)), [50] * count, [1.0 + place for place in range(count)])
    rest, own = seen.without(gone), seen.of(gone)
    kept = [place for place in range(count) if studies[place] != gone]
    assert rest.study == tuple(studies[place] for place in kept)
    np.testing.assert_array_equal(rest.events, kept)
    np.testing.assert_array_equal(rest.row, np.arange(len(kept)))
    assert sorted([*rest.events, *own.events]) == list(range(count))


def test_leaving_a_cohort_out_keeps_the_groups_of_mixed_rows() -> None:
    two = Observations(
        ("a", "b"),
        np.array([20.0, 30.0]),
        np.array([1.0, 2.0]),
        np.zeros(2),
        np.ones(2),
        np.array([0, 0, 1, 1]),
        np.array([0.4, 0.6, 0.1, 0.9]),
        np.array([[1.0, 0], [0, 1], [1, 0], [0, 1]]),
        np.zeros(4, dtype=np.int64),
    )
    left = two.without("a")
    np.testing.assert_array_equal(left.weight, [0.1, 0.9])
    np.testing.assert_array_equal(left.row, [0, 0])


def test_a_new_cohort_is_predicted_with_the_effect_it_is_given() -> None:
    posterior = hazard.fit(FOUR, model(), draws=200, seed=1, proposals=2_000, rounds=3)
    effect = np.full(200, 0.3)
    found = hazard.predict(posterior, rows(["new"], [0], [1], [1.5]), effect)[:, 0]
    expected = -np.expm1(-np.exp(posterior.coefficient("b0") + 0.3) * 1.5)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_a_large_cohort_is_said_to_be_as_it_was_seen() -> None:
    seen = rows(["small", "large"], [4, 900], [10, 1000], [2, 2])
    posterior = hazard.fit(seen, model(tau_scale=1.0), draws=2_000, seed=1)
    mean = hazard.within(posterior, seen)
    draws = hazard.within_draws(posterior, seen, seed=2)
    assert draws[:, 1].mean() == pytest.approx(0.9, abs=0.005)
    np.testing.assert_allclose(draws.mean(axis=0), mean.mean(axis=0), atol=0.01)
    # With so many hips the share is as uncertain as a binomial one: the averaged draws would say far less.
    assert draws[:, 1].std() == pytest.approx(np.sqrt(0.09 / 1000), rel=0.1)
    assert mean[:, 1].std() < 0.5 * draws[:, 1].std()


def test_a_cohort_without_rows_is_as_its_prior() -> None:
    posterior = hazard.fit(FOUR, model(), draws=2_000, seed=1)
    effects = hazard.cohort_effects(posterior, rows(["e"], [0], [0], [2]), seed=3)[:, 0]
    standard = effects / posterior.tau
    assert stats.kstest(standard, "norm").pvalue > 0.01


def test_rows_that_cannot_be_are_refused_with_their_place() -> None:
    with pytest.raises(ValueError, match=r"row 1 \(b\): 12 events of 10"):
        rows(["a", "b"], [1, 12], [10, 10], [2, 2])
    with pytest.raises(ValueError, match=r"row 0 \(a\): from year 3 to year 2"):
        rows(["a"], [1], [10], [2], start=[3])
    with pytest.raises(ValueError, match=r"row 0 \(a\): the shares of its groups sum to 0\.9"):
        mixed(1, 10, 0, 2, [0.4, 0.5])


def test_a_design_that_does_not_fit_the_model_is_refused() -> None:
    with pytest.raises(ValueError, match="the design has 1 columns but the model 2"):
        hazard.fit(FOUR, model(2), draws=10, seed=1)


def test_a_model_without_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no row"):
        hazard.fit(FOUR.where(np.zeros(4, dtype=np.bool_)), model(), draws=10, seed=1)
