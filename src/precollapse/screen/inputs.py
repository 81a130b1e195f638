"""Finds out what is to be screened: lines of a bulk export, single records, tables, stored charts."""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from precollapse.chart.reader import kind_of_folder
from precollapse.errors import InputError
from precollapse.screen.pieces import PACKED, Piece, is_lines, pieces_of
from precollapse.screen.store import SETTINGS, is_store

RECORDS = (".json", ".yaml", ".yml")
RECORDS_TOGETHER = 200
RECORD_BYTES_TOGETHER = 32 * 1024 * 1024
# A piece is at least so large that its start costs nothing, and small enough that each core has several.
SMALLEST_PIECE, LARGEST_PIECE = 16 * 1024 * 1024, 256 * 1024 * 1024
PIECES_WANTED = 32
DATABASES = ("postgresql://", "postgres://", "duckdb:///")


@dataclass(frozen=True, slots=True)
class Records:
    """Single records (bundles, case files) that are read together."""

    paths: tuple[str, ...]
    names: tuple[str, ...]
    id: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything to be screened, by the way it is read."""

    pieces: list[Piece] = field(default_factory=list)
    records: list[Records] = field(default_factory=list)
    omop: list[str] = field(default_factory=list)
    stores: list[Path] = field(default_factory=list)

    @property
    def bytes(self) -> int:
        """Return how many bytes of lines and records there are."""
        return sum(piece.bytes for piece in self.pieces) + sum(one.bytes for one in self.records)

    @property
    def unpacked_bytes(self) -> float:
        """Return about how many bytes there are once everything is unpacked."""
        return sum(
            piece.bytes * (10.0 if Path(piece.path).suffix.lower() in PACKED else 1.0)
            for piece in self.pieces
        )


def find_inputs(given: Sequence[str]) -> Inputs:
    """Find out what is to be screened.

    Parameters
    ----------
    given
        Files, folders, patterns such as ``export/*.ndjson.gz``, and addresses of databases.

    Raises
    ------
    InputError
        When one of them does not exist or cannot be read as anything.
    """
    found = Inputs()
    files: dict[Path, str] = {}
    for one in given:
        if one.startswith(DATABASES):
            found.omop.append(one)
        else:
            for path in _expanded(one):
                _sort_in(path, found, files)
    lines = {path: name for path, name in files.items() if is_lines(path)}
    total = sum(path.stat().st_size for path in lines)
    size = min(max(total // PIECES_WANTED, SMALLEST_PIECE), LARGEST_PIECE)
    for path, name in lines.items():
        found.pieces.extend(pieces_of(path, name, piece_bytes=size))
    found.records.extend(_together([(path, name) for path, name in files.items() if path not in lines]))
    return found


def _expanded(given: str) -> list[Path]:
    path = Path(given)
    if path.exists():
        return [path]
    # Path.glob takes no absolute pattern.
    matches = sorted(glob.glob(given, recursive=True))  # noqa: PTH207
    if not matches:
        raise InputError(given, "there is no such file or folder, and nothing matches it as a pattern")
    return [Path(match) for match in matches]


def _sort_in(path: Path, found: Inputs, files: dict[Path, str]) -> None:
    if path.is_file():
        if not is_lines(path) and path.suffix.lower() not in RECORDS:
            known = "NDJSON (.ndjson, .jsonl, also .gz or .zst), .json, .yaml, for OMOP tables their folder"
            raise InputError(path.name, f"is not of a known kind; give {known}, or a folder")
        files.setdefault(path, path.name)
        return
    store = path if is_store(path) else path / "store"
    if is_store(store):
        found.stores.append(store)
        return
    # What an earlier run has written into the folder of its own input is no record.
    written = {settings.parent.parent for settings in path.rglob(f"store/{SETTINGS}")}
    inside = sorted(item for item in path.rglob("*") if item.is_file() and written.isdisjoint(item.parents))
    readable = [item for item in inside if is_lines(item) or item.suffix.lower() in RECORDS]
    if not any(map(is_lines, inside)) and (not readable or kind_of_folder(path) == "omop"):
        if kind_of_folder(path) != "omop":
            raise InputError(path.name, "holds nothing that can be read")
        found.omop.append(str(path))
        return
    for item in readable:
        files.setdefault(item, item.relative_to(path).as_posix())


def _together(files: Sequence[tuple[Path, str]]) -> Iterator[Records]:
    """Put records together so that each lot is worth a task of its own."""
    lot: list[tuple[Path, str]] = []
    size = 0
    for path, name in files:
        lot.append((path, name))
        size += path.stat().st_size
        if len(lot) >= RECORDS_TOGETHER or size >= RECORD_BYTES_TOGETHER:
            yield _records(lot, size)
            lot, size = [], 0
    if lot:
        yield _records(lot, size)


def _records(lot: Sequence[tuple[Path, str]], size: int) -> Records:
    digest = hashlib.sha256()
    for path, name in lot:
        found = path.stat()
        digest.update(f"{name}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    paths, names = zip(*((str(path), name) for path, name in lot), strict=True)
    return Records(paths, names, digest.hexdigest()[:24], size)
