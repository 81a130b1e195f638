"""Checks of published numbers: intervals that hold and can be recomputed, sources that carry them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from statistics import NormalDist

from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.check_diagnosis import judged_cells, words_of
from precollapse.knowledge.model import Entry, Figure
from precollapse.knowledge.walk import Problem, entries, figures

Z = NormalDist().inv_cdf(0.975)
# UCUM units of a figure that was counted: a share of those counted, or cases per year of observation.
_SHARES = {"1": 1.0, "%": 100.0}
_RATES = {"/a": 1.0, "/(100.a)": 100.0, "/(1000.a)": 1000.0, "/(10*3.a)": 1e3, "/(10*5.a)": 1e5}
_RELATIVE_TOLERANCE = 0.01  # what is left when a source rounds to two or three figures


def wilson(events: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a proportion by Wilson's score method."""
    share, spread = events / n, Z * Z / n
    centre = (share + spread / 2) / (1 + spread)
    half = Z / (1 + spread) * math.sqrt(share * (1 - share) / n + spread / (4 * n))
    return max(0.0, centre - half), min(1.0, centre + half)


def exact_poisson(events: int, time: float) -> tuple[float, float]:
    """Return the exact (Garwood) 95 % interval of a rate: events over person-time."""
    from scipy.special import gammaincinv

    low = float(gammaincinv(events, 0.025)) if events else 0.0
    return low / time, float(gammaincinv(events + 1, 0.975)) / time


def intervals_hold(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that a value lies in its interval and both are numbers."""
    for kind, entry, path, figure in figures(knowledge):
        low, high = figure.interval or (figure.value, figure.value)
        if not all(map(math.isfinite, (figure.value, low, high))):
            yield Problem(kind, entry, f"{path} is not a finite number", "correct it")
        elif not low <= figure.value <= high:
            yield Problem(
                kind,
                entry,
                f"{path}: {figure.value:g} is outside its interval {low:g} to {high:g}",
                "read the source again",
            )
        if (figure.interval is None) != (figure.interval_from is None):
            yield Problem(
                kind, entry, f"{path}: interval and interval_from go together", "give both or neither"
            )


def counts_agree(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that intervals computed from counts are what those counts give."""
    for kind, entry, path, figure in figures(knowledge):
        if figure.interval_from != "counts" or figure.interval is None:
            continue
        if figure.events is None or not figure.n:
            yield Problem(
                kind, entry, f"{path}: an interval from counts without events and n", "give the counts"
            )
            continue
        expected = _from_counts(figure, figure.events, figure.n)
        if expected is None:
            yield Problem(
                kind,
                entry,
                f"{path}: the unit '{figure.unit}' is neither a share nor a rate",
                "write '1' or '%', or '/a'",
            )
        elif not _all_close(figure, expected):
            says = ", ".join(f"{number:.4g}" for number in expected)
            yield Problem(kind, entry, f"{path}: the counts give {says} (value, low, high)", "correct it")


def _from_counts(figure: Figure, events: int, n: int) -> tuple[float, float, float] | None:
    """Return value and bounds that the counts give; of a rate, ``n`` counts years of observation."""
    if figure.unit in _SHARES:
        if events > n:
            return math.nan, math.nan, math.nan
        scale, (low, high) = _SHARES[figure.unit], wilson(events, n)
    elif figure.unit in _RATES:
        scale, (low, high) = _RATES[figure.unit], exact_poisson(events, n)
    else:
        return None
    return scale * events / n, scale * low, scale * high


def _all_close(figure: Figure, expected: tuple[float, float, float]) -> bool:
    low, high = figure.interval or (math.nan, math.nan)
    return all(_close(said, number) for said, number in zip((figure.value, low, high), expected, strict=True))


def _close(said: float, computed: float) -> bool:
    decimals = len(f"{said!r}".partition(".")[2]) if "e" not in f"{said!r}" else 9
    rounding = 0.51 * 10.0**-decimals
    return abs(said - computed) <= max(rounding, _RELATIVE_TOLERANCE * abs(computed))


def weak_sources_not_alone(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that nothing but a judgement rests on sources of low reliability alone."""
    owners = {(kind, entry.id): entry for kind, entry in entries(knowledge)}
    for kind, name, path, figure in figures(knowledge):
        owner = owners.get((kind, name))
        cited = {figure.source, *(owner.sources if owner else ())}
        if figure.grade != "judgement" and _all_weak(knowledge, cited):
            yield Problem(
                kind,
                name,
                f"{path} rests on {figure.source} alone, which is of low reliability",
                "add a source, or grade it as judgement",
            )
    for kind, entry in entries(knowledge):
        grade = getattr(entry, "grade", None)
        if grade not in {None, "judgement"} and _all_weak(knowledge, set(entry.sources)):
            yield Problem(
                kind,
                entry.id,
                f"graded {grade} without a source of at least medium reliability",
                "add a source, or grade it as judgement",
            )


def _all_weak(knowledge: Knowledge, cited: set[str]) -> bool:
    if not cited <= knowledge.sources.keys():
        return False  # a source that is missing is a problem of its own
    return all(knowledge.sources[name].reliability == "low" for name in cited)


def dates_given(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that every source and figure says on which day it was last checked."""
    for source in knowledge.sources.values():
        if not _is_day(source.checked):
            yield Problem("sources", source.id, f"checked: '{source.checked}' is no day", "write YYYY-MM-DD")
    for kind, entry, path, figure in figures(knowledge):
        if not _is_day(figure.checked):
            yield Problem(kind, entry, f"{path}.checked: '{figure.checked}' is no day", "write YYYY-MM-DD")


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10


def sources_can_be_found(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that every source has a DOI, a PMID or an address, or a note that says where it stands."""
    for source in knowledge.sources.values():
        if not (source.doi or source.pmid or source.url or source.note):
            yield Problem("sources", source.id, "neither DOI, PMID nor address", "add the one that was read")
        if source.doi and not source.doi.startswith("10."):
            yield Problem("sources", source.id, f"'{source.doi}' is no DOI", "a DOI begins with '10.'")
        if source.pmid and not source.pmid.isdigit():
            yield Problem("sources", source.id, f"'{source.pmid}' is no PMID", "a PMID is a number")


def cohorts_give_risk(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that a cohort gives attack with onset, prevalence or rate; that curves rise from 0 to 1."""
    for cohort in knowledge.cohorts.values():
        if cohort.attack is not None and cohort.onset is None:
            yield Problem("cohorts", cohort.id, "attack without onset", "name an onset curve")
        if cohort.attack is None and cohort.prevalence is None and cohort.rate is None:
            yield Problem(
                "cohorts", cohort.id, "neither attack, prevalence nor rate", "give what was counted"
            )
    for curve in knowledge.onset_curves.values():
        years, shares = [point[0] for point in curve.points], [point[1] for point in curve.points]
        rising = years == sorted(set(years)) and shares == sorted(shares)
        if not rising or shares[:1] != [0.0] or shares[-1:] != [1.0]:
            yield Problem(
                "onset_curves", curve.id, "the curve does not rise from 0 to 1", "correct the points"
            )


def entries_are_sourced(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that every rule, cause and effect cites a source, is graded as judgement or holds figures."""
    has_figure = {(kind, name) for kind, name, _, _ in figures(knowledge)}
    # A cause only says which facts mean it; the cohorts and effects that name it carry the evidence.
    has_figure |= {("causes", cohort.cause) for cohort in knowledge.cohorts.values()}
    has_figure |= {("causes", cause) for effect in knowledge.effects.values() for cause in effect.causes}
    for kind, entry in entries(knowledge):
        if kind == "concepts" or entry.sources or (kind, entry.id) in has_figure:
            continue
        # A word of a scale of judgement says by itself what it is, and is counted.
        if any(words_of(entry)):
            continue
        if getattr(entry, "grade", None) != "judgement" and "judgement" not in (entry.note or "").lower():
            yield Problem(kind, entry.id, "no source", "cite one, or say that it is judgement")


def judgements(knowledge: Knowledge) -> dict[str, int]:
    """Count what rests on clinical judgement alone: figures, graded entries, and concepts that say so."""
    graded = [entry for _, entry in entries(knowledge) if getattr(entry, "grade", None) == "judgement"]
    noted: list[Entry] = [c for c in knowledge.concepts.values() if "judgement" in (c.note or "").lower()]
    return {
        "figures": sum(figure.grade == "judgement" for *_, figure in figures(knowledge)),
        "entries": len(graded),
        "concepts": len(noted),
        "cells": judged_cells(knowledge),
    }


CHECKS = (
    intervals_hold,
    counts_agree,
    weak_sources_not_alone,
    dates_given,
    sources_can_be_found,
    cohorts_give_risk,
    entries_are_sourced,
)
