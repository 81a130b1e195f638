"""Forest and network plots of what was estimated: which rows, in which order, with which words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from precollapse.evidence.fitted import (
    ContrastFitted,
    EffectFitted,
    NetworkFitted,
    ProcessFitted,
    PublishedBeside,
    RowFitted,
    SeriesFitted,
    SeriesRow,
)
from precollapse.views import numbers
from precollapse.views.evidence_effects import comparators, contrasts_between, effect_between, is_random
from precollapse.views.evidence_names import STAGES, Names
from precollapse.views.plots.model import Forest, Group, Panel, Row
from precollapse.views.plots.words import estimate_words, value_words

_TURNED = "All ratios are of failures; where others printed successes, theirs is turned round."
_CLIPPED = "An arrow: the interval goes on beyond the axis."
_RATIO = "hazard ratio|(95 % interval)"
_RATIO_SAID = _RATIO.replace("|", " ")


def comparison_forest(network: NetworkFitted, treatment: str, names: Names) -> Forest | None:
    """Return every comparison of a treatment, study by study, a panel for each treatment it met."""
    against = comparators(network, treatment)
    if not against:
        return None
    panels = tuple(_comparison(network, treatment, other, names) for other in against)
    risks = [one.risk_of_bias for other in against for one in contrasts_between(network, treatment, other)]
    other = names.short(against[0]) if len(against) == 1 else "the other treatment"
    letters = _letters("Risk of bias", risks)
    return Forest(
        title=f"{_capital(network.name)}: {names.treatment(treatment)} compared",
        scale="ratio",
        columns=("treated|events/n", "compared|events/n", "weight|%"),
        value_heading=_RATIO,
        panels=panels,
        letter_heading="bias" if risks else "",
        favours=(names.short(treatment), other),
        notes=(
            "Squares: studies, filled when randomised, their area by weight. Diamonds: pooled; a hollow one"
            " is the direct or the indirect part. Weight: the largest share a study has of any effect here.",
            "Pale bars: of a study, with what bias and differences between studies may add; of a pooled"
            f" result, where that of a further population would lie. {_CLIPPED}",
            *letters,
        ),
        caption=f"Events/hips treated v compared; {_RATIO_SAID}. {' '.join(letters)}".rstrip(),
    )


def _comparison(network: NetworkFitted, treatment: str, versus: str, names: Names) -> Panel:
    contrasts = contrasts_between(network, treatment, versus)
    effect = effect_between(network, treatment, versus)
    groups = tuple(
        Group(heading, tuple(_contrast(one, names) for one in contrasts if is_random(one) == randomised))
        for heading, randomised in (("randomised", True), ("not randomised", False))
        if any(is_random(one) == randomised for one in contrasts)
    )
    heading = f"{names.treatment(treatment)} against {names.treatment(versus)}"
    return Panel(_capital(heading), groups, _pooled(effect) if effect else ())


def _contrast(one: ContrastFitted, names: Names) -> Row:
    counts = _counts(one.events, one.n), _counts(one.versus_events, one.versus_n)
    return Row(
        label=names.study(one.study),
        cells=(*counts, f"{100 * one.weight:.0f}" if one.weight else "–"),
        brief=f"{counts[0]} v {counts[1]}",
        value=estimate_words(one.ratio, "ratio"),
        estimate=one.ratio,
        weight=one.weight,
        wide=one.widened,
        letter=_initials(one.risk_of_bias),
        hollow=not is_random(one),
    )


def _pooled(effect: EffectFitted) -> tuple[Row, ...]:
    parts = [
        Row(label, ("", "", ""), estimate_words(one, "ratio"), one, kind="part")
        for label, one in (("direct part", effect.direct), ("indirect part", effect.indirect))
        if one is not None and effect.direct is not None and effect.indirect is not None
    ]
    label = "Pooled" if effect.studies else "Pooled, indirect"
    words = estimate_words(effect.ratio, "ratio")
    return (*parts, Row(label, ("", "", ""), words, effect.ratio, wide=effect.prediction, kind="pooled"))


def overview_forest(network: NetworkFitted, names: Names) -> Forest | None:
    """Return every treatment against the reference, the smallest hazard first; None if there is none."""
    effects = sorted(network.effects, key=lambda one: (one.ratio.value, one.treatment))
    if not effects:
        return None
    rows = tuple(_effect(one, names) for one in effects)
    letters = _letters("Certainty", [one.certainty.level for one in effects])
    reference = names.short(network.reference)
    return Forest(
        title=f"{_capital(network.name)}: every treatment against {names.treatment(network.reference)}",
        scale="ratio",
        columns=("direct|studies", "of them|random.", "events"),
        value_heading=_RATIO,
        panels=(Panel("", (Group("", rows),)),),
        letter_heading="cert.",
        favours=("the treatment", reference),
        notes=(
            "Diamonds: pooled, hollow where no study compared the two themselves. Pale bars: where the result"
            f" of a further population would lie. {_CLIPPED}",
            *letters,
        ),
        caption=f"Direct studies, of them randomised (r); {_RATIO_SAID}. {' '.join(letters)}",
    )


def _effect(one: EffectFitted, names: Names) -> Row:
    return Row(
        label=names.short(one.treatment),
        cells=(
            str(one.studies),
            str(one.randomised),
            "?" if one.events is None else str(one.events),
        ),
        brief=f"{one.studies} ({one.randomised} r)",
        value=estimate_words(one.ratio, "ratio"),
        estimate=one.ratio,
        wide=one.prediction,
        letter=_initials(one.certainty.level),
        kind="pooled" if one.studies else "part",
    )


def series_forest(series: Sequence[SeriesFitted], names: Names) -> Forest | None:
    """Return the series of one treatment, a panel for each group of stages; None if there are none."""
    if not series:
        return None
    heading = "% a year|(95 % interval)"
    return Forest(
        title=f"Series without a comparison: {names.treatment(series[0].treatment)}",
        scale="rate",
        columns=("events", "hips", "hip-years"),
        value_heading=heading,
        panels=tuple(_series(one, names) for one in series),
        notes=(
            f"Area of a square: hip-years. Pale bar: the rate of a further population. {_CLIPPED}",
            "Hips that surgeons chose: what would have happened otherwise is not known.",
        ),
        caption=f"Events/hips; {heading.replace('|', ' ')}.",
        squares=("compared", "series"),
    )


def _series(one: SeriesFitted, names: Names) -> Panel:
    counts = _number(one.events), _number(one.hips), _number(sum(row.hip_years for row in one.rows))
    pooled = Row(
        label="Pooled",
        cells=counts,
        brief=f"{counts[0]}/{counts[1]}",
        value=estimate_words(one.rate, "rate"),
        estimate=one.rate,
        wide=one.prediction,
        kind="pooled",
    )
    rows = tuple(_series_row(row, names) for row in one.rows)
    stage = STAGES.get(one.stage_group, one.stage_group)
    return Panel(_capital(f"{one.event}, {stage}"), (Group("", rows),), (pooled,))


def _series_row(row: SeriesRow, names: Names) -> Row:
    cells = _number(row.events), _number(row.hips), _number(row.hip_years)
    return Row(
        label=names.study(row.study),
        cells=cells,
        brief=f"{cells[0]}/{cells[1]}",
        value=estimate_words(row.rate, "rate"),
        estimate=row.rate,
        weight=row.hip_years,
        hollow=True,
    )


def course_forest(process: ProcessFitted, names: Names) -> Forest | None:
    """Return what was seen of one process and what the model says of each cohort; None without cohorts."""
    if not process.rows:
        return None
    rows = tuple(_course(row, names) for row in process.rows)
    heading = "seen; model|(95 % interval), %"
    return Forest(
        title=f"Course without treatment: {process.name}",
        scale="probability",
        columns=("years", "events/|at risk"),
        value_heading=heading,
        panels=(Panel("", (Group("", rows),)),),
        notes=(
            "Circle: share seen in this time. Bar and line: the model, of this cohort. Pale bar: the model,"
            f" of a cohort not seen yet. {_CLIPPED}",
        ),
        caption=f"Years, events/at risk; {heading.replace('|', ' ')}.",
    )


def _course(row: RowFitted, names: Names) -> Row:
    observed = row.events / row.at_risk if row.at_risk else None
    seen = "unknown" if observed is None else value_words(observed, "probability")
    years = f"{numbers.plain(row.start_years)} to {numbers.plain(row.end_years)}"
    counts = f"{_number(row.events)}/{_number(row.at_risk)}"
    return Row(
        label=f"{names.study(row.study)}, {row.size}",
        cells=(years, counts),
        brief=f"{years.replace(' to ', '-')} y {counts}",
        value=f"{seen}; {estimate_words(row.within, 'probability')}",
        estimate=row.within,
        wide=row.new,
        observed=observed,
        kind="course",
    )


def published_forest(published: Iterable[PublishedBeside], names: Names) -> Forest | None:
    """Return printed pooled effects with ours below each; None when no pair has a number."""
    shown = [one for one in published if one.printed is not None or one.ours is not None]
    if not shown:
        return None
    panels = tuple(Panel(_beside_heading(one), (Group("", _beside(one, names)),)) for one in shown)
    return Forest(
        title="Pooled effects printed by others, and ours of the same comparison",
        scale="ratio",
        columns=("studies",),
        value_heading="ratio|(95 % interval)",
        panels=panels,
        notes=(
            _TURNED,
            f"Hollow square: printed. Filled square: ours, on the same measure. {_CLIPPED}",
        ),
        caption=f"Studies; ratio (95 % interval). {_TURNED}",
        squares=("ours", "printed"),
    )


def _beside_heading(one: PublishedBeside) -> str:
    return _capital(one.says if one.measure in one.says else f"{one.says} ({one.measure})")


def _beside(one: PublishedBeside, names: Names) -> tuple[Row, ...]:
    rows = [
        ("printed: " + names.study(one.source), "", one.printed, True),
        ("ours", str(one.ours_studies), one.ours, False),
    ]
    return tuple(
        Row(label, (studies,), estimate_words(found, "ratio"), found, brief=studies, hollow=hollow)
        for label, studies, found, hollow in rows
    )


def _counts(events: int | None, hips: int | None) -> str:
    return f"{'?' if events is None else events}/{'?' if hips is None else hips}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}".removesuffix(".0")


def _initials(level: str) -> str:
    """Return the letters that stand for a level: L, S, VL."""
    if level == "some concerns":
        return "S"
    return "".join(word[0] for word in level.split()).upper()


def _letters(what: str, levels: Iterable[str]) -> tuple[str, ...]:
    """Say what each letter of the last column stands for, those that occur."""
    found = sorted(set(levels))
    return (f"{what}: {', '.join(f'{_initials(level)} {level}' for level in found)}.",) if found else ()


def _capital(said: str) -> str:
    return said[:1].upper() + said[1:]
