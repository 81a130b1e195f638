"""What was estimated from the study table: read by the engine, by ``evidence show`` and by the documents.

Written by ``precollapse evidence fit``: ``parameters.json`` for people and programs, ``draws.npy`` with one
row per draw and one column per parameter. Nothing here computes, so that reading it costs little.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from precollapse.errors import KnowledgeError
from precollapse.evidence.folder import evidence_folder

Array = npt.NDArray[np.float64]
# Half the width of a 95 % interval in standard deviations of a normal distribution.
Z_95 = 1.959963984540054
FORMAT = "1"
FOLDER = "fitted"


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """Base of every part."""


class Estimate(Part, frozen=True, kw_only=True):
    """A value with its 95 % interval, on the scale a reader expects: probabilities, ratios, rates."""

    value: float
    low: float
    high: float


class RowFitted(Part, frozen=True, kw_only=True):
    """One observation of the untreated course: what was seen, and what the model says.

    ``within`` is said of this cohort with its own effect, ``new`` of a cohort not seen yet.
    """

    arm: str
    study: str
    size: str
    at_risk: float
    events: float
    start_years: float
    end_years: float
    within: Estimate
    new: Estimate


class Coefficient(Part, frozen=True, kw_only=True):
    """One parameter: a hazard per year, or a ratio of hazards."""

    name: str
    estimate: Estimate


class ProcessFitted(Part, frozen=True, kw_only=True):
    """One process of the untreated course."""

    id: str
    name: str
    coefficients: tuple[Coefficient, ...]
    between_cohorts_sd: Estimate
    effective_size: float
    proposals: int
    rows: tuple[RowFitted, ...]


class ScaleUsed(Part, frozen=True, kw_only=True):
    """How the size of a lesion enters a process: by category, or by a number around a centre."""

    categories: dict[str, str] = {}
    intercept: str | None = None
    slope: str | None = None
    centre: float = 0.0
    per: float = 1.0
    ends: tuple[float, float] = (0.0, 0.0)


class CourseUsed(Part, frozen=True, kw_only=True):
    """What a forecast needs to know of the untreated course besides its draws.

    ``shares`` is how often each type occurs where nobody said which it is.
    """

    borders_years: tuple[float, float]
    scales: dict[str, ScaleUsed]
    shares: dict[str, float]
    shares_source: str
    shares_note: str


class ContrastFitted(Part, frozen=True, kw_only=True):
    """One study's comparison of two treatments: hazard ratio, its origin, and what may be wrong with it.

    ``bias_sd`` was added to its spread on the log scale; ``ratio`` is before and ``widened`` after that.
    """

    study: str
    treatment: str
    versus: str
    events: int | None
    n: int | None
    versus_events: int | None
    versus_n: int | None
    ratio: Estimate
    widened: Estimate
    weight: float
    allocation: str
    risk_of_bias: str
    risk_reasons: tuple[str, ...]
    bias_sd: float
    note: str | None = None


class Certainty(Part, frozen=True, kw_only=True):
    """How far a comparison can be trusted, and every reason it was lowered for."""

    level: str
    reasons: tuple[str, ...]


class EffectFitted(Part, frozen=True, kw_only=True):
    """One treatment against another: pooled hazard ratio, and where the next study's would lie."""

    treatment: str
    versus: str
    ratio: Estimate
    prediction: Estimate
    direct: Estimate | None
    indirect: Estimate | None
    direct_share: float
    inconsistency_p: float | None
    studies: int
    randomised: int
    events: int | None
    certainty: Certainty


class Score(Part, frozen=True, kw_only=True):
    """Mean extent of certainty that a treatment is better than another one (P-score), with its interval."""

    treatment: str
    score: Estimate
    best: float


class LeftOut(Part, frozen=True, kw_only=True):
    """A row that was not used, and why."""

    row: str
    study: str
    why: str


class NetworkFitted(Part, frozen=True, kw_only=True):
    """All comparisons on one outcome. ``p_scores`` rank smaller hazards as better."""

    id: str
    name: str
    event: str
    reference: str
    treatments: tuple[str, ...]
    tau: float
    q_heterogeneity: float | None
    q_heterogeneity_p: float | None
    q_inconsistency: float | None
    q_inconsistency_p: float | None
    contrasts: tuple[ContrastFitted, ...]
    effects: tuple[EffectFitted, ...]
    league: tuple[EffectFitted, ...]
    p_scores: tuple[Score, ...]
    apart: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


class SeriesRow(Part, frozen=True, kw_only=True):
    """One series: hips, events and hip-years."""

    arm: str
    study: str
    events: float
    hips: float
    hip_years: float
    rate: Estimate


class SeriesFitted(Part, frozen=True, kw_only=True):
    """Replacements, or revisions, per hip and year after one treatment, from series without a comparison."""

    treatment: str
    event: str
    stage_group: str
    studies: int
    hips: float
    events: float
    rate: Estimate
    prediction: Estimate
    rows: tuple[SeriesRow, ...]
    left_out: tuple[LeftOut, ...]
    certainty: Certainty


class PublishedBeside(Part, frozen=True, kw_only=True):
    """A pooled effect printed by others beside ours, and why they differ."""

    figure: str
    source: str
    says: str
    measure: str
    printed: Estimate | None
    ours: Estimate | None
    ours_studies: int
    why: str


class StudyCited(Part, frozen=True, kw_only=True):
    """How a study that something was estimated from is cited."""

    title: str | None
    authors: str | None
    year: int | None
    journal: str | None
    doi: str | None
    pmid: str | None
    url: str | None
    design: str
    reliability: str


class Parameters(Part, frozen=True, kw_only=True):
    """Everything that was estimated; ``table`` is a name for the content of the table it comes from."""

    format: str
    table: str
    seed: int
    names: tuple[str, ...]
    course: CourseUsed
    processes: tuple[ProcessFitted, ...]
    networks: tuple[NetworkFitted, ...]
    series: tuple[SeriesFitted, ...]
    published: tuple[PublishedBeside, ...]
    studies: dict[str, StudyCited]
    treatments: dict[str, str]


class Fitted:
    """Parameters and their draws.

    Attributes
    ----------
    parameters
        What ``parameters.json`` holds.
    draws
        Array (draws, parameters) in the order of ``parameters.names``.
    """

    __slots__ = ("_place", "draws", "parameters")

    def __init__(self, parameters: Parameters, draws: Array) -> None:
        self.parameters, self.draws = parameters, draws
        self._place = {name: number for number, name in enumerate(parameters.names)}

    def __contains__(self, name: str) -> bool:
        return name in self._place

    def column(self, name: str) -> Array:
        """Return the draws of one parameter (draws)."""
        return np.asarray(self.draws[:, self._place[name]])


@lru_cache(maxsize=1)
def load_fitted() -> Fitted:
    """Return what was estimated from the table that belongs to the package.

    Raises
    ------
    KnowledgeError
        When the files are missing or of another format.
    """
    return read_fitted(fitted_folder())


def fitted_folder() -> Path:
    """Return the folder of the estimates: inside the installed package, or in ``evidence/`` of a checkout."""
    return evidence_folder() / FOLDER


def read_fitted(folder: Path) -> Fitted:
    """Read parameters and draws from a folder."""
    try:
        parameters = msgspec.json.decode((folder / "parameters.json").read_bytes(), type=Parameters)
        draws = np.load(folder / "draws.npy", allow_pickle=False)
    except (OSError, msgspec.DecodeError) as error:
        raise KnowledgeError(f"{folder.name}: {error}; run `precollapse evidence fit`") from error
    if parameters.format != FORMAT or draws.shape[1] != len(parameters.names):
        raise KnowledgeError(f"{folder.name}: made by another version; run `precollapse evidence fit`")
    return Fitted(parameters, draws.astype(np.float64))
