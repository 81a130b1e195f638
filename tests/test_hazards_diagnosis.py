"""Controls of the hazards of the differential that only show when a whole record goes through."""

from __future__ import annotations

from typing import Any

import pytest

from precollapse.assessment import diagnosis_nodes as nodes
from precollapse.assessment.model import Assessment
from precollapse.views.html import render_html
from precollapse.views.text import render_text
from tests.test_hazards import LEFT_GROIN, assess, level

TAKEN = {"start": "2025-10-01", "stop": "2026-05-01"}
STEROIDS = [{"name": "prednisolone", "dose": "60 mg", "frequency": "once daily"} | TAKEN]
LUPUS = [{"factor": "systemic lupus erythematosus"}]
NORMAL_FILM = [{"modality": "radiograph", "side": "left", "findings": "normal", "date": "2026-11-20"}]
AT_RISK: dict[str, Any] = {"symptoms": LEFT_GROIN, "medications": STEROIDS, "history": LUPUS}
SEPTIC = [{"symptom": "fever"}, {"symptom": "hip pain", "side": "left", "duration_months": 0.1}]


def explanation(assessment: Assessment, name: str, side: str = "left") -> nodes.DiagnosisWeighed:
    hip = getattr(assessment.hips, side)
    return next(one for one in hip.differential.diagnoses if one.id == name)


def proposed(assessment: Assessment, name: str) -> nodes.TestRanked:
    return next(one for one in assessment.next_tests.tests if one.id == name)


@pytest.mark.hazard("low-probability-lowers-urgency")
def test_findings_that_make_infection_unlikely_lower_no_urgency() -> None:
    plain = assess(symptoms=SEPTIC, hips={"left": {"hip_motion_painful": True}})
    away = {"hip_motion_painful": True, "trochanteric_tenderness": True, "lateral_hip_pain": True}
    other = assess(symptoms=SEPTIC, hips={"left": away})
    assert explanation(other, "infection").probability < explanation(plain, "infection").probability < 0.5
    assert plain.urgency.level == other.urgency.level == "emergency"
    assert "none of these tests may delay" in other.next_tests.says


@pytest.mark.hazard("film-clears-through-differential")
def test_a_normal_film_leaves_osteonecrosis_first_and_asks_for_mri() -> None:
    assessment = assess(**AT_RISK, imaging=NORMAL_FILM)
    assert assessment.hips.left.differential.diagnoses[0].id == "osteonecrosis"
    assert explanation(assessment, "osteonecrosis").band.high > 0.8
    assert proposed(assessment, "mri_both_hips").state == "worth it"
    assert level(assessment) >= level(assess(**AT_RISK))
    assert any("not another film" in timing.says for timing in assessment.next_tests.timings)


@pytest.mark.hazard("contraindicated-test")
def test_a_pacemaker_in_the_history_turns_mri_into_a_test_that_is_not_possible() -> None:
    history = [*LUPUS, {"factor": "cardiac pacemaker"}]
    assessment = assess(**(AT_RISK | {"history": history}), imaging=NORMAL_FILM)
    assert proposed(assessment, "mri_both_hips").state == "not possible"
    for output in (render_text(assessment), render_html(assessment)):
        assert "Not possible here" in output
        assert "pacemaker" in output


@pytest.mark.hazard("contraindicated-test")
@pytest.mark.parametrize(
    ("reason", "says"),
    [
        ({"labs": [{"test": "eGFR", "value": 20, "unit": "mL/min/1.73m2", "date": "2026-11-01"}]}, "Kidney"),
        ({"facts": {"pregnant": True}}, "Pregnancy"),
    ],
)
def test_contrast_is_barred_by_the_kidney_and_by_pregnancy(reason: dict[str, Any], says: str) -> None:
    oedema = [{"modality": "MRI", "side": "left", "findings": ["bone marrow oedema"], "date": "2026-11-20"}]
    barred = proposed(assess(symptoms=LEFT_GROIN, imaging=oedema, **reason), "mri_dynamic_contrast")
    free = proposed(assess(symptoms=LEFT_GROIN, imaging=oedema), "mri_dynamic_contrast")
    assert any(bar.startswith(says) for bar in barred.bars)
    assert barred.state != "worth it"
    assert not any(bar.startswith(says) for bar in free.bars)


@pytest.mark.hazard("child-down-the-adult-path")
def test_a_limping_child_has_perthes_disease_first_and_is_sent_to_children() -> None:
    limp = [{"symptom": "limp", "side": "left", "duration_months": 1}]
    assessment = assess(patient={"age_years": 6, "sex": "male"}, symptoms=limp)
    named = [one.id for one in assessment.hips.left.differential.diagnoses if one.id != "none_of_these"]
    assert named[0] == "perthes"
    for output in (render_text(assessment), render_html(assessment)):
        assert "paediatric" in " ".join(output.split())


@pytest.mark.hazard("evidence-counted-twice")
def test_the_same_finding_written_three_times_is_weighed_once() -> None:
    def limping(times: int) -> list[tuple[str, float]]:
        said = [{"symptom": "limp", "side": "left", "duration_months": 2} for _ in range(times)]
        found = assess(symptoms=[*LEFT_GROIN, *said]).hips.left.differential.diagnoses
        return [(one.id, one.probability) for one in found]

    assert limping(1) == limping(3)
    assert limping(0) != limping(1)


@pytest.mark.hazard("anchoring-on-osteonecrosis")
def test_mimics_keep_their_probability_and_their_warning_in_a_hip_at_high_risk() -> None:
    assessment = assess(**AT_RISK)
    named = {one.id for one in assessment.hips.left.differential.diagnoses}
    assert {"infection", "femoral_neck_fracture", "insufficiency_fracture", "transient_osteoporosis"} < named
    ill = assess(**(AT_RISK | {"symptoms": [*LEFT_GROIN, *SEPTIC, {"symptom": "systemically unwell"}]}))
    assert explanation(ill, "infection").probability > 2 * explanation(assessment, "infection").probability


@pytest.mark.hazard("judgement-taken-for-evidence")
def test_every_probability_is_shown_with_its_band_and_the_share_that_is_judged() -> None:
    assessment = assess(**AT_RISK, imaging=NORMAL_FILM)
    differential = assessment.hips.left.differential
    for output in (render_text(assessment), render_html(assessment)):
        plain = " ".join(output.split())
        assert f"{differential.judged} of the {differential.figures} figures" in plain
    assert all(one.band.high > one.probability > one.band.low for one in differential.diagnoses)
