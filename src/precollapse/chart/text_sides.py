"""Attributes a side of the body to a phrase in a text: the nearest side word of the same clause."""

from __future__ import annotations

from precollapse.chart.model import Side
from precollapse.chart.text_sites import OTHER_SITE_WORDS
from precollapse.chart.text_tokens import BREAKS, Tokens
from precollapse.chart.text_words import COMPARING

# Words that join two sides to both: "left more than right", "left and right".
_JOINING = frozenset(
    ["and", "or", "more", "than", "/", ">", "&", "+", "<", "greater", "worse", "also", "hip", "side", ","]
)
_JOINING_REACH = 4
REACH = 60  # tokens; beyond it a side is that of something else


def side_of_span(tokens: Tokens, start: int, end: int, clause: tuple[int, int]) -> Side | None:
    """Return the side a phrase is said to be on.

    Parameters
    ----------
    tokens
        The text.
    start, end
        First token of the phrase and the one after its last.
    clause
        First token of its clause and the one after its last.
    """
    if not tokens.sides:
        return None
    said = [token.word for token in tokens.words[start:end]]
    within_reach = [found for found in tokens.sides if start - REACH <= found[0] <= end + REACH]
    of_hip = [found for found in within_reach if not _of_other_site(tokens, found[0], said)]
    near = [(place, side) for place, side in of_hip if clause[0] <= place <= clause[1]]
    if near and not (near := [found for found in near if _may_reach(tokens, found[0], start, end)]):
        return None
    if not near:
        sides = {side for _, side in of_hip}
        return _side(sides.pop()) if len(sides) == 1 else None
    ranked = sorted(near, key=lambda found: (_distance(found[0], start, end), found[0] > start))
    place, side = ranked[0]
    if _compares(tokens, place) and not any(
        _joined(tokens, place, other) for other, _ in near if other != place
    ):
        others = {other for other_place, other in near if not _compares(tokens, other_place)}
        return _side(others.pop()) if len(others) == 1 else None
    for other_place, other in near:
        if other != side and _joined(tokens, place, other_place):
            return "both"
    return _side(side)


def _of_other_site(tokens: Tokens, place: int, said: list[str]) -> bool:
    """Tell whether a side belongs to another site: the "right" of "right proximal tibia" is not the hip's."""
    following = [token.word for token in tokens.words[place : place + 2]]
    return bool(OTHER_SITE_WORDS & set(following)) and not OTHER_SITE_WORDS & set(said)


def _may_reach(tokens: Tokens, place: int, start: int, end: int) -> bool:
    """Tell whether a side can belong to a phrase: "fracture, left wrist" leaves the fracture without one."""
    if place <= end:
        return True  # "left hip: flexion 90, internal rotation 10" is about the left hip to its end
    following = tokens.words[place].word if place < len(tokens.words) else "."
    return not _separates(tokens, end, place) or following in BREAKS or following in _JOINING


def _separates(tokens: Tokens, first: int, last: int) -> bool:
    return any(token.word == "," for token in tokens.words[first:last])


def _compares(tokens: Tokens, place: int) -> bool:
    """Tell whether a side only compares: "more on the left"."""
    return any(token.word in COMPARING for token in tokens.words[max(0, place - 4) : place])


def _distance(place: int, start: int, end: int) -> int:
    if start <= place <= end:
        return 0
    return start - place if place < start else place - end


def _joined(tokens: Tokens, first: int, second: int) -> bool:
    between = tokens.words[min(first, second) : max(first, second)]
    return len(between) <= _JOINING_REACH and all(token.word in _JOINING for token in between)


def _side(side: str) -> Side:
    return "both" if side == "both" else "left" if side == "left" else "right"
