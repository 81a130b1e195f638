"""Whatever is wrong with a treatment, the plan, a question or their words is found and named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from precollapse.knowledge.check import check
from precollapse.knowledge.check_treatments import resting_on_low
from tests.knowledge import small
from tests.knowledge.small import Files

Break = Callable[[Files], Any]


def part(entry: str, field: str, **changes: Any) -> Break:
    return lambda files: small.entry(files, entry)[field][0].update(changes)


def whole(entry: str, **changes: Any) -> Break:
    return lambda files: small.entry(files, entry).update(changes)


FAULTS: tuple[tuple[Break, str], ...] = (
    (whole("tablet", considered_when="nobody"), "names nobody"),
    (whole("tablet", considered_when={"fact": "haemoglobin", "is": "ss"}), "is of type number"),
    (whole("tablet", considered_when={"found": "luck", "is": "good"}), "there is no finding luck"),
    (whole("tablet", considered_when={"found": "proof", "is": "maybe"}), "proof is never maybe"),
    (whole("tablet", offers=[]), "nothing speaks for it"),
    (whole("tablet", combines=["tablet"]), "combined with itself"),
    (whole("tablet", combines=["potion"]), "names potion"),
    (whole("tablet", forecast_option="prayer"), "no forecast option prayer"),
    (whole("tablet", kind="non-drug"), "has no prescription"),
    (whole("tablet", serves={"avoid_pain": 3}), "serves needs each of"),
    (part("tablet", "offers", sources=[]), "offers[0] has no source"),
    (part("tablet", "against", sources=[]), "against[0] has no source"),
    (part("tablet", "against", sources=["rumour"]), "there is no source rumour"),
    (part("tablet", "against", when={"fact": "haemoglobin", "below": 99}), "outside the possible"),
    (part("tablet", "against", effect="forbid"), "Invalid enum value 'forbid'"),
    (whole("rest", treatment="potion"), "there is no treatment potion"),
    (whole("rest", sources=[]), "has no source"),
    (whole("after", operation="potion"), "names potion"),
    (whole("after", done="potion"), "names potion"),
    (part("heal", "answers", says="Of 100 {wishes}."), "there is no value {wishes}"),
    (part("heal", "answers", sources=[]), "answers[0] has no source"),
    (whole("proof-0", value="perhaps"), "proof is never perhaps"),
    (whole("proof-0", value="possible"), "no plain words for shown"),
    (
        whole("red-flag", when={"found": "proof", "is": "shown"}),
        "asks for the finding proof, which is not there yet",
    ),
)


@pytest.mark.hazard("rule-of-treatment-broken")
@pytest.mark.parametrize(("change", "said"), FAULTS, ids=[said for _, said in FAULTS])
def test_every_fault_of_the_advice_is_named(change: Break, said: str, tmp_path: Path) -> None:
    content = small.files()
    change(content)
    problems = check(small.write(content, tmp_path), tmp_path / "tests").problems
    assert any(said in str(problem) for problem in problems), [str(problem) for problem in problems]


def test_an_argument_may_rest_on_judgement_when_it_says_so(tmp_path: Path) -> None:
    content = small.files()
    small.entry(content, "tablet")["against"][0].update(sources=[], note="judgement: common sense")
    assert check(small.write(content, tmp_path), tmp_path / "tests").problems == []


def test_what_rests_on_a_source_of_low_reliability_can_be_listed(tmp_path: Path) -> None:
    from precollapse.knowledge.load import read_folder

    content = small.files()
    content["sources/all.yaml"].append(small.source("rumour", reliability="low"))
    small.entry(content, "tablet")["against"][0].update(sources=["rumour"])
    knowledge = read_folder(small.write(content, tmp_path))
    assert resting_on_low(knowledge) == [("treatments", "tablet", "severe anaemia")]
    small.entry(content, "tablet")["against"][0].update(sources=["rumour", "study"])
    assert resting_on_low(read_folder(small.write(content, tmp_path))) == []
