"""The page on the method says what the engine does: its worked example and its counts are recomputed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from precollapse.chart.reader import read
from precollapse.engine.patient import bilateral_share, either_hip
from precollapse.engine.risk_model import Band, risk_model
from precollapse.engine.run import evaluate
from precollapse.facts.build import build_facts
from precollapse.knowledge.model import Figure
from tests.facts.people import AS_OF, KNOWLEDGE

TOP = Path(__file__).parents[2]
PAGE = (TOP / "docs" / "methods" / "risk.md").read_text(encoding="utf-8")
MODEL = risk_model(KNOWLEDGE)


def figures(node: Any) -> Iterator[Figure]:
    if isinstance(node, Figure):
        yield node
    elif isinstance(node, msgspec.Struct):
        yield from figures([getattr(node, name) for name in node.__struct_fields__])
    elif isinstance(node, list | tuple | dict):
        for part in node.values() if isinstance(node, dict) else node:
            yield from figures(part)


def test_worked_example_is_what_the_engine_computes() -> None:
    record = read(TOP / "examples" / "lupus-prednisolone.json", KNOWLEDGE, AS_OF)
    facts = build_facts(record, KNOWLEDGE, AS_OF)
    risk = evaluate(facts, KNOWLEDGE, (1.0, 5.0)).risk
    today, one, five = risk.today, risk.future[1.0], risk.future[5.0]

    def triple(q: Any, row: int, digits: int) -> str:
        numbers = (q.value[row], q.recorded_low[row], q.recorded_high[row])
        value, low, high = (f"{number:.{digits}f}" for number in numbers)
        return f"{value} ({low} to {high})"

    assert f"**{triple(today, 0, 3)}** | **{triple(today, 1, 3)}**" in PAGE
    assert f"**{one.value[0]:.4f} / {triple(five, 0, 4)}**" in PAGE
    for quantity, digits in ((today, 3), (five, 4)):
        both = bilateral_share(MODEL, quantity, np.arange(2))
        bounds = Band(quantity.value, quantity.recorded_low, quantity.recorded_high)
        patient = either_hip(bounds, both)
        parts = (f"{float(part):.{digits}f}" for part in (patient.value, patient.low, patient.high))
        assert "{} ({} to {})".format(*parts) in PAGE
    peak, total = (f"prednisone_equivalent_{name}" for name in ("peak_mg_per_day", "cumulative_mg"))
    assert f"peak {facts.table.low(peak)[0]:.0f} mg/day" in PAGE
    assert f"{facts.table.low(total)[0]:,.0f} mg in all" in PAGE


def test_counts_of_judgement_are_those_of_the_knowledge() -> None:
    parts = [KNOWLEDGE.causes, KNOWLEDGE.cohorts, KNOWLEDGE.effects, KNOWLEDGE.dose_responses]
    found = list(figures([*parts, KNOWLEDGE.risk_settings]))
    judged = Counter(
        "whole" if f.grade == "judgement" else "interval" if f.interval_from == "judgement" else "printed"
        for f in found
    )
    assert f"<!-- judged-figures -->{judged['whole']} of {len(found)} figures" in PAGE
    assert f"<!-- judged-intervals -->{judged['interval']} more" in PAGE


def test_numbers_of_the_settings_are_those_of_the_page() -> None:
    settings = KNOWLEDGE.risk_settings
    odds = settings.odds_of_mri
    assert f"{odds.radiograph.value} for radiographs, {odds.ct.value} for CT, {odds.coded.value} for" in PAGE
    assert odds.symptomatic.value == odds.coded.value
    assert f"*h* = {settings.hip_share.value}" in PAGE
    assert f"else {settings.bilateral_share.value} (" in PAGE
    assert f"ln {settings.combined_ratio_limit.value:.0f} in either direction" in PAGE
