"""A hundred thousand hips through the differential and, where the engine has it, staging.

The clock runs from the table of facts to the answer with its bands: the conditions of the knowledge (all of
them, also those of other parts), what is believed beforehand, the differential, staging. Records are not
read and the causes are not weighed within it; the time of the risk engine, whose answer the differential
starts from, is given beside it. Patients go through in blocks, by one thread, two threads and two processes.
"""

from __future__ import annotations

import importlib
import importlib.util
import multiprocessing
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.measure import in_turn, table
from benchmarks.people import invented
from precollapse.engine.differential import compute_differential
from precollapse.engine.prior import compute_prior
from precollapse.engine.program import program
from precollapse.engine.risk import RiskResult, compute_risk
from precollapse.facts.table import HipTable
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.load import load

PATIENTS = 50_000
BLOCKS = 16
LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class Block:
    """Some patients, and what the risk engine says of them."""

    hips: HipTable
    risk: RiskResult


# Processes are forked and find the blocks here, so that nothing is copied to them.
_BLOCKS: list[Block] = []
Stage = tuple[str, float]


def main() -> str:
    """Measure and return the report."""
    knowledge = load()
    start = time.perf_counter()
    _BLOCKS[:] = [_block(number, knowledge) for number in range(BLOCKS)]
    risk = sum(seconds for _, seconds in _RISK)
    prepared = time.perf_counter() - start - risk
    count = sum(block.hips.height for block in _BLOCKS)
    known = np.mean([_known(block, knowledge) for block in _BLOCKS], axis=0)
    numbers = range(BLOCKS)
    whole = run(numbers)
    context = multiprocessing.get_context("fork")
    with ThreadPoolExecutor(2) as threads, context.Pool(2) as processes:
        jobs: list[tuple[str, Callable[[], Any]]] = [
            ("1 thread", lambda: run(numbers)),
            ("2 threads", lambda: list(threads.map(_one, numbers))),
            ("2 processes", lambda: processes.map(_one, numbers, chunksize=1)),
        ]
        assert all(np.allclose(job(), whole, rtol=1e-12) for _, job in jobs)
        timings = in_turn(*(job for _, job in jobs))
    best = count / min(timing.median for timing in timings)
    rows = [
        (name, str(timing), f"{count / timing.median:,.0f}", _verdict(count / timing.median))
        for (name, _), timing in zip(jobs, timings, strict=True)
    ]
    return (
        "## Many hips\n\n"
        f"{count:,} hips of {count // 2:,} invented patients, no two alike ({known[0]:.0f} findings known of "
        f"a hip, {known[1]:.0f} of its patient; inventing them took {prepared:.1f} s), {_job()}: at best "
        f"{best:,.0f} hips/s. {_stages(numbers, count, risk)} With one thread, too, the linear algebra of "
        "numpy may use every core.\n\n"
        + table(("", "median (fastest to slowest)", "hips/s", f"of the aim of {LIMIT:,}"), rows)
    )


_RISK: list[Stage] = []


def _block(number: int, knowledge: Knowledge) -> Block:
    hips = invented(PATIENTS // BLOCKS, knowledge, seed=number)
    truths = program(knowledge).run(hips)
    start = time.perf_counter()
    risk = compute_risk(hips, truths, knowledge, knowledge.risk_settings.horizons_years)
    _RISK.append(("risk engine", time.perf_counter() - start))
    return Block(hips, risk)


def _known(block: Block, knowledge: Knowledge) -> tuple[float, float]:
    """Return how many findings of a hip, and of its patient, are known on average."""
    truths = program(knowledge).run(block.hips)
    prior = compute_prior(block.hips, truths, block.risk, knowledge)
    found = compute_differential(block.hips, truths, prior, knowledge)
    of_hip, of_patient = ((s != 0).sum(axis=1).mean() for s in (found.hip_states, found.patient_states))
    return float(of_hip), float(of_patient)


def run(numbers: Iterable[int], stages: list[Stage] | None = None) -> list[float]:
    """Put blocks of patients through the engine; return one sum of each to compare."""
    return [_one(number, stages) for number in numbers]


def _one(number: int, stages: list[Stage] | None = None) -> float:
    knowledge, block = load(), _BLOCKS[number]
    clock = _Clock(stages)
    truths = program(knowledge).run(block.hips)
    clock.passed("conditions")
    prior = compute_prior(block.hips, truths, block.risk, knowledge)
    clock.passed("prior")
    found = compute_differential(block.hips, truths, prior, knowledge)
    clock.passed("differential with bands")
    if _has_staging():
        importlib.import_module("precollapse.engine.staging").compute_staging(block.hips, knowledge)
        clock.passed("staging")
    return float((found.p * np.arange(found.p.shape[1])).sum() + found.low.sum() + found.high.sum())


class _Clock:
    """Writes down how long each stage took, if anybody wants to know."""

    def __init__(self, stages: list[Stage] | None) -> None:
        self._stages = stages
        self._last = time.perf_counter()

    def passed(self, name: str) -> None:
        """Note the end of a stage."""
        now = time.perf_counter()
        if self._stages is not None:
            self._stages.append((name, now - self._last))
        self._last = now


def _has_staging() -> bool:
    return importlib.util.find_spec("precollapse.engine.staging") is not None


def _job() -> str:
    if _has_staging():
        return "from facts to differential with bands and stages"
    return "from facts to differential with bands (staging is not in the engine yet)"


def _stages(numbers: Sequence[int], count: int, risk: float) -> str:
    stages: list[Stage] = []
    run(numbers, stages)
    names = dict.fromkeys(name for name, _ in stages)
    parts = [f"{name} {sum(s for n, s in stages if n == name):.2f} s" for name in names]
    return (
        f"By stage, one thread: {', '.join(parts)}. Beside it the risk engine: {risk:.1f} s "
        f"({count / risk:,.0f} hips/s)."
    )


def _verdict(speed: float) -> str:
    return f"{speed / LIMIT:.2f}" + ("" if speed >= LIMIT else ", MISSED")


if __name__ == "__main__":
    print(main())
