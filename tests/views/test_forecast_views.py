"""What a surgeon reads of a forecast, in the terminal and on the page."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import msgspec
import pytest
from hypothesis import given, settings
from rich.cells import cell_len

from precollapse.assessment.forecast_nodes import HipForecast, NotUsed, StartShare
from precollapse.assessment.model import Assessment
from precollapse.views import wording_forecast as words
from precollapse.views.html import render_html
from precollapse.views.plots.text_fan import FAN_BOX
from precollapse.views.text import render_text
from tests.views import documents
from tests.views import factory_forecast as factory
from tests.views.test_html import Page

HOSTILE = "<script>alert(1)</script><b onclick='x'>\u202e\x1b[31m"


def forecast_text(left: HipForecast, right: HipForecast | None = None) -> str:
    """Return the lines of the forecast of the left hip."""
    text = render_text(factory.assessment(left, right))
    start = text.index("\n  Forecast\n")
    return text[start : text.index("\n  Recorded of this hip", start)]


def flat(text: str) -> str:
    return " ".join(text.split())


def page_of(assessment: Assessment) -> Page:
    return Page(render_html(assessment))


@pytest.fixture(scope="module")
def text() -> str:
    return forecast_text(factory.forecast())


@pytest.fixture(scope="module")
def page() -> Page:
    return page_of(factory.assessment(factory.forecast(), factory.possible()))


# What is said.
def test_every_probability_in_the_terminal_has_its_band(text: str) -> None:
    """In the table the band stands under its probability; the only range by type is a range itself."""
    said = flat(text)
    bands = re.findall(r"\((?:[<>] )?[\d.]+ to (?:[<>] )?[\d.]+ %\)", said)
    alone = re.findall(r"[\d.]+ %", re.sub(r"\([^()]*\)", "", said))
    others = [
        "95 %",
        "100 %",
        "95 %",
        "80 %",
    ]  # the heading, the axis and legend of the fan, the range by type
    assert len(alone) - len(others) == len(bands) == 5 * 4 + 1 + 2 + 2
    assert all(one in alone for one in others)


def test_no_date_and_no_certainty_is_told(text: str) -> None:
    assert re.search(r"\b(19|20)\d\d\b", text) is None
    assert re.search(r"(?<![<>\d.] )\b100 %(?! *\n)", text) is None
    assert words.percent(1.0) == "> 99 %"
    assert words.percent(0.0) == "< 0.1 %"


@pytest.mark.parametrize(
    ("probability", "said"),
    [
        (0.0004, "< 0.1 %"),
        (0.001, "0.1 %"),
        (0.008, "0.8 %"),
        (0.49, "49 %"),
        (0.994, "99 %"),
        (0.996, "> 99 %"),
    ],
)
def test_probabilities_are_no_finer_than_the_document_gives_them(probability: float, said: str) -> None:
    assert words.percent(probability) == said


def test_outcomes_are_told_in_the_words_of_the_clinic(text: str) -> None:
    said = flat(text)
    assert "arthritis or" in said
    assert "first pain of" in said
    assert "1 year 2 years 5 years 10 years" in said


def test_a_hip_in_which_it_is_only_possible_is_told_the_overall_course_first() -> None:
    said = flat(forecast_text(factory.possible()))
    overall = "As things stand, with osteonecrosis not shown yet: collapse within 5 years 22 % (4.9 to 71 %)."
    assert said.startswith(f"Forecast {overall}")
    assert "As things stand, with" not in flat(forecast_text(factory.forecast()))


def test_in_short_tells_the_course_only_where_osteonecrosis_is_shown() -> None:
    shown = factory.assessment(factory.forecast(), None)
    expected = "without treatment collapse within 5 years 63 % (18 to 99 %)"
    assert expected in flat(render_text(shown).partition("URGENCY:")[0])
    assert expected in page_of(shown).text.partition("Urgency:")[0]
    for other in (factory.possible(), factory.not_made(), None):
        said = flat(render_text(factory.assessment(other, None)).partition("URGENCY:")[0])
        assert "collapse within" not in said


def test_a_collapsed_hip_is_told_when_it_is_replaced() -> None:
    forecast = factory.forecast(untreated=(factory.course("arthritis"), factory.course("replacement", 0.3)))
    assert words.headline(forecast.untreated) == "replaced within 5 years 78 % (26 to > 99 %)"


def test_a_forecast_that_was_not_made_says_why_and_nothing_else() -> None:
    assessment = factory.assessment(factory.not_made(), None)
    for said in (flat(render_text(assessment)), page_of(assessment).text):
        assert "No forecast: it is unlikely." in said
        assert "Options side by side" not in said


def test_a_document_without_forecasts_is_shown_as_before() -> None:
    assert "Forecast" not in render_text(factory.assessment(None, None))


def test_a_hip_of_which_the_stage_is_open_says_where_it_may_stand() -> None:
    starts = (
        StartShare(state="before collapse", probability=0.772),
        StartShare(state="collapsed up to 2 mm", probability=0.228),
    )
    said = flat(forecast_text(factory.forecast(starts=starts)))
    assert "before collapse about 75 %, collapsed up to 2 mm about 25 %" in said
    assert "Where it may stand" not in flat(forecast_text(factory.forecast()))


def test_what_a_measurement_would_narrow_is_told_in_points(text: str) -> None:
    assert (
        "Knowing the size would narrow the 5-year band of collapse from 99 points to about 73 on average"
        " (by type: A 19, C2 78); the probability itself would be from 2 to 80 %, by type."
    ) in flat(text)


def test_what_it_rests_on_and_what_was_left_out_is_told_with_its_cohorts(text: str) -> None:
    said = flat(text)
    assert "Rests on: Stage: seen on MRI only; Size: not known. [1, 2]" in said
    assert "Not used: Age: no association in one cohort. [1]" in said


# Options.
def test_a_benefit_that_may_be_harm_is_told_from_sparing_one_to_harming_one() -> None:
    said = words.benefit(factory.benefit())
    treated = "treat 6.2 to spare one (from 1.6 to spare one to 4.3 to harm one)"
    assert said == f"16 points better (23 worse to 62 better), {treated}"


def test_a_sure_benefit_gets_its_number_needed_to_treat_with_its_interval() -> None:
    sure = factory.benefit(0.16, 0.03, 0.3)
    assert words.benefit(sure) == "16 points better (3 to 30 better), treat 6.2 (3.3 to 33) to spare one"


def test_harm_is_called_worse() -> None:
    harm = factory.benefit(-0.02, -0.3, 0.1)
    assert words.benefit(harm) == "2 points worse (30 worse to 10 better), may do harm"
    assert words.benefit(factory.benefit(-0.2, -0.3, -0.1)) == "20 points worse (30 to 10 worse), may do harm"


def test_options_are_told_in_two_groups_in_the_order_of_the_document(text: str) -> None:
    said = flat(text)
    order = [
        "Compared with no treatment",
        "1. Drug",
        "2. Drilling",
        "Only series",
        "3. Graft",
        "4. New joint",
    ]
    places = [said.index(word) for word in order]
    assert places == sorted(places)
    assert words.ORDER in said
    assert said.count(words.NO_ADVICE) == 1


def test_an_option_is_told_with_ratio_prediction_studies_and_certainty(text: str) -> None:
    said = flat(text)
    assert "1. Drug: × 0.42 (0.11 to 1.5; further population 0.056 to 3.1); 2 studies, 1 randomised;" in said
    assert "certainty very low [1] collapse within 5 years 39 % (9.5 to 92 %), 16 points better" in said
    assert "Without treatment within 5 years: collapse 63 % (18 to 99 %)." in said


def test_series_are_told_as_not_comparable_and_a_new_joint_by_its_revisions(text: str) -> None:
    said = flat(text)
    assert words.ONLY_SERIES in said
    assert "3. Graft: replaced within 5 years 9.5 % (2 to 39 %); 3 series, 1,206 hips;" in said
    assert "4. New joint: revised within 10 years 18 % (3.9 to 63 %);" in said


def test_a_reason_against_certainty_is_told_once(text: str) -> None:
    assert flat(text).count("no blinding") == 1
    assert "few hips (1, 2); no blinding (1, 2); series of chosen hips without a comparison (3, 4)." in flat(
        text
    )
    assert words.ranges([1, 2, 3, 5, 7, 8]) == "1 to 3, 5, 7, 8"


def test_many_options_are_cut_short_in_the_terminal_and_complete_on_the_page() -> None:
    many = tuple(factory.compared(f"Drug {letter}") for letter in "ABCDEFGH")
    forecast = factory.forecast(options=many)
    said = flat(forecast_text(forecast))
    assert "Drug F:" in said
    assert "Drug G:" not in said
    assert "… 2 more, see the page or the JSON document" in said
    assert "8 Drug H" in page_of(factory.assessment(forecast, None)).text


def test_an_option_no_study_compared_directly_is_told_so() -> None:
    effect = factory.compared().effect
    assert effect is not None
    indirect = factory.compared(effect=msgspec.structs.replace(effect, studies=0, randomised=0))
    assert "indirect comparison only; certainty very low" in flat(
        forecast_text(factory.forecast(options=(indirect,)))
    )


# Both hips.
def test_equal_forecasts_are_told_once() -> None:
    right = factory.forecast(facts=())
    assessment = factory.assessment(factory.forecast(), right)
    text = render_text(assessment)
    assert text.count("Options side by side") == 1
    assert re.search(r"As for the left hip:[^.]*forecast\.", flat(text))
    page = page_of(assessment)
    assert page.text.count("Options side by side") == 1
    assert re.search(r"As for the left hip:[^.]*forecast\.", page.text)


def test_a_second_hip_of_another_course_does_not_repeat_the_evidence() -> None:
    first, second = factory.forecast(), factory.forecast(untreated=(factory.course("collapse", 0.4),))
    text = render_text(factory.assessment(first, second))
    assert text.count("Options side by side") == 2
    assert flat(text).count("hips; certainty") == 2
    assert flat(text).count("Not used:") == 1
    remark = "evidence behind the options, series of chosen hips, what the forecast left out."
    assert remark in flat(text)


# The page.
def test_the_page_chooses_without_a_script(page: Page) -> None:
    assert page.named("script", "form") == []
    assert all(not name.startswith("on") for _, attributes in page.tags for name in attributes)
    kinds = [one["type"] for one in page.named("input")]
    assert kinds.count("radio") == 2 * 5
    assert kinds.count("checkbox") == 2 * 3


def test_every_choice_has_a_label_and_one_course_is_chosen_at_first(page: Page) -> None:
    labelled = {one["for"] for one in page.named("label")}
    assert {one["id"] for one in page.named("input")} == labelled
    radios = [one for one in page.named("input") if one["type"] == "radio"]
    assert len([one for one in radios if "checked" in one]) == 2
    assert len({one["name"] for one in radios}) == 2


def test_a_single_course_needs_no_choice_and_is_drawn() -> None:
    alone = factory.forecast(untreated=(factory.course("replacement"),), options=())
    html = render_html(factory.assessment(alone, None))
    assert Page(html).named("input") == []
    assert 'class="fan-1"' not in html
    assert "Replaced, without treatment, left hip" in html


def test_identifiers_are_unique_and_every_name_of_a_picture_exists(page: Page) -> None:
    ids = [str(attributes["id"]) for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for picture in page.named("svg"):
        assert set(str(picture["aria-labelledby"]).split()) <= set(ids)


def test_every_choice_has_its_rule_in_the_style_sheet() -> None:
    html = render_html(factory.assessment(factory.forecast(), None))
    for number in range(1, 6):
        assert f".pick-{number}:checked ~ .fan-{number}" in html
    for number in range(3):
        assert f".show-{number}:not(:checked) ~ svg .option-{number}" in html


def test_pictures_of_the_page_are_well_formed() -> None:
    html = render_html(factory.assessment(factory.forecast(), factory.possible()))
    pictures = re.findall(r"<svg xmlns.*?</svg>", html, flags=re.DOTALL)
    assert len(pictures) == 2 * (5 + 1) + 1  # the second hip repeats no forest plot
    for picture in pictures:
        ET.fromstring(picture)


def test_the_page_holds_reasons_and_what_was_left_out_in_details(page: Page) -> None:
    assert "no blinding" in page.text
    assert "Age: no association in one cohort. [1]" in flat(page.text)
    treatments = 5  # each has details of its own; the same of both hips is told once
    assert len(page.named("details")) == 1 + 4 + treatments
    assert page.text.count("no blinding") == 2


def test_words_of_options_cannot_become_markup() -> None:
    bad = factory.forecast(
        says=HOSTILE,
        rests_on=(HOSTILE,),
        not_used=(NotUsed(says=HOSTILE, source=HOSTILE),),
        options=(factory.compared(HOSTILE, says=HOSTILE), factory.alone(HOSTILE)),
        untreated=(factory.course("collapse"), factory.course(HOSTILE)),
    )
    html = render_html(factory.assessment(bad, None))
    page = Page(html)
    assert page.named("script", "b onclick") == []
    assert all(not name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert "\u202e" not in html
    assert "\x1b" not in render_text(factory.assessment(bad, None))


# Anything.
@settings(max_examples=25, deadline=None)
@given(documents.forecasts(), documents.forecasts())
def test_any_forecast_fits_eighty_columns_and_becomes_a_well_formed_page(
    left: HipForecast, right: HipForecast
) -> None:
    assessment = factory.assessment(left, right)
    text = render_text(assessment)
    assert all(cell_len(line) <= 80 for line in text.split("\n"))
    page = page_of(assessment)
    assert page.named("script") == []
    ids = [str(attributes["id"]) for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert render_text(assessment) == text


def test_the_fan_of_the_terminal_is_drawn_under_the_table(text: str) -> None:
    assert text.count(FAN_BOX.mean) == 4 + 1
