"""Cuts the files of a bulk export into pieces that are read apart, and reads their lines in blocks.

A piece is a whole compressed file or a stretch of a plain one. It is known by the name, size and time of its
file, so that a later run reads only what changed.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from precollapse.errors import InputError

PIECE_BYTES = 128 * 1024 * 1024
BLOCK_BYTES = 4 * 1024 * 1024
LINES = (".ndjson", ".jsonl")
PACKED = {".gz": "gzip", ".zst": "zstd", ".zstd": "zstd"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a file: the lines that begin between two bytes; ``end`` is None to the end of the file."""

    path: str
    name: str
    size: int
    modified_ns: int
    start: int = 0
    end: int | None = None

    @property
    def id(self) -> str:
        """Return a name that changes when the file does."""
        said = f"{self.name}\0{self.size}\0{self.modified_ns}\0{self.start}\0{self.end}"
        return hashlib.sha256(said.encode()).hexdigest()[:24]

    @property
    def bytes(self) -> int:
        """Return how much of the file it is."""
        return (self.size if self.end is None else self.end) - self.start


def is_lines(path: Path) -> bool:
    """Tell from its name whether a file holds NDJSON, packed or not."""
    name = path.name.lower()
    for ending in PACKED:
        name = name.removesuffix(ending)
    return name.endswith(LINES)


def pieces_of(path: Path, name: str, *, piece_bytes: int = PIECE_BYTES) -> list[Piece]:
    """Cut a file into pieces.

    Parameters
    ----------
    path, name
        The file, and how it is called in messages.
    piece_bytes
        The size of a piece of a plain file; a packed one cannot be cut.
    """
    try:
        found = path.stat()
    except OSError as error:
        raise InputError(name, f"cannot be read: {error.strerror or 'system error'}") from None
    whole = Piece(str(path), name, found.st_size, found.st_mtime_ns)
    if path.suffix.lower() in PACKED or found.st_size <= piece_bytes:
        return [whole]
    starts = list(range(0, found.st_size, piece_bytes))
    ends = [*starts[1:], found.st_size]
    return [
        Piece(whole.path, name, whole.size, whole.modified_ns, start, end)
        for start, end in zip(starts, ends, strict=True)
    ]


def blocks(piece: Piece, *, block_bytes: int = BLOCK_BYTES) -> Iterator[bytes]:
    """Yield the lines of a piece in blocks of whole lines; every line belongs to exactly one piece.

    Raises
    ------
    InputError
        When the file cannot be read or unpacked.
    """
    suffix = Path(piece.path).suffix.lower()
    try:
        with open_packed(piece.path, PACKED.get(suffix)) as handle:
            yield from _blocks(handle, piece, block_bytes)
    except (OSError, EOFError) as error:
        what = getattr(error, "strerror", None) or f"is damaged ({type(error).__name__})"
        raise InputError(piece.name, f"cannot be read: {what}") from None


def _blocks(handle: IO[bytes], piece: Piece, block_bytes: int) -> Iterator[bytes]:
    if piece.start:
        # The line in the middle of which the piece begins belongs to the piece before.
        handle.seek(piece.start - 1)
        handle.readline()
    place = handle.tell() if piece.end is not None else 0
    rest = b""
    while piece.end is None or place < piece.end:
        wanted = block_bytes if piece.end is None else min(block_bytes, piece.end - place)
        data = handle.read(wanted)
        if not data:
            break
        place += len(data)
        if piece.end is not None and place >= piece.end and not data.endswith(b"\n"):
            data += handle.readline()
        whole, newline, tail = (rest + data).rpartition(b"\n")
        rest = tail
        if newline:
            yield whole
    if rest:
        yield rest


def open_packed(path: str, packing: str | None) -> IO[bytes]:
    """Open a file for reading, unpacking it on the way."""
    if packing == "gzip":
        return cast("IO[bytes]", gzip.open(path, "rb"))
    return cast("IO[bytes]", _Unpacked(Path(path))) if packing == "zstd" else Path(path).open("rb")


class _Unpacked:
    """The unpacked bytes of a Zstandard file, whose errors are those of files."""

    def __init__(self, path: Path) -> None:
        import zstandard

        self._file = path.open("rb")
        # A file may be several frames one after the other; without this all but the first would be lost.
        self._reader: Any = zstandard.ZstdDecompressor().stream_reader(self._file, read_across_frames=True)

    def __enter__(self) -> _Unpacked:
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.close()
        self._file.close()

    def read(self, count: int) -> bytes:
        import zstandard

        try:
            return bytes(self._reader.read(count))
        except zstandard.ZstdError as error:
            raise OSError(0, f"is damaged ({type(error).__name__})") from None
