"""Design matrices of a network: the consistency model, and every design of study for itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from precollapse.evidence.network.contrasts import Floats, StudyContrasts


def consistency_design(contrasts: Sequence[StudyContrasts], treatments: Sequence[str]) -> Floats:
    """Return the design matrix of the consistency model.

    Parameters
    ----------
    contrasts
        The studies.
    treatments
        All treatments, the reference first.

    Returns
    -------
    ndarray
        One column per treatment but the reference; 1 for the treatment of a contrast, -1 for its baseline;
        shape (contrasts, treatments - 1).
    """
    column = {treatment: place for place, treatment in enumerate(treatments)}
    rows = [_row(study, treatment, column) for study in contrasts for treatment in study.treatments]
    return np.array(rows)[:, 1:]


def interaction_design(contrasts: Sequence[StudyContrasts]) -> Floats:
    """Return the design matrix in which every set of treatments compared has its own effects.

    Parameters
    ----------
    contrasts
        The studies. Two studies have the same design if they compare the same set of treatments.

    Returns
    -------
    ndarray
        For each design one column per treatment but its first; shape (contrasts, sum of arms less designs).
        Its columns span those of the consistency model (Higgins et al. 2012).
    """
    columns: dict[tuple[tuple[str, ...], str], int] = {}
    for study in contrasts:
        arms = tuple(sorted(study.arms))
        for treatment in arms[1:]:
            columns.setdefault((arms, treatment), len(columns))
    rows = []
    for study in contrasts:
        arms = tuple(sorted(study.arms))
        for treatment in study.treatments:
            row = np.zeros(len(columns))
            for arm, sign in ((treatment, 1.0), (study.baseline, -1.0)):
                if arm != arms[0]:
                    row[columns[arms, arm]] = sign
            rows.append(row)
    return np.array(rows)


def side_split_column(contrasts: Sequence[StudyContrasts], treatment: str, versus: str) -> Floats:
    """Return the column that lets studies of both treatments differ from the rest.

    Parameters
    ----------
    contrasts
        The studies.
    treatment, versus
        The comparison that is split.

    Returns
    -------
    ndarray
        In studies of both, half for the one arm and less half for the other, so that their contrast moves by
        one and a third arm stands in between (White 2015); 0 elsewhere; shape (contrasts,).
    """
    side = {treatment: 0.5, versus: -0.5}
    parts = []
    for study in contrasts:
        values = np.array(
            [side.get(other, 0.0) - side.get(study.baseline, 0.0) for other in study.treatments]
        )
        parts.append(values if has_both(study, treatment, versus) else 0.0 * values)
    return np.concatenate(parts)


def has_both(study: StudyContrasts, treatment: str, versus: str) -> bool:
    """Tell whether a study compares two treatments directly."""
    return treatment in study.arms and versus in study.arms


def _row(study: StudyContrasts, treatment: str, column: dict[str, int]) -> Floats:
    row = np.zeros(len(column))
    row[column[treatment]] = 1.0
    row[column[study.baseline]] = -1.0
    return row
