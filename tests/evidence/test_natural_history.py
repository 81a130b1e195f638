"""The untreated course: the right rows of the study table enter, each as what was seen of whom and when."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import msgspec
import numpy as np
import pytest
import yaml

from precollapse.evidence.course import hazard
from precollapse.evidence.fitting import natural_history as course
from precollapse.evidence.fitting.natural_history import CourseRow
from precollapse.evidence.fitting.settings import NaturalHistory, Process
from precollapse.evidence.table import read as table
from precollapse.evidence.table.model import SurvivalPoint

MODELS = yaml.safe_load((table.evidence_folder() / "models.yaml").read_bytes())
SETTINGS = msgspec.convert(MODELS["natural_history"], NaturalHistory)
TABLE = table.load()
COLLAPSE, PAIN = SETTINGS.processes["collapse"], SETTINGS.processes["pain"]


def rows_of(process: Process, study: str) -> list[CourseRow]:
    found = course.course_rows(TABLE, process, SETTINGS)
    return [row for row in found if row.arm.split(":")[0] == study]


def arms(process: Process) -> set[str]:
    return {row.arm for row in course.course_rows(TABLE, process, SETTINGS)}


def named(row: CourseRow, process: Process) -> list[dict[str, float]]:
    """Coefficients other than 0 of each group of a row."""
    names = list(process.coefficients)
    return [
        {name: value for name, value in zip(names, group[1], strict=True) if value} for group in row.groups
    ]


def test_the_untreated_arm_of_a_trial_enters_and_the_treated_one_does_not() -> None:
    (row,) = rows_of(COLLAPSE, "lai-2005")
    assert (row.arm, row.events, row.at_risk) == ("lai-2005:3", 19, 25)
    assert (row.start_years, row.end_years) == (0.0, 2.0)


def test_every_row_of_a_course_is_of_untreated_hips_with_an_event_of_that_course() -> None:
    for name, process in SETTINGS.processes.items():
        for row in course.course_rows(TABLE, process, SETTINGS):
            arm = TABLE.arms[row.arm]
            assert arm.treatment in SETTINGS.untreated, (name, row.arm)
            assert arm.event in process.events, (name, row.arm)


def test_rows_with_a_reason_against_them_are_left_out_unless_the_process_names_them() -> None:
    for process in SETTINGS.processes.values():
        derived = {one.rows[0] for one in process.derived}
        for arm in arms(process) - derived - set(process.rows):
            assert set(TABLE.arms[arm].exclude_forecast) <= set(SETTINGS.tolerated), arm
            assert TABLE.arms[arm].unit == "hips", arm


def test_nishii_2002_enters_by_size_although_its_treatment_is_not_stated() -> None:
    small, large = rows_of(COLLAPSE, "nishii-2002")
    assert (small.events, small.at_risk, large.events, large.at_risk) == (9, 35, 24, 30)
    assert named(small, COLLAPSE)[0]["volume per 10 %"] < 0 < named(large, COLLAPSE)[0]["volume per 10 %"]
    assert "treatment not stated" in TABLE.arms["nishii-2002:1"].exclude_forecast
    assert "treatment not stated" in SETTINGS.tolerated


def test_a_publication_of_the_same_hips_is_left_out_and_says_so() -> None:
    reasons = {row.arm: why for row, why in course.left_out(TABLE, COLLAPSE, SETTINGS)}
    assert not rows_of(COLLAPSE, "qu-2024")
    assert reasons["qu-2024:1"] == ("same hips",)


def test_groups_are_taken_instead_of_all_hips_together() -> None:
    assert {row.arm for row in rows_of(PAIN, "nam-2008")} == {"nam-2008:1", "nam-2008:2", "nam-2008:3"}
    reasons = {row.arm: why for row, why in course.left_out(TABLE, PAIN, SETTINGS)}
    assert reasons["nam-2008:5"] == ("its groups are taken instead",)


def test_all_hips_together_are_taken_where_the_groups_carry_a_reason_against_them() -> None:
    assert {row.arm for row in rows_of(COLLAPSE, "preserved-angle-2022")} == {"preserved-angle-2022:1"}


def test_no_hip_is_counted_as_a_group_and_in_the_whole() -> None:
    for process in SETTINGS.processes.values():
        taken = arms(process)
        for arm in taken:
            if TABLE.arms[arm].role == "stratum":
                assert not taken & set(TABLE.arms[arm].overlaps), arm


def test_only_hips_that_did_not_hurt_can_begin_to_hurt() -> None:
    for arm in arms(PAIN):
        assert TABLE.arms[arm].symptoms == "asymptomatic", arm
    assert not rows_of(PAIN, "nishii-2006")


def test_hips_without_a_lesion_and_collapsed_hips_do_not_enter_the_course_to_collapse() -> None:
    assert {TABLE.arms[arm].stage_group for arm in arms(COLLAPSE)} <= set(COLLAPSE.stage_groups)
    assert "hernigou-2006:2" not in arms(COLLAPSE)


def test_a_hip_of_unknown_size_may_be_of_any_of_the_four_types() -> None:
    (row,) = rows_of(COLLAPSE, "min-2008")
    shares = SETTINGS.unknown_size.shares
    assert [group[0] for group in row.groups] == pytest.approx(
        [share / sum(shares.values()) for share in shares.values()]
    )
    assert [next(iter(one)) for one in named(row, COLLAPSE)] == [f"jic {name}" for name in shares]


@pytest.mark.parametrize(
    "printed, types",
    [
        ("A", ["A"]),
        ("C", ["C1", "C2"]),
        ("B-C1", ["B", "C1"]),
        ("C2", ["C2"]),
        ("all", ["A", "B", "C1", "C2"]),
        (None, ["A", "B", "C1", "C2"]),
        ("D", ["A", "B", "C1", "C2"]),
    ],
)
def test_a_printed_jic_type_may_stand_for_several(printed: str | None, types: list[str]) -> None:
    groups = course.groups_of_size("jic", None, None, printed, SETTINGS)
    shares = [SETTINGS.unknown_size.shares[name] for name in types]
    assert [next(iter(group.values)) for group in groups] == [f"jic {name}" for name in types]
    assert [group.share for group in groups] == pytest.approx([share / sum(shares) for share in shares])


@pytest.mark.parametrize(
    "low, high, middle",
    [(0.0, 30.0, 15.0), (30.0, None, 45.0), (30.0, 100.0, 45.0), (None, 15.0, 7.5), (70.0, 100.0, 60.0)],
)
def test_a_range_of_volume_counts_as_its_middle_and_not_beyond_the_scale(
    low: float | None, high: float | None, middle: float
) -> None:
    (group,) = course.groups_of_size("head-volume-percent", low, high, None, SETTINGS)
    assert group.values == {"volume 30 %": 1.0, "volume per 10 %": pytest.approx((middle - 30) / 10)}
    assert group.course == "other"


def test_a_measured_system_without_a_number_says_nothing_of_the_size() -> None:
    unknown = course.groups_of_size("none", None, None, None, SETTINGS)
    assert course.groups_of_size("head-area-percent", None, None, None, SETTINGS) == unknown


def test_a_follow_up_that_is_a_minimum_is_told_to_the_model_and_a_fixed_one_is_not() -> None:
    (lai,), (lee,) = rows_of(COLLAPSE, "lai-2005"), rows_of(COLLAPSE, "lee-2015")
    assert named(lai, COLLAPSE)[0]["at least so long"] == 1.0
    assert "at least so long" not in named(lee, COLLAPSE)[0]


def test_symptoms_and_cause_are_told_to_the_model_and_count_half_where_not_stated() -> None:
    (silent,), (unknown,) = rows_of(COLLAPSE, "min-2008"), rows_of(COLLAPSE, "lee-2015")
    (hurting,) = rows_of(COLLAPSE, "moon-2024")
    assert named(silent, COLLAPSE)[0]["asymptomatic"] == 1.0
    assert named(unknown, COLLAPSE)[0]["asymptomatic"] == 0.5
    assert "asymptomatic" not in named(hurting, COLLAPSE)[0]
    sickle = rows_of(COLLAPSE, "hernigou-2006")
    assert all(one["sickle cell"] == 1.0 for row in sickle for one in named(row, COLLAPSE))


def test_printed_survival_becomes_events_between_its_times() -> None:
    """Kuroda 2019: of type C1 23.2 % had collapsed at 2 years and 36.6 % at 5."""
    first, second = (row for row in rows_of(COLLAPSE, "kuroda-2019") if row.size == "C1")
    count = SETTINGS.group_sizes["kuroda-2019:3"]
    assert (first.start_years, first.end_years, second.end_years) == (0.0, 2.0, 5.0)
    assert first.at_risk == count
    assert first.events == pytest.approx(0.232 * count)
    assert second.at_risk == pytest.approx(0.768 * count * SETTINGS.still_followed)
    free = (1 - first.events / first.at_risk) * (1 - second.events / second.at_risk)
    assert free == pytest.approx(0.634)


def points(*survival: tuple[float, float]) -> list[SurvivalPoint]:
    return [
        SurvivalPoint(row="a:1", years=years, survival=share, kind="kaplan-meier")
        for years, share in survival
    ]


def test_counted_events_after_the_last_printed_point_add_up() -> None:
    found = course.intervals(points((3, 0.8), (1, 0.9)), 100, 0.8, 31, 8.0)
    np.testing.assert_allclose(found, [(100, 10, 0, 1), (90, 10, 1, 3), (80, 11, 3, 8)])


def test_counts_up_to_the_last_point_itself_add_nothing() -> None:
    assert len(course.intervals(points((3, 0.8)), 100, 0.8, 20, 3.0)) == 1


def test_the_counts_of_every_row_with_survival_and_later_events_add_up_in_the_table() -> None:
    for process in SETTINGS.processes.values():
        events: defaultdict[str, float] = defaultdict(float)
        last: dict[str, CourseRow] = {}
        for row in course.course_rows(TABLE, process, SETTINGS):
            events[row.arm] += row.events
            last[row.arm] = row
        for arm_id, row in last.items():
            arm = TABLE.arms[arm_id]
            survival = TABLE.survival_by_row.get(arm_id)
            if survival and arm.events is not None and row.end_years > survival[-1].years:
                assert events[arm_id] == pytest.approx(arm.events, abs=course.ROUNDING), arm_id


def test_nothing_is_said_of_times_at_which_nobody_is_left() -> None:
    """Hernigou 2006: all 23 hips of stage II hurt by 2 years; they were followed for 14."""
    assert course.intervals(points((2, 0.0)), 23, 0.8, 23, 14.0) == [(23.0, 23.0, 0.0, 2)]
    assert len(course.intervals(points((2, 0.0), (5, 0.0)), 23, 0.8, None, None)) == 1


def test_survival_that_rises_or_contradicts_the_count_is_refused() -> None:
    with pytest.raises(ValueError, match=r"a:1: survival rises from 0\.8 to 0\.9 at year 3"):
        course.intervals(points((1, 0.8), (3, 0.9)), 100, 0.8, None, None)
    with pytest.raises(ValueError, match=r"a:1: 12 events by year 5, but survival leaves 20\.0 by year 3"):
        course.intervals(points((3, 0.8)), 100, 0.8, 12, 5.0)
    assert course.intervals(points((3, 0.798)), 100, 0.8, 20, 5.0)[-1][1] == 0.0


def test_publications_about_the_same_hips_are_one_cohort() -> None:
    (cohort,) = {row.study for row in rows_of(COLLAPSE, "zhao-2013-sars")}
    assert cohort == TABLE.studies["qu-2024"].cohort


def test_what_is_left_out_is_not_fitted_and_has_a_reason() -> None:
    for process in SETTINGS.processes.values():
        for row, reasons in course.left_out(TABLE, process, SETTINGS):
            assert row.arm not in arms(process)
            assert reasons


def test_the_model_has_a_prior_for_every_column_of_the_design() -> None:
    for process in SETTINGS.processes.values():
        seen = course.observations(course.course_rows(TABLE, process, SETTINGS))
        model = course.model_of(process, SETTINGS)
        assert seen.design.shape[1] == len(model.coefficients)
        assert model.names[-2:] == ("later", "log tau")
        assert seen.course.max() < len(model.courses)


@pytest.mark.slow
def test_larger_types_collapse_sooner_in_the_fitted_course() -> None:
    rows = course.course_rows(TABLE, COLLAPSE, SETTINGS)
    posterior = hazard.fit(
        course.observations(rows), course.model_of(COLLAPSE, SETTINGS), draws=1_000, seed=1, proposals=6_000
    )
    middle = [np.median(posterior.coefficient(f"jic {name}")) for name in ("A", "B", "C1", "C2")]
    assert middle == sorted(middle)
    assert posterior.effective_size > 1_000


def test_the_settings_stand_beside_the_table() -> None:
    assert (Path(table.evidence_folder()) / "models.yaml").is_file()
