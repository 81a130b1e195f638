"""Importance sampling: draws from a known posterior have its mean, spread and quantiles."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from precollapse.evidence.course.importance import Array, LogDensity, adaptive_importance, mode_and_spread

SETTINGS = {"draws": 4_000, "seed": 7, "proposals": 20_000, "rounds": 5}


def normal_density(mean: Array, covariance: Array) -> LogDensity:
    inverse = np.linalg.inv(covariance)

    def log_density(at: Array) -> Array:
        off = at - mean
        return np.asarray(-0.5 * np.einsum("vi,ij,vj->v", off, inverse, off))

    return log_density


def test_a_normal_mean_with_a_normal_prior_has_its_exact_posterior() -> None:
    data, sd, prior_mean, prior_sd = np.array([1.2, 0.4, 2.0, 1.1, 0.7]), 0.8, -1.0, 1.5
    precision = len(data) / sd**2 + 1 / prior_sd**2
    mean = (data.sum() / sd**2 + prior_mean / prior_sd**2) / precision
    exact = stats.norm(mean, precision**-0.5)

    def log_density(at: Array) -> Array:
        likelihood = stats.norm.logpdf(data, at, sd).sum(axis=1)
        return np.asarray(likelihood + stats.norm.logpdf(at[:, 0], prior_mean, prior_sd))

    mode, spread = mode_and_spread(log_density, np.array([prior_mean]), np.array([10.0]))
    assert mode[0] == pytest.approx(mean, abs=1e-7)
    assert spread[0, 0] == pytest.approx(1 / precision, rel=1e-6)
    sample = adaptive_importance(log_density, mode, spread, **SETTINGS)
    # Four Monte-Carlo errors, of the effective number of proposals.
    error = exact.std() / np.sqrt(sample.effective_size)
    assert sample.draws.mean() == pytest.approx(mean, abs=4 * error)
    assert sample.draws.std() == pytest.approx(exact.std(), abs=4 * error / np.sqrt(2))
    assert sample.effective_size > 15_000


@pytest.mark.parametrize("events", [0, 1, 12])
def test_a_poisson_rate_with_a_gamma_prior_has_its_exact_posterior_on_the_log_scale(events: int) -> None:
    shape, rate, years = 0.7, 0.5, 20.0
    exact = stats.gamma(shape + events, scale=1 / (rate + years))

    def log_density(at: Array) -> Array:
        return np.asarray((shape + events) * at[:, 0] - (rate + years) * np.exp(at[:, 0]))

    mode, spread = mode_and_spread(log_density, np.array([0.0]), np.array([20.0]))
    assert np.exp(mode[0]) == pytest.approx((shape + events) / (rate + years), rel=1e-6)
    sample = adaptive_importance(log_density, mode, spread, **SETTINGS)
    for share in (0.025, 0.25, 0.5, 0.75, 0.975):
        found = exact.cdf(np.exp(np.quantile(sample.draws[:, 0], share)))
        error = np.sqrt(share * (1 - share) / min(sample.effective_size, SETTINGS["draws"]))
        assert found == pytest.approx(share, abs=4 * error)


def test_correlated_parameters_keep_their_correlation() -> None:
    mean = np.array([1.0, -2.0, 0.5])
    covariance = np.array([[1.0, 0.9, 0.0], [0.9, 1.2, -0.2], [0.0, -0.2, 0.3]])
    log_density = normal_density(mean, covariance)
    mode, spread = mode_and_spread(log_density, np.zeros(3), np.full(3, 10.0))
    np.testing.assert_allclose(mode, mean, atol=1e-6)
    sample = adaptive_importance(log_density, mode, spread, **SETTINGS)
    np.testing.assert_allclose(np.cov(sample.draws.T), covariance, atol=0.08)


def test_a_wrong_first_guess_of_the_spread_is_corrected_by_the_rounds() -> None:
    log_density = normal_density(np.array([3.0, 0.0]), np.diag([0.01, 4.0]))
    sample = adaptive_importance(log_density, np.array([2.5, 1.0]), np.eye(2) * 0.5, **SETTINGS)
    np.testing.assert_allclose(sample.draws.std(axis=0), [0.1, 2.0], rtol=0.05)


def test_the_same_seed_gives_the_same_draws_and_another_seed_others() -> None:
    log_density = normal_density(np.zeros(2), np.eye(2))
    start = (np.zeros(2), np.eye(2))
    small = {"draws": 100, "proposals": 2_000, "rounds": 2}
    one, same, other = (
        adaptive_importance(log_density, *start, seed=seed, **small).draws for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_half_of_the_draws_is_a_sample_too() -> None:
    sample = adaptive_importance(normal_density(np.zeros(1), np.eye(1)), np.zeros(1), np.eye(1), **SETTINGS)
    assert sample.draws[:2_000].mean() == pytest.approx(0.0, abs=4 / np.sqrt(2_000))


def test_too_few_effective_proposals_are_refused_with_what_to_do() -> None:
    log_density = normal_density(np.full(20, 50.0), np.eye(20) * 0.01)
    with pytest.raises(ValueError, match=r"effective proposals of 500.*raise proposals or rounds"):
        adaptive_importance(log_density, np.zeros(20), np.eye(20), draws=10, seed=1, proposals=500, rounds=1)
