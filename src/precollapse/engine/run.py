"""facts → everything that is computed of them, for any number of patients at once."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

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
    staging
        Arrays over the same rows by system; see ``precollapse.engine.staging``.
    """

    truths: Truths
    urgency: pl.DataFrame
    risk: RiskResult
    staging: StagingResult


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
    return Evaluation(
        truths=truths,
        urgency=urgency_levels(facts.table.persons, truths, knowledge),
        risk=compute_risk(facts.table, truths, knowledge, horizons),
        staging=compute_staging(facts.table, knowledge),
    )
