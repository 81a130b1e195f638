"""Checks of the differential: what cells, tests and decisions name exists, and every finding is whole."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.conditions import leaves
from precollapse.knowledge.model import Entry
from precollapse.knowledge.model_diagnosis import Diagnosis, Finding, Sign, Test
from precollapse.knowledge.walk import Problem, conditions_of

# Results of a test are written out: this many findings make some four thousand of them.
MOST_FINDINGS_OF_A_TEST = 12
SCALES = {"frequencies": "a frequency", "worths": "a worth", "burdens": "a burden"}


def words_of(entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield scale and word of every judged cell of an entry."""
    if isinstance(entry, Diagnosis | Sign | Finding):
        single = ("painless", "women", "bilateral", "other_ages", "otherwise", "if_sign", "if_no_sign")
        several = ("frequency", "ages", "given")
        cells = [getattr(entry, name, None) for name in single]
        cells += [cell for name in several for cell in getattr(entry, name, {}).values()]
        yield from (("frequencies", cell) for cell in cells if isinstance(cell, str))
    elif isinstance(entry, Test):
        words = (entry.burden, entry.cost, entry.delay, *(b.burden for b in entry.bars if b.burden))
        yield from (("burdens", word) for word in words)


def judged_cells(knowledge: Knowledge) -> int:
    """Count the words of the scale of judgement in diagnoses, signs and findings."""
    return sum(
        scale == "frequencies" for entry in _of_differential(knowledge) for scale, _ in words_of(entry)
    )


def _of_differential(knowledge: Knowledge) -> list[Entry]:
    parts = (knowledge.diagnoses, knowledge.signs, knowledge.findings, knowledge.tests)
    return [entry for part in parts for entry in part.values()]


def words_exist(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that every word is a step of its scale, and every scale lies in order."""
    settings = knowledge.diagnosis_settings
    used = [(entry, scale, word) for entry in _of_differential(knowledge) for scale, word in words_of(entry)]
    for decision in knowledge.decisions.values():
        words = (decision.otherwise, *decision.given.values())
        used += [(decision, "worths", word) for word in words]
    for entry, scale, word in used:
        if word not in getattr(settings, scale, {}):
            fix = "use a step of the scale in diagnosis/settings.yaml"
            yield Problem(_kind(entry), entry.id, f"{word} is not {SCALES[scale]}", fix)


def _kind(entry: Entry) -> str:
    kinds = {"Diagnosis": "diagnoses", "Sign": "signs", "Finding": "findings", "Test": "tests"}
    return kinds.get(type(entry).__name__, "decisions")


def cells_name_diagnoses(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that cells and decisions are given for diagnoses that exist."""
    for part in (knowledge.signs, knowledge.findings, knowledge.decisions):
        for entry in part.values():
            for name in sorted(set(entry.given) - set(knowledge.diagnoses)):
                yield Problem(_kind(entry), entry.id, f"there is no diagnosis {name}", "correct the name")


def diagnoses_complete(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that one diagnosis is computed, one is the rest, and all others have a frequency everywhere."""
    entries = knowledge.diagnoses.values()
    settings = knowledge.diagnosis_settings
    for what, count in (
        ("taken from the risk engine", sum(d.from_risk_engine for d in entries)),
        ("the rest", sum(d.group == "rest" for d in entries)),
    ):
        if count != 1:
            yield Problem("diagnoses", "all", f"{count} diagnoses are {what}", "mark exactly one")
    for entry in entries:
        missing = set(getattr(settings, "setting_odds", ())) - set(entry.frequency)
        if not entry.from_risk_engine and (missing or entry.painless is None):
            lacking = ", ".join(sorted(missing)) or "hips without pain"
            yield Problem("diagnoses", entry.id, f"no frequency for {lacking}", "give one, if only judged")
        for band in sorted(set(entry.ages) - set(getattr(settings, "age_bands", entry.ages))):
            yield Problem("diagnoses", entry.id, f"there is no band of age {band}", "correct the name")


def findings_complete(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that a finding measures a sign of its own level, or has figures of its own."""
    for finding in knowledge.findings.values():
        for what in _wrong(finding, knowledge):
            yield Problem("findings", finding.id, what, "see Finding in knowledge/model_diagnosis.py")


def _wrong(finding: Finding, knowledge: Knowledge) -> Iterator[str]:
    own = bool(finding.given) or finding.otherwise is not None
    through = finding.if_sign is not None or finding.if_no_sign is not None
    if finding.sign is None and (through or finding.otherwise is None):
        yield "without a sign it needs 'otherwise', and neither 'if_sign' nor 'if_no_sign'"
    if finding.sign is not None:
        sign = knowledge.signs.get(finding.sign)
        if sign is None:
            yield f"there is no sign {finding.sign}"
        elif sign.level != finding.level:
            yield f"its sign {sign.id} is of the {sign.level}, the finding of the {finding.level}"
        if own or finding.if_sign is None or finding.if_no_sign is None:
            yield "with a sign it needs 'if_sign' and 'if_no_sign', and no figures of its own"
    whole = knowledge.findings.get(finding.absence_in or finding.id)
    if whole is None or whole.level != finding.level:
        yield f"its absence is said to be included in {finding.absence_in}, which is no such finding"
    if finding.level == "patient":
        yield from (f"{name} is a fact of a hip" for name in sorted(_hip_facts(finding, knowledge)))


def _hip_facts(finding: Finding, knowledge: Knowledge) -> set[str]:
    facts = {
        leaf.fact
        for _, _, _, condition in conditions_of("findings", finding.id, finding)
        if not isinstance(condition, Problem)
        for leaf in leaves(condition)
    }
    return {name for name in facts if name in knowledge.concepts and knowledge.concepts[name].level == "hip"}


def tests_complete(knowledge: Knowledge) -> Iterator[Problem]:
    """Check what a test shows, its parts, and that its results can be written out."""
    for test in knowledge.tests.values():
        for what in _wrong_test(test, knowledge):
            yield Problem("tests", test.id, what, "correct the test")
    for timing in knowledge.timings.values():
        if timing.test not in knowledge.tests:
            yield Problem("timings", timing.id, f"there is no test {timing.test}", "correct the name")


def _wrong_test(test: Test, knowledge: Knowledge) -> Iterator[str]:
    yield from _missing(test.reveals, knowledge.findings, "finding")
    yield from _missing(test.parts, knowledge.tests, "test")
    parts = [knowledge.tests[name] for name in test.parts if name in knowledge.tests]
    shown = sorted({name for one in (test, *parts) for name in one.reveals})
    known = [knowledge.findings[name] for name in shown if name in knowledge.findings]
    if len(known) > MOST_FINDINGS_OF_A_TEST:
        yield f"it shows {len(known)} findings; at most {MOST_FINDINGS_OF_A_TEST} can be written out"
    for finding in known:
        if finding.absence_in in shown:
            yield f"it shows {finding.absence_in}, which says what the absence of {finding.id} says"


def _missing(names: Iterable[str], part: Container[str], what: str) -> Iterator[str]:
    yield from (f"there is no {what} {name}" for name in names if name not in part)


CHECKS = (words_exist, cells_name_diagnoses, diagnoses_complete, findings_complete, tests_complete)
