"""`precollapse evidence`: list, show, check and fit, on small invented estimates."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner, Result

import precollapse.evidence.fitted as fitted_module
import precollapse.evidence.fitting.run as run_module
import precollapse.evidence.table.check as check_module
import precollapse.evidence.table.read as table_module
from precollapse.cli import app
from precollapse.errors import KnowledgeError, PrecollapseError
from precollapse.evidence.fitted import Fitted, LeftOut, read_fitted
from precollapse.views.evidence_names import Names
from precollapse.views.evidence_pages import Page, page
from precollapse.views.html_evidence import render_evidence
from precollapse.views.plots.text_forest import ASCII
from precollapse.views.text_evidence import render_page
from tests.evidence import fitted_factory as factory

HOSTILE = "<script>alert(1)</script> \u202eevil"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["evidence", *arguments], catch_exceptions=True)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitted_module, "load_fitted", factory.fitted)
    monkeypatch.setattr(table_module, "load", factory.table)
    monkeypatch.setattr("precollapse.cli.evidence._lumped", lambda: {"waves": "no_treatment"})


def shown(topic: str, **changes: object) -> Page:
    return page(topic, Names(factory.parameters(**changes), factory.table()))


TOPICS = ["alendronate", "no_treatment", "rod", "decompression", "collapse", "natural-course", "published"]


# What is shown.
@pytest.mark.parametrize("topic", TOPICS)
def test_a_page_fits_80_columns(topic: str) -> None:
    result = run("show", topic)
    assert result.exit_code == 0
    assert all(cell_len(line) <= 80 for line in result.output.splitlines())


@pytest.mark.parametrize("topic", TOPICS)
def test_a_page_for_an_output_without_unicode_is_ascii(topic: str) -> None:
    assert render_page(shown(topic), ASCII).isascii()


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("view", ["text", "json", "svg", "html"])
def test_the_same_estimates_give_the_same_bytes(topic: str, view: str) -> None:
    once, again = (run("show", topic, "--format", view).stdout_bytes for _ in range(2))
    assert once == again
    assert once


def test_a_treatment_is_shown_with_its_certainty_and_every_reason_for_it() -> None:
    text = " ".join(run("show", "alendronate").output.split())
    assert "Against no treatment: hazard ratio 0.4 (0.2 to 0.8), in a further population 0.1 to 1.6" in text
    assert "2 studies of the two (1 randomised), 40 events" in text
    assert "Certainty: very low - fewer than 300 events - one study only" in text
    assert "by way of other treatments 0.6 (0.3 to 1.2) (difference: p 0.3)" in text


def test_what_was_left_out_of_a_treatment_is_said_with_the_reason() -> None:
    text = run("show", "alendronate").output
    assert "Lai 2005, row lai:9: same hips" in text
    assert "koo:9" not in text
    assert "koo:9: unit is patients" in run("show", "no_treatment").output


def test_a_published_effect_stands_beside_ours_and_says_why_they_differ() -> None:
    for topic in ("alendronate", "published"):
        text = " ".join(run("show", topic).output.split())
        assert "risk ratio 0.5 (0.25 to 1); ours 0.45 (0.23 to 0.9). They counted hips twice." in text
    assert "They counted hips twice" not in run("show", "rod").output


def test_series_are_shown_as_events_a_year() -> None:
    text = run("show", "rod").output
    assert "Replacement, hips before collapse: 5 (2.5 to 10) % a year" in " ".join(text.split())
    assert "He" not in text.splitlines()[0]


def test_an_effect_that_is_only_indirect_says_so() -> None:
    text = " ".join(run("show", "decompression").output.split())
    assert "no study compared the two themselves" in text
    assert "Pooled, indirect" in text


def test_treatments_that_nothing_ties_to_the_others_are_not_pooled() -> None:
    assert "not pooled, as no study ties the two" in " ".join(run("show", "rod").output.split())
    assert "Not connected: tantalum rod, extracorporeal shock waves." in run("show", "collapse").output


def test_a_treatment_that_counts_as_another_one_says_so() -> None:
    assert "Counted as no treatment wherever treatments are compared." in run("show", "waves").output


def test_the_course_stands_beside_what_was_seen() -> None:
    text = run("show", "natural-course").output
    assert "26/81" in text
    assert "32; 34 (28 to 41)" in text
    assert "jic A" in text


def test_a_network_shows_league_table_and_ranking() -> None:
    text = run("show", "collapse").output
    assert "LEAGUE TABLE" in text
    assert "0.90 (0.50 to 1.00)" in text
    assert "Q 3, p < 0.001" in " ".join(text.split())


@pytest.mark.parametrize(
    "said", ["alendronate", "Alendronate", "TANTALUM ROD", "core decompression", "no-treatment"]
)
def test_a_treatment_is_found_by_id_and_by_name(said: str) -> None:
    assert run("show", said).exit_code == 0


def test_an_unknown_name_is_answered_with_the_nearest_ones() -> None:
    result = run("show", "alendronat")
    assert isinstance(result.exception, KnowledgeError)
    assert "did you mean alendronate" in str(result.exception)
    assert "evidence list" in str(run("show", "zzzzzz").exception)


# Forms.
def test_json_is_what_the_fit_wrote() -> None:
    document = json.loads(run("show", "alendronate", "--format", "json").output)
    assert [one["study"] for one in document["comparisons"][0]["contrasts"]] == ["lai", "koo", "wang"]
    assert [one["figure"] for one in document["published"]] == ["review:1"]
    assert json.loads(run("show", "collapse", "--format", "json").output)["tau"] == 0.4
    assert "processes" in json.loads(run("show", "natural-course", "--format", "json").output)
    assert (
        json.loads(run("show", "published", "--format", "json").output)["published"][0]["ours_studies"] == 2
    )


@pytest.mark.parametrize("topic", TOPICS)
def test_svg_is_one_picture_of_all_plots(topic: str) -> None:
    root = ET.fromstring(run("show", topic, "--format", "svg").output)
    assert root.get("width") == "760"


def test_the_network_is_drawn_when_asked_for() -> None:
    result = run("show", "collapse", "--format", "svg", "--plot", "network")
    assert "what was compared" in result.output
    assert 'class="node"' in result.output


@pytest.mark.parametrize(
    "arguments", [["alendronate", "--format", "svg", "--plot", "network"], ["collapse", "--plot", "network"]]
)
def test_a_plot_that_is_not_there_is_an_error(arguments: list[str]) -> None:
    assert isinstance(run("show", *arguments).exception, PrecollapseError)


def test_a_treatment_without_estimates_has_no_picture() -> None:
    nothing = factory.fitted(networks=(), series=(), published=())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitted_module, "load_fitted", lambda: nothing)
        assert isinstance(run("show", "rod", "--format", "svg").exception, PrecollapseError)
        assert "Nothing could be estimated" in run("show", "rod").output
        assert "No published effect" in run("show", "published").output


def test_the_page_escapes_what_is_in_the_table() -> None:
    treatments = factory.TREATMENTS | {"alendronate": HOSTILE}
    left_out = (LeftOut(row=HOSTILE, study=HOSTILE, why=HOSTILE),)
    network = factory.network(left_out=left_out, name=HOSTILE)
    for topic in ("alendronate", "collapse"):
        html = render_evidence(shown(topic, treatments=treatments, networks=(network,)))
        assert "<script" not in html
        assert "\u202e" not in html
        assert "&lt;script&gt;" in html


def test_the_ids_of_the_pictures_of_a_page_are_unique() -> None:
    html = render_evidence(shown("collapse"))
    ids = [part.split('"')[0] for part in html.split(' id="')[1:]]
    assert len(ids) == len(set(ids)) == 4
    assert "src=" not in html


@pytest.mark.parametrize("view", ["text", "json", "svg", "html"])
def test_a_file_holds_what_would_be_printed(view: str, tmp_path: Path) -> None:
    path = tmp_path / "new" / "out"
    assert run("show", "alendronate", "--format", view, "-o", str(path)).exit_code == 0
    assert path.read_bytes() == run("show", "alendronate", "--format", view).stdout_bytes


def test_a_file_that_cannot_be_written_ends_with_status_2(tmp_path: Path) -> None:
    result = run("show", "alendronate", "--format", "svg", "-o", str(tmp_path))
    assert result.exit_code == 2
    assert "cannot be written" in result.output


# List.
def test_the_list_counts_studies_and_hips() -> None:
    document = {one["id"]: one for one in json.loads(run("list", "--format", "json").output)}
    assert document["alendronate"] == {
        "id": "alendronate", "name": "alendronate", "studies": 3, "randomised": 2, "hips": 91,
        "certainty": {"collapse": "very low"},
    }  # fmt: skip
    assert document["rod"]["hips"] == 30 + 18 + 40


def test_the_list_fits_80_columns_and_names_the_other_tables() -> None:
    result = run("list")
    assert all(cell_len(line) <= 80 for line in result.output.splitlines())
    assert "Also to show: collapse, natural-course, published." in result.output


# Check.
def test_check_ends_with_status_1_when_something_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = check_module.Problem("arms.csv", "lai:1", "30 events of 29", "correct the count")
    monkeypatch.setattr(check_module, "remarks", lambda table: [])
    monkeypatch.setattr(check_module, "problems", lambda table: [problem])
    result = run("check")
    assert result.exit_code == 1
    assert result.output.startswith("arms.csv: lai:1: 30 events of 29; correct the count\n")
    assert json.loads(run("check", "--format", "json").output)["problems"][0]["row"] == "lai:1"
    monkeypatch.setattr(check_module, "problems", lambda table: [])
    result = run("check")
    assert result.exit_code == 0
    assert result.output.endswith("No problems.\n")


def test_a_table_that_cannot_be_read_is_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ValueError("arms.csv: line 3: wrong")

    monkeypatch.setattr(table_module, "load", fail)
    for arguments in (["check"], ["list"], ["show", "alendronate"]):
        error = run(*arguments).exception
        assert isinstance(error, PrecollapseError)
        assert str(error) == "arms.csv: line 3: wrong"


# Fit.
def test_fit_says_what_it_does_and_writes_what_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fit(*, report: Callable[[str], None]) -> Fitted:
        report("comparisons: collapse")
        return factory.fitted()

    monkeypatch.setattr(run_module, "fit_table", fit)
    result = run("fit", "-o", str(tmp_path / "fitted"))
    assert result.exit_code == 0
    assert result.stdout == ""
    assert result.stderr.startswith("comparisons: collapse\n")
    assert read_fitted(tmp_path / "fitted").parameters.networks[0].id == "collapse"


def test_fit_that_fails_is_one_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fit(*, report: Callable[[str], None]) -> Fitted:
        raise ValueError("no studies")

    monkeypatch.setattr(run_module, "fit_table", fit)
    assert "cannot be fitted: no studies" in str(run("fit", "-o", str(tmp_path)).exception)
    file = tmp_path / "file"
    file.touch()
    assert "is a file" in str(run("fit", "-o", str(file)).exception)


@pytest.mark.parametrize("command", [[], ["list"], ["show"], ["check"], ["fit"]], ids=str)
def test_every_command_explains_itself_in_80_columns(command: list[str]) -> None:
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert all(len(line) <= 80 for line in result.output.splitlines())
    assert "Examples:" in result.output or not command
