"""What an evaluation of screening says: numbers with their intervals, null where nothing can be said.

Every part is plain data and can be written with ``msgspec.json.encode``. Shares are between 0 and 1, times in
days, intervals of 95 %.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

FORMAT = "1"
Dimension = Literal["sex", "age", "cause"]
Measure = Literal["flagged_share", "sensitivity", "positive_predictive_value", "observed_over_expected"]
RiskColumn = Literal["risk", "risk_1_year", "risk_5_years"]


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """Base of every part."""


class Estimate(Part, frozen=True, kw_only=True):
    """A value with its 95 % interval; null where it cannot be estimated or is withheld."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    withheld: bool = False


NOTHING = Estimate()
WITHHELD = Estimate(withheld=True)


class Both(Part, frozen=True, kw_only=True):
    """One quantity in two ways.

    Attributes
    ----------
    counted
        Of the patients whose outcome is known; those lost are left out.
    weighted
        Every patient whose outcome is known stands also for similar ones who were lost; null when nobody
        was followed to the horizon.
    """

    counted: Estimate = NOTHING
    weighted: Estimate | None = None

    @property
    def best(self) -> Estimate:
        """Return the weighted estimate where there is one, else the counted one."""
        return self.counted if self.weighted is None else self.weighted


class Funnel(Part, frozen=True, kw_only=True):
    """How many patients went where; null when withheld.

    ``patients`` is the sum of the next two, which are left out, and ``evaluated``. That is the sum of
    ``diagnosed``, ``died`` (without diagnosis), ``event_free`` and ``lost`` (unknown outcome).
    """

    patients: int | None
    diagnosed_before: int | None
    dead_before: int | None
    evaluated: int | None
    diagnosed: int | None
    died: int | None
    event_free: int | None
    lost: int | None
    never_followed: int | None  # of the lost: not seen after the index date, or without a row of outcomes
    without_action: int | None  # of those evaluated
    without_risk: int | None  # of those evaluated: not assessable, never counted as risk 0
    diagnosed_after_death: int | None  # contradictory dates, of those evaluated
    outcomes_without_prediction: int | None


class Flagging(Part, frozen=True, kw_only=True):
    """Flag against recorded diagnosis, of evaluated patients with an action.

    The four cells are of patients with known outcome. Numbers needed: patients flagged for one recorded
    diagnosis among them, 1 / positive predictive value.
    """

    flagged: int | None
    flagged_lost: int | None
    true_positives: int | None
    false_positives: int | None
    false_negatives: int | None
    true_negatives: int | None
    flagged_share: Estimate
    sensitivity: Both
    specificity: Both
    positive_predictive_value: Both
    negative_predictive_value: Both
    flagged_per_case: Both
    found_per_1000_screened: Both
    cases_per_1000_screened: Both
    cases_per_100_flagged: Both


class RiskGroup(Part, frozen=True, kw_only=True):
    """Patients of similar risk; ``observed`` is the share diagnosed within the horizon, as ``Both`` says."""

    low: float
    high: float
    mean_risk: float
    n: int | None
    lost: int | None
    cases: int | None
    observed: Both


class Probabilities(Part, frozen=True, kw_only=True):
    """How good the probabilities are, of evaluated patients with a risk.

    Attributes
    ----------
    expected
        Sum of the risks of those with known outcome.
    observed_over_expected
        1 is perfect, above 1 the risks are too low.
    calibration_in_the_large
        Intercept of logistic recalibration with slope 1; 0 is perfect.
    intercept, slope
        Of logistic recalibration; 0 and 1 are perfect. A slope below 1: risks too extreme.
    clipped
        Risks of 0 or 1 (beyond 1e-6), which have no logit and were moved there for the recalibration.
    """

    n: int | None
    expected: float | None
    auc: Both
    auc_method: str
    brier: Both
    scaled_brier: Both
    observed_over_expected: Both
    calibration_in_the_large: Both
    intercept: Both
    slope: Both
    clipped: int
    groups: tuple[RiskGroup, ...]


class NetBenefit(Part, frozen=True, kw_only=True):
    """Net benefit per patient at one threshold: true positives less harm of false ones (Vickers, Elkin 2006).

    ``model`` images who has at least that risk, ``flagged`` who was flagged, ``image_all`` everybody; nobody
    imaged has 0. Weighted where possible.
    """

    threshold: float
    model: Estimate
    flagged: float | None
    image_all: float | None


class LeadTime(Part, frozen=True, kw_only=True):
    """Days from the index date to the recorded diagnosis, of flagged patients diagnosed in the horizon."""

    n: int | None
    lower_quartile_days: float | None
    median_days: float | None
    upper_quartile_days: float | None


class Subgroup(Part, frozen=True, kw_only=True):
    """One level of sex, age or cause; ``level`` null: not recorded (sex, age), no decisive cause (cause).

    ``flagged`` counts patients with known outcome, ``flagged_share`` everybody with an action.
    """

    dimension: Dimension
    level: str | None
    name: str
    n: int | None
    lost: int | None
    cases: int | None
    flagged: int | None
    found: int | None
    flagged_share: Estimate
    sensitivity: Both
    positive_predictive_value: Both
    observed_over_expected: Both


class Difference(Part, frozen=True, kw_only=True):
    """A measure whose intervals in a subgroup and in those it is compared with do not overlap.

    ``against`` is the level compared with, null when that is all others whose level is known.
    """

    dimension: Dimension
    level: str | None
    name: str
    against: str | None
    measure: Measure
    higher: bool
    here: Estimate
    there: Estimate


class TooFew(Part, frozen=True, kw_only=True):
    """A subgroup of which, or of whose counterpart, fewer than ``least_cases`` diagnoses are recorded."""

    dimension: Dimension
    level: str | None
    name: str


class ScreeningEvaluation(Part, frozen=True, kw_only=True):
    """What screening would have done, measured against recorded diagnoses.

    Attributes
    ----------
    index_from, index_to
        First and last index date; null without patients.
    risk_column
        The probability that was compared with the outcome.
    weighting
        Within which patients the loss to follow-up was estimated: flagged and not flagged apart, everybody
        together, or null: nobody was followed to the horizon, so nothing is weighted.
    largest_weight
        For how many patients one patient stands at most.
    comparisons
        How many comparisons of subgroups were made for ``differences``.
    least_cell, least_cases
        Counts from 1 to below ``least_cell`` are withheld; subgroups below ``least_cases`` not compared.
    """

    format: str = FORMAT
    horizon_years: float
    index_from: date | None
    index_to: date | None
    flagged_actions: tuple[str, ...]
    risk_column: RiskColumn
    weighting: Literal["flagged", "everybody"] | None
    largest_weight: float | None
    funnel: Funnel
    flagging: Flagging
    probabilities: Probabilities
    decision_curve: tuple[NetBenefit, ...]
    lead_time: LeadTime
    subgroups: tuple[Subgroup, ...]
    differences: tuple[Difference, ...]
    too_few: tuple[TooFew, ...]
    comparisons: int
    least_cell: int | None
    least_cases: int
