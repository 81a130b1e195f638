"""What OMOP conditions, procedures and devices say: concept, side, status; and what is set aside."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.chart.omop_fixtures.omop_folder import CONCEPTS, concept_rows, condition, of, only, read_tables

ONFH = "osteonecrosis_femoral_head"
LUPUS = "systemic_lupus_erythematosus"


def test_a_standard_code_and_its_source_code_give_one_statement(tmp_path: Path) -> None:
    row = condition(257628, condition_source_concept_id=35208821, condition_source_value="M32.9")
    chart = read_tables(tmp_path, condition_occurrence=[row])
    said = only(chart.statements)
    assert (said["concept"], said["status"], said["start"]) == (LUPUS, "present", date(2026, 3, 1))
    assert said["origin"] == "condition_occurrence.csv: row 1"
    assert chart.unread.height == 0


def test_the_source_code_gives_the_side_that_the_standard_code_lacks(tmp_path: Path) -> None:
    row = condition(45573197, condition_source_value="M87.052")
    said = only(of(read_tables(tmp_path, condition_occurrence=[row]), ONFH))
    assert said["side"] == "left"
    assert "read as ICD-10" in said["note"]


def test_codes_of_two_sides_leave_the_side_open_and_say_so(tmp_path: Path) -> None:
    row = condition(45591853, condition_source_concept_id=45591852)
    said = only(of(read_tables(tmp_path, condition_occurrence=[row]), ONFH))
    assert said["side"] is None
    assert "sides disagree" in said["note"]


def test_codes_of_two_diseases_are_both_kept_with_a_note(tmp_path: Path) -> None:
    row = condition(257628, condition_source_concept_id=45591853)
    chart = read_tables(tmp_path, condition_occurrence=[row])
    assert {LUPUS, ONFH} <= set(chart.statements["concept"])
    assert all("codings disagree" in note for note in chart.statements["note"])


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"condition_status_concept_id": 32899}, "provisional"),
        ({"condition_status_source_value": "Provisional"}, "provisional"),
        ({"stop_reason": "Resolved"}, "past"),
        ({"condition_end_date": "2026-05-01"}, "past"),
        ({"condition_end_date": "2026-03-01"}, "present"),
        ({"stop_reason": "ruled out"}, "absent"),
        ({"condition_status_source_value": "Final diagnosis"}, "present"),
    ],
)
def test_status_and_end_of_a_condition_are_kept(tmp_path: Path, more: dict[str, object], status: str) -> None:
    row = condition(257628, **more)
    assert only(read_tables(tmp_path, condition_occurrence=[row]).statements)["status"] == status


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"condition_status_source_value": "Rule out"}, "rule-out"),
        ({"stop_reason": "entered in error"}, "entered in error"),
    ],
)
def test_what_is_only_to_be_ruled_out_or_withdrawn_is_never_asserted(
    tmp_path: Path, more: dict[str, object], reason: str
) -> None:
    chart = read_tables(tmp_path, condition_occurrence=[condition(257628, **more)])
    assert chart.statements.height == 0
    assert only(chart.unread)["reason"] == reason


def test_an_encounter_for_suspicion_is_a_rule_out(tmp_path: Path) -> None:
    chart = read_tables(tmp_path, condition_occurrence=[condition(0, condition_source_value="Z03.89")])
    assert only(chart.unread)["reason"] == "rule-out"


def test_without_a_concept_table_the_source_value_is_read_and_the_guess_is_said(tmp_path: Path) -> None:
    row = condition(257628, condition_source_value="M32.9")
    said = only(read_tables(tmp_path, concepts=False, condition_occurrence=[row]).statements)
    assert said["concept"] == LUPUS
    assert "read as ICD-10" in said["note"]


def test_without_a_concept_table_a_standard_id_alone_is_listed_not_guessed(tmp_path: Path) -> None:
    chart = read_tables(tmp_path, concepts=False, condition_occurrence=[condition(257628)])
    row = only(chart.unread)
    assert row["reason"] == "no concept"
    assert "257628" in row["detail"]


def test_a_local_number_that_only_looks_like_a_code_is_not_guessed(tmp_path: Path) -> None:
    chart = read_tables(
        tmp_path, concepts=False, condition_occurrence=[condition(0, condition_source_value="55464008")]
    )
    assert chart.statements.height == 0


def test_free_words_of_the_source_are_read_when_there_is_no_code(tmp_path: Path) -> None:
    row = condition(0, condition_source_value="osteonecrosis of the left femoral head")
    said = only(of(read_tables(tmp_path, condition_occurrence=[row]), ONFH))
    assert (said["status"], said["side"]) == ("present", "left")


def test_denied_words_of_the_source_are_an_absence(tmp_path: Path) -> None:
    row = condition(0, condition_source_value="no systemic lupus erythematosus")
    assert only(of(read_tables(tmp_path, condition_occurrence=[row]), LUPUS))["status"] == "absent"


def test_a_wider_concept_counts_only_where_the_knowledge_says_children(tmp_path: Path) -> None:
    wider = (111, "ICD10CM", "M32.1", "Systemic lupus erythematosus with organ or system involvement")
    narrower = (112, "Local", "L-1", "Kidney form of the disease")
    ancestry = [
        {"ancestor_concept_id": 111, "descendant_concept_id": 112, "min_levels_of_separation": 1},
        {"ancestor_concept_id": 45591853, "descendant_concept_id": 113, "min_levels_of_separation": 1},
    ]
    unlisted = (113, "Local", "L-2", "Something under a code without children")
    chart = read_tables(
        tmp_path,
        concept=concept_rows(wider, narrower, unlisted),
        concept_ancestor=ancestry,
        condition_occurrence=[condition(112), condition(113)],
    )
    assert only(chart.statements)["concept"] == LUPUS
    assert only(chart.unread)["detail"].startswith("Local L-2")


def test_a_procedure_whose_name_holds_a_disease_does_not_assert_the_disease(tmp_path: Path) -> None:
    row = {"person_id": 7, "procedure_concept_id": 4083236, "procedure_date": "2026-01-01"}
    chart = read_tables(tmp_path, procedure_occurrence=[row])
    assert chart.statements.height == 0
    assert only(chart.unread)["reason"] == "no concept"


@pytest.mark.parametrize(
    "more",
    [
        {"modifier_concept_id": 4300878},
        {"modifier_source_value": "RT"},
        {"procedure_source_value": "THR right"},
    ],
)
def test_the_side_of_a_hip_replacement_comes_from_modifier_or_words(
    tmp_path: Path, more: dict[str, object]
) -> None:
    row = {"person_id": 7, "procedure_concept_id": 4134121, "procedure_date": "2019-06-11", **more}
    said = only(of(read_tables(tmp_path, procedure_occurrence=[row]), "total_hip_replacement_done"))
    assert (said["side"], said["start"]) == ("right", date(2019, 6, 11))


def test_rows_of_unknown_persons_are_refused_and_counted(tmp_path: Path) -> None:
    strangers = [condition(257628, person_id=99), condition(45591853, person_id=None)]
    chart = read_tables(tmp_path, condition_occurrence=strangers)
    assert chart.statements.height == 0
    row = only(chart.unread)
    assert (row["reason"], row["origin"]) == ("dangling reference", "condition_occurrence.csv ×2")


def test_a_condition_before_birth_is_impossible_and_not_used(tmp_path: Path) -> None:
    chart = read_tables(tmp_path, condition_occurrence=[condition(257628, "1960-01-01")])
    assert chart.statements.height == 0
    assert only(chart.unread)["reason"] == "impossible"


def test_an_unreadable_date_is_listed_and_the_diagnosis_kept_without_it(tmp_path: Path) -> None:
    chart = read_tables(tmp_path, condition_occurrence=[condition(257628, "01/03/26")])
    assert only(chart.statements)["start"] is None
    row = only(chart.unread)
    assert row["reason"] == "not readable"
    assert "01/03/26" in row["detail"]


def test_rows_without_a_meaning_are_summed_per_code(tmp_path: Path) -> None:
    otitis = (372328, "SNOMED", "65363002", "Otitis media")
    rows = [condition(372328, f"2020-01-0{day}") for day in range(1, 6)]
    chart = read_tables(tmp_path, concept=concept_rows(otitis), condition_occurrence=rows)
    row = only(chart.unread)
    assert row["origin"] == "condition_occurrence.csv ×5"
    assert row["detail"] == "SNOMED 65363002 Otitis media"
    assert row["person"] == 0


def test_python_sees_each_code_once_however_many_rows_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from precollapse.chart.omop.meaning import Interpreter

    seen: list[object] = []
    original = Interpreter.meaning

    def counted(self: Interpreter, codes: Any) -> object:
        seen.append(codes)
        return original(self, codes)

    monkeypatch.setattr(Interpreter, "meaning", counted)
    rows = [condition(257628 if i % 2 else 45591853) for i in range(1000)]
    chart = read_tables(tmp_path, condition_occurrence=rows)
    assert chart.statements.height == 1000
    assert len(seen) == 2


def test_the_concepts_of_the_fixture_have_distinct_ids() -> None:
    assert pl.Series([row[0] for row in CONCEPTS]).is_unique().all()
