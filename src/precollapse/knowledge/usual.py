"""What "below usual" and "above usual" mean: conditions made from the usual ranges of a number.

The ranges are written once, with the concept. The interpretation of a value and the concepts that are
derived from it ("low haemoglobin") both come from here, so that they cannot contradict each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from precollapse.errors import KnowledgeError
from precollapse.knowledge.model import Concept

_FORMS = ("below_usual", "above_usual")


def below_usual(concept: Concept) -> Any | None:
    """Return the condition under which a number lies below its usual range; None when it never does."""
    return _beyond(concept, place=0, word="below", outermost=min)


def above_usual(concept: Concept) -> Any | None:
    """Return the condition under which a number lies above its usual range; None when it never does."""
    return _beyond(concept, place=1, word="above", outermost=max)


def applies(concept: Concept, number: int) -> Any:
    """Return the condition under which one of the special usual ranges counts: it holds, none before it."""
    cases = concept.ranges.usual_when if concept.ranges else ()
    parts = [*({"not": case.when} for case in cases[:number]), cases[number].when]
    return parts[0] if len(parts) == 1 else {"all": parts}


def _beyond(concept: Concept, place: int, word: str, outermost: Any) -> Any | None:
    """Join the limits of all special ranges, and the limit beyond all of them.

    Without the last a value that is too low for men and for women would stay open while the sex is unknown.
    """
    if concept.ranges is None:
        return None
    cases, general = concept.ranges.usual_when, concept.ranges.usual[place]
    limits = [case.usual[place] for case in cases]
    options: list[Any] = [
        {"all": [applies(concept, number), _leaf(concept, word, limit)]}
        for number, limit in enumerate(limits)
        if limit is not None
    ]
    if general is not None:
        none_applies = [{"not": case.when} for case in cases]
        leaf = _leaf(concept, word, general)
        options.append({"all": [*none_applies, leaf]} if none_applies else leaf)
    known = [limit for limit in (*limits, general) if limit is not None]
    if cases and len(known) == len(limits) + 1:
        options.append(_leaf(concept, word, outermost(known)))
    if not options:
        return None
    return options[0] if len(options) == 1 else {"any": options}


def _leaf(concept: Concept, word: str, limit: float) -> dict[str, Any]:
    return {"fact": concept.id, word: limit}


def expanded(raw: Any, concepts: Mapping[str, Concept], place: str) -> Any:
    """Return a condition as YAML gives it, with "below usual" and "above usual" written out.

    Raises
    ------
    KnowledgeError
        When the number does not exist or has no usual limit on that side.
    """
    if isinstance(raw, list):
        return [expanded(part, concepts, place) for part in raw]
    if not isinstance(raw, dict):
        return raw
    form = next((form for form in _FORMS if form in raw), None)
    if form is None:
        return {key: expanded(value, concepts, place) for key, value in raw.items()}
    concept = concepts.get(raw[form])
    made = None if concept is None else (below_usual if form == "below_usual" else above_usual)(concept)
    if made is None or len(raw) != 1:
        raise KnowledgeError(f"{place}: {form}: {raw[form]} has no usual limit on that side")
    return made
