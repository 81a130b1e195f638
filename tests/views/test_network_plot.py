"""The picture of a network: what is tied to what, and labels that can be read."""

from __future__ import annotations

import itertools
import math
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from precollapse.views.evidence_effects import hips_by_study, network_plot
from precollapse.views.evidence_names import Names
from precollapse.views.plots import svg
from precollapse.views.plots.network import WIDTH, Edge, Network, Node, draw_network, place
from tests.evidence import fitted_factory as factory

SVG = "{http://www.w3.org/2000/svg}"
NODES = (Node("a", "nothing", 400), Node("b", "alendronate", 100), Node("c", "<b>&", None))


def drawn(network: Network) -> ET.Element:
    return ET.fromstring(svg.document([draw_network(network)]))


def lines(root: ET.Element) -> list[ET.Element]:
    """Lines between treatments, without those of the legend and of labels."""
    return [one for one in root.iter(f"{SVG}line") if one.get("class") == "edge"]


def test_randomised_comparisons_are_solid_and_others_dashed() -> None:
    found = lines(drawn(Network("n", NODES, (Edge("a", "b", 2, 0), Edge("a", "c", 0, 1)))))
    assert [one.get("stroke-dasharray") is None for one in found] == [True, False]


def test_a_pair_with_both_kinds_of_studies_has_two_lines_side_by_side() -> None:
    one, other = lines(drawn(Network("n", NODES, (Edge("a", "b", 1, 1),))))
    gap = math.hypot(
        float(one.get("x1", 0)) - float(other.get("x1", 0)),
        float(one.get("y1", 0)) - float(other.get("y1", 0)),
    )
    assert gap > (float(one.get("stroke-width", 0)) + float(other.get("stroke-width", 0))) / 2


def test_more_studies_make_a_thicker_line() -> None:
    few, many = lines(drawn(Network("n", NODES, (Edge("a", "b", 1, 0), Edge("b", "c", 4, 0)))))
    assert float(many.get("stroke-width", 0)) > float(few.get("stroke-width", 0))


def test_the_area_of_a_circle_is_the_number_of_hips() -> None:
    placed, _ = place(NODES)
    radius = {one.node.id: one.circle.radius for one in placed}
    assert radius["a"] ** 2 / radius["b"] ** 2 == pytest.approx(4)
    assert radius["c"] > 0


def test_treatments_without_a_way_to_the_others_are_named() -> None:
    root = drawn(Network("n", NODES, (), ("tantalum rod", "shock waves")))
    said = " ".join("".join(one.itertext()) for one in root.iter(f"{SVG}text"))
    assert "Not connected: tantalum rod, shock waves." in said
    assert "Not connected: tantalum rod" in (root.findtext(f"{SVG}desc") or "")


def test_a_comparison_of_a_treatment_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="zz is compared but"):
        draw_network(Network("n", NODES, (Edge("a", "zz", 1, 0),)))


HIPS = st.one_of(st.none(), st.integers(1, 5000))


@given(st.lists(HIPS, min_size=1, max_size=26))
def test_no_label_meets_another_label_or_a_circle(hips: list[int | None]) -> None:
    placed, bottom = place([Node(str(n), f"treatment number {n:02}", one) for n, one in enumerate(hips)])
    boxes = []
    for one in placed:
        said = svg.width_of(f"{one.node.label}, {one.node.hips or 0:,} hips")
        left = one.label_x if one.anchor == "start" else one.label_x - said
        boxes.append((left, left + said, one.label_y - 6, one.label_y + 6))
    for (a, b, c, d), (e, f, g, h) in itertools.combinations(boxes, 2):
        assert b <= e or f <= a or d <= g or h <= c
    for (a, b, c, d), one in itertools.product(boxes, placed):
        x, y = min(b, max(a, one.circle.x)), min(d, max(c, one.circle.y))
        assert math.hypot(x - one.circle.x, y - one.circle.y) >= one.circle.radius - 1e-6
    assert all(c >= 24 and d <= bottom for _, _, c, d in boxes)


@given(st.lists(HIPS, min_size=2, max_size=26))
def test_circles_do_not_meet(hips: list[int | None]) -> None:
    placed, _ = place([Node(str(n), "x", one) for n, one in enumerate(hips)])
    for one, other in itertools.combinations([found.circle for found in placed], 2):
        assert math.hypot(one.x - other.x, one.y - other.y) >= one.radius + other.radius


@given(st.text(max_size=80))
def test_any_name_is_well_formed_and_inside(name: str) -> None:
    text = svg.document(
        [draw_network(Network(name, (Node("a", name, 5), Node("b", "b", 5)), (Edge("a", "b", 1, 0),)))]
    )
    root = ET.fromstring(text)
    for one in root.iter(f"{SVG}text"):
        assert 0 <= float(one.get("x", 0)) <= WIDTH


def test_a_study_counts_once_however_many_arms_it_has() -> None:
    network = factory.network(
        contrasts=(
            factory.contrast("three", "alendronate", "no_treatment", factory.estimate(0.5)),
            factory.contrast("three", "decompression", "no_treatment", factory.estimate(0.5)),
        )
    )
    assert hips_by_study(network)["no_treatment"] == {"three": 31}


def test_the_plot_of_a_fitted_network_counts_studies_and_leaves_out_what_is_apart() -> None:
    plot = network_plot(factory.network(), Names(factory.parameters(), factory.table()))
    assert plot.edges == (
        Edge("no_treatment", "alendronate", 1, 1),
        Edge("alendronate", "decompression", 1, 0),
    )
    assert [(one.id, one.hips) for one in plot.nodes] == [
        ("no_treatment", 62), ("alendronate", 91), ("decompression", 30),
    ]  # fmt: skip
    assert plot.apart == ("tantalum rod", "extracorporeal shock waves")
