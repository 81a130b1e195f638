"""The interpretation part: every measured value against its usual range, and every hip score.

The verdicts and points are the engine's; here they get their range, meaning, sources and open questions.
"""

from __future__ import annotations

import math
from typing import Literal

from precollapse.assessment.context import Context
from precollapse.assessment.interpretation_nodes import HipScore, Interpreted, MissingItem, ScoreThreshold
from precollapse.assessment.nodes import FactReference, Interval
from precollapse.assessment.risk_part import figure_used
from precollapse.engine.interpretation import ABOVE, BELOW, GENERAL, NOT_KNOWN, OPEN, WITHIN
from precollapse.engine.scores import ScorePoints
from precollapse.facts.exposure import EXPOSURE_NUMBERS
from precollapse.facts.table import UNKNOWN
from precollapse.knowledge.conditions import leaves, parse
from precollapse.knowledge.model import Concept, Ranges
from precollapse.knowledge.model_scores import Score

Verdict = Literal["below", "within", "above", "cannot be said"]
_VERDICTS: dict[int, Verdict] = {
    NOT_KNOWN: "cannot be said",
    OPEN: "cannot be said",
    BELOW: "below",
    WITHIN: "within",
    ABOVE: "above",
}
_OTHER = {"left": "right", "right": "left"}


def interpreted(context: Context, hip: str | None) -> tuple[Interpreted, ...]:
    """Interpret the values of a hip, or of the patient when ``hip`` is None, in the knowledge's order.

    The doses of corticosteroids are left out: they are shown, and used, as exposure.
    """
    row = context.row_of(hip) if hip else 0
    level = "hip" if hip else "patient"
    recorded = set(context.facts.recorded(hip))
    found = []
    for name, verdicts in context.evaluation.interpretation.verdicts.items():
        concept = context.knowledge.concepts[name]
        verdict = int(verdicts[context.rows[row]])
        mentioned = verdict != NOT_KNOWN or name in recorded
        if concept.level == level and mentioned and name not in EXPOSURE_NUMBERS and concept.ranges:
            found.append(_interpreted(context, concept, concept.ranges, row, verdict))
    return tuple(found)


def _interpreted(context: Context, concept: Concept, ranges: Ranges, row: int, verdict: int) -> Interpreted:
    fact = context.facts.reference(concept.id, row)
    usual, source = _usual(context, concept.id, ranges, row)
    meaning, meaning_source = _meaning(concept, verdict)
    return Interpreted(
        fact=fact,
        verdict=_VERDICTS[verdict],
        usual_low=usual[0],
        usual_high=usual[1],
        beyond=_beyond(fact, usual, verdict),
        meaning=meaning,
        difference=_difference(context, fact),
        depends_on=_depends_on(context, concept, ranges, row) if verdict == OPEN else (),
        sources=tuple(dict.fromkeys(name for name in (source, meaning_source) if name)),
    )


def _usual(
    context: Context, name: str, ranges: Ranges, row: int
) -> tuple[tuple[float | None, float | None], str | None]:
    """Return the usual range that counts for this patient and its source."""
    cases = context.evaluation.interpretation.cases.get(name)
    number = GENERAL if cases is None else int(cases[context.rows[row]])
    if number == GENERAL:
        return ranges.usual, ranges.usual_source
    return ranges.usual_when[number].usual, ranges.usual_when[number].source


def _meaning(concept: Concept, verdict: int) -> tuple[str | None, str | None]:
    if concept.meaning is None or verdict not in {BELOW, ABOVE}:
        return None, None
    return (concept.meaning.below if verdict == BELOW else concept.meaning.above), concept.meaning.source


def _beyond(fact: FactReference, usual: tuple[float | None, float | None], verdict: int) -> Interval | None:
    """Return how far a value lies outside its usual range, when both of its bounds are known."""
    low, high = _bounds(fact)
    if low is None or high is None:
        return None
    if verdict == BELOW and usual[0] is not None:
        return Interval(low=usual[0] - high, high=usual[0] - low)
    if verdict == ABOVE and usual[1] is not None:
        return Interval(low=low - usual[1], high=high - usual[1])
    return None


def _bounds(fact: FactReference) -> tuple[float | None, float | None]:
    if isinstance(fact.value, float):
        return fact.value, fact.value
    return fact.low, fact.high


def _difference(context: Context, fact: FactReference) -> float | None:
    """Return this side less the other, when both are known exactly."""
    if fact.side is None or not isinstance(fact.value, float):
        return None
    other = context.facts.reference(fact.concept, context.row_of(_OTHER[fact.side]))
    return fact.value - other.value if isinstance(other.value, float) else None


def _depends_on(context: Context, concept: Concept, ranges: Ranges, row: int) -> tuple[str, ...]:
    """Name the unknown facts that decide which usual range counts."""
    truth, place = context.evaluation.truths.leaves, context.rows[row]
    open_ = [
        context.knowledge.concepts[leaf.fact].name
        for case in ranges.usual_when
        for leaf in leaves(parse(case.when, concept.id))
        if truth(leaf)[place] == UNKNOWN
    ]
    return tuple(dict.fromkeys(open_))


def scores(context: Context, hip: str | None) -> tuple[HipScore, ...]:
    """Return the scores of a hip, or of the patient when ``hip`` is None.

    A score is shown when its total was recorded or one of its questions answered; measured movement alone
    is no reason to count.
    """
    row = context.row_of(hip) if hip else 0
    level = "hip" if hip else "patient"
    found = []
    for name, points in context.evaluation.interpretation.scores.items():
        score = context.knowledge.scores[name]
        if context.knowledge.concepts[score.total].level == level:
            found.append(_score(context, score, points, row))
    return tuple(one for one in found if one is not None)


def _score(context: Context, score: Score, points: ScorePoints, row: int) -> HipScore | None:
    place = context.rows[row]
    total = context.facts.reference(score.total, row)
    recorded = None if _bounds(total) == (None, None) else total
    computed = score.may_compute and _answered(context, score, row)
    if recorded is None and not computed:
        return None
    counted = Interval(low=float(points.low[place]), high=float(points.high[place]))
    contradicted = computed and bool(points.contradicted[place])
    shown = _points(counted, recorded, computed=computed, contradicted=contradicted, score=score)
    missing = [name for name, open_ in zip(points.parts, points.missing[place], strict=True) if open_]
    return HipScore(
        id=score.id,
        name=score.name,
        points=shown,
        scale=Interval(low=score.low, high=score.high),
        better=score.better,
        computed=computed,
        recorded=recorded,
        bands=_bands(score, shown),
        missing=tuple(_missing(context, name) for name in missing) if computed else (),
        contradiction=_contradiction(counted) if contradicted else None,
        licence=score.licence,
        thresholds=tuple(
            ScoreThreshold(kind=one.kind, figure=figure_used(one.figure)) for one in score.thresholds
        ),
        note=score.note,
        sources=score.sources,
    )


def _answered(context: Context, score: Score, row: int) -> bool:
    """Tell whether somebody answered a question of this hip, rather than that it followed from others.

    How far somebody walks is asked of both hips at once; alone it is no reason to score either.
    """
    level = context.knowledge.concepts[score.total].level
    hip = context.facts.hips[row] if level == "hip" else None
    return any((hip, item.concept) in context.facts.keys for item in score.items)


def _points(
    counted: Interval, recorded: FactReference | None, *, computed: bool, contradicted: bool, score: Score
) -> Interval:
    """Join answers and total: what both allow; the answers alone when the total contradicts them."""
    if recorded is None or contradicted:
        return counted
    low, high = _bounds(recorded)
    low, high = score.low if low is None else low, score.high if high is None else high
    if not computed:
        return Interval(low=low, high=high)
    inner_low, inner_high = max(low, counted.low), min(high, counted.high)
    return Interval(low=inner_low, high=inner_high) if inner_low <= inner_high else counted


def _bands(score: Score, points: Interval) -> tuple[str, ...]:
    """Return every band that the points may fall into."""
    ends = [*(band.start for band in score.bands[1:]), math.inf]
    return tuple(
        band.name
        for band, end in zip(score.bands, ends, strict=False)
        if band.start <= points.high and points.low < end
    )


def _missing(context: Context, name: str) -> MissingItem:
    concept = context.knowledge.concepts[name]
    return MissingItem(concept=name, name=concept.name, question=concept.question)


def _contradiction(counted: Interval) -> str:
    span = f"{counted.low:g}" if counted.low == counted.high else f"{counted.low:g} to {counted.high:g}"
    return f"the recorded total cannot come from the recorded answers, which give {span}"
