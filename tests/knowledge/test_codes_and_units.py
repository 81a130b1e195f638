"""Check digits of terminologies, and sizes of UCUM units."""

from __future__ import annotations

import pytest

from precollapse.knowledge.checkdigits import mod10_holds, verhoeff_holds, what_is_wrong
from precollapse.knowledge.units import size, wrong_factor


@pytest.mark.parametrize("code", ["73211009", "22298006", "55464009", "698354004"])
def test_snomed_identifiers_pass_and_any_changed_digit_fails(code: str) -> None:
    assert verhoeff_holds(code)
    for place in range(len(code)):
        changed = code[:place] + str((int(code[place]) + 1) % 10) + code[place + 1 :]
        assert not verhoeff_holds(changed)


def test_snomed_identifiers_with_swapped_neighbours_fail() -> None:
    assert not verhoeff_holds("73211090")


@pytest.mark.parametrize("code", ["718-7", "2339-0", "72166-2", "LA33-6", "LA18976-3"])
def test_loinc_codes_and_answers_pass_and_a_wrong_digit_fails(code: str) -> None:
    assert mod10_holds(code)
    assert not mod10_holds(f"{code[:-1]}{(int(code[-1]) + 1) % 10}")


@pytest.mark.parametrize(
    ("system", "code"),
    [
        ("icd10cm", "M87.051"),
        ("icd10cm", "M87"), ("icd10cm", "Z96.64"), ("icd10", "M87.0"), ("icd9cm", "733.42"),
        ("icd9cm", "V43.64"), ("rxnorm", "8640"), ("atc", "H02AB"), ("atc", "H02AB07"), ("cvx", "140"),
        ("ucum", "mg/d"),
    ],
)  # fmt: skip
def test_well_formed_codes_pass(system: str, code: str) -> None:
    assert what_is_wrong(system, code) is None


@pytest.mark.parametrize(
    ("system", "code"),
    [
        ("icd10cm", "M8"), ("icd10cm", "m87"), ("icd10", "M87.051"), ("icd9cm", "7"), ("rxnorm", "08640"),
        ("atc", "H02AB7"), ("snomed", "12"), ("loinc", "718"),
    ],
)  # fmt: skip
def test_malformed_codes_are_refused(system: str, code: str) -> None:
    assert what_is_wrong(system, code)


@pytest.mark.parametrize(
    "unit",
    [
        "g/dL",
        "10*9/L",
        "mL/min/{1.73_m2}",
        "mm[Hg]",
        "[degF]",
        "{score}",
        "kg/m2",
        "/uL",
        "[GPL'U]/mL",
        "1",
        "%",
    ],
)
def test_ucum_units_are_known(unit: str) -> None:
    assert size(unit) is not None


@pytest.mark.parametrize("unit", ["mm/hr", "K/uL", "mL/min/1.73m2", "gramms", "g//L", "", "mg/"])
def test_other_spellings_are_not_taken_for_ucum(unit: str) -> None:
    assert size(unit) is None


@pytest.mark.parametrize(
    ("canonical", "other", "factor"),
    [
        ("g/dL", "g/L", 0.1),
        ("10*9/L", "/uL", 0.001),
        ("mm", "cm", 10),
        ("kg", "[lb_av]", 0.4536),
        ("a", "mo", 1 / 12),
    ],
)
def test_right_factors_pass_and_inverted_ones_do_not(canonical: str, other: str, factor: float) -> None:
    assert wrong_factor(canonical, other, factor) is None
    assert wrong_factor(canonical, other, 1 / factor)


def test_a_molar_mass_is_not_judged_here() -> None:
    assert wrong_factor("g/dL", "mmol/L", 1.6113) is None


def test_packs_are_not_cigarettes() -> None:
    assert wrong_factor("{cigarettes}/d", "{pack}/d", 20) is None
