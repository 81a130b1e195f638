"""The differential and the next tests for the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from precollapse.assessment.diagnosis_nodes import DiagnosisWeighed, Differential, NextTests, TestRanked
from precollapse.views import wording
from precollapse.views import wording_diagnosis as words
from precollapse.views.layout import Line, bullet, heading
from precollapse.views.wording import SourceNumbers


def differential_lines(differential: Differential) -> Iterator[Line]:
    """Yield the explanations of one hip, the likeliest first."""
    if not differential.diagnoses:
        return
    yield Line("What it may be", indent=2, style="bold")
    if differential.for_children:
        yield bullet(differential.for_children, mark="!", indent=2)
    if differential.state == "nothing recorded":
        yield Line(differential.says, indent=4)
    for number, one in enumerate(words.shown(differential)):
        yield from _diagnosis(one, in_full=number == 0 or one.id == "osteonecrosis")
    if words.others(differential):
        yield bullet(words.others(differential))
    if differential.does_not_fit:
        yield Line(f"Does not fit: {words.findings(differential.does_not_fit)}", indent=4)
    if words.judged(differential):
        yield Line(words.judged(differential), indent=4, style="dim")


def _diagnosis(one: DiagnosisWeighed, *, in_full: bool) -> Iterator[Line]:
    yield bullet(words.diagnosis(one))
    if in_full and one.for_it:
        yield Line(f"for it: {words.findings(one.for_it)}", indent=4, style="dim")
    if in_full and one.against_it:
        yield Line(f"against it: {words.findings(one.against_it)}", indent=4, style="dim")
    if one.red_flag and one.probability >= words.TELLING:
        yield Line(f"Take care: {one.red_flag}", indent=4)


def next_tests_lines(tests: NextTests, cite: SourceNumbers) -> Iterator[Line]:
    """Yield the decision as it stands, the tests worth making and what their results would change."""
    if not tests.decisions:
        return
    yield from heading("Next best test")
    for decision in words.decisions(tests):
        yield bullet(f"As it stands, {decision}")
    yield Line(tests.says, indent=2)
    proposed = words.proposed(tests)
    for number, one in enumerate(proposed[: words.TESTS], start=1):
        yield from _test(one, number, cite)
    rest = [one.name for one in proposed[words.TESTS :]]
    if rest:
        yield bullet(f"Also worth it, less: {', '.join(dict.fromkeys(rest))}")
    asked = words.questions(tests)
    if asked:
        yield bullet(f"Ask: {' '.join(asked[: words.NAMED])}", mark="?")
    for one in words.impossible(tests):
        yield bullet(f"Not possible here: {one.name}. {' '.join(one.bars)}", mark="!")
    if words.idle(tests):
        yield bullet(f"Not worth it now: {words.idle(tests)}")
    yield from _timings(tests, cite)


def _test(one: TestRanked, number: int, cite: SourceNumbers) -> Iterator[Line]:
    yield bullet(f"{words.test(one)} {cite(*one.sources)}".rstrip(), mark=f"{number}.")
    yield Line(one.says, indent=5)
    for said in words.results(one):
        yield Line(said, indent=5, style="dim")
    for bar in one.bars:
        yield Line(f"Mind: {bar}", indent=5)
    if one.ask_first:
        yield Line(f"Ask first: {' '.join(one.ask_first)}", indent=5)


def _timings(tests: NextTests, cite: SourceNumbers) -> Iterator[Line]:
    if tests.timings:
        yield Line("When", indent=2, style="bold")
    for one in tests.timings:
        said = f"{wording.sentence(one.says)} (grade {one.grade}) {cite(*one.sources)}"
        yield bullet(said.rstrip())
