"""How numbers are printed: never more precise than they are, and no probability without its interval."""

from __future__ import annotations

import math
import re

from precollapse.assessment.model import Estimate, Interval

SMALLEST = 1e-5  # below a thousandth of a percent nothing can be told apart
LARGEST = 0.995
_SMALL_ENOUGH_FOR_ONE_IN = 0.01


def percent(probability: float) -> str:
    """Return a probability in percent with one or two significant figures: ``38 %``, ``0.009 %``."""
    if math.isnan(probability):
        return "unknown"
    if 0 < probability < SMALLEST:
        return "< 0.001 %"
    if LARGEST <= probability < 1:
        return "> 99 %"
    return f"{_rounded(probability)} %"


def _rounded(probability: float) -> str:
    value = 100 * probability
    figures = 1 if value < 0.1 else 2
    if value == 0:
        return "0"
    decimals = max(0, figures - 1 - math.floor(math.log10(value)))
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def span(interval: Interval) -> str:
    """Return an interval in percent: ``21 to 58 %``; a bound of an open interval is never certain."""
    low, high = interval.low, interval.high
    if low < high:
        low, high = max(low, SMALLEST / 2), min(high, 1 - SMALLEST)
    return f"{percent(low).removesuffix(' %')} to {percent(high)}"


def one_in(probability: float) -> str | None:
    """Return a small probability as ``1 in 11,000``, or None when percent says it better."""
    if not SMALLEST <= probability < _SMALL_ENOUGH_FOR_ONE_IN:
        return None
    people = 1 / probability
    step = 10 ** (math.floor(math.log10(people)) - 1)
    return f"1 in {round(people / step) * step:,}"


def estimate(value: Estimate) -> str:
    """Return an estimate with its interval; without an interval no value is printed."""
    if value.interval is None:
        return "not estimated"
    if value.value is None:
        return f"between {span(value.interval).replace(' to ', ' and ')}"
    small = one_in(value.value)
    likely = f"{percent(value.value)}, {small}" if small else percent(value.value)
    return f"{likely} ({span(value.as_recorded or value.interval)})"


def while_open(value: Estimate) -> str | None:
    """Return the interval that what nobody recorded leaves open, if it differs from the printed one."""
    if value.interval is None or value.as_recorded is None or span(value.as_recorded) == span(value.interval):
        return None
    return span(value.interval)


def plain(number: float) -> str:
    """Return a measured number as people write it: up to four significant figures, no exponent."""
    if math.isinf(number) or math.isnan(number):
        return "unknown"
    if number == 0:
        return "0"
    decimals = max(0, 3 - math.floor(math.log10(abs(number))))
    text = f"{number:,.{min(decimals, 6)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


# How people write a unit that UCUM spells in its own way.
_SAID = {
    "a": "years",
    "mo": "months",
    "d": "days",
    "h": "hours",
    "deg": "°",
    "Cel": "°C",
    "mm[Hg]": "mmHg",
    "1": "",
}


def unit(ucum: str) -> str:
    """Return a unit as people write it: ``years`` for ``a``, ``mg/day`` for ``mg/d``."""
    if ucum in _SAID:
        return _SAID[ucum]
    said = re.sub(r"\{1\.73_m2\}", "1.73 m²", ucum)
    said = re.sub(r"[\[\]{}]|'U", "", said)
    return re.sub(r"/(d|wk|h)$", lambda per: f"/{_PER[per[1]]}", said)


_PER = {"d": "day", "wk": "week", "h": "hour"}


def ratio(value: float, interval: Interval | None) -> str:
    """Return a ratio with its interval: ``× 2.1 (1.3 to 3.4)``."""
    said = f"× {value:.2g}" if 0.001 < value < 100 else f"× {plain(value)}"
    if interval is None:
        return f"{said} (no interval given)"
    return f"{said} ({plain(float(f'{interval.low:.2g}'))} to {plain(float(f'{interval.high:.2g}'))})"


def figure(value: float, interval: Interval | None, unit: str) -> str:
    """Return a published number with its interval; shares and yearly rates in percent."""
    if unit in {"1", "/a"} and value <= 1:
        per = " a year" if unit == "/a" else ""
        return f"{percent(value)}{per} ({span(interval) if interval else 'no interval given'})"
    bounds = f"{plain(interval.low)} to {plain(interval.high)}" if interval else "no interval given"
    return f"{plain(value)} {'' if unit == '1' else unit} ({bounds})".replace("  ", " ")


def share(value: float | None) -> str:
    """Return a share among causes, rounded to five percent because it is no measurement."""
    if value is None or math.isnan(value):
        return ""
    if value < 0.025:
        return "less than 5 %"
    return f"about {5 * round(20 * value)} %"
