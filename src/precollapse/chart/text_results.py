"""Reads what stands beside a test in a text: a number with its unit, a choice, a result."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping
from typing import Literal, NamedTuple

from precollapse.chart.text_phrases import Phrases, Span
from precollapse.chart.text_scope import Scope
from precollapse.chart.text_tokens import Token, Tokens, phrase
from precollapse.chart.text_words import (
    BEFORE,
    COORDINATORS,
    DOUBTFUL,
    LEVELS,
    LINKS,
    NEGATIVE,
    POSITIVE,
    UNIT_SPELLINGS,
    LevelWord,
)  # fmt: skip
from precollapse.knowledge.model import Concept

Outcome = Literal["positive", "negative", "uncertain"]

NUMBER_REACH = 5  # words between a name and its number
RESULT_REACH = 5
LONGEST_STRETCH = 40
LONGEST_UNIT = 24

# What follows the comma after one of these is another finding; of a habit it still tells the kind.
ONE_RESULT_GROUPS = frozenset(["manual tests", "laboratory", "electrodiagnostics", "imaging"])
_TIME = re.compile(
    r"\s*(?:-|th|st|nd|rd)?\s*(?:months?|weeks?|days?|years?|hours?|yrs?|wks?|mo|minutes?|times|o'clock)\b",
    re.IGNORECASE,
)
_DATE = re.compile(r"\d{4}-\d{1,2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{1,2}/\d{4}")
_UNIT = re.compile(r"[A-Za-zµμ°%/\[{][\w/^µμ°%.*²³\[\]{}]*")
_RANGE = re.compile(r"\s*(?:-|–|—|to)\s*")
_COMPARATORS = {"<": "<", ">": ">", "≤": "<=", "≥": ">="}


class Result(NamedTuple):
    """What was found beside a phrase; all fields are empty when nothing was."""

    number: float | None = None
    unit: str | None = None
    comparator: str | None = None
    low: float | None = None
    high: float | None = None
    level: LevelWord | None = None
    choice: str | None = None
    outcome: Outcome | None = None

    @property
    def empty(self) -> bool:
        """Whether there is neither a number nor a word about its level."""
        return self.number is None and self.low is None and self.high is None and self.level is None


class ResultReader:
    """Knows the words of all choices; built once per knowledge."""

    def __init__(self, concepts: Mapping[str, Concept]) -> None:
        self._choices = {
            concept.id: Phrases(
                (phrase(words) or (words,), choice)
                for choice, said in concept.choices.items()
                for words in (*said, choice.replace("_", " "))
            )
            for concept in concepts.values()
            if concept.choices
        }

    def read(
        self, concept: Concept, scope: Scope, tokens: Tokens, span: Span[object], limits: tuple[int, int]
    ) -> Result:
        """Read what belongs to one phrase.

        Parameters
        ----------
        concept
            What the phrase stands for.
        scope, tokens, span
            The text and where the phrase stands.
        limits
            First and last token that may belong to it.
        """
        words = scope.words
        if concept.type == "number":
            return self._number(concept, scope, tokens, span, limits)
        if concept.type == "choice":
            return Result(choice=self._choice(concept, words, scope, span, limits[1]))
        return Result(outcome=_outcome(words, scope, span))

    def _number(
        self, concept: Concept, scope: Scope, tokens: Tokens, span: Span[object], limits: tuple[int, int]
    ) -> Result:
        result = _number_after(concept, tokens, span.end, limits[1]) or _number_before(
            concept, tokens, span.start, limits[0]
        )
        if result is not None:
            return result
        return Result(level=_level(scope.words, scope, span))

    def _choice(
        self, concept: Concept, words: tuple[str, ...], scope: Scope, span: Span[object], limit: int
    ) -> str | None:
        """Return the choice named after a phrase, just before it, or within it; none when it is denied."""
        table = self._choices.get(concept.id)
        if table is None:
            return None
        start, stop = _stretch(words, scope, span)
        if concept.group not in ONE_RESULT_GROUPS:
            stop = limit
        for position in range(start, stop):
            hit = table.at(words, position, stop)
            if hit is not None:
                return None if _DENIALS.ending(words, position) else hit.meaning
        for position in range(span.end, max(0, span.start - 1), -1):
            before = table.ending(words, position)
            if before is not None:
                return None if _DENIALS.ending(words, before.start) else before.meaning
        return None


def _outcomes(said: frozenset[str], outcome: Outcome) -> Phrases[Outcome]:
    return Phrases((phrase(words) or (words,), outcome) for words in said)


_POSITIVE = _outcomes(POSITIVE, "positive")
_NEGATIVE = _outcomes(NEGATIVE, "negative")
_DOUBTFUL = _outcomes(DOUBTFUL, "uncertain")
_LEVELS = Phrases.of(LEVELS)
_DENIALS = Phrases((phrase(words), True) for words, mood in BEFORE.items() if mood == "absent")
_LINKS = frozenset(word for link in LINKS for word in (phrase(link) or (link,)))


def _outcome(words: tuple[str, ...], scope: Scope, span: Span[object]) -> Outcome | None:
    """Return the result of a test: after its name, after the list it belongs to, or just before it."""
    start, stop = _stretch(words, scope, span)
    for position in range(start, min(stop, start + RESULT_REACH)):
        outcome = _outcome_at(words, position, stop)
        if outcome is not None:
            return outcome
    for table in (_DOUBTFUL, _NEGATIVE, _POSITIVE):
        hit = table.ending(words, span.start)
        if hit is not None:
            return hit.meaning
    return None


def _outcome_at(words: tuple[str, ...], position: int, stop: int) -> Outcome | None:
    for table in (_DOUBTFUL, _NEGATIVE, _POSITIVE):
        hit = table.at(words, position, stop)
        if hit is not None:
            return hit.meaning
    return "negative" if _DENIALS.at(words, position) else None


def _level(words: tuple[str, ...], scope: Scope, span: Span[object]) -> LevelWord | None:
    start, stop = _stretch(words, scope, span)
    for position in range(start, min(stop, start + RESULT_REACH)):
        hit = _LEVELS.at(words, position, stop)
        if hit is not None:
            return hit.meaning
    hit = _LEVELS.ending(words, span.start)
    return hit.meaning if hit is not None else None


def _stretch(words: tuple[str, ...], scope: Scope, span: Span[object]) -> tuple[int, int]:
    """Return where the result of a test may stand: "FABER, FADIR and log roll positive" has one for three."""
    _, end = scope.clause(span)
    position, reached = span.end, {span.end}
    while position < end:
        member = position
        while member < end and words[member] in COORDINATORS:
            member += 1
        if member == position:
            break
        if member in scope.ends:
            position = scope.ends[member]
            reached.add(position)
        elif member + 1 < end and words[member + 1] in COORDINATORS:
            position = member + 1
        else:
            break
    start = position if position in reached else span.end
    near = range(start, min(end, start + LONGEST_STRETCH)) if position == span.end else ()
    commas = [number for number in near if words[number] == ","]
    following = bisect_left(scope.starts, start)
    return start, min([end, *commas[:1], *scope.starts[following : following + 1]])


def _number_after(concept: Concept, tokens: Tokens, start: int, stop: int) -> Result | None:
    comparator = None
    for position in range(start, min(stop, start + NUMBER_REACH, len(tokens.words))):
        token = tokens.words[position]
        if token.number is not None:
            return _as_result(concept, tokens, position, comparator)
        if token.word in _COMPARATORS:
            comparator = _COMPARATORS[token.word]
        elif token.word == "=" and comparator in {"<", ">"}:
            comparator += "="
        elif token.word not in _LINKS and token.word not in {
            "(",
            "high",
            "low",
            "limited",
            "reduced",
            "decreased",
            "raised",
            "normal",
            "~",
            "total",
            "of",
        }:
            return None
    return None


def _number_before(concept: Concept, tokens: Tokens, start: int, stop: int) -> Result | None:
    """Read "10 degrees of internal rotation": only with a unit of the concept, or directly before it."""
    for position in range(start - 1, max(stop, start - NUMBER_REACH) - 1, -1):
        if tokens.words[position].number is not None:
            result = _as_result(concept, tokens, position, None)
            adjacent = position == start - 1
            return result if result is not None and (adjacent or result.unit is not None) else None
    return None


def _as_result(concept: Concept, tokens: Tokens, position: int, comparator: str | None) -> Result | None:
    token = tokens.words[position]
    rest = tokens.text[token.end : token.end + LONGEST_UNIT]
    if _DATE.match(tokens.text[token.start : token.start + 12]) or re.match(r"\s*/\s*\d", rest):
        return None
    second = _range_end(tokens, position)
    unit = _unit(concept, tokens.text[second.end : second.end + LONGEST_UNIT] if second else rest)
    if unit is None and _TIME.match(rest):
        return None
    number = token.number if not _is_negative(tokens.text, token) or token.number is None else -token.number
    if second is not None and number is not None and second.number is not None and number <= second.number:
        return Result(unit=unit, low=number, high=second.number)
    return Result(number=number, unit=unit, comparator=comparator)


def _range_end(tokens: Tokens, position: int) -> Token | None:
    if position + 1 >= len(tokens.words):
        return None
    first, second = tokens.words[position], tokens.words[position + 1]
    if second.word in {":", "to"} and position + 2 < len(tokens.words):
        second = tokens.words[position + 2]
    between = tokens.text[first.end : second.start]
    return second if second.number is not None and _RANGE.fullmatch(between) else None


def _is_negative(text: str, token: Token) -> bool:
    """Tell a minus from a hyphen: it stands after a space or at the beginning."""
    return text[max(0, token.start - 1) : token.start] in {"-", "−"} and text[
        max(0, token.start - 2) : token.start - 1
    ] in {"", " ", "(", ":"}


def _unit(concept: Concept, rest: str) -> str | None:
    """Return the unit written after a number: one the concept knows, or one that looks like a unit."""
    written = rest.strip()
    for known in sorted((*concept.units, concept.unit or ""), key=len, reverse=True):
        if known and _begins(written, known):
            return known
    for spelling in sorted(UNIT_SPELLINGS, key=len, reverse=True):
        unit = UNIT_SPELLINGS[spelling]
        if (unit in concept.units or unit == concept.unit) and _begins(written, spelling):
            return unit
    found = _UNIT.match(written)
    if found is not None and any(sign in found.group() for sign in "/%°["):
        return found.group().rstrip(".")
    return None


def _begins(written: str, unit: str) -> bool:
    if not written.lower().startswith(unit.lower()):
        return False
    following = written[len(unit) : len(unit) + 1]
    return not (following.isalnum() and unit[-1].isalnum()) and following != "/"
