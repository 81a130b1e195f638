"""Decides by which way a corticosteroid reaches the body: systemic, into the hip joint, or only locally.

The words and codes of routes and dose forms stand in the knowledge (``drugs/routes.yaml``). A way that is
not said stays unknown; it is never taken for systemic.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Literal

from precollapse.chart.codes import plain_code, system_of
from precollapse.chart.compiled import once_per_knowledge
from precollapse.chart.model import Route
from precollapse.chart.text_words import HIP_WORDS, OTHER_SITES
from precollapse.knowledge.bundle import Knowledge

Way = Literal["systemic", "local", "intra_articular"]
Codings = Iterable[tuple[str | None, str | None]]

WAYS: tuple[Way, ...] = ("systemic", "local", "intra_articular")
LONGEST_TEXT = 1_000
INTO_HIP = "intra_articular_hip_corticosteroid"  # the concept of the way "intra_articular" into a hip


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(map(re.escape, words), key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(longest_first) + r")(?!\w)")


_HIP = _any_of(HIP_WORDS)
_OTHER_SITE = _any_of(OTHER_SITES)


def is_hip(site: str | None) -> bool | None:
    """Tell whether words name the hip or another part of the body; None when they name neither."""
    if not site:
        return None
    plain = site[:LONGEST_TEXT].lower()
    if _HIP.search(plain):
        return True
    return False if _OTHER_SITE.search(plain) else None


class RouteTable:
    """The words and codes of routes, ready to be looked up. Use ``RouteTable.of(knowledge)``."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.words: dict[str, Way] = {}
        self.codes: dict[tuple[str, str], Way] = {}
        self.prefixes: dict[tuple[str, str], Way] = {}
        for way in WAYS:
            entry: dict[str, Any] = knowledge.routes[way]
            self.words.update(dict.fromkeys((word.lower() for word in entry["words"]), way))
            for code in entry["codes"]:
                key = (code["system"], plain_code(code["system"], code["code"]))
                self.codes[key] = way
                if code.get("children"):
                    self.prefixes[key] = way
        self._pattern = _any_of(self.words)

    @staticmethod
    def of(knowledge: Knowledge) -> RouteTable:
        """Return the table of a knowledge, built once."""
        return _table(knowledge)

    def in_text(self, text: str | None) -> Way | None:
        """Return the way that a text names; the longest words win."""
        if not text:
            return None
        found = self._pattern.findall(text[:LONGEST_TEXT].lower())
        return self.words[max(found, key=len)] if found else None

    def in_codes(self, codings: Codings) -> Way | None:
        """Return the way that the first known code stands for; of a product, its ATC class."""
        for uri, code in codings:
            system = system_of(uri)
            if system is None or not code:
                continue
            way = self._of_code(system, plain_code(system, code))
            if way is not None:
                return way
        return None

    def _of_code(self, system: str, code: str) -> Way | None:
        way = self.codes.get((system, code))
        if way is None and system == "atc":
            prefixes = (code[:length] for length in range(len(code) - 1, 0, -1))
            way = next((self.prefixes[system, p] for p in prefixes if (system, p) in self.prefixes), None)
        return way


@once_per_knowledge
def _table(knowledge: Knowledge) -> RouteTable:
    return RouteTable(knowledge)


def route_of(
    knowledge: Knowledge,
    *,
    codings: Codings = (),
    route_words: str | None = None,
    site: str | None = None,
    product_codings: Codings = (),
    name: str | None = None,
    sig: str | None = None,
    never_systemic: bool = False,
) -> Route:
    """Return the route of a corticosteroid, from what says it most directly.

    Parameters
    ----------
    knowledge
        For the words and codes of routes.
    codings, route_words
        The route itself, as coded and as worded.
    site
        Where it is given ("left hip joint").
    product_codings, name
        The product: its dose form stands in its name, its ATC class in its codes.
    sig
        The directions.
    never_systemic
        Whether the ingredient is only ever used locally.
    """
    table = RouteTable.of(knowledge)
    way = (
        table.in_codes(codings)
        or table.in_text(route_words)
        or table.in_text(name)
        or table.in_codes(product_codings)
        or table.in_text(sig)
    )
    if way == "intra_articular":
        hip = is_hip(" ".join(filter(None, (site, route_words, sig))))
        return "unknown" if hip is None else "intra_articular_hip" if hip else "local"
    if way is None:
        return "local" if never_systemic else "unknown"
    # What is only ever used locally stays local whatever form it has: an oral suspension for the gullet.
    return "local" if never_systemic and way == "systemic" else way
