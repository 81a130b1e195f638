"""Medicines and supplements that decide whether a treatment is safe: recognised, current, of every class."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from precollapse.chart.model import Chart
from precollapse.facts.build import Facts, build_facts
from precollapse.knowledge.load import load
from tests.chart import case_help
from tests.chart.fhir_fixtures.builders import (
    LOINC,
    RXNORM,
    Json,
    coded,
    medicated,
    observation,
    quantity,
    read,
    request,
    statements,
    worded,
)

DAY = date(2026, 11, 23)
ATC = "http://www.whocc.no/atc"


def facts_of(chart: Chart) -> Facts:
    return build_facts(chart, load(), DAY)


def truth(facts: Facts, concept: str) -> bool | None:
    if concept not in facts.table.truths:
        return None
    values = {int(each) for each in facts.table.truth(concept)}
    assert len(values) == 1
    return {1: True, -1: False, 0: None}[values.pop()]


def of_order(medicine: Json, **fields: Any) -> Facts:
    return facts_of(read(request(medicine, **fields)))


def of_case(*names: str | dict[str, Any]) -> Facts:
    return facts_of(case_help.read({"medications": list(names)}, DAY))


CODED = [
    pytest.param(coded(RXNORM, "161"), ["paracetamol"], marks=pytest.mark.pathway("D04")),
    pytest.param(coded(ATC, "N02AJ06"), ["paracetamol", "opioid"], marks=pytest.mark.pathway("D04")),
    pytest.param(coded(RXNORM, "10689"), ["tramadol", "opioid"], marks=pytest.mark.pathway("D05")),
    pytest.param(coded(ATC, "N02AX02"), ["tramadol", "opioid"], marks=pytest.mark.pathway("D05")),
    pytest.param(
        coded(RXNORM, "4493"), ["ssri", "strong_cyp2d6_inhibitor"], marks=pytest.mark.pathway("D05")
    ),
    pytest.param(coded(ATC, "N06AF03"), ["mao_inhibitor"], marks=pytest.mark.pathway("D05")),
    pytest.param(coded(ATC, "N02BF02"), ["gabapentinoid"], marks=pytest.mark.pathway("D16")),
    pytest.param(coded(ATC, "N06AX21"), ["duloxetine", "snri"], marks=pytest.mark.pathway("D16")),
    pytest.param(
        coded(ATC, "J01MA02"), ["quinolone_or_tetracycline", "strong_cyp1a2_inhibitor"],
        marks=pytest.mark.pathway("D16"),
    ),
    pytest.param(
        coded(ATC, "C09BA05"), ["ace_inhibitor_or_arb", "diuretic", "antihypertensive_medicine"],
        marks=pytest.mark.pathway("D01", "D14"),
    ),
    pytest.param(
        coded(ATC, "C08DA01"), ["calcium_channel_blocker", "verapamil_diltiazem_or_amiodarone"],
        marks=pytest.mark.pathway("D11"),
    ),
    pytest.param(coded(ATC, "C10AA01"), ["simvastatin", "statin"], marks=pytest.mark.pathway("D11")),
    pytest.param(
        coded(ATC, "J05AR10"), ["hiv_protease_inhibitor", "strong_cyp3a4_inhibitor"],
        marks=pytest.mark.pathway("D11"),
    ),
    pytest.param(
        coded(ATC, "L04AD02"), ["tacrolimus", "immunosuppressant", "nephrotoxic_medicine"],
        marks=pytest.mark.pathway("D07"),
    ),
    pytest.param(coded(ATC, "M05BA04"), ["oral_bisphosphonate", "bisphosphonate"],
                 marks=pytest.mark.pathway("D06")),
    pytest.param(
        coded(ATC, "M05BB03"), ["oral_bisphosphonate", "vitamin_d_supplement"],
        marks=pytest.mark.pathway("U02"),
    ),
    pytest.param(coded(ATC, "L01DC01"), ["bleomycin_ever"], marks=pytest.mark.pathway("P13")),
    pytest.param(coded(ATC, "A12CC10"), ["magnesium_supplement"], marks=pytest.mark.pathway("U07")),
]  # fmt: skip

WORDED = [
    pytest.param("Co-codamol 30 mg/500 mg tablets", ["paracetamol", "opioid"],
                 marks=pytest.mark.pathway("D04")),
    pytest.param("Zaldiar", ["paracetamol", "tramadol"], marks=pytest.mark.pathway("D05")),
    pytest.param("Sumatriptan 50 mg", ["triptan"], marks=pytest.mark.pathway("D05")),
    pytest.param("Zopiclone 7.5 mg", ["sedative"], marks=pytest.mark.pathway("D05", "P17")),
    pytest.param("Pregabalin 75 mg capsule", ["gabapentinoid"], marks=pytest.mark.pathway("D16")),
    pytest.param("Fluvoxamine 100 mg", ["ssri", "strong_cyp1a2_inhibitor"], marks=pytest.mark.pathway("D16")),
    pytest.param("Lithium 400 mg modified release", ["lithium"], marks=pytest.mark.pathway("D01")),
    pytest.param("Furosemide 40 mg", ["diuretic"], marks=pytest.mark.pathway("D07")),
    pytest.param("Clarithromycin 500 mg", ["strong_cyp3a4_inhibitor", "cytochrome_3a4_booster"],
                 marks=pytest.mark.pathway("D11")),
    pytest.param("Ciclosporin 100 mg", ["ciclosporin", "nephrotoxic_medicine"],
                 marks=pytest.mark.pathway("D07")),
    pytest.param("Calcium 500 mg / vitamin D3 400 IU", ["calcium_supplement", "vitamin_d_supplement"],
                 marks=pytest.mark.pathway("U01", "U02")),
    pytest.param("Vitamin K2 (MK-7) 100 mcg", ["vitamin_k_supplement"], marks=pytest.mark.pathway("U03")),
    pytest.param("Fish oil 1 g", ["omega_3_supplement"], marks=pytest.mark.pathway("U04")),
    pytest.param("Turmeric", ["curcumin_supplement"], marks=pytest.mark.pathway("U05")),
    pytest.param("Collagen", ["collagen_supplement"], marks=pytest.mark.pathway("U06")),
    pytest.param("Magnesium 300 mg", ["magnesium_supplement"], marks=pytest.mark.pathway("U07")),
    pytest.param("Vitamin C 1000 mg", ["vitamin_c_or_e_supplement"], marks=pytest.mark.pathway("U08")),
    pytest.param("Whey protein", ["protein_supplement"], marks=pytest.mark.pathway("U09")),
    pytest.param("Bone formula", ["bone_formula_supplement"], marks=pytest.mark.pathway("U10")),
    pytest.param("Iron 100 mg", ["oral_iron"], marks=pytest.mark.pathway("U01")),
]  # fmt: skip


@pytest.mark.parametrize(("medicine", "concepts"), CODED)
def test_an_active_order_with_a_code_is_every_class_its_code_belongs_to(
    medicine: Json, concepts: list[str]
) -> None:
    facts = of_order(medicine)
    assert {concept: truth(facts, concept) for concept in concepts} == dict.fromkeys(concepts, True)


@pytest.mark.parametrize(("words", "concepts"), WORDED)
def test_a_medicine_named_in_words_is_recognised_in_an_order_a_statement_and_a_case(
    words: str, concepts: list[str]
) -> None:
    taken = medicated("MedicationStatement", worded(words), status="active", effectiveDateTime="2026-11-01")
    for facts in (of_order(worded(words)), facts_of(read(taken)), of_case(words)):
        assert {concept: truth(facts, concept) for concept in concepts} == dict.fromkeys(concepts, True)


@pytest.mark.pathway("D05")
@pytest.mark.parametrize("words", ["Tramadol 50 mg", "Paracetamol 500 mg", "Omeprazole", "Magnesium 300 mg"])
def test_a_stopped_medicine_does_not_count_as_taken(words: str) -> None:
    concept = {"T": "tramadol", "P": "paracetamol", "O": "proton_pump_inhibitor", "M": "magnesium_supplement"}
    for facts in (
        of_order(worded(words), status="stopped"),
        of_order(worded(words), status="completed"),
        of_case({"name": words, "status": "stopped"}),
        of_case({"name": words, "end": "2026-09-01"}),
    ):
        assert truth(facts, concept[words[0]]) is not True


@pytest.mark.pathway("P13")
def test_bleomycin_counts_for_ever() -> None:
    for facts in (
        of_order(worded("Bleomycin"), status="completed"), of_case({"name": "bleomycin", "status": "stopped"})
    ):  # fmt: skip
        assert truth(facts, "bleomycin_ever") is True
        assert truth(facts, "cytotoxic_medicine") is False


@pytest.mark.pathway("D14")
def test_a_prescription_that_was_never_taken_is_no_medicine() -> None:
    assert truth(of_order(worded("Ramipril 5 mg"), status="cancelled"), "ace_inhibitor_or_arb") is None
    assert truth(of_case({"name": "ramipril", "status": "not taken"}), "ace_inhibitor_or_arb") is None


@pytest.mark.pathway("D16")
def test_who_takes_no_ciprofloxacin_may_take_another_antibiotic() -> None:
    facts = facts_of(case_help.read({"history": ["No ciprofloxacin. Does not take duloxetine."]}, DAY))
    assert truth(facts, "quinolone_or_tetracycline") is None
    assert truth(facts, "strong_cyp1a2_inhibitor") is None
    assert truth(facts, "duloxetine") is False
    assert truth(facts, "snri") is None


@pytest.mark.pathway("U01", "U07", "L05")
@pytest.mark.parametrize(
    ("test", "value", "supplement", "result"),
    [
        ("Calcium", "2.4 mmol/L", "calcium_supplement", "calcium"),
        ("Serum calcium", "9.6 mg/dL", "calcium_supplement", "calcium"),
        ("Magnesium", "0.8 mmol/L", "magnesium_supplement", "magnesium"),
        ("Vitamin D level", "18 ng/mL", "vitamin_d_supplement", "vitamin_d_25_hydroxy"),
        ("Vitamin D", "45 nmol/L", "vitamin_d_supplement", None),
        ("Vitamin D3", "18 ng/mL", "vitamin_d_supplement", None),
        ("Cholecalciferol", "18 ng/mL", "vitamin_d_supplement", None),
        ("Iron", "12 umol/L", "oral_iron", None),
        ("Iron deficiency", "present", "oral_iron", None),
        ("Lithium level", "0.8 mmol/L", "lithium", None),
        ("Protein S", "40 %", "protein_supplement", None),
    ],
)
def test_a_laboratory_value_is_never_a_supplement(
    test: str, value: str, supplement: str, result: str | None
) -> None:
    in_words = case_help.read({"history": [f"{test}: {value}"]}, DAY)
    in_a_case = case_help.read({"labs": [{"test": test, "value": value}]}, DAY)
    for chart in (in_words, in_a_case, read(observation(worded(test), valueString=value))):
        assert all(row["status"] == "unreadable" for row in statements(chart, supplement))
        assert truth(facts_of(chart), supplement) is None
    if result is not None:
        assert result in in_a_case.statements["concept"].to_list()


@pytest.mark.pathway("U01", "L05")
def test_calcium_measured_by_its_laboratory_code_stays_a_laboratory_value() -> None:
    measured = observation(coded(LOINC, "17861-6", "Calcium"), valueQuantity=quantity(9.6, "mg/dL"))
    chart = read(measured)
    facts = facts_of(chart)
    assert [row["value"] for row in statements(chart, "calcium")] == [9.6]
    assert truth(facts, "calcium_supplement") is None


@pytest.mark.pathway("U01", "U07")
@pytest.mark.parametrize(
    ("words", "concept", "salt"),
    [
        ("Atorvastatin calcium 20 mg", "statin", "calcium_supplement"),
        ("Esomeprazole magnesium 40 mg", "proton_pump_inhibitor", "magnesium_supplement"),
        ("Nadroparin calcium", "heparin", "calcium_supplement"),
        ("Calcium channel blocker", "calcium_channel_blocker", "calcium_supplement"),
        ("Aluminium hydroxide / magnesium hydroxide", "antacid", "magnesium_supplement"),
    ],
)
def test_the_salt_of_another_medicine_is_no_supplement(words: str, concept: str, salt: str) -> None:
    for facts in (of_order(worded(words)), of_case(words)):
        assert truth(facts, concept) is True
        assert truth(facts, salt) is None


@pytest.mark.pathway("U03", "F03", "F05", "F10")
def test_diet_and_intake_are_answered_by_name() -> None:
    answers = {
        "vitamin_k_intake_changing": True,
        "protein_intake_low": False,
        "crash_diet": True,
        "calcium_intake_mg_per_day": 600,
        "wants_supplements": True,
    }
    facts = facts_of(case_help.read({"facts": answers}, DAY))
    assert truth(facts, "vitamin_k_intake_changing") is True
    assert truth(facts, "protein_intake_low") is False
    assert truth(facts, "crash_diet") is True
    assert truth(facts, "wants_supplements") is True
    assert np.nanmax(facts.table.low("calcium_intake_mg_per_day")) == 600
