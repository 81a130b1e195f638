"""An evaluation of screening for the terminal (80 columns) and as one self-contained page.

The page has no script and loads nothing. Both say the same; the page also draws the decision curve and the
calibration.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from jinja2 import Template
from markupsafe import Markup

from precollapse.screen.evaluation_model import Both, NetBenefit, ScreeningEvaluation, Subgroup
from precollapse.screen.evaluation_statistics import times
from precollapse.views import numbers, text_evidence
from precollapse.views import wording_screen_evaluation as words
from precollapse.views.evidence_pages import Bullets, Heading, Page, Says, Table
from precollapse.views.pages import environment
from precollapse.views.plots import screen_evaluation as plots
from precollapse.views.plots import svg
from precollapse.views.plots.text_forest import BOX, Glyphs

Part = Heading | Says | Bullets | Table | svg.Drawing
TITLE = "What screening would have done"
# The thresholds that are written out; the picture has all.
_WRITTEN = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)


def render_text(evaluation: ScreeningEvaluation, glyphs: Glyphs = BOX) -> str:
    """Return the evaluation as plain text; with `ASCII` glyphs nothing else is in it."""
    return text_evidence.render_page(_page(evaluation), glyphs)


def print_text(evaluation: ScreeningEvaluation) -> None:
    """Print the evaluation to standard output: headings in colour to a terminal, plain to anything else."""
    text_evidence.print_page(_page(evaluation))


def render_html(evaluation: ScreeningEvaluation) -> str:
    """Return the page; everything that came from a table is escaped."""
    return _template().render(title=TITLE, parts=list(_parts(evaluation, drawn=True)))


def _page(evaluation: ScreeningEvaluation) -> Page:
    parts = _parts(evaluation, drawn=False)
    return Page(TITLE, tuple(part for part in parts if not isinstance(part, svg.Drawing)))


def _parts(one: ScreeningEvaluation, *, drawn: bool) -> Iterator[Part]:
    yield Says(words.in_short(one))
    yield Bullets("What this can and cannot say", words.LIMITS)
    yield from _funnel(one)
    yield Heading("Flags and recorded diagnoses")
    actions = ", ".join(words.ACTIONS.get(action, action) for action in one.flagged_actions)
    yield Says(f"A flag is: {actions}. {words.weighting(one)}")
    yield from _flagging(one)
    yield from _lead_time(one)
    yield Heading("Probabilities")
    yield from _probabilities(one)
    if drawn and (picture := plots.calibration(one.probabilities.groups)):
        yield picture
    yield from _groups(one)
    yield Heading("Decision curve")
    if drawn and (picture := plots.decision_curve(one.decision_curve, words.years(one.horizon_years))):
        yield picture
    yield from _curve(one)
    yield Heading("Subgroups")
    yield from _subgroups(one, wide=drawn)
    yield from _differences(one)


def _funnel(one: ScreeningEvaluation) -> Iterator[Part]:
    funnel = one.funnel
    horizon = words.years(one.horizon_years)
    rows = (
        ("Patients screened", funnel.patients),
        ("Left out: diagnosed on or before the index date", funnel.diagnosed_before),
        ("Left out: dead on or before the index date", funnel.dead_before),
        ("Evaluated", funnel.evaluated),
        (f"- diagnosed within {horizon}", funnel.diagnosed),
        ("- died without diagnosis", funnel.died),
        (f"- followed for {horizon} without either", funnel.event_free),
        ("- lost before: outcome not known", funnel.lost),
        ("- of those lost: not seen after the index date", funnel.never_followed),
        ("Of those evaluated: without an action", funnel.without_action),
        ("Of those evaluated: without a risk (not assessable)", funnel.without_risk),
        ("Of those evaluated: diagnosed after death (contradictory)", funnel.diagnosed_after_death),
        ("Rows of outcomes without a screened patient", funnel.outcomes_without_prediction),
    )
    yield Table("Who was evaluated", ("", "patients"), tuple((name, words.count(n)) for name, n in rows))
    if one.least_cell is not None:
        yield Says(f"Counts from 1 to {one.least_cell - 1}, and what would give them away, are withheld.")


def _flagging(one: ScreeningEvaluation) -> Iterator[Part]:
    flagging = one.flagging
    cells = (
        ("flagged", words.count(flagging.true_positives), words.count(flagging.false_positives)),
        ("not flagged", words.count(flagging.false_negatives), words.count(flagging.true_negatives)),
    )
    yield Table("Patients with known outcome", ("", "diagnosed", "not diagnosed"), cells)
    rows = (
        _row("Sensitivity", flagging.sensitivity, of_share=True),
        _row("Specificity", flagging.specificity, of_share=True),
        _row("Positive predictive value", flagging.positive_predictive_value, of_share=True),
        _row("Negative predictive value", flagging.negative_predictive_value, of_share=True),
        _row("Flagged per recorded case", flagging.flagged_per_case),
        _row("Cases per 1,000 screened", flagging.cases_per_1000_screened),
        _row("Found per 1,000 screened", flagging.found_per_1000_screened),
        _row("Found per 100 flagged", flagging.cases_per_100_flagged),
    )
    yield Table("How the flags do (95 % intervals, Wilson)", ("", "counted", "weighted"), rows)


def _row(name: str, pair: Both, *, of_share: bool = False) -> tuple[str, str, str]:
    return (name, *words.both(pair, of_share=of_share))


def _lead_time(one: ScreeningEvaluation) -> Iterator[Part]:
    lead = one.lead_time
    if lead.n is None:
        yield Says("Lead time is withheld.")
    elif lead.median_days is None or lead.lower_quartile_days is None or lead.upper_quartile_days is None:
        yield Says("Lead time: no flagged patient was diagnosed.")
    else:
        middle = f"{lead.lower_quartile_days:,.0f} to {lead.upper_quartile_days:,.0f}"
        yield Says(
            f"Lead time, from index date to recorded diagnosis, of {lead.n:,} flagged and diagnosed: median"
            f" {lead.median_days:,.0f} days, middle half {middle}. It cannot exceed the horizon."
        )


def _probabilities(one: ScreeningEvaluation) -> Iterator[Part]:
    figures = one.probabilities
    yield Says(f"Compared with the outcome: {words.RISKS[one.risk_column]}.")
    if figures.n == 0:
        yield Says("No patient has a risk, so nothing can be said of probabilities.")
        return
    expected = "–" if figures.expected is None else words.plain(figures.expected)
    rows = (
        _row("AUC", figures.auc),
        _row("Brier score", figures.brier),
        _row("Scaled Brier score", figures.scaled_brier),
        _row("Observed / expected", figures.observed_over_expected),
        _row("Calibration in the large", figures.calibration_in_the_large),
        _row("Calibration intercept", figures.intercept),
        _row("Calibration slope", figures.slope),
    )
    yield Table(f"{words.count(figures.n)} patients with a risk", ("", "counted", "weighted"), rows)
    moved = f" {figures.clipped:,} risks of 0 or 1 were moved by a millionth." if figures.clipped else ""
    yield Says(
        f"Expected diagnoses among those with known outcome: {expected}. AUC: {figures.auc_method}. Perfect"
        f" are 1 for the scaled Brier score, observed / expected and the slope, 0 for the others.{moved}"
    )


def _groups(one: ScreeningEvaluation) -> Iterator[Part]:
    rows = tuple(
        (
            f"{numbers.percent(group.low)} to {numbers.percent(group.high)}",
            words.count(group.n),
            words.count(group.cases),
            numbers.percent(group.mean_risk),
            words.share(group.observed.best),
        )
        for group in one.probabilities.groups
    )
    if rows:
        head = ("risk", "patients", "cases", "mean risk", "diagnosed")
        yield Table("Calibration by groups of risk", head, rows)


def _curve(one: ScreeningEvaluation) -> Iterator[Part]:
    points = [point for point in one.decision_curve if _written(point)]
    if not points:
        yield Says("Nothing to show: no patient with risk, action and known outcome, or too few cases.")
        return
    rows = tuple(
        (
            numbers.percent(point.threshold),
            f"{1 / point.threshold:,.0f}",
            words.number(times(point.model, 1000.0)),
            "–" if point.flagged is None else words.plain(1000 * point.flagged),
            "–" if point.image_all is None else words.plain(1000 * point.image_all),
        )
        for point in points
    )
    head = ("threshold", "images a case", "by risk", "by flag", "all")
    yield Table("Net benefit per 1,000 patients (imaging nobody: 0)", head, rows)
    yield Says(
        "The threshold says how many images finding one case is worth (1 in so many). Net benefit is cases"
        " found less needless images times threshold / (1 - threshold). Only thresholds count at which"
        " somebody would decide. By risk: image who has at least the threshold, with the 95 % interval."
    )


def _written(point: NetBenefit) -> bool:
    return any(abs(point.threshold - one) < 1e-9 for one in _WRITTEN)


def _subgroups(one: ScreeningEvaluation, *, wide: bool) -> Iterator[Part]:
    if not one.subgroups:
        yield Says("Nobody was evaluated.")
        return
    who = [_who(group) for group in one.subgroups]
    how = [_how(group) for group in one.subgroups]
    heads = ("", "patients", "cases", "flagged"), ("sensitivity", "predictive value", "O/E")
    title = "By sex, age and decisive cause"
    if wide:
        together = tuple((*first, *second) for first, second in zip(who, how, strict=True))
        yield Table(title, (*heads[0], *heads[1]), together)
    else:
        yield Table(title, heads[0], tuple(who))
        rows = tuple((first[0], *second) for first, second in zip(who, how, strict=True))
        yield Table("How screening does in each", ("", *heads[1]), rows)
    yield Says(
        "Predictive value: share of those flagged who were diagnosed. O/E: observed over expected diagnoses."
        " Weighted for loss to follow-up within the subgroup where it was followed to the horizon."
    )


def _who(group: Subgroup) -> tuple[str, str, str, str]:
    name = f"{group.dimension}: {group.name}"
    return name, words.count(group.n), words.count(group.cases), words.share(group.flagged_share)


def _how(group: Subgroup) -> tuple[str, str, str]:
    return (
        words.share(group.sensitivity.best),
        words.share(group.positive_predictive_value.best),
        words.number(group.observed_over_expected.best),
    )


def _differences(one: ScreeningEvaluation) -> Iterator[Part]:
    said = tuple(words.difference(found) for found in one.differences)
    if said:
        yield Bullets("Clear differences: the 95 % intervals do not overlap", said)
    elif one.comparisons:
        yield Says(
            "No 95 % intervals of a subgroup and its counterpart lie apart. That does not show that screening"
            " is equally good in all."
        )
    if one.comparisons:
        yield Says(f"{one.comparisons} comparisons were made; a few may differ by chance.")
    if one.too_few:
        withheld = ", or withheld" if one.least_cell is not None else ""
        names = tuple(f"{words.group(few.dimension, few.name)}: too few to say" for few in one.too_few)
        yield Bullets(
            f"Fewer than {one.least_cases} recorded diagnoses here or in the counterpart{withheld}", names
        )


def _kind(part: Part) -> str:
    return type(part).__name__.lower()


def _inline(part: svg.Drawing, number: int) -> Markup:
    # Safe: every text and attribute of the drawing was escaped where it was written.
    return Markup(svg.document([part], f"plot{number}", alone=False))


@cache
def _template() -> Template:
    made = environment()
    made.filters.update(kind=_kind, inline=_inline)
    return made.get_template("screen_evaluation.html")
