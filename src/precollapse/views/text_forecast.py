"""The forecast for the terminal: a table, a small fan, what it rests on, and the options side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from precollapse.assessment.forecast_nodes import CourseOf, HipForecast, OptionForecast
from precollapse.views import wording_forecast as words
from precollapse.views.layout import WIDTH, Line, bullet, wrap
from precollapse.views.plots.text_fan import FAN_BOX, FanGlyphs, fan_lines, legend
from precollapse.views.wording import FEW, Side, SourceNumbers, clean

_INDENT, _GAP, _LEAST_LABEL = 4, 1, 11


def forecast_lines(side: Side, cite: SourceNumbers, glyphs: FanGlyphs = FAN_BOX) -> Iterator[Line]:
    """Yield the forecast of one hip; nothing where there is none or it was told of the other hip."""
    forecast = side.hip.forecast
    if forecast is None or words.FORECAST in side.repeats:
        return
    if forecast.state == "not made":
        yield Line(" ".join(filter(None, (forecast.says, words.overall(forecast)))), indent=2)
        return
    yield Line("Forecast", indent=2, style="bold")
    if words.overall(forecast):
        yield Line(words.overall(forecast), indent=2)
    yield Line(forecast.says, indent=2)
    yield from _course(forecast, glyphs)
    yield from _basis(forecast, side, cite)
    yield from _options(forecast, side, cite)


def _course(forecast: HipForecast, glyphs: FanGlyphs) -> Iterator[Line]:
    if words.starts(forecast):
        yield Line(words.starts(forecast), indent=2)
    if not forecast.untreated:
        return
    yield Line("Without treatment, with the middle 95 % of what is possible:", indent=2)
    yield from _table(forecast.untreated)
    course = words.main(forecast.untreated)
    drawn = fan_lines(course, forecast.times_years, glyphs) if course else []
    if course and drawn:
        yield Line(f"{words.outcome(course.outcome)}: {legend(glyphs)}", indent=_INDENT)
        yield from (_fixed(" " * _INDENT + row) for row in drawn)


def _fixed(row: str) -> Line:
    """Return a line whose blanks matter: the mark of a line is printed as it is, its text is not."""
    return Line("", mark=row)


def _table(courses: Sequence[CourseOf]) -> Iterator[Line]:
    """Yield the outcomes by horizon, each with its band under it."""
    told = words.horizons(courses)
    rows = _cells(courses, told, sign=" %")
    widths = _widths(told, rows)
    if _label_room(widths) < _LEAST_LABEL:
        rows = _cells(courses, told, sign="")
        widths = _widths(told, rows)
    if _label_room(widths) < _LEAST_LABEL:
        yield from _sentences(courses)
        return
    room = _label_room(widths)
    yield _row("", [words.years(one) for one in told], widths)
    for course, (means, bands) in zip(courses, rows, strict=True):
        label = wrap(Line(words.outcome(course.outcome)), room)
        for number in range(max(2, len(label))):
            cells = (means, bands)[number] if number < 2 else [""] * len(told)
            yield _row(label[number] if number < len(label) else "", cells, widths)


def _cells(courses: Sequence[CourseOf], told: list[float], sign: str) -> list[tuple[list[str], list[str]]]:
    """Return the means and the bands of every course."""
    found = [[words.at(course, one) for one in told] for course in courses]
    return [
        (
            [words.percent(one.value) if one else "" for one in row],
            [f"({words.span(one.interval).removesuffix(' %')}{sign})" if one else "" for one in row],
        )
        for row in found
    ]


def _widths(told: list[float], rows: list[tuple[list[str], list[str]]]) -> list[int]:
    return [
        max(cell_len(said) for said in (words.years(years), *(cells[n] for row in rows for cells in row)))
        for n, years in enumerate(told)
    ]


def _label_room(widths: list[int]) -> int:
    return WIDTH - _INDENT - sum(width + _GAP for width in widths)


def _row(label: str, cells: list[str], widths: list[int]) -> Line:
    room = min(24, _label_room(widths))
    right = "".join(
        " " * (_GAP + width - cell_len(cell)) + cell for cell, width in zip(cells, widths, strict=True)
    )
    return _fixed(" " * _INDENT + label + " " * (room - cell_len(label)) + right)


def _sentences(courses: Sequence[CourseOf]) -> Iterator[Line]:
    """Yield the outcomes as sentences, where their horizons are too many for a table."""
    for course in courses:
        said = "; ".join(f"{words.within(one.years)} {words.probability(one)}" for one in course.at)
        yield bullet(f"{words.outcome(course.outcome)}: {said}", indent=_INDENT)


def _basis(forecast: HipForecast, side: Side, cite: SourceNumbers) -> Iterator[Line]:
    repeated = words.LEFT_OUT in side.repeats
    if forecast.rests_on:
        cohorts = "" if repeated else cite(*forecast.sources)
        yield bullet(f"Rests on: {'; '.join(forecast.rests_on)}. {cohorts}".rstrip())
    if forecast.narrowed_by:
        yield bullet(words.narrowed(forecast.narrowed_by))
    if forecast.not_used and not repeated:
        told = (f"{one.says} {cite(one.source)}".rstrip() for one in forecast.not_used)
        yield bullet(f"Not used: {' '.join(told)}")


# Options.
def _options(forecast: HipForecast, side: Side, cite: SourceNumbers) -> Iterator[Line]:
    if not forecast.options:
        return
    known = words.EVIDENCE in side.repeats
    compared = list(enumerate(words.compared(forecast), start=1))
    alone = list(enumerate(words.alone(forecast), start=len(compared) + 1))
    if words.SERIES in side.repeats:
        alone = []
    yield Line("Options side by side", indent=2, style="bold")
    yield Line(f"{words.NO_ADVICE} {words.ORDER}", indent=2)
    yield from _compared(forecast, compared, cite, known=known)
    yield from _alone(alone, cite, known=known)
    if not known:
        yield from _reasons([*compared[:FEW], *alone[:FEW]])


def _compared(
    forecast: HipForecast, numbered: list[tuple[int, OptionForecast]], cite: SourceNumbers, *, known: bool
) -> Iterator[Line]:
    if not numbered:
        return
    how = "" if known else ", by hazard ratio"
    yield Line(f"Compared with no treatment{how}; points are hips of 100.", indent=2)
    without = words.untreated_beside(forecast)
    if without:
        yield Line(f"Without treatment {words.within(words.TOLD_YEARS)}: {without}.", indent=2)
    for number, option in numbered[:FEW]:
        yield from _one_compared(option, f"{number}.", cite, known=known)
    yield from _more(len(numbered))


def _one_compared(option: OptionForecast, mark: str, cite: SourceNumbers, *, known: bool) -> Iterator[Line]:
    found = words.told_benefit(option)
    outcome = words.outcome(words.told_outcome(option))
    after = f"{outcome} {words.within(words.told_years(option))} {words.with_option(option)}"
    after += f", {words.benefit(found)}" if found else ""
    if known or option.effect is None:
        yield bullet(f"{option.name}: {after}", mark=mark)
        return
    trusted = f"{words.studied(option)}; {words.certainty(option)} {cite(*option.sources)}".rstrip()
    yield bullet(f"{option.name}: {words.ratio(option.effect)}; {trusted}", mark=mark)
    yield Line(after, indent=2 + len(mark) + 1)


def _alone(numbered: list[tuple[int, OptionForecast]], cite: SourceNumbers, *, known: bool) -> Iterator[Line]:
    if not numbered:
        return
    yield Line(words.ONLY_SERIES, indent=2)
    for number, option in numbered[:FEW]:
        outcome = words.outcome(words.told_outcome(option))
        said = (
            f"{option.name}: {outcome} {words.within(words.told_years(option))} {words.with_option(option)}"
        )
        trusted = f"; {words.studied(option)}; {words.certainty(option)} {cite(*option.sources)}"
        yield bullet(said if known else f"{said}{trusted}".rstrip(), mark=f"{number}.")
    yield from _more(len(numbered))


def _more(total: int) -> Iterator[Line]:
    if total > FEW:
        yield Line(f"… {total - FEW} more, see the page or the JSON document", indent=4, style="dim")


def _reasons(numbered: list[tuple[int, OptionForecast]]) -> Iterator[Line]:
    """Yield why the certainty is no higher, each reason once with the numbers of the options."""
    found = words.shared_reasons(numbered)
    if found:
        said = "; ".join(f"{clean(one.reason)} ({words.ranges(one.options)})" for one in found)
        yield Line(f"Why the certainty is no higher: {said}.", indent=2, style="dim")
