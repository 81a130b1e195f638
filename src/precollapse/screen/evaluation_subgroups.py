"""How screening does by sex, age and cause, and where the difference is larger than chance would make it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from precollapse.screen.evaluation_cohort import Cohort, age_order
from precollapse.screen.evaluation_model import (
    Both,
    Difference,
    Dimension,
    Estimate,
    Measure,
    Subgroup,
    TooFew,
)
from precollapse.screen.evaluation_statistics import (
    Flags,
    Floats,
    censoring_weights,
    observed_over_expected,
    proportion,
)

DIMENSIONS: tuple[Dimension, ...] = ("sex", "age", "cause")
# Who is flagged follows the cause by design; a difference there is no finding.
_MEASURES: dict[Dimension, tuple[Measure, ...]] = {
    "sex": ("flagged_share", "sensitivity", "positive_predictive_value", "observed_over_expected"),
    "age": ("flagged_share", "sensitivity", "positive_predictive_value", "observed_over_expected"),
    "cause": ("sensitivity", "positive_predictive_value", "observed_over_expected"),
}


@dataclass(frozen=True, slots=True)
class Compared:
    """A subgroup and what it is compared with; ``against`` is the name of that level, null for all others."""

    here: Subgroup
    there: Subgroup
    against: str | None


def levels(cohort: Cohort, dimension: Dimension) -> list[tuple[str | None, str, Flags]]:
    """Return id, name and members of every level that occurs, in a fixed order, the unknown last."""
    column = cohort.labels[dimension]
    found: list[str | None] = column.drop_nulls().unique().sort().to_list()
    if dimension == "age":
        found.sort(key=age_order)
    if column.null_count():
        found.append(None)
    name = _names(cohort, dimension)
    return [(one, name(one), _members(column, one)) for one in found]


def _members(column: pl.Series, level: str | None) -> Flags:
    same = column.is_null() if level is None else (column == level).fill_null(value=False)
    return same.to_numpy().astype(bool)


def _names(cohort: Cohort, dimension: Dimension) -> Callable[[str | None], str]:
    if dimension != "cause":
        return lambda level: level or "not recorded"
    pairs = (
        cohort.labels.select("cause", "cause_name")
        .drop_nulls()
        .unique("cause", keep="first", maintain_order=True)
    )
    known = dict(pairs.iter_rows())
    return lambda level: "no decisive cause" if level is None else str(known.get(level, level))


def subgroup(cohort: Cohort, dimension: Dimension, level: str | None, name: str, members: Flags) -> Subgroup:
    """Return the figures of one subgroup; loss to follow-up is estimated within it."""
    counted = (cohort.known & members).astype(np.float64)
    weighted = _own_weights(cohort, members)

    def both(figure: Callable[[Floats], Estimate]) -> Both:
        return Both(counted=figure(counted), weighted=None if weighted is None else figure(weighted))

    acts, case, flagged = cohort.acts, cohort.case, cohort.flagged
    risk = np.where(cohort.assessed, cohort.risk, 0.0)  # those without a risk have weight 0 below
    seen = members & cohort.known & acts
    return Subgroup(
        dimension=dimension,
        level=level,
        name=name,
        n=int(members.sum()),
        lost=int((members & cohort.lost).sum()),
        cases=int((members & case).sum()),
        flagged=int((seen & flagged).sum()),
        found=int((seen & flagged & case).sum()),
        flagged_share=proportion(flagged, (members & acts).astype(np.float64)),
        sensitivity=both(lambda w: proportion(flagged, w * (case & acts))),
        positive_predictive_value=both(lambda w: proportion(case, w * flagged)),
        observed_over_expected=both(lambda w: observed_over_expected(case, risk, w * cohort.assessed)),
    )


def _own_weights(cohort: Cohort, members: Flags) -> Floats | None:
    weights = np.zeros(cohort.size)
    own = censoring_weights(
        cohort.time[members], cohort.known[members], np.zeros(int(members.sum()), dtype=np.int64)
    )
    if own is None:
        return None
    weights[members] = own
    return weights


def pairs(cohort: Cohort, dimension: Dimension) -> tuple[list[Subgroup], list[Compared]]:
    """Return the subgroups of a dimension, and each with what it is compared with.

    A known level is compared with all other known ones, the unknown level with all known ones. Of exactly two
    known levels one comparison says it.
    """
    found = levels(cohort, dimension)
    groups = [subgroup(cohort, dimension, *one) for one in found]
    known = [n for n, one in enumerate(found) if one[0] is not None or dimension == "cause"]
    compared = []
    for n, (level, _, _) in enumerate(found):
        others = [k for k in known if k != n]
        if not others or (len(known) == 2 and n == known[1]):
            continue
        if len(others) == 1:
            there, against = groups[others[0]], groups[others[0]].name
        else:
            members = np.logical_or.reduce([found[k][2] for k in others])
            there, against = subgroup(cohort, dimension, level, "the others", members), None
        compared.append(Compared(groups[n], there, against))
    return groups, compared


def differences(compared: Sequence[Compared], least_cases: int) -> tuple[list[Difference], list[TooFew], int]:
    """Return what differs clearly, what is too few to say, and how many comparisons were made."""
    found, few, made = [], [], 0
    for one in compared:
        here = one.here
        if min(here.cases or 0, one.there.cases or 0) < least_cases:
            few.append(TooFew(dimension=here.dimension, level=here.level, name=here.name))
            continue
        for measure, ours, theirs in _figures(one):
            made += 1
            higher = apart(ours, theirs)
            if higher is not None:
                found.append(
                    Difference(
                        dimension=here.dimension,
                        level=here.level,
                        name=here.name,
                        against=one.against,
                        measure=measure,
                        higher=higher,
                        here=ours,
                        there=theirs,
                    )
                )
    return found, few, made


def _figures(one: Compared) -> Iterator[tuple[Measure, Estimate, Estimate]]:
    for measure in _MEASURES[one.here.dimension]:
        ours, theirs = getattr(one.here, measure), getattr(one.there, measure)
        if isinstance(ours, Both):
            ours, theirs = ours.best, theirs.best
        yield measure, ours, theirs


def apart(ours: Estimate, theirs: Estimate) -> bool | None:
    """Return whether ours is higher, or None when the intervals overlap or one is not known."""
    if ours.low is None or ours.high is None or theirs.low is None or theirs.high is None:
        return None
    if ours.low > theirs.high:
        return True
    return False if ours.high < theirs.low else None
