"""What screening recommends for every patient: the first rule that holds for either hip.

The rules stand in ``knowledge/screening/``. They rest on what the engine found of urgency, of the times of
tests, and of how probable osteonecrosis is; nothing is computed twice. One patient and ten million take the
same way: see ``docs/methods/screening.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from precollapse.engine.differential import DifferentialResult, compute_differential
from precollapse.engine.network import network
from precollapse.engine.prior import compute_prior
from precollapse.engine.program import Program, Truths, program
from precollapse.engine.risk import RiskResult, compute_risk
from precollapse.engine.risk_model import Array, risk_model
from precollapse.engine.urgency import urgency_levels
from precollapse.facts.resolve import Groups
from precollapse.facts.table import DAYS_PER_YEAR, TRUE, HipTable
from precollapse.knowledge.bundle import Knowledge, KnowledgeKey
from precollapse.knowledge.model_screening import ScreeningRule

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# The conditions that screening asks for, by the first word of their names; see ``program.py``.
KINDS = frozenset(
    ("urgency", "cause", "cohort", "effect", "barred", "finding", "counts", "unless", "timing", "setting",
     "hip", "done", "screening")
)  # fmt: skip
MONTHS_PER_YEAR = 12.0
NONE = -1
# Hips compared as equal when their probabilities differ by less: the last bits of a sum decide nothing.
SAME = 1e-12


@dataclass(frozen=True, slots=True)
class Probabilities:
    """A probability of N hips or patients with its bounds; NaN where there is none."""

    value: Array
    low: Array
    high: Array

    def take(self, rows: Numbers) -> Probabilities:
        """Return some rows."""
        return Probabilities(self.value[rows], self.low[rows], self.high[rows])


@dataclass(frozen=True, slots=True)
class ScreeningResult:
    """What was found of M patients; their order is that of the table of hips.

    Attributes
    ----------
    persons
        Their numbers (M).
    rule
        The place of the rule that decided, among those that are no draft (M).
    reason
        The place in ``reasons`` of the rule of urgency or the timing through which it holds; -1 for none (M).
    reasons
        Names of conditions, such as ``urgency:exposed-hip-pain``.
    row
        The row of the hip that decided (M).
    both
        Where the same rule holds for the left and the right hip (M).
    wait_days
        In how many days the image is due; NaN where nothing is waited for (M).
    urgency
        The level of urgency (M).
    cause
        The place of the cause that decided the probability; -1 where there is none but age and sex (M).
    today, future
        The probability in the hip in which it is highest: today, and of new osteonecrosis by years to come.
    """

    persons: npt.NDArray[np.uint32]
    rule: Numbers
    reason: Numbers
    reasons: tuple[str, ...]
    row: Numbers
    both: Flags
    wait_days: Array
    urgency: list[str]
    cause: Numbers
    today: Probabilities
    future: dict[float, Probabilities]


@dataclass(frozen=True, slots=True)
class ScreeningInput:
    """What the engine found of the hips, as far as screening needs it."""

    truths: Truths
    risk: RiskResult
    differential: DifferentialResult


def screening_program(knowledge: Knowledge) -> Program:
    """Return the conditions that screening asks for, parsed once."""
    return _screening_program(KnowledgeKey(knowledge))


@lru_cache(maxsize=4)
def _screening_program(key: KnowledgeKey) -> Program:
    conditions = program(key.knowledge).conditions.items()
    return Program.of((name, one) for name, one in conditions if name.partition(":")[0] in KINDS)


def evaluate_for_screening(hips: HipTable, knowledge: Knowledge) -> ScreeningInput:
    """Compute what screening needs and no more; see ``engine/run.py`` for everything.

    Parameters
    ----------
    hips
        The facts, one row per hip.
    knowledge
        The loaded knowledge.
    """
    truths = screening_program(knowledge).run(hips)
    risk = compute_risk(hips, truths, knowledge, knowledge.risk_settings.horizons_years)
    prior = compute_prior(hips, truths, risk, knowledge)
    return ScreeningInput(truths, risk, compute_differential(hips, truths, prior, knowledge))


def compute_screening(hips: HipTable, found: ScreeningInput, knowledge: Knowledge) -> ScreeningResult:
    """Decide what is recommended for every patient.

    Parameters
    ----------
    hips
        The facts, one row per hip; the rows of a person stand together.
    found
        What the engine found of the same rows.
    knowledge
        The loaded knowledge.
    """
    groups = Groups(hips.persons.astype(np.int64))
    today = _today(found, knowledge)
    risk_row = _first_with(groups, np.nan_to_num(today.value, nan=-1.0), tolerance=SAME)
    chosen = _choose(hips, found, today.value, knowledge)
    rank = groups.least(chosen.rank.astype(np.float64))
    row = _first_with(groups, -chosen.rank.astype(np.float64))
    holds = chosen.rank == rank[groups.of]
    sides = np.stack([holds & hips.is_left, holds & hips.is_sided & ~hips.is_left])
    left, right = (np.logical_or.reduceat(side, groups.starts) for side in sides)
    return ScreeningResult(
        persons=hips.persons[groups.starts],
        rule=chosen.rule[row],
        reason=chosen.reason[row],
        reasons=chosen.reasons,
        row=row,
        both=left & right,
        wait_days=chosen.wait_days[row],
        urgency=urgency_levels(hips.persons, found.truths, knowledge)["urgency"].to_list(),
        cause=_cause(found.risk, knowledge)[risk_row],
        today=today.take(risk_row),
        future={years: _future(found, years).take(risk_row) for years in found.risk.future},
    )


def _first_with(groups: Groups, values: Array, tolerance: float = 0.0) -> Numbers:
    """Return the first row of each group with its largest value."""
    largest = values >= groups.most(values)[groups.of] - tolerance
    rows = np.flatnonzero(largest)
    _, first = np.unique(groups.of[rows], return_index=True)
    return rows[first]


def _of(truths: Truths, name: str) -> Flags:
    return np.asarray(truths.table[:, truths.place[name]] == TRUE)


def _today(found: ScreeningInput, knowledge: Knowledge) -> Probabilities:
    """Probability of osteonecrosis today: shown is certain, a hip without a head has none."""
    place = network(knowledge).computed
    shown, no_head = _of(found.truths, "hip:established"), _of(found.truths, "hip:no head")
    result = found.differential
    parts = (part[:, place] for part in (result.p, result.low, result.high))
    return Probabilities(
        *(
            np.where(no_head, np.nan, np.where(shown, 1.0, np.where(result.applies, part, np.nan)))
            for part in parts
        )
    )


def _future(found: ScreeningInput, years: float) -> Probabilities:
    """Probability of new osteonecrosis; there is none where it is shown, or no head is left."""
    settled = _of(found.truths, "hip:established") | _of(found.truths, "hip:no head")
    quantity = found.risk.future[years]
    unknown = settled | np.isnan(quantity.value)
    parts = (quantity.value, quantity.low, quantity.high)
    return Probabilities(*(np.where(unknown, np.nan, part) for part in parts))


def _cause(risk: RiskResult, knowledge: Knowledge) -> Numbers:
    sign = risk_model(knowledge).sign
    return np.where(sign[risk.cause_before], NONE, risk.cause_before)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Of every hip the rule that decides, how pressing it is (the smaller the sooner), and why it holds."""

    rank: Numbers
    rule: Numbers
    reason: Numbers
    reasons: tuple[str, ...]
    wait_days: Array


def _choose(hips: HipTable, found: ScreeningInput, today: Array, knowledge: Knowledge) -> _Chosen:
    rules = rules_of(knowledge)
    reasons = tuple(dict.fromkeys(name for rule in rules for name in named_by(rule, knowledge)))
    # What has to wait stands behind what is due, and the last rule, which holds of everybody, behind all.
    behind = 2 * len(rules)
    rank = np.full(hips.height, behind + 1)
    rule_of, reason_of = np.full(hips.height, NONE), np.full(hips.height, NONE)
    wait_days = np.full(hips.height, np.nan)
    # From the last to the first, so that what decides is written last.
    for place in reversed(range(len(rules))):
        holds, reason = _holds(rules[place], found.truths, reasons, today, knowledge)
        wait = _wait_days(rules[place], hips)
        waiting = wait > 0
        due = place if place < len(rules) - 1 else behind
        own = np.where(waiting, place + len(rules), due)
        better = holds & (own < rank)
        rank, rule_of = np.where(better, own, rank), np.where(better, place, rule_of)
        reason_of = np.where(better, reason, reason_of)
        wait_days = np.where(better, np.where(waiting, wait, np.nan), wait_days)
    return _Chosen(rank, rule_of, reason_of, reasons, wait_days)


def rules_of(knowledge: Knowledge) -> tuple[ScreeningRule, ...]:
    """Return the rules of screening of the living that are no draft, in their order."""
    return tuple(rule for rule in knowledge.screening.values() if not (rule.draft or rule.of_the_dead))


def rule_of_the_dead(knowledge: Knowledge) -> ScreeningRule:
    """Return the rule for patients who have died; the check of the knowledge sees that there is one."""
    return next(rule for rule in knowledge.screening.values() if rule.of_the_dead)


def named_by(rule: ScreeningRule, knowledge: Knowledge) -> tuple[str, ...]:
    """Return the conditions through which a rule may hold, in the order in which they explain it."""
    of_level = [
        one.id
        for level in rule.levels
        for one in knowledge.urgency.values()
        if one.level == level and not one.draft
    ]
    return (
        *(f"urgency:{name}" for name in (*of_level, *rule.urgency)),
        *(f"timing:{name}" for name in rule.timings),
    )


def _holds(
    rule: ScreeningRule, truths: Truths, reasons: tuple[str, ...], today: Array, knowledge: Knowledge
) -> tuple[Flags, Numbers]:
    """Return where a rule holds, and through which of the reasons."""
    reason = np.full(len(truths.table), NONE)
    holds = np.zeros(len(reason), dtype=bool)
    for name in reversed(named_by(rule, knowledge)):
        true = _of(truths, name) & ~_made_already(name, truths, knowledge)
        holds |= true
        reason = np.where(true, reasons.index(name), reason)
    if rule.when is not None:
        holds |= _of(truths, f"screening:{rule.id}")
    if rule.not_done is not None:
        holds &= ~_of(truths, f"done:{rule.not_done}")
    if rule.least_probability is not None:
        # Of an unknown probability nobody knows that it is large enough.
        holds &= np.nan_to_num(today, nan=-1.0) >= rule.least_probability.value
    return holds, reason


def _made_already(name: str, truths: Truths, knowledge: Knowledge) -> Flags:
    """Return where the test of a timing was done lately, unless the timing is about doing it again."""
    kind, _, own = name.partition(":")
    done = f"done:{knowledge.timings[own].test}" if kind == "timing" else ""
    if done not in truths.place or knowledge.timings[own].again:
        return np.zeros(len(truths.table), dtype=bool)
    return _of(truths, done)


def _wait_days(rule: ScreeningRule, hips: HipTable) -> Array:
    """Return in how many days the image of a rule is due; due now where nobody knows since when to count."""
    if rule.clock is None or rule.due is None:
        return np.zeros(hips.height)
    due_years = rule.due.value / MONTHS_PER_YEAR
    return np.nan_to_num(np.ceil((due_years - hips.years(rule.clock)) * DAYS_PER_YEAR), nan=0.0)
