"""What the handout holds, in the order it is told: red flags first, then the hip, the plan, the questions.

It says nothing of its own: every sentence about medicine comes from the assessment or the knowledge.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

import msgspec

from precollapse.assessment.model import Assessment
from precollapse.assessment.option_nodes import Option
from precollapse.assessment.own_values import of_100
from precollapse.assessment.plain_nodes import Frequency
from precollapse.assessment.plan_nodes import PlanLine, RehabilitationShown
from precollapse.knowledge.bundle import Knowledge
from precollapse.views.plots.hip_drawing import hip_drawing
from precollapse.views.plots.icon_array import icon_array
from precollapse.views.wording import address
from precollapse.views.wording_treatments import GIVEN, by_area, weeks

Words = Mapping[str, str]
RED_FLAGS, HANDOUT = "red flags", "handout"
STOP = "Stop or get help if"
# Which options a patient is told of, by what may be done with them; a supplement only where it is offered.
KINDS = {
    "Operations": ("operation",),
    "Ways to help the bone": ("regenerative", "combination"),
    "Medicines": ("drug",),
    "Other help": ("non-drug",),
}
TALKED_ABOUT = tuple(kind for kinds in KINDS.values() for kind in kinds)
EVERYDAY = ("non-drug", "supplement")
AT_ONE_HIP = ("operation", "regenerative", "combination")
WAITING = ("only if", "held back")
MOST_TO_TALK_ABOUT, MOST_TO_ANSWER, MOST_TO_CHANGE, MOST_DATES, MOST_LINES = 6, 8, 6, 10, 8


class Part(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Base of the parts of a handout."""


class Picture(Part, frozen=True, kw_only=True):
    """A drawing with the words beside it."""

    svg: str
    title: str
    says: tuple[str, ...]


class Item(Part, frozen=True, kw_only=True):
    """A line with a name, its words and further lines under it."""

    name: str
    says: str
    more: tuple[str, ...] = ()


class Section(Part, frozen=True, kw_only=True):
    """Lines under a heading."""

    title: str
    lead: str
    lines: tuple[Item, ...]


class Handout(Part, frozen=True, kw_only=True):
    """The whole handout."""

    title: str
    as_of: str
    made_on: str
    versions: str
    warning: str
    red_flags: tuple[Item, ...]
    in_short: tuple[str, ...]
    checklist: tuple[str, ...]
    questions_to_answer: tuple[str, ...]
    hips: tuple[Picture, ...]
    frequencies: tuple[Picture, ...]
    sections: tuple[Section, ...]
    questions: tuple[Item, ...]
    glossary: tuple[Item, ...]
    sources: tuple[str, ...]
    safety_statement: str


def handout_of(assessment: Assessment, knowledge: Knowledge) -> Handout:
    """Return the handout of one patient.

    Parameters
    ----------
    assessment
        The patient.
    knowledge
        For the glossary, the safety statement and the sentences of the handout itself.
    """
    plan, plain = assessment.plan, assessment.plain
    flags = [line for line in plan.lines if line.area == RED_FLAGS]
    lines = [line for line in plan.lines if line.area != RED_FLAGS]
    versions = assessment.versions
    questions = tuple(
        Item(name=one.question, says=" ".join(one.says))
        for one in assessment.answers
        if one.says and one.often
    )
    words = {one.value: one.says for one in knowledge.plain_words.values() if one.finding == HANDOUT}
    sections = (
        *_treatments(assessment, words),
        *_plan(lines),
        *_rehabilitation(plan.rehabilitation, words),
        *_prevention(assessment),
        *_dates(assessment, words),
    )
    told = Handout(
        title="Your hips: what we know and what you can do",
        as_of=assessment.as_of,
        made_on=_days(assessment.as_of),
        versions=f"software {versions.software}, knowledge {versions.knowledge}",
        warning=knowledge.safety_statement.plain,
        red_flags=(*_now(assessment), *(_line(line) for line in flags)),
        in_short=tuple(_in_short(assessment)),
        checklist=tuple(_checklist(assessment)),
        questions_to_answer=tuple(_to_answer(assessment)),
        hips=tuple(
            Picture(
                svg=hip_drawing(hip.side, hip.proof or "unlikely", hip.standing, f"hip-{hip.side}"),
                title=f"Your {hip.side} hip",
                says=hip.says,
            )
            for hip in plain.hips
        ),
        frequencies=tuple(_frequency(one, number, words) for number, one in enumerate(plain.frequencies)),
        sections=sections,
        questions=questions,
        glossary=(),
        sources=_sources(assessment),
        safety_statement=assessment.safety_statement,
    )
    return msgspec.structs.replace(told, glossary=_glossary(told, knowledge))


# First of all, in short, and what to take along.
def _now(assessment: Assessment) -> Iterator[Item]:
    """Yield what must be done now, before any warning sign in general."""
    if assessment.urgency.level == "emergency":
        yield Item(name="You, today", says=assessment.plain.urgency)


def _in_short(assessment: Assessment) -> Iterator[str]:
    plain = assessment.plain
    yield plain.urgency
    about = next(hip for hip in plain.hips if hip.side == plain.about)
    yield f"Your {about.side} hip: {' '.join(about.says)}"
    if plain.next_test:
        yield f"The next test to ask about: {plain.next_test}."


def _checklist(assessment: Assessment) -> Iterator[str]:
    """Yield what to do at the next visit, as lines to tick."""
    if assessment.plain.next_test:
        yield f"I asked about this test: {assessment.plain.next_test}."
    given = [one for one in _once(assessment.treatments.options) if one.state in GIVEN and not _done(one)]
    for one in [one for one in given if one.kind not in EVERYDAY][:MOST_TO_TALK_ABOUT]:
        yield f"We talked about: {one.plain_name}."
    yield "I showed the list of all the medicines I take."
    yield "I know whom to call if it gets worse."


def _to_answer(assessment: Assessment) -> Iterator[str]:
    """Yield the questions that decide most treatments, so that the patient can think about them at home."""
    options = _once(assessment.treatments.options)
    asked = [q for one in options for point in one.open_points if not point.measured for q in point.questions]
    yield from (question for question, _ in Counter(asked).most_common(MOST_TO_ANSWER))


# How often.
def _frequency(one: Frequency, number: int, words: Words) -> Picture:
    what = words[one.what].format(years=f"{one.years:g}")
    sentence = f"{what} {of_100(one.value, one.interval)}."
    svg = icon_array(one.value, one.interval, f"often-{number}", sentence)
    return Picture(svg=svg, title=f"Your {one.side} hip", says=(sentence,))


# What can be done.
def _treatments(assessment: Assessment, words: Words) -> Iterator[Section]:
    options = assessment.treatments.options
    given, avoided = _told(options, GIVEN), _told(options, ("avoid",))
    waiting = [one for one in _told(options, WAITING) if one[1].kind in TALKED_ABOUT]
    if given:
        lines = tuple(Item(name=name, says=one.plain, more=_with_care(one)) for name, one in given)
        yield Section(title="Talk about these with your doctor", lead=words["given"], lines=lines)
    if waiting:
        yield Section(
            title="Only after a check", lead=words["waiting"], lines=tuple(_by_kind(waiting, words))
        )
    if avoided:
        lines = tuple(_avoided(name, one, words) for name, one in avoided)
        yield Section(title="Not for you right now", lead=words["avoided"], lines=lines)


def _once(options: Iterable[Option]) -> list[Option]:
    """Return each treatment once, in its best state: what is said of both hips is told together."""
    found: dict[str, Option] = {}
    for one in options:
        found.setdefault(one.id, one)
    return list(found.values())


def _told(options: Sequence[Option], states: tuple[str, ...]) -> list[tuple[str, Option]]:
    """Return the treatments in some states by name, with the hip where only one is meant."""
    found: dict[str, list[Option]] = {}
    for one in (one for one in options if one.state in states and not _done(one)):
        found.setdefault(one.id, []).append(one)
    all_of = Counter(one.id for one in options)
    return [
        (_capital(same[0].plain_name) + _where(same, all_of[name]), same[0]) for name, same in found.items()
    ]


def _where(same: Sequence[Option], of: int) -> str:
    """Return the hip, where only one of two is meant, or where the treatment is done to one."""
    one = same[0]
    if len(same) > 1 or one.side not in {"left", "right"} or (of == 1 and one.kind not in AT_ONE_HIP):
        return ""
    return f", {one.side} hip"


def _done(one: Option) -> bool:
    """Return whether it is an operation that this hip has had: nobody is told to wait for it."""
    return one.kind == "operation" and one.taken is True


def _by_kind(waiting: Sequence[tuple[str, Option]], words: Words) -> Iterator[Item]:
    """Yield the names in few groups: twenty names in a row are not read."""
    for title, kinds in KINDS.items():
        names = tuple(_held(name, one, words) for name, one in waiting if one.kind in kinds)
        if names:
            yield Item(name=title, says="", more=names)


def _with_care(one: Option) -> tuple[str, ...]:
    """Return what this patient must mind with a treatment that may suit."""
    return tuple(
        dict.fromkeys(
            reason.plain for reason in one.speaks_against if reason.plain and reason.effect != "avoid"
        )
    )


def _held(name: str, one: Option, words: Words) -> str:
    return f"{name}. {words['taken']}" if one.taken else f"{name}."


def _avoided(name: str, one: Option, words: Words) -> Item:
    plain = next(
        (reason.plain for reason in one.speaks_against if reason.effect == "avoid" and reason.plain), None
    )
    return Item(name=name, says=plain or words["no plain reason"])


# What to do.
def _plan(lines: list[PlanLine]) -> Iterator[Section]:
    for title, group in by_area(lines):
        shown = tuple(_line(line) for line in group[:MOST_LINES])
        lead = "" if len(group) <= MOST_LINES else "These come first. Your clinic can print the whole list."
        yield Section(title=title, lead=lead, lines=shown)


def _line(line: PlanLine) -> Item:
    more = [
        *((f"How much: {line.dose}",) if line.dose else ()),
        *((f"{STOP}: {_condition(line.stop_when)}",) if line.stop_when else ()),
        *((f"Not if: {line.not_if}",) if line.not_if else ()),
        *((f"More of: {', '.join(line.favour)}",) if line.favour else ()),
        *((f"Less of: {', '.join(line.limit)}",) if line.limit else ()),
        *(f"{one.name}: {one.how} {one.dose} Stop if: {one.stop_when}" for one in line.exercises),
    ]
    return Item(name=line.name, says=line.plain, more=tuple(more))


def _condition(told: str) -> str:
    """Return what comes after "if", where the text begins with it."""
    return _capital(told.removeprefix("Stop ").removeprefix("If ").removeprefix("if "))


def _rehabilitation(courses: Iterable[RehabilitationShown], words: Words) -> Iterator[Section]:
    for course in courses:
        items = tuple(
            Item(
                name=_days(_capital(weeks(phase))),
                says=" ".join(phase.plain),
                more=(f"{STOP}: {_condition(phase.stop_when)}",),
            )
            for phase in course.phases
        )
        yield Section(title=course.name, lead=words["after an operation"], lines=items)


def _prevention(assessment: Assessment) -> Iterator[Section]:
    """Yield what lowers the risk, what the patient can change first."""
    lines = tuple(Item(name=one.name, says=one.says) for one in assessment.prevention[:MOST_TO_CHANGE])
    if lines:
        yield Section(title="What lowers your risk", lead="", lines=lines)


def _dates(assessment: Assessment, words: Words) -> Iterator[Section]:
    """Yield the next days on which something is due, each once."""
    days: dict[str, dict[str, None]] = {}
    for one in assessment.plan.appointments:
        days.setdefault(one.date, {})[one.what] = None
    items = tuple(
        Item(name=_days(day), says="", more=tuple(f"{what}." for what in days[day]))
        for day in sorted(days)[:MOST_DATES]
    )
    if items:
        yield Section(title="Your next dates", lead=words["dates"], lines=items)


# What goes with it.
def _glossary(told: Handout, knowledge: Knowledge) -> tuple[Item, ...]:
    """Return the words of the field that the handout uses."""
    text = " ".join(_texts(told))
    return tuple(
        Item(name=_capital(term.term), says=term.says)
        for term in sorted(knowledge.glossary.values(), key=lambda term: term.term.casefold())
        if not term.draft and _occurs((term.term, *term.also), text)
    )


def _occurs(words: Iterable[str], text: str) -> bool:
    """Return whether one of some words stands in a text as a word of its own."""
    any_of = "|".join(map(re.escape, words))
    return re.search(rf"(?<!\w)(?:{any_of})(?!\w)", text, re.IGNORECASE) is not None


def _texts(told: Handout) -> Iterator[str]:
    items = (*told.red_flags, *told.questions, *(item for section in told.sections for item in section.lines))
    yield from (part for picture in (*told.hips, *told.frequencies) for part in picture.says)
    yield from (part for item in items for part in (item.name, item.says, *item.more))
    yield from (*told.in_short, *told.checklist, *told.questions_to_answer)


def _sources(assessment: Assessment) -> tuple[str, ...]:
    """Return what the handout rests on: the sources of the plan, of the answers and of what may be given."""
    given = [one for one in assessment.treatments.options if one.state in (*GIVEN, "avoid")]
    used = {
        *(name for line in assessment.plan.lines for name in line.sources),
        *(name for answer in assessment.answers for name in answer.sources),
        *(name for one in given for name in one.sources),
        *(name for course in assessment.plan.rehabilitation for name in course.sources),
    }
    cited = [source for source in assessment.sources if source.id in used]
    return tuple(f"{source.citation} {address(source) or ''}".strip() for source in cited)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _days(words: str) -> str:
    """Return words with each date as it is said: 7 December 2026."""
    return re.sub(r"\d{4}-\d\d-\d\d", lambda found: _day(date.fromisoformat(found[0])), words)


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
