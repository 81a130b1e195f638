"""Hides small counts of patients, and so many larger ones that the small ones cannot be worked out.

The groups of a table together are all patients, and that total is known. A small count is shown as "<k". With
it other counts are hidden, saying only that they are not small, until their excess over k could make up for
any value the small one may have: then every value from 1 to k - 1 still agrees with all that is shown. The
same is done to the patients with an action within the groups, whose total is known as well. Where there are
too few patients for that, the table, or the patients with an action, are withheld.

What it does not defend against: someone who knows some of the patients, or from elsewhere how two answers
hang together. The method is complementary cell suppression (Hundepool et al., Statistical Disclosure Control,
2012).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from precollapse.screen.summary_model import HIDDEN, Count


def small(number: int, least_cell: int | None) -> bool:
    """Whether a number is from 1 to ``least_cell`` - 1."""
    return least_cell is not None and 1 <= number < least_cell


def shown(number: int, least_cell: int | None, *, hide: bool = False) -> Count:
    """Return a count: hidden when it is small, or when it has to be."""
    if small(number, least_cell):
        return Count(None, least_cell)
    return HIDDEN if hide else Count(number)


def hidden_groups(
    numbers: Sequence[int], least_cell: int | None, *, spare: Sequence[int] = ()
) -> set[int] | None:
    """Return which counts of a table to hide.

    Parameters
    ----------
    numbers
        Patients of each group; their sum is taken to be known.
    least_cell
        Counts from 1 to one less are small; None hides nothing.
    spare
        Places to hide last, because much else follows from them.

    Returns
    -------
    set of int or None
        Places to hide, small ones among them; None when the whole table must be withheld.
    """
    must = {place for place, number in enumerate(numbers) if small(number, least_cell)}
    if least_cell is None or not must:
        return set()
    order = sorted(
        (place for place, number in enumerate(numbers) if number >= least_cell),
        key=lambda place: (place in spare, numbers[place]),
    )
    also = _enough(order, [lambda place: numbers[place]], least_cell)
    return None if also is None else must | also


def hidden_splits(
    flagged: Sequence[int], numbers: Sequence[int], hidden: set[int], least_cell: int | None
) -> set[int] | None:
    """Return in which groups to hide how many have an action and, with it, how many have none.

    Parameters
    ----------
    flagged, numbers
        Patients with an action, and all patients, of each group; both sums are taken to be known.
    hidden
        Places whose number of patients is hidden; there the split always is.
    least_cell
        Counts from 1 to one less are small; None hides nothing.

    Returns
    -------
    set of int or None
        Places beyond ``hidden``; None when every group must hide it.
    """
    if least_cell is None:
        return set()
    rest = [number - one for one, number in zip(flagged, numbers, strict=True)]
    visible = [place for place in range(len(numbers)) if place not in hidden]
    must = {p for p in visible if small(flagged[p], least_cell) or small(rest[p], least_cell)}
    # What is hidden together can be worked out together, and must not be small then.
    together = [sum(part[place] for place in hidden) for part in (flagged, rest)]
    if not must and not any(small(number, least_cell) for number in together):
        return set()
    order = sorted(
        (place for place in visible if flagged[place] >= least_cell and rest[place] >= least_cell),
        key=lambda place: numbers[place],
    )
    also = _enough(order, [lambda place: flagged[place], lambda place: rest[place]], least_cell)
    return None if also is None else must | also


def _enough(order: Sequence[int], parts: Sequence[Callable[[int], int]], least_cell: int) -> set[int] | None:
    """Return the first places whose excess over ``least_cell`` makes up for any small count in every part."""
    taken: set[int] = set()
    for place in order:
        taken.add(place)
        if all(sum(part(one) - least_cell for one in taken) >= least_cell - 2 for part in parts):
            return taken
    return None
