"""FHIR R4 data types inside resources, decoded only where they are needed.

Numbers keep what strict JSON gives; text where a number belongs fails and is listed as unreadable.
"""

from __future__ import annotations

from types import GenericAlias
from typing import Any, TypeVar

import msgspec
from msgspec import Raw

T = TypeVar("T")

# The one value of every absent field; an explicit null decodes to the same as absence.
NOTHING = Raw(b"null")


class _Type(msgspec.Struct, gc=False, rename="camel", kw_only=True):
    """Common settings: camel case, unknown fields skipped."""


class Coding(_Type, gc=False):
    """A code of a terminology."""

    system: str | None = None
    code: str | None = None
    display: str | None = None


class CodeableConcept(_Type, gc=False):
    """Something said by codes, by words, or by both."""

    coding: list[Coding] | None = None
    text: str | None = None

    @property
    def first_code(self) -> str | None:
        """The code of the first coding that has one; enough for the status value sets of FHIR."""
        return next((coding.code for coding in self.coding or () if coding.code), None)

    @property
    def words(self) -> tuple[str, ...]:
        """All words, the author's own first."""
        displays = (coding.display for coding in self.coding or ())
        return tuple(dict.fromkeys(word for word in (self.text, *displays) if word))


class Identifier(_Type, gc=False):
    """A business identifier."""

    system: str | None = None
    value: str | None = None


class Reference(_Type, gc=False):
    """A pointer to another resource."""

    reference: str | None = None
    type: str | None = None
    identifier: Identifier | None = None
    display: str | None = None


class Quantity(_Type, gc=False):
    """A number with its unit."""

    value: float | None = None
    comparator: str | None = None
    unit: str | None = None
    code: str | None = None


class Range(_Type, gc=False):
    """Two ends of a range."""

    low: Quantity | None = None
    high: Quantity | None = None


class Ratio(_Type, gc=False):
    """One quantity per another."""

    numerator: Quantity | None = None
    denominator: Quantity | None = None


class Period(_Type, gc=False):
    """Two dates; both may be missing."""

    start: str | None = None
    end: str | None = None


class Repeat(_Type, gc=False):
    """When a dose is repeated."""

    bounds_duration: Quantity | None = None
    bounds_range: Range | None = None
    bounds_period: Period | None = None
    count: float | None = None
    count_max: float | None = None
    duration: float | None = None
    duration_unit: str | None = None
    frequency: float | None = None
    frequency_max: float | None = None
    period: float | None = None
    period_max: float | None = None
    period_unit: str | None = None
    day_of_week: list[str] | None = None
    time_of_day: list[str] | None = None
    when: list[str] | None = None


class Timing(_Type, gc=False):
    """When something is taken."""

    event: list[str] | None = None
    repeat: Repeat | None = None
    code: CodeableConcept | None = None


class DoseAndRate(_Type, gc=False):
    """How much is taken, or how fast."""

    type: CodeableConcept | None = None
    dose_quantity: Quantity | None = None
    dose_range: Range | None = None
    rate_quantity: Quantity | None = None
    rate_range: Range | None = None
    rate_ratio: Ratio | None = None


class Dosage(DoseAndRate, gc=False):
    """Directions; the fields of ``DoseAndRate`` stand here in administrations and old versions."""

    sequence: int | None = None
    text: str | None = None
    patient_instruction: str | None = None
    timing: Timing | None = None
    as_needed_boolean: bool | None = None
    as_needed_codeable_concept: CodeableConcept | None = None
    site: CodeableConcept | None = None
    route: CodeableConcept | None = None
    dose: Quantity | None = None
    dose_and_rate: list[DoseAndRate] | None = None
    max_dose_per_period: Ratio | list[Ratio] | None = None
    max_dose_per_administration: Quantity | None = None


class DispenseRequest(_Type, gc=False):
    """What the pharmacy shall hand over."""

    validity_period: Period | None = None
    number_of_repeats_allowed: float | None = None
    quantity: Quantity | None = None
    expected_supply_duration: Quantity | None = None


class Ingredient(_Type, gc=False):
    """One substance of a product."""

    item_codeable_concept: CodeableConcept | None = None
    item_reference: Reference | None = None
    strength: Ratio | None = None


class Component(_Type, gc=False):
    """One of several results of an observation, or an answer of a form in the same shape."""

    code: Raw = NOTHING
    value_quantity: Raw = NOTHING
    value_codeable_concept: Raw = NOTHING
    value_string: Raw = NOTHING
    value_boolean: Raw = NOTHING
    value_integer: Raw = NOTHING
    value_range: Raw = NOTHING
    value_ratio: Raw = NOTHING
    value_date_time: Raw = NOTHING
    value_period: Raw = NOTHING
    value_time: Raw = NOTHING
    value_sampled_data: Raw = NOTHING
    data_absent_reason: Raw = NOTHING
    interpretation: Raw = NOTHING


class Answer(_Type, gc=False):
    """One answer of a form."""

    value_boolean: bool | None = None
    value_decimal: float | None = None
    value_integer: int | None = None
    value_date: str | None = None
    value_date_time: str | None = None
    value_string: str | None = None
    value_coding: Coding | None = None
    value_quantity: Quantity | None = None
    item: list[Item] | None = None


class Item(_Type, gc=False):
    """One question of a form."""

    link_id: str | None = None
    definition: str | None = None
    text: str | None = None
    answer: list[Answer] | None = None
    item: list[Item] | None = None


class RelativeCondition(_Type, gc=False):
    """A disease of a relative."""

    code: CodeableConcept | None = None


class Reaction(_Type, gc=False):
    """One reaction to a substance."""

    substance: CodeableConcept | None = None
    manifestation: Raw = NOTHING


class Series(_Type, gc=False):
    """One series of images."""

    body_site: Coding | None = None
    modality: Coding | None = None


class Extension(_Type, gc=False):
    """A field that FHIR itself does not have; only those by which an entry replaces another are used."""

    url: str | None = None
    value_code: str | None = None
    value_reference: Reference | None = None


# Typed loosely: a decoder's type is known only when it is made.
_DECODERS: dict[Any, Any] = {}


def decoded(raw: Raw, kind: type[T]) -> T | None:
    """Decode a field; None when it is absent.

    Raises
    ------
    msgspec.DecodeError
        When it has another form than ``kind``.
    """
    decoder = _DECODERS.get(kind)
    if decoder is None:
        decoder = _DECODERS[kind] = msgspec.json.Decoder(kind | None)
    value: T | None = decoder.decode(raw)
    return value


def listed(raw: Raw, kind: type[T]) -> list[T]:
    """Decode a field that should be a list and may be a single element."""
    key = (list, kind)
    decoder = _DECODERS.get(key)
    if decoder is None:
        one_or_many: Any = GenericAlias(list, (kind,)) | kind | None
        decoder = _DECODERS[key] = msgspec.json.Decoder(one_or_many)
    value: list[T] | T | None = decoder.decode(raw)
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
