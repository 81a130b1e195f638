"""From published points of survival curves to survival within stretches of time, per study.

The survival from a to b of those who survived to a is S(b) / S(a). ``pooled_survival`` pools it over studies.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from precollapse.evidence.survival.risk_sets import Array

Point = tuple[float, float, float]  # survival, standard error, effective number


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """What k studies say of the time from ``start`` to ``end``: survival within it, its worth in persons."""

    start: float
    end: float
    studies: tuple[Hashable, ...]
    survival: Array
    persons: Array


def conditional_survival(
    study: Sequence[Hashable],
    horizon: npt.ArrayLike,
    survival: npt.ArrayLike,
    ends: Array,
    *,
    standard_error: npt.ArrayLike | None = None,
    effective_number: npt.ArrayLike | None = None,
) -> tuple[tuple[Stretch, ...], tuple[tuple[Hashable, float], ...]]:
    """Return the conditional survival of every study in every stretch it covers, and the points not used.

    Parameters
    ----------
    study, horizon, survival
        One entry per published point (p,).
    ends
        Ends of the stretches (h,), rising; the first begins at 0, where survival is 1.
    standard_error
        Of the survival (p,), by Greenwood, NaN where unknown. Greenwood's variance of ln S grows only by what
        happens in the stretch, so with v = (SE_b / S_b)² - (SE_a / S_a)² the stretch is worth (1 - q) / (q v)
        persons.
    effective_number
        Persons followed until the event or the horizon (p,), NaN where unknown. The stretch is worth as many
        of them as survived to its start: n_b · S_a. Taken if a stretch has not both standard errors, and
        where nobody or everybody had the event.

    Returns
    -------
    tuple
        One ``Stretch`` per end, studies in the order of their first point; and (study, horizon) of unused
        points.

    Raises
    ------
    ValueError
        If a survival is out of range or rises, a point stands twice, precision is missing or contradicts
        itself, or a stretch has no study.
    """
    points = _points(study, horizon, survival, standard_error, effective_number)
    starts = np.concatenate([[0.0], ends[:-1]])
    used: set[tuple[Hashable, float]] = set()
    stretches = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        found: list[tuple[Hashable, float, float]] = []
        for name, curve in points.items():
            if start in curve and end in curve and curve[start][0] > 0:
                where = f"study {name!r}, {start:g} to {end:g}"
                found.append((name, *_within_stretch(curve[start], curve[end], where)))
                used |= {(name, start), (name, end)}
        if not found:
            raise ValueError(
                f"no study has survival at both {start:g} and {end:g}; leave one of these horizons out."
            )
        names, shares, persons = zip(*found, strict=True)
        stretches.append(Stretch(start, end, names, np.array(shares), np.array(persons)))
    unused = [(name, time) for name, curve in points.items() for time in curve if time > 0]
    return tuple(stretches), tuple(point for point in unused if point not in used)


def _points(
    study: Sequence[Hashable],
    horizon: npt.ArrayLike,
    survival: npt.ArrayLike,
    standard_error: npt.ArrayLike | None,
    effective_number: npt.ArrayLike | None,
) -> dict[Hashable, dict[float, Point]]:
    """Return the points of each study by time, beginning with survival 1 at 0; refuse what cannot be."""
    times = _column("horizon", horizon, len(study))
    shares = _column("survival", survival, len(study))
    errors = _column("standard_error", standard_error, len(study))
    numbers = _column("effective_number", effective_number, len(study))
    curves: dict[Hashable, dict[float, Point]] = {}
    for i in np.argsort(times, kind="stable").tolist():
        name, time, share = study[i], float(times[i]), float(shares[i])
        curve = curves.setdefault(name, {0.0: (1.0, 0.0, np.nan)})
        if not (np.isfinite(time) and time > 0 and 0 <= share <= 1):
            raise ValueError(f"study {name!r}: survival {share} at {time}; needed: 0 to 1, time above 0.")
        if time in curve:
            raise ValueError(f"study {name!r}: two points at {time:g}; keep one.")
        before, value = next(reversed(curve.items()))
        if share > value[0]:
            rise = f"from {value[0]} at {before:g} to {share} at {time:g}"
            raise ValueError(f"study {name!r}: survival rises {rise}; correct it or leave one point out.")
        if errors[i] < 0 or numbers[i] <= 0:
            precision = f"standard_error is {errors[i]}, effective_number {numbers[i]}"
            raise ValueError(
                f"study {name!r} at {time:g}: {precision}; not below 0, and above 0, are needed."
            )
        curve[time] = (share, float(errors[i]), float(numbers[i]))
    return {name: curves[name] for name in dict.fromkeys(study)}


def _column(name: str, values: npt.ArrayLike | None, size: int) -> Array:
    """Return one value per point; NaN where none was given."""
    if values is None:
        return np.full(size, np.nan)
    array = np.asarray(values, dtype=np.float64)
    if array.shape != (size,):
        raise ValueError(f"{name} has shape {array.shape}; give one value per point ({size},).")
    return array


def _within_stretch(first: Point, second: Point, where: str) -> tuple[float, float]:
    """Return the conditional survival from one point to the next, and how many persons it is worth."""
    q = second[0] / first[0]
    if 0 < q < 1 and not np.isnan(first[1]) and not np.isnan(second[1]):
        growth = (second[1] / second[0]) ** 2 - (first[1] / first[0]) ** 2
        if growth <= 0:
            raise ValueError(
                f"{where}: the standard errors {first[1]:g} and {second[1]:g} contradict each other: "
                "that of ln S must grow. Perhaps they are rounded. Give effective_number instead."
            )
        return q, (1 - q) / (q * growth)
    if np.isnan(second[2]):
        raise ValueError(
            f"{where}: nothing says how many persons this is worth. Give effective_number at the end, or "
            "standard_error at both ends if there were events in between (and survivors)."
        )
    return q, second[2] * first[0]
