"""Looks up comparisons in a fitted network, turned round where they were printed the other way."""

from __future__ import annotations

from collections import defaultdict

import msgspec

from precollapse.evidence.fitted import ContrastFitted, EffectFitted, NetworkFitted
from precollapse.views.evidence_names import RANDOM, Names
from precollapse.views.plots.league import inverted
from precollapse.views.plots.network import Edge, Network, Node


def is_random(one: ContrastFitted) -> bool:
    """Say whether a study was randomised; allocation in turn is not."""
    return one.allocation in RANDOM


def comparators(network: NetworkFitted, treatment: str) -> tuple[str, ...]:
    """Return what a treatment is compared with: the reference first, then whatever a study set against it."""
    met = [other for one in network.contrasts for other in _others(one, treatment)]
    tied = treatment in network.treatments and treatment != network.reference
    return tuple(dict.fromkeys([network.reference] * tied + met))


def _others(one: ContrastFitted, treatment: str) -> tuple[str, ...]:
    pair = (one.treatment, one.versus)
    return tuple(other for other in pair if other != treatment) if treatment in pair else ()


def contrasts_between(network: NetworkFitted, treatment: str, versus: str) -> tuple[ContrastFitted, ...]:
    """Return the studies that compared two treatments, each as the first against the second."""
    pair = {treatment, versus}
    found = (one for one in network.contrasts if {one.treatment, one.versus} == pair)
    return tuple(one if one.treatment == treatment else _turned(one) for one in found)


def _turned(one: ContrastFitted) -> ContrastFitted:
    return msgspec.structs.replace(
        one,
        treatment=one.versus,
        versus=one.treatment,
        events=one.versus_events,
        n=one.versus_n,
        versus_events=one.events,
        versus_n=one.n,
        ratio=inverted(one.ratio),
        widened=inverted(one.widened),
    )


def effect_between(network: NetworkFitted, treatment: str, versus: str) -> EffectFitted | None:
    """Return the pooled effect of the first against the second, or None when nothing ties them."""
    for one in (*network.effects, *network.league):
        if (one.treatment, one.versus) == (treatment, versus):
            return one
        if (one.versus, one.treatment) == (treatment, versus):
            return msgspec.structs.replace(
                one,
                treatment=treatment,
                versus=versus,
                ratio=inverted(one.ratio),
                prediction=inverted(one.prediction),
                direct=inverted(one.direct) if one.direct else None,
                indirect=inverted(one.indirect) if one.indirect else None,
            )
    return None


def hips_by_study(network: NetworkFitted) -> dict[str, dict[str, int | None]]:
    """Return by treatment and study how many hips it was given to; a study's hips count once."""
    found: dict[str, dict[str, int | None]] = defaultdict(dict)
    for one in network.contrasts:
        for treatment, hips in ((one.treatment, one.n), (one.versus, one.versus_n)):
            known = found[treatment].get(one.study)
            found[treatment][one.study] = hips if known is None else max(known, hips or 0)
    return dict(found)


def network_plot(network: NetworkFitted, names: Names) -> Network:
    """Return the plot of a network; treatments apart from the reference are named, not drawn."""
    hips = hips_by_study(network)
    nodes = tuple(
        Node(one, names.short(one), _sum(list(hips.get(one, {}).values()))) for one in network.treatments
    )
    pairs: dict[tuple[str, str], list[ContrastFitted]] = defaultdict(list)
    for one in network.contrasts:
        if one.treatment in network.treatments and one.versus in network.treatments:
            first, second = sorted((one.treatment, one.versus), key=network.treatments.index)
            pairs[first, second].append(one)
    edges = tuple(
        Edge(*pair, randomised=sum(map(is_random, found)), others=sum(not is_random(one) for one in found))
        for pair, found in pairs.items()
    )
    apart = tuple(names.treatment(one) for one in network.apart)
    return Network(f"{network.name[:1].upper()}{network.name[1:]}: what was compared", nodes, edges, apart)


def _sum(counts: list[int | None]) -> int | None:
    known = [one for one in counts if one is not None]
    return sum(known) if known else None
