"""An item of the pathway counts as covered when an entry and a test carry its id."""

from __future__ import annotations

from pathlib import Path

import pytest

from precollapse.knowledge.check import check
from precollapse.knowledge.coverage import marks
from tests.knowledge import small

TESTS = """
import pytest

pytestmark = pytest.mark.pathway("Z01")

@pytest.mark.pathway("S01", "S02")
def test_groin_pain():
    pass

@pytest.mark.pathway("S03")
class TestPain:
    @pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.pathway("S04"))])
    def test_night(self, x):
        pass

    def helper(self):
        pass
"""


@pytest.fixture
def tests_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "test_pain.py").write_text(TESTS)
    return folder


def test_marks_of_functions_classes_parameters_and_modules_are_found(tests_folder: Path) -> None:
    groin, night = "tests/test_pain.py::test_groin_pain", "tests/test_pain.py::TestPain::test_night"
    assert marks(tests_folder, "pathway") == {
        "S01": [groin],
        "S02": [groin],
        "S03": [night],
        "S04": [night],
        "Z01": [groin, night],
    }


def test_an_item_needs_both_an_entry_and_a_test(tmp_path: Path, tests_folder: Path) -> None:
    content = small.files()
    content["pathway.yaml"].append({"id": "S02", "name": "No entry", "group": "S"})
    report = check(small.write(content, tmp_path), tests_folder)
    assert {item.id: item.covered for item in report.items} == {"S01": True, "S02": False}
    assert report.items[0].entries == ("concepts/pain",)


def test_a_test_that_carries_an_unknown_item_is_a_problem(tmp_path: Path, tests_folder: Path) -> None:
    report = check(small.write(small.files(), tmp_path), tests_folder)
    assert {problem.entry for problem in report.problems} == {"S02", "S03", "S04", "Z01"}


def test_without_tests_nothing_counts_as_covered(tmp_path: Path) -> None:
    report = check(small.write(small.files(), tmp_path), tmp_path / "none")
    assert not report.tests_found
    assert not any(item.covered for item in report.items)
