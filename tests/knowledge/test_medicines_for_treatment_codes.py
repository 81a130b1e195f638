"""A code of a medicine says everything that its own name says: no class is lost because codes go first."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from precollapse.chart.codes import CodeIndex
from precollapse.chart.text import TextIndex
from precollapse.knowledge.load import load

KNOWLEDGE = load()
CODES, TEXT = CodeIndex.of(KNOWLEDGE), TextIndex.of(KNOWLEDGE)

NAMES_SAY_TOO_MUCH = {
    "B01AX05": {"heparin"},  # fondaparinux stands among the words of the heparins
    "J05AR18": {"tenofovir"},  # tenofovir alafenamide is not meant, but begins with the same word
    "J05AR22": {"tenofovir"},
}


def with_wider(names: Iterable[str]) -> set[str]:
    found: set[str] = set()
    open_ = list(names)
    while open_:
        name = open_.pop()
        if name not in found:
            found.add(name)
            concept = KNOWLEDGE.concepts.get(name)
            open_ += concept.implies if concept is not None else ()
    return found


@pytest.mark.pathway("D01", "D04", "D05", "D11", "D14", "U01", "U02")
def test_what_the_name_of_a_code_says_the_code_says_too() -> None:
    checked = 0
    for concept in (one for one in KNOWLEDGE.concepts.values() if one.medicine):
        for code in concept.codes:
            if code.system not in {"atc", "rxnorm"} or code.display is None:
                continue
            of_code = with_wider(hit.concept for hit in CODES.find(code.system, code.code))
            of_name = {
                hit.concept
                for hit in TEXT.read(code.display, in_list=True).hits
                if not hit.corticosteroid and not hit.absent and KNOWLEDGE.concepts[hit.concept].medicine
            }
            missing = of_name - of_code - NAMES_SAY_TOO_MUCH.get(code.code, set())
            assert not missing, f"{code.system} {code.code} {code.display} lacks {sorted(missing)}"
            checked += 1
    assert checked > 500


@pytest.mark.pathway("D01", "D05", "D11", "D14")
@pytest.mark.parametrize(
    ("code", "concepts"),
    [
        ("N02AJ16", {"tramadol", "opioid", "nsaid"}),
        ("C08CA51", {"calcium_channel_blocker", "nsaid"}),
        ("C10BX14", {"statin", "calcium_channel_blocker", "ace_inhibitor_or_arb"}),
        ("C07FX04", {"beta_blocker", "aspirin"}),
        ("M01AE52", {"nsaid", "proton_pump_inhibitor"}),
        ("J05AR14", {"hiv_protease_inhibitor", "cytochrome_3a4_booster", "strong_cyp3a4_inhibitor"}),
        ("C10BX01", {"simvastatin", "statin", "aspirin"}),
    ],
)
def test_a_combined_product_is_of_every_class_it_holds(code: str, concepts: set[str]) -> None:
    assert concepts <= with_wider(hit.concept for hit in CODES.find("atc", code))


@pytest.mark.pathway("D06", "D07")
def test_a_drip_is_no_bone_tablet() -> None:
    for code in ("M05BA08", "M05BB08", "M05BA06", "M05BA03"):
        found = with_wider(hit.concept for hit in CODES.find("atc", code))
        assert "bisphosphonate" in found
        assert "oral_bisphosphonate" not in found


@pytest.mark.pathway("D12")
def test_medicines_for_pulmonary_hypertension_are_no_blood_pressure_medicine() -> None:
    assert CODES.find("atc", "C02KX01") == ()
