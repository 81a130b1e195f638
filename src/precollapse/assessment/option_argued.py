"""One treatment argued for one hip: what holds for it and against it, what is open, and how it is given."""

from __future__ import annotations

from datetime import date
from typing import Any, cast, get_args

from precollapse.assessment.context import Context
from precollapse.assessment.dates import due
from precollapse.assessment.option_nodes import (
    ArgumentAgainst,
    ArgumentFor,
    ComplicationShown,
    DosingShown,
    EvidenceShown,
    GuidelinePosition,
    MonitoringShown,
    OpenPoint,
    Option,
    PrescriptionShown,
    RecoveryShown,
)
from precollapse.assessment.risk_part import figure_used
from precollapse.engine.options import Arguments, Rule
from precollapse.knowledge.model_treatment import Effect, Treatment

# How far ahead repeated checks are given dates.
CHECKS_UNTIL_MONTHS = 12.0
EFFECTS: tuple[str, ...] = get_args(Effect)
# Of several arguments that could yet hold so many are named in the sentence that explains the state.
MOST_REASONS = 2
# Of what must be ruled out so many are named there.
MOST_NAMED = 3
UNSURE = "This rests on a source of low reliability: ask a pharmacist or check the label."


def argued(context: Context, one: Arguments, row: int, state: str, rank: int, as_of: date) -> Option:
    """Return a treatment as the document shows it.

    Parameters
    ----------
    context
        The patient.
    one
        What is said for and against the treatment.
    row
        The hip, as a place among the patient's rows.
    state
        What the engine decided.
    rank
        Its place in the patient's order.
    as_of
        The day from which checks are dated.
    """
    entry = one.treatment
    speaks_for, against = _for(context, one, row), _against(context, one, row)
    points = _open_points(context, one, row, state)
    return Option(
        id=entry.id,
        name=entry.name,
        plain_name=entry.plain_name,
        kind=entry.kind,
        side=cast("Any", context.facts.hips[row]) if entry.per == "hip" else None,
        state=cast("Any", state),
        decided_by=_decided_by(state, speaks_for, against, points),
        taken=context.state(f"taken:{entry.id}", row) if entry.taken_when is not None else None,
        rank=rank,
        goal=entry.goal,
        says=entry.says,
        plain=entry.plain,
        licence=entry.licence,
        licence_says=entry.licence_says,
        speaks_for=speaks_for,
        speaks_against=against,
        open_points=points,
        evidence=EvidenceShown(
            grade=entry.evidence.grade, says=entry.evidence.says, sources=entry.evidence.sources
        ),
        forecast_option=entry.forecast_option,
        serves={str(goal): points for goal, points in entry.serves.items()},
        sources=entry.sources,
        **_given(context, entry, row, as_of),
    )


# What decides.
def _for(context: Context, one: Arguments, row: int) -> tuple[ArgumentFor, ...]:
    holding = [reason for reason in one.reasons if context.state(reason.name, row)]
    return tuple(
        ArgumentFor(
            says=reason.entry.says,
            facts=context.references(reason.name, row),
            grade=reason.entry.grade,
            sources=reason.entry.sources,
        )
        for reason in sorted(holding, key=lambda reason: reason.state)
    )


def _against(context: Context, one: Arguments, row: int) -> tuple[ArgumentAgainst, ...]:
    """Return what holds against it, what forbids first."""
    holding = [
        (rule, place) for rule in one.rules if (place := _place(context, one, rule, row, True)) is not None
    ]
    return tuple(
        ArgumentAgainst(
            what=rule.entry.what,
            about=rule.entry.about,
            effect=rule.entry.effect,
            says=rule.entry.says,
            plain=rule.entry.plain,
            facts=context.references(rule.name, place),
            unsure=rule.unsure,
            grade=rule.entry.grade,
            sources=rule.entry.sources,
        )
        for rule, place in sorted(holding, key=lambda held: EFFECTS.index(held[0].entry.effect))
    )


def _place(context: Context, one: Arguments, rule: Rule, row: int, state: bool | None) -> int | None:
    """Return the hip at which a rule has a state: this one, or any where it counts for the patient."""
    rows = [row, *range(len(context.rows))] if one.of_patient(rule) else [row]
    return next((place for place in rows if context.state(rule.name, place) is state), None)


def _open_points(context: Context, one: Arguments, row: int, state: str) -> tuple[OpenPoint, ...]:
    """Return what must be known first; of what is forbidden already nothing more is asked."""
    if state == "avoid":
        return ()
    asked = [rule for rule in one.rules if rule.forbids and rule.entry.ask]
    rules = [(rule, place) for rule in asked if (place := _place(context, one, rule, row, None)) is not None]
    reasons = [reason for reason in one.reasons if context.state(reason.name, row) is None]
    fits = any(context.state(reason.name, row) for reason in one.reasons)
    wanted = [] if fits else reasons
    return (
        *(
            OpenPoint(
                what=one.entry.what, must="hold", measured=True, questions=_questions(context, one.name, row)
            )
            for one in wanted
        ),
        *(
            OpenPoint(
                what=rule.entry.what,
                must="be ruled out",
                measured=rule.measured,
                questions=_questions(context, rule.name, place),
            )
            for rule, place in rules
        ),
    )


def _questions(context: Context, name: str, row: int) -> tuple[str, ...]:
    concepts = context.knowledge.concepts
    facts = context.verdict(name, row)[1]
    return tuple(dict.fromkeys(concepts[fact].question for fact in facts if fact in concepts))


def _decided_by(
    state: str,
    speaks_for: tuple[ArgumentFor, ...],
    against: tuple[ArgumentAgainst, ...],
    points: tuple[OpenPoint, ...],
) -> str:
    """Return one sentence that explains the state."""
    forbids, cautions = ([one for one in against if one.effect == effect] for effect in ("avoid", "caution"))
    match state:
        case "avoid":
            return forbids[0].says
        case "held back" if forbids:
            return f"{forbids[0].says} {UNSURE}"
        case "held back":
            return _held_back(points)
        case "only if" if points:
            return _only_if(points)
        case "only if":
            return f"Only within a clinical trial. {speaks_for[0].says}"
        case "worth discussing" if cautions:
            return cautions[0].says
    return speaks_for[0].says


def _must_hold(points: tuple[OpenPoint, ...]) -> list[str]:
    """Return the first of what could speak for it; "A with B" is not told beside "A"."""
    told = [one.what for one in points if one.must == "hold"]
    wide = [what for what in told if not any(other != what and what.startswith(other) for other in told)]
    return wide[:MOST_REASONS]


def _held_back(points: tuple[OpenPoint, ...]) -> str:
    waiting = [one.what for one in points if one.measured and one.must == "be ruled out"]
    hold = _must_hold(points)
    only = f", and only if {' or '.join(hold)}" if hold else ""
    return f"Until it is known whether there is {_first(waiting)}{only}."


def _only_if(points: tuple[OpenPoint, ...]) -> str:
    hold = _must_hold(points)
    out = [one.what for one in points if one.must == "be ruled out"]
    parts = [" or ".join(hold), f"there is no {_first(out)}" if out else ""]
    return "Only if " + ", and ".join(part for part in parts if part) + "."


def _first(words: list[str]) -> str:
    """Return the first of what must be ruled out; ``open_points`` holds all."""
    left = len(words) - MOST_NAMED
    named = words if left <= 1 else [*words[:MOST_NAMED], f"any of {left} other reasons"]
    return ", ".join(named[:-1]) + f" or {named[-1]}" if len(named) > 1 else "".join(named)


# How it is given.
def _given(context: Context, entry: Treatment, row: int, as_of: date) -> dict[str, Any]:
    positions = tuple(
        GuidelinePosition(body=one.body, stance=one.stance, says=one.says, source=one.source)
        for one in entry.guidelines
    )
    stances = {one.stance for one in positions}
    how, after = entry.prescription, entry.recovery
    return {
        "dosing": _dosing(context, entry, row),
        "prescription": how
        and PrescriptionShown(
            what=how.what,
            how_often=how.how_often,
            how_long=how.how_long,
            stop_when=how.stop_when,
            sources=how.sources,
        ),
        "monitoring": _monitoring(context, entry, row, as_of),
        "guidelines": positions,
        "guidelines_disagree": "against" in stances and bool(stances & {"for", "conditional"}),
        "complications": tuple(
            ComplicationShown(
                says=one.says, figure=figure_used(one.figure) if one.figure else None, source=one.source
            )
            for one in entry.complications
        ),
        "recovery": after
        and RecoveryShown(
            weeks_low=after.weeks_low, weeks_high=after.weeks_high, says=after.says, sources=after.sources
        ),
    }


def _holds(context: Context, name: str, row: int) -> bool:
    """Return whether a part of a treatment is for this patient: unless it is known not to be."""
    return not context.has(name) or context.state(name, row) is not False


def _dosing(context: Context, entry: Treatment, row: int) -> tuple[DosingShown, ...]:
    return tuple(
        DosingShown(use=one.use, says=one.says, status=one.status, source=one.source)
        for number, one in enumerate(entry.dosing)
        if _holds(context, f"dosing:{entry.id}:{number}", row)
    )


def _monitoring(context: Context, entry: Treatment, row: int, as_of: date) -> tuple[MonitoringShown, ...]:
    return tuple(
        MonitoringShown(
            what=one.what,
            says=one.says,
            before=one.before,
            dates=tuple(
                day.isoformat() for day in due(as_of, one.at_months, one.every_months, CHECKS_UNTIL_MONTHS)
            ),
            sources=one.sources,
        )
        for number, one in enumerate(entry.monitoring)
        if _holds(context, f"monitoring:{entry.id}:{number}", row)
    )
