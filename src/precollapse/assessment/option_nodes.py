"""Parts of the document that argue treatments: what speaks for and against each, what must be asked first."""

from __future__ import annotations

from typing import Literal

from precollapse.assessment.nodes import FactReference, FigureUsed, Node

OptionState = Literal["offered", "worth discussing", "only if", "held back", "avoid"]
OptionKind = Literal["non-drug", "drug", "supplement", "regenerative", "operation", "combination"]
HipSide = Literal["left", "right", "unspecified"]


class ArgumentFor(Node, frozen=True, kw_only=True):
    """Something that speaks for a treatment and holds for this patient."""

    says: str
    facts: tuple[FactReference, ...]
    grade: str
    sources: tuple[str, ...]


class ArgumentAgainst(Node, frozen=True, kw_only=True):
    """Something that holds and speaks against a treatment, or changes how it is given.

    ``unsure`` where all its sources are of low reliability: it forbids nothing until it is confirmed.
    """

    what: str
    about: str
    effect: Literal["avoid", "caution", "dose", "timing"]
    says: str
    plain: str | None
    facts: tuple[FactReference, ...]
    unsure: bool
    grade: str
    sources: tuple[str, ...]


class OpenPoint(Node, frozen=True, kw_only=True):
    """Something unknown that decides: it must hold, or must be ruled out, before the treatment.

    ``measured`` where it is looked up or measured rather than asked.
    """

    what: str
    must: Literal["hold", "be ruled out"]
    measured: bool
    questions: tuple[str, ...]


class DosingShown(Node, frozen=True, kw_only=True):
    """A regimen as printed, for orientation."""

    use: str
    says: str
    status: str
    source: str


class PrescriptionShown(Node, frozen=True, kw_only=True):
    """How a treatment without medicine is done."""

    what: str
    how_often: str
    how_long: str
    stop_when: str
    sources: tuple[str, ...]


class MonitoringShown(Node, frozen=True, kw_only=True):
    """What is checked and on which days, if the treatment begins on the day of the assessment."""

    what: str
    says: str
    before: bool
    dates: tuple[str, ...]
    sources: tuple[str, ...]


class GuidelinePosition(Node, frozen=True, kw_only=True):
    """What a guideline says of it."""

    body: str
    stance: str
    says: str
    source: str


class EvidenceShown(Node, frozen=True, kw_only=True):
    """How well its effect is shown."""

    grade: str
    says: str
    sources: tuple[str, ...]


class ComplicationShown(Node, frozen=True, kw_only=True):
    """A harm worth knowing before deciding."""

    says: str
    figure: FigureUsed | None
    source: str


class RecoveryShown(Node, frozen=True, kw_only=True):
    """Weeks until the usual daily life."""

    weeks_low: float
    weeks_high: float
    says: str
    sources: tuple[str, ...]


class Option(Node, frozen=True, kw_only=True):
    """One treatment for one hip, or for the patient.

    ``decided_by`` is the sentence that explains the state. ``forecast_option`` names the option of the hip's
    forecast that shows what it is expected to do. ``rank`` counts from 1 in the order of the patient's goals.
    """

    id: str
    name: str
    plain_name: str
    kind: OptionKind
    side: HipSide | None
    state: OptionState
    decided_by: str
    taken: bool | None
    rank: int
    goal: str
    says: str
    plain: str
    licence: str
    licence_says: str
    speaks_for: tuple[ArgumentFor, ...]
    speaks_against: tuple[ArgumentAgainst, ...]
    open_points: tuple[OpenPoint, ...]
    dosing: tuple[DosingShown, ...] = ()
    prescription: PrescriptionShown | None = None
    monitoring: tuple[MonitoringShown, ...] = ()
    evidence: EvidenceShown
    guidelines: tuple[GuidelinePosition, ...] = ()
    guidelines_disagree: bool = False
    forecast_option: str | None = None
    complications: tuple[ComplicationShown, ...] = ()
    recovery: RecoveryShown | None = None
    serves: dict[str, int]
    sources: tuple[str, ...]


class OtherOrder(Node, frozen=True, kw_only=True):
    """What would come first if this goal alone counted."""

    goal: str
    first: str


class Treatments(Node, frozen=True, kw_only=True):
    """Every treatment anybody would think of for this patient, best first.

    ``goals`` are those the patient named; without any all weigh the same. ``other_orders`` says which goal
    would put another option first.
    """

    says: str
    goals: tuple[str, ...]
    goals_unknown: tuple[str, ...]
    options: tuple[Option, ...]
    other_orders: tuple[OtherOrder, ...]
