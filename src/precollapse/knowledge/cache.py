"""Keeps on disk what takes long to build from the knowledge, under a name made from all it depends on.

A name that no longer fits is simply never asked for again, so a kept copy can never be stale. A folder that
cannot be written only costs time.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec

T = TypeVar("T")


def digest_of(files: Iterable[Path], *more: bytes) -> str:
    """Return a name for the content of some files and bytes."""
    sha = hashlib.sha256()
    for path in files:
        sha.update(path.name.encode())
        sha.update(path.read_bytes())
    for part in more:
        sha.update(part)
    return sha.hexdigest()[:32]


def kept(name: str, digest: str, kind: type[T], build: Callable[[], T]) -> T:
    """Return the kept copy, or build it and keep it.

    Parameters
    ----------
    name, digest
        What it is, and a name for everything it depends on.
    kind
        The type it is read back into.
    build
        Makes it when there is no copy.
    """
    path = _folder() / f"{name}-{digest}.msgpack"
    with suppress(OSError, msgspec.DecodeError):
        return msgspec.msgpack.decode(path.read_bytes(), type=kind)
    made = build()
    _write(path, msgspec.msgpack.encode(made))
    return made


def _folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "precollapse"


def _write(path: Path, data: bytes) -> None:
    """Write in one step, so that nobody reads half a copy."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as handle:
            handle.write(data)
        Path(handle.name).replace(path)
