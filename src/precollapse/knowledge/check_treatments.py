"""Checks of treatments, plan, rehabilitation and questions: what they ask of the engine, rest on and name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.conditions import Found, leaves
from precollapse.knowledge.findable import PAPERS, findable
from precollapse.knowledge.model_plan import Answer, PlanItem
from precollapse.knowledge.model_treatment import Against, Offer, Part, Treatment
from precollapse.knowledge.own_values import OWN_VALUES
from precollapse.knowledge.walk import Problem, conditions_in, entries, values_of

# Only these are decided after the engine has found what there is to be found.
ADVICE = ("treatments", "goals", "plan", "rehabilitation", "questions")
JUDGEMENT = "judgement"
SHOWN_PLAINLY = ("proof", "standing", "urgency", *PAPERS)


def findings_asked(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that only advice asks what the engine found, and in its own words."""
    known = findable(knowledge.staging_systems)
    for kind, name, field, condition in conditions_in(knowledge):
        for leaf in () if isinstance(condition, Problem) else leaves(condition):
            if isinstance(leaf, Found):
                what = _wrongly_asked(leaf, kind, known)
                if what:
                    yield Problem(
                        kind, name, f"{field}: {what}", "see the table in docs/adding-a-treatment.md"
                    )


def _wrongly_asked(leaf: Found, kind: str, known: dict[str, tuple[str, ...]]) -> str | None:
    if kind not in ADVICE:
        return f"asks for the finding {leaf.finding}, which is not there yet"
    if leaf.finding not in known:
        return f"there is no finding {leaf.finding}"
    unknown = [choice for choice in leaf.choices if choice not in known[leaf.finding]]
    return f"{leaf.finding} is never {', '.join(unknown)}" if unknown else None


def words_for_all(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that plain words belong to a finding, and that each finding shown to patients has them."""
    known = findable(knowledge.staging_systems) | PAPERS
    have = {(words.finding, words.value) for words in knowledge.plain_words.values()}
    for words in knowledge.plain_words.values():
        if words.value not in known.get(words.finding, ()):
            yield Problem(
                "plain_words", words.id, f"{words.finding} is never {words.value}", "correct the words"
            )
    for finding in SHOWN_PLAINLY:
        for value in known[finding]:
            if (finding, value) not in have:
                yield Problem("plain_words", finding, f"no plain words for {value}", "add them")


def rests_on_something(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that every argument, answer and line of the plan has a source or says that it is judgement."""
    for kind, entry in entries(knowledge):
        if kind not in ADVICE:
            continue
        for path, part in values_of((Offer, Against, Answer), entry):
            note = getattr(part, "note", None) or entry.note or ""
            if not part.sources and JUDGEMENT not in note and getattr(part, "grade", None) != JUDGEMENT:
                yield Problem(
                    kind, entry.id, f"{path} has no source", "cite one, or say that it is judgement"
                )
        if isinstance(entry, PlanItem) and not entry.sources and JUDGEMENT not in (entry.note or ""):
            yield Problem(kind, entry.id, "has no source", "cite one, or say that it is judgement")


def named_things_exist(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that treatments, options of the forecast and values of the patient that are named exist."""
    for treatment in knowledge.treatments.values():
        option = treatment.forecast_option
        if option is not None and option not in knowledge.forecast_options:
            yield Problem(
                "treatments", treatment.id, f"there is no forecast option {option}", "correct the name"
            )
    for item in knowledge.plan.values():
        if item.treatment is not None and item.treatment not in knowledge.treatments:
            yield Problem("plan", item.id, f"there is no treatment {item.treatment}", "correct the name")
    for question in knowledge.questions.values():
        for name in _braces(question.answers):
            if name not in OWN_VALUES:
                yield Problem("questions", question.id, f"there is no value {{{name}}}", "see own_values.py")


def _braces(answers: tuple[Answer, ...]) -> Iterator[str]:
    for answer in answers:
        yield from re.findall(r"\{(\w*)\}", answer.says)


def can_be_offered(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that something speaks for every treatment, and that it says how it is given."""
    for treatment in knowledge.treatments.values():
        yield from (Problem("treatments", treatment.id, what, fix) for what, fix in _gaps(treatment))


def _gaps(treatment: Treatment) -> Iterator[tuple[str, str]]:
    if not treatment.offers:
        yield "nothing speaks for it", "give it an offer"
    if treatment.id in treatment.combines:
        yield "is combined with itself", "name the other treatment"
    if any(not -2 <= points <= 2 for points in treatment.serves.values()) or len(treatment.serves) != len(
        GOALS
    ):
        yield f"serves needs each of {', '.join(GOALS)} from -2 to 2", "complete it"
    if treatment.kind == "non-drug" and treatment.prescription is None:
        yield "is no medicine and has no prescription", "say what, how often, how long, when to stop"


GOALS = ("keep_own_hip", "back_to_work", "avoid_surgery", "avoid_pain")


def resting_on_low(knowledge: Knowledge) -> list[tuple[str, str, str]]:
    """Return kind, entry and words of every argument whose sources are all of low reliability."""
    found = []
    for kind, entry in entries(knowledge):
        if kind in ADVICE:
            found += [
                (kind, entry.id, _words(part)) for part in _arguments(entry) if _low(part.sources, knowledge)
            ]
    return found


def _arguments(entry: Any) -> Iterator[Any]:
    yield from (part for _, part in values_of((Part, Answer), entry) if getattr(part, "sources", ()))
    if isinstance(entry, PlanItem) and entry.sources:
        yield entry


def _words(part: Any) -> str:
    return getattr(part, "what", None) or getattr(part, "name", None) or str(part.says)


def _low(sources: tuple[str, ...], knowledge: Knowledge) -> bool:
    known = [knowledge.sources[name].reliability for name in sources if name in knowledge.sources]
    return bool(known) and all(one == "low" for one in known)


CHECKS = (findings_asked, words_for_all, rests_on_something, named_things_exist, can_be_offered)
