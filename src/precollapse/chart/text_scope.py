"""Decides whether a phrase in a text is asserted, denied, doubted, only asked about, or of someone else.

The rules are those of NegEx in spirit: a trigger governs what follows it in the same clause until
something ends its reach. Where grammar leaves it open, the answer is doubt, never presence.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from precollapse.chart.text_phrases import Phrases, Span
from precollapse.chart.text_tokens import BREAKS, phrase
from precollapse.chart.text_words import AFTER, AFTER_AT_END, BEFORE, FAR_REACHING, LINKS, WITH_ENDS, Mood

Assertion = Literal["present", "absent", "uncertain", "past", "set aside", "other person"]


class Trigger(NamedTuple):
    """What a small word does, and how far."""

    mood: Mood
    far: bool = False
    with_ends: bool = False


_BEFORE = Phrases(
    (phrase(words), Trigger(mood, words in FAR_REACHING, words in WITH_ENDS))
    for words, mood in BEFORE.items()
)
_AFTER = Phrases.of(AFTER)
_AFTER_AT_END = Phrases.of(AFTER_AT_END)
_LINKS = frozenset(word for link in LINKS for word in (phrase(link) or (link,)))
_AFTER_FOLLOWED_BY = (
    frozenset(["and", ",", ":", "on", "in", "at", "for", "today", "by", "since", "or", "with", "to"]) | BREAKS
)
_REACH = {"absent": 14, "past": 3, "uncertain": 8, "set aside": 8, "other person": 60}
_FAR_REACH = 40
LONGEST_REACH = 64  # tokens before a phrase in which something can still govern it
_ABSORBED = 1  # "denies having had fever": one word may stand between the denial and the verb
_STRENGTH: dict[str, int] = {
    "present": 0,
    "past": 1,
    "uncertain": 2,
    "absent": 3,
    "set aside": 4,
    "other person": 5,
}
MOST_LINKS = 4


class Scope:
    """The triggers of one text, and what they do to its phrases."""

    def __init__(self, words: tuple[str, ...], spans: Sequence[Span[object]]) -> None:
        self.words = words
        self.ends: dict[int, int] = {}
        for span in spans:
            self.ends[span.start] = max(span.end, self.ends.get(span.start, 0))
        taken = frozenset(number for span in spans for number in range(span.start, span.end))
        self._before = _BEFORE.all(words, taken)
        self._before_starts = [trigger.start for trigger in self._before]
        self.starts, self._ends = sorted(self.ends), sorted(span.end for span in spans)
        self._breaks = [number for number, word in enumerate(words) if word in BREAKS]

    def clause(self, span: Span[object]) -> tuple[int, int]:
        """Return the first token of the clause around a phrase and the one after its last."""
        before, after = bisect_left(self._breaks, span.start), bisect_left(self._breaks, span.end)
        start = self._breaks[before - 1] + 1 if before else 0
        return start, self._breaks[after] if after < len(self._breaks) else len(self.words)

    def limits(self, span: Span[object]) -> tuple[int, int]:
        """Return the tokens that can belong to a phrase: between its neighbours, in its clause."""
        start, end = self.clause(span)
        before, after = bisect_right(self._ends, span.start), bisect_left(self.starts, span.end)
        if before:
            start = max(start, self._ends[before - 1])
        if after < len(self.starts):
            end = min(end, self.starts[after])
        return start, end

    def assertion(
        self, span: Span[object], same_group: Callable[[int, int], bool], *, with_after: bool = True
    ) -> Assertion:
        """Return what the text says about a phrase.

        Parameters
        ----------
        span
            Where the phrase stands.
        same_group
            Tells whether the tokens between two places hold a phrase of the same kind: "no fever,
            groin pain" leaves open whether both are denied only when both are symptoms.
        with_after
            Also look behind the phrase; not for tests, where "negative" is the result.
        """
        found: list[Assertion] = [self._after(span) if with_after else "present"]
        start, _ = self.clause(span)
        first = bisect_left(self._before_starts, max(start, span.start - LONGEST_REACH))
        last = bisect_left(self._before_starts, span.start)
        governing = [trigger for trigger in self._before[first:last] if trigger.end <= span.start]
        ended = False
        for number in range(len(governing) - 1, -1, -1):
            trigger = governing[number]
            if trigger.meaning.mood == "end":
                ended = ended or not _absorbed(governing, number)
            elif trigger.meaning.mood == "pseudo":
                continue
            elif not ended or trigger.meaning.mood == "other person":
                found.append(self._governed(trigger, span, same_group))
        found.append(self._relative_after(span))
        return max(found, key=lambda assertion: _STRENGTH[assertion])

    def _governed(
        self, trigger: Span[Trigger], span: Span[object], same_group: Callable[[int, int], bool]
    ) -> Assertion:
        mood = trigger.meaning.mood
        between = self.words[trigger.end : span.start]
        if len(between) > (_FAR_REACH if trigger.meaning.far else _REACH[mood]):
            return "present"
        if mood == "absent":
            return self._denied(trigger, span, between, same_group)
        if mood in {"uncertain", "past"} and "," in between and "or" not in between:
            return "present"
        return _as_assertion(mood)

    def _denied(
        self,
        trigger: Span[Trigger],
        span: Span[object],
        between: tuple[str, ...],
        same_group: Callable[[int, int], bool],
    ) -> Assertion:
        if trigger.meaning.with_ends and "with" in between:
            return "present"
        if trigger.meaning.far or not ({",", "and", "plus", "&", "/"} & set(between)):
            return "absent"
        _, end = self.clause(span)
        listed = {"or", "nor"} & set(self.words[trigger.end : end])
        alike = same_group(trigger.end, span.start)
        if "," in between:
            if listed and (alike or "or" in between or "nor" in between or self._is_listed(span)):
                return "absent"
            return "uncertain" if alike else "present"
        return "absent" if alike else "uncertain"

    def _is_listed(self, span: Span[object]) -> bool:
        """Tell whether a phrase stands in the middle of a list: followed by a comma or "or"."""
        return span.end < len(self.words) and self.words[span.end] in {",", "or", "nor"}

    def _after(self, span: Span[object]) -> Assertion:
        position, linked = self.after_links(span.end)
        if position >= len(self.words):
            return "present"
        sure = _AFTER.at(self.words, position)
        if sure is not None:
            return _as_assertion(sure.meaning)
        open_ended = _AFTER_AT_END.at(self.words, position)
        if open_ended is None or open_ended.end in self.ends:
            return "present"
        following = self.words[open_ended.end] if open_ended.end < len(self.words) else "."
        if linked or following in _AFTER_FOLLOWED_BY:
            return _as_assertion(open_ended.meaning)
        return "present" if self.words[position] == "no" else "uncertain"

    def after_links(self, position: int) -> tuple[int, bool]:
        """Skip small words after a phrase; tell whether a colon was among them."""
        linked = False
        for _ in range(MOST_LINKS):
            if position >= len(self.words) or position in self.ends or self.words[position] not in _LINKS:
                break
            linked = linked or self.words[position] in {":", "="}
            position += 1
        return position, linked

    def _relative_after(self, span: Span[object]) -> Assertion:
        """Catch "gout in his father": the person stands after the finding."""
        _, end = self.clause(span)
        for trigger in self._before[bisect_left(self._before_starts, span.end) :][:MOST_LINKS]:
            if trigger.meaning.mood == "other person" and span.end <= trigger.start <= min(end, span.end + 3):
                between = self.words[span.end : trigger.start]
                return "other person" if {"in", "of"} & set(between) else "present"
        return "present"


def _absorbed(triggers: list[Span[Trigger]], number: int) -> bool:
    """Tell whether a word that would end a reach belongs to the denial before it: "has not had fever"."""
    if number == 0:
        return False
    before, this = triggers[number - 1], triggers[number]
    return before.meaning.mood == "absent" and this.start - before.end <= _ABSORBED


def _as_assertion(mood: Mood) -> Assertion:
    return "present" if mood == "end" or mood == "pseudo" else mood
