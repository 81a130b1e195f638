"""Units in the spelling of UCUM: dimension and size, as far as conversions in the knowledge need them.

For checking the factors that the knowledge states; readers convert with those factors, not with this.
Spellings that are not UCUM ("mm/hr") are accepted in the knowledge and simply cannot be checked here.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Size(NamedTuple):
    """How large a unit is in base units, and the powers of its dimensions."""

    factor: float
    dimensions: dict[str, int]


_PREFIXES = {
    "": 1.0,
    "k": 1e3,
    "h": 1e2,
    "d": 1e-1,
    "c": 1e-2,
    "m": 1e-3,
    "u": 1e-6,
    "n": 1e-9,
    "p": 1e-12,
    "f": 1e-15,
    "M": 1e6,
}
_DAY = 86400.0
_METRIC: dict[str, tuple[float, dict[str, int]]] = {
    "g": (1e-3, {"mass": 1}),
    "m": (1.0, {"length": 1}),
    "s": (1.0, {"time": 1}),
    "L": (1e-3, {"length": 3}),
    "l": (1e-3, {"length": 3}),
    "mol": (1.0, {"substance": 1}),
    "eq": (1.0, {"charge": 1}),
    "U": (1.0, {"enzyme": 1}),
    "kat": (6e7, {"enzyme": 1}),
    "[IU]": (1.0, {"international unit": 1}),
    "[iU]": (1.0, {"international unit": 1}),
    "N": (1.0, {"mass": 1, "length": 1, "time": -2}),
    "Pa": (1.0, {"mass": 1, "length": -1, "time": -2}),
    "Gy": (1.0, {"length": 2, "time": -2}),
}
_PLAIN: dict[str, tuple[float, dict[str, int]]] = {
    "1": (1.0, {}),
    "%": (0.01, {}),
    "deg": (1.0, {"angle": 1}),
    "rad": (57.29577951308232, {"angle": 1}),
    "min": (60.0, {"time": 1}),
    "h": (3600.0, {"time": 1}),
    "d": (_DAY, {"time": 1}),
    "wk": (7 * _DAY, {"time": 1}),
    "mo": (30.4375 * _DAY, {"time": 1}),
    "a": (365.25 * _DAY, {"time": 1}),
    "mm[Hg]": (133.322, {"mass": 1, "length": -1, "time": -2}),
    "[lb_av]": (0.45359237, {"mass": 1}),
    "[oz_av]": (0.028349523125, {"mass": 1}),
    "[in_i]": (0.0254, {"length": 1}),
    "[ft_i]": (0.3048, {"length": 1}),
    "[pH]": (1.0, {"acidity": 1}),
    "Cel": (1.0, {"temperature": 1}),
    "[degF]": (5 / 9, {"temperature": 1}),
    "[drink]": (1.0, {"drink": 1}),
    "[GPL'U]": (1.0, {"IgG anticardiolipin unit": 1}),
    "[MPL'U]": (1.0, {"IgM anticardiolipin unit": 1}),
    "[arb'U]": (1.0, {"arbitrary unit": 1}),
}
_TERM = re.compile(
    r"(?:10[*^](?P<power>-?\d+)|(?P<number>\d+)(?![\d*^])|(?P<unit>[A-Za-z%\[][A-Za-z\[\]_%']*)(?P<exponent>-?\d)?)?"
    r"(?P<annotation>\{[^}]*\})?"
)


def size(unit: str) -> Size | None:
    """Return size and dimension of a UCUM unit; None for a spelling that is not known here."""
    factor, dimensions = 1.0, dict[str, int]()
    if re.search(r"\d\.\d", re.sub(r"\{[^}]*\}", "", unit)):  # a decimal number is no UCUM term
        return None
    for separator, text in re.findall(r"(^|[./])((?:\{[^}]*\}|[^./{])*)", unit):
        sign = -1 if separator == "/" else 1
        if not text and not (separator == "" and unit.startswith("/")):
            return None
        term = _term(text)
        if term is None:
            return None
        factor *= term.factor**sign
        for name, power in term.dimensions.items():
            dimensions[name] = dimensions.get(name, 0) + sign * power
    return Size(factor, {name: power for name, power in dimensions.items() if power})


def _term(text: str) -> Size | None:
    match = _TERM.fullmatch(text)
    if not match:
        return None
    if match["power"]:
        return Size(10.0 ** int(match["power"]), {})
    if match["number"]:
        return Size(float(match["number"]), {})
    if not match["unit"]:
        # What is counted, such as {cigarettes}, is no unit to UCUM, but packs are no cigarettes.
        return Size(1.0, {match["annotation"]: 1} if match["annotation"] else {})
    base = _base(match["unit"])
    exponent = int(match["exponent"] or 1)
    if base is None:
        return None
    return Size(base.factor**exponent, {name: power * exponent for name, power in base.dimensions.items()})


def _base(unit: str) -> Size | None:
    if unit in _PLAIN:
        return Size(*_PLAIN[unit])
    for prefix, multiple in _PREFIXES.items():
        if unit.startswith(prefix) and unit[len(prefix) :] in _METRIC:
            factor, dimensions = _METRIC[unit[len(prefix) :]]
            return Size(multiple * factor, dimensions)
    return None


def wrong_factor(canonical: str, other: str, factor: float) -> str | None:
    """Return what is wrong with ``value in other × factor = value in canonical``, or None.

    Units of different dimension are not judged, because a molar mass or an assay may lie between them.
    """
    target, origin = size(canonical), size(other)
    if target is None or origin is None or target.dimensions != origin.dimensions:
        return None
    expected = origin.factor / target.factor
    if abs(factor - expected) <= 0.01 * expected:
        return None
    return f"1 {other} is {expected:.6g} {canonical}, not {factor:g}"
