"""What the engine found of every hip, as categories that advice can ask for (``{found: …, is: …}``).

A finding is a set of categories that are still possible: one of them when it is certain, several when it is
not. Asking whether it is among some is then true, false or unknown like any other question.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import get_args

import numpy as np
import numpy.typing as npt

from precollapse.engine.forecast_profile import Profiles, possible_grades
from precollapse.engine.program import Truths
from precollapse.engine.run import Evaluation
from precollapse.facts.logic import of_any_hip
from precollapse.facts.table import FALSE, TRUE, UNKNOWN, HipTable, Truth
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.conditions import Found, Leaf
from precollapse.knowledge.findable import PROOF, RISK, STANDING
from precollapse.knowledge.model import UrgencyLevel

Flags = npt.NDArray[np.bool_]
LEVELS: tuple[str, ...] = get_args(UrgencyLevel)


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding on N hips.

    Attributes
    ----------
    names
        Its categories.
    possible
        Array (hips, categories): which are possible; a row without any means that it does not apply.
    """

    names: tuple[str, ...]
    possible: Flags

    def truth(self, choices: tuple[str, ...]) -> Truth:
        """Return whether the finding is among some categories."""
        wanted = np.array([name in choices for name in self.names])
        inside, outside = self.possible[:, wanted].any(axis=1), self.possible[:, ~wanted].any(axis=1)
        # Where nothing is possible the question does not arise: the finding is none of them.
        return np.where(inside & outside, UNKNOWN, np.where(inside, TRUE, FALSE)).astype(np.int8)

    def at(self, row: int) -> tuple[str, ...]:
        """Return the categories possible on one hip."""
        return tuple(name for name, possible in zip(self.names, self.possible[row], strict=True) if possible)


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything found, by name, and the truth of every question; each is answered once."""

    by_name: dict[str, Finding]
    truths: Truths
    _asked: dict[Found, Truth] = field(default_factory=dict)

    @property
    def known(self) -> set[str]:
        """Return the names by which conditions ask for findings."""
        return {f"found:{name}" for name in self.by_name}

    def __call__(self, leaf: Leaf) -> Truth:
        """Return the truth of a comparison on every hip, of facts and of findings alike."""
        if not isinstance(leaf, Found):
            return self.truths.leaves(leaf)
        if leaf not in self._asked:
            self._asked[leaf] = self.by_name[leaf.finding].truth(leaf.choices)
        return self._asked[leaf]


def compute_findings(hips: HipTable, evaluation: Evaluation, knowledge: Knowledge) -> Findings:
    """Return what advice can ask for on every hip.

    Parameters
    ----------
    hips
        The facts, one row per hip.
    evaluation
        What the engine found on the same rows.
    knowledge
        The loaded knowledge.
    """
    truths, profiles = evaluation.truths, evaluation.profiles
    proof = _proof(truths, profiles, knowledge)
    found = {
        "proof": Finding(PROOF, proof),
        "standing": Finding(STANDING, _standing(profiles, proof, knowledge)),
        "risk": Finding(RISK, _risk(hips, truths, profiles.shown, knowledge)),
        "urgency": Finding(LEVELS, _urgency(hips, evaluation)),
    }
    for system in evaluation.staging.model.systems:
        possible, says = possible_grades(evaluation.staging.systems[system.id])
        names = tuple(grade.id for grade in system.grades)
        found[system.id] = Finding(names, possible | ~says[:, None])
    return Findings(found, truths)


def _proof(truths: Truths, profiles: Profiles, knowledge: Knowledge) -> Flags:
    """Shown; possible, which may turn out shown; unlikely; or a hip without a head of its own."""
    likely = np.array([one.lesion[0] for one in profiles.distinct] + [0.0])[profiles.of_hip]
    shown = profiles.shown  # of a child too, whose hip is not forecast
    possible = ~shown & (profiles.of_hip >= 0) & (likely >= knowledge.forecast_settings.worth_telling)
    no_head = truths.of(["hip:no head"])[:, 0] == TRUE
    return np.column_stack(
        [(shown | possible) & ~no_head, possible & ~no_head, ~shown & ~possible & ~no_head, no_head]
    )


def _standing(profiles: Profiles, proof: Flags, knowledge: Knowledge) -> Flags:
    """Return the states a hip may be in, or would be in if osteonecrosis were shown.

    Of a hip that is not forecast, such as a child's, none is excluded.
    """
    state_of = [STANDING.index(entry.state) for entry in knowledge.forecast_classes.values()]
    by_profile = np.zeros((len(profiles.distinct) + 1, len(STANDING)), dtype=bool)
    by_profile[-1] = True
    for number, profile in enumerate(profiles.distinct):
        by_profile[number, [state_of[place] for place in profile.classes]] = True
    return by_profile[profiles.of_hip] & proof[:, :1]


def _risk(hips: HipTable, truths: Truths, shown: Flags, knowledge: Knowledge) -> Flags:
    """Of the patient: a cause is present, or osteonecrosis is shown; where nothing is known, either."""
    named = [cause.id for cause in knowledge.causes.values() if not cause.sign]
    causes = truths.of([f"cause:{name}" for name in named])
    strongest = of_any_hip(causes.max(axis=1, initial=FALSE), hips)
    ill = of_any_hip(np.where(shown, TRUE, FALSE).astype(np.int8), hips) == TRUE
    return np.column_stack([(strongest != TRUE) & ~ill, (strongest != FALSE) & ~ill, ill])


def _urgency(hips: HipTable, evaluation: Evaluation) -> Flags:
    levels = evaluation.urgency
    place = np.searchsorted(levels["person"].to_numpy(), hips.persons)
    of_hip = levels["urgency"].to_numpy()[place]
    return np.column_stack([of_hip == name for name in LEVELS])
