"""facts → everything that is computed of them, for any number of patients at once."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from precollapse.engine.differential import DifferentialResult, compute_differential
from precollapse.engine.forecast_profile import Profiles, compute_profiles
from precollapse.engine.interpretation import Interpretation, interpret
from precollapse.engine.prior import compute_prior
from precollapse.engine.program import Truths, program
from precollapse.engine.risk import RiskResult, compute_risk
from precollapse.engine.staging import StagingResult, compute_staging
from precollapse.engine.urgency import urgency_levels
from precollapse.facts.build import Facts
from precollapse.knowledge.bundle import Knowledge


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What the engine found.

    Attributes
    ----------
    truths
        The truth of every condition of the knowledge on every hip.
    urgency
        One row per person; see ``precollapse.engine.urgency``.
    risk
        Arrays over the same rows as ``conditions``; see ``precollapse.engine.risk``.
    differential
        Arrays over the same rows; see ``precollapse.engine.differential``.
    interpretation
        Values against their usual ranges and points of scores; see ``precollapse.engine.interpretation``.
    staging
        Arrays over the same rows by system; see ``precollapse.engine.staging``.
    profiles
        What of each hip matters to its forecast; ``precollapse.engine.forecast`` computes each profile once.
    """

    truths: Truths
    urgency: pl.DataFrame
    risk: RiskResult
    differential: DifferentialResult
    interpretation: Interpretation
    staging: StagingResult
    profiles: Profiles


def evaluate(
    facts: Facts, knowledge: Knowledge, horizons_years: tuple[float, ...] | None = None
) -> Evaluation:
    """Evaluate facts.

    Parameters
    ----------
    facts
        Any number of patients.
    knowledge
        The loaded knowledge.
    horizons_years
        How far to look ahead; by default what the knowledge says, one and five years.
    """
    truths = program(knowledge).run(facts.table)
    horizons = horizons_years or knowledge.risk_settings.horizons_years
    risk = compute_risk(facts.table, truths, knowledge, horizons)
    prior = compute_prior(facts.table, truths, risk, knowledge)
    differential = compute_differential(facts.table, truths, prior, knowledge)
    staging = compute_staging(facts.table, knowledge)
    return Evaluation(
        truths=truths,
        urgency=urgency_levels(facts.table.persons, truths, knowledge),
        risk=risk,
        differential=differential,
        interpretation=interpret(facts.table, truths.leaves, knowledge),
        staging=staging,
        profiles=compute_profiles(facts.table, truths, risk, differential, staging, knowledge),
    )
