"""The truth beside the records: what was planted in whom and when, read from the states a life has passed."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import Any, Final

from synthetic.modules import PREFIX

COLUMNS: Final = (
    "patient", "first_exposure", "lesion_date", "pain_date", "diagnosis_date", "cause", "side", "exposures",
)  # fmt: skip
_COURSE: Final = PREFIX + "osteonecrosis"
_CLOCKS: Final = {
    "lesion_lupus": "Lesion_in_lupus_Exposed",
    "lesion_corticosteroids": "Lesion_after_corticosteroids_Exposed",
    "lesion_transplant": "Lesion_after_transplant_Exposed",
    "lesion_leukaemia": "Lesion_in_leukaemia_Exposed",
    "lesion_alcohol": "Lesion_with_alcohol_Exposed",
    "lesion_hiv": "Lesion_in_HIV_Exposed",
    "lesion_sickle_cell": "Lesion_in_sickle_cell_disease_Exposed",
    "lesion_trauma": "Lesion_after_trauma_Exposed",
}
_ATTRIBUTES: Final = {
    "exposed_lupus": "lesion_lupus",
    "exposed_corticosteroids": "lesion_corticosteroids",
    "exposed_transplant": "lesion_transplant",
    "exposed_leukaemia": "lesion_leukaemia",
    "exposed_alcohol": "lesion_alcohol",
    "exposed_hiv": "lesion_hiv",
    "exposed_sickle_cell": "lesion_sickle_cell",
    "exposed_trauma": "lesion_trauma",
}


def truth_row(life: Any, key: str) -> dict[str, str]:
    """Return one patient's row of ``truth.csv``; what did not happen is empty.

    ``first_exposure`` is the day the planted cause of the disease began; without disease, the first of any
    cause. ``exposures`` lists all causes as ``name:kind=day``.
    """
    exposures = {
        attribute.removeprefix("exposed_"): (str(life.attributes[attribute]), day)
        for attribute, clock in _ATTRIBUTES.items()
        if attribute in life.attributes and (day := _passed(life, PREFIX + clock, _CLOCKS[clock]))
    }
    lesion = _passed(life, _COURSE, "Osteonecrosis_Lesion")
    begun = _began(life) if lesion else min((day for _, day in exposures.values()), default="")
    return {
        "patient": key,
        "first_exposure": begun,
        "lesion_date": lesion,
        "pain_date": _passed(life, _COURSE, "Osteonecrosis_Pain"),
        "diagnosis_date": _passed(life, _COURSE, "Osteonecrosis_Diagnosis"),
        "cause": str(life.attributes.get("osteonecrosis_cause", "")) if lesion else "",
        "side": str(life.attributes.get("osteonecrosis_side", "")) if lesion else "",
        "exposures": ";".join(f"{name}:{kind}={day}" for name, (kind, day) in sorted(exposures.items())),
    }


def _began(life: Any) -> str:
    """Return when the exposure began that made the lesion; empty for disease without a known cause."""
    for clock, state in _CLOCKS.items():
        visited = life.attributes
        sides = (f"{state.removesuffix('Exposed')}{side}" for side in ("Both", "Left", "Right"))
        if any(f"{PREFIX}{clock}.{side}_visited" in visited for side in sides):
            return _passed(life, PREFIX + clock, state)
    return ""


def _passed(life: Any, module: str, state: str) -> str:
    moment: datetime | None = life.attributes.get(f"{module}.{state}_visited_at")
    return "" if moment is None else moment.date().isoformat()


def csv_bytes(rows: list[dict[str, str]], *, header: bool) -> bytes:
    """Return rows as CSV."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    if header:
        writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
