"""Questions patients ask: each answer is that of the own hip, and says no more than is known of it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
import yaml

from precollapse.assess import assess_bytes
from precollapse.assessment.model import Assessment
from precollapse.assessment.own_values import GIVEN, of_100
from precollapse.views.ask import answer
from tests.assessment.assessed import assess
from tests.facts.people import AS_OF, KNOWLEDGE, Person, days_ago, oral

EXAMPLES = Path(__file__).parents[2] / "examples"
ILL = {"mri_osteonecrosis": True}
PEOPLE = {
    "round": Person(
        {"age_years": 40.0}, left=ILL | {"arco_2019_stage": "2", "jic_type": "c2", "hip_pain": True}
    ),
    "small": Person(
        {"age_years": 40.0}, left=ILL | {"arco_2019_stage": "1", "jic_type": "a"} | dict.fromkeys(
            ("hip_pain", "groin_pain", "limp", "stiffness", "reduced_range_of_motion"), False
        ),
    ),
    "can be drilled": Person(
        {"age_years": 40.0, "active_infection": False},
        left=ILL | {"arco_2019_stage": "2", "jic_type": "c1", "mri_lesion_volume_percent": 20.0},
    ),
    "sinking": Person({"age_years": 40.0}, left=ILL | {"arco_2019_stage": "3a"}),
    "sunk in": Person({"age_years": 40.0}, left=ILL | {"arco_2019_stage": "3b"}),
    "worn": Person({"age_years": 62.0}, left=ILL | {"arco_2019_stage": "4"}),
    "stage unknown": Person({"age_years": 40.0}, left=ILL),
    "possible": Person(
        {"age_years": 40.0, "systemic_corticosteroid": True},
        left={"groin_pain": True, "radiograph_hip": "normal"},
        doses=[oral(60, days_ago(200), days_ago(20))],
    ),
    "healthy": Person(
        {"age_years": 40.0},
        left={"mri_hip": "normal", "hip_pain": False},
        right={"mri_hip": "normal", "hip_pain": False},
    ),
    "replaced": Person({"age_years": 60.0}, left={"total_hip_replacement_done": True}),
    "child": Person({"age_years": 8.0}, left={"groin_pain": True}),
    "nothing known": Person(),
}  # fmt: skip
SUNK_IN = ("sinking", "sunk in", "worn")


@cache
def assessments() -> dict[str, Assessment]:
    return dict(zip(PEOPLE, assess(*PEOPLE.values()), strict=True))


def said_in(assessment: Assessment, item: str) -> str:
    """The answer to the question of a pathway item, or with an id."""
    ids = [q.id for q in KNOWLEDGE.questions.values() if item in {*q.pathway, q.id}]
    assert len(ids) == 1, item
    return " ".join(next(one for one in assessment.answers if one.id == ids[0]).says)


def told(person: str | Person, item: str) -> str:
    return said_in(assessments()[person] if isinstance(person, str) else assess(person)[0], item)


def often(person: str, what: str, years: float, side: str = "left") -> str:
    """How often it happens to a hip like this one, as the assessment itself says it."""
    found = getattr(assessments()[person].hips, side)
    course = next(one for one in found.forecast.untreated if one.outcome == what)
    at = next(one for one in course.at if one.years == years)
    return of_100(at.value, at.interval)


def chance_today(person: str, side: str) -> str:
    """How often a hip has it today, as the differential tells the clinician first."""
    weighed = getattr(assessments()[person].hips, side).differential.diagnoses
    found = next(one for one in weighed if one.id == "osteonecrosis")
    return of_100(found.probability, found.band)


@pytest.mark.pathway("Q01")
def test_whether_the_names_mean_the_same_is_said_with_what_is_known_of_the_own_hip() -> None:
    assert "Tests have shown it in your left hip." in told("round", "Q01")
    assert "still round" in told("round", "Q01")
    assert "sunk in by more than 2 mm" in told("sunk in", "Q01")
    assert "not settled" in told("possible", "Q01")
    assert "not likely in your hips" in told("healthy", "Q01")
    assert all("names of one illness" in told(person, "Q01") for person in PEOPLE)


@pytest.mark.pathway("Q02")
def test_a_hip_before_collapse_is_told_its_own_natural_frequency() -> None:
    assert f"{often('round', 'collapse', 2)} sink in within 2 years" in told("round", "Q02")
    assert f"{often('small', 'collapse', 2)} sink in within 2 years" in told("small", "Q02")
    assert often("round", "collapse", 2) != often("small", "collapse", 2)
    assert "Small ones seldom sink in" in told("small", "Q02")
    assert "Small ones seldom sink in" not in told("round", "Q02")


@pytest.mark.pathway("Q02")
@pytest.mark.parametrize("person", SUNK_IN)
def test_a_collapsed_hip_is_not_told_that_it_can_heal(person: str) -> None:
    assert "does not become round again" in told(person, "Q02")
    assert not re.search(r"shrink|smaller|went away|like yours", told(person, "Q02"))


@pytest.mark.pathway("Q02")
def test_a_hip_whose_stage_is_unknown_is_promised_nothing() -> None:
    assert "shrink" not in told("stage unknown", "Q02")
    assert "No one can promise" in told("stage unknown", "Q02")


@pytest.mark.pathway("Q03")
def test_first_symptoms_are_those_of_the_patient_where_they_are_known() -> None:
    assert "You told of pain in your left hip" in told("round", "Q03")
    assert "does not hurt yet" in told("small", "Q03")
    assert "higher risk than most" in told("possible", "Q03")
    assert "In a child a limp" in told("child", "Q03")
    assert "In a child" not in told("round", "Q03")


@pytest.mark.pathway("Q04")
def test_how_it_is_found_names_the_own_next_test_and_what_tests_have_said() -> None:
    next_test = assessments()["possible"].plain.next_test
    assert next_test
    assert next_test in told("possible", "Q04")
    assert chance_today("possible", "left") in told("possible", "Q04")
    assert "looked normal. That does not rule it out" in told("possible", "Q04")
    assert "has been shown" in told("round", "Q04")
    assert "was normal" in told("healthy", "Q04")
    pacemaker = Person({"cardiac_pacemaker_or_defibrillator": True, "mr_conditional_device": False})
    assert "may not go into an MRI" in told(pacemaker, "Q04")


@pytest.mark.pathway("Q05")
def test_whether_surgery_is_needed_depends_on_the_hip() -> None:
    assert "in a good place" in told("small", "Q05")
    assert "hip surgeon in the next weeks" in told("round", "Q05")
    assert "within days" in told("sinking", "Q05")
    assert "no need to wait" in told("sunk in", "Q05")
    assert "Nothing that we know calls for an operation" in told("healthy", "Q05")
    assert chance_today("possible", "left") in told("possible", "Q05")
    assert all(told(person, "Q05").startswith("No.") for person in PEOPLE if person != "child")


@pytest.mark.pathway("Q05")
def test_operations_are_named_only_where_one_is_offered_or_worth_discussing() -> None:
    for person, assessment in assessments().items():
        given = [one.plain_name for one in assessment.treatments.options
                 if one.state in GIVEN and one.kind in {"operation", "regenerative"}]  # fmt: skip
        shown = assessment.plain.about in {hip.side for hip in assessment.plain.hips if hip.proof == "shown"}
        assert ("Operations to talk about" in told(person, "Q05")) == bool(given and shown), person
    assert "Core decompression" in told("can be drilled", "Q05")


@pytest.mark.pathway("Q06")
def test_no_bone_drug_is_called_a_cure_and_thin_bones_are_another_matter() -> None:
    assert all(told(person, "Q06").startswith("No. No drug is known to cure it.") for person in PEOPLE)
    assert "to gain time" in told("round", "Q06")
    assert "cannot make it round again" in told("sunk in", "Q06")
    assert "thin bones. For that these drugs do work" in told(Person({"osteoporosis": True}), "Q06")
    assert "Do not stop it on your own" in told(Person({"teriparatide": True}), "Q06")


@pytest.mark.pathway("Q07")
def test_iloprost_and_cells_are_told_with_what_speaks_against_them_in_this_patient() -> None:
    assert "15 of 23 were replaced with them" in told("sunk in", "Q07")
    assert "15 of 23" not in told("round", "Q07")
    assert "must not have iloprost" in told(Person({"pregnant": True}), "Q07")
    assert "must not have iloprost" not in told(Person({"pregnant": False}), "Q07")
    assert "speak against iloprost" in told(Person({"stroke_or_tia": (True, 0.1)}), "Q07")
    assert "speak against iloprost" not in told(Person({"stroke_or_tia": (True, 5.0)}), "Q07")
    paid = Person({"treatment_offered_for_payment_outside_trial": True})
    assert "Say no until your own doctor has looked at it" in told(paid, "Q07")


@pytest.mark.pathway("Q08")
def test_lifestyle_is_what_this_patient_can_change() -> None:
    assert "You smoke." in told(Person({"smoking_status": "current"}), "Q08")
    assert "Well done" in told(Person({"smoking_status": "former"}), "Q08")
    drinker = told(Person({"alcohol_use": "regular"}), "Q08")
    assert "Stopping at once can be dangerous" in drinker
    clean = told(Person({"smoking_status": "never", "alcohol_use": "never"}), "Q08")
    assert "nothing to change there" in clean
    assert "You smoke" not in clean


@pytest.mark.pathway("Q09")
def test_the_chance_of_a_replacement_is_that_of_the_own_hip() -> None:
    for person in ("round", "small", "sunk in", "worn"):
        assert f"{often(person, 'replacement', 5)} are replaced within 5 years" in told(person, "Q09")
    assert "under 50" in told("round", "Q09")
    assert "under 50" not in told("worn", "Q09")
    assert "Nothing that we know says that you need one" in told("healthy", "Q09")
    assert "replaced within 5 years" not in told("possible", "Q09")


@pytest.mark.pathway("Q10")
def test_the_other_hip_is_told_its_own_chance_and_an_ill_one_that_it_is_ill() -> None:
    assert f"in your right hip in {chance_today('round', 'right')}" in told("round", "Q10")
    both = Person({"age_years": 40.0}, left=ILL, right=ILL)
    assert "In you both hips are ill" in told(both, "Q10")
    assert "In you both hips are ill" not in told("round", "Q10")


@pytest.mark.pathway("Q11")
def test_a_child_is_sent_to_paediatric_orthopaedics_and_a_grown_up_reads_of_perthes_disease() -> None:
    assert told("child", "Q11").startswith("You are under 16.")
    assert all("paediatric orthopaedics" in told(person, "Q11") for person in PEOPLE)
    assert all("Perthes disease" in told(person, "Q11") for person in PEOPLE)
    assert "under 16" not in told("round", "Q11")
    assert "out of round" in told(Person({"age_years": 40.0}, left={"perthes_disease": True}), "Q11")


@pytest.mark.pathway("Q11")
@pytest.mark.parametrize("item", ["Q02", "Q05", "Q09", "Q11", "Q13", "Q14", "Q15"])
def test_a_child_is_told_that_the_answer_is_for_grown_ups(item: str) -> None:
    assert "You are under 16" in told("child", item)
    assert not any("under 16" in told(person, item) for person in PEOPLE if person != "child")


@pytest.mark.pathway("Q12")
def test_recovery_is_that_of_the_own_operation() -> None:
    fresh = Person({"age_years": 40.0}, left=ILL | {"core_decompression_done": (True, 0.1)})
    old = Person({"age_years": 40.0}, left=ILL | {"core_decompression_done": (True, 2.0)})
    assert "drilled in the last three months" in told(fresh, "Q12")
    assert "drilled a while ago" in told(old, "Q12")
    assert "about 6 weeks" in told("nothing known", "Q12")
    never = Person({"age_years": 40.0}, left={**PEOPLE["sunk in"].left, "core_decompression_done": False})
    assert "Drilling no longer helps" in told(never, "Q12")
    assert "Drilling no longer helps" not in told("round", "Q12")


@pytest.mark.pathway("Q13")
def test_what_waiting_means_is_told_by_the_own_hip_and_how_soon_to_be_seen() -> None:
    assert often("round", "collapse", 2) in told("round", "Q13")
    assert often("round", "collapse", 5) in told("round", "Q13")
    assert "harder to save" in told("sinking", "Q13")
    assert "you may choose your time" in told("sunk in", "Q13")
    assert "little points to it" in told("healthy", "Q13")
    for person, assessment in assessments().items():
        assert assessment.plain.urgency in told(person, "Q13"), person


@pytest.mark.pathway("Q13", "Q14", "Q15", "W06")
@pytest.mark.parametrize(
    "item", ["Q13", "Q14", "Q15", "can-i-work", "can-i-fly", "can-i-do-sport", "crutches"]
)
def test_an_emergency_comes_before_any_other_answer(item: str) -> None:
    person = Person(
        {"age_years": 40.0, "fall_or_trauma": True}, left={"can_bear_weight": False, "hip_pain": True}
    )
    assessment = assess(person)[0]
    assert assessment.urgency.level == "emergency"
    assert assessment.plain.urgency in said_in(assessment, item)[:80]


@pytest.mark.pathway("Q14")
def test_exercises_to_avoid_follow_the_hip() -> None:
    assert "Be strict" in told("round", "Q14")
    assert "Ask at your next scan" in told("small", "Q14")
    assert "No training on the leg" in told("sinking", "Q14")
    assert "Do what pain lets you do" in told("sunk in", "Q14")
    assert "no reason to leave out sport" in told("healthy", "Q14")
    assert "stop sport until a doctor has seen you" in told("child", "Q14")


@pytest.mark.pathway("Q14")
@pytest.mark.parametrize("item", ["Q14", "can-i-do-sport"])
def test_sport_is_not_cleared_for_a_hip_that_hurts_or_of_a_child(item: str) -> None:
    for person in ("child", "round", "possible", "nothing known"):
        assert not re.search(r"no reason to leave out|nothing that we know speaks", told(person, item)), (
            person
        )


@pytest.mark.pathway("Q15")
def test_nobody_is_told_that_this_is_enough_to_plan_a_treatment() -> None:
    for person in PEOPLE:
        assert told(person, "Q15").startswith("No.")
        assert "You decide together." in told(person, "Q15")
    assert (assessments()["possible"].plain.next_test or "?") in told("possible", "Q15")


# All questions.
def test_every_question_of_the_pathway_is_answered_for_everybody_and_asked_in_other_words() -> None:
    for number in range(1, 16):
        item = f"Q{number:02}"
        question = next(q for q in KNOWLEDGE.questions.values() if item in q.pathway)
        assert any(part.when == {"always": True} for part in question.answers), item
        assert 8 <= len(question.also) <= 15, item
        assert told("nothing known", item)


def test_no_answer_quotes_a_value_that_is_not_known() -> None:
    for assessment in assessments().values():
        assert not [one.id for one in assessment.answers if re.search(r"[{}]|None", " ".join(one.says))]


def test_a_hip_without_a_lesion_is_told_no_natural_frequency_of_collapse() -> None:
    for person in ("possible", "healthy", "replaced", "child", "nothing known"):
        said = " ".join(" ".join(one.says) for one in assessments()[person].answers)
        assert "sink in within" not in said, person


@pytest.mark.hazard("medicine-stopped")
def test_no_answer_tells_anybody_to_stop_a_prescribed_medicine() -> None:
    order = re.compile(
        r"\b(stop|cut|halve|discontinue|pause)\b[^.]{0,40}\b(cortisone|steroid|medicine|drug|tablet)",
        re.IGNORECASE,
    )
    guard = re.compile(r"\b(never|do not|ask|without)\b", re.IGNORECASE)
    said = [
        sentence
        for question in KNOWLEDGE.questions.values()
        for part in question.answers
        for sentence in re.split(r"(?<=[.!?])\s", part.says)
    ]
    assert len(said) > 300
    assert [sentence for sentence in said if order.search(sentence) and not guard.search(sentence)] == []


def test_a_whole_record_is_answered_from_its_own_facts() -> None:
    raw = yaml.safe_load((EXAMPLES / "sickle-cell.yaml").read_text("utf-8"))
    (assessment,) = assess_bytes(yaml.safe_dump(raw).encode(), "case.yaml", today=AS_OF)
    assert "normal" in said_in(assessment, "why-x-ray-normal")
    assert "With sickle cell disease drink" in said_in(assessment, "Q08")
    cited = {name for one in assessment.answers for name in one.sources}
    assert cited <= {source.id for source in assessment.sources}


@pytest.mark.parametrize(
    ("asked", "item"),
    [
        ("Is jogging ok?", "can-i-do-sport"),
        ("Can my dead bone come to life again?", "Q02"),
        ("are stem cell clinics legit", "Q07"),
        ("how long until I walk after the drilling", "Q12"),
        ("what are my chances of needing a replacement", "Q09"),
        ("do I have to get surgery", "Q05"),
        ("may I have a glass of wine", "can-i-drink-alcohol"),
        ("what about my knees and shoulders", "will-it-spread"),
        ("should I come off my prednisone", "stop-steroid"),
        ("MRI and claustrophobia", "what-is-mri-like"),
    ],
)
def test_everyday_wordings_find_the_question(asked: str, item: str) -> None:
    found = answer(assessments()["round"], KNOWLEDGE, asked)
    wanted = next(q.question for q in KNOWLEDGE.questions.values() if item in {*q.pathway, q.id})
    assert wanted in [part.title for part in found.parts]
