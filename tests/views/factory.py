"""Assessments for tests of the views: a full one, an empty one, and any that the types allow."""

from __future__ import annotations

from typing import Any

import msgspec

from precollapse.assessment.diagnosis_nodes import (
    DecisionNow,
    DiagnosisWeighed,
    Differential,
    FindingWeighed,
    NextTests,
    TestForHip,
    TestRanked,
    TestResult,
    TimingAdvice,
)
from precollapse.assessment.model import (
    Adjustment,
    Assessment,
    CauseFound,
    CohortUsed,
    DoseResponse,
    Estimate,
    Hip,
    HipRisk,
    Hips,
    OpenQuestion,
    Patient,
    PreventionAdvice,
    Reason,
    Risk,
    SourceUsed,
    TypeFound,
    Unknown,
    Unread,
    Urgency,
    Versions,
    WouldChange,
)
from precollapse.assessment.nodes import FactReference, FigureUsed, Interval
from precollapse.assessment.staging_nodes import (
    BorderDistance,
    ContradictionFound,
    ContradictionSide,
    DecidingFact,
    Staging,
    SystemStage,
)
from tests.views.factory_treatments import answers, nothing, plain, plan, treatments

SAFETY = "General information. A qualified clinician decides."


def interval(low: float, high: float) -> Interval:
    return Interval(low=low, high=high)


def estimate(
    value: float | None = 0.12,
    bounds: tuple[float, float] | None = (0.04, 0.41),
    recorded: tuple[float, float] | None = (0.06, 0.2),
    years: float = 0,
    outcome: str = "osteonecrosis on MRI",
) -> Estimate:
    return Estimate(
        value=value,
        interval=interval(*bounds) if bounds else None,
        as_recorded=interval(*recorded) if recorded else None,
        outcome=outcome,
        horizon_years=years,
    )


def fact(
    concept: str = "daily_dose", value: bool | float | str | None = 40.0, **fields: Any
) -> FactReference:
    name = fields.pop("name", concept.replace("_", " ").capitalize())
    return FactReference(concept=concept, name=name, value=value, **fields)


def figure(value: float = 0.09, source: str = "study-a") -> FigureUsed:
    return FigureUsed(
        value=value,
        interval=interval(0.05, 0.15),
        unit="1",
        population="adults with lupus on steroids",
        source=source,
        where="abstract",
        grade="moderate",
    )


def hip_risk(**changes: Any) -> HipRisk:
    risk = HipRisk(
        state="estimated",
        says="Estimated from people who resemble this patient.",
        mri_today=estimate(),
        within_1_year=estimate(0.02, (0.004, 0.09), (0.01, 0.04), 1, "new osteonecrosis"),
        within_5_years=estimate(0.04, (0.01, 0.15), (0.02, 0.08), 5, "new osteonecrosis"),
        cohort=CohortUsed(
            id="lupus-mri",
            name="Lupus, high dose, screened by MRI",
            per="hip",
            detection="mri",
            site="hip",
            figures=(figure(),),
            compared_with=(figure(0.14, "study-b"),),
            facts=(fact("lupus", True, date="2026-02", origin="record.json: entry[1]"),),
            note=None,
        ),
        adjustments=(
            Adjustment(
                id="smoking",
                name="Smoking",
                state="possible",
                measure="odds ratio",
                ratio=1.46,
                interval=interval(1.1, 1.9),
                source="study-b",
                grade="low",
                facts=(),
                note="not asked",
            ),
        ),
        causes=(
            CauseFound(
                id="corticosteroids",
                name="Corticosteroids",
                state="present",
                share=0.83,
                types=("T03",),
                facts=(fact(unit="mg/d"),),
            ),
        ),
        would_change=(
            WouldChange(
                concept="smoking", question="Do you smoke?", why_unknown="not asked", side=None, up_to=0.18
            ),
        ),
    )
    return msgspec.structs.replace(risk, **changes)


def hip(**changes: Any) -> Hip:
    kind = TypeFound(
        id="T03",
        name="Corticosteroid-associated",
        state="possible",
        dominant=True,
        share=0.83,
        says="The dose was reached, osteonecrosis is not shown.",
        facts=(),
        missing=("MRI of the hips",),
        sources=("study-a",),
    )
    return Hip(
        risk=hip_risk(**changes),
        differential=differential(),
        types=(kind,),
        staging=staging(),
        findings=(fact("groin_pain", True, side="left"),),
    )


def diagnosis(name: str = "osteonecrosis", probability: float = 0.6, **changes: Any) -> DiagnosisWeighed:
    one = DiagnosisWeighed(
        id=name,
        name=name.replace("_", " ").capitalize(),
        says="What it is.",
        probability=probability,
        band=interval(probability / 2, (1 + probability) / 2),
        before=0.4,
        for_it=(weighed("groin_pain", 1.8),),
        against_it=(weighed("limp", 0.7, found=False),),
        key_test="MRI of both hips",
        red_flag=None,
        sources=("study-a",),
    )
    return msgspec.structs.replace(one, **changes)


def weighed(name: str, factor: float, *, found: bool = True) -> FindingWeighed:
    said = name.replace("_", " ").capitalize()
    return FindingWeighed(id=name, name=said, found=found, of="this hip", factor=factor, facts=())


def differential(**changes: Any) -> Differential:
    whole = Differential(
        state="weighed",
        says="Weighed.",
        setting="unknown",
        diagnoses=(diagnosis(), diagnosis("none_of_these", 0.4)),
        does_not_fit=(weighed("normal_radiograph", 0.4),),
        figures=20,
        judged=12,
        for_children=None,
        sources=("study-a",),
    )
    return msgspec.structs.replace(whole, **changes)


def next_tests(**changes: Any) -> NextTests:
    result = TestResult(
        decision="care",
        decision_name="Care",
        probability=0.6,
        osteonecrosis=0.97,
        likeliest="Osteonecrosis",
        likeliest_probability=0.97,
    )
    test = TestRanked(
        id="mri",
        name="MRI of both hips",
        says="Without contrast.",
        kind="imaging",
        side=None,
        state="worth it",
        gain=20.4,
        burden=2.0,
        net=18.4,
        radiation_msv=None,
        hips=(TestForHip(side="left", gain=20.4, results=(result,)),),
        bars=("Fear of narrow spaces: offer an open scanner.",),
        ask_first=("Do you have a pacemaker?",),
        sources=("study-a",),
    )
    timing = TimingAdvice(
        id="repeat",
        name="Repeat",
        test="MRI of both hips",
        says="Repeat after six months.",
        months=figure(6.0),
        facts=(),
        grade="low",
        sources=("study-b",),
    )
    decision = DecisionNow(side="left", id="care", name="Care", says="Care for it.", points={"care": 90.0})
    whole = NextTests(says="In order.", decisions=(decision,), tests=(test,), timings=(timing,))
    return msgspec.structs.replace(whole, **changes)


def system(name: str = "arco_2019", **changes: Any) -> SystemStage:
    stage = SystemStage(
        id=name,
        name=name.replace("_", " ").upper(),
        kind="stage",
        state="staged",
        says="Head sunk by more than 2 mm.",
        possible=("IIIB",),
        facts=(fact("head_depression_mm", 2.5, unit="mm"),),
        decided_by=(),
        could_change=(),
        borders=(
            BorderDistance(
                fact=fact("head_depression_mm", 2.5, unit="mm", name="Depression of the femoral head"),
                border=2.0,
                unit="mm",
                distance=0.5,
                below="IIIA",
                above="IIIB",
            ),
        ),
        reported=None,
        disagrees=False,
        reliability=(figure(0.37),),
        grade="moderate",
        note=None,
        sources=("study-a",),
    )
    return msgspec.structs.replace(stage, **changes)


def staging(**changes: Any) -> Staging:
    crescent = DecidingFact(
        concept="radiograph_crescent_sign", question="Was there a crescent?", why_unknown="not asked"
    )
    sides = (
        ContradictionSide(says="The film was read as normal", facts=(fact("radiograph", "normal"),)),
        ContradictionSide(says="a crescent was seen on the film", facts=(fact("crescent", True),)),
    )
    contradiction = ContradictionFound(
        id="film-crescent", name="Normal film with a crescent", sides=sides, grade="judgement", sources=()
    )
    open_one = system(
        "ficat_1985", state="possible", possible=("II", "III"), decided_by=(crescent,), borders=()
    )
    found = Staging(applicable=True, says=None, systems=(system(), open_one), contradictions=(contradiction,))
    return msgspec.structs.replace(found, **changes)


def full(**changes: Any) -> Assessment:
    """Return an assessment in which every part is filled."""
    left, right = hip(), hip(mri_today=estimate(0.00009, (0.000004, 0.02), None))
    reason = Reason(
        rule="steroid-groin-pain",
        level="soon",
        says="Groin pain on high-dose steroids.",
        action="MRI of both hips.",
        side="left",
        facts=(fact("groin_pain", True, side="left"),),
        grade="moderate",
        sources=("study-a", "study-missing"),
    )
    question = OpenQuestion(
        concept="fever",
        question="Have you had a fever?",
        side=None,
        why_unknown="not asked",
        could_become="emergency",
        rules=("septic-arthritis",),
    )
    source = SourceUsed(
        id="study-a",
        citation="A et al. A study. 2020.",
        doi="10.1000/a",
        pmid=None,
        url=None,
        design="cohort",
        reliability="medium",
    )
    assessment = Assessment(
        versions=Versions(software="0.1.0", knowledge="abcdef123456", assessment_schema="1"),
        as_of="2026-11-22",
        patient=Patient(key="patient-1", age_years=34.6, sex="female", record="record.json"),
        urgency=Urgency(level="soon", reasons=(reason,), open_questions=(question,)),
        risk=Risk(
            mri_today=estimate(0.2),
            within_1_year=estimate(0.07, years=1),
            within_5_years=estimate(0.1, years=5),
            types=(),
            exposure=(fact(unit="mg/d"),),
            dose_response=(
                DoseResponse(fact=fact(unit="mg/d"), says="More with each 10 mg.", source="study-a"),
            ),
        ),
        hips=Hips(left=left, right=right),
        next_tests=next_tests(),
        treatments=treatments(),
        plan=plan(),
        answers=answers(),
        plain=plain(),
        prevention=(
            PreventionAdvice(
                id="dose", name="Dose", says="Ask about the dose.", grade="low", sources=("study-a",)
            ),
        ),
        unknown=tuple(
            Unknown(
                concept=f"fact_{n}",
                name=f"Fact {n}",
                question="?",
                side=None,
                why="not asked",
                matters_for=(),
            )
            for n in range(20)
        ),
        unread=tuple(
            Unread(origin=f"record.json: entry[{n}]", reason="not used", detail="") for n in range(15)
        ),
        warnings=("The record is old.",),
        sources=(source, msgspec.structs.replace(source, id="study-b", doi=None, pmid="123")),
        safety_statement=SAFETY,
    )
    return msgspec.structs.replace(assessment, **changes)


def empty() -> Assessment:
    """Return the assessment of a patient of whom nothing is known."""
    none = estimate(None, None, None)
    risk = hip_risk(
        state="not assessable",
        says="Nothing is known.",
        mri_today=none,
        within_1_year=none,
        within_5_years=none,
        cohort=None,
        adjustments=(),
        causes=(),
        would_change=(),
    )
    bare = Hip(
        risk=risk,
        differential=differential(diagnoses=(), does_not_fit=(), figures=0, judged=0, sources=()),
        types=(),
        staging=Staging(applicable=False, says="Not staged: not shown.", systems=(), contradictions=()),
        findings=(),
    )
    return full(
        patient=Patient(key="-", age_years=None, sex=None, record="-"),
        urgency=Urgency(level="routine", reasons=(), open_questions=()),
        risk=Risk(
            mri_today=none, within_1_year=none, within_5_years=none, types=(), exposure=(), dose_response=()
        ),
        hips=Hips(left=bare, right=bare),
        **nothing(),
    )
