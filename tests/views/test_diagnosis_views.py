"""What a clinician reads of the differential and the next tests, in the terminal and on the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from rich.cells import cell_len

from precollapse.assessment.model import Assessment
from precollapse.assessment.next_tests_part import EMERGENCY_FIRST
from precollapse.views import wording_diagnosis as words
from precollapse.views.html import render_html
from precollapse.views.text import render_text
from tests.assessment.assessed import assess
from tests.engine.diagnosed import GROIN, adult, lupus
from tests.facts.people import KNOWLEDGE, Person

FILM = {"radiograph_hip": "normal"}
SEEN = lupus(
    {**FILM, "trochanteric_tenderness": True, "morning_stiffness_minutes": 120.0}, claustrophobia=True
)
CHILD = Person({"age_years": 13.0, "sex": "male", "obesity": True}, left={"knee_pain": True})


def document(person: Person) -> Assessment:
    (assessment,) = assess(person)
    return assessment


def terminal(assessment: Assessment) -> str:
    return " ".join(render_text(assessment).split())


def page(assessment: Assessment) -> str:
    bare = re.sub(r"<(style|script)\b.*?</\1>", " ", render_html(assessment), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", bare)).split())


View = Callable[[Assessment], str]
BOTH = pytest.mark.parametrize("view", [terminal, page])


@pytest.mark.parametrize("person", [Person(), SEEN, CHILD, adult({"mri_bone_marrow_oedema": True})])
def test_every_line_fits_a_terminal_of_80_columns(person: Person) -> None:
    # Addresses of sources are not broken.
    lines = [line for line in render_text(document(person)).splitlines() if "http" not in line]
    assert max(map(cell_len, lines)) <= 80


@BOTH
@pytest.mark.hazard("judgement-taken-for-evidence")
def test_the_likeliest_explanation_is_shown_with_its_band_and_how_much_is_judged(view: View) -> None:
    assessment = document(SEEN)
    differential = assessment.hips.left.differential
    said = view(assessment)
    first = differential.diagnoses[0]
    assert "What it may be" in said
    assert first.name in said
    assert words.diagnosis(first).partition(": ")[2].partition(";")[0] in said
    assert (
        f"{differential.judged} of the {differential.figures} figures behind these findings are judgement"
        in said
    )


@BOTH
@pytest.mark.hazard("anchoring-on-osteonecrosis")
def test_what_speaks_for_it_against_it_and_does_not_fit_is_said(view: View) -> None:
    said = view(document(SEEN))
    assert re.search(r"for it: .{0,60}groin pain .{0,20}×", said)
    assert re.search(r"against it: .{0,300}normal radiograph \(÷", said)
    assert re.search(r"Does not fit: .{0,200}stiffness for more than an hour", said)


@BOTH
def test_osteonecrosis_is_always_shown_however_unlikely(view: View) -> None:
    assessment = document(adult({"trochanteric_tenderness": True, "lateral_hip_pain": True}))
    ids = [one.id for one in words.shown(assessment.hips.left.differential)]
    assert ids[-1] == "osteonecrosis"
    assert "Osteonecrosis of the femoral head:" in terminal(assessment)
    assert "Osteonecrosis of the femoral head" in view(assessment)


def test_explanations_that_are_not_shown_are_added_up() -> None:
    differential = document(Person()).hips.left.differential
    shown = sum(one.probability for one in words.shown(differential))
    percent = float(words.others(differential).partition(" ")[0])
    assert 100 * shown + percent == pytest.approx(100, abs=2)


@BOTH
@pytest.mark.pathway("I02", "W03")
def test_the_next_test_says_what_it_adds_what_it_costs_and_what_each_result_changes(view: View) -> None:
    said = view(document(lupus(FILM)))
    assert re.search(r"MRI of both hips \(adds \d+\.\d points of 100, costs \d+\.\d", said)
    assert re.search(r"right hip: \d+(\.\d)? % → [a-z ]+, osteonecrosis \d", said)
    assert "Not worth it now:" in said


@BOTH
@pytest.mark.hazard("contraindicated-test")
def test_a_forbidden_mri_is_said_to_be_impossible_here_and_why(view: View) -> None:
    said = view(document(lupus(FILM, cardiac_pacemaker_or_defibrillator=True)))
    assert re.search(
        r"Not possible here: MRI of both hips without contrast\. ?A pacemaker or defibrillator", said
    )
    assert "no MRI" in said


@BOTH
@pytest.mark.hazard("contraindicated-test")
def test_what_is_not_known_and_could_forbid_a_test_is_asked_beside_it(view: View) -> None:
    said = view(document(lupus(FILM)))
    assert f"Ask first: {KNOWLEDGE.concepts['cardiac_pacemaker_or_defibrillator'].question}" in said


@BOTH
def test_a_burden_is_said_beside_the_test(view: View) -> None:
    assert "Mind: Fear of narrow spaces" in view(document(SEEN))


@BOTH
def test_radiation_is_said_beside_the_test(view: View) -> None:
    said = view(document(adult()))
    assert "about 1 mSv" in said


@BOTH
@pytest.mark.hazard("child-down-the-adult-path")
def test_of_a_child_it_is_said_that_staging_for_adults_does_not_apply(view: View) -> None:
    said = view(document(CHILD))
    assert "belongs to paediatric orthopaedics" in said
    assert "staging for adults does not apply" in said
    assert "belongs to paediatric orthopaedics" not in view(document(adult()))


@BOTH
@pytest.mark.hazard("low-probability-lowers-urgency")
def test_in_an_emergency_it_is_said_that_no_test_may_delay_it(view: View) -> None:
    ill = Person({"fever": True}, left=GROIN | {"hip_motion_painful": True})
    assert EMERGENCY_FIRST in view(document(ill))


@BOTH
def test_of_a_hip_of_which_nothing_is_known_it_is_said(view: View) -> None:
    assert "Nothing was recorded of this hip" in view(document(Person()))


@BOTH
@pytest.mark.hazard("replaced-hip-staged")
def test_a_replaced_hip_has_no_explanations(view: View) -> None:
    gone = document(Person(left={"hip_replaced": True}, right={"hip_replaced": True}))
    assert "What it may be" not in view(gone)
    assert gone.next_tests.decisions == ()


@BOTH
def test_when_to_make_a_test_is_said_with_its_grade(view: View) -> None:
    said = view(document(lupus(FILM)))
    assert re.search(r"needs an MRI of both hips now, not another film\. .{0,8}[Gg]rade:? moderate", said)


def test_factors_are_read_as_times_and_divided_by() -> None:
    one = document(SEEN).hips.left.differential.diagnoses[0]
    assert all("×" in words.finding(found) for found in one.for_it)
    assert all("÷" in words.finding(found) for found in one.against_it)
