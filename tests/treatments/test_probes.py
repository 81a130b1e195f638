"""An examination of the advice on treatments: patients read from labels and guidelines, not from the rules.

Each probe under ``probes/`` says of one patient and one treatment what a drug label or a guideline says:
that it is to be avoided, that it waits for an answer, that it needs care, or that it is right. At least a
third are right: who warns of everything fails.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from precollapse.facts.build import Facts
from tests.facts.people import KNOWLEDGE, evaluated
from tests.treatments.baseline import ACCEPTED, BASELINE, PROBES, Found, person_of, weighed

EXPECTED = {"avoid", "withheld", "caution", "acceptable"}
LISTED = (
    "ibuprofen",
    "naproxen",
    "celecoxib",
    "paracetamol",
    "tramadol",
    "duloxetine",
    "gabapentin",
    "intra-articular-corticosteroid",
    "alendronate",
    "zoledronic-acid",
    "teriparatide",
    "denosumab",
    "calcium-vitamin-d",
    "enoxaparin",
    "oral-anticoagulants",
    "direct-oral-anticoagulants",
    "statins",
    "iloprost",
    "lipid-and-blood-pressure-medicines",
    "supplement-calcium",
    "supplement-vitamin-d3",
    "supplement-vitamin-k2",
    "supplement-omega-3",
    "supplement-curcumin",
    "supplement-collagen",
    "supplement-magnesium",
    "supplement-vitamins-c-and-e",
    "supplement-protein",
    "supplement-combined-bone-formula",
    "electromagnetic-fields",
    "shock-waves",
    "hyperbaric-oxygen",
    "hydrotherapy",
    "heat-and-cold",
    "low-impact-exercise",
    "range-of-motion-exercises",
    "physiotherapy",
    "protected-weight-bearing",
    "weight-management",
    "alcohol-and-tobacco",
    "medicine-review",
    "core-decompression",
    "bone-grafting",
    "osteotomy",
    "hip-resurfacing",
    "total-hip-replacement",
    "marrow-concentrate",
    "cultured-cells-and-scaffolds",
    "bisphosphonate-with-decompression",
    "statin-with-anticoagulant",
)
# Nothing was read that would make these unsafe: they are only asked not to be warned of.
HARMLESS = {"protected-weight-bearing"}
FIELDS = {"id", "treatment", "facts", "left", "right", "unknown", "expect", "because", "source", "says"}


def mentions(because: Any, text: str) -> bool:
    wanted = because if isinstance(because, list) else [because]
    return any(str(word).casefold() in text.casefold() for word in wanted)


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe["id"])
def test_probe(probe: dict[str, Any]) -> None:
    assert probe["treatment"] in KNOWLEDGE.treatments, f"there is no treatment {probe['treatment']}"
    found = weighed()[probe["id"]]
    CHECKS[probe["expect"]](probe, found)


def avoided(probe: dict[str, Any], found: Found) -> None:
    assert found.state == "avoid", told(probe, found)
    assert mentions(probe["because"], found.told("avoid")), told(probe, found)


def withheld(probe: dict[str, Any], found: Found) -> None:
    assert found.state in ("held back", "only if"), told(probe, found)
    waits = " / ".join(text for effect, text in found.unknown if effect == "avoid")
    assert mentions(probe["because"], waits), told(probe, found)


def cautioned(probe: dict[str, Any], found: Found) -> None:
    assert found.state not in ("avoid", "not considered"), told(probe, found)
    assert mentions(probe["because"], found.told("caution", "dose", "timing")), told(probe, found)


def accepted(probe: dict[str, Any], found: Found) -> None:
    assert found.state in ACCEPTED or found.waits_for_trial, told(probe, found)


CHECKS = {"avoid": avoided, "withheld": withheld, "caution": cautioned, "acceptable": accepted}


def told(probe: dict[str, Any], found: Found) -> str:
    waiting = [text for effect, text in found.unknown if effect == "avoid"]
    return (
        f"{probe['treatment']}: {probe['says']}\n"
        f"Expected {probe['expect']} ({probe.get('because')}), found {found.state}.\n"
        f"Holds: {list(found.holds)}\nUnknown: {waiting}\nSource: {probe['source']}"
    )


def test_there_are_enough_and_a_third_are_acceptable() -> None:
    count = Counter(probe["expect"] for probe in PROBES)
    assert set(count) == EXPECTED
    assert len(PROBES) >= 250
    assert count["acceptable"] >= len(PROBES) / 3


def test_ids_are_unique_and_fields_known() -> None:
    assert [name for name, n in Counter(probe["id"] for probe in PROBES).items() if n > 1] == []
    for probe in PROBES:
        assert set(probe) <= FIELDS, probe["id"]
        assert probe["says"], probe["id"]
        assert probe["expect"] == "acceptable" or probe["because"], probe["id"]
        assert probe["expect"] != "withheld" or probe["unknown"], probe["id"]


def test_every_probe_has_a_source_that_can_be_looked_up() -> None:
    assert [
        p["id"] for p in PROBES if not re.search(r"https?://\S+\.\w+|doi\.org/10\.|doi:10\.", p["source"])
    ] == []


def test_every_fact_is_one_that_can_be_recorded() -> None:
    for probe in PROBES:
        for part, level in (("facts", "patient"), ("left", "hip"), ("right", "hip")):
            for fact in probe.get(part, ()):
                assert fact in KNOWLEDGE.concepts, f"{probe['id']}: {fact}"
                assert KNOWLEDGE.concepts[fact].level == level, f"{probe['id']}: {fact}"
        assert set(probe.get("unknown", ())) <= set(KNOWLEDGE.concepts), probe["id"]


@pytest.mark.parametrize("treatment", LISTED)
def test_each_treatment_is_right_for_somebody_and_wrong_for_somebody(treatment: str) -> None:
    expected = {probe["expect"] for probe in PROBES if probe["treatment"] == treatment}
    assert "acceptable" in expected
    assert treatment in HARMLESS or expected - {"acceptable"}


def test_settings_belong_to_probed_treatments() -> None:
    assert set(BASELINE["settings"]) <= {probe["treatment"] for probe in PROBES}


@pytest.fixture(scope="module")
def patients() -> Facts:
    return evaluated(*(person_of(probe) for probe in PROBES))[0]


def test_no_patient_contradicts_itself(patients: Facts) -> None:
    conflicts = patients.long.filter(patients.long["why_unknown"] == "conflicting")
    assert [(PROBES[row["person"]]["id"], row["concept"]) for row in conflicts.iter_rows(named=True)] == []
