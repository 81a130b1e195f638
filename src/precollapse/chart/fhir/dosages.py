"""Turns FHIR dosage elements into stretches of days on one daily dose.

Structured fields come first; free text fills what they leave out, and a schedule that stands only in the
text is taken from there. Elements with different sequence numbers follow one another, others run together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date

from precollapse.chart.dates import add_days, parse_partial
from precollapse.chart.dosage import (
    Amount,
    DoseStep,
    Milligrams,
    Strength,
    amount_of,
    days_of,
    frequency_from_text,
    frequency_of_code,
    frequency_of_repeat,
    plain,
    steps_from_text,
    to_milligrams,
)
from precollapse.chart.fhir.datatypes import Dosage, DoseAndRate, Quantity, Ratio, Repeat, Timing

NOT_HOW_OFTEN = "how often it is taken is not said"
NO_DOSE = "no dose is said"
TABLETS_OR_MG = "a number without a unit: tablets and mg cannot be told apart"
SAME_DOSE_WITHIN = 0.01  # relative difference of two doses that say the same, rounded differently


@dataclass(frozen=True, slots=True)
class Basis:
    """What a dose needs besides the directions."""

    strength: Strength | None
    weight_kg: float | None
    weight_note: str | None = None


@dataclass(frozen=True, slots=True)
class Element:
    """One dosage element brought to steps, before elements are put in their order."""

    sequence: int | None
    steps: tuple[DoseStep, ...]
    start: date | None = None


def steps_of(dosages: list[Dosage], basis: Basis) -> list[DoseStep]:
    """Return the steps of all dosage elements of one order, in order; empty when there are none."""
    elements = [element for dosage in dosages for element in _elements(dosage, basis)]
    groups: dict[int, list[Element]] = {}
    for number, element in enumerate(elements):
        groups.setdefault(_rank(elements, number), []).append(element)
    steps: list[DoseStep] = []
    offset: int | None = 0
    for _, group in sorted(groups.items()):
        placed = _together(group)
        steps.extend(_shifted(step, offset) for step in placed)
        offset = _after(placed, offset)
    return steps


def _rank(elements: list[Element], number: int) -> int:
    """Order of an element: its sequence number; without one, elements of known length follow each other."""
    sequence = elements[number].sequence
    if sequence is not None:
        return sequence
    lengths = [sum(step.days or 0 for step in element.steps) for element in elements]
    sequential = len(elements) > 1 and all(lengths[:-1]) and all(not element.start for element in elements)
    return number if sequential else 0


def _together(group: list[Element]) -> list[DoseStep]:
    """Join elements that run together; those of the same days and kind are added up."""
    if len(group) == 1:
        return list(group[0].steps)
    simple = [element for element in group if len(element.steps) == 1]
    summed: dict[tuple[object, ...], DoseStep] = {}
    for element in simple:
        step = element.steps[0]
        key = (step.start, step.days, step.prn)
        summed[key] = _sum(summed[key], step) if key in summed else step
    schedules = [step for element in group if len(element.steps) > 1 for step in element.steps]
    return [*summed.values(), *schedules]


def _sum(first: DoseStep, second: DoseStep) -> DoseStep:
    problem = first.problem or second.problem
    mg = None if problem else (first.mg_per_day or 0) + (second.mg_per_day or 0)
    assumed = tuple(dict.fromkeys((*first.assumed, *second.assumed)))
    return replace(first, mg_per_day=mg, assumed=assumed, problem=problem)


def _shifted(step: DoseStep, offset: int | None) -> DoseStep:
    if step.start is not None:
        return step
    if offset is None or step.start_offset_days is None:
        return replace(
            step, start_offset_days=None, problem=step.problem or "when this step begins is not said"
        )
    return replace(step, start_offset_days=step.start_offset_days + offset)


def _after(steps: list[DoseStep], offset: int | None) -> int | None:
    """Return the offset of the day after the last of these steps; None when their length is not known."""
    ends = [
        None if step.days is None or step.start_offset_days is None else step.start_offset_days + step.days
        for step in steps
    ]
    if offset is None or any(end is None for end in ends):
        return None
    return offset + max((end for end in ends if end is not None), default=0)


def _elements(dosage: Dosage, basis: Basis) -> list[Element]:
    text = dosage.text or dosage.patient_instruction
    written = _from_text(text, basis)
    repeat = dosage.timing.repeat if dosage.timing and dosage.timing.repeat else Repeat()
    start, days = _bounds(repeat)
    if len(written) > 1 and all(step.mg_per_day is not None for step in written):
        note = "the schedule is taken from the free text"
        steps = tuple(replace(step, assumed=(*step.assumed, note)) for step in written)
        return [Element(dosage.sequence, _started(steps, start))]
    coded = _coded(dosage, basis)
    chosen = _chosen(coded, written)
    if dosage.timing and dosage.timing.event:
        return [_events(dosage, chosen)]
    if days is None and chosen.days is None:
        days = _days_of_count(repeat, dosage.timing)
    step = replace(chosen, start=start, days=days if days is not None else chosen.days)
    prn = dosage.as_needed_boolean or dosage.as_needed_codeable_concept is not None
    if prn:
        step = _as_needed(step, dosage, basis)
    return [Element(dosage.sequence, (step,), start)]


def _started(steps: tuple[DoseStep, ...], start: date | None) -> tuple[DoseStep, ...]:
    if start is None:
        return steps
    return tuple(
        replace(step, start=add_days(start, step.start_offset_days))
        if step.start_offset_days is not None
        else step
        for step in steps
    )


def _from_text(text: str | None, basis: Basis) -> list[DoseStep]:
    if not text:
        return []
    steps = steps_from_text(text, strength=basis.strength, weight_kg=basis.weight_kg)
    return [_weighed(step, basis) for step in steps]


def _weighed(step: DoseStep, basis: Basis) -> DoseStep:
    used = any(note.startswith("weight ") for note in step.assumed)
    return replace(step, assumed=(*step.assumed, basis.weight_note)) if used and basis.weight_note else step


def _chosen(coded: DoseStep, written: list[DoseStep]) -> DoseStep:
    """Take the coded dose, or what the text says where the fields leave it open."""
    text = written[0] if len(written) == 1 else None
    if text is None:
        return coded
    if coded.mg_per_day is None:
        if text.mg_per_day is not None:
            return text
        open_field = coded.problem in {NO_DOSE, NOT_HOW_OFTEN}
        return replace(text, prn=text.prn or coded.prn) if open_field and text.problem else coded
    step = replace(coded, days=coded.days if coded.days is not None else text.days, prn=coded.prn or text.prn)
    if text.mg_per_day is not None and not math.isclose(
        text.mg_per_day, coded.mg_per_day, rel_tol=SAME_DOSE_WITHIN
    ):
        note = f"free text says {plain(text.mg_per_day)} mg a day: the coded dose is taken"
        step = replace(step, assumed=(*step.assumed, note))
    return step


def _coded(dosage: Dosage, basis: Basis) -> DoseStep:
    dose = _dose(dosage, basis)
    if dose is None:
        return DoseStep(None, problem=NO_DOSE)
    amount, milligrams = dose
    if milligrams.mg is None:
        return _weighed(DoseStep(None, assumed=milligrams.assumed, problem=milligrams.problem), basis)
    if amount.per_day:
        return _weighed(DoseStep(milligrams.mg, assumed=milligrams.assumed), basis)
    per_day, assumed = _frequency(dosage)
    if per_day is None:
        return DoseStep(None, assumed=milligrams.assumed, problem=NOT_HOW_OFTEN)
    mg = milligrams.mg * per_day
    averaged = ("averaged over the days between doses",) if per_day < 1 else ()
    return _weighed(DoseStep(mg, assumed=(*milligrams.assumed, *assumed, *averaged)), basis)


def _frequency(dosage: Dosage) -> tuple[float | None, tuple[str, ...]]:
    timing = dosage.timing
    if timing is not None:
        if timing.event:
            return 1.0, ()
        found = _repeat_frequency(timing.repeat)
        if found is not None:
            return found
        if timing.code is not None:
            code = next((c for coding in timing.code.coding or () if (c := coding.code)), None)
            by_code = frequency_of_code(code) or next(
                (times for words in timing.code.words if (times := frequency_from_text(words))), None
            )
            if by_code is not None:
                return by_code, ()
    by_text = frequency_from_text(dosage.text) if dosage.text else None
    if by_text is not None:
        return by_text, ("how often is taken from the free text",)
    return None, ()


def _repeat_frequency(repeat: Repeat | None) -> tuple[float, tuple[str, ...]] | None:
    if repeat is None:
        return None
    found = frequency_of_repeat(
        frequency=repeat.frequency,
        frequency_max=repeat.frequency_max,
        period=repeat.period,
        period_max=repeat.period_max,
        period_unit=repeat.period_unit,
        days_of_week=repeat.day_of_week or (),
        times_of_day=len(repeat.when or repeat.time_of_day or ()),
    )
    return None if found is None else (found.per_day, found.assumed)


def _dose(dosage: Dosage, basis: Basis) -> tuple[Amount, Milligrams] | None:
    """Return the first amount that converts; an order often has one per kg and one calculated from it."""
    found: tuple[Amount, Milligrams] | None = None
    for each in (*(dosage.dose_and_rate or ()), dosage):
        amount = _amount(each, dosage)
        if amount is None:
            continue
        milligrams = _milligrams(amount, basis)
        if milligrams.mg is not None:
            return amount, milligrams
        found = found or (amount, milligrams)
    return found


def _amount(each: DoseAndRate, dosage: Dosage) -> Amount | None:
    quantity = each.dose_quantity or (dosage.dose if each is dosage else None)
    if quantity is not None and quantity.value is not None:
        return amount_of(quantity.value, quantity.value, quantity.code or quantity.unit)
    if each.dose_range is not None:
        low, high = each.dose_range.low or Quantity(), each.dose_range.high or Quantity()
        ends = [end.value for end in (low, high) if end.value is not None]
        unit = high.code or high.unit or low.code or low.unit
        return amount_of(min(ends), max(ends), unit) if ends else None
    if each.rate_quantity is not None and each.rate_quantity.value is not None:
        return _of_rate(each.rate_quantity, dosage)
    if each.rate_ratio is not None:
        return _of_ratio(each.rate_ratio)
    return None


def _of_rate(rate: Quantity, dosage: Dosage) -> Amount | None:
    """Read a rate per day, or one per hour whose duration is said."""
    value, unit = rate.value or 0.0, (rate.code or rate.unit or "").lower()
    base, _, per = unit.rpartition("/")
    if per in {"d", "day", "24.h"}:
        return amount_of(value, value, base, per_day=True)
    repeat = dosage.timing.repeat if dosage.timing else None
    days = days_of(repeat.duration, repeat.duration_unit) if repeat else None
    if days is None or per not in {"h", "hr", "hour"}:
        return amount_of(value, value, unit or "a rate")
    total = value * days * 24
    return amount_of(total, total, base)


def _of_ratio(ratio: Ratio) -> Amount | None:
    top, bottom = ratio.numerator, ratio.denominator
    if top is None or top.value is None:
        return None
    days = days_of(bottom.value, bottom.code or bottom.unit) if bottom is not None else None
    daily = days is not None and days >= 1
    value = top.value / days if daily and days else top.value
    return amount_of(value, value, top.code or top.unit, per_day=daily)


def _milligrams(amount: Amount, basis: Basis) -> Milligrams:
    each = basis.strength.mg_per_unit if basis.strength else None
    if not amount.unit and each is not None and amount.high >= each:
        return Milligrams(None, problem=TABLETS_OR_MG)
    found = to_milligrams(amount, basis.strength, basis.weight_kg)
    if not amount.unit and found.mg is not None:
        return replace(found, assumed=(*found.assumed, "a number without a unit: read as tablets"))
    return found


def _bounds(repeat: Repeat) -> tuple[date | None, int | None]:
    """Return the first day and the number of days that the bounds give."""
    if repeat.bounds_period is not None:
        start = parse_partial(repeat.bounds_period.start)
        end = parse_partial(repeat.bounds_period.end)
        first = start.first if start else None
        return first, (end.last - first).days + 1 if end and first and end.last >= first else None
    length = repeat.bounds_duration
    if length is None and repeat.bounds_range is not None:
        length = repeat.bounds_range.high or repeat.bounds_range.low
    days = days_of(length.value, length.code or length.unit) if length else None
    return None, max(1, round(days)) if days else None


def last_bound(dosages: list[Dosage]) -> date | None:
    """Return the last day that the bounds of any element name."""
    periods = [
        dosage.timing.repeat.bounds_period
        for dosage in dosages
        if dosage.timing and dosage.timing.repeat and dosage.timing.repeat.bounds_period
    ]
    ends = [end.last for period in periods if (end := parse_partial(period.end)) is not None]
    return max(ends) if ends and len(ends) == len(dosages) else None


def _days_of_count(repeat: Repeat, timing: Timing | None) -> int | None:
    count = repeat.count_max or repeat.count
    if not count or count > 100_000:
        return None
    found = _repeat_frequency(repeat) or (
        (frequency_of_code(timing.code.first_code), ()) if timing and timing.code else None
    )
    per_day = found[0] if found else None
    return max(1, math.ceil(count / per_day - 1e-9)) if per_day else None


def _events(dosage: Dosage, step: DoseStep) -> Element:
    """Give every listed date one day on the dose."""
    days = [parsed.first for event in (dosage.timing.event if dosage.timing else None) or ()
            if (parsed := parse_partial(event)) is not None]  # fmt: skip
    steps = tuple(
        replace(step, start=day, days=1, mg_per_day=step.mg_per_day and step.mg_per_day * days.count(day))
        for day in sorted(set(days))
    )
    return Element(dosage.sequence, steps or (step,))


def _as_needed(step: DoseStep, dosage: Dosage, basis: Basis) -> DoseStep:
    """Make the dose an upper bound: the stated maximum, or else the dose taken every time."""
    ceilings = dosage.max_dose_per_period
    ratios = ceilings if isinstance(ceilings, list) else [ceilings] if ceilings else []
    for ratio in ratios:
        top, bottom = ratio.numerator, ratio.denominator
        days = days_of(bottom.value, bottom.code or bottom.unit) if bottom else None
        if top is None or top.value is None or not days:
            continue
        mg = to_milligrams(
            amount_of(top.value, top.value, top.code or top.unit), basis.strength, basis.weight_kg
        ).mg
        if mg is not None:
            note = "as needed: the stated maximum is an upper bound"
            return replace(step, mg_per_day=mg / days, prn=True, assumed=(*step.assumed, note), problem=None)
    return replace(step, prn=True)
