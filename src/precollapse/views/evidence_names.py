"""Names of treatments and studies, and which treatment a reader means."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Mapping
from functools import cached_property

from precollapse.errors import KnowledgeError
from precollapse.evidence.fitted import LeftOut, Parameters
from precollapse.evidence.table.read import StudyTable

RANDOM = ("random", "side-to-side random")
COURSE, PUBLISHED = "natural-course", "published"
STAGES = {
    "before collapse": "hips before collapse",
    "collapsed": "collapsed hips",
    "mixed": "hips of any stage",
}


class Names:
    """What ids stand for.

    Parameters
    ----------
    parameters
        What was estimated.
    table
        The study table it was estimated from.
    lumped
        Treatments that count as another one where treatments are compared.
    """

    def __init__(
        self, parameters: Parameters, table: StudyTable, lumped: Mapping[str, str] | None = None
    ) -> None:
        self.parameters, self.table, self.lumped = parameters, table, lumped or {}

    def treatment(self, name: str) -> str:
        """Return the name of a treatment in a sentence: without a capital unless it is an abbreviation."""
        full = self.parameters.treatments.get(name, name.replace("_", " "))
        return full if full[1:2].isupper() or not full else full[0].lower() + full[1:]

    def short(self, name: str) -> str:
        """Return a name for the axis of a plot; the reference is never just "none"."""
        entry = self.table.treatments.get(name)
        full = self.treatment(name)
        return full if entry is None or len(full) <= 20 else entry.short

    def study(self, name: str) -> str:
        """Return first author and year where they are known and say which study is meant, else the id."""
        label = self._labels.get(name, name)
        return label if self._counted[label] <= 1 else f"{label} ({name})"

    def resolve(self, wanted: str) -> str:
        """Return the id of a treatment, network or other table that a reader means.

        Raises
        ------
        KnowledgeError
            When there is none; the message names the nearest names.
        """
        found = self._meant.get(_key(wanted))
        if found is not None:
            return found
        near = difflib.get_close_matches(_key(wanted), self._meant, n=3, cutoff=0.5)
        ids = list(dict.fromkeys(self._meant[one] for one in near))
        hint = f"did you mean {' or '.join(ids)}?" if ids else "try: precollapse evidence list"
        raise KnowledgeError(f"there is no treatment or table {wanted!r}; {hint}")

    def concerns(self, one: LeftOut, treatment: str) -> bool:
        """Say whether a row that was left out belongs to a treatment."""
        arm = self.table.arms.get(one.row)
        return arm is not None and arm.treatment == treatment

    def printed_for(self, figure: str) -> tuple[str, ...]:
        """Return the treatments a published figure compares, as far as they are known."""
        found = self.table.figures.get(figure)
        return () if found is None else tuple(one for one in (found.treatment, found.comparator) if one)

    @cached_property
    def _meant(self) -> dict[str, str]:
        tables = [one.id for one in self.parameters.networks] + [COURSE, PUBLISHED]
        treatments = dict.fromkeys([*self.parameters.treatments, *self.table.treatments])
        words = {
            _key(self.table.treatments[one].short): one for one in treatments if one in self.table.treatments
        }
        words |= {_key(self.treatment(one)): one for one in treatments}
        return words | {_key(one): one for one in treatments} | {_key(one): one for one in tables}

    @cached_property
    def _labels(self) -> dict[str, str]:
        cited = dict(self.table.studies) | dict(self.parameters.studies)
        return {name: _label(name, one.authors, one.year) for name, one in cited.items()}

    @cached_property
    def _counted(self) -> Counter[str]:
        return Counter(self._labels.values())


def _key(text: str) -> str:
    return " ".join(text.lower().replace("_", " ").replace("-", " ").split())


def _label(name: str, authors: str | None, year: int | None) -> str:
    if not authors or year is None:
        return name
    words = authors.replace(" et al.", "").split(",")[0].split()
    while len(words) > 1 and words[-1].isupper() and len(words[-1]) <= 3:
        words.pop()
    return f"{' '.join(words)} {year}"
