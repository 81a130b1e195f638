"""The document of one patient: settled hips, what is unknown, prevention, sources, and the same bytes."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from precollapse.assessment.model import to_json
from precollapse.evidence.fitted import load_fitted
from tests.assessment.assessed import assess
from tests.facts.people import AS_OF, KNOWLEDGE, Person, days_ago, oral

LUPUS = Person(
    {"systemic_lupus_erythematosus": True, "age_years": 34.0},
    left={"hip_pain": True},
    doses=[oral(60, days_ago(120), days_ago(31))],
)


# Hips whose state is known.
@pytest.mark.pathway("I02", "S14")
def test_shown_osteonecrosis_is_established_and_not_estimated() -> None:
    found = assess(Person(left={"mri_osteonecrosis": True}))[0]
    left = found.hips.left.risk
    assert (left.state, left.mri_today.value) == ("established", 1.0)
    assert left.within_5_years.value is None
    assert found.risk.mri_today.value == 1.0
    assert found.hips.right.risk.state == "estimated"
    assert (found.hips.right.risk.mri_today.value or 0) > 0.4


@pytest.mark.pathway("O05")
def test_replaced_hip_has_no_head_to_lose_and_leaves_the_patient_to_the_other_hip() -> None:
    exposed = Person({"sickle_cell_disease": True}, left={"hip_replaced": True})
    found = assess(exposed)[0]
    assert found.hips.left.risk.state == "no femoral head"
    assert found.hips.left.risk.mri_today.value is None
    assert found.risk.mri_today.value == found.hips.right.risk.mri_today.value


def test_two_replaced_hips_leave_nothing_to_estimate() -> None:
    both = {"hip_replaced": True}
    assert assess(Person(left=both, right=both))[0].risk.mri_today.value is None


# What is not known.
def test_every_unknown_that_matters_is_listed_with_its_question_and_reason() -> None:
    found = assess(LUPUS)[0]
    assert found.unknown
    for unknown in found.unknown:
        assert unknown.question.endswith("?")
        assert unknown.why
        assert unknown.matters_for


def test_answer_that_would_change_most_comes_first() -> None:
    changes = assess(Person())[0].hips.left.risk.would_change
    assert changes
    reach = [change.up_to for change in changes]
    assert reach == sorted(reach, reverse=True)
    assert reach[0] > 0.1


def test_what_would_change_the_result_does_change_it() -> None:
    """Answering the first question with yes brings at least a good part of what was announced."""
    before = assess(Person())[0].hips.left.risk
    first = before.would_change[0]
    concept = KNOWLEDGE.concepts[first.concept]
    assert concept.type == "yes_no"
    answered = (
        Person({first.concept: True}) if concept.level == "patient" else Person(left={first.concept: True})
    )
    after = assess(answered)[0].hips.left.risk
    assert (after.mri_today.value or 0) > 10 * (before.mri_today.value or 1)


def test_stale_unreadable_and_conflicting_answers_are_listed_as_such() -> None:
    statements = [
        {"concept": "hip_pain", "side": "left", "recorded": days_ago(400)},
        {"concept": "hiv_infection", "status": "unreadable"},
        {"concept": "gaucher_disease", "recorded": days_ago(9)},
        {"concept": "gaucher_disease", "status": "absent", "recorded": days_ago(1)},
    ]
    unknown = assess(Person(statements=statements))[0].unknown
    why = {u.concept: u.why for u in unknown if u.side != "right"}
    assert why["hip_pain"] == "stale"
    assert why["hiv_infection"] == "unreadable"
    assert why["gaucher_disease"] == "conflicting"


def test_what_is_dated_after_the_assessment_is_listed_as_unread() -> None:
    later = {"concept": "hip_pain", "side": "left", "recorded": days_ago(-5), "origin": "entry 9"}
    unread = assess(Person(statements=[later]))[0].unread
    assert [(u.origin, u.reason) for u in unread] == [("entry 9", "future")]


# Prevention.
EVERYBODY: dict[str, dict[str, Any]] = {
    "V01": {"prednisone_equivalent_current_mg_per_day": 20.0},
    "V02": {"alcohol_g_per_week": 500.0},
    "V03": {"smoking_status": "current"},
    "V04": {"hypertension": True},
    "V05": {"age_years": 70.0},
    "V06": {"systemic_corticosteroid": True, "corticosteroid_high_dose_stated": True},
    "V07": {"antiphospholipid_syndrome": True},
    "V08": {"body_mass_index": 33.0},
    "V09": {"osteoporosis": True},
    "V10": {"decompression_sickness": True},
}


@pytest.mark.pathway("V01", "V02", "V03", "V04", "V05", "V06", "V07", "V08", "V09", "V10")
@pytest.mark.parametrize("item", list(EVERYBODY))
def test_prevention_is_given_to_whom_it_concerns_with_its_source(item: str) -> None:
    served = {entry.id for entry in KNOWLEDGE.prevention.values() if item in entry.pathway}
    concerned = [p for p in assess(Person(EVERYBODY[item]))[0].prevention if p.id in served]
    assert concerned
    assert all(advice.sources or advice.grade == "judgement" for advice in concerned)


@pytest.mark.pathway("V01", "V02", "V03", "V04", "V07", "V10")
@pytest.mark.parametrize("item", ["V01", "V02", "V03", "V04", "V07", "V10"])
def test_prevention_is_not_given_to_whom_it_does_not_concern(item: str) -> None:
    general = {p.id for p in assess(Person({"age_years": 40.0}))[0].prevention}
    served = {e.id for e in KNOWLEDGE.prevention.values() if item in e.pathway} - {"general-prevention"}
    assert not served & general


def test_most_important_prevention_comes_first() -> None:
    advice = assess(Person({"smoking_status": "current", "alcohol_g_per_week": 500.0, "age_years": 70.0}))[0]
    priorities = [KNOWLEDGE.prevention[p.id].priority for p in advice.prevention]
    assert priorities == sorted(priorities)


# The document as a whole.
@pytest.mark.pathway("Z01")
def test_safety_statement_is_on_every_document() -> None:
    for found in assess(Person(), LUPUS):
        assert found.safety_statement == KNOWLEDGE.safety_statement.text


def test_same_input_gives_the_same_bytes() -> None:
    assert to_json(assess(LUPUS)[0]) == to_json(assess(LUPUS)[0])


def test_patient_alone_has_the_same_document_as_among_others() -> None:
    others = [Person({"hiv_infection": True}), LUPUS, Person(left={"limp": True})]
    among = msgspec.to_builtins(assess(*others)[1])
    alone = msgspec.to_builtins(assess(LUPUS)[0])
    for document in (among, alone):
        document["patient"].pop("key")
    assert among == alone


def test_every_source_named_anywhere_is_listed_and_was_read() -> None:
    found = assess(LUPUS)[0]
    listed = {source.id for source in found.sources}
    cohort = found.hips.left.risk.cohort
    assert cohort is not None
    named = {f.source for f in cohort.figures} | {a.source for a in found.hips.left.risk.adjustments}
    studies = load_fitted().parameters.studies
    assert named <= listed <= {*KNOWLEDGE.sources, *studies}


def test_reason_for_urgency_names_the_facts_that_decided_it_with_their_origin() -> None:
    reasons = assess(LUPUS)[0].urgency.reasons
    exposed = next(reason for reason in reasons if reason.rule == "exposed-hip-pain")
    assert {f.concept for f in exposed.facts} >= {"hip_pain", "systemic_lupus_erythematosus"}
    assert all(f.origin for f in exposed.facts)
    assert exposed.side == "left"


@pytest.mark.pathway("Q11")
def test_child_with_a_painful_hip_is_not_left_to_the_adult_pathway() -> None:
    child = assess(Person({"age_years": 7.0}, left={"hip_pain": True}))[0]
    assert child.urgency.level == "urgent"
    assert "limping-child" in {reason.rule for reason in child.urgency.reasons}


def test_document_says_on_which_day_and_by_which_versions() -> None:
    found = assess(Person())[0]
    assert found.as_of == AS_OF.isoformat()
    assert found.versions.knowledge == KNOWLEDGE.version
    assert found.versions.software
