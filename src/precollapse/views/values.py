"""Words for interpreted values and hip scores, shared by the terminal and the page; concludes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from precollapse.assessment.interpretation_nodes import HipScore, Interpreted, ScoreThreshold
from precollapse.assessment.model import Hip
from precollapse.assessment.nodes import FactReference, Interval
from precollapse.views import numbers, wording


class Values(NamedTuple):
    """Interpreted values in the order a reader needs them."""

    outside: list[Interpreted]
    open: list[Interpreted]
    within: list[Interpreted]


def values(all_: Iterable[Interpreted]) -> Values:
    """Sort values into those outside their usual range, those of which nothing can be said, and the rest."""
    sorted_ = Values([], [], [])
    for one in all_:
        if one.verdict == "within":
            sorted_.within.append(one)
        elif one.verdict == "cannot be said":
            sorted_.open.append(one)
        else:
            sorted_.outside.append(one)
    return sorted_


def outside(one: Interpreted) -> str:
    """Return a value outside its range: ``Flexion: 90 °, below the usual range (at least 110) by 20``."""
    by = f" by {_span(one.beyond)}" if one.beyond else ""
    said = f"{wording.brief(one.fact)}, {one.verdict} the usual range ({usual(one)}){by}"
    return "; ".join(part for part in (said, difference(one), one.fact.date) if part)


def usual(one: Interpreted) -> str:
    """Return the usual range: ``13 to 18``, ``at least 110``, ``at most 10``."""
    low, high = one.usual_low, one.usual_high
    if high is not None and low in {None, 0}:
        return f"at most {numbers.plain(high)}"
    if low is None or high is None:
        return f"at least {numbers.plain(low)}" if low is not None else "range"
    return f"{numbers.plain(low)} to {numbers.plain(high)}"


def _span(interval: Interval) -> str:
    low, high = numbers.plain(interval.low), numbers.plain(interval.high)
    return low if low == high else f"{low} to {high}"


def difference(one: Interpreted) -> str | None:
    """Return how the value compares with the other hip."""
    if one.difference is None:
        return None
    if one.difference == 0:
        return "the same as the other hip"
    more = "more" if one.difference > 0 else "less"
    unit = numbers.unit(one.fact.unit or "")
    return f"{numbers.plain(abs(one.difference))} {unit} {more} than the other hip".replace("  ", " ")


def undecided(one: Interpreted) -> str:
    """Return a value of which nothing can be said, and why."""
    why = f"depends on: {', '.join(one.depends_on)}" if one.depends_on else ""
    inside = "; ".join(part for part in (f"usual {usual(one)}", why) if part)
    return f"{wording.brief(one.fact)} ({inside})"


def normal(all_: Sequence[Interpreted]) -> str:
    """Return the values within their usual range in one line."""
    return "; ".join(f"{wording.brief(one.fact)} ({usual(one)})" for one in all_)


def meaning(one: Interpreted) -> str | None:
    """Return what a value outside its range means, and whether range or meaning is judgement."""
    if one.meaning is None:
        return None if one.sources else "The range is judgement."
    said = wording.sentence(one.meaning[:1].upper() + one.meaning[1:])
    return said if one.sources else f"{said} The range is judgement."


def score(one: HipScore) -> str:
    """Return a score in one phrase: ``Harris Hip Score: 26 to 74 of 100, poor or fair``."""
    scale = f"on a scale of {numbers.plain(one.scale.low)} to {numbers.plain(one.scale.high)}"
    bands = f", {' or '.join(one.bands)}" if one.bands else ""
    best = f"{one.better} is better"
    return f"{one.name}: {_span(one.points)} {scale}{bands} ({best})"


def score_details(one: HipScore) -> list[str]:
    """Return what else is to be known of a score: how it was counted, contradiction, note and licence."""
    total = f"; recorded as {_bare(one.recorded)}" if one.recorded else ""
    counted = f"Counted from the answers{total}." if one.computed else "As recorded, not counted here."
    contradiction = f"Contradiction: {one.contradiction}." if one.contradiction else None
    note = wording.sentence(one.note[:1].upper() + one.note[1:]) if one.note else None
    said = (contradiction, counted, note, f"Licence: {one.licence}")
    return [" ".join(part.split()) for part in said if part]


def _bare(fact: FactReference) -> str:
    return wording.value_of(msgspec.structs.replace(fact, unit=None))


def not_answered(one: HipScore) -> str | None:
    """Return the names of the answers that would narrow the points."""
    return wording.names(one.missing) or None


def threshold(one: ScoreThreshold) -> str:
    """Return a threshold of a score: ``Smallest change that matters: 15.9 (adults …)``."""
    note = f"; {one.figure.note}" if one.figure.note else ""
    kind = one.kind[:1].upper() + one.kind[1:]
    inside = f"{one.figure.population}; grade {one.figure.grade}{note}"
    return f"{kind}: {numbers.plain(one.figure.value)} ({inside})"


def other_findings(hip: Hip) -> list[FactReference]:
    """Return what was recorded of a hip and is not already shown as an interpreted value or score."""
    shown = {one.fact for one in hip.interpretation} | {one.recorded for one in hip.scores}
    return [fact for fact in hip.findings if fact not in shown]
