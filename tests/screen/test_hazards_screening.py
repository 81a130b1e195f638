"""Controls of the hazards of screening (``safety/hazards.yaml``) that no other test shows.

A test that is expected to fail shows a hazard whose control is still missing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from typer.testing import CliRunner

from precollapse.chart.model import ChartBuilder
from precollapse.cli.app import app
from precollapse.engine.screening import rules_of
from precollapse.errors import InputError
from precollapse.knowledge.load import load
from precollapse.screen.answers import Screener
from precollapse.screen.charts import from_store, to_store
from precollapse.screen.pieces import blocks, pieces_of
from precollapse.screen.run import Plan, answers, run, write_csv
from tests.screen.people import AS_OF as CROWD_DAY
from tests.screen.people import alike

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "synthetic" / "sample"
KNOWLEDGE = load()
AS_OF, INDEX = date(2026, 6, 30), date(2024, 6, 30)
SICKLE = "127040003"
# When something was written or happened: a line is of the future when any of these is.
SAID = ("recordedDate", "onsetDateTime", "authoredOn", "effectiveDateTime", "issued", "performedDateTime")


def patient(name: str, **more: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": name, "gender": "female", "birthDate": "1990-05-01", **more}


def sickle(name: str) -> dict[str, Any]:
    code = {"coding": [{"system": "http://snomed.info/sct", "code": SICKLE}]}
    subject = {"reference": f"Patient/{name}"}
    return {"resourceType": "Condition", "subject": subject, "code": code, "onsetDateTime": "2020-01-01"}


def lines(path: Path, *resources: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(one) + "\n" for one in resources))
    return path.parent


def bundle(path: Path, *resources: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    entries = [{"resource": one} for one in resources]
    path.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}))
    return path.parent


def screened(*given: Path, out: Path, as_of: date = AS_OF, **more: Any) -> pl.DataFrame:
    run(Plan(tuple(map(str, given)), out, as_of, **more))
    return answers(out).sort("patient").collect()


@pytest.mark.hazard("screening-patient-dropped")
def test_a_line_that_cannot_be_read_is_told_by_the_exit_status_and_by_name(tmp_path: Path) -> None:
    folder = lines(tmp_path / "in" / "a.ndjson", patient("a"), patient("b"))
    with (folder / "a.ndjson").open("a") as handle:
        handle.write('{"resourceType": "Patient", "id": \n')
    command = ["screen", str(folder), "-o", str(tmp_path / "out"), "--as-of", AS_OF.isoformat()]
    result = CliRunner().invoke(app, command)
    said = json.loads((tmp_path / "out" / "run.json").read_text())
    assert result.exit_code == 1
    assert (said["patients"], said["corrupt_total"]) == (2, 1)
    assert (said["corrupt"][0]["file"], said["corrupt"][0]["line"]) == ("a.ndjson", 3)


@pytest.mark.hazard("screening-patient-dropped")
def test_whom_the_export_names_only_in_other_lines_is_screened_too(tmp_path: Path) -> None:
    rows = screened(lines(tmp_path / "in" / "Condition.ndjson", sickle("nobody")), out=tmp_path / "out")
    assert rows.select("patient", "cause").rows() == [("nobody", "sickle-cell-disease")]


@pytest.mark.hazard("screening-truncated-archive")
@pytest.mark.parametrize("place", ["first frame", "last frame"])
def test_a_zstd_archive_that_ends_too_early_is_an_error_and_not_fewer_patients(
    place: str, tmp_path: Path
) -> None:
    import zstandard

    text = b"".join(b'{"resourceType":"Patient","id":"p%d"}\n' % number for number in range(20_000))
    middle = text.index(b"\n", len(text) // 2) + 1
    first, last = (zstandard.compress(part) for part in (text[:middle], text[middle:]))
    path = tmp_path / "Patient.ndjson.zst"
    path.write_bytes(first[:-50] if place == "first frame" else first + last[:-50])
    try:
        read = sum(block.count(b"\n") + 1 for piece in pieces_of(path, path.name) for block in blocks(piece))
    except InputError:
        return
    raise AssertionError(f"only {read} of 20000 patients were read, and nobody was told")


@pytest.mark.hazard("screening-patient-dropped")
def test_files_of_two_folders_that_look_alike_are_both_read(tmp_path: Path) -> None:
    one = lines(tmp_path / "one" / "Patient.ndjson", patient("1"))
    two = lines(tmp_path / "two" / "Patient.ndjson", patient("2"))
    for folder in (one, two):
        os.utime(folder / "Patient.ndjson", (1_000_000_000, 1_000_000_000))
    assert screened(one, two, out=tmp_path / "out")["patient"].to_list() == ["1", "2"]


@pytest.mark.hazard("screening-wrong-patients-answer")
def test_the_same_id_from_two_hospitals_is_told_and_never_quietly_one_patient(tmp_path: Path) -> None:
    one = lines(tmp_path / "one" / "a.ndjson", patient("1"), sickle("1"))
    two = lines(tmp_path / "two" / "b.ndjson", patient("1", birthDate="1950-01-01", gender="male"))
    outcome = run(Plan((str(one), str(two)), tmp_path / "out", AS_OF))
    assert outcome.patients == 2 or outcome.corrupt_total or outcome.unread


@pytest.mark.hazard("screening-stale-charts")
@pytest.mark.parametrize("days", [1, 30, 91, 182, 365, 366, 800])
def test_answers_from_stored_patterns_are_those_of_the_day_on_which_they_are_asked(days: int) -> None:
    chart = from_store(to_store(alike(30, 6, seed=days), KNOWLEDGE, CROWD_DAY))
    _, kept = Screener(KNOWLEDGE, CROWD_DAY).screen_kept(chart, None)
    later = CROWD_DAY + timedelta(days=days)
    from_kept, _ = Screener(KNOWLEDGE, later).screen_kept(chart, kept)
    afresh = Screener(KNOWLEDGE, later).screen(chart)
    assert_frame_equal(from_kept, afresh, rel_tol=1e-9)


@pytest.mark.hazard("screening-stale-charts")
def test_charts_stored_with_other_knowledge_are_refused(tmp_path: Path) -> None:
    run(Plan((str(SAMPLE),), tmp_path / "first", AS_OF))
    (part,) = (tmp_path / "first" / "store" / "charts").glob("*/part.json")
    part.write_text(part.read_text().replace(KNOWLEDGE.version, "0123456789ab"))
    with pytest.raises(InputError, match="stored with knowledge 0123456789ab"):
        run(Plan((str(tmp_path / "first"),), tmp_path / "second", AS_OF))


@pytest.mark.hazard("screening-stale-charts")
def test_a_store_answers_once_for_a_patient_whose_record_has_changed(tmp_path: Path) -> None:
    folder = bundle(tmp_path / "in" / "a.json", patient("a"), sickle("a"))
    screened(folder, out=tmp_path / "first")
    bundle(tmp_path / "in" / "a.json", patient("a"))
    screened(folder, out=tmp_path / "first")
    rows = screened(tmp_path / "first", out=tmp_path / "second")
    assert rows.select("patient", "cause").rows() == [("a", None)]


@pytest.mark.hazard("screening-of-the-dead")
@pytest.mark.parametrize("died", [{"deceasedDateTime": "2022-01-01"}, {"deceasedBoolean": True}])
def test_nobody_who_has_died_is_sent_to_an_image(died: dict[str, Any], tmp_path: Path) -> None:
    folder = lines(tmp_path / "in" / "a.ndjson", patient("a", **died), sickle("a"), patient("b"))
    rows = screened(folder, out=tmp_path / "out")
    assert rows.filter(patient="a", action="mri_now").is_empty()


@pytest.mark.hazard("screening-nothing-read-as-clear")
def test_nothing_is_said_to_rest_on_the_record_and_never_calls_a_hip_healthy() -> None:
    chart = ChartBuilder()
    chart.person("a", "test", sex="female", birth_date=date(1990, 5, 1), birth_precision="day")
    row = Screener(KNOWLEDGE, AS_OF).screen(chart.build()).row(0, named=True)
    assert row["action"] == "nothing"
    assert row["hip"] is None
    assert "from this record" in row["action_says"] and "Look again" in row["action_says"]
    said = f"{row['action_says']} {row['reason']}".lower()
    assert not any(word in said for word in ("healthy", "clear", "normal", "safe", "excluded", "no risk"))
    assert row["risk_high"] > row["risk"] > 0, "what is not recorded keeps the interval open"


@pytest.mark.hazard("screening-false-alarms")
def test_every_rule_that_sends_people_without_pain_to_an_image_says_how_far_it_can_be_trusted() -> None:
    silent = {rule.id: rule for rule in rules_of(KNOWLEDGE)}["silent-hip-likely"]
    limit = silent.least_probability
    assert silent.grade == "judgement" and silent.note and "not been shown in a trial" in silent.note
    assert limit is not None and limit.grade == "judgement" and limit.value >= 0.05
    assert all(rule.grade and rule.sources for rule in rules_of(KNOWLEDGE))


@pytest.mark.hazard("screening-discloses-patients")
def test_the_folder_of_a_screening_is_closed_to_others(tmp_path: Path) -> None:
    folder = lines(tmp_path / "in" / "a.ndjson", patient("a"))
    CliRunner().invoke(app, ["screen", str(folder), "-o", str(tmp_path / "out"), "--as-of", "2026-06-30"])
    assert (tmp_path / "out" / "run.json").is_file()
    assert (tmp_path / "out").stat().st_mode & 0o077 == 0


@pytest.mark.hazard("screening-discloses-patients")
@pytest.mark.parametrize("where", ["a folder that was there", "a store elsewhere"])
def test_every_folder_that_holds_records_is_closed_to_others(
    where: str, tmp_path: Path, open_umask: None
) -> None:
    folder = lines(tmp_path / "in" / "a.ndjson", patient("a"))
    out, store = tmp_path / "out", tmp_path / "store"
    if where == "a folder that was there":
        out.mkdir(mode=0o755)
    more = ["--store", str(store)] if where == "a store elsewhere" else []
    CliRunner().invoke(app, ["screen", str(folder), "-o", str(out), "--as-of", "2026-06-30", *more])
    folders = [path for path in (out, store, *tmp_path.rglob("*")) if path.is_dir()]
    closed = {path for path in folders if path.stat().st_mode & 0o077 == 0}
    held = [path for path in (*out.rglob("*"), *store.rglob("*")) if path.suffix == ".parquet"]
    assert held
    assert [path.name for path in held if path.stat().st_mode & 0o077 and not closed & {*path.parents}] == []


@pytest.fixture
def open_umask() -> Iterator[None]:
    """The usual setting of a server: what is made may be read by all."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture(scope="module")
def both_ways(tmp_path_factory: pytest.TempPathFactory) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The sample screened as of an earlier day: whole, and without the lines that were written later."""
    folder, then = tmp_path_factory.mktemp("cut"), INDEX.isoformat()
    removed = 0
    for path in SAMPLE.glob("*.ndjson"):
        kept = []
        for line in path.read_text().splitlines():
            resource = json.loads(line)
            later = any(resource.get(name, "")[:10] > then for name in SAID)
            kept += [] if later else [line]
            removed += later
        (folder / path.name).write_text("".join(f"{line}\n" for line in kept))
    assert removed > 50
    outs = [tmp_path_factory.mktemp("out") for _ in range(2)]
    whole, cut = (
        screened(given, out=out, as_of=INDEX, looking_back=True)
        for given, out in zip((SAMPLE, folder), outs, strict=True)
    )
    return whole, cut


@pytest.mark.hazard("screening-future-leaks")
def test_what_was_written_after_the_index_date_changes_no_answer_of_that_day(
    both_ways: tuple[pl.DataFrame, pl.DataFrame],
) -> None:
    whole, cut = both_ways
    assert whole.height == cut.height == 40
    assert_frame_equal(whole.drop("prescriber_specialty"), cut.drop("prescriber_specialty"))


@pytest.mark.hazard("screening-future-leaks")
def test_the_prescriber_is_the_one_known_on_the_day(both_ways: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    whole, cut = both_ways
    assert whole["prescriber_specialty"].to_list() == cut["prescriber_specialty"].to_list()


@pytest.mark.hazard("screening-future-leaks")
def test_what_has_no_date_counts_for_nothing_in_an_evaluation(tmp_path: Path) -> None:
    undated = {key: value for key, value in sickle("a").items() if key != "onsetDateTime"}
    folder = lines(tmp_path / "in" / "a.ndjson", patient("a"), undated)
    today = screened(folder, out=tmp_path / "today")
    back = screened(folder, out=tmp_path / "back", as_of=INDEX, looking_back=True)
    assert (today["cause"][0], back["cause"][0]) == ("sickle-cell-disease", None)


@pytest.mark.hazard("hostile-record")
def test_a_spreadsheet_takes_no_text_of_a_record_for_a_formula(tmp_path: Path) -> None:
    role = {"resourceType": "PractitionerRole", "id": "r", "specialty": [{"text": '=HYPERLINK("x")'}]}
    order = {"resourceType": "MedicationRequest", "status": "active", "intent": "order",
             "subject": {"reference": "Patient/a"}, "authoredOn": "2026-06-01",
             "requester": {"reference": "PractitionerRole/r"},
             "medicationCodeableConcept": {"text": "prednisone 20 mg oral tablet"}}  # fmt: skip
    rows = screened(lines(tmp_path / "in" / "a.ndjson", patient("a"), role, order), out=tmp_path / "out")
    write_csv(tmp_path / "out")
    written = pl.read_csv(tmp_path / "out" / "patients.csv")["prescriber_specialty"][0]
    if rows["prescriber_specialty"][0] is None or written is None:
        raise RuntimeError("the order must lead to its prescriber, or nothing is tested")
    assert not written.startswith(("=", "+", "-", "@"))
