"""The order in which things stand in a record, and who stands beside whom, means nothing."""

from __future__ import annotations

import csv
import random
import re
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pytest

from precollapse.assess import assess_chart
from precollapse.assessment.model import Assessment
from precollapse.chart.model import Chart
from precollapse.chart.reader import read
from precollapse.facts.build import Facts, build_facts
from tests.robustness.records import (
    BUNDLE,
    CASES,
    DAY,
    EXAMPLES,
    KNOWLEDGE,
    SAME_PATIENT,
    chart_of,
    content_of,
    together,
)

BUNDLES = [path for path in (*EXAMPLES, BUNDLE) if path.suffix == ".json"]
TYPED = [*CASES, *(path for path in EXAMPLES if path.suffix == ".yaml"), SAME_PATIENT / "case.yaml"]
SECTIONS = {"history", "medications", "symptoms", "exam", "labs", "imaging"}
PLACE = re.compile(r"\[\d+\]|\brow \d+|\bline \d+")
JOINED = {"origin", "note", "says"}  # may name several places, in the order of the record
FACTS = [
    "hip", "concept", "type", "truth", "number", "low", "high", "choice", "date_value", "since", "date",
    "why_unknown",
]  # fmt: skip


def shuffled(rows: list[Any], seed: int) -> list[Any]:
    order = list(rows)
    random.Random(seed).shuffle(order)
    return order


def document(assessment: Assessment) -> Any:
    """The document with places within the record blotted out; texts that join several are sorted."""
    return blotted(msgspec.to_builtins(assessment))


def blotted(node: Any, key: str = "") -> Any:
    if isinstance(node, dict):
        return {name: blotted(value, name) for name, value in node.items()}
    if isinstance(node, list | tuple):
        parts = [blotted(value) for value in node]
        return sorted(parts, key=repr) if key == "unread" else parts
    if key in JOINED and isinstance(node, str):
        return sorted(re.split(r"; | \| |[()]", PLACE.sub("[]", node)))
    return node


def facts_of(facts: Facts, person: int = 0) -> list[Any]:
    rows = facts.long.filter(pl.col("person") == person).select(FACTS).rows()
    return sorted(rows, key=repr)


def same(one: Chart, other: Chart) -> None:
    """Hold the facts and documents of every person of two charts against one another."""
    before, after = build_facts(one, KNOWLEDGE, DAY), build_facts(other, KNOWLEDGE, DAY)
    documents = zip(assess_chart(one, KNOWLEDGE, DAY), assess_chart(other, KNOWLEDGE, DAY), strict=True)
    for person, (first, second) in enumerate(documents):
        assert facts_of(before, person) == facts_of(after, person), first.patient.record
        assert document(first) == document(second), first.patient.record


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("path", BUNDLES, ids=lambda path: path.name)
def test_entries_of_a_bundle_may_stand_in_any_order(path: Path, seed: int) -> None:
    bundle = content_of(path)
    mixed = bundle | {"entry": shuffled(bundle["entry"], seed)}
    same(chart_of(bundle, path.name), chart_of(mixed, path.name))


def test_sections_and_entries_of_a_case_file_may_stand_in_any_order() -> None:
    straight, mixed = [], []
    for seed, path in enumerate(TYPED):
        case = content_of(path)
        other = dict(shuffled(list(case.items()), seed))
        for name in SECTIONS & case.keys():
            other[name] = shuffled(case[name], seed + 1)
        straight.append(chart_of(case, path.name))
        mixed.append(chart_of(other, path.name))
    same(together(straight), together(mixed))


@pytest.mark.parametrize("seed", range(2))
def test_rows_of_omop_tables_may_stand_in_any_order(tmp_path: Path, seed: int) -> None:
    for table in (SAME_PATIENT / "omop").iterdir():
        head, *rows = list(csv.reader(table.read_text("utf-8").splitlines()))
        with (tmp_path / table.name).open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle).writerows([head, *shuffled(rows, seed)])
    same(read(SAME_PATIENT / "omop", KNOWLEDGE), read(tmp_path, KNOWLEDGE))


def test_patients_of_a_chart_may_stand_in_any_order() -> None:
    charts = [chart_of(content_of(path), path.name) for path in (*TYPED[:20], *BUNDLES)]
    order = shuffled(list(range(len(charts))), 3)
    straight = assess_chart(together(charts), KNOWLEDGE, DAY)
    mixed = assess_chart(together(charts[number] for number in order), KNOWLEDGE, DAY)
    for place, number in enumerate(order):
        assert mixed[place] == straight[number]
