"""By which name two orders are of the same product: its words without strength, amount and form.

"Paracetamol 500 mg tablets" renewed as "paracetamol 500mg tab" is one product; a brand and a generic are two,
and so are two brands: what matters is that the same substance may be taken twice without being noticed.
"""

from __future__ import annotations

from functools import lru_cache

from precollapse.chart.text_tokens import phrase

_UNITS = "mg g mcg ug µg μg ng ml l iu unit unt ie i.u meq mmol % hr h actuat hour day dose"
_FORMS = """
    tablet tab capsule cap caplet softgel pill lozenge sachet powder granule effervescent chewable
    dispersible soluble syrup solution suspension liquid elixir drop oral injection injectable ampoule vial
    syringe prefilled pen infusion suppository rectal patch transdermal system film coated delayed extended
    release modified prolonged er sr xr mr cr dr ec gastro resistant retard forte strength supplement
"""
_DIRECTIONS = """
    take taken of x by mouth po one two three four half once twice times daily od bd bid tds tid qds qid prn
    as needed required when at night morning evening noon bedtime meal with food every each week
    weekly month for max maximum up to
"""
_LEFT_OUT = frozenset(word for said in (_UNITS + " " + _FORMS + _DIRECTIONS).split() for word in phrase(said))
LONGEST_NAME = 200


@lru_cache(maxsize=20_000)
def product_name(words: str | None, code: str | None = None) -> str | None:
    """Return the name of a product from its words, or its code when the words say nothing.

    Parameters
    ----------
    words
        How the record names the product.
    code
        Terminology and code, for a record that gives no words.
    """
    named = [
        token
        for token in phrase((words or "")[:LONGEST_NAME])
        if token[0].isalnum() and not token[0].isdigit() and token not in _LEFT_OUT
    ]
    return " ".join(dict.fromkeys(named)) or code
