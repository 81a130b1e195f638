"""Forest plots as pictures and as text: where things stand, and that nothing gets out of its place."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from precollapse.evidence.fitted import Estimate
from precollapse.views import evidence_forests as forests
from precollapse.views.evidence_names import Names
from precollapse.views.plots import svg
from precollapse.views.plots.axis import linear_axis, ratio_axis
from precollapse.views.plots.forest import WIDTH, draw_forest
from precollapse.views.plots.league import inverted, league_lines, league_ratios
from precollapse.views.plots.model import Forest, Group, Panel, Row
from precollapse.views.plots.text_forest import ASCII, BOX, forest_lines, glyphs_for, legend
from tests.evidence import fitted_factory as factory
from tests.evidence.fitted_factory import estimate

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<script>alert(1)</script> & \"x\" 'y' \u202eevil\x00\n"


def row(ratio: float, factor: float = 1.5, **changes: object) -> Row:
    found = Row(
        label=f"study {ratio}",
        cells=("1/2",),
        brief="1/2",
        value=str(ratio),
        estimate=estimate(ratio, factor),
    )
    return replace(found, **changes)  # type: ignore[arg-type]


def plot(*rows: Row, **changes: object) -> Forest:
    panel = Panel("A against B", (Group("randomised", rows),))
    found = Forest("Title", "ratio", ("events",), "ratio", (panel,), favours=("A", "B"))
    return replace(found, **changes)  # type: ignore[arg-type]


def drawn(forest: Forest) -> ET.Element:
    return ET.fromstring(svg.document([draw_forest(forest)]))


def squares(root: ET.Element) -> list[tuple[float, float]]:
    """Middle and side of every square from top to bottom."""
    found = [one for one in root.iter(f"{SVG}rect") if one.get("class") == "weight"]
    return [
        (float(one.get("x", 0)) + float(one.get("width", 0)) / 2, float(one.get("width", 0))) for one in found
    ]


def names() -> Names:
    return Names(factory.parameters(), factory.table())


def all_forests() -> list[Forest]:
    known = names()
    network = known.parameters.networks[0]
    found = [
        forests.comparison_forest(network, "alendronate", known),
        forests.comparison_forest(network, "rod", known),
        forests.overview_forest(network, known),
        forests.series_forest(known.parameters.series, known),
        forests.course_forest(known.parameters.processes[0], known),
        forests.published_forest(known.parameters.published, known),
    ]
    return [one for one in found if one is not None]


def test_a_larger_ratio_stands_further_right() -> None:
    places = [x for x, _ in squares(drawn(plot(row(0.3), row(0.9), row(2.5))))]
    assert places == sorted(places)
    assert len(set(places)) == 3


def test_a_halving_and_a_doubling_stand_equally_far_from_no_difference() -> None:
    half, one, double = (x for x, _ in squares(drawn(plot(row(0.5), row(1.0), row(2.0)))))
    assert one - half == pytest.approx(double - one, abs=0.02)


def test_the_area_of_a_square_is_the_weight_of_the_study() -> None:
    sides = [
        side for _, side in squares(drawn(plot(row(1, weight=0.4), row(1, weight=0.1), row(1, weight=0.2))))
    ]
    assert sides[0] ** 2 / sides[1] ** 2 == pytest.approx(4, rel=0.01)
    assert sides[0] ** 2 / sides[2] ** 2 == pytest.approx(2, rel=0.01)


def test_an_interval_beyond_the_axis_ends_in_an_arrow_on_that_side_only() -> None:
    root = drawn(plot(row(1, estimate=Estimate(value=1, low=0.5, high=5000.0))))
    assert [one.get("class") for one in root.iter(f"{SVG}polygon")] == ["arrow right"]
    inside = drawn(plot(row(1)))
    assert not list(inside.iter(f"{SVG}polygon"))


def test_a_square_that_is_not_randomised_is_hollow() -> None:
    root = drawn(plot(row(1), row(1, hollow=True)))
    fills = [one.get("fill") for one in root.iter(f"{SVG}rect") if one.get("class") == "weight"]
    assert fills == [svg.BLUE, "#ffffff"]


def test_the_pooled_diamond_reaches_from_limit_to_limit() -> None:
    root = drawn(plot(row(1, factor=1.4), row(1, kind="pooled", estimate=estimate(1, 1.4))))
    (diamond,) = [one for one in root.iter(f"{SVG}polygon") if one.get("class") == "pooled"]
    corners = [float(part.split(",")[0]) for part in diamond.get("points", "").split()]
    (line,) = [one for one in root.iter(f"{SVG}line") if one.get("stroke") == svg.BLUE]
    assert (corners[0], corners[2]) == (float(line.get("x1", 0)), float(line.get("x2", 0)))


def boxes(root: ET.Element) -> list[tuple[float, float, float, str]]:
    """Left, right and base line of every text, as wide as is estimated."""
    found = []
    for one in root.iter(f"{SVG}text"):
        style = dict(part.split(":") for part in one.get("style", "").split(";") if part.count(":") == 1)
        said = "".join(one.itertext()) if one.find(f"{SVG}title") is None else one[0].tail or ""
        bold = style["font-weight"] == "bold"
        wide = svg.width_of(said, float(style["font-size"].removesuffix("px")), bold=bold)
        x, y = float(one.get("x", 0)), float(one.get("y", 0))
        left = {"start": x, "middle": x - wide / 2, "end": x - wide}[one.get("text-anchor", "start")]
        found.append((left, left + wide, y, said))
    return found


@pytest.mark.parametrize("forest", all_forests(), ids=lambda one: one.title)
def test_no_text_of_a_plot_meets_another_one_or_the_edge(forest: Forest) -> None:
    found = boxes(drawn(forest))
    assert all(left >= 0 and right <= WIDTH for left, right, _, _ in found)
    for one, other in itertools.combinations(found, 2):
        apart = one[1] <= other[0] or other[1] <= one[0] or abs(one[2] - other[2]) >= 11
        assert apart, (one[3], other[3])


@pytest.mark.parametrize("forest", all_forests(), ids=lambda one: one.title)
def test_a_plot_says_in_words_what_it_shows(forest: Forest) -> None:
    root = drawn(forest)
    ids = {one.get("id"): one.text or "" for one in root}
    assert root.get("role") == "img"
    title, words = (ids[name] for name in root.get("aria-labelledby", "").split())
    assert forest.title in title
    assert all(one.value in words for one in forest.rows)
    assert not list(root.iter(f"{SVG}script"))


def test_hostile_words_stay_words() -> None:
    nasty = plot(
        row(1, label=HOSTILE, value=HOSTILE), title=HOSTILE, notes=(HOSTILE,), favours=(HOSTILE, "B")
    )
    text = svg.document([draw_forest(nasty)], HOSTILE)
    root = ET.fromstring(text)
    assert {one.tag.removeprefix(SVG) for one in root.iter()} <= {
        "svg", "title", "desc", "rect", "g", "text", "line", "polygon", "circle",
    }  # fmt: skip
    assert "\u202e" not in text
    assert "\x00" not in text


def test_a_long_label_is_shortened_and_kept_whole_in_its_title() -> None:
    root = drawn(plot(row(1, label="word " * 40)))
    whole = [one for one in root.iter(f"{SVG}title") if (one.text or "").startswith("word word")]
    assert len(whole) == 1
    assert (whole[0].tail or "").endswith("…")


def test_the_same_plot_gives_the_same_bytes() -> None:
    once, again = ([svg.document([draw_forest(one)]) for one in all_forests()] for _ in range(2))
    assert once == again


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_a_ratio_that_has_no_place_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="logarithmic"):
        draw_forest(plot(row(1, estimate=Estimate(value=value, low=0.1, high=2))))


def test_a_negative_rate_is_refused() -> None:
    with pytest.raises(ValueError, match="starts at 0"):
        linear_axis([Estimate(value=-0.1, low=-0.2, high=0.1)], 0, 100)


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing to draw"):
        svg.document([])


RATIOS = st.floats(1e-4, 1e4)


@given(st.lists(st.tuples(RATIOS, st.floats(1.0, 1e3)), min_size=1, max_size=8))
def test_every_ratio_is_on_the_axis_and_in_order(pairs: list[tuple[float, float]]) -> None:
    estimates = [estimate(value, factor) for value, factor in pairs]
    axis = ratio_axis(estimates, 100.0, 300.0)
    assert axis.low <= min(one.value for one in estimates)
    assert axis.high >= max(one.value for one in estimates)
    assert axis.low <= 0.5 < 1 < 2 <= axis.high
    placed = [axis.place(one.value) for one in sorted(estimates, key=lambda one: one.value)]
    assert placed == sorted(placed)
    ticks = axis.ticks(lambda value: f"{value:g}", lambda said: 6.0 * len(said), 6.0)
    assert all(axis.low * 0.999 <= tick <= axis.high * 1.001 for tick in ticks)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(1.0, 100.0)), min_size=1, max_size=8))
def test_a_share_is_drawn_on_an_axis_from_zero_to_at_most_one(pairs: list[tuple[float, float]]) -> None:
    axis = linear_axis([estimate(value, factor) for value, factor in pairs], 0.0, 200.0, most=1.0)
    assert axis.low == 0
    assert max(value for value, _ in pairs) <= axis.high * (1 + 1e-9)
    assert axis.high <= 1


# On a terminal.
@pytest.mark.parametrize("glyphs", [BOX, ASCII])
@pytest.mark.parametrize("forest", all_forests(), ids=lambda one: one.title)
def test_a_plot_fits_80_columns(forest: Forest, glyphs: object) -> None:
    assert all(cell_len(line) <= 80 for line in forest_lines(forest, glyphs))  # type: ignore[arg-type]


@given(st.text(max_size=60), RATIOS, st.floats(1.0, 1e4), st.text(max_size=30))
def test_any_label_and_ratio_fit_80_columns(label: str, value: float, factor: float, brief: str) -> None:
    one = Row(label, ("",), f"{value:g}", estimate(value, factor), brief=brief, letter="VL")
    assert all(cell_len(line) <= 80 for line in forest_lines(plot(one, favours=(label, label))))


def test_a_larger_ratio_stands_further_right_on_a_terminal_too() -> None:
    lines = forest_lines(plot(row(0.3), row(0.9), row(2.5)))
    places = [line.index(BOX.study) for line in lines if BOX.study in line]
    assert places == sorted(places)
    assert len(set(places)) == 3


def test_a_plot_without_box_characters_is_ascii() -> None:
    text = "\n".join(forest_lines(plot(row(1, estimate=Estimate(value=1, low=0.001, high=900))), ASCII))
    assert text.isascii()
    assert "<" in text
    assert ">" in text
    assert legend(plot(row(1)), ASCII).isascii()


@pytest.mark.parametrize(
    ("encoding", "glyphs"), [("utf-8", BOX), ("ascii", ASCII), ("latin-1", ASCII), (None, ASCII)]
)
def test_the_characters_follow_the_encoding_of_the_output(encoding: str | None, glyphs: object) -> None:
    assert glyphs_for(encoding) is glyphs


# What the rows are.
def test_a_comparison_printed_the_other_way_is_turned_round() -> None:
    known = names()
    forest = forests.comparison_forest(known.parameters.networks[0], "alendronate", known)
    assert forest is not None
    assert [panel.heading for panel in forest.panels] == [
        "Alendronate against no treatment", "Alendronate against core decompression",
    ]  # fmt: skip
    turned = forest.panels[1].groups[0].rows[0]
    assert turned.cells == ("9/31", "4/30", "50")
    assert turned.estimate == Estimate(value=0.5, low=0.25, high=1.0)


def test_randomised_studies_stand_apart_from_others() -> None:
    known = names()
    forest = forests.comparison_forest(known.parameters.networks[0], "alendronate", known)
    assert forest is not None
    assert [(g.heading, [r.label for r in g.rows]) for g in forest.panels[0].groups] == [
        ("randomised", ["Lai 2005"]), ("not randomised", ["Koo 1995"]),
    ]  # fmt: skip
    assert [one.label for one in forest.panels[0].pooled] == ["direct part", "indirect part", "Pooled"]


def test_treatments_that_nothing_ties_to_the_reference_are_shown_but_not_pooled() -> None:
    known = names()
    forest = forests.comparison_forest(known.parameters.networks[0], "rod", known)
    assert forest is not None
    assert forest.panels[0].pooled == ()
    assert forest.panels[0].rows[0].cells == ("?/30", "9/31", "–")


def test_the_course_shows_what_was_seen_beside_the_model() -> None:
    known = names()
    forest = forests.course_forest(known.parameters.processes[0], known)
    assert forest is not None
    assert forest.rows[0].observed == pytest.approx(26 / 81)
    assert forest.rows[0].value == "32; 34 (28 to 41)"


def test_the_legend_says_what_hollow_squares_are_in_each_plot() -> None:
    found = {one.title.split(":")[0]: legend(one) for one in reversed(all_forests())}
    assert "□ not randomised" in found["Collapse"]
    assert "□ series" in found["Series without a comparison"]
    assert "■ ours; □ printed" in found["Pooled effects printed by others, and ours of the same comparison"]


# The league table.
def test_a_league_table_holds_every_pair_in_both_orders() -> None:
    ratios = league_ratios(factory.network().league)
    assert ratios["no_treatment", "alendronate"].value == pytest.approx(2.5)
    assert ratios["alendronate", "no_treatment"].value == pytest.approx(0.4)
    assert len(ratios) == 6


def test_a_league_table_fits_80_columns() -> None:
    treatments = factory.network().treatments
    lines = league_lines(treatments, league_ratios(factory.network().league), lambda one: one * 3)
    assert all(cell_len(line) <= 80 for line in lines)
    assert any("0.4 (0.2 to 0.8)" in line for line in lines)


def test_a_ratio_of_zero_cannot_be_turned_round() -> None:
    with pytest.raises(ValueError, match="only positive"):
        inverted(Estimate(value=1, low=0, high=2))
