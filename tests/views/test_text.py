"""What a clinician reads in the terminal."""

from __future__ import annotations

import io
import re
import unicodedata

import msgspec
import pytest
from hypothesis import given, settings
from rich.cells import cell_len

from precollapse.assessment.model import Assessment, Hips, Unread
from precollapse.views.text import print_assessment, render_text
from tests.views import documents, factory


@pytest.fixture(scope="module")
def text() -> str:
    return render_text(factory.full())


def test_urgency_is_read_before_any_probability(text: str) -> None:
    assert text.index("urgency    SOON") < text.index(" % ")


def test_an_emergency_is_named_first_whatever_the_probability() -> None:
    urgency = msgspec.structs.replace(factory.full().urgency, level="emergency")
    text = render_text(factory.full(urgency=urgency))
    assert text.splitlines()[3:5] == ["IN SHORT", "  urgency    EMERGENCY"]


def test_the_safety_statement_and_all_versions_are_on_every_output(text: str) -> None:
    for output in (text, render_text(factory.empty())):
        assert factory.SAFETY in output
        assert "software 0.1.0 · knowledge abcdef123456 · document 1 · as of 2026-11-22" in output


def test_both_intervals_are_shown_in_plain_words(text: str) -> None:
    assert "12 % (6 to 20 %)" in text
    assert "4 to 41 % while what is not recorded may be so or not" in text


def test_a_patient_of_whom_nothing_is_known_gets_no_percentage() -> None:
    assert "%" not in render_text(factory.empty())


def test_unknown_facts_beyond_a_dozen_are_counted_not_dropped(text: str) -> None:
    assert "NOT KNOWN (20)" in text
    assert "… and 8 more, which the JSON document lists" in text


def test_many_unused_entries_are_summed_with_an_example(text: str) -> None:
    assert "NOT USED (15)" in text
    assert "15 × not used, such as record.json: entry[0]" in text


def test_few_unused_entries_are_listed_one_by_one() -> None:
    unread = (Unread(origin="case.yaml: exam[2]", reason="no concept", detail="wobble test"),)
    assert "case.yaml: exam[2]: no concept, wobble test" in render_text(factory.full(unread=unread))


def test_sources_are_numbered_and_an_unlisted_one_is_named(text: str) -> None:
    assert "Grade: moderate [1, study-missing]" in text
    assert "[1] A et al. A study. 2020." in text
    assert "https://doi.org/10.1000/a" in text
    assert "https://pubmed.ncbi.nlm.nih.gov/123/" in text


def test_hips_that_do_not_differ_are_shown_once() -> None:
    hip = factory.hip()
    text = render_text(factory.full(hips=Hips(left=hip, right=hip)))
    assert "BOTH HIPS" in text
    assert "LEFT HIP" not in text


def test_hips_that_differ_are_both_shown(text: str) -> None:
    """The hip more likely affected comes first."""
    assert text.index("LEFT HIP") < text.index("RIGHT HIP")


def test_a_pipe_gets_plain_text(capsys: pytest.CaptureFixture[str]) -> None:
    print_assessment(factory.full())
    assert capsys.readouterr().out == render_text(factory.full())


def test_a_terminal_gets_colour_and_the_same_words(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    print_assessment(factory.full())
    assert "\x1b[" in terminal.getvalue()
    without = re.sub(r"\x1b\[[\d;]*m", "", terminal.getvalue())
    assert without == render_text(factory.full())


def test_a_record_cannot_change_the_terminal() -> None:
    hostile = msgspec.structs.replace(factory.full().patient, record="a\x1b[2Jb\u202ec\r\nURGENCY: ROUTINE")
    text = render_text(factory.full(patient=hostile))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\nURGENCY: ROUTINE" not in text


@settings(max_examples=15, deadline=None)
@given(documents.assessments())
def test_any_assessment_fits_eighty_columns_and_keeps_its_statement(assessment: Assessment) -> None:
    text = render_text(assessment)
    assert all(cell_len(line) <= 80 for line in text.split("\n"))
    assert not any(unicodedata.category(c) in {"Cc", "Cf"} for c in text.replace("\n", ""))
    assert f"URGENCY: {assessment.urgency.level.upper()}" in text
