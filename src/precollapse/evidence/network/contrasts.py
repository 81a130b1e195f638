"""What the studies of a network report: arms or contrasts, with the covariance of studies of several arms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ArmEstimates:
    """The arms of randomised studies on an additive scale, such as log odds or complementary log-log.

    Attributes
    ----------
    studies, treatments
        Labels of each arm. The first arm named of a study is its baseline; which one it is changes nothing.
    estimates, variances
        Estimate and sampling variance of each arm; shape (arms,).
    """

    studies: Sequence[str]
    treatments: Sequence[str]
    estimates: npt.ArrayLike
    variances: npt.ArrayLike


@dataclass(frozen=True, slots=True, eq=False)
class StudyContrasts:
    """The contrasts of one study against its own baseline treatment.

    Attributes
    ----------
    study, baseline
        Labels.
    treatments
        The other treatments of the study, each once.
    estimates
        Effect of each treatment less that of the baseline; shape (treatments,).
    covariance
        Sampling covariance of the estimates, positive definite; shape (treatments, treatments). Between two
        contrasts it is the variance of the baseline arm they share.

    Raises
    ------
    ValueError
        If a treatment occurs twice or an estimate or the covariance is not usable.
    """

    study: str
    baseline: str
    treatments: tuple[str, ...]
    estimates: Floats
    covariance: Floats

    def __post_init__(self) -> None:
        count = len(self.treatments)
        place = f"study {self.study!r}"
        if count == 0:
            raise ValueError(f"{place} has one arm only and compares nothing; leave it out")
        if len({self.baseline, *self.treatments}) != count + 1:
            raise ValueError(f"{place} names a treatment twice; combine such arms into one first")
        if np.shape(self.estimates) != (count,) or np.shape(self.covariance) != (count, count):
            raise ValueError(f"{place}: {count} contrasts need as many estimates and a square covariance")
        if not np.all(np.isfinite(self.estimates)):
            raise ValueError(f"{place} has an estimate that is not finite; leave the arm out")
        _check_covariance(place, self.covariance)

    @property
    def arms(self) -> tuple[str, ...]:
        """All treatments, the baseline first."""
        return (self.baseline, *self.treatments)


def contrasts_of_arms(arms: ArmEstimates) -> tuple[StudyContrasts, ...]:
    """Return the contrasts of every study against its first arm.

    Parameters
    ----------
    arms
        Arms in any order.

    Returns
    -------
    tuple of StudyContrasts
        One per study, in order of first mention. The covariance between two contrasts of a study is the
        variance of the baseline arm (Gleser and Olkin 2009).

    Raises
    ------
    ValueError
        If columns differ in length, a study has one arm or one treatment twice, or a number is not usable.
    """
    y, v = _columns("arm", arms.estimates, arms.variances, arms.studies, arms.treatments)
    contrasts = []
    for study, rows in _rows_by(arms.studies).items():
        first, others = rows[0], rows[1:]
        contrasts.append(
            StudyContrasts(
                study=study,
                baseline=arms.treatments[first],
                treatments=tuple(arms.treatments[row] for row in others),
                estimates=y[others] - y[first],
                covariance=np.diag(v[others]) + v[first],
            )
        )
    return tuple(contrasts)


def reported_contrasts(
    studies: Sequence[str],
    treatments: Sequence[str],
    baselines: Sequence[str],
    estimates: npt.ArrayLike,
    variances: npt.ArrayLike,
    *,
    shared_variances: Mapping[str, float] | None = None,
) -> tuple[StudyContrasts, ...]:
    """Return contrasts as printed by the studies, for example log hazard ratios.

    Parameters
    ----------
    studies, treatments, baselines
        Labels of each contrast (treatment against baseline). All contrasts of a study have the same baseline.
    estimates, variances
        Estimate and sampling variance of each contrast; shape (contrasts,).
    shared_variances
        For each study of more than two arms the variance of its baseline arm, which is the covariance of its
        contrasts; see ``shared_variance`` where only contrasts are printed.

    Returns
    -------
    tuple of StudyContrasts
        One per study, in order of first mention.

    Raises
    ------
    ValueError
        If columns differ in length, a study has two baselines, a study of several arms has no shared
        variance, or a number is not usable.
    """
    y, v = _columns("contrast", estimates, variances, studies, treatments, baselines)
    shared = shared_variances or {}
    contrasts = []
    for study, rows in _rows_by(studies).items():
        if len({baselines[row] for row in rows}) != 1:
            raise ValueError(f"study {study!r} has several baselines; express all against one")
        if len(rows) > 1 and study not in shared:
            raise ValueError(f"study {study!r} has {len(rows) + 1} arms; give its shared variance")
        off_diagonal = shared[study] if len(rows) > 1 else 0.0
        covariance = np.full((len(rows), len(rows)), float(off_diagonal))
        np.fill_diagonal(covariance, v[rows])
        contrasts.append(
            StudyContrasts(
                study, baselines[rows[0]], tuple(treatments[row] for row in rows), y[rows], covariance
            )
        )
    return tuple(contrasts)


def shared_variance(variance_b_a: float, variance_c_a: float, variance_c_b: float) -> float:
    """Return the covariance of the contrasts b - a and c - a of a three-arm study: the variance of arm a.

    Parameters
    ----------
    variance_b_a, variance_c_a, variance_c_b
        Sampling variances of the three contrasts.

    Raises
    ------
    ValueError
        If the three variances contradict each other: the arm's variance would not be above zero.
    """
    shared = (variance_b_a + variance_c_a - variance_c_b) / 2
    if not shared > 0:
        raise ValueError(
            f"the shared arm's variance comes out as {shared}, it must be above 0; check the three"
        )
    return float(shared)


def components(contrasts: Iterable[StudyContrasts]) -> tuple[tuple[str, ...], ...]:
    """Return the treatments of every connected part of the network.

    Parameters
    ----------
    contrasts
        The studies.

    Returns
    -------
    tuple of tuple of str
        The largest part first; treatments in alphabetical order.
    """
    parts: list[set[str]] = []
    for study in contrasts:
        joined = set(study.arms)
        apart = []
        for part in parts:
            if part & joined:
                joined |= part
            else:
                apart.append(part)
        parts = [*apart, joined]
    return tuple(sorted((tuple(sorted(part)) for part in parts), key=lambda part: (-len(part), part)))


def component_of(contrasts: Iterable[StudyContrasts], treatment: str) -> tuple[StudyContrasts, ...]:
    """Return the studies that are connected with a treatment.

    Parameters
    ----------
    contrasts
        The studies.
    treatment
        A treatment of the network.

    Raises
    ------
    ValueError
        If no study has the treatment.
    """
    studies = tuple(contrasts)
    for part in components(studies):
        if treatment in part:
            return tuple(study for study in studies if study.baseline in part)
    raise ValueError(f"no study has the treatment {treatment!r}; choose one of the network")


def _check_covariance(place: str, covariance: Floats) -> None:
    advice = "check the variances; an arm without events has none on this scale"
    if not np.all(np.isfinite(covariance)) or not np.allclose(covariance, covariance.T, rtol=1e-12, atol=0.0):
        raise ValueError(f"{place} has a covariance that is not finite and symmetric; {advice}")
    # Judged as correlations, so that the unit of the estimates does not matter.
    variances = np.diag(covariance)
    if np.any(variances <= 0):
        raise ValueError(f"{place} has a variance of {min(variances)}, it must be above 0; {advice}")
    scale = np.sqrt(variances)
    if np.linalg.eigvalsh(covariance / np.outer(scale, scale))[0] < 1e-12:
        raise ValueError(f"{place} has contrasts that determine each other; {advice}")


def _columns(
    what: str, estimates: npt.ArrayLike, variances: npt.ArrayLike, *labels: Sequence[str]
) -> tuple[Floats, Floats]:
    """Return the numbers as arrays; refuse columns of unequal length and unusable numbers, naming the row."""
    y, v = np.asarray(estimates, dtype=np.float64), np.asarray(variances, dtype=np.float64)
    if y.ndim != 1 or y.shape != v.shape or {len(column) for column in labels} != {len(y)}:
        raise ValueError(f"labels, estimates and variances must be columns with one value per {what}")
    unusable = np.flatnonzero(~(np.isfinite(y) & np.isfinite(v) & (v > 0)))
    if len(unusable):
        row = int(unusable[0])
        raise ValueError(
            f"{what} {row + 1}, study {labels[0][row]!r}: estimate {y[row]}, variance {v[row]}; both must be "
            "finite and the variance above 0. An arm without events has no estimate on a log scale: leave it "
            "out, combine arms, or choose a scale and a correction openly"
        )
    return y, v


def _rows_by(studies: Sequence[str]) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for row, study in enumerate(studies):
        rows.setdefault(study, []).append(row)
    return rows
