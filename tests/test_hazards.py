"""Controls of hazards that only show when a whole record goes through: read, understood, assessed, printed.

``safety/hazards.yaml`` names the hazards; controls of a single room are proved beside that room.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
import pytest
import yaml

from precollapse.assess import assess_bytes, facts_bytes
from precollapse.assessment.model import Assessment, HipRisk, to_json
from precollapse.errors import InputError
from precollapse.knowledge.load import load
from precollapse.views.html import render_html
from precollapse.views.text import render_text

DAY = date(2026, 11, 22)


def record(**parts: Any) -> bytes:
    case = {"as_of": DAY.isoformat(), "patient": {"age_years": 45, "sex": "female"}} | parts
    return yaml.safe_dump(case).encode()


def assess(**parts: Any) -> Assessment:
    (assessment,) = assess_bytes(record(**parts), "case.yaml", today=DAY)
    return assessment


def fact(concept: str, side: str | None = None, **parts: Any) -> Any:
    (patient,) = facts_bytes(record(**parts), "case.yaml", today=DAY)
    return next(one for one in patient.facts if one.concept == concept and one.side == side)


def level(assessment: Assessment) -> int:
    return ["routine", "soon", "urgent", "emergency"].index(assessment.urgency.level)


def today(risk: HipRisk) -> tuple[float, float]:
    assert risk.mri_today.interval is not None
    return risk.mri_today.interval.low, risk.mri_today.interval.high


STEROIDS = [{"name": "prednisolone", "dose": "20 mg", "frequency": "once daily", "start": "2026-03-01"}]
LEFT_GROIN = [{"symptom": "groin pain", "side": "left", "duration_months": 2}]


@pytest.mark.hazard("swapped-side")
def test_a_finding_of_the_left_hip_never_reaches_the_right() -> None:
    assert fact("groin_pain", "left", symptoms=LEFT_GROIN).value is True
    assert fact("groin_pain", "right", symptoms=LEFT_GROIN).value is None


@pytest.mark.hazard("unknown-read-as-absent")
def test_nothing_known_is_never_reassuring() -> None:
    assessment = assess()
    for risk in (assessment.hips.left.risk, assessment.hips.right.risk):
        low, high = today(risk)
        assert high > 0.5 > low
    assert len(assessment.urgency.open_questions) > 10


@pytest.mark.hazard("unknown-read-as-absent")
def test_saying_no_narrows_what_silence_leaves_open() -> None:
    silent, denied = assess(), assess(facts={"sickle_cell_disease": False})
    assert any(row.concept == "sickle_cell_disease" for row in silent.unknown)
    assert not any(row.concept == "sickle_cell_disease" for row in denied.unknown)
    assert fact("sickle_cell_disease").why_unknown == "not asked"


@pytest.mark.hazard("stale-data")
def test_an_old_value_is_no_value_of_today_and_says_so() -> None:
    old = [{"test": "haemoglobin", "value": 6.1, "unit": "g/dL", "date": "2015-03-01"}]
    stale = fact("haemoglobin", labs=old)
    assert stale.value is None
    assert stale.why_unknown == "stale"
    assert stale.date == "2015-03-01"


@pytest.mark.hazard("future-date")
def test_what_is_dated_after_the_assessment_is_not_used_and_is_listed() -> None:
    later = [{"symptom": "groin pain", "side": "left", "since": "2027-06-01"}]
    assert fact("groin_pain", "left", symptoms=later).value is None
    assert any(row.reason == "future" for row in assess(symptoms=later).unread)


@pytest.mark.hazard("family-history-as-own")
def test_sickle_cell_disease_of_the_mother_is_not_the_patients() -> None:
    history = [{"factor": "mother has sickle cell disease"}]
    assert fact("sickle_cell_disease", history=history).value is None


@pytest.mark.hazard("suspicion-as-fact")
def test_suspected_lupus_is_not_lupus() -> None:
    suspected = fact("systemic_lupus_erythematosus", history=[{"factor": "suspected lupus"}])
    assert suspected.value is None
    assert suspected.why_unknown == "provisional"


@pytest.mark.hazard("missed-emergency", "urgency-talked-down")
def test_fever_with_a_painful_hip_is_an_emergency_in_a_person_at_the_lowest_risk() -> None:
    assessment = assess(
        symptoms=[{"symptom": "fever"}, {"symptom": "hip pain", "side": "left", "duration_months": 0.1}],
        hips={"left": {"hip_motion_painful": True}},
    )
    assert assessment.urgency.level == "emergency"
    assert assessment.urgency.reasons[0].level == "emergency"
    assert assessment.urgency.reasons[0].facts != ()


@pytest.mark.hazard("false-reassurance")
def test_a_normal_radiograph_lowers_neither_urgency_nor_probability() -> None:
    before = assess(symptoms=LEFT_GROIN, medications=STEROIDS)
    normal = [{"modality": "radiograph", "side": "left", "findings": "normal", "date": "2026-11-20"}]
    after = assess(symptoms=LEFT_GROIN, medications=STEROIDS, imaging=normal)
    assert level(after) >= level(before)
    assert after.hips.left.risk.mri_today.value == before.hips.left.risk.mri_today.value


@pytest.mark.hazard("false-reassurance")
@pytest.mark.parametrize(
    "finding",
    [
        "no evidence of osteonecrosis",
        "no sign of avascular necrosis of the femoral head",
        "imaging shows no osteonecrosis",
        "X-ray: no avascular necrosis",
        "CT: no osteonecrosis",
    ],
)
def test_only_an_mri_can_clear_a_hip(finding: str) -> None:
    before = assess(symptoms=LEFT_GROIN, medications=STEROIDS)
    entry = [{"detail": f"left hip, {finding}", "findings": [finding], "side": "left", "date": "2026-11-20"}]
    after = assess(symptoms=LEFT_GROIN, medications=STEROIDS, imaging=entry, history=[f"{finding}, left hip"])
    assert level(after) >= level(before)
    assert after.hips.left.risk.mri_today == before.hips.left.risk.mri_today
    mri = [{"modality": "MRI", "side": "left", "findings": ["no osteonecrosis"], "date": "2026-11-20"}]
    cleared = assess(symptoms=LEFT_GROIN, medications=STEROIDS, imaging=mri)
    assert today(cleared.hips.left.risk)[1] < today(before.hips.left.risk)[1]


@pytest.mark.hazard("unit-error")
def test_grams_per_litre_and_per_decilitre_give_the_same_haemoglobin() -> None:
    labs = (
        [{"test": "haemoglobin", "value": 81, "unit": "g/L"}],
        [{"test": "haemoglobin", "value": 8.1, "unit": "g/dL"}],
    )
    litre, decilitre = (fact("haemoglobin", labs=lab) for lab in labs)
    assert litre.value == pytest.approx(decilitre.value) == pytest.approx(8.1)


@pytest.mark.hazard("unit-error")
def test_an_impossible_value_is_refused_with_its_limit() -> None:
    refused = fact("haemoglobin", labs=[{"test": "haemoglobin", "value": 810, "unit": "g/dL"}])
    assert refused.value is None
    assert refused.why_unknown == "unreadable"
    assert "outside 1 to 28" in refused.note


@pytest.mark.hazard("inhaled-as-systemic")
def test_an_inhaled_corticosteroid_adds_no_systemic_dose() -> None:
    inhaled = [
        {
            "name": "budesonide inhaler",
            "dose": "400 micrograms",
            "frequency": "twice daily",
            "start": "2020-01-01",
        }
    ]
    assert fact("systemic_corticosteroid", medications=inhaled).value is not True


@pytest.mark.hazard("replaced-hip-staged")
def test_a_replaced_hip_gets_no_probability() -> None:
    history = [{"factor": "total hip replacement", "side": "left", "since": "2019"}]
    hips = assess(history=history, medications=STEROIDS).hips
    assert hips.left.risk.state == "no femoral head"
    assert hips.left.risk.mri_today.value is None
    assert hips.right.risk.state == "estimated"


@pytest.mark.hazard("child-taken-for-adult")
def test_a_limping_child_is_sent_to_a_paediatric_assessment() -> None:
    limp = [{"symptom": "limp", "side": "left", "duration_months": 1}]
    assessment = assess(patient={"age_years": 8, "sex": "male"}, symptoms=limp)
    assert level(assessment) >= 2
    assert any("paediatric" in reason.action.lower() for reason in assessment.urgency.reasons)


@pytest.mark.hazard("medicine-stopped")
def test_no_advice_tells_anybody_to_stop_a_prescribed_medicine() -> None:
    order = re.compile(
        r"\b(stop|cut|halve|discontinue|withdraw|pause)\b[^.]{0,40}\b(cortisone|steroid|predniso|medicine|tablet)",
        re.IGNORECASE,
    )
    guard = re.compile(r"\b(never|do not|don't|ask|without)\b", re.IGNORECASE)
    said = [text for entry in load().prevention.values() for text in re.split(r"(?<=[.!?;])\s", entry.says)]
    said += [text for rule in load().urgency.values() for text in re.split(r"(?<=[.!?;])\s", rule.action)]
    assert len(said) > 50
    assert [text for text in said if order.search(text) and not guard.search(text)] == []


@pytest.mark.hazard("missing-source")
def test_everything_that_is_cited_is_in_the_list_of_sources() -> None:
    assessment = assess(symptoms=LEFT_GROIN, medications=STEROIDS)
    listed = {source.id for source in assessment.sources}
    assert cited(msgspec.to_builtins(assessment)) <= listed
    assert len(listed) > 3


def cited(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["source"]} if isinstance(node.get("source"), str) else set()
        own |= (
            set(node.get("sources") or ())
            if all(isinstance(s, str) for s in node.get("sources") or ())
            else set()
        )
        return own.union(*(cited(value) for value in node.values()))
    if isinstance(node, list | tuple):
        return set().union(*(cited(value) for value in node))
    return set()


@pytest.mark.hazard("data-leak")
def test_an_assessment_opens_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    assert assess(symptoms=LEFT_GROIN).as_of == "2026-11-22"


@pytest.mark.hazard("data-leak")
@pytest.mark.parametrize(
    "broken", [b"patient: {age_years: [1, 2}\nhistory: lupus of Jane Doe", b'{"patient": "Jane Doe"']
)
def test_an_error_repeats_nothing_of_the_record_but_the_offending_value(broken: bytes) -> None:
    with pytest.raises(InputError) as error:
        assess_bytes(broken, "case.yaml", today=DAY)
    assert str(error.value).startswith("case.yaml")
    assert "Jane" not in str(error.value)


@pytest.mark.hazard("silent-drop")
def test_what_is_not_understood_is_listed_with_its_place() -> None:
    unread = assess(labs=[{"test": "wobble index", "value": 3}], hobby="chess").unread
    assert any("labs[0]" in row.origin for row in unread)
    assert any("hobby" in row.origin + row.detail for row in unread)


@pytest.mark.hazard("unrepeatable")
def test_the_same_record_gives_the_same_bytes() -> None:
    parts: Sequence[dict[str, Any]] = [{"symptoms": LEFT_GROIN, "medications": STEROIDS}] * 2
    one, other = (to_json(assess(**part)) for part in parts)
    assert one == other


@pytest.mark.hazard("overtrust", "outdated-knowledge")
def test_every_output_says_its_limits_versions_and_day() -> None:
    assessment = assess()
    statement = " ".join(load().safety_statement.text.split())
    for output in (render_text(assessment), render_html(assessment), to_json(assessment).decode()):
        plain = " ".join(output.split())
        assert statement[:60] in plain
        for version in (assessment.versions.software, assessment.versions.knowledge, "2026-11-22"):
            assert version in plain
