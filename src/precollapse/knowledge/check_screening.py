"""Checks of the rules of screening: each can hold, says what to do, and names what exists."""

from __future__ import annotations

from collections.abc import Iterator

from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.model_screening import ScreeningRule
from precollapse.knowledge.walk import Problem

KIND = "screening"


def rules_whole(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that every rule of screening can hold, and that its sentences and times are complete."""
    for rule in knowledge.screening.values():
        for what, fix in _wrong(rule):
            yield Problem(KIND, rule.id, what, fix)
    if sum(rule.found_when is not None for rule in knowledge.screening.values()) != 1:
        yield Problem(KIND, "all", "not exactly one rule says what is found", "give 'found_when' in one")
    if sum(rule.of_the_dead for rule in knowledge.screening.values()) != 1:
        yield Problem(KIND, "all", "not exactly one rule is of the dead", "write 'of_the_dead: true' in one")
    last = next(reversed(knowledge.screening.values()), None)
    if last is None or last.when != {"always": True} or last.least_probability is not None:
        fix = "end with 'when: {always: true}'"
        yield Problem(KIND, "all", "the last rule does not hold of everybody", fix)


def _wrong(rule: ScreeningRule) -> Iterator[tuple[str, str]]:
    named = [*rule.levels, *rule.urgency, *rule.timings]
    if [bool(named), rule.when is not None, rule.of_the_dead].count(True) != 1:
        yield "needs rules it names, or a condition of its own", "give levels, urgency, timings or when"
    if not (rule.levels or rule.urgency) and rule.does is None:
        yield "does not say what to do", "give 'does'"
    if rule.when is not None and rule.says is None:
        yield "does not say why", "give 'says'"
    times = (rule.clock, rule.due, rule.later)
    if any(times) != all(times):
        yield "a time needs all of clock, due and later", "give all three or none"
    if rule.later is not None and "{date}" not in rule.later:
        yield "'later' does not say when", "write {date} in it"
    if rule.due is not None and rule.due.unit != "months":
        yield f"'due' is in {rule.due.unit}", "give months"
    if rule.action == "repeat_mri":
        yield "repeat_mri follows from a time that has not come", "give mri_now with clock, due and later"


def names_exist(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that the rules of urgency, timings and tests that are named exist."""
    for rule in knowledge.screening.values():
        parts = (("urgency", rule.urgency), ("timings", rule.timings))
        tests = (rule.not_done,) if rule.not_done is not None else ()
        for part, names in (*parts, ("tests", tests)):
            for name in names:
                if name not in getattr(knowledge, part):
                    yield Problem(KIND, rule.id, f"there is no {name} in {part}", "correct the name")


CHECKS = (rules_whole, names_exist)
