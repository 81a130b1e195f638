"""All tests for one patient in order of what they are worth, with those that are barred, done or idle.

One examination that shows both hips is counted once and gains in both; what cannot be made in this
patient is named with its reason, and the next one moves up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from precollapse.engine.differential import DifferentialResult
from precollapse.engine.network import network
from precollapse.engine.next_test import Value, choices, hip_view, values
from precollapse.engine.program import Truths
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.model_diagnosis import Bar, Test

State = Literal["worth it", "not worth it now", "not possible", "already done", "no question for it"]
ORDER: tuple[State, ...] = (
    "worth it",
    "not possible",
    "not worth it now",
    "already done",
    "no question for it",
)


@dataclass(frozen=True, slots=True)
class Ranked:
    """One test for one patient, or for one of the hips.

    Attributes
    ----------
    test
        Its id.
    hip
        The row (place among the patient's hips) it is for; None when it shows both.
    state
        Whether it should be made.
    gain, burden
        Points of the decision it is expected to add, and points it costs; net is the difference.
    by_hip
        What it is worth for each hip it shows, by the place of the hip.
    bars, ask_first
        What speaks against it in this patient, and the names of the conditions that may forbid it and
        are not known.
    """

    test: str
    hip: int | None
    state: State
    gain: float
    burden: float
    by_hip: dict[int, Value]
    bars: tuple[Bar, ...]
    ask_first: tuple[str, ...]

    @property
    def net(self) -> float:
        """Return the points gained less the points it costs."""
        return self.gain - self.burden


def rank_tests(
    rows: Sequence[int], hips: Sequence[str], truths: Truths, found: DifferentialResult, knowledge: Knowledge
) -> list[Ranked]:
    """Rank every test for one patient.

    Parameters
    ----------
    rows, hips
        The patient's rows in the arrays of the engine, and the name of each.
    truths, found
        What the engine found of those rows.
    knowledge
        The loaded knowledge.
    """
    choice = choices(knowledge)
    places = [place for place, row in enumerate(rows) if found.applies[row]]
    alive = {
        n
        for n in choice.tests
        if _is(f"useful:{n}", [rows[p] for p in places], truths, every=False) is not False
    }
    worth = {place: _values(rows[place], alive, truths, found, knowledge) for place in places}
    ranked: list[Ranked] = []
    for number, name in enumerate(choice.tests):
        test = knowledge.tests[name]
        by_hip = {place: value for place in places if (value := worth[place][number]) is not None}
        groups = [None] if test.both_hips else places
        for hip in groups:
            own = by_hip if hip is None else {p: v for p, v in by_hip.items() if p == hip}
            at = [rows[p] for p in (places if hip is None else [hip])]
            ranked.append(_ranked(test, hip, own, at, hips, choice.burden[number], truths, knowledge))
    return sorted(ranked, key=lambda r: (ORDER.index(r.state), -r.net, r.test))


def _values(
    row: int, alive: set[str], truths: Truths, found: DifferentialResult, knowledge: Knowledge
) -> list[Value | None]:
    """Return what the tests are worth for one hip that are of use in this patient and not made yet."""
    net = network(knowledge)
    wanted = {name for name in alive if not _is_done(name, row, truths)}
    return values(hip_view(row, truths, found, net), choices(knowledge), net, wanted)


def _is_done(test: str, row: int, truths: Truths) -> bool:
    """Return whether a test was made of one hip, to which another one for the other hip adds nothing."""
    return bool(_is(f"done:{test}", [row], truths, every=True))


def _ranked(
    test: Test,
    hip: int | None,
    by_hip: dict[int, Value],
    at: Sequence[int],
    hips: Sequence[str],
    burden: float,
    truths: Truths,
    knowledge: Knowledge,
) -> Ranked:
    words = knowledge.diagnosis_settings.burdens
    least = words[knowledge.diagnosis_settings.least_gain].value
    bars = _bars(test, knowledge)
    standing = tuple(bar for name, bar in bars if any(_stands(name, row, truths) for row in at))
    ask_first = tuple(name for name, bar in bars if bar.forbids and _open(name, at, truths))
    gain = _gain(by_hip, hips)
    forbidden = any(bar.forbids for bar in standing)
    if not forbidden:
        # What cannot be made is judged as if it could, so that it is named with its reason.
        burden += sum(words[bar.burden].value for bar in standing if bar.burden is not None)
    state = _state(test, gain - burden, least, at, truths, forbidden=forbidden, idle=not by_hip)
    return Ranked(test.id, hip, state, gain, burden, by_hip, standing, ask_first)


def _bars(test: Test, knowledge: Knowledge) -> list[tuple[str, Bar]]:
    """Return what may speak against a test or any part of it, with the name of the condition."""
    own = [(f"bar:{test.id}:{number}", bar) for number, bar in enumerate(test.bars)]
    return own + [bar for part in test.parts for bar in _bars(knowledge.tests[part], knowledge)]


def _stands(name: str, row: int, truths: Truths) -> bool:
    """Return whether a bar surely stands: what would lift it must be known, not only possible."""
    return bool(truths.at(name, row)) and not _lifted(name, row, truths)


def _lifted(name: str, row: int, truths: Truths) -> bool:
    lifting = name.replace("bar:", "lifted:", 1)
    return lifting in truths.place and bool(truths.at(lifting, row))


def _open(name: str, at: Sequence[int], truths: Truths) -> bool:
    """Return whether nobody knows of a bar that would forbid the test."""
    return any(truths.at(name, row) is None and not _lifted(name, row, truths) for row in at)


def _gain(by_hip: dict[int, Value], hips: Sequence[str]) -> float:
    """Add up both hips; a hip whose side nobody named stands for one of them."""
    sided = sum(value.gain for place, value in by_hip.items() if hips[place] != "unspecified")
    loose = [value.gain for place, value in by_hip.items() if hips[place] == "unspecified"]
    return max([sided, *loose])


def _state(
    test: Test,
    net: float,
    least: float,
    at: Sequence[int],
    truths: Truths,
    *,
    forbidden: bool,
    idle: bool,
) -> State:
    # Of a bundle every part is still to be made; otherwise the part that is missing stands for itself.
    done = [_is(f"done:{name}", at, truths, every=True) for name in (test.id, *test.parts)]
    if True in done:
        return "already done"
    if _is(f"useful:{test.id}", at, truths, every=False) is False:
        return "no question for it"
    if idle:
        return "already done"
    if net < least:
        return "not worth it now"
    return "not possible" if forbidden else "worth it"


def _is(name: str, at: Sequence[int], truths: Truths, *, every: bool) -> bool | None:
    """Return whether a condition surely holds of every (or any) of the hips; None where it does not exist."""
    if name not in truths.place:
        return None
    found = [truths.at(name, row) is True for row in at]
    return all(found) if every else any(found)
