"""Answers to everyday questions: found by their matter, the patient's own, honest where nothing is known."""

from __future__ import annotations

import json

import pytest

from precollapse.assessment.model import to_json
from precollapse.views.ask import UNKNOWN, answer, answer_json, answer_text
from precollapse.views.retrieval import Index, Passage, stems
from tests.facts.people import KNOWLEDGE, Person
from tests.patient.everybody import assessment
from tests.treatments.made_up import SHOWN, assessed

# A question in other words than the knowledge uses, and a word that its answer must hold in the title.
ASKED = (
    ("Is avascular necrosis the same thing as osteonecrosis?", "same"),
    ("Will my hip ever heal by itself?", "heal"),
    ("What are the first signs of this?", "first"),
    ("How do they find out that I have it?", "diagnosed"),
    ("Do I really need surgery?", "surgery"),
    ("Can alendronate cure my hip?", "cure"),
    ("Are stem cells dangerous?", "stem cells"),
    ("Does my lifestyle make a difference?", "lifestyle"),
    ("Will I need a hip replacement one day?", "replacement"),
    ("Will it come in my other hip too?", "both hips"),
    ("Can my child get this?", "children"),
    ("How long until I recover from core decompression?", "recovery"),
    ("What happens if I do nothing and ignore it?", "ignore"),
    ("Which exercises are bad for me?", "exercises"),
    ("Is this page enough to plan my treatment?", "enough"),
)
# Questions about something else: the knowledge has no answer, and must say so.
ELSEWHERE = (
    "What is the capital of France?",
    "How much insulin should I inject before dinner?",
    "Can I take amoxicillin for my tooth?",
    "Who won the football world cup?",
    "Which chemotherapy is best for breast cancer?",
    "How do I renew my passport?",
    "What is the dose of methadone for my dog?",
    "Is the moon made of cheese?",
    "Should I buy bitcoin?",
    "How is migraine treated with triptans?",
    "",
    "???",
)


@pytest.mark.parametrize(("question", "title"), ASKED)
def test_a_question_in_everyday_words_finds_its_answer_first(question: str, title: str) -> None:
    found = answer(assessment("lupus-prednisolone"), KNOWLEDGE, question)
    assert found.known, question
    assert title in found.parts[0].title.casefold(), [part.title for part in found.parts]
    assert found.parts[0].says


@pytest.mark.hazard("answer-made-up")
@pytest.mark.parametrize("question", ELSEWHERE)
def test_a_question_about_something_else_is_not_answered(question: str) -> None:
    found = answer(assessment("lupus-prednisolone"), KNOWLEDGE, question)
    assert not found.known, [part.title for part in found.parts]
    assert UNKNOWN.encode() in answer_text(assessment("lupus-prednisolone"), KNOWLEDGE, question)


@pytest.mark.hazard("answer-made-up")
def test_everything_answered_stands_in_the_assessment_or_the_knowledge() -> None:
    document = assessment("lupus-prednisolone")
    written = to_json(document).decode() + json.dumps([term.says for term in KNOWLEDGE.glossary.values()])
    for question, _ in ASKED:
        for part in json.loads(answer_json(document, KNOWLEDGE, question))["parts"]:
            sentences = [one for one in part["says"].split(". ") if not one.startswith("For you: ")]
            for sentence in sentences:
                told = json.dumps(sentence.split(": ")[-1].rstrip("."), ensure_ascii=False)[1:-1]
                assert told in written, told
            assert "{" not in part["says"], "no value is left unfilled"


def test_an_emergency_is_said_before_any_answer() -> None:
    person = Person(
        {"fall_or_trauma": (True, 0.001)}, left=SHOWN | {"hip_pain": True, "can_bear_weight": False}
    )
    document = assessed(KNOWLEDGE, person)
    assert document.urgency.level == "emergency"
    assert "emergency" in answer(document, KNOWLEDGE, "Can I swim?").first


def test_an_answer_carries_sources_statement_and_versions() -> None:
    shown = answer_text(assessment("lupus-prednisolone"), KNOWLEDGE, "Can it heal?").decode()
    assert "SOURCES" in shown
    assert "knowledge " in shown
    assert "A qualified clinician who knows the patient" in " ".join(shown.split())


def test_rare_words_weigh_more_and_unknown_words_most() -> None:
    index = Index(
        [Passage("a", "swimming", "the hip"), Passage("b", "running", "the hip"), Passage("c", "", "hip")]
    )
    assert index.weight("hip") < index.weight("swim") < index.weight("never")
    best = index.search("may I swim with this hip?")[0]
    assert best.passage.key == "a"
    assert index.search("quantum swimming")[0].covers < 0.6


def test_endings_do_not_hide_a_word() -> None:
    for words in ("exercise exercises", "swim swimming", "drink drinking", "scan scans", "bone bones"):
        assert len(set(stems(words))) == 1, words
    assert stems("What is it?") == []
