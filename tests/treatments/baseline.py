"""The patients of the probes: one fixed ordinary patient, changed by a probe, all weighed at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from precollapse.engine.advice import Advice, advise
from precollapse.engine.options import NOT_CONSIDERED, ONLY_IF, STATES, Arguments
from precollapse.facts.table import FALSE, TRUE, UNKNOWN
from precollapse.knowledge.conditions import leaves, parse
from tests.facts.people import KNOWLEDGE, Person, evaluated

HERE = Path(__file__).parent
BASELINE: dict[str, Any] = yaml.safe_load((HERE / "baseline.yaml").read_text(encoding="utf-8"))
ACCEPTED = ("offered", "worth discussing")
PROBES: list[dict[str, Any]] = [
    probe
    for path in sorted((HERE / "probes").glob("*.yaml"))
    for probe in yaml.safe_load(path.read_text(encoding="utf-8")) or ()
]


@dataclass(frozen=True)
class Found:
    """What the product says of one probe: the state, and what holds or is unknown against it."""

    state: str
    holds: tuple[tuple[str, str], ...]
    unknown: tuple[tuple[str, str], ...]
    waits_for_trial: bool

    def told(self, *effects: str) -> str:
        """Return the words of the arguments of some effects that hold."""
        return " / ".join(words for effect, words in self.holds if effect in effects)


def person_of(probe: Mapping[str, Any]) -> Person:
    """The ordinary patient in the treatment's setting, with what the probe says, without what it hides."""
    setting = BASELINE["settings"].get(probe["treatment"], {})
    given = [
        {part: tupled(source.get(name, {})) for part, name in zip(PARTS, names, strict=True)}
        for source, names in ((BASELINE, NAMES), (setting, NAMES), (probe, ("facts", "left", "right")))
    ]
    said = [{**given[0][part], **given[1][part], **given[2][part]} for part in PARTS]
    denied = [denials(said, level) for level in ("patient", "left", "right")]
    hidden = {wider for fact in probe.get("unknown", ()) for wider in (fact, *derived_from(fact))}
    hidden |= {wider for fact in hidden for wider in wider_than(fact)}
    answers = [
        {fact: answer for fact, answer in (no | yes).items() if fact not in hidden}
        for no, yes in zip(denied, said, strict=True)
    ]
    return Person(*answers)


PARTS = ("answers", "left", "right")
NAMES = ("patient", "left", "right")


def tupled(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers with their years, which YAML writes as a list."""
    return {fact: tuple(each) if isinstance(each, list) else each for fact, each in answers.items()}


def denials(said: Sequence[Mapping[str, Any]], part: str) -> dict[str, bool]:
    """Every "no" of one level that nothing said contradicts or decides."""
    everything = {fact: answer for answers in said for fact, answer in answers.items()}
    true = {wider for fact in present(everything) for wider in (fact, *wider_than(fact))}
    level = "patient" if part == "patient" else "hip"
    kept = BASELINE["not_denied_of_the_left_hip"] if part == "left" else ()
    return {
        name: False
        for name in asked(level)
        if name not in true and name not in kept and not follows(name, frozenset(everything))
    }


def present(answers: Mapping[str, Any]) -> Iterator[str]:
    for fact, answer in answers.items():
        if answer is True or (isinstance(answer, tuple) and answer[0] is True):
            yield fact


@lru_cache
def asked(level: str) -> tuple[str, ...]:
    groups = BASELINE["denied_groups"]
    return tuple(
        one.id
        for one in KNOWLEDGE.concepts.values()
        if one.type == "yes_no" and one.group in groups and one.level == level
    )


@lru_cache
def wider_than(fact: str) -> frozenset[str]:
    """Everything that holds because this does, in any number of steps."""
    next_ = KNOWLEDGE.concepts[fact].implies
    return frozenset(next_).union(*(wider_than(one) for one in next_))


@lru_cache
def derived_from(fact: str) -> frozenset[str]:
    """Everything computed from this fact."""
    found = {one.id for one in KNOWLEDGE.concepts.values() if fact in sources_of(one.id)}
    return frozenset(found).union(*(derived_from(one) for one in found))


@lru_cache
def sources_of(name: str) -> frozenset[str]:
    raw = KNOWLEDGE.concepts[name].derive
    return frozenset() if raw is None else frozenset(leaf.fact for leaf in leaves(parse(raw, name)))


@lru_cache
def follows(name: str, said: frozenset[str]) -> bool:
    """Whether a fact is computed from what is said, or from what is denied anyway."""
    sources = sources_of(name)
    return bool(sources) and all(
        one in said
        or (one in asked(KNOWLEDGE.concepts[one].level) and not sources_of(one))
        or follows(one, said)
        for one in sources
    )


@lru_cache(maxsize=1)
def weighed() -> dict[str, Found]:
    """What the product says of every probe whose treatment exists, computed as one table of many patients."""
    known = [probe for probe in PROBES if probe["treatment"] in KNOWLEDGE.treatments]
    facts, evaluation = evaluated(*(person_of(probe) for probe in known))
    advice = advise(facts.table, evaluation, KNOWLEDGE)
    rows = {
        (int(p), str(h)): n
        for n, (p, h) in enumerate(zip(facts.table.persons, facts.table.hips, strict=True))
    }
    return {
        probe["id"]: found(advice, probe["treatment"], rows[number, "left"])
        for number, probe in enumerate(known)
    }


def found(advice: Advice, treatment: str, row: int) -> Found:
    """What one hip is told of one treatment."""
    every = advice.options.arguments
    column = next(n for n, one in enumerate(every) if one.treatment.id == treatment)
    state, one = int(advice.options.state[row, column]), every[column]
    truth = {rule.name: int(advice.truths.of([rule.name])[row, 0]) for rule in one.rules}
    holds, unknown = (
        tuple((rule.entry.effect, words(rule.entry)) for rule in one.rules if truth[rule.name] == wanted)
        for wanted in (TRUE, UNKNOWN)
    )
    return Found(
        "not considered" if state == NOT_CONSIDERED else STATES[state],
        holds,
        unknown,
        state == ONLY_IF and waits(advice, one, row, truth),
    )


def waits(advice: Advice, one: Arguments, row: int, truth: Mapping[str, int]) -> bool:
    """Whether "only if" says no more than that it is for a trial."""
    asks = any(truth[rule.name] == UNKNOWN for rule in one.rules if rule.forbids and rule.entry.ask)
    offers = {reason.entry.standing: int(advice.truths.of([reason.name])[row, 0]) for reason in one.reasons}
    best = [standing for standing, told in offers.items() if told != FALSE]
    return not asks and best == ["trials only"]


def words(entry: Any) -> str:
    return " ".join(part for part in (entry.what, entry.says, entry.plain) if part)


__all__ = ["ACCEPTED", "BASELINE", "PROBES", "Found", "person_of", "weighed"]
