"""How values of a plot are written: two significant figures, rates and probabilities in percent."""

from __future__ import annotations

import math

from precollapse.evidence.fitted import Estimate
from precollapse.views import numbers
from precollapse.views.plots.model import Scale


def tick_label(value: float, scale: Scale) -> str:
    """Return a value under the axis."""
    return f"{value if scale == 'ratio' else 100 * value:g}"


def value_words(value: float, scale: Scale) -> str:
    """Return a value with two significant figures, of rates and probabilities in percent without the sign."""
    if math.isinf(value):
        return "unbounded"
    if scale == "probability":
        return numbers.percent(value).removesuffix(" %")
    shown = value if scale == "ratio" else 100 * value
    return numbers.plain(float(f"{shown:.2g}"))


def estimate_words(estimate: Estimate | None, scale: Scale) -> str:
    """Return an estimate with its interval: ``0.45 (0.21 to 0.97)``."""
    if estimate is None:
        return "not estimated"
    return f"{value_words(estimate.value, scale)} ({interval_words(estimate, scale)})"


def interval_words(estimate: Estimate, scale: Scale) -> str:
    """Return an interval: ``0.21 to 0.97``."""
    return f"{value_words(estimate.low, scale)} to {value_words(estimate.high, scale)}"


def p_words(p: float) -> str:
    """Return a p value: ``p 0.012``, or ``p < 0.001`` below what is worth telling apart."""
    return "p < 0.001" if p < 0.001 else f"p {p:.2g}"
