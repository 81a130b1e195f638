"""Reads the lines of a piece of a bulk export and keeps those that screening can rest on.

Every line is decoded with typed structs, so that a corrupt one is found; of most nothing is kept but a count.
Kept lines are written as they are, with the patient they belong to, and read in full once all lines of a
patient are together (``charts.py``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from zlib import crc32

import msgspec
import polars as pl

from precollapse.chart.fhir.datatypes import NOTHING, Reference
from precollapse.chart.fhir.decode import Unreadable, decode_line, decode_lines
from precollapse.chart.fhir.people import patient_key
from precollapse.chart.fhir.resources import (
    TYPE_NAMES,
    Bundle,
    Medication,
    Patient,
    PractitionerRole,
    Unused,
)
from precollapse.chart.fhir.sieve import Sieve
from precollapse.screen.pieces import Piece, blocks

MOST_NAMED = 100  # corrupt lines named for each piece; all are counted
KEPT_BYTES = 64 * 1024 * 1024  # kept lines in memory before they are written
SCHEMA = {
    "partition": pl.UInt16,
    "patient": pl.UInt64,  # the same number for the same patient; lines of one stand together
    "rank": pl.UInt8,  # patients before products before everything else
    "line": pl.Binary,
}
EVERYBODY = 65_535  # the partition of products and prescribers, to which anybody's order may refer


@dataclass
class PieceRead:
    """What was found in a piece.

    Attributes
    ----------
    lines, kept
        How many lines there were, and how many are kept.
    corrupt
        How many could not be read.
    named
        The first of them: line within the piece, and why.
    unused
        Lines by type of resource of which nothing is read.
    """

    lines: int = 0
    kept: int = 0
    corrupt: int = 0
    named: list[tuple[int, str]] = field(default_factory=list)
    unused: Counter[str] = field(default_factory=Counter)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "lines": self.lines,
            "kept": self.kept,
            "corrupt": self.corrupt,
            "named": self.named,
            "unused": dict(self.unused),
        }

    def refuse(self, line: int, why: str) -> None:
        """Count a line that cannot be read, and name it."""
        self.corrupt += 1
        if len(self.named) < MOST_NAMED:
            self.named.append((line, why))


def read_piece(piece: Piece, sieve: Sieve, partitions: int, folder: Path) -> PieceRead:
    """Read a piece and write the lines that are kept.

    Parameters
    ----------
    piece
        What to read.
    sieve
        Tells which resources are wanted.
    partitions
        Into how many parts the patients are dealt.
    folder
        Takes files of kept lines; it must exist.
    """
    found = PieceRead()
    writer = _Writer(folder, partitions)
    for block in blocks(piece):
        sift_block(block, sieve, found, writer)
    writer.write()
    found.kept = writer.kept
    return found


class Keeper(Protocol):
    """Takes the lines that are kept."""

    def add(self, key: str, rank: int, line: bytes) -> None:
        """Keep a line of a patient."""

    def add_for_everybody(self, line: bytes) -> None:
        """Keep a line to which any patient's may refer."""


def sift_block(block: bytes, sieve: Sieve, found: PieceRead, keeper: Keeper) -> None:
    """Go through some whole lines: keep what is wanted, count the rest, name what cannot be read."""
    lines = block.split(b"\n")
    resources = decode_lines(block)
    if resources is None or len(resources) != len(lines):
        _one_by_one(lines, sieve, found, keeper)
    else:
        _all_at_once(lines, resources, sieve, found, keeper)
    found.lines += len(lines)


def _all_at_once(
    lines: list[bytes], resources: list[object], sieve: Sieve, found: PieceRead, keeper: Keeper
) -> None:
    kinds = Counter(map(type, resources))
    for kind, count in kinds.items():
        if issubclass(kind, Unused):
            found.unused[TYPE_NAMES[kind]] += count
    if all(issubclass(kind, Unused) for kind in kinds):
        return
    for number in sieve.kept(resources):
        _keep(resources[number], lines[number], found.lines + number + 1, found, keeper)


def _one_by_one(lines: list[bytes], sieve: Sieve, found: PieceRead, keeper: Keeper) -> None:
    """Read lines of which one is blank or cannot be read."""
    for number, line in enumerate(lines, start=found.lines + 1):
        if not line.strip():
            continue
        resource = decode_line(line)
        if isinstance(resource, Unreadable):
            if resource.reason == "not used":
                found.unused[resource.kind] += 1
            else:
                found.refuse(number, resource.detail)
        elif isinstance(resource, Unused):
            found.unused[TYPE_NAMES[type(resource)]] += 1
        elif sieve.keeps(resource):
            _keep(resource, line, number, found, keeper)


def _keep(resource: object, line: bytes, number: int, found: PieceRead, keeper: Keeper) -> None:
    kind = type(resource)
    if kind is Medication or kind is PractitionerRole:
        keeper.add_for_everybody(line)
    elif isinstance(resource, Patient):
        key = resource.id
        if key:
            keeper.add(key, 0, _without_name(resource))
        else:
            found.refuse(number, "a Patient without an id: nothing can refer to it")
    elif kind is Bundle:
        found.refuse(number, "a Bundle in a line; give bundles as files, one record each")
    else:
        key = _key(resource.subject)  # type: ignore[attr-defined]
        if key is None:
            found.refuse(number, "it names no patient by reference")
        else:
            keeper.add(key, 2, line)


_ENCODER = msgspec.json.Encoder()


def _without_name(patient: Patient) -> bytes:
    """Return the little of a Patient that is read: what was never decoded, such as the name, is not kept."""
    return _ENCODER.encode(msgspec.structs.replace(patient, identifier=NOTHING))


_REFERENCE = msgspec.json.Decoder(Reference)


def _key(subject: msgspec.Raw) -> str | None:
    try:
        return patient_key(_REFERENCE.decode(subject).reference)
    except msgspec.DecodeError:
        return None


class _Writer:
    """Gathers kept lines and writes them by partition."""

    def __init__(self, folder: Path, partitions: int) -> None:
        self.kept = 0
        self._folder, self._partitions = folder, partitions
        self._files = 0
        self._clear()

    def _clear(self) -> None:
        self._partition: list[int] = []
        self._patient: list[int] = []
        self._rank: list[int] = []
        self._line: list[bytes] = []
        self._bytes = 0

    def add(self, key: str, rank: int, line: bytes) -> None:
        """Keep a line of a patient."""
        partition, number = place_of(key, self._partitions)
        self._add(partition, number, rank, line)

    def add_for_everybody(self, line: bytes) -> None:
        """Keep a line to which any patient's may refer."""
        self._add(EVERYBODY, 0, 1, line)

    def _add(self, partition: int, patient: int, rank: int, line: bytes) -> None:
        self._partition.append(partition)
        self._patient.append(patient)
        self._rank.append(rank)
        self._line.append(line)
        self.kept += 1
        self._bytes += len(line)
        if self._bytes > KEPT_BYTES:
            self.write()

    def write(self) -> None:
        """Write what was gathered, each partition in a group of rows of its own that is found quickly."""
        columns = (self._partition, self._patient, self._rank, self._line)
        if not self._line:
            return
        table = pl.DataFrame(dict(zip(SCHEMA, columns, strict=True)), schema=SCHEMA)
        group = max(1_000, table.height // self._partitions)
        table.sort("partition", "patient", maintain_order=True).write_parquet(
            self._folder / f"{self._files:05d}.parquet", compression="lz4", row_group_size=group
        )
        self._files += 1
        self._clear()


def place_of(key: str, partitions: int) -> tuple[int, int]:
    """Return the partition of a patient, the same in every run, and a number of the patient within it."""
    data = key.encode()
    first = crc32(data)
    return first % partitions, first << 32 | crc32(data, 0x9E3779B9)


def kept_lines(folders: list[Path], partition: int) -> Iterator[bytes]:
    """Yield the kept lines of one partition of several pieces, products and prescribers first."""
    files = [file for folder in folders for file in sorted(folder.glob("*.parquet"))]
    if not files:
        return
    wanted = pl.col("partition").is_in([partition, EVERYBODY])
    table = pl.scan_parquet(files, glob=False).filter(wanted).collect()
    yield from table.sort("rank", "patient", maintain_order=True)["line"]
