"""Brings orders, dispenses, administrations and statements of medicines to one shape."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from precollapse.chart.dates import PartialDate, Precision, parse_partial
from precollapse.chart.dosage import days_of
from precollapse.chart.fhir.datatypes import DispenseRequest, Dosage, Period, Quantity, decoded, listed
from precollapse.chart.fhir.dosages import last_bound
from precollapse.chart.fhir.resources import (
    Medicated,
    MedicationAdministration,
    MedicationDispense,
    MedicationRequest,
    MedicationStatement,
)


@dataclass(frozen=True, slots=True)
class Order:
    """What every kind of entry about a medicine comes to, before the dose is worked out."""

    dosages: list[Dosage]
    start: date | None = None
    end: date | None = None
    written: date | None = None
    precision: Precision | None = None
    supply_days: float | None = None
    supply_quantity: Quantity | None = None
    repeats: float = 0.0
    single_days: bool = False  # an administration: without an end it is the one day
    assumed: tuple[str, ...] = ()


def order_of(resource: Medicated) -> Order:
    """Return what an entry of any of the four kinds comes to."""
    match resource:
        case MedicationRequest():
            return _of_request(resource)
        case MedicationStatement():
            return _of_statement(resource)
        case MedicationDispense():
            return _of_dispense(resource)
        case MedicationAdministration():
            return _of_administration(resource)
        case _:
            return Order([])


def _of_request(request: MedicationRequest) -> Order:
    dosages = listed(request.dosage_instruction, Dosage)
    dispense = decoded(request.dispense_request, DispenseRequest) or DispenseRequest()
    written = parse_partial(request.authored_on)
    validity = parse_partial(dispense.validity_period.start) if dispense.validity_period else None
    supply = dispense.expected_supply_duration
    first = validity or written
    assumed = () if validity or first is None else ("begun on the day it was written",)
    return Order(
        dosages,
        start=first.first if first else None,
        end=last_bound(dosages),
        written=written.first if written else None,
        precision=first.precision if first else None,
        supply_days=days_of(supply.value, supply.code or supply.unit or "d") if supply else None,
        supply_quantity=dispense.quantity,
        repeats=max(0.0, min(dispense.number_of_repeats_allowed or 0.0, 100.0)),
        assumed=assumed,
    )


def _of_statement(statement: MedicationStatement) -> Order:
    dosages = listed(statement.dosage, Dosage)
    start, end = _period(statement.effective_date_time, statement)
    written = parse_partial(statement.date_asserted)
    return Order(
        dosages,
        start=start.first if start else None,
        end=end.last if end else last_bound(dosages),
        written=written.first if written else None,
        precision=start.precision if start else None,
    )


def _of_dispense(dispense: MedicationDispense) -> Order:
    dosages = listed(dispense.dosage_instruction, Dosage)
    given = parse_partial(dispense.when_handed_over) or parse_partial(dispense.when_prepared)
    supply = decoded(dispense.days_supply, Quantity)
    return Order(
        dosages,
        start=given.first if given else None,
        end=last_bound(dosages),
        written=given.first if given else None,
        precision=given.precision if given else None,
        supply_days=days_of(supply.value, supply.code or supply.unit or "d") if supply else None,
        supply_quantity=decoded(dispense.quantity, Quantity),
    )


def _of_administration(administration: MedicationAdministration) -> Order:
    dosages = listed(administration.dosage, Dosage)
    start, end = _period(administration.effective_date_time, administration)
    return Order(
        dosages,
        start=start.first if start else None,
        end=end.last if end else None,
        written=start.first if start else None,
        precision=start.precision if start else None,
        single_days=True,
    )


def _period(
    moment: str | None, resource: MedicationStatement | MedicationAdministration
) -> tuple[PartialDate | None, PartialDate | None]:
    start = parse_partial(moment)
    if start is not None:
        return start, None
    period = decoded(resource.effective_period, Period) or Period()
    return parse_partial(period.start), parse_partial(period.end)
