"""The summary of a screening: complete, exact, unknown kept apart, small numbers safe, also in streams."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from precollapse.errors import PrecollapseError
from precollapse.screen.summary import summarise
from precollapse.screen.summary_cells import quantile
from precollapse.screen.summary_model import CorruptLine, Count, ScreeningSummary, Table
from precollapse.views import screen_words
from precollapse.views.screen_report import render_screen_report
from precollapse.views.screen_text import render_screening
from tests.screen import screening_rows
from tests.screen.screening_rows import patients, read


def summary_of(frame: pl.DataFrame, least_cell: int | None = None, **more: int) -> ScreeningSummary:
    return summarise(frame.lazy(), read=read(more.get("patients", frame.height)), least_cell=least_cell)


def numbers(table: Table) -> dict[str | None, tuple[int | None, int | None]]:
    return {one.id: (one.patients.value, one.flagged.value) for one in table.groups}


def steps(summary: ScreeningSummary) -> dict[str, int | None]:
    return {one.label: one.patients.value for one in summary.funnel}


def tables(summary: ScreeningSummary) -> tuple[Table, ...]:
    return (
        summary.by_action,
        summary.by_urgency,
        summary.risks.histogram,
        summary.by_cause,
        summary.by_specialty,
        summary.by_sex,
        summary.by_age,
    )


def test_every_table_counts_every_patient_once() -> None:
    summary = summary_of(screening_rows.rows(3_000))
    for table in tables(summary):
        assert sum(one.patients.value or 0 for one in table.groups) == 3_000
        assert sum(one.flagged.value or 0 for one in table.groups) == summary.flagged.value


def test_what_is_not_recorded_is_a_group_of_its_own() -> None:
    summary = summary_of(patients({"action": "mri_now", "risk": float("nan")}, {"prescriber_specialty": " "}))
    assert all(table.group(None) is not None for table in tables(summary))
    assert numbers(summary.by_action)[None] == (1, 0)
    assert numbers(summary.by_specialty) == {None: (2, 1)}
    assert numbers(summary.risks.histogram) == {None: (2, 1)}
    assert summary.by_sex.groups[0].label == "not recorded"


def test_actions_and_urgencies_stand_there_even_when_nobody_has_them() -> None:
    summary = summary_of(patients({"action": "nothing", "urgency": "routine"}))
    assert [one.id for one in summary.by_action.groups] == [
        "mri_now",
        "radiograph_and_mri",
        "repeat_mri",
        "see_doctor",
        "nothing",
    ]
    assert numbers(summary.by_urgency) == {
        "emergency": (0, 0),
        "urgent": (0, 0),
        "soon": (0, 0),
        "routine": (1, 0),
    }


def test_an_action_this_version_does_not_know_is_counted_as_one() -> None:
    summary = summary_of(patients({"action": "bone_scan"}))
    assert summary.flagged == Count(1)
    assert summary.by_action.groups[-1].label == "Bone scan"


def test_the_funnel_counts_from_all_read_to_those_with_an_action() -> None:
    rows = patients(
        {"risk": 0.1, "cause": "lupus", "urgency": "soon", "action": "mri_now"},
        {"risk": 0.01, "urgency": "emergency", "action": "see_doctor"},
        {"risk": 0.001, "urgency": "routine", "action": "nothing"},
        {},
    )
    assert steps(summary_of(rows, patients=9)) == {
        "Patients read": 9,
        "Patients in this result": 4,
        "Assessable: a risk could be estimated": 3,
        "With a cause": 1,
        "With an urgency above routine": 2,
        "With an action": 2,
    }


def test_hip_pain_counts_in_the_funnel_where_it_is_known() -> None:
    rows = patients(
        {"urgency": "routine", "facts": ["hip pain"]}, {"urgency": "soon"}, {"urgency": "routine"}
    )
    summary = summarise(
        rows.lazy(), read=read(3), least_cell=None, hip_pain=pl.col("facts").list.contains("hip pain")
    )
    assert steps(summary)["With hip pain or an urgency above routine"] == 2


def test_the_risk_of_a_cause_is_its_median_with_quartiles() -> None:
    rows = patients(
        *({"cause": "lupus", "cause_name": "Lupus", "risk": one / 100} for one in (1, 2, 3, 4, 5))
    )
    (group,) = summary_of(rows).by_cause.groups
    assert group.label == "Lupus"
    assert group.risk is not None
    assert dataclasses.astuple(group.risk) == (0.02, 0.03, 0.04)


def test_quantiles_are_those_of_the_rows_to_three_figures() -> None:
    rows = screening_rows.rows(5_000)
    found = dict(summary_of(rows).risks.quantiles)
    for share, value in found.items():
        exact = rows["risk"].drop_nulls().quantile(share, "higher")
        assert value == pytest.approx(exact, rel=0.01)
    assert list(found) == [0.05, 0.25, 0.5, 0.75, 0.95, 0.99]
    assert quantile([(0.1, 1), (0.2, 2)], 0.5) == 0.2


def test_a_risk_of_nothing_and_one_of_certainty_have_a_place_in_the_histogram() -> None:
    summary = summary_of(patients({"risk": 0.0}, {"risk": 1.0}, {"risk": 0.05}))
    said = [screen_words.bin_words(one) for one in summary.risks.bins]
    counts = [one.patients.value for one in summary.risks.histogram.groups]
    filled = [word for word, number in zip(said, counts, strict=True) if number]
    assert filled == ["below 0.001 %", "5 to 10 %", "50 to 100 %"]
    assert len(counts) == 16


@pytest.mark.parametrize(
    ("age", "band"),
    [(0.0, "under 18"), (17.99, "under 18"), (18, "18 to 29"), (79.9, "70 to 79"), (80, "80 and over")],
)
def test_an_age_belongs_to_the_band_it_has_reached(age: float, band: str) -> None:
    (group,) = summary_of(patients({"age_years": age})).by_age.groups
    assert group.id == band


def test_specialties_that_nobody_would_read_through_are_joined() -> None:
    rows = patients(*({"prescriber_specialty": f"Specialty {one:02}"} for one in range(70)), {})
    table = summary_of(rows).by_specialty
    assert [one.label for one in table.groups][-2:] == [
        "Other specialties together",
        "no prescriber of corticosteroids recorded",
    ]
    assert sum(one.patients.value or 0 for one in table.groups) == 71


def test_parts_of_a_folder_are_summarised_like_one_table(tmp_path: Path) -> None:
    rows = screening_rows.rows(2_000)
    for place in range(4):
        rows[place * 500 : (place + 1) * 500].write_parquet(tmp_path / f"part-{place:05}.parquet")
    counted = read(2_000)
    from_parts = summarise(pl.scan_parquet(tmp_path / "*.parquet"), read=counted, least_cell=None)
    assert from_parts == summarise(rows.lazy(), read=counted, least_cell=None)


def test_columns_of_fixed_words_are_counted_like_plain_ones() -> None:
    rows = screening_rows.rows(500)
    fixed = rows.with_columns(
        pl.col("action").cast(
            pl.Enum(["see_doctor", "mri_now", "nothing", "repeat_mri", "radiograph_and_mri"])
        ),
        pl.col("urgency").cast(pl.Enum(["routine", "soon", "urgent", "emergency"])),
        pl.col("sex", "hip").cast(pl.Categorical),
    )
    assert summary_of(fixed) == summary_of(rows)
    assert render_screen_report(summary_of(fixed), fixed.lazy()) == render_screen_report(
        summary_of(rows), rows.lazy()
    )


def test_no_rows_give_a_summary_of_nobody() -> None:
    summary = summary_of(screening_rows.rows(0))
    assert (summary.patients, summary.flagged, summary.first_as_of) == (Count(0), Count(0), None)
    assert summary.risks.quantiles == ()
    assert summary.by_cause == Table(())


def test_the_days_of_assessment_are_the_first_and_the_last() -> None:
    summary = summary_of(patients({"as_of": date(2026, 1, 2)}, {"as_of": date(2026, 3, 4)}, {}))
    assert screen_words.as_of(summary) == "2026-01-02 to 2026-03-04"


@pytest.mark.parametrize("least", [2, 5, 11])
@pytest.mark.parametrize("number", [3, 40, 300, 2_000])
def test_no_small_number_of_patients_is_shown_anywhere(number: int, least: int) -> None:
    summary = summary_of(screening_rows.rows(number, seed=number), least, patients=number + 1)
    counts = [summary.patients, summary.flagged, *(one.patients for one in summary.funnel)]
    counts += [one.patients for table in tables(summary) for one in table.groups]
    counts += [one.flagged for table in tables(summary) for one in table.groups]
    assert not [one for one in counts if one.value is not None and 1 <= one.value < least]
    assert summary.by_age_and_sex is None
    # One patient was read without a row: that is small as well.
    assert summary.read.patients is None


@pytest.mark.parametrize("seed", range(12))
def test_no_hidden_number_stands_alone_beside_its_total(seed: int) -> None:
    summary = summary_of(screening_rows.rows(400, seed=seed), 6)
    for table in tables(summary):
        hidden = [one for one in table.groups if one.patients.value is None]
        assert len(hidden) != 1
        split = [one for one in table.groups if one.flagged.value is None]
        assert len(split) != 1


@pytest.mark.parametrize("seed", range(12))
def test_what_follows_from_a_hidden_number_is_hidden_too(seed: int) -> None:
    summary = summary_of(screening_rows.rows(60, seed=seed), 6)
    found = steps(summary)
    rest = [summary.by_action.group(one) for one in ("nothing", None)]
    if any(one is not None and one.patients.value is None for one in rest):
        assert summary.flagged.value is None
        assert all(one.flagged.value is None for table in tables(summary) for one in table.groups)
    for label, table in (
        ("With a cause", summary.by_cause),
        ("Assessable: a risk could be estimated", summary.risks.histogram),
    ):
        unknown = table.group(None)
        if unknown is not None and unknown.patients.value is None:
            assert found[label] is None


def test_the_order_of_groups_does_not_tell_how_large_a_hidden_one_is() -> None:
    rows = patients(
        *({"prescriber_specialty": one} for one in "a" * 20 + "b" * 3 + "c" * 9 + "d" * 15 + "e" * 4)
    )
    table = summary_of(rows, 5).by_specialty
    assert [(one.id, screen_words.count(one.patients)) for one in table.groups] == [
        ("a", "20"),
        ("d", "15"),
        ("b", "<5"),
        ("c", "hidden"),
        ("e", "<5"),
    ]


def test_a_group_whose_number_is_hidden_is_not_described_by_its_risk() -> None:
    rows = patients(*({"cause": one, "risk": 0.1} for one in "a" * 30 + "b" * 2 + "c" * 20))
    table = summary_of(rows, 5).by_cause
    assert {one.id: one.risk is None for one in table.groups} == {"a": False, "b": True, "c": True}


def test_a_missing_column_and_a_limit_that_hides_nothing_are_refused() -> None:
    rows = screening_rows.rows(10).lazy()
    with pytest.raises(PrecollapseError, match="columns urgency are missing"):
        summarise(rows.drop("urgency"), read=read(10), least_cell=None)
    with pytest.raises(PrecollapseError, match="least cell 1: hides nothing"):
        summarise(rows, read=read(10), least_cell=1)


def test_no_more_corrupt_lines_are_kept_than_are_said_to_be() -> None:
    with pytest.raises(ValueError, match="at most 100"):
        read(1, corrupt=(CorruptLine("a", 1, "why"),), corrupt_total=0)


@pytest.mark.parametrize(("number", "least"), [(0, None), (12, 5), (3_000, None), (3_000, 11)])
def test_the_terminal_shows_the_summary_in_80_columns(number: int, least: int | None) -> None:
    text = render_screening(summary_of(screening_rows.rows(number), least))
    assert max(len(line) for line in text.splitlines()) <= 80
    assert text.index("WHAT TO DO FIRST") < text.index("WHO WAS FOUND") < text.index("WHAT WAS READ")
    assert "Observation.3.ndjson, line 18,211: not JSON" in text
    assert "it is not a medical device" in " ".join(text.split())


def test_the_terminal_says_the_numbers_of_the_summary() -> None:
    text = render_screening(
        summary_of(patients(*[{"action": "mri_now", "urgency": "urgent"}] * 3, {"action": "nothing"}))
    )
    assert "3  MRI now" in text
    assert 'Begin with urgency "urgent": 3 patients.' in text


def test_one_patient_is_not_called_patients() -> None:
    text = render_screening(summary_of(patients({"action": "mri_now", "urgency": "soon"})))
    assert "1 patient, assessed" in text
    assert 'Begin with urgency "soon": 1 patient.' in text


def test_a_specialty_cannot_send_commands_to_the_terminal() -> None:
    assert "\x1b" not in render_screening(summary_of(patients({"prescriber_specialty": "\x1b[31mred"})))


@pytest.mark.parametrize(("size", "said"), [(0, "0 bytes"), (999, "999 bytes"), (3_400_000_000, "3.4 GB")])
def test_sizes_are_said_as_people_say_them(size: int, said: str) -> None:
    assert screen_words.amount(size) == said


@pytest.mark.parametrize(("seconds", "said"), [(0.04, "0.0 s"), (61.5, "1 min 2 s"), (3_600, "1 h")])
def test_times_are_said_as_people_say_them(seconds: float, said: str) -> None:
    assert screen_words.duration(seconds) == said
