"""What becomes of the answers when a judged number is half or twice as large, one number at a time.

Over the published cases, without the reports that name the diagnosis and without any imaging: how many hips
get another best decision, how many another leading diagnosis, how many patients another first test.
"""

from __future__ import annotations

import multiprocessing
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.judged import DOUBLE, HALF, SCALES, Judged, changed, judged_numbers
from benchmarks.measure import table
from benchmarks.published import Published, published
from precollapse.engine.differential import DifferentialResult, compute_differential
from precollapse.engine.network import Layer, Network, network
from precollapse.engine.next_test import Choices, choices, hip_view, values
from precollapse.engine.prior import compute_prior
from precollapse.engine.ranking import Ranked, rank_tests
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.load import load

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks" / "judgement.md"
SEEN = ("imaging, without reports that name the diagnosis", "without imaging")
IDLE = {"already done", "no question for it"}
SAME = 1e-12
SHOWN = 20
Names = np.ndarray[Any, np.dtype[np.int64]]
# A test and the row of the hip it is for; None when no test is proposed.
First = tuple[str, int | None] | None


@dataclass(frozen=True, slots=True)
class Answers:
    """What is said of all cases: by hip the best decision and the leading diagnosis, by patient the test."""

    decision: Names
    leading: Names
    first: list[First]


@dataclass(frozen=True, slots=True)
class Flips:
    """Which answers a number changes: shares of the hips, and of the patients for the first test."""

    number: Judged
    factor: float
    decision: float
    leading: float
    first: float


class Bench:
    """The cases with the knowledge as it is, and what they get with a changed one.

    Only what a number can move is computed anew: for a hip whose probabilities stay the same, the tests that
    show the changed finding or another of the same sign.
    """

    def __init__(self, knowledge: Knowledge, cases: Published) -> None:
        self.knowledge, self.cases = knowledge, cases
        self.net, self.choice = network(knowledge), choices(knowledge)
        self._names = [[str(cases.hips.hips[row]) for row in rows] for rows in cases.patients]
        self._found = self._differential(knowledge)
        self._ranked = self._rank(knowledge, self._found)
        self._asked = self._possible()
        self._gains = {
            row: self._gains_of(row, self._found, self.net, tests) for row, tests in self._asked.items()
        }
        self.answers = self._answers(self.choice, self._found, [_first_of(r) for r in self._ranked])
        assert self.answers.first == self._firsts(self._gains, set(self._gains))

    def flips(self, number: Judged, factor: float) -> Flips:
        """Compute everything with a changed number and compare."""
        knowledge = changed(self.knowledge, number, factor)
        found = self._differential(knowledge)
        if number.field in SCALES:
            first = [_first_of(ranked) for ranked in self._rank(knowledge, found)]
        else:
            anew = self._gains_anew(number, found, network(knowledge))
            first = self._firsts(self._gains | anew, set(anew))
        now = self._answers(choices(knowledge) if number.field == "worths" else self.choice, found, first)
        reported, before = self.cases.reported, self.answers
        other = [one != two for one, two in zip(before.first, now.first, strict=True)]
        return Flips(
            number,
            factor,
            float((before.decision != now.decision)[reported].mean()),
            float((before.leading != now.leading)[reported].mean()),
            statistics.mean(other),
        )

    def _differential(self, knowledge: Knowledge) -> DifferentialResult:
        hips, truths = self.cases.hips, self.cases.truths
        prior = compute_prior(hips, truths, self.cases.risk, knowledge)
        return compute_differential(hips, truths, prior, knowledge)

    def _rank(self, knowledge: Knowledge, found: DifferentialResult) -> list[list[Ranked]]:
        return [
            rank_tests(rows, names, self.cases.truths, found, knowledge)
            for rows, names in zip(self.cases.patients, self._names, strict=True)
        ]

    def _gains_anew(self, number: Judged, found: DifferentialResult, net: Network) -> dict[int, Any]:
        """Return the gain of every test for every hip for which a changed number may matter."""
        moved = np.abs(found.p - self._found.p).max(axis=1) > SAME
        touched = self._touched(number)
        gains: dict[int, Any] = {}
        for row, asked in self._asked.items():
            tests = asked if moved[row] else [test for test in asked if test in touched]
            if tests:
                gains[row] = self._gains[row] | self._gains_of(row, found, net, tests)
        return gains

    def _possible(self) -> dict[int, list[int]]:
        """Return for every hip the tests that could come first, whatever they are worth."""
        number = {name: n for n, name in enumerate(self.choice.tests)}
        asked: dict[int, set[int]] = {}
        for rows, ranked in zip(self.cases.patients, self._ranked, strict=True):
            for one in filter(_can_be_first, ranked):
                for place in one.by_hip:
                    asked.setdefault(rows[place], set()).add(number[one.test])
        return {row: sorted(tests) for row, tests in asked.items()}

    def _touched(self, number: Judged) -> set[int]:
        """Return the tests that show a changed finding, or one of a changed sign."""
        levels = ((self.net.hip, self.choice.of_hip), (self.net.patient, self.choice.of_patient))
        return {
            test
            for layer, shown in levels
            for test, findings in enumerate(shown)
            if np.isin(findings, _told_by(number, layer)).any()
        }

    def _gains_of(
        self, row: int, found: DifferentialResult, net: Network, tests: Sequence[int]
    ) -> dict[int, float | None]:
        some = replace(
            self.choice,
            tests=tuple(self.choice.tests[n] for n in tests),
            of_hip=tuple(self.choice.of_hip[n] for n in tests),
            of_patient=tuple(self.choice.of_patient[n] for n in tests),
        )
        worth = values(hip_view(row, self.cases.truths, found, net), some, net)
        return {n: None if value is None else value.gain for n, value in zip(tests, worth, strict=True)}

    def _firsts(self, gains: dict[int, Any], rows_anew: set[int]) -> list[First]:
        """Return the first test of every patient; what bars a test or adds to its burden stays as it is."""
        number = {name: n for n, name in enumerate(self.choice.tests)}
        settings = self.knowledge.diagnosis_settings
        least = settings.burdens[settings.least_gain].value
        firsts = [_first_of(ranked) for ranked in self._ranked]
        for patient, rows in enumerate(self.cases.patients):
            if rows_anew.isdisjoint(rows):
                continue
            names, ranked = self._names[patient], self._ranked[patient]
            nets = [
                (-(_gain(one, number[one.test], rows, names, gains) - one.burden), one.test, one.hip)
                for one in filter(_can_be_first, ranked)
            ]
            best = min(nets, key=lambda n: (n[0], n[1]), default=None)
            firsts[patient] = best[1:] if best is not None and -best[0] >= least else None
        return firsts

    def _answers(self, choice: Choices, found: DifferentialResult, first: list[First]) -> Answers:
        return Answers((found.p @ choice.worth.T).argmax(axis=1), found.p.argmax(axis=1), first)


def _can_be_first(one: Ranked) -> bool:
    """Return whether only what it is worth can keep a test from being the first."""
    return one.state not in IDLE and not any(bar.forbids for bar in one.bars)


def _first_of(ranked: list[Ranked]) -> First:
    best = ranked[0]
    return (best.test, best.hip) if best.state == "worth it" else None


def _gain(one: Ranked, test: int, rows: Sequence[int], names: Sequence[str], gains: dict[int, Any]) -> float:
    """Add up the hips a test is for; one whose side nobody named stands for one of them."""
    places = one.by_hip if one.hip is None else [one.hip]
    sided = sum(gains[rows[place]][test] for place in places if names[place] != "unspecified")
    loose = [gains[rows[place]][test] for place in places if names[place] == "unspecified"]
    return max([sided, *loose])


def _told_by(number: Judged, layer: Layer) -> Names:
    """Return the findings whose meaning a number changes."""
    sign = -1
    if number.part == "signs" and number.entry in layer.signs:
        sign = layer.signs.index(number.entry)
    elif number.part == "findings" and number.entry in layer.findings:
        own = layer.findings.index(number.entry)
        sign = int(layer.sign_of[own])
        if sign < 0:
            return np.array([own])
    return layer.members(sign) if sign >= 0 else np.empty(0, dtype=np.int64)


# Forked processes find the cases here.
_BENCH: list[Bench] = []


def _try(job: tuple[Judged, float]) -> Flips:
    return _BENCH[0].flips(*job)


def measure(knowledge: Knowledge) -> list[Flips]:
    """Halve and double every judged number."""
    _BENCH[:] = [Bench(knowledge, published(knowledge, SEEN))]
    jobs = [(number, factor) for number in judged_numbers(knowledge) for factor in (HALF, DOUBLE)]
    with multiprocessing.get_context("fork").Pool(2) as pool:
        return pool.map(_try, jobs, chunksize=8)


def main() -> str:
    """Measure, write the page and return a summary for the page of the speeds."""
    start = time.perf_counter()
    found = measure(load())
    seconds = time.perf_counter() - start
    PAGE.write_text(page(found, int(_BENCH[0].cases.reported.sum())), encoding="utf-8")
    return (
        "## Judged numbers\n\n"
        f"{len(found) // 2} judged numbers halved and doubled in {seconds:.0f} s "
        f"({seconds / len(found) * 1e3:.0f} ms for one change over 128 views of patients); "
        "see [judgement](judgement.md).\n"
    )


def page(found: list[Flips], hips: int) -> str:
    """Return the page in Markdown."""
    by_number: dict[str, list[Flips]] = {}
    for flips in found:
        by_number.setdefault(flips.number.name, []).append(flips)
    most = sorted(by_number.values(), key=_weight, reverse=True)
    rows = [_row(pair) for pair in most[:SHOWN]]
    header = ("number", "written", "other decision", "other leading diagnosis", "other first test")
    outcomes = ("decision", "leading", "first")
    named = ("best decision (hips)", "leading diagnosis (hips)", "first test (patients)")
    worst = {name: [max(getattr(f, name) for f in pair) for pair in most] for name in outcomes}
    summary = [
        (
            label,
            f"{statistics.median(worst[name]):.1%}",
            f"{statistics.mean(worst[name]):.1%}",
            f"{max(worst[name]):.1%}",
            f"{sum(share == 0 for share in worst[name])}",
            f"{sum(share > 0.05 for share in worst[name])}",
        )
        for name, label in zip(outcomes, named, strict=True)
    ]
    nothing = sum(not any(_weight(pair)) for pair in most)
    return (
        "# What the judged numbers decide\n\n"
        f"Written by `make bench`. Each of the {len(most)} judged numbers of the differential and of the "
        "next test is halved and doubled, one at a time: probabilities on the scale of odds, points and "
        "ratios as they are (negative points stay negative: half is half as bad; a zero is left out). A "
        "word of the scale of worths or burdens moves wherever it is written, any other cell alone; "
        "`otherwise` moves all that are not named. What is never below 0.05 % or above 99.95 % in the engine "
        f"stays there. Counted are {hips} reported hips: the 64 published patients seen twice, without the "
        "reports that name the diagnosis and without any imaging. These cases touch only some of the "
        "findings, so that a number that decides nothing here may still matter elsewhere. The larger share "
        "of the two changes counts. A word of the scale of worths that is halved or doubled changes places "
        "with its neighbours (half of `best` is less than `acceptable`): that is more than its judgement can "
        "be off by, and shows where the scale carries the answer.\n\n"
        + table(
            ("what changes", "median", "mean", "largest", "numbers that change none", "more than 5 %"),
            summary,
        )
        + f"\n{nothing} of {len(most)} numbers change nothing at all in these cases.\n\n"
        f"## The {SHOWN} numbers that decide most\n\nHalved / doubled.\n\n" + table(header, rows)
    )


def _weight(pair: list[Flips]) -> tuple[float, float, float]:
    return (
        max(f.decision for f in pair),
        max(f.leading for f in pair),
        max(f.first for f in pair),
    )


def _row(pair: list[Flips]) -> tuple[str, ...]:
    number = pair[0].number
    return (
        f"`{number.name}`",
        f"{number.written} ({number.value:g})",
        *(" / ".join(f"{getattr(f, name):.1%}" for f in pair) for name in ("decision", "leading", "first")),
    )


if __name__ == "__main__":
    print(main())
