"""Finds the concepts of the knowledge in free text: denied or doubted, on which side, with which number.

A table of synonyms and a few rules of grammar; no guessing. What is named without being asserted (ruled
out, asked about, of a relative) is not a hit: ``TextIndex.read`` lists it with the reason.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from precollapse.chart.compiled import once_per_knowledge
from precollapse.chart.model import Side
from precollapse.chart.text_allergies import GROUP as ALLERGIES
from precollapse.chart.text_allergies import names_all, with_allergies
from precollapse.chart.text_meanings import Meaning, choose_all, method_named, table_of
from precollapse.chart.text_medicines import is_a_level, is_a_salt
from precollapse.chart.text_phrases import Phrases, Span, words_of
from precollapse.chart.text_results import Result, ResultReader
from precollapse.chart.text_scope import Assertion, Scope
from precollapse.chart.text_sides import side_of_span
from precollapse.chart.text_sites import at_other_site
from precollapse.chart.text_tokens import Tokens, phrase, tokenise
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.cache import digest_of, kept
from precollapse.knowledge.model import Concept

LONGEST_TEXT = 20_000
MOST_REMEMBERED = 20_000
LONGEST_REMEMBERED = 400

# Groups whose concepts are named like the test itself: a name alone is no result.
TEST_GROUPS = frozenset(["manual tests", "laboratory", "electrodiagnostics"])

# Groups that are told in one breath: "no weight loss, fever, limp".
COMPLAINT_GROUPS = frozenset(["symptoms", "red flags", "function", "examination"])


@dataclass(frozen=True, slots=True)
class TextHit:
    """One concept found in a text.

    ``concept`` is the id of a corticosteroid when ``corticosteroid`` is set. ``low`` and ``high`` are the
    ends of a written range, in ``unit``; ``comparator`` is one of ``<``, ``<=``, ``>``, ``>=``; ``level`` is
    what a text says of a number in words.
    """

    concept: str
    absent: bool = False
    side: Side | None = None
    choice: str | None = None
    number: float | None = None
    unit: str | None = None
    corticosteroid: bool = False
    words: str = ""
    uncertain: bool = False
    comparator: str | None = None
    low: float | None = None
    high: float | None = None
    level: Literal["normal", "high", "low"] | None = None


class SetAside(NamedTuple):
    """Words that were recognised but assert nothing of the patient, and why (see UNREAD_REASONS)."""

    words: str
    reason: str
    concept: str | None = None


class Reading(NamedTuple):
    """All that was found in one text."""

    hits: tuple[TextHit, ...]
    set_aside: tuple[SetAside, ...]


class TextIndex:
    """The synonyms of one knowledge, ready to be searched. Use ``TextIndex.of(knowledge)``."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.concepts = knowledge.concepts
        phrases, both_phrases = _tables(knowledge)
        self._phrases, self._both_phrases = Phrases(phrases), Phrases(both_phrases)
        self._results = ResultReader(knowledge.concepts)
        self._remembered: OrderedDict[tuple[str, str | None, bool, bool], Reading] = OrderedDict()

    @staticmethod
    def of(knowledge: Knowledge) -> TextIndex:
        """Return the index of a knowledge, built once."""
        return _index(knowledge)

    def find(self, text: str, *, prefer: str | None = None) -> tuple[TextHit, ...]:
        """Return the concepts that a text asserts or denies.

        Parameters
        ----------
        text
            Any text; beyond 20,000 characters it is not searched, which ``read`` reports.
        prefer
            Prefix of concept ids that are meant when a phrase fits several (``mri_``).
        """
        return self.read(text, prefer=prefer).hits

    def read(
        self, text: str, *, prefer: str | None = None, named_is_present: bool = False, in_list: bool = False
    ) -> Reading:
        """Return what a text asserts or denies, and what it only names.

        Parameters
        ----------
        text, prefer
            See ``find``.
        named_is_present
            Take the mere name of a test as its positive result, for lists of diagnoses.
        in_list
            The text stands in a list of medicines: "calcium" is a tablet and no result.
        """
        if len(text) > LONGEST_REMEMBERED:
            return self._read(text, prefer, named_is_present, in_list)
        key = (text, prefer, named_is_present, in_list)
        known = self._remembered.get(key)
        if known is None:
            known = self._remembered[key] = self._read(text, prefer, named_is_present, in_list)
            if len(self._remembered) > MOST_REMEMBERED:
                self._remembered.popitem(last=False)
        return known

    def _read(self, text: str, prefer: str | None, named_is_present: bool, in_list: bool) -> Reading:
        hits: dict[TextHit, None] = {}
        aside: list[SetAside] = []
        passes = [(False, self._phrases)]
        if "b" in text.lower():  # cheap test: "both", "bilateral"
            passes.append((True, self._both_phrases))
        for keep_both, phrases in passes:
            tokens = tokenise(text[:LONGEST_TEXT], keep_both=keep_both)
            one = _OneText(self, tokens, phrases, prefer, named_is_present, in_list)
            hits.update(dict.fromkeys(one.hits))
            aside += one.set_aside
        if len(text) > LONGEST_TEXT:
            aside.append(SetAside(f"text beyond {LONGEST_TEXT} characters", "not readable"))
        return Reading(tuple(hits), tuple(dict.fromkeys(aside)))

    def result_of(
        self, concept: Concept, scope: Scope, tokens: Tokens, span: Span[object], limits: tuple[int, int]
    ) -> Result:
        """Return the number, choice or result that stands with a phrase."""
        return self._results.read(concept, scope, tokens, span, limits)


class _OneText:
    """The search of one text; lives only while it runs."""

    def __init__(
        self,
        index: TextIndex,
        tokens: Tokens,
        phrases: Phrases[tuple[Meaning, ...]],
        prefer: str | None,
        named: bool,
        in_list: bool,
    ) -> None:
        words = words_of(tokens.words)
        self.index, self.tokens, self.named, self.in_list = index, tokens, named, in_list
        self.prefer = prefer if prefer is not None else method_named(words)
        self.hits: list[TextHit] = []
        self.set_aside: list[SetAside] = []
        outer = [span for span in phrases.all(words) if self._means_anything(span)]
        outer += phrases.completed(words, outer)
        allergies = with_allergies(phrases, words, outer)
        outer = sorted(allergies.spans, key=lambda span: (span.start, span.end))
        self.scope = Scope(words, [*outer, *allergies.leads])
        self.spans = outer
        for span in outer:
            assertion = self.scope.assertion(span, self._alike(span))
            if span.start in allergies.aside and assertion != "other person":
                assertion = "set aside"
            self._take(span, assertion)
            if not _denies(span, words):
                for part in phrases.parts(words, span):
                    self._take(part, assertion)

    def _means_anything(self, span: Span[tuple[Meaning, ...]]) -> bool:
        """Tell whether a phrase means anything here; some words name a medicine only in lists."""
        if not any(meaning.listed for meaning in span.meaning):
            return True
        if not self.in_list:
            return any(not meaning.listed for meaning in span.meaning)
        return not is_a_salt(self.tokens, span)

    def _alike(self, span: Span[tuple[Meaning, ...]]) -> Callable[[int, int], bool]:
        group = self._group(span)

        def same_group(first: int, last: int) -> bool:
            between = [other for other in self.spans if first <= other.start and other.end <= last]
            return any(self._group(other) == group for other in between)

        return same_group

    def _group(self, span: Span[tuple[Meaning, ...]]) -> str:
        concept = self.index.concepts.get(span.meaning[0].concept)
        group = concept.group if concept is not None else "medicines"
        return "complaint" if group in COMPLAINT_GROUPS else group

    def _take(self, span: Span[tuple[Meaning, ...]], assertion: Assertion) -> None:
        said = self._said(span)
        meanings = choose_all(span.meaning, self.prefer, self.index.concepts, in_list=self.in_list)
        if not meanings:
            self.set_aside.append(SetAside(said, "no concept"))
        elif len(meanings) > 1 and assertion == "absent":
            # Who takes no ciprofloxacin may take another antibiotic: only what bears the name is denied.
            named = phrase(said)
            denied = [each for each in meanings if self._name(each) == named]
            for meaning in denied:
                self._take_one(meaning, span, assertion, said)
            if not denied:
                self.set_aside.append(SetAside(said, "rule-out", meanings[0].concept))
        else:
            for meaning in meanings:
                self._take_one(meaning, span, assertion, said)

    def _name(self, meaning: Meaning) -> tuple[str, ...]:
        concept = self.index.concepts.get(meaning.concept)
        return () if concept is None else phrase(concept.name)

    def _take_one(
        self, meaning: Meaning, span: Span[tuple[Meaning, ...]], assertion: Assertion, said: str
    ) -> None:
        if assertion == "other person" and not meaning.concept.startswith("family_history"):
            self.set_aside.append(SetAside(said, "other person", meaning.concept))
        elif assertion == "set aside":
            self.set_aside.append(SetAside(said, "rule-out", meaning.concept))
        elif meaning.corticosteroid:
            self._add(meaning, span, assertion, Result())
        elif self._is_a_level(meaning, span):
            self.set_aside.append(SetAside(said, "not used", meaning.concept))
        else:
            self._take_concept(meaning, span, assertion, said)

    def _is_a_level(self, meaning: Meaning, span: Span[tuple[Meaning, ...]]) -> bool:
        """Tell whether what could be a medicine is its level in blood: "cholecalciferol 22 ng/mL"."""
        has_levels = bool(self.index.concepts[meaning.concept].synonyms_in_lists)
        return has_levels and not self.in_list and is_a_level(self.tokens, span)

    def _take_concept(
        self, meaning: Meaning, span: Span[tuple[Meaning, ...]], assertion: Assertion, said: str
    ) -> None:
        concept = self.index.concepts[meaning.concept]
        if concept.level == "hip" and at_other_site(self.scope.words, span, self.scope.clause(span)):
            self.set_aside.append(SetAside(said, "other site", meaning.concept))
            return
        if assertion == "past":
            if concept.resolve != "ever":
                self.set_aside.append(SetAside(said, "not used", meaning.concept))
                return
            assertion = "present"  # what counts for ever counts when it is over, too
        if meaning.absent:
            if assertion in {"present", "other person"}:
                self._add(meaning, span, "absent", Result())
            else:
                self.set_aside.append(SetAside(said, "rule-out", meaning.concept))
            return
        if concept.type != "yes_no":
            assertion = self.scope.assertion(span, self._alike(span), with_after=False)
        if assertion == "absent" and concept.group == ALLERGIES and not names_all(concept, said):
            self.set_aside.append(SetAside(said, "rule-out", meaning.concept))
            return
        result = self.index.result_of(concept, self.scope, self.tokens, span, self.scope.limits(span))
        if meaning.choice is not None and result.choice is None:
            result = result._replace(choice=meaning.choice)
        checked = _with_result(
            concept, assertion, result, named=self.named, phrase_is_result=_says_result(concept, said)
        )
        if checked is None:
            self.set_aside.append(SetAside(said, "no value", meaning.concept))
        else:
            self._add(meaning, span, checked, result)

    def _add(
        self, meaning: Meaning, span: Span[tuple[Meaning, ...]], assertion: Assertion, result: Result
    ) -> None:
        self.hits.append(
            TextHit(
                concept=meaning.concept,
                absent=assertion == "absent",
                side=side_of_span(self.tokens, span.start, span.end, self.scope.clause(span)),
                choice=result.choice,
                number=result.number,
                unit=result.unit,
                corticosteroid=meaning.corticosteroid,
                words=self._said(span),
                uncertain=assertion == "uncertain",
                comparator=result.comparator,
                low=result.low,
                high=result.high,
                level=result.level,
            )
        )

    def _said(self, span: Span[tuple[Meaning, ...]]) -> str:
        words = self.tokens.words
        return self.tokens.text[words[span.start].start : words[span.end - 1].end]


_DENYING = frozenset(["no", "not", "without"])


def _denies(span: Span[tuple[Meaning, ...]], words: tuple[str, ...]) -> bool:
    """Tell whether a phrase holds its own denial ("no fever or chills"), so that its parts are denied too."""
    return any(meaning.absent for meaning in span.meaning) or bool(
        _DENYING & set(words[span.start : span.end])
    )


_RESULT_ENDINGS = ("osis", "emia", "penia", "uria")
_RESULT_WORDS = frozenset(
    word
    for said in (
        "raised",
        "high",
        "elevated",
        "increased",
        "positive",
        "abnormal",
        "low",
        "reduced",
        "decreased",
        "deficiency",
        "deficient",
        "painful",
        "empty",
        "necrotic",
    )
    for word in phrase(said)
)


def _says_result(concept: Concept, said: str) -> bool:
    """Tell whether a phrase names a finding rather than only the test: "leukocytosis", "CRP raised"."""
    return concept.group not in TEST_GROUPS or any(
        word in _RESULT_WORDS or word.endswith(_RESULT_ENDINGS) for word in phrase(said)
    )


def _with_result(
    concept: Concept, assertion: Assertion, result: Result, *, named: bool, phrase_is_result: bool
) -> Assertion | None:
    """Join what the sentence says of a concept with the result beside it; None when neither says anything."""
    if concept.type == "number":
        return None if result.empty else "present" if assertion == "absent" else assertion
    if concept.type == "choice":
        return None if result.choice is None else assertion
    if concept.group not in TEST_GROUPS or concept.id.endswith("_done"):
        return assertion
    if result.outcome == "uncertain" and assertion != "absent":
        return "uncertain"
    if result.outcome == "negative":
        return "absent"
    if assertion == "present" and result.outcome is None and not (named or phrase_is_result):
        return None
    return assertion


Table = list[tuple[tuple[str, ...], tuple[Meaning, ...]]]


def _tables(knowledge: Knowledge) -> tuple[Table, Table]:
    """Return the tables of phrases, from the kept copy when there is one."""

    def build() -> tuple[Table, Table]:
        plain, both = (table_of(knowledge, TEST_GROUPS, keep_both=both) for both in (False, True))
        return list(plain.items()), list(both.items())

    code = sorted(Path(__file__).parent.glob("text*.py"))
    said = msgspec.msgpack.encode((knowledge.concepts, knowledge.corticosteroids))
    return kept("phrases", digest_of(code, said), tuple[Table, Table], build)


@once_per_knowledge
def _index(knowledge: Knowledge) -> TextIndex:
    return TextIndex(knowledge)
