"""Pooled effects that others printed, beside ours: the same question, and why the answers differ."""

from __future__ import annotations

import math

from precollapse.evidence.fitted import Estimate, NetworkFitted, PublishedBeside
from precollapse.evidence.fitting.comparisons import ratio
from precollapse.evidence.fitting.settings import Published, Settings
from precollapse.evidence.pairwise.effects import log_odds_ratio, log_risk_ratio
from precollapse.evidence.pairwise.pool import pool
from precollapse.evidence.table.read import StudyTable


def beside(
    table: StudyTable, settings: Settings, networks: list[NetworkFitted]
) -> tuple[PublishedBeside, ...]:
    """Return every published pooled effect of the settings with ours of the same kind, pooled pairwise."""
    return tuple(_one(table, one, networks) for one in settings.published)


def _one(table: StudyTable, one: Published, networks: list[NetworkFitted]) -> PublishedBeside:
    figure = table.figures[one.figure]
    printed = None
    if figure.value is not None:
        low, high = figure.interval or (math.nan, math.nan)
        printed = _turned(Estimate(value=figure.value, low=low, high=high), one.success)
    ours, studies = _ours(one, networks)
    return PublishedBeside(
        figure=one.figure,
        source=figure.source,
        says=figure.quantity,
        measure=one.measure,
        printed=None if printed is None or math.isnan(printed.low) else printed,
        ours=ours,
        ours_studies=studies,
        why=one.why,
    )


def _turned(estimate: Estimate, success: bool) -> Estimate:
    """Return the ratio of failures where that of successes was printed."""
    if not success:
        return estimate
    return Estimate(value=1 / estimate.value, low=1 / estimate.high, high=1 / estimate.low)


def _ours(one: Published, networks: list[NetworkFitted]) -> tuple[Estimate | None, int]:
    """Return our studies of the same comparison pooled by REML on the same measure."""
    network = next(network for network in networks if network.id == one.outcome)
    tables = [
        (c.events, c.n, c.versus_events, c.versus_n)
        for c in network.contrasts
        if c.treatment in one.treatments and c.versus in one.versus
    ]
    counted = [row for row in tables if None not in row]
    if not counted:
        return None, 0
    events, n, versus_events, versus_n = zip(*counted, strict=True)
    effect = log_risk_ratio if one.measure == "risk ratio" else log_odds_ratio
    estimates, variances = effect(events, n, versus_events, versus_n)
    pooled = pool(estimates, variances)
    return ratio(pooled.estimate, pooled.standard_error), len(counted)
