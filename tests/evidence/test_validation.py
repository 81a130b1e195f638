"""Validation: cohorts left out are predicted without them, and counts by the chance they are due."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from precollapse.evidence.fitting import validation, validation_chain
from precollapse.evidence.fitting.settings import NaturalHistory
from precollapse.evidence.fitting.validation import Fits, RowPredicted, predictive, summary
from precollapse.evidence.table import read as table

MODELS = yaml.safe_load((table.evidence_folder() / "models.yaml").read_bytes())
SETTINGS = msgspec.convert(MODELS["natural_history"], NaturalHistory)


@pytest.fixture(scope="module")
def fits() -> Fits:
    """Only the processes of few cohorts, which are quick to fit."""
    few = {name: SETTINGS.processes[name] for name in ("worsening", "replacement")}
    return Fits(table.load(), msgspec.structs.replace(SETTINGS, processes=few), seed=1)


def row(events: float, at_risk: float, probability: float) -> RowPredicted:
    said = predictive(events, at_risk, np.full(100, probability))
    return RowPredicted("collapse", "a:1", "a", "all", at_risk, events, 0.0, 2.0, said)


def test_a_known_probability_gives_the_binomial_interval() -> None:
    said = predictive(7, 20, np.full(10, 0.3))
    exact = stats.binom(20, 0.3)
    assert (said.low * 20, said.high * 20) == (exact.ppf(0.05), exact.ppf(0.95))
    assert said.pit == pytest.approx(exact.cdf(6) + exact.pmf(7) / 2)
    assert said.mean == pytest.approx(0.3)
    assert said.inside


def test_an_uncertain_probability_gives_the_beta_binomial_interval() -> None:
    draws = np.random.default_rng(1).beta(2, 5, 20_000)
    said = predictive(0, 40, draws)
    exact = stats.betabinom(40, 2, 5)
    assert said.low * 40 == pytest.approx(exact.ppf(0.05), abs=1)
    assert said.high * 40 == pytest.approx(exact.ppf(0.95), abs=1)
    assert said.pit == pytest.approx(exact.pmf(0) / 2, abs=0.002)


@given(events=st.integers(0, 50), more=st.integers(0, 50), probability=st.floats(0.0, 1.0))
def test_every_count_lies_inside_or_outside_and_between_nothing_and_all(
    events: int, more: int, probability: float
) -> None:
    count = events + more + 1
    said = predictive(events, count, np.full(3, probability))
    assert 0 <= said.low <= said.high <= 1
    assert 0 <= said.pit <= 1
    assert said.inside == (said.low - 1e-12 <= events / count <= said.high + 1e-12)


def test_a_summary_counts_rows_cohorts_and_what_lies_inside() -> None:
    rows = [row(30, 100, 0.3), row(90, 100, 0.3), replace(row(5, 100, 0.3), cohort="b")]
    found = summary("collapse", rows)
    assert (found.rows, found.cohorts, found.inside) == (3, 2, 1)
    assert found.mean_error == pytest.approx((0.0 + 0.6 - 0.25) / 3)
    assert found.absolute_error == pytest.approx((0.0 + 0.6 + 0.25) / 3)
    assert sum(found.quarters) == 3
    assert (found.quarters[0], found.quarters[3]) == (1, 1)


def test_nothing_cannot_be_summed_up() -> None:
    with pytest.raises(ValueError, match="pain: there is no row"):
        summary("pain", [])


def test_the_cohort_that_is_predicted_has_no_part_in_the_fit(fits: Fits) -> None:
    """Twice as many events in a cohort that is left out change nothing in its prediction."""
    cohort = "cvo-vs-conservative"
    other = Fits(fits.table, fits.settings, seed=1)
    other.rows = {
        name: tuple(replace(one, events=1.0) if one.study == cohort else one for one in rows)
        for name, rows in fits.rows.items()
    }
    first, second = (one.without("replacement", cohort).draws for one in (fits, other))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, fits.without("replacement", None).draws)


def test_a_cohort_that_is_not_fitted_is_predicted_from_all(fits: Fits) -> None:
    assert fits.without("replacement", "nobody") is fits.without("replacement", None)


def test_a_process_of_one_cohort_is_not_validated(fits: Fits) -> None:
    assert validation.validated(fits) == ("replacement",)


def test_rows_of_fewer_than_twenty_units_are_not_predicted(fits: Fits) -> None:
    predicted = validation.predicted_rows(fits)
    assert all(one.at_risk >= validation.FEWEST_UNITS for one in predicted)
    expected = [one.arm for one in fits.rows["replacement"] if one.at_risk >= validation.FEWEST_UNITS]
    assert [one.arm for one in predicted] == expected


def test_printed_survival_is_cumulated_again_within_its_cohort(fits: Fits) -> None:
    (found,) = validation.within_cohort(fits, "replacement", "cvo-vs-conservative")
    assert (found.years, found.observed) == (5.0, pytest.approx(1 - 0.51))
    assert found.low < found.median < found.high
    with pytest.raises(ValueError, match="no row of lai-2004 is fitted"):
        validation.within_cohort(fits, "replacement", "lai-2004")


def test_constant_hazards_give_the_closed_form_of_the_three_states() -> None:
    first, second, years = 0.4, 0.9, 7.3
    pieces = np.array([[[first], [second]]] * 3)
    found = validation_chain.replaced_by(pieces, SETTINGS, years)[0]
    expected = 1 - (second * np.exp(-first * years) - first * np.exp(-second * years)) / (second - first)
    assert found == pytest.approx(expected, rel=1e-12)


def test_hazards_after_the_borders_do_not_matter_before_them() -> None:
    pieces = np.full((3, 2, 1), 0.5)
    changed = pieces * np.array([1.0, 3.0, 9.0])[:, None, None]
    early, late = (
        [validation_chain.replaced_by(one, SETTINGS, years)[0] for one in (pieces, changed)]
        for years in (2.0, 3.0)
    )
    assert early[0] == early[1]
    assert late[0] < late[1]


@pytest.mark.slow
def test_replacement_of_hips_before_collapse_is_predicted_by_the_whole_chain() -> None:
    """Lai 2005: 16 of 25 untreated hips with large lesions were replaced within two years."""
    chosen = {name: SETTINGS.processes[name] for name in ("collapse", "replacement")}
    studied = table.load()
    kept = {name: arm for name, arm in studied.arms.items() if arm.event != "replacement"}
    kept |= {name: studied.arms[name] for name in ("lai-2005:4", "lee-2015:4", "multidrill-2021:2")}
    small = msgspec.structs.replace(studied, arms=kept)
    fits = Fits(small, msgspec.structs.replace(SETTINGS, processes=chosen), seed=1)
    found = {one.arm: one for one in validation_chain.replaced_rows(fits)}
    assert set(found) == {"lai-2005:4", "lee-2015:4", "multidrill-2021:2"}
    assert (found["lai-2005:4"].events, found["lai-2005:4"].at_risk) == (16, 25)
    assert found["multidrill-2021:2"].reasons == ("unit is patients",)
    assert found["multidrill-2021:2"].events == pytest.approx(0.278 * 159)
    # A large lesion is replaced more often than one of unknown size in the same time.
    assert 0.1 < found["lee-2015:4"].predicted.mean < 0.6
    assert all(one.predicted.low < one.predicted.mean < one.predicted.high for one in found.values())
