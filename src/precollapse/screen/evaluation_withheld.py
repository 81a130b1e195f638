"""Small counts are withheld: from 1 to below ``least_cell``, and what would give them away by subtraction.

A rule of thumb of those who release tables, no proof that nobody can be found. A count of 0 is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from precollapse.screen.evaluation_model import (
    WITHHELD,
    Both,
    Flagging,
    Funnel,
    LeadTime,
    NetBenefit,
    Probabilities,
    RiskGroup,
    Subgroup,
)

Counts = Sequence[int]
_UNKNOWN = Both(counted=WITHHELD)


def small(count: int, least: int | None) -> bool:
    """Return whether a count is withheld by itself."""
    return least is not None and 0 < count < least


def parts_shown(counts: Counts, least: int | None, must: Sequence[bool] = ()) -> list[bool]:
    """Return which parts of a known total are shown.

    The small ones are not, nor those that ``must`` be hidden. If they could be told from the total, because
    there is only one or all of them together are small, the next larger ones are withheld too.
    """
    hide = must or [False] * len(counts)
    shown = [not (small(count, least) or one) for count, one in zip(counts, hide, strict=True)]
    rising = sorted((n for n, one in enumerate(shown) if one and counts[n] > 0), key=lambda n: counts[n])
    for n in rising:
        hidden = [counts[k] for k, one in enumerate(shown) if not one]
        if not hidden or (len(hidden) > 1 and not small(sum(hidden), least)):
            break
        shown[n] = False
    return shown


def _of(whole: int | None, part: int, least: int | None) -> int | None:
    """Return a part of a whole unless it or the rest of the whole is small, or the whole is withheld."""
    if whole is None:
        return None if part > 0 else part
    return None if small(part, least) or small(whole - part, least) else part


def withhold_funnel(funnel: Funnel, least: int | None) -> Funnel:
    """Return the funnel without small counts."""
    if least is None:
        return funnel
    names = ("diagnosed", "died", "event_free", "lost")
    shown = parts_shown([getattr(funnel, name) for name in names], least)
    changed: dict[str, Any] = {name: None for name, one in zip(names, shown, strict=True) if not one}
    before = (funnel.diagnosed_before or 0, funnel.dead_before or 0)
    if any(small(count, least) for count in before):
        changed |= {"diagnosed_before": None, "dead_before": None}
    if small(sum(before), least) or small(funnel.patients or 0, least):
        changed["patients"] = None
    if small(funnel.evaluated or 0, least):
        changed["evaluated"] = None
    inside = dict.fromkeys(("without_action", "without_risk", "diagnosed_after_death"), funnel.evaluated)
    inside |= {"never_followed": None if "lost" in changed else funnel.lost}
    changed |= {name: _of(whole, getattr(funnel, name), least) for name, whole in inside.items()}
    if small(funnel.outcomes_without_prediction or 0, least):
        changed["outcomes_without_prediction"] = None
    return msgspec.structs.replace(funnel, **changed)


def withhold_flagging(flagging: Flagging, least: int | None) -> Flagging:
    """Return the flagging without its cells and all that follows from them when one of the cells is small."""
    if least is None:
        return flagging
    cells = ("true_positives", "false_positives", "false_negatives", "true_negatives")
    changed: dict[str, Any] = {}
    if any(small(getattr(flagging, name), least) for name in cells):
        changed = dict.fromkeys(cells)
        changed |= {
            name: _UNKNOWN for name in flagging.__struct_fields__ if isinstance(getattr(flagging, name), Both)
        }
        cases = (flagging.true_positives or 0) + (flagging.false_negatives or 0)
        if not small(cases, least):
            changed["cases_per_1000_screened"] = flagging.cases_per_1000_screened
    if small(flagging.flagged or 0, least):
        changed |= {"flagged": None, "flagged_share": WITHHELD, "flagged_lost": None}
    elif small(flagging.flagged_lost or 0, least):
        changed["flagged_lost"] = None
        if "false_positives" not in changed:  # flagged - true - false positives would give it away
            changed |= {"flagged": None, "flagged_share": WITHHELD}
    return msgspec.structs.replace(flagging, **changed)


def withhold_probabilities(
    probabilities: Probabilities, cases: int, others: int, least: int | None
) -> Probabilities:
    """Return the figures of the probabilities; none when the cases or the others among them are few."""
    if least is None:
        return probabilities
    if small(cases, least) or small(others, least):
        changed: dict[str, Any] = {
            name: _UNKNOWN
            for name in probabilities.__struct_fields__
            if isinstance(getattr(probabilities, name), Both)
        }
        number = None if small(probabilities.n or 0, least) else probabilities.n
        return msgspec.structs.replace(probabilities, **changed, n=number, expected=None, groups=())
    return msgspec.structs.replace(probabilities, groups=_groups(probabilities.groups, least))


def _groups(groups: Sequence[RiskGroup], least: int) -> tuple[RiskGroup, ...]:
    def counts(name: str) -> list[int]:
        return [getattr(one, name) or 0 for one in groups]

    others = [n - lost - cases for n, lost, cases in zip(*map(counts, ("n", "lost", "cases")), strict=True)]
    hide = {"cases": [small(count, least) for count in others]}
    shown = {name: parts_shown(counts(name), least, hide.get(name, ())) for name in ("n", "lost", "cases")}
    kept = []
    for k, one in enumerate(groups):
        changed: dict[str, Any] = {name: None for name, flags in shown.items() if not flags[k]}
        if changed:
            changed["observed"] = _UNKNOWN
        kept.append(msgspec.structs.replace(one, **changed))
    return tuple(kept)


@dataclass(frozen=True, slots=True)
class Above:
    """Who is above a threshold and below it: cases and others."""

    cases: int
    others: int
    cases_below: int
    others_below: int

    def shown(self, least: int | None) -> bool:
        """Return whether none of the four counts is small."""
        return not any(
            small(n, least) for n in (self.cases, self.others, self.cases_below, self.others_below)
        )


def withhold_curve(
    curve: Sequence[NetBenefit], above: Sequence[Above], flags_shown: bool, least: int | None
) -> tuple[NetBenefit, ...]:
    """Return the decision curve without the points that rest on a small count."""
    if least is None:
        return tuple(curve)
    kept = []
    for one, counts in zip(curve, above, strict=True):
        if small(counts.cases + counts.cases_below, least):
            continue
        kept.append(
            msgspec.structs.replace(
                one,
                model=one.model if counts.shown(least) else WITHHELD,
                flagged=one.flagged if flags_shown else None,
            )
        )
    return tuple(kept)


def withhold_lead_time(lead: LeadTime, shown: bool, least: int | None) -> LeadTime:
    """Return the lead time, nothing of it where the true positives are withheld or few."""
    if least is None or (shown and not small(lead.n or 0, least)):
        return lead
    return LeadTime(n=None, lower_quartile_days=None, median_days=None, upper_quartile_days=None)


def withhold_subgroups(groups: Sequence[Subgroup], least: int | None) -> list[Subgroup]:
    """Return the subgroups of one dimension without small counts and what follows from them."""
    if least is None:
        return list(groups)
    hide = [_gives_away(one, least) for one in groups]
    shown = {
        name: parts_shown([getattr(one, name) for one in groups], least, [name in one for one in hide])
        for name in ("n", "lost", "cases", "flagged", "found")
    }
    return [_subgroup(one, {name: flags[k] for name, flags in shown.items()}) for k, one in enumerate(groups)]


def _gives_away(one: Subgroup, least: int) -> set[str]:
    """Return the counts from which a small one could be worked out within the subgroup."""
    n, lost, cases = one.n or 0, one.lost or 0, one.cases or 0
    flagged, found = one.flagged or 0, one.found or 0
    cells = (found, flagged - found, cases - found, n - lost - cases - (flagged - found))
    hide = {"found"} if any(small(cell, least) for cell in cells) else set()
    if small(n - lost - flagged, least):
        hide.add("flagged")
    if small(n - lost - cases, least):
        hide.add("cases")
    return hide


def _subgroup(one: Subgroup, shown: dict[str, bool]) -> Subgroup:
    changed: dict[str, Any] = {name: None for name, is_shown in shown.items() if not is_shown}
    if not (shown["n"] and shown["flagged"]):
        changed["flagged_share"] = WITHHELD
    if not (shown["found"] and shown["cases"]):
        changed["sensitivity"] = _UNKNOWN
    if not (shown["found"] and shown["flagged"]):
        changed["positive_predictive_value"] = _UNKNOWN
    if not shown["cases"]:
        changed["observed_over_expected"] = _UNKNOWN
    return msgspec.structs.replace(one, **changed)
