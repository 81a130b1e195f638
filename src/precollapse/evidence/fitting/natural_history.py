"""Rows of the study table as observations of the untreated course, and the model fitted to them.

Which rows: those of untreated hips whose event belongs to the process, that count hips and carry no reason
against them. Where a cohort gives groups and all its hips together, the groups are taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from precollapse.evidence.course import hazard
from precollapse.evidence.fitting.settings import Covariate, NaturalHistory, Process, Scale
from precollapse.evidence.table.model import Arm, SurvivalPoint
from precollapse.evidence.table.read import StudyTable

OTHER_COURSE = "other"
# Survival is printed with two or three digits: events worked out from it may exceed those counted by this.
ROUNDING = 0.5
# Fewer hips at risk than this are none: what rounding leaves of an emptied group.
NOBODY = 1e-9


@dataclass(frozen=True, slots=True)
class CourseRow:
    """One observation: events between two times among those at risk, and the groups it is made of.

    Attributes
    ----------
    arm, study
        Where it comes from; ``study`` is the cohort, which publications about the same hips share.
    at_risk, events, start_years, end_years
        What was seen.
    groups
        Share, design vector (coefficients) and number of the time course of each group.
    size
        What is known of the size, for readers.
    """

    arm: str
    study: str
    at_risk: float
    events: float
    start_years: float
    end_years: float
    groups: tuple[tuple[float, tuple[float, ...], int], ...]
    size: str


class Group(NamedTuple):
    """One part of a mixture: its share, its coefficients by name, its time course."""

    share: float
    values: dict[str, float]
    course: str


def observations(rows: tuple[CourseRow, ...]) -> hazard.Observations:
    """Return rows as the arrays of ``precollapse.evidence.course.hazard``."""
    parts = [(number, *group) for number, row in enumerate(rows) for group in row.groups]
    return hazard.Observations(
        study=tuple(row.study for row in rows),
        at_risk=np.array([row.at_risk for row in rows]),
        events=np.array([row.events for row in rows]),
        start_years=np.array([row.start_years for row in rows]),
        end_years=np.array([row.end_years for row in rows]),
        row=np.array([part[0] for part in parts], dtype=np.int64),
        weight=np.array([part[1] for part in parts]),
        design=np.array([part[2] for part in parts]),
        course=np.array([part[3] for part in parts], dtype=np.int64),
    )


def model_of(process: Process, settings: NaturalHistory) -> hazard.Model:
    """Return the parameters and priors of a process."""
    return hazard.Model(
        coefficients=tuple(hazard.Prior(name, *prior) for name, prior in process.coefficients.items()),
        courses=tuple(hazard.Prior(f"course of {name}", *prior) for name, prior in process.courses.items()),
        later=hazard.Prior("later", *process.later),
        borders_years=settings.borders_years,
        tau_scale=process.tau_scale,
    )


def course_rows(table: StudyTable, process: Process, settings: NaturalHistory) -> tuple[CourseRow, ...]:
    """Return the observations of one process, in the order of the table."""
    arms = [arm for arm in table.arms.values() if _belongs(arm, process, settings)]
    split = {whole for arm in arms if arm.role == "stratum" for whole in arm.overlaps}
    rows: list[CourseRow] = []
    for arm in arms:
        if arm.id not in split:
            rows.extend(_rows_of(arm, table, process, settings))
    rows.extend(_derived(table, process, settings))
    return tuple(rows)


def left_out(
    table: StudyTable, process: Process, settings: NaturalHistory
) -> tuple[tuple[CourseRow, tuple[str, ...]], ...]:
    """Return the rows of untreated hips that could be predicted but are not fitted, each with the reasons."""
    used = {row.arm for row in course_rows(table, process, settings)}
    return tuple(
        (row, _reasons(arm, process, settings))
        for arm in table.arms.values()
        if arm.treatment in settings.untreated and arm.event in process.events
        if arm.stage_group in process.stage_groups and arm.id not in used
        for row in _rows_of(arm, table, process, settings)
    )


def groups_of(
    arm: Arm, process: Process, settings: NaturalHistory
) -> tuple[tuple[float, tuple[float, ...], int], ...]:
    """Return share, design vector and number of the time course of each group an arm is made of."""
    return _with_covariates(_sizes(arm, process, settings), arm, process, settings)


def cohort_of(arm: Arm, table: StudyTable) -> str:
    """Return the cohort of an arm, which publications about the same hips share."""
    return table.studies[arm.study].cohort or arm.study


def group_size(settings: NaturalHistory, arm: Arm) -> float | None:
    """Return how many hips a group had: printed, or judged where only all groups together were printed."""
    return arm.n if arm.n is not None else settings.group_sizes.get(arm.id)


def groups_of_size(
    system: str,
    low: float | None,
    high: float | None,
    category: str | None,
    settings: NaturalHistory,
) -> tuple[Group, ...]:
    """Return the groups a hip of this size may belong to; every type by its share where nothing is known."""
    scale = settings.scales.get(system)
    if scale is None:
        return _types(settings, tuple(settings.unknown_size.shares))
    if scale.categories:
        wanted = _categories(category, tuple(scale.categories))
        return _types(settings, wanted or tuple(settings.unknown_size.shares))
    if low is None and high is None:
        return _types(settings, tuple(settings.unknown_size.shares))
    return (Group(1.0, _measured(scale, low, high), OTHER_COURSE),)


def _types(settings: NaturalHistory, wanted: tuple[str, ...]) -> tuple[Group, ...]:
    names = settings.scales["jic"].categories
    shares = {name: settings.unknown_size.shares[name] for name in wanted}
    total = sum(shares.values())
    return tuple(Group(share / total, {names[one]: 1.0}, names[one]) for one, share in shares.items())


def _categories(printed: str | None, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the types a printed category stands for: "C" is C1 and C2, "B-C1" is B and C1."""
    if printed is None or printed == "all":
        return ()
    wanted = printed.split("-")
    return tuple(name for name in names if any(name == one or name.rstrip("12") == one for one in wanted))


def _measured(scale: Scale, low: float | None, high: float | None) -> dict[str, float]:
    """Return intercept and slope of a range's middle; beyond the ends of the scale it is not followed."""
    least, most = scale.ends
    if scale.intercept is None or scale.slope is None:
        raise ValueError(
            "a scale without categories needs an intercept and a slope; name both in models.yaml"
        )
    bounds = (least if low is None else low, most if high is None else high)
    middle = sum(min(max(bound, least), most) for bound in bounds) / 2
    return {scale.intercept: 1.0, scale.slope: (middle - scale.centre) / scale.per}


def _belongs(arm: Arm, process: Process, settings: NaturalHistory) -> bool:
    if arm.treatment not in settings.untreated or arm.event not in process.events:
        return False
    if arm.id in process.rows:
        return True
    usable = (
        not set(arm.exclude_forecast) - set(settings.tolerated)
        and arm.unit == "hips"
        and arm.role in {"arm", "stratum"}
    )
    fits = arm.stage_group in process.stage_groups
    return usable and fits and (not process.symptoms or arm.symptoms in process.symptoms)


def _reasons(arm: Arm, process: Process, settings: NaturalHistory) -> tuple[str, ...]:
    reasons: list[str] = [one for one in arm.exclude_forecast if one not in settings.tolerated]
    if arm.unit != "hips" and not any(reason.startswith("unit") for reason in reasons):
        reasons.append(f"unit is {arm.unit}")
    if arm.role not in {"arm", "stratum"} and arm.role not in reasons:
        reasons.append(arm.role)
    if process.symptoms and arm.symptoms not in process.symptoms:
        reasons.append(f"symptoms {arm.symptoms}")
    return tuple(reasons) or ("its groups are taken instead",)


def _rows_of(arm: Arm, table: StudyTable, process: Process, settings: NaturalHistory) -> list[CourseRow]:
    groups = groups_of(arm, process, settings)
    size = arm.size_category or arm.size or "not measured"
    cohort = cohort_of(arm, table)
    points = list(table.survival_by_row.get(arm.id, ()))
    count = group_size(settings, arm)
    if points and count is not None:
        return [
            CourseRow(arm.id, cohort, at_risk, events, start, end, groups, size)
            for at_risk, events, start, end in intervals(
                points, count, settings.still_followed, arm.events, arm.follow_up_years
            )
        ]
    if arm.events is None or count is None or arm.follow_up_years is None:
        return []
    return [CourseRow(arm.id, cohort, count, arm.events, 0.0, arm.follow_up_years, groups, size)]


def intervals(
    points: list[SurvivalPoint],
    count: float,
    still_followed: float,
    events: int | None,
    until_years: float | None,
) -> list[tuple[float, float, float, float]]:
    """Return published survival as events between its times: at risk, events, start and end in years.

    After each point only a share of those free of the event is still followed. Where events were counted at
    the end as well, those after the last point are added, and everybody was followed. Times at which nobody
    is left are passed over.

    Raises
    ------
    ValueError
        When survival rises, or leaves more events than were counted, by more than rounding explains.
    """
    ordered = sorted(points, key=lambda one: one.years)
    whole = events is not None and until_years is not None and until_years > ordered[-1].years
    found, alive, at_risk, before = [], 1.0, float(count), 0.0
    for point in ordered:
        if at_risk <= NOBODY:
            break
        if point.survival > alive:
            raise ValueError(
                f"{point.row}: survival rises from {alive:g} to {point.survival:g} at year {point.years:g}; "
                "correct the table of survival"
            )
        failed = at_risk * (1 - point.survival / alive)
        found.append((at_risk, failed, before, point.years))
        at_risk = (at_risk - failed) * (1.0 if whole else still_followed)
        alive, before = point.survival, point.years
    if whole and events is not None and until_years is not None and at_risk > NOBODY:
        later = events - (count - at_risk)
        if later < -ROUNDING:
            raise ValueError(
                f"{ordered[0].row}: {events} events by year {until_years:g}, but survival leaves "
                f"{count - at_risk:.1f} by year {before:g}; correct one of them"
            )
        found.append((at_risk, max(later, 0.0), before, until_years))
    return found


def _derived(table: StudyTable, process: Process, settings: NaturalHistory) -> list[CourseRow]:
    rows = []
    for one in process.derived:
        arm = table.arms[one.rows[0]]
        groups = groups_of(arm, process, settings)
        cohort = table.studies[one.study].cohort or one.study
        rows.append(CourseRow(arm.id, cohort, one.at_risk, one.events, 0.0, one.years, groups, "derived"))
    return rows


def _sizes(arm: Arm, process: Process, settings: NaturalHistory) -> tuple[Group, ...]:
    if not process.sized:
        return (Group(1.0, {next(iter(process.coefficients)): 1.0}, OTHER_COURSE),)
    return groups_of_size(arm.size_system, arm.size_low, arm.size_high, arm.size_category, settings)


def _with_covariates(
    groups: tuple[Group, ...], arm: Arm, process: Process, settings: NaturalHistory
) -> tuple[tuple[float, tuple[float, ...], int], ...]:
    added = {name: _value(settings.covariates[name], arm) for name in process.covariates}
    courses = list(process.courses)
    return tuple(
        (
            group.share,
            tuple((group.values | added).get(name, 0.0) for name in process.coefficients),
            courses.index(group.course),
        )
        for group in groups
    )


def _value(covariate: Covariate, arm: Arm) -> float:
    printed = getattr(arm, covariate.column)
    return covariate.values.get(str(printed), covariate.otherwise)
