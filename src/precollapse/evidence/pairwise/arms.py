"""Checked arms of studies as arrays: counts, people, means; for effect sizes and sparse-event models."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Effect = tuple[Floats, Floats]


def existing(estimate: Callable[[], Floats], variance: Callable[[], Floats]) -> Effect:
    """Compute both and set NaN where either is not finite or the variance is not above zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        estimates, variances = estimate(), variance()
    exists = np.isfinite(estimates) & np.isfinite(variances) & (variances > 0)
    return np.where(exists, estimates, np.nan), np.where(exists, variances, np.nan)


def table_cells(
    events_1: npt.ArrayLike,
    n_1: npt.ArrayLike,
    events_0: npt.ArrayLike,
    n_0: npt.ArrayLike,
    add: float | None,
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the four cells of each table: with and without event, treated then comparator."""
    x_1, k_1, x_0, k_0 = arrays(events_1=events_1, n_1=n_1, events_0=events_0, n_0=n_0)
    check_arm(x_1, k_1, "events_1", "n_1")
    check_arm(x_0, k_0, "events_0", "n_0")
    a, b, c, d = add_to_zero_tables([x_1, k_1 - x_1, x_0, k_0 - x_0], add)
    return a, b, c, d


def add_to_zero_tables(cells: list[Floats], add: float | None) -> list[Floats]:
    """Add the amount to all cells of the tables that have a zero; None adds nothing."""
    if add is None:
        return cells
    if not (np.isfinite(add) and add > 0):
        raise ValueError(f"add is {add}, it must be a number above 0; leave it out to correct nothing")
    has_zero = np.any(np.stack(cells) == 0, axis=0)
    return [cell + np.where(has_zero, add, 0.0) for cell in cells]


def continuous_arms(
    mean_1: npt.ArrayLike,
    sd_1: npt.ArrayLike,
    n_1: npt.ArrayLike,
    mean_0: npt.ArrayLike,
    sd_0: npt.ArrayLike,
    n_0: npt.ArrayLike,
) -> list[Floats]:
    """Return the six numbers of two arms with a continuous outcome, checked."""
    arms = arrays(mean_1=mean_1, sd_1=sd_1, n_1=n_1, mean_0=mean_0, sd_0=sd_0, n_0=n_0)
    for name, values in (("sd_1", arms[1]), ("sd_0", arms[4])):
        refuse(values < 0, name, values, "must not be negative; check the extraction")
    for name, values in (("n_1", arms[2]), ("n_0", arms[5])):
        refuse(values <= 0, name, values, "must be above 0; leave empty arms out")
    return arms


def check_arm(events: Floats, people: Floats, events_name: str, people_name: str) -> None:
    """Refuse empty arms and counts outside 0 to the number of people."""
    refuse(people <= 0, people_name, people, "must be above 0; leave empty arms out")
    refuse(events < 0, events_name, events, "must not be negative; check the extraction")
    refuse(events > people, events_name, events, f"must not exceed {people_name}; check the extraction")


def arrays(**named: npt.ArrayLike) -> list[Floats]:
    """Return the arguments as float arrays of one shape; refuse what is not finite."""
    arrays = [np.asarray(values, dtype=np.float64) for values in named.values()]
    try:
        arrays = [np.array(one) for one in np.broadcast_arrays(*arrays)]
    except ValueError:
        shapes = ", ".join(f"{name} {one.shape}" for name, one in zip(named, arrays, strict=True))
        raise ValueError(f"shapes differ ({shapes}); give one value per study in each") from None
    for name, one in zip(named, arrays, strict=True):
        refuse(~np.isfinite(one), name, one, "must be a finite number; leave studies without it out")
    return arrays


def refuse(wrong: npt.NDArray[np.bool_], name: str, values: Floats, rule: str) -> None:
    """Raise ValueError with name, place and value of the first wrong entry."""
    if np.any(wrong):
        place = np.argwhere(wrong)[0]
        index = "".join(f"[{number}]" for number in place)
        raise ValueError(f"{name}{index} is {values[tuple(place)]:g}, it {rule}")
