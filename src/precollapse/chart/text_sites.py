"""Tells whether a finding in a text is about another part of the body than the hip."""

from __future__ import annotations

from precollapse.chart.text_phrases import Phrases, Span
from precollapse.chart.text_tokens import phrase
from precollapse.chart.text_words import COORDINATORS, HIP_WORDS, OTHER_SITES

_OTHER = Phrases((phrase(site), True) for site in OTHER_SITES)
OTHER_SITE_WORDS = frozenset(
    word for site in OTHER_SITES for word in phrase(site) if len(phrase(site)) == 1
) | {"distal"}
_HIP = Phrases((phrase(site), True) for site in HIP_WORDS)
_BEFORE_REACH = 2  # "distal humeral fracture"
_AFTER_REACH = 5  # "fracture of the surgical neck of the humerus"


def at_other_site(words: tuple[str, ...], span: Span[object], clause: tuple[int, int]) -> bool:
    """Tell whether a phrase that names no site itself stands directly with another site than the hip."""
    said = words[span.start : span.end]
    if _OTHER.all(said) or _HIP.all(said):
        return False
    before = _uncoordinated(words[max(clause[0], span.start - _BEFORE_REACH) : span.start], from_end=True)
    after = _uncoordinated(words[span.end : min(clause[1], span.end + _AFTER_REACH)], from_end=False)
    if _HIP.all(before) or _HIP.all(after):
        return False
    return bool(_OTHER.all(before)) or (
        ("of" in after or "in" in after or "at" in after) and bool(_OTHER.all(after))
    )


def _uncoordinated(words: tuple[str, ...], *, from_end: bool) -> tuple[str, ...]:
    """Cut words at the nearest comma, "and" or "or": beyond it another finding is spoken of."""
    joints = [number for number, word in enumerate(words) if word in COORDINATORS]
    if not joints:
        return words
    return words[joints[-1] + 1 :] if from_end else words[: joints[0]]
