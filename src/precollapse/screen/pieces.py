"""Cuts the files of a bulk export into pieces that are read apart, and reads their lines in blocks.

A piece is a whole compressed file or a stretch of a plain one. It is known by the name, size and time of its
file, so that a later run reads only what changed.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import IO, Any, cast

from precollapse.errors import InputError

PIECE_BYTES = 128 * 1024 * 1024
BLOCK_BYTES = 4 * 1024 * 1024
PACKED_SHARE = 16  # NDJSON is packed to about this part of its size
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
        said = f"{self.path}\0{self.size}\0{self.modified_ns}\0{self.start}\0{self.end}"
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
    whole = Piece(str(path.resolve()), name, found.st_size, found.st_mtime_ns)
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
    packing = PACKED.get(Path(piece.path).suffix.lower())
    try:
        if packing is not None:
            with open_packed(piece.path, packing) as handle:
                yield from _streamed(handle, block_bytes)
        elif piece.size:
            with Path(piece.path).open("rb") as plain, mmap(plain.fileno(), 0, access=ACCESS_READ) as mapped:
                yield from _mapped(mapped, piece, block_bytes)
    except (OSError, EOFError, ValueError) as error:
        what = getattr(error, "strerror", None) or f"is damaged ({type(error).__name__})"
        raise InputError(piece.name, f"cannot be read: {what}") from None


def _streamed(handle: IO[bytes], block_bytes: int) -> Iterator[bytes]:
    rest = b""
    while data := handle.read(block_bytes):
        whole, newline, rest = (rest + data).rpartition(b"\n")
        if newline:
            yield whole
    if rest:
        yield rest


def _mapped(mapped: mmap, piece: Piece, block_bytes: int) -> Iterator[bytes]:
    """Cut a stretch of a plain file into blocks; a line belongs to the piece in which it begins."""
    place = _after_line(mapped, piece.start - 1) if piece.start else 0
    end = len(mapped) if piece.end is None else _after_line(mapped, piece.end - 1)
    while place < end:
        cut = mapped.rfind(b"\n", place, min(place + block_bytes, end)) + 1
        if not cut:
            cut = min(_after_line(mapped, place), end)
        yield mapped[place:cut].removesuffix(b"\n")
        place = cut


def _after_line(mapped: mmap, place: int) -> int:
    """Return where the line ends in which a place lies."""
    newline = mapped.find(b"\n", place)
    return len(mapped) if newline < 0 else newline + 1


def open_packed(path: str, packing: str) -> IO[bytes]:
    """Open a packed file for reading, unpacking it on the way."""
    return cast("IO[bytes]", gzip.open(path, "rb") if packing == "gzip" else _Unpacked(Path(path)))


class _Unpacked:
    """The unpacked bytes of a Zstandard file of one or more frames; one that ends early is an error."""

    def __init__(self, path: Path) -> None:
        import zstandard

        self._file = path.open("rb")
        self._unpacker = zstandard.ZstdDecompressor()
        self._frame: Any = None
        self._packed = b""

    def __enter__(self) -> _Unpacked:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def read(self, count: int) -> bytes:
        """Return some bytes, about as many as asked for; none at the end."""
        import zstandard

        while packed := self._packed or self._file.read(max(1, count // PACKED_SHARE)):
            if self._frame is None:
                self._frame = self._unpacker.decompressobj()
            try:
                data = bytes(self._frame.decompress(packed))
            except zstandard.ZstdError as error:
                raise OSError(0, f"is damaged ({type(error).__name__})") from None
            self._packed = self._frame.unused_data
            if self._frame.eof:
                self._frame = None
            if data:
                return data
        if self._frame is not None:
            raise OSError(0, "ends in the middle; it was not written or copied to its end")
        return b""
