"""Pictures of a course and of the options: where things stand, what is said, what can be chosen."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from precollapse.assessment.forecast_nodes import CourseOf, HipForecast
from precollapse.views.plots import fan, options_picture
from precollapse.views.plots.text_fan import FAN_ASCII, FAN_BOX, fan_glyphs_for, fan_lines, legend
from tests.views import documents
from tests.views import factory_forecast as factory

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<script>alert(1)</script> & \"x\" 'y' \u202eevil\x00\n"


def drawn(course: CourseOf | None = None, title: str = "Collapse, left hip") -> ET.Element:
    return ET.fromstring(fan.fan_picture(course or factory.course(), factory.TIMES, "one", title))


def curves(root: ET.Element) -> list[list[tuple[float, float]]]:
    """Points of every curve."""
    found = [str(one.get("d")) for one in root.iter(f"{SVG}path") if one.get("class") == "curve"]
    return [[(float(x), float(y)) for x, y in re.findall(r"([\d.-]+) ([\d.-]+)", way)] for way in found]


def corners(root: ET.Element, name: str) -> list[tuple[float, float]]:
    (found,) = (one for one in root.iter(f"{SVG}polygon") if one.get("class") == name)
    pairs = (pair.split(",") for pair in str(found.get("points")).split())
    return [(float(x), float(y)) for x, y in pairs]


def words_of(root: ET.Element) -> str:
    return " ".join("".join(one.itertext()) for one in root.iter())


def side_by_side(forecast: HipForecast) -> ET.Element:
    return ET.fromstring(options_picture.options_picture(forecast, "collapse", "side", "Options"))


# The fan.
def test_every_point_of_the_fan_lies_inside_the_axes() -> None:
    root = drawn()
    for x, y in (*curves(root)[0], *corners(root, "wide"), *corners(root, "half")):
        assert fan.LEFT <= x <= fan.RIGHT
        assert fan.TOP <= y <= fan.BOTTOM


def test_a_higher_probability_stands_higher_and_later_stands_further_right() -> None:
    (passed,) = curves(drawn())
    assert all(one[0] < other[0] and one[1] >= other[1] for one, other in pairwise(passed))
    assert passed[0] == (fan.LEFT, fan.BOTTOM)


def test_the_curve_lies_between_the_ends_of_its_half_and_the_half_inside_the_band() -> None:
    root = drawn()
    (passed,) = curves(root)
    steps = len(passed)
    low, high = corners(root, "wide")[:steps], corners(root, "wide")[: steps - 1 : -1]
    inner_low, inner_high = corners(root, "half")[:steps], corners(root, "half")[: steps - 1 : -1]
    for step in range(steps):
        heights = [line[step][1] for line in (high, inner_high, passed, inner_low, low)]
        assert heights == sorted(heights)


def test_the_told_horizons_can_be_read_without_pointing() -> None:
    said = words_of(drawn())
    assert "5 years" in said
    assert "63 %" in said
    assert "(18 to 99 %)" in said


def test_every_year_can_be_reached_by_keyboard_and_says_its_numbers() -> None:
    hits = [one for one in drawn().iter(f"{SVG}g") if one.get("class") == "hit"]
    assert len(hits) == 10
    assert all(one.get("tabindex") == "0" for one in hits)
    assert all(one.find(f"{SVG}title") is not None for one in hits)
    assert hits[2].get("aria-label") == (
        "Collapse, left hip, within 3 years: 45 % (11 to 95 %), middle half 26 to 70 %"
    )


def test_a_fan_without_its_middle_half_is_drawn_without_it() -> None:
    course = factory.course()
    bare = CourseOf(outcome="collapse", at=course.at, curve=course.curve, low=course.low, high=course.high)
    root = drawn(bare)
    assert "middle half 26" not in words_of(root)
    assert [one.get("class") for one in root.iter(f"{SVG}polygon")] == ["wide"]


def test_what_does_not_fit_together_cannot_be_drawn() -> None:
    course = factory.course()
    assert fan.has_curve(course, factory.TIMES)
    assert not fan.has_curve(course, factory.TIMES[:5])
    assert not fan.has_curve(course, ())
    assert not fan.has_curve(factory.course(full=False), factory.TIMES)
    assert not fan.has_curve(course, tuple(reversed(factory.TIMES)))


def test_words_of_a_fan_are_escaped() -> None:
    root = drawn(title=HOSTILE)
    assert [one.tag for one in root.iter() if "script" in one.tag] == []
    assert "\u202e" not in words_of(root)


def test_a_picture_is_the_same_every_time() -> None:
    one = fan.fan_picture(factory.course(), factory.TIMES, "one", "Title")
    assert one == fan.fan_picture(factory.course(), factory.TIMES, "one", "Title")


@given(st.lists(st.tuples(st.floats(0, 700), st.floats(1, 60)), max_size=8))
def test_pieces_moved_apart_keep_their_order_and_do_not_touch(pieces: list[tuple[float, float]]) -> None:
    wanted, rooms = [one for one, _ in pieces], [room for _, room in pieces]
    placed = fan.spread(wanted, rooms, 0.0, 760.0)
    order = sorted(range(len(pieces)), key=lambda n: (wanted[n], n))
    for one, other in pairwise(order):
        assert placed[other] - placed[one] >= (rooms[one] + rooms[other]) / 2 - 1e-9
    assert all(room / 2 <= at <= 760 - room / 2 + 1e-9 for at, room in zip(placed, rooms, strict=True))


# Options side by side.
def test_every_option_compared_has_a_curve_of_its_own_beside_no_treatment() -> None:
    root = side_by_side(factory.forecast())
    classes = [one.get("class") for one in root.iter(f"{SVG}g") if "option" in str(one.get("class"))]
    assert classes == ["option option-0", "option option-1", "option option-2"]
    assert len(curves(root)) == 3
    assert all(fan.TOP <= y <= fan.BOTTOM for way in curves(root) for _, y in way)


def test_curves_are_told_apart_without_colour() -> None:
    many = [options_picture.Drawn(number, "Option", factory.course()) for number in range(1, 37)]
    assert len({one.style for one in many}) == 36
    assert len({one.style[1] for one in many[:6]}) == 6
    assert len({one.mark for one in many}) == 36


def test_an_option_says_its_probability_with_its_band() -> None:
    root = side_by_side(factory.forecast())
    said = [
        str(one.get("aria-label")) for one in root.iter(f"{SVG}g") if one.get("class") == "option option-1"
    ]
    assert said == ["Drug: within 10 years 63 % (18 to 99 %)"]


def test_series_without_a_comparison_are_not_drawn_beside_no_treatment() -> None:
    said = words_of(side_by_side(factory.forecast()))
    assert "Graft" not in said
    assert "New joint" not in said


def test_nothing_is_drawn_where_there_is_no_curve_to_compare_with() -> None:
    assert options_picture.drawn_outcomes(factory.forecast(untreated=())) == []
    assert options_picture.drawn_outcomes(factory.forecast(options=(factory.alone(),))) == []
    assert options_picture.options_forest(factory.forecast(options=(factory.alone(),)), "Title") is None


def test_hazard_ratios_keep_the_order_of_the_document_in_their_forest() -> None:
    options = (factory.compared("Worse"), factory.compared("Better"))
    forest = options_picture.options_forest(factory.forecast(options=options), "Title")
    assert forest is not None
    assert [row.label for row in forest.rows] == ["1 Worse", "2 Better"]
    assert forest.rows[0].value == "0.42 (0.11 to 1.5)"
    ET.fromstring(options_picture.options_forest_picture(factory.forecast(), "forest", "Title"))


@settings(max_examples=40, deadline=None)
@given(documents.forecasts())
def test_any_forecast_that_can_be_drawn_is_drawn_inside_its_axes(forecast: HipForecast) -> None:
    for course in forecast.untreated:
        if fan.has_curve(course, forecast.times_years):
            root = ET.fromstring(fan.fan_picture(course, forecast.times_years, "one", course.outcome))
            assert all(fan.TOP <= y <= fan.BOTTOM for way in curves(root) for _, y in way)
    for outcome in options_picture.drawn_outcomes(forecast):
        root = ET.fromstring(options_picture.options_picture(forecast, outcome, "side", outcome))
        assert all(fan.TOP <= y <= fan.BOTTOM for way in curves(root) for _, y in way)


# The terminal.
def test_the_terminal_fan_marks_the_mean_inside_the_band() -> None:
    lines = fan_lines(factory.course(), factory.TIMES, FAN_ASCII)
    assert len(lines) == 6
    for line in lines[:4]:
        assert line.index("|") < line.index("=") < line.index("O") < line.rindex("|")
    means = [line.index("O") for line in lines[:4]]
    assert means == sorted(means)


def test_the_terminal_fan_is_ascii_where_the_output_knows_nothing_else() -> None:
    assert fan_glyphs_for("ascii") is FAN_ASCII
    assert fan_glyphs_for("latin-1") is FAN_ASCII
    assert fan_glyphs_for("no such encoding") is FAN_ASCII
    assert fan_glyphs_for("utf-8") is FAN_BOX
    assert fan_glyphs_for(None) is FAN_BOX
    assert "\n".join([legend(FAN_ASCII), *fan_lines(factory.course(), factory.TIMES, FAN_ASCII)]).isascii()


@pytest.mark.parametrize("rate", [0.0, 1e-6, 0.2, 50.0])
def test_the_terminal_fan_fits_its_width(rate: float) -> None:
    lines = fan_lines(factory.course(rate=rate), factory.TIMES)
    assert all(cell_len(line) <= 76 for line in lines)
    assert lines[-1].endswith("100 %")


def test_the_terminal_fan_of_a_course_without_horizons_is_empty() -> None:
    assert fan_lines(CourseOf(outcome="collapse", at=()), ()) == []
