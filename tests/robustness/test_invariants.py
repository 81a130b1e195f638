"""What must hold of every document, whoever it is about."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

from precollapse.assess import assess_bytes, assess_chart
from precollapse.assessment.model import Assessment, to_json
from precollapse.chart.model import STATEMENTS, Chart
from precollapse.engine.run import Evaluation, evaluate
from precollapse.facts.build import build_facts
from precollapse.views.html import render_html
from precollapse.views.text import render_text
from tests.robustness.knowing import hip_rows
from tests.robustness.records import DAY, KNOWLEDGE, RECORDS, chart_of, content_of, together

# Every fourth record is printed; what is checked there does not depend on the patient.
PRINTED = 4
ROUNDING = 1e-12


@cache
def everybody() -> Chart:
    return together(chart_of(content_of(path), path.name) for path in RECORDS)


@cache
def documents() -> tuple[Assessment, ...]:
    return tuple(assess_chart(everybody(), KNOWLEDGE, DAY))


def also_said(concept: str, **fields: Any) -> Chart:
    """Everybody's chart, with one more statement of today about both hips of each."""
    chart = everybody()
    row = {
        "concept": concept, "side": "both", "status": "present", "start": DAY, "start_precision": "day",
        "recorded": DAY, "origin": "added",
    } | fields  # fmt: skip
    added = chart.persons.select("person").with_columns(
        pl.lit(row.get(name), kind).alias(name) for name, kind in STATEMENTS.items() if name != "person"
    )
    return Chart(chart.persons, pl.concat([chart.statements, added]), chart.doses, chart.unread)


def evaluated(chart: Chart) -> tuple[Evaluation, Any]:
    facts = build_facts(chart, KNOWLEDGE, DAY)
    rows = np.concatenate(hip_rows(facts.table, list(range(len(RECORDS)))))
    return evaluate(facts, KNOWLEDGE), rows


def contradicted(concept: str) -> npt.NDArray[np.bool_]:
    """Who was recorded to have in either hip what is now said to be absent: a contradiction, not news."""
    facts = build_facts(everybody(), KNOWLEDGE, DAY)
    left, right = hip_rows(facts.table, list(range(len(RECORDS))))
    truth = facts.table.truth(concept)
    return np.asarray((truth[left] == 1) | (truth[right] == 1))


@pytest.mark.hazard("false-reassurance")
@pytest.mark.parametrize("finding", ["radiograph_hip", "radiograph_osteonecrosis"])
def test_normal_radiograph_never_lowers_anything(finding: str) -> None:
    choice = {"choice": "normal"} if finding == "radiograph_hip" else {"status": "absent"}
    (before, old), (after, new) = evaluated(everybody()), evaluated(also_said(finding, **choice))
    for name in ("today", *before.risk.future):
        without, with_ = (e.risk.today if name == "today" else e.risk.future[name] for e in (before, after))
        for part in ("value", "low", "high"):
            lower = getattr(with_, part)[new] < getattr(without, part)[old] - ROUNDING
            lower &= ~np.tile(contradicted("radiograph_osteonecrosis"), 2)
            assert not lower.any(), (name, part, np.flatnonzero(lower))
    same = pl.Series(~contradicted("radiograph_osteonecrosis"))
    levels = [evaluation.urgency.filter(same)["urgency"].to_list() for evaluation in (before, after)]
    assert levels[0] == levels[1]


@pytest.mark.hazard("urgency-talked-down")
@pytest.mark.parametrize("concept", ["mri_osteonecrosis", "osteonecrosis_femoral_head"])
def test_low_probability_lowers_no_urgency(concept: str) -> None:
    before, _ = evaluated(everybody())
    after, _ = evaluated(also_said(concept, status="absent"))
    compared = 0
    for number in np.flatnonzero(~contradicted("imaging_osteonecrosis")):
        assert after.urgency["urgency"][int(number)] == before.urgency["urgency"][int(number)], RECORDS[
            number
        ]
        compared += 1
    assert compared > 40


@pytest.mark.hazard("replaced-hip-staged")
def test_replaced_hip_has_no_probability() -> None:
    for assessment in assess_chart(also_said("hip_replaced"), KNOWLEDGE, DAY):
        for risk in (assessment.hips.left.risk, assessment.hips.right.risk, assessment.risk):
            for estimate in (risk.mri_today, risk.within_1_year, risk.within_5_years):
                assert (estimate.value, estimate.interval, estimate.as_recorded) == (None, None, None)
        assert assessment.hips.left.risk.state == "no femoral head"


SIDELESS = b"patient: {age_years: 40}\nhistory: [prednisolone 60 mg daily for 3 years]\nsymptoms: [hip pain]"
LEFT = SIDELESS.replace(b"[hip pain]", b"[{symptom: hip pain, side: left}]")


def test_pain_in_a_hip_nobody_named_does_not_give_the_patient_a_third_hip() -> None:
    (sideless,), (left,) = (assess_bytes(data, "case.yaml", today=DAY) for data in (SIDELESS, LEFT))
    assert left.risk.mri_today.value is not None
    assert sideless.risk.mri_today.value == pytest.approx(left.risk.mri_today.value, rel=1e-3)


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every mapping of a document."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from nodes(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from nodes(inner)


@pytest.mark.hazard("missing-source")
def test_every_source_named_in_a_document_is_listed_in_it() -> None:
    named = 0
    for assessment in documents():
        document = msgspec.to_builtins(assessment)
        listed = {source["id"] for source in document["sources"]}
        for node in nodes({key: part for key, part in document.items() if key != "sources"}):
            used = [*node.get("sources", []), *([node["source"]] if "source" in node else [])]
            named += len(used)
            assert set(used) <= listed, (assessment.patient.key, set(used) - listed)
    assert named > 1000


@pytest.mark.hazard("missing-source")
def test_every_published_number_has_a_source_and_a_place() -> None:
    for assessment in documents():
        for node in nodes(msgspec.to_builtins(assessment)):
            if "certainty" in node:
                # Pooled from the study table: its studies stand with the option.
                assert node["reasons"]
                assert node["studies"] >= 0
            elif "ratio" in node or "population" in node:
                assert node["source"] in KNOWLEDGE.sources
                assert node["grade"]
            if "population" in node:
                assert node["where"]
                assert node["unit"]


def test_probabilities_lie_inside_their_intervals_as_printed() -> None:
    for assessment in documents():
        for node in nodes(msgspec.to_builtins(assessment)):
            if "as_recorded" not in node or node["value"] is None:
                continue
            wide, narrow = node["interval"], node["as_recorded"]
            chain = [0.0, wide["low"], narrow["low"], node["value"], narrow["high"], wide["high"], 1.0]
            assert chain == sorted(chain), (assessment.patient.key, node)


@pytest.mark.hazard("overtrust")
@pytest.mark.slow
def test_every_output_carries_the_safety_statement_and_the_versions() -> None:
    for assessment in documents()[::PRINTED]:
        outputs = to_json(assessment).decode(), render_text(assessment), render_html(assessment)
        for output in outputs:
            words = " ".join(output.split())
            assert " ".join(assessment.safety_statement.split())[:60] in words
            assert assessment.versions.software in words
            assert assessment.versions.knowledge in words
            assert DAY.isoformat() in words or f"{DAY.day} " in words


CLEAR_MRI = b"""
history: [systemic lupus erythematosus]
medications: [{name: prednisolone, dose: 40 mg, frequency: once daily, start: 2025-11-01}]
imaging: [{modality: MRI, side: left, date: 2026-11-01, findings: [no sign of osteonecrosis]}]
"""


@pytest.mark.hazard("swapped-side")
def test_clear_image_of_a_hip_nobody_named_clears_neither_hip() -> None:
    without = CLEAR_MRI.replace(b"side: left, ", b"")
    silent = CLEAR_MRI.replace(b"imaging", b"#")
    left, sideless, none = (
        assess_bytes(data, "case.yaml", today=DAY)[0].hips for data in (CLEAR_MRI, without, silent)
    )
    assert left.left.risk.mri_today.value < none.left.risk.mri_today.value / 100
    for side in ("left", "right"):
        assert getattr(sideless, side).risk.mri_today == getattr(none, side).risk.mri_today
