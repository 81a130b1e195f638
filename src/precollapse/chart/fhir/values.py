"""Decodes the value of an observation, of whatever type: what stands there, not yet what it means.

What coded and worded answers, flags and reasons for absence mean stands in the knowledge (``answers.yaml``).
"""

from __future__ import annotations

import math
from typing import Any

import msgspec
from msgspec import Raw

from precollapse.chart.codes import Hits, plain_code, system_of
from precollapse.chart.compiled import once_per_knowledge
from precollapse.chart.fhir.coding import Meaning, Meanings
from precollapse.chart.fhir.datatypes import (
    NOTHING,
    CodeableConcept,
    Component,
    Period,
    Quantity,
    Range,
    Ratio,
    decoded,
    listed,
)
from precollapse.chart.fhir.resources import Observation
from precollapse.chart.model import Side
from precollapse.chart.quantities import WrittenNumber, read_number
from precollapse.chart.text import TextHit
from precollapse.knowledge.bundle import Knowledge

LONGEST_SAID = 120
LONGEST_WORDS = 5_000

_QUANTITY = msgspec.json.Decoder(Quantity | None)


class Value(msgspec.Struct, frozen=True):
    """What stands beside a code; everything may be missing."""

    numbers: tuple[WrittenNumber, ...] = ()  # one, or the two ends of a range
    units: tuple[str, ...] = ()  # all spellings of the unit
    hits: Hits = ()
    codes: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    answer: str | None = None  # yes | no | unknown
    flag: str | None = None  # yes | no | unknown, from the interpretation
    flag_words: tuple[str, ...] = ()
    absence: str | None = None
    date: str | None = None
    side: Side | None = None
    said: str | None = None

    @property
    def empty(self) -> bool:
        """Whether there is no value of any kind; a flag alone is a value."""
        return not (self.numbers or self.codes or self.words or self.answer or self.flag or self.date)


class Answers:
    """What answers mean. Use ``Answers.of(knowledge)``."""

    def __init__(self, knowledge: Knowledge) -> None:
        table: dict[str, Any] = knowledge.answers
        self.codes = {
            (code["system"], plain_code(code["system"], str(code["code"]))): str(code["means"])
            for code in table["codes"]
        }
        self.words = {word: str(means) for means, words in table["words"].items() for word in words}
        self.flags = {flag["code"]: flag for flag in table["interpretations"]}
        self.absences: dict[str, str] = table["data_absent_reasons"]

    @staticmethod
    def of(knowledge: Knowledge) -> Answers:
        """Return the answers of a knowledge, built once."""
        return _answers(knowledge)

    def in_words(self, words: str) -> str | None:
        """Return yes, no or unknown for an answer that is one of the listed words."""
        return self.words.get(words.strip().lower().rstrip("."))

    def in_codings(self, codings: tuple[tuple[str | None, str | None], ...]) -> str | None:
        """Return yes, no or unknown for a coded answer."""
        for uri, code in codings:
            system = system_of(uri) or ("hl7_yes_no" if (uri or "").endswith("v2-0136") else None)
            if system and code:
                means = self.codes.get((system, plain_code(system, code)))
                if means is not None:
                    return means
        return None


@once_per_knowledge
def _answers(knowledge: Knowledge) -> Answers:
    return Answers(knowledge)


class ValueDecoder:
    """Decodes values with one knowledge."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.meanings = Meanings.of(knowledge)
        self.answers = Answers.of(knowledge)

    def value_of(self, source: Observation | Component) -> Value:
        """Decode the value of an observation or of one of its components."""
        plain = source.data_absent_reason is NOTHING and source.interpretation is NOTHING
        if plain and source.value_quantity is not NOTHING:
            quantity = _QUANTITY.decode(source.value_quantity)
            return Value() if quantity is None or quantity.value is None else value_of_quantity(quantity)
        fields = self._fields(source)
        if source.data_absent_reason is not NOTHING:
            fields["absence"] = self._absence(source.data_absent_reason)
        if source.interpretation is not NOTHING:
            fields.update(self._flag(source.interpretation))
        return Value(**fields)

    def _fields(self, source: Observation | Component) -> dict[str, Any]:
        for name, read in _VALUE_READERS.items():
            raw: Raw = getattr(source, name)
            if raw is not NOTHING:
                fields: dict[str, Any] = read(self, raw)
                return fields
        return {}

    def value_of_text(self, hit: TextHit) -> Value:
        """Return the number that stands beside a phrase in a text."""
        units = (hit.unit,) if hit.unit else ()
        if hit.low is not None and hit.high is not None:
            ends = (WrittenNumber(hit.low, hit.unit, None), WrittenNumber(hit.high, hit.unit, None))
            return Value(numbers=ends, units=units)
        if hit.number is None:
            return Value(words=(hit.words,))
        return Value(numbers=(WrittenNumber(hit.number, hit.unit, hit.comparator),), units=units)

    def _quantity(self, raw: Raw) -> dict[str, Any]:
        quantity = decoded(raw, Quantity)
        if quantity is None or quantity.value is None:
            return {}
        value = value_of_quantity(quantity)
        return {"numbers": value.numbers, "units": value.units, "said": value.said}

    def _concept(self, raw: Raw) -> dict[str, Any]:
        return self.concept_fields(self.meanings.of_raw(raw, "value"))

    def concept_fields(self, meaning: Meaning) -> dict[str, Any]:
        """Give the fields of a coded value."""
        answer = self.answers.in_codings(meaning.codings)
        if answer is None:
            answer = next((found for word in meaning.words if (found := self.answers.in_words(word))), None)
        side = meaning.side or self.meanings.sides.in_text(" ".join(meaning.words))
        return {
            "hits": meaning.hits, "codes": tuple(code for _, code in meaning.codings if code),
            "words": meaning.words, "answer": answer, "side": side, "said": meaning.label,
        }  # fmt: skip

    def _string(self, raw: Raw) -> dict[str, Any]:
        return self.text_fields(decoded(raw, str) or "")

    def text_fields(self, text: str) -> dict[str, Any]:
        """Give the fields of a value in words."""
        plain = text.strip()
        if not plain:
            return {}
        fields: dict[str, Any] = {"words": (plain[:LONGEST_WORDS],), "said": plain[:LONGEST_SAID]}
        written = read_number(plain)
        if written is not None:
            fields.update(numbers=(written,), units=(written.unit,) if written.unit else ())
        fields["answer"] = self.answers.in_words(plain)
        return fields

    def _boolean(self, raw: Raw) -> dict[str, Any]:
        yes = decoded(raw, bool)
        return {"answer": "yes" if yes else "no", "said": "true" if yes else "false"}

    def _integer(self, raw: Raw) -> dict[str, Any]:
        number = decoded(raw, int)
        return {} if number is None else number_fields(float(number))

    def _range(self, raw: Raw) -> dict[str, Any]:
        ends = decoded(raw, Range) or Range()
        if ends.low is None and ends.high is None:
            return {}
        low = ends.low.value if ends.low and ends.low.value is not None else -math.inf
        high = ends.high.value if ends.high and ends.high.value is not None else math.inf
        unit = ends.low or ends.high or Quantity()
        units = tuple(dict.fromkeys(filter(None, (unit.code, unit.unit))))
        numbers = (WrittenNumber(low, unit.unit, None), WrittenNumber(high, unit.unit, None))
        return {"numbers": numbers, "units": units, "said": f"{low:g} to {high:g} {unit.unit or ''}".strip()}

    def _ratio(self, raw: Raw) -> dict[str, Any]:
        ratio = decoded(raw, Ratio) or Ratio()
        top, bottom = ratio.numerator or Quantity(), ratio.denominator or Quantity()
        if top.value is None or not bottom.value:
            return {}
        said = f"{top.value:g} {top.unit or ''} / {bottom.value:g} {bottom.unit or ''}"
        fields: dict[str, Any] = {"said": " ".join(said.split()), "words": (said,)}
        if top.unit and bottom.unit:
            unit = f"{top.code or top.unit}/{bottom.code or bottom.unit}"
            fields.update(numbers=(WrittenNumber(top.value / bottom.value, unit, None),), units=(unit,))
        return fields

    def _date(self, raw: Raw) -> dict[str, Any]:
        written = decoded(raw, str)
        return {"date": written, "said": written}

    def _period(self, raw: Raw) -> dict[str, Any]:
        period = decoded(raw, Period) or Period()
        return {"date": period.start, "said": period.start}

    def _other(self, raw: Raw) -> dict[str, Any]:
        said = "a series of samples or a time of day"
        return {"words": (said,), "said": said}

    def _absence(self, raw: Raw) -> str | None:
        concept = decoded(raw, CodeableConcept)
        if concept is None:
            return None
        for coding in concept.coding or ():
            if coding.code and coding.code in self.answers.absences:
                return self.answers.absences[coding.code]
        said = concept.words[0].lower().replace(" ", "-") if concept.words else ""
        return self.answers.absences.get(said, "not_asked")

    def _flag(self, raw: Raw) -> dict[str, Any]:
        for concept in listed(raw, CodeableConcept):
            for coding in concept.coding or ():
                flag = self.answers.flags.get((coding.code or "").upper())
                if flag is not None:
                    words = tuple(filter(None, (flag["display"].lower(), flag.get("level"))))
                    return {"flag": str(flag["means"]), "flag_words": words}
            for word in concept.words:
                means = self.answers.in_words(word)
                if means is not None:
                    return {"flag": means, "flag_words": (word.lower(),)}
        return {}


def value_of_quantity(quantity: Quantity) -> Value:
    """Return the value that a quantity with a number is."""
    value = quantity.value if quantity.value is not None else math.nan
    code, unit = quantity.code, quantity.unit
    written = code or unit
    units = () if written is None else (written, unit) if unit and unit != written else (written,)
    said = f"{quantity.comparator or ''}{value:.10g} {unit or code or ''}"
    number = WrittenNumber(value, unit, quantity.comparator)
    return Value(numbers=(number,), units=units, said=said.strip()[:LONGEST_SAID])


def number_fields(number: float) -> dict[str, Any]:
    """Give the fields of a number without a unit."""
    return {"numbers": (WrittenNumber(number, None, None),), "said": f"{number:.10g}"}


_VALUE_READERS: dict[str, Any] = {
    "value_quantity": ValueDecoder._quantity,
    "value_codeable_concept": ValueDecoder._concept,
    "value_string": ValueDecoder._string,
    "value_boolean": ValueDecoder._boolean,
    "value_integer": ValueDecoder._integer,
    "value_range": ValueDecoder._range,
    "value_ratio": ValueDecoder._ratio,
    "value_date_time": ValueDecoder._date,
    "value_period": ValueDecoder._period,
    "value_time": ValueDecoder._other,
    "value_sampled_data": ValueDecoder._other,
}
