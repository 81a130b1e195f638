"""Whatever is wrong with a diagnosis, sign, finding, test or decision of the knowledge is found and named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.check_diagnosis import CHECKS, MOST_FINDINGS_OF_A_TEST, judged_cells, words_of
from precollapse.knowledge.load import load
from precollapse.knowledge.walk import Problem

KNOWLEDGE = load()
Break = Callable[[Knowledge], Knowledge]


def problems(knowledge: Knowledge) -> list[Problem]:
    return [problem for check in CHECKS for problem in check(knowledge)]


def changed(part: str, name: str, **fields: Any) -> Break:
    def change(knowledge: Knowledge) -> Knowledge:
        entries = dict(getattr(knowledge, part))
        entries[name] = replace(entries[name], **fields)
        return replace(knowledge, **{part: entries})

    return change


def cell(part: str, name: str, diagnosis: str, word: str, field: str = "given") -> Break:
    given = dict(getattr(getattr(KNOWLEDGE, part)[name], field)) | {diagnosis: word}
    return changed(part, name, **{field: given})


def without(part: str, name: str) -> Break:
    entries = {key: entry for key, entry in getattr(KNOWLEDGE, part).items() if key != name}
    return lambda knowledge: replace(knowledge, **{part: entries})


FREQUENCY = dict(KNOWLEDGE.diagnoses["infection"].frequency)
REVEALS = tuple(KNOWLEDGE.findings)[: MOST_FINDINGS_OF_A_TEST + 1]
ONE_BAR = tuple(replace(bar, burden="crushing") for bar in KNOWLEDGE.tests["mri_both_hips"].bars)

# What is said, of which entry, and what was broken.
FAULTS: dict[str, tuple[str, str, Break]] = {
    "a frequency of a diagnosis that is no word": (
        "mostly is not a frequency", "infection",
        cell("diagnoses", "infection", "clinic", "mostly", "frequency")),
    "a frequency at an age that is no word": (
        "mostly is not a frequency", "perthes", cell("diagnoses", "perthes", "4_to_8", "mostly", "ages")),
    "a painless share that is no word": (
        "mostly is not a frequency", "infection", changed("diagnoses", "infection", painless="mostly")),
    "a share of women that is no word": (
        "mostly is not a frequency", "infection", changed("diagnoses", "infection", women="mostly")),
    "a cell of a sign that is no word": (
        "mostly is not a frequency", "joint_irritated",
        cell("signs", "joint_irritated", "infection", "mostly")),
    "a cell of a finding that is no word": (
        "mostly is not a frequency", "groin_pain", cell("findings", "groin_pain", "osteonecrosis", "mostly")),
    "what is found without a sign that is no word": (
        "mostly is not a frequency", "night_pain", changed("findings", "night_pain", if_no_sign="mostly")),
    "a worth that is no word": (
        "splendid is not a worth", "emergency", cell("decisions", "emergency", "infection", "splendid")),
    "a worth of everything else that is no word": (
        "splendid is not a worth", "specialist", changed("decisions", "specialist", otherwise="splendid")),
    "a burden that is no word": (
        "crushing is not a burden", "dxa", changed("tests", "dxa", burden="crushing")),
    "a delay that is no word": (
        "crushing is not a burden", "dxa", changed("tests", "dxa", delay="crushing")),
    "a burden of a bar that is no word": (
        "crushing is not a burden", "mri_both_hips", changed("tests", "mri_both_hips", bars=ONE_BAR)),
    "a sign of an unknown disease": (
        "there is no diagnosis gout", "joint_irritated", cell("signs", "joint_irritated", "gout", "often")),
    "a finding of an unknown disease": (
        "there is no diagnosis gout", "groin_pain", cell("findings", "groin_pain", "gout", "often")),
    "a decision for an unknown disease": (
        "there is no diagnosis gout", "emergency", cell("decisions", "emergency", "gout", "best")),
    "two diagnoses from the risk engine": (
        "2 diagnoses are taken from the risk engine", "all",
        changed("diagnoses", "infection", from_risk_engine=True)),
    "no diagnosis from the risk engine": (
        "0 diagnoses are taken from the risk engine", "all",
        changed("diagnoses", "osteonecrosis", from_risk_engine=False)),
    "no rest": ("0 diagnoses are the rest", "all", changed("diagnoses", "none_of_these", group="adult")),
    "a setting without a frequency": (
        "no frequency for clinic", "infection",
        changed("diagnoses", "infection", frequency={k: v for k, v in FREQUENCY.items() if k != "clinic"})),
    "no frequency among hips without pain": (
        "no frequency for hips without pain", "infection", changed("diagnoses", "infection", painless=None)),
    "an unknown band of age": (
        "there is no band of age teens", "perthes", cell("diagnoses", "perthes", "teens", "often", "ages")),
    "a finding without a sign and without the others": (
        "without a sign it needs 'otherwise'", "groin_pain",
        changed("findings", "groin_pain", otherwise=None)),
    "a finding without a sign that says how often with it": (
        "without a sign it needs 'otherwise'", "groin_pain",
        changed("findings", "groin_pain", if_sign="often")),
    "an unknown sign": (
        "there is no sign aura", "night_pain", changed("findings", "night_pain", sign="aura")),
    "a sign of the patient for a finding of a hip": (
        "its sign sepsis_picture is of the patient", "night_pain",
        changed("findings", "night_pain", sign="sepsis_picture")),
    "a finding with a sign and figures of its own": (
        "with a sign it needs 'if_sign' and 'if_no_sign'", "night_pain",
        changed("findings", "night_pain", otherwise="rare")),
    "a finding with a sign that misses a figure": (
        "with a sign it needs 'if_sign' and 'if_no_sign'", "night_pain",
        changed("findings", "night_pain", if_no_sign=None)),
    "an absence that nothing includes": (
        "its absence is said to be included in mri_perfect", "band",
        changed("findings", "band", absence_in="mri_perfect")),
    "an absence included in a finding of the patient": (
        "its absence is said to be included in fever", "band",
        changed("findings", "band", absence_in="fever")),
    "a finding of the patient that reads a hip": (
        "groin_pain is a fact of a hip", "fever", changed("findings", "fever", when="groin_pain")),
    "a test of an unknown finding": (
        "there is no finding aura", "dxa", changed("tests", "dxa", reveals=("aura",))),
    "a bundle of an unknown test": (
        "there is no test horoscope", "radiographs_and_mri",
        changed("tests", "radiographs_and_mri", parts=("horoscope",))),
    "a test that shows too much": (
        f"it shows {MOST_FINDINGS_OF_A_TEST + 1} findings", "dxa", changed("tests", "dxa", reveals=REVEALS)),
    "a test that shows one thing twice": (
        "which says what the absence of band says", "dxa",
        changed("tests", "dxa", reveals=("band", "mri_normal"))),
    "a timing of an unknown test": (
        "there is no test horoscope", "mri_for_occult_fracture",
        changed("timings", "mri_for_occult_fracture", test="horoscope")),
    "a finding whose sign was taken away": (
        "there is no sign pain_at_rest", "rest_pain", without("signs", "pain_at_rest")),
}  # fmt: skip


def test_the_knowledge_as_it_stands_has_no_fault() -> None:
    assert list(map(str, problems(KNOWLEDGE))) == []


@pytest.mark.parametrize(("says", "entry", "change"), FAULTS.values(), ids=FAULTS)
def test_every_fault_is_named_with_its_entry_and_a_remedy(says: str, entry: str, change: Break) -> None:
    found = problems(change(KNOWLEDGE))
    (named, *_) = [problem for problem in found if says in problem.what] or [None]
    assert named is not None, list(map(str, found))
    assert named.entry == entry
    assert named.fix != ""


def test_one_fault_is_said_once() -> None:
    found = problems(cell("findings", "groin_pain", "gout", "often")(KNOWLEDGE))
    assert len(found) == 1


@pytest.mark.hazard("judgement-taken-for-evidence")
def test_every_judged_cell_is_counted() -> None:
    before = judged_cells(KNOWLEDGE)
    assert before > 300
    more = cell("findings", "long_morning_stiffness", "osteonecrosis", "rare")
    assert judged_cells(more(KNOWLEDGE)) == before + 1


def test_burdens_are_no_frequencies() -> None:
    scales = {scale for test in KNOWLEDGE.tests.values() for scale, _ in words_of(test)}
    assert scales == {"burdens"}
