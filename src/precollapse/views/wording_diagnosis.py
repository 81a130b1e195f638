"""The words for the differential and the next tests that the terminal and the page share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from precollapse.assessment.diagnosis_nodes import (
    DiagnosisWeighed,
    Differential,
    FindingWeighed,
    NextTests,
    TestForHip,
    TestRanked,
    TestResult,
)
from precollapse.views import numbers
from precollapse.views.wording import where

SHOWN = 5  # explanations in full; the others by name
TELLING = 0.01  # an explanation below one percent is only named when few are above it
NAMED_FROM = 0.005  # below this an explanation is only counted
LEAST = 1e-9  # no finding divides odds by more
TESTS = 4  # tests with their results; the others by name
NAMED = 10


def shown(differential: Differential) -> tuple[DiagnosisWeighed, ...]:
    """Return the explanations that are shown with their probability: the likeliest, and osteonecrosis."""
    first = differential.diagnoses[:SHOWN]
    likely = [one for one in first if one.probability >= TELLING] or list(first[:2])
    rest = [one for one in differential.diagnoses if one not in likely]
    return (*likely, *(one for one in rest if one.id == "osteonecrosis"))


def others(differential: Differential) -> str:
    """Return the names of the other explanations, and how probable all of them are together."""
    left = [one for one in differential.diagnoses if one not in shown(differential)]
    if not left:
        return ""
    together = numbers.percent(sum(one.probability for one in left))
    named = [one.name for one in left if one.probability >= NAMED_FROM]
    rest = len(left) - len(named)
    names = [*named, f"{rest} others"] if named and rest else named or [f"{rest} others"]
    return f"{together} together: {', '.join(names)}"


def diagnosis(one: DiagnosisWeighed) -> str:
    """Return an explanation with its band: ``78 % (31 to 97 %), 88 % before any finding``."""
    band = f"{numbers.percent(one.probability)} ({numbers.span(one.band)})"
    return f"{one.name}: {band}; {numbers.percent(one.before)} before any finding"


def findings(weighed: Sequence[FindingWeighed]) -> str:
    """Return findings and by how many times they changed the odds."""
    return "; ".join(finding(one) for one in weighed)


def finding(one: FindingWeighed) -> str:
    """Return ``deep groin pain (× 1.3)``: by how many times it changed the odds."""
    name = one.name[:1].lower() + one.name[1:] if one.name[1:2].islower() else one.name
    said = name if one.found else f"not found: {name}"
    other = " at the other hip" if one.of == "other hip" else ""
    times = f"× {one.factor:.2g}" if one.factor >= 1 else f"÷ {1 / max(one.factor, LEAST):.2g}"
    return f"{said}{other} ({times})"


def judged(differential: Differential) -> str:
    """Return how many of the figures behind the findings are judgement."""
    if not differential.figures:
        return ""
    return f"{differential.judged} of the {differential.figures} figures behind these findings are judgement."


def decisions(tests: NextTests) -> list[str]:
    """Return the decision as it stands, once for the hips that share it."""
    return _by_hips((one.side, f"{one.name}. {one.says}") for one in tests.decisions)


def _by_hips(said: Iterable[tuple[str | None, str]]) -> list[str]:
    """Return sentences, each once, after the hips they are said of."""
    sides: dict[str, set[str]] = {}
    for side, sentence in said:
        sides.setdefault(sentence, set()).update([side] if side else [])
    return [f"{where(sorted(hips))}{sentence}" for sentence, hips in sides.items()]


def proposed(tests: NextTests) -> list[TestRanked]:
    """Return the tests that are worth making, without questions, the best first."""
    return [one for one in tests.tests if one.state == "worth it" and one.kind != "question"]


def questions(tests: NextTests) -> list[str]:
    """Return the questions worth asking, each once, with the hips they are asked of."""
    sides: dict[str, list[str | None]] = {}
    for one in tests.tests:
        if one.state == "worth it" and one.kind == "question":
            sides.setdefault(one.says, []).append(one.side)
    return [f"{where(sorted(set(filter(None, said))))}{question}" for question, said in sides.items()]


def impossible(tests: NextTests) -> list[TestRanked]:
    """Return the tests that would be worth it and cannot be made in this patient."""
    return [one for one in tests.tests if one.state == "not possible"]


def idle(tests: NextTests) -> str:
    """Return the names of the tests that are not worth it now, each once."""
    names = dict.fromkeys(
        one.name for one in tests.tests if one.state == "not worth it now" and one.kind != "question"
    )
    return ", ".join(names)


def test(one: TestRanked) -> str:
    """Return a test with what it adds and what it costs."""
    radiation = f"; about {numbers.plain(one.radiation_msv.value)} mSv" if one.radiation_msv else ""
    points = f"adds {one.gain:.1f} points of 100, costs {one.burden:.1f}"
    return f"{where([one.side])}{one.name} ({points}{radiation})"


def results(test: TestRanked) -> list[str]:
    """Return what the results would change, once for the hips of which the same is expected."""
    return _by_hips((hip.side, _results(hip)) for hip in test.hips)


def _results(hip: TestForHip) -> str:
    said = [result(one) for one in hip.results if one.probability >= TELLING]
    if len(said) == 1:
        return f"no result would change the decision ({said[0].partition(' → ')[2]})"
    return "; ".join(said)


def result(one: TestResult) -> str:
    """Return one group of results: how likely, where it leads, and what would be believed."""
    believed = f"osteonecrosis {numbers.percent(one.osteonecrosis)}"
    return f"{numbers.percent(one.probability)} → {one.decision_name.lower()}, {believed}"
