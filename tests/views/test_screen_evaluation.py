"""The evaluation of screening on the terminal and as a page: readable, honest, self-contained."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from precollapse.screen.evaluation import evaluate_screening
from precollapse.screen.evaluation_model import Difference, Estimate, ScreeningEvaluation
from precollapse.views import screen_evaluation as views
from precollapse.views import wording_screen_evaluation as words
from precollapse.views.plots import screen_evaluation as plots
from precollapse.views.plots.text_forest import ASCII
from tests.screen.evaluation_rows import evaluated, person, population

TYPICAL = evaluate_screening(*population(bias=True), horizon_years=1.0)
WITHHELD = evaluate_screening(*population(1500), horizon_years=1.0, least_cell=15)
NOBODY = evaluated()
NO_CASES = evaluated(*(person(f"p{k}", flagged=k < 3, risk=k / 90) for k in range(40)))
NO_RISKS = evaluated(*(person(f"p{k}", risk=None, diagnosed=9 if k % 2 else None) for k in range(40)))
UNFOLLOWED = evaluated(*(person(f"p{k}", seen=9) for k in range(4)), horizon_years=5)
ALL = {
    "typical": TYPICAL,
    "withheld": WITHHELD,
    "nobody": NOBODY,
    "no cases": NO_CASES,
    "no risks": NO_RISKS,
    "unfollowed": UNFOLLOWED,
}
each = pytest.mark.parametrize("evaluation", ALL.values(), ids=ALL.keys())


class Page(HTMLParser):
    """Reads which tags are open and what is loaded."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"meta", "line", "circle", "rect", "path", "polygon"}:
            self.open.append(tag)
        self.loaded += [str(value) for name, value in attrs if name in {"src", "href"}]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loaded += [str(value) for name, value in attrs if name in {"src", "href"}]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def joined(text: str) -> str:
    return " ".join(text.split())


@each
def test_the_text_fits_80_columns_and_holds_no_broken_number(evaluation: ScreeningEvaluation) -> None:
    text = views.render_text(evaluation)
    assert max(len(line) for line in text.splitlines()) <= 80
    assert not re.search(r"\b(nan|inf|None)\b", text)
    views.render_text(evaluation, ASCII).encode("ascii")


@each
def test_the_page_is_well_formed_and_loads_nothing(evaluation: ScreeningEvaluation) -> None:
    html = views.render_html(evaluation)
    page = Page()
    page.feed(html)
    assert page.open == [] and page.loaded == []
    assert "<script" not in html and not re.search(r"\b(nan|None)\b", html)


@each
def test_what_an_evaluation_cannot_say_stands_before_every_figure(evaluation: ScreeningEvaluation) -> None:
    text = joined(views.render_text(evaluation))
    for limit in ("Silent osteonecrosis is never recorded", "Who was imaged decides who was diagnosed"):
        assert limit in text
        assert text.index(limit) < text.index("Who was evaluated")
        assert limit in joined(views.render_html(evaluation))


def test_text_and_page_say_the_same_figures() -> None:
    text, html = joined(views.render_text(TYPICAL)), joined(views.render_html(TYPICAL))
    flagging = TYPICAL.flagging
    for said in (
        words.share(flagging.sensitivity.counted),
        words.share(flagging.positive_predictive_value.best),
        words.number(TYPICAL.probabilities.auc.counted),
        words.number(TYPICAL.probabilities.observed_over_expected.best),
    ):
        assert said in text and said in html
    assert f"{flagging.true_positives}" in text


def test_a_rule_that_flags_women_less_often_is_said_in_a_plain_sentence() -> None:
    text = joined(views.render_text(TYPICAL))
    assert re.search(r"Flags women less often than men: [\d.]+ % \([\d.]+ to [\d.]+\) against [\d.]+ %", text)
    assert "comparisons were made; a few may differ by chance" in text


@pytest.mark.parametrize(
    ("measure", "higher", "says"),
    [
        ("flagged_share", True, "Flags patients aged under 18 more often than the others: 50 % (40 to 60)"),
        (
            "sensitivity",
            False,
            "Flags a smaller part of the recorded cases of patients aged under 18 than of",
        ),
        ("positive_predictive_value", True, "A flag is more often followed by a diagnosis in patients aged"),
        ("observed_over_expected", True, "The risks are too low for patients aged under 18 compared with"),
        ("observed_over_expected", False, "The risks are too high for patients aged under 18 compared with"),
    ],
)
def test_every_kind_of_difference_has_its_sentence(measure: Any, higher: bool, says: str) -> None:
    here, there = Estimate(value=0.5, low=0.4, high=0.6), Estimate(value=0.2, low=0.1, high=0.3)
    one = Difference(
        dimension="age",
        level="under 18",
        name="under 18",
        against=None,
        measure=measure,
        higher=higher,
        here=here,
        there=there,
    )
    assert words.difference(one).startswith(says)
    assert "0.5 (0.4 to 0.6)" in words.difference(one) or "50 % (40 to 60)" in words.difference(one)


def test_few_cases_are_too_few_to_say() -> None:
    assert "women: too few to say" in joined(
        views.render_text(
            evaluated(*(person(f"p{k}", sex="male" if k % 2 else "female", diagnosed=9) for k in range(6)))
        )
    )


def test_withheld_figures_are_called_withheld_and_not_0() -> None:
    text = joined(views.render_text(WITHHELD))
    assert "Counts from 1 to 14, and what would give them away, are withheld." in text
    assert "withheld" in words.count(None)
    assert words.share(Estimate(withheld=True)) == "withheld"
    assert words.share(Estimate()) == "not estimated"


def test_without_patients_or_risks_it_says_so() -> None:
    assert "There are no patients, so there is nothing to evaluate." in views.render_text(NOBODY)
    assert "No patient has a risk, so nothing can be said of probabilities." in views.render_text(NO_RISKS)
    assert "so little can be said" in joined(views.render_text(NO_CASES))
    assert "choose a shorter horizon" in joined(views.render_text(UNFOLLOWED))


def test_names_from_the_records_are_escaped() -> None:
    cause = {"cause": "x", "cause_name": "<script>alert(1)</script>\x1b[2J"}
    found = evaluated(person("a", **cause), person("b"))
    html, text = views.render_html(found), views.render_text(found)
    assert "<script" not in html and "&lt;script&gt;" in html
    assert "\x1b" not in html and "\x1b" not in text


def test_the_pictures_draw_what_there_is() -> None:
    calibration = plots.calibration(TYPICAL.probabilities.groups)
    assert calibration is not None
    assert calibration.body.count('class="group"') == len(TYPICAL.probabilities.groups)
    curve = plots.decision_curve(TYPICAL.decision_curve, "1 year")
    assert curve is not None and curve.body.count('class="curve"') >= 3
    for drawing in (calibration, curve):
        places = re.findall(r'\b(?:cx|x1|x2|x)="(-?[\d.]+)"', drawing.body)
        assert all(0 <= float(x) <= drawing.width for x in places)
        ET.fromstring(f"<g>{drawing.body}</g>")
    assert plots.calibration(NO_RISKS.probabilities.groups) is None
    assert plots.decision_curve(NOBODY.decision_curve, "1 year") is None
    assert views.render_html(TYPICAL).count("<svg") == 2


def test_a_curve_that_leaves_the_plot_ends_where_it_meets_the_edge() -> None:
    runs = [run for run in plots._visible([(0, 4.0), (1, 0.0), (2, -4.0), (3, 0.0), (4, None)], -2.0) if run]
    assert runs == [[(0, 4.0), (1, 0.0), (1.5, -2.0)], [(2.5, -2.0), (3, 0.0)]]


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.5, "50"), (0.9, "90"), (0.95, "95"), (0.99464, "99.46"), (0.99987, "99.987"), (1.0, "100"), (0, "0")],
)
def test_shares_near_100_percent_keep_what_can_be_told_apart(share: float, said: str) -> None:
    assert words.percent(share) == said


@pytest.mark.parametrize(
    ("years", "said"), [(1, "1 year"), (5, "5 years"), (0.5, "6 months"), (2.5, "30 months")]
)
def test_spans_are_written_as_people_say_them(years: float, said: str) -> None:
    assert words.years(years) == said
