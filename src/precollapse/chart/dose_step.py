"""What a dosage comes to: amounts of a medicine, its strength, and stretches of days on one daily dose.

Arithmetic of units only. Reading words is ``dosage_text``, reading structured fields ``dosage``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

AmountKind = Literal["mass", "count", "volume", "mass_per_kg", "mass_per_m2", "other"]

MG_PER = {
    "mg": 1.0, "milligram": 1.0, "milligrams": 1.0, "mgs": 1.0,
    "g": 1000.0, "gm": 1000.0, "gms": 1000.0, "gram": 1000.0, "grams": 1000.0,
    "mcg": 0.001, "ug": 0.001, "microgram": 0.001, "micrograms": 0.001, "kg": 1e6, "ng": 1e-6,
}  # fmt: skip
ML_PER = {
    "ml": 1.0, "mls": 1.0, "cc": 1.0, "milliliter": 1.0, "milliliters": 1.0, "millilitre": 1.0,
    "millilitres": 1.0, "l": 1000.0, "cl": 10.0, "dl": 100.0, "ul": 0.001,
    "teaspoon": 5.0, "teaspoons": 5.0, "teaspoonful": 5.0, "teaspoonfuls": 5.0, "tsp": 5.0,
    "[tsp_us]": 5.0, "tablespoon": 15.0, "tablespoons": 15.0, "tbsp": 15.0, "[tbs_us]": 15.0,
}  # fmt: skip
_PIECES = (
    "tablet", "tab", "tbl", "capsule", "cap", "pill", "vial", "ampule", "ampoule", "syringe", "dose",
    "unit-dose",
)  # fmt: skip
COUNT_UNITS = frozenset(
    spelling for piece in _PIECES for spelling in (piece, f"{piece}s", f"{piece}(s)", f"{{{piece}}}")
) | {"each", "ea", "{each}"}


@dataclass(frozen=True, slots=True)
class Strength:
    """How much of the ingredient one piece (tablet, vial) or one millilitre holds."""

    mg_per_unit: float | None = None
    mg_per_ml: float | None = None


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of a medicine as written; ``low`` and ``high`` differ for a range."""

    low: float
    high: float
    kind: AmountKind
    per_day: bool = False
    unit: str = ""

    def times(self, factor: float) -> Amount:
        """Return the amount multiplied, as when several pieces of it are taken."""
        return replace(self, low=self.low * factor, high=self.high * factor)


@dataclass(frozen=True, slots=True)
class Milligrams:
    """An amount brought to mg, or the reason why it cannot be."""

    mg: float | None
    assumed: tuple[str, ...] = ()
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class DoseStep:
    """A stretch of days on one daily dose.

    ``start_offset_days`` counts from the start of the order and is None when an earlier step has no
    known length. ``days`` is None when the step has no stated end. ``prn`` says that the dose is only an
    upper bound.
    """

    mg_per_day: float | None
    days: int | None = None
    start_offset_days: int | None = 0
    start: date | None = None
    prn: bool = False
    assumed: tuple[str, ...] = ()
    problem: str | None = None


def amount_of(low: float, high: float, unit: str | None, *, per_day: bool = False) -> Amount:
    """Make an amount from a number, or two of a range, and the unit as written."""
    written = (unit or "").strip().lower().replace("µ", "u").replace("μ", "u")
    base, _, per = written.partition("/")
    if per in {"d", "day", "24.h", "24h"}:
        return amount_of(low, high, base, per_day=True)
    if per.startswith(("kg", "m2")) and base in MG_PER:
        kind: AmountKind = "mass_per_kg" if per.startswith("kg") else "mass_per_m2"
        per_day = per_day or per.endswith(("/d", "/day", "/24h", "/24.h", ".d"))
        factor = MG_PER[base]
        return Amount(low * factor, high * factor, kind, per_day, written)
    if written in MG_PER:
        return Amount(low * MG_PER[written], high * MG_PER[written], "mass", per_day, "mg")
    if written in ML_PER:
        return Amount(low * ML_PER[written], high * ML_PER[written], "volume", per_day, "mL")
    kind = "count" if not written or written in COUNT_UNITS or written == "1" else "other"
    return Amount(low, high, kind, per_day, written)


def to_milligrams(amount: Amount, strength: Strength | None, weight_kg: float | None) -> Milligrams:
    """Bring an amount to mg with the strength of the product and the weight of the patient."""
    assumed: tuple[str, ...] = ()
    if amount.high != amount.low:
        span = f"{plain(amount.low)} to {plain(amount.high)}"
        assumed = (f"range {span} {amount.unit}: upper end taken".replace("  ", " "),)
    factor, problem = _mg_per_one(amount, strength or Strength(), weight_kg)
    if factor is None:
        return Milligrams(None, assumed, problem)
    if amount.kind == "mass_per_kg":
        assumed += (f"weight {plain(factor)} kg",)
    return Milligrams(amount.high * factor, assumed)


def _mg_per_one(
    amount: Amount, strength: Strength, weight_kg: float | None
) -> tuple[float | None, str | None]:
    match amount.kind:
        case "mass":
            return 1.0, None
        case "count":
            return strength.mg_per_unit, "strength of the tablet or vial is not known"
        case "volume":
            return strength.mg_per_ml, "concentration in mg/mL is not known"
        case "mass_per_kg":
            return weight_kg, "dose per kg body weight, and the weight is not known"
        case "mass_per_m2":
            return None, "dose per body surface, which is not known"
        case "other":
            return None, f"the unit {amount.unit[:30]!r} does not convert to mg"


def plain(number: float) -> str:
    """Write a number without needless digits."""
    return f"{number:.6g}"
