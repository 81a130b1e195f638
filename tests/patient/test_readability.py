"""Every text that patients read stays at or below grade 8, answers to questions at or below grade 7."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from precollapse.knowledge.own_values import OWN_VALUES
from tests.facts.people import KNOWLEDGE
from tests.patient.readability import grade, sentences, syllables, words_of

HIGHEST = 8.0
OF_ANSWERS = 7.0
# What may stand in braces, as long as it gets.
OWN = {
    "hip": "right hip",
    "other_hip": "left hip",
    "standing_words": "The top of the ball has sunk in a little, by 2 mm or less. It may still be saved.",
    "risk_today_of_100": "about 40 (it could be 12 to 71)",
    "collapse_2_years_of_100": "about 40 (it could be less than 1 to 71)",
    "collapse_5_years_of_100": "about 40 (it could be 12 to 71)",
    "replacement_5_years_of_100": "about 40 (it could be 12 to more than 99)",
    "other_hip_of_100": "about 40 (it could be 12 to 71)",
    "next_test": "MRI of both hips",
    "urgency_words": "Get help now: go to an emergency department.",
    "offered_operations": "drilling the bone, a new hip",
    "offered_medicines": "a mild painkiller",
}
# As a dictionary divides them.
KNOWN = {
    "hip": 1, "bone": 1, "ball": 1, "groin": 1, "weight": 1, "joints": 1, "knee": 1, "moved": 1,
    "healed": 1, "walked": 1, "changed": 1, "twice": 1, "used": 1, "crutches": 2, "collapse": 2,
    "collapsed": 2, "surgeon": 2, "needed": 2, "table": 2, "little": 2, "pressure": 2, "diet": 2,
    "people": 2, "trial": 2, "steroid": 2, "fluid": 2, "smoking": 2, "safely": 2, "cortisone": 3,
    "medicine": 3, "alcohol": 3, "area": 3, "cartilage": 3, "necrosis": 3, "hospital": 3, "period": 3,
    "operation": 4, "radiation": 4, "avascular": 4, "ibuprofen": 4, "anaemia": 4, "exercises": 4,
    "paracetamol": 5, "osteonecrosis": 6, "physiotherapy": 6, "MRI": 3, "X-ray": 2, "mm": 4, "7": 2,
    "12": 1, "63": 3, "100": 3, "5.5": 3, "2000": 3,
}  # fmt: skip


@pytest.mark.parametrize("word", KNOWN)
def test_syllables_are_those_of_a_dictionary_or_more(word: str) -> None:
    assert KNOWN[word] <= syllables(word) <= KNOWN[word] + 1


def test_the_rule_is_right_for_nearly_all_known_words() -> None:
    wrong = [word for word, known in KNOWN.items() if syllables(word) != known]
    assert len(wrong) <= len(KNOWN) // 10, wrong


def test_sentences_end_at_stops_and_not_inside_numbers() -> None:
    assert sentences("Rest. Do not run! Why? It loads the hip 5.5 times.") == 4
    assert sentences("a list without an end") == 1
    assert words_of("Half a kilo, 5.5 times; X-rays don't hurt.") == [
        "Half", "a", "kilo", "5.5", "times", "X-rays", "don't", "hurt",
    ]  # fmt: skip


def test_the_grade_follows_the_formula() -> None:
    assert grade("The hip is ill. You can walk.") == pytest.approx(0.39 * 7 / 2 + 11.8 * 7 / 7 - 15.59)
    assert grade("") == 0.0
    assert grade("Osteonecrosis necessitates multidisciplinary individualised decision-making.") > 20


def filled(text: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda name: OWN[name[1]], text)


def texts() -> Iterator[tuple[str, str]]:
    """Every text for patients, as it is read: a treatment with its name, an answer part by part."""
    for question in KNOWLEDGE.questions.values():
        for number, part in enumerate(question.answers):
            yield f"questions/{question.id}[{number}]", filled(part.says)
    for term in KNOWLEDGE.glossary.values():
        yield f"glossary/{term.id}", term.says
    for words in KNOWLEDGE.plain_words.values():
        yield f"plain_words/{words.id}", words.says
    for advice in KNOWLEDGE.prevention.values():
        yield f"prevention/{advice.id}", advice.says
    for item in KNOWLEDGE.plan.values():
        yield f"plan/{item.id}", item.plain
    for treatment in KNOWLEDGE.treatments.values():
        yield f"treatments/{treatment.id}", f"{treatment.plain_name}. {treatment.plain}"
        yield from (
            (f"treatments/{treatment.id}: {against.what}", against.plain)
            for against in treatment.against
            if against.plain
        )
    yield "safety_statement", KNOWLEDGE.safety_statement.plain


def too_hard(found: Iterator[tuple[str, str]], highest: float) -> str:
    graded = sorted(((grade(text), where, text) for where, text in found), reverse=True)
    return "\n".join(f"{level:.1f} {where}: {text}" for level, where, text in graded if level > highest)


def test_every_value_that_may_be_quoted_has_a_sample() -> None:
    assert set(OWN) == set(OWN_VALUES)


def test_every_text_for_patients_can_be_read_at_grade_8() -> None:
    assert not (found := too_hard(texts(), HIGHEST)), f"above grade {HIGHEST:g}:\n{found}"


def test_every_answer_as_a_whole_can_be_read_at_grade_7() -> None:
    wholes = (
        (question.id, " ".join(filled(part.says) for part in question.answers))
        for question in KNOWLEDGE.questions.values()
    )
    assert not (found := too_hard(wholes, OF_ANSWERS)), f"above grade {OF_ANSWERS:g}:\n{found}"


def test_what_is_always_told_can_be_read_at_grade_7() -> None:
    always = (
        (question.id, " ".join(part.says for part in question.answers if part.when == {"always": True}))
        for question in KNOWLEDGE.questions.values()
    )
    assert not (found := too_hard(always, OF_ANSWERS)), f"above grade {OF_ANSWERS:g}:\n{found}"
