"""The treatments of which anything was estimated: studies, hips, and how far the effect can be trusted."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from precollapse.evidence.fitted import NetworkFitted
from precollapse.views.evidence_effects import hips_by_study, is_random
from precollapse.views.evidence_names import Names


class Listed(NamedTuple):
    """One treatment; ``certainty`` is of its effect against the reference, by network."""

    id: str
    name: str
    studies: int
    randomised: int
    hips: int
    certainty: dict[str, str]


def listed(names: Names) -> list[Listed]:
    """Return the treatments with at least one study that was used, most hips first.

    A study counts once for all its outcomes, with the largest number of hips it gave the treatment to.
    Publications about the same hips count as printed.
    """
    hips = _hips(names)
    randomised = {
        one.study for network in names.parameters.networks for one in network.contrasts if is_random(one)
    }
    found = [
        Listed(
            id=treatment,
            name=names.treatment(treatment),
            studies=len(studies),
            randomised=len(randomised & studies.keys()),
            hips=round(sum(studies.values())),
            certainty=_certainty(treatment, names.parameters.networks),
        )
        for treatment, studies in hips.items()
    ]
    return sorted(found, key=lambda one: (-one.hips, one.id))


def unknown(names: Names) -> list[str]:
    """Return the treatments of the table of which nothing was estimated."""
    known = _hips(names).keys()
    return [one for one in names.parameters.treatments if one not in known]


def _hips(names: Names) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = defaultdict(dict)

    def add(treatment: str, study: str, hips: float) -> None:
        found[treatment][study] = max(found[treatment].get(study, 0.0), hips)

    for network in names.parameters.networks:
        for treatment, studies in hips_by_study(network).items():
            for study, number in studies.items():
                add(treatment, study, number or 0)
    for series in names.parameters.series:
        for row in series.rows:
            add(series.treatment, row.study, row.hips)
    return dict(found)


def _certainty(treatment: str, networks: tuple[NetworkFitted, ...]) -> dict[str, str]:
    return {
        network.id: one.certainty.level
        for network in networks
        for one in network.effects
        if one.treatment == treatment and one.versus == network.reference
    }
