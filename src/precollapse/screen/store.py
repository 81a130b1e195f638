"""The folder in which a screening keeps what it has read, so that the next run reads only what changed.

- ``store.json``: the format, and into how many partitions patients are dealt;
- ``lines/ID/``: the kept lines of one piece of a bulk export, and ``read.json``: what was found in it;
- ``charts/NAME/``: the chart of one part, and ``part.json``: what it was made of.

A folder appears under its name only when it is complete, so that a run which was killed leaves nothing half.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from precollapse.errors import InputError

FORMAT = 1
SETTINGS = "store.json"
READ, PART = "read.json", "part.json"
_HALF = ".half"


def is_store(folder: Path) -> bool:
    """Tell whether a folder is a store."""
    return (folder / SETTINGS).is_file()


@dataclass(frozen=True, slots=True)
class Store:
    """A store on disk.

    Attributes
    ----------
    folder
        Where it is.
    partitions
        Into how many parts patients of bulk exports are dealt; fixed when the store is made.
    """

    folder: Path
    partitions: int

    @staticmethod
    def open(folder: Path, partitions: int) -> Store:
        """Open a store, or make one with so many partitions.

        Raises
        ------
        InputError
            When the folder holds a store of another format.
        """
        settings = folder / SETTINGS
        if settings.is_file():
            said = read_json(settings)
            if said.get("format") != FORMAT:
                raise InputError(
                    folder.name, f"holds charts of format {said.get('format')}, not {FORMAT}; remove it"
                )
            return Store(folder, int(said["partitions"]))
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_json(settings, {"format": FORMAT, "partitions": partitions})
        return Store(folder, partitions)

    def lines(self, piece: str) -> Path:
        """Return the folder of the kept lines of a piece."""
        return self.folder / "lines" / piece

    def chart(self, part: str) -> Path:
        """Return the folder of the chart of a part."""
        return self.folder / "charts" / part

    def forget(self, pieces: Set[str], parts: Set[str]) -> None:
        """Remove the kept lines and the charts of everything else."""
        for kind, kept in (("lines", pieces), ("charts", parts)):
            for folder in (self.folder / kind).glob("*"):
                if folder.name not in kept:
                    shutil.rmtree(folder)

    def parts(self) -> list[str]:
        """Return the names of all complete charts."""
        return sorted(found.parent.name for found in self.folder.glob(f"charts/*/{PART}"))


def read_json(path: Path) -> Any:
    """Return what a file of ours says; nothing when it is not there.

    Raises
    ------
    InputError
        When it is damaged.
    """
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise InputError(path.name, f"is damaged ({type(error).__name__}); remove its folder") from None


def write_json(path: Path, content: Any) -> None:
    """Write a file whole or not at all."""
    half = path.with_name(path.name + _HALF)
    half.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", "utf-8")
    half.replace(path)


@contextmanager
def whole(folder: Path) -> Iterator[Path]:
    """Give a folder to write into that takes its name, in place of an older one, once all is written."""
    half = folder.with_name(f"{folder.name}.{os.getpid()}{_HALF}")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    try:
        yield half
        if folder.exists():
            shutil.rmtree(folder)
        half.rename(folder)
    finally:
        shutil.rmtree(half, ignore_errors=True)


def clean(folder: Path) -> None:
    """Remove what a run that was killed left half written."""
    for half in (*folder.glob(f"*/*{_HALF}"), *folder.glob(f"*{_HALF}")):
        shutil.rmtree(half) if half.is_dir() else half.unlink()
