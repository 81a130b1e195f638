"""Same input, same versions, same date: same bytes, whatever the process."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.robustness.records import CASES, DAY, EXAMPLES, TOP

PROGRAM = "from precollapse.cli import main; main()"


def printed(seed: str, view: str, threads: str) -> bytes:
    """Assess the same records in a process of its own and return what it prints."""
    folder = TOP / "tests" / "robustness"
    records = [str(path) for path in (*EXAMPLES, *CASES[:6])] if view != "html" else [str(EXAMPLES[1])]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "assess", *records, "--as-of", DAY.isoformat(), "--format", view],
        env=os.environ | {"PYTHONHASHSEED": seed, "POLARS_MAX_THREADS": threads},
        capture_output=True,
        check=False,
        cwd=folder,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("view", ["json", "text", "html"])
def test_two_processes_print_the_same_bytes(view: str) -> None:
    once, again = printed("1", view, "1"), printed("4242", view, "2")
    assert once == again
    assert len(once) > 5000
