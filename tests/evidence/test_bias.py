"""Risk of bias by stated rules, and certainty with every reason it was lowered for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from precollapse.evidence.fitting.bias import LEVELS, Body, certainty, risk_of_bias
from tests.evidence.made_up import BASE, MODELS, study

RULES = MODELS.comparisons.rules
CERTAINTY = MODELS.comparisons.certainty
SAYS = CERTAINTY.says
ABSTRACT = "read as an abstract, so losses and concealment could not be judged"
# Large, precise, consistent, randomised and at low risk.
GOOD = Body(
    randomised_share=1.0, risks=("low", "low"), direct_studies=2, ratio=0.5, low=0.4, high=0.62, tau=0.1,
    inconsistency_p=None, events=400,
)  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "level", "reason"),
    [
        ({}, "low", None),
        ({"blinding": "single"}, "some concerns", "single blind"),
        ({"blinding": "open"}, "some concerns", "not blinded, or nothing said of it"),
        ({"blinding": "unknown"}, "some concerns", "not blinded, or nothing said of it"),
        ({"report": "conference abstract"}, "some concerns", "not a full article"),
        ({"seen": "abstract"}, "some concerns", ABSTRACT),
        ({"allocation": "alternate"}, "high", "allocated in turn"),
        ({"allocation": "by lesion size"}, "high", "the side was decided by the size of the lesion"),
        ({"allocation": "not allocated"}, "high", "not randomised"),
    ],
    ids=str,
)
def test_each_fault_of_a_study_is_said(fields: dict[str, Any], level: str, reason: str | None) -> None:
    assert risk_of_bias(study("one", **fields), RULES) == (level, (reason,) if reason else ())


def test_the_worst_fault_decides_and_all_are_said() -> None:
    level, reasons = risk_of_bias(study("one", allocation="alternate", blinding="open"), RULES)
    assert level == "high"
    assert len(reasons) == 2


def test_every_level_and_column_of_the_rules_exists() -> None:
    for rule in RULES:
        assert rule.level in LEVELS
        assert all(hasattr(study("one"), rule.column) for _ in rule.values)


def test_good_randomised_evidence_keeps_high_certainty_and_says_what_cannot_be_judged() -> None:
    found = certainty(GOOD, CERTAINTY)
    assert found.level == "high"
    assert found.reasons == (SAYS["not_assessable"],)


@pytest.mark.parametrize(
    ("fields", "level", "reason"),
    [
        ({"randomised_share": 0.7}, "moderate", "some_randomised"),
        ({"risks": ("low", "high")}, "moderate", "high_risk"),
        ({"risks": ("low", "some concerns")}, "moderate", "some_risk"),
        ({"direct_studies": 0}, "moderate", "indirect"),
        ({"tau": 0.8}, "moderate", "heterogeneity"),
        ({"inconsistency_p": 0.05}, "moderate", "inconsistency"),
        ({"low": 0.25, "high": 1.1}, "moderate", "imprecise"),
        ({"low": 0.1, "high": 4.0}, "low", "very_imprecise"),
        ({"events": 120}, "moderate", "few_events"),
        ({"events": None}, "moderate", "events_not_printed"),
        ({"randomised_share": 0.4}, "low", "not_randomised"),
        ({"randomised_share": 0.0, "risks": ("high",)}, "low", "not_randomised"),
    ],
    ids=str,
)
def test_each_weakness_lowers_certainty_and_is_said(fields: dict[str, Any], level: str, reason: str) -> None:
    found = certainty(replace(GOOD, **fields), CERTAINTY)
    assert found.level == level
    assert found.reasons == (SAYS[reason], SAYS["not_assessable"])


def test_a_consistent_loop_lowers_nothing() -> None:
    assert certainty(replace(GOOD, inconsistency_p=0.4), CERTAINTY).level == "high"


@pytest.mark.hazard("forecast-too-sure")
def test_everything_weak_is_very_low_and_not_below() -> None:
    bad = Body(
        randomised_share=0.0, risks=("high",), direct_studies=0, ratio=0.5, low=0.01, high=9.0, tau=0.9,
        inconsistency_p=0.01, events=5,
    )  # fmt: skip
    found = certainty(bad, CERTAINTY)
    assert found.level == CERTAINTY.levels[0] == "very low"
    assert len(found.reasons) == 6


def test_no_reason_can_be_given_that_has_no_words() -> None:
    used = {
        "not_randomised", "some_randomised", "high_risk", "some_risk", "indirect", "heterogeneity",
        "inconsistency", "very_imprecise", "imprecise", "few_events", "events_not_printed",
        "series", "not_assessable",
    }  # fmt: skip
    assert used == set(SAYS)


def test_no_study_that_was_not_randomised_is_at_low_risk() -> None:
    for one in BASE.studies.values():
        level, reasons = risk_of_bias(one, RULES)
        assert bool(reasons) is (level != "low")
        if one.allocation in {"matched", "not allocated", "historical control"}:
            assert level == "high"
