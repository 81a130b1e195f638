"""Reads orders, dispenses, administrations and statements of medicines.

A corticosteroid becomes dose rows, whatever its route; another medicine of the knowledge a statement. Rows
are not merged here: which of two overlapping orders counts is decided with the facts.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import msgspec

from precollapse.chart.dates import PartialDate, Precision, add_days
from precollapse.chart.dosage import (
    DoseStep,
    Strength,
    amount_of,
    frequency_from_text,
    route_of,
    to_milligrams,
)
from precollapse.chart.fhir.coding import Site
from precollapse.chart.fhir.datatypes import (
    Dosage,
    Repeat,
    Timing,
)
from precollapse.chart.fhir.dosages import NO_DOSE, Basis, steps_of
from precollapse.chart.fhir.orders import Order, order_of
from precollapse.chart.fhir.prescribers import specialty_of
from precollapse.chart.fhir.products import DanglingError, Product, product_of
from precollapse.chart.fhir.record import Record, Times, Waiting
from precollapse.chart.fhir.resources import (
    Medicated,
    MedicationAdministration,
    MedicationDispense,
    MedicationRequest,
    MedicationStatement,
)
from precollapse.chart.model import DoseKind, Route, Status
from precollapse.chart.routes import INTO_HIP

WEIGHT = "weight_kg"

NEVER_TAKEN = {
    "entered-in-error": "entered in error", "cancelled": "cancelled", "draft": "cancelled",
    "not-taken": "cancelled", "not-done": "cancelled", "intended": "cancelled", "declined": "cancelled",
    "preparation": "cancelled",
}  # fmt: skip
NO_ORDERS = {"proposal", "plan", "option"}
RUNNING = {"active", "in-progress"}
STATUS_NOTES = {
    "stopped": "stopped, and the day is not said",
    "on-hold": "on hold when recorded",
    "unknown": "status unknown: read as taken",
}
KINDS: dict[type[Medicated], DoseKind] = {
    MedicationRequest: "request",
    MedicationStatement: "statement",
    MedicationDispense: "dispense",
    MedicationAdministration: "administration",
}


def read_medicine(record: Record, waiting: Waiting) -> None:
    """Read one entry about a medicine."""
    person, origin, resource = waiting
    try:
        product = product_of(resource, record.medications, record.meanings)
    except DanglingError as error:
        record.unread(person, origin, "dangling reference", str(error)[:120])
        return
    refused = _refused(resource)
    if refused is not None:
        record.unread(person, origin, refused[0], f"{product.meaning.label}: {refused[1]}")
        return
    order = order_of(resource)
    for ingredient in product.steroids:
        _doses(record, person, origin, resource, product, ingredient, order)
    _state_concepts(record, person, origin, resource, product, order)


def _refused(resource: Medicated) -> tuple[str, str] | None:
    """Return why an entry does not mean that something was taken."""
    status = resource.status or "unknown"
    if status in NEVER_TAKEN:
        return NEVER_TAKEN[status], status
    if isinstance(resource, MedicationRequest):
        if resource.do_not_perform:
            return "cancelled", "an order not to give it"
        if resource.intent in NO_ORDERS:
            return "cancelled", f"only a {resource.intent}"
    if isinstance(resource, MedicationDispense) and status in {"in-progress", "on-hold"}:
        return "cancelled", f"not handed over: {status}"
    return None


def _state_concepts(
    record: Record, person: int, origin: str, resource: Medicated, product: Product, order: Order
) -> None:
    """State the medicines of the knowledge that are no corticosteroids; list what is neither."""
    meaning = product.meaning
    hits = tuple(hit for hit in meaning.hits if not hit.corticosteroid)
    coded = meaning.note is None
    concepts = record.knowledge.concepts
    hits = tuple(hit for hit in hits if hit.concept in concepts and (coded or concepts[hit.concept].medicine))
    if not hits:
        if not product.steroids:
            record.unread(person, origin, meaning.reason, meaning.label)
        return
    running = resource.status in RUNNING and order.end is None
    end = None if running else order.end or _supplied_until(order)
    status: Status = "present" if running or end is not None else "past"
    start = order.start or order.written
    times = Times(_partial(start, order.precision), _partial(end, "day"), _partial(order.written, "day"))
    if hits != meaning.hits:
        meaning = replace(meaning, hits=hits)
    record.assert_hits(person, origin, meaning, status, times, product=product.name)


def _partial(day: date | None, precision: Precision | None) -> PartialDate | None:
    return None if day is None else PartialDate(day, day, precision or "day")


def _supplied_until(order: Order) -> date | None:
    if order.start is None or not order.supply_days:
        return None
    return add_days(order.start, order.supply_days * (1 + order.repeats) - 1)


def _doses(
    record: Record,
    person: int,
    origin: str,
    resource: Medicated,
    product: Product,
    ingredient: str,
    order: Order,
) -> None:
    """Add the dose rows of one corticosteroid of an order."""
    route, site = _route(record, product, ingredient, order.dosages)
    side = site.side if route == "intra_articular_hip" else None
    basis = _basis(record, person, product.strength(ingredient, record.knowledge), order)
    steps = [DoseStep(None)] if route == "local" else _steps(resource, order, basis)
    prescriber = specialty_of(resource, record.specialties)
    number = record.builder.new_order()
    for copy, (step, start, end) in enumerate(_dated(steps, order, resource, basis)):
        record.builder.dose(
            person,
            ingredient,
            KINDS[type(resource)],
            origin,
            order=number,
            route=route,
            product=_product_key(product, steps, copy),
            start=start,
            end=end,
            ongoing=end is None and resource.status in RUNNING and not order.single_days,
            written=order.written,
            mg_per_day=step.mg_per_day,
            prn=step.prn,
            side=side,
            said=_said(product, order.dosages),
            assumed="; ".join(dict.fromkeys(step.assumed)) or None,
            problem=step.problem,
            prescriber=prescriber,
        )
    if route == "intra_articular_hip":
        _state_injection(record, person, origin, order, site, product)


def _state_injection(
    record: Record, person: int, origin: str, order: Order, site: Site, product: Product
) -> None:
    record.builder.statement(
        person,
        INTO_HIP,
        origin,
        side=site.side,
        start=order.start,
        start_precision=order.precision if order.start else None,
        recorded=order.written,
        said=_said(product, order.dosages),
    )


def _product_key(product: Product, steps: list[DoseStep], copy: int) -> str:
    """Tell apart what runs at the same time within one order, so that it adds up."""
    same_start = [other for other in steps if other.start_offset_days == steps[copy].start_offset_days
                  and other.start == steps[copy].start]  # fmt: skip
    rank = next(number for number, other in enumerate(same_start) if other is steps[copy])
    return product.key if rank == 0 else f"{product.key} #{rank + 1}"


def _route(record: Record, product: Product, ingredient: str, dosages: list[Dosage]) -> tuple[Route, Site]:
    routes = [dosage.route for dosage in dosages if dosage.route is not None]
    sites = record.meanings.site_of([dosage.site for dosage in dosages if dosage.site is not None])
    texts = [dosage.text or dosage.patient_instruction or "" for dosage in dosages]
    site = sites
    if site.side is None:
        found = record.meanings.sides.in_text(" ".join(texts))
        site = replace(site, side=found)
    route = route_of(
        record.knowledge,
        codings=[(coding.system, coding.code) for route in routes for coding in route.coding or ()],
        route_words=" ".join(word for route in routes for word in route.words) or None,
        site=sites.words or None,
        product_codings=product.meaning.codings,
        name=" ".join(product.names(ingredient, record.knowledge)) or None,
        sig=" ".join(texts).strip() or None,
        never_systemic=record.knowledge.corticosteroids[ingredient].never_systemic,
    )
    return route, site


def _basis(record: Record, person: int, strength: Strength | None, order: Order) -> Basis:
    """Give the strength, and the weight measured nearest to the order while it was still valid."""
    valid = record.knowledge.concepts[WEIGHT].valid_days
    day = order.start or order.written
    weights = record.weights.get(person, ())
    if day is None or not weights:
        return Basis(strength, None)
    measured, weight = min(weights, key=lambda known: (abs((known[0] - day).days), known[0]))
    if valid is not None and abs((measured - day).days) > valid:
        return Basis(strength, None)
    return Basis(strength, weight, f"weighed on {measured.isoformat()}")


def _steps(resource: Medicated, order: Order, basis: Basis) -> list[DoseStep]:
    if isinstance(resource, MedicationAdministration):
        return _given(order, basis)
    steps = steps_of(order.dosages, basis)
    if all(step.mg_per_day is None for step in steps):
        supplied = _from_supply(order, basis)
        if supplied is not None:
            prn = any(step.prn for step in steps)
            return [replace(supplied, prn=prn)]
    return steps or [DoseStep(None, problem="no directions are given")]


def _from_supply(order: Order, basis: Basis) -> DoseStep | None:
    """Spread what was supplied evenly over the days it is for."""
    total = _supplied_mg(order, basis)
    if total is None or not order.supply_days:
        return None
    days = max(1, round(order.supply_days))
    note = f"quantity spread evenly over {days} days"
    return DoseStep(total / days, days, assumed=(note,))


def _supplied_mg(order: Order, basis: Basis) -> float | None:
    quantity = order.supply_quantity
    if quantity is None or not quantity.value or quantity.value < 0:
        return None
    amount = amount_of(quantity.value, quantity.value, quantity.code or quantity.unit)
    return to_milligrams(amount, basis.strength, basis.weight_kg).mg


def _given(order: Order, basis: Basis) -> list[DoseStep]:
    """Read an administration: one dose on one day, or a total over the days of its period."""
    dosages = [_once_if_untimed(dosage) for dosage in order.dosages]
    steps = steps_of(dosages, basis) or [DoseStep(None, problem=NO_DOSE)]
    if len(steps) > 1 or order.start is None:
        return steps
    step = steps[0]
    days = (order.end - order.start).days + 1 if order.end and order.end >= order.start else 1
    repeated = order.dosages and _says_how_often(order.dosages[0])
    if days == 1 or repeated:
        return [replace(step, days=days)]
    mg = None if step.mg_per_day is None else step.mg_per_day / days
    return [replace(step, mg_per_day=mg, days=days, assumed=(*step.assumed, f"total over {days} days"))]


def _once_if_untimed(dosage: Dosage) -> Dosage:
    if _says_how_often(dosage):
        return dosage
    once = Timing(repeat=Repeat(frequency=1, period=1, period_unit="d"))
    return msgspec.structs.replace(dosage, timing=once)


def _says_how_often(dosage: Dosage) -> bool:
    return dosage.timing is not None or bool(dosage.text and frequency_from_text(dosage.text))


def _dated(
    steps: list[DoseStep], order: Order, resource: Medicated, basis: Basis
) -> list[tuple[DoseStep, date | None, date | None]]:
    """Give steps their first and last day and say what was assumed to do so."""
    rows = []
    for number, step in enumerate(steps):
        start = step.start or _from_offset(order.start, step.start_offset_days)
        assumed = step.assumed
        if step.start is None and start is not None:
            assumed += order.assumed
        end = add_days(start, step.days - 1) if start and step.days else None
        last = number == len(steps) - 1
        if end is None and last:
            end, notes = _order_end(order, start, step, resource, basis)
            assumed += notes
        if end is not None and start is not None and end < start:
            end, assumed = None, (*assumed, "its end lies before its start and is ignored")
        problem = step.problem or (None if start else "when it was begun is not said")
        rows.append((replace(step, assumed=assumed, problem=problem), start, end))
    return rows


def _from_offset(start: date | None, offset: int | None) -> date | None:
    return None if start is None or offset is None else add_days(start, offset)


def _order_end(
    order: Order, start: date | None, step: DoseStep, resource: Medicated, basis: Basis
) -> tuple[date | None, tuple[str, ...]]:
    """Return the last day of an order whose directions do not say it, and how it was found."""
    status_note = STATUS_NOTES.get(resource.status or "unknown")
    notes = (status_note,) if status_note else ()
    if order.end is not None:
        return order.end, notes
    if order.single_days:
        return start, ()
    if start is None:
        return None, notes
    refills = f" and {order.repeats:g} refills" if order.repeats else ""
    if order.supply_days:
        days = order.supply_days * (1 + order.repeats)
        return add_days(start, max(1, round(days)) - 1), (*notes, f"for the days supplied{refills}")
    total = _supplied_mg(order, basis)
    if total is not None and step.mg_per_day and not step.prn:
        days = total * (1 + order.repeats) / step.mg_per_day
        return add_days(start, max(1, round(days)) - 1), (*notes, f"until the quantity{refills} is used up")
    return None, notes


def _said(product: Product, dosages: list[Dosage]) -> str:
    texts = [text for dosage in dosages if (text := dosage.text or dosage.patient_instruction)]
    return ": ".join(filter(None, (product.meaning.label, "; ".join(texts))))[:300]
