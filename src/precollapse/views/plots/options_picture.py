"""The options of one hip as SVG: their curves beside no treatment, and their hazard ratios as a forest plot.

Every curve has a number that its box in the page has too, a colour of Okabe and Ito, and dashes of its own.
Beside the curves stands the band of each at the end, because the middle alone would say too much.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from precollapse.assessment.forecast_nodes import CourseOf, EffectUsed, HipForecast, OutcomeAt
from precollapse.assessment.nodes import Interval
from precollapse.evidence.fitted import Estimate
from precollapse.views import wording_forecast as words
from precollapse.views.plots import svg
from precollapse.views.plots.axis import Axis
from precollapse.views.plots.fan import (
    BOTTOM,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Attributes,
    curve,
    escaped,
    grid,
    has_curve,
    interactive,
    points,
    spread,
)
from precollapse.views.plots.forest import draw_forest
from precollapse.views.plots.model import Forest, Group, Panel, Row
from precollapse.views.plots.words import estimate_words

_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_DASHES = ("", "8 3", "2 3", "9 3 2 3", "14 4", "5 2 1 2 1 2")
_SMALL, _MOST_LANE = 11.0, 30.0
_PLOT_END, _HEIGHT = 478.0, 290.0


@dataclass(frozen=True, slots=True)
class Drawn:
    """One curve: its number in the page (0 is no treatment), name and course."""

    number: int
    name: str
    course: CourseOf

    @property
    def mark(self) -> str:
        """Return what stands at the end of the curve."""
        return str(self.number) if self.number else "none"

    @property
    def style(self) -> tuple[str, str]:
        """Return colour and dashes, no two alike among the first 36."""
        if self.number == 0:
            return svg.INK, ""
        turn, place = divmod(self.number - 1, len(_COLOURS))
        return _COLOURS[place], _DASHES[(place + turn) % len(_DASHES)]


def drawn_outcomes(forecast: HipForecast) -> list[str]:
    """Return the outcomes on which options are compared and can be drawn beside no treatment."""
    found = dict.fromkeys(words.told_outcome(one) for one in words.compared(forecast))
    return [name for name in found if len(drawn(forecast, name)) > 1]


def drawn(forecast: HipForecast, outcome: str) -> list[Drawn]:
    """Return no treatment and the options compared on an outcome, numbered as in the tables."""
    untreated = words.course_of(forecast.untreated, outcome)
    if untreated is None or not has_curve(untreated, forecast.times_years):
        return []
    found = [Drawn(0, "no treatment", untreated)]
    for number, option in enumerate(words.compared(forecast), start=1):
        course = words.course_of(option.courses, outcome)
        if words.told_outcome(option) == outcome and course and has_curve(course, forecast.times_years):
            found.append(Drawn(number, option.name, course))
    return found


def options_picture(forecast: HipForecast, outcome: str, name: str, title: str) -> str:
    """Return the curves of the options beside no treatment; each is a group of class ``option-NUMBER``."""
    times, shown = forecast.times_years, drawn(forecast, outcome)
    across = Axis(0.0, times[-1], LEFT, _PLOT_END, log=False)
    up = Axis(0.0, 1.0, BOTTOM, TOP, log=False)
    ends = spread([up.place(one.course.curve[-1]) for one in shown], [13.0] * len(shown), TOP - 6, BOTTOM + 6)
    start = _PLOT_END + 62
    lane = min(_MOST_LANE, (RIGHT + 30 - start) / len(shown))
    body = [
        svg.text(
            LEFT, 18, svg.shorten(title, WIDTH - LEFT - 8, 13, bold=True), size=13, weight="bold", full=title
        )
    ]
    body += [*grid(across, up), *_lanes_grid(times, start, lane * len(shown), up)]
    for place, (one, end) in enumerate(zip(shown, ends, strict=True)):
        marks = [*_line(one, times, across, up, end), *_band(one, start + lane * (place + 0.5), up)]
        body.append(_option(one, times, marks))
    said = "; ".join(f"{one.mark} {one.name}: {_end(one, times)}" for one in shown)
    return interactive(name, title, f"{title}: {said}.", "\n".join(body), _HEIGHT)


def _option(one: Drawn, times: Sequence[float], marks: Sequence[str]) -> str:
    said = f"{one.name}: {_end(one, times)}"
    attributes: Attributes = {"class": f"option option-{one.number}", "tabindex": "0", "role": "img"}
    title = svg.element("title", {}, escaped(said))
    return svg.element("g", attributes | {"aria-label": said}, title + "".join(marks))


def _end(one: Drawn, times: Sequence[float]) -> str:
    """Say the probability at the end of the curve."""
    course = one.course
    last = OutcomeAt(
        years=times[-1], value=course.curve[-1], interval=Interval(low=course.low[-1], high=course.high[-1])
    )
    return f"{words.within(last.years)} {words.probability(last)}"


def _line(one: Drawn, times: Sequence[float], across: Axis, up: Axis, label: float) -> Iterator[str]:
    """Yield the curve, and its number at its end; ``label`` is where that found room."""
    colour, dashes = one.style
    passed = points(times, one.course.curve, across, up)
    yield curve(passed, colour, 3.0 if one.number == 0 else 2.2, dashes)
    x, y = passed[-1]
    yield svg.line(x, y, x + 10, label, colour)
    yield svg.text(x + 13, label + 4, one.mark, weight="bold", halo=True)


def _band(one: Drawn, x: float, up: Axis) -> Iterator[str]:
    """Yield the band at the end of the curve."""
    colour, dashes = one.style
    course = one.course
    low, high = up.place(course.low[-1]), up.place(course.high[-1])
    yield svg.line(x, low, x, high, colour, 3.0, dashes)
    for y in (low, high):
        yield svg.line(x - 5, y, x + 5, y, colour, 2.0)
    mark: Attributes = {"cx": x, "cy": up.place(course.curve[-1]), "r": 4.5, "fill": "#ffffff"}
    yield svg.element("circle", mark | {"stroke": colour, "stroke-width": 2.0})
    yield svg.text(x, up.left + 16, one.mark, anchor="middle", size=_SMALL, weight="bold")


def _lanes_grid(times: Sequence[float], start: float, width: float, up: Axis) -> Iterator[str]:
    for mark in (0.0, 0.25, 0.5, 0.75, 1.0):
        yield svg.line(start, up.place(mark), start + width, up.place(mark), svg.RULE)
    said = f"bands after {words.years(times[-1])}"
    yield svg.text(start, up.left + 32, said, size=_SMALL, colour=svg.GREY)


# Hazard ratios.
def options_forest(forecast: HipForecast, title: str) -> Forest | None:
    """Return the hazard ratios of the options in the order of the document; None if there are none."""
    found = [
        (number, one.name, one.effect)
        for number, one in enumerate(words.compared(forecast), start=1)
        if one.effect is not None and one.effect.ratio > 0
    ]
    outcomes = dict.fromkeys(effect.outcome for *_, effect in found)
    if not found:
        return None
    panels = tuple(
        Panel(
            f"Hazard of {name}",
            (Group("", tuple(_row(*one) for one in found if one[2].outcome == name)),),
        )
        for name in outcomes
    )
    return Forest(
        title=title,
        scale="ratio",
        columns=("studies|(random.)",),
        value_heading="hazard ratio|(95 % interval)",
        panels=panels,
        letter_heading="cert.",
        favours=("the option", "no treatment"),
        notes=(
            "Diamonds: pooled, hollow where no study compared the two themselves. Pale bars: where the result"
            " of a further population would lie. An arrow: the interval goes on beyond the axis.",
            f"Certainty: {_letters(effect.certainty for *_, effect in found)}.",
        ),
    )


def options_forest_picture(forecast: HipForecast, name: str, title: str) -> str:
    """Return the forest plot of the hazard ratios, or nothing."""
    forest = options_forest(forecast, title)
    return svg.document([draw_forest(forest)], name, alone=False) if forest else ""


def _row(number: int, name: str, effect: EffectUsed) -> Row:
    ratio = Estimate(value=effect.ratio, low=effect.interval.low, high=effect.interval.high)
    return Row(
        label=f"{number} {name}",
        cells=(f"{effect.studies} ({effect.randomised})",),
        value=estimate_words(ratio, "ratio"),
        estimate=ratio,
        letter=_initials(effect.certainty),
        wide=Estimate(value=effect.ratio, low=effect.prediction.low, high=effect.prediction.high),
        kind="pooled" if effect.studies else "part",
    )


def _initials(level: str) -> str:
    return "".join(word[0] for word in level.split()).upper()


def _letters(levels: Iterable[str]) -> str:
    return ", ".join(f"{_initials(level)} {level}" for level in sorted(set(levels)))
