"""Makes a cohort in chunks, one after the other or on several cores, and writes it as a bulk export.

Every person has a seed of her own and chunks are written in order, so the files are the same, byte for byte,
for any number of workers.
"""

from __future__ import annotations

import gzip
import multiprocessing
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any, Final

import msgspec

from synthetic.core import CoreWorld
from synthetic.parameters import PARAMETERS_FILE, load_parameters
from synthetic.people import World
from synthetic.practitioners import clinicians
from synthetic.resources import RecordWriter
from synthetic.truth import csv_bytes, truth_row

CHUNK: Final = 100  # people; also the size of one gzip member, so it must not depend on the workers
TRUTH: Final = "truth.csv"


@dataclass(frozen=True)
class Plan:
    """What shall be made."""

    patients: int
    seed: int
    as_of: date
    core: bool = False
    gzipped: bool = False
    boost: float | None = None
    parameters: Path = PARAMETERS_FILE

    def key(self, number: int) -> str:
        """Return the id of a patient."""
        return f"s{self.seed}-{number:06d}"

    def chunks(self) -> list[range]:
        """Return the numbers of the people, chunk by chunk."""
        return [range(first, min(first + CHUNK, self.patients)) for first in range(0, self.patients, CHUNK)]

    def world(self) -> World | CoreWorld:
        """Return what all people share; it loads the engine."""
        parameters = load_parameters(self.parameters, self.boost)
        made = CoreWorld if self.core else World
        return made(parameters, self.seed, self.as_of)


@dataclass(frozen=True)
class Made:
    """How much was made."""

    patients: int
    resources: int
    size_bytes: int


@dataclass(frozen=True)
class Chunk:
    """Some people as bytes of each file."""

    files: dict[str, bytes]
    truth: list[dict[str, str]]
    resources: int


def generate(plan: Plan, out: Path, workers: int = 1) -> Made:
    """Write a cohort into a folder.

    Parameters
    ----------
    plan
        What shall be made.
    out
        A folder that is new or empty.
    workers
        Processes; the files do not depend on it.

    Raises
    ------
    FileExistsError
        When the folder holds something already.
    """
    if out.exists() and any(out.iterdir()):
        raise FileExistsError(f"{out.name}: the folder is not empty; give a new one")
    out.mkdir(parents=True, exist_ok=True)
    ending = ".ndjson.gz" if plan.gzipped else ".ndjson"
    resources = 0
    with ExitStack() as stack:
        files: dict[str, IO[bytes]] = {}
        truth = stack.enter_context((out / TRUTH).open("wb"))
        truth.write(csv_bytes([], header=True))
        for chunk in _chunks(plan, workers):
            for kind, data in chunk.files.items():
                if kind not in files:
                    files[kind] = stack.enter_context((out / f"{kind}{ending}").open("wb"))
                files[kind].write(data)
            truth.write(csv_bytes(chunk.truth, header=False))
            resources += chunk.resources
    size = sum(path.stat().st_size for path in out.iterdir())
    return Made(plan.patients, resources, size)


def _chunks(plan: Plan, workers: int) -> Iterator[Chunk]:
    world = plan.world() if workers == 1 else None
    if world is not None:
        yield _clinicians(plan, world)
        for numbers in plan.chunks():
            yield _chunk(plan, world, numbers)
        return
    context = multiprocessing.get_context("spawn")
    with context.Pool(workers, _start_worker, (plan,)) as pool:
        yield pool.apply(_clinicians_of_worker)
        yield from pool.imap(_chunk_of_worker, plan.chunks())


def _clinicians(plan: Plan, world: World | CoreWorld) -> Chunk:
    found = clinicians(world.states)
    return Chunk(_encoded(found, plan.gzipped), [], sum(map(len, found.values())))


def _chunk(plan: Plan, world: World | CoreWorld, numbers: range) -> Chunk:
    found: dict[str, list[dict[str, Any]]] = {}
    truth = []
    for number in numbers:
        person = world.person(number)
        key = plan.key(number)
        for kind, resources in RecordWriter(person, world.states, plan.as_of, key).resources().items():
            found.setdefault(kind, []).extend(resources)
        truth.append(truth_row(person.life, key))
    return Chunk(_encoded(found, plan.gzipped), truth, sum(map(len, found.values())))


def _encoded(found: dict[str, list[dict[str, Any]]], gzipped: bool) -> dict[str, bytes]:
    encoder = msgspec.json.Encoder()
    lines = {kind: encoder.encode_lines(resources) for kind, resources in found.items() if resources}
    return {kind: gzip.compress(data, mtime=0) for kind, data in lines.items()} if gzipped else lines


_WORKER: dict[str, Any] = {}  # plan and world of this process, made once by the pool


def _start_worker(plan: Plan) -> None:
    _WORKER.update(plan=plan, world=plan.world())


def _clinicians_of_worker() -> Chunk:
    return _clinicians(_WORKER["plan"], _WORKER["world"])


def _chunk_of_worker(numbers: range) -> Chunk:
    return _chunk(_WORKER["plan"], _WORKER["world"], numbers)
