"""The league table: every treatment against every other one, as cells and as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rich.cells import cell_len, set_cell_size

from precollapse.evidence.fitted import EffectFitted, Estimate
from precollapse.views.plots.words import estimate_words

WIDTH = 80
_LABEL, _COLUMN = 20, 28


def inverted(ratio: Estimate) -> Estimate:
    """Return the ratio the other way round.

    Raises
    ------
    ValueError
        When a bound is not positive.
    """
    if not (ratio.value > 0 and ratio.low > 0 and ratio.high > 0):
        raise ValueError(
            f"ratio {ratio.value} ({ratio.low} to {ratio.high}): only positive ratios can be inverted"
        )
    return Estimate(value=1 / ratio.value, low=1 / ratio.high, high=1 / ratio.low)


def league_ratios(effects: Sequence[EffectFitted]) -> dict[tuple[str, str], Estimate]:
    """Return the pooled ratio of every pair (treatment, versus) in both orders."""
    ratios: dict[tuple[str, str], Estimate] = {}
    for one in effects:
        ratios[one.treatment, one.versus] = one.ratio
        ratios.setdefault((one.versus, one.treatment), inverted(one.ratio))
    return ratios


def league_cells(
    treatments: Sequence[str], ratios: Mapping[tuple[str, str], Estimate], label: Callable[[str], str]
) -> list[list[str]]:
    """Return the table by rows: the treatment of the row against that of the column; names are diagonal."""
    return [
        [
            label(row)
            if row == column
            else (estimate_words(ratios[row, column], "ratio") if (row, column) in ratios else "")
            for column in treatments
        ]
        for row in treatments
    ]


def league_lines(
    treatments: Sequence[str],
    ratios: Mapping[tuple[str, str], Estimate],
    label: Callable[[str], str],
    width: int = WIDTH,
) -> list[str]:
    """Return the table as text: as many columns at a time as the width allows."""
    cells = league_cells(treatments, ratios, label)
    most = max(1, (width - _LABEL) // _COLUMN)
    lines: list[str] = []
    for first in range(0, len(treatments), most):
        chosen = range(first, min(first + most, len(treatments)))
        heads = "".join(_cell(label(treatments[column])) for column in chosen)
        lines += ["", (" " * _LABEL + heads).rstrip()]
        for row, name in enumerate(treatments):
            values = ("-" if column == row else cells[row][column] for column in chosen)
            lines.append((_fitted(label(name), _LABEL) + "".join(map(_cell, values))).rstrip())
    return lines[1:]


def _cell(said: str) -> str:
    return " " + _fitted(said, _COLUMN - 1)


def _fitted(said: str, width: int) -> str:
    return set_cell_size(said, width) if cell_len(said) <= width else set_cell_size(said, width - 1) + "."
