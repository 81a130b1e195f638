"""The differential and the next tests as parts of the document."""

from __future__ import annotations

from typing import Literal

from precollapse.assessment.nodes import FactReference, FigureUsed, Interval, Node


class FindingWeighed(Node, frozen=True, kw_only=True):
    """One finding, of this hip, the other one or the whole patient, and how it changed the odds."""

    id: str
    name: str
    found: bool
    of: Literal["this hip", "other hip", "patient"]
    factor: float
    facts: tuple[FactReference, ...]


class DiagnosisWeighed(Node, frozen=True, kw_only=True):
    """One possible explanation of a hip.

    ``band`` is where the probability moves when the figures behind it move within their intervals. ``for_it``
    and ``against_it`` are the findings that moved it most, in their order.
    """

    id: str
    name: str
    says: str
    probability: float
    band: Interval
    before: float
    for_it: tuple[FindingWeighed, ...]
    against_it: tuple[FindingWeighed, ...]
    key_test: str | None
    red_flag: str | None
    sources: tuple[str, ...]


class Differential(Node, frozen=True, kw_only=True):
    """All explanations of one hip, the likeliest first; their probabilities add up to one.

    ``does_not_fit`` are findings that are rare in the likeliest diagnosis. ``judged`` of the ``figures`` that
    were used are judgement.
    """

    state: Literal["weighed", "nothing recorded", "no femoral head"]
    says: str
    setting: str
    diagnoses: tuple[DiagnosisWeighed, ...]
    does_not_fit: tuple[FindingWeighed, ...]
    figures: int
    judged: int
    for_children: str | None
    sources: tuple[str, ...]


class TestResult(Node, frozen=True, kw_only=True):
    """Results of a test that lead to the same decision: how likely, and what would then be believed."""

    decision: str
    decision_name: str
    probability: float
    osteonecrosis: float
    likeliest: str
    likeliest_probability: float


class TestForHip(Node, frozen=True, kw_only=True):
    """What a test is worth for one hip, and what its results would change."""

    side: Literal["left", "right"] | None
    gain: float
    results: tuple[TestResult, ...]


class TestRanked(Node, frozen=True, kw_only=True):
    """One test, what it adds to the decision (points of 100) and what it costs."""

    id: str
    name: str
    says: str
    kind: str
    side: Literal["left", "right"] | None
    state: str
    gain: float
    burden: float
    net: float
    radiation_msv: FigureUsed | None
    hips: tuple[TestForHip, ...]
    bars: tuple[str, ...]
    ask_first: tuple[str, ...]
    sources: tuple[str, ...]


class DecisionNow(Node, frozen=True, kw_only=True):
    """What would be best for one hip if nothing more were done, and how the other decisions compare."""

    side: Literal["left", "right"] | None
    id: str
    name: str
    says: str
    points: dict[str, float]


class TimingAdvice(Node, frozen=True, kw_only=True):
    """When to make a test, or to make it again."""

    id: str
    name: str
    test: str
    says: str
    months: FigureUsed | None
    facts: tuple[FactReference, ...]
    grade: str
    sources: tuple[str, ...]


class NextTests(Node, frozen=True, kw_only=True):
    """What to do next: the decision as it stands, the tests in order of what they add, and when."""

    says: str
    decisions: tuple[DecisionNow, ...]
    tests: tuple[TestRanked, ...]
    timings: tuple[TimingAdvice, ...]
