"""How probable each diagnosis is before anything was found: from causes, pain, age, sex and setting.

Osteonecrosis takes the probability of the risk engine; the others share the rest in proportion to how
often they are found at that age and sex among hips that hurt, or that do not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from precollapse.engine.network import Cells, Network, cells, network
from precollapse.engine.program import Truths
from precollapse.engine.risk import RiskResult
from precollapse.engine.risk_model import Array, Band, expit, logit, risk_model
from precollapse.evidence.fitted import Z_95
from precollapse.facts.logic import of_any_hip
from precollapse.facts.table import TRUE, UNKNOWN, HipTable
from precollapse.knowledge.bundle import Knowledge, KnowledgeKey
from precollapse.knowledge.model import Figure
from precollapse.knowledge.model_diagnosis import Diagnosis

Rows = npt.NDArray[np.int64]

AGE, SEX = "age_years", "sex"


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed of N hips before anything was found.

    Attributes
    ----------
    p
        Probability of each diagnosis (N, K); every row adds up to one.
    before_pain
        The same before it is asked whether the hip hurts; the two hips of a patient are tied here.
    sd
        Standard deviation of the log of each part before the row is made to add up to one (N, K).
    both
        For each diagnosis the share of those affected who have it on both sides (N, K).
    """

    p: Array
    before_pain: Array
    sd: Array
    both: Array


@dataclass(frozen=True, slots=True)
class PriorModel:
    """The figures of the prior as arrays over K diagnoses.

    ``painful`` is (settings, K); ``by_age`` (years of age + 1, K) adds up how frequent a diagnosis is at each
    year of age, so that the difference of two rows gives a span. ``sign`` marks causes that are none.
    """

    settings: tuple[str, ...]
    painful: Cells
    painless: Cells
    by_age: Array
    women: Cells
    both: Array
    hurts: Cells
    pain: tuple[float, float]
    setting_odds: Band
    sign: npt.NDArray[np.bool_]


@lru_cache(maxsize=4)
def _prior_model(key: KnowledgeKey) -> PriorModel:
    knowledge = key.knowledge
    settings = knowledge.diagnosis_settings
    words = settings.frequencies
    of = [knowledge.diagnoses[name] for name in network(knowledge).diagnoses]
    names = tuple(settings.setting_odds)
    rows = [cells([d.frequency.get(name) for d in of], words) for name in names]
    effect = knowledge.effects[settings.pain_effect].ratio
    odds = np.log([_triple(settings.setting_odds[name]) for name in names])
    return PriorModel(
        settings=names,
        painful=Cells(np.array([row.p for row in rows]), np.array([row.sd for row in rows])),
        painless=cells([d.painless for d in of], words),
        by_age=_by_age(of, knowledge),
        women=cells([d.women for d in of], words),
        both=cells([d.bilateral or "never" for d in of], words).p,
        hurts=cells([settings.pain_if_not_recorded], words),
        pain=_log_spread(effect),
        setting_odds=Band(odds[:, 0], odds[:, 1], odds[:, 2]),
        sign=risk_model(knowledge).sign,
    )


def _triple(figure: Figure) -> tuple[float, float, float]:
    low, high = figure.interval or (figure.value, figure.value)
    return figure.value, low, high


def _log_spread(figure: Figure) -> tuple[float, float]:
    value, low, high = np.log(_triple(figure))
    return float(value), float(high - low) / (2 * Z_95)


def _by_age(of: Iterable[Diagnosis], knowledge: Knowledge) -> Array:
    """Add up, year by year, how frequent each diagnosis is compared with its most usual age."""
    settings = knowledge.diagnosis_settings
    last = int(max(end for _, end in settings.age_bands.values()))
    columns = []
    for diagnosis in of:
        at_age = np.zeros(last)
        for name, (start, end) in settings.age_bands.items():
            cell = diagnosis.ages.get(name, diagnosis.other_ages)
            at_age[int(start) : int(end)] = cells([cell], settings.frequencies).p[0]
        columns.append(np.concatenate([[0.0], np.cumsum(at_age)]))
    return np.column_stack(columns)


def compute_prior(hips: HipTable, truths: Truths, risk: RiskResult, knowledge: Knowledge) -> Prior:
    """Return what is believed of every hip before anything was found.

    Parameters
    ----------
    hips
        The facts, one row per hip (N rows).
    truths, risk
        What the engine found of the same rows.
    knowledge
        The loaded knowledge.
    """
    model, net = _prior_model(KnowledgeKey(knowledge)), network(knowledge)
    setting = _setting(hips, truths, model, knowledge)
    person = _age(hips, model) * _sex(hips, model)
    hurts = truths.table[:, truths.place["hip:pain"]]
    asked = hurts != UNKNOWN
    unasked = model.hurts.p[0]
    weight = np.where(asked, hurts == TRUE, unasked)[:, None]
    (sore, silent), computed_sd = _computed(risk, weight[:, 0], setting, model)
    painful = _rest(model.painful.p[setting] * person, net)
    painless = _rest(model.painless.p * person, net)
    if_sore, if_silent = _with_computed(painful, sore, net), _with_computed(painless, silent, net)
    p = weight * if_sore + (1 - weight) * if_silent
    before_pain = unasked * if_sore + (1 - unasked) * if_silent
    sd = np.where(weight > 0, model.painful.sd[setting], model.painless.sd)
    # Whether a hip hurts of which nobody wrote it down may be either: the spread covers both.
    either = np.abs(np.log(np.maximum(painful, 1e-9)) - np.log(np.maximum(painless, 1e-9))) / (2 * Z_95)
    sd = np.where(asked[:, None], sd, np.hypot(sd, either))
    sd[:, net.computed] = computed_sd
    return Prior(p, before_pain, sd, _both(risk, model, net, knowledge, hips.height))


def _with_computed(rest: Array, computed: Array, net: Network) -> Array:
    """Put the computed diagnosis beside the others, which share what it leaves."""
    p = rest * (1 - computed)[:, None]
    p[:, net.computed] = computed
    return np.asarray(p)


def _rest(shares: Array, net: Network) -> Array:
    """Make the diagnoses that are not computed by the risk engine add up to one."""
    shares = shares.copy()
    shares[:, net.computed] = 0.0
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def _setting(hips: HipTable, truths: Truths, model: PriorModel, knowledge: Knowledge) -> Rows:
    settings = knowledge.diagnosis_settings
    concept = knowledge.concepts[settings.setting]
    of_choice = [settings.settings_of[choice] for choice in concept.choices]
    number = np.array([model.settings.index(name) for name in (*of_choice, "unknown")])
    setting = number[hips.choice(settings.setting)]
    not_written = setting == number[-1]
    for name in settings.setting_when:
        told = of_any_hip(truths.table[:, truths.place[f"setting:{name}"]], hips) == TRUE
        setting = np.where(not_written & told, model.settings.index(name), setting)
    return setting


def _age(hips: HipTable, model: PriorModel) -> Array:
    """Average over the years of age that are possible; over all of them when nothing is known."""
    last = len(model.by_age) - 1
    low = np.clip(np.nan_to_num(hips.low(AGE), nan=0.0), 0, last - 1).astype(int)
    high = np.clip(np.nan_to_num(hips.high(AGE), nan=last - 1.0), 0, last - 1).astype(int) + 1
    span = (high - low)[:, None]
    return np.asarray((model.by_age[high] - model.by_age[low]) / span)


def _sex(hips: HipTable, model: PriorModel) -> Array:
    """Twice the share of the sex, so that a disease of both sexes is not moved; one when it is unknown."""
    woman = hips.is_choice(SEX, ("female",))[:, None]
    share = np.where(woman == TRUE, model.women.p, 1 - model.women.p)
    return np.where(woman == UNKNOWN, 1.0, 2 * share)


def _computed(
    risk: RiskResult, weight: Array, setting: Rows, model: PriorModel
) -> tuple[tuple[Array, Array], Array]:
    """Probability of osteonecrosis from the risk engine, if the hip hurts and if it does not.

    Pain raises it, and where the patient is seen. ``weight`` is the probability that the hip hurts; the
    spread of the log odds, returned second, covers both when that is not known.
    """
    log_ratio, sd_of_pain = model.pain
    # Groups with a cause were counted where such patients are seen; the population was not.
    of_population = model.sign[risk.cause_before].astype(float)
    raised = log_ratio + of_population * model.setting_odds.value[setting]
    base = risk.from_causes
    silent = logit(base.value)
    spread = (logit(base.high) - logit(base.low)) / (2 * Z_95)
    of_setting = of_population * (model.setting_odds.high - model.setting_odds.low)[setting] / (2 * Z_95)
    undecided = raised / Z_95 * ((weight > 0) & (weight < 1))
    sd = np.sqrt(spread**2 + (weight > 0) * (sd_of_pain**2 + of_setting**2) + undecided**2)
    return (expit(silent + raised), expit(silent)), sd


def _both(risk: RiskResult, model: PriorModel, net: Network, knowledge: Knowledge, height: int) -> Array:
    """Return the share of those affected on both sides; that of osteonecrosis depends on its cause."""
    both = np.broadcast_to(model.both, (height, len(net.diagnoses))).copy()
    of_cause = risk_model(knowledge).bilateral
    both[:, net.computed] = of_cause[risk.cause_before]
    both[:, net.rest] = 0.0
    return both
