"""Risk of bias of a comparison by stated rules, and certainty of a pooled effect in the manner of GRADE.

Both say every reason. What cannot be judged from an abstract is a reason of its own, not a pass.
"""

from __future__ import annotations

from dataclasses import dataclass

from precollapse.evidence.fitted import Certainty
from precollapse.evidence.fitting.settings import BiasRule, CertaintyRules
from precollapse.evidence.table.model import Study

LOW, SOME, HIGH = "low", "some concerns", "high"
LEVELS = (LOW, SOME, HIGH)


def risk_of_bias(study: Study, rules: tuple[BiasRule, ...]) -> tuple[str, tuple[str, ...]]:
    """Return the highest level of the rules that a study meets, and what they say."""
    met = [rule for rule in rules if str(getattr(study, rule.column)) in rule.values]
    worst = max((LEVELS.index(rule.level) for rule in met), default=0)
    return LEVELS[worst], tuple(rule.says for rule in met)


@dataclass(frozen=True, slots=True)
class Body:
    """What is known of the studies behind one pooled effect.

    Attributes
    ----------
    randomised_share
        Share of the weight that comes from randomised studies, 0 to 1.
    risks
        Risk of bias of every study that contributes.
    direct_studies
        How many compared the two treatments themselves.
    ratio, low, high
        Pooled ratio with its interval.
    tau
        Standard deviation between studies of such treatments, on the log scale.
    inconsistency_p
        Of direct against indirect evidence; None where there is only one of them.
    events
        In all direct studies, both arms; None where one of them does not print its number.
    """

    randomised_share: float
    risks: tuple[str, ...]
    direct_studies: int
    ratio: float
    low: float
    high: float
    tau: float
    inconsistency_p: float | None
    events: int | None


def certainty(body: Body, rules: CertaintyRules) -> Certainty:
    """Return how far a pooled effect can be trusted: a level, and each reason it was lowered for."""
    randomised = body.randomised_share > rules.mostly_randomised
    start = rules.randomised if randomised else rules.not_randomised
    lowered = [*_of_studies(body, randomised=randomised), *_of_results(body, rules)]
    steps = sum(step for step, _ in lowered)
    level = max(0, rules.levels.index(start) - steps)
    reasons = tuple(rules.says[name] for _, name in lowered)
    return Certainty(level=rules.levels[level], reasons=(*reasons, rules.says["not_assessable"]))


def _of_studies(body: Body, *, randomised: bool) -> list[tuple[int, str]]:
    """Return the steps down for how the studies were made."""
    found: list[tuple[int, str]] = []
    if not randomised:
        # Already counted in where it starts.
        found.append((0, "not_randomised"))
    elif body.randomised_share < 1:
        found.append((1, "some_randomised"))
    if HIGH in body.risks and randomised:
        found.append((1, "high_risk"))
    elif SOME in body.risks:
        found.append((1, "some_risk"))
    if body.direct_studies == 0:
        found.append((1, "indirect"))
    return found


def _of_results(body: Body, rules: CertaintyRules) -> list[tuple[int, str]]:
    """Return the steps down for what the studies found."""
    found: list[tuple[int, str]] = []
    if body.tau > rules.much_heterogeneity:
        found.append((1, "heterogeneity"))
    if body.inconsistency_p is not None and body.inconsistency_p < rules.inconsistent_below_p:
        found.append((1, "inconsistency"))
    benefit, harm = rules.appreciable
    if body.low < 1 / rules.wide and body.high > rules.wide:
        found.append((2, "very_imprecise"))
    elif (body.low < benefit and body.high > 1) or (body.low < 1 and body.high > harm):
        found.append((1, "imprecise"))
    elif body.events is None:
        # As if there were few: what nobody printed cannot reassure.
        found.append((1, "events_not_printed"))
    elif body.events < rules.few_events:
        found.append((1, "few_events"))
    return found
