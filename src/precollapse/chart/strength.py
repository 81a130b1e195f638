"""Reads the strength of a medicine from its name, as RxNorm and pharmacies write it.

``prednisone 20 MG Oral Tablet``, ``1 ML methylprednisolone 40 MG/ML Injection``, ``prednisolone 15 mg/5 mL``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from precollapse.chart.dose_step import MG_PER, ML_PER, Strength

LONGEST_NAME = 500

_STRENGTH = re.compile(
    r"(?P<amount>\d[\d,]*(?:\.\d+)?|\.\d+)\s*-?(?P<unit>mg|mcg|ug|grams?|gm|g|milligrams?|micrograms?)\b"
    r"(?:\s*/\s*(?P<per>\d+(?:\.\d+)?)?\s*(?P<per_unit>ml|mls|cc|l|actuat\w*|hr|h|puff|spray|dose|tablet|tab|vial))?"
)
_VOLUME = re.compile(r"(?P<volume>\d+(?:\.\d+)?|\.\d+)\s*(?:ml|cc)\b(?!\s*/)")
_PIECES = {"tablet", "tab", "vial", "dose"}


def strength_from_name(name: str, ingredient_names: Iterable[str] = ()) -> Strength | None:
    """Read how much of the ingredient one piece or one millilitre holds.

    Parameters
    ----------
    name
        Name of the product.
    ingredient_names
        Names of the ingredient; needed for products with several, whose parts are joined by " / ".

    Returns
    -------
    Strength or None
        None when the name says no strength, or says several without telling which is the ingredient's.
    """
    if len(name) > LONGEST_NAME:
        return None
    return _read(name.lower(), tuple(word.lower() for word in ingredient_names))


@lru_cache(maxsize=4096)
def _read(name: str, ingredient_names: tuple[str, ...]) -> Strength | None:
    part = _ingredient_part(name, ingredient_names)
    found = {match.groups() for match in _STRENGTH.finditer(part)}
    if len(found) != 1:
        return None
    match = _STRENGTH.search(part)
    if match is None:
        return None
    mg = float(match["amount"].replace(",", "")) * MG_PER[match["unit"]]
    per, unit = float(match["per"] or 1), match["per_unit"]
    if mg <= 0 or per <= 0:
        return None
    if unit is None or unit in _PIECES:
        return Strength(mg_per_unit=mg / per)
    if unit in ML_PER:
        return _liquid(part, match, mg, per * ML_PER[unit])
    return None


def _liquid(part: str, match: re.Match[str], mg: float, ml: float) -> Strength:
    """Give the strength per millilitre, and per piece when the name also says the volume of one."""
    concentration = mg / ml
    rest = part[: match.start()] + " " + part[match.end() :]
    volume = _VOLUME.search(rest)
    if volume is not None and float(volume["volume"]) > 0:
        return Strength(concentration * float(volume["volume"]), concentration)
    return Strength(None, concentration)


def _ingredient_part(name: str, ingredient_names: tuple[str, ...]) -> str:
    parts = re.split(r"\s+/\s+|\s+and\s+|\s*\+\s*", name)
    if len(parts) == 1:
        return name
    named = [part for part in parts if any(word in part for word in ingredient_names)]
    return named[0] if len(named) == 1 and _STRENGTH.search(named[0]) else name
