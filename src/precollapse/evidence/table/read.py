"""Reads the folder ``evidence/`` into one typed, immutable study table.

The numbers are those printed in the publications; nothing is pooled, rounded or filled in here. Whether
rows fit together is checked in ``table_check.py``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from precollapse.evidence.folder import evidence_folder
from precollapse.evidence.table.model import Arm, Event, Figure, Study, SurvivalPoint, Treatment

Purpose = Literal["pooling", "forecast"]
Row = TypeVar("Row", Arm, SurvivalPoint)
Entry = TypeVar("Entry", Treatment, Study, Figure)
_LISTS = ("overlaps", "exclude_pooling", "exclude_forecast")


class StudyTable(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """The whole table: entries by id, arms in the order of the file, survival points as rows."""

    treatments: dict[str, Treatment]
    studies: dict[str, Study]
    arms: dict[str, Arm]
    survival: tuple[SurvivalPoint, ...]
    figures: dict[str, Figure]

    @cached_property
    def arms_by_study(self) -> dict[str, tuple[Arm, ...]]:
        """Return the arms of every study that has any, in the order of the file."""
        grouped: dict[str, list[Arm]] = {}
        for arm in self.arms.values():
            grouped.setdefault(arm.study, []).append(arm)
        return {study: tuple(arms) for study, arms in grouped.items()}

    @cached_property
    def survival_by_row(self) -> dict[str, tuple[SurvivalPoint, ...]]:
        """Return the survival points of every arm row that has any, in order of time."""
        grouped: dict[str, list[SurvivalPoint]] = {}
        for point in self.survival:
            grouped.setdefault(point.row, []).append(point)
        return {row: tuple(sorted(points, key=lambda p: p.years)) for row, points in grouped.items()}

    def usable(self, purpose: Purpose, *, event: Event | None = None) -> tuple[Arm, ...]:
        """Return the arms without a reason against ``purpose``, of one event or of all.

        A stratum and the whole it belongs to may both be among them; see `without_repeats`.
        """
        chosen = (arm for arm in self.arms.values() if event is None or arm.event == event)
        if purpose == "pooling":
            return tuple(arm for arm in chosen if not arm.exclude_pooling)
        return tuple(arm for arm in chosen if not arm.exclude_forecast)

    def without_repeats(self, arms: Iterable[Arm]) -> tuple[Arm, ...]:
        """Keep one row for the same hips and event: the earlier of two rows that overlap.

        ``arms`` in order of preference. A row is dropped when it names, or is named by, a kept row of
        the same event or the study of such a row.
        """
        kept: list[Arm] = []
        for arm in arms:
            if not any(arm.event == other.event and overlap(arm, other) for other in kept):
                kept.append(arm)
        return tuple(kept)


def overlap(one: Arm, other: Arm) -> bool:
    """Say whether two rows are known to count the same hips."""
    return _names(one, other) or _names(other, one)


def _names(one: Arm, other: Arm) -> bool:
    return other.id in one.overlaps or (other.study in one.overlaps and other.study != one.study)


def load(folder: Path | None = None) -> StudyTable:
    """Return the study table of ``folder``, by default the one that belongs to the package.

    Raises
    ------
    ValueError
        When a file is missing or a row does not fit its type; the message names file, row and field.
    """
    return _load((folder or evidence_folder()).resolve())


@lru_cache(maxsize=4)
def _load(folder: Path) -> StudyTable:
    return StudyTable(
        treatments=_keyed(_entries(folder, "treatments.yaml", Treatment)),
        studies=_keyed(_entries(folder, "studies/*.yaml", Study)),
        arms=_keyed_arms(_rows(folder / "arms.csv", Arm)),
        survival=tuple(_rows(folder / "survival.csv", SurvivalPoint)),
        figures=_keyed(_entries(folder, "figures/*.yaml", Figure)),
    )


def _entries(folder: Path, pattern: str, kind: type[Entry]) -> Iterator[tuple[str, Entry]]:
    """Yield every entry of the YAML files with the name of its file."""
    import yaml

    from precollapse.knowledge.strict_yaml import StrictLoader

    paths = sorted(folder.glob(pattern))
    if not paths:
        raise ValueError(f"{folder.name}/{pattern}: no such file; the study table is incomplete")
    for path in paths:
        place = path.relative_to(folder).as_posix()
        try:
            content: Any = yaml.load(path.read_bytes(), Loader=StrictLoader)
        except yaml.YAMLError as error:
            raise ValueError(f"{place}: {error}") from error
        for number, raw in enumerate(content, start=1):
            name = raw.get("id", f"entry {number}") if isinstance(raw, dict) else f"entry {number}"
            try:
                yield place, msgspec.convert(raw, kind, strict=True)
            except msgspec.ValidationError as error:
                raise ValueError(f"{place}: {name}: {error}; correct the entry") from error


def _keyed(entries: Iterable[tuple[str, Entry]]) -> dict[str, Entry]:
    keyed: dict[str, Entry] = {}
    for place, entry in entries:
        if entry.id in keyed:
            raise ValueError(f"{place}: {entry.id} is defined twice; keep one")
        keyed[entry.id] = entry
    return keyed


def _rows(path: Path, kind: type[Row]) -> Iterator[Row]:
    """Yield the rows of a CSV file; an empty cell is a value nobody gave."""
    if not path.is_file():
        raise ValueError(f"{path.name}: no such file; the study table is incomplete")
    with path.open(encoding="utf-8", newline="") as file:
        for line, cells in enumerate(csv.DictReader(file), start=2):
            if None in cells or None in cells.values():
                raise ValueError(f"{path.name}: line {line}: not as many cells as columns; quote commas")
            try:
                yield msgspec.convert(_typed(cells), kind, strict=False)
            except msgspec.ValidationError as error:
                raise ValueError(f"{path.name}: line {line}: {error}; correct the cell") from error


def _typed(cells: dict[str, str]) -> dict[str, Any]:
    """Leave out empty cells and split the cells that hold a list."""
    return {
        name: tuple(part.strip() for part in cell.split(";")) if name in _LISTS else cell
        for name, cell in cells.items()
        if cell != ""
    }


def _keyed_arms(rows: Iterable[Arm]) -> dict[str, Arm]:
    keyed: dict[str, Arm] = {}
    for row in rows:
        if row.id in keyed:
            raise ValueError(f"arms.csv: {row.id} stands twice; row ids are study:number")
        keyed[row.id] = row
    return keyed
