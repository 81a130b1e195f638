"""An assessment as one self-contained page: no script, nothing loaded from elsewhere, prints on A4."""

from __future__ import annotations

from functools import cache

from jinja2 import Template
from markupsafe import Markup

from precollapse.assessment.forecast_nodes import CourseOf, HipForecast
from precollapse.assessment.model import Assessment
from precollapse.views import (
    numbers,
    picture,
    staging_words,
    values,
    wording,
    wording_forecast,
    wording_treatments,
)
from precollapse.views import wording_diagnosis as words
from precollapse.views.pages import environment
from precollapse.views.plots import fan, options_picture


def render_html(assessment: Assessment) -> str:
    """Return the page; everything that came from a record is escaped."""
    return _template().render(
        a=assessment,
        cite=wording.SourceNumbers(assessment.sources),
        hips=wording_forecast.sides(assessment),
        unread=wording.unread(assessment.unread),
        types=wording.types_of_either(assessment),
        dominant=wording.dominant_type(assessment),
        questions=wording.questions(assessment.urgency.open_questions),
        first_test=wording.first_test(assessment),
        most=wording.MOST,
        few=wording.FEW,
    )


# The pictures are safe to set as they are: their texts and attributes were escaped where they were written.
def _fan(course: CourseOf, forecast: HipForecast, name: str, title: str) -> Markup:
    drawn = fan.has_curve(course, forecast.times_years)
    return Markup(fan.fan_picture(course, forecast.times_years, name, title) if drawn else "")


def _options_picture(forecast: HipForecast, outcome: str, name: str, title: str) -> Markup:
    return Markup(options_picture.options_picture(forecast, outcome, name, title))


def _options_forest(forecast: HipForecast, name: str, title: str) -> Markup:
    return Markup(options_picture.options_forest_picture(forecast, name, title))


@cache
def _template() -> Template:
    made = environment()
    made.filters.update(
        address=wording.address,
        border=staging_words.border,
        brief=wording.brief,
        contradiction=staging_words.sides,
        estimate=numbers.estimate,
        fact=wording.fact,
        facts=wording.facts,
        meaning=values.meaning,
        normal=values.normal,
        not_answered=values.not_answered,
        other_findings=values.other_findings,
        outside=values.outside,
        score=values.score,
        score_details=values.score_details,
        threshold=values.threshold,
        undecided=values.undecided,
        values=values.values,
        figure=numbers.figure,
        horizon=wording.horizon,
        names=wording.names,
        notes=wording.notes,
        of_hip=wording.of_hip,
        percent=numbers.percent,
        outcome=wording.outcome,
        picture=picture.bars,
        reader=staging_words.reader,
        reliability=staging_words.reliability,
        stage=staging_words.stage,
        would_decide=staging_words.decided_by,
        plain=numbers.plain,
        ratio=numbers.ratio,
        sentence=wording.sentence,
        share=numbers.share,
        states=wording.states,
        while_open=numbers.while_open,
        in_short=wording_forecast.in_short,
        span=numbers.span,
        shown_diagnoses=words.shown,
        other_diagnoses=words.others,
        weighed=words.findings,
        judged=words.judged,
        decisions=words.decisions,
        proposed=words.proposed,
        test=words.test,
        results=words.results,
        questions_worth_asking=words.questions,
        impossible=words.impossible,
        idle=words.idle,
    )
    made.globals.update(systems_shown=staging_words.shown, any_criterion=staging_words.any_criterion)
    made.globals.update(words=wording_treatments, more=wording.more, patient=wording.patient)
    made.globals.update(
        forecast=wording_forecast,
        fan=_fan,
        options_drawn=options_picture.drawn,
        options_outcomes=options_picture.drawn_outcomes,
        options_picture=_options_picture,
        options_forest=_options_forest,
    )
    return made.get_template("assessment.html")
