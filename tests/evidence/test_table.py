"""The study table as it is read: spot values, what is usable, and what the reader refuses."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from precollapse.evidence.fitting.run import settings_of
from precollapse.evidence.folder import evidence_folder
from precollapse.evidence.table.read import StudyTable, load, overlap
from precollapse.knowledge import load as knowledge


@pytest.fixture(scope="module")
def table() -> StudyTable:
    return load()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(evidence_folder(), tmp_path / "evidence"))


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_alendronate_trial_of_2005_stands_as_printed(table: StudyTable) -> None:
    drug, control = table.arms["lai-2005:1"], table.arms["lai-2005:3"]
    assert (drug.events, drug.n, control.events, control.n) == (2, 29, 19, 25)
    assert (drug.treatment, control.treatment) == ("alendronate", "no_treatment")
    assert (drug.follow_up_years, drug.follow_up_kind) == (2.0, "minimum")
    assert table.studies["lai-2005"].allocation == "random"


def test_collapse_of_the_four_jic_types_is_kept_as_a_curve_without_numbers(table: StudyTable) -> None:
    survival = {
        table.arms[row].size_category: [point.survival for point in points]
        for row, points in table.survival_by_row.items()
        if row.startswith("kuroda-2019")
    }
    expected = {"A": [1.0, 1.0], "B": [0.921, 0.921], "C1": [0.768, 0.634], "C2": [0.422, 0.152]}
    assert survival == expected
    assert all(table.arms[f"kuroda-2019:{number}"].n is None for number in range(1, 5))


def test_a_trial_randomised_only_in_its_title_says_how_hips_were_allocated(table: StudyTable) -> None:
    assert table.studies["hernigou-2018"].allocation == "by lesion size"
    assert table.studies["nagasawa-2006"].allocation == "alternate"


def test_review_rows_and_reference_populations_are_never_usable(table: StudyTable) -> None:
    usable = (*table.usable("pooling"), *table.usable("forecast"))
    assert {arm.role for arm in usable} == {"arm", "stratum"}
    assert not any(arm.good_event for arm in usable)


def test_the_same_37_hips_are_pooled_once_and_forecast_once(table: StudyTable) -> None:
    pooled = {arm.study for arm in table.usable("pooling", event="collapse")}
    forecast = {arm.study for arm in table.usable("forecast", event="collapse")}
    assert "koo-1995" in pooled and "ha-2006" not in pooled
    assert "ha-2006" in forecast and "koo-1995" not in forecast


def test_patients_may_be_compared_but_do_not_forecast_hips(table: StudyTable) -> None:
    arm = table.arms["multidrill-2021:2"]
    assert arm.unit == "patients"
    assert arm in table.usable("pooling") and arm not in table.usable("forecast")


def test_a_stratum_and_its_whole_are_not_counted_twice(table: StudyTable) -> None:
    arms = [table.arms[f"mont-2004:{number}"] for number in (1, 2, 3)]
    assert table.without_repeats(arms) == (arms[0],)
    assert table.without_repeats(arms[1:]) == tuple(arms[1:])
    assert overlap(arms[0], arms[1]) and overlap(arms[1], arms[0]) and not overlap(arms[1], arms[2])


def test_without_repeats_keeps_other_events_of_the_same_hips(table: StudyTable) -> None:
    arms = [table.arms["hernigou-2006:7"], table.arms["hernigou-2006:3"]]
    assert len(table.without_repeats(arms)) == 2


def test_counts_that_were_not_printed_say_where_they_come_from(table: StudyTable) -> None:
    assert table.arms["preserved-angle-2022:3"].events_from == "back-calculated"
    assert table.arms["kang-js-2018:1"].events_from == "percentage"
    assert table.arms["neumayr-2006:2"].n_from == "subtraction"


def test_every_treatment_is_used_or_named_for_readers(table: StudyTable) -> None:
    used = {arm.treatment for arm in table.arms.values()}
    classes = set(settings_of().comparisons.lumped.values())
    assert used | classes == set(table.treatments)


def test_treatments_name_items_of_the_care_pathway_that_exist(table: StudyTable) -> None:
    items = {item.id for item in knowledge.load().pathway.values()}
    named = {item for treatment in table.treatments.values() for item in treatment.pathway}
    assert named and named <= items


def test_reading_twice_gives_the_same_object(table: StudyTable) -> None:
    assert load() is table


def test_an_unknown_word_is_refused_with_its_line(copy: Path) -> None:
    change(copy / "arms.csv", ",before collapse,", ",early,")
    with pytest.raises(ValueError, match=r"arms\.csv: line \d+: Invalid enum value 'early'"):
        load(copy)


def test_a_row_with_an_unquoted_comma_is_refused(copy: Path) -> None:
    change(copy / "survival.csv", "kaplan-meier,", "kaplan-meier,1,")
    with pytest.raises(ValueError, match=r"survival\.csv: line \d+: not as many cells as columns"):
        load(copy)


def test_a_row_id_that_stands_twice_is_refused(copy: Path) -> None:
    change(copy / "arms.csv", "\nlai-2005:2,", "\nlai-2005:1,")
    with pytest.raises(ValueError, match="lai-2005:1 stands twice"):
        load(copy)


def test_an_unknown_field_of_a_study_is_refused_with_its_id(copy: Path) -> None:
    change(copy / "studies" / "natural-course.yaml", "  design:", "  desing:")
    with pytest.raises(
        ValueError, match=r"natural-course\.yaml: \S+: Object contains unknown field `desing`"
    ):
        load(copy)


def test_a_study_defined_twice_is_refused(copy: Path) -> None:
    shutil.copy(copy / "studies" / "osteotomies.yaml", copy / "studies" / "again.yaml")
    with pytest.raises(ValueError, match="is defined twice; keep one"):
        load(copy)


def test_broken_yaml_is_refused_with_the_name_of_the_file(copy: Path) -> None:
    (copy / "treatments.yaml").write_text("- {id: [", encoding="utf-8")
    with pytest.raises(ValueError, match=r"treatments\.yaml: "):
        load(copy)


@pytest.mark.parametrize("name", ["arms.csv", "treatments.yaml"])
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(ValueError, match=f"{name}: no such file"):
        load(copy)
