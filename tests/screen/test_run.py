"""A health system's run: whatever the form of the export and whatever happens, the answers are the same."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from precollapse.chart.reader import read
from precollapse.errors import InputError
from precollapse.knowledge.load import load
from precollapse.screen import run as runs
from precollapse.screen.answers import Screener
from precollapse.screen.pieces import Piece, blocks, pieces_of
from precollapse.screen.run import Plan, answers, run, write_csv

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "synthetic" / "sample"
AS_OF = date(2026, 6, 30)


def screened(given: Path | str, out: Path, as_of: date = AS_OF, **more: object) -> pl.DataFrame:
    run(Plan((str(given),), out, as_of, **more))  # type: ignore[arg-type]
    return answers(out).sort("patient").collect()


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """The sample read as one record of many patients, by the reader that assessments use."""
    chart = read(SAMPLE, load())
    return Screener(load(), AS_OF).screen(chart).sort("patient")


def packed(folder: Path, how: str) -> Path:
    folder.mkdir()
    for path in SAMPLE.glob("*.ndjson"):
        data = path.read_bytes()
        if how == "gz":
            (folder / f"{path.name}.gz").write_bytes(gzip.compress(data))
        elif how == "zst":
            import zstandard

            middle = data.index(b"\n", len(data) // 2) + 1
            frames = [zstandard.compress(part) for part in (data[:middle], data[middle:])]
            (folder / f"{path.name}.zst").write_bytes(b"".join(frames))
        else:
            (folder / path.name).write_bytes(data.replace(b"\n", b"\r\n") + b"\r\n")
    return folder


@pytest.mark.parametrize("how", ["gz", "zst", "crlf"])
def test_an_export_gives_the_same_answers_however_it_is_packed(
    how: str, tmp_path: Path, expected: pl.DataFrame
) -> None:
    assert_frame_equal(screened(packed(tmp_path / "in", how), tmp_path / "out"), expected)


def test_patients_spread_over_partitions_and_pieces_are_put_together(
    tmp_path: Path, expected: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "PARTITION_BYTES", 100_000)
    monkeypatch.setattr("precollapse.screen.inputs.SMALLEST_PIECE", 20_000)
    monkeypatch.setattr("precollapse.screen.inputs.PIECES_WANTED", 1_000)
    assert_frame_equal(screened(SAMPLE, tmp_path / "out"), expected)
    assert len(list((tmp_path / "out" / "patients").glob("*.parquet"))) > 3


def test_two_processes_give_the_same_answers_as_one(
    tmp_path: Path, expected: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "SMALL_BYTES", 0)
    monkeypatch.setattr(runs, "PARTITION_BYTES", 200_000)
    assert_frame_equal(screened(SAMPLE, tmp_path / "out", workers=2), expected)


def test_single_records_are_screened_like_an_export(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "in", ignore=shutil.ignore_patterns("*.md"))
    rows = screened(tmp_path / "in", tmp_path / "out", date(2026, 11, 22))
    lupus = rows.row(by_predicate=pl.col("patient") == "lupus", named=True)
    assert lupus["action"] == "mri_now"
    assert lupus["risk"] == pytest.approx(0.53, abs=0.01)


def test_a_corrupt_line_is_counted_named_and_skipped(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    shutil.copytree(SAMPLE, folder)
    path = folder / "Condition.ndjson"
    lines = path.read_bytes().splitlines()
    lines[4] = b'{"resourceType": "Condition", "code": '
    lines[7] = b'{"resourceType": "Condition", "id": 12}'
    path.write_bytes(b"\n".join(lines))
    outcome = run(Plan((str(folder),), tmp_path / "out", AS_OF))
    assert outcome.corrupt_total == 2
    assert [(file, line) for file, line, _ in outcome.corrupt] == [
        ("Condition.ndjson", 5),
        ("Condition.ndjson", 8),
    ]
    assert outcome.patients == pl.scan_ndjson(SAMPLE / "Patient.ndjson").select(pl.len()).collect().item()


def test_a_damaged_archive_is_an_error_that_names_it(tmp_path: Path) -> None:
    folder = packed(tmp_path / "in", "gz")
    path = folder / "Condition.ndjson.gz"
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(InputError, match=r"Condition\.ndjson\.gz: cannot be read"):
        run(Plan((str(folder),), tmp_path / "out", AS_OF))


def test_an_error_of_another_process_reaches_the_user_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "SMALL_BYTES", 0)
    folder = packed(tmp_path / "in", "gz")
    path = folder / "Condition.ndjson.gz"
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(InputError, match=r"Condition\.ndjson\.gz: cannot be read"):
        run(Plan((str(folder),), tmp_path / "out", AS_OF, workers=2))


def test_files_of_others_in_the_folder_of_the_results_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out" / "patients").mkdir(parents=True)
    (tmp_path / "out" / "patients" / "notes.json").write_text("mine")
    run(Plan((str(SAMPLE),), tmp_path / "out", AS_OF))
    assert (tmp_path / "out" / "patients" / "notes.json").read_text() == "mine"


def test_the_second_run_reads_only_what_changed(tmp_path: Path, expected: pl.DataFrame) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    shutil.copytree(SAMPLE, folder)
    files = len(list(folder.glob("*.ndjson")))
    first = run(Plan((str(folder),), out, AS_OF))
    again = run(Plan((str(folder),), out, AS_OF))
    assert (first.files_unchanged, again.files_unchanged) == (0, files)
    patient = expected["patient"][0]
    new = {"resourceType": "Condition", "subject": {"reference": f"Patient/{patient}"},
           "code": {"coding": [{"system": "http://snomed.info/sct", "code": "127040003"}]},
           "onsetDateTime": "2026-01-01"}  # fmt: skip
    with (folder / "Condition.ndjson").open("a") as handle:
        handle.write(json.dumps(new) + "\n")
    changed = run(Plan((str(folder),), out, AS_OF))
    assert changed.files_unchanged == files - 1
    assert len(list((out / "store" / "lines").iterdir())) == files, "nothing is kept of what is gone"
    rows = answers(out).sort("patient").collect()
    assert rows.row(0, named=True)["cause"] == "sickle-cell-disease"
    assert_frame_equal(rows[1:], expected[1:])


def test_results_inside_the_folder_of_the_export_are_no_records(tmp_path: Path) -> None:
    shutil.copytree(SAMPLE, tmp_path / "in")
    first = run(Plan((str(tmp_path / "in"),), tmp_path / "in" / "out", AS_OF))
    again = run(Plan((str(tmp_path / "in"),), tmp_path / "in" / "out", AS_OF))
    assert (first.files, first.patients) == (again.files, again.patients)
    assert not again.corrupt


def test_stored_charts_give_the_same_answers_on_a_later_day(tmp_path: Path) -> None:
    later = date(2027, 3, 1)
    run(Plan((str(SAMPLE),), tmp_path / "first", AS_OF))
    stored = screened(tmp_path / "first", tmp_path / "second", later)
    afresh = screened(SAMPLE, tmp_path / "third", later)
    assert_frame_equal(stored, afresh)


def test_stored_charts_are_refused_for_an_earlier_day(tmp_path: Path) -> None:
    run(Plan((str(SAMPLE),), tmp_path / "first", AS_OF))
    with pytest.raises(InputError, match="stored for 2026-06-30 and later"):
        run(Plan((str(tmp_path / "first"),), tmp_path / "second", date(2025, 1, 1)))


def test_the_csv_holds_every_patient_once(tmp_path: Path, expected: pl.DataFrame) -> None:
    run(Plan((str(SAMPLE),), tmp_path, AS_OF))
    write_csv(tmp_path)
    rows = pl.read_csv(tmp_path / "patients.csv").sort("patient")
    assert rows["patient"].to_list() == expected["patient"].to_list()
    assert rows["action"].to_list() == expected["action"].cast(pl.String).to_list()


@pytest.mark.slow
def test_a_run_that_is_killed_goes_on_and_loses_and_repeats_nobody(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(40):
        for path in SAMPLE.glob("*.ndjson"):
            text = (
                path.read_text().replace('"s1-', f'"s{number + 100}-').replace("/s1-", f"/s{number + 100}-")
            )
            (folder / f"{path.stem}.{number:02d}.ndjson").write_text(text)
    whole = screened(folder, tmp_path / "whole")
    out = tmp_path / "out"
    program = (
        "import sys; from datetime import date; from pathlib import Path;"
        "from precollapse.screen import run as r;"
        "r.PARTITION_BYTES = 2_000_000; r.SMALL_BYTES = 0;"
        "r.run(r.Plan((sys.argv[1],), Path(sys.argv[2]), date(2026, 6, 30), 1))"
    )
    command = [sys.executable, "-c", program, str(folder), str(out)]
    for step in ("store/lines/*/read.json", "patients/*.json"):
        child = subprocess.Popen(command, start_new_session=True)
        while child.poll() is None and not list(out.glob(step)):
            time.sleep(0.005)
        os.killpg(child.pid, signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL, "it was to be stopped in the middle"
    subprocess.run(command, check=True)
    resumed = answers(out).sort("patient").collect()
    assert resumed["patient"].n_unique() == resumed.height == 40 * 40
    assert_frame_equal(resumed, whole)
    assert not list(out.rglob("*.half"))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(
        st.text(st.characters(codec="ascii", exclude_characters="\r\n"), max_size=30), max_size=30
    ),
    piece=st.integers(1, 80),
    block=st.integers(1, 50),
    last_newline=st.booleans(),
)
def test_every_line_belongs_to_exactly_one_piece(
    lines: list[str], piece: int, block: int, last_newline: bool, tmp_path: Path
) -> None:
    path = tmp_path / "x.ndjson"
    path.write_text("\n".join(lines) + ("\n" if last_newline else ""))
    read_back = [
        line
        for one in pieces_of(path, path.name, piece_bytes=piece)
        for data in blocks(one, block_bytes=block)
        for line in data.decode().split("\n")
    ]
    assert [line for line in read_back if line] == [line for line in lines if line]


def test_a_piece_is_another_when_its_file_changes() -> None:
    piece = Piece("/in/a.ndjson", "a.ndjson", 10, 5)
    assert piece.id != Piece("/in/a.ndjson", "a.ndjson", 10, 6).id
    assert piece.id != Piece("/elsewhere/a.ndjson", "a.ndjson", 10, 5).id, "two folders may look alike"
