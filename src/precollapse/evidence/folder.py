"""Where the study table lies: inside the installed package, or at the top of a checkout."""

from __future__ import annotations

from pathlib import Path


def evidence_folder() -> Path:
    """Return the folder of the study table, its settings and what was fitted to it."""
    packaged = Path(__file__).parent / "data"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "evidence"
