"""What a forest plot shows, apart from how it is drawn: the same for the picture and for the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from precollapse.evidence.fitted import Estimate

Kind = Literal["study", "pooled", "part", "course"]
Scale = Literal["ratio", "rate", "probability"]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the plot.

    Attributes
    ----------
    label, cells, value, letter
        Words before the plot, columns beside them, words after it, one letter (risk of bias or certainty).
    brief
        What of the cells a narrow terminal shows.
    estimate
        The square, diamond or tick with its 95 % interval.
    weight
        Area of the square relative to the others of the same plot; None draws all alike.
    wide
        A wider interval behind the first one: prediction, or what bias may add.
    observed
        What was seen, where ``estimate`` is what a model says.
    kind
        A study, a pooled result, a part of a pooled result, or a model's course beside what was seen.
    hollow
        Drawn without filling: not randomised, unless ``Forest.squares`` says otherwise.
    """

    label: str
    cells: tuple[str, ...]
    value: str
    estimate: Estimate | None
    brief: str = ""
    letter: str = ""
    weight: float | None = None
    wide: Estimate | None = None
    observed: float | None = None
    kind: Kind = "study"
    hollow: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under a common heading; an empty heading is not drawn."""

    heading: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """One comparison: its groups of studies and what they give together."""

    heading: str
    groups: tuple[Group, ...]
    pooled: tuple[Row, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        """Return every row of the panel from top to bottom."""
        return (*(row for group in self.groups for row in group.rows), *self.pooled)


@dataclass(frozen=True, slots=True)
class Forest:
    """A forest plot.

    ``favours`` are the words left and right of no difference, ``notes`` explain the marks of the picture and
    ``caption`` the columns on a terminal. In the headings | starts a new line.
    ``squares`` says what filled and hollow squares are.
    """

    title: str
    scale: Scale
    columns: tuple[str, ...]
    value_heading: str
    panels: tuple[Panel, ...]
    letter_heading: str = ""
    favours: tuple[str, str] | None = None
    notes: tuple[str, ...] = ()
    caption: str = ""
    squares: tuple[str, str] = ("randomised", "not randomised")

    @property
    def rows(self) -> tuple[Row, ...]:
        """Return every row of the plot from top to bottom."""
        return tuple(row for panel in self.panels for row in panel.rows)
