"""`precollapse ask`: the passages of a patient's assessment and of the knowledge that answer a question.

Nothing is generated: what is shown stands in the assessment or the knowledge, with its sources.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from precollapse.assessment.model import Assessment
from precollapse.knowledge.bundle import Knowledge
from precollapse.views import wording_treatments as words
from precollapse.views.layout import Line, bullet, heading, to_text
from precollapse.views.retrieval import Index, Passage
from precollapse.views.text import foot_lines, source_lines
from precollapse.views.wording import SourceNumbers

# A passage must hold at least this share of what the question asks for, by weight; set on the questions of
# the tests: below it wrong passages begin to answer.
ENOUGH = 0.5
# Further passages are shown when they are nearly as good as the first.
NEARLY = 0.7
MOST = 3
UNKNOWN = "The knowledge has no answer to this. Ask your doctor."


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One passage of an answer."""

    title: str
    says: str
    sources: tuple[str, ...]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What was found; nothing when ``known`` is false."""

    question: str
    known: bool
    first: str
    parts: tuple[Part, ...]


def answer(assessment: Assessment, knowledge: Knowledge, question: str) -> Answer:
    """Return the passages that answer a question.

    Parameters
    ----------
    assessment
        The patient.
    knowledge
        For other wordings of the questions, and the glossary.
    question
        In everyday words.
    """
    parts = dict(_parts(assessment, knowledge))
    index = Index([Passage(key, title, part.says) for key, (title, part) in parts.items()])
    hits = [hit for hit in index.search(question) if hit.covers >= ENOUGH]
    best = hits[0].score * hits[0].covers if hits else 0.0
    near = [hit for hit in hits[:MOST] if hit.score * hit.covers >= NEARLY * best]
    first = assessment.plain.urgency if assessment.urgency.level == "emergency" else ""
    return Answer(
        question=question,
        known=bool(near),
        first=first,
        parts=tuple(parts[hit.passage.key][1] for hit in near),
    )


def answer_json(assessment: Assessment, knowledge: Knowledge, question: str) -> bytes:
    """Return the answer as data."""
    return msgspec.json.format(msgspec.json.encode(answer(assessment, knowledge, question)), indent=2) + b"\n"


def answer_text(assessment: Assessment, knowledge: Knowledge, question: str) -> bytes:
    """Return the answer as text with its sources."""
    found, cite = answer(assessment, knowledge, question), SourceNumbers(assessment.sources)
    lines = [Line(question, style="bold")]
    if found.first:
        lines.append(Line(found.first, style="bold red"))
    if not found.known:
        lines.append(Line(UNKNOWN))
    for part in found.parts:
        lines += heading(part.title)
        lines.append(bullet(f"{part.says} {cite(*part.sources)}".rstrip(), mark=">"))
    return to_text([*lines, *source_lines(assessment, cite), *foot_lines(assessment)]).encode()


# Passages: the words they are found by, and what is shown.
Titled = tuple[str, tuple[str, Part]]


def _parts(assessment: Assessment, knowledge: Knowledge) -> Iterator[Titled]:
    for one in assessment.answers:
        asked = knowledge.questions[one.id]
        if one.says:
            part = Part(title=one.question, says=" ".join(one.says), sources=one.sources)
            yield f"question:{one.id}", (" ".join((asked.question, *asked.also)), part)
    yield from _of_plan(assessment)
    yield from _of_options(assessment)
    for advice in assessment.prevention:
        part = Part(title=advice.name, says=advice.says, sources=advice.sources)
        yield f"prevention:{advice.id}", (advice.name, part)
    for term in knowledge.glossary.values():
        part = Part(title=f"{term.term}, the word", says=term.says, sources=term.sources)
        yield f"word:{term.id}", (" ".join((term.term, *term.also)), part)


def _of_plan(assessment: Assessment) -> Iterator[Titled]:
    for line in assessment.plan.lines:
        more = [
            *_named("How much", line.dose),
            *_named("Stop if", line.stop_when),
            *_named("Not if", line.not_if),
        ]
        food = [*_named("More of", ", ".join(line.favour)), *_named("Less of", ", ".join(line.limit))]
        exercises = [f"{one.name}: {one.how} {one.dose}" for one in line.exercises]
        says = " ".join((line.plain, *more, *food, *exercises))
        yield (
            f"plan:{line.id}",
            (f"{line.name} {line.area}", Part(title=line.name, says=says, sources=line.sources)),
        )


def _named(label: str, said: str | None) -> Iterable[str]:
    return (f"{label}: {said}.",) if said else ()


def _of_options(assessment: Assessment) -> Iterator[Titled]:
    told: set[str] = set()
    for one in assessment.treatments.options:
        if one.id not in told:
            told.add(one.id)
            says = f"{one.plain} For you: {words.TITLES[one.state].lower()}. {one.decided_by}"
            sources = tuple(
                dict.fromkeys((*one.sources, *(name for part in one.speaks_against for name in part.sources)))
            )
            title = f"{one.name} ({one.plain_name})"
            yield (
                f"option:{one.id}",
                (f"{one.name} {one.plain_name}", Part(title=title, says=says, sources=sources)),
            )
