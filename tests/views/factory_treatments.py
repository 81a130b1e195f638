"""Treatments and a plan made up for views: one of each state, one line of each kind."""

from __future__ import annotations

from typing import Any

from precollapse.assessment.answer_nodes import Answered
from precollapse.assessment.diagnosis_nodes import NextTests
from precollapse.assessment.nodes import FactReference, Interval
from precollapse.assessment.option_nodes import (
    ArgumentAgainst,
    ArgumentFor,
    DosingShown,
    EvidenceShown,
    GuidelinePosition,
    MonitoringShown,
    OpenPoint,
    Option,
    OtherOrder,
    RecoveryShown,
    Treatments,
)
from precollapse.assessment.plain_nodes import Frequency, PlainHip, PlainSummary
from precollapse.assessment.plan_nodes import (
    Appointment,
    ExerciseShown,
    Plan,
    PlanLine,
    RehabilitationShown,
    RehabilitationWeeks,
    Withheld,
)

ULCER = FactReference(concept="ulcer", name="Stomach ulcer", value=True, origin="record: entry[7]")
SERVES = {"keep_own_hip": 0, "back_to_work": 0, "avoid_surgery": 0, "avoid_pain": 1}


def option(name: str, state: str, **fields: Any) -> Option:
    given: dict[str, Any] = {
        "id": name.lower(),
        "name": name,
        "plain_name": f"{name}, plainly",
        "kind": "drug",
        "side": None,
        "state": state,
        "decided_by": f"{name} is {state}.",
        "taken": None,
        "rank": 1,
        "goal": "less pain",
        "says": "A drug.",
        "plain": "It eases pain.",
        "licence": "licensed",
        "licence_says": "Licensed for pain.",
        "speaks_for": (),
        "speaks_against": (),
        "open_points": (),
        "evidence": EvidenceShown(grade="low", says="One trial.", sources=("study-a",)),
        "serves": SERVES,
        "sources": ("study-a",),
    }
    return Option(**(given | fields))


def against(effect: str = "avoid") -> ArgumentAgainst:
    return ArgumentAgainst(
        what="an ulcer",
        about="condition",
        effect=effect,  # type: ignore[arg-type]
        says="Not with an ulcer.",
        plain="You have an ulcer.",
        facts=(ULCER,),
        unsure=False,
        grade="high",
        sources=("study-b",),
    )


def treatments() -> Treatments:
    offered = option(
        "Sparol",
        "offered",
        speaks_for=(ArgumentFor(says="The hip hurts.", facts=(), grade="low", sources=("study-a",)),),
        dosing=(
            DosingShown(use="pain", says="1 g up to four times a day", status="label", source="study-a"),
        ),
        monitoring=(
            MonitoringShown(
                what="liver tests",
                says="every 3 months",
                before=False,
                dates=("2027-02-22",),
                sources=("study-a",),
            ),
        ),
        guidelines=(
            GuidelinePosition(body="Body A", stance="for", says="use it", source="study-a"),
            GuidelinePosition(body="Body B", stance="against", says="do not", source="study-b"),
        ),
        guidelines_disagree=True,
        recovery=RecoveryShown(weeks_low=6, weeks_high=12, says="6 to 12 weeks", sources=()),
    )
    both = {"per": "hip", "kind": "operation"}
    drilling = [
        option(
            "Drilling",
            "only if",
            kind=both["kind"],
            side=side,
            open_points=(_open("an MRI shows it", "hold"),),
        )
        for side in ("left", "right")
    ]
    return Treatments(
        says="Best first.",
        goals=(),
        goals_unknown=("have less pain",),
        options=(
            offered,
            option("Talkon", "worth discussing", speaks_against=(against("caution"),), taken=True),
            *drilling,
            option("Waitol", "held back", open_points=(_open("a low calcium", "be ruled out"),)),
            option("Ulcerin", "avoid", decided_by="Not with an ulcer.", speaks_against=(against(),)),
        ),
        other_orders=(OtherOrder(goal="keep the own hip", first="Drilling"),),
    )


def _open(what: str, must: str) -> OpenPoint:
    return OpenPoint(what=what, must=must, measured=False, questions=("Is it so?",))  # type: ignore[arg-type]


def plan() -> Plan:
    line = PlanLine(
        id="spare",
        name="Spare the hip",
        area="activity",
        side="both",
        says="No running and no jumping.",
        plain="Do not run or jump.",
        dose="every day",
        stop_when="pain above 5 of 10",
        not_if="you cannot walk",
        who="patient",
        facts=(ULCER,),
        grade="low",
        sources=("study-a",),
    )
    stretch = ExerciseShown(name="Stretch", how="Lie down.", dose="10 times", stop_when="it hurts")
    return Plan(
        lines=(
            PlanLine(
                id="help",
                name="You cannot stand on the leg",
                area="red flags",
                side=None,
                says="Emergency.",
                plain="Go to an emergency room.",
                who="patient",
                facts=(),
                grade="judgement",
                sources=(),
            ),
            line,
            PlanLine(
                id="phase",
                name="Gentle phase",
                area="physiotherapy",
                side="left",
                says="Gentle exercises.",
                plain="Move gently.",
                phase="protect",
                exercises=(stretch,),
                dates=("2026-12-22", "2027-02-22"),
                who="both",
                facts=(),
                grade="low",
                sources=("study-a",),
            ),
        ),
        withheld=(
            Withheld(id="milk", name="Milk", because="You do not bear milk.", facts=(ULCER,), sources=()),
        ),
        rehabilitation=(
            RehabilitationShown(
                id="drilling",
                name="After drilling",
                side="left",
                done=True,
                phases=(
                    RehabilitationWeeks(
                        from_week=0,
                        to_week=6,
                        from_date="2026-11-01",
                        to_date="2026-12-13",
                        goal="protect",
                        weight_bearing="crutches",
                        do=("move the ankle",),
                        avoid=("twisting",),
                        plain=("Use two crutches.",),
                        stop_when="new pain",
                        sources=("study-a",),
                    ),
                    RehabilitationWeeks(
                        from_week=6,
                        to_week=None,
                        from_date=None,
                        to_date=None,
                        goal="return",
                        weight_bearing="full",
                        do=("walk",),
                        avoid=(),
                        plain=("Walk more.",),
                        stop_when="new pain",
                        sources=(),
                    ),
                ),
                grade="low",
                sources=("study-a",),
            ),
        ),
        appointments=(
            Appointment(
                date="2026-12-22",
                what="Gentle phase",
                why="To see how it goes; bring this, please.",
                line="phase",
            ),
            Appointment(date="2027-02-22", what="MRI of both hips", why="Has it grown?", line="mri"),
        ),
    )


def answers() -> tuple[Answered, ...]:
    return (
        Answered(
            id="heal",
            question="Can it heal?",
            says=("Small ones can.",),
            often=True,
            grade="low",
            sources=("study-a",),
        ),
        Answered(id="nothing", question="What of nothing?", says=(), often=True, grade="low", sources=()),
    )


def plain() -> PlainSummary:
    return PlainSummary(
        about="left",
        urgency="See a doctor soon.",
        hips=(
            PlainHip(side="right", proof="unlikely", standing=None, says=("Not likely.",)),
            PlainHip(side="left", proof="shown", standing="before collapse", says=("Shown.", "Still round.")),
        ),
        frequencies=(
            Frequency(
                side="left", what="collapse", years=2, value=0.36, interval=Interval(low=0.12, high=0.71)
            ),
        ),
        next_test="MRI of both hips",
    )


def nothing() -> dict[str, Any]:
    """The parts of a patient of whom nothing follows."""
    hips = tuple(PlainHip(side=side, proof="unlikely", standing=None, says=()) for side in ("right", "left"))
    return {
        "treatments": Treatments(says="", goals=(), goals_unknown=(), options=(), other_orders=()),
        "plan": Plan(lines=(), withheld=(), rehabilitation=(), appointments=()),
        "answers": (),
        "next_tests": NextTests(says="", decisions=(), tests=(), timings=()),
        **dict.fromkeys(("prevention", "unknown", "unread", "warnings", "sources"), ()),
        "plain": PlainSummary(about="left", urgency="", hips=hips, frequencies=(), next_test=None),  # type: ignore[arg-type]
    }
