"""Hazards of the advice on treatment, shown on whole records and over all rules of the knowledge."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from precollapse.assess import assess_bytes
from precollapse.assessment.model import Assessment
from precollapse.engine.advice import advise
from precollapse.engine.options import arguments
from precollapse.facts.table import TRUE
from precollapse.knowledge.conditions import Found, leaves, parse
from precollapse.views.handout.content import _texts, handout_of
from tests.engine.cases import cases_of
from tests.facts.people import AS_OF, KNOWLEDGE, Person, evaluated, oral
from tests.treatments.made_up import SHOWN, assessed

MEDICINES = {"drug", "combination", "supplement"}


def _states(document: Assessment) -> dict[str, str]:
    found: dict[str, str] = {}
    for option in document.treatments.options:
        found.setdefault(option.id, option.state)
    return found


def _bundle(*resources: dict[str, Any]) -> bytes:
    patient = {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1970-01-01"}
    entries = [{"resource": one} for one in (patient, *resources)]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


def _of_patient(kind: str, **fields: Any) -> dict[str, Any]:
    subject = "patient" if kind == "AllergyIntolerance" else "subject"
    return {"resourceType": kind, "id": kind.lower(), subject: {"reference": "Patient/p"}, **fields}


PAIN = _of_patient(
    "Condition",
    clinicalStatus={"coding": [{"code": "active"}]},
    code={"text": "Pain in left hip"},
    recordedDate="2026-11-20",
)
WARFARIN = _of_patient(
    "MedicationRequest",
    status="active",
    intent="order",
    authoredOn="2026-11-01",
    medicationCodeableConcept={"text": "warfarin 5 mg tablet"},
)
ASPIRIN = _of_patient(
    "AllergyIntolerance", clinicalStatus={"coding": [{"code": "active"}]}, code={"text": "Aspirin"}
)


@pytest.mark.hazard("contraindication-missed")
def test_an_allergy_and_a_blood_thinner_of_a_record_reach_the_advice() -> None:
    plain = _states(assess_bytes(_bundle(PAIN), "r.json", as_of=AS_OF, today=AS_OF)[0])
    assert plain["naproxen"] == plain["ibuprofen"] == "only if"
    for resource in (WARFARIN, ASPIRIN):
        states = _states(assess_bytes(_bundle(PAIN, resource), "r.json", as_of=AS_OF, today=AS_OF)[0])
        assert states["naproxen"] == states["ibuprofen"] == "avoid"
        assert states["paracetamol"] != "avoid", "what is still right is not taken away"


@pytest.mark.hazard("unknown-taken-as-safe")
def test_of_a_hip_that_hurts_and_nothing_else_known_no_medicine_is_offered() -> None:
    document = assess_bytes(_bundle(PAIN), "r.json", as_of=AS_OF, today=AS_OF)[0]
    medicines = [one for one in document.treatments.options if one.kind in MEDICINES]
    assert medicines
    assert {one.state for one in medicines} <= {"only if", "held back", "avoid"}
    assert all(one.open_points for one in medicines if one.state != "avoid")


def _forbidding() -> Iterator[tuple[str, Any]]:
    """Every rule that forbids and asks nothing that the engine has to find first."""
    for treatment in KNOWLEDGE.treatments.values():
        for number, rule in enumerate(treatment.against):
            raw = rule.when if rule.unless is None else {"all": [rule.when, {"not": rule.unless}]}
            asks_findings = any(isinstance(leaf, Found) for leaf in leaves(parse(raw, treatment.id)))
            if rule.effect == "avoid" and not asks_findings:
                yield f"against:{treatment.id}:{number}", raw


@pytest.mark.hazard("rule-of-treatment-broken")
def test_every_contraindication_of_the_knowledge_can_forbid() -> None:
    rules = dict(_forbidding())
    assert len(rules) > 200
    people = [next(cases_of(name, raw)).person() for name, raw in rules.items()]
    facts, evaluation = evaluated(*people)
    truths = advise(facts.table, evaluation, KNOWLEDGE).truths
    left = {person: row for row, person in reversed(list(enumerate(facts.table.persons)))}
    silent = [name for who, name in enumerate(rules) if truths.table[left[who], truths.place[name]] != TRUE]
    assert not silent


@pytest.mark.hazard("combination-forgets-a-part")
def test_every_combination_of_the_knowledge_is_forbidden_with_each_of_its_parts() -> None:
    of_all = {one.treatment.id: one for one in arguments(KNOWLEDGE)}
    combined = [one for one in of_all.values() if one.treatment.combines]
    assert len(combined) >= 4
    for one in combined:
        own = {rule.entry.what for rule in one.rules if rule.forbids}
        for part in one.treatment.combines:
            assert {rule.entry.what for rule in of_all[part].rules if rule.forbids} <= own, one.treatment.id
    low_calcium = Person(
        {"calcium_corrected": 7.0, "age_years": 40.0}, left=SHOWN | {"radiograph_hip": "normal"}
    )
    states = _states(assessed(KNOWLEDGE, low_calcium))
    assert states["bisphosphonate-with-decompression"] == states["alendronate"] == "avoid"


@pytest.mark.hazard("handout-stops-medicine")
def test_the_handout_of_a_patient_on_cortisone_says_never_to_stop_it_alone() -> None:
    from datetime import date

    dose = oral(20.0, date(2026, 6, 1), date(2026, 11, 22))
    person = Person({"age_years": 34.0}, left={"hip_pain": True}, doses=[dose])
    told = " ".join(_texts(handout_of(assessed(KNOWLEDGE, person), KNOWLEDGE)))
    assert "Never stop" in told
    assert "on your own" in told
