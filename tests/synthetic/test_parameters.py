"""The modules and parameters of the synthetic cohort hold together; needs no generator."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from precollapse.chart.codes import CodeIndex, system_of
from precollapse.chart.routes import RouteTable
from precollapse.knowledge.load import load
from synthetic.course import watched_attributes
from synthetic.dosage import ROUTES, SNOMED, instructions
from synthetic.modules import definitions, states_by_name
from synthetic.parameters import PARAMETERS_FILE, ParameterError, filled, load_parameters
from synthetic.resources import SYSTEMS
from synthetic.truth import _ATTRIBUTES, _CLOCKS
from tests.synthetic.cohort_help import MODULES

FILES = sorted(MODULES.glob("*.json"))


def _coded(node: Any) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        if "system" in node and "code" in node:
            yield node["system"], node["code"]
        for value in node.values():
            yield from _coded(value)
    elif isinstance(node, list):
        for value in node:
            yield from _coded(value)


def _sourced(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "source" in node:
        yield node
    for value in node.values():
        if isinstance(value, dict):
            yield from _sourced(value)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_code_of_a_module_is_known_to_the_knowledge(path: Path) -> None:
    index = CodeIndex.of(load())
    for system, code in _coded(json.loads(path.read_text(encoding="utf-8"))):
        assert index.find(str(system_of(SYSTEMS[system])), code), f"{system} {code}"


def test_every_route_of_a_dose_is_known_to_the_knowledge() -> None:
    table = RouteTable.of(load())
    ways = {name: table.in_codes([(SNOMED, code)]) for name, (code, _) in ROUTES.items()}
    assert {name for name, way in ways.items() if way == "systemic"} == {"oral", "intravenous"}
    assert None not in ways.values()


def test_every_parameter_names_a_source_of_the_knowledge_or_says_judgement() -> None:
    known = {"judgement", *load().sources}
    named = {entry["source"] for entry in _sourced(load_parameters())}
    assert named <= known, sorted(named - known)


def test_every_planted_cause_is_one_of_the_knowledge() -> None:
    causes = {
        state["value"]
        for definition in definitions(load_parameters()).values()
        for state in definition["states"].values()
        if state.get("attribute") == "osteonecrosis_cause" and "value" in state
    }
    assert causes <= set(load().causes)
    assert "background" in causes


def test_every_parameter_of_the_modules_exists_and_every_one_is_used() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in FILES)
    used = {".".join(path.split(".")[:2]) for path in re.findall(r'"\$([a-z_.0-9]+)"', text)}
    parameters = load_parameters()
    by_hand = {"population.age_bands", "population.female", "population.years_of_routine_visits"}
    groups = (group for group in parameters if group != "boost")
    written = {f"{group}.{name}" for group in groups for name in parameters[group]}
    assert used | by_hand == written


def test_the_truth_names_states_that_exist() -> None:
    states = states_by_name(definitions(load_parameters()))
    assert set(_CLOCKS.values()) <= set(states)
    assert set(_ATTRIBUTES) <= {state.get("attribute") for state in states.values()}
    assert {f"Osteonecrosis_{name}" for name in ("Lesion", "Pain", "Diagnosis")} <= set(states)


def test_the_boost_multiplies_causes_up_to_a_limit_and_one_is_natural() -> None:
    natural = load_parameters(boost=1)["frequency"]
    boosted = load_parameters(boost=30)["frequency"]
    assert boosted["lupus_female"]["value"] == pytest.approx(30 * natural["lupus_female"]["value"])
    assert boosted["alcohol_use_disorder_male"]["value"] == 0.1
    assert natural["lupus_female"]["value"] == 0.0013
    assert load_parameters(boost=30)["lesion"] == load_parameters(boost=1)["lesion"]


def test_a_boost_of_nothing_is_refused() -> None:
    with pytest.raises(ParameterError, match="not above 0"):
        load_parameters(boost=0)


def test_a_parameter_without_source_is_refused(tmp_path: Path) -> None:
    text = PARAMETERS_FILE.read_text(encoding="utf-8")
    bare = tmp_path / "parameters.yaml"
    bare.write_text(text.replace("{value: 0.52, source: judgement}", "{value: 0.52}"), encoding="utf-8")
    with pytest.raises(ParameterError, match=r"population\.female: has no source"):
        load_parameters(bare)


def test_a_module_that_names_no_parameter_is_refused() -> None:
    with pytest.raises(ParameterError, match="there is no such parameter"):
        filled({"distribution": "$lesion.nothing.value"}, load_parameters())


def test_a_guard_may_wait_for_attributes_only() -> None:
    attribute = {"condition_type": "Attribute", "attribute": "exposed_lupus", "operator": "is not nil"}
    assert watched_attributes({"condition_type": "And", "conditions": [attribute]}, "x") == ["exposed_lupus"]
    with pytest.raises(ValueError, match="waits for Age"):
        watched_attributes({"condition_type": "Age", "operator": ">=", "quantity": 18}, "x")


def test_a_taper_is_written_as_steps_that_follow_each_other() -> None:
    from datetime import date

    steps = [{"amount": 60, "days": 28}, {"amount": 40, "days": 14}]
    written = instructions({"steps": steps, "dose_unit": "mg", "route": "oral"}, date(2026, 1, 1))
    bounds = [element["timing"]["repeat"]["boundsPeriod"] for element in written]
    assert bounds[0] == {"start": "2026-01-01", "end": "2026-01-28"}
    assert bounds[1] == {"start": "2026-01-29", "end": "2026-02-11"}
    assert [element["doseAndRate"][0]["doseQuantity"]["value"] for element in written] == [60, 40]
