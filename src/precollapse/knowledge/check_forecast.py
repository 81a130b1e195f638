"""Checks of the forecast: what it names exists, in the knowledge and in what was fitted, which is not stale.

The knowledge is held against the study table, its settings and its fit, because a forecast needs all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, get_args

import msgspec

from precollapse.errors import KnowledgeError
from precollapse.evidence.fitted import Fitted, load_fitted
from precollapse.evidence.fitting.settings import Settings
from precollapse.evidence.folder import evidence_folder
from precollapse.evidence.table.read import StudyTable, load
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.model_forecast import ForecastOption, ForecastSettings, SizeMeaning, State
from precollapse.knowledge.walk import Problem

# A hip is treated in these states; the first and the last of the chain are before and after all of it.
TREATED: tuple[str, ...] = get_args(State)[1:-1]
BEFORE_COLLAPSE = TREATED[0]
COLLAPSED = TREATED[1:]
# By this covariate the engine knows a hip that may yet begin to hurt.
SILENT = "asymptomatic"
TYPES = "jic"
FIT_AGAIN = "run `precollapse evidence fit`"
_SETTINGS, _OPTIONS, _MODELS, _FITTED = (
    "forecast_settings", "forecast_options", "models.yaml", "evidence/fitted",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a forecast rests on besides the knowledge.

    Attributes
    ----------
    table, models
        The study table and the settings of its fit.
    fitted
        What was estimated.
    digest
        The name of the content of the table as it is now.
    """

    table: StudyTable
    models: Settings
    fitted: Fitted
    digest: str


@lru_cache(maxsize=1)
def read_evidence() -> Evidence:
    """Return table, settings and fit that belong to the package."""
    # Here, because fitting loads scipy, which every other command can do without.
    from precollapse.evidence.fitting.run import settings_of, table_digest

    return Evidence(load(), settings_of(), load_fitted(), table_digest(evidence_folder()))


def forecast_holds(knowledge: Knowledge) -> Iterator[Problem]:
    """Check the forecast against the evidence of the package."""
    if knowledge.forecast_settings is None:  # told of elsewhere
        return
    try:
        evidence = read_evidence()
    except (KnowledgeError, ValueError) as error:
        yield Problem(_FITTED, "all", str(error), FIT_AGAIN)
        return
    for check in (options_estimated, classes_held, stages_read, sizes_read, covariates_held, times_fit):
        yield from check(knowledge, evidence)
    yield from models_sourced(knowledge, evidence)
    yield from fit_is_current(evidence)


def options_estimated(knowledge: Knowledge, evidence: Evidence) -> Iterator[Problem]:
    """Check that of every option something was estimated in each state it is considered in."""
    for option in knowledge.forecast_options.values():
        if option.treatment not in evidence.table.treatments:
            yield Problem(
                _OPTIONS, option.id, f"there is no treatment {option.treatment}", "see treatments.yaml"
            )
            continue
        for state in option.states:
            if state not in TREATED:
                yield Problem(_OPTIONS, option.id, f"considered in the state {state}", "leave it out")
            elif not any(name in evidence.fitted for name in _estimates(option, state)):
                yield Problem(
                    _OPTIONS, option.id, f"nothing was estimated for {state}", f"leave it out, or {FIT_AGAIN}"
                )


def _estimates(option: ForecastOption, state: str) -> tuple[str, ...]:
    """Return the names under which something may have been estimated for an option in a state."""
    treatment = option.treatment
    before = state == BEFORE_COLLAPSE
    return (
        f"revision: collapsed: {treatment}",
        *((f"effect: collapse: {treatment}",) if before else ()),
        f"effect: replacement: {treatment}",
        f"series: {'before collapse' if before else 'collapsed'}: {treatment}",
        f"series: mixed: {treatment}",
    )


def classes_held(knowledge: Knowledge, evidence: Evidence) -> Iterator[Problem]:
    """Check that a start class is a state in which a hip can be met, with covariates that were fitted."""
    settings = knowledge.forecast_settings
    for one in knowledge.forecast_classes.values():
        if one.state not in TREATED:
            yield Problem("forecast_classes", one.id, f"nobody is met in the state {one.state}", "correct it")
        for name in sorted(one.covariates):
            if f"collapse: {name}" not in evidence.fitted:
                yield Problem("forecast_classes", one.id, f"{name} is no coefficient", "see models.yaml")
    named = [(f"narrowed[{place}]", rule.classes) for place, rule in enumerate(settings.narrowed)]
    named += [(f"stages.{stage.system}", sum(stage.grades.values(), ())) for stage in settings.stages]
    for place, classes in (("unconfirmed", settings.unconfirmed), *named):
        for name in sorted(set(classes) - knowledge.forecast_classes.keys()):
            yield Problem(_SETTINGS, place, f"there is no class {name}", "correct the name")
    if set(settings.ratio_of_replacement) != set(COLLAPSED):
        yield Problem(
            _SETTINGS, "ratio_of_replacement", "is not given for each state after collapse", "give all three"
        )


def stages_read(knowledge: Knowledge, evidence: Evidence) -> Iterator[Problem]:
    """Check that every grade of a staging system that is read means a class."""
    for stage in knowledge.forecast_settings.stages:
        yield from _grades(knowledge, f"stages.{stage.system}", stage.system, stage.grades)


def _grades(knowledge: Knowledge, place: str, name: str, meanings: dict[str, Any]) -> Iterator[Problem]:
    system = knowledge.staging_systems.get(name)
    if system is None or not system.grades:
        yield Problem(_SETTINGS, place, f"{name} is no staging system with grades", "correct the name")
        return
    grades = {grade.id for grade in system.grades}
    for grade in sorted(grades ^ meanings.keys()):
        what = f"{name} has no grade {grade}" if grade in meanings else f"grade {grade} of {name} is left out"
        yield Problem(_SETTINGS, place, what, "name every grade of the system once")


def sizes_read(knowledge: Knowledge, evidence: Evidence) -> Iterator[Problem]:
    """Check that every size is a scale of the course, measured by a number or graded by a system."""
    settings = knowledge.forecast_settings
    scales = evidence.fitted.parameters.course.scales
    for size in settings.sizes:
        place = f"sizes.{size.scale}"
        if size.scale not in scales:
            yield Problem(_SETTINGS, place, "is no scale of the course", "see models.yaml")
            continue
        for name, meanings in size.systems.items():
            yield from _grades(knowledge, place, name, meanings)
        concept = knowledge.concepts.get(size.fact or "")
        if size.fact is not None and (concept is None or concept.type != "number"):
            yield Problem(_SETTINGS, place, f"{size.fact} is no number", "correct the name")
        if size.fact is not None and scales[size.scale].intercept is None:
            yield Problem(_SETTINGS, place, "is a scale of categories, but a number is read", "correct it")
    yield from _types(knowledge, settings, list(scales[TYPES].categories))


def _types(knowledge: Knowledge, settings: ForecastSettings, categories: list[str]) -> Iterator[Problem]:
    """Check that the one scale of types is graded by one system, in the order of the fit."""
    typed = [size for size in settings.sizes if size.fact is None]
    if [size.scale for size in typed] != [TYPES] or len(typed[0].systems) != 1:
        yield Problem(
            _SETTINGS, "sizes", f"the scale {TYPES}, and no other, has one system and no fact", "correct it"
        )
    elif _in_order(knowledge, typed[0]) != categories:
        yield Problem(
            _SETTINGS, f"sizes.{TYPES}", f"grades do not mean {', '.join(categories)} in turn", "reorder them"
        )


def _in_order(knowledge: Knowledge, size: SizeMeaning) -> list[Any]:
    ((name, meanings),) = size.systems.items()
    system = knowledge.staging_systems.get(name)
    return [meanings.get(grade.id) for grade in system.grades] if system is not None else []


def covariates_held(knowledge: Knowledge, evidence: Evidence) -> Iterator[Problem]:
    """Check that covariates were fitted, and that the one that tells of first pain is among them."""
    settings = knowledge.forecast_settings
    names = [one.name for one in settings.covariates]
    if SILENT not in names:
        yield Problem(_SETTINGS, "covariates", f"{SILENT} is missing", "give it: first pain rests on it")
    for name in names:
        if f"collapse: {name}" not in evidence.fitted:
            yield Problem(_SETTINGS, f"covariates.{name}", "is no coefficient", "see models.yaml")


def times_fit(knowledge: Knowledge, evidence: Evidence) -> Iterator[Problem]:
    """Check that every time falls on a step, and that there are as many draws as are used."""
    settings = knowledge.forecast_settings
    steps = {round(number * settings.step_years, 9) for number in range(1, settings.steps + 1)}
    borders = evidence.fitted.parameters.course.borders_years
    onset = knowledge.risk_settings.horizons_years
    for place, years in (("horizons_years", settings.horizons_years), ("borders", borders), ("onset", onset)):
        for year in years:
            if round(year, 9) not in steps:
                yield Problem(_SETTINGS, place, f"{year:g} years is on no step", "change step_years or steps")
    if len(settings.horizons_years) < 2:
        yield Problem(_SETTINGS, "horizons_years", "has fewer than two", "give two or more")
    if settings.draws > len(evidence.fitted.draws):
        yield Problem(
            _SETTINGS,
            "draws",
            f"only {len(evidence.fitted.draws)} were fitted",
            f"ask for fewer or {FIT_AGAIN}",
        )


def models_sourced(knowledge: Knowledge, evidence: Evidence) -> Iterator[Problem]:
    """Check that everything that the settings of the fit name exists."""
    table, models = evidence.table, evidence.models
    known = {*table.studies, *knowledge.sources}
    for source in sorted(set(_named(msgspec.to_builtins(models), "source")) - known):
        yield Problem(_MODELS, source, "is neither a study nor a source", "write it, or correct the name")
    treatments = {
        *models.natural_history.untreated, *models.comparisons.lumped, *models.comparisons.lumped.values(),
        *models.comparisons.classes, models.comparisons.reference,
    }  # fmt: skip
    for treatment in sorted(treatments - table.treatments.keys()):
        yield Problem(_MODELS, treatment, "is no treatment", "see treatments.yaml")
    for one in models.published:
        if one.figure not in table.figures:
            yield Problem(_MODELS, one.figure, "is no published figure", "see evidence/figures")


def _named(node: Any, field: str) -> Iterator[str]:
    """Yield what a field is in every part of plain data that has it."""
    if isinstance(node, dict):
        if isinstance(node.get(field), str):
            yield node[field]
        for part in node.values():
            yield from _named(part, field)
    elif isinstance(node, list | tuple):
        for part in node:
            yield from _named(part, field)


def fit_is_current(evidence: Evidence) -> Iterator[Problem]:
    """Check that the fit was made from the table as it is."""
    if evidence.fitted.parameters.table != evidence.digest:
        yield Problem(
            _FITTED, "parameters.json", "the study table or models.yaml has changed since", FIT_AGAIN
        )


CHECKS = (forecast_holds,)
