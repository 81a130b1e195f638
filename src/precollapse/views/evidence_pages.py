"""What ``evidence show`` says, block by block: the same for the terminal and for the page.

Every number stands beside its interval, its certainty, what was left out, and what others printed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from precollapse.evidence.fitted import (
    EffectFitted,
    Estimate,
    LeftOut,
    NetworkFitted,
    ProcessFitted,
    PublishedBeside,
    SeriesFitted,
)
from precollapse.views import evidence_forests as forests
from precollapse.views.evidence_effects import comparators, contrasts_between, effect_between, network_plot
from precollapse.views.evidence_names import COURSE, PUBLISHED, STAGES, Names
from precollapse.views.plots.league import league_ratios
from precollapse.views.plots.model import Forest
from precollapse.views.plots.network import Network
from precollapse.views.plots.words import estimate_words, interval_words, p_words


@dataclass(frozen=True, slots=True)
class Heading:
    """Starts a part of the page."""

    text: str


@dataclass(frozen=True, slots=True)
class Says:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list under a title."""

    title: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Columns with their headings."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class League:
    """Every treatment of a network against every other one."""

    treatments: tuple[str, ...]
    ratios: dict[tuple[str, str], Estimate]
    labels: dict[str, str]


Block = Heading | Says | Bullets | Table | League | Forest | Network


@dataclass(frozen=True, slots=True)
class Page:
    """A title and what stands under it."""

    title: str
    blocks: tuple[Block, ...]


def page(topic: str, names: Names) -> Page:
    """Return the page of a treatment, a network, the course without treatment or the published effects.

    Parameters
    ----------
    topic
        An id as `Names.resolve` returns it.
    names
        What was estimated, with its names.
    """
    parameters = names.parameters
    if topic == COURSE:
        blocks = [block for one in parameters.processes for block in _course(one, names)]
        return Page("Course without treatment", tuple(blocks))
    if topic == PUBLISHED:
        beside = list(_published(parameters.published, names)) or [
            Says("No published effect stands beside ours.")
        ]
        return Page("Effects published by others, beside ours", tuple(beside))
    for network in parameters.networks:
        if network.id == topic:
            return Page(f"Treatments compared: {network.name}", tuple(_network(network, names)))
    name = names.treatment(topic)
    return Page(name[:1].upper() + name[1:], tuple(_treatment(topic, names)))


def _treatment(treatment: str, names: Names) -> Iterator[Block]:
    entry = names.table.treatments.get(treatment)
    if entry is not None:
        yield Says(entry.description)
    parameters = names.parameters
    for network in parameters.networks:
        yield from _in_network(network, treatment, names)
    series = [one for one in parameters.series if one.treatment == treatment]
    yield from _series(series, names)
    beside = [one for one in parameters.published if treatment in names.printed_for(one.figure)]
    yield from _published(beside, names)
    compared = any(comparators(network, treatment) for network in parameters.networks)
    if treatment in names.lumped:
        yield Says(f"Counted as {names.treatment(names.lumped[treatment])} wherever treatments are compared.")
    elif not compared and not series:
        yield Says("Nothing could be estimated of this treatment from the study table.")


def _in_network(network: NetworkFitted, treatment: str, names: Names) -> Iterator[Block]:
    left_out = [one for one in network.left_out if names.concerns(one, treatment)]
    forest = forests.comparison_forest(network, treatment, names)
    if forest is None and not left_out:
        return
    yield Heading(network.name)
    if forest is not None:
        yield forest
    for other in comparators(network, treatment):
        effect = effect_between(network, treatment, other)
        if effect is None:
            text = f"Against {names.treatment(other)}: not pooled, as no study ties the two to the reference."
            yield Says(text)
        else:
            yield from _effect(effect, names)
    yield from _risks(network, treatment, names)
    yield from _left_out(left_out, names)


def _effect(effect: EffectFitted, names: Names) -> Iterator[Block]:
    said = (
        f"Against {names.treatment(effect.versus)}: hazard ratio {estimate_words(effect.ratio, 'ratio')},"
        f" in a further population {interval_words(effect.prediction, 'ratio')}; "
        f"{_studies(effect)}."
    )
    if effect.direct is not None and effect.indirect is not None:
        p = "" if effect.inconsistency_p is None else f" (difference: {p_words(effect.inconsistency_p)})"
        said += (
            f" Direct {estimate_words(effect.direct, 'ratio')}, by way of other treatments"
            f" {estimate_words(effect.indirect, 'ratio')}{p}."
        )
    yield Says(said)
    yield Bullets(f"Certainty: {effect.certainty.level}", effect.certainty.reasons)


def _studies(effect: EffectFitted) -> str:
    if not effect.studies:
        return "no study compared the two themselves"
    several = "study" if effect.studies == 1 else "studies"
    events = f"{effect.events} events" if effect.events is not None else "events not printed"
    return f"{effect.studies} {several} of the two ({effect.randomised} randomised), {events}"


def _risks(network: NetworkFitted, treatment: str, names: Names) -> Iterator[Block]:
    found = [
        one
        for other in comparators(network, treatment)
        for one in contrasts_between(network, treatment, other)
    ]
    said = {
        f"{names.study(one.study)}: {one.risk_of_bias} ({'; '.join(one.risk_reasons) or 'no rule met'})"
        + (f". {one.note}" if one.note else "")
        for one in found
    }
    if said:
        yield Bullets("Risk of bias", tuple(sorted(said)))


def _series(series: Sequence[SeriesFitted], names: Names) -> Iterator[Block]:
    forest = forests.series_forest(series, names)
    if forest is None:
        return
    yield Heading("Series without a comparison")
    yield forest
    for one in series:
        stage = STAGES.get(one.stage_group, one.stage_group)
        said = (
            f"{one.event}, {stage}: {estimate_words(one.rate, 'rate')} % a year, in a"
            f" further population {interval_words(one.prediction, 'rate')}."
        )
        yield Says(said[:1].upper() + said[1:])
    for level, reasons in dict.fromkeys((one.certainty.level, one.certainty.reasons) for one in series):
        yield Bullets(f"Certainty: {level}", reasons)
    yield from _left_out(list(dict.fromkeys(row for one in series for row in one.left_out)), names)


def _network(network: NetworkFitted, names: Names) -> Iterator[Block]:
    yield Says(
        f"Reference: {names.treatment(network.reference)}. Standard deviation between studies of one"
        f" question, on the log scale: {network.tau:.2g}.{_tests(network)}"
    )
    overview = forests.overview_forest(network, names)
    if overview is not None:
        yield overview
    if network.contrasts:
        yield network_plot(network, names)
    if network.league:
        labels = {one: names.short(one) for one in network.treatments}
        yield Heading("League table")
        yield Says("Hazard ratio of the row against the column; below 1 the row has fewer events.")
        yield League(network.treatments, league_ratios(network.league), labels)
    if network.p_scores:
        yield Table(
            "Ranking", ("treatment", "P-score (95 % interval)", "best of all, %"), _ranking(network, names)
        )
        yield Says("P-score: how certain it is, on average, that a treatment is better than another one.")
    yield from _left_out(network.left_out, names)


def _ranking(network: NetworkFitted, names: Names) -> tuple[tuple[str, ...], ...]:
    ordered = sorted(network.p_scores, key=lambda one: (-one.score.value, one.treatment))
    return tuple((names.short(one.treatment), _score(one.score), f"{100 * one.best:.0f}") for one in ordered)


def _score(score: Estimate) -> str:
    return f"{score.value:.2f} ({score.low:.2f} to {score.high:.2f})"


def _tests(network: NetworkFitted) -> str:
    said = [
        f" {what}: Q {q:.2g}, {p_words(p)}."
        for what, q, p in (
            ("Between studies of one design", network.q_heterogeneity, network.q_heterogeneity_p),
            ("Between direct and indirect evidence", network.q_inconsistency, network.q_inconsistency_p),
        )
        if q is not None and p is not None
    ]
    return "".join(said)


def _course(process: ProcessFitted, names: Names) -> Iterator[Block]:
    yield Heading(process.name)
    forest = forests.course_forest(process, names)
    if forest is not None:
        yield forest
    rows = tuple((one.name, estimate_words(one.estimate, "ratio")) for one in process.coefficients)
    yield Table("Hazards per year and hazard ratios", ("parameter", "estimate (95 % interval)"), rows)
    spread = estimate_words(process.between_cohorts_sd, "ratio")
    yield Says(f"Standard deviation between cohorts, on the log scale: {spread}.")


def _published(published: Sequence[PublishedBeside], names: Names) -> Iterator[Block]:
    if not published:
        return
    yield Heading("Published effects beside ours")
    forest = forests.published_forest(published, names)
    if forest is not None:
        yield forest
    said = tuple(
        f"{one.says} ({names.study(one.source)}): {one.measure} {estimate_words(one.printed, 'ratio')};"
        f" ours {estimate_words(one.ours, 'ratio')}. {one.why}"
        for one in published
    )
    yield Bullets("Why they differ", said)


def _left_out(rows: Sequence[LeftOut], names: Names) -> Iterator[Block]:
    if rows:
        said = tuple(f"{names.study(one.study)}, row {one.row}: {one.why}" for one in rows)
        yield Bullets(f"Left out ({len(rows)} {'row' if len(rows) == 1 else 'rows'})", said)
