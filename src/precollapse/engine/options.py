"""The state of every treatment on every hip: offered, worth discussing, only if, held back, avoid.

What forbids comes first. What is not known to be harmless is never offered: an unknown contraindication
holds a treatment back until it is measured, or makes it "only if" until it is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from precollapse.engine.program import Truths
from precollapse.facts.logic import of_any_hip
from precollapse.facts.table import TRUE, UNKNOWN, HipTable
from precollapse.knowledge.bundle import Knowledge, KnowledgeKey
from precollapse.knowledge.conditions import leaves, parse
from precollapse.knowledge.model_treatment import Against, Offer, Treatment

# From best to worst; the number of a state is its place in this list.
STATES = ("offered", "worth discussing", "only if", "held back", "avoid")
OFFERED, DISCUSS, ONLY_IF, HELD_BACK, AVOID = range(len(STATES))
NOT_CONSIDERED = -1
# What is looked up or measured rather than asked in the room: rules about it, and facts of these groups.
MEASURED_ABOUT, MEASURED_GROUPS = "laboratory", ("laboratory", "imaging")


@dataclass(frozen=True, slots=True)
class Rule:
    """One argument against a treatment, its own or inherited from one it is combined with.

    Attributes
    ----------
    name
        The name of its condition.
    entry
        What it says.
    unsure
        Whether all its sources are of low reliability: then it forbids nothing by itself.
    measured
        Whether it is looked up or measured rather than asked in the room.
    """

    name: str
    entry: Against
    unsure: bool
    measured: bool

    @property
    def forbids(self) -> bool:
        """Tell whether it can forbid the treatment or hold it back."""
        return self.entry.effect == "avoid"

    @property
    def if_true(self) -> int:
        """Return the best state it leaves open where it holds."""
        if self.forbids:
            return HELD_BACK if self.unsure else AVOID
        return DISCUSS if self.entry.effect == "caution" else OFFERED

    @property
    def if_unknown(self) -> int:
        """Return the best state it leaves open where nobody knows."""
        if not self.forbids or not self.entry.ask:
            return OFFERED
        return HELD_BACK if self.measured else ONLY_IF


@dataclass(frozen=True, slots=True)
class Reason:
    """One argument for a treatment; ``unsure`` as for rules: then it is at most worth discussing."""

    name: str
    entry: Offer
    unsure: bool

    @property
    def state(self) -> int:
        """Return the best state it can bring."""
        if self.entry.standing == "trials only":
            return ONLY_IF
        return OFFERED if self.entry.standing == "offered" and not self.unsure else DISCUSS


@dataclass(frozen=True, slots=True)
class Arguments:
    """Everything said for and against one treatment, and the names of the conditions."""

    treatment: Treatment
    reasons: tuple[Reason, ...]
    rules: tuple[Rule, ...]

    def of_patient(self, rule: Rule) -> bool:
        """Tell whether a rule counts for the patient wherever it holds."""
        return self.treatment.per == "patient" and rule.entry.about != "hip"

    @property
    def spread(self) -> list[Rule]:
        """Return the rules that count for the patient wherever they hold."""
        return [rule for rule in self.rules if self.of_patient(rule)]

    @property
    def of_hip(self) -> list[Rule]:
        """Return the rules that count for the hip at which they hold."""
        return [rule for rule in self.rules if not self.of_patient(rule)]


@dataclass(frozen=True, slots=True)
class Options:
    """The state of every treatment on N hips.

    Attributes
    ----------
    arguments
        One entry per treatment, in the order of the columns.
    state
        Array (hips, treatments): the place in ``STATES``, or -1 where nobody would think of it.
    """

    arguments: tuple[Arguments, ...]
    state: npt.NDArray[np.int8]


def compute_options(hips: HipTable, truths: Truths, knowledge: Knowledge) -> Options:
    """Weigh every treatment on every hip.

    What forbids a treatment of the whole patient forbids it whichever hip it was found at; only what is said
    of the state of a hip (``about: hip``) stays with that hip.

    Parameters
    ----------
    hips
        Which rows belong to one patient.
    truths
        The truth of every condition of the advice; see ``precollapse.engine.advice``.
    knowledge
        The loaded knowledge.
    """
    every = arguments(knowledge)
    anywhere = of_any_hip(truths.table, hips)
    columns = [_state(one, truths, anywhere) for one in every]
    state = np.column_stack(columns) if columns else np.zeros((hips.height, 0), dtype=np.int8)
    return Options(every, state)


def arguments(knowledge: Knowledge) -> tuple[Arguments, ...]:
    """Return what is said for and against every treatment that is not a draft."""
    return _arguments(KnowledgeKey(knowledge))


@lru_cache(maxsize=4)
def _arguments(key: KnowledgeKey) -> tuple[Arguments, ...]:
    known = key.knowledge
    return tuple(
        Arguments(
            treatment,
            tuple(
                Reason(f"offer:{treatment.id}:{number}", offer, _unsure(offer.sources, known))
                for number, offer in enumerate(treatment.offers)
            ),
            tuple(_rules(treatment, known)),
        )
        for treatment in known.treatments.values()
        if not treatment.draft
    )


def _rules(treatment: Treatment, knowledge: Knowledge) -> list[Rule]:
    """Return the rules of a treatment and of those it combines; what several say is asked once."""
    found: dict[str, Rule] = {}
    for name in (treatment.id, *treatment.combines):
        for number, entry in enumerate(knowledge.treatments[name].against):
            unsure, measured = _unsure(entry.sources, knowledge), _measured(entry, knowledge)
            rule = Rule(f"against:{name}:{number}", entry, unsure, measured)
            found.setdefault(f"{entry.effect}:{entry.what}", rule)
    return list(found.values())


def _measured(entry: Against, knowledge: Knowledge) -> bool:
    facts = [leaf.fact for leaf in leaves(parse(entry.when, entry.what))]
    groups = [knowledge.concepts[fact].group for fact in facts if fact in knowledge.concepts]
    return entry.about == MEASURED_ABOUT or any(group.startswith(MEASURED_GROUPS) for group in groups)


def _unsure(sources: tuple[str, ...], knowledge: Knowledge) -> bool:
    reliabilities = [knowledge.sources[name].reliability for name in sources if name in knowledge.sources]
    return bool(reliabilities) and all(one == "low" for one in reliabilities)


def _state(one: Arguments, truths: Truths, anywhere: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
    """Return the state of one treatment on every hip, from what speaks for it to what forbids it.

    ``anywhere`` is the truth of every condition at any hip of the patient.
    """
    table, place = truths.table, truths.place
    state = np.full(len(table), NOT_CONSIDERED, dtype=np.int8)
    for reason in sorted(one.reasons, key=lambda reason: -reason.state):
        truth = table[:, place[reason.name]]
        state[truth == TRUE] = reason.state
        state[(truth == UNKNOWN) & (state == NOT_CONSIDERED)] = ONLY_IF
    fits = state != NOT_CONSIDERED
    for rules, truth_of in ((one.spread, anywhere), (one.of_hip, table)):
        if rules:
            truth = truth_of[:, [place[rule.name] for rule in rules]]
            if_true, if_unknown = np.array(
                [(rule.if_true, rule.if_unknown) for rule in rules], dtype=np.int8
            ).T
            open_to = np.where(truth == TRUE, if_true, np.where(truth == UNKNOWN, if_unknown, OFFERED))
            state = np.maximum(state, open_to.max(axis=1))
    considered = table[:, place[f"considered:{one.treatment.id}"]] == TRUE
    forbidden = considered & (state == AVOID)
    return np.where((considered & fits) | forbidden, state, NOT_CONSIDERED).astype(np.int8)
