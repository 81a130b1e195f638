"""Turns drinks, units and answers about drinking into grams of alcohol a week.

Grams per drink and the meaning of questionnaire answers stand in the knowledge (``substances.yaml``). Where
a drink's size is not known, both ends are kept, never a middle.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from precollapse.chart.compiled import once_per_knowledge
from precollapse.chart.quantities import Quantity
from precollapse.knowledge.bundle import Knowledge

GRAMS = "alcohol_g_per_week"
DAYS_PER_WEEK = 7.0
_WEEKS_PER = {"d": 7.0, "day": 7.0, "wk": 1.0, "week": 1.0, "mo": 12 / 52.1775, "month": 12 / 52.1775}
_RATE = re.compile(r"^\{?(?P<what>[^/{}]*?)\}?\s*(?:/|per\s+|a\s+)\{?(?P<per>d|day|wk|week|mo|month)s?\}?$")
_IN_WORDS = re.compile(r"(?:per|a|each|/)\s*(?P<per>day|week|month)|(?P<adverb>daily|weekly|monthly)")
_ADVERBS = {"daily": "day", "weekly": "week", "monthly": "month"}


@dataclass(frozen=True, slots=True)
class Grams:
    """Grams of one drink: a figure, with both ends when its size is not certain."""

    name: str
    low: float
    high: float


class Alcohol:
    """What the knowledge says of drinks. Use ``Alcohol.of(knowledge)``."""

    def __init__(self, knowledge: Knowledge) -> None:
        table: dict[str, Any] = knowledge.substances["alcohol"]
        self.per: dict[str, Grams] = {}
        for name, figure in table["grams_per"].items():
            low, high = figure.get("interval") or (figure["value"], figure["value"])
            self.per[name] = Grams(name, float(low), float(high))
        self.words = {word: name for name, words in table["words"].items() for word in words}
        audit = table["audit_c"]
        self.frequency_question = str(audit["frequency_question"])
        self.quantity_question = str(audit["quantity_question"])
        self.questions = frozenset((self.frequency_question, self.quantity_question))
        self.frequency: dict[str, dict[str, Any]] = audit["frequency"]
        self.quantity: dict[str, dict[str, Any]] = audit["quantity"]
        self.counts = frozenset(map(str, table.get("quantity_codes", ())))  # questions that count drinks
        self.audit_drink = self.per[audit["grams_per"]]
        self.never = {code for code, answer in self.frequency.items() if not answer["high_days_per_week"]}

    @staticmethod
    def of(knowledge: Knowledge) -> Alcohol:
        """Return the table of a knowledge, built once."""
        return _alcohol(knowledge)

    def grams_per_week(self, number: float, unit: str | None, label: str) -> Quantity | None:
        """Turn a number of drinks into grams a week.

        Parameters
        ----------
        number, unit
            As recorded: ``3``, ``{drinks}/d``.
        label
            The name of the question, which tells the span when the unit does not ("drinks per day").

        Returns
        -------
        Quantity or None
            None when the unit is no count of drinks with a span of time.
        """
        written = (unit or "").strip().lower()
        match = _RATE.match(written)
        per = match["per"] if match else _span_in_words(label)
        what = match["what"].strip() if match else written.strip("{}")
        drink = self._drink(what, label)
        if per is None or drink is None or number < 0:
            return None
        weekly = number * _WEEKS_PER[per]
        low, high = weekly * drink.low, weekly * drink.high
        note = f"{drink.name.replace('_', ' ')}: {drink.low:g} to {drink.high:g} g each"
        return Quantity(low if low == high else None, low, high, note)

    def is_count(self, label: str) -> bool:
        """Tell whether the words of a question count drinks over a span: "alcoholic drinks per week"."""
        plain = label.lower()
        of_alcohol = "alcohol" in plain or "drink" in plain
        return of_alcohol and _span_in_words(plain) is not None and self._drink("", plain) is not None

    def _drink(self, what: str, label: str) -> Grams | None:
        named = self.words.get(what) or self.words.get(what.rstrip("s"))
        if named is None and what in {"", "1", "#"}:
            plain = label.lower()
            inside = [word for word in self.words if re.search(rf"\b{re.escape(word)}\b", plain)]
            named = self.words[max(inside, key=len)] if inside else None
        return None if named is None else self.per[named]

    def audit_bounds(self, frequency: str | None, quantity: str | None) -> tuple[float, float] | None:
        """Return both ends of grams a week from the answers to the first two questions of AUDIT-C."""
        days = self.frequency.get(frequency or "")
        if days is None:
            return None
        if frequency in self.never:
            return 0.0, 0.0
        drinks = self.quantity.get(quantity or "")
        if drinks is None:
            return None
        low = days["low_days_per_week"] * drinks["low_drinks_per_day"] * self.audit_drink.low
        high = days["high_days_per_week"] * drinks["high_drinks_per_day"] * self.audit_drink.high
        return float(low), float(high)


@once_per_knowledge
def _alcohol(knowledge: Knowledge) -> Alcohol:
    return Alcohol(knowledge)


@once_per_knowledge
def status_answers(knowledge: Knowledge) -> dict[str, dict[str, str]]:
    """Return, for drinking and smoking, which choice an answer code stands for."""
    return {
        "alcohol_use": {str(k): v for k, v in knowledge.substances["alcohol"]["status_answers"].items()},
        "smoking_status": {str(k): v for k, v in knowledge.substances["smoking"]["status_answers"].items()},
    }


def _span_in_words(label: str) -> str | None:
    match = _IN_WORDS.search(label.lower())
    if match is None:
        return None
    return match["per"] or _ADVERBS[match["adverb"]]
