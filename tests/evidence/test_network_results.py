"""League tables and ranks equal netmeta, and the drawn ranks agree with the exact P-scores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from precollapse.evidence.network.contrasts import StudyContrasts
from precollapse.evidence.network.model import Network, fit_network
from precollapse.evidence.network.results import league_table, p_scores, rank_treatments
from precollapse.evidence.network.rows import Method
from tests.evidence.network_reference import NETWORKS, matrix, studies_of


def network_of(name: str, method: Method = "DL") -> Network:
    return fit_network(studies_of(NETWORKS[name]), reference=NETWORKS[name]["reference"], method=method)


@pytest.mark.parametrize(
    ("name", "within"), [(name, 1e-6 if name == "linde2016" else 1e-10) for name in NETWORKS]
)
def test_the_league_table_and_the_p_scores_equal_netmeta(name: str, within: float) -> None:
    network, reference = network_of(name), NETWORKS[name]["netmeta"]
    table = league_table(network, reference["treatments"])
    apart = ~np.eye(len(table.treatments), dtype=bool)
    for mine, theirs in (
        (table.estimates, "estimates"),
        (table.standard_errors, "errors"),
        (table.low, "low"),
        (table.high, "high"),
    ):
        assert mine[apart] == pytest.approx(matrix(reference[theirs])[apart], abs=within)
    scores = p_scores(network, smaller_is_better=True)
    in_order = scores[[network.place(treatment) for treatment in reference["treatments"]]]
    assert in_order == pytest.approx(reference["p_scores"], abs=within)


def test_the_league_table_holds_every_effect_in_both_directions() -> None:
    network = network_of("dogliotti2014", "REML")
    table = league_table(network)
    assert table.prediction_low is not None
    assert table.prediction_high is not None
    assert table.estimates == pytest.approx(-table.estimates.T, abs=1e-15)
    assert table.low == pytest.approx(-table.high.T, abs=1e-15)
    found = network.effect(table.treatments[3], table.treatments[5])
    assert table.estimates[3, 5] == found.estimate
    assert (table.low[3, 5], table.high[3, 5]) == pytest.approx((found.low, found.high))
    assert (table.prediction_low[3, 5], table.prediction_high[3, 5]) == pytest.approx(found.prediction)
    assert np.all(np.isnan(np.diag(table.prediction_low)))
    wider = league_table(network, table.treatments[:2], prediction="t(df-1)")
    assert wider.estimates.shape == (2, 2)
    assert wider.prediction_high is not None
    assert wider.prediction_high[0, 1] > table.prediction_high[0, 1]


def test_a_network_without_heterogeneity_by_assumption_predicts_nothing() -> None:
    table = league_table(network_of("senn2013", "fixed"))
    assert table.prediction_low is None
    assert table.prediction_high is None


def test_an_order_that_names_a_treatment_twice_or_a_strange_one_is_refused() -> None:
    network = network_of("woods2010")
    with pytest.raises(ValueError, match="names a treatment twice"):
        league_table(network, ["Placebo", "Placebo"])
    with pytest.raises(ValueError, match="no treatment 'Tea'"):
        league_table(network, ["Tea"])


@pytest.mark.parametrize("name", NETWORKS)
def test_the_drawn_ranks_have_the_p_scores_as_their_mean(name: str) -> None:
    ranking = rank_treatments(network_of(name), smaller_is_better=True)
    count = len(ranking.treatments)
    share = ranking.probabilities @ np.arange(count - 1, -1, -1) / (count - 1)
    assert share == pytest.approx(ranking.p_scores, abs=1e-3)
    assert np.sum(ranking.probabilities, axis=0) == pytest.approx(np.ones(count))
    assert np.sum(ranking.probabilities, axis=1) == pytest.approx(np.ones(count))
    assert np.all(np.diff(ranking.p_scores) <= 0)
    assert np.all((ranking.low >= 0) & (ranking.low <= ranking.high) & (ranking.high <= 1))


def two(estimate: float, variance: float) -> Network:
    study = StudyContrasts("1", "a", ("b",), np.array([estimate]), np.array([[variance]]))
    return fit_network([study], reference="a", method="fixed")


@settings(max_examples=30)
@given(estimate=st.floats(-2, 2), variance=st.floats(0.05, 4))
def test_of_two_treatments_the_p_score_is_the_one_sided_certainty(estimate: float, variance: float) -> None:
    ranking = rank_treatments(two(estimate, variance), smaller_is_better=False)
    certainty = float(ndtr(abs(estimate) / np.sqrt(variance)))
    assert ranking.p_scores == pytest.approx([certainty, 1 - certainty])
    assert ranking.best == pytest.approx([certainty, 1 - certainty], abs=1e-3)


def test_the_direction_turns_the_order_around() -> None:
    network = network_of("hasselblad1998")
    small, large = (rank_treatments(network, smaller_is_better=way) for way in (True, False))
    assert small.treatments == large.treatments[::-1]
    assert small.p_scores == pytest.approx(1 - large.p_scores[::-1])
    assert small.probabilities == pytest.approx(large.probabilities[::-1, ::-1], abs=1e-3)


def test_the_ranking_is_the_same_in_every_run_and_for_every_reference() -> None:
    studies = studies_of(NETWORKS["stowe2010"])
    one = rank_treatments(fit_network(studies, reference="Placebo"), smaller_is_better=True)
    again = rank_treatments(fit_network(studies, reference="Placebo"), smaller_is_better=True)
    other = rank_treatments(fit_network(studies, reference="Dopamine Agonist"), smaller_is_better=True)
    assert one.probabilities.tolist() == again.probabilities.tolist()
    assert other.treatments == one.treatments
    # A draw at a tie may fall on the other side by rounding.
    assert other.probabilities == pytest.approx(one.probabilities, abs=2 / 2**14)


def test_a_clear_winner_is_surely_best_and_a_number_of_draws_out_of_range_is_refused() -> None:
    ranking = rank_treatments(two(5.0, 0.01), smaller_is_better=True)
    assert ranking.treatments == ("a", "b")
    assert (ranking.low[0], ranking.high[0], ranking.best[0]) == (1.0, 1.0, 1.0)
    with pytest.raises(ValueError, match="between 8 and 20"):
        rank_treatments(two(5.0, 0.01), smaller_is_better=True, log2_draws=30)
