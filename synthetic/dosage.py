"""Writes the prescription block of a MedicationOrder state as FHIR dosage instructions.

Beside the fields of Synthea (dosage, duration) our modules use ``dose_unit``, ``route``, ``text`` and, for a
taper, ``steps`` of amounts and days.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

UCUM: Final = "http://unitsofmeasure.org"
SNOMED: Final = "http://snomed.info/sct"
ROUTES: Final = {
    "oral": ("26643006", "Oral"),
    "intravenous": ("47625008", "Intravenous"),
    "topical": ("6064005", "Topical"),
    "inhaled": ("446406008", "By inhalation"),
    "nasal": ("46713006", "Nasal"),
    "intra_articular": ("12130007", "Intraarticular"),
}  # the codes of knowledge/drugs/routes.yaml
_CODES = {"tablet": "{tbl}", "puff": "{puff}", "spray": "{spray}", "application": "{application}"}
_PERIODS = {"days": "d", "weeks": "wk", "months": "mo", "hours": "h", "years": "a"}
_DAYS = {"days": 1, "weeks": 7, "months": 30, "years": 365}


def instructions(prescription: dict[str, Any] | None, start: date) -> list[dict[str, Any]]:
    """Return the dosage instructions of an order; none when the module says nothing of the dose."""
    if not prescription:
        return []
    if "steps" in prescription:
        return _taper(prescription, start)
    element = _common(prescription)
    dosage = prescription.get("dosage")
    if dosage:
        element["timing"] = {"repeat": {**_bounds(start, supplied_days(prescription)), **_how_often(dosage)}}
        element["doseAndRate"] = [{"doseQuantity": quantity(dosage["amount"], prescription.get("dose_unit"))}]
    elif "text" not in prescription:
        return []
    return [element]


def supplied_days(prescription: dict[str, Any] | None) -> int | None:
    """Return for how many days an order is meant."""
    duration = (prescription or {}).get("duration")
    if not duration:
        return None
    return max(1, round(float(duration["quantity"]) * _DAYS.get(str(duration["unit"]).lower(), 1)))


def quantity(amount: float, unit: str | None) -> dict[str, Any]:
    """Return an amount with its unit; a number alone when no unit is said, as Synthea writes it."""
    value = int(amount) if float(amount).is_integer() else amount
    if unit is None:
        return {"value": value}
    return {"value": value, "unit": unit, "system": UCUM, "code": _CODES.get(unit, unit)}


def _taper(prescription: dict[str, Any], start: date) -> list[dict[str, Any]]:
    elements = []
    for number, step in enumerate(prescription["steps"], start=1):
        once_a_day = {"frequency": 1, "period": 1, "periodUnit": "d"}
        repeat = {**_bounds(start, step["days"]), **once_a_day}
        dose = quantity(step["amount"], prescription.get("dose_unit"))
        elements.append(
            {
                "sequence": number,
                **_common(prescription),
                "timing": {"repeat": repeat},
                "doseAndRate": [{"doseQuantity": dose}],
            }
        )
        start += timedelta(days=step["days"])
    return elements


def _common(prescription: dict[str, Any]) -> dict[str, Any]:
    element: dict[str, Any] = {}
    if "text" in prescription:
        element["text"] = prescription["text"]
    if prescription.get("as_needed"):
        element["asNeededBoolean"] = True
    if "route" in prescription:
        code, display = ROUTES[prescription["route"]]
        element["route"] = {"coding": [{"system": SNOMED, "code": code, "display": display}]}
    return element


def _bounds(start: date, days: int | None) -> dict[str, Any]:
    if days is None:
        return {}
    end = start + timedelta(days=days - 1)
    return {"boundsPeriod": {"start": start.isoformat(), "end": end.isoformat()}}


def _how_often(dosage: dict[str, Any]) -> dict[str, Any]:
    return {
        "frequency": dosage.get("frequency", 1),
        "period": dosage.get("period", 1),
        "periodUnit": _PERIODS.get(str(dosage.get("unit", "days")), "d"),
    }
