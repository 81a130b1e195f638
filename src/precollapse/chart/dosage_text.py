"""Reads the directions of a prescription ("sig") into stretches of days on one daily dose.

What cannot be known stays unknown with the reason: "as directed" is not a dose. Every assumption is said.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

from precollapse.chart.dose_step import Amount, DoseStep, Milligrams, Strength, to_milligrams
from precollapse.chart.sig_cleaning import cleaned
from precollapse.chart.sig_parts import Part, parts_of
from precollapse.chart.sig_words import refused, scan
from precollapse.chart.tapers import reduced_stepwise, straight_line

LONGEST_SIG = 1_000  # characters; longer text is a letter, not directions
NO_STEPS = "tapered, and the steps are not said"
NOT_HOW_OFTEN = "how often it is taken is not said"


def steps_from_text(
    sig: str,
    *,
    strength_mg: float | None = None,
    weight_kg: float | None = None,
    strength: Strength | None = None,
) -> list[DoseStep]:
    """Read directions such as "2 tablets daily for 5 days then 1 tablet daily".

    Parameters
    ----------
    sig
        The directions as written.
    strength_mg
        Milligrams in one tablet, when known. ``strength`` says the same of liquids too.
    weight_kg
        Weight of the patient, for doses per kg; without it such a dose stays unknown.

    Returns
    -------
    list of DoseStep
        Never empty: directions without a readable dose give one step with a problem.
    """
    if len(sig) > LONGEST_SIG:
        return [DoseStep(None, problem="directions too long to be read as a dose")]
    if strength is None and strength_mg is not None:
        strength = Strength(strength_mg)
    return list(_read(sig, strength, weight_kg))


@lru_cache(maxsize=8192)
def _read(sig: str, strength: Strength | None, weight_kg: float | None) -> tuple[DoseStep, ...]:
    text = cleaned(sig)
    reason = refused(text)
    if reason is not None:
        return (DoseStep(None, problem=reason),)
    parts = parts_of(scan(text))
    doses = [part for part in parts if part.said]
    if not any(part.dosed for part in doses):
        directed = any(part.directed for part in parts)
        problem = "directions say only 'as directed'" if directed else "no dose in the directions"
        return (DoseStep(None, prn=any(part.prn for part in parts), problem=problem),)
    context = _Context(strength or Strength(), weight_kg, len(doses) > 1)
    return tuple(placed(_steps(doses, context)))


def frequency_from_text(text: str) -> float | None:
    """Read how often a day from words alone: "every other day" is 0.5; None when it is not said."""
    if len(text) > LONGEST_SIG:
        return None
    parts = parts_of(scan(cleaned(text)))
    if not parts or not parts[0].timed:
        return None
    return _times(parts[0]) * _share_of_days(parts[0])


@dataclass(frozen=True, slots=True)
class _Context:
    strength: Strength
    weight_kg: float | None
    scheduled: bool  # several parts: a schedule of days, in which once a day goes without saying


@dataclass(frozen=True, slots=True)
class _Dose:
    """One part brought to numbers; ``mg`` is the average per day, ``mg_each_day`` on days it is taken."""

    part: Part
    mg: float | None
    mg_each_day: float | None
    days: int | None
    prn: bool
    assumed: tuple[str, ...]
    problem: str | None


def _steps(parts: list[Part], context: _Context) -> list[DoseStep]:
    doses: list[_Dose] = []
    for part in parts:
        dose = _dose(part, context)
        joined = _joined(doses[-1], dose) if doses else None
        if joined is None:
            doses.append(dose)
        else:
            doses[-1] = joined
    steps: list[DoseStep] = []
    for dose in doses:
        steps.extend(_expanded(dose, context, only=len(doses) == 1))
    return steps


def _dose(part: Part, context: _Context) -> _Dose:
    amount, assumed = _amount(part)
    prn = part.prn
    if part.cap is not None and (amount is None or prn):
        amount, prn = replace(part.cap, per_day=True), True
        assumed = ("the stated maximum is taken as an upper bound",)
    elif amount is None:
        return _Dose(part, None, None, _days(part, 1.0), prn, (), "no dose in the directions")
    milligrams = to_milligrams(amount, _strength(part, context.strength), context.weight_kg)
    assumed += milligrams.assumed
    times = 1.0 if amount.per_day or part.divided else _times(part)
    if not (part.timed or part.single or amount.per_day):
        if not (context.scheduled or part.lasting or part.taper_by):
            return _Dose(part, None, None, None, prn, assumed, NOT_HOW_OFTEN)
        assumed += ("once a day, as nothing else is said",)
    share = _share_of_days(part)
    return _multiplied(part, milligrams, times, share, prn, assumed)


def _multiplied(
    part: Part, milligrams: Milligrams, times: float, share: float, prn: bool, assumed: tuple[str, ...]
) -> _Dose:
    days = _days(part, times * share)
    if milligrams.mg is None:
        return _Dose(part, None, None, days, prn, assumed, milligrams.problem)
    each = milligrams.mg * times
    if share < 1:
        assumed += ("averaged over the days between doses",)
    return _Dose(part, each * share, each, days, prn, assumed, None)


def _amount(part: Part) -> tuple[Amount | None, tuple[str, ...]]:
    if part.amount is not None:
        return part.amount, ()
    if part.strength is not None and part.cap is None:
        return part.strength, ("one tablet at a time, as no number is said",)
    return None, ()


def _strength(part: Part, known: Strength) -> Strength:
    """Prefer the strength that the directions name over that of the product."""
    each = part.strength.high if part.strength is not None else known.mg_per_unit
    return Strength(each, part.concentration or known.mg_per_ml)


def _times(part: Part) -> float:
    return part.times or float(len(part.times_of_day)) or 1.0


def _share_of_days(part: Part) -> float:
    if part.pattern is not None:
        return part.pattern
    return len(part.weekdays) / 7 if part.weekdays else 1.0


def _days(part: Part, doses_per_day: float) -> int | None:
    if part.named is not None:
        return part.named[1] - part.named[0] + 1
    if part.days is not None:
        return max(1, round(part.days))
    if part.doses is not None and doses_per_day > 0:
        return max(1, math.ceil(part.doses / doses_per_day - 1e-9))
    return 1 if part.single and not part.timed else None


def _joined(before: _Dose, dose: _Dose) -> _Dose | None:
    """Join two amounts that belong to the same days: taken at two times of day, or on alternate days."""
    first, second = before.part, dose.part
    if second.link == "then" or first.lasting or before.mg is None or dose.mg is None:
        return None
    if second.link == "alternating" or (second.link == "and" and second.pattern == 0.5 and not first.timed):
        mg = ((before.mg_each_day or 0) + (dose.mg_each_day or 0)) / 2
        note: tuple[str, ...] = ("averaged over alternate days",)
    elif first.times_of_day and second.times_of_day and not first.times_of_day & second.times_of_day:
        mg, note = before.mg + dose.mg, ()
    else:
        return None
    assumed = tuple(dict.fromkeys((*before.assumed, *dose.assumed, *note)))
    return replace(dose, mg=mg, mg_each_day=mg, prn=before.prn or dose.prn, assumed=assumed)


def _expanded(dose: _Dose, context: _Context, *, only: bool) -> list[DoseStep]:
    """Write out the taper of a part, if it has one."""
    part = dose.part
    named = part.named[0] - 1 if part.named else None
    plain_step = DoseStep(dose.mg, dose.days, named, None, dose.prn, dose.assumed, dose.problem)
    if part.taper_by is None and not part.taper and not (part.named_taper and only):
        return [plain_step]
    if dose.mg is None:
        return [plain_step]
    return [
        replace(step, prn=dose.prn, assumed=dose.assumed + step.assumed) for step in _taper(dose, context)
    ]


def _taper(dose: _Dose, context: _Context) -> list[DoseStep]:
    part, start_mg = dose.part, dose.mg or 0.0
    target = _milligrams_per_day(part.taper_to, context) if part.taper_to else 0.0
    if part.taper_by is not None and target is not None:
        by_mg = _milligrams_per_day(part.taper_by.amount, context)
        steps = reduced_stepwise(start_mg, by_mg or 0.0, part.taper_by.every_days, target, dose.days)
        if steps is not None:
            return steps
    elif part.taper_days and target is not None and target < start_mg:
        full = [DoseStep(start_mg, dose.days)] if dose.days else []
        return full + straight_line(start_mg, target, max(1, round(part.taper_days)))
    first = DoseStep(start_mg, dose.days or 1)
    last = [DoseStep(target)] if target else []
    return [first, DoseStep(None, problem=NO_STEPS), *last]


def _milligrams_per_day(amount: Amount, context: _Context) -> float | None:
    return to_milligrams(amount, context.strength, context.weight_kg).mg


def placed(steps: list[DoseStep]) -> list[DoseStep]:
    """Give every step its first day, counted from the start of the order, as far as it is known."""
    offset: int | None = 0
    done = []
    for step in steps:
        start = step.start_offset_days if step.start_offset_days else offset
        problem = step.problem
        if start is None and problem is None:
            problem = "when this step begins is not said"
        done.append(replace(step, start_offset_days=start, problem=problem))
        offset = None if start is None or step.days is None else start + step.days
    return done
