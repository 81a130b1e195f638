"""Which product an entry about a medicine means: coded, worded, contained, or elsewhere in the record."""

from __future__ import annotations

from dataclasses import dataclass, replace

from msgspec import Raw

from precollapse.chart.codes import Hits
from precollapse.chart.dosage import Amount, Strength, amount_of, strength_from_name
from precollapse.chart.fhir.coding import Meaning, Meanings
from precollapse.chart.fhir.datatypes import (
    NOTHING,
    CodeableConcept,
    Ingredient,
    Quantity,
    Ratio,
    Reference,
    decoded,
    listed,
)
from precollapse.chart.fhir.resources import Medicated, Medication
from precollapse.chart.product_names import product_name
from precollapse.knowledge.bundle import Knowledge


@dataclass(frozen=True, slots=True)
class Product:
    """A product: what it means, its names, and strengths by ingredient where the record gives them."""

    meaning: Meaning
    strengths: tuple[tuple[frozenset[str], Strength], ...] = ()

    @property
    def steroids(self) -> tuple[str, ...]:
        """Ids of the corticosteroids in it."""
        return tuple(dict.fromkeys(hit.concept for hit in self.meaning.hits if hit.corticosteroid))

    @property
    def key(self) -> str:
        """Code or name by which two orders are of the same product."""
        if self.meaning.codes:
            system, code = self.meaning.codes[0]
            return f"{system} {code}"
        return self.meaning.label.lower()

    @property
    def name(self) -> str | None:
        """Name by which two orders count as one product, whatever the strength."""
        words = self.meaning.words
        return product_name(words[0] if words else None, self.key or None)

    def strength(self, ingredient: str, knowledge: Knowledge) -> Strength | None:
        """Return the strength of one ingredient: as recorded, else from a name, else from the code's name."""
        for ingredients, strength in self.strengths:
            if ingredient in ingredients or (len(self.strengths) == 1 and not ingredients):
                return strength
        steroid = knowledge.corticosteroids[ingredient]
        names = (steroid.name, *steroid.synonyms)
        found = (strength_from_name(name, names) for name in self.names(ingredient, knowledge))
        return next((strength for strength in found if strength is not None), None)

    def names(self, ingredient: str, knowledge: Knowledge) -> tuple[str, ...]:
        """Return all names of the product: as recorded, and as the knowledge names its codes."""
        codes = knowledge.corticosteroids[ingredient].codes
        known: dict[tuple[str, str], str | None] = {(code.system, code.code): code.display for code in codes}
        displays = (known.get(code) for code in self.meaning.codes)
        return (*self.meaning.words, *(display for display in displays if display))


class DanglingError(Exception):
    """A reference to a product that is not in the record and has no words."""


def product_of(resource: Medicated, medications: dict[str, Medication], meanings: Meanings) -> Product:
    """Return the product of an order, dispense, administration or statement.

    Raises
    ------
    DanglingError
        When it refers to a product that is not in the record, without naming it.
    """
    if bytes(resource.medication_codeable_concept) != bytes(NOTHING):
        return Product(meanings.of_raw(resource.medication_codeable_concept, "medicine"))
    reference = decoded(resource.medication_reference, Reference)
    if reference is None:
        return Product(Meaning(reason="no value", label="no medicine is named"))
    medication = _referred(reference, resource.contained, medications)
    if medication is None:
        if not reference.display:
            raise DanglingError(reference.reference or "no reference")
        return Product(meanings.of_concept(CodeableConcept(text=reference.display), "medicine"))
    product = of_medication(medication, meanings)
    if not product.meaning.hits and reference.display:
        return Product(meanings.of_concept(CodeableConcept(text=reference.display), "medicine"))
    return product


def _referred(reference: Reference, contained: Raw, medications: dict[str, Medication]) -> Medication | None:
    pointer = reference.reference or ""
    if pointer.startswith("#"):
        return next((m for m in _contained(contained) if m.id in {pointer[1:], pointer}), None)
    return medications.get(pointer) or medications.get(medication_key(pointer))


def _contained(raw: Raw) -> list[Medication]:
    found = []
    for each in listed(raw, Raw):
        if b'"Medication"' in bytes(each):
            medication = decoded(each, Medication)
            if medication is not None:
                found.append(medication)
    return found


def medication_key(reference: str) -> str:
    """Return the bare id of a reference to a product."""
    if reference.startswith("urn:"):
        return reference
    return "Medication/" + reference.split("/_history/")[0].rstrip("/").split("/")[-1]


def of_medication(medication: Medication, meanings: Meanings) -> Product:
    """Return the product that a Medication resource describes."""
    meaning = meanings.of_raw(medication.code, "medicine")
    form = decoded(medication.form, CodeableConcept)
    strengths = []
    for ingredient in listed(medication.ingredient, Ingredient):
        concept = ingredient.item_codeable_concept or CodeableConcept(
            text=ingredient.item_reference.display if ingredient.item_reference else None
        )
        of_ingredient = meanings.of_concept(concept, "medicine")
        meaning = replace(meaning, hits=_united(meaning, of_ingredient))
        strength = _strength(ingredient.strength)
        if strength is not None:
            steroids = frozenset(hit.concept for hit in of_ingredient.hits if hit.corticosteroid)
            strengths.append((steroids, strength))
        if not meaning.label:
            meaning = replace(meaning, label=of_ingredient.label)
    if form is not None and form.words:
        meaning = replace(meaning, words=(*meaning.words, *form.words))
    return Product(meaning, tuple(strengths))


def _united(first: Meaning, second: Meaning) -> Hits:
    return tuple(dict.fromkeys((*first.hits, *second.hits)))


def _strength(ratio: Ratio | None) -> Strength | None:
    """Read "5 mg per tablet" or "40 mg per mL"."""
    if ratio is None or ratio.numerator is None or ratio.numerator.value is None:
        return None
    top = amount_of(
        ratio.numerator.value, ratio.numerator.value, ratio.numerator.code or ratio.numerator.unit
    )
    bottom = ratio.denominator
    unit = _amount(bottom) if bottom is not None and bottom.value else amount_of(1, 1, None)
    if top.kind != "mass" or top.low <= 0:
        return None
    if unit.kind == "volume":
        return Strength(None, top.low / unit.low)
    return Strength(top.low / unit.low) if unit.kind == "count" else None


def _amount(quantity: Quantity) -> Amount:
    value = quantity.value or 0.0
    return amount_of(value, value, quantity.code or quantity.unit)
